//! Splits a message into its leaf name and its content, and joins the two again. Parses nothing twice.
//!
//! | message | content |
//! |---|---|
//! | a unit variant | a unit |
//! | a newtype variant | the value in it |
//! | a tuple variant | a tuple |
//! | a struct variant | a struct |
//! | a struct | the struct |
//! | a struct around one nameless value | the value in it |
//! | a message with its key, as those of `many` | `key`, and `message`: the content of the message |
//!
//! If a struct of one field holds an enum or a struct, the message is the one inside. Umbrella enums and the kit's own wrappers
//! are not stored: a log stores what happened, not how a program is put together.

mod read;
mod write;

pub(crate) use read::join;
pub(crate) use write::split;

use super::names_of_type::leaves;
use crate::json;
use crate::json::Unfaithful;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a message would not come back from a log, and which part of it.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// It cannot be written.
    Unwritable(String),
    /// It can be written, but not read back, or it reads back as another message.
    Unfaithful(String),
}

/// Writes the content of a message as a log does, reads it back, and returns what was read if it is the same.
///
/// # Errors
/// [`Lost`] when the message would not come back.
pub(super) fn read_back<T>(message: &T, same: &dyn Fn(&T) -> bool) -> Result<T, Lost>
where
    T: Serialize + DeserializeOwned,
{
    let (mut json, mut name) = (Vec::new(), "");
    let unwritable = |fault: Unfaithful| Lost::Unwritable(fault.sentence());
    let written = json::write_by(&mut json, |content| split(message, content, &mut name));
    let mut known = leaves::<T>().unwrap_or_default();
    known.retain(|leaf| leaf.leaf == name);
    let [leaf] = &known[..] else {
        // The message has a name that other messages have too. It is written whole instead.
        json.clear();
        json::write(message, &mut json).map_err(unwritable)?;
        return held(&json, json::read::<T>(&json), same, json::unlike);
    };
    written.map_err(unwritable)?;
    held(&json, json::read_by(&json, |content| join::<T, _>(leaf, content)), same, unlike)
}

fn held<T>(
    json: &[u8],
    read: serde_json::Result<T>,
    same: &dyn Fn(&T) -> bool,
    unlike: impl FnOnce(&[u8], &T) -> Unfaithful,
) -> Result<T, Lost> {
    match read {
        Ok(read) if same(&read) => Ok(read),
        Ok(read) => Err(Lost::Unfaithful(unlike(json, &read).sentence())),
        Err(error) => Err(Lost::Unfaithful(json::unread(json, &error).sentence())),
    }
}

/// The error for a message whose content was read back and differs from the JSON it was read from.
pub(crate) fn unlike<T: Serialize>(json: &[u8], read: &T) -> Unfaithful {
    let mut name = "";
    json::unlike_json(json, split(read, serde_json::value::Serializer, &mut name).ok())
}

#[cfg(test)]
mod tests {
    use super::{join, split};
    use crate::decider::{Either, Keyed, keyed};
    use crate::message::names_of_type::leaves;
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};
    use std::fmt::Debug;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Order {
        Opened,
        Weighed(Option<f64>),
        Moved(u8, String),
        Placed { total: u32, note: Option<String> },
        Kept(Box<Order>),
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Paid {
        amount: u32,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Rung;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Point(i8, i8);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Knocked {
        times: u8,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(Order);

    crate::sum! {
        #[derive(Clone, Debug, PartialEq)]
        enum Inner { Paid(Paid), Bell(Rung), Place(Point) }
    }

    crate::sum! {
        #[derive(Clone, Debug, PartialEq)]
        enum Shop { Order(Order), Inner(Inner) }
    }

    /// Splits a message and joins it again. Returns its leaf and its content.
    fn there_and_back<T>(message: &T) -> (&'static str, Value)
    where
        T: Serialize + DeserializeOwned + Debug + PartialEq,
    {
        let mut name = "";
        let content = split(message, serde_json::value::Serializer, &mut name).unwrap();
        let leaves = leaves::<T>().unwrap();
        let leaf = leaves.iter().find(|leaf| leaf.leaf == name).unwrap();
        assert_eq!(&join::<T, _>(leaf, content.clone()).unwrap(), message);
        (name, content)
    }

    #[test]
    fn every_form_of_a_message_has_its_content() {
        assert_eq!(there_and_back(&Order::Opened), ("Opened", Value::Null));
        assert_eq!(there_and_back(&Order::Weighed(None)), ("Weighed", Value::Null));
        assert_eq!(there_and_back(&Order::Weighed(Some(0.5))), ("Weighed", json!(0.5)));
        assert_eq!(there_and_back(&Order::Moved(1, "a".into())), ("Moved", json!([1, "a"])));
        let placed = Order::Placed { total: 3, note: None };
        assert_eq!(there_and_back(&placed), ("Placed", json!({"total": 3, "note": null})));
        assert_eq!(there_and_back(&Order::Kept(Box::new(Order::Opened))), ("Kept", json!("Opened")));
        assert_eq!(there_and_back(&Paid { amount: 3 }), ("Paid", json!({"amount": 3})));
        assert_eq!(there_and_back(&Rung), ("Rung", Value::Null));
        assert_eq!(there_and_back(&Point(-1, 1)), ("Point", json!([-1, 1])));
        assert_eq!(there_and_back(&Wrapped(Order::Opened)), ("Opened", Value::Null));
    }

    #[test]
    fn umbrellas_and_the_wrappers_of_the_kit_leave_no_trace() {
        let paid = Shop::Inner(Inner::Paid(Paid { amount: 3 }));
        assert_eq!(there_and_back(&paid), ("Paid", json!({"amount": 3})));
        assert_eq!(there_and_back(&Shop::Inner(Inner::Bell(Rung))), ("Rung", Value::Null));
        assert_eq!(there_and_back(&Shop::Order(Order::Opened)), ("Opened", Value::Null));
        let right: Either<Shop, Either<Knocked, Order>> = Either::Right(Either::Left(Knocked { times: 2 }));
        assert_eq!(there_and_back(&right), ("Knocked", json!({"times": 2})));
        let left: Either<Shop, Either<Knocked, Rung>> = Either::Left(paid);
        assert_eq!(there_and_back(&left).0, "Paid");
    }

    #[test]
    fn a_key_is_stored_beside_the_content_of_its_message() {
        let placed = Order::Placed { total: 30, note: None };
        assert_eq!(
            there_and_back(&keyed(17, placed)),
            ("Placed", json!({"key": 17, "message": {"total": 30, "note": null}}))
        );
        // Whatever key JSON holds, and whatever is around or within.
        let slot = keyed(("Ada".to_string(), 9), Inner::Paid(Paid { amount: 3 }));
        assert_eq!(there_and_back(&slot), ("Paid", json!({"key": ["Ada", 9], "message": {"amount": 3}})));
        let twice = keyed(1, keyed(2, Order::Opened));
        assert_eq!(
            there_and_back(&twice),
            ("Opened", json!({"key": 1, "message": {"key": 2, "message": null}}))
        );
        let side: Either<Keyed<u8, Order>, Rung> = Either::Left(keyed(1, Order::Opened));
        assert_eq!(there_and_back(&side), ("Opened", json!({"key": 1, "message": null})));
        let wrapped = keyed(1, Wrapped(Order::Weighed(Some(0.5))));
        assert_eq!(there_and_back(&wrapped), ("Weighed", json!({"key": 1, "message": 0.5})));
    }

    #[test]
    fn a_key_is_read_in_any_order_of_fields_and_missed_where_there_is_none() {
        let leaves = leaves::<Keyed<u32, Order>>().unwrap();
        let read = |content: &str| {
            let mut json = serde_json::Deserializer::from_str(content);
            join::<Keyed<u32, Order>, _>(&leaves[0], &mut json).map_err(|error| error.to_string())
        };
        assert_eq!(read(r#"{"message":null,"key":3,"more":[1]}"#), Ok(keyed(3, Order::Opened)));
        assert!(read(r#"{"message":null}"#).unwrap_err().contains("missing field `key`"));
        assert!(read(r#"{"key":3}"#).unwrap_err().contains("missing field `message`"));
        assert!(read("null").unwrap_err().contains("a key and a message"), "{:?}", read("null"));
    }

    #[test]
    fn content_of_another_form_is_refused_by_what_was_expected() {
        let leaves = leaves::<Order>().unwrap();
        let refused = join::<Order, _>(&leaves[0], json!(3)).unwrap_err().to_string();
        assert!(refused.contains("expected unit"), "{refused}");
        let refused = join::<Order, _>(&leaves[3], json!({"note": null})).unwrap_err().to_string();
        assert!(refused.contains("missing field `total`"), "{refused}");
    }
}
