//! A specification in words says everything that its scenarios say: labels, shared histories, questions, keys, empty lists.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

use account::{Account, Command, Event, Rejection};
use leftfold::message::Words;
use leftfold::pattern::SignedDuration;
use leftfold::recorded::Timestamp;
use leftfold::spec::{ChapterKind, Document};
use leftfold::{Owed, ProcessScenario, Scenario, Specification, ViewScenario, process_manager, view};

fn opened() -> Event {
    Event::AccountOpened { owner: "Petra".into() }
}

fn specified(scenarios: impl IntoIterator<Item = Scenario<Account>>) -> Specification<Account> {
    Specification::new().scenarios(scenarios)
}

fn gherkin(scenarios: impl IntoIterator<Item = Scenario<Account>>) -> String {
    specified(scenarios).document("account").to_gherkin()
}

fn markdown(scenarios: impl IntoIterator<Item = Scenario<Account>>) -> String {
    specified(scenarios).document("account").to_markdown()
}

fn deposit(name: &str) -> Scenario<Account> {
    Scenario::named(name).given([opened()]).when(Command::Deposit(1)).then([Event::Deposited(1)])
}

fn funded() -> Scenario<Account> {
    Scenario::named("an account with money").given([opened(), Event::Deposited(10)])
}

fn emptied() -> Scenario<Account> {
    funded().fork("it is emptied").when(Command::Withdraw(10)).then([Event::Withdrawn(10)])
}

fn too_much() -> Scenario<Account> {
    let refused = Rejection::InsufficientFunds { balance: 11 };
    let richer = funded().fork("too much is asked").given([Event::Deposited(1)]);
    richer.when(Command::Withdraw(20)).then_rejected(refused)
}

#[test]
fn labels_are_tags_and_forks_keep_them() {
    let nightly = || funded().labelled("nightly").labelled("for the lawyers");
    let scenario = nightly().fork("emptied").when(Command::Withdraw(10)).then([Event::Withdrawn(10)]);
    assert_eq!(scenario.labels(), ["nightly", "for-the-lawyers"]);
    let asked = deposit("asked").labelled("@legal").labelled("open-question");
    assert!(asked.is_question(), "the tag of a question is the question");
    let sum = view(|| 0, |sum: i32, _: &Event| sum + 1);
    let specification = specified([deposit("plain"), asked.clone(), scenario.clone()]).view(
        "count",
        sum,
        [ViewScenario::named("one").labelled("quick").given([opened()]).then(1)],
    );
    let labels: Vec<Vec<String>> =
        specification.cases(&Account).iter().map(|case| case.labels.to_vec()).collect();
    assert_eq!(labels, [vec![], vec!["legal"], vec!["nightly", "for-the-lawyers"], vec!["quick"]]);

    let page = specification.document("account").to_gherkin();
    for lines in [
        "\n  Scenario: plain\n",
        "\n  @open-question @legal\n  Scenario: asked\n",
        "\n    @nightly @for-the-lawyers\n    Scenario: emptied\n",
        "\n    @quick\n    Scenario: one\n",
    ] {
        assert!(page.contains(lines), "{lines} is not in\n{page}");
    }
    let page = specification.document("account").to_markdown();
    for lines in [
        "\n## Open question: asked\n\n@legal\n\n- **Given**",
        "\n### emptied\n\n@nightly @for-the-lawyers\n\n- **When**",
    ] {
        assert!(page.contains(lines), "{lines} is not in\n{page}");
    }
}

#[test]
fn questions_stand_where_they_were_asked_and_no_name_looks_like_one() {
    let asked = Scenario::open_question("May it be reopened?").given([opened()]).when(Command::CloseAccount);
    let asked = asked.then_nothing();
    let scenarios = || [deposit("first"), asked.clone(), deposit("Open question: what?")];
    assert_eq!(
        markdown(scenarios()),
        "\
# account

## first

- **Given** account opened, owner \"Petra\"
- **When** deposit 1
- **Then** deposited 1

## Open question: May it be reopened?

- **Given** account opened, owner \"Petra\"
- **When** close account
- **Then** nothing happens

## Scenario: Open question: what?

- **Given** account opened, owner \"Petra\"
- **When** deposit 1
- **Then** deposited 1
"
    );
    assert!(gherkin(scenarios()).contains(
        "
  @open-question
  Scenario: May it be reopened?
    Given account opened, owner \"Petra\"
    When close account
    Then nothing happens

  Scenario: Open question: what?
"
    ));
}

#[test]
fn forks_of_one_history_are_a_rule_with_a_background() {
    assert_eq!(
        gherkin([deposit("first"), emptied(), too_much()]),
        "\
Feature: account

  Scenario: first
    Given account opened, owner \"Petra\"
    When deposit 1
    Then deposited 1

  Rule: an account with money

    Background:
      Given account opened, owner \"Petra\"
      And deposited 10

    Scenario: it is emptied
      When withdraw 10
      Then withdrawn 10

    Scenario: too much is asked
      Given deposited 1
      When withdraw 20
      Then it is refused: insufficient funds, balance 11
"
    );
    assert_eq!(
        markdown([deposit("first"), emptied(), too_much()]),
        "\
# account

## first

- **Given** account opened, owner \"Petra\"
- **When** deposit 1
- **Then** deposited 1

## an account with money

- **Given** account opened, owner \"Petra\"
- **And** deposited 10

### it is emptied

- **When** withdraw 10
- **Then** withdrawn 10

### too much is asked

- **Given** deposited 1
- **When** withdraw 20
- **Then** it is refused: insufficient funds, balance 11
"
    );
}

#[test]
fn a_specification_of_one_history_has_one_background() {
    let page = gherkin([emptied(), too_much()]);
    assert!(
        page.starts_with(
            "\
Feature: account

  Background:
    Given account opened, owner \"Petra\"
    And deposited 10

  Scenario: it is emptied
    When withdraw 10
"
        ),
        "{page}"
    );
    let page = markdown([emptied(), too_much()]);
    assert!(page.starts_with("# account\n\n- **Given** account opened"), "{page}");
    assert!(
        page.contains("\n- **And** deposited 10\n\n## it is emptied\n\n- **When** withdraw 10\n"),
        "{page}"
    );
}

#[test]
fn what_follows_a_rule_belongs_to_it_so_only_the_last_histories_are_rules() {
    let closed = Scenario::<Account>::named("a closed account").given([opened(), Event::AccountClosed]);
    let late = closed.fork("no money comes in").when(Command::Deposit(1)).then_rejected(Rejection::NotOpen);
    let page = gherkin([emptied(), deposit("between"), too_much(), late]);
    let rules: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("  Rule: ")).collect();
    assert_eq!(rules, ["an account with money", "a closed account"], "{page}");
    assert!(page.contains(
        "  Scenario: it is emptied\n    Given account opened, owner \"Petra\"\n    And deposited 10\n"
    ));

    // A fork of what has happened after a `when` shares the history too; a base without a history, or without a name, is none.
    let chained = emptied().fork("and closed").and_when(Command::CloseAccount).then([Event::AccountClosed]);
    let bare = Scenario::<Account>::named("bare").fork("no history").when(Command::Deposit(1));
    let nameless =
        Scenario::<Account>::named(" ").given([opened()]).fork("no name").when(Command::CloseAccount);
    let page = gherkin([
        bare.then_rejected(Rejection::NotOpen),
        nameless.then([Event::AccountClosed]),
        emptied(),
        chained,
    ]);
    assert_eq!(page.matches("Rule:").count(), 1, "{page}");
    assert_eq!(page.matches("And deposited 10").count(), 1, "{page}");
    // Two histories under one name are two rules.
    let other = Scenario::<Account>::named("an account with money").given([opened(), Event::Deposited(7)]);
    let other = other.fork("seven").when(Command::Withdraw(7)).then([Event::Withdrawn(7)]);
    assert_eq!(gherkin([emptied(), other]).matches("Rule: an account with money").count(), 2);
}

#[test]
fn a_rule_has_no_title_of_a_view() {
    let document = |title: &str| {
        let count = view(|| 0, |count: i32, _: &Event| count + 1);
        let one = ViewScenario::named("one").given([opened()]).then(1);
        specified([emptied(), too_much()]).view(title, count, [one]).document("account")
    };
    let kinds = |document: &Document| -> Vec<(Option<String>, ChapterKind)> {
        document.chapters.iter().map(|chapter| (chapter.title.clone(), chapter.kind)).collect()
    };
    let title = |title: &str| Some(title.to_string());
    assert_eq!(
        kinds(&document("count")),
        [
            (None, ChapterKind::Decider),
            (title("an account with money"), ChapterKind::Decider),
            (title("count"), ChapterKind::View)
        ]
    );
    let same = document("An account  with money");
    assert_eq!(
        kinds(&same),
        [(None, ChapterKind::Decider), (title("An account  with money"), ChapterKind::View)]
    );
    assert_eq!(same.to_gherkin().matches("deposited 10").count(), 2);

    // A document is data, and reads one that was written before it had backgrounds.
    let json = serde_json::to_string(&same).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), same);
    let old = r#"{"title":"a","chapters":[{"title":null,"scenarios":[
        {"name":"b","is_question":false,"given":[],"steps":[]}]}]}"#;
    assert_eq!(serde_json::from_str::<Document>(old).unwrap().to_gherkin(), "Feature: a\n\n  Scenario: b\n");
}

#[test]
fn nothing_asked_and_no_content_are_said() {
    let page = gherkin([Scenario::named("idle").given([opened()]).when_all([]).then_nothing()]);
    assert!(page.ends_with("    When nothing is asked\n    Then nothing happens\n"), "{page}");

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Blank {}
    let blank = view(|| Blank {}, |blank: Blank, _: &Event| blank);
    let asked = ViewScenario::open_question("And then?").given([opened()]).delivered_twice();
    let scenarios = [ViewScenario::named("blank").given([opened()]).then(Blank {}), asked];
    let page = specified([]).view("blank", blank, scenarios).document("account").to_gherkin();
    assert!(page.contains("      Then the answer is: none\n"), "{page}");
    assert!(page.ends_with("      Then also when events are delivered twice\n"), "{page}");
}

/// What a process manager is expected to owe, as a page says it.
fn owed(expected: impl Fn(ProcessScenario<Deposits>) -> ProcessScenario<Deposits>, words: Words) -> String {
    let scenario = expected(ProcessScenario::named("a list").given([opened()]));
    let specification = specified([]).words(words).process("deposits", Deposits, [scenario]);
    let page = specification.document("account").to_gherkin();
    let said = page.lines().filter_map(|line| line.trim().split_once(' '));
    said.filter(|(word, _)| ["Then", "And"].contains(word)).map(|(_, said)| format!("{said}\n")).collect()
}

struct Deposits;

impl leftfold::Fold for Deposits {
    type State = ();
    type Event = Event;
    fn initial_state(&self) {}
    fn evolve(&self, (): (), _: &Event) {}
}

impl leftfold::ProcessManager for Deposits {
    type Command = Command;
    fn pending(&self, (): &()) -> Vec<Owed<Command>> {
        Vec::new()
    }
}

#[test]
fn an_item_of_a_list_says_its_key() {
    let plain = Words::default;
    let day = |day: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day);
    let item = || Owed::now("say \"a\\b\"\n{from}", Command::Deposit(1));
    assert_eq!(
        owed(|scenario| scenario.then_pending([item(), Owed::at(day(1), "x", Command::Deposit(2))]), plain()),
        "still owed as \"say \\\"a\\\\b\\\"\\n{from}\": deposit 1\nowed as \"x\" from 1970-01-02T00:00:00Z on: deposit 2\n"
    );
    assert_eq!(
        owed(|scenario| scenario.then_owed([Command::Deposit(1)]), plain()),
        "still owed: deposit 1\n"
    );
    assert_eq!(owed(|scenario| scenario.then_owed([]), plain()), "nothing is owed\n");
    assert_eq!(owed(|scenario| scenario.then_pending([]), plain()), "nothing is owed\n");
    let german = plain()
        .say("owed as {key} from {from} on", "ab {from} offen als {key}")
        .say("nothing is owed", "nichts ist offen");
    assert_eq!(
        owed(|scenario| scenario.then_pending([Owed::at(day(1), "x", Command::Deposit(2))]), german.clone()),
        "ab 1970-01-02T00:00:00Z offen als \"x\": deposit 2\n"
    );
    assert_eq!(owed(|scenario| scenario.then_owed([]), german), "nichts ist offen\n");
}

#[test]
fn phrases_of_the_kit_have_other_words() {
    let words = Words::default()
        .say("it is refused", "es wird abgelehnt")
        .say("nothing happens", "es geschieht nichts")
        .say("nothing is asked", "niemand fragt")
        .say("the answer is", "die Antwort ist")
        .say("in any order of the events", "in jeder Reihenfolge");
    let count = view(|| 0, |count: i32, _: &Event| count + 1);
    let one = ViewScenario::named("one").given([opened()]).in_any_order().then(1);
    let idle = Scenario::named("idle").given([opened()]).when_all([]).then_nothing();
    let page =
        specified([idle, too_much()]).words(words).view("count", count, [one]).document("a").to_gherkin();
    for said in [
        "When niemand fragt\n",
        "Then es geschieht nichts\n",
        "Then es wird abgelehnt: insufficient funds, balance 11\n",
        "Then die Antwort ist: 1\n",
        "And in jeder Reihenfolge\n",
    ] {
        assert!(page.contains(said), "{said} is not in\n{page}");
    }
}

#[test]
fn events_after_the_first_question_to_a_process_manager_stay_after_it() {
    let doubling = process_manager(
        Vec::new,
        |mut seen: Vec<u64>, event: &Event| {
            seen.extend(matches!(event, Event::Deposited(_)).then_some(seen.len() as u64));
            seen
        },
        |seen| seen.iter().map(|n| Owed::now(n.to_string(), Command::Deposit(*n))).collect(),
    );
    let [one, two, three] = [1, 2, 3].map(Event::Deposited);
    let [first, second, third] = [0, 1, 2].map(Command::Deposit);
    let scenario = ProcessScenario::named("late").given([one]).then_owed([first.clone()]).given([two]);
    let scenario = scenario.when(three).then([third.clone()]).then_owed([first, second, third]);
    scenario.assert(&doubling);
    let page = specified([]).process("doubling", doubling, [scenario]).document("a").to_gherkin();
    let steps: Vec<&str> = page.lines().skip_while(|line| !line.contains("Given")).map(str::trim).collect();
    let expected = [
        "Given deposited 1",
        "Then still owed: deposit 0",
        "When deposited 2",
        "When deposited 3",
        "Then owed: deposit 2",
    ];
    assert_eq!(steps[..5], expected, "{page}");
}

#[test]
#[cfg(feature = "text")]
fn keywords_are_those_of_the_documents_language() {
    let words = Words::default().say("it is refused", "es wird abgelehnt");
    let document = specified([deposit("eins"), emptied(), too_much(), Scenario::open_question("Was nun?")])
        .words(words)
        .document("Konto");
    let german = document.clone().in_language("DE");
    assert_eq!(
        german.to_gherkin(),
        "\
# language: de
Funktionalität: Konto

  Szenario: eins
    Angenommen account opened, owner \"Petra\"
    Wenn deposit 1
    Dann deposited 1

  Szenario: it is emptied
    Angenommen account opened, owner \"Petra\"
    Und deposited 10
    Wenn withdraw 10
    Dann withdrawn 10

  Szenario: too much is asked
    Angenommen account opened, owner \"Petra\"
    Und deposited 10
    Und deposited 1
    Wenn withdraw 20
    Dann es wird abgelehnt: insufficient funds, balance 11

  @open-question
  Szenario: Was nun?
"
    );
    let page = german.to_markdown();
    assert!(
        page.starts_with("<!-- language: de -->\n\n# Konto\n\n## eins\n\n- **Angenommen** account opened"),
        "{page}"
    );
    assert!(
        page.contains("\n- **Und** deposited 10\n- **Wenn** withdraw 10\n- **Dann** withdrawn 10\n"),
        "{page}"
    );
    let rules =
        specified([deposit("a"), emptied(), too_much()]).document("Konto").in_language("de").to_gherkin();
    assert!(rules.contains("  Regel: an account with money\n\n    Grundlage:\n"), "{rules}");
    let japanese = document.clone().in_language("ja").to_gherkin();
    assert!(japanese.contains("    前提account opened"), "no space follows: {japanese}");
    for language in ["en", "xx", ""] {
        assert_eq!(document.clone().in_language(language).to_gherkin(), document.to_gherkin(), "{language}");
        assert_eq!(
            document.clone().in_language(language).to_markdown(),
            document.to_markdown(),
            "{language}"
        );
    }
    let without: Document = serde_json::from_str(r#"{"title":"t","chapters":[]}"#).unwrap();
    assert_eq!(without.language, "en");
}
