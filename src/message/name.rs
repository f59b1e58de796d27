//! The name of a message, and why a message may have none.

use super::words::snake;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// The name of a message: its own name, the *leaf*, after the path of the umbrella enums around it.
///
/// Prints as `order.Placed`; a log stores `Placed`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    path: Vec<Cow<'static, str>>,
    leaf: Cow<'static, str>,
}

impl Name {
    /// A name without a path, for types that name themselves.
    pub fn leaf_only(leaf: impl Into<Cow<'static, str>>) -> Name {
        Name { path: Vec::new(), leaf: leaf.into() }
    }

    pub(super) fn new(path: Vec<&'static str>, leaf: &'static str) -> Name {
        Name { path: path.into_iter().map(Cow::Borrowed).collect(), leaf: leaf.into() }
    }

    /// The message's own name, without the path.
    pub fn leaf(&self) -> &str {
        &self.leaf
    }

    /// The variants of the umbrella enums around it, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(AsRef::as_ref)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.path {
            write!(f, "{}.", snake(part))?;
        }
        f.write_str(&self.leaf)
    }
}

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a message has no name that leftfold can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Serde writes or reads something that is neither an enum nor a struct.
    #[error("`{type_name}` is {found} to serde and has no name: make it an enum or a struct of your own")]
    NoMessage {
        /// The Rust type.
        type_name: &'static str,
        /// What it is to serde.
        found: &'static str,
    },
    /// `#[serde(tag = …)]` or `#[serde(untagged)]`.
    #[error(
        "`{type_name}` is {form}, so that serde does not show the name of a value: leave out the container \
         attribute"
    )]
    Tagged {
        /// The Rust type.
        type_name: &'static str,
        /// The form of the enum.
        form: &'static str,
    },
    /// `#[serde(alias = …)]`.
    #[error(
        "`{type_name}` has aliases for its variants ({}): one name for one message; old names are read by upcasters",
        .names.join(", ")
    )]
    Alias {
        /// The Rust type.
        type_name: &'static str,
        /// All names that serde would read.
        names: Vec<&'static str>,
    },
    /// Written under one name, read under others.
    #[error("`{type_name}` writes `{written}`, but reads only {}: the two names must be one", .read.join(", "))]
    Split {
        /// The Rust type.
        type_name: &'static str,
        /// The name that is written.
        written: String,
        /// The names that can be read.
        read: Vec<&'static str>,
    },
}
