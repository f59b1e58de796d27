//! A value as a tree, node by node as serde shows it: what phrases, pasted code, diffs and checks read of a value.

mod node;
mod reading;
#[cfg(test)]
mod tests;

pub(crate) use node::{Node, Number, Of};
pub(crate) use reading::{Reader, Refused, read};

use foldhash::fast::FixedState;
use serde::Serialize;
use std::any::type_name;
use std::hash::BuildHasher;

/// A hash of the whole tree of a value. The order of a map's pairs, and of a hash set's items, does not count; numbers count by their
/// bits. `None` if the value's `Serialize` refuses.
pub(crate) fn hash_of<T: Serialize + ?Sized>(value: &T) -> Option<u64> {
    Hashed { in_any_order: false }.part(value).ok()
}

/// Hashes each node with the hashes of its parts.
#[derive(Clone, Copy)]
struct Hashed {
    in_any_order: bool,
}

impl Reader for Hashed {
    type Part = u64;
    type Field = (&'static str, u64);
    type Error = Refused;

    fn part<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, Refused> {
        read(value, Hashed { in_any_order: is_in_any_order(type_name::<T>()) })
    }

    fn node(self, mut node: Node<'_, u64, (&'static str, u64)>) -> Result<u64, Refused> {
        match &mut node {
            Node::Map(pairs) => pairs.sort_unstable(),
            Node::List(items) if self.in_any_order => items.sort_unstable(),
            _ => {}
        }
        Ok(FixedState::default().hash_one(node))
    }

    fn field(self, name: &'static str, part: u64) -> (&'static str, u64) {
        (name, part)
    }
}

/// The name of the type that a reference or a box leads to, as serde shows it alone.
pub(crate) fn inside_pointers(type_name: &str) -> &str {
    let mut name = type_name;
    while let Some(inside) = name
        .strip_prefix('&')
        .or_else(|| POINTERS.iter().find_map(|pointer| name.strip_prefix(pointer)?.strip_suffix('>')))
    {
        name = inside.strip_prefix("mut ").unwrap_or(inside);
    }
    name
}

const POINTERS: [&str; 3] = ["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"];

/// Whether a type of this name shows its items in an order that says nothing: a set that hashes them.
fn is_in_any_order(type_name: &str) -> bool {
    let name = inside_pointers(type_name);
    let of = name.split('<').next().unwrap_or(name);
    matches!(of.rsplit("::").next(), Some("HashSet" | "GenericHashSet" | "IndexSet"))
}
