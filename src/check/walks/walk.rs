//! One walk: generation and run are one loop, so that the next command is drawn from the state just reached.

use crate::check::command_source::CommandSource;
use crate::check::random::{Chance, Occurrence};
use crate::check::walk_rules::WalkRules;
use crate::decider::{Decider, Outcome};
use std::ops::ControlFlow;

/// Why a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalkEnd {
    /// It had all its steps.
    Steps,
    /// Nothing more was accepted.
    Dead,
    /// The story ended ([`Decider::is_terminal`]).
    Terminal,
    /// The visitor had seen enough.
    Stopped,
}

/// Whoever goes along on a walk.
pub(crate) trait Visitor<D: Decider, T> {
    /// Whether steps are looked at from both sides: the state before each is cloned then.
    fn both_sides(&self) -> bool;
    /// A command is about to be decided.
    fn trying(&mut self, _: &D::Command) {}
    /// A command was refused, let through or not.
    fn refused(&mut self) {}
    /// A step was taken. `before` is there for refused commands, and for all if `both_sides`.
    fn step(
        &mut self,
        before: Option<&D::State>,
        command: D::Command,
        outcome: Outcome<D>,
        after: &D::State,
        drawn: T,
    ) -> ControlFlow<()>;
    /// Every command that was drawn in this state is refused.
    fn dead_end(&mut self) {}
}

/// Walks once from `start`. The same seed is the same walk, whoever goes along.
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
    // Each kind is left out or not by its own bit, so that nobody lists the kinds.
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
                // What the walk leaves out is taken all the same where nothing else is possible: a walk without the
                // first command of the story would see nothing.
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
