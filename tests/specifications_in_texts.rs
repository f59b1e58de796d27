//! The specifications of the examples are texts beside their models: they read back as they are, they hold, and they hold no more when an
//! expectation is changed. `LEFTFOLD_ACCEPT=1 cargo test --test specifications_in_texts` writes the texts.

use leftfold::spec::Specification;
use leftfold::{Model, Modelled};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/order/model.rs"]
#[allow(dead_code)]
mod order;
#[path = "../examples/two_phase_commit/model.rs"]
#[allow(dead_code)]
mod two_phase_commit;

#[path = "../examples/contract"]
#[allow(dead_code)]
mod contract {
    pub mod model;
}
#[path = "../examples/loan"]
#[allow(dead_code, unused_imports)]
mod loan {
    pub mod model;
}
#[path = "../examples/registration/model.rs"]
#[allow(dead_code)]
mod registration;
#[path = "../examples/tool_library"]
#[allow(dead_code)]
mod tool_library {
    mod model;
    mod reminders;
    pub mod scenarios;
    mod wall;
}

#[path = "specifications_in_texts/event_models.rs"]
mod event_models;

/// Holds the text in the repository against the specification of a model, and returns it.
fn text_of<D: Modelled>(file: &str, model: &Model<D>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = model.specification().document(model.name()).to_gherkin();
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(&path, &text).expect("the text is written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "{file} is not what the model says. If it is meant, accept it with LEFTFOLD_ACCEPT=1:\n{text}"
    );
    text
}

fn read<D: Modelled>(specification: &Specification<D>, file: &str, text: &str) -> Specification<D> {
    match specification.read(file, text) {
        Ok(read) => read,
        Err(faults) => panic!("{faults}\n\n{text}"),
    }
}

/// Whether a line of Gherkin is a step.
fn is_step(line: &str) -> bool {
    ["Given ", "When ", "Then ", "And "].iter().any(|keyword| line.trim_start().starts_with(keyword))
}

/// Writes and reads a specification, in Gherkin and in Markdown. The number of its scenarios and of its steps.
fn goes_to_text_and_back<D: Modelled>(
    name: &str,
    decider: &D,
    specification: &Specification<D>,
) -> (usize, usize) {
    // Of samples of every message of the decider, of its views and its process managers, what is said reads back.
    if let Err(refused) = specification.vocabulary() {
        panic!("{name}: {refused}");
    }
    let document = specification.document(name);
    let gherkin = document.to_gherkin();
    for (file, text) in [("x.feature", &gherkin), ("x.md", &document.to_markdown())] {
        let read = read(specification, file, text);
        assert_eq!(specification.unlike(&read), None, "{text}");
        assert_eq!(read.document(name), document);
        read.assert(decider);
        assert_eq!(read.cases(decider).len(), specification.cases(decider).len());
    }
    let steps = gherkin.lines().filter(|line| is_step(line)).count();
    let scenarios = gherkin.lines().filter(|line| line.trim_start().starts_with("Scenario:")).count();
    assert_eq!(scenarios, specification.cases(decider).len(), "{gherkin}");
    (scenarios, steps)
}

/// A step that expects something.
struct Expectation {
    line: usize,
    /// The lines of its scenario.
    scenario: std::ops::Range<usize>,
    /// The number of its rule.
    rule: usize,
    /// Whether it follows a step with `When`.
    answers: bool,
}

/// The expectations of a text, and the lines of its scenarios.
fn expectations(lines: &[&str]) -> (Vec<Expectation>, Vec<std::ops::Range<usize>>) {
    let begins = |line: &str| line.starts_with("Scenario:") || line.starts_with("Rule:");
    let (mut rule, mut then, mut answers) = (0, false, false);
    let (mut expectations, mut scenarios) = (Vec::<Expectation>::new(), Vec::new());
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim_start();
        rule += usize::from(line.starts_with("Rule:"));
        answers = line.starts_with("When ") || (answers && !begins(line));
        then = line.starts_with("Then ") || (then && line.starts_with("And "));
        if line.starts_with("Scenario:") {
            let length = lines[at + 1..].iter().take_while(|line| is_step(line)).count();
            scenarios.push(at..at + 1 + length);
        }
        // What promises more about the other expectations is none itself.
        if then && !line.contains("in any order of the events") && !line.contains("also when events") {
            let scenario = scenarios.last().cloned().unwrap_or_default();
            expectations.push(Expectation { line: at, scenario, rule, answers });
        }
    }
    (expectations, scenarios)
}

/// The scenarios of a text, each alone, in which one expectation is another: with another number or another text in it, or that of
/// another scenario.
fn wrong_texts(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let (expectations, scenarios) = expectations(&lines);
    let said = |at: usize| lines[at].trim_start().split_once(' ').map_or("", |(_, said)| said);
    // What is owed by an event is still owed after it; where no more is owed, nothing may be owed at all.
    let owed = |said: &str| said.trim_start_matches("still ").replace("nothing more", "nothing");
    let mut wrong = Vec::new();
    for expectation in &expectations {
        let expected = said(expectation.line);
        let mut others: BTreeSet<String> = BTreeSet::new();
        if let Some(digit) = expected.rfind(|char: char| char.is_ascii_digit()) {
            let other = if expected[digit..].starts_with('9') { "8" } else { "9" };
            others.insert(format!("{}{other}{}", &expected[..digit], &expected[digit + 1..]));
        }
        // Another text finds nobody, either.
        if let Some((before, rest)) = expected.split_once('"').filter(|_| !expected.ends_with("finds nobody"))
        {
            others.insert(format!("{before}\"another {rest}"));
        }
        if expectation.answers {
            // What is expected there already holds twice.
            let said_there = |other: &str| expectation.scenario.clone().any(|line| said(line) == other);
            let of_rule = expectations
                .iter()
                .filter(|other| other.rule == expectation.rule)
                .map(|other| said(other.line));
            others.extend(
                of_rule
                    .filter(|other| owed(other) != owed(expected) && !said_there(other))
                    .map(str::to_string)
                    .take(3),
            );
        }
        for other in others {
            let alone = |at: &usize| {
                expectation.scenario.contains(at) || !scenarios.iter().any(|range| range.contains(at))
            };
            let line = |at: usize| match at == expectation.line {
                true => lines[at].replace(expected, &other),
                false => lines[at].to_string(),
            };
            // The tag of a question that is gone would be that of another scenario.
            let tag = |at: &usize| lines[*at].trim_start().starts_with('@');
            wrong.push(
                (0..lines.len()).filter(|at| alone(at) && !tag(at)).map(line).collect::<Vec<_>>().join("\n"),
            );
        }
    }
    wrong
}

/// Changes each expectation of a text, one at a time; each is either not understood, or does not hold.
fn fails_when_one_expectation_is_changed<D: Modelled>(
    decider: &D,
    specification: &Specification<D>,
    text: &str,
    at_least: usize,
) {
    let wrong = wrong_texts(text);
    let mut failed = 0;
    for text in &wrong {
        if let Ok(read) = specification.read("x.feature", text) {
            let fails = read.cases(decider).iter().any(|case| case.run().is_err());
            assert!(fails, "holds all the same:\n{text}");
            failed += 1;
        }
    }
    assert!(failed >= at_least, "{failed} of {} changed texts were read", wrong.len());
}

fn is_its_text<D: Modelled>(file: &str, model: &Model<D>, counted: (usize, usize), at_least: usize) {
    let specification = model.specification();
    let text = text_of(file, model);
    fails_when_one_expectation_is_changed(model.decider(), specification, &text, at_least);
    assert_eq!(goes_to_text_and_back(model.name(), model.decider(), specification), counted, "{file}");
}

/// A text that is the specification: the model has no scenarios in Rust.
fn is_written_by_hand<D: Modelled>(file: &str, model: &Model<D>, counted: (usize, usize), at_least: usize) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let specification = read(model.specification(), file, &text);
    assert_eq!(goes_to_text_and_back(model.name(), model.decider(), &specification), counted, "{file}");
    let text = specification.document(model.name()).to_gherkin();
    fails_when_one_expectation_is_changed(model.decider(), &specification, &text, at_least);
    model.check().assert();
}

#[test]
fn the_account_is_its_text() {
    is_its_text("examples/account/account.feature", &account::model(), (18, 62), 62);
}

#[test]
fn the_order_is_its_text() {
    is_its_text("examples/order/order.feature", &order::model(), (15, 48), 44);
}

#[test]
fn two_phase_commit_is_its_text() {
    is_its_text(
        "examples/two_phase_commit/two_phase_commit.feature",
        &two_phase_commit::model(),
        (4, 17),
        23,
    );
}

#[test]
fn the_loan_is_its_text() {
    is_its_text("examples/loan/loan.feature", &loan::model::model(), (84, 966), 170);
    is_its_text("examples/loan/strict.feature", &loan::model::strict_model(), (88, 988), 175);
}

#[test]
fn the_contract_is_its_text() {
    is_its_text("examples/contract/contract.feature", &contract::model::model(), (63, 390), 1);
}

#[test]
fn registration_is_a_text() {
    is_written_by_hand("examples/registration/registration.feature", &registration::model(), (11, 28), 38);
}

#[test]
fn the_tool_library_is_a_text() {
    is_written_by_hand(
        "examples/tool_library/tool_library.feature",
        &tool_library::scenarios::model(),
        (12, 38),
        36,
    );
}

/// The steps of each scenario of a text, after those of its backgrounds, and whether it is a question.
fn steps_of(gherkin: &str) -> Vec<(bool, Vec<String>)> {
    let (mut of_feature, mut of_rule) = (Vec::new(), None::<Vec<String>>);
    let mut scenarios: Vec<(bool, Vec<String>)> = Vec::new();
    let (mut question, mut in_background, mut keyword) = (false, false, "");
    for line in gherkin.lines().map(str::trim) {
        if line.starts_with("Rule:") {
            of_rule = Some(Vec::new());
        } else if line.starts_with('@') {
            question = line.contains("@open-question");
        } else if line.starts_with("Background:") {
            in_background = true;
        } else if line.starts_with("Scenario:") {
            in_background = false;
            let before = [of_feature.as_slice(), of_rule.as_deref().unwrap_or_default()].concat();
            scenarios.push((std::mem::take(&mut question), before));
        } else if let Some((word, said)) = line.split_once(' ').filter(|_| is_step(line)) {
            keyword = ["Given", "When", "Then"].into_iter().find(|other| *other == word).unwrap_or(keyword);
            let step = format!("{keyword} {said}");
            match (scenarios.last_mut(), &mut of_rule) {
                (_, Some(rule)) if in_background => rule.push(step),
                (_, None) if in_background => of_feature.push(step),
                (Some((_, steps)), _) => steps.push(step),
                (None, _) => {}
            }
        }
    }
    scenarios
}

/// The reasons that experts give, in both languages.
const REASONS: [(&str, &str); 2] =
    [("zu wenig geplant", "too little is planned"), ("endgültig geschlossen", "closed for good")];

#[test]
fn the_contract_says_the_same_in_german() {
    let model = contract::model::model();
    let specification = model.specification();
    let file = "examples/contract/vertrag.feature";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let german = read(specification, file, &text);
    german.assert(model.decider());
    // Said in English, it is the other text, but for the names and the order of its scenarios.
    let in_english = german.document(model.name()).to_gherkin();
    let in_english = REASONS.iter().fold(in_english, |text, (german, english)| text.replace(german, english));
    let mut german = steps_of(&in_english);
    let mut english = steps_of(&specification.document(model.name()).to_gherkin());
    german.sort();
    english.sort();
    for (german, english) in german.iter().zip(&english) {
        assert_eq!(german, english);
    }
    assert_eq!(german.len(), english.len());
}

#[test]
fn the_contract_goes_to_german_and_back() {
    let model = contract::model::model();
    let german = model.specification().clone().words(contract::model::german::words());
    let (scenarios, steps) = goes_to_text_and_back("Vertrag", model.decider(), &german);
    assert_eq!((scenarios, steps), (63, 390));
}
