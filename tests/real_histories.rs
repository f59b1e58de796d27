//! Real histories against a model: streams of a log, steps that a log does not show, and what scenarios and life leave out of
//! each other.

use leftfold::check::conform::{DECIDED_OTHERWISE, PANICKED, Refusal};
use leftfold::check::{Conform, GapSearch, Gaps, LivedEvent, conform, conform_log, gaps};
use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::model::{ReportVerdict, Section};
use leftfold::recorded::{StreamName, Timestamp, Version};
use leftfold::runtime::CommandHandler;
use leftfold::store::{Batch, EventReader, EventStore, Listing, Mapped, Memory, Query, Reading};
use leftfold::{Decider, Fold, Keyed, Model, Scenario, Specification, keyed};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Open,
    Unlock,
    Fetch,
    Lock,
    Paint(i64),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Fetched,
    Unlocked,
    Opened,
    Locked,
    Painted(i64),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    IsLocked,
    NoKey,
    AlreadySo,
}
use Event::{Fetched, Locked, Opened, Painted, Unlocked};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    NoKey,
    Shut,
    Unlocked,
    Open,
}

/// A gate that is opened once it is unlocked, for which a key has to be fetched.
#[derive(Clone, Copy)]
struct Gate;

impl Fold for Gate {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::NoKey
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match event {
            Fetched => State::Shut,
            Unlocked => State::Unlocked,
            Opened => State::Open,
            Locked => State::Shut,
            Painted(99) => panic!("no such colour"),
            Painted(_) => state,
        }
    }
}

impl Decider for Gate {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (command, state) {
            (Command::Fetch, State::NoKey) => Ok(vec![Fetched]),
            (Command::Fetch, _) => Err(Rejection::AlreadySo),
            (Command::Unlock, State::Shut) => Ok(vec![Unlocked]),
            (Command::Unlock, State::NoKey) => Err(Rejection::NoKey),
            (Command::Unlock, _) => Err(Rejection::AlreadySo),
            (Command::Open, State::Unlocked) => Ok(vec![Opened]),
            (Command::Open, State::Open) => Err(Rejection::AlreadySo),
            (Command::Open, _) => Err(Rejection::IsLocked),
            (Command::Lock, State::Open | State::Unlocked) => Ok(vec![Locked]),
            (Command::Lock, _) => Err(Rejection::AlreadySo),
            (Command::Paint(13), _) => panic!("nobody has this colour"),
            (Command::Paint(colour), _) => Ok(vec![Painted(*colour)]),
        }
    }
}

fn command_for(event: &Event) -> Option<Command> {
    Some(match event {
        Fetched => Command::Fetch,
        Unlocked => Command::Unlock,
        Opened => Command::Open,
        Locked => Command::Lock,
        Painted(colour) => Command::Paint(*colour),
    })
}

fn stream(id: impl std::fmt::Display) -> StreamName {
    StreamName::of("gate", id).unwrap()
}

fn store_of(streams: &[(u32, &[Event])]) -> Memory<Event> {
    let store = Memory::new();
    for (id, events) in streams {
        store.append(Batch::to(&stream(id)).events(events.iter().cloned())).unwrap();
    }
    store
}

fn lived(lived: &LivedEvent<'_, Event>) -> Option<Command> {
    command_for(lived.event)
}

// -------------------------------------------------------------------------------------------- the streams of a log

#[test]
fn each_stream_is_one_history_with_its_name_and_the_time_of_what_is_refused() {
    let store = store_of(&[(1, &[Fetched, Unlocked, Opened]), (2, &[Fetched, Opened])]);
    let found = conform_log(&Gate, &store, &Listing::all(), lived).unwrap();
    assert_eq!((found.histories, found.accepted, found.events, found.decided), (2, 1, 5, 5));
    assert!(!found.holds());
    let example = &found.groups[0].example;
    let recorded = store.all(Query::stream(&stream(2))).unwrap();
    assert_eq!((example.history.as_str(), example.at), ("gate-2", Some(recorded[1].recorded_at)));
    let when = format!("shortest: gate-2, refused at event 2, {}", recorded[1].recorded_at);
    assert!(found.to_string().contains(&when), "{found}");
}

#[test]
fn the_streams_of_a_keyed_handler_are_those_of_the_model_of_one_key() {
    let store = Memory::new();
    let gates = CommandHandler::keyed("gate", Gate, &store).unwrap();
    for key in [1, 2] {
        for command in [Command::Fetch, Command::Unlock, Command::Open] {
            gates.handle(keyed(key, command)).unwrap();
        }
    }
    let found = conform_log(&Gate, &store, &Listing::all(), lived).unwrap();
    assert_eq!((found.histories, found.accepted, found.decided), (2, 2, 6));
    // The model of all keys reads them with their keys.
    let all = Gate.many::<u32>();
    let cause = |lived: &LivedEvent<'_, Keyed<u32, Event>>| {
        Some(keyed(lived.event.key, command_for(&lived.event.message)?))
    };
    let found = conform_log(&all, &Mapped::keyed(&store), &Listing::prefix("gate-"), cause).unwrap();
    assert_eq!((found.histories, found.accepted, found.decided), (2, 2, 6));
}

#[test]
fn several_keys_in_one_stream_are_one_history_or_one_each() {
    let all = Gate.many::<u32>();
    let store = Memory::new();
    let handler = CommandHandler::in_one_stream(all.clone(), &store, StreamName::new("gates").unwrap());
    for (key, command) in
        [(1, Command::Fetch), (2, Command::Fetch), (1, Command::Unlock), (2, Command::Unlock)]
    {
        handler.handle(keyed(key, command)).unwrap();
    }
    let gates = StreamName::new("gates").unwrap();
    store.append(Batch::to(&gates).events([keyed(2, Unlocked), keyed(1, Opened)])).unwrap();
    let cause = |lived: &LivedEvent<'_, Keyed<u32, Event>>| {
        Some(keyed(lived.event.key, command_for(&lived.event.message)?))
    };
    let found = conform_log(&all, &store, &Listing::all(), cause).unwrap();
    assert_eq!((found.histories, found.refused(), found.groups[0].example.given.len()), (1, 1, 4));

    let mut replay = Conform::caused_by(&all, cause).each_key(|event| event.key);
    replay.log(&store, &Listing::all()).unwrap();
    let found = replay.finish();
    assert_eq!((found.histories, found.accepted, found.decided), (2, 1, 6));
    // Only what happened to this key is in the example, with the time of its own event.
    let example = &found.groups[0].example;
    let times: Vec<_> = store.all(Query::all()).unwrap().iter().map(|event| event.recorded_at).collect();
    assert_eq!((example.history.as_str(), example.at), ("gates, 2", Some(times[4])));
    assert_eq!(example.given, [keyed(2, Fetched), keyed(2, Unlocked)]);
}

#[test]
fn a_stream_that_was_deleted_begins_again() {
    let store = store_of(&[(1, &[Fetched, Unlocked])]);
    store.append(Batch::to(&stream(1)).delete()).unwrap();
    store.append(Batch::to(&stream(1)).expecting(Version::new(3)).events([Fetched, Opened])).unwrap();
    let found = conform_log(&Gate, &store, &Listing::all(), lived).unwrap();
    assert_eq!((found.histories, found.accepted), (2, 1));
    assert_eq!(found.groups[0].example.history, "gate-1, from version 4");
    assert_eq!(found.groups[0].example.given, [Fetched]);
}

#[test]
fn a_listing_bounds_the_streams_and_a_long_one_is_read_in_parts() {
    let streams: Vec<(u32, &[Event])> = (0..2_003).map(|id| (id, &[Fetched] as &[Event])).collect();
    let store = store_of(&streams);
    let histories = |listing: Listing| {
        let found = conform_log(&Gate, &store, &listing, lived).unwrap();
        assert_eq!(found.histories, found.accepted);
        found.histories
    };
    assert_eq!(histories(Listing::all()), 2_003);
    assert_eq!(histories(Listing::all().skip(3)), 2_000);
    assert_eq!(histories(Listing::all().skip(2).limit(1_500)), 1_500);
    assert_eq!(histories(Listing::prefix("gate-200")), 4);
    assert_eq!(histories(Listing::all().limit(0)), 0);
}

#[test]
fn an_event_that_cannot_be_read_cuts_its_history_and_no_other() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Wider {
        Fetched,
        Opened,
        Rebuilt { in_stone: bool },
    }
    let folder = tempfile::tempdir().unwrap();
    let wider = FileLog::open(folder.path(), Codec::<Wider>::new().unwrap()).unwrap();
    let rebuilt = Wider::Rebuilt { in_stone: true };
    wider.append(Batch::to(&stream(1)).events([Wider::Fetched, rebuilt.clone(), Wider::Opened])).unwrap();
    wider.append(Batch::to(&stream(2)).events([Wider::Fetched])).unwrap();
    // What is refused before is refused.
    wider.append(Batch::to(&stream(3)).events([Wider::Opened, rebuilt])).unwrap();
    drop(wider);

    let log = FileLog::open(folder.path(), Codec::<Event>::new().unwrap()).unwrap();
    let found = conform_log(&Gate, &log, &Listing::all(), lived).unwrap();
    assert_eq!((found.histories, found.accepted, found.cut, found.refused()), (3, 1, 1, 1));
    assert!(!found.holds());
    let cut = &found.cut_histories[0];
    assert_eq!((cut.history.as_str(), cut.events), ("gate-1", 1));
    assert!(cut.why.starts_with("the event at position 2 cannot be read: type Rebuilt"), "{}", cut.why);
    let page = found.to_string();
    assert!(page.contains(" cut      1 history, replayed up to an event that cannot be"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}

#[test]
fn a_model_that_panics_refuses_the_event_or_cuts_the_history() {
    let log = [
        ("decided", vec![Fetched, Painted(13), Unlocked]),
        ("folded", vec![Fetched, Painted(99), Unlocked]),
        ("fine", vec![Fetched]),
    ];
    let found = conform(&Gate, log, command_for);
    assert_eq!((found.histories, found.accepted, found.refused(), found.cut), (3, 1, 1, 1));
    assert_eq!((found.groups[0].reason.as_str(), found.groups[0].command.as_str()), (PANICKED, "Paint"));
    assert!(
        matches!(&found.groups[0].example.refusal, Refusal::Panicked(why) if why.starts_with("nobody has"))
    );
    let cut = &found.cut_histories[0];
    assert_eq!((cut.history.as_str(), cut.events), ("folded", 1));
    assert!(cut.why.starts_with("the model panics over it: no such colour"), "{}", cut.why);
}

#[test]
fn a_command_may_carry_the_time_of_its_event() {
    let store = store_of(&[(1, &[Painted(1)])]);
    let at = store.all(Query::all()).unwrap()[0].recorded_at.as_second();
    let with_time =
        |lived: &LivedEvent<'_, Event>| Some(Command::Paint(lived.at.map_or(0, Timestamp::as_second)));
    let found = conform_log(&Gate, &store, &Listing::all(), with_time).unwrap();
    assert_eq!(found.groups[0].reason, DECIDED_OTHERWISE);
    assert_eq!(found.groups[0].example.when, Command::Paint(at));
}

// ------------------------------------------------------------------------------------- what a log does not show

/// A log of openings alone: nobody notes what is done with keys.
fn hidden(state: &State) -> Vec<Command> {
    match state {
        State::Open => vec![Command::Lock],
        _ => vec![Command::Paint(1), Command::Lock, Command::Unlock, Command::Fetch],
    }
}

#[test]
fn the_fewest_hidden_steps_that_make_an_event_acceptable_are_taken() {
    let log = [("a", vec![Opened, Opened]), ("b", vec![Fetched, Unlocked, Opened])];
    let mut replay = Conform::new(&Gate, command_for).hidden(2, hidden);
    for (id, events) in &log {
        assert_eq!(replay.history(id, events), 0);
    }
    let found = replay.finish();
    assert_eq!((found.accepted, found.decided, found.hidden_cut), (2, 5, 0));
    let hidden: Vec<_> =
        found.hidden.iter().map(|steps| (steps.command.as_str(), steps.times, steps.histories)).collect();
    // Fetched and unlocked before the first; locked and unlocked before the second.
    assert_eq!(hidden, [("Fetch", 1, 1), ("Lock", 1, 1), ("Unlock", 2, 1)]);
    let line = "hidden   4 steps that the log does not show: Fetch 1, Lock 1, Unlock 2";
    assert!(found.to_string().contains(line), "{found}");
}

#[test]
fn no_more_hidden_steps_are_taken_than_are_allowed() {
    let mut replay = Conform::new(&Gate, command_for).hidden(1, hidden);
    // Two would be needed before the first; after it was folded all the same, two before the second.
    assert_eq!(replay.history("a", &[Opened, Opened]), 2);
    let found = replay.finish();
    assert_eq!(found.groups[0].reason, "IsLocked");
    assert!(found.hidden.is_empty());
    // An endless choice of steps is not followed to its end, and the report says so.
    let colours = |_: &State| (1_000..3_000).map(Command::Paint);
    let mut replay = Conform::new(&Gate, command_for).hidden(1, colours);
    assert_eq!(replay.history("a", &[Opened]), 1);
    let found = replay.finish();
    assert_eq!(found.hidden_cut, 1);
    assert!(found.to_string().contains("not all hidden steps were tried before 1 refused event"), "{found}");
}

#[test]
fn an_example_after_hidden_steps_has_their_events_and_the_numbers_of_the_log() {
    let mut replay = Conform::new(&Gate, command_for).hidden(1, |_| [Command::Unlock]);
    assert_eq!(replay.history("a", &[Fetched, Opened, Fetched]), 1);
    let found = replay.finish();
    let example = &found.groups[0].example;
    assert_eq!((&example.given[..], &example.hidden[..]), (&[Fetched, Unlocked, Opened][..], &[1][..]));
    let page = found.to_string();
    assert!(page.contains("refused at event 3\n"), "{page}");
    assert!(page.contains("    ?  Unlocked\n                    2  Opened\n"), "{page}");
}

// ------------------------------------------------------------------------------------------------------- gaps

fn specification() -> Specification<Gate> {
    let fetched = Scenario::named("with a key").given([Fetched]);
    Specification::new().scenarios([
        Scenario::named("a key is fetched").when(Command::Fetch).then([Fetched]),
        fetched.fork("a gate is unlocked").when(Command::Unlock).then([Unlocked]),
        fetched.fork("a locked gate stays shut").when(Command::Open).then_rejected(Rejection::IsLocked),
        fetched.fork("and is painted").when(Command::Paint(1)).then([Painted(1)]),
        Scenario::open_question("Who paints it?"),
    ])
}

fn class(state: &State) -> String {
    format!("{state:?}")
}

fn lived_kinds() -> Gaps<Command, Event, Rejection> {
    let log = [
        ("long", vec![Fetched, Unlocked, Locked, Unlocked, Opened]),
        ("short", vec![Fetched, Unlocked, Opened]),
        ("wrong", vec![Fetched, Opened, Opened, Painted(2)]),
    ];
    gaps(&Gate, &specification(), log, class, command_for)
}

#[test]
fn what_is_lived_and_what_is_specified_are_held_against_each_other() {
    let found = lived_kinds();
    let unspecified: Vec<_> = found
        .unspecified
        .iter()
        .map(|kind| (kind.to_string(), kind.histories, kind.steps, kind.example.history.as_str()))
        .collect();
    assert_eq!(
        unspecified,
        [
            ("Unlocked: Open: Opened".to_string(), 2, 2, "short"),
            ("Open: Paint: Painted".to_string(), 1, 1, "wrong"),
            ("Unlocked: Lock: Locked".to_string(), 1, 1, "long"),
        ]
    );
    let never: Vec<_> =
        found.never_lived.iter().map(|kind| (kind.to_string(), &kind.scenarios[..])).collect();
    assert_eq!(never, [("Shut: Paint: Painted".to_string(), &["and is painted".to_string()][..])]);
    let forbidden: Vec<_> =
        found.forbidden.iter().map(|kind| (kind.to_string(), kind.example.earlier_refusals)).collect();
    assert_eq!(
        forbidden,
        [("Open: Open: refused, AlreadySo".to_string(), 1), ("Shut: Open: refused, IsLocked".to_string(), 0)]
    );
    assert_eq!((found.lived, found.specified, found.specified_without_events), (5, 3, 1));
    assert_eq!((found.conformance.histories, found.conformance.refused(), found.warning()), (3, 1, None));
}

#[test]
fn the_missing_scenarios_hold_and_fill_the_gap() {
    let found = lived_kinds();
    let missing = found.scenarios(&Gate);
    let filled = specification().scenarios(missing);
    filled.assert(&Gate);
    let log = [("short", vec![Fetched, Unlocked, Opened]), ("long", vec![Fetched, Unlocked, Locked])];
    assert!(gaps(&Gate, &filled, log, class, command_for).unspecified.is_empty());
    assert!(
        found.code(&Gate).starts_with("Scenario::named(\"Unlocked: Open: Opened\")\n"),
        "{}",
        found.code(&Gate)
    );
}

#[test]
fn the_page_of_gaps_is_narrow_and_the_value_survives_a_journey_as_json() {
    let found = lived_kinds().named("gate");
    let page = found.to_string();
    let beginning = " gaps      gate: 3 histories, 12 events, 4 classes of states
 lived     5 kinds of steps, 3 of them in no scenario
 specified 3 kinds of steps, 1 of them never lived; 1 kind of steps that leave
           no event, so that no log shows them
 forbidden 2 kinds of steps that were lived all the same

 lived, but not specified

     2  Unlocked: Open: Opened
        shortest: short, event 3
          given     1  Fetched
                    2  Unlocked
          when    Open
          then      3  Opened
";
    assert!(page.starts_with(beginning), "{page}");
    assert!(page.contains(
        "\n specified, but never lived\n\n        Shut: Paint: Painted\n          and is painted\n"
    ));
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Gaps<Command, Event, Rejection>>(&json).unwrap(), found);
}

#[test]
fn one_class_for_all_states_is_warned_of() {
    let found = gaps(&Gate, &specification(), [("a", vec![Fetched])], |_| "any".to_string(), command_for);
    assert!(found.warning().unwrap().contains("\"any\""));
    assert!(found.to_string().contains(" warning   all states are of one class, \"any\""), "{found}");
}

#[test]
fn the_gaps_of_streams_have_their_times_and_count_keys_apart() {
    let all = Gate.many::<u32>();
    let store = Memory::new();
    let gates = StreamName::new("gates").unwrap();
    let events = [keyed(1_u32, Fetched), keyed(2, Fetched), keyed(1, Unlocked), keyed(2, Unlocked)];
    store.append(Batch::to(&gates).events(events)).unwrap();
    let cause = |lived: &LivedEvent<'_, Keyed<u32, Event>>| {
        Some(keyed(lived.event.key, command_for(&lived.event.message)?))
    };
    let replay = Conform::caused_by(&all, cause).each_key(|event| event.key);
    let state =
        |states: &leftfold::im::OrdMap<u32, State>| states.values().next().map_or("none".into(), class);
    let mut search = GapSearch::new(replay, &Specification::new(), state);
    search.log(&store as &dyn EventReader<_>, &Listing::all()).unwrap();
    let found = search.finish();
    let kinds: Vec<_> = found.unspecified.iter().map(|kind| (kind.to_string(), kind.histories)).collect();
    assert_eq!(kinds, [("Shut: Unlock: Unlocked".to_string(), 2), ("none: Fetch: Fetched".to_string(), 2)]);
    assert!(found.unspecified.iter().all(|kind| kind.example.at.is_some()));
}

#[test]
fn a_check_replays_the_logs_that_a_model_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let model = || {
        let model = Model::new("gate", Gate).scenarios(specification().of_decider().to_vec()).label(class);
        model.caused_by(|lived| command_for(lived.event)).replayed(folder.path())
    };
    let section = |model: Model<Gate>| {
        let report = model.check();
        report.sections.into_iter().find(|section| section.title == "real histories").unwrap()
    };
    let fails = |section: &Section, why: &str| {
        let finding = &section.findings[0];
        assert_eq!(finding.verdict, ReportVerdict::Fails, "{finding:?}");
        assert!(finding.story.as_ref().unwrap().contains(why), "{finding:?}");
    };
    fails(&section(model()), "there is no");
    let log = FileLog::open(folder.path(), Codec::<Event>::new().unwrap()).unwrap();
    fails(&section(model()), "there is no history in it");
    log.append(Batch::to(&stream(1)).events([Fetched, Unlocked, Opened, Painted(3)])).unwrap();
    let found = section(model());
    assert_eq!(found.findings[0].verdict, ReportVerdict::Holds, "{found:?}");
    let open = found.findings[1..].iter().map(|finding| (finding.verdict, finding.name.as_str()));
    assert!(open.clone().all(|(verdict, _)| verdict == ReportVerdict::Open));
    assert!(open.clone().any(|(_, name)| name.starts_with("lived, and in no scenario: ")), "{found:?}");
    log.append(Batch::to(&stream(2)).events([Opened])).unwrap();
    fails(&section(model()), "gate-2");
    let without = Model::new("gate", Gate).replayed(folder.path());
    fails(&section(without), "does not say what causes its events");
}
