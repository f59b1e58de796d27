//! Each scenario of the account as a test of its own: `cargo test --example account_scenarios -- --list`,
//! `cargo nextest run -E 'test(overdraw)'`.

mod model;

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, model::model().trials()).exit();
}
