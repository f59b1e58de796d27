//! A law in one run: what it remembers and counts begins with the run, so that runs on several threads do not meet.

use super::law::{LawCase, LivedHistory};
use crate::decider::Decider;
use std::cell::Cell;
use std::rc::Rc;

/// A law in one run.
pub(super) struct LawInRun<D: Decider> {
    pub(super) name: String,
    pub(super) look: Look<D>,
    /// How often a case came up to which the law applies. `None` if it applies to every case.
    pub(super) came_up: Option<Rc<Cell<usize>>>,
}

/// What a law looks at, and its function that says what is wrong.
pub(super) enum Look<D: Decider> {
    AtHistory(LookAtHistory<D>),
    AtCase(LookAtCase<D>),
}

pub(super) type LookAtHistory<D> = Box<dyn Fn(&D, &LivedHistory<'_, D>) -> Result<(), String>>;
pub(super) type LookAtCase<D> = Box<dyn Fn(&LawCase<'_, D>) -> Result<(), String>>;
