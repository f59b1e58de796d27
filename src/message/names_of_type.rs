//! All names of a type: a deserializer that stops once it knows which names the type can read.

use super::name::{Name, NameError};
use super::sum::{KEYED, LOOK_THROUGH, MESSAGE, is_sum};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    VariantAccess, Visitor,
};
use std::cell::{Cell, RefCell};
use std::fmt;

/// What a type requests from its deserializer.
#[derive(Clone, Debug, PartialEq)]
enum Requested {
    /// An enum of these variants.
    Enum(&'static [&'static str]),
    /// A sum of other enums: its parts, and whether their names are part of the path.
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

/// A message of a type: its name, and the path to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Its name.
    pub(crate) name: Name,
    /// The last part of its name.
    pub(crate) leaf: &'static str,
    /// The parts of sums that contain it, by number, outermost first.
    pub(crate) route: Vec<u32>,
    /// Its number in its enum; `None` if it is a struct.
    pub(crate) variant: Option<u32>,
    /// Whether it is a struct of one field, whose value is its content.
    pub(crate) newtype: bool,
    /// Whether it is wrapped together with a key.
    pub(crate) keyed: bool,
}

/// All messages of a type, in order of declaration.
pub(crate) fn leaves<T: DeserializeOwned>() -> Result<Vec<Leaf>, NameError> {
    let mut all = Vec::new();
    read_leaves::<T>(&mut Vec::new(), &mut Vec::new(), &mut all)?;
    Ok(all)
}

/// Adds all messages of the part at `route`, with `path` in front of their names.
fn read_leaves<T: DeserializeOwned>(
    route: &mut Vec<u32>,
    path: &mut Vec<&'static str>,
    all: &mut Vec<Leaf>,
) -> Result<(), NameError> {
    let type_name = std::any::type_name::<T>();
    let (requested, keyed) = requested::<T>(route);
    let leaf = |leaf, variant| Leaf {
        name: Name::new(path.clone(), leaf),
        leaf,
        route: route.clone(),
        variant,
        newtype: matches!(requested, Requested::Newtype(_)),
        keyed,
    };
    match requested {
        Requested::Enum(variants) => {
            all.extend(variants.iter().zip(0..).map(|(name, index)| leaf(name, Some(index))));
            Ok(())
        }
        Requested::Struct(name) | Requested::Newtype(name) => {
            all.push(leaf(name, None));
            Ok(())
        }
        Requested::Parts(parts, named) => {
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
                    // A variant of the kit's own wrapper: a message of the kit, not of the model.
                    Err(NameError::NoMessage { found: OWN_VARIANT, .. }) => {}
                    other => other?,
                }
            }
            Ok(())
        }
        Requested::Tagged(form) => Err(NameError::Tagged { type_name, form }),
        Requested::Alias(names) => Err(NameError::Alias { type_name, names: names.to_vec() }),
        Requested::Other(found) => Err(NameError::NoMessage { type_name, found }),
    }
}

/// Checks that a name that was written can be read. Allocates only in an error.
pub(super) fn check_read<T: DeserializeOwned>(
    path: &[&'static str],
    leaf: &'static str,
) -> Result<(), NameError> {
    let state = ProbeState::new(Route::Names(path, leaf));
    let requested = state.probe::<T>();
    let type_name = std::any::type_name::<T>();
    let read = match requested {
        Requested::Enum(variants) if variants.contains(&leaf) => return Ok(()),
        Requested::Struct(name) | Requested::Newtype(name) if name == leaf => return Ok(()),
        Requested::Enum(variants) => variants.to_vec(),
        Requested::Struct(name) | Requested::Newtype(name) => vec![name],
        Requested::Parts(parts, _) => parts.to_vec(),
        Requested::Tagged(form) => return Err(NameError::Tagged { type_name, form }),
        Requested::Alias(names) => {
            return Err(NameError::Alias { type_name, names: names.to_vec() });
        }
        Requested::Other(OWN_VARIANT) => return Ok(()),
        Requested::Other(found) => return Err(NameError::NoMessage { type_name, found }),
    };
    Err(NameError::Split { type_name, written: leaf.to_string(), read })
}

/// What the part at `route` requests, and whether it is wrapped together with a key.
fn requested<T: DeserializeOwned>(route: &[u32]) -> (Requested, bool) {
    let state = ProbeState::new(Route::Indexes(route));
    (state.probe::<T>(), state.keyed.get())
}

const OWN_VARIANT: &str = "a message of the kit";

/// Which parts of sums to probe.
#[derive(Clone, Copy)]
enum Route<'r> {
    Indexes(&'r [u32]),
    /// The path of a name that was written, and its leaf, which is looked for in wrappers.
    Names(&'r [&'static str], &'static str),
}

struct ProbeState<'r> {
    requested: RefCell<Option<Requested>>,
    keyed: Cell<bool>,
    route: Route<'r>,
}

impl<'r> ProbeState<'r> {
    fn new(route: Route<'r>) -> ProbeState<'r> {
        ProbeState { requested: RefCell::new(None), keyed: Cell::new(false), route }
    }

    fn probe<T: DeserializeOwned>(&self) -> Requested {
        let _ = T::deserialize(Probe { state: self, route: self.route, newtype: None });
        self.requested.borrow_mut().take().unwrap_or(Requested::Other("nothing that it says"))
    }

    fn record(&self, requested: Requested) -> StopProbing {
        *self.requested.borrow_mut() = Some(requested);
        StopProbing
    }
}

/// Not a failure: the error that leaves the deserializer once the request of the type is recorded.
#[derive(Debug)]
struct StopProbing;

impl fmt::Display for StopProbing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the names are known")
    }
}

impl std::error::Error for StopProbing {}

impl de::Error for StopProbing {
    fn custom<T: fmt::Display>(_: T) -> Self {
        StopProbing
    }
}

struct Probe<'p, 'r> {
    state: &'p ProbeState<'r>,
    route: Route<'r>,
    /// The outermost struct of one field around the value: its name is used if the value has none.
    newtype: Option<&'static str>,
}

impl Probe<'_, '_> {
    fn nameless(&self, found: &'static str) -> StopProbing {
        self.state.record(self.newtype.map_or(Requested::Other(found), Requested::Newtype))
    }
}

macro_rules! request_nameless {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, StopProbing> {
            Err(self.nameless($what))
        })*
    };
}

impl<'de> Deserializer<'de> for Probe<'_, '_> {
    type Error = StopProbing;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, StopProbing> {
        Err(self.state.record(Requested::Tagged("an internally tagged or untagged enum")))
    }

    request_nameless! {
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

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, StopProbing> {
        Err(self.state.record(Requested::Struct(name)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, StopProbing> {
        visitor.visit_newtype_struct(Probe { newtype: self.newtype.or(Some(name)), ..self })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, StopProbing> {
        Err(self.nameless("a tuple"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, StopProbing> {
        Err(self.state.record(Requested::Struct(name)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StopProbing> {
        if name == KEYED {
            self.state.keyed.set(true);
            return visitor
                .visit_map(OneField { field: MESSAGE, value: Some(Probe { newtype: None, ..self }) });
        }
        let state = self.state;
        state.record(Requested::Struct(name));
        match fields.first() {
            Some(field) => visitor.visit_map(OneField { field, value: Some(FirstField { state }) }),
            None => Err(StopProbing),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StopProbing> {
        let named = is_sum(name);
        if !named && name != LOOK_THROUGH {
            return visitor.visit_enum(CountVariants { state: self.state, variants });
        }
        match self.route {
            Route::Indexes([]) => Err(self.state.record(Requested::Parts(variants, named))),
            Route::Indexes([index, rest @ ..]) => visitor.visit_enum(Part {
                index: *index,
                probe: Probe { route: Route::Indexes(rest), newtype: None, ..self },
            }),
            Route::Names([part, rest @ ..], leaf) if named => match variants.iter().position(|v| v == part) {
                Some(index) => visitor.visit_enum(Part {
                    index: index as u32,
                    probe: Probe { route: Route::Names(rest, leaf), newtype: None, ..self },
                }),
                None => Err(self.state.record(Requested::Enum(variants))),
            },
            // It is not known which side of a wrapper wrote the name; both were checked when the names were listed.
            Route::Names(_, leaf) if !named && variants.contains(&leaf) => {
                Err(self.state.record(Requested::Other(OWN_VARIANT)))
            }
            Route::Names(..) => Err(self.state.record(Requested::Other(OWN_VARIANT))),
        }
    }
}

/// A map with one field, whose value is read by `D`.
struct OneField<D> {
    field: &'static str,
    value: Option<D>,
}

impl<'de, D: Deserializer<'de, Error = StopProbing>> MapAccess<'de> for OneField<D> {
    type Error = StopProbing;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, StopProbing> {
        match self.value {
            Some(_) => seed.deserialize(self.field.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, StopProbing> {
        seed.deserialize(self.value.take().ok_or(StopProbing)?)
    }
}

/// Reads the first field of a struct, to see whether it is the tag of an enum.
struct FirstField<'p, 'r> {
    state: &'p ProbeState<'r>,
}

impl<'de> Deserializer<'de> for FirstField<'_, '_> {
    type Error = StopProbing;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, StopProbing> {
        Err(StopProbing)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, StopProbing> {
        // The name does not distinguish a tag from a field that is an enum: both may have the name of the type or another.
        let expected: &dyn de::Expected = &visitor;
        if expected.to_string().starts_with("variant of enum ") {
            self.state.record(Requested::Tagged("an adjacently tagged enum"));
        }
        Err(StopProbing)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Counts the variants of an enum by number, to find out whether some of its names are aliases.
struct CountVariants<'p, 'r> {
    state: &'p ProbeState<'r>,
    variants: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for CountVariants<'_, '_> {
    type Error = StopProbing;
    type Variant = UnreadContent;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, UnreadContent), StopProbing> {
        // With an alias, the last number has no variant.
        let last = (self.variants.len() as u64).saturating_sub(1);
        let counted = seed.deserialize(IntoDeserializer::<StopProbing>::into_deserializer(last));
        Err(self.state.record(match counted {
            Ok(_) => Requested::Enum(self.variants),
            Err(StopProbing) if self.variants.is_empty() => Requested::Enum(self.variants),
            Err(StopProbing) => Requested::Alias(self.variants),
        }))
    }
}

/// One variant of a sum. Passes the probe on to its content.
struct Part<'p, 'r> {
    index: u32,
    probe: Probe<'p, 'r>,
}

impl<'de, 'p, 'r> EnumAccess<'de> for Part<'p, 'r> {
    type Error = StopProbing;
    type Variant = PartContent<'p, 'r>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, PartContent<'p, 'r>), StopProbing> {
        let part = seed.deserialize(IntoDeserializer::<StopProbing>::into_deserializer(self.index))?;
        Ok((part, PartContent(self.probe)))
    }
}

struct PartContent<'p, 'r>(Probe<'p, 'r>);

impl<'de> VariantAccess<'de> for PartContent<'_, '_> {
    type Error = StopProbing;

    fn unit_variant(self) -> Result<(), StopProbing> {
        Err(self.0.state.record(Requested::Other(OWN_VARIANT)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, StopProbing> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, StopProbing> {
        Err(self.0.state.record(Requested::Other(OWN_VARIANT)))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, StopProbing> {
        Err(self.0.state.record(Requested::Other(OWN_VARIANT)))
    }
}

/// The content of a variant that is not probed.
struct UnreadContent;

impl<'de> VariantAccess<'de> for UnreadContent {
    type Error = StopProbing;

    fn unit_variant(self) -> Result<(), StopProbing> {
        Err(StopProbing)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, StopProbing> {
        Err(StopProbing)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, StopProbing> {
        Err(StopProbing)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, StopProbing> {
        Err(StopProbing)
    }
}
