//! A value as a tree, node by node as serde shows it: what phrases, pasted code, diffs and checks read of a value.

mod node;
mod reading;
#[cfg(test)]
mod tests;

pub(crate) use node::{Node, Number, Of};
pub(crate) use reading::{Reader, Refused, read};

use foldhash::fast::{FixedState, FoldHasher};
use serde::Serialize;
use std::cell::RefCell;
use std::hash::{BuildHasher, Hash, Hasher};

/// A hash of the whole tree of a value. Equal values have equal hashes if serde shows their parts in the same order. `None`
/// if the value's `Serialize` refuses.
pub(crate) fn hash_of<T: Serialize + ?Sized>(value: &T) -> Option<u64> {
    let hasher = RefCell::new(FixedState::default().build_hasher());
    read(value, Hashed(&hasher)).ok()?;
    Some(hasher.into_inner().finish())
}

/// Hashes each node after its parts, with their number.
#[derive(Clone, Copy)]
struct Hashed<'h>(&'h RefCell<FoldHasher<'static>>);

impl Reader for Hashed<'_> {
    type Part = ();
    type Field = ();
    type Error = Refused;

    #[inline]
    fn node(self, node: Node<'_, (), ()>) -> Result<(), Refused> {
        node.hash(&mut *self.0.borrow_mut());
        Ok(())
    }

    fn field(self, name: &'static str, (): ()) {
        name.hash(&mut *self.0.borrow_mut());
    }
}
