//! Every text knows its place in the file.

use super::*;
use crate::spec::text::feature::{StepText, TextPlace};

/// The place of a part of a text, as `line:column`.
fn at(placed: &Placed, part: &str) -> String {
    let offset = placed.text.find(part).unwrap_or_else(|| panic!("{part:?} in {:?}", placed.text));
    shown(placed.place(offset))
}

fn shown(place: TextPlace) -> String {
    format!("{}:{}", place.line, place.column)
}

fn first(feature: &FeatureText) -> &StepText {
    &feature.scenarios[0].steps[0]
}

#[test]
fn lines_and_columns_count_characters() {
    for text in [
        "Feature: Größe\n\tScenario: ü\n\t  Given  ärger \"ß\" b\n",
        "Feature: Größe\r\n\tScenario: ü\r\n\t  Given  ärger \"ß\" b\r\n",
    ] {
        for bom in ["", "\u{feff}"] {
            let feature = sound(&format!("{bom}{text}"));
            assert_eq!(at(&feature.title, "e"), "1:14");
            assert_eq!(
                (shown(feature.scenarios[0].place), at(&feature.scenarios[0].name, "ü")),
                ("2:2".into(), "2:12".into())
            );
            let step = first(&feature);
            assert_eq!(
                (shown(step.place), at(&step.text, "ä"), at(&step.text, "b")),
                ("3:4".into(), "3:11".into(), "3:21".into())
            );
            assert_eq!((shown(step.text.place(usize::MAX)), step.last_line), ("3:22".into(), 3));
        }
    }
}

#[test]
fn what_an_outline_fills_in_stands_in_its_row() {
    let feature = sound(
        "Scenario Outline: n\nGiven ä <who> has <amount>.\n| <who> |\nExamples:\n| who | amount |\n| Ü\\|x\\ny | 4 |\n",
    );
    let step = first(&feature);
    assert_eq!(step.text.text, "ä Ü|x\ny has 4.");
    let places = ["ä", "Ü", "|", "x", "\n", "y", " has", "4", "."].map(|part| at(&step.text, part));
    assert_eq!(places, ["2:7", "6:3", "6:4", "6:6", "6:7", "6:9", "2:14", "6:13", "2:27"]);
    let Some(StepArgument::Table(rows)) = &step.argument else { panic!("{step:?}") };
    assert_eq!(at(&rows[0][0], "x"), "6:6");
    assert_eq!(shown(feature.scenarios[0].place), "6:1");
    assert_eq!(
        (shown(step.place), at(&feature.scenarios[0].name, "n"), at(&feature.scenarios[0].name, "(")),
        ("2:1".into(), "1:19".into(), "6:2".into())
    );
}

#[test]
fn texts_under_a_step_and_tags_know_their_places() {
    let feature =
        sound("@ä @b\nFeature: x\nScenario: y\n  Given z\n    \"\"\"\n      ü \\\"\\\"\\\" b\n    \"\"\"\n");
    assert_eq!((at(&feature.tags[0], "ä"), at(&feature.tags[1], "b")), ("1:2".into(), "1:5".into()));
    let Some(StepArgument::DocString(lines)) = &first(&feature).argument else { panic!() };
    assert_eq!(["  ü", "ü", "\"", " b"].map(|part| at(&lines[0], part)), ["6:5", "6:7", "6:9", "6:15"]);
    assert_eq!(first(&feature).last_line, 7);
}

#[test]
fn long_lines_have_exact_columns() {
    let feature = sound(&format!("Scenario: y\n\n  Given {}x\n", "ä漢😀a".repeat(500)));
    assert_eq!(at(&first(&feature).text, "x"), "3:2009");
    // The reader counts itself, as a fault at the end of a long line does.
    let text = format!("Scenario: y\nGiven a\n| {} | b", "ä漢😀a".repeat(500));
    assert_eq!(faults(&text), ["3:2006 A row ends with |, and \"b\" follows its last one."]);
}
