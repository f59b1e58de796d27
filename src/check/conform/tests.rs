//! Histories of parcels, replayed through a small decider.

use super::*;
use crate::decider::decider;
use serde::{Deserialize, Serialize};

/// A parcel is packed and labelled in one decision, sent once, and may get lost at any time, without a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Packed,
    Labelled,
    Sent,
    Lost,
}
use Event::{Labelled, Lost, Packed, Sent};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Pack,
    Label,
    Send,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    NotLabelled,
    AlreadySent,
    AlreadyPacked,
    Gone,
}

fn parcel() -> impl Decider<Command = Command, Event = Event, Rejection = Rejection, State = Vec<Event>> {
    decider(
        Vec::new,
        |command: &Command, past: &Vec<Event>| match command {
            Command::Pack if past.contains(&Lost) => Err(Rejection::Gone),
            Command::Pack if past.contains(&Packed) => Err(Rejection::AlreadyPacked),
            Command::Pack => Ok(vec![Packed, Labelled]),
            Command::Label if past.contains(&Labelled) => Ok(vec![]),
            Command::Label => Ok(vec![Labelled]),
            Command::Send if past.contains(&Sent) => Err(Rejection::AlreadySent),
            Command::Send if past.contains(&Labelled) => Ok(vec![Sent]),
            Command::Send => Err(Rejection::NotLabelled),
        },
        |mut past: Vec<Event>, event: &Event| {
            past.push(event.clone());
            past
        },
    )
}

fn command_for(event: &Event) -> Option<Command> {
    match event {
        Packed => Some(Command::Pack),
        Labelled => Some(Command::Label),
        Sent => Some(Command::Send),
        Lost => None,
    }
}

type Report = Conformance<Command, Event, Rejection>;

fn replay<const N: usize>(histories: [(&str, Vec<Event>); N]) -> Report {
    conform(&parcel(), histories, command_for)
}

fn counts(report: &Report) -> Vec<(&str, &str, usize, usize)> {
    let count = |group: &Group<_, _, _>| (group.histories, group.refusals);
    (report.groups.iter())
        .map(|group| {
            let (histories, refusals) = count(group);
            (group.reason.as_str(), group.command.as_str(), histories, refusals)
        })
        .collect()
}

#[test]
fn a_decision_of_several_events_stands_for_all_of_them() {
    let report = replay([("a", vec![Packed, Labelled, Sent])]);
    assert_eq!(report.accepted, 1);
    // Had the label been asked for again, there would be a third command and a refusal.
    assert_eq!(report.decided, 2);
    assert_eq!(counts(&report), []);
}

#[test]
fn an_event_that_no_command_causes_is_folded_without_a_question() {
    let report = replay([("a", vec![Packed, Labelled, Lost, Lost])]);
    assert_eq!((report.accepted, report.decided, report.unasked), (1, 1, 2));
    // And folded it is: what is lost cannot be packed.
    let report = replay([("a", vec![Lost, Packed, Labelled])]);
    assert_eq!(report.groups[0].reason, "Gone");
    assert_eq!(report.groups[0].example.given, [Lost]);
}

#[test]
fn a_refused_fact_is_still_folded() {
    // The first sending is refused, and is the reason why the second one is refused too.
    let report = replay([("a", vec![Sent, Sent])]);
    assert_eq!(counts(&report), [("NotLabelled", "Send", 1, 1), ("AlreadySent", "Send", 0, 1)]);
    assert_eq!(report.groups[1].example.earlier_refusals, 1);
}

#[test]
fn a_history_counts_for_its_first_refusal_alone_and_every_refusal_is_counted() {
    let report = replay([
        ("b", vec![Packed, Labelled, Sent, Sent]),
        ("a", vec![Sent, Sent, Sent]),
        ("c", vec![Packed, Labelled, Packed]),
        ("d", vec![Packed, Labelled]),
    ]);
    assert_eq!(
        counts(&report),
        [("AlreadySent", "Send", 1, 3), ("AlreadyPacked", "Pack", 1, 1), ("NotLabelled", "Send", 1, 1),]
    );
    // The second and the third of history a are in one history.
    assert_eq!(report.groups[0].histories_in_all, 2);
    assert_eq!(report.refused(), 3);
    assert_eq!(report.groups.iter().map(|group| group.histories).sum::<usize>(), 3);
    assert_eq!(report.share(), Some(0.25));
}

#[test]
fn other_events_than_the_recorded_ones_are_a_refusal() {
    let report = replay([("a", vec![Packed, Sent])]);
    let example = &report.groups[0].example;
    assert_eq!(report.groups[0].reason, DECIDED_OTHERWISE);
    assert_eq!(example.refusal, Refusal::DecidedOtherwise(vec![Packed, Labelled]));
    assert_eq!(example.recorded, [Packed, Sent]);
    // Only the decided event is taken as given; the next one is decided in its turn.
    assert_eq!(report.decided, 2);
}

#[test]
fn a_decision_cut_off_by_the_end_of_the_history_is_a_refusal() {
    let report = replay([("a", vec![Packed])]);
    assert_eq!(counts(&report), [("decided otherwise", "Pack", 1, 1)]);
    assert_eq!(report.groups[0].example.recorded, [Packed]);
}

#[test]
fn no_event_at_all_is_not_what_was_recorded() {
    let report = replay([("a", vec![Packed, Labelled, Labelled])]);
    let example = &report.groups[0].example;
    assert_eq!(example.refusal, Refusal::DecidedOtherwise(vec![]));
    assert_eq!(example.recorded, [Labelled]);
}

#[test]
fn the_example_is_the_shortest_and_unspoilt_by_earlier_refusals() {
    let report = replay([
        ("spoilt", vec![Sent, Sent]),
        ("long", vec![Packed, Labelled, Lost, Sent, Sent]),
        ("short", vec![Packed, Labelled, Sent, Sent]),
        ("as short", vec![Packed, Labelled, Sent, Sent]),
    ]);
    let example = &report.groups[0].example;
    assert_eq!((example.history.as_str(), example.earlier_refusals), ("short", 0));
    assert_eq!(example.given, [Packed, Labelled, Sent]);
    assert_eq!(example.when, Command::Send);
    assert_eq!(example.refusal, Refusal::Rejected(Rejection::AlreadySent));
}

#[test]
fn messages_without_a_name_are_named_by_debug() {
    let full = decider(|| (), |_: &u8, _: &()| Err("full".to_string()), |_, _: &u8| ());
    let report = conform(&full, [("a", [7])], |n: &u8| Some(*n));
    assert_eq!((report.groups[0].reason.as_str(), report.groups[0].command.as_str()), ("\"full\"", "7"));
}

#[test]
fn nothing_in_is_nothing_out() {
    let report = replay([]);
    assert_eq!((report.histories, report.events, report.refused()), (0, 0, 0));
    assert_eq!(report.share(), None);
    assert_eq!(
        report.to_string(),
        " conform 0 histories, 0 events\n asked    0 commands\n accepted 0 histories\n refused  0 histories"
    );
    // A history without an event has nothing to refuse.
    assert_eq!(replay([("a", vec![])]).share(), Some(1.0));
}

#[test]
fn fed_one_by_one_it_is_the_same_report() {
    let histories = [("a", vec![Sent, Sent]), ("b", vec![Packed, Labelled]), ("c", vec![Packed])];
    let parcel = parcel();
    let mut one_by_one = Conform::new(&parcel, command_for);
    let refused = histories.each_ref().map(|(id, events)| one_by_one.history(id, events));
    assert_eq!(refused, [2, 0, 1]);
    assert_eq!(one_by_one.finish(), replay(histories));
}

#[test]
fn the_page_tells_the_example_as_given_when_then() {
    let report = replay([
        ("case 7", vec![Packed, Labelled, Sent, Sent]),
        ("case 8", vec![Packed, Sent]),
        ("case 9", vec![Packed, Labelled]),
    ]);
    assert_eq!(
        format!("\n{}", report.named("parcel")),
        "
 conform  parcel: 3 histories, 8 events
 asked    6 commands
 accepted 1 history (33.33 %)
 refused  2 histories, by the reason of their first refusal

     1  AlreadySent   Send
        shortest: case 7, refused at event 4
          given     1  Packed
                    2  Labelled
                    3  Sent
          when    Send
          refused AlreadySent
                  recorded all the same:
                    4  Sent

     1  decided otherwise   Pack
        shortest: case 8, refused at event 1
          given   nothing
          when    Pack
          decided   1  Packed
                    2  Labelled
                  recorded all the same:
                    1  Packed
                    2  Sent

 refused only after another refusal in the same history

     1  NotLabelled   Send"
    );
}

#[test]
fn a_long_given_is_elided_with_its_count_and_the_page_stays_within_80_columns() {
    let mut events = vec![Lost; 30];
    events.push(Sent);
    let id = "a history with quite a long id, ".repeat(4);
    let page = replay([(id.as_str(), events)]).to_string();
    assert!(page.contains("                    …  19 events left out\n"), "{page}");
    assert!(page.contains("                   24  Lost\n"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}

#[test]
fn the_report_survives_a_journey_as_json() {
    let report = replay([("a", vec![Packed, Sent]), ("b", vec![Sent])]);
    let json = serde_json::to_string(&report).expect("the report serializes");
    assert_eq!(serde_json::from_str::<Report>(&json).expect("and reads back"), report);
}
