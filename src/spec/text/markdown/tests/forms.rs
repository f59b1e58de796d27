//! Each form that a page may have, and the places of its texts.

use super::*;

fn at(placed: &Placed, part: &str) -> String {
    let offset = placed.text.find(part).unwrap_or_else(|| panic!("{part:?} in {:?}", placed.text));
    let place = placed.place(offset);
    format!("{}:{}", place.line, place.column)
}

#[test]
fn headings_are_a_feature_its_scenarios_and_its_rules() {
    let feature = sound(
        "# account\n\n*@bank @money*\n\nWhat a bank does.\n\n- for owners\n- for others\n\nSo:\n\n- **Given** opened, owner \"Petra\"\n\n## taken out\n\n\
         @nightly, @legal\n\nWhen it is there.\n\n- **When** withdraw 4\n- **Then** withdrawn 4\n- But not more\n\n## Notes\n\nNothing here.\n\n### More notes\n\n\
         - a list\n\n## Open question: May it be *overdrawn*?\n\n## open Question: and this\n\n* Given x\n\n## a tank that is half full\n\n\
         - **Given** filled 5\n\n### does not overflow\n\n1. **When** fill 5\n2. **Then** filled 5\n\n### Why\n\nBecause.\n\n### later\n",
    );
    assert_eq!((feature.title.text.as_str(), texts(&feature.tags)), ("account", vec!["bank", "money"]));
    assert_eq!(feature.background.iter().map(step).collect::<Vec<_>>(), ["G opened, owner \"Petra\""]);
    assert_eq!(names(&feature.scenarios), ["taken out", "May it be overdrawn?", "and this"]);
    assert_eq!(steps(&feature.scenarios[0]), ["W withdraw 4", "T withdrawn 4", "T not more"]);
    assert_eq!(texts(&feature.scenarios[0].tags), ["nightly", "legal", "bank", "money"]);
    assert_eq!(texts(&feature.scenarios[1].tags), ["open-question", "bank", "money"]);
    let [tank] = &feature.rules[..] else { panic!("{:#?}", feature.rules) };
    assert_eq!(tank.background.iter().map(step).collect::<Vec<_>>(), ["G filled 5"]);
    assert_eq!(
        (tank.title.text.as_str(), names(&tank.scenarios)),
        ("a tank that is half full", vec!["does not overflow", "later"])
    );
}

#[test]
fn a_row_of_a_table_is_a_scenario() {
    let feature = sound(
        "# account\n\n- Given opened\n\n| Scenario | When | THEN | given |\n|---|:-:|--|--|\n| out | withdraw 4 | withdrawn 4 | deposited 10<br>named \"a;\\|b\" |\n\
         | | withdraw 4 | | a (b; c); d |\n| | withdraw 4 | | |\n\n## limits\n\n@l\n\n- Given a limit\n\n| when | then |\n|-|-|\n| x | y<BR/>z; |\n\n| some | prose |\n|-|-|\n| a | b |\n",
    );
    assert_eq!(names(&feature.scenarios), ["out", "withdraw 4", "withdraw 4 [2]"]);
    assert_eq!(
        steps(&feature.scenarios[0]),
        ["G deposited 10", "G named \"a;|b\"", "W withdraw 4", "T withdrawn 4"]
    );
    assert_eq!(steps(&feature.scenarios[1]), ["G a (b; c)", "G d", "W withdraw 4"]);
    assert!(feature.scenarios.iter().all(|one| one.from_outline));
    let limits = &feature.rules[0];
    assert_eq!((limits.background.len(), texts(&limits.scenarios[0].tags)), (1, vec!["l"]));
    assert_eq!(
        (names(&limits.scenarios), steps(&limits.scenarios[0])),
        (vec!["x; y; z"], vec!["W x".into(), "T y".into(), "T z".into()])
    );
    assert_eq!(at(&feature.scenarios[0].steps[1].text, "b"), "7:63");
    assert_eq!(at(&feature.scenarios[1].steps[1].text, "d"), "8:30");
    assert_eq!(feature.scenarios[0].place.line, 7);
}

#[test]
fn a_step_may_have_a_text_or_a_table() {
    for newline in ["\n", "\r\n"] {
        let text = "## s\n\n- **Given** x\n\n  ```json\n  {\n    \"ü\": 1\n\n  }\n  ```\n- **When** y\n\n  | a | b |\n  |---|---|\n  | 1 | \\| |\n\n- **Then** z\n";
        let feature = sound(&text.replace('\n', newline));
        let scenario = &feature.scenarios[0];
        assert_eq!(
            steps(scenario),
            ["G x [\"{\", \"  \\\"ü\\\": 1\", \"\", \"}\"]", "W y [[\"a\", \"b\"], [\"1\", \"|\"]]", "T z"]
        );
        assert_eq!(scenario.steps.iter().map(|step| step.last_line).collect::<Vec<_>>(), [10, 15, 17]);
        let Some(StepArgument::DocString(lines)) = &scenario.steps[0].argument else { panic!() };
        assert_eq!(
            (at(&lines[1], "\""), at(&lines[1], "1"), at(&lines[3], "}")),
            ("7:5".into(), "7:10".into(), "9:3".into())
        );
    }
}

#[test]
fn places_are_exact_after_escapes_and_umlauts() {
    for newline in ["\n", "\r\n"] {
        let text =
            "\u{feff}# Größe \\* ü &amp; *x*\n\n## ä\n\n-\t**Given** ü \\*a\\_b &amp; c `d|` e\n  and f\n";
        let feature = sound(&text.replace('\n', newline));
        assert_eq!(
            (feature.title.text.as_str(), at(&feature.title, "&"), at(&feature.title, "x")),
            ("Größe * ü & x", "1:14".into(), "1:21".into())
        );
        let step = &feature.scenarios[0].steps[0];
        assert_eq!(step.text.text, "ü *a_b & c d| e and f");
        let places = ["ü", "*", "_", "&", "c", "d", " e", "f"].map(|part| at(&step.text, part));
        assert_eq!(places, ["5:13", "5:16", "5:19", "5:22", "5:28", "5:31", "5:34", "6:7"]);
        assert_eq!((step.place.line, step.last_line), (5, 6));
        assert_eq!(feature.scenarios[0].place.column, 1);
    }
}

#[test]
fn keywords_may_be_of_another_language() {
    let feature = sound(
        "<!-- language: de -->\n\n# Konto\n\n## x\n\n- **Angenommen** a\n- **Und** b\n- Wenn c\n\n## y\n\n| Szenario | wenn | dann |\n|-|-|-|\n| n | a | b |\n",
    );
    assert_eq!(
        (feature.language.code, steps(&feature.scenarios[0])),
        ("de", vec!["G a".into(), "G b".into(), "W c".into()])
    );
    assert_eq!(names(&feature.rules[0].scenarios), ["n"]);
    let feature = sound("<!--language:ja-->\n\n## x\n\n- **前提** a\n- **もし**b\n- ならばc\n");
    assert_eq!(steps(&feature.scenarios[0]), ["G a", "W b", "T c"]);
}

#[test]
fn quotations_and_code_are_prose() {
    let feature =
        sound("# a\n\n> # no\n>\n> - Given x\n\n```\n## no\n```\n\n## s\n\n- Given x\n\n> - When y\n");
    assert_eq!(
        (names(&feature.scenarios), steps(&feature.scenarios[0])),
        (vec!["s"], vec!["G x".to_string()])
    );
}
