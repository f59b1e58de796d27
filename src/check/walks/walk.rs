//! One walk: commands are drawn and run in one loop, so that each is drawn for the state just reached.

use crate::check::command_source::CommandSource;
use crate::check::random::{Chance, Occurrence};
use crate::check::walk_rules::WalkRules;
use crate::decider::{Decider, Outcome};
use std::ops::ControlFlow;

/// Why a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalkEnd {
    /// It took all its steps.
    Steps,
    /// No command was accepted.
    Dead,
    /// The story ended ([`Decider::is_terminal`]).
    Terminal,
    /// The visitor stopped it.
    Stopped,
}

/// Observes a walk.
pub(crate) trait Visitor<D: Decider, T> {
    /// Whether the visitor needs the state before each step, which is then cloned.
    fn both_sides(&self) -> bool;
    /// Called before a command is decided.
    fn trying(&mut self, _: &D::Command) {}
    /// Called for each refused command, let through or not.
    fn refused(&mut self) {}
    /// Called after each step. `before` is given for refused commands, and for all commands if `both_sides`.
    fn step(
        &mut self,
        before: Option<&D::State>,
        command: D::Command,
        outcome: Outcome<D>,
        after: &D::State,
        drawn: T,
    ) -> ControlFlow<()>;
    /// Called where every command drawn in a state was refused.
    fn dead_end(&mut self) {}
}

/// Walks once from `start`. The same seed gives the same walk, whatever the visitor.
pub(crate) fn walk<D, S, V>(
    decider: &D,
    start: D::State,
    source: &mut S,
    rules: &WalkRules<D>,
    seed: u64,
    visitor: &mut V,
) -> (WalkEnd, D::State)
where
    D: Decider<State: Clone>,
    S: CommandSource<D>,
    V: Visitor<D, S::Drawn>,
{
    let mut chance = Chance::new(seed);
    source.begin(chance.number());
    // One bit decides for each kind, so that the kinds need not be listed.
    let share = chance.share() * rules.leave_out;
    let left_out = if share > 0.0 { chance.bits(share) } else { 0 };
    let leaves_out =
        |command: &D::Command| left_out != 0 && left_out >> (rules.kind_of(command) % 64) & 1 == 1;
    let mut let_through = Occurrence::of(rules.let_through, &mut chance);
    let both_sides = visitor.both_sides();
    let mut state = start;
    let mut aside = Vec::new();
    let mut accepted = 0;
    while accepted < rules.steps {
        if decider.is_terminal(&state) {
            return (WalkEnd::Terminal, state);
        }
        source.look(&state);
        aside.clear();
        loop {
            let (command, drawn) = match source.draw(&mut chance) {
                Some(drawn) if leaves_out(&drawn.0) => {
                    aside.push(drawn);
                    continue;
                }
                Some(drawn) => drawn,
                // A command that the walk leaves out is still tried where no other is possible: a walk without the first
                // command of a story would see nothing.
                None => match aside.pop() {
                    Some(drawn) => drawn,
                    None => {
                        visitor.dead_end();
                        return (WalkEnd::Dead, state);
                    }
                },
            };
            visitor.trying(&command);
            match decider.decide(&command, &state) {
                Ok(events) => {
                    let before = both_sides.then(|| state.clone());
                    state = decider.fold_from(state, &events);
                    accepted += 1;
                    if visitor.step(before.as_ref(), command, Ok(events), &state, drawn).is_break() {
                        return (WalkEnd::Stopped, state);
                    }
                    break;
                }
                Err(rejection) => {
                    visitor.refused();
                    if let_through.happens(&mut chance)
                        && visitor.step(Some(&state), command, Err(rejection), &state, drawn).is_break()
                    {
                        return (WalkEnd::Stopped, state);
                    }
                }
            }
        }
    }
    (WalkEnd::Steps, state)
}
