//! A message of a machine in a file, whatever its type: its JSON, shown as Rust would show it.

use crate::page::one_line;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt::{self, Debug, Formatter};

/// A message by its JSON.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct AnyMessage(Box<str>);

impl Serialize for AnyMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AnyMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(AnyMessage(raw.get().into()))
    }
}

/// As serde writes enums by default, `{"Withdraw":3}` is `Withdraw(3)`, and `{"Order":"Cancel"}` is `Order.Cancel`. What has another
/// form is shown as JSON. A message has a name in any spelling (`rename_all`); further inside, only one with a capital is a name, for
/// a field and a text look the same.
impl Debug for AnyMessage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match serde_json::from_str(&self.0) {
            Ok(value) => f.write_str(&message(&value)),
            Err(_) => f.write_str(&self.0),
        }
    }
}

fn message(value: &Value) -> String {
    if let Some((key, inside)) = keyed(value) {
        return format!("{} for {}", message(inside), inner(key));
    }
    let only = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
    match (value, only) {
        (_, Some((name, content))) if is_word(name) => with_content(name, content),
        (Value::String(name), _) if is_word(name) => name.clone(),
        _ => shown(value),
    }
}

fn shown(value: &Value) -> String {
    if let Some((key, message)) = keyed(value) {
        return format!("{} for {}", shown(message), inner(key));
    }
    match (value, variant(value)) {
        (_, Some((name, content))) => with_content(name, content),
        (Value::String(name), None) if is_name(name) => name.clone(),
        _ => inner(value),
    }
}

fn with_content(name: &str, content: &Value) -> String {
    match content {
        _ if is_message(content) => format!("{name}.{}", shown(content)),
        Value::Object(own) if !own.is_empty() => format!("{name} {}", fields(own)),
        Value::Array(parts) => format!("{name}({})", list(parts)),
        _ => format!("{name}({})", inner(content)),
    }
}

fn is_message(value: &Value) -> bool {
    keyed(value).is_some()
        || variant(value).is_some()
        || matches!(value, Value::String(name) if is_name(name))
}

/// The name and the content of a variant.
fn variant(value: &Value) -> Option<(&String, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.iter().next().filter(|(name, _)| is_name(name))
}

/// The key and the message of `Keyed`.
fn keyed(value: &Value) -> Option<(&Value, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 2)?;
    Some((fields.get("key")?, fields.get("message")?))
}

/// A value inside of a message.
fn inner(value: &Value) -> String {
    match value {
        Value::Object(own) => match variant(value) {
            Some(_) => shown(value),
            None => fields(own),
        },
        Value::Array(parts) => format!("[{}]", list(parts)),
        other => one_line(&other.to_string()),
    }
}

fn fields(fields: &Map<String, Value>) -> String {
    if fields.is_empty() {
        return "{}".to_string();
    }
    let each = fields.iter().map(|(name, value)| format!("{}: {}", one_line(name), inner(value)));
    format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
}

fn list(parts: &[Value]) -> String {
    parts.iter().map(inner).collect::<Vec<_>>().join(", ")
}

/// Whether a text is the name of a variant: a word with a capital.
fn is_name(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && is_word(text)
}

fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && text.chars().all(|char| char.is_alphanumeric() || "_-".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> AnyMessage {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_message_is_shown_as_rust_would() {
        for (json, rust) in [
            (r#"{"Withdraw":3}"#, "Withdraw(3)"),
            (r#""CloseAccount""#, "CloseAccount"),
            (r#"{"OpenAccount":{"owner":"Petra"}}"#, r#"OpenAccount { owner: "Petra" }"#),
            (r#"{"Order":{"PlaceOrder":{"total":30}}}"#, "Order.PlaceOrder { total: 30 }"),
            (r#"{"Order":"CancelOrder"}"#, "Order.CancelOrder"),
            (r#"{"Paint":{"colour":"Red"}}"#, r#"Paint { colour: "Red" }"#),
            (r#"{"Move":[1,2]}"#, "Move(1, 2)"),
            (r#"{"key":1,"message":"Sign"}"#, "Sign for 1"),
            (r#"{"Contract":{"key":1,"message":{"Pay":{"amount":2}}}}"#, "Contract.Pay { amount: 2 } for 1"),
            ("17", "17"),
            ("\"put\"", "put"),
            (r#"{"borrow_book":{"late":true}}"#, "borrow_book { late: true }"),
            (
                r#"{"key":["a",1],"message":{"borrow-book":[1,"short"]}}"#,
                r#"borrow-book(1, "short") for ["a", 1]"#,
            ),
            (r#""not now""#, r#""not now""#),
            (r#"{"Say":"a\u001bb\nc"}"#, r#"Say("a\u001bb\nc")"#),
            ("{}", "{}"),
        ] {
            assert_eq!(format!("{:?}", read(json)), rust);
        }
    }

    #[test]
    fn a_message_is_written_as_it_was_read() {
        for json in [r#"{"b":1,"a":340282366920938463463374607431768211455}"#, "1.10", "[1,{\"x\":null}]"] {
            let mut text = Vec::new();
            crate::json::write(&read(json), &mut text).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), json);
        }
    }
}
