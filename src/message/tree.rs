//! A value as a tree, node by node as serde shows it: what phrases, pasted code, diffs and checks read of a value.

mod node;
mod reading;
#[cfg(test)]
mod tests;

pub(crate) use node::{Node, Number, Of};
pub(crate) use reading::{Reader, Refused, read};

use foldhash::fast::FixedState;
use serde::Serialize;
use std::hash::BuildHasher;

/// A hash of the whole tree of a value: equal values have equal ones, as long as serde shows their parts in the same
/// order. `None` where the value's `Serialize` refuses.
pub(crate) fn hash_of<T: Serialize + ?Sized>(value: &T) -> Option<u64> {
    read(value, Hashed).ok()
}

#[derive(Clone, Copy)]
struct Hashed;

impl Reader for Hashed {
    type Part = u64;
    type Field = (&'static str, u64);
    type Error = Refused;

    fn node(self, node: Node<'_, u64, (&'static str, u64)>) -> Result<u64, Refused> {
        Ok(FixedState::default().hash_one(node))
    }

    fn field<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Option<(&'static str, u64)>, Refused> {
        Ok(Some((name, self.part(value)?)))
    }
}
