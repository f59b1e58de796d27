use super::Message;
use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::words::{Words, snake, spaced};
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// A message as people would say it, before the words of a specification are laid over it.
///
/// It prints by the plain rule; [`say`](Phrase::say) uses the sentences of [`Words`].
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    path: Vec<String>,
    name: String,
    key: Option<String>,
    said: Said,
}

#[derive(Clone, Debug, PartialEq)]
enum Said {
    Sentence(String),
    Fields(Vec<(String, Value)>),
}

impl Phrase {
    /// A phrase in words of its own, for types that name themselves.
    pub fn new(name: impl Into<String>, sentence: impl Into<String>) -> Phrase {
        Phrase { path: Vec::new(), name: name.into(), key: None, said: Said::Sentence(sentence.into()) }
    }

    /// The phrase, with the sentences of `words` where there is one for this message.
    pub fn say(&self, words: &Words) -> String {
        let mut path: String = self.path.iter().map(|part| snake(part) + ".").collect();
        path.push_str(&self.name);
        let said = match (&self.said, words.sentence(&path, &self.name)) {
            (Said::Fields(fields), Some(sentence)) => filled(sentence, fields),
            (Said::Fields(fields), None) => plain(&self.name, fields),
            (Said::Sentence(_), Some(sentence)) => sentence.to_string(),
            (Said::Sentence(sentence), None) => sentence.clone(),
        };
        match &self.key {
            Some(key) => format!("{key}: {said}"),
            None => said,
        }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&Words::default()))
    }
}

/// Says a message as people would: names spaced out and lower-cased, fields as phrases, no syntax of any language.
///
/// ```
/// use leftfold::message;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Command {
///     OpenAccount { owner: String, joint: bool, limit: Option<u32> },
///     Withdraw(u32),
/// }
///
/// let open = Command::OpenAccount { owner: "Petra".into(), joint: true, limit: None };
/// assert_eq!(message::phrase(&open).to_string(), r#"open account, owner "Petra", joint, no limit"#);
/// assert_eq!(message::phrase(&Command::Withdraw(20)).to_string(), "withdraw 20");
/// ```
pub fn phrase<T: Message + ?Sized>(message: &T) -> Phrase {
    message.phrase()
}

/// Says a plain value, such as the state of a view, in the same way.
///
/// ```
/// use leftfold::message::said;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Stock { pieces: u32, shelf: Option<String> }
///
/// assert_eq!(said(&Stock { pieces: 3, shelf: Some("B2".into()) }), r#"pieces 3, shelf "B2""#);
/// ```
pub fn said<T: Serialize + ?Sized>(value: &T) -> String {
    value.serialize(Saying).map_or_else(|Unsaid(why)| why, |value| value.said())
}

pub(super) fn phrase_of<T: Serialize>(message: &T) -> Phrase {
    let mut phrase =
        Phrase { path: Vec::new(), name: String::new(), key: None, said: Said::Fields(Vec::new()) };
    let mut value = message.serialize(Saying).unwrap_or_else(|Unsaid(why)| Value::Plain(why));
    loop {
        value = match value {
            Value::Variant { of, variant, content } if is_sum(of) => {
                phrase.path.push(variant.to_string());
                *content
            }
            Value::Variant { of: LOOK_THROUGH, content, .. } if !matches!(*content, Value::Fields(_)) => {
                *content
            }
            Value::Record { of: KEYED, mut fields } if fields.len() == 2 => {
                let (_, message) = fields.remove(1);
                let key = fields.remove(0).1.bare();
                // Whose key it is says the umbrella around it, not one inside.
                phrase.key =
                    Some(phrase.path.last().map_or(key.clone(), |part| format!("{} {key}", spaced(part))));
                message
            }
            Value::Variant { variant, content, .. } => {
                phrase.name = variant.to_string();
                phrase.said = Said::Fields(content.fields());
                return phrase;
            }
            Value::Record { of, fields } => {
                phrase.name = of.to_string();
                phrase.said = Said::Fields(fields);
                return phrase;
            }
            other => {
                phrase.said = Said::Sentence(other.said());
                return phrase;
            }
        };
    }
}

/// The plain rule: the name in words; a single bare value right behind it, fields after commas.
fn plain(name: &str, fields: &[(String, Value)]) -> String {
    let mut said = spaced(name);
    for (i, (field, value)) in fields.iter().enumerate() {
        let positional = is_position(field);
        said.push_str(if positional && i == 0 { " " } else { ", " });
        said.push_str(&if positional { value.said() } else { value.said_of(&spaced(field)) });
    }
    said
}

/// A sentence with its `{field}`s filled in; braces that name no field stay as they are.
fn filled(sentence: &str, fields: &[(String, Value)]) -> String {
    let mut said = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        said.push_str(&rest[..open]);
        rest = &rest[open..];
        let filled = fields
            .iter()
            .find_map(|(field, value)| Some((value, rest[1..].strip_prefix(field)?.strip_prefix('}')?)));
        match filled {
            Some((value, behind)) => {
                said.push_str(&value.bare());
                rest = behind;
            }
            None => {
                said.push('{');
                rest = &rest[1..];
            }
        }
    }
    said + rest
}

fn is_position(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}

/// What serde tells of a value, as far as it can be said.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Plain(String),
    Text(String),
    Flag(bool),
    Nothing,
    List(Vec<Value>),
    /// The content of a variant: fields by name or by position.
    Fields(Vec<(String, Value)>),
    Record {
        of: &'static str,
        fields: Vec<(String, Value)>,
    },
    Variant {
        of: &'static str,
        variant: &'static str,
        content: Box<Value>,
    },
}

impl Value {
    /// The fields of a message whose variant has this content.
    fn fields(self) -> Vec<(String, Value)> {
        match self {
            Value::Fields(fields) | Value::Record { fields, .. } => fields,
            one => vec![("0".to_string(), one)],
        }
    }

    /// The value alone.
    fn said(&self) -> String {
        match self {
            Value::Plain(text) => text.clone(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Flag(true) => "yes".to_string(),
            Value::Flag(false) => "no".to_string(),
            Value::Nothing => "none".to_string(),
            Value::List(items) => listed(items),
            Value::Fields(fields) | Value::Record { fields, .. } => {
                let said: Vec<String> = fields
                    .iter()
                    .map(
                        |(field, value)| {
                            if is_position(field) { value.said() } else { value.said_of(&spaced(field)) }
                        },
                    )
                    .collect();
                said.join(", ")
            }
            Value::Variant { of, content, .. } if is_sum(of) || *of == LOOK_THROUGH => content.said(),
            Value::Variant { variant, content, .. } => match &**content {
                Value::Fields(fields) if fields.is_empty() => spaced(variant),
                Value::Fields(_) | Value::Record { .. } => {
                    format!("{} ({})", spaced(variant), content.said())
                }
                one => format!("{} {}", spaced(variant), one.said()),
            },
        }
    }

    /// The value as that of a field: "joint", "no limit", "amount 5", "address (city "Bonn")".
    fn said_of(&self, field: &str) -> String {
        match self {
            Value::Flag(true) => field.to_string(),
            Value::Flag(false) => format!("not {field}"),
            Value::Nothing => format!("no {field}"),
            Value::List(items) if items.is_empty() => format!("no {field}"),
            Value::Fields(_) | Value::Record { .. } => format!("{field} ({})", self.said()),
            other => format!("{field} {}", other.said()),
        }
    }

    /// The value inside a sentence of somebody's own: texts without quotation marks.
    fn bare(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            other => other.said(),
        }
    }
}

fn listed(items: &[Value]) -> String {
    let said: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::Record { .. } | Value::Fields(_) => format!("({})", item.said()),
            other => other.said(),
        })
        .collect();
    match said.split_last() {
        None => "none".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// A `Serialize` that refuses; its own words stand in for the value.
#[derive(Debug)]
struct Unsaid(String);

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsaid {}

impl ser::Error for Unsaid {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Unsaid(message.to_string())
    }
}

struct Saying;

macro_rules! plain {
    ($($method:ident($arg:ty))*) => {
        $(fn $method(self, value: $arg) -> Result<Value, Unsaid> {
            Ok(Value::Plain(value.to_string()))
        })*
    };
}

impl Serializer for Saying {
    type Ok = Value;
    type Error = Unsaid;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Members;
    type SerializeTupleVariant = Members;
    type SerializeMap = Pairs;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    plain! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
    }

    fn serialize_bool(self, value: bool) -> Result<Value, Unsaid> {
        Ok(Value::Flag(value))
    }

    fn serialize_char(self, value: char) -> Result<Value, Unsaid> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Unsaid> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Unsaid> {
        Ok(Value::Plain(format!("{} bytes", value.len())))
    }

    fn serialize_none(self) -> Result<Value, Unsaid> {
        Ok(Value::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unsaid> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Unsaid> {
        Ok(Value::Nothing)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, Unsaid> {
        Ok(Value::Record { of: name, fields: Vec::new() })
    }

    fn serialize_unit_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Unsaid> {
        Ok(Value::Variant { of, variant, content: Box::new(Value::Fields(Vec::new())) })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Unsaid> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Unsaid> {
        Ok(Value::Variant { of, variant, content: Box::new(value.serialize(Saying)?) })
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unsaid> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unsaid> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Members, Unsaid> {
        Ok(Members { of: name, variant: None, fields: Vec::new() })
    }

    fn serialize_tuple_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, Unsaid> {
        Ok(Members { of, variant: Some(variant), fields: Vec::new() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs, Unsaid> {
        Ok(Pairs { pairs: Vec::new(), key: String::new() })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members, Unsaid> {
        Ok(Members { of: name, variant: None, fields: Vec::new() })
    }

    fn serialize_struct_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, Unsaid> {
        Ok(Members { of, variant: Some(variant), fields: Vec::new() })
    }
}

/// The items of a sequence or tuple.
struct Items(Vec<Value>);

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.0.push(value.serialize(Saying)?);
        Ok(())
    }

    fn end(self) -> Result<Value, Unsaid> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value, Unsaid> {
        ser::SerializeSeq::end(self)
    }
}

/// The fields of a struct or of a variant.
struct Members {
    of: &'static str,
    variant: Option<&'static str>,
    fields: Vec<(String, Value)>,
}

impl Members {
    fn field<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), Unsaid> {
        self.fields.push((name, value.serialize(Saying)?));
        Ok(())
    }

    fn positioned<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.field(self.fields.len().to_string(), value)
    }

    fn done(self) -> Result<Value, Unsaid> {
        let Members { of, variant, fields } = self;
        Ok(match variant {
            Some(variant) => Value::Variant { of, variant, content: Box::new(Value::Fields(fields)) },
            None => Value::Record { of, fields },
        })
    }
}

macro_rules! members {
    ($($kind:ident: $positional:ident,)* ; $($named:ident,)*) => {
        $(impl ser::$kind for Members {
            type Ok = Value;
            type Error = Unsaid;

            fn $positional<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
                self.positioned(value)
            }

            fn end(self) -> Result<Value, Unsaid> {
                self.done()
            }
        })*
        $(impl ser::$named for Members {
            type Ok = Value;
            type Error = Unsaid;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unsaid> {
                self.field(name.to_string(), value)
            }

            fn end(self) -> Result<Value, Unsaid> {
                self.done()
            }
        })*
    };
}

members! {
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field, ;
    SerializeStruct, SerializeStructVariant,
}

/// The pairs of a map.
struct Pairs {
    pairs: Vec<(String, Value)>,
    key: String,
}

impl ser::SerializeMap for Pairs {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsaid> {
        self.key = key.serialize(Saying)?.bare();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.pairs.push((std::mem::take(&mut self.key), value.serialize(Saying)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsaid> {
        if self.pairs.is_empty() {
            Ok(Value::List(Vec::new()))
        } else {
            Ok(Value::Record { of: "", fields: self.pairs })
        }
    }
}
