//! Whatever text comes from outside, what people read stays in its place: no line is added, nothing is hidden, no column is
//! wider than its cap, and two sides that look the same say that they differ.

use leftfold::check::{Law, Unfit, conform, explore, laws, walks};
use leftfold::codec::{CodecError, RawCodec, RawEvent};
use leftfold::log::FileLogOptions;
use leftfold::message::phrase;
use leftfold::pattern::Pattern;
use leftfold::recorded::{Envelope, LONGEST_NAME, Position, StreamName, Tag, Version};
use leftfold::runtime::{Cause, Checkpoint, CheckpointPlace, Projection, ReadModel, Runner, RunnerError};
use leftfold::store::{
    AppendError, Batch, EventReader, EventStore, ExpectedVersion, Filter, Listing, Memory, NewEvent, Query,
    QueryItem, ReadError, Reading,
};
use leftfold::timeline::{Diff, TimelineError};
use leftfold::{Decider, Fold, Model, ProcessRejection, Scenario, Specification};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::process::Command as Program;
use unicode_width::UnicodeWidthStr;

/// Any text, and texts made of what does harm.
fn outside() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("\u{1b}[2J\u{1b}]0;title\u{7}".to_string()),
        Just("\n# \r\n".to_string()),
        Just("\u{202e}\u{2066}\u{200f}\u{61c}".to_string()),
        Just("\u{9b}31m\u{85}\u{2028}\u{2029}\u{feff}\u{200b}".to_string()),
        Just("\"\"\" | # \\ ` < & ; : [ ] end %% 'Given ".to_string()),
        Just("👩\u{200d}🚀漢字e\u{301}".to_string()),
        Just("x".repeat(300)),
        any::<char>().prop_map(String::from),
        any::<String>(),
    ];
    proptest::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Marks that are not seen, and move what is: none of them may reach the page.
fn is_seen(char: char) -> bool {
    !(char.is_control()
        || matches!(char, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'))
}

#[track_caller]
fn stays_in_its_place(page: &str) {
    let hidden: Vec<char> = page.chars().filter(|char| *char != '\n' && !is_seen(*char)).collect();
    assert!(hidden.is_empty(), "{hidden:?} in {page:?}");
}

#[track_caller]
fn fits(page: &str) {
    stays_in_its_place(page);
    for line in page.lines() {
        assert!(line.width() <= 80, "{} columns: {line:?}", line.width());
    }
}

/// A text that prints as it is, also where programs print: what an error of another crate may do.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Raw(String);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Say(Raw),
    Shout(Raw),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Said(Raw),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    TooLoud(Raw),
}

struct Talk;

impl Fold for Talk {
    type State = Option<Raw>;
    type Event = Event;

    fn initial_state(&self) -> Option<Raw> {
        None
    }

    fn evolve(&self, _: Option<Raw>, Event::Said(text): &Event) -> Option<Raw> {
        Some(text.clone())
    }
}

impl Decider for Talk {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, _: &Option<Raw>) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Say(text) => Ok(vec![Event::Said(text.clone())]),
            Command::Shout(text) => Err(Rejection::TooLoud(text.clone())),
        }
    }
}

fn scenarios(text: &str) -> [Scenario<Talk>; 3] {
    let raw = || Raw(text.to_string());
    [
        Scenario::named(text).when(Command::Say(raw())).then([Event::Said(raw())]),
        Scenario::named(format!("{text}, refused"))
            .given([Event::Said(raw())])
            .when(Command::Shout(raw()))
            .then_rejected(Rejection::TooLoud(raw())),
        Scenario::open_question(text),
    ]
}

/// What is left where a page is broken differently: how many lines a document has says only how many steps.
fn lines_of(page: &str) -> usize {
    page.split('\n').count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_has_a_line_for_each_step_whatever_the_steps_say(text in outside()) {
        let document = |text: &str| Specification::new().scenarios(scenarios(text)).document(text);
        let (plain, any) = (document("plain"), document(&text));
        for (plain, any) in
            [(plain.to_markdown(), any.to_markdown()), (plain.to_gherkin(), any.to_gherkin())]
        {
            stays_in_its_place(&any);
            prop_assert_eq!(lines_of(&any), lines_of(&plain), "{}", any);
        }
        let gherkin = any.to_gherkin();
        for line in gherkin.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words = ["Feature:", "Scenario:", "Given", "And", "When", "Then", "@open-question"];
            prop_assert!(words.iter().any(|word| line.starts_with(word)), "{line:?}");
        }
    }

    #[test]
    fn a_diagram_has_a_line_for_each_state_and_step(text in outside()) {
        let drawn = |text: &str| {
            let says = Command::Say(Raw(text.to_string()));
            let label = |state: &Option<Raw>| state.as_ref().map_or("silent".into(), |Raw(text)| text.clone());
            let specification = Specification::new().scenarios([scenarios(text)[0].clone()]);
            explore(&Talk, move |_: &Option<Raw>| [says.clone()]).graph(label, &specification).0
        };
        // Whose text is that of the first state has one state, as with any other text.
        prop_assume!(text != "silent");
        let (plain, any) = (drawn("plain"), drawn(&text));
        for (plain, any) in
            [(plain.to_mermaid(true), any.to_mermaid(true)), (plain.to_dot(true), any.to_dot(true))]
        {
            stays_in_its_place(&any);
            prop_assert_eq!(lines_of(&any), lines_of(&plain), "{}", any);
        }
        for line in any.to_mermaid(true).lines().filter(|line| line.contains("state \"")) {
            prop_assert_eq!(line.matches('"').count(), 2, "{}", line);
        }
    }

    #[test]
    fn reports_and_failures_fit_on_the_page(text in outside()) {
        let raw = || Raw(text.clone());
        let fails = Scenario::named(&text)
            .given([Event::Said(raw())])
            .when(Command::Say(raw()))
            .then_rejected(Rejection::TooLoud(raw()));
        let failure = fails.run(&Talk).unwrap_err();
        fits(&failure.to_string());
        let other = Scenario::named(&text).when(Command::Say(raw())).then([Event::Said(Raw("other".into()))]);
        fits(&other.run(&Talk).unwrap_err().to_string());
        let report = Model::new(text.clone(), Talk).scenarios([fails, other]).scenarios(scenarios(&text)).check();
        fits(&report.to_string());

        let histories = [(text.clone(), vec![Event::Said(raw())])];
        let replayed = conform(&Talk, histories, |_: &Event| Some(Command::Shout(raw()))).named(text.clone());
        fits(&replayed.to_string());
        stays_in_its_place(&replayed.headline());
    }

    #[test]
    fn what_checks_find_is_printed_in_its_place(text in outside()) {
        let says = Command::Say(Raw(text.clone()));
        let never = leftfold::check::Property::always(text.clone(), |state: &Option<Raw>| state.is_none());
        let found = explore(&Talk, |_: &Option<Raw>| [says.clone()]).property(never).run();
        fits(&found.to_string());
        let never = leftfold::check::Property::always(text.clone(), |state: &Option<Raw>| state.is_none());
        let walked = walks(&Talk).alphabet(|_: &Option<Raw>| [says.clone()]).property(never).walks(4).run();
        fits(&walked.to_string());
    }

    #[test]
    fn a_status_and_the_errors_of_a_store_are_one_line(text in outside()) {
        let stream: StreamName = serde_json::from_value("odd-1".into()).unwrap();
        let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
        store.append(Batch::to(&stream).event(Event::Said(Raw(text.clone())))).unwrap();
        for (name, cannot) in [("applies", Cannot::Apply), ("commits", Cannot::Commit)] {
            let projection = Projection::new(name, Query::all(), Refusing { cannot, why: text.clone() });
            let mut runner = Runner::open(projection, &store, folder.path()).unwrap();
            let refused = runner.run_once().unwrap_err();
            stays_in_its_place(&refused.to_string());
            let status = runner.status();
            assert!(status.poison.is_some() != status.trouble.is_some());
            stays_in_its_place(&status.to_string());
        }
        let source: Box<dyn std::error::Error + Send + Sync> = text.clone().into();
        let unmapped = ReadError::Unmapped { position: Position::new(1), stream, source };
        let damaged = ReadError::Damaged { file: text.clone(), offset: 7, why: text.clone() };
        let type_name = || text.clone();
        let elsewhere = ReadError::Unreadable {
            position: Position::new(1),
            stream: StreamName::new("odd-1").unwrap(),
            source: CodecError::Content { event_type: type_name(), schema: 1, data: type_name(), why: type_name() },
        };
        for error in [unmapped, damaged, elsewhere] {
            stays_in_its_place(&error.to_string());
            prop_assert_eq!(error.to_string().lines().count(), 1);
        }
        let query = match Query::category(text.clone()) {
            Ok(query) => query,
            Err(refused) => {
                stays_in_its_place(&refused.to_string());
                Query::any_of([QueryItem { categories: vec![text.clone()], ..QueryItem::default() }])
            }
        };
        stays_in_its_place(&query.to_string());
    }

    #[test]
    fn errors_and_words_of_patterns_are_one_line(text in outside()) {
        let near = vec![text.clone()];
        let no_path = TimelineError::NoSuchPath { path: text.clone(), head: Version::new(1), near };
        let store = Memory::new();
        let headers = [(text.clone(), "a text".into())].into();
        store.append(Batch::to(&StreamName::new("odd-1").unwrap()).event(Event::Said(Raw("said".into()))).describe(headers)).unwrap();
        let unlike = store.streams(&Listing::all().filter(Filter::header(text.clone()).equals(1))).unwrap_err();
        let lost = RunnerError::LockLost { name: text.clone(), lock: text.clone() };
        let unsettled: ProcessRejection<String, Raw> = ProcessRejection::Unsettled { bound: 3, last: Raw(text.clone()) };
        let unfit = Unfit::PropertyNotSymmetric { property: text.clone() };
        let written = Unfit::NotWritten { why: text.clone() };
        let pattern: Pattern<Event> = Pattern::named(text.clone())
            .start(text.clone(), |_: &Event| true)
            .followed_by(text.clone() + "again", |_: &Event| true);
        for said in [
            no_path.to_string(),
            unlike.to_string(),
            lost.to_string(),
            unsettled.to_string(),
            unfit.to_string(),
            written.to_string(),
            pattern.to_string(),
        ] {
            stays_in_its_place(&said);
            prop_assert_eq!(said.lines().count(), 1, "{}", said);
        }
    }

    #[test]
    fn a_phrase_and_a_difference_are_one_line(text in outside()) {
        stays_in_its_place(&phrase(&Event::Said(Raw(text.clone()))).to_string());
        let map = |value: &str| std::collections::BTreeMap::from([(text.clone(), value.to_string())]);
        let changed = Diff::of(&map(""), &map(&text));
        stays_in_its_place(&changed.to_string());
        prop_assert!(changed.to_string().lines().count() <= 1);
    }

    #[test]
    fn both_stores_name_streams_in_their_place(text in outside()) {
        let name = match StreamName::new(&text) {
            Ok(name) => name,
            Err(refused) => {
                stays_in_its_place(&refused.to_string());
                prop_assert!(refused.to_string().width() < 200);
                return Ok(());
            }
        };
        let store = Memory::new();
        let batch = || Batch::to(&name).expecting(ExpectedVersion::NoStream).event(Event::Said(Raw(text.clone())));
        store.append(batch()).unwrap();
        stays_in_its_place(&store.append(batch()).unwrap_err().to_string());
    }
}

fn called(line: &[&str], folder: &Path) -> String {
    let output =
        Program::new(env!("CARGO_BIN_EXE_leftfold")).arg("log").args(line).arg(folder).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A name that a log takes: no control character, and not too long.
fn name() -> impl Strategy<Value = String> {
    outside().prop_map(|text| {
        let text: String = text.chars().filter(|char| !char.is_control()).collect();
        let short = (0..LONGEST_NAME - 15).rev().find_map(|end| text.get(..end));
        format!("stream{}-1", short.unwrap_or_default())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_log_tool_prints_a_row_for_each_entry(name in name(), header in outside(), said in outside()) {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLogOptions::new().open(folder.path(), RawCodec).unwrap();
        let stream = StreamName::new(&name).unwrap();
        let content = serde_json::to_string(&said).unwrap();
        let event_type = name.trim_start_matches('$');
        let event = NewEvent::of(RawEvent::new(event_type, &content).unwrap()).tag(Tag::new(&name).unwrap());
        let headers = [(header.clone(), said.as_str().into())].into();
        log.append(Batch::to(&stream).record(event).describe(headers)).unwrap();
        log.close().unwrap();
        for (line, rows) in [(&["show"][..], 2), (&["streams"], 2), (&["streams", "--categories"], 1)] {
            let page = called(line, folder.path());
            stays_in_its_place(&page);
            prop_assert_eq!(page.lines().count(), rows, "{}", page);
        }
        for line in [&["stat"][..], &["verify"]] {
            stays_in_its_place(&called(line, folder.path()));
        }
        let table = called(&["streams"], folder.path());
        let [head, row] = [0, 1].map(|at| table.lines().nth(at).unwrap());
        prop_assert!(head.find("version").unwrap() <= 82 && row.width() <= 3 * 82, "{table}");
    }
}

/// A read model that takes nothing, and says why.
struct Refusing {
    cannot: Cannot,
    why: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Cannot {
    Apply,
    Commit,
}

impl Refusing {
    fn refuses(&self, what: Cannot) -> Result<(), Cause> {
        if self.cannot == what { Err(self.why.clone().into()) } else { Ok(()) }
    }
}

impl ReadModel<Event> for Refusing {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        Ok(Checkpoint::default())
    }

    fn apply(&mut self, _: &Envelope, _: &Event) -> Result<(), Cause> {
        self.refuses(Cannot::Apply)
    }

    fn commit(&mut self, _: &Checkpoint) -> Result<(), Cause> {
        self.refuses(Cannot::Commit)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

#[test]
fn names_have_a_limit_that_the_refusal_states() {
    let long = "x".repeat(LONGEST_NAME + 1);
    let refused = StreamName::new(&long).unwrap_err().to_string();
    assert!(
        refused.contains("513 bytes") && refused.contains("at most 512") && refused.len() < 300,
        "{refused}"
    );
    assert!(StreamName::new(&long[1..]).is_ok() && Tag::new(&long).is_err());
    for category in ["order", &long[1..]] {
        assert!(StreamName::of(category, &long).is_err());
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Odd {
    #[serde(rename = "a\u{1b}[2Jb")]
    Control,
}

#[test]
fn both_stores_refuse_types_that_a_log_has_no_place_for() {
    let (folder, stream) = (tempfile::tempdir().unwrap(), StreamName::new("odd-1").unwrap());
    let refused = Memory::new().append(Batch::to(&stream).event(Odd::Control)).unwrap_err();
    assert!(matches!(refused, AppendError::Unwritable(_)), "{refused:?}");
    stays_in_its_place(&refused.to_string());
    let log = FileLogOptions::new().open(folder.path(), RawCodec).unwrap();
    for event_type in ["x".repeat(LONGEST_NAME + 1), "a\u{1b}b".to_string()] {
        let event = RawEvent::new(&*event_type, "{}").map_err(|error| error.to_string());
        let refused = match event {
            Ok(event) => log.append(Batch::to(&stream).event(event)).unwrap_err().to_string(),
            Err(refused) => refused,
        };
        stays_in_its_place(&refused);
        assert!(refused.width() < 700, "{refused}");
    }
}

#[test]
fn an_import_refuses_names_that_are_too_long_and_says_so_in_short() {
    let (folder, long) = (tempfile::tempdir().unwrap(), "x".repeat(70_000));
    let lines = [
        format!(r#"{{"stream":"{long}","type":"A","data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"{long}","data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","id":"{long}","data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","tags":["{long}"],"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"correlation_id":"{long}"}},"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"causation_id":"{long}"}},"data":1}}"#),
    ];
    let names = [
        format!(r#"{{"stream":"a-1","type":"A","{long}":1,"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"{long}":[]}},"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"{long}":null}},"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"{long}":{{"a":1}}}},"data":1}}"#),
        format!(r#"{{"stream":"a-1","type":"A","meta":{{"{long}":1,"{long}":2}},"data":1}}"#),
    ];
    let file = folder.path().join("lines.jsonl");
    std::fs::write(&file, [&lines[..], &names].concat().join("\n")).unwrap();
    let output = Program::new(env!("CARGO_BIN_EXE_leftfold"))
        .args(["log", "import"])
        .args([file, folder.path().join("log")])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    for number in 1..=lines.len() {
        let line = said.lines().find(|line| line.contains(&format!("line {number}:"))).unwrap();
        assert!(
            line.contains("70,000 bytes") && line.contains("at most 512") && line.width() < 1_000,
            "{line}"
        );
    }
    for number in lines.len() + 1..=lines.len() + names.len() {
        let line = said.lines().find(|line| line.contains(&format!("line {number}:"))).unwrap();
        assert!(line.width() < 1_000, "{} columns", line.width());
    }
}

#[test]
fn a_command_line_that_is_not_understood_is_repeated_as_it_prints() {
    let hidden = "a\u{1b}[2J\u{202e}\u{9b}31mb";
    for line in [
        &["show", "--where", hidden, "folder"][..],
        &["show", "--stream", hidden, "folder"],
        &["show", "folder", hidden],
        &[hidden],
    ] {
        let output = Program::new(env!("CARGO_BIN_EXE_leftfold")).arg("log").args(line).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        stays_in_its_place(&said);
        assert!(said.contains(r"a\u{1b}[2J\u{202e}\u{9b}31mb"), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn longer_names_of_an_earlier_log_are_read_and_nothing_is_wrong_with_them() {
    let long = "x".repeat(70_000);
    // As an earlier version has recorded it.
    let name: StreamName = serde_json::from_value(long.clone().into()).unwrap();
    let tag: Tag = serde_json::from_value(long.clone().into()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = FileLogOptions::new().open(folder.path(), RawCodec).unwrap();
    let event = NewEvent::of(RawEvent::new("Said", "{}").unwrap()).tag(tag.clone());
    log.append(Batch::to(&name).record(event)).unwrap();
    log.close().unwrap();
    let log = FileLogOptions::new().verifying().open(folder.path(), RawCodec).unwrap();
    assert_eq!(log.all(Query::tagged(tag)).unwrap()[0].stream, name);
    log.close().unwrap();
    assert!(called(&["verify"], folder.path()).contains("is whole"));
    for line in [&["show"][..], &["streams"]] {
        for row in called(line, folder.path()).lines() {
            assert!(row.width() < 71_000, "a row of {} columns", row.width());
        }
    }
    assert!(called(&["streams"], folder.path()).lines().all(|row| row.width() < 200));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Measure {
    Take(f64),
    Took(f64),
    Fine,
}

struct Scale;

impl Fold for Scale {
    type State = u8;
    type Event = Measure;

    fn initial_state(&self) -> u8 {
        0
    }

    fn evolve(&self, events: u8, _: &Measure) -> u8 {
        events.saturating_add(1).min(3)
    }
}

impl Decider for Scale {
    type Command = Measure;
    type Rejection = Measure;

    fn decide(&self, command: &Measure, _: &u8) -> Result<Vec<Measure>, Measure> {
        match command {
            Measure::Take(weight) => Ok(vec![Measure::Fine, Measure::Took(*weight)]),
            refused => Err(refused.clone()),
        }
    }
}

const ALIKE: &str = "they print alike, and are not equal";

#[test]
fn two_sides_of_a_failure_that_look_the_same_say_that_they_differ_and_where() {
    let nan = f64::NAN;
    let events =
        Scenario::named("weighed").when(Measure::Take(nan)).then([Measure::Fine, Measure::Took(nan)]);
    let page = events.run(&Scale).map_err(|failure| failure.to_string()).unwrap_err();
    assert!(
        page.contains(ALIKE) && page.contains("event 2 of 2") && page.contains("NaN is equal to nothing"),
        "{page}"
    );
    assert!(page.contains("(it is at item 2: Took.0)"), "{page}");

    let rejection = Scenario::named("refused").when(Measure::Took(nan)).then_rejected(Measure::Took(nan));
    let page = rejection.run(&Scale).map_err(|failure| failure.to_string()).unwrap_err();
    assert!(page.contains(ALIKE), "{page}");

    let recorded = [("one", vec![Measure::Fine, Measure::Took(nan)])];
    let replayed = conform(&Scale, recorded, |event| match event {
        Measure::Fine => Some(Measure::Take(nan)),
        _ => None,
    });
    assert!(replayed.to_string().contains(ALIKE), "{replayed}");
    let law = Law::decide_is_deterministic();
    let found = laws(walks(&Scale).alphabet(|_: &u8| [Measure::Take(nan)]).walks(2).seed(1)).law(law).run();
    assert!(found.to_string().contains("they print"), "{found}");
    // What differs to be seen says nothing of the kind.
    let plain = Scenario::named("weighed").when(Measure::Take(1.0)).then([Measure::Took(1.0)]);
    assert!(!plain.run(&Scale).map_err(|failure| failure.to_string()).unwrap_err().contains(ALIKE));
}

#[test]
fn a_difference_of_values_that_look_the_same_says_so() {
    // Serde tells an option of nothing from nothing, and both print alike.
    let diff = Diff::of(&Some(Some(None::<u8>)), &Some(None::<Option<u8>>));
    assert_eq!(diff.to_string(), format!(".  none ({ALIKE})\n"));
}
