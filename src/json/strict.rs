//! The strict writer: it refuses values that would not read back.
//!
//! The plain serializer of JSON writes numbers that are not finite as `null`, `Some(None)` as `null`, and values that are nested
//! deeper than its own reader reads. Each would be found only when it is read, which is too late.

use super::place::step_into;
use serde::ser::{self, Error, Serialize, Serializer};
use std::cell::Cell;

/// How deeply nested values the reader of JSON reads.
const MAX_DEPTH: u8 = 127;

/// The name under which `serde_json` passes a `RawValue`: JSON that is copied as it is.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// A serializer that refuses values which `inner` would write in a form that does not read back, and notes their path.
pub(crate) struct Strict<'p, S> {
    inner: S,
    at: PlaceInValue<'p>,
}

/// The place in a value that is being written.
#[derive(Clone, Copy)]
struct PlaceInValue<'p> {
    depth: u8,
    enclosing: Enclosing,
    way: &'p Way<'p>,
}

/// The path from the whole value to a part of it, back to front. It becomes a text only when the part is refused.
pub(crate) struct Way<'p> {
    outer: Outer<'p>,
}

enum Outer<'p> {
    /// The whole value; the path of a refused part is noted here.
    Whole(&'p Cell<Option<String>>),
    Field(&'p Way<'p>, &'static str),
    Item(&'p Way<'p>, usize),
    Entry(&'p Way<'p>, &'p dyn KeyText),
}

impl<'p> Way<'p> {
    /// The path to the whole value. The path of a refused part is noted in `failed_at`, such as `.open["a"][3]`.
    pub(crate) fn root(failed_at: &'p Cell<Option<String>>) -> Way<'p> {
        Way { outer: Outer::Whole(failed_at) }
    }

    fn field(&'p self, name: &'static str) -> Way<'p> {
        Way { outer: Outer::Field(self, name) }
    }

    fn item(&'p self, number: usize) -> Way<'p> {
        Way { outer: Outer::Item(self, number) }
    }

    fn note(&self) {
        let root = self.root_note();
        // The innermost part notes its path first; the parts around it keep that note.
        let noted = root.take().unwrap_or_else(|| {
            let mut text = String::new();
            self.write(&mut text);
            text
        });
        root.set(Some(noted));
    }

    fn root_note(&self) -> &Cell<Option<String>> {
        match self.outer {
            Outer::Whole(noted) => noted,
            Outer::Field(way, _) | Outer::Item(way, _) | Outer::Entry(way, _) => way.root_note(),
        }
    }

    fn write(&self, text: &mut String) {
        match self.outer {
            Outer::Whole(_) => {}
            Outer::Field(way, name) => {
                way.write(text);
                step_into(text, name);
            }
            Outer::Item(way, number) => {
                way.write(text);
                text.push_str(&format!("[{number}]"));
            }
            Outer::Entry(way, key) => {
                way.write(text);
                key.step(text);
            }
        }
    }
}

/// A key of a map, of any type.
trait KeyText {
    fn step(&self, text: &mut String);
}

struct Key<'k, K: ?Sized>(&'k K);

impl<K: Serialize + ?Sized> KeyText for Key<'_, K> {
    fn step(&self, text: &mut String) {
        match serde_json::to_value(self.0) {
            Ok(serde_json::Value::String(key)) => step_into(text, &key),
            Ok(key) => text.push_str(&format!("[{key}]")),
            Err(_) => text.push_str("[…]"),
        }
    }
}

/// What directly encloses a value.
#[derive(Clone, Copy, PartialEq)]
enum Enclosing {
    Anything,
    Some,
    RawValueInSome,
}

impl<'p, S> Strict<'p, S> {
    pub(crate) fn new(inner: S, way: &'p Way<'p>) -> Self {
        Strict { inner, at: PlaceInValue { depth: 0, enclosing: Enclosing::Anything, way } }
    }
}

impl<'p> PlaceInValue<'p> {
    /// The place inside `by` more brackets.
    fn deeper<E: Error>(self, by: u8) -> Result<PlaceInValue<'p>, E> {
        let depth = self.depth + by;
        if depth > MAX_DEPTH {
            return Err(E::custom(format_args!(
                "it is nested deeper than {MAX_DEPTH} levels, which is as deep as it is read"
            )));
        }
        Ok(PlaceInValue { depth, enclosing: Enclosing::Anything, ..self })
    }

    fn of<T: ?Sized>(self, value: &T) -> ValueAtPlace<'_, 'p, T> {
        ValueAtPlace { value, at: self }
    }

    fn along<'q>(self, way: &'q Way<'q>) -> PlaceInValue<'q>
    where
        'p: 'q,
    {
        PlaceInValue { depth: self.depth, enclosing: self.enclosing, way }
    }

    fn nothing<E: Error>(self) -> Result<(), E> {
        if self.enclosing == Enclosing::Anything {
            return Ok(());
        }
        Err(E::custom("it holds `Some` of nothing, which reads back as `None`"))
    }
}

/// A value at its place.
struct ValueAtPlace<'v, 'p, T: ?Sized> {
    value: &'v T,
    at: PlaceInValue<'p>,
}

impl<T: Serialize + ?Sized> Serialize for ValueAtPlace<'_, '_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Strict { inner, at: self.at }).inspect_err(|_| self.at.way.note())
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

impl<'p, S: Serializer> Serializer for Strict<'p, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'p, S::SerializeSeq>;
    type SerializeTuple = Parts<'p, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'p, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'p, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'p, S::SerializeMap>;
    type SerializeStruct = Parts<'p, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'p, S::SerializeStructVariant>;

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
        if self.at.enclosing == Enclosing::RawValueInSome && value.trim() == "null" {
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
        self.inner.serialize_some(&PlaceInValue { enclosing: Enclosing::Some, ..self.at }.of(value))
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
        let way = self.at.way.field(variant);
        self.inner.serialize_newtype_variant(name, index, variant, &self.at.deeper(1)?.along(&way).of(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(Parts::new(self.at.deeper(1)?, self.inner.serialize_seq(len)?))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(Parts::new(self.at.deeper(1)?, self.inner.serialize_tuple(len)?))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        Ok(Parts::new(self.at.deeper(1)?, self.inner.serialize_tuple_struct(name, len)?))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let at = self.at.deeper(2)?;
        let inner = self.inner.serialize_tuple_variant(name, index, variant, len)?;
        Ok(Parts { variant: Some(variant), ..Parts::new(at, inner) })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(Parts::new(self.at.deeper(1)?, self.inner.serialize_map(len)?))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        let at = if name == RAW_VALUE {
            let in_some = self.at.enclosing == Enclosing::Some;
            PlaceInValue {
                enclosing: if in_some { Enclosing::RawValueInSome } else { Enclosing::Anything },
                ..self.at
            }
        } else {
            self.at.deeper(1)?
        };
        Ok(Parts::new(at, self.inner.serialize_struct(name, len)?))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let at = self.at.deeper(2)?;
        let inner = self.inner.serialize_struct_variant(name, index, variant, len)?;
        Ok(Parts { variant: Some(variant), ..Parts::new(at, inner) })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// The parts between two brackets.
pub(crate) struct Parts<'p, T> {
    inner: T,
    at: PlaceInValue<'p>,
    /// The variant they are of.
    variant: Option<&'static str>,
    /// How many are written.
    count: usize,
}

impl<'p, T> Parts<'p, T> {
    fn new(at: PlaceInValue<'p>, inner: T) -> Self {
        Parts { inner, at, variant: None, count: 0 }
    }

    /// Writes one part by `write`, at the place that `step` leads to.
    #[inline]
    fn part<R>(
        &mut self,
        step: impl for<'q> FnOnce(&'q Way<'q>, usize) -> Way<'q>,
        write: impl FnOnce(&mut T, PlaceInValue<'_>) -> R,
    ) -> R {
        let number = self.count;
        self.count += 1;
        match self.variant {
            None => {
                let way = step(self.at.way, number);
                write(&mut self.inner, self.at.along(&way))
            }
            Some(variant) => {
                let variant = self.at.way.field(variant);
                let way = step(&variant, number);
                write(&mut self.inner, self.at.along(&way))
            }
        }
    }
}

macro_rules! parts {
    ($($kind:ident::$method:ident,)* ; $($named:ident,)*) => {
        $(impl<T: ser::$kind> ser::$kind for Parts<'_, T> {
            type Ok = T::Ok;
            type Error = T::Error;

            #[inline]
            fn $method<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), T::Error> {
                self.part(|way, number| way.item(number), |inner, at| inner.$method(&at.of(value)))
            }

            fn end(self) -> Result<T::Ok, T::Error> {
                self.inner.end()
            }
        })*
        $(impl<T: ser::$named> ser::$named for Parts<'_, T> {
            type Ok = T::Ok;
            type Error = T::Error;

            #[inline]
            fn serialize_field<V: Serialize + ?Sized>(&mut self, field: &'static str, value: &V) -> Result<(), T::Error> {
                self.part(|way, _| way.field(field), |inner, at| inner.serialize_field(field, &at.of(value)))
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

impl<T: ser::SerializeMap> ser::SerializeMap for Parts<'_, T> {
    type Ok = T::Ok;
    type Error = T::Error;

    fn serialize_key<V: Serialize + ?Sized>(&mut self, key: &V) -> Result<(), T::Error> {
        self.inner.serialize_key(&self.at.of(key))
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), T::Error> {
        self.part(|way, number| way.item(number), |inner, at| inner.serialize_value(&at.of(value)))
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), T::Error>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        self.serialize_key(key)?;
        let key = Key(key);
        let (inner, at) = (&mut self.inner, self.at);
        let way = Way { outer: Outer::Entry(at.way, &key) };
        inner.serialize_value(&at.along(&way).of(value))
    }

    fn end(self) -> Result<T::Ok, T::Error> {
        self.inner.end()
    }
}
