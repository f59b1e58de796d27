//! In which field two messages of one name differ.

use crate::check::graph::named;
use crate::json::RAW_VALUE;
use crate::message::Message;
use crate::message::sum::{KEYED, MESSAGE};
use crate::timeline::Value;
use serde::Serialize;
use std::fmt::Debug;

type Json = serde_json::Value;

/// The first field in which two outcomes of the same names differ, with the name of its message.
pub(super) fn differing_field<E, R>(
    was: &Result<Result<Vec<E>, R>, String>,
    is: &Result<Result<Vec<E>, R>, String>,
) -> Option<String>
where
    E: Message + Serialize + Debug + PartialEq,
    R: Message + Serialize + Debug,
{
    match (was, is) {
        (Ok(Ok(was)), Ok(Ok(is))) => {
            was.iter().zip(is).find(|(was, is)| was != is).map(|(was, is)| field_of(was, is))
        }
        (Ok(Err(was)), Ok(Err(is))) => Some(field_of(was, is)),
        _ => None,
    }
}

/// The message, and the first of its fields that differs. Only the message if it has none: an index or a key further inside
/// would make a kind of each value.
fn field_of<M: Message + Serialize + Debug>(was: &M, is: &M) -> String {
    let message = named(was);
    let (was, is) = (Value::of(was), Value::of(is));
    let field = match (whole_json(&was), whole_json(&is)) {
        (Some(was), Some(is)) => first_field_of_json(&was, &is, true),
        _ => first_field(&was, &is).map(str::to_string),
    };
    match field {
        Some(field) => format!("{message}.{field}"),
        None => message,
    }
}

fn first_field(was: &Value, is: &Value) -> Option<&'static str> {
    match (was, is) {
        (Value::Variant(_, was), Value::Variant(_, is)) => first_field(was, is),
        // JSON that is copied as it is has no fields of its own.
        (Value::Record(RAW_VALUE, _), _) => None,
        (Value::Record(name, was), Value::Record(_, is)) => {
            let ((field, was), (_, is)) = was.iter().zip(is).find(|(was, is)| was != is)?;
            // The content of a message with a key is beside the key.
            if *name == KEYED && *field == MESSAGE { first_field(was, is) } else { Some(field) }
        }
        _ => None,
    }
}

/// The content of a message that is known by its JSON alone, as those of a machine in a file are to a program without its types.
fn whole_json(message: &Value) -> Option<Json> {
    let Value::Record(RAW_VALUE, fields) = message else { return None };
    match &fields[..] {
        [(_, Value::Text(json))] => serde_json::from_str(json).ok(),
        _ => None,
    }
}

/// As [`first_field`], in the form in which serde writes enums by default: a variant is an object with its name. Further inside than
/// the message itself, only a name with a capital is one, for an object may also have a single field.
fn first_field_of_json(was: &Json, is: &Json, outermost: bool) -> Option<String> {
    let (was, is) = (was.as_object()?, is.as_object()?);
    let (field, old) = was.iter().find(|(field, old)| is.get(*field) != Some(*old))?;
    let is_variant = was.len() == 1 && (outermost || field.starts_with(char::is_uppercase));
    let is_beside_key = was.len() == 2 && field == "message" && was.contains_key("key");
    if is_variant || is_beside_key {
        return first_field_of_json(old, is.get(field)?, is_beside_key);
    }
    Some(field.clone())
}
