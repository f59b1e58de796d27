//! The bank over real HTTP.

mod accounts;
mod chapter;
mod events;
mod many;
mod server;
mod stopping;
mod stores;

#[test]
fn an_account_does_what_is_specified() {
    leftfold_as_a_service::account::model().check().assert();
}
