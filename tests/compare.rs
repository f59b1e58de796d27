//! Two models are compared: every kind of difference is found, with a shortest story, and nothing else is.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "models/reserve.rs"]
mod reserve;
#[path = "compare/tables.rs"]
mod tables;

use account::{Account, Command, Event, Rejection, State};
use leftfold::check::{
    ComparedAnswer, ComparedExtent, ModelComparison, NamedOutcome, Story, compare, compare_histories, explore,
};
use leftfold::{Decider, Fold, keyed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Instant;

fn commands(state: &State) -> Vec<Command> {
    let mut commands =
        vec![Command::OpenAccount { owner: "Petra".into() }, Command::CloseAccount, Command::Withdraw(0)];
    commands.extend((1..=3).map(Command::Withdraw));
    let balance = if let State::Open { balance, .. } = state { *balance } else { 0 };
    commands.extend((1..=3).filter(|amount| balance + amount <= 7).map(Command::Deposit));
    commands
}

/// The account with another rule.
#[derive(Clone, Copy)]
enum Planted {
    /// No change at all.
    Nothing,
    /// One more than there is can be withdrawn.
    Overdraft,
    /// The name of the owner is recorded in capitals.
    Capitals,
    /// A balance of six panics when the account is closed.
    Panics,
    /// A deposit that makes seven cannot be folded.
    Unfolded,
}

impl Fold for Planted {
    type State = State;
    type Event = Event;
    fn initial_state(&self) -> State {
        State::New
    }
    fn evolve(&self, state: State, event: &Event) -> State {
        let state = Account.evolve(state, event);
        if let (Planted::Unfolded, State::Open { balance: 7, .. }) = (self, &state) {
            panic!("seven");
        }
        state
    }
}

impl Decider for Planted {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (self, command, state) {
            (Planted::Overdraft, Command::Withdraw(amount), State::Open { balance, .. })
                if *amount > 0 && *amount == balance + 1 =>
            {
                Ok(vec![Event::Withdrawn(*amount)])
            }
            (Planted::Capitals, Command::OpenAccount { owner }, State::New) => {
                Ok(vec![Event::AccountOpened { owner: owner.to_uppercase() }])
            }
            (Planted::Panics, Command::CloseAccount, State::Open { balance: 6, .. }) => panic!("six"),
            _ => Account.decide(command, state),
        }
    }
}

fn happened(names: &[&str]) -> NamedOutcome {
    NamedOutcome::Happened(names.iter().map(ToString::to_string).collect())
}

/// The length of the shortest history to a different outcome, by trying all of them, without a memory of states.
fn naive_shortest<O, N>(
    old: &O,
    new: &N,
    most: usize,
    commands: &dyn Fn(&O::State) -> Vec<O::Command>,
) -> Option<usize>
where
    O: Decider<State: Clone, Event: PartialEq, Rejection: PartialEq>,
    N: Decider<State: Clone, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    let mut histories = vec![(old.initial_state(), new.initial_state())];
    for length in 1..=most {
        let mut longer = Vec::new();
        for (was, is) in histories {
            for command in commands(&was) {
                match (old.decide(&command, &was), new.decide(&command, &is)) {
                    (Ok(one), Ok(other)) if one == other => {
                        longer.push((old.fold_from(was.clone(), &one), new.fold_from(is.clone(), &one)));
                    }
                    (Err(one), Err(other)) if one == other => (),
                    _ => return Some(length),
                }
            }
        }
        histories = longer;
    }
    None
}

#[test]
fn an_overdraft_is_found_with_a_shortest_story() {
    let found = compare(&Account, &Planted::Overdraft, commands).run();
    assert_eq!(found.extent, ComparedExtent::Whole);
    let [difference] = &found.differences[..] else { panic!("{found}") };
    assert_eq!(
        (&*difference.command, &difference.old),
        ("Withdraw", &NamedOutcome::Refused("InsufficientFunds".into()))
    );
    assert_eq!(difference.new, happened(&["Withdrawn"]));
    // With a balance of 0, 1 and 2.
    assert_eq!(difference.times, 3, "{found}");
    assert!(difference.proved_shortest && difference.refuses_less() && !difference.refuses_more());
    let shortest = naive_shortest(&Account, &Planted::Overdraft, 4, &|state| commands(state));
    assert_eq!(Some(difference.commands.len()), shortest);
    assert_eq!(difference.commands, [Command::OpenAccount { owner: "Petra".into() }, Command::Withdraw(1)]);
}

#[test]
fn another_content_under_the_same_names_is_a_kind_with_its_field() {
    let found = compare(&Account, &Planted::Capitals, commands).run();
    let [difference] = &found.differences[..] else { panic!("{found}") };
    assert_eq!(difference.field.as_deref(), Some("AccountOpened.owner"));
    assert_eq!(difference.old, difference.new);
    assert_eq!(Some(1), naive_shortest(&Account, &Planted::Capitals, 2, &|state| commands(state)));
    assert_eq!(
        (difference.commands.len(), difference.times, found.states),
        (1, 1, 1),
        "the branch ends there"
    );
    assert_eq!(
        difference.new_answer,
        ComparedAnswer::Events(vec![Event::AccountOpened { owner: "PETRA".into() }])
    );
}

#[test]
fn the_field_of_a_message_with_a_key_is_named_too() {
    let (old, new) = (Account.many::<u8>(), Planted::Capitals.many::<u8>());
    let listed = |_: &_| [keyed(7, Command::OpenAccount { owner: "Petra".into() })];
    let found = compare(&old, &new, listed).run();
    assert_eq!(found.differences[0].field.as_deref(), Some("AccountOpened.owner"), "{found}");
}

/// The reserve of this many customers with each of the planted mistakes, and the command and the length of the story of each.
fn planted(customers: u8) -> [(reserve::Reserve, &'static str, usize); 3] {
    use reserve::Reserve;
    [
        (Reserve::with_sign_unchecked(customers), "Sign", 6),
        (Reserve { refund_all: true, ..Reserve::of(customers) }, "Terminate", 5),
        (Reserve { suspended_pays_nothing: true, ..Reserve::of(customers) }, "Pay", 6),
    ]
}

#[test]
fn planted_mistakes_are_found_in_the_reserve_model() {
    let old = reserve::Reserve::of(2);
    for (new, command, shortest) in planted(2) {
        let found = compare(&old, &new, reserve::alphabet(2)).run();
        let difference = &found.differences[0];
        assert!(found.differences.iter().all(|kind| kind.command == command), "{found}");
        assert!(difference.proved_shortest && found.extent == ComparedExtent::Whole, "{found}");
        assert_eq!(difference.commands.len(), shortest, "{found}");
        let few = |state: &reserve::State| {
            // Refused commands are left out, and the second customer comes after the first: all histories are too many.
            let mut few: Vec<_> = reserve::alphabet(2)(state);
            few.retain(|command| old.decide(command, state).is_ok() || new.decide(command, state).is_ok());
            few.retain(|command| *command != reserve::Command::Open(1) || state.contracts.contains_key(&0));
            few
        };
        assert_eq!(Some(shortest), naive_shortest(&old, &new, shortest, &few), "{command}");
    }
}

#[test]
fn walks_find_planted_mistakes_in_a_model_that_is_too_large_to_explore() {
    let old = reserve::Reserve::of(3);
    for (new, command, shortest) in planted(3) {
        let walked = || compare(&old, &new, reserve::alphabet(3)).walks(200).seed(7).run();
        let found = walked();
        assert_eq!(found.extent, ComparedExtent::Walked { walks: 200 });
        assert!(
            !found.differences.is_empty() && found.differences.iter().all(|kind| kind.command == command),
            "{found}"
        );
        for kind in &found.differences {
            assert!(kind.commands.len() >= shortest && !kind.proved_shortest, "{found}");
            kind.scenario(&old).assert(&old);
            assert!(kind.scenario(&old).run(&new).is_err(), "{found}");
        }
        // Nothing that is not needed is left in its story.
        assert_eq!(found.differences[0].commands.len(), shortest, "{found}");
        let page = found.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            page.contains("seen on 200 random walks") && page.contains(", not proved shortest"),
            "{found}"
        );
        assert_eq!(walked(), found);
    }
    // Few walks meet long stories; what is not needed is left out of them, so that no command can be taken away.
    let new = reserve::Reserve { suspended_pays_nothing: true, ..old };
    let found = compare(&old, &new, reserve::alphabet(3)).walks(3).run();
    assert!(!found.differences.is_empty(), "{found}");
    for kind in &found.differences {
        let ends = |commands: &[reserve::Command]| {
            let (last, before) = commands.split_last().unwrap();
            let state = Story::<reserve::Reserve>::of(before.iter().cloned()).state(&old);
            let kind = |outcome: Result<_, reserve::Rejection>| {
                outcome.map(|_| ()).map_err(|rejection| std::mem::discriminant(&rejection))
            };
            (kind(old.decide(last, &state)), kind(new.decide(last, &state)))
        };
        let whole = ends(&kind.commands);
        for left_out in 0..kind.commands.len() - 1 {
            let mut fewer = kind.commands.clone();
            fewer.remove(left_out);
            assert_ne!(ends(&fewer), whole, "{found}");
        }
    }
    let found = compare(&old, &old, reserve::alphabet(3)).walks(20).run();
    assert!(!found.is_same() && !found.refines() && found.refines_as_far_as_seen(), "{found}");
    assert!(found.to_string().ends_with("same      as far as it was seen\n"), "{found}");
}

#[test]
fn walks_say_of_a_small_model_what_exploring_says() {
    let explored = compare(&Account, &Planted::Overdraft, commands).run();
    let walked = compare(&Account, &Planted::Overdraft, commands).walks(100).run();
    let counts =
        |found: &ModelComparison<Command, Event, Rejection>| (found.states, found.accepted, found.refused);
    assert_eq!(counts(&walked), counts(&explored), "each step counts once");
    let kinds = |found: &ModelComparison<Command, Event, Rejection>| {
        found
            .differences
            .iter()
            .map(|kind| (kind.command.clone(), kind.times, kind.commands.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&walked), kinds(&explored));

    let short = compare(&Account, &Planted::Overdraft, commands).walks(100).depth(3).run();
    assert!(short.deepest == 3 && short.states < walked.states, "{short}");
    let few = compare(&Account, &Planted::Overdraft, commands).walks(100).states(4).run();
    assert_eq!(few.states, 4);

    let found = compare(&Account, &Planted::Panics, commands).walks(100).run();
    assert_eq!(found.differences[0].new, NamedOutcome::Panicked, "{found}");
    let found = compare(&Planted::Unfolded, &Planted::Unfolded, commands).walks(100).run();
    assert!(found.both_panicked == 3 && found.differences.is_empty(), "{found}");
    let unknown = |rejection: &Rejection| *rejection == Rejection::NotOpen;
    let found = compare(&Account, &Account, commands).walks(100).unknown(unknown).run();
    assert!(found.unknown > 0 && found.differences.is_empty(), "{found}");
    let broken = |state: &State| if *state == State::Closed { panic!("no list") } else { commands(state) };
    let found = compare(&Account, &Account, broken).walks(100).run();
    assert!(matches!(&found.extent, ComparedExtent::Unfit(why) if why.starts_with("no list")), "{found}");
}

#[test]
fn memory_and_time_bound_a_comparison() {
    let reserve = reserve::Reserve::of(2);
    let bounded = compare(&reserve, &reserve, reserve::alphabet(2)).memory(10_000).run();
    assert!(matches!(bounded.extent, ComparedExtent::Bounded { .. }) && bounded.states < 14_288, "{bounded}");
    let mut reports = 0;
    let bounded = compare(&reserve, &reserve, reserve::alphabet(2))
        .time(std::time::Duration::ZERO)
        .progress(|_| reports += 1)
        .run();
    assert!(matches!(bounded.extent, ComparedExtent::Bounded { .. }) && !bounded.is_same(), "{bounded}");
}

#[test]
fn a_panic_on_one_side_is_a_kind_and_it_goes_on() {
    let found = compare(&Account, &Planted::Panics, commands).run();
    let [difference] = &found.differences[..] else { panic!("{found}") };
    assert_eq!(
        (&difference.old, &difference.new),
        (&NamedOutcome::Refused("NotEmpty".into()), &NamedOutcome::Panicked)
    );
    assert!(matches!(&difference.new_answer, ComparedAnswer::Panic(message) if message.starts_with("six (")));
    let all = compare(&Account, &Account, commands).run();
    assert_eq!((found.states, found.extent), (all.states, ComparedExtent::Whole));

    let found = compare(&Account, &Planted::Unfolded, commands).run();
    assert!(found.differences.iter().all(|difference| difference.new == NamedOutcome::Panicked), "{found}");
    // Nothing beyond a balance of seven is reached together.
    assert_eq!((found.states, found.extent), (all.states - 1, ComparedExtent::Whole));

    let found = compare(&Planted::Unfolded, &Planted::Unfolded, commands).run();
    assert!(found.is_same() && found.both_panicked == 3, "{found}");
}

#[test]
fn a_model_is_the_same_as_itself() {
    assert!(compare(&Account, &Planted::Nothing, commands).run().is_same());
    let reserve = reserve::Reserve::of(2);
    let found = compare(&reserve, &reserve, reserve::alphabet(2)).threads(2).run();
    assert!(found.is_same() && found.states == 14_288, "{found}");
    let bounded = compare(&reserve, &reserve, reserve::alphabet(2)).depth(3).run();
    assert!(!bounded.is_same() && !bounded.refines() && bounded.refines_as_far_as_seen(), "{bounded}");
    assert!(
        bounded.to_string().contains("bounded to 3 commands")
            && bounded.to_string().contains("as far as it was seen")
    );
    let nothing = compare(&Account, &Account, |_: &State| []).run();
    assert!(!nothing.is_same() && !nothing.refines_as_far_as_seen(), "{nothing}");
}

/// The account with its state kept in another way: all movements, and no balance.
struct Movements;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Book {
    owner: Option<String>,
    paid_in: u64,
    taken_out: u64,
    closed: bool,
}

impl Book {
    fn state(&self) -> State {
        match &self.owner {
            _ if self.closed => State::Closed,
            Some(owner) => State::Open { owner: owner.clone(), balance: self.paid_in - self.taken_out },
            None => State::New,
        }
    }
}

impl Fold for Movements {
    type State = Book;
    type Event = Event;
    fn initial_state(&self) -> Book {
        Book::default()
    }
    fn evolve(&self, mut book: Book, event: &Event) -> Book {
        match event {
            Event::AccountOpened { owner } => book.owner = Some(owner.clone()),
            Event::Deposited(amount) => book.paid_in += amount,
            Event::Withdrawn(amount) => book.taken_out += amount,
            Event::AccountClosed => book.closed = true,
        }
        book
    }
}

impl Decider for Movements {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, book: &Book) -> Result<Vec<Event>, Rejection> {
        Account.decide(command, &book.state())
    }
}

#[test]
fn a_state_that_is_kept_in_another_way_is_the_same() {
    // Money that goes in and out makes ever new books, so all of it is paid in and taken out once.
    let listed = |book: &Book| {
        let mut listed = commands(&book.state());
        listed.retain(|command| !matches!(command, Command::Deposit(amount) if book.paid_in + amount > 7));
        listed
    };
    let found = compare(&Movements, &Account, listed).run();
    assert!(found.is_same() && found.states > 20, "{found}");
    let found = compare(&Movements, &Planted::Overdraft, listed).run();
    assert_eq!(found.differences.len(), 1, "{found}");
}

#[test]
fn the_commands_of_both_are_tried() {
    let few = |_: &State| [Command::OpenAccount { owner: "Petra".into() }, Command::Withdraw(0)];
    let by_old = compare(&Account, &Planted::Overdraft, few).run();
    assert!(by_old.is_same(), "{by_old}");
    let by_both = compare(&Account, &Planted::Overdraft, few).new_commands(commands).run();
    let all = compare(&Account, &Planted::Overdraft, commands).new_commands(commands).run();
    assert_eq!(by_both.differences, all.differences);
    assert_eq!((by_both.accepted, by_both.refused), (all.accepted, all.refused), "no command counts twice");
}

#[test]
fn what_may_be_refused_is_allowed_and_its_branch_ends() {
    let found = compare(&Account, &Planted::Overdraft, commands).may_refuse_less().run();
    assert!(found.refines() && !found.is_same() && found.allowed.len() == 1, "{found}");
    assert!(found.to_string().ends_with("refines   over this alphabet\n"), "{found}");
    let found = compare(&Account, &Planted::Overdraft, commands).may_refuse_more().run();
    assert!(!found.refines() && found.allowed.is_empty(), "{found}");
    let found = compare(&Planted::Overdraft, &Account, commands).may_refuse_more().run();
    assert!(found.refines(), "{found}");
    let found = compare(&Account, &Planted::Panics, commands).may_refuse_more().may_refuse_less().run();
    assert!(!found.refines(), "a panic is no refusal: {found}");
}

#[test]
fn what_one_side_does_not_know_is_neither_alike_nor_different() {
    let is_unknown = |rejection: &Rejection| *rejection == Rejection::NotOpen;
    let found = compare(&Account, &Account, commands).unknown(is_unknown).run();
    assert!(
        found.unknown > 0 && !found.is_same() && !found.refines() && found.refines_as_far_as_seen(),
        "{found}"
    );
    let plain = compare(&Account, &Account, commands).run();
    assert_eq!(found.refused + found.unknown, plain.refused);

    let is_unknown = |rejection: &Rejection| matches!(rejection, Rejection::InsufficientFunds { .. });
    let found = compare(&Account, &Planted::Overdraft, commands).unknown(is_unknown).run();
    assert!(found.differences.is_empty() && !found.is_same(), "{found}");
}

#[test]
fn a_difference_is_a_scenario_that_one_side_passes() {
    let (old, new) = (Planted::Nothing, Planted::Overdraft);
    let found = compare(&old, &new, commands).run();
    let difference = &found.differences[0];
    difference.scenario(&old).assert(&old);
    difference.scenario(&new).assert(&new);
    assert!(difference.scenario(&old).run(&new).is_err() && difference.scenario(&new).run(&old).is_err());
    assert_eq!(
        difference.code(&Account),
        "Scenario::named(\"Withdraw: refused, InsufficientFunds became Withdrawn\")\n    .given_commands([\n        \
         Command::OpenAccount { owner: \"Petra\".into() },\n    ])\n    .when(Command::Withdraw(1))\n    \
         .then_rejected(Rejection::InsufficientFunds { balance: 0 }),\n"
    );
    assert_eq!(
        difference.text(&Account),
        "Feature: the models differ\n\n  Scenario: Withdraw: refused, InsufficientFunds became Withdrawn\n    \
         Given open account, owner \"Petra\"\n    When withdraw 1\n    Then it is refused: insufficient funds, balance 0\n"
    );
}

#[test]
fn the_answer_is_a_value() {
    let found = compare(&Account, &Planted::Panics, commands).run();
    let json = serde_json::to_string(&found).unwrap();
    let read: ModelComparison<Command, Event, Rejection> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, found);
}

#[test]
fn a_history_counts_once_at_its_first_difference() {
    let opened = || Event::AccountOpened { owner: "Petra".into() };
    let histories = [
        ("no difference", vec![opened(), Event::Deposited(5), Event::Withdrawn(5)]),
        ("two differences", vec![opened(), Event::Deposited(4), Event::Withdrawn(5), Event::Withdrawn(1)]),
        ("one, sooner", vec![opened(), Event::Withdrawn(1)]),
    ];
    let command_for = |event: &Event| {
        Some(match event {
            Event::AccountOpened { owner } => Command::OpenAccount { owner: owner.clone() },
            Event::Deposited(amount) => Command::Deposit(*amount),
            Event::Withdrawn(amount) => Command::Withdraw(*amount),
            Event::AccountClosed => Command::CloseAccount,
        })
    };
    let found = compare_histories(&Account, &Planted::Overdraft, histories.clone(), command_for, |_| false);
    assert_eq!((found.histories, found.differing(), found.differences.len()), (3, 2, 1), "{found}");
    assert_eq!((found.differences[0].history.as_deref(), found.decided), (Some("one, sooner"), 8));
    let same = compare_histories(&Account, &Account, histories.clone(), command_for, |_| false);
    assert!(same.is_same(), "{same}");

    // What cannot be folded on one side is a difference too, and the other histories are still replayed.
    let seven = ("seven", vec![opened(), Event::Deposited(7), Event::Withdrawn(1)]);
    let histories = [seven].into_iter().chain(histories);
    let found = compare_histories(&Account, &Planted::Unfolded, histories, command_for, |_| false);
    assert_eq!((found.histories, found.differing()), (4, 1), "{found}");
    assert_eq!(found.differences[0].new, NamedOutcome::Panicked);
}

/// The comparison beside one exploration, interleaved; run in release with `--ignored --nocapture`.
#[test]
#[ignore = "measures time"]
fn a_pair_costs_little_more_than_two_explorations() {
    let (old, new) = (reserve::Reserve::of(2), reserve::Reserve::of(2));
    let mut times = BTreeMap::<&str, Vec<f64>>::new();
    for _ in 0..15 {
        let begun = Instant::now();
        let one = explore(&old, reserve::alphabet(2)).run();
        times.entry("one").or_default().push(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let both = compare(&old, &new, reserve::alphabet(2)).run();
        times.entry("pair").or_default().push(begun.elapsed().as_secs_f64());
        assert_eq!((one.states, one.accepted, one.refused), (both.states, both.accepted, both.refused));
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (one, pair) = (median(times.get_mut("one").unwrap()), median(times.get_mut("pair").unwrap()));
    println!("one {one:.4} s, pair {pair:.4} s: {:.2} times", pair / one);
    assert!(pair / one <= 2.2);
}
