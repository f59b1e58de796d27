//! What is said of a message reads back as the message, or the vocabulary is refused when it is made.

use leftfold::message::{self, Message, VocabularyError, Words, vocabulary};
use leftfold::{Either, Keyed, keyed, sum};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

#[path = "models/any_message.rs"]
mod any_message;

use any_message::{Address, Any, Spice, address, anything, numbers, spice, wild};

/// `Debug` shows NaN and the sign of a zero, but not the bits of a NaN; JSON of the bits does.
fn same(one: &Any, other: &Any) -> bool {
    match (one, other) {
        (Any::Float(one), Any::Float(other)) => one.to_bits() == other.to_bits(),
        (Any::Small(one), Any::Small(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

fn comes_back<T: Message + PartialEq + Debug>(message: &T, words: &Words) {
    let said = message::say(message, words);
    match message::read::<T>(&said, words) {
        Ok(read) => assert_eq!(&read, message, "{said}"),
        Err(fault) => panic!("{said}: {fault}\n{message:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_said_of_a_message_reads_back(message in anything()) {
        let words = Words::default();
        let said = message::say(&message, &words);
        match message::read::<Any>(&said, &words) {
            Ok(read) => prop_assert!(same(&read, &message), "{said}: {read:?} is not {message:?}"),
            Err(fault) => prop_assert!(false, "{said}: {fault}\n{message:?}"),
        }
        // Neither case nor white space counts outside quotation marks.
        let (mut quoted, mut escaped) = (false, false);
        let loud: String = said.chars().flat_map(|char| {
            let outside = !quoted;
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = quoted,
                '"' => quoted = !quoted,
                _ => {}
            }
            match char {
                ' ' if outside => vec![' ', ' '],
                // NaN and exponents are numbers, and bytes are written in any case.
                char if outside && !said.contains("0x") => char.to_uppercase().collect(),
                char => vec![char],
            }
        }).collect();
        let read = message::read::<Any>(&loud, &words);
        prop_assert!(read.as_ref().is_ok_and(|read| same(read, &message)), "{loud}: {read:?}");
    }

    #[test]
    fn sentences_read_back_whatever_is_in_their_slots(owner in wild(), amounts in numbers(), spices in vec(spice(), 0..3), limit in any::<Option<u8>>(), address in address()) {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        enum Said {
            Opened { owner: String, limit: Option<u8> },
            Taken(Vec<u32>),
            Spiced { spices: Vec<Spice>, by: Option<String> },
            Moved { to: Address },
            Mailed(String),
        }
        let words = Words::default()
            .say("Opened", "{owner} opened an account with a limit of {limit}")
            .say("Taken", "{0} were taken out")
            .say("Spiced", "{by}: {spices}, and more")
            .say("Moved", "to {to} it went")
            .say("Mailed", r#"a letter to "{0}" was sent"#);
        for message in [
            Said::Opened { owner: owner.clone(), limit },
            Said::Taken(amounts),
            Said::Spiced { spices, by: limit.map(|_| owner.clone()) },
            Said::Moved { to: address },
            Said::Mailed(owner),
        ] {
            let said = message::say(&message, &words);
            let read = message::read::<Said>(&said, &words);
            prop_assert_eq!(read.as_ref(), Ok(&message), "{}", said);
        }
    }

    #[test]
    fn no_text_is_read_in_a_panic(text in wild(), more in ".{0,60}") {
        let words = Words::default().say("Text", "{0} and {0}");
        for text in [format!("lists, lists {text}"), format!("{text}{more}"), format!("spices, spice {more}")] {
            let _ = message::read::<Any>(&text, &words);
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum OrderEvent {
    Placed { total: u32 },
    Closed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum PaymentEvent {
    Paid,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rung(u8);

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum ShopEvent { Order(OrderEvent), Payment(PaymentEvent), Bell(Rung) }
}
sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum TownEvent { Shops(Keyed<String, ShopEvent>), MainOrder(Keyed<u32, OrderEvent>), Nested(Keyed<u8, Keyed<String, PaymentEvent>>) }
}

#[test]
fn parts_and_keys_read_back() {
    let words = Words::default();
    let closed = ShopEvent::Payment(PaymentEvent::Closed);
    assert_eq!(message::say(&closed, &words), "payment: closed", "the order can be closed as well");
    assert_eq!(message::say(&ShopEvent::Payment(PaymentEvent::Paid), &words), "paid");
    for shop in [
        ShopEvent::Order(OrderEvent::Placed { total: 3 }),
        closed.clone(),
        ShopEvent::Order(OrderEvent::Closed),
        ShopEvent::Bell(Rung(2)),
    ] {
        comes_back(&shop, &words);
        for key in ["Petra", "7", "none", "", "a: b", "two  spaces"] {
            comes_back(&TownEvent::Shops(keyed(key.to_string(), shop.clone())), &words);
            comes_back(&keyed((key.to_string(), 1), shop.clone()), &words);
        }
    }
    let nested = TownEvent::Nested(keyed(7, keyed("Petra".to_string(), PaymentEvent::Closed)));
    assert_eq!(message::say(&nested, &words), "nested 7: Petra: closed");
    comes_back(&nested, &words);
    comes_back(&TownEvent::MainOrder(keyed(7, OrderEvent::Closed)), &words);
    comes_back(&Either::<OrderEvent, Rung>::Right(Rung(5)), &words);
    let (read, words) = (message::read::<ShopEvent>, Words::default());
    assert_eq!(read("Payment:  CLOSED", &words), Ok(closed));
    let both = read("closed", &words).unwrap_err().to_string();
    assert!(both.contains("OrderEvent::Closed") || both.contains("Closed"), "{both}");
    assert!(both.starts_with("this can be read in more than one way"), "{both}");
}

#[test]
fn a_vocabulary_that_reads_in_two_ways_is_refused() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum State {
        Done,
        Begun,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Work {
        Work(State),
        WorkDone,
    }
    let refused = vocabulary::<Work>(&Words::default()).unwrap_err();
    assert!(matches!(refused, VocabularyError::Ambiguous { .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(said.contains("WorkDone") && said.contains("State::Done"), "{said}");

    let alike = vocabulary::<Either<OrderEvent, PaymentEvent>>(&Words::default()).unwrap_err();
    assert!(matches!(alike, VocabularyError::Ambiguous { .. }), "{alike:?}");
    assert!(vocabulary::<ShopEvent>(&Words::default()).is_ok(), "the parts tell them apart");

    let words = Words::default().say("Placed", "an order was placed");
    let refused = vocabulary::<OrderEvent>(&words).unwrap_err().to_string();
    assert_eq!(
        refused,
        r#"the sentence "an order was placed" leaves out the field `total` of `Placed`: add {total}"#
    );
    let words = Words::default().say("Placed", "an order of {total} and {tip}");
    assert!(vocabulary::<OrderEvent>(&words).unwrap_err().to_string().contains("{tip}"));
    let words = Words::default().say("order.Closed", "it is over").say("payment.Closed", "it is over");
    assert!(matches!(vocabulary::<ShopEvent>(&words), Err(VocabularyError::Ambiguous { .. })));
    let words = Words::default().say("Two", "{0}{1}");
    assert!(vocabulary::<Spice>(&words).is_err(), "nothing says where one ends and the other begins");
}

#[test]
fn types_that_hide_their_names_are_refused_by_name() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Hidden {
        Number(u32),
        Text(String),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Opened,
        Noted { what: Hidden },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct More {
        more: u32,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Flat {
        Noted {
            less: u32,
            #[serde(flatten)]
            more: More,
        },
    }
    for refused in [
        vocabulary::<Event>(&Words::default()).unwrap_err().to_string(),
        vocabulary::<Flat>(&Words::default()).unwrap_err().to_string(),
    ] {
        assert!(refused.contains("Noted"), "{refused}");
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        Opened,
    }
    assert!(vocabulary::<Tagged>(&Words::default()).unwrap_err().to_string().contains("internally tagged"));
}

/// A reading that took the square of a phrase's length would take minutes here, and one that tried all ways for ever.
#[test]
fn long_phrases_are_read_or_refused() {
    let words = Words::default().say("Two", "{0} and {1} and more").say("Map", "{0} and");
    let n = 60_000;
    let rep = |s: &str| s.repeat(n / s.len());
    for (is_read, text) in [
        (true, format!("prefix, total 1, total amount 2, amount {}and 3", rep("1, "))),
        (false, format!("prefix, total 1, total amount 2, amount {}3", rep("1, "))),
        (true, format!("lists, lists {}and none, no deep, no texts, after", rep("none, "))),
        (true, format!("options, of list {}and none", rep("none, "))),
        (false, format!("options, no one, of list {}", rep("none, no list, "))),
        (false, format!("lists, deep {}", rep("("))),
        (false, format!("lists, deep {}none{}", "(".repeat(n / 2), ")".repeat(n / 2))),
        (false, format!("spices, spices {}salt", rep("salt and "))),
        (false, format!("spices, spices {}and salt", rep("salt, pepper, "))),
        (false, format!("spices, {}", rep("spice salt, "))),
        (false, format!("limit, {}", rep("no limit, "))),
        (false, format!("prefix, {}", rep("total amount 1, "))),
        (false, format!("text {}", rep("\""))),
        (false, rep("a and ")),
        (false, format!("text \"{}", rep("a"))),
        (false, format!("big {}", rep("9"))),
        (false, format!("float {}", rep("9"))),
        (false, format!("text {}", rep(" "))),
        (false, format!("maps, numbers ({}", rep("1: 2, "))),
        (false, format!("maps, numbers ({}", rep("1: (2, 3 and 4), "))),
        (false, format!("records, addresses {}(city \"x\")", rep("(city \"x\", no floor), "))),
        (false, format!("records, rows {}((city \"x\"))", rep("((city \"x\", no floor)), "))),
        (false, rep(",")),
        (false, rep("a: ")),
        (false, rep("nothing ")),
    ] {
        assert_eq!(message::read::<Any>(&text, &words).is_ok(), is_read, "{}", &text[..60]);
    }
}

#[test]
fn a_vocabulary_says_which_values_there_are() {
    let entries = vocabulary::<Spice>(&Words::default()).unwrap();
    assert!(entries.iter().all(|entry| entry.choices.is_empty()), "the messages themselves are listed");
    #[derive(Serialize, Deserialize)]
    enum Kitchen {
        Seasoned { with_spice: Spice, last: Option<Spice> },
        Emptied(Spice),
    }
    let entries = vocabulary::<Kitchen>(&Words::default().say("salt and pepper", "both")).unwrap();
    let fields: Vec<&str> = entries[0].choices.iter().map(|choice| &*choice.field).collect();
    assert_eq!(fields, ["with spice", "last"]);
    let values = ["salt", "both", "pepper", "none", "number", "mixed", "two"];
    assert_eq!(entries[0].choices[0].values, values);
    assert_eq!(
        (&*entries[1].choices[0].field, &*entries[1].choices[0].values),
        ("", &values.map(String::from)[..])
    );
}

#[test]
fn fields_may_be_in_any_order() {
    let words = Words::default();
    let orders = [
        "Options, no one, list 1 and 2, no unit, of list 3 and (1 and 2)",
        "options, of list 3 and (1 and 2), no unit, list 1 and 2, no one",
        "options, list 1 and 2, of list 3 and (1 and 2), no one, no unit",
    ];
    let read = orders.map(|order| message::read::<Any>(order, &words).unwrap());
    let of_list = vec![Some(vec![3]), Some(vec![1, 2])];
    assert_eq!(read[0], Any::Options { one: None, list: Some(vec![1, 2]), unit: None, of_list });
    assert!(read.iter().all(|any| *any == read[0]));
}

/// Each phrase with one letter of its name left out, changed or twice.
fn one_letter_off(phrase: &str, name: &str) -> Vec<String> {
    let at = phrase.find(name).unwrap();
    let mut wrong = Vec::new();
    for (offset, char) in name.char_indices().filter(|(_, char)| char.is_alphabetic()) {
        let (from, to) = (at + offset, at + offset + char.len_utf8());
        let instead = if char == 'q' { 'x' } else { 'q' };
        wrong.push(format!("{}{}", &phrase[..from], &phrase[to..]));
        wrong.push(format!("{}{instead}{}", &phrase[..from], &phrase[to..]));
        wrong.push(format!("{}{char}{}", &phrase[..to], &phrase[to..]));
    }
    wrong
}

fn every_slip_finds_its_name<T: Message>(named: fn(&str) -> String) -> usize {
    let words = Words::default();
    let entries = vocabulary::<T>(&words).unwrap();
    let mut slips = 0;
    for entry in &entries {
        for wrong in one_letter_off(&entry.phrase, &named(entry.name.leaf())) {
            // A slip may make another message of it: "sent" of "send".
            let Err(fault) = message::read::<T>(&wrong, &words) else { continue };
            let said = fault.to_string();
            assert!(said.contains(&entry.phrase), "{wrong}: {said}");
            slips += 1;
        }
    }
    slips
}

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/order/model.rs"]
#[allow(dead_code)]
mod order;

#[test]
fn one_wrong_letter_in_a_name_finds_the_name() {
    let spaced = |leaf: &str| {
        let mut words = String::new();
        for char in leaf.chars() {
            if char.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(char.to_lowercase());
        }
        words
    };
    let slips = every_slip_finds_its_name::<account::Command>(spaced)
        + every_slip_finds_its_name::<account::Event>(spaced)
        + every_slip_finds_its_name::<account::Rejection>(spaced)
        // Under umbrellas and behind keys.
        + every_slip_finds_its_name::<TownEvent>(spaced)
        + every_slip_finds_its_name::<Keyed<u32, order::OrderCommand>>(spaced)
        + every_slip_finds_its_name::<Keyed<u32, order::OrderEvent>>(spaced)
        + every_slip_finds_its_name::<Keyed<String, order::PaymentRejection>>(spaced);
    assert!(slips > 500, "{slips}");
}
