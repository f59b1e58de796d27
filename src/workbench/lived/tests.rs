//! The tasks `conform` and `gaps` over logs in folders and files.

use super::*;
use crate::codec::Codec;
use crate::decider::{Decider, decider};
use crate::log::FileLog;
use crate::recorded::StreamName;
use crate::spec::Scenario;
use crate::store::{Batch, EventStore};
use clap::Parser;
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Ask {
    Open,
    Solve,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Ticket {
    Opened,
    Solved,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Refused {
    NotOpen,
    AlreadyOpen,
}

fn desk() -> Model<impl Modelled + Decider<Command = Ask, Event = Ticket, Rejection = Refused, State = bool>>
{
    let desk = decider(
        || false,
        |ask: &Ask, open: &bool| match (ask, open) {
            (Ask::Open, false) => Ok(vec![Ticket::Opened]),
            (Ask::Solve, true) => Ok(vec![Ticket::Solved]),
            (Ask::Open, true) => Err(Refused::AlreadyOpen),
            (Ask::Solve, false) => Err(Refused::NotOpen),
        },
        |_, event: &Ticket| *event == Ticket::Opened,
    );
    let opened = Scenario::named("a ticket is opened").when(Ask::Open).then([Ticket::Opened]);
    Model::new("desk", desk).scenarios([opened]).label(|open| if *open { "open" } else { "closed" })
}

fn with_cause<D>(model: Model<D>) -> Model<D>
where
    D: Modelled<Command = Ask, Event = Ticket, Rejection = Refused>,
{
    model.caused_by(|lived| match lived.event {
        Ticket::Opened => Some(Ask::Open),
        Ticket::Solved => Some(Ask::Solve),
    })
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    data: Data,
}

fn data(place: &Path, more: &[&str]) -> Data {
    let line = ["desk", place.to_str().unwrap()].into_iter().chain(more.iter().copied());
    Line::try_parse_from(line).unwrap().data
}

/// A log with these streams.
fn log(streams: &[(&str, &[Ticket])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(folder.path(), Codec::new().unwrap()).unwrap();
    for (name, events) in streams {
        let stream = StreamName::new(name).unwrap();
        log.append(Batch::to(&stream).events(events.iter().cloned())).unwrap();
    }
    folder
}

#[test]
fn what_was_lived_and_is_allowed_ends_with_zero_and_what_is_forbidden_with_one() {
    use Ticket::{Opened, Solved};
    let model = with_cause(desk());
    let fine = log(&[("desk-1", &[Opened, Solved]), ("desk-2", &[Opened])]);
    let answer = conform(&model, &data(fine.path(), &[]), ConformFormat::Text);
    assert_eq!((answer.exit, answer.errors.as_str()), (0, ""));
    assert!(answer.text.starts_with(" conform  desk: 2 histories, 3 events\n"), "{}", answer.text);

    let wrong = log(&[("desk-1", &[Opened, Solved]), ("desk-2", &[Solved]), ("deskless-1", &[Solved])]);
    let answer = conform(&model, &data(wrong.path(), &[]), ConformFormat::Json);
    assert_eq!((answer.exit, answer.errors.as_str()), (1, ""));
    let report: crate::check::Conformance<Ask, Ticket, Refused> = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((report.refused(), report.groups[0].example.history.as_str()), (2, "desk-2"));
    assert!(report.groups[0].example.at.is_some());

    // Of some categories alone; a name that begins alike is another.
    let answer = conform(&model, &data(wrong.path(), &["--category", "deskless"]), ConformFormat::Text);
    assert!(answer.text.contains(" conform  desk: 1 history, 1 event\n"), "{}", answer.text);
    let answer = conform(&model, &data(wrong.path(), &["--category", "desk"]), ConformFormat::Text);
    assert!(answer.exit == 1 && answer.text.contains(" refused  1 history"), "{}", answer.text);
    let answer = conform(&model, &data(wrong.path(), &["--category", "tickets"]), ConformFormat::Text);
    assert_eq!((answer.exit, answer.text.as_str()), (1, ""));
    assert!(
        answer.errors.ends_with(": no stream of category \"tickets\" has an event\n"),
        "{}",
        answer.errors
    );
}

#[test]
fn the_gaps_are_a_page_json_or_scenarios() {
    let folder = log(&[("desk-1", &[Ticket::Opened, Ticket::Solved])]);
    let model = with_cause(desk());
    let asked = |format| gaps(&model, &data(folder.path(), &[]), format);
    let page = asked(GapsFormat::Text);
    assert_eq!(page.exit, 0);
    assert!(
        page.text.contains("\n     1  open: Solve: Solved\n        shortest: desk-1, event 2, "),
        "{}",
        page.text
    );
    let found: crate::check::Gaps<Ask, Ticket, Refused> =
        serde_json::from_str(&asked(GapsFormat::Json).text).unwrap();
    assert_eq!((found.lived, found.unspecified.len()), (2, 1));
    let rust = asked(GapsFormat::Rust).text;
    assert!(
        rust.starts_with("Scenario::named(\"open: Solve: Solved\")\n    .given([\n        Ticket::Opened,"),
        "{rust}"
    );
    let gherkin = asked(GapsFormat::Gherkin).text;
    let scenario = "Feature: desk, as it is lived\n
  Scenario: open: Solve: Solved\n    Given opened\n    When solve\n    Then solved\n";
    assert_eq!(gherkin, scenario);
}

#[test]
fn a_model_that_declares_nothing_says_what_to_declare() {
    let folder = log(&[("desk-1", &[Ticket::Opened])]);
    for answer in [
        conform(&desk(), &data(folder.path(), &[]), ConformFormat::Text),
        gaps(&desk(), &data(folder.path(), &[]), GapsFormat::Text),
    ] {
        assert_eq!((answer.exit, answer.text.as_str()), (1, ""));
        assert!(answer.errors.contains("`.caused_by(|lived| …)`"), "{}", answer.errors);
    }
}

#[test]
fn a_log_without_a_history_proves_nothing() {
    let folder = log(&[]);
    let answer = conform(&with_cause(desk()), &data(folder.path(), &[]), ConformFormat::Text);
    assert_eq!(answer.exit, 1);
    assert!(answer.errors.contains("there is no history in it"), "{}", answer.errors);
}

#[test]
fn a_place_without_a_log_is_said() {
    let model = with_cause(desk());
    let empty = tempfile::tempdir().unwrap();
    let missing = empty.path().join("missing");
    for (place, why) in [(&missing, "it cannot be opened: "), (&empty.path().to_path_buf(), "")] {
        let answer = conform(&model, &data(place, &[]), ConformFormat::Text);
        assert_eq!((answer.exit, answer.text.as_str()), (1, ""));
        let place = place.display().to_string();
        assert!(answer.errors.contains(&place) && answer.errors.contains(why), "{}", answer.errors);
    }
}

#[cfg(feature = "xes")]
mod of_other_programs {
    use super::*;
    use crate::check::CaseLog;

    const TABLE: &str = "\
Ticket;What;When
1;opened;2026-11-02 09:00
2;closed;2026-11-02 09:30
1;note;2026-11-02 10:00
1;closed;2026-11-02 11:00
";

    fn with_table<D>(model: Model<D>) -> Model<D>
    where
        D: Modelled<Command = Ask, Event = Ticket, Rejection = Refused>,
    {
        with_cause(model).case_log(CaseLog::new().case("Ticket"), |_, logged| {
            match logged.activity.as_str() {
                "opened" => Ok(Some(Ticket::Opened)),
                "closed" => Ok(Some(Ticket::Solved)),
                "note" => Ok(None),
                other => Err(format!("no ticket is {other:?}")),
            }
        })
    }

    const COLUMNS: [&str; 6] =
        ["--activity", "What", "--time", "When", "--zone", "CET-1CEST,M3.5.0,M10.5.0/3"];

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_table_is_read_as_the_model_says_and_as_the_command_line_adds() {
        let file = file(TABLE);
        let answer = conform(&with_table(desk()), &data(file.path(), &COLUMNS), ConformFormat::Json);
        let note = "passed over, as the model says: 1 event\n";
        assert_eq!((answer.exit, answer.errors.as_str()), (1, note));
        let report: crate::check::Conformance<Ask, Ticket, Refused> =
            serde_json::from_str(&answer.text).unwrap();
        assert_eq!((report.histories, report.accepted, report.events), (2, 1, 3));
        let example = &report.groups[0].example;
        let at = example.at.map(|at| at.to_string());
        assert_eq!((example.history.as_str(), at.as_deref()), ("2", Some("2026-11-02T08:30:00Z")));
        let found = gaps(&with_table(desk()), &data(file.path(), &COLUMNS), GapsFormat::Text);
        assert!(found.exit == 0 && found.text.contains("open: Solve: Solved"), "{}", found.text);
    }

    #[test]
    fn what_cannot_be_read_is_a_sentence() {
        let vanished = file(&format!("{TABLE}2;vanished;2026-11-03 10:00\n"));
        let answer = conform(&with_table(desk()), &data(vanished.path(), &COLUMNS), ConformFormat::Text);
        assert_eq!((answer.exit, answer.text.as_str()), (1, ""));
        assert!(
            answer.errors.contains(", line 6: case \"2\": no ticket is \"vanished\""),
            "{}",
            answer.errors
        );

        let table = file(TABLE);
        let answer = conform(&with_table(desk()), &data(table.path(), &[]), ConformFormat::Text);
        assert!(answer.exit == 1 && answer.errors.contains("concept:name"), "{}", answer.errors);
        let answer = gaps(&with_cause(desk()), &data(table.path(), &COLUMNS), GapsFormat::Text);
        assert!(answer.exit == 1 && answer.errors.contains("`.case_log("), "{}", answer.errors);
        assert!(Line::try_parse_from(["desk", "x", "--zone", "moon"]).is_err());
    }
}

#[test]
fn an_option_for_the_other_kind_of_history_is_refused() {
    let model = with_cause(desk());
    let log = log(&[("desk-1", &[Ticket::Opened])]);
    let file = log.path().join("desk.csv");
    std::fs::write(&file, "case,activity\n1,Opened\n").unwrap();
    let says = |place: &Path, more: &[&str], why: &str| {
        let answer = conform(&model, &data(place, more), ConformFormat::Text);
        assert_eq!((answer.exit, answer.text.as_str()), (1, ""), "{}", answer.errors);
        assert!(answer.errors.contains(why), "{}", answer.errors);
    };
    says(&file, &["--category", "desk"], "only a log in a folder has categories: leave `--category` out");
    #[cfg(feature = "xes")]
    for option in [&["--case", "Case ID"][..], &["--zone", "UTC"], &["--together"]] {
        says(log.path(), option, "only files of other programs have columns");
    }
}
