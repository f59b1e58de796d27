//! One history is replayed: each event is decided again, and then folded, because it did happen.

use super::hidden::{Found, Hidden};
use super::report::Refusal;
use crate::decider::Decider;
use crate::spec::panics::caught;

/// A decision that the replay has made.
pub(in crate::check) struct Decision<'r, D: Decider> {
    /// The state that the command met.
    pub(in crate::check) before: &'r D::State,
    pub(in crate::check) command: D::Command,
    pub(in crate::check) decided: Decided<'r, D>,
    /// Everything that was folded before.
    pub(in crate::check) path: &'r Path<'r, D::Event>,
}

/// What came of a decision.
pub(in crate::check) enum Decided<'r, D: Decider> {
    /// The recorded events for which the decision accounts.
    Accepted(&'r [D::Event]),
    /// Events that the log does not show.
    Hidden(&'r [D::Event]),
    /// Something else than what was recorded, after this number of earlier refusals.
    Refused(Refusal<D::Event, D::Rejection>, usize),
}

/// How far a history was replayed.
pub(in crate::check) struct Path<'e, E> {
    /// Everything that is recorded.
    events: &'e [E],
    /// How many of these are folded.
    pub(in crate::check) next: usize,
    /// Events that the log does not show, each group before the recorded event of this index.
    hidden: Vec<(usize, Vec<E>)>,
}

impl<'e, E: Clone> Path<'e, E> {
    /// The recorded events that are still to come.
    pub(in crate::check) fn rest(&self) -> &'e [E] {
        &self.events[self.next..]
    }

    /// How many events were folded, hidden ones among them.
    pub(in crate::check) fn folded(&self) -> usize {
        self.next + self.hidden.iter().map(|(_, events)| events.len()).sum::<usize>()
    }

    /// The events that were folded, and the indices of the hidden ones.
    pub(in crate::check) fn given(&self) -> (Vec<E>, Vec<usize>) {
        let (mut given, mut indices, mut from) = (Vec::with_capacity(self.folded()), Vec::new(), 0);
        for (before, events) in &self.hidden {
            given.extend_from_slice(&self.events[from..*before]);
            indices.extend(given.len()..given.len() + events.len());
            given.extend_from_slice(events);
            from = *before;
        }
        given.extend_from_slice(&self.events[from..self.next]);
        (given, indices)
    }
}

/// Why a replay ended before the end of its history: after this number of events, for this reason.
pub(super) type EndedEarly = (usize, String);

/// Replays a history. `command_for` returns the command that would have caused the event of an index; `seen` is shown each
/// decision. Returns how many refused events have too many hidden steps before them.
pub(super) fn replay<D>(
    decider: &D,
    events: &[D::Event],
    mut command_for: impl FnMut(usize) -> Option<D::Command>,
    hidden: Option<&Hidden<'_, D>>,
    mut seen: impl FnMut(Decision<'_, D>),
) -> (usize, Result<(), EndedEarly>)
where
    D: Decider<Event: Clone + PartialEq>,
{
    let mut path = Path { events, next: 0, hidden: Vec::new() };
    let mut state = decider.initial_state();
    let (mut gave_up, mut refused) = (0, 0);
    while path.next < events.len() {
        let rest = path.rest();
        let mut consumed = 1;
        if let Some(command) = command_for(path.next) {
            let mut answered = answer(decider, &command, &state, rest);
            if let (Err(_), Some(hidden)) = (&answered, hidden) {
                let accepts = |state: &D::State| answer(decider, &command, state, rest).is_ok();
                match hidden.before(decider, &state, accepts) {
                    Found::Steps(steps) => {
                        for step in steps {
                            let decided = Decided::Hidden(&step.events);
                            seen(Decision { before: &state, command: step.command, decided, path: &path });
                            path.hidden.push((path.next, step.events));
                            state = step.after;
                        }
                        answered = answer(decider, &command, &state, rest);
                    }
                    Found::Nothing => {}
                    Found::GaveUp => gave_up += 1,
                }
            }
            let decided = match answered {
                Ok(accepted) => {
                    consumed = accepted;
                    Decided::Accepted(&rest[..accepted])
                }
                Err(refusal) => {
                    refused += 1;
                    Decided::Refused(refusal, refused - 1)
                }
            };
            seen(Decision { before: &state, command, decided, path: &path });
        }
        state = match caught(|| decider.fold_from(state, &rest[..consumed])) {
            Ok(state) => state,
            Err(panic) => {
                return (gave_up, Err((path.next, format!("the model panics over it: {panic}"))));
            }
        };
        path.next += consumed;
    }
    (gave_up, Ok(()))
}

/// How many recorded events the decision accounts for, or why it accounts for none.
fn answer<D>(
    decider: &D,
    command: &D::Command,
    state: &D::State,
    recorded: &[D::Event],
) -> Result<usize, Refusal<D::Event, D::Rejection>>
where
    D: Decider<Event: PartialEq>,
{
    match caught(|| decider.decide(command, state)) {
        Ok(Ok(decided)) if !decided.is_empty() && recorded.starts_with(&decided) => Ok(decided.len()),
        Ok(Ok(decided)) => Err(Refusal::DecidedOtherwise(decided)),
        Ok(Err(rejection)) => Err(Refusal::Rejected(rejection)),
        Err(panic) => Err(Refusal::Panicked(panic)),
    }
}
