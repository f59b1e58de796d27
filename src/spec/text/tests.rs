//! Both readers take any text, and take no more time for it than its length.

use super::feature::{FeatureText, Placed, ScenarioText, StepArgument, StepText, TextFault, TextPlace};
use super::{gherkin, markdown};
use proptest::prelude::*;
use std::time::{Duration, Instant};

type Reader = fn(&str) -> (FeatureText, Vec<TextFault>);

const READERS: [Reader; 2] = [gherkin, markdown];

/// Files in the forms that people write.
#[test]
fn files_as_people_write_them_have_no_fault() {
    let files = [
        (include_str!("../../../tests/features/account.feature"), "en", 3),
        (include_str!("../../../tests/features/cinema.feature"), "en", 2),
        (include_str!("../../../tests/features/compte.feature"), "fr", 3),
        (include_str!("../../../tests/features/delivery.feature"), "en", 6),
        (include_str!("../../../tests/features/import.feature"), "en", 2),
        (include_str!("../../../tests/features/konto.feature"), "de", 3),
        (include_str!("../../../tests/features/kouza.feature"), "ja", 3),
        (include_str!("../../../tests/features/library.feature"), "en", 5),
        (include_str!("../../../tests/features/lift.feature"), "en", 2),
        (include_str!("../../../tests/features/tank.feature"), "en", 3),
    ];
    for (text, language, count) in files {
        let (feature, faults) = gherkin(text);
        assert!(faults.is_empty(), "{text}\n{faults:#?}");
        assert_eq!((feature.language.code, scenarios(&feature).count()), (language, count), "{text}");
    }
}

fn scenarios(feature: &FeatureText) -> impl Iterator<Item = &ScenarioText> {
    feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
}

fn steps(feature: &FeatureText) -> impl Iterator<Item = &StepText> {
    let backgrounds = feature.rules.iter().flat_map(|rule| &rule.background).chain(&feature.background);
    scenarios(feature).flat_map(|scenario| &scenario.steps).chain(backgrounds)
}

fn texts(feature: &FeatureText) -> impl Iterator<Item = &Placed> {
    let arguments = steps(feature).flat_map(|step| match &step.argument {
        None => Vec::new(),
        Some(StepArgument::DocString(lines)) => lines.iter().collect(),
        Some(StepArgument::Table(rows)) => rows.iter().flatten().collect(),
    });
    let titles = feature.rules.iter().map(|rule| &rule.title).chain([&feature.title]);
    steps(feature).map(|step| &step.text).chain(arguments).chain(titles)
}

/// A text made of what the formats know.
fn specification() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => prop::sample::select(vec![
            "Feature:", "Background:", "Rule:", "Scenario:", "Scenario Outline:", "Examples:", "Given ", "When ", "Then ", "And ", "* ", "Gven ",
            "Szenario:", "Angenommen ", "@tag ", "@", "#", "# language: de", "\"\"\"", "```", "|", "| a |", "\\", "\\|", "<a>", "<", "# ", "## ",
            "### ", "- ", "  - ", "> ", "**", "**Given** ", "| given | when |\n|-|-|\n", "<br>", "<!-- language: fr -->", "Open question: ", ";",
            "(", "\"", "ü", "漢", "\u{feff}", "\t", "  ", "\r\n", "\n\n", "***", "[a]: b", "~~~", "1. ", "&amp;", "<div>", "===", "---", "    ",
        ])
        .prop_map(str::to_string),
        8 => Just("\n".to_string()),
        2 => any::<String>(),
        1 => "[a-zé:|@# ]{1,9}",
    ];
    proptest::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_text_is_read_and_every_place_is_in_it(text in specification()) {
        let lines: Vec<usize> = text.trim_start_matches('\u{feff}').split('\n').map(|line| line.chars().count()).collect();
        let is_inside = |place: TextPlace| {
            place.line >= 1 && place.column >= 1
                && lines.get(place.line as usize - 1).is_some_and(|length| place.column as usize <= length + 1)
        };
        for read in READERS {
            let (feature, faults) = read(&text);
            for fault in &faults {
                prop_assert!(is_inside(fault.place), "{fault:?}");
                prop_assert!(!fault.message.contains(char::is_control), "{fault:?}");
            }
            for placed in texts(&feature) {
                for (offset, _) in placed.text.char_indices() {
                    prop_assert!(is_inside(placed.place(offset)), "{placed:?}");
                }
            }
            for step in steps(&feature) {
                prop_assert!(step.last_line >= step.place.line && step.last_line as usize <= lines.len(), "{step:?}");
            }
        }
    }

    #[test]
    fn every_character_is_where_it_is_said_to_be(text in specification()) {
        let lines: Vec<Vec<char>> = text.trim_start_matches('\u{feff}').split('\n').map(|line| line.chars().collect()).collect();
        let (feature, _) = gherkin(&text);
        for placed in texts(&feature) {
            for (offset, char) in placed.text.char_indices().filter(|(_, char)| char.is_alphanumeric()) {
                let place = placed.place(offset);
                let found = lines[place.line as usize - 1][place.column as usize - 1];
                // Suffixes of names and numbers are made by the reader.
                prop_assert_eq!(found, char, "{:?} {}", placed, offset);
            }
        }
    }
}

#[test]
fn what_would_be_copied_too_often_is_left_out_and_said() {
    let text = format!("{}\nFeature: x\n{}", "@a ".repeat(20_000), "Scenario: y\n".repeat(20_000));
    let (feature, faults) = gherkin(&text);
    assert!(!feature.scenarios.is_empty() && feature.scenarios.len() < 1_000, "{}", feature.scenarios.len());
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].message.starts_with("Its rows and tags make this specification larger than can be read")
    );
}

/// Texts that ask a careless reader for far more than they are long.
#[test]
fn long_texts_are_read_in_a_moment() {
    let size = 1 << 18;
    let long = |part: &str| part.repeat(size / part.len());
    let mut texts: Vec<(String, String)> = [
        "|",
        "@",
        "\"",
        "#",
        "*",
        "a",
        "\n",
        "\\",
        "<",
        "<a>",
        "_",
        "`",
        "[",
        "](",
        "&",
        "|\n",
        "@\n",
        "@a ",
        "\"\"\"\n",
        "```\n",
        "#\n",
        "# a\n",
        "a\n",
        "Gvn\n",
        "- ",
        "> ",
        "- a\n",
        "1. ",
        "* a\n",
        "Given a\n",
        "Scenario: a\n",
        "Rule: a\n@b\n",
        "Feature: a\n",
        "Examples:\n|a|\n",
        "## a\n",
        "**a",
        "<!--",
        "<b ",
        "Given a\n\"\"\"\n",
        "Given a\n```\n\"\"\"\n",
        "- Given a\n",
        "Angenommen a\n",
        "[a]: b\n",
        "a;",
        "Scenario: a\nGven b\n",
    ]
    .iter()
    .map(|part| (format!("{part:?} many times"), long(part)))
    .collect();
    for part in ["|", "<a>", "a;", "a|", "<br>", "\"", "\\|"] {
        texts.push((format!("a cell of {part:?}"), format!("Scenario: x\nGiven y\n| {} |\n", long(part))));
        texts.push((format!("a row of {part:?}"), format!("| given |\n|-|\n| {} |\n", long(part))));
    }
    let half = |part: &str| part.repeat(size / 2 / part.len());
    let outline =
        |steps: &str, examples: &str| format!("Scenario Outline: x\n{}{}", half(steps), half(examples));
    texts.push((
        "steps by rows".into(),
        format!("Scenario Outline: x\n{}Examples:\n|a|\n{}", half("Given <a>\n"), half("|1|\n")),
    ));
    texts.push(("steps by tables".into(), outline("Given <a>\n", "Examples:\n|a|\n|1|\n")));
    texts.push((
        "placeholders by tables".into(),
        format!("Scenario Outline: x\nGiven {}\n{}", half("<ab> "), half("Examples:\n|a|\n|1|\n")),
    ));
    texts.push((
        "tags by scenarios".into(),
        format!("{}\nFeature: x\n{}", half("@a "), half("Scenario: y\n")),
    ));
    texts.push(("tags by headings".into(), format!("# x\n\n{}\n\n{}", half("@a "), half("## y\n"))));
    texts.push((
        "tags by rows".into(),
        format!("# x\n\n{}\n\n| given |\n|-|\n{}", half("@a "), half("|y|\n")),
    ));
    texts.push(("deep lists".into(), (0..1000).map(|depth| "  ".repeat(depth) + "- Given a\n").collect()));
    texts.push(("deep quotations".into(), (0..1000).map(|depth| "> ".repeat(depth) + "a\n").collect()));
    texts.push(("columns".into(), format!("|{}\n|{}\n", half("given|"), half("-|"))));
    let mut slow = Vec::new();
    for (name, text) in texts {
        for (index, read) in READERS.iter().enumerate() {
            let start = Instant::now();
            drop(read(&text));
            if start.elapsed() > Duration::from_secs(5) {
                slow.push(format!("{index}: {name} took {:?}", start.elapsed()));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
