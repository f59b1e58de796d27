//! The fields of each message of a type, by its name.

use super::shape::Shape;
use super::shape_as_json::shape_of;
use crate::message::Name;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The fields of a message: their names and types.
type Fields = Vec<(String, String)>;

/// The fields of each message of a type, by its name as [`Name`] prints it; nothing of a type that does not show its shape. A field without a
/// name has its position, and a message of one value has one field without a name.
pub(crate) fn fields_of<T: DeserializeOwned>() -> BTreeMap<String, Fields> {
    let mut found = BTreeMap::new();
    let Ok(names) = crate::message::leaves::<T>() else { return found };
    let Some(shape) = shape_of::<T>() else { return found };
    for leaf in names {
        if let Some(content) = content_of(&shape, &path_of(&leaf.name)) {
            found.insert(leaf.name.to_string(), fields(content));
        }
    }
    found
}

fn path_of(name: &Name) -> Vec<&str> {
    name.path().chain([name.leaf()]).collect()
}

/// The content of the message at a path: a part of an umbrella is a variant, and so is the message; a key is a field beside it.
fn content_of<'s>(shape: &'s Shape, path: &[&str]) -> Option<&'s Shape> {
    match (shape, path) {
        (Shape::Enum(variants), [leaf]) if variants.contains_key(*leaf) => variants.get(*leaf),
        (Shape::Enum(variants), [part, rest @ ..]) => match variants.get(*part) {
            Some(inner) if !rest.is_empty() => content_of(inner, rest),
            // What is looked through has no part in the path.
            _ => variants.values().find_map(|inner| content_of(inner, path)),
        },
        (Shape::Struct(fields), _) => match fields.get("message") {
            Some(message) if fields.contains_key("key") => content_of(&message.shape, path),
            _ => (path.len() == 1).then_some(shape),
        },
        _ => None,
    }
}

fn fields(content: &Shape) -> Fields {
    match content {
        Shape::Plain(kind) if kind == "nothing" => Vec::new(),
        Shape::Struct(fields) => fields.iter().map(|(name, field)| (name.clone(), field.words())).collect(),
        Shape::Tuple(elements) => {
            elements.iter().enumerate().map(|(at, element)| (at.to_string(), element.words())).collect()
        }
        one => vec![(String::new(), one.words())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::Keyed;
    use crate::sum;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    enum Paying {
        Pay { amount: u32, by: Option<String> },
        Refund(i64),
    }
    #[derive(Serialize, Deserialize)]
    enum Shipping {
        Ship,
        Move(u8, String),
    }
    sum! { enum Command { Payment(Paying), Shipment(Shipping) } }

    #[test]
    fn the_fields_of_a_message_are_found_through_umbrellas_and_keys() {
        let text = |fields: &Fields| {
            fields.iter().map(|(name, kind)| format!("{name}: {kind}")).collect::<Vec<_>>().join("; ")
        };
        let expected = [
            ("payment.Pay", "amount: u32; by: text or null, may be missing"),
            ("payment.Refund", ": i64"),
            ("shipment.Move", "0: u8; 1: text"),
            ("shipment.Ship", ""),
        ];
        let all = [fields_of::<Command>(), fields_of::<Keyed<u64, Command>>()];
        for found in &all {
            let found: Vec<_> = found.iter().map(|(name, fields)| (&**name, text(fields))).collect();
            let expected: Vec<_> = expected.iter().map(|(name, kinds)| (*name, kinds.to_string())).collect();
            assert_eq!(found, expected);
        }
        assert_eq!(fields_of::<u32>(), BTreeMap::new());
    }
}
