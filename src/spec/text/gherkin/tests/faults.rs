//! Each fault with its place and its sentence.

use super::*;

#[test]
fn a_misspelt_keyword_is_named_and_read_as_it_was_meant() {
    let (feature, found) = gherkin(
        "Featur: f\nScenario: a\n  Gven x\n  when y\n  Then: z\n  ANd z2\n  Hwen w\nScenaro: b\n  Given x\n  Thne y\nScenario c\n\
         Scenario : d\n",
    );
    let found: Vec<_> =
        found.iter().map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.message)).collect();
    assert_eq!(
        found,
        [
            "1:1 \"Featur:\" is no keyword. Is \"Feature:\" meant? If it is a description, begin it with another word.",
            "3:3 \"Gven\" is no keyword. Is \"Given\" meant? If it is a description, begin it with another word.",
            "4:3 \"when\" is no keyword. Is \"When\" meant?",
            "5:3 \"Then:\" is no keyword. Is \"Then\" meant?",
            "6:3 \"ANd\" is no keyword. Is \"And\" meant?",
            "7:3 \"Hwen\" is no keyword. Is \"When\" meant?",
            "8:1 \"Scenaro:\" is no keyword. Is \"Scenario:\" meant?",
            "10:3 \"Thne\" is no keyword. Is \"Then\" meant?",
            "11:1 \"Scenario\" is no keyword. Is \"Scenario:\" meant?",
        ]
    );
    assert_eq!(steps(&feature.scenarios[0]), ["G x", "W y", "T z", "T z2", "W w"]);
    let names: Vec<_> = feature.scenarios.iter().map(|one| one.name.text.as_str()).collect();
    assert_eq!((feature.title.text.as_str(), names), ("f", vec!["a", "b", "c", "d"]));
}

#[test]
fn descriptions_are_no_faults() {
    sound(
        "Feature: f\n  The account: of a bank.\n  Data is kept\n  * one\n  | a | b\n  \"\"\"\n\nBackground:\n  They all know\n  when it is\n  Given a\n\n\
         Scenario: s\n  The owner may ask\n  and will be answered.\n\n  An answer: yes\n  Data is Italian\n\n  Given x\n\
         Rule: r\n  But only here\n\n  Scenario Outline: o\n    Given <x>\n  Examples:\n    Some: few\n    | x |\n    | 1 |\n",
    );
}

#[test]
fn keywords_of_another_language_name_it() {
    assert_eq!(
        faults("Feature: f\nScenario: s\nAngenommen x\nWhen y\nDann z\n"),
        [
            "3:1 \"Angenommen\" is German, and this file is read in English. Write \"Given\", or make the first line of the file: \
             # language: de",
            "5:1 \"Dann\" is German, and this file is read in English. Write \"Then\", or make the first line of the file: \
             # language: de",
        ]
    );
    // One fault, and the file is read to its end.
    let (feature, faults) = gherkin("Funktionalität: f\nSzenario: s\nAngenommen x\nWenn y\nDann z\n");
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(
        faults[0].message.ends_with("Write \"Feature\", or make the first line of the file: # language: de"),
        "{faults:?}"
    );
    assert_eq!(
        (feature.language.code, steps(&feature.scenarios[0])),
        ("de", vec!["G x".into(), "W y".into(), "T z".into()])
    );
}

#[test]
fn languages_have_to_be_known_and_named_first() {
    assert_eq!(
        faults("# language: german\n"),
        ["1:1 \"german\" is no language of keywords. Is \"de\" meant?"]
    );
    assert_eq!(faults(" #language: frr\n"), ["1:2 \"frr\" is no language of keywords. Is \"fr\" meant?"]);
    assert_eq!(
        faults("# language: qqqqqq\n"),
        ["1:1 \"qqqqqq\" is no language of keywords. Languages are named by codes such as en, de or fr."]
    );
    assert_eq!(
        faults("Feature: f\n# language: de\n# Language: see the glossary\n"),
        ["2:1 The line that names the language has to be the first of the file."]
    );
}

#[test]
fn the_history_comes_first() {
    assert_eq!(
        faults("Scenario: s\nAnd a\nWhen b\nGiven c\nAnd d\nThen e\nGiven f\n"),
        [
            "2:1 \"And\" continues the step before it, and this is the first. Begin it with Given, When or Then.",
            "4:1 \"Given\" stands after \"When\" or \"Then\". A scenario's history comes first; what happens later is written with When.",
            "7:1 \"Given\" stands after \"When\" or \"Then\". A scenario's history comes first; what happens later is written with When.",
        ]
    );
    assert_eq!(
        faults("Background:\nBut a\nWhen b\nAnd c\nScenario: s\nBackground:\nGiven x\nRule: r\nScenario: t\nBackground:\n"),
        [
            "2:1 \"But\" continues the step before it, and this is the first. Begin it with Given.".replace("But", "And"),
            "3:1 What stands before the scenarios is their history: each of its steps begins with Given. Move this step into a scenario.".into(),
            "6:1 This is the second Background here. Write its steps under the first.".into(),
            "10:1 Background stands before the scenarios it is for.".into(),
        ]
    );
}

#[test]
fn outlines_and_their_tables_fit() {
    assert_eq!(
        faults(
            "Scenario Outline: n <b>\nGiven <amuont> <x>\nExamples:\n| amount | b | b |\n| 1 | 2 |\n| 1 | 2 | 3 | 4 |\n| 1 | 2 | 3\nExamples:\n\
             Examples:\n| amount |\nScenario Outline: o\nGiven x\nExamples: y\n"
        ),
        [
            "1:21 The examples on line 9 have no column \"b\" for this placeholder. Its columns are \"amount\". Add one, or correct the name.",
            "2:7 The examples on line 3 have no column \"amuont\" for this placeholder. Is \"<amount>\" meant?",
            "2:7 The examples on line 9 have no column \"amuont\" for this placeholder. Is \"<amount>\" meant?",
            "2:16 The examples on line 3 have no column \"x\" for this placeholder. Is \"<b>\" meant?",
            "2:16 The examples on line 9 have no column \"x\" for this placeholder. Its columns are \"amount\". Add one, or correct the name.",
            "4:16 Two columns are called \"b\". Give one of them another name.",
            "5:1 This row has 2 cells, and the first row has 3. Cells are separated by |; a | inside a cell is written \\|.",
            "6:1 This row has 4 cells, and the first row has 3. Cells are separated by |; a | inside a cell is written \\|.",
            "7:1 This row has 2 cells, and the first row has 3. Cells are separated by |; a | inside a cell is written \\|.",
            "7:11 A row ends with |, and \"3\" follows its last one.",
            "8:1 These examples have no table. Its first row names the placeholders, such as | amount |, and each further row is a scenario.",
            "10:1 These examples have no row but the names of their columns. Each further row is a scenario.",
            "13:1 These examples have no table. Its first row names the placeholders, such as | amount |, and each further row is a scenario.",
        ]
    );
    assert_eq!(
        faults(
            "Scenario Outline: n\nGiven <a>\nScenario: m\nExamples:\n|a|\n|1|\nGiven x\nRule: r\nExamples:\n"
        ),
        [
            "1:1 A Scenario Outline needs \"Examples:\" under its steps, with a table of what its placeholders stand for. Without \
             placeholders, write \"Scenario:\".",
            "7:1 This step stands under Examples. Write it above them, or begin another scenario.",
            "9:1 Examples belong to a Scenario Outline, and stand under its steps. Here is none.",
        ]
    );
}

#[test]
fn tables_and_texts_belong_to_a_step() {
    assert_eq!(
        faults(
            "Scenario: s\n| a |\n| b |\n\"\"\"\nx\n\"\"\"\nGiven x\n| a | b |\n| c |\n\"\"\"\ny\n\"\"\" z\nWhen x\n```\nno end\nThen y\n"
        ),
        [
            "2:1 A table stands under a step, and here is none yet.",
            "4:1 A text between \"\"\" stands under a step, and here is none.",
            "9:1 This row has 1 cell, and the first row has 2. Cells are separated by |; a | inside a cell is written \\|.",
            "10:1 A step has one table or one text under it, and this is the second.",
            "12:1 \"\"\" ends the text, and \"z\" follows. Inside the text, write \\\"\\\"\\\" for \"\"\".",
            "14:1 This text is not closed. Write ``` on a line of its own after its last line.",
        ]
    );
    let feature = gherkin("Scenario: s\nWhen x\n```\nno end\nThen y\n").0;
    assert_eq!(steps(&feature.scenarios[0]), ["W x [\"no end\"]", "T y"]);
}

#[test]
fn steps_and_tags_belong_somewhere() {
    assert_eq!(
        faults(
            "words\n\nFeature: f\nGiven x\n@a b @ #c\nBackground:\nGiven y\nsome words\nScenario: s\nGiven z\n| a |\n a |\nFeature: g\n@end"
        ),
        [
            "1:1 A specification begins with \"Feature: …\". Put # before a comment.",
            "4:1 This step stands in no scenario. Write \"Scenario: …\" or \"Background:\" above it.",
            "5:2 Tags stand on the lines before a Feature, Rule, Scenario or Examples, and here Background follows.",
            "5:4 A tag begins with @: write @b, or put # before a comment.",
            "8:1 \"some words\" is no step: a step begins with Given, When, Then or And. A description stands before the first step; \
             a comment begins with #.",
            "12:2 \"a |\" is no step: a step begins with Given, When, Then or And, and a row with |. A description stands before \
             the first step; a comment begins with #.",
            "13:1 A file holds one Feature. Put the second into a file of its own.",
            "14:2 Tags stand on the lines before a Feature, Rule, Scenario or Examples, and here nothing follows.",
        ]
    );
}

#[test]
fn the_faults_of_a_broken_file_come_to_an_end() {
    let found = faults(&"Scenario: s\nAnd x\n".repeat(1000));
    assert_eq!(found.len(), 501);
    assert!(found[500].ends_with("There are more than 500 faults. Correct the first of them."));
}
