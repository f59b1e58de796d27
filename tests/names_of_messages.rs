//! The names of messages are read through serde; where serde does not tell a name for sure, the type is refused with a
//! sentence.

use leftfold::message::{self, Message, Name, NameError, Phrase};
use leftfold::{Either, Keyed, ProcessRejection, keyed, sum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

fn name<T: Message>(message: &T) -> String {
    message::name(message).unwrap().to_string()
}

fn names<T: Message>() -> Vec<String> {
    message::names::<T>().unwrap().iter().map(Name::to_string).collect()
}

// ------------------------------------------------------------------------------------------------ plain types

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum OrderEvent {
    Opened,
    Placed { total: u32 },
    Moved(u32, u32),
    Tagged(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaymentEvent {
    PaidIn {
        amount: u32,
    },
    #[serde(rename = "given back")]
    Refunded(u32),
    Opened,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ring;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Knocked {
    times: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "shouted")]
struct Shouted(String, u8);

#[test]
fn every_form_of_a_variant_has_its_name() {
    assert_eq!(name(&OrderEvent::Opened), "Opened");
    assert_eq!(name(&OrderEvent::Placed { total: 1 }), "Placed");
    assert_eq!(name(&OrderEvent::Moved(1, 2)), "Moved");
    assert_eq!(name(&OrderEvent::Tagged("rare".into())), "Tagged");
    assert_eq!(names::<OrderEvent>(), ["Opened", "Placed", "Moved", "Tagged"]);
}

#[test]
fn names_are_those_that_serde_writes() {
    assert_eq!(name(&PaymentEvent::PaidIn { amount: 1 }), "paid_in");
    assert_eq!(name(&PaymentEvent::Refunded(1)), "given back");
    assert_eq!(names::<PaymentEvent>(), ["paid_in", "given back", "opened"]);
}

#[test]
fn a_struct_is_a_message_of_one_name() {
    assert_eq!((name(&Ring), names::<Ring>()), ("Ring".into(), vec!["Ring".into()]));
    assert_eq!(name(&Knocked { times: 2 }), "Knocked");
    assert_eq!(names::<Knocked>(), ["Knocked"]);
    assert_eq!(name(&Shouted("hey".into(), 2)), "shouted");
    assert_eq!(names::<Shouted>(), ["shouted"]);
}

#[test]
fn a_struct_whose_first_field_is_an_enum_is_a_struct() {
    mod state {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(super) enum Delivery {
            Late,
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Delivery {
        delivery: state::Delivery,
        of: u32,
    }
    let late = Delivery { delivery: state::Delivery::Late, of: 1 };
    assert_eq!(name(&late), "Delivery");
    assert_eq!(names::<Delivery>(), ["Delivery"]);
}

#[test]
fn names_look_through_a_newtype() {
    #[derive(Serialize, Deserialize)]
    struct Recorded(OrderEvent);
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Plain {
        event: OrderEvent,
    }
    assert_eq!(name(&Recorded(OrderEvent::Opened)), "Opened");
    assert_eq!(names::<Recorded>(), names::<OrderEvent>());
    assert_eq!(name(&Plain { event: OrderEvent::Opened }), "Opened");
    assert_eq!(names::<Plain>(), names::<OrderEvent>());
    assert_eq!(name(&Box::new(OrderEvent::Opened)), "Opened");
}

#[test]
fn a_variant_that_serde_skips_is_no_name() {
    #[derive(Serialize, Deserialize)]
    enum Event {
        Opened,
        #[serde(skip)]
        #[allow(dead_code)]
        Internal,
        Closed,
    }
    assert_eq!(names::<Event>(), ["Opened", "Closed"]);
    assert_eq!(name(&Event::Closed), "Closed");
    let refused = message::name(&Event::Internal).unwrap_err().to_string();
    assert!(refused.contains("Serialize"), "{refused}");
}

// ---------------------------------------------------------------------------------------------- compositions

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum ShopEvent { Order(OrderEvent), Payment(PaymentEvent) }
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum TownEvent { MainShop(ShopEvent), Bell(Ring), Doors(Keyed<u32, Knocked>) }
}

#[test]
fn a_name_inside_a_sum_is_a_path() {
    let event = TownEvent::MainShop(ShopEvent::Payment(PaymentEvent::Refunded(3)));
    let path = message::name(&event).unwrap();
    assert_eq!(path.to_string(), "main_shop.payment.given back");
    assert_eq!(path.leaf(), "given back");
    assert_eq!(path.path().collect::<Vec<_>>(), ["MainShop", "Payment"]);
    assert_eq!(name(&TownEvent::Bell(Ring)), "bell.Ring");
    assert_eq!(
        names::<TownEvent>(),
        [
            "main_shop.order.Opened",
            "main_shop.order.Placed",
            "main_shop.order.Moved",
            "main_shop.order.Tagged",
            "main_shop.payment.paid_in",
            "main_shop.payment.given back",
            "main_shop.payment.opened",
            "bell.Ring",
            "doors.Knocked",
        ]
    );
}

#[test]
fn the_same_leaf_in_two_parts_of_a_sum_is_seen_twice() {
    #[derive(Serialize, Deserialize)]
    enum Till {
        Opened,
    }
    sum! { enum Market { Order(OrderEvent), Till(Till) } }
    let all = message::names::<Market>().unwrap();
    let opened: Vec<String> =
        all.iter().filter(|name| name.leaf() == "Opened").map(Name::to_string).collect();
    assert_eq!(opened, ["order.Opened", "till.Opened"]);
    assert_eq!(name(&Market::Till(Till::Opened)), "till.Opened");
}

#[test]
fn a_key_is_no_part_of_the_name() {
    let event = keyed(7, ShopEvent::Order(OrderEvent::Opened));
    assert_eq!(name(&event), "order.Opened");
    assert_eq!(names::<Keyed<u32, ShopEvent>>(), names::<ShopEvent>());
    assert_eq!(name(&TownEvent::Doors(keyed(7, Knocked { times: 1 }))), "doors.Knocked");
    assert_eq!(name(&keyed(1, keyed(2, OrderEvent::Opened))), "Opened");
}

#[test]
fn either_leaves_no_trace_in_a_name() {
    type Both = Either<OrderEvent, Either<PaymentEvent, Ring>>;
    assert_eq!(name(&Both::Left(OrderEvent::Opened)), "Opened");
    assert_eq!(name(&Both::Right(Either::Left(PaymentEvent::Refunded(1)))), "given back");
    assert_eq!(name(&Both::Right(Either::Right(Ring))), "Ring");
    assert_eq!(
        names::<Both>(),
        ["Opened", "Placed", "Moved", "Tagged", "paid_in", "given back", "opened", "Ring"]
    );
}

#[test]
fn the_rejection_of_a_process_is_named_as_the_one_inside() {
    type Refusal = ProcessRejection<PaymentEvent, OrderEvent>;
    assert_eq!(name(&Refusal::Refused(PaymentEvent::Opened)), "opened");
    let unsettled = Refusal::Unsettled { bound: 5, last: OrderEvent::Opened };
    assert_eq!(name(&unsettled), "Unsettled");
    assert_eq!(
        names::<Refusal>(),
        ["paid_in", "given back", "opened"],
        "the kit's own are none of the model's"
    );
}

#[test]
fn sums_and_wrappers_are_read_as_they_were_written() {
    fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: T, json: &str) {
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), message);
    }
    round(
        TownEvent::MainShop(ShopEvent::Order(OrderEvent::Placed { total: 3 })),
        r#"{"MainShop":{"Order":{"Placed":{"total":3}}}}"#,
    );
    round(TownEvent::Bell(Ring), r#"{"Bell":null}"#);
    round(TownEvent::Doors(keyed(7, Knocked { times: 2 })), r#"{"Doors":{"key":7,"message":{"times":2}}}"#);
    round(
        Either::<OrderEvent, PaymentEvent>::Right(PaymentEvent::PaidIn { amount: 1 }),
        r#"{"Right":{"paid_in":{"amount":1}}}"#,
    );
    round(keyed("a".to_string(), OrderEvent::Opened), r#"{"key":"a","message":"Opened"}"#);
    round(
        ProcessRejection::<PaymentEvent, OrderEvent>::Refused(PaymentEvent::Opened),
        r#"{"Refused":"opened"}"#,
    );
    let unknown = serde_json::from_str::<ShopEvent>(r#"{"Stock":"Opened"}"#).unwrap_err().to_string();
    assert!(unknown.contains("unknown variant `Stock`, expected `Order` or `Payment`"), "{unknown}");
}

// -------------------------------------------------------------------------------------------------- refusals

/// What both questions answer: the name of a value, and all names of its type.
fn refusals<T: Message>(message: &T) -> [NameError; 2] {
    [message.name().unwrap_err(), T::names().unwrap_err()]
}

#[test]
fn an_internally_tagged_enum_is_refused() {
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        Opened,
        Placed { total: u32 },
        Wrapped(Knocked),
    }
    for tagged in [Tagged::Opened, Tagged::Placed { total: 1 }, Tagged::Wrapped(Knocked { times: 1 })] {
        for refused in refusals(&tagged) {
            let sentence = refused.to_string();
            assert!(matches!(refused, NameError::Tagged { .. }), "{sentence}");
            assert!(sentence.contains("Tagged` is an internally tagged or untagged enum"), "{sentence}");
            assert!(sentence.contains("leave out the container attribute"), "{sentence}");
        }
    }
}

#[test]
fn an_adjacently_tagged_enum_is_refused() {
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "type", content = "data")]
    enum Adjacent {
        Opened,
        Placed { total: u32 },
    }
    #[derive(Serialize, Deserialize)]
    #[serde(tag = "type", content = "data", rename = "under another name")]
    enum Renamed {
        Opened,
    }
    for refused in refusals(&Adjacent::Opened)
        .into_iter()
        .chain(refusals(&Adjacent::Placed { total: 1 }))
        .chain(refusals(&Renamed::Opened))
    {
        let sentence = refused.to_string();
        assert!(matches!(refused, NameError::Tagged { .. }), "{sentence}");
        assert!(sentence.contains("is an adjacently tagged enum"), "{sentence}");
    }
}

#[test]
fn an_untagged_enum_is_refused_alone_and_inside_a_sum() {
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Placed { total: u32 },
        Bare(u32),
    }
    sum! { enum Both { Order(OrderEvent), Other(Untagged) } }
    let refused = refusals(&Untagged::Placed { total: 1 })
        .into_iter()
        .chain(refusals(&Untagged::Bare(1)))
        .chain(refusals(&Both::Other(Untagged::Bare(1))))
        .chain(refusals(&Both::Other(Untagged::Placed { total: 1 })));
    for refused in refused {
        assert!(matches!(refused, NameError::Tagged { .. }), "{refused}");
    }
}

#[test]
fn an_alias_is_refused_with_all_names() {
    #[derive(Serialize, Deserialize)]
    enum Aliased {
        #[serde(alias = "Begun")]
        Opened,
        Closed,
    }
    for refused in refusals(&Aliased::Closed).into_iter().chain(refusals(&Aliased::Opened)) {
        assert!(matches!(refused, NameError::Alias { .. }), "{refused:?}");
        let sentence = refused.to_string();
        assert!(sentence.contains("Begun") && sentence.contains("upcasters"), "{sentence}");
    }
}

#[test]
fn a_name_that_is_written_but_not_read_is_refused() {
    #[derive(Serialize, Deserialize)]
    enum Split {
        #[serde(rename(serialize = "opened", deserialize = "begun"))]
        Opened,
        Closed,
    }
    #[derive(Serialize, Deserialize)]
    #[serde(rename(serialize = "written", deserialize = "read"))]
    struct SplitStruct;
    assert_eq!(name(&Split::Closed), "Closed");
    let refused = message::name(&Split::Opened).unwrap_err();
    assert!(matches!(&refused, NameError::Split { written, .. } if written == "opened"), "{refused:?}");
    assert!(
        refused
            .to_string()
            .ends_with("writes `opened`, but reads only begun, Closed: the two names must be one")
    );
    let refused = message::name(&SplitStruct).unwrap_err();
    assert!(matches!(refused, NameError::Split { .. }), "{refused:?}");
}

#[test]
fn what_is_no_message_is_refused_with_what_it_is() {
    fn refused<T: Message>(message: &T, is: &str) {
        for refused in refusals(message) {
            let sentence = refused.to_string();
            assert!(matches!(refused, NameError::NoMessage { .. }), "{sentence}");
            assert!(sentence.contains(&format!("is {is} to serde")), "{sentence}");
            assert!(sentence.contains("of your own"), "{sentence}");
        }
    }
    refused(&"text".to_string(), "a string");
    refused(&7_u32, "a number");
    refused(&true, "a bool");
    refused(&vec![OrderEvent::Opened], "a sequence");
    refused(&Some(OrderEvent::Opened), "an option");
    refused(&None::<OrderEvent>, "an option");
    refused(&(OrderEvent::Opened, 1), "a tuple");
    refused(&BTreeMap::from([(1, 2)]), "a map");
    refused(&(), "a unit");
    refused(&keyed(1, 2), "a number");
}

// ------------------------------------------------------------------------------------------- names by hand

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

#[test]
fn a_type_outside_serde_names_itself() {
    assert_eq!(name(&Nudge), "Nudge");
    assert_eq!(names::<Nudge>(), ["Nudge"]);
    assert_eq!(message::phrase(&Nudge).to_string(), "give it a nudge");
}

#[test]
fn a_sum_of_parts_without_serde_is_a_sum_all_the_same() {
    use leftfold::message::Umbrella;

    #[derive(Debug, PartialEq)]
    struct Outside;
    sum! { #[derive(Debug, PartialEq)] enum Mixed { Serde(OrderEvent), Bare(Outside) } }
    let mixed = Mixed::from(Outside);
    let part: Option<&Outside> = mixed.part();
    assert_eq!(part, Some(&Outside));
    assert_eq!(Mixed::wrap(OrderEvent::Opened), Mixed::Serde(OrderEvent::Opened));
}

// ------------------------------------------------------------------------------------------ structs of one field

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Deposited(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Money(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "taken out")]
struct Withdrawn(Money);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Noted(Option<OrderEvent>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tagging<T>(Vec<T>);

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum TillEvent { In(Deposited), Out(Withdrawn), Note(Noted), Tags(Tagging<String>), Order(OrderEvent) }
}

#[test]
fn a_struct_of_one_field_is_a_message_of_its_name() {
    assert_eq!((name(&Deposited(1)), names::<Deposited>()), ("Deposited".into(), vec!["Deposited".into()]));
    assert_eq!(name(&Withdrawn(Money(1))), "taken out");
    assert_eq!(names::<Withdrawn>(), ["taken out"]);
    assert_eq!(name(&Noted(None)), "Noted");
    assert_eq!(name(&Noted(Some(OrderEvent::Opened))), "Noted", "whatever stands in the option");
    assert_eq!(name(&Tagging(vec![1])), "Tagging");
    assert_eq!(name(&Box::new(Deposited(1))), "Deposited");
    let all = ["in.Deposited", "out.taken out", "note.Noted", "tags.Tagging", "order.Opened"];
    assert_eq!(names::<TillEvent>()[..5], all);
    assert_eq!(name(&TillEvent::Out(Withdrawn(Money(2)))), "out.taken out");
    assert_eq!(name(&keyed(1, Deposited(2))), "Deposited");
    assert_eq!(names::<Either<Keyed<u8, Deposited>, Withdrawn>>(), ["Deposited", "taken out"]);
}

#[test]
fn a_struct_of_one_field_is_said_by_its_name() {
    for (message, said) in [
        (TillEvent::In(Deposited(5)), "deposited 5"),
        (TillEvent::Out(Withdrawn(Money(5))), "taken out 5"),
        (TillEvent::Note(Noted(None)), "noted none"),
        (TillEvent::Tags(Tagging(vec!["a".into(), "b".into()])), "tagging \"a\" and \"b\""),
    ] {
        assert_eq!(message::phrase(&message).to_string(), said);
    }
}

#[test]
fn a_struct_of_one_field_comes_back_from_a_log_and_a_wrapper_leaves_no_trace() {
    use leftfold::codec::{Codec, EventCodec, StoredEvent};
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(TillEvent);

    let codec = Codec::<Wrapped>::new().unwrap();
    for (event, event_type, data) in [
        (TillEvent::In(Deposited(5)), "Deposited", "5"),
        (TillEvent::Out(Withdrawn(Money(5))), "taken out", "5"),
        (TillEvent::Note(Noted(None)), "Noted", "null"),
        (TillEvent::Note(Noted(Some(OrderEvent::Placed { total: 1 }))), "Noted", r#"{"Placed":{"total":1}}"#),
        (TillEvent::Tags(Tagging(vec!["a".into()])), "Tagging", r#"["a"]"#),
        (TillEvent::Order(OrderEvent::Moved(1, 2)), "Moved", "[1,2]"),
    ] {
        let event = Wrapped(event);
        let mut written = Vec::new();
        let (written_type, schema) = codec.encode(&event, &mut written).unwrap();
        assert_eq!((&*written_type, std::str::from_utf8(&written).unwrap()), (event_type, data));
        let mut read = Vec::new();
        let stored = StoredEvent { event_type: &written_type, schema, data: data.as_bytes() };
        codec.decode(stored, &mut |_, event| read.push(event)).unwrap();
        assert_eq!(read, [event]);
    }
}
