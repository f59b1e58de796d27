//! The laws of the algebra: deciders, views and process managers are closed under composition, and composing them
//! neither loses, adds nor mixes anything.

#[path = "algebra_laws/models.rs"]
mod models;

use im::{OrdMap, OrdSet};
use leftfold::decider::Outcome;
use leftfold::{
    Decider, Either, Fold, Keyed, Owed, ProcessManager, WithProcess, decider, keyed, neutral,
    process_manager, view,
};
use models::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Debug;

// ------------------------------------------------------------------------------------- lives, to be compared

/// One command of a life: what was answered, and where it led.
#[derive(Clone, Debug, PartialEq)]
struct Moment<S, E, R> {
    answer: Result<Vec<E>, R>,
    state: S,
    terminal: bool,
}

impl<S, E, R> Moment<S, E, R> {
    /// The same moment in other words: laws hold up to isomorphism.
    fn said<T, F, Q>(
        self,
        state: impl Fn(S) -> T,
        event: impl Fn(E) -> F,
        rejection: impl Fn(R) -> Q,
    ) -> Moment<T, F, Q> {
        Moment {
            answer: self.answer.map(|events| events.into_iter().map(event).collect()).map_err(rejection),
            state: state(self.state),
            terminal: self.terminal,
        }
    }
}

type Life<D> = Vec<Moment<<D as Fold>::State, <D as Fold>::Event, <D as Decider>::Rejection>>;

/// Commands one after another; a rejected one leaves the state as it is.
fn life<D>(decider: &D, commands: impl IntoIterator<Item = D::Command>) -> Life<D>
where
    D: Decider<State: Clone, Event: Clone>,
{
    let mut state = decider.initial_state();
    let mut moments = Vec::new();
    for command in commands {
        let answer: Outcome<D> = decider.decide(&command, &state);
        if let Ok(events) = &answer {
            state = decider.fold_from(state, events);
        }
        moments.push(Moment { answer, terminal: decider.is_terminal(&state), state: state.clone() });
    }
    moments
}

fn same<T>(it: T) -> T {
    it
}

/// Folding on from any point of a history is folding the whole of it, and a state that somebody kept stays as it was.
fn every_split_agrees<F>(fold: &F, history: &[F::Event]) -> Result<(), TestCaseError>
where
    F: Fold<State: Clone + Debug + PartialEq>,
{
    let mut one_by_one = fold.initial_state();
    for event in history {
        one_by_one = fold.evolve(one_by_one, event);
    }
    for at in 0..=history.len() {
        let (past, future) = history.split_at(at);
        let now = fold.fold(past);
        let kept = now.clone();
        prop_assert_eq!(&fold.fold_from(now, future), &one_by_one, "split at {}", at);
        prop_assert_eq!(&kept, &fold.fold(past), "kept at {}", at);
    }
    Ok(())
}

// -------------------------------------------------------------------------------------------------- the laws

proptest! {
    #[test]
    fn neutral_is_the_unit_of_merge_on_both_sides(commands in commands()) {
        let alone = life(&Account, commands.clone());
        let before = life(&neutral().merge(Account), commands.clone());
        let behind = life(&Account.merge(neutral()), commands);
        prop_assert_eq!(&before.into_iter().map(|m| m.said(|((), s)| s, same, same)).collect::<Vec<_>>(), &alone);
        prop_assert_eq!(&behind.into_iter().map(|m| m.said(|(s, ())| s, same, same)).collect::<Vec<_>>(), &alone);
    }

    #[test]
    fn neutral_is_the_unit_of_combine_on_both_sides(commands in commands()) {
        let nothing = neutral::<u8, u8, ()>;
        let alone = life(&Account, commands.clone());
        let left = life(&Account.combine(nothing()), commands.iter().cloned().map(Either::Left));
        let right = life(&nothing().combine(Account), commands.into_iter().map(Either::Right));
        let left: Vec<_> = left.into_iter().map(|m| m.said(|(s, ())| s, only_left, only_left)).collect();
        let right: Vec<_> = right.into_iter().map(|m| m.said(|((), s)| s, only_right, only_right)).collect();
        prop_assert_eq!(&left, &alone);
        prop_assert_eq!(&right, &alone);
    }

    #[test]
    fn merge_is_associative(commands in commands()) {
        let left = life(&Account.merge(Allowance).merge(Bonus), commands.clone());
        let right = life(&Account.merge(Allowance.merge(Bonus)), commands);
        let left: Vec<_> = left.into_iter().map(|m| m.said(|((a, b), c)| (a, (b, c)), same, same)).collect();
        prop_assert_eq!(left, right);
    }

    #[test]
    fn combine_is_associative(commands in vec((0..3u8, command()), 0..24)) {
        let left = commands.iter().cloned().map(|(of, command)| match of {
            0 => Either::Left(Either::Left(command)),
            1 => Either::Left(Either::Right(command)),
            _ => Either::Right(command),
        });
        let right = commands.iter().cloned().map(|(of, command)| to_the_right(match of {
            0 => Either::Left(Either::Left(command)),
            1 => Either::Left(Either::Right(command)),
            _ => Either::Right(command),
        }));
        let left = life(&Account.combine(Allowance).combine(Bonus), left);
        let right = life(&Account.combine(Allowance.combine(Bonus)), right);
        let left: Vec<_> =
            left.into_iter().map(|m| m.said(|((a, b), c)| (a, (b, c)), to_the_right, to_the_right)).collect();
        prop_assert_eq!(left, right);
    }

    #[test]
    fn merged_deciders_answer_one_after_the_other_and_fold_all(commands in commands()) {
        let both = Account.merge(Bonus);
        for (before, moment) in before_and_after(&both, commands) {
            let (command, (account, bonus)) = before;
            let expected = Account.decide(&command, &account).and_then(|mut events| {
                events.extend(Bonus.decide(&command, &bonus)?);
                Ok(events)
            });
            prop_assert_eq!(&moment.answer, &expected);
            let events = expected.unwrap_or_default();
            prop_assert_eq!(moment.state, (Account.fold_from(account, &events), Bonus.fold_from(bonus, &events)));
        }
    }

    #[test]
    fn either_side_of_a_merge_may_refuse(commands in commands()) {
        let both = Account.merge(Allowance);
        for (before, moment) in before_and_after(&both, commands) {
            let (command, (account, left)) = before;
            let refused = Account.decide(&command, &account).err().or(Allowance.decide(&command, &left).err());
            prop_assert_eq!(moment.answer.err(), refused);
        }
    }

    #[test]
    fn combined_deciders_leave_each_other_alone(commands in vec((any::<bool>(), command()), 0..32)) {
        let both = life(&Account.combine(Account), commands.iter().cloned().map(|(left, command)| {
            if left { Either::Left(command) } else { Either::Right(command) }
        }));
        let of = |side| commands.iter().filter(move |(left, _)| *left == side).map(|(_, command)| command.clone());
        let alone = |side| life(&Account, of(side)).pop().map_or(State::Unopened, |moment| moment.state);
        let both = both.last().map_or((State::Unopened, State::Unopened), |moment| moment.state.clone());
        prop_assert_eq!(both, (alone(true), alone(false)));
    }

    #[test]
    fn many_with_one_key_is_the_decider(commands in commands()) {
        let alone: Vec<_> = life(&Account, commands.clone());
        let many = life(&Account.many::<u8>(), commands.into_iter().map(|command| keyed(7, command)));
        let many: Vec<_> = many
            .into_iter()
            .map(|m| Moment {
                // An open number of instances is never at its end.
                terminal: matches!(m.state.get(&7), Some(State::Closed)),
                ..m
            })
            .map(|m| m.said(at(7), |event| { assert_eq!(event.key, 7); event.message }, same))
            .collect();
        prop_assert_eq!(many, alone);
    }

    #[test]
    fn the_keys_of_many_do_not_interfere(commands in vec((0..3u8, command()), 0..48)) {
        let many = Account.many::<u8>();
        let together = life(&many, commands.iter().cloned().map(|(key, command)| keyed(key, command)));
        let state = together.last().map_or_else(OrdMap::new, |moment| moment.state.clone());
        let happened: Vec<_> =
            together.iter().flat_map(|moment| moment.answer.clone().unwrap_or_default()).collect();
        for key in 0..3u8 {
            let own: Vec<Event> = happened
                .iter()
                .filter(|event| event.key == key)
                .map(|event| event.message.clone())
                .collect();
            prop_assert_eq!(at(key)(state.clone()), Account.fold(&own));

            let answers: Vec<_> = commands
                .iter()
                .zip(&together)
                .filter(|((of, _), _)| *of == key)
                .map(|(_, m)| m.answer.clone().map(|events| events.into_iter().map(|e| e.message).collect()))
                .collect();
            let alone = life(&Account, commands.iter().filter(|(of, _)| *of == key).map(|(_, c)| c.clone()));
            prop_assert_eq!(answers, alone.into_iter().map(|moment| moment.answer).collect::<Vec<_>>());
        }
    }

    #[test]
    fn handling_a_command_is_deciding_it_and_folding_its_events(commands in vec((0..3u8, command()), 0..48)) {
        let commands: Vec<_> = commands.into_iter().map(|(key, command)| keyed(key, command)).collect();
        let many = Account.merge(Bonus).many::<u8>();
        let mut state = many.initial_state();
        for (command, moment) in commands.iter().zip(life(&many, commands.clone())) {
            // Somebody keeps the state before: it stays as it was.
            let kept = state.clone();
            let before: Vec<_> = kept.iter().map(|(key, state)| (*key, state.clone())).collect();
            let (after, outcome) = many.handle(state, command);
            prop_assert_eq!(&outcome, &moment.answer);
            prop_assert_eq!(&after, &moment.state);
            prop_assert_eq!(kept.into_iter().collect::<Vec<_>>(), before);
            state = after;
        }
    }

    #[test]
    fn adapting_by_identity_changes_nothing(commands in commands()) {
        let adapted = Account.adapt(|command: &Command| Some(command), |event: &Event| Some(event), same);
        prop_assert_eq!(life(&adapted, commands.clone()), life(&Account, commands));
    }

    #[test]
    fn part_of_is_adapt_by_the_umbrella_with_its_rejections_mapped(
        commands in house_commands(),
        history in house_history(),
    ) {
        let short = Account.part_of::<HouseCommand, HouseEvent, HouseRejection>();
        let long = Account
            .adapt(
                |command: &HouseCommand| match command {
                    HouseCommand::Account(own) => Some(own),
                    HouseCommand::Lamp(_) => None,
                },
                |event: &HouseEvent| match event {
                    HouseEvent::Account(own) => Some(own),
                    HouseEvent::Lamp(_) => None,
                },
                HouseEvent::Account,
            )
            .map_rejection(HouseRejection::Account);
        prop_assert_eq!(life(&short, commands.clone()), life(&long, commands));
        let own: Vec<Event> = history.iter().filter_map(|event| match event {
            HouseEvent::Account(own) => Some(own.clone()),
            HouseEvent::Lamp(_) => None,
        }).collect();
        prop_assert_eq!(short.fold(&history), Account.fold(&own));
        prop_assert_eq!(long.fold(&history), Account.fold(&own));
    }

    #[test]
    fn parts_of_an_umbrella_live_as_they_would_alone(commands in house_commands()) {
        let house = Account.part_of::<HouseCommand, HouseEvent, HouseRejection>().merge(lamp().part_of());
        let together = life(&house, commands.clone());
        let account = life(&Account, commands.iter().filter_map(|command| match command {
            HouseCommand::Account(own) => Some(own.clone()),
            HouseCommand::Lamp(_) => None,
        }));
        let lamp = life(&lamp(), commands.iter().filter(|c| matches!(c, HouseCommand::Lamp(_))).map(|_| Switch));
        let (mut account, mut lamp) = (account.into_iter(), lamp.into_iter());
        for (command, moment) in commands.into_iter().zip(together) {
            match command {
                HouseCommand::Account(_) => {
                    let alone = account.next().unwrap();
                    prop_assert_eq!(moment.state.0, alone.state);
                    prop_assert_eq!(moment.answer, alone.answer
                        .map(|events| events.into_iter().map(HouseEvent::Account).collect())
                        .map_err(HouseRejection::Account));
                }
                HouseCommand::Lamp(_) => {
                    let alone = lamp.next().unwrap();
                    prop_assert_eq!(moment.state.1, alone.state);
                    prop_assert_eq!(moment.answer, alone.answer
                        .map(|events| events.into_iter().map(HouseEvent::Lamp).collect())
                        .map_err(HouseRejection::Lamp));
                }
            }
        }
    }

    #[test]
    fn a_decider_folds_a_split_history_as_the_whole(history in history()) {
        every_split_agrees(&Account, &history)?;
        every_split_agrees(&Account.merge(Allowance).merge(Bonus), &history)?;
        every_split_agrees(
            &decider(|| 0, |_: &(), _: &u32| Err::<Vec<Event>, _>(()), |n: u32, _: &Event| n + 1),
            &history,
        )?;
        every_split_agrees(&Account.map_rejection(|_| ()), &history)?;
        every_split_agrees(&neutral::<Command, Event, Rejection>(), &history)?;
        let reports = Reports.adapt(|event: &Event| Some(event), |report| Command::Deposit(report.0));
        every_split_agrees(&Account.with_process(reports), &history)?;
    }

    #[test]
    fn many_deciders_fold_a_split_history_as_the_whole(history in keyed_history()) {
        every_split_agrees(&Account.many::<u8>(), &history)?;
        every_split_agrees(&Account.merge(Allowance).many::<u8>(), &history)?;
        every_split_agrees(&Reports.many::<u8>(), &history)?;
    }

    #[test]
    fn parts_and_sums_fold_a_split_history_as_the_whole(history in vec((any::<bool>(), event()), 0..24)) {
        let umbrella: Vec<HouseEvent> = history
            .iter()
            .map(|(lit, event)| if *lit { Switched.into() } else { event.clone().into() })
            .collect();
        let house = Account.part_of::<HouseCommand, HouseEvent, HouseRejection>().merge(lamp().part_of());
        every_split_agrees(&house, &umbrella)?;
        let either: Vec<_> = history
            .into_iter()
            .map(|(left, event)| if left { Either::Left(event) } else { Either::Right(event) })
            .collect();
        every_split_agrees(&Account.combine(Allowance), &either)?;
    }

    #[test]
    fn a_view_folds_a_split_history_as_the_whole(history in keyed_history()) {
        every_split_agrees(&count().zip(sum_of_deposits()), &history)?;
        every_split_agrees(&count().keyed(|event: &Keyed<u8, Event>| Some(&event.key)), &history)?;
        every_split_agrees(&Account.filter_map(|event: &Keyed<u8, Event>| Some(&event.message)), &history)?;
        every_split_agrees(&count().map_state(|n| n + 1, |n| n - 1), &history)?;
    }

    #[test]
    fn zipped_views_fold_what_each_folds_alone(history in keyed_history()) {
        let both = count().zip(sum_of_deposits()).fold(&history);
        prop_assert_eq!(both, (count().fold(&history), sum_of_deposits().fold(&history)));
    }

    #[test]
    fn a_keyed_view_has_at_each_key_the_fold_of_its_events(history in keyed_history()) {
        // The fourth key is passed over.
        let keyed = sum_of_deposits().keyed(|event: &Keyed<u8, Event>| (event.key < 3).then_some(&event.key));
        let states = keyed.fold(&history);
        for key in 0..4u8 {
            let own: Vec<_> = history.iter().filter(|event| event.key == key).cloned().collect();
            let expected = (key < 3 && !own.is_empty()).then(|| sum_of_deposits().fold(&own));
            prop_assert_eq!(states.get(&key).copied(), expected);
        }
    }

    #[test]
    fn a_filtered_view_folds_what_the_filter_leaves(history in keyed_history()) {
        let filtered = Account.filter_map(|event: &Keyed<u8, Event>| (event.key == 1).then_some(&event.message));
        let left: Vec<Event> = history.iter().filter(|e| e.key == 1).map(|e| e.message.clone()).collect();
        prop_assert_eq!(filtered.fold(&history), Account.fold(&left));
    }

    #[test]
    fn a_view_with_its_state_mapped_is_the_view_mapped_at_the_end(history in keyed_history()) {
        let doubled = sum_of_deposits().map_state(|n| (n, "euros"), |(n, _)| n);
        prop_assert_eq!(doubled.fold(&history), (sum_of_deposits().fold(&history), "euros"));
    }

    #[test]
    fn a_merge_or_a_sum_is_at_its_end_when_both_are(history in history()) {
        let (account, left) = (Account.fold(&history), Allowance.fold(&history));
        let both = Account.is_terminal(&account) && Allowance.is_terminal(&left);
        let state = (account.clone(), left);
        prop_assert_eq!(Account.merge(Allowance).is_terminal(&state), both);
        prop_assert_eq!(Account.combine(Allowance).is_terminal(&state), both);
        prop_assert!(neutral::<Command, Event, Rejection>().is_terminal(&()));
        prop_assert!(!Account.many::<u8>().is_terminal(&OrdMap::unit(1, account)));
    }

    #[test]
    fn a_process_manager_adapted_by_identity_is_itself(history in history()) {
        let adapted = Reports.adapt(|event: &Event| Some(event), same);
        let state = adapted.fold(&history);
        prop_assert_eq!(&state, &Reports.fold(&history));
        prop_assert_eq!(adapted.pending(&state), Reports.pending(&state));
    }

    #[test]
    fn an_adapted_process_manager_reads_its_own_events_and_wraps_its_commands(
        history in vec((any::<bool>(), event()), 0..24),
    ) {
        let adapted = Reports.adapt(
            |event: &HouseEvent| match event {
                HouseEvent::Account(own) => Some(own),
                HouseEvent::Lamp(_) => None,
            },
            |report| HouseCommand::Account(Command::Deposit(report.0)),
        );
        let own: Vec<Event> = history.iter().filter(|(lit, _)| !lit).map(|(_, event)| event.clone()).collect();
        let all: Vec<HouseEvent> = history
            .into_iter()
            .map(|(lit, event)| if lit { Switched.into() } else { event.into() })
            .collect();
        let expected: Vec<_> = Reports
            .pending(&Reports.fold(&own))
            .into_iter()
            .map(|owed| Owed {
                key: owed.key,
                command: HouseCommand::Account(Command::Deposit(owed.command.0)),
                due: owed.due,
            })
            .collect();
        prop_assert_eq!(adapted.pending(&adapted.fold(&all)), expected);
    }

    #[test]
    fn many_process_managers_owe_what_each_owes_alone_under_its_own_key(history in keyed_history()) {
        let many = Reports.many::<u8>();
        let mut expected = Vec::new();
        for key in 0..4u8 {
            let own: Vec<Event> = history.iter().filter(|e| e.key == key).map(|e| e.message.clone()).collect();
            expected.extend(Reports.pending(&Reports.fold(&own)).into_iter().map(|owed| Owed {
                key: format!("{key}/{}", owed.key),
                command: keyed(key, owed.command),
                due: owed.due,
            }));
        }
        prop_assert_eq!(many.pending(&many.fold(&history)), expected);
    }

    #[test]
    fn merged_process_managers_owe_what_each_owes_alone_the_left_one_first(history in history()) {
        let both = Reports.merge(Receipts);
        let state = both.fold(&history);
        prop_assert_eq!(&state, &(Reports.fold(&history), Receipts.fold(&history)));
        let expected = [Reports.pending(&state.0), Receipts.pending(&state.1)].concat();
        prop_assert_eq!(both.pending(&state), expected);
    }

    #[test]
    fn merge_of_process_managers_is_associative(history in history()) {
        let third = || Receipts.prefixed("copy");
        let left = Reports.merge(Receipts).merge(third());
        let right = Reports.merge(Receipts.merge(third()));
        prop_assert_eq!(left.pending(&left.fold(&history)), right.pending(&right.fold(&history)));
    }

    #[test]
    fn a_process_manager_that_owes_nothing_is_the_unit_of_merge(history in history()) {
        let nothing = || process_manager(|| (), |(), _: &Event| (), |()| Vec::new());
        let (before, after) = (nothing().merge(Reports), Reports.merge(nothing()));
        let alone = Reports.pending(&Reports.fold(&history));
        prop_assert_eq!(&before.pending(&before.fold(&history)), &alone);
        prop_assert_eq!(&after.pending(&after.fold(&history)), &alone);
    }

    #[test]
    fn reactions_of_a_merge_are_those_of_both(history in history(), more in event()) {
        let both = Reports.merge(Receipts);
        let (before, after) = (both.fold(&history), both.fold(history.iter().chain([&more])));
        let expected = [Reports.reactions(&before.0, &after.0), Receipts.reactions(&before.1, &after.1)].concat();
        prop_assert_eq!(both.reactions(&before, &after), expected);
    }

    #[test]
    fn a_prefix_changes_the_keys_and_nothing_else(history in history()) {
        let prefixed = Receipts.prefixed("office");
        let state = prefixed.fold(&history);
        let mut expected = Receipts.pending(&state);
        expected.iter_mut().for_each(|owed| owed.key = format!("office/{}", owed.key));
        prop_assert_eq!(prefixed.pending(&state), expected);
    }

    #[test]
    fn part_of_is_the_short_form_of_adapt_for_process_managers_too(history in house_history()) {
        struct Wrapped;
        impl Fold for Wrapped {
            type State = OrdSet<u8>;
            type Event = Event;
            fn initial_state(&self) -> OrdSet<u8> {
                Receipts.initial_state()
            }
            fn evolve(&self, open: OrdSet<u8>, event: &Event) -> OrdSet<u8> {
                Receipts.evolve(open, event)
            }
        }
        impl ProcessManager for Wrapped {
            type Command = Command;
            fn pending(&self, open: &OrdSet<u8>) -> Vec<Owed<Command>> {
                let owed = Receipts.pending(open).into_iter();
                owed.map(|Owed { key, command, due }| Owed { key, command: Command::Deposit(command.0), due }).collect()
            }
        }
        let short = (&Wrapped).part_of::<HouseCommand, HouseEvent>();
        let long = (&Wrapped).adapt(
            |event: &HouseEvent| match event {
                HouseEvent::Account(own) => Some(own),
                HouseEvent::Lamp(_) => None,
            },
            HouseCommand::Account,
        );
        let state = short.fold(&history);
        prop_assert_eq!(&state, &long.fold(&history));
        prop_assert_eq!(short.pending(&state), long.pending(&state));
    }

    #[test]
    fn reactions_are_what_is_owed_after_and_was_not_before(history in history(), more in event()) {
        let before = Reports.fold(&history);
        let after = Reports.evolve(before.clone(), &more);
        let new = after.clone().relative_complement(before.clone());
        let new: Vec<_> = new.into_iter().map(Report).collect();
        let reactions = Reports.reactions(&before, &after);
        prop_assert_eq!(reactions.into_iter().map(|owed| owed.command).collect::<Vec<_>>(), new);
    }
}

// ---------------------------------------------------------------------------------------- what the laws speak of

fn count() -> impl Fold<State = u32, Event = Keyed<u8, Event>> {
    view(|| 0, |n: u32, _: &Keyed<u8, Event>| n + 1)
}

fn sum_of_deposits() -> impl Fold<State = u32, Event = Keyed<u8, Event>> {
    view(
        || 0,
        |sum: u32, event: &Keyed<u8, Event>| match event.message {
            Event::Deposited(amount) => sum + u32::from(amount),
            _ => sum,
        },
    )
}

/// The state of one instance: a key not seen yet is in the initial state.
fn at(key: u8) -> impl Fn(OrdMap<u8, State>) -> State {
    move |states| states.get(&key).cloned().unwrap_or(State::Unopened)
}

/// Each command with the state it was decided on, beside what came of it.
#[allow(clippy::type_complexity)]
fn before_and_after<D>(
    decider: &D,
    commands: Vec<D::Command>,
) -> Vec<((D::Command, D::State), Moment<D::State, D::Event, D::Rejection>)>
where
    D: Decider<State: Clone, Event: Clone, Command: Clone>,
{
    let moments = life(decider, commands.clone());
    let after = moments.iter().map(|moment| moment.state.clone());
    let before: Vec<D::State> = std::iter::once(decider.initial_state()).chain(after).collect();
    commands.into_iter().zip(before).zip(moments).collect()
}

fn to_the_right<T>(it: Either<Either<T, T>, T>) -> Either<T, Either<T, T>> {
    match it {
        Either::Left(Either::Left(it)) => Either::Left(it),
        Either::Left(Either::Right(it)) => Either::Right(Either::Left(it)),
        Either::Right(it) => Either::Right(Either::Right(it)),
    }
}

fn only_left<L, R: Debug>(it: Either<L, R>) -> L {
    match it {
        Either::Left(it) => it,
        Either::Right(it) => panic!("{it:?} came from nowhere"),
    }
}

fn only_right<L: Debug, R>(it: Either<L, R>) -> R {
    match it {
        Either::Right(it) => it,
        Either::Left(it) => panic!("{it:?} came from nowhere"),
    }
}
