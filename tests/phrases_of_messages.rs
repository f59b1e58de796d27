//! A message is said as people would say it: no syntax of any language, and words of their own where the plain rule
//! does not serve.

use leftfold::message::{self, Message, Name, NameError, Phrase, Words};
use leftfold::{Either, Keyed, ProcessRejection, keyed, sum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

fn said<T: Message>(message: &T) -> String {
    message::phrase(message).to_string()
}

#[derive(Serialize, Deserialize)]
enum OrderEvent {
    Opened,
    Placed { total: u32 },
}

#[derive(Serialize, Deserialize)]
struct Ring;

#[derive(Serialize, Deserialize)]
struct Knocked {
    times: u8,
}

sum! { enum ShopEvent { Order(OrderEvent), Bell(Ring) } }
sum! { enum TownEvent { MainShop(ShopEvent), Doors(Keyed<u32, Knocked>) } }

#[derive(Clone, Serialize, Deserialize)]
struct Address {
    city: String,
    floor: Option<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
enum Kind {
    Private,
    Business { name: String },
    Number(u8),
}

#[derive(Clone, Serialize, Deserialize)]
enum Command {
    OpenAccount { owner: String, joint: bool, limit: Option<u32> },
    Move { to: Address },
    Add { lines: Vec<String> },
    Visit { addresses: Vec<Address> },
    Price { prices: BTreeMap<String, u32> },
    Become { kind: Kind },
    SetLimit(Option<u32>),
    Transfer(u32, String),
    CloseAccount,
}

#[test]
fn fields_are_said_as_phrases() {
    let open = |joint, limit| Command::OpenAccount { owner: "Petra".into(), joint, limit };
    assert_eq!(said(&open(true, None)), r#"open account, owner "Petra", joint, no limit"#);
    assert_eq!(said(&open(false, Some(5))), r#"open account, owner "Petra", not joint, limit 5"#);
    assert_eq!(said(&Command::CloseAccount), "close account");
    assert_eq!(said(&Command::Transfer(5, "Kai".into())), r#"transfer 5, "Kai""#);
    assert_eq!(said(&Command::SetLimit(Some(5))), "set limit 5");
    assert_eq!(said(&Command::SetLimit(None)), "set limit none");
    assert_eq!(said(&Knocked { times: 2 }), "knocked, times 2");
    assert_eq!(said(&Ring), "ring");
}

#[test]
fn lists_maps_and_values_within_values_are_said() {
    let bonn = Address { city: "Bonn".into(), floor: Some(2) };
    let ulm = Address { city: "Ulm".into(), floor: None };
    let lines = |lines: &[&str]| Command::Add { lines: lines.iter().map(ToString::to_string).collect() };
    assert_eq!(said(&Command::Move { to: bonn.clone() }), r#"move, to (city "Bonn", floor 2)"#);
    assert_eq!(said(&lines(&[])), "add, no lines");
    assert_eq!(said(&lines(&["tea"])), r#"add, lines "tea""#);
    assert_eq!(said(&lines(&["tea", "rice", "salt"])), r#"add, lines "tea", "rice" and "salt""#);
    assert_eq!(
        said(&Command::Visit { addresses: vec![bonn, ulm] }),
        r#"visit, addresses (city "Bonn", floor 2) and (city "Ulm", no floor)"#
    );
    let prices = BTreeMap::from([("tea".to_string(), 3), ("rice".to_string(), 2)]);
    assert_eq!(said(&Command::Price { prices }), r#"price, prices ("rice": 2, "tea": 3)"#);
    let become_kind = |kind| Command::Become { kind };
    assert_eq!(said(&become_kind(Kind::Private)), "become, kind private");
    assert_eq!(said(&become_kind(Kind::Number(3))), "become, kind number 3");
    let business = Kind::Business { name: "Tea & Co".into() };
    assert_eq!(said(&become_kind(business)), r#"become, kind business (name "Tea & Co")"#);
}

#[test]
fn a_map_says_its_keys_whatever_they_are() {
    #[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    struct Tool(u32);
    #[derive(Serialize)]
    struct Lent {
        lent: BTreeMap<u32, Address>,
    }
    let numbers = BTreeMap::from([(5, 6), (7, 8)]);
    assert_eq!(message::said(&numbers), "5: 6, 7: 8");
    assert_eq!(message::said(&BTreeMap::from([(-5, true), (7, false)])), "-5: yes, 7: no");
    assert_eq!(message::said(&BTreeMap::from([(Tool(5), 6)])), "5: 6");
    assert_eq!(message::said(&BTreeMap::from([((1, 2), vec![3, 4])])), "(1 and 2): (3 and 4)");
    assert_eq!(message::said(&BTreeMap::from([("5", 6), ("", 7)])), r#""": 7, "5": 6"#);
    assert_eq!(message::said(&BTreeMap::from([("a", 6), ("7", 8)])), r#""7": 8, "a": 6"#);
    assert_eq!(message::said(&BTreeMap::from([("a", 6)])), r#""a": 6"#);
    let nested = BTreeMap::from([(1, numbers.clone()), (2, BTreeMap::new())]);
    assert_eq!(message::said(&nested), "1: (5: 6, 7: 8), 2: none");
    assert_eq!(message::said(&vec![numbers.clone(), numbers.clone()]), "(5: 6, 7: 8) and (5: 6, 7: 8)");
    let lent = BTreeMap::from([(3, Address { city: "Bonn".into(), floor: Some(2) })]);
    assert_eq!(message::said(&Lent { lent: lent.clone() }), r#"lent (3: (city "Bonn", floor 2))"#);
    // As the content of a message, too.
    #[derive(Serialize, Deserialize)]
    enum Stock {
        Counted(BTreeMap<u32, u32>),
        Named(BTreeMap<String, u32>),
    }
    let counted = Stock::Counted(BTreeMap::from([(5, 6), (7, 8)]));
    assert_eq!(message::phrase(&counted).to_string(), "counted 5: 6, 7: 8");
    let named = Stock::Named(BTreeMap::from([("a".to_string(), 6)]));
    assert_eq!(message::phrase(&named).to_string(), r#"named "a": 6"#);
}

#[test]
fn compositions_are_said_without_a_trace_of_their_types() {
    let placed = ShopEvent::Order(OrderEvent::Placed { total: 3 });
    assert_eq!(said(&placed), "placed, total 3");
    assert_eq!(said(&keyed(7, placed)), "7: placed, total 3", "whose key it is says the umbrella around it");
    assert_eq!(said(&keyed("Petra".to_string(), OrderEvent::Opened)), "Petra: opened");
    assert_eq!(said(&TownEvent::Doors(keyed(7, Knocked { times: 2 }))), "doors 7: knocked, times 2");
    assert_eq!(said(&Either::<OrderEvent, Ring>::Right(Ring)), "ring");
    assert_eq!(said(&ProcessRejection::<Knocked, Ring>::Refused(Knocked { times: 1 })), "knocked, times 1");
}

#[test]
fn words_of_their_own_stand_before_the_plain_rule() {
    let words = Words::default()
        .say("OpenAccount", "{owner} opens an account ({limit}, joint: {joint})")
        .say("SetLimit", "the limit is {0}")
        .say("Transfer", "{0} to {1}")
        .say("order.Placed", "an order of {total}")
        .say("Placed", "never said: the path is nearer")
        .say("Opened", "it began");
    let say = |phrase: Phrase| phrase.say(&words);
    let open = Command::OpenAccount { owner: "Petra".into(), joint: true, limit: None };
    assert_eq!(say(message::phrase(&open)), "Petra opens an account (none, joint: yes)");
    assert_eq!(say(message::phrase(&Command::SetLimit(None))), "the limit is none");
    assert_eq!(say(message::phrase(&Command::Transfer(5, "Kai".into()))), "5 to Kai");
    let placed = ShopEvent::Order(OrderEvent::Placed { total: 3 });
    assert_eq!(say(message::phrase(&placed)), "an order of 3");
    assert_eq!(say(message::phrase(&keyed(7, placed))), "7: an order of 3");
    assert_eq!(say(message::phrase(&ShopEvent::Order(OrderEvent::Opened))), "it began");
    assert_eq!(say(message::phrase(&Command::CloseAccount)), "close account");
}

#[test]
fn a_text_with_braces_is_not_taken_for_a_field() {
    let words = Words::default().say("Transfer", "{0} to {1}, {2}");
    let curious = Command::Transfer(5, "{0} {1}".into());
    assert_eq!(message::phrase(&curious).say(&words), r#"5 to "{0} {1}", {2}"#);
    let words = Words::default().say("OpenAccount", "{limit} for {owner}");
    let curious = Command::OpenAccount { owner: "{limit}{joint}".into(), joint: true, limit: Some(1) };
    assert_eq!(message::phrase(&curious).say(&words), r#"1 for "{limit}{joint}""#);
}

#[test]
fn a_rejection_of_a_process_is_said_as_the_one_inside() {
    type Refusal = ProcessRejection<Knocked, OrderEvent>;
    assert_eq!(said(&Refusal::Refused(Knocked { times: 1 })), "knocked, times 1");
    let unsettled = Refusal::Unsettled { bound: 5, last: OrderEvent::Opened };
    assert_eq!(said(&unsettled), "unsettled, bound 5, last opened");
}

#[test]
fn a_type_outside_serde_says_itself() {
    struct Nudge;

    impl Message for Nudge {
        fn name(&self) -> Result<Name, NameError> {
            Ok(Name::leaf_only("Nudge"))
        }

        fn names() -> Result<Vec<Name>, NameError> {
            Ok(vec![Name::leaf_only("Nudge")])
        }

        fn phrase(&self) -> Phrase {
            Phrase::new("Nudge", "give it a nudge")
        }
    }

    assert_eq!(said(&Nudge), "give it a nudge");
    let words = Words::default().say("Nudge", "push a little");
    assert_eq!(message::phrase(&Nudge).say(&words), "push a little");
}
