//! What a faulty network does is bounded as said: which messages a fault hits, how time passes, and what is left when
//! everything has arrived.

#[path = "../docs/faulty-delivery/clinic.rs"]
mod clinic;

use clinic::{ASKED, Clinic, Command, DAY, ENDS, Event, Letter, MONDAY, ONCE, Office, REMINDED, Stage};
use leftfold::check::{ExplorationVerdict, PropertyAnswer};
use leftfold::delivery::{Delivery, DeliveryCommand, DeliveryEvent, DeliveryRejection, NetworkMessage};
use leftfold::{Decider, Fold, Owed};
use proptest::prelude::*;

fn clinic() -> Delivery<Clinic, Office> {
    Delivery::of(Clinic { checks: true }, Office).starting_at(MONDAY)
}

fn requested() -> Event {
    Event::Requested { at: MONDAY, slot: MONDAY + 4 * DAY }
}

fn please_confirm() -> NetworkMessage<Event, Command> {
    NetworkMessage::Command { key: "please confirm".into(), command: Command::Mail(Letter::PleaseConfirm) }
}

fn is_mail(message: &NetworkMessage<Event, Command>) -> bool {
    matches!(message.command(), Some(Command::Mail(_)))
}

#[track_caller]
fn broken(clinic: &Delivery<Clinic, Office>, expected: &[&str]) {
    let found = clinic::explored(clinic);
    // A second letter ends a story, and the exploration is bounded by that.
    assert_eq!(found.verdict == ExplorationVerdict::Exhausted, !expected.contains(&ONCE), "{found}");
    let broken: Vec<&str> = [ONCE, ASKED, REMINDED, ENDS]
        .into_iter()
        .filter(|name| found.answer(name).and_then(PropertyAnswer::story).is_some())
        .collect();
    assert_eq!(broken, expected, "{found}");
}

#[test]
fn each_fault_breaks_what_the_chapter_says() {
    broken(&clinic(), &[]);
    broken(&clinic().duplicating(1), &[]);
    broken(&clinic().losing(1).redelivering(), &[REMINDED]);
    broken(&clinic().duplicating(1).crashing(1).losing(1).redelivering(), &[REMINDED]);
    broken(&Delivery::of(Clinic { checks: false }, Office).starting_at(MONDAY).duplicating(1), &[ONCE]);
    broken(&clinic().losing(1).only(is_mail), &[ASKED, REMINDED]);
    broken(&clinic().losing(1), &[ASKED, REMINDED, ENDS]);
    broken(&clinic().waiting([4 * DAY]), &[REMINDED]);
}

#[test]
fn a_fault_hits_only_the_messages_that_it_is_said_to_hit() {
    let clinic = clinic().losing(1).only(is_mail).duplicating(1).only(|message| message.event().is_some());
    let (state, _) = clinic.run(&[DeliveryCommand::Do(clinic::request())]).unwrap();
    let event = NetworkMessage::Event(requested());
    assert_eq!(
        clinic.moves(&state),
        [DeliveryCommand::Deliver(event.clone()), DeliveryCommand::DeliverAndKeep(event.clone())]
    );
    assert_eq!(clinic.decide(&DeliveryCommand::Lose(event.clone()), &state), Err(DeliveryRejection::Spared));

    let state = clinic.fold_from(state, &[DeliveryEvent::Delivered(event)]);
    let mail = please_confirm();
    assert_eq!(
        clinic.moves(&state),
        [DeliveryCommand::Deliver(mail.clone()), DeliveryCommand::Lose(mail.clone()), DeliveryCommand::Wait]
    );
    let twice = clinic.decide(&DeliveryCommand::DeliverAndKeep(mail), &state);
    assert_eq!(twice, Err(DeliveryRejection::Spared));
}

#[test]
fn a_crash_comes_only_after_the_events_that_it_is_said_to_come_after() {
    let clinic = clinic().crashing(1).only(|message| message.event() == Some(&Event::Confirmed));
    let crash = |command| {
        let (state, _) =
            clinic.run(&[DeliveryCommand::Do(clinic::request()), DeliveryCommand::Do(command)]).unwrap();
        let crashes = clinic.moves(&state).into_iter().filter_map(|one| match one {
            DeliveryCommand::DeliverAndCrash(event) => Some(event),
            _ => None,
        });
        crashes.collect::<Vec<_>>()
    };
    assert_eq!(crash(Command::Confirm), [Event::Confirmed]);
    assert_eq!(crash(Command::GiveBack), []);
}

#[test]
fn an_only_before_any_fault_holds_for_all_that_are_named_later() {
    let moves = |clinic: &Delivery<Clinic, Office>| {
        let (state, _) = clinic.run(&[DeliveryCommand::Do(clinic::request())]).unwrap();
        clinic.moves(&state)
    };
    let event = NetworkMessage::Event(requested());
    let arriving = DeliveryCommand::Deliver(event.clone());
    let mails = clinic().only(is_mail).losing(1).duplicating(1).crashing(1);
    assert_eq!(moves(&mails), std::slice::from_ref(&arriving));
    // An only behind a fault replaces it for that fault alone; a second one before any fault replaces the first.
    let lossy = clinic().only(is_mail).duplicating(1).losing(1).only(|_| true).crashing(1);
    assert_eq!(moves(&lossy), [arriving.clone(), DeliveryCommand::Lose(event.clone())]);
    let twice = clinic().only(is_mail).only(|message| message.event().is_some()).losing(1);
    assert_eq!(moves(&twice), [arriving, DeliveryCommand::Lose(event)]);
}

#[test]
fn time_stops_at_each_deadline_and_at_each_end() {
    let clinic = clinic();
    let mut state = clinic.fold(&clinic.settled([requested(), Event::Confirmed]));
    let mut stops = Vec::new();
    while let Ok(events) = clinic.decide(&DeliveryCommand::Wait, &state) {
        state = clinic.fold_from(state, &events);
        stops.push((state.now.unwrap().duration_since(MONDAY).as_hours() / 24, state.in_flight.len()));
    }
    assert_eq!(stops, [(3, 1), (4, 1)], "the reminder is due on Thursday; on Friday it is too late");
}

#[test]
fn a_clock_that_passes_both_ends_of_an_item_does_not_issue_it() {
    let clinic = clinic().waiting([4 * DAY, DAY - DAY, -DAY]);
    let history = clinic.settled([requested(), Event::Confirmed]);
    let state = clinic.fold(&history);
    assert_eq!(clinic.moves(&state), [DeliveryCommand::Wait, DeliveryCommand::WaitFor(4 * DAY)]);
    let state = clinic.fold_from(state, &[DeliveryEvent::TimePassed(MONDAY + 4 * DAY)]);
    assert_eq!(clinic.moves(&state), []);
    let item = Owed::at(MONDAY + 3 * DAY, "remind", Command::Mail(Letter::SeeYouTomorrow));
    assert_eq!(
        clinic.owed(&state),
        [item.until(MONDAY + 4 * DAY)],
        "it stays owed until an event settles it"
    );
    assert_eq!(clinic.decide(&DeliveryCommand::WaitFor(-DAY), &state), Err(DeliveryRejection::NoTime));
}

#[test]
fn several_deadlines_that_are_passed_at_once_are_all_due() {
    let clinic = Delivery::of(Clinic { checks: true }, Office);
    let state = clinic.fold(&clinic.settled([requested()]));
    assert_eq!(state.now, None);
    // Before any time is known, a span counts from the next deadline.
    let passed = clinic.decide(&DeliveryCommand::WaitFor(DAY), &state);
    assert_eq!(passed, Ok(vec![DeliveryEvent::TimePassed(MONDAY + 2 * DAY)]));
    let late = clinic.fold_from(state, &passed.unwrap());
    assert_eq!(late.in_flight.len(), 1, "the slot is given back, a day late");
}

#[test]
fn a_settled_history_begins_a_scenario_and_an_exploration() {
    let clinic = clinic();
    let history = clinic.settled([requested()]);
    assert_eq!(
        history,
        [
            DeliveryEvent::Happened(requested()),
            DeliveryEvent::Delivered(NetworkMessage::Event(requested())),
            DeliveryEvent::Delivered(please_confirm()),
            DeliveryEvent::Happened(Event::Mailed(Letter::PleaseConfirm)),
            DeliveryEvent::Delivered(NetworkMessage::Event(Event::Mailed(Letter::PleaseConfirm))),
        ]
    );
    leftfold::given(&clinic, history.clone())
        .when(DeliveryCommand::Wait)
        .then([DeliveryEvent::TimePassed(MONDAY + DAY)])
        .then_state("giving back is on its way", |state| state.in_flight.len() == 1);
    let found = leftfold::check::explore(&clinic, |state: &clinic::State| clinic.moves(state))
        .from(history)
        .always("the mail is out", |state| !state.decider.mailed.is_empty())
        .sometimes("it is given back", |state| state.decider.stage == Stage::GivenBack)
        .run();
    assert_eq!(found.violations().count(), 0, "{found}");
}

#[test]
fn what_the_events_settle_is_not_done_again() {
    let careless = Delivery::of(Clinic { checks: false }, Office).starting_at(MONDAY);
    let mailed = Event::Mailed(Letter::PleaseConfirm);
    let state = careless.fold(&careless.settled([requested(), mailed]));
    assert_eq!(state.decider.mailed[&Letter::PleaseConfirm], 1);
    assert!(state.in_flight.is_empty());
}

#[test]
fn commands_that_set_each_other_off_for_ever_are_left_in_flight() {
    let echo = leftfold::decider(|| (), |n: &u64, _: &()| Ok::<_, ()>(vec![*n]), |_, _: &u64| ());
    let calls =
        leftfold::process_manager(|| 0, |_, n: &u64| *n, |n: &u64| vec![Owed::now(n.to_string(), n + 1)]);
    let forever = Delivery::of(echo, calls);
    let state = forever.fold(&forever.settled([1]));
    assert_eq!(state.process, 1 + leftfold::synchronous::BOUND as u64);
    assert_eq!(state.in_flight.len(), 1);
}

// --- In order ---

/// A command records its number and one less; the process manager keeps what it has read, and owes nothing.
fn countdown() -> Delivery<
    impl Decider<State = u8, Event = u8, Command = u8, Rejection = ()> + Clone,
    impl leftfold::ProcessManager<State = Vec<u8>, Event = u8, Command = u8> + Clone,
> {
    let counts = leftfold::decider(
        || 0,
        |from: &u8, _: &u8| Ok::<_, ()>(vec![*from, from - 1, *from]),
        |seen, _: &u8| seen + 1,
    );
    let reads = leftfold::process_manager(
        Vec::new,
        |read: Vec<u8>, event: &u8| [read, vec![*event]].concat(),
        |_| Vec::<Owed<u8>>::new(),
    );
    Delivery::of(counts, reads)
}

/// What the process manager has read at each end of every way on which the network recorded 7, 6 and 7.
fn all_readings<D, P>(network: &Delivery<D, P>) -> std::collections::BTreeSet<Vec<u8>>
where
    D: Decider<Event = u8, Command = u8, Rejection = ()>,
    P: leftfold::ProcessManager<State = Vec<u8>, Event = u8, Command = u8>,
{
    let mut ends = std::collections::BTreeSet::new();
    let mut open = vec![vec![DeliveryCommand::Do(7)]];
    while let Some(way) = open.pop() {
        let (state, _) = network.run(&way).unwrap();
        let moves = network.moves(&state);
        if moves.is_empty() {
            ends.insert(state.process.clone());
            assert!(state.in_flight.is_empty() && state.missed.is_empty() && state.unread.is_empty());
        }
        open.extend(moves.into_iter().map(|one| [way.clone(), vec![one]].concat()));
    }
    ends
}

#[test]
fn in_order_events_are_read_as_from_a_log() {
    assert_eq!(all_readings(&countdown()).len(), 3);
    let log = countdown().in_order();
    assert_eq!(all_readings(&log), [vec![7, 6, 7]].into());
    // A crash and reading again keep the order.
    assert_eq!(all_readings(&log.clone().crashing(2).losing(2).redelivering()), [vec![7, 6, 7]].into());
    // A copy that stays arrives again before any later event.
    let twice = [vec![7, 6, 7], vec![7, 7, 6, 7], vec![7, 6, 6, 7], vec![7, 6, 7, 7]].into();
    assert_eq!(all_readings(&log.clone().duplicating(1)), twice);
    // What is lost for good holds up nothing.
    assert_eq!(all_readings(&log.losing(1)), [vec![7, 6, 7], vec![6, 7], vec![7, 7], vec![7, 6]].into());
}

#[test]
fn in_order_an_event_out_of_turn_is_refused() {
    let log = countdown().in_order().duplicating(1).crashing(1).losing(1).redelivering();
    let six = NetworkMessage::Event(6);
    let (state, _) = log.run(&[DeliveryCommand::Do(7)]).unwrap();
    assert_eq!(state.unread.iter().collect::<Vec<_>>(), [&7, &6, &7]);
    let refuses = |state, command| {
        assert_eq!(log.decide(&command, state), Err(DeliveryRejection::OutOfTurn));
        assert!(!log.moves(state).contains(&command));
    };
    refuses(&state, DeliveryCommand::Deliver(six.clone()));
    refuses(&state, DeliveryCommand::DeliverAndKeep(six.clone()));
    refuses(&state, DeliveryCommand::DeliverAndCrash(6));
    // A missed event comes first all the same.
    let seven = NetworkMessage::Event(7);
    let (state, _) = log
        .run(&[
            DeliveryCommand::Do(7),
            DeliveryCommand::Deliver(seven.clone()),
            DeliveryCommand::Lose(six.clone()),
        ])
        .unwrap();
    refuses(&state, DeliveryCommand::Deliver(seven));
    assert_eq!(log.moves(&state), [DeliveryCommand::ReadAgain(6)]);
    let state = log.fold_from(state, &[DeliveryEvent::ReadAgain(6)]);
    assert!(log.moves(&state).contains(&DeliveryCommand::Deliver(six)));
}

#[test]
fn in_order_a_history_is_settled_and_commands_overtake_each_other() {
    let log = countdown().in_order();
    let state = log.fold(&log.settled([3, 2]));
    assert_eq!((state.process, state.unread.len()), (vec![3, 2], 0));

    // The first event sets off a command that records three more.
    let counts = leftfold::decider(
        || (),
        |from: &u8, _: &()| Ok::<_, ()>(vec![*from, from - 1, from - 2]),
        |(), _: &u8| (),
    );
    let echo = leftfold::process_manager(
        Vec::new,
        |read: Vec<u8>, event: &u8| [read, vec![*event]].concat(),
        |read| match read[..] {
            [9] => vec![Owed::now("again", 7), Owed::now("once more", 5)],
            _ => vec![],
        },
    );
    let log = Delivery::of(counts, echo).in_order();
    let state = log.fold(&log.settled([9]));
    assert_eq!(state.process, [9, 7, 6, 5, 5, 4, 3]);

    let (state, _) = log.run(&[DeliveryCommand::Do(9)]).unwrap();
    let state = log.fold_from(state, &[DeliveryEvent::Delivered(NetworkMessage::Event(9))]);
    let command =
        |key: &str, command| DeliveryCommand::Deliver(NetworkMessage::Command { key: key.into(), command });
    let arriving = DeliveryCommand::Deliver(NetworkMessage::Event(8));
    assert_eq!(log.moves(&state), [arriving, command("again", 7), command("once more", 5)]);
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(requested()),
        2 => Just(Event::Confirmed),
        1 => Just(Event::GivenBack),
        2 => prop_oneof![Just(Letter::PleaseConfirm), Just(Letter::SeeYouTomorrow)].prop_map(Event::Mailed),
    ]
}

proptest! {
    /// Nothing is in flight, nothing that is due is owed, and both have seen the same events.
    #[test]
    fn a_settled_history_is_at_rest(events in prop::collection::vec(event(), 0..8), late in any::<bool>()) {
        let clinic = if late { clinic().starting_at(MONDAY + 3 * DAY) } else { clinic() };
        let history = clinic.settled(events.clone());
        let state = clinic.fold(&history);
        prop_assert!(state.in_flight.is_empty() && state.missed.is_empty() && !state.down);
        let happened: Vec<Event> = history.into_iter().filter_map(|event| match event {
            DeliveryEvent::Happened(event) => Some(event),
            _ => None,
        }).collect();
        prop_assert_eq!(&happened[..events.len()], &events[..]);
        prop_assert_eq!(&state.process, &Office.fold(&happened));
        prop_assert_eq!(&state.decider, &Clinic { checks: true }.fold(&happened));
        // What is due and still owed was refused.
        for owed in clinic.owed(&state).into_iter().filter(|owed| owed.due.is_due(state.now)) {
            let again = Clinic { checks: true }.decide(&owed.command, &state.decider);
            prop_assert!(again.is_err() || again == Ok(vec![]), "{:?}", owed);
        }
    }
}
