//! Each fault with its place and its sentence.

use super::*;

#[test]
fn a_list_of_steps_has_nothing_but_steps() {
    assert_eq!(
        faults(
            "## s\n\n- **Gven** a\n- when b\n- words\n- **Dann** c\n  - **Then** d\n\n**Then** e\n\n## t\n\n- Gven x\n\n```\ncode\n```\n"
        ),
        [
            "3:5 \"Gven\" is no keyword. Is \"Given\" meant?",
            "4:3 \"when\" is no keyword. Is \"When\" meant?",
            "5:3 \"words\" is no step: a step begins with Given, When, Then or And.",
            "6:5 \"Dann\" is German, and this file is read in English. Write \"Then\", or make the first line of the file: <!-- language: de -->",
            "7:3 This step stands inside another. Write the steps one below the other, each with its dash at the same column.",
            "9:1 This is no step of a list. A step begins with a dash and a space: - **Given** …",
            "13:3 \"Gven\" is no keyword. Is \"Given\" meant?",
            "15:1 This text belongs to no step. To give it to the step above, indent it as far as the step's words.",
        ]
    );
}

#[test]
fn headings_have_their_order() {
    let page = "## a\n\n# title\n\n# second\n\n## r\n\n- When x\n\n### s\n\n- Given x\n- When y\n- Given z\n\n#### t\n\n- When y\n\n### u\n\n| when |\n|-|\n| x |\n\n<!-- language: de -->\n";
    assert_eq!(
        faults(page),
        [
            "3:1 The heading with one # is the title of the whole file, and stands at its beginning.",
            "5:1 A file has one heading with one #, its title. Give this one two, or put it into a file of its own.",
            "9:3 What stands before the scenarios is their history: each of its steps begins with Given. Move this step into a scenario.",
            "15:3 \"Given\" stands after \"When\" or \"Then\". A scenario's history comes first; what happens later is written with When.",
            "17:1 This heading stands under that of a scenario. A rule has scenarios under it, and a scenario has none.",
            "21:1 A table stands under the heading of a rule or of the whole file, and this heading stands under a rule.",
            "27:6 The line that names the language has to be the first of the file.",
        ]
    );
    let feature = markdown(page).0;
    assert_eq!((feature.title.text.as_str(), names(&feature.scenarios)), ("title", vec!["a", "second"]));
    assert_eq!(names(&feature.rules[0].scenarios), ["s", "t", "x"]);
}

#[test]
fn columns_and_tags_are_known() {
    assert_eq!(
        faults("## a\n\n@b c @\n\n| given | wen | when | x | when |\n|-|-|-|-|-|\n| a | b | c | d | e |\n"),
        [
            "3:4 A line of tags has nothing else in it, and \"c\" does not begin with @.",
            "3:6 A tag needs a name after its @, such as @nightly.",
            "5:11 \"wen\" is no column of scenarios. They are scenario, given, when, then. Is \"when\" meant?",
            "5:24 \"x\" is no column of scenarios. They are scenario, given, when, then.",
            "5:28 There are two columns \"when\". Write both into one, separated by ;",
        ]
    );
    assert_eq!(
        faults("<!-- language: frr -->\n"),
        ["1:6 \"frr\" is no language of keywords. Is \"fr\" meant?"]
    );
}

#[test]
fn a_step_that_is_no_item_of_a_list_is_not_dropped() {
    let no_item = |line: u32| {
        format!(
            "{line}:1 A step is an item of a list: begin the line with a dash and a space, as in: - When …"
        )
    };
    assert_eq!(faults("## a\n\nWhen deposit 3\n\nThen deposited 3\n"), [no_item(3), no_item(5)]);
    assert_eq!(faults("## a\n\nGiven b\nWhen deposit 3\n"), [no_item(3)]);
    assert_eq!(faults("## r\n\n### a\n\nWhen deposit 3\nand so on\n"), [no_item(5)]);
    assert_eq!(faults("## a\n\n- When deposit 3\n\nThen deposited 3\n"), [no_item(5)]);
    assert_eq!(faults("<!-- language: de -->\n\n## a\n\nWenn b\n").len(), 1);
    // Prose.
    for prose in [
        "## a\n\nWhen in doubt, ask.\n",
        "## a\n\nGiven the law,\nthis is so.\n\n- When deposit 3\n",
        "## a\n\nThen we ask what\nshould happen\n\n- When deposit 3\n",
        "# t\n\nGiven a name\nit is prose\n\n## a\n\n- When b\n",
        "## a\n\nWhenever it rains\n",
    ] {
        assert_eq!(faults(prose), Vec::<String>::new(), "{prose}");
    }
}

#[test]
fn an_outline_is_one_fault() {
    let fault = |line: u32| {
        format!(
            "{line}:1 An outline is written as a table in Markdown: a row for each scenario, and the columns \"scenario\", \
             \"given\", \"when\" and \"then\"."
        )
    };
    let table = "| n | m |\n|-|-|\n| 1 | 2 |\n";
    for (page, line) in [
        (format!("## Scenario Outline: a\n\n- When b <n>\n- Then c <m>\n\n{table}"), 1),
        (
            format!(
                "## r\n\n### Scenario Outline: a\n\n- When b <n>\n\n#### Examples\n\n{table}\n### b\n\n- When c\n"
            ),
            3,
        ),
        (format!("## a\n\n- When b <n>\n- Then c <m>\n\nExamples:\n\n{table}"), 1),
        (format!("## a\n\n- When b <n>\n\n### Examples:\n\n{table}"), 1),
    ] {
        assert_eq!(faults(&page), [fault(line)], "{page}");
    }
    assert_eq!(names(&sound("## a\n\n- When b <n>\n\n| x |\n|-|\n| 1 |\n").scenarios), ["a"]);
}
