//! A deserializer that answers with an error once it has been told the variants: all names of a type.

use super::name::{Name, NameError};
use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    VariantAccess, Visitor,
};
use std::cell::{Cell, RefCell};
use std::fmt;

/// What a type asked its deserializer for.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    /// An enum of these variants.
    Enum(&'static [&'static str]),
    /// A sum whose variants are to be looked through: its parts, and whether they add to the path.
    Parts(&'static [&'static str], bool),
    /// A struct of this name.
    Struct(&'static str),
    /// A struct of this name around one value that has no name of its own.
    Newtype(&'static str),
    /// An enum in a form that hides its names.
    Tagged(&'static str),
    /// An enum with more names than variants.
    Alias(&'static [&'static str]),
    /// Something without a name.
    Other(&'static str),
}

/// A message of a type: its name, and the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Its name.
    pub(crate) name: Name,
    /// The last part of its name.
    pub(crate) leaf: &'static str,
    /// Which parts of sums it stands in, by number, outermost first.
    pub(crate) route: Vec<u32>,
    /// Its number in its enum, or none if it is a struct.
    pub(crate) variant: Option<u32>,
    /// Whether it is a struct of one field, whose value is its content.
    pub(crate) newtype: bool,
    /// Whether a key stands around it.
    pub(crate) keyed: bool,
}

/// All messages of a type, in order of declaration.
pub(crate) fn leaves<T: DeserializeOwned>() -> Result<Vec<Leaf>, NameError> {
    let mut all = Vec::new();
    read_leaves::<T>(&mut Vec::new(), &mut Vec::new(), &mut all)?;
    Ok(all)
}

/// All messages below the part of the type at `route`, with `path` in front of their names.
fn read_leaves<T: DeserializeOwned>(
    route: &mut Vec<u32>,
    path: &mut Vec<&'static str>,
    all: &mut Vec<Leaf>,
) -> Result<(), NameError> {
    let type_name = std::any::type_name::<T>();
    let (asked, keyed) = asked::<T>(route);
    let leaf = |leaf, variant| Leaf {
        name: Name::new(path.clone(), leaf),
        leaf,
        route: route.clone(),
        variant,
        newtype: matches!(asked, Asked::Newtype(_)),
        keyed,
    };
    match asked {
        Asked::Enum(variants) => {
            all.extend(variants.iter().zip(0..).map(|(name, index)| leaf(name, Some(index))));
            Ok(())
        }
        Asked::Struct(name) | Asked::Newtype(name) => {
            all.push(leaf(name, None));
            Ok(())
        }
        Asked::Parts(parts, named) => {
            for (part, index) in parts.iter().zip(0..) {
                route.push(index);
                if named {
                    path.push(part);
                }
                let below = read_leaves::<T>(route, path, all);
                if named {
                    path.pop();
                }
                route.pop();
                match below {
                    // A variant of the kit's own wrapper that is a message itself, and none of the model's.
                    Err(NameError::NoMessage { found: OWN_VARIANT, .. }) => {}
                    other => other?,
                }
            }
            Ok(())
        }
        Asked::Tagged(form) => Err(NameError::Tagged { type_name, form }),
        Asked::Alias(names) => Err(NameError::Alias { type_name, names: names.to_vec() }),
        Asked::Other(found) => Err(NameError::NoMessage { type_name, found }),
    }
}

/// Holds a name that was written against the names that can be read, without an allocation where all is well.
pub(super) fn check_read<T: DeserializeOwned>(
    path: &[&'static str],
    leaf: &'static str,
) -> Result<(), NameError> {
    let reading = Reading::along(Route::Names(path, leaf));
    let asked = reading.ask::<T>();
    let type_name = std::any::type_name::<T>();
    let read = match asked {
        Asked::Enum(variants) if variants.contains(&leaf) => return Ok(()),
        Asked::Struct(name) | Asked::Newtype(name) if name == leaf => return Ok(()),
        Asked::Enum(variants) => variants.to_vec(),
        Asked::Struct(name) | Asked::Newtype(name) => vec![name],
        Asked::Parts(parts, _) => parts.to_vec(),
        Asked::Tagged(form) => return Err(NameError::Tagged { type_name, form }),
        Asked::Alias(names) => {
            return Err(NameError::Alias { type_name, names: names.to_vec() });
        }
        Asked::Other(OWN_VARIANT) => return Ok(()),
        Asked::Other(found) => return Err(NameError::NoMessage { type_name, found }),
    };
    Err(NameError::Split { type_name, written: leaf.to_string(), read })
}

/// What the part of the type at `route` asks for, and whether a key stands around it.
fn asked<T: DeserializeOwned>(route: &[u32]) -> (Asked, bool) {
    let reading = Reading::along(Route::Indexes(route));
    (reading.ask::<T>(), reading.keyed.get())
}

const OWN_VARIANT: &str = "a message of the kit";

/// Which parts of sums to look into.
#[derive(Clone, Copy)]
enum Route<'r> {
    Indexes(&'r [u32]),
    /// The path of a name that was written, and its leaf, by which look-through wrappers are searched.
    Names(&'r [&'static str], &'static str),
}

struct Reading<'r> {
    asked: RefCell<Option<Asked>>,
    keyed: Cell<bool>,
    route: Route<'r>,
}

impl<'r> Reading<'r> {
    fn along(route: Route<'r>) -> Reading<'r> {
        Reading { asked: RefCell::new(None), keyed: Cell::new(false), route }
    }

    fn ask<T: DeserializeOwned>(&self) -> Asked {
        let _ = T::deserialize(Probe { reading: self, route: self.route, newtype: None });
        self.asked.borrow_mut().take().unwrap_or(Asked::Other("nothing that it says"))
    }

    fn answer(&self, asked: Asked) -> Told {
        *self.asked.borrow_mut() = Some(asked);
        Told
    }
}

/// Not an error: the way out of a deserializer as soon as it has told what it expects.
#[derive(Debug)]
struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the names are known")
    }
}

impl std::error::Error for Told {}

impl de::Error for Told {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Told
    }
}

struct Probe<'p, 'r> {
    reading: &'p Reading<'r>,
    route: Route<'r>,
    /// The outermost struct of one field around the value: it names what has no name of its own.
    newtype: Option<&'static str>,
}

impl Probe<'_, '_> {
    fn nameless(&self, found: &'static str) -> Told {
        self.reading.answer(self.newtype.map_or(Asked::Other(found), Asked::Newtype))
    }
}

macro_rules! asked_for {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
            Err(self.nameless($what))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_, '_> {
    type Error = Told;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        Err(self.reading.answer(Asked::Tagged("an internally tagged or untagged enum")))
    }

    asked_for! {
        deserialize_bool "a bool";
        deserialize_i8 "a number";
        deserialize_i16 "a number";
        deserialize_i32 "a number";
        deserialize_i64 "a number";
        deserialize_i128 "a number";
        deserialize_u8 "a number";
        deserialize_u16 "a number";
        deserialize_u32 "a number";
        deserialize_u64 "a number";
        deserialize_u128 "a number";
        deserialize_f32 "a number";
        deserialize_f64 "a number";
        deserialize_char "a character";
        deserialize_str "a string";
        deserialize_string "a string";
        deserialize_bytes "bytes";
        deserialize_byte_buf "bytes";
        deserialize_option "an option";
        deserialize_unit "a unit";
        deserialize_seq "a sequence";
        deserialize_map "a map";
        deserialize_identifier "an identifier";
        deserialize_ignored_any "anything";
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, _: V) -> Result<V::Value, Told> {
        Err(self.reading.answer(Asked::Struct(name)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Told> {
        visitor.visit_newtype_struct(Probe { newtype: self.newtype.or(Some(name)), ..self })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Told> {
        Err(self.nameless("a tuple"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Told> {
        Err(self.reading.answer(Asked::Struct(name)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Told> {
        if name == KEYED {
            self.reading.keyed.set(true);
            return visitor
                .visit_map(OneField { field: "message", value: Some(Probe { newtype: None, ..self }) });
        }
        let reading = self.reading;
        reading.answer(Asked::Struct(name));
        match fields.first() {
            Some(field) => visitor.visit_map(OneField { field, value: Some(Tag { reading }) }),
            None => Err(Told),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Told> {
        let named = is_sum(name);
        if !named && name != LOOK_THROUGH {
            return visitor.visit_enum(Count { reading: self.reading, variants });
        }
        match self.route {
            Route::Indexes([]) => Err(self.reading.answer(Asked::Parts(variants, named))),
            Route::Indexes([index, rest @ ..]) => visitor.visit_enum(Part {
                index: *index,
                probe: Probe { route: Route::Indexes(rest), newtype: None, ..self },
            }),
            Route::Names([part, rest @ ..], leaf) if named => match variants.iter().position(|v| v == part) {
                Some(index) => visitor.visit_enum(Part {
                    index: index as u32,
                    probe: Probe { route: Route::Names(rest, leaf), newtype: None, ..self },
                }),
                None => Err(self.reading.answer(Asked::Enum(variants))),
            },
            // Which side of a wrapper wrote the name is not known, and both were checked when the names were listed.
            Route::Names(_, leaf) if !named && variants.contains(&leaf) => {
                Err(self.reading.answer(Asked::Other(OWN_VARIANT)))
            }
            Route::Names(..) => Err(self.reading.answer(Asked::Other(OWN_VARIANT))),
        }
    }
}

/// A map with one field, whose value is read by a deserializer of ours.
struct OneField<D> {
    field: &'static str,
    value: Option<D>,
}

impl<'de, D: Deserializer<'de, Error = Told>> MapAccess<'de> for OneField<D> {
    type Error = Told;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Told> {
        match self.value {
            Some(_) => seed.deserialize(self.field.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Told> {
        seed.deserialize(self.value.take().ok_or(Told)?)
    }
}

/// Reads the first field of a struct, to see whether it is the tag of an enum.
struct Tag<'p, 'r> {
    reading: &'p Reading<'r>,
}

impl<'de> Deserializer<'de> for Tag<'_, '_> {
    type Error = Told;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Told> {
        Err(Told)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Told> {
        // The name does not tell a tag from a field that is an enum: either may be called as the type is, or otherwise.
        let expected: &dyn de::Expected = &visitor;
        if expected.to_string().starts_with("variant of enum ") {
            self.reading.answer(Asked::Tagged("an adjacently tagged enum"));
        }
        Err(Told)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Counts the variants of an enum by number, and so finds out whether some of its names are aliases.
struct Count<'p, 'r> {
    reading: &'p Reading<'r>,
    variants: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for Count<'_, '_> {
    type Error = Told;
    type Variant = Nowhere;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Nowhere), Told> {
        // With an alias, the last number has no variant.
        let last = (self.variants.len() as u64).saturating_sub(1);
        let counted = seed.deserialize(IntoDeserializer::<Told>::into_deserializer(last));
        Err(self.reading.answer(match counted {
            Ok(_) => Asked::Enum(self.variants),
            Err(Told) if self.variants.is_empty() => Asked::Enum(self.variants),
            Err(Told) => Asked::Alias(self.variants),
        }))
    }
}

/// One variant of a sum, with the probe passed on to its content.
struct Part<'p, 'r> {
    index: u32,
    probe: Probe<'p, 'r>,
}

impl<'de, 'p, 'r> EnumAccess<'de> for Part<'p, 'r> {
    type Error = Told;
    type Variant = Inside<'p, 'r>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Inside<'p, 'r>), Told> {
        let part = seed.deserialize(IntoDeserializer::<Told>::into_deserializer(self.index))?;
        Ok((part, Inside(self.probe)))
    }
}

struct Inside<'p, 'r>(Probe<'p, 'r>);

impl<'de> VariantAccess<'de> for Inside<'_, '_> {
    type Error = Told;

    fn unit_variant(self) -> Result<(), Told> {
        Err(self.0.reading.answer(Asked::Other(OWN_VARIANT)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Told> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Told> {
        Err(self.0.reading.answer(Asked::Other(OWN_VARIANT)))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Told> {
        Err(self.0.reading.answer(Asked::Other(OWN_VARIANT)))
    }
}

/// The content of a variant that nobody looks into.
struct Nowhere;

impl<'de> VariantAccess<'de> for Nowhere {
    type Error = Told;

    fn unit_variant(self) -> Result<(), Told> {
        Err(Told)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Told> {
        Err(Told)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Told> {
        Err(Told)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Told> {
        Err(Told)
    }
}
