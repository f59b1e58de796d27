//! The shape of a value as a number: names, kinds, which fields are there, what is empty, how large numbers are.
//!
//! Values of one shape are written alike, and nearly always read alike. So when many are written at once, only one of each
//! shape is read back.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The shape of a value as serde writes it. `None` if its `Serialize` fails, or if a list in it has more than 8 unlike parts.
///
/// O(size of the value), without an allocation.
pub(crate) fn shape_of(write: impl FnOnce(Shape<'_>) -> Result<(), NoShape>) -> Option<u64> {
    let mut hash = Hash::new();
    write(Shape::of(&mut hash)).ok()?;
    Some(hash.0)
}

/// How many shapes are remembered at most.
const REMEMBERED_SHAPES: usize = 256;

/// Shapes that were proven. A shape that is forgotten is proven again.
pub(crate) struct Shapes(Box<[AtomicU64; REMEMBERED_SHAPES]>);

impl Shapes {
    pub(crate) fn new() -> Shapes {
        Shapes(Box::new([const { AtomicU64::new(0) }; REMEMBERED_SHAPES]))
    }

    fn slot(&self, shape: u64) -> &AtomicU64 {
        &self.0[shape as usize % REMEMBERED_SHAPES]
    }

    /// Whether a value of this shape was proven.
    pub(crate) fn known(&self, shape: u64) -> bool {
        // No shape is 0: see `Hash::mix`.
        self.slot(shape).load(Ordering::Relaxed) == shape
    }

    /// Remembers that a value of this shape was proven.
    pub(crate) fn learn(&self, shape: u64) {
        self.slot(shape).store(shape, Ordering::Relaxed);
    }
}

struct Hash(u64);

impl Hash {
    fn new() -> Hash {
        Hash(0x9e37_79b9_7f4a_7c15)
    }

    #[inline]
    fn mix(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * 0xa088_8f1b_6e4d_31b5_u128;
        self.0 = ((product as u64) ^ ((product >> 64) as u64)) | 1 << 63;
    }

    /// A name in the program's text, by its address and length.
    #[inline]
    fn name(&mut self, kind: Kind, name: &'static str) {
        self.mix((name.as_ptr() as u64).rotate_left(16) ^ (name.len() as u64) << 8 ^ kind as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.mix(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(eight));
        }
    }
}

/// The kinds of values, each a number of its own.
#[derive(Clone, Copy)]
enum Kind {
    Bool = 1,
    Signed,
    Unsigned,
    Float,
    Single,
    Char,
    Text,
    Bytes,
    Nothing,
    Something,
    Unit,
    Newtype,
    Variant,
    List,
    Tuple,
    Map,
    Struct,
    Field,
}

/// A serializer that writes nothing and computes the shape.
pub(crate) struct Shape<'h> {
    hash: &'h mut Hash,
    /// Whether texts are names, and belong to the shape as they are.
    texts_are_names: bool,
}

/// The value has no shape.
#[derive(Debug)]
pub(crate) struct NoShape;

impl fmt::Display for NoShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has no shape")
    }
}

impl std::error::Error for NoShape {}

impl ser::Error for NoShape {
    fn custom<T: fmt::Display>(_: T) -> Self {
        NoShape
    }
}

type ShapeResult = Result<(), NoShape>;

impl<'h> Shape<'h> {
    fn of(hash: &'h mut Hash) -> Self {
        Shape { hash, texts_are_names: false }
    }

    #[inline]
    fn kind(self, kind: Kind, more: u64) -> ShapeResult {
        self.hash.mix(kind as u64 | more << 8);
        Ok(())
    }

    fn named(&mut self, kind: Kind, name: &'static str) {
        self.hash.name(kind, name);
    }
}

/// The size of a number: untagged enums try their variants in order, and a smaller type may take a smaller number.
#[inline]
fn size(number: u128) -> u64 {
    match number {
        0..=1 => 0,
        2..=0x7f => 1,
        0x80..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0x7fff_ffff => 4,
        0x8000_0000..=0xffff_ffff => 5,
        0x1_0000_0000..=0x7fff_ffff_ffff_ffff => 6,
        0x8000_0000_0000_0000..=0xffff_ffff_ffff_ffff => 7,
        _ => 8,
    }
}

#[inline]
fn signed(number: i128) -> u64 {
    size(number.unsigned_abs()) << 1 | u64::from(number < 0)
}

fn float(number: f64) -> u64 {
    let whole = number.fract() == 0.0;
    u64::from(whole) | u64::from(number.is_sign_negative()) << 1 | u64::from(number.is_finite()) << 2
}

/// What an untagged enum, which tries its variants in order, could take a text for.
#[inline]
fn text(text: &str) -> u64 {
    match text.as_bytes() {
        [] => 0,
        b"true" | b"false" | b"null" => 1,
        [b'0'..=b'9' | b'-' | b'+' | b'.', ..] => 2,
        [_] => 3,
        _ => 4,
    }
}

macro_rules! numbers {
    ($($method:ident($type:ty) $kind:ident $size:expr;)*) => {
        $(#[inline]
        fn $method(self, number: $type) -> ShapeResult {
            let size: fn($type) -> u64 = $size;
            self.kind(Kind::$kind, size(number))
        })*
    };
}

impl<'h> Serializer for Shape<'h> {
    type Ok = ();
    type Error = NoShape;
    type SerializeSeq = Elements<'h>;
    type SerializeTuple = Elements<'h>;
    type SerializeTupleStruct = Fields<'h>;
    type SerializeTupleVariant = Fields<'h>;
    type SerializeMap = Entries<'h>;
    type SerializeStruct = Fields<'h>;
    type SerializeStructVariant = Fields<'h>;

    numbers! {
        serialize_bool(bool) Bool u64::from;
        serialize_i8(i8) Signed |number| signed(number.into());
        serialize_i16(i16) Signed |number| signed(number.into());
        serialize_i32(i32) Signed |number| signed(number.into());
        serialize_i64(i64) Signed |number| signed(number.into());
        serialize_i128(i128) Signed signed;
        serialize_u8(u8) Unsigned |number| size(number.into());
        serialize_u16(u16) Unsigned |number| size(number.into());
        serialize_u32(u32) Unsigned |number| size(number.into());
        serialize_u64(u64) Unsigned |number| size(number.into());
        serialize_u128(u128) Unsigned size;
        serialize_f32(f32) Single |number| float(number.into());
        serialize_f64(f64) Float float;
        serialize_char(char) Char |letter| u64::from(letter.is_numeric());
    }

    #[inline]
    fn serialize_str(self, value: &str) -> ShapeResult {
        if self.texts_are_names {
            self.hash.bytes(value.as_bytes());
        }
        self.kind(Kind::Text, text(value))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> ShapeResult {
        self.kind(Kind::Bytes, bytes.is_empty().into())
    }

    fn serialize_none(self) -> ShapeResult {
        self.kind(Kind::Nothing, 0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> ShapeResult {
        self.hash.mix(Kind::Something as u64);
        value.serialize(self)
    }

    fn serialize_unit(self) -> ShapeResult {
        self.kind(Kind::Unit, 0)
    }

    fn serialize_unit_struct(self, _: &'static str) -> ShapeResult {
        self.kind(Kind::Unit, 1)
    }

    fn serialize_unit_variant(mut self, _: &'static str, _: u32, variant: &'static str) -> ShapeResult {
        self.named(Kind::Variant, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> ShapeResult {
        self.named(Kind::Newtype, name);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> ShapeResult {
        self.named(Kind::Variant, variant);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'h>, NoShape> {
        Ok(Elements::of(Kind::List, self.hash))
    }

    fn serialize_tuple(self, len: usize) -> Result<Elements<'h>, NoShape> {
        self.hash.mix(len as u64);
        Ok(Elements::of(Kind::Tuple, self.hash))
    }

    fn serialize_tuple_struct(mut self, name: &'static str, _: usize) -> Result<Fields<'h>, NoShape> {
        self.named(Kind::Struct, name);
        Ok(Fields(self.hash))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'h>, NoShape> {
        self.named(Kind::Variant, variant);
        Ok(Fields(self.hash))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Entries<'h>, NoShape> {
        Ok(Entries { keys_are_names: len.is_none(), elements: Elements::of(Kind::Map, self.hash), key: 0 })
    }

    fn serialize_struct(mut self, name: &'static str, _: usize) -> Result<Fields<'h>, NoShape> {
        self.named(Kind::Struct, name);
        Ok(Fields(self.hash))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'h>, NoShape> {
        self.named(Kind::Variant, variant);
        Ok(Fields(self.hash))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> ShapeResult {
        if self.texts_are_names {
            return self.serialize_str(&value.to_string());
        }
        struct First {
            text: [u8; 6],
            len: usize,
        }
        impl fmt::Write for First {
            fn write_str(&mut self, part: &str) -> fmt::Result {
                for byte in part.bytes() {
                    if self.len < self.text.len() {
                        self.text[self.len] = byte;
                    }
                    self.len += 1;
                }
                Ok(())
            }
        }
        let mut first = First { text: *b"------", len: 0 };
        fmt::Write::write_fmt(&mut first, format_args!("{value}")).map_err(|_| NoShape)?;
        // A longer text is neither empty nor a word of JSON.
        let begin = &first.text[..first.len.min(first.text.len())];
        self.kind(Kind::Text, text(std::str::from_utf8(begin).unwrap_or("text")))
    }
}

/// Parts in a fixed order: the shape depends on the shape of each, in order.
pub(crate) struct Fields<'h>(&'h mut Hash);

macro_rules! fields {
    ($($trait:ident::$method:ident($($name:ident)?))*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = NoShape;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $($name: &'static str,)? value: &T) -> ShapeResult {
                $(self.0.name(Kind::Field, $name);)?
                value.serialize(Shape::of(self.0))
            }

            fn end(self) -> ShapeResult {
                Ok(())
            }
        })*
    };
}

fields! {
    SerializeTupleStruct::serialize_field()
    SerializeTupleVariant::serialize_field()
    SerializeStruct::serialize_field(name)
    SerializeStructVariant::serialize_field(name)
}

/// How many unlike parts a list or a map with a shape may have at most.
const MAX_UNLIKE: usize = 8;

/// Parts of any number: the shape depends on which shapes occur, and on whether there are none, one, two, three or more parts.
pub(crate) struct Elements<'h> {
    kind: Kind,
    outer: &'h mut Hash,
    unlike: [u64; MAX_UNLIKE],
    /// How many of these there are.
    shapes: usize,
    count: u64,
}

impl<'h> Elements<'h> {
    fn of(kind: Kind, outer: &'h mut Hash) -> Self {
        Elements { kind, outer, unlike: [0; MAX_UNLIKE], shapes: 0, count: 0 }
    }

    fn add(&mut self, shape: u64) -> ShapeResult {
        self.count += 1;
        if !self.unlike[..self.shapes].contains(&shape) {
            *self.unlike.get_mut(self.shapes).ok_or(NoShape)? = shape;
            self.shapes += 1;
        }
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> ShapeResult {
        let mut hash = Hash::new();
        value.serialize(Shape::of(&mut hash))?;
        self.add(hash.0)
    }

    fn finish(self) -> ShapeResult {
        let count = self.count.min(4);
        self.outer.mix(self.kind as u64 | count << 8);
        // The sum does not depend on their order.
        let sum = self.unlike.iter().fold(0u64, |sum, shape| sum.wrapping_add(*shape));
        self.outer.mix(sum);
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident)*) => {
        $(impl ser::$trait for Elements<'_> {
            type Ok = ();
            type Error = NoShape;

            fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> ShapeResult {
                self.element(value)
            }

            fn end(self) -> ShapeResult {
                self.finish()
            }
        })*
    };
}

elements! { SerializeSeq SerializeTuple }

/// The entries of a map. If serde does not know their number beforehand, the map is a struct with flattened fields: its keys may
/// be names of fields, so they belong to the shape.
pub(crate) struct Entries<'h> {
    keys_are_names: bool,
    elements: Elements<'h>,
    key: u64,
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = NoShape;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> ShapeResult {
        let mut hash = Hash::new();
        key.serialize(Shape { hash: &mut hash, texts_are_names: self.keys_are_names })?;
        if self.keys_are_names {
            self.elements.outer.mix(hash.0);
        }
        self.key = hash.0;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> ShapeResult {
        let mut hash = Hash::new();
        value.serialize(Shape::of(&mut hash))?;
        hash.mix(self.key);
        self.elements.add(hash.0)
    }

    fn end(self) -> ShapeResult {
        self.elements.finish()
    }
}
