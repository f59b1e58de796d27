//! A deserializer that follows one path into a type. At the end of the path, it either notes what the type asks for, or gives
//! it a value.
//!
//! A map or a struct gets the one field on the path and no other, so that the rest needs no values. Reading stops at the end
//! of the path, always with an error.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

/// The name under which `serde_json` asks for a raw value.
const AS_IT_STANDS: &str = "$serde_json::private::RawValue";

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Field(String),
    /// The element of a tuple after these.
    Element(Vec<Value>),
    Present,
    Item,
    Key,
    /// The value under this key of a map.
    Under(Value),
    Variant(String),
}

/// What to do at the end of the path.
pub(super) enum End {
    Ask,
    Give(Value),
}

/// What a type asks its deserializer for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Request {
    Plain(&'static str),
    Optional,
    List,
    Map,
    Tuple(usize),
    Struct(&'static str, &'static [&'static str]),
    Enum(&'static str, &'static [&'static str]),
    /// The key of a struct whose fields are not named.
    Identifier,
    Anything,
}

/// What was found at the end of the path.
#[derive(Debug, Default)]
pub(super) struct ProbeReport {
    /// What the type asked for, inside these newtypes.
    pub(super) asked: Option<Request>,
    pub(super) newtypes: Vec<&'static str>,
    /// Whether the value that was given is taken, or why not.
    pub(super) taken: Option<Result<(), String>>,
}

pub(super) struct Probe<'p> {
    pub(super) steps: &'p [Step],
    pub(super) end: &'p End,
    pub(super) report: &'p RefCell<ProbeReport>,
}

/// Not a failure: the error with which reading stops at the end of the path.
#[derive(Debug)]
pub(super) struct PathEnded;

impl fmt::Display for PathEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end of the path is reached")
    }
}

impl std::error::Error for PathEnded {}

impl de::Error for PathEnded {
    fn custom<T: fmt::Display>(_: T) -> Self {
        PathEnded
    }
}

impl<'p> Probe<'p> {
    fn note<T>(&self, asked: Request) -> Result<T, PathEnded> {
        self.report.borrow_mut().asked.get_or_insert(asked);
        Err(PathEnded)
    }

    fn next(&self) -> Option<(&'p Step, Probe<'p>)> {
        let (step, steps) = self.steps.split_first()?;
        Some((step, Probe { steps, ..*self }))
    }

    /// Gives the value if this is the end of the path, and goes on otherwise.
    ///
    /// A type that checks its values does so inside its own visitor, so whether a value is taken shows in `reader`, which
    /// reads the whole type.
    fn give_or<R, T>(
        self,
        reader: R,
        give: impl FnOnce(Value, R) -> serde_json::Result<T>,
        go_on: impl FnOnce(R, Self) -> Result<T, PathEnded>,
    ) -> Result<T, PathEnded> {
        match self.end {
            End::Give(value) if self.steps.is_empty() => {
                let taken = give(value.clone(), reader).map(drop).map_err(|why| why.to_string());
                self.report.borrow_mut().taken = Some(taken);
                Err(PathEnded)
            }
            _ => go_on(reader, self),
        }
    }

    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, PathEnded> {
        self.give_or(seed, |value, seed| seed.deserialize(value), DeserializeSeed::deserialize)
    }
}

macro_rules! plain {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PathEnded> {
            self.note(Request::Plain($what))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = PathEnded;

    plain! {
        deserialize_bool "bool";
        deserialize_i8 "i8";
        deserialize_i16 "i16";
        deserialize_i32 "i32";
        deserialize_i64 "i64";
        deserialize_i128 "i128";
        deserialize_u8 "u8";
        deserialize_u16 "u16";
        deserialize_u32 "u32";
        deserialize_u64 "u64";
        deserialize_u128 "u128";
        deserialize_f32 "f32";
        deserialize_f64 "f64";
        deserialize_char "char";
        deserialize_str "text";
        deserialize_string "text";
        deserialize_bytes "bytes";
        deserialize_byte_buf "bytes";
        deserialize_unit "nothing";
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PathEnded> {
        self.note(Request::Anything)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PathEnded> {
        self.note(Request::Anything)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, PathEnded> {
        self.note(Request::Identifier)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, PathEnded> {
        self.note(Request::Plain("nothing"))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, PathEnded> {
        if name == AS_IT_STANDS {
            return self.note(Request::Anything);
        }
        if self.steps.is_empty() {
            self.report.borrow_mut().newtypes.push(name);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Present, inside)) => {
                inside.give_or(visitor, |value, visitor| visitor.visit_some(value), Visitor::visit_some)
            }
            Some(_) => Err(PathEnded),
            None => self.note(Request::Optional),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Item, inside)) => {
                visitor.visit_seq(Elements { before: [].iter(), last: Some(inside) })
            }
            Some(_) => Err(PathEnded),
            None => self.note(Request::List),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Element(before), inside)) => {
                visitor.visit_seq(Elements { before: before.iter(), last: Some(inside) })
            }
            Some(_) => Err(PathEnded),
            None => self.note(Request::Tuple(len)),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, PathEnded> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Key, inside)) => {
                visitor.visit_map(OneEntry { key: Key::Probed(inside), value: None })
            }
            Some((Step::Under(key), inside)) => {
                visitor.visit_map(OneEntry { key: Key::Value(key), value: Some(inside) })
            }
            Some(_) => Err(PathEnded),
            None => self.note(Request::Map),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Field(field), inside)) => {
                visitor.visit_map(OneEntry { key: Key::Name(field), value: Some(inside) })
            }
            Some(_) => Err(PathEnded),
            None => self.note(Request::Struct(name, fields)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathEnded> {
        match self.next() {
            Some((Step::Variant(variant), inside)) => visitor.visit_enum(OneVariant { variant, inside }),
            Some(_) => Err(PathEnded),
            None => self.note(Request::Enum(name, variants)),
        }
    }
}

/// Elements that are known, and the one on the way.
struct Elements<'p> {
    before: std::slice::Iter<'p, Value>,
    last: Option<Probe<'p>>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = PathEnded;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, PathEnded> {
        if let Some(value) = self.before.next() {
            return seed.deserialize(value.clone()).map(Some).map_err(|_| PathEnded);
        }
        self.last.take().ok_or(PathEnded)?.read(seed).map(Some)
    }
}

/// A map of one entry.
struct OneEntry<'p> {
    key: Key<'p>,
    value: Option<Probe<'p>>,
}

enum Key<'p> {
    Name(&'p str),
    Value(&'p Value),
    Probed(Probe<'p>),
    Read,
}

impl<'de> MapAccess<'de> for OneEntry<'_> {
    type Error = PathEnded;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, PathEnded> {
        match std::mem::replace(&mut self.key, Key::Read) {
            Key::Name(name) => seed.deserialize(name.into_deserializer()).map(Some),
            Key::Value(value) => seed.deserialize(value.clone()).map(Some).map_err(|_| PathEnded),
            Key::Probed(probe) => probe.read(seed).map(Some),
            Key::Read => Err(PathEnded),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, PathEnded> {
        self.value.take().ok_or(PathEnded)?.read(seed)
    }
}

/// A variant by its name, and its content.
struct OneVariant<'p> {
    variant: &'p str,
    inside: Probe<'p>,
}

impl<'de, 'p> EnumAccess<'de> for OneVariant<'p> {
    type Error = PathEnded;
    type Variant = Content<'p>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'p>), PathEnded> {
        Ok((seed.deserialize(self.variant.into_deserializer())?, Content(self.inside)))
    }
}

struct Content<'p>(Probe<'p>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = PathEnded;

    fn unit_variant(self) -> Result<(), PathEnded> {
        self.0.read(PhantomData::<()>)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, PathEnded> {
        self.0.read(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, PathEnded> {
        self.0.give_or(
            visitor,
            |value, visitor| value.deserialize_tuple(len, visitor),
            |visitor, probe| probe.deserialize_tuple(len, visitor),
        )
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PathEnded> {
        self.0.give_or(
            visitor,
            |value, visitor| value.deserialize_struct("", fields, visitor),
            |visitor, probe| probe.deserialize_struct("", fields, visitor),
        )
    }
}
