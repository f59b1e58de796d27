use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Writes a message as a Rust expression, so that a history found by a machine can be pasted into a test.
///
/// Types and variants are named as serde names them, so `rename` shows; texts become `"…".into()`, collections
/// `[…].into_iter().collect()`. What serde does not tell cannot be written: an array looks like a tuple, and a type with
/// a `Serialize` of its own looks like what it serializes as.
///
/// ```
/// use leftfold::message::code;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// enum Command { Open { owner: String, limit: Option<u32> }, Deposit(u64), Close }
///
/// assert_eq!(
///     code(&Command::Open { owner: "Petra".into(), limit: Some(3) }),
///     r#"Command::Open { owner: "Petra".into(), limit: Some(3) }"#
/// );
/// assert_eq!(code(&Command::Deposit(10)), "Command::Deposit(10)");
/// assert_eq!(code(&Command::Close), "Command::Close");
/// ```
pub fn code<T: Serialize + ?Sized>(message: &T) -> String {
    message.serialize(Writing).unwrap_or_else(|Unwritten(why)| format!("/* {} */", why.replace("*/", "* /")))
}

/// A `Serialize` that refuses, with its own words.
#[derive(Debug)]
struct Unwritten(String);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritten {}

impl ser::Error for Unwritten {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Unwritten(message.to_string())
    }
}

type Written = Result<String, Unwritten>;

/// The type behind the name that serde was told: the kit's own types carry a mark.
fn type_name(name: &str, variant: &str) -> String {
    match (name, variant) {
        (LOOK_THROUGH, "Left" | "Right") => "Either".to_string(),
        (LOOK_THROUGH, _) => "ProcessRejection".to_string(),
        (name, _) if is_sum(name) => name.rsplit(' ').next().unwrap_or(name).to_string(),
        (name, _) => name.to_string(),
    }
}

struct Writing;

macro_rules! literal {
    ($($method:ident($arg:ty))*) => {
        $(fn $method(self, value: $arg) -> Written {
            Ok(format!("{value:?}"))
        })*
    };
}

impl Serializer for Writing {
    type Ok = String;
    type Error = Unwritten;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    literal! {
        serialize_bool(bool) serialize_char(char) serialize_f32(f32) serialize_f64(f64)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(format!("{value:?}.into()"))
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        Ok(format!("{value:?}.into_iter().collect()"))
    }

    fn serialize_none(self) -> Written {
        Ok("None".to_string())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        Ok(format!("Some({})", value.serialize(Writing)?))
    }

    fn serialize_unit(self) -> Written {
        Ok("()".to_string())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Written {
        Ok(name.to_string())
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Written {
        Ok(format!("{}::{variant}", type_name(name, variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        Ok(format!("{name}({})", value.serialize(Writing)?))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        Ok(format!("{}::{variant}({})", type_name(name, variant), value.serialize(Writing)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Unwritten> {
        Ok(Parts::between("[", "].into_iter().collect()"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Unwritten> {
        Ok(Parts::between("(", ")"))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts, Unwritten> {
        Ok(Parts::between(format!("{name}("), ")"))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Unwritten> {
        Ok(Parts::between(format!("{}::{variant}(", type_name(name, variant)), ")"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Unwritten> {
        Ok(Parts::between("[", "].into_iter().collect()"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts, Unwritten> {
        if name == KEYED {
            return Ok(Parts { named: false, ..Parts::between("keyed(", ")") });
        }
        Ok(Parts { named: true, ..Parts::between(format!("{name} {{ "), " }") })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Unwritten> {
        let open = format!("{}::{variant} {{ ", type_name(name, variant));
        Ok(Parts { named: true, ..Parts::between(open, " }") })
    }
}

/// What stands between two brackets.
struct Parts {
    open: String,
    close: &'static str,
    parts: Vec<String>,
    named: bool,
    key: String,
}

impl Parts {
    fn between(open: impl Into<String>, close: &'static str) -> Parts {
        Parts { open: open.into(), close, parts: Vec::new(), named: false, key: String::new() }
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
        self.parts.push(value.serialize(Writing)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unwritten> {
        let value = value.serialize(Writing)?;
        self.parts.push(if self.named { format!("{name}: {value}") } else { value });
        Ok(())
    }

    fn done(self) -> Written {
        // A tuple of one needs its comma.
        let comma = if self.open == "(" && self.parts.len() == 1 { "," } else { "" };
        Ok(format!("{}{}{comma}{}", self.open, self.parts.join(", "), self.close))
    }
}

macro_rules! parts {
    ($($kind:ident::$method:ident,)* ; $($named:ident,)*) => {
        $(impl ser::$kind for Parts {
            type Ok = String;
            type Error = Unwritten;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
                self.part(value)
            }

            fn end(self) -> Written {
                self.done()
            }
        })*
        $(impl ser::$named for Parts {
            type Ok = String;
            type Error = Unwritten;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritten> {
                self.field(name, value)
            }

            fn end(self) -> Written {
                self.done()
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field, ;
    SerializeStruct, SerializeStructVariant,
}

impl ser::SerializeMap for Parts {
    type Ok = String;
    type Error = Unwritten;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritten> {
        self.key = key.serialize(Writing)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
        let value = value.serialize(Writing)?;
        self.parts.push(format!("({}, {value})", self.key));
        Ok(())
    }

    fn end(self) -> Written {
        self.done()
    }
}
