//! One walk: generation and run are one loop, so that the next command is drawn from the state just reached.

use crate::check::command_source::Source;
use crate::check::random::{Chance, Now, mixed};
use crate::decider::{Decider, Outcome};
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;

/// How walks go.
pub(crate) struct Rules<D: Decider> {
    /// How many accepted steps at most.
    pub(crate) steps: usize,
    /// The share of refused commands that count as steps.
    pub(crate) let_through: f64,
    /// The share of the kinds of commands that a walk leaves out at most.
    pub(crate) leave_out: f64,
    /// Which kind of command it is, where that is not told by its variant.
    pub(crate) kind: Option<fn(&D::Command) -> u64>,
}

impl<D: Decider> Rules<D> {
    /// Commands of equal numbers are of one kind.
    #[inline]
    pub(crate) fn kind_of(&self, command: &D::Command) -> u64 {
        match self.kind {
            None => by_variant(command),
            Some(kind) => kind(command),
        }
    }
}

impl<D: Decider> Clone for Rules<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Decider> Copy for Rules<D> {}

/// Why a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
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
    rules: &Rules<D>,
    seed: u64,
    visitor: &mut V,
) -> (End, D::State)
where
    D: Decider<State: Clone>,
    S: Source<D>,
    V: Visitor<D, S::Drawn>,
{
    let mut chance = Chance::new(seed);
    source.begin(chance.number());
    // Each kind is left out or not by its own bit, so that nobody lists the kinds.
    let share = chance.share() * rules.leave_out;
    let left_out = if share > 0.0 { chance.bits(share) } else { 0 };
    let leaves_out =
        |command: &D::Command| left_out != 0 && left_out >> (rules.kind_of(command) % 64) & 1 == 1;
    let mut let_through = Now::of(rules.let_through, &mut chance);
    let both_sides = visitor.both_sides();
    let mut state = start;
    let mut aside = Vec::new();
    let mut accepted = 0;
    while accepted < rules.steps {
        if decider.is_terminal(&state) {
            return (End::Terminal, state);
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
                        return (End::Dead, state);
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
                        return (End::Stopped, state);
                    }
                    break;
                }
                Err(rejection) => {
                    visitor.refused();
                    if let_through.happens(&mut chance)
                        && visitor.step(Some(&state), command, Err(rejection), &state, drawn).is_break()
                    {
                        return (End::Stopped, state);
                    }
                }
            }
        }
    }
    (End::Steps, state)
}

/// The kind of a command by its enum variant; every value of another type is of one kind.
#[inline]
fn by_variant<C>(command: &C) -> u64 {
    /// The number as it is: variants are few.
    struct Plain(u64);

    impl Hasher for Plain {
        fn finish(&self) -> u64 {
            self.0
        }

        #[inline]
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 << 8) | u64::from(*byte);
            }
        }

        #[inline]
        fn write_isize(&mut self, number: isize) {
            self.0 = number as u64;
        }
    }

    let mut plain = Plain(0);
    std::mem::discriminant(command).hash(&mut plain);
    plain.0
}

/// A hash that is the same on every machine, unlike those of the standard library.
#[derive(Default)]
pub(crate) struct Mixing(pub(crate) u64);

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.0 = mixed(self.0 ^ number).wrapping_add(1);
    }

    #[inline]
    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}
