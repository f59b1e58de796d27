//! Messages with another value in one place, by way of their JSON.

use crate::check::graph::named;
use crate::message::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Where a value is in a message: names of fields and variants, and positions in lists.
pub(super) type Path = Vec<String>;

/// The JSON of a message; `None` if it has none.
pub(super) fn json(message: &impl Serialize) -> Option<Value> {
    serde_json::to_value(message).ok()
}

/// All values inside a value, outermost first, each with whether it is a leaf.
pub(super) fn parts(value: &Value) -> Vec<(Path, &Value, bool)> {
    fn walk<'v>(value: &'v Value, path: &mut Path, found: &mut Vec<(Path, &'v Value, bool)>) {
        let inside: Vec<(String, &Value)> = match value {
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(items) => items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
            _ => Vec::new(),
        };
        found.push((path.clone(), value, inside.is_empty()));
        for (step, value) in inside {
            path.push(step);
            walk(value, path, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

fn leaves(value: &Value) -> impl Iterator<Item = (Path, &Value)> {
    parts(value).into_iter().filter(|(.., is_leaf)| *is_leaf).map(|(path, value, _)| (path, value))
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Whether a path leads into the key of a message with a key.
pub(super) fn is_in_key(message: &Value, path: &[String]) -> bool {
    key_at(message).is_some_and(|key| path.starts_with(&key))
}

/// Where the key of a message is, if it has one. `Keyed` is an object of these two fields, perhaps in the variants of an umbrella.
fn key_at(message: &Value) -> Option<Path> {
    let (mut value, mut path) = (message, Vec::new());
    while let Value::Object(fields) = value {
        if fields.len() == 2 && fields.contains_key("key") && fields.contains_key("message") {
            path.push("key".to_string());
            return Some(path);
        }
        let (variant, inside) = fields.iter().next().filter(|_| fields.len() == 1)?;
        path.push(variant.clone());
        value = inside;
    }
    None
}

fn key_of(message: &Value) -> Option<Value> {
    at(&mut message.clone(), &key_at(message)?).cloned()
}

/// What a path is called on a page: without the variants around the message, and without its key.
pub(super) fn field(event: &str, path: &[String]) -> Option<String> {
    let leaf = event.rsplit('.').next().unwrap_or(event);
    let inside = match path.iter().position(|step| step == leaf) {
        Some(name) => &path[name + 1..],
        None => {
            let wraps = |step: &&String| *step == "message" || step.starts_with(char::is_uppercase);
            &path[path.iter().take_while(wraps).count()..]
        }
    };
    (!inside.is_empty()).then(|| inside.join("."))
}

/// The event with another value at this place, and the same name; `None` if there is no such event.
pub(super) fn nudged<E>(event: &E, path: &[String], seen: &BTreeMap<String, Value>) -> Option<E>
where
    E: Message + Serialize + DeserializeOwned + Debug + PartialEq,
{
    let whole = json(event)?;
    let now = at(&mut whole.clone(), path)?.clone();
    others(&now, seen).into_iter().find_map(|other| {
        let mut whole = whole.clone();
        *at(&mut whole, path)? = other;
        let other: E = serde_json::from_value(whole).ok()?;
        (other != *event && named(&other) == named(event)).then_some(other)
    })
}

/// Other values that may stand in the place of one, the likeliest first.
fn others(value: &Value, seen: &BTreeMap<String, Value>) -> Vec<Value> {
    let mut others = Vec::new();
    match value {
        Value::Bool(is) => others.push(Value::Bool(!is)),
        Value::Number(number) => others.extend(neighbours(number).into_iter().map(Value::Number)),
        _ => (),
    }
    let text = value.to_string();
    // The next one that was seen, and then from the beginning.
    let after = seen.iter().filter(|(other, _)| **other > text);
    let before = seen.iter().filter(|(other, _)| **other < text);
    others.extend(after.chain(before).map(|(_, other)| other.clone()));
    if let Value::String(text) = value {
        others.extend(next_digit(text).map(Value::String));
        others.push(Value::String(format!("{text}x")));
    }
    others
}

fn neighbours(number: &Number) -> Vec<Number> {
    let whole = |number: i128| {
        let small = i64::try_from(number).map(Number::from);
        small.or_else(|_| u64::try_from(number).map(Number::from)).ok()
    };
    match number.as_i128() {
        Some(number) => [number + 1, number - 1].into_iter().filter_map(whole).collect(),
        None => number.as_f64().and_then(|number| Number::from_f64(number + 1.0)).into_iter().collect(),
    }
}

/// The text with its last digit changed: a date becomes another date, a number another number.
fn next_digit(text: &str) -> Option<String> {
    let at = text.rfind(|char: char| char.is_ascii_digit())?;
    let digit = text[at..].chars().next()?.to_digit(10)?;
    let next = if digit == 9 { 8 } else { digit + 1 };
    Some(format!("{}{next}{}", &text[..at], &text[at + 1..]))
}

/// The events that a command would have, by those of another command of the same name: what an event has of its command is replaced.
/// `None` if that makes no event, or one of another instance.
pub(super) fn by_analogy<E: DeserializeOwned>(
    command: &Value,
    sample: &Value,
    events: &[Value],
) -> Option<Vec<E>> {
    let new: BTreeMap<Path, &Value> = leaves(command).collect();
    let old: Vec<(Path, &Value)> = leaves(sample).collect();
    let own_key = key_at(sample);
    let like = |event: &Value| {
        let mut made = event.clone();
        for (path, value) in leaves(event) {
            let same = || old.iter().filter(|(_, old)| *old == value);
            let by_name = same().find(|(from, _)| from.last() == path.last());
            // Numbers and texts that are equal are taken to be the command's; that a flag is equal says nothing.
            let by_value = || same().find(|(from, _)| !value.is_boolean() && !is_own(&own_key, from));
            let Some((from, _)) = by_name.or_else(by_value) else { continue };
            if let (Some(now), Some(place)) = (new.get(from), at(&mut made, &path)) {
                *place = (*now).clone();
            }
        }
        let is_own = key_of(event) == key_of(sample) && key_of(&made) == key_of(command);
        is_own.then_some(made)
    };
    events.iter().map(|event| serde_json::from_value(like(event)?).ok()).collect()
}

fn is_own(key: &Option<Path>, path: &[String]) -> bool {
    key.as_ref().is_some_and(|key| path.starts_with(key))
}

/// How many leaves two values have in common.
pub(super) fn in_common(one: &Value, other: &Value) -> usize {
    let one: BTreeMap<Path, &Value> = leaves(one).collect();
    leaves(other).filter(|(path, value)| one.get(path) == Some(value)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::{Keyed, keyed};
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Command {
        Move { to: u8, amount: u8 },
        Deposit(u8),
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Moved { to: u8, amount: u8, fee: u8 },
        Deposited(u8),
    }

    fn analogy(
        command: Keyed<u8, Command>,
        sample: Keyed<u8, Command>,
        event: Keyed<u8, Event>,
    ) -> Option<Vec<Keyed<u8, Event>>> {
        by_analogy(&json(&command).unwrap(), &json(&sample).unwrap(), &[json(&event).unwrap()])
    }

    #[test]
    fn what_an_event_has_of_its_command_is_replaced_and_its_key_carried_over() {
        use Command::*;
        use Event::*;
        let found = analogy(
            keyed(2, Move { to: 1, amount: 9 }),
            keyed(1, Move { to: 1, amount: 1 }),
            keyed(1, Moved { to: 1, amount: 1, fee: 7 }),
        );
        assert_eq!(found, Some(vec![keyed(2, Moved { to: 1, amount: 9, fee: 7 })]));
        // The amount happens to be the number of the account, and is no key.
        let found = analogy(keyed(5, Deposit(6)), keyed(4, Deposit(4)), keyed(4, Deposited(4)));
        assert_eq!(found, Some(vec![keyed(5, Deposited(6))]));
        // An event of another instance than the command's is no example for anything.
        assert_eq!(analogy(keyed(5, Deposit(6)), keyed(4, Deposit(4)), keyed(1, Deposited(4))), None);
    }

    #[test]
    fn another_value_is_one_that_the_type_takes() {
        let seen = BTreeMap::new();
        let path = |path: &[&str]| -> Path { path.iter().map(ToString::to_string).collect() };
        let moved = Event::Moved { to: 255, amount: 3, fee: 0 };
        assert_eq!(
            nudged(&moved, &path(&["Moved", "to"]), &seen),
            Some(Event::Moved { to: 254, amount: 3, fee: 0 })
        );
        assert_eq!(nudged(&Event::Deposited(3), &path(&["Deposited"]), &seen), Some(Event::Deposited(4)));
        assert_eq!(nudged(&Event::Deposited(3), &path(&["Moved"]), &seen), None);
        assert_eq!(next_digit("2026-12-09").as_deref(), Some("2026-12-08"));
        assert_eq!(others(&json!("b"), &BTreeMap::from([("\"a\"".to_string(), json!("a"))]))[0], json!("a"));
    }

    #[test]
    fn a_place_is_called_as_the_reader_knows_it() {
        let path = |path: &[&str]| -> Path { path.iter().map(ToString::to_string).collect() };
        assert_eq!(field("Deposited", &path(&["Deposited"])), None);
        assert_eq!(field("order.Placed", &path(&["Order", "Placed", "total"])).as_deref(), Some("total"));
        assert_eq!(field("Sold", &path(&["Shelf", "message", "left"])).as_deref(), Some("left"));
        let keyed = json!({ "Order": { "key": { "no": 1 }, "message": { "Placed": 3 } } });
        assert!(is_in_key(&keyed, &path(&["Order", "key", "no"])));
        assert!(!is_in_key(&keyed, &path(&["Order", "message", "Placed"])));
    }
}
