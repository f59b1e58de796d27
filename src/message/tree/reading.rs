//! The serializer that shows a reader every node of a value.

use super::node::{Node, Number, Of};
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// What becomes of each node of a tree, and how far it is read.
///
/// The tree is read from its leaves to its root while serde shows it, so no reader pays for a tree in memory that it does
/// not make itself.
pub(crate) trait Reader: Copy {
    /// What a node becomes.
    type Part;
    /// What a field becomes, with its name.
    type Field;
    /// Why reading stops.
    type Error: ser::Error;

    /// Whether types that have a form for people show it.
    const HUMAN_READABLE: bool = true;

    /// A node, after its parts.
    fn node(self, node: Node<'_, Self::Part, Self::Field>) -> Result<Self::Part, Self::Error>;

    /// A field, after its value.
    fn field(self, name: &'static str, part: Self::Part) -> Self::Field;

    /// A node before its parts, which are not read if this refuses.
    fn open(self, _: &Node<'_, (), ()>) -> Result<(), Self::Error> {
        Ok(())
    }

    /// What an option, a struct or a variant of one value holds.
    fn part<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Part, Self::Error> {
        value.serialize(Reading(self))
    }

    /// What a field, a key of a map or a place in a list leads to.
    fn inside<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Part, Self::Error> {
        self.part(value)
    }

    /// An item of a list or a tuple; `at` counts from 0.
    fn item<T: Serialize + ?Sized>(self, _at: usize, value: &T) -> Result<Self::Part, Self::Error> {
        self.inside(value)
    }

    /// A key of a map; `None` leaves it out with its value.
    fn key<T: Serialize + ?Sized>(self, key: &T) -> Result<Option<Self::Part>, Self::Error> {
        self.part(key).map(Some)
    }

    /// Whether a field of type `T` is read; otherwise it is left out.
    fn wants<T: ?Sized>(self, _of: Of, _field: &'static str) -> Result<bool, Self::Error> {
        Ok(true)
    }

    /// A field that serde skips.
    fn hidden(self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// What a reader makes of a value.
pub(crate) fn read<T: Serialize + ?Sized, R: Reader>(value: &T, reader: R) -> Result<R::Part, R::Error> {
    value.serialize(Reading(reader))
}

/// The text of a `Serialize` that refuses.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refused(message.to_string())
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
pub(crate) struct Reading<R>(R);

impl<R: Reader> Reading<R> {
    fn one<T: Serialize + ?Sized>(self, of: Of, value: &T) -> Result<R::Part, R::Error> {
        self.0.open(&Node::One(of, ()))?;
        self.one_of(of, self.0.part(value))
    }

    // The work after a part was read is in functions of its own, such as this one, so that a deeply nested value does not
    // take their stack room at every level.
    #[inline(never)]
    fn one_of(self, of: Of, part: Result<R::Part, R::Error>) -> Result<R::Part, R::Error> {
        self.0.node(Node::One(of, part?))
    }

    fn items(self, of: Of) -> Result<Items<R>, R::Error> {
        self.0.open(&Node::Tuple(of, Vec::new()))?;
        Ok(Items { reader: self.0, of, items: Vec::new() })
    }

    fn fields(self, of: Of) -> Result<Fields<R>, R::Error> {
        self.0.open(&Node::Record(of, Vec::new()))?;
        Ok(Fields { reader: self.0, of, fields: Vec::new() })
    }
}

macro_rules! leaves {
    ($($method:ident($value:ident: $type:ty) $node:expr;)*) => {
        $(#[inline]
        fn $method(self, $value: $type) -> Result<R::Part, R::Error> {
            self.0.node($node)
        })*
    };
}

impl<R: Reader> Serializer for Reading<R> {
    type Ok = R::Part;
    type Error = R::Error;
    type SerializeSeq = Items<R>;
    type SerializeTuple = Items<R>;
    type SerializeTupleStruct = Items<R>;
    type SerializeTupleVariant = Items<R>;
    type SerializeMap = Pairs<R>;
    type SerializeStruct = Fields<R>;
    type SerializeStructVariant = Fields<R>;

    leaves! {
        serialize_bool(flag: bool) Node::Bool(flag);
        serialize_i8(number: i8) Node::Number(Number::I8(number));
        serialize_i16(number: i16) Node::Number(Number::I16(number));
        serialize_i32(number: i32) Node::Number(Number::I32(number));
        serialize_i64(number: i64) Node::Number(Number::I64(number));
        serialize_i128(number: i128) Node::Number(Number::I128(number));
        serialize_u8(number: u8) Node::Number(Number::U8(number));
        serialize_u16(number: u16) Node::Number(Number::U16(number));
        serialize_u32(number: u32) Node::Number(Number::U32(number));
        serialize_u64(number: u64) Node::Number(Number::U64(number));
        serialize_u128(number: u128) Node::Number(Number::U128(number));
        serialize_f32(number: f32) Node::Number(Number::F32(number));
        serialize_f64(number: f64) Node::Number(Number::F64(number));
        serialize_char(char: char) Node::Char(char);
        serialize_str(text: &str) Node::Text(text);
        serialize_bytes(bytes: &[u8]) Node::Bytes(bytes);
        serialize_unit_struct(name: &'static str) Node::Unit(Of::Struct(name));
    }

    fn is_human_readable(&self) -> bool {
        R::HUMAN_READABLE
    }

    fn serialize_none(self) -> Result<R::Part, R::Error> {
        self.0.node(Node::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<R::Part, R::Error> {
        self.one(Of::Plain, value)
    }

    fn serialize_unit(self) -> Result<R::Part, R::Error> {
        self.0.node(Node::Unit(Of::Plain))
    }

    fn serialize_unit_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<R::Part, R::Error> {
        self.0.node(Node::Unit(Of::Variant { of, variant }))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<R::Part, R::Error> {
        self.one(Of::Struct(name), value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<R::Part, R::Error> {
        self.one(Of::Variant { of, variant }, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<R>, R::Error> {
        self.0.open(&Node::List(Vec::new()))?;
        Ok(Items { reader: self.0, of: Of::Plain, items: Vec::new() })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<R>, R::Error> {
        self.items(Of::Plain)
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Items<R>, R::Error> {
        self.items(Of::Struct(name))
    }

    fn serialize_tuple_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<R>, R::Error> {
        self.items(Of::Variant { of, variant })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs<R>, R::Error> {
        self.0.open(&Node::Map(Vec::new()))?;
        Ok(Pairs { reader: self.0, pairs: Vec::new(), key: None })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<R>, R::Error> {
        self.fields(Of::Struct(name))
    }

    fn serialize_struct_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<R>, R::Error> {
        self.fields(Of::Variant { of, variant })
    }
}

/// The items of a list or a tuple.
pub(crate) struct Items<R: Reader> {
    reader: R,
    of: Of,
    items: Vec<R::Part>,
}

impl<R: Reader> Items<R> {
    #[inline(never)]
    fn add(&mut self, part: Result<R::Part, R::Error>) -> Result<(), R::Error> {
        self.items.push(part?);
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident::$method:ident $node:expr;)*) => {
        $(impl<R: Reader> ser::$kind for Items<R> {
            type Ok = R::Part;
            type Error = R::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), R::Error> {
                self.add(self.reader.item(self.items.len(), value))
            }

            #[inline(never)]
            fn end(self) -> Result<R::Part, R::Error> {
                let node: fn(Of, Vec<R::Part>) -> Node<'static, R::Part, R::Field> = $node;
                self.reader.node(node(self.of, self.items))
            }
        })*
    };
}

items! {
    SerializeSeq::serialize_element |_, items| Node::List(items);
    SerializeTuple::serialize_element Node::Tuple;
    SerializeTupleStruct::serialize_field Node::Tuple;
    SerializeTupleVariant::serialize_field Node::Tuple;
}

/// The fields of a record.
pub(crate) struct Fields<R: Reader> {
    reader: R,
    of: Of,
    fields: Vec<R::Field>,
}

impl<R: Reader> Fields<R> {
    #[inline(never)]
    fn add(&mut self, name: &'static str, part: Result<R::Part, R::Error>) -> Result<(), R::Error> {
        self.fields.push(self.reader.field(name, part?));
        Ok(())
    }
}

macro_rules! fields {
    ($($kind:ident)*) => {
        $(impl<R: Reader> ser::$kind for Fields<R> {
            type Ok = R::Part;
            type Error = R::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), R::Error> {
                match self.reader.wants::<T>(self.of, name)? {
                    true => self.add(name, self.reader.inside(value)),
                    false => Ok(()),
                }
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), R::Error> {
                self.reader.hidden()
            }

            #[inline(never)]
            fn end(self) -> Result<R::Part, R::Error> {
                self.reader.node(Node::Record(self.of, self.fields))
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

/// The pairs of a map.
pub(crate) struct Pairs<R: Reader> {
    reader: R,
    pairs: Vec<(R::Part, R::Part)>,
    key: Option<R::Part>,
}

impl<R: Reader> ser::SerializeMap for Pairs<R> {
    type Ok = R::Part;
    type Error = R::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), R::Error> {
        self.key = self.reader.key(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), R::Error> {
        if let Some(key) = self.key.take() {
            self.pairs.push((key, self.reader.inside(value)?));
        }
        Ok(())
    }

    #[inline(never)]
    fn end(self) -> Result<R::Part, R::Error> {
        self.reader.node(Node::Map(self.pairs))
    }
}
