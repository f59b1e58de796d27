//! JSON that reads back as what was written, or a refusal.
//!
//! The plain serializer writes a number that is not finite as `null`, `Some` of nothing as `null` too, and values that are
//! nested deeper than its own reader goes. Each would be found out when it is read, which is too late for a log.

use serde::ser::{self, Error, Serialize, Serializer};

/// How deep the reader of JSON goes.
const DEEPEST: u8 = 127;

/// The name under which JSON that is written as it stands comes by.
const AS_IT_STANDS: &str = "$serde_json::private::RawValue";

/// A serializer that refuses what `inner` would write in a form that does not read back.
pub(super) struct Strict<S> {
    inner: S,
    at: Place,
}

/// Where in a value we are.
#[derive(Clone, Copy)]
struct Place {
    depth: u8,
    within: Within,
}

/// What stands directly around.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Anything,
    Some,
    AsItStandsInSome,
}

impl<S> Strict<S> {
    pub(super) fn new(inner: S) -> Self {
        Strict { inner, at: Place { depth: 0, within: Within::Anything } }
    }
}

impl Place {
    /// So many brackets further in.
    fn deeper<E: Error>(self, by: u8) -> Result<Place, E> {
        let depth = self.depth + by;
        if depth > DEEPEST {
            return Err(E::custom(format_args!(
                "it is nested deeper than {DEEPEST} levels, which is as deep as it is read"
            )));
        }
        Ok(Place { depth, within: Within::Anything })
    }

    fn of<T: ?Sized>(self, value: &T) -> Placed<'_, T> {
        Placed { value, at: self }
    }

    fn nothing<E: Error>(self) -> Result<(), E> {
        if self.within == Within::Anything {
            return Ok(());
        }
        Err(E::custom("it holds `Some` of nothing, which reads back as `None`"))
    }
}

/// A value at its place.
struct Placed<'v, T: ?Sized> {
    value: &'v T,
    at: Place,
}

impl<T: Serialize + ?Sized> Serialize for Placed<'_, T> {
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Strict { inner, at: self.at })
    }
}

fn finite<E: Error>(is_finite: bool, number: f64) -> Result<(), E> {
    if is_finite {
        return Ok(());
    }
    Err(E::custom(format_args!("it holds the number {number}, and JSON has finite numbers only")))
}

macro_rules! as_they_are {
    ($($method:ident($arg:ty))*) => {
        $(#[inline]
        fn $method(self, value: $arg) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        })*
    };
}

impl<S: Serializer> Serializer for Strict<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<S::SerializeSeq>;
    type SerializeTuple = Parts<S::SerializeTuple>;
    type SerializeTupleStruct = Parts<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<S::SerializeTupleVariant>;
    type SerializeMap = Parts<S::SerializeMap>;
    type SerializeStruct = Parts<S::SerializeStruct>;
    type SerializeStructVariant = Parts<S::SerializeStructVariant>;

    as_they_are! {
        serialize_bool(bool) serialize_char(char) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        finite(value.is_finite(), value.into())?;
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        finite(value.is_finite(), value)?;
        self.inner.serialize_f64(value)
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        if self.at.within == Within::AsItStandsInSome && value.trim() == "null" {
            self.at.nothing()?;
        }
        self.inner.serialize_str(value)
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.at.nothing()?;
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Place { within: Within::Some, ..self.at }.of(value))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.at.nothing()?;
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.at.nothing()?;
        self.inner.serialize_unit_struct(name)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &self.at.of(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_variant(name, index, variant, &self.at.deeper(1)?.of(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(Parts { at: self.at.deeper(1)?, inner: self.inner.serialize_seq(len)? })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(Parts { at: self.at.deeper(1)?, inner: self.inner.serialize_tuple(len)? })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        Ok(Parts { at: self.at.deeper(1)?, inner: self.inner.serialize_tuple_struct(name, len)? })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let at = self.at.deeper(2)?;
        Ok(Parts { at, inner: self.inner.serialize_tuple_variant(name, index, variant, len)? })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(Parts { at: self.at.deeper(1)?, inner: self.inner.serialize_map(len)? })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        let at = if name == AS_IT_STANDS {
            let in_some = self.at.within == Within::Some;
            Place { within: if in_some { Within::AsItStandsInSome } else { Within::Anything }, ..self.at }
        } else {
            self.at.deeper(1)?
        };
        Ok(Parts { at, inner: self.inner.serialize_struct(name, len)? })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let at = self.at.deeper(2)?;
        Ok(Parts { at, inner: self.inner.serialize_struct_variant(name, index, variant, len)? })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// What stands between two brackets.
pub(super) struct Parts<T> {
    inner: T,
    at: Place,
}

macro_rules! parts {
    ($($kind:ident::$method:ident,)* ; $($named:ident,)*) => {
        $(impl<T: ser::$kind> ser::$kind for Parts<T> {
            type Ok = T::Ok;
            type Error = T::Error;

            #[inline]
            fn $method<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), T::Error> {
                self.inner.$method(&self.at.of(value))
            }

            fn end(self) -> Result<T::Ok, T::Error> {
                self.inner.end()
            }
        })*
        $(impl<T: ser::$named> ser::$named for Parts<T> {
            type Ok = T::Ok;
            type Error = T::Error;

            #[inline]
            fn serialize_field<V: Serialize + ?Sized>(&mut self, field: &'static str, value: &V) -> Result<(), T::Error> {
                self.inner.serialize_field(field, &self.at.of(value))
            }

            fn skip_field(&mut self, field: &'static str) -> Result<(), T::Error> {
                self.inner.skip_field(field)
            }

            fn end(self) -> Result<T::Ok, T::Error> {
                self.inner.end()
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field, ;
    SerializeStruct, SerializeStructVariant,
}

impl<T: ser::SerializeMap> ser::SerializeMap for Parts<T> {
    type Ok = T::Ok;
    type Error = T::Error;

    fn serialize_key<V: Serialize + ?Sized>(&mut self, key: &V) -> Result<(), T::Error> {
        self.inner.serialize_key(&self.at.of(key))
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), T::Error> {
        self.inner.serialize_value(&self.at.of(value))
    }

    fn end(self) -> Result<T::Ok, T::Error> {
        self.inner.end()
    }
}
