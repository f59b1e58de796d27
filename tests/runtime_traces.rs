//! What a subscriber sees of handlers and runners, and how a trace goes on through process managers and projections.

#[path = "../examples/traces/collector.rs"]
mod collector;

use collector::{Collected, collected};
use leftfold::recorded::{CommandId, Envelope, EventId, Headers, Position, StreamName, Tag, Version};
use leftfold::runtime::{
    Cause, CommandHandler, DecisionModel, Emission, EventBus, Folded, Issued, OnPoison, Process,
    ProcessRunner, Projection, Retries, Runner, outbox,
};
use leftfold::store::{Batch, EventStore, Memory, NewEvent, Query, Reading};
use leftfold::{Decider, Fold, Owed, ProcessManager, view};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// It is in commands, events, rejections and states, and no field may have it.
const SECRET: &str = "hunter2";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Ask { what: String },
    Answer { what: String },
    Look,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Asked { what: String },
    Answered { what: String },
}

/// Both the questions and who answers them: the last question that is open.
#[derive(Clone, Copy)]
struct Desk;

impl Fold for Desk {
    type State = Option<String>;
    type Event = Event;

    fn initial_state(&self) -> Option<String> {
        None
    }

    fn evolve(&self, _: Option<String>, event: &Event) -> Option<String> {
        match event {
            Event::Asked { what } => Some(what.clone()),
            Event::Answered { .. } => None,
        }
    }
}

impl Decider for Desk {
    type Command = Command;
    type Rejection = String;

    fn decide(&self, command: &Command, open: &Option<String>) -> Result<Vec<Event>, String> {
        match (command, open) {
            (Command::Ask { what }, None) => Ok(vec![Event::Asked { what: what.clone() }]),
            (Command::Answer { what }, Some(_)) => Ok(vec![Event::Answered { what: what.clone() }]),
            (Command::Look, _) => Ok(vec![]),
            (_, open) => Err(format!("{SECRET}: {open:?}")),
        }
    }
}

impl ProcessManager for Desk {
    type Command = Command;

    fn pending(&self, open: &Option<String>) -> Vec<Owed<Command>> {
        open.iter().map(|what| Owed::now("answer", Command::Answer { what: what.clone() })).collect()
    }
}

type Store = Arc<Memory<Event>>;
type Handler = CommandHandler<Desk, Store>;

fn desk() -> StreamName {
    StreamName::new("desk").unwrap()
}

fn handler(store: &Store) -> Handler {
    CommandHandler::in_one_stream(Desk, store.clone(), desk())
}

/// A dispatch to this handler.
fn by(handler: &Handler) -> impl Fn(Issued<Command>) -> Result<(), Cause> + '_ {
    |issued| {
        handler.handle(issued)?;
        Ok(())
    }
}

fn ask() -> Command {
    Command::Ask { what: SECRET.into() }
}

fn answer() -> Command {
    Command::Answer { what: SECRET.into() }
}

/// Does what is owed, with this dispatch.
fn react(
    store: &Store,
    folder: &Path,
    dispatch: impl Fn(Issued<Command>) -> Result<(), Cause>,
) -> leftfold::runtime::Status {
    let process = Process::new("answering", Query::all(), Desk).retries(once());
    ProcessRunner::open(process, store.clone(), folder, dispatch).unwrap().run_once().unwrap()
}

/// What fails is parked at once.
fn once() -> Retries {
    Retries { attempts: 1, ..Retries::default() }
}

fn counting() -> Projection<Folded<impl Fold<Event = Event, State = u64>>, Event> {
    Projection::new("counting", Query::all(), Folded::of(view(|| 0u64, |count, _: &Event| count + 1)))
}

/// A span and those in it, by their names.
fn tree(spans: &[Collected]) -> Vec<String> {
    let path = |span: &Collected| {
        let mut names = vec![&*span.name];
        let mut parent = span.parent;
        while let Some(number) = parent {
            names.insert(0, &spans[number].name);
            parent = spans[number].parent;
        }
        names.join(" > ")
    };
    spans.iter().map(path).collect()
}

fn fields(spans: &[Collected], name: &str) -> Vec<Value> {
    let named = spans.iter().filter(|span| span.name == name);
    named.map(|span| Value::Object(span.fields.clone())).collect()
}

#[test]
fn a_command_has_a_span_with_its_parts_in_it() {
    let handler = handler(&Store::default());
    let (spans, handled) = collected(|| handler.handle(ask()));
    handled.unwrap();
    let parts = ["handle", "handle > load", "handle > decide", "handle > append", "handle > evolve"];
    assert_eq!(tree(&spans), parts);
    let handle = json!({ "stream": "desk", "command": "Command", "attempts": 1, "outcome": "recorded" });
    assert_eq!(fields(&spans, "handle"), [handle]);
    assert_eq!(fields(&spans, "append"), [json!({ "size": 1, "position": 1, "outcome": "appended" })]);
    assert_eq!(fields(&spans, "evolve"), [json!({ "events": 1 })]);

    // It is remembered, and before a refusal it is read whether there is something new.
    let (spans, refused) = collected(|| handler.handle(ask()));
    refused.unwrap_err();
    assert_eq!(tree(&spans), ["handle", "handle > decide", "handle > load"]);
    assert_eq!(fields(&spans, "handle")[0]["outcome"], "rejected");
}

#[test]
fn a_handler_that_is_named_names_the_variant() {
    let handler = handler(&Store::default()).named();
    let (spans, handled) = collected(|| handler.handle(ask()));
    handled.unwrap();
    assert_eq!(fields(&spans, "handle")[0]["command"], "Ask");
}

#[test]
fn a_conflict_is_seen_and_the_command_is_decided_again() {
    let store = Store::default();
    let handler = handler(&store);
    handler.handle(ask()).unwrap();
    // Somebody else writes, and the handler does not know it.
    store.append(Batch::to(&desk()).event(Event::Asked { what: SECRET.into() })).unwrap();
    let (spans, handled) = collected(|| handler.handle(answer()));
    handled.unwrap();
    let appends = [
        json!({ "size": 1, "outcome": "conflict" }),
        json!({ "size": 1, "position": 3, "outcome": "appended" }),
    ];
    assert_eq!(fields(&spans, "append"), appends);
    assert_eq!(fields(&spans, "handle")[0]["attempts"], 2);
    assert_eq!(handler.counts().conflicts, 1);
}

#[test]
fn a_decision_model_has_the_same_spans_and_counts() {
    let model =
        DecisionModel::new(Desk, Store::default(), |_: &Command| Ok(Query::all()), |_| Ok(desk())).named();
    let (spans, handled) = collected(|| model.handle(ask()));
    handled.unwrap();
    let parts = ["handle", "handle > load", "handle > decide", "handle > append", "handle > evolve"];
    assert_eq!(tree(&spans), parts);
    let handle = json!({ "stream": "desk", "command": "Ask", "attempts": 1, "outcome": "recorded" });
    assert_eq!(fields(&spans, "handle"), [handle]);
    model.handle(ask()).unwrap_err();
    let counts = model.counts();
    assert_eq!((counts.handled, counts.refused), (1, 1));
}

#[test]
fn runners_have_a_span_for_each_page_and_each_command() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let handler = handler(&store);
    handler.handle(Issued::of(ask()).header("traceparent", TRACEPARENT)).unwrap();

    let (spans, _) = collected(|| react(&store, folder.path(), by(&handler)));
    let page = |from: u64| json!({ "name": "answering", "from": from, "to": from + 1, "lag": 0, "traceparent": TRACEPARENT });
    assert_eq!(fields(&spans, "project"), [page(0), page(1)]);
    let dispatch =
        json!({ "process": "answering", "since": 1, "outcome": "accepted", "traceparent": TRACEPARENT });
    assert_eq!(fields(&spans, "dispatch"), [dispatch]);
    assert!(tree(&spans).contains(&"dispatch > handle > append".to_string()), "{:?}", tree(&spans));

    let mut runner = Runner::open(counting().commit_every(1), store, folder.path()).unwrap();
    let (spans, ran) = collected(|| runner.run_once());
    ran.unwrap();
    let page = |to: u64| json!({ "name": "counting", "from": to - 1, "to": to, "lag": 2 - to, "traceparent": TRACEPARENT });
    assert_eq!(fields(&spans, "project"), [page(1), page(2)]);
    let (spans, ran) = collected(|| runner.run_once());
    ran.unwrap();
    assert_eq!(tree(&spans), [""; 0], "nothing was to do");
}

#[test]
fn a_page_says_what_stopped_it_and_names_each_trace_once() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    for traceparent in ["a", "b", "a"] {
        let event = NewEvent::of(Event::Asked { what: SECRET.into() }).header("traceparent", traceparent);
        store.append(Batch::to(&desk()).record(event)).unwrap();
    }
    store.append(Batch::to(&desk()).event(Event::Answered { what: SECRET.into() })).unwrap();
    let picky = |count: u64, event: &Event| match event {
        Event::Asked { .. } => count + 1,
        Event::Answered { .. } => panic!("{SECRET}"),
    };
    let projection = Projection::new("picky", Query::all(), Folded::of(view(|| 0u64, picky)));
    let (spans, ran) = collected(|| {
        Runner::open(projection.on_poison(OnPoison::Stop), store, folder.path()).unwrap().run_once()
    });
    ran.unwrap_err();
    let pages = fields(&spans, "project");
    assert_eq!(pages[0], json!({ "name": "picky", "from": 0, "poison": 4, "traceparent": "a b" }));
    assert_contents_are_in_none_of(&spans);
}

#[test]
fn publishing_has_a_span_on_the_bus_and_in_the_outbox() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let handled = handler(&store).handle(Issued::of(ask()).header("traceparent", TRACEPARENT)).unwrap();
    let bus = || EventBus::new().listen("deaf", |_: &Envelope, _: &Event| Err(SECRET.into()));
    let failed =
        |outcome| json!({ "event": "Asked", "position": 1, "outcome": outcome, "traceparent": TRACEPARENT });
    let (spans, _) = collected(|| bus().publish_from(&store, handled.positions.unwrap()).unwrap());
    assert_eq!(fields(&spans, "publish"), [failed("failed")]);
    assert_contents_are_in_none_of(&spans);

    let mut runner =
        Runner::open(outbox("mailing", Query::all(), EventBus::new()), store, folder.path()).unwrap();
    let (spans, ran) = collected(|| runner.run_once());
    ran.unwrap();
    assert_eq!(fields(&spans, "publish"), [failed("published")]);
    assert_eq!(tree(&spans), ["project", "project > publish"]);
}

/// What somebody has written into a command, an event, a rejection or a state is in no span.
fn assert_contents_are_in_none_of(spans: &[Collected]) {
    let all = serde_json::to_string(spans).unwrap();
    assert!(!spans.is_empty() && !all.contains(SECRET), "{all}");
}

#[test]
fn contents_are_in_no_field() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let (spans, ()) = collected(|| {
        let handler = handler(&store).named().tags(|_| Ok(vec![Tag::new(SECRET)?])).enrich(|_, metadata| {
            metadata.headers.insert("user".into(), SECRET.into());
        });
        handler.handle(ask()).unwrap();
        handler.handle(ask()).unwrap_err();
        react(&store, folder.path(), |_| Err(SECRET.into()));
        let folder = tempfile::tempdir().unwrap();
        react(&store, folder.path(), by(&handler));
        Runner::open(counting(), store.clone(), folder.path()).unwrap().run_once().unwrap();
    });
    let names = ["handle", "load", "decide", "append", "evolve", "dispatch", "project"];
    assert!(names.iter().all(|name| spans.iter().any(|span| span.name == *name)), "{:?}", tree(&spans));
    assert_contents_are_in_none_of(&spans);
}

/// The headers of the first event and of the second, which a process manager has caused.
fn headers_through_a_process_manager(first: Issued<Command>) -> (Headers, Headers) {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let handler = handler(&store);
    handler.handle(first).unwrap();
    // The runner stops in between: what it passes on is in its committed state.
    react(&store, folder.path(), |_| Err("not now".into()));
    let process = Process::new("answering", Query::all(), Desk);
    let mut runner = ProcessRunner::open(process, store.clone(), folder.path(), by(&handler)).unwrap();
    let owed = runner.owed();
    assert_eq!((owed.len(), owed[0].failed), (1, 1));
    assert!(runner.release("", "answer").unwrap());
    runner.run_once().unwrap();
    let events = store.all(Query::all()).unwrap();
    let headers = |at: usize| events[at].metadata.headers.clone();
    assert_eq!(events.len(), 2);
    (headers(0), headers(1))
}

#[test]
fn the_trace_goes_on_through_a_process_manager_and_no_other_header_does() {
    let first = Issued::of(ask())
        .header("traceparent", TRACEPARENT)
        .header("tracestate", "congo=t61rcWkgMzE")
        .header("user", "petra");
    let (asked, answered) = headers_through_a_process_manager(first);
    assert_eq!(asked.len(), 3);
    let trace = |(name, value): (&str, &str)| (name.to_string(), value.into());
    let passed_on = [("traceparent", TRACEPARENT), ("tracestate", "congo=t61rcWkgMzE")].map(trace);
    assert_eq!(answered, Headers::from(passed_on));
}

/// An event that was emitted without them is the same event when it is emitted again.
#[test]
fn the_trace_goes_on_into_emitted_events_and_no_other_header_does() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let asked = || NewEvent::of(Event::Asked { what: "the way".into() });
    let traced = |traceparent: &str| asked().header("traceparent", traceparent).header("user", "petra");
    for event in [asked(), traced(TRACEPARENT).header("tracestate", "a=b"), traced("another")] {
        store.append(Batch::to(&desk()).record(event)).unwrap();
    }
    let (own, answered) = (StreamName::new("echo").unwrap(), || Event::Answered { what: "left".into() });
    let untraced = NewEvent::of(answered()).id(EventId::new("echo/3/1").unwrap());
    store.append(Batch::to(&own).record(untraced)).unwrap();

    let count = Folded::of(view(|| 0u64, |count, _: &Event| count + 1));
    let projection = Projection::new("echo", Query::stream(&desk()), count);
    let emitting = projection.emitting(store.clone(), move |_, _, _| vec![Emission::own(answered())]);
    Runner::open(emitting, store.clone(), folder.path()).unwrap().run_once().unwrap();

    let emitted = store.all(Query::stream(&own)).unwrap();
    let headers =
        |id: &str| emitted.iter().find(|event| event.id.as_str() == id).unwrap().metadata.headers.clone();
    let with = |pairs: &[(&str, &str)]| -> Headers {
        pairs.iter().map(|(name, value)| (name.to_string(), (*value).into())).collect()
    };
    assert_eq!(emitted.len(), 3);
    assert_eq!(headers("echo/1/1"), with(&[("projection", "echo")]));
    let passed_on = [("projection", "echo"), ("traceparent", TRACEPARENT), ("tracestate", "a=b")];
    assert_eq!(headers("echo/2/1"), with(&passed_on));
    assert_eq!(headers("echo/3/1"), with(&[]));
}

#[test]
fn no_trace_is_made_up_and_a_malformed_one_is_passed_on_unread() {
    let (asked, answered) = headers_through_a_process_manager(Issued::of(ask()));
    assert_eq!((asked, answered), (Headers::new(), Headers::new()));
    let malformed = || Issued::of(ask()).header("traceparent", "00-éß\u{0}-").header("tracestate", 7);
    let (asked, answered) = headers_through_a_process_manager(malformed());
    assert_eq!((asked.len(), &asked), (2, &answered));
}

#[test]
fn counters_count_what_became_of_each_command() {
    let store = Store::default();
    let handler = handler(&store).attempts(1);
    let asking = || Issued::of(ask()).id(CommandId::new("c-1").unwrap());
    handler.handle(asking()).unwrap();
    handler.handle(asking()).unwrap();
    handler.handle(Command::Look).unwrap();
    handler.handle(ask()).unwrap_err();
    handler.handle(ask()).unwrap_err();
    store.append(Batch::to(&desk()).event(Event::Asked { what: SECRET.into() })).unwrap();
    handler.handle(answer()).unwrap_err();
    handler.handle(Issued::of(answer()).expecting(Version::new(9))).unwrap_err();
    let counts = serde_json::to_value(handler.counts()).unwrap();
    assert_eq!(counts, json!({ "handled": 2, "repeated": 1, "refused": 2, "failed": 2, "conflicts": 1 }));
}

#[test]
fn a_command_that_names_no_stream_has_failed() {
    let handler = CommandHandler::per_identity(Desk, Store::default(), |_: &Command| StreamName::new(""));
    handler.handle(ask()).unwrap_err();
    assert_eq!(handler.counts().failed, 1);
}

#[test]
fn a_process_runner_counts_every_refusal() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    handler(&store).handle(ask()).unwrap();
    let process = Process::new("answering", Query::all(), Desk).retries(once());
    let mut runner =
        ProcessRunner::open(process, store.clone(), folder.path(), |_| Err("no".into())).unwrap();
    runner.run_once().unwrap();
    assert!(runner.release("", "answer").unwrap());
    let owed = runner.run_once().unwrap().owed.unwrap();
    assert_eq!((owed.parked, owed.refused), (1, 2));
    assert_eq!(runner.controls().status().owed, Some(owed));
    assert_eq!(runner.status().position, Position::new(1));
}
