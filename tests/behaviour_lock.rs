//! The behaviour lock: a check says what a model answers otherwise than its file, by kind, and says no more than it knows.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "models/accounts.rs"]
mod accounts;

use account::{Command, State, commands};
use accounts::{Ruled, reversed, ruled, sheets, wider};
use leftfold::check::{SpaceCell, explore};
use leftfold::model::{ReportFinding, ReportVerdict, Section};
use leftfold::spec::class;
use leftfold::{Model, Modelled, Specification, decider};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with the file of a behaviour.
struct Locked {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Locked {
    fn with(text: impl AsRef<[u8]>) -> Locked {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.behaviour.jsonl");
        fs::write(&path, text).unwrap();
        Locked { _folder: folder, path }
    }

    /// The file of the account, explored to this many states.
    fn of(alphabet: impl Fn(&State) -> Vec<Command> + Sync, states: usize) -> Locked {
        let machine = explore(&Ruled::AsEver, alphabet).states(states).machine().unwrap();
        Locked::with(machine.quotient().named("account").to_json())
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

fn whole() -> Locked {
    Locked::of(commands, 1_000)
}

fn section<D: Modelled>(model: &Model<D>) -> Section {
    let report = model.check();
    report.sections.into_iter().find(|section| section.title == "behaviour").unwrap()
}

/// The only finding, with its verdict.
fn finding<D: Modelled>(model: &Model<D>) -> (ReportVerdict, ReportFinding) {
    let section = section(model);
    let [finding] = &section.findings[..] else { panic!("{section:#?}") };
    (finding.verdict, finding.clone())
}

fn notes(section: &Section) -> String {
    section.notes.join("\n")
}

#[test]
fn what_answers_alike_holds_whatever_form_its_state_has() {
    let file = whole();
    let sections =
        [ruled(Ruled::AsEver, &file.path), reversed(&file.path)].map(|model| section(&model)).into_iter();
    let others = [section(&wider(&file.path)), section(&sheets(false, &file.path))];
    for section in sections.chain(others) {
        let [finding] = &section.findings[..] else { panic!("{section:#?}") };
        assert_eq!((finding.verdict, &*section.summary), (ReportVerdict::Holds, "12 nodes, 134 answers"));
        assert!(section.notes.is_empty(), "byte for byte: {:?}", section.notes);
    }
}

#[test]
fn a_rule_that_no_cell_shows_is_told_as_one_kind_with_its_story() {
    // Both accounts have the same kinds of steps in the same kinds of states.
    let cells = |rule: Ruled| {
        let found = explore(&rule, commands).coverage(class, &Specification::new()).0;
        let cell = |cell: SpaceCell<Ruled>| (cell.state, cell.command, cell.came);
        found.cells.into_iter().map(cell).collect::<Vec<_>>()
    };
    assert_eq!(cells(Ruled::AsEver), cells(Ruled::Overdraft));

    let file = whole();
    let before = file.text();
    let section = section(&ruled(Ruled::Overdraft, &file.path));
    let [finding] = &section.findings[..] else { panic!("{section:#?}") };
    assert_eq!(finding.verdict, ReportVerdict::Fails);
    assert_eq!(finding.name, "Withdraw: refused, InsufficientFunds became Withdrawn; 4 steps");
    assert!(section.summary.starts_with("1 difference from "), "{}", section.summary);
    assert_eq!(
        finding.story.as_deref(),
        Some(
            "Withdraw: refused, InsufficientFunds became Withdrawn
4 steps, after 2 commands

  state   New
     1    open account, owner \"Petra\"
  event   account opened, owner \"Petra\"
  state   Open { owner: \"Petra\", balance: 0 }
     2    withdraw 1
  event   withdrawn 1
  before  refused: insufficient funds, balance 0

as a scenario:

Scenario::named(\"Withdraw: refused, InsufficientFunds became Withdrawn\")
    .given_commands([
        Command::OpenAccount { owner: \"Petra\".into() },
    ])
    .when(Command::Withdraw(1))
    .then([
        Event::Withdrawn(1),
    ]),"
        )
    );
    assert!(notes(&section).contains("accept it: write it with `check --accept behaviour`"), "{section:#?}");
    assert!(finding.place.as_ref().is_some_and(|place| place.file.ends_with("accounts.rs")), "{finding:#?}");
    assert_eq!(file.text(), before, "a check writes nothing");
}

#[test]
fn a_panic_is_a_kind_and_its_story_is_told() {
    let file = whole();
    let (verdict, finding) = finding(&ruled(Ruled::Panics, &file.path));
    assert_eq!(verdict, ReportVerdict::Fails);
    assert_eq!(finding.name, "CloseAccount: refused, NotEmpty became a panic; 1 step");
    let story = finding.story.unwrap();
    assert!(
        story.contains("panic   six") && story.contains("before  refused: not empty, balance 6"),
        "{story}"
    );
    assert!(story.contains("Scenario::open_question("), "{story}");
}

#[test]
fn a_frontier_is_no_difference_and_not_the_same() {
    let part = Locked::of(commands, 4);
    for model in [ruled(Ruled::AsEver, &part.path), ruled(Ruled::AsEver, &part.path).explored(4)] {
        let section = section(&model);
        assert_eq!(section.findings[0].verdict, ReportVerdict::Open, "{section:#?}");
        assert!(notes(&section).contains("the file does not know all that can be reached"), "{section:#?}");
        assert!(model.check().holds());
    }
    // The whole file, and a model of which not all is explored today, or of which there is no end.
    let file = whole();
    for section in [
        section(&ruled(Ruled::AsEver, &file.path).explored(4)),
        section(&sheets(true, &file.path).explored(500)),
    ] {
        assert_eq!(section.findings[0].verdict, ReportVerdict::Open, "{section:#?}");
        assert!(notes(&section).contains("today was explored: it took"), "{section:#?}");
    }
    // What both know is compared all the same.
    let found = section(&ruled(Ruled::Overdraft, &part.path));
    assert_eq!(found.findings[0].verdict, ReportVerdict::Fails, "{found:#?}");
}

#[test]
fn what_is_newly_asked_or_no_longer_asked_is_a_note() {
    let without = |name: &'static str| {
        move |state: &State| {
            let mut commands = commands(state);
            commands.retain(|command| !format!("{command:?}").starts_with(name));
            commands
        }
    };
    let less = Locked::of(without("CloseAccount"), 1_000);
    let found = section(&ruled(Ruled::AsEver, &less.path));
    assert_eq!(found.findings[0].verdict, ReportVerdict::Open, "{found:#?}");
    assert!(notes(&found).contains("asked today, and not known to"), "{found:#?}");
    // In the new account, and with each balance from 0 to 9; there is no closed one in the file.
    assert!(notes(&found).contains("CloseAccount in 11 steps"), "{found:#?}");

    let file = whole();
    let asks_less = |rule| Model::new("account", rule).alphabet(without("Withdraw")).behaviour(&file.path);
    let found = section(&asks_less(Ruled::AsEver));
    assert_eq!(found.findings[0].verdict, ReportVerdict::Holds, "today it is asked all the same: {found:#?}");
    assert!(notes(&found).contains("and not asked today: Withdraw in "), "{found:#?}");
    // A rule does not change unseen because nobody asks any more.
    let found = section(&asks_less(Ruled::Overdraft));
    assert_eq!(found.findings[0].verdict, ReportVerdict::Fails, "{found:#?}");
}

#[test]
fn what_no_answer_shows_is_a_note() {
    let file = whole();
    let found = section(&ruled(Ruled::Endless, &file.path));
    assert_eq!(found.findings[0].verdict, ReportVerdict::Holds, "{found:#?}");
    assert!(notes(&found).contains("would be written otherwise today"), "{found:#?}");

    let file = Locked::with(file.text().replace('\n', "\r\n"));
    let found = section(&ruled(Ruled::AsEver, &file.path));
    assert!(found.findings[0].verdict == ReportVerdict::Holds && found.notes.is_empty(), "{found:#?}");
}

/// A switch, whose messages are others.
fn switch(file: &Path) -> Model<impl Modelled> {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Turn {
        On,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Turned {
        On,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Not {
        Again,
    }
    let switch = decider(
        || false,
        |Turn::On: &Turn, on: &bool| if *on { Err(Not::Again) } else { Ok(vec![Turned::On]) },
        |_, _: &Turned| true,
    );
    Model::new("switch", switch).alphabet(|_| [Turn::On]).behaviour(file)
}

/// A counter of any numbers, with messages that JSON cannot hold where it says so.
fn counter(file: &Path, alphabet: fn(&u8) -> Box<dyn Iterator<Item = f64>>) -> Model<impl Modelled> {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Add {
        number: f64,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Added {
        number: f64,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Full {
        Full,
    }
    let counter = decider(
        || 0u8,
        |Add { number }: &Add, count: &u8| match count {
            3.. => Err(Full::Full),
            _ => Ok(vec![Added { number: *number }]),
        },
        |count, _: &Added| count + 1,
    );
    Model::new("counter", counter)
        .alphabet(move |count| alphabet(count).map(|number| Add { number }))
        .behaviour(file)
}

#[test]
fn bad_input_gets_a_sentence_and_is_left_as_it_is() {
    let good = whole().text();
    let lines = good.lines().count();
    let half: String = good.lines().take(lines / 2).map(|line| format!("{line}\n")).collect();
    let bad = [
        (String::new(), "this is not the file of a machine"),
        ("fn main() {}\n".to_string(), "this is not the file of a machine: its first line is fn main() {}"),
        (half, "it was cut"),
        (good.replace("[0,", "[1,"), "was changed after it was written"),
        (
            good.replace("\"format\":1", "\"format\":2"),
            "is written in format 2, and this version of leftfold reads format 1",
        ),
    ];
    for (text, sentence) in bad {
        let file = Locked::with(&text);
        let (verdict, finding) = finding(&ruled(Ruled::AsEver, &file.path));
        assert_eq!(verdict, ReportVerdict::Fails);
        assert!(finding.name.contains(sentence), "{finding:#?}");
        assert_eq!(file.text(), text);
    }
    let not_text = Locked::with([0xff, 0xfe]);
    let (_, found) = finding(&ruled(Ruled::AsEver, &not_text.path));
    assert!(found.name.contains("is not UTF-8"), "{found:#?}");

    let file = whole();
    let (verdict, found) = finding(&switch(&file.path));
    assert_eq!(verdict, ReportVerdict::Fails);
    assert!(found.name.contains("is not one of this model"), "{found:#?}");

    let folder = file.path.parent().unwrap();
    let (_, found) = finding(&ruled(Ruled::AsEver, folder));
    assert!(found.name.ends_with("is a folder, and not a file"), "{found:#?}");
    let (_, found) = finding(&ruled(Ruled::AsEver, folder.join("missing.jsonl")));
    assert!(found.name.starts_with("there is no file ") && found.name.contains("LEFTFOLD_BEHAVIOUR=write"));
}

#[test]
fn a_model_of_which_there_is_no_file_of_all_answers_says_why() {
    let file = Locked::with(
        "{\"leftfold\":\"machine\",\"format\":1,\"model\":\"counter\"}\n{\"node\":{\"number\":0}}\n{\"end\":{\"xxh3\":\"0\"}}\n",
    );
    // Read first: what is wrong with the model comes after what is wrong with the file.
    let (_, found) = finding(&counter(&file.path, |_| Box::new(std::iter::empty())));
    assert!(found.name.contains("was changed after it was written"), "{found:#?}");

    let empty = |alphabet: fn(&u8) -> Box<dyn Iterator<Item = f64>>| {
        let plain = decider(|| 0u8, |_: &u8, _: &u8| Err::<Vec<u8>, u8>(0), |n, _: &u8| n);
        let machine = explore(&plain, |_: &u8| [0u8; 0]).machine().unwrap().named("counter");
        let file = Locked::with(machine.to_json());
        finding(&counter(&file.path, alphabet))
    };
    let (verdict, found) = empty(|_| Box::new(std::iter::empty()));
    assert_eq!(verdict, ReportVerdict::Fails);
    assert!(found.name.contains("no command was asked"), "{found:#?}");
    let (_, found) = empty(|_| Box::new((0..).map(f64::from)));
    assert!(found.name.contains("more than 10000 commands in one state"), "{found:#?}");
    let (_, found) = empty(|_| Box::new([1.0, f64::NAN].into_iter()));
    assert!(found.name.contains("this event has none"), "{found:#?}");
    let (verdict, found) = empty(|_| Box::new([1.0].into_iter()));
    assert_eq!(verdict, ReportVerdict::Fails);
    assert!(found.name.contains("no command of ") && found.name.contains("could be compared"), "{found:#?}");

    let good = whole();
    let (verdict, found) = finding(&ruled(Ruled::NeverBegins, &good.path));
    assert_eq!(verdict, ReportVerdict::Fails);
    assert!(found.name.contains("the model panicked at its first state: no account today"), "{found:#?}");

    let silent = Model::new("account", Ruled::AsEver).behaviour(&good.path);
    let (_, found) = finding(&silent);
    assert!(found.name.starts_with("no alphabet"), "{found:#?}");
}
