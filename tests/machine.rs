//! An explored model is a value: a machine that answers as the model does, and whose smallest form depends on behaviour alone.

use leftfold::check::explore::Explorable;
use leftfold::check::{
    Machine, MachineAnswer, MachineError, MachineFileError, MachineNode, MachineRejection, NodeMark, Story,
    Unfit, explore,
};
use leftfold::{Decider, Fold, decider};
use office::model as contract;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::io::Write;

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;
#[allow(dead_code, unused_imports)]
#[path = "../examples/contract"]
mod office {
    pub mod model;
}
#[allow(dead_code)]
#[path = "../examples/order/model.rs"]
mod order;
#[allow(dead_code)]
#[path = "../examples/two_phase_commit/model.rs"]
mod two_phase_commit;

type MachineOf<D> = Machine<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// A decider whose messages can be written, read and compared.
trait Whole:
    Decider<
        State: Explorable,
        Command: Clone + Debug + Serialize + DeserializeOwned + Sync,
        Event: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Sync,
        Rejection: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Sync,
    > + Sync
{
}

impl<D> Whole for D where
    D: Decider<
            State: Explorable,
            Command: Clone + Debug + Serialize + DeserializeOwned + Sync,
            Event: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Sync,
            Rejection: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Sync,
        > + Sync
{
}

fn machine<D: Whole>(model: &D, alphabet: impl Fn(&D::State) -> Vec<D::Command> + Sync) -> MachineOf<D> {
    explore(model, alphabet).machine().unwrap().named("test")
}

fn read_back<D: Whole>(machine: &MachineOf<D>) -> MachineOf<D> {
    let read = Machine::from_json(&machine.to_json()).unwrap();
    assert_eq!(&read, machine);
    read
}

/// Asks the machine at each of its nodes what it asks the model in the state of this node.
fn answers_as<D: Whole>(
    machine: &MachineOf<D>,
    model: &D,
    alphabet: impl Fn(&D::State) -> Vec<D::Command>,
) -> usize {
    let mut asked = 0;
    for node in machine.nodes().filter(|node| machine.mark(*node) != Some(NodeMark::InBetween)) {
        let story = machine.story(node).unwrap();
        let state = Story::<D>::of(story.into_iter().cloned()).state(model);
        assert_eq!(machine.is_terminal(&node), model.is_terminal(&state));
        for command in alphabet(&state) {
            let MachineAnswer::Outcome { outcome, after } = machine.answer(node, &command) else {
                panic!("{command:?} is not known at {node:?}");
            };
            assert_eq!(outcome, model.decide(&command, &state));
            assert_eq!(after, machine.fold_from(node, outcome.iter().flatten()));
            asked += 1;
        }
    }
    asked
}

/// Explores the machine as a model, and compares the counts.
fn explored_alike<D: Whole>(
    model: &D,
    alphabet: impl Fn(&D::State) -> Vec<D::Command> + Sync,
) -> ((usize, u64, u64), MachineOf<D>) {
    let own = explore(model, &alphabet).run();
    let machine = read_back::<D>(&machine(model, alphabet));
    assert!(machine.is_whole());
    let again =
        explore(&machine, |node: &MachineNode| machine.commands(*node).cloned().collect::<Vec<_>>()).run();
    again.assert_as_far_as_seen();
    let own = (own.states, own.accepted, own.refused);
    assert_eq!((again.states, again.accepted, again.refused), own);
    (own, machine)
}

/// All messages of the order example: both orders at once.
fn orders<S>(_: &S) -> Vec<leftfold::Keyed<u64, order::Command>> {
    [1, 2].into_iter().flat_map(order::commands).collect()
}

fn contracts<S>(_: &S) -> Vec<contract::Command> {
    contract::scenarios::alphabet()
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Letter {
    A,
    B,
}

#[test]
fn one_outcome_may_begin_another() {
    use Letter::{A, B};
    let model = decider(
        String::new,
        |long: &bool, seen: &String| match (seen.len(), long) {
            (0, false) => Ok(vec![A]),
            (0, true) => Ok(vec![A, B]),
            (1, _) => Ok(vec![B, B]),
            _ => Err("too long".to_string()),
        },
        |seen: String, letter: &Letter| seen + if *letter == A { "a" } else { "b" },
    );
    let machine = machine(&model, |_: &String| vec![true, false]);
    // "", "a", "ab", "abb"; "ab" is met, and lies in the midst of the last one's outcome as well.
    assert_eq!(machine.nodes().len(), 4);
    let node = |events: &[Letter]| machine.fold(events);
    let outcome = |outcome, after| MachineAnswer::Outcome { outcome, after };
    assert_eq!(machine.answer(node(&[]), &false), outcome(Ok(vec![A]), node(&[A])));
    assert_eq!(machine.answer(node(&[]), &true), outcome(Ok(vec![A, B]), node(&[A, B])));
    assert_eq!(machine.answer(node(&[A]), &true), outcome(Ok(vec![B, B]), node(&[A, B, B])));
    assert_eq!(machine.answer(node(&[A, B]), &true), outcome(Err("too long".into()), node(&[A, B])));
    assert_eq!(node(&[B]), MachineNode::NotInTable);
    assert_eq!(machine.fold(&[B, A]), MachineNode::NotInTable);
    assert_eq!(machine.answer(MachineNode::NotInTable, &true), MachineAnswer::NotInTable);
    // What is too long is alike, however long.
    assert_eq!(machine.quotient().nodes().len(), 3);
}

#[test]
fn nodes_in_the_midst_of_an_outcome_are_marked_and_come_last() {
    let model = decider(
        || 0u8,
        |_: &(), at: &u8| if *at == 0 { Ok(vec![1u8, 2, 3]) } else { Err(()) },
        |_, to: &u8| *to,
    );
    let machine = machine(&model, |_: &u8| vec![()]);
    let marks: Vec<_> = machine.nodes().map(|node| machine.mark(node).unwrap()).collect();
    assert_eq!(marks, [NodeMark::Followed, NodeMark::Followed, NodeMark::InBetween, NodeMark::InBetween]);
    let between = machine.fold(&[1u8]);
    assert_eq!(between, MachineNode::Number(2));
    assert_eq!(machine.answer(between, &()), MachineAnswer::NotInTable);
    assert_eq!(machine.story(between), Some(vec![&()]));
}

#[test]
fn the_contracts_are_answered_from_a_file_as_by_the_model() {
    let model = contract::whole();
    let machine = machine(&model, contracts);
    let between = |machine: &Machine<_, _, _>| {
        machine.nodes().filter(|node| machine.mark(*node) == Some(NodeMark::InBetween)).count()
    };
    assert_eq!((machine.nodes().len(), between(&machine)), (297 + 213, 213));
    let machine = read_back_of(&model, &machine);
    assert_eq!(answers_as(&machine, &model, contracts), 5_049);
}

fn read_back_of<D: Whole>(_: &D, machine: &MachineOf<D>) -> MachineOf<D> {
    read_back::<D>(machine)
}

#[test]
fn a_machine_is_explored_as_its_model() {
    explored_alike(&account::Account, account::commands);
    explored_alike(&order::shop(), orders);
    assert_eq!(explored_alike(&contract::whole(), contracts).0.0, 297);
}

#[test]
fn a_protocol_of_8832_states_is_explored_as_its_model_and_its_file_is_small() {
    let model = two_phase_commit::TwoPhaseCommit { participants: 5 };
    let (counts, machine) = explored_alike(&model, two_phase_commit::alphabet);
    assert_eq!(counts.0, 8_832);
    assert_eq!(counts.1 + counts.2, 238_464);

    let text = machine.to_json();
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    zipped.write_all(text.as_bytes()).unwrap();
    let zipped = zipped.finish().unwrap().len();
    println!("{} bytes, {zipped} compressed", text.len());
    assert!(zipped <= 300_000, "{zipped} bytes");
}

/// A model whose state has one more field, which decides nothing: whether the number of events is odd, and the last one.
struct WithOneMoreField<D>(D);

impl<D: Decider<Event: Debug>> Fold for WithOneMoreField<D> {
    type State = ((bool, String), D::State);
    type Event = D::Event;

    fn initial_state(&self) -> Self::State {
        ((false, String::new()), self.0.initial_state())
    }

    fn evolve(&self, ((odd, _), state): Self::State, event: &D::Event) -> Self::State {
        ((!odd, format!("{event:?}")), self.0.evolve(state, event))
    }
}

impl<D: Decider<Event: Debug>> Decider for WithOneMoreField<D> {
    type Command = D::Command;
    type Rejection = D::Rejection;

    fn decide(&self, command: &D::Command, (_, state): &Self::State) -> Result<Vec<D::Event>, D::Rejection> {
        self.0.decide(command, state)
    }

    fn is_terminal(&self, (_, state): &Self::State) -> bool {
        self.0.is_terminal(state)
    }

    fn is_refusal(&self, event: &D::Event) -> bool {
        self.0.is_refusal(event)
    }
}

fn one_more_field_changes_no_quotient<D: Whole>(
    model: impl Fn() -> D,
    alphabet: impl Fn(&D::State) -> Vec<D::Command> + Sync,
) {
    let plain = machine(&model(), &alphabet);
    let wider =
        machine(&WithOneMoreField(model()), |(_, state): &((bool, String), D::State)| alphabet(state));
    assert!(wider.nodes().len() > plain.nodes().len());
    assert_eq!(wider.quotient().to_json(), plain.quotient().to_json());

    let reversed = machine(&model(), |state: &D::State| alphabet(state).into_iter().rev().collect());
    assert_eq!(reversed.to_json(), plain.to_json());
    assert_eq!(reversed.quotient().to_json(), plain.quotient().to_json());
    answers_as(&plain.quotient(), &model(), alphabet);
}

#[test]
fn a_field_that_says_nothing_and_a_reversed_alphabet_change_no_quotient() {
    one_more_field_changes_no_quotient(|| account::Account, account::commands);
    one_more_field_changes_no_quotient(order::shop, orders);
    one_more_field_changes_no_quotient(contract::whole, contracts);
}

/// The account again with a state of another form, and perhaps with one rule changed.
#[derive(Clone, Copy)]
struct AccountInOtherWords {
    overdraft: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Sheet {
    open: Option<String>,
    was_closed: bool,
    paid_in: u64,
}

impl AccountInOtherWords {
    fn state(sheet: &Sheet) -> account::State {
        match (&sheet.open, sheet.was_closed) {
            (Some(owner), _) => account::State::Open { owner: owner.clone(), balance: sheet.paid_in },
            (None, true) => account::State::Closed,
            (None, false) => account::State::New,
        }
    }
}

impl Fold for AccountInOtherWords {
    type State = Sheet;
    type Event = account::Event;

    fn initial_state(&self) -> Sheet {
        Sheet { open: None, was_closed: false, paid_in: 0 }
    }

    fn evolve(&self, sheet: Sheet, event: &account::Event) -> Sheet {
        match event {
            account::Event::AccountOpened { owner } => Sheet { open: Some(owner.clone()), ..sheet },
            account::Event::Deposited(amount) => Sheet { paid_in: sheet.paid_in + amount, ..sheet },
            account::Event::Withdrawn(amount) => {
                Sheet { paid_in: sheet.paid_in.saturating_sub(*amount), ..sheet }
            }
            account::Event::AccountClosed => Sheet { open: None, was_closed: true, ..sheet },
        }
    }
}

impl Decider for AccountInOtherWords {
    type Command = account::Command;
    type Rejection = account::Rejection;

    fn decide(
        &self,
        command: &account::Command,
        sheet: &Sheet,
    ) -> Result<Vec<account::Event>, account::Rejection> {
        match command {
            account::Command::Withdraw(amount)
                if sheet.open.is_some() && *amount > 0 && *amount <= sheet.paid_in + self.overdraft =>
            {
                Ok(vec![account::Event::Withdrawn(*amount)])
            }
            _ => account::Account.decide(command, &Self::state(sheet)),
        }
    }

    fn is_terminal(&self, sheet: &Sheet) -> bool {
        account::Account.is_terminal(&Self::state(sheet))
    }
}

#[test]
fn a_state_of_another_form_changes_no_quotient_and_one_changed_rule_does() {
    let quotient = machine(&account::Account, account::commands).quotient();
    let in_other_words = |overdraft| {
        machine(&AccountInOtherWords { overdraft }, |sheet: &Sheet| {
            account::commands(&AccountInOtherWords::state(sheet))
        })
        .quotient()
    };
    assert_eq!(in_other_words(0).to_json(), quotient.to_json());
    assert_ne!(in_other_words(1).to_json(), quotient.to_json());
}

/// Counts to ten, and says every third number.
fn counter() -> impl Decider<State = u8, Command = u8, Event = u8, Rejection = String> + Sync {
    decider(
        || 0u8,
        |add: &u8, n: &u8| if n + add > 10 { Err("full".to_string()) } else { Ok(vec![*add]) },
        |n: u8, add: &u8| n + add,
    )
}

#[test]
fn a_bound_marks_its_frontier() {
    fn bounded(bound: &str) -> Machine<u8, u8, String> {
        let counter = counter();
        let exploring = explore(&counter, |_: &u8| vec![1u8, 2]);
        let exploring = match bound {
            "depth" => exploring.depth(2),
            "states" => exploring.states(4),
            "within" => exploring.within("below three", |n| *n < 3),
            "commands" => exploring.commands_per_state(1),
            "decided" => exploring.sometimes("one", |n| *n == 1).until_decided(),
            _ => exploring,
        };
        exploring.machine().unwrap()
    }
    fn mark(machine: &Machine<u8, u8, String>) -> (usize, usize) {
        let count = |wanted| machine.nodes().filter(|node| machine.mark(*node) == Some(wanted)).count();
        (count(NodeMark::Followed), count(NodeMark::Frontier))
    }
    assert_eq!(mark(&bounded("none")), (11, 0));
    // 0; 1 and 2 were left; 3 and 4 were not.
    assert_eq!(mark(&bounded("depth")), (3, 2));
    assert_eq!(mark(&bounded("within")), (3, 2));
    // 4 was found from 2, and there was no room for it.
    assert_eq!(mark(&bounded("states")), (3, 2));
    // Only one of two commands was tried anywhere.
    assert_eq!(mark(&bounded("commands")), (0, 11));
    assert_eq!(mark(&bounded("decided")), (2, 2));

    let machine = bounded("depth");
    let three = machine.fold(&[1u8, 2]);
    assert_eq!(machine.answer(three, &1), MachineAnswer::NotFollowed);
    assert_eq!(machine.decide(&1, &three), Err(MachineRejection::NotFollowed));
    assert_eq!(machine.fold(&[1u8, 2, 1]), MachineNode::NotFollowed);
    assert_eq!(machine.answer(MachineNode::NotFollowed, &1), MachineAnswer::NotFollowed);
    let first = machine.initial_state();
    assert_eq!(machine.answer(first, &3), MachineAnswer::NotInTable);
    assert_eq!(machine.decide(&3, &first), Err(MachineRejection::NotInTable));
    assert!(!machine.is_whole());
    // What was tried at a node of the frontier is known all the same.
    let partly = bounded("commands");
    assert!(matches!(partly.answer(first, &1), MachineAnswer::Outcome { .. }));
    assert_eq!(partly.answer(first, &2), MachineAnswer::NotFollowed);
    // Nobody knows whether two nodes of the frontier are alike.
    assert_eq!(machine.quotient(), machine);
    assert_eq!(Machine::from_json(&machine.to_json()).as_ref(), Ok(&machine));
}

#[test]
fn the_number_of_threads_does_not_matter_and_neither_does_a_history_before() {
    let model = two_phase_commit::TwoPhaseCommit { participants: 3 };
    let text = |threads| {
        let exploring = explore(&model, two_phase_commit::alphabet).threads(threads).states(200);
        exploring.machine().unwrap().to_json()
    };
    assert_eq!(text(1), text(3));
    let counter = counter();
    let later = explore(&counter, |_: &u8| [5u8]).from([3]).machine().unwrap();
    assert_eq!(later.nodes().len(), 2);
    assert!(matches!(later.answer(later.fold(&[5u8]), &5), MachineAnswer::Outcome { outcome: Err(_), .. }));
}

#[test]
fn what_panics_is_beyond_the_bound() {
    let model = decider(
        || 0u8,
        |add: &u8, n: &u8| {
            assert!(*n < 2 || *add < 2, "too much");
            if *n < 4 { Ok(vec![*add]) } else { Err(()) }
        },
        |n: u8, add: &u8| n + add,
    );
    let machine = explore(&model, |_: &u8| [1u8, 2]).machine().unwrap();
    let two = machine.fold(&[1u8, 1]);
    assert_eq!(machine.mark(two), Some(NodeMark::Frontier));
    assert_eq!(machine.answer(two, &2), MachineAnswer::NotFollowed);
    assert_eq!(Machine::from_json(&machine.to_json()), Ok(machine));
}

#[test]
fn what_is_no_machine_is_an_error() {
    let counter = counter();
    let seen = explore(&counter, |_: &u8| [1u8]).abstracted("odd", |n| n % 2).machine();
    assert_eq!(seen, Err(MachineError::NotExact));

    let floats = decider(|| 0u8, |x: &f64, _: &u8| Ok::<_, ()>(vec![*x]), |n: u8, _: &f64| n);
    let seen = explore(&floats, |_: &u8| [f64::NAN]).machine();
    let Err(error @ MachineError::Message { kind: "event", .. }) = seen else { panic!("{seen:?}") };
    assert!(error.to_string().starts_with("a machine knows messages by their JSON, and this event has none"));

    let calls = std::sync::atomic::AtomicU8::new(0);
    let chance = decider(
        || 0u8,
        |_: &(), n: &u8| {
            let odd = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 2;
            if odd && *n == 0 { Err(()) } else { Ok(vec![()]) }
        },
        |n: u8, _: &()| (n + 1) % 2,
    );
    let seen = explore(&chance, |_: &u8| [()]).machine();
    assert!(matches!(seen, Err(MachineError::Unfit(Unfit::NotDeterministic { .. }))), "{seen:?}");

    let broken =
        decider(|| -> u8 { panic!("no start") }, |_: &(), _: &u8| Ok::<_, ()>(vec![()]), |n, _: &()| n);
    let seen = explore(&broken, |_: &u8| [()]).machine();
    let Err(error @ MachineError::Panicked { .. }) = seen else { panic!("{seen:?}") };
    assert!(error.to_string().starts_with("the model panicked at its first state: no start"), "{error}");
}

type Counting = Machine<u8, u8, String>;

#[test]
fn a_text_that_is_no_whole_machine_is_refused_with_a_sentence() {
    let counter = counter();
    let machine = explore(&counter, |_: &u8| [1u8, 3]).machine().unwrap().named("counter");
    let text = machine.to_json();
    let refused = |text: &str| Counting::from_json(text).unwrap_err();

    assert!(matches!(refused(""), MachineFileError::NotAMachine { .. }));
    assert!(matches!(refused("{\"leftfold\":\"log\",\"format\":1}\n"), MachineFileError::NotAMachine { .. }));
    let other = text.replace("\"format\":1", "\"format\":2");
    assert_eq!(refused(&other), MachineFileError::OtherFormat { found: 2, known: 1 });
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        let error = refused(&text[..end]);
        assert!(
            matches!(error, MachineFileError::Cut { .. } | MachineFileError::NotAMachine { .. }),
            "cut at {end}: {error}"
        );
    }
    assert_eq!(refused(&text.replace("\"full\"", "\"Full\"")), MachineFileError::Changed);
    assert_eq!(refused(&text.replacen("\"outcome\":[0]", "\"outcome\":[1]", 1)), MachineFileError::Changed);

    let read = Machine::<bool, u8, String>::from_json(&text);
    let Err(error @ MachineFileError::OtherMessages { line: 2, kind: "command", .. }) = read else {
        panic!("{read:?}")
    };
    assert!(error.to_string().starts_with("the command on line 2 of the machine is not one of this model: "));
    // One that can be read, but not as what was written.
    let read = Machine::<u8, f64, String>::from_json(&text);
    assert!(matches!(read, Err(MachineFileError::OtherMessages { kind: "event", .. })), "{read:?}");
}

/// The text with one part replaced, and a checksum that fits.
fn forged(text: &str, from: &str, to: &str) -> String {
    let body = &text[..text.rfind("{\"end\"").unwrap()];
    assert!(body.contains(from), "{body}");
    let body = body.replacen(from, to, 1);
    let sum = xxhash_rust::xxh3::xxh3_64(body.as_bytes());
    format!("{body}{{\"end\":{{\"xxh3\":\"{sum:016x}\"}}}}\n")
}

#[test]
fn a_machine_that_does_not_fit_together_is_refused_even_with_its_checksum() {
    let counter = counter();
    let text = explore(&counter, |_: &u8| [1u8, 9]).machine().unwrap().to_json();
    assert!(Counting::from_json(&forged(&text, "", "")).is_ok());
    let node = "{\"node\":{\"number\":1,\"answers\":[";
    for (from, to, why) in [
        ("{\"command\":1}\n", "", "not in the file"),
        ("{\"rejection\":\"full\"}\n", "", "not in the file"),
        ("{\"outcome\":[0]}", "{\"outcome\":[7]}", "not in the file"),
        ("{\"outcome\":[0]}", "{\"outcome\":[0,1,1]}", "lead nowhere"),
        ("{\"outcome\":[0]}", "{\"outcome\":0}", "invalid type"),
        ("{\"outcome\":[0]}", "{\"omen\":[0]}", "unknown variant"),
        ("\"events\":[[0,1],", "\"events\":[[0,99],", "not in the file"),
        ("\"events\":[[0,1],", "\"events\":[[0,0],", "not in the order or the form"),
        ("{\"command\":1}\n{\"command\":9}", "{\"command\":9}\n{\"command\":1}", "order of their texts"),
        ("{\"command\":1}\n", "{\"command\":1}\n{\"end\":{\"xxh3\":\"\"}}\n", "stands before others"),
        (node, "{\"node\":{\"number\":1,\"mark\":\"in_between\",\"answers\":[", "lead nowhere"),
        (node, "{\"node\":{\"number\":2,\"answers\":[", "not in the order or the form"),
        (node, "{\"node\":{\"number\":1,\"colour\":1,\"answers\":[", "unknown field"),
        (node, "{\"node\":{\"number\":1,\"answers\":[[0,0],", "order of their numbers"),
    ] {
        let error = Counting::from_json(&forged(&text, from, to)).unwrap_err().to_string();
        assert!(error.contains(why), "{from} -> {to}: {error}");
        assert!(error.starts_with("line "), "{error}");
    }
}

/// A model drawn at random: small tables of what is decided and of what events lead to.
#[derive(Clone, Debug)]
struct Drawn {
    decided: Vec<Vec<Result<Vec<u8>, u8>>>,
    evolved: Vec<Vec<u8>>,
    /// Which state each number stands for.
    names: Vec<u8>,
}

const STATES: usize = 9;
const KINDS: usize = 3;

impl Drawn {
    fn from(seed: u64) -> Drawn {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |n: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 20) % n
        };
        // States of one kind decide alike, and most of their events lead to states of one kind again.
        let decided: Vec<Vec<_>> = (0..KINDS)
            .map(|_| {
                let outcome = |_| match below(5) {
                    0 => Err(below(2) as u8),
                    length => Ok((1..length).map(|_| below(3) as u8).collect()),
                };
                (0..3).map(outcome).collect()
            })
            .collect();
        let decided = (0..STATES).map(|state| decided[state % KINDS].clone()).collect();
        let kinds: Vec<Vec<u64>> =
            (0..KINDS).map(|_| (0..3).map(|_| below(KINDS as u64)).collect()).collect();
        let evolved = (0..STATES)
            .map(|state| {
                let to = |event: usize| match below(20) {
                    0 => below(STATES as u64) as u8,
                    _ => (kinds[state % KINDS][event] + below((STATES / KINDS) as u64) * KINDS as u64) as u8,
                };
                (0..3).map(to).collect()
            })
            .collect();
        let mut names: Vec<u8> = (0..STATES as u8).collect();
        (1..STATES).for_each(|i| names.swap(i, below(i as u64 + 1) as usize));
        Drawn { decided, evolved, names }
    }

    fn number(&self, name: u8) -> usize {
        self.names.iter().position(|own| *own == name).unwrap()
    }
}

impl Fold for Drawn {
    type State = u8;
    type Event = u8;

    fn initial_state(&self) -> u8 {
        self.names[0]
    }

    fn evolve(&self, state: u8, event: &u8) -> u8 {
        self.names[self.evolved[self.number(state)][*event as usize] as usize]
    }
}

impl Decider for Drawn {
    type Command = u8;
    type Rejection = u8;

    fn decide(&self, command: &u8, state: &u8) -> Result<Vec<u8>, u8> {
        self.decided[self.number(*state)][*command as usize].clone()
    }
}

#[test]
fn machines_of_random_models_answer_as_they_do_and_so_do_their_quotients() {
    let alphabet = |_: &u8| vec![0u8, 1, 2];
    let (mut smaller, mut split) = (0, 0);
    for seed in 1..=600 {
        let model = Drawn::from(seed);
        let whole = machine(&model, alphabet);
        answers_as(&whole, &model, alphabet);
        read_back::<Drawn>(&whole);
        let renamed = Drawn { names: (0..STATES as u8).collect(), ..model.clone() };
        assert_eq!(machine(&renamed, alphabet), whole, "seed {seed}");

        let quotient = whole.quotient();
        answers_as(&quotient, &model, alphabet);
        read_back::<Drawn>(&quotient);
        assert_eq!(quotient.quotient(), quotient, "seed {seed}");
        // The same stories lead to the same answers for ever: both are walked in step.
        let mut pairs = vec![(whole.initial_state(), quotient.initial_state())];
        let mut at = 0;
        while let Some((one, other)) = pairs.get(at).copied() {
            at += 1;
            for command in 0..3u8 {
                let (one, other) = (whole.answer(one, &command), quotient.answer(other, &command));
                let (
                    MachineAnswer::Outcome { outcome, after },
                    MachineAnswer::Outcome { outcome: other, after: there },
                ) = (one, other)
                else {
                    panic!("seed {seed}")
                };
                assert_eq!(outcome, other, "seed {seed}");
                if !pairs.contains(&(after, there)) {
                    pairs.push((after, there));
                }
            }
        }
        smaller += usize::from(quotient.nodes().len() < whole.nodes().len());
        let wider = machine(&WithOneMoreField(model), |_: &((bool, String), u8)| vec![0u8, 1, 2]).quotient();
        split += usize::from(wider != quotient);
    }
    println!("{smaller} are smaller, {split} differ with one more field");
    assert!(smaller > 100, "{smaller}");
    assert!(split < 20, "{split}");
}
