//! A deserializer that follows one way into a type, and either tells what is asked for at its end or gives a value there.
//!
//! A map or a struct is given the one field on the way and no other, so that the rest needs no values. Reading stops at
//! the end of the way, always with an error.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

/// The name under which JSON that is kept as it stands comes by.
const AS_IT_STANDS: &str = "$serde_json::private::RawValue";

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Field(String),
    /// The element of a tuple behind these.
    Element(Vec<Value>),
    Present,
    Item,
    Key,
    /// What stands under this key of a map.
    Under(Value),
    Variant(String),
}

/// What to do at the end of the way.
pub(super) enum End {
    Ask,
    Give(Value),
}

/// What a type asks its deserializer for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    Plain(&'static str),
    Optional,
    List,
    Map,
    Tuple(usize),
    Struct(&'static str, &'static [&'static str]),
    Enum(&'static str, &'static [&'static str]),
    /// The key of a struct whose fields are not told.
    Identifier,
    Anything,
}

/// What was found at the end of the way.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// What was asked for there, behind these newtypes.
    pub(super) asked: Option<Asked>,
    pub(super) newtypes: Vec<&'static str>,
    /// Whether the value that was given is taken, or why not.
    pub(super) taken: Option<Result<(), String>>,
}

pub(super) struct Probe<'p> {
    pub(super) steps: &'p [Step],
    pub(super) end: &'p End,
    pub(super) report: &'p RefCell<Report>,
}

/// Not an error: the way out.
#[derive(Debug)]
pub(super) struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end of the way is reached")
    }
}

impl std::error::Error for Told {}

impl de::Error for Told {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Told
    }
}

impl<'p> Probe<'p> {
    fn tell<T>(&self, asked: Asked) -> Result<T, Told> {
        self.report.borrow_mut().asked.get_or_insert(asked);
        Err(Told)
    }

    fn next(&self) -> Option<(&'p Step, Probe<'p>)> {
        let (step, steps) = self.steps.split_first()?;
        Some((step, Probe { steps, ..*self }))
    }

    /// Gives the value if this is the end of the way, and goes on otherwise.
    ///
    /// A type that checks what it reads does so behind its own visitor, so that what is taken is seen by `reader`, which
    /// reads the whole type.
    fn give_or<R, T>(
        self,
        reader: R,
        give: impl FnOnce(Value, R) -> serde_json::Result<T>,
        go_on: impl FnOnce(R, Self) -> Result<T, Told>,
    ) -> Result<T, Told> {
        match self.end {
            End::Give(value) if self.steps.is_empty() => {
                let taken = give(value.clone(), reader).map(drop).map_err(|why| why.to_string());
                self.report.borrow_mut().taken = Some(taken);
                Err(Told)
            }
            _ => go_on(reader, self),
        }
    }

    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Told> {
        self.give_or(seed, |value, seed| seed.deserialize(value), DeserializeSeed::deserialize)
    }
}

macro_rules! plain {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
            self.tell(Asked::Plain($what))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Told;

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

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        self.tell(Asked::Anything)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        self.tell(Asked::Anything)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        self.tell(Asked::Identifier)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Told> {
        self.tell(Asked::Plain("nothing"))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Told> {
        if name == AS_IT_STANDS {
            return self.tell(Asked::Anything);
        }
        if self.steps.is_empty() {
            self.report.borrow_mut().newtypes.push(name);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Present, inside)) => {
                inside.give_or(visitor, |value, visitor| visitor.visit_some(value), Visitor::visit_some)
            }
            Some(_) => Err(Told),
            None => self.tell(Asked::Optional),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Item, inside)) => {
                visitor.visit_seq(Elements { before: [].iter(), last: Some(inside) })
            }
            Some(_) => Err(Told),
            None => self.tell(Asked::List),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Element(before), inside)) => {
                visitor.visit_seq(Elements { before: before.iter(), last: Some(inside) })
            }
            Some(_) => Err(Told),
            None => self.tell(Asked::Tuple(len)),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Told> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Key, inside)) => visitor.visit_map(Entry { key: Key::Probed(inside), value: None }),
            Some((Step::Under(key), inside)) => {
                visitor.visit_map(Entry { key: Key::Value(key), value: Some(inside) })
            }
            Some(_) => Err(Told),
            None => self.tell(Asked::Map),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Field(field), inside)) => {
                visitor.visit_map(Entry { key: Key::Name(field), value: Some(inside) })
            }
            Some(_) => Err(Told),
            None => self.tell(Asked::Struct(name, fields)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Told> {
        match self.next() {
            Some((Step::Variant(variant), inside)) => visitor.visit_enum(Named { variant, inside }),
            Some(_) => Err(Told),
            None => self.tell(Asked::Enum(name, variants)),
        }
    }
}

/// Elements that are known, and the one on the way.
struct Elements<'p> {
    before: std::slice::Iter<'p, Value>,
    last: Option<Probe<'p>>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Told;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Told> {
        if let Some(value) = self.before.next() {
            return seed.deserialize(value.clone()).map(Some).map_err(|_| Told);
        }
        self.last.take().ok_or(Told)?.read(seed).map(Some)
    }
}

/// A map of one entry.
struct Entry<'p> {
    key: Key<'p>,
    value: Option<Probe<'p>>,
}

enum Key<'p> {
    Name(&'p str),
    Value(&'p Value),
    Probed(Probe<'p>),
    Read,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Told;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Told> {
        match std::mem::replace(&mut self.key, Key::Read) {
            Key::Name(name) => seed.deserialize(name.into_deserializer()).map(Some),
            Key::Value(value) => seed.deserialize(value.clone()).map(Some).map_err(|_| Told),
            Key::Probed(probe) => probe.read(seed).map(Some),
            Key::Read => Err(Told),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Told> {
        self.value.take().ok_or(Told)?.read(seed)
    }
}

/// A variant by its name, and its content.
struct Named<'p> {
    variant: &'p str,
    inside: Probe<'p>,
}

impl<'de, 'p> EnumAccess<'de> for Named<'p> {
    type Error = Told;
    type Variant = Content<'p>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'p>), Told> {
        Ok((seed.deserialize(self.variant.into_deserializer())?, Content(self.inside)))
    }
}

struct Content<'p>(Probe<'p>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Told;

    fn unit_variant(self) -> Result<(), Told> {
        self.0.read(PhantomData::<()>)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Told> {
        self.0.read(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Told> {
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
    ) -> Result<V::Value, Told> {
        self.0.give_or(
            visitor,
            |value, visitor| value.deserialize_struct("", fields, visitor),
            |visitor, probe| probe.deserialize_struct("", fields, visitor),
        )
    }
}
