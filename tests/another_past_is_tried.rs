//! Events put in, taken out and replaced; commands decided again on what is left.

#[path = "models/bank.rs"]
mod bank;

use bank::{Accounts, Bank, Command, Event, Rejection, commands, histories, history};
use leftfold::recorded::Version;
use leftfold::timeline::{Decision, DecisionOf, RedecisionVerdict, TimelineError};
use leftfold::{Decider, Fold, Timeline};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Edit {
    Insert(u64, Event),
    Remove(u64),
    Replace(u64, Event),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let event = (0..3u8, 1..50u32).prop_map(|(owner, amount)| Event::Deposited { owner, amount });
    let edit = (0..40u64, event, 0..3).prop_map(|(at, event, kind)| match kind {
        0 => Edit::Insert(at, event),
        1 => Edit::Remove(at),
        _ => Edit::Replace(at, event),
    });
    prop::collection::vec(edit, 0..6)
}

/// The edited history as somebody would write it down.
fn edited(events: &[Event], edits: &[Edit]) -> Vec<Event> {
    let mut all = Vec::new();
    for version in 0..=events.len() as u64 {
        if version > 0 {
            let mut stands = Some(events[version as usize - 1].clone());
            for edit in edits {
                match edit {
                    Edit::Remove(at) if *at == version => stands = None,
                    Edit::Replace(at, event) if *at == version => stands = Some(event.clone()),
                    _ => {}
                }
            }
            all.extend(stands);
        }
        all.extend(edits.iter().filter_map(|edit| match edit {
            Edit::Insert(at, event) if *at == version => Some(event.clone()),
            _ => None,
        }));
    }
    all
}

fn those_that_fit(edits: Vec<Edit>, events: &[Event]) -> Vec<Edit> {
    let last = events.len() as u64;
    edits
        .into_iter()
        .filter(|edit| match edit {
            Edit::Insert(at, _) => *at <= last,
            Edit::Remove(at) | Edit::Replace(at, _) => (1..=last).contains(at),
        })
        .collect()
}

macro_rules! what_if {
    ($timeline:expr, $edits:expr) => {
        $edits.iter().cloned().fold($timeline.what_if(), |what_if, edit| match edit {
            Edit::Insert(at, event) => what_if.insert(at, event),
            Edit::Remove(at) => what_if.remove(at),
            Edit::Replace(at, event) => what_if.replace(at, event),
        })
    };
}

fn entries(timeline: &Timeline<Bank>) -> Vec<Event> {
    timeline.items().map(|(_, event)| event.clone()).collect()
}

/// A timeline of these commands, and each with what came of it.
fn recorded(commands: &[Command]) -> (Timeline<Bank>, Vec<DecisionOf<Bank>>) {
    let (mut timeline, mut decisions) = (Timeline::of(Bank), Vec::new());
    for command in commands {
        let at = timeline.version();
        let outcome = timeline.decide_at(at, command).unwrap();
        timeline = timeline.extend(outcome.clone().unwrap_or_default());
        decisions.push(Decision { at, command: command.clone(), outcome });
    }
    (timeline, decisions)
}

proptest! {
    #[test]
    fn a_branch_is_the_timeline_of_the_edited_history(events in histories(), edits in edits(), k in 1..5usize) {
        let edits = those_that_fit(edits, &events);
        let timeline = Timeline::of(Bank).keeping_every(k).extend(events.clone());
        let branch = what_if!(timeline, edits).branch().unwrap();
        let by_hand = edited(&events, &edits);
        prop_assert_eq!(entries(&branch), by_hand.clone());
        let states: Vec<Accounts> = branch.states().map(|(_, state)| state.into_owned()).collect();
        let folded: Vec<Accounts> = (0..=by_hand.len()).map(|v| Bank.fold(&by_hand[..v])).collect();
        prop_assert_eq!(states, folded);
        // The one it comes from is as it was.
        prop_assert_eq!(entries(&timeline), events);
    }

    #[test]
    fn what_is_edited_nowhere_changes_nothing(events in histories()) {
        let timeline = Timeline::of(Bank).extend(events);
        let branch = timeline.what_if().branch().unwrap();
        prop_assert_eq!(branch.states().collect::<Vec<_>>(), timeline.states().collect::<Vec<_>>());
        let comparison = timeline.compare(&branch);
        prop_assert_eq!(comparison.parted, None);
        prop_assert!(comparison.diff.is_empty());
    }

    #[test]
    fn two_timelines_part_where_their_histories_do(events in histories(), edits in edits()) {
        let edits = those_that_fit(edits, &events);
        let timeline = Timeline::of(Bank).extend(events.clone());
        let branch = what_if!(timeline, edits).branch().unwrap();
        let other = edited(&events, &edits);
        let common = events.iter().zip(&other).take_while(|(one, other)| one == other).count();
        let parted = (events != other).then(|| Version::new(common as u64 + 1));
        prop_assert_eq!(timeline.compare(&branch).parted, parted);
        // Whether they share what they have in common or not.
        prop_assert_eq!(timeline.compare(&Timeline::of(Bank).extend(other)).parted, parted);
    }

    #[test]
    fn commands_decided_again_on_the_same_past_are_all_kept(commands in commands(30)) {
        let (timeline, decisions) = recorded(&commands);
        let redecided = timeline.what_if().redecide(&decisions).unwrap();
        prop_assert_eq!(redecided.decisions.len(), commands.len());
        prop_assert!(redecided.decisions.iter().all(|again| again.verdict == RedecisionVerdict::Kept));
        prop_assert_eq!(entries(&redecided.branch), entries(&timeline));
    }

    #[test]
    fn after_an_edit_at_the_beginning_every_command_finds_the_state_that_the_earlier_ones_leave(
        commands in commands(30),
        first in (0..3u8, 1..50u32),
    ) {
        let opened: Vec<Command> = (0..3).map(|owner| Command::Open { owner }).chain(commands).collect();
        let (timeline, decisions) = recorded(&opened);
        // An account that is open from the start, so that opening it is refused and more can be withdrawn.
        let facts = [Event::Opened { owner: first.0 }, Event::Deposited { owner: first.0, amount: first.1 }];
        let [one, two] = facts.clone();
        let redecided = timeline.what_if().insert(0, one).insert(0, two).redecide(&decisions).unwrap();

        let mut state = Bank.fold(&facts);
        let mut all = facts.to_vec();
        for (again, command) in redecided.decisions.iter().zip(&opened) {
            prop_assert_eq!(&again.command, command);
            prop_assert_eq!(&again.now, &Bank.decide(command, &state));
            let same = again.now == again.before;
            prop_assert_eq!(again.verdict == RedecisionVerdict::Kept, same);
            let refused = again.now.as_ref().map_or(true, |events| events.iter().any(|event| Bank.is_refusal(event)));
            prop_assert_eq!(again.verdict == RedecisionVerdict::Rejected, !same && refused);
            all.extend(again.now.clone().unwrap_or_default());
            state = Bank.handle(state, command).0;
        }
        prop_assert_eq!(redecided.decisions.len(), opened.len());
        prop_assert_eq!(entries(&redecided.branch), all);
        prop_assert_eq!(redecided.branch.head().into_owned(), state);
    }

    #[test]
    fn whatever_is_edited_each_decision_is_told_once_and_the_branch_is_a_history_of_its_states(
        commands in commands(30),
        edits in edits(),
    ) {
        let opened: Vec<Command> = (0..3).map(|owner| Command::Open { owner }).chain(commands).collect();
        let (timeline, decisions) = recorded(&opened);
        let edits = those_that_fit(edits, &entries(&timeline));
        let redecided = what_if!(timeline, edits).redecide(&decisions).unwrap();
        let told: Vec<&Command> = redecided.decisions.iter().map(|again| &again.command).collect();
        prop_assert_eq!(told, opened.iter().collect::<Vec<_>>());
        prop_assert_eq!(redecided.branch.head().into_owned(), Bank.fold(&entries(&redecided.branch)));
        // Edits of no decision's own events stand in the branch.
        for edit in &edits {
            if let Edit::Insert(_, event) = edit {
                prop_assert!(entries(&redecided.branch).contains(event));
            }
        }
    }
}

#[test]
fn facts_without_a_decision_stay_and_edited_decisions_are_not_decided_again() {
    let deposit = |amount| Event::Deposited { owner: 1, amount };
    let withdrawn = |amount, left| Event::Withdrawn { owner: 1, amount, left };
    let timeline = Timeline::of(Bank).extend([
        Event::Opened { owner: 1 },
        deposit(50),
        withdrawn(20, 30),
        deposit(5), // a fact, from outside
        withdrawn(10, 25),
        withdrawn(25, 0), // these two are one decision
        Event::Closed { owner: 1 },
    ]);
    let withdraw = |amount| Command::Withdraw { owner: 1, amount };
    let decisions = [
        Decision { at: Version::new(2), command: withdraw(20), outcome: Ok(vec![withdrawn(20, 30)]) },
        Decision { at: Version::new(4), command: withdraw(10), outcome: Ok(vec![withdrawn(10, 25)]) },
        Decision {
            at: Version::new(5),
            command: Command::Close { owner: 1 },
            outcome: Ok(vec![withdrawn(25, 0), Event::Closed { owner: 1 }]),
        },
    ];
    let verdicts = |redecided: &leftfold::timeline::RedecidedBranch<Bank>| {
        redecided.decisions.iter().map(|again| again.verdict).collect::<Vec<_>>()
    };

    // With ten less at first, all decisions are other events, and the fact from outside is still there.
    let redecided = timeline.what_if().replace(2, deposit(40)).redecide(&decisions).unwrap();
    assert_eq!(verdicts(&redecided), [RedecisionVerdict::Changed; 3]);
    assert_eq!(
        entries(&redecided.branch)[2..],
        [withdrawn(20, 20), deposit(5), withdrawn(10, 15), withdrawn(15, 0), Event::Closed { owner: 1 }]
    );
    assert_eq!(
        redecided.decisions[2].to_string(),
        "changed   Close { owner: 1 }\n  \
         before  Withdrawn { owner: 1, amount: 25, left: 0 }, Closed { owner: 1 }\n  \
         now     Withdrawn { owner: 1, amount: 15, left: 0 }, Closed { owner: 1 }"
    );

    // Somebody says that the first withdrawal was another one; and that something came in the midst of the closing.
    let redecided =
        timeline.what_if().replace(3, withdrawn(1, 49)).insert(6, deposit(3)).redecide(&decisions).unwrap();
    assert_eq!(
        verdicts(&redecided),
        [RedecisionVerdict::Edited, RedecisionVerdict::Changed, RedecisionVerdict::Edited]
    );
    assert_eq!(
        entries(&redecided.branch)[4..],
        [withdrawn(10, 44), withdrawn(25, 0), deposit(3), Event::Closed { owner: 1 }]
    );

    // Behind all decisions, nothing is decided again.
    let redecided = timeline.what_if().insert(7, deposit(3)).redecide(&decisions).unwrap();
    assert_eq!(verdicts(&redecided), [RedecisionVerdict::Kept; 3]);

    // Without any money, the refusals are told as what they are.
    let redecided = timeline.what_if().remove(2).redecide(&decisions).unwrap();
    assert_eq!(
        verdicts(&redecided),
        [RedecisionVerdict::Rejected, RedecisionVerdict::Rejected, RedecisionVerdict::Changed]
    );
    let redecided = timeline.what_if().remove(1).redecide(&decisions).unwrap();
    assert_eq!(verdicts(&redecided), [RedecisionVerdict::Rejected; 3]);
    assert_eq!(redecided.decisions[0].now, Err(Rejection::NotOpen));
}

#[test]
fn what_is_rejected_at_first_may_be_accepted_on_another_past() {
    let (timeline, decisions) =
        recorded(&[Command::Deposit { owner: 1, amount: 5 }, Command::Open { owner: 2 }]);
    assert_eq!(timeline.version(), Version::new(1));
    let redecided = timeline.what_if().insert(0, Event::Opened { owner: 1 }).redecide(&decisions).unwrap();
    assert_eq!(redecided.decisions[0].verdict, RedecisionVerdict::Changed);
    assert_eq!(redecided.branch.head().accounts[&1].balance, 5);
}

#[test]
fn the_edits_and_decisions_that_do_not_fit_are_errors() {
    let events = history(&[Command::Open { owner: 1 }, Command::Deposit { owner: 1, amount: 5 }]);
    let timeline = Timeline::of(Bank).extend(events.clone());
    let told = |error: TimelineError| error.to_string();
    let no_version = |asked, first| {
        format!(
            "there is no version {asked} on this timeline: its head is version 2; ask for one from {first} to 2"
        )
    };
    assert_eq!(told(timeline.what_if().remove(0).branch().unwrap_err()), no_version(0, 1));
    assert_eq!(
        told(timeline.what_if().replace(3, events[0].clone()).branch().unwrap_err()),
        no_version(3, 1)
    );
    assert_eq!(told(timeline.what_if().insert(3, events[0].clone()).branch().unwrap_err()), no_version(3, 0));

    let decided = |at, events: &[Event]| Decision {
        at: Version::new(at),
        command: Command::Open { owner: 1 },
        outcome: Ok::<_, Rejection>(events.to_vec()),
    };
    let redecide = |decisions: &[DecisionOf<Bank>]| timeline.what_if().redecide(decisions).unwrap_err();
    assert_eq!(redecide(&[decided(3, &[])]).to_string(), no_version(3, 0));
    assert_eq!(
        redecide(&[decided(1, &events)]),
        TimelineError::NotDecidedHere { at: Version::new(1), events: 2 }
    );
    // Two claim the same event.
    assert_eq!(
        redecide(&[decided(0, &events), decided(1, &events[1..])]).to_string(),
        "a command decided at version 1 is recorded with 1 events, but the events after that version are others, \
         or belong to another decision"
    );
}

#[test]
fn a_comparison_says_where_two_part() {
    let timeline =
        Timeline::of(Bank).extend([Event::Opened { owner: 1 }, Event::Deposited { owner: 1, amount: 5 }]);
    let longer = timeline.clone().extend([Event::Deposited { owner: 1, amount: 2 }]);
    assert_eq!(
        timeline.compare(&longer).to_string(),
        "the other goes on from version 3\naccounts.1.balance  5 → 7\naccounts.1.moves    1 → 2\n"
    );
    assert!(longer.compare(&timeline).to_string().starts_with("the other ends before version 3\n"));
    assert_eq!(timeline.compare(&timeline).to_string(), "both have the same history\n");
}
