//! The pictures of states in the book are what the models draw. `LEFTFOLD_ACCEPT=1` writes them anew.

use leftfold::{Decider, Model, decider};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;

#[test]
fn the_picture_of_the_account_is_what_it_draws() {
    let drawn = account::model().diagram().unwrap().to_svg(false);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/account.svg");
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(&file, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), drawn);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Step {
    #[serde(rename = "<script>alert(1)</script>")]
    On,
}

/// A ring of states whose labels are markup, hidden characters and a long line.
fn hostile()
-> Model<impl leftfold::Modelled + Decider<Command = Step, Event = Step, Rejection = Step, State = u8>> {
    let ring =
        decider(|| 0u8, |_: &Step, _: &u8| Ok::<_, Step>(vec![Step::On]), |at: u8, _: &Step| (at + 1) % 4);
    Model::new("ring", ring)
        .alphabet(|_| [Step::On])
        .label(|at| match at {
            0 => "</text><script>\"&amp;'".to_string(),
            1 => "a\nb\u{202e}\u{0}\u{1b}[31m".to_string(),
            2 => "long ".repeat(400),
            _ => String::new(),
        })
        .explored(10)
}

#[test]
fn no_text_of_a_model_leaves_its_place_in_a_picture() {
    let svg = hostile().diagram().unwrap().to_svg(true);
    assert!(!svg.contains("<script") && !svg.contains("</text><script"), "{svg}");
    assert!(!svg.contains(|char: char| char.is_control() && char != '\n' || char == '\u{202e}'), "{svg}");
    // Four boxes, four lines and their labels, and the line from the beginning.
    assert_eq!(svg.matches("<rect ").count(), 4);
    assert_eq!(svg.matches("marker-end").count(), 5);
    assert_eq!(svg.matches("<text ").count(), svg.matches("</text>").count());
    assert!(svg.lines().all(|line| line.len() < 2_000), "{svg}");
}
