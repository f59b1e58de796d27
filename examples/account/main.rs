//! The teaching model: `cargo run --example account`, with `check` or `spec --format markdown|gherkin`.

mod model;

fn main() -> std::process::ExitCode {
    model::model().main()
}

#[test]
fn the_account_does_what_is_specified() {
    model::model().check().assert();
}
