//! A node of the tree: every case of serde's data model.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

/// A node of the tree, whose parts were read before it: each is a `P`, and each field with its name an `F`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node<'v, P, F> {
    Bool(bool),
    Number(Number),
    Char(char),
    Text(&'v str),
    Bytes(&'v [u8]),
    None,
    /// `()`, or a struct or variant that holds nothing.
    Unit(Of),
    /// `Some`, or a struct or variant of one value without a field name.
    One(Of, P),
    /// Any number of items: a sequence or a set.
    List(Vec<P>),
    /// A tuple or an array, or a struct or variant of values without field names.
    Tuple(Of, Vec<P>),
    Map(Vec<(P, P)>),
    /// A struct or a variant with field names.
    Record(Of, Vec<F>),
}

/// Which type a node comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    /// A type without a name in serde: `()`, an option, a tuple.
    Plain,
    /// The struct of this name.
    Struct(&'static str),
    /// A variant of an enum.
    Variant { of: &'static str, variant: &'static str },
}

impl Of {
    /// The name of the struct, or an empty text.
    pub(crate) fn structure(self) -> &'static str {
        match self {
            Of::Struct(name) => name,
            Of::Plain | Of::Variant { .. } => "",
        }
    }
}

macro_rules! numbers {
    (whole { $($int:ident $whole:ident,)* } floats { $($float:ident $real:ident,)* }) => {
        /// A number, of the type it has in Rust.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Number {
            $($whole($int),)*
            $($real($float),)*
        }

        impl Number {
            /// The name of its type.
            pub(crate) fn type_name(self) -> &'static str {
                match self {
                    $(Number::$whole(_) => stringify!($int),)*
                    $(Number::$real(_) => stringify!($float),)*
                }
            }

            /// A whole number; `None` for floats, and beyond the largest `i128`.
            #[inline]
            pub(crate) fn whole(self) -> Option<i128> {
                match self {
                    $(Number::$whole(number) => number.try_into().ok(),)*
                    $(Number::$real(_) => None,)*
                }
            }

            /// A number that differs for all different values of the type; a zero has its sign, and a NaN its bits.
            fn bits(self) -> u128 {
                match self {
                    $(Number::$whole(number) => number as u128,)*
                    $(Number::$real(number) => number.to_bits().into(),)*
                }
            }
        }

        impl fmt::Display for Number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Number::$whole(number) => number.fmt(f),)*
                    $(Number::$real(number) => number.fmt(f),)*
                }
            }
        }
    };
}

numbers! {
    whole { i8 I8, i16 I16, i32 I32, i64 I64, i128 I128, u8 U8, u16 U16, u32 U32, u64 U64, u128 U128, }
    floats { f32 F32, f64 F64, }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        discriminant(self) == discriminant(other) && self.bits() == other.bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        self.bits().hash(state);
    }
}
