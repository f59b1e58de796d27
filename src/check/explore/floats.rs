//! Floats that are not one thing: a zero has two signs, and NaN is equal to nothing.

use super::unfit::Unfit;
use crate::message::tree::{Node, Number, Reader, read};
use serde::ser::{self, Serialize};
use std::fmt;

/// Refuses a value that holds `-0.0` or NaN, wherever serde writes one.
pub(super) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Unfit> {
    match read(value, Look) {
        Err(Found(found)) if !found.is_empty() => Err(Unfit::Float { found }),
        // The writer of the value reports any other error.
        _ => Ok(()),
    }
}

#[derive(Clone, Copy)]
struct Look;

/// Which float was found. `None` if serde itself refuses the value.
#[derive(Debug)]
struct Found(&'static str);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Found {}

impl ser::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Found("")
    }
}

fn one_thing(float: f64) -> Result<(), Found> {
    match float {
        _ if float.is_nan() => Err(Found("NaN")),
        _ if float == 0.0 && float.is_sign_negative() => Err(Found("-0.0")),
        _ => Ok(()),
    }
}

impl Reader for Look {
    type Part = ();
    type Field = ();
    type Error = Found;

    const HUMAN_READABLE: bool = false;

    #[inline(always)]
    fn node(self, node: Node<'_, (), ()>) -> Result<(), Found> {
        match node {
            Node::Number(Number::F32(float)) => one_thing(float.into()),
            Node::Number(Number::F64(float)) => one_thing(float),
            _ => Ok(()),
        }
    }

    fn field(self, _: &'static str, (): ()) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn floats_are_looked_for_everywhere() {
        assert_eq!(check(&(1, Some(vec![0.5f64, 0.0]), "text")), Ok(()));
        let deep = BTreeMap::from([(1, vec![(true, Some(-0.0f32))])]);
        assert_eq!(check(&deep), Err(Unfit::Float { found: "-0.0" }));
        assert_eq!(check(&[f64::NAN]), Err(Unfit::Float { found: "NaN" }));
    }
}
