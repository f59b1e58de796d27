//! Why a model cannot be explored in the requested way.

use crate::page::shown;
use std::fmt;

/// Seven identities have 5,040 permutations.
pub(super) const MOST_IDENTITIES: usize = 7;

/// What differed when a model was asked the same thing twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Differed {
    /// The state before the first command.
    FirstState,
    /// Whether a command is accepted.
    Answer,
    /// The state after a command.
    State,
    /// How many commands the alphabet lists.
    Alphabet,
    /// A panic that did not happen again.
    Panic,
    /// The end of a replayed story.
    Story,
}

impl fmt::Display for Differed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Differed::FirstState => "the first state is another one when it is folded again",
            Differed::Answer => "a command is accepted once and refused once in the same state",
            Differed::State => "the same command leads from the same state to two different states",
            Differed::Alphabet => "the alphabet lists more commands once than another time in the same state",
            Differed::Panic => "a panic did not come again when the same state was visited again",
            Differed::Story => "the story of what was found leads elsewhere when it is replayed",
        })
    }
}

/// Why a model cannot be explored in the requested way. Nothing found until then is reliable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// Serde cannot write a state.
    #[error(
        "a state cannot be written: {why}. Leave out `flatten` on the state, or explore with `.keep_states()`, which needs \
         no serde",
        why = shown(.why)
    )]
    NotWritten {
        /// What serde says.
        why: String,
    },
    /// Serde cannot read back what it wrote.
    #[error(
        "a state cannot be read back: {why}. States are stored in a format that does not describe itself: leave out \
         `flatten`, `untagged`, `tag` and `skip_serializing_if` on the state, or explore with `.keep_states()`",
        why = shown(.why)
    )]
    NotRead {
        /// What serde says.
        why: String,
    },
    /// A state is read back as a different one, so that unequal states may look the same.
    #[error(
        "a state is read back as another one, so that unequal states look the same: write every field that `==` \
         compares (no `skip`, no rounding), or explore with `.keep_states()`, which compares the states themselves"
    )]
    Lossy,
    /// One state is written in two ways, so that equal states look different.
    #[error(
        "a state is written differently when it has been read back, so that equal states look different: use \
         collections of a fixed order (`OrdMap`, `BTreeMap`), or explore with `.keep_states()`"
    )]
    NotCanonical,
    /// A float that equals one of other bits, or nothing.
    #[error(
        "a state holds the float {found}: zero has two signs and NaN is equal to nothing, so that such states are \
         neither the same nor different. Count in whole units, or make the float canonical in `evolve`"
    )]
    Float {
        /// `-0.0` or `NaN`.
        found: &'static str,
    },
    /// `==` says that a state differs from its own copy.
    #[error("a state is not equal to its own copy: `==` has to hold of every state and itself")]
    NotEqualToItself,
    /// The model, its alphabet or a property gives two answers to the same question.
    #[error(
        "the model is not deterministic: {what}. The initial state, `decide`, `evolve`, the alphabet and the properties \
         have to follow from their arguments alone: time and chance belong into commands, counters and caches into the state"
    )]
    NotDeterministic {
        /// What differed.
        what: Differed,
    },
    /// There are too many identities to try all permutations.
    #[error(
        "symmetry over {0} identities means trying their n! permutations for each state; at most {MOST_IDENTITIES} are \
         taken. Explore with fewer, or use `.abstracted(…)` with a canonical form of your own"
    )]
    TooManyIdentities(usize),
    /// The function that permutes a state is no permutation.
    #[error(
        "the permutation of states is none: permuting by a swap twice, by a cycle all the way round, or by nothing at \
         all has to give the same state again"
    )]
    NotAPermutation,
    /// The model does not treat all identities alike.
    #[error(
        "the model is not symmetric: {permutation} leads from this state to other states than those permuted. Look for \
         ties broken by the lowest id, for identities that are treated apart, and for an alphabet that leaves some out"
    )]
    NotSymmetric {
        /// The permutation that showed it.
        permutation: &'static str,
    },
    /// A property distinguishes identities.
    #[error(
        "the property \"{property}\" distinguishes identities, so that one state for all its permutations is not enough: \
         say it of all identities alike, or explore without `.symmetry(…)`",
        property = shown(.property)
    )]
    PropertyNotSymmetric {
        /// Its name.
        property: String,
    },
}
