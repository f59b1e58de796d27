//! The laws, each a value.

use super::law_in_run::{LawCase, LawInRun, LivedHistory, Look, LookAtCase};
use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use crate::json;
use crate::message::{Lost, Message, tree};
use crate::page::unlike;
use crate::process::{Owed, ProcessManager, owed_twice};
use crate::spec::panics::caught;
use foldhash::fast::FixedState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::rc::Rc;
use std::sync::Arc;

type Begin<D> = Arc<dyn Fn() -> (Look<D>, Option<Rc<Cell<usize>>>) + Send + Sync>;

/// A rule that holds of every sound model, or that a modeller declares of one: a name, and a function that says what is
/// wrong.
///
/// ```
/// use leftfold::check::{Law, laws, walks};
/// use leftfold::decider;
///
/// // Planted: switching on a lamp that is on is recorded once more.
/// let lamp = decider(
///     || false,
///     |on: &bool, is_on: &bool| if *on || *is_on { Ok(vec![*on]) } else { Err("it is off") },
///     |_, on: &bool| *on,
/// );
/// let found = laws(walks(&lamp).alphabet(|_| [true, false]).seed(1))
///     .law(Law::idempotent("switching again does nothing", |_| true))
///     .run();
/// let finding = &found.findings[0];
/// assert_eq!(finding.failed, "switching again does nothing: true given again is answered with [true]");
/// assert_eq!(finding.story.commands, [true]);
/// assert!(finding.proved_shortest());
/// ```
pub struct Law<D: Decider> {
    name: String,
    begin: Begin<D>,
}

impl<D: Decider> Clone for Law<D> {
    fn clone(&self) -> Self {
        Law { name: self.name.clone(), begin: self.begin.clone() }
    }
}

impl<D: Decider> Debug for Law<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Law").field(&self.name).finish()
    }
}

impl<D: Decider> Law<D> {
    /// A law of your own about whole histories. `Err` says what is wrong, as the second half of a sentence.
    pub fn of_histories(
        name: impl Into<String>,
        holds: impl Fn(&D, &LivedHistory<'_, D>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let holds = Arc::new(holds);
        let look = move || {
            let holds = holds.clone();
            (Look::AtHistory(Box::new(move |decider, lived| holds(decider, lived))), None)
        };
        Law { name: name.into(), begin: Arc::new(look) }
    }

    /// A law of your own about single commands in reachable states. `Err` says what is wrong.
    pub fn of_cases(
        name: impl Into<String>,
        holds: impl Fn(&LawCase<'_, D>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let holds = Arc::new(holds);
        Self::remembering(name, move || {
            let holds = holds.clone();
            Box::new(move |case| holds(case))
        })
    }

    /// A law of cases that remembers something during a run.
    fn remembering(
        name: impl Into<String>,
        begin: impl Fn() -> LookAtCase<D> + Send + Sync + 'static,
    ) -> Self {
        Law { name: name.into(), begin: Arc::new(move || (Look::AtCase(begin()), None)) }
    }

    /// A law of cases that counts those it speaks about, and fails if none comes up.
    fn counting_cases(
        name: impl Into<String>,
        holds: impl Fn(&LawCase<'_, D>, &Cell<usize>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let holds = Arc::new(holds);
        let begin = move || {
            let (holds, came_up) = (holds.clone(), Rc::new(Cell::new(0)));
            let counted = came_up.clone();
            (Look::AtCase(Box::new(move |case| holds(case, &counted))), Some(came_up))
        };
        Law { name: name.into(), begin: Arc::new(begin) }
    }

    /// The law at the beginning of a run.
    pub(super) fn begin(&self) -> LawInRun<D> {
        let (look, came_up) = (self.begin)();
        LawInRun { name: self.name.clone(), look, came_up }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A terminal state accepts nothing. What it does not accept cannot change it, so it stays terminal.
    pub fn terminal_states_accept_nothing() -> Self
    where
        D::Command: Debug,
        D::Event: Debug,
    {
        Self::of_cases("terminal states accept nothing", |case| match case.outcome {
            Ok(events) if case.decider.is_terminal(case.before) && !events.is_empty() => {
                Err(format!("the story has ended, and {:?} is answered with {events:?}", case.command))
            }
            _ => Ok(()),
        })
    }

    /// This holds after every event, between the events of one decision too. A property of states
    /// ([`Property::always`](crate::check::Property::always)) is looked at after each command alone.
    pub fn invariant(
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        D::State: Debug,
    {
        Self::of_histories(name, move |decider, lived| {
            let mut state = decider.initial_state();
            for (version, event) in lived.events().enumerate() {
                if !holds(&state) {
                    return Err(format!("not so at version {version}, where the state is {state:?}"));
                }
                state = decider.evolve(state, event);
            }
            match holds(&state) {
                true => Ok(()),
                false => Err(format!("not so at the end, where the state is {state:?}")),
            }
        })
    }
}

impl<D> Law<D>
where
    D: Decider<
            Command: Debug,
            Event: Debug + PartialEq,
            State: Clone + Debug + PartialEq,
            Rejection: Debug + PartialEq,
        >,
{
    /// All laws that need no declaration and no serde.
    pub fn of_functions() -> Vec<Self> {
        vec![
            Self::evolve_is_total(),
            Self::decide_is_deterministic(),
            Self::a_state_is_its_history(),
            Self::fold_of_a_split(),
            Self::terminal_states_accept_nothing(),
        ]
    }

    /// No event of the history panics on any of its states: a fact cannot be refused, even if it makes no sense there.
    pub fn evolve_is_total() -> Self {
        Self::of_histories("evolve is total", |decider, lived| {
            for state in &lived.states {
                for event in lived.events() {
                    caught(|| decider.evolve(state.clone(), event))
                        .map_err(|panic| format!("{event:?} folded onto {state:?} panicked: {panic}"))?;
                }
            }
            Ok(())
        })
    }

    /// The same command on the same state has the same answer.
    pub fn decide_is_deterministic() -> Self {
        Self::of_cases("decide is deterministic", |case| {
            let again = case.decider.decide(case.command, case.before);
            if again == *case.outcome {
                return Ok(());
            }
            let sentence =
                format!("{:?} is answered with {:?}, and then with {again:?}", case.command, case.outcome);
            Err(unlike(sentence, case.outcome, &again))
        })
    }

    /// A state that was kept and a state folded again from all events are equal, and have the same answers.
    pub fn a_state_is_its_history() -> Self {
        Self::of_histories("a state is its history", |decider, lived| {
            let again = LivedHistory::new(decider, lived.given, lived.commands);
            for (at, (kept, command)) in lived.states.iter().zip(lived.commands).enumerate() {
                let events = lived.outcomes[..at].iter().flatten().flatten();
                let folded = decider.fold(lived.given.iter().chain(events));
                if folded != *kept || folded != again.states[at] {
                    let other = if folded == *kept { &again.states[at] } else { &folded };
                    let sentence =
                        format!("before command {}: kept {kept:?}, folded again {other:?}", at + 1);
                    return Err(unlike(sentence, kept, other));
                }
                let answer = decider.decide(command, &folded);
                if answer != lived.outcomes[at] {
                    let kept = &lived.outcomes[at];
                    let sentence =
                        format!("command {}: {kept:?}, on the state folded again {answer:?}", at + 1);
                    return Err(unlike(sentence, kept, &answer));
                }
            }
            Ok(())
        })
    }

    /// Folding a history in two parts is folding the whole, wherever it is split; and a copy of the state
    /// between them does not change.
    pub fn fold_of_a_split() -> Self {
        Self::of_histories("the fold of a split is the fold of the whole", |decider, lived| {
            let events: Vec<&D::Event> = lived.events().collect();
            let whole = decider.fold(events.iter().copied());
            let mut past = decider.initial_state();
            for at in 0..=events.len() {
                let kept = past.clone();
                let folded = decider.fold_from(past.clone(), events[at..].iter().copied());
                if folded != whole {
                    let sentence = format!("split at version {at}: {folded:?}, the whole: {whole:?}");
                    return Err(unlike(sentence, &folded, &whole));
                }
                if kept != past {
                    let sentence = format!("the state kept at version {at} has changed to {past:?}");
                    return Err(unlike(sentence, &kept, &past));
                }
                if let Some(event) = events.get(at) {
                    past = decider.evolve(past, event);
                }
            }
            Ok(())
        })
    }

    /// Declared: a command of which `is` is true, given again after it was accepted, does nothing or is refused. The law fails
    /// if no such command was accepted.
    pub fn idempotent(
        name: impl Into<String>,
        is: impl Fn(&D::Command) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::counting_cases(name, move |case, came_up| {
            if case.outcome.is_err() || !is(case.command) {
                return Ok(());
            }
            came_up.update(|times| times + 1);
            match case.decider.decide(case.command, case.after) {
                Ok(again) if !again.iter().all(|event| case.decider.is_refusal(event)) => {
                    Err(format!("{:?} given again is answered with {again:?}", case.command))
                }
                _ => Ok(()),
            }
        })
    }

    /// Declared: two commands of which `are` is true may be given in either order; both orders lead to equal states, and
    /// each command has the same answer in both. The law fails if no two such commands came up.
    pub fn commuting(
        name: impl Into<String>,
        are: impl Fn(&D::Command, &D::Command) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::counting_cases(name, move |case, came_up| {
            let LawCase { decider, before, command: one, outcome, after, others, .. } = case;
            let folded = |state: &D::State, outcome: &Outcome<D>| match outcome {
                Ok(events) => decider.fold_from(state.clone(), events),
                Err(_) => state.clone(),
            };
            for other in others.iter().filter(|other| are(one, other)) {
                came_up.update(|times| times + 1);
                let other_first = decider.decide(other, before);
                let other_second = decider.decide(other, after);
                if other_first != other_second {
                    let sentence = format!(
                        "{other:?} is answered with {other_first:?} before {one:?}, and with {other_second:?} after it"
                    );
                    return Err(unlike(sentence, &other_first, &other_second));
                }
                let between = folded(before, &other_first);
                let one_second = decider.decide(one, &between);
                if one_second != **outcome {
                    let sentence = format!(
                        "{one:?} is answered with {outcome:?} before {other:?}, and with {one_second:?} after it"
                    );
                    return Err(unlike(sentence, outcome, &one_second));
                }
                let (this, that) = (folded(after, &other_second), folded(&between, &one_second));
                if this != that {
                    let sentence = format!(
                        "{one:?} and then {other:?} lead to {this:?}, the other way round to {that:?}"
                    );
                    return Err(unlike(sentence, &this, &that));
                }
            }
            Ok(())
        })
    }
}

impl<D> Law<D>
where
    D: Decider<
            Command: Debug + PartialEq + Serialize + DeserializeOwned + 'static,
            Event: Debug + PartialEq + Serialize + DeserializeOwned + 'static,
        >,
{
    /// A log gives back every command and event as it was. Each is written and read as the codec of a log does it, and
    /// compared.
    pub fn messages_survive_serde() -> Self {
        Self::remembering("commands and events survive serde", || {
            let (commands, events) = (ReadBack::default(), ReadBack::default());
            Box::new(move |case| {
                commands.look(case.command, |command| message("command", command), |_| ())?;
                let mut events_of = case.outcome.iter().flatten();
                events_of.try_for_each(|event| events.look(event, |event| message("event", event), |_| ()))
            })
        })
    }
}

impl<D> Law<D>
where
    D: Decider<
            Command: Debug,
            Event: PartialEq + Debug,
            State: Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static,
            Rejection: PartialEq + Debug,
        >,
{
    /// A stored state is read back as it was and has the same answers, so that a snapshot can replace the history. States are
    /// written and read as snapshots and read models are.
    pub fn a_snapshot_is_the_state() -> Self {
        Self::remembering("a snapshot is the state", || {
            let states = ReadBack::default();
            let before: RefCell<Option<D::State>> = RefCell::default();
            Box::new(move |case| {
                if case.outcome.is_ok() {
                    states.look(case.after, state, |_| ())?;
                }
                if !case.same_state {
                    before.replace(None);
                    before.replace(Some(states.look(case.before, state, Clone::clone)?));
                }
                let Some(answer) =
                    before.borrow().as_ref().map(|read| case.decider.decide(case.command, read))
                else {
                    return Ok(());
                };
                if answer == *case.outcome {
                    return Ok(());
                }
                let (command, outcome) = (case.command, case.outcome);
                let sentence = format!("{command:?}: {outcome:?} on the state, {answer:?} on its snapshot");
                Err(unlike(sentence, outcome, &answer))
            })
        })
    }
}

/// A message as a log gives it back.
fn message<T: Debug + Message + PartialEq>(what: &str, message: &T) -> Result<Option<T>, String> {
    message.read_back(&|read| read == message).map_err(|lost| match lost {
        Lost::Unwritable(why) => format!("the {what} {message:?} cannot be stored: {why}"),
        Lost::Unfaithful(why) => format!("the {what} {message:?} does not come back as it is: {why}"),
    })
}

/// A state as it is read back from a file.
fn state<S: Debug + PartialEq + Serialize + DeserializeOwned>(state: &S) -> Result<Option<S>, String> {
    json::proven(state, &mut Vec::new()).map(Some).map_err(|fault| {
        let why = fault.in_value(json::short_name::<S>());
        format!("the state {state:?} does not come back as it is: {why}")
    })
}

/// How many values are remembered, each with the value that was read back.
const REMEMBERED: usize = 4_096;

/// Values as they are read back from storage. A law meets each value in many cases, and reading one costs a hundred times as
/// much as a decision.
struct ReadBack<T>(RefCell<HashMap<u64, T, FixedState>>);

impl<T> Default for ReadBack<T> {
    fn default() -> Self {
        ReadBack(RefCell::default())
    }
}

impl<T: PartialEq + Serialize> ReadBack<T> {
    /// Looks at a value as it is read back: from memory, or by `read`.
    fn look<R>(
        &self,
        value: &T,
        read: impl FnOnce(&T) -> Result<Option<T>, String>,
        look: impl FnOnce(&T) -> R,
    ) -> Result<R, String> {
        let hash = tree::hash_of(value);
        // The hash does not contain what serde skips.
        if let Some(known) =
            hash.and_then(|hash| self.0.borrow_mut().remove(&hash)).filter(|read| read == value)
        {
            return Ok(self.keep(hash, known, look));
        }
        let Some(read) = read(value)? else { return Ok(look(value)) };
        Ok(self.keep(hash, read, look))
    }

    fn keep<R>(&self, hash: Option<u64>, read: T, look: impl FnOnce(&T) -> R) -> R {
        let looked = look(&read);
        let mut known = self.0.borrow_mut();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.extend(hash.map(|hash| (hash, read)));
        looked
    }
}

/// Laws of views and process managers beside the decider.
impl<D: Decider> Law<D> {
    /// A view that is folded event by event equals one that is rebuilt from the whole history.
    pub fn view_rebuilt_is_view_kept<V>(name: impl Into<String>, view: V) -> Self
    where
        V: Fold<Event = D::Event, State: Clone + Debug + PartialEq> + Send + Sync + 'static,
    {
        Self::of_histories(name, move |_, lived| {
            let mut kept = view.initial_state();
            let mut so_far = Vec::new();
            for event in lived.events() {
                so_far.push(event);
                // A reader of the view would hold such a clone.
                let read = kept.clone();
                kept = view.evolve(kept, event);
                drop(read);
                let rebuilt = view.fold(so_far.iter().copied());
                if rebuilt != kept {
                    let sentence = format!("at version {}: kept {kept:?}, rebuilt {rebuilt:?}", so_far.len());
                    return Err(unlike(sentence, &kept, &rebuilt));
                }
            }
            Ok(())
        })
    }

    /// What a process manager owes stays owed until an event settles it: `settles` says which event settles which item. No
    /// two items have the same key. The law fails if nothing is ever owed.
    pub fn owed_until_settled<P>(
        name: impl Into<String>,
        process: P,
        settles: impl Fn(&D::Event, &Owed<P::Command>) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        P: ProcessManager<Event = D::Event> + Send + Sync + 'static,
        D::Event: Debug,
    {
        let held_against = Arc::new((process, settles));
        let begin = move || {
            let (held_against, came_up) = (held_against.clone(), Rc::new(Cell::new(0)));
            let counted = came_up.clone();
            let look = move |_: &D, lived: &LivedHistory<'_, D>| {
                let (process, settles) = &*held_against;
                let mut state = process.initial_state();
                let mut owed = process.pending(&state);
                owed_twice(&owed).map_or(Ok(()), Err)?;
                for event in lived.events() {
                    state = process.evolve(state, event);
                    let now = process.pending(&state);
                    owed_twice(&now).map_or(Ok(()), Err)?;
                    counted.update(|times| times + owed.len() + now.len());
                    for item in &owed {
                        if !settles(event, item) && !now.iter().any(|still| still.key == item.key) {
                            return Err(format!(
                                "{:?} is no longer owed after {event:?}, which does not settle it",
                                item.key
                            ));
                        }
                    }
                    owed = now;
                }
                Ok(())
            };
            (Look::AtHistory(Box::new(look)), Some(came_up))
        };
        Law { name: name.into(), begin: Arc::new(begin) }
    }
}
