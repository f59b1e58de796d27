//! Each form that Gherkin has.

use super::*;
use crate::spec::text::languages::{Language, StepWord, TitleWord};

#[test]
fn a_feature_has_a_background_scenarios_and_rules_with_their_own() {
    let feature = sound(
        "@bank\nFeature: account\n  As an owner\n  Given money, I want it back\n\n  Background:\n    Given opened\n\n  \
         Scenario: out\n    When withdraw 4\n    Then withdrawn 4\n    But not more\n\n  @open-question\n  Example: overdrawn?\n\n  \
         @rules @later # not yet\n  Rule: limits\n    Background:\n      Given a limit\n      * another\n\n    @nightly\n    Scenario: at it\n\
         \x20     When withdraw 10\n      Then withdrawn 10\n\n  Rule:\n    Scenario:\n"
            .replace("\n  Given money", "\n  With money")
            .as_str(),
    );
    assert_eq!((feature.title.text.as_str(), texts(&feature.tags)), ("account", vec!["bank"]));
    assert_eq!(feature.background.iter().map(step).collect::<Vec<_>>(), ["G opened"]);
    let [out, question] = &feature.scenarios[..] else { panic!("{:#?}", feature.scenarios) };
    assert_eq!(steps(out), ["W withdraw 4", "T withdrawn 4", "T not more"]);
    assert_eq!(
        (question.name.text.as_str(), texts(&question.tags)),
        ("overdrawn?", vec!["open-question", "bank"])
    );
    // A scenario without steps does not take the rule that follows it.
    let [limits, empty] = &feature.rules[..] else { panic!("{:#?}", feature.rules) };
    assert_eq!((limits.title.text.as_str(), texts(&limits.tags)), ("limits", vec!["rules", "later"]));
    assert_eq!(limits.background.iter().map(step).collect::<Vec<_>>(), ["G a limit", "G another"]);
    assert_eq!(texts(&limits.scenarios[0].tags), ["nightly", "rules", "later", "bank"]);
    assert_eq!((empty.title.text.as_str(), empty.scenarios[0].name.text.as_str()), ("", ""));
}

#[test]
fn scenarios_need_no_feature_and_may_have_no_steps() {
    let feature = sound("Scenario: a\nScenario: b\n  Given x\n");
    assert_eq!(feature.title.text, "");
    assert_eq!(feature.scenarios.iter().map(|one| one.steps.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_outline_is_a_scenario_for_each_row() {
    let feature = sound(
        "@f\nFeature: account\n  @o\n  Scenario Outline: taken out\n    Given <who> has <amount>\n    | name | <who> |\n    When note\n\
         \x20   \"\"\"\n    for <who>\n    \"\"\"\n    Then 3 < 4 and 5 > 4\n\n    @small\n    Examples: small ones\n      few of them\n\
         \x20     | amount | who   |\n      | 4      | a\\|b |\n      # | 9 | z |\n      | 5      | c\\nd |\n\n    Scenarios:\n      | who | amount |\n      | x   | 4      |\n",
    );
    let names: Vec<_> = feature.scenarios.iter().map(|one| one.name.text.as_str()).collect();
    assert_eq!(names, ["taken out (4, a|b)", "taken out (5, c\\nd)", "taken out (x, 4)"]);
    assert_eq!(
        steps(&feature.scenarios[1]),
        ["G c\nd has 5 [[\"name\", \"c\\nd\"]]", "W note [\"for c\\nd\"]", "T 3 < 4 and 5 > 4"]
    );
    assert_eq!(texts(&feature.scenarios[0].tags), ["o", "f", "small"]);
    assert!(feature.scenarios.iter().all(|one| one.from_outline));
}

#[test]
fn rows_of_an_outline_can_be_distinguished() {
    let rows = |name: &str, table: &str| {
        let text = format!("Scenario Outline: {name}\nGiven <a>\nExamples:\n{table}");
        sound(&text).scenarios.iter().map(|one| one.name.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(rows("n", "|a|\n|4|\n|5|"), ["n (a 4)", "n (a 5)"]);
    assert_eq!(rows("n of <a>", "|a|b|\n|4|1|\n|5|1|\n|4|2|\n"), ["n of 4", "n of 5", "n of 4 (4, 2)"]);
    assert_eq!(rows("n", "|a|\n|4|\n|4|"), ["n (a 4)", "n (a 4) [2]"]);
    assert_eq!(rows("", "|a|\n|4|"), ["(a 4)"]);
}

#[test]
fn a_scenario_with_examples_is_an_outline_and_without_has_no_placeholders() {
    assert_eq!(sound("Scenario: a\nGiven <x>\nExamples:\n|x|\n|1|").scenarios.len(), 1);
    assert_eq!(steps(&sound("Scenario: a\nGiven <x>\n").scenarios[0]), ["G <x>"]);
}

#[test]
fn doc_strings_lose_their_indentation_and_escapes() {
    let feature = sound(
        "Scenario: a\n  Given x\n    ```json\n    {\n      \"a\": 1\n   less\n\n    \\`\\`\\` \"\"\"\n    ```\n  When y\n  \"\"\"\n  a \\\"\\\"\\\" b\n  # no comment\n  | no table |\n\n  \"\"\"\n",
    );
    assert_eq!(
        steps(&feature.scenarios[0]),
        [
            "G x [\"{\", \"  \\\"a\\\": 1\", \"less\", \"\", \"``` \\\"\\\"\\\"\"]",
            "W y [\"a \\\"\\\"\\\" b\", \"# no comment\", \"| no table |\", \"\"]"
        ]
    );
    assert_eq!(feature.scenarios[0].steps[0].last_line, 9);
}

#[test]
fn cells_are_trimmed_and_their_escapes_resolved() {
    let feature =
        sound("Scenario: a\nGiven x\n| a  b |\\|\\\\n\\n\\x| |\n\n# between\n|\\\\| \u{a0}ü | c |\n");
    assert_eq!(
        steps(&feature.scenarios[0]),
        ["G x [[\"a  b\", \"|\\\\n\\n\\\\x\", \"\"], [\"\\\\\", \"ü\", \"c\"]]"]
    );
    assert_eq!(feature.scenarios[0].steps[0].last_line, 6);
}

#[test]
fn the_language_is_named_at_the_top() {
    for line in ["# language: de", "#language:de", "  #  LANGUAGE :  DE  "] {
        let feature = sound(&format!(
            "# a comment\n{line}\nFunktion: Konto\nSzenario: x\nAngenommen a\nUnd b\nWenn c\n* d\nDann e\nAber f\n"
        ));
        assert_eq!(feature.language.code, "de");
        assert_eq!(steps(&feature.scenarios[0]), ["G a", "G b", "W c", "W d", "T e", "T f"]);
    }
    let feature = sound("# language: zh_cn\n功能: 帐户\n场景: 取钱\n假如开户\n当取 4\n那么取了 4\n");
    assert_eq!(steps(&feature.scenarios[0]), ["G 开户", "W 取 4", "T 取了 4"]);
    let feature = sound(
        "# language: fr\nFonctionnalité : compte\nScénario : x\nÉtant donné que a\nEt qu'il b\nLorsqu'on c\n",
    );
    assert_eq!(steps(&feature.scenarios[0]), ["G a", "G il b", "W on c"]);
}

#[test]
fn keywords_of_all_languages_are_read_as_they_are_written() {
    assert_eq!(Language::all().len(), 80);
    for language in Language::all() {
        let title = |word| language.title_keyword(word);
        let step = |word| language.step_keyword(word);
        let text = format!(
            "# language: {}\n{}: f\n{}:\n{}the a\n{}: r\n{}: s\n{}the b\n{}c\n{}d\n{}e\n{}: o\n{}<x>\n{}: \n|x|\n|1|\n",
            language.code,
            title(TitleWord::Feature),
            title(TitleWord::Background),
            step(StepWord::Given),
            title(TitleWord::Rule),
            title(TitleWord::Scenario),
            step(StepWord::Given),
            step(StepWord::And),
            step(StepWord::When),
            step(StepWord::Then),
            title(TitleWord::Outline),
            step(StepWord::Given),
            title(TitleWord::Examples),
        );
        let feature = sound(&text);
        assert_eq!((feature.language.code, feature.background.len()), (language.code, 1), "{text}");
        let scenarios = &feature.rules[0].scenarios;
        assert_eq!(steps(&scenarios[0]), ["G the b", "G c", "W d", "T e"], "{text}");
        assert_eq!(scenarios[1].name.text, "o (x 1)");
    }
}

#[test]
fn the_keywords_for_writing_are_those_of_the_language_itself() {
    let written = |code| {
        let language = Language::of(code).unwrap();
        let titles = [TitleWord::Feature, TitleWord::Rule, TitleWord::Scenario, TitleWord::Outline];
        let steps = [StepWord::Given, StepWord::And];
        let titles = titles.map(|word| language.title_keyword(word)).join(", ");
        format!("{titles}, {}", steps.map(|word| language.step_keyword(word)).join(", "))
    };
    assert_eq!(written("en"), "Feature, Rule, Scenario, Scenario Outline, Given , And ");
    assert_eq!(written("DE"), "Funktionalität, Regel, Szenario, Szenariogrundriss, Angenommen , Und ");
    assert_eq!(written("ja"), "フィーチャ, ルール, シナリオ, シナリオアウトライン, 前提, 且つ");
}
