//! The teaching model: `cargo run --example account`, with `check`, `spec --format markdown|gherkin`, or `serve`
//! for its page in a browser.

mod model;

fn main() -> std::process::ExitCode {
    model::model().main_with_page()
}

#[test]
fn the_account_does_what_is_specified() {
    model::model().check().assert();
}
