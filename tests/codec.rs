//! What a codec writes reads back as the same event; what would not is refused on writing.

use leftfold::codec::{
    Codec, CodecError, EventCodec, InvalidCodec, KnownOrRaw, RawCodec, RawEvent, StoredEvent,
};
use leftfold::message::{self, Message};
use leftfold::{Either, Keyed, keyed, sum};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Way {
    Foot,
    Bicycle(u8),
    Train { from: String, to: String },
    Twice(Box<Way>, Box<Way>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum OrderEvent {
    Opened,
    Placed { total: u64, note: Option<String>, lines: Vec<(String, i32)> },
    Moved(i64, Way),
    Weighed(f64),
    Counted(BTreeMap<i16, f32>),
    Remarked(Option<String>),
    Numbered(u128, i128),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Paid {
    amount: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<char>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rung;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point(i8, i8);

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum Rest { Paid(Paid), Bell(Rung), Place(Point) }
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum Shop { Order(OrderEvent), Rest(Rest) }
}

fn codec<E: Serialize + DeserializeOwned>() -> Codec<E> {
    Codec::new().unwrap()
}

/// What an event is written as: its type and its content.
fn written<E>(codec: &impl EventCodec<E>, event: &E) -> Result<(String, String), CodecError> {
    let mut data = b"before ".to_vec();
    let (event_type, _) = codec.encode(event, &mut data)?;
    let data = String::from_utf8(data).unwrap();
    Ok((event_type.to_string(), data.strip_prefix("before ").unwrap().to_string()))
}

fn read<E>(codec: &impl EventCodec<E>, event_type: &str, data: &str) -> Result<Vec<E>, CodecError> {
    let mut events = Vec::new();
    let stored = StoredEvent { event_type, schema: 1, data: data.as_bytes() };
    codec.decode(stored, &mut |named, event| {
        assert_eq!(&**named, event_type);
        events.push(event);
    })?;
    Ok(events)
}

fn unwritable<E: Serialize + DeserializeOwned>(event: &E) -> String {
    match written(&codec::<E>(), event) {
        Err(CodecError::Unwritable { why, .. }) => why,
        other => panic!("it was written: {other:?}"),
    }
}

// ------------------------------------------------------------------------------------------------ round trips

fn way() -> impl Strategy<Value = Way> {
    let leaf = prop_oneof![
        Just(Way::Foot),
        any::<u8>().prop_map(Way::Bicycle),
        (any::<String>(), any::<String>()).prop_map(|(from, to)| Way::Train { from, to }),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        (inner.clone(), inner).prop_map(|(one, other)| Way::Twice(Box::new(one), Box::new(other)))
    })
}

fn finite() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |number| number.is_finite())
}

fn shop() -> impl Strategy<Value = Shop> {
    let lines = prop::collection::vec((any::<String>(), any::<i32>()), 0..4);
    let counted = prop::collection::btree_map(any::<i16>(), any::<f32>(), 0..4);
    let order =
        prop_oneof![
            Just(OrderEvent::Opened),
            (any::<u64>(), any::<Option<String>>(), lines)
                .prop_map(|(total, note, lines)| OrderEvent::Placed { total, note, lines }),
            (any::<i64>(), way()).prop_map(|(by, way)| OrderEvent::Moved(by, way)),
            finite().prop_map(OrderEvent::Weighed),
            counted
                .prop_filter("finite", |counted| counted.values().all(|number| number.is_finite()))
                .prop_map(OrderEvent::Counted),
            any::<Option<String>>().prop_map(OrderEvent::Remarked),
            (any::<u128>(), any::<i128>()).prop_map(|(one, other)| OrderEvent::Numbered(one, other)),
        ];
    prop_oneof![
        order.prop_map(Shop::Order),
        (any::<u32>(), any::<Option<char>>())
            .prop_map(|(amount, by)| Shop::Rest(Rest::Paid(Paid { amount, by }))),
        Just(Shop::Rest(Rest::Bell(Rung))),
        (any::<i8>(), any::<i8>()).prop_map(|(x, y)| Shop::Rest(Rest::Place(Point(x, y)))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_event_reads_back_as_itself_from_one_line(event in shop()) {
        let codec = codec::<Shop>();
        let (event_type, data) = written(&codec, &event).unwrap();
        prop_assert!(!data.contains(['\n', '\r']), "{data}");
        let name = message::name(&event).unwrap();
        prop_assert_eq!(name.leaf(), &event_type);
        prop_assert_eq!(read(&codec, &event_type, &data).unwrap(), [event]);
    }

    #[test]
    fn an_event_with_its_key_reads_back_as_itself(key in (any::<i64>(), ".{0,6}"), event in shop()) {
        let codec = codec::<Keyed<(i64, String), Shop>>();
        let event = keyed(key, event);
        let (event_type, data) = written(&codec, &event).unwrap();
        let name = message::name(&event).unwrap();
        prop_assert_eq!(name.leaf(), &event_type);
        prop_assert_eq!(read(&codec, &event_type, &data).unwrap(), [event]);
    }

    #[test]
    fn a_float_reads_back_bit_by_bit(number in finite(), bits in any::<u32>()) {
        let codec = codec::<OrderEvent>();
        let (_, data) = written(&codec, &OrderEvent::Weighed(number)).unwrap();
        let [OrderEvent::Weighed(back)] = &read(&codec, "Weighed", &data).unwrap()[..] else { panic!() };
        prop_assert_eq!(back.to_bits(), number.to_bits());
        let narrow = f32::from_bits(bits);
        prop_assume!(narrow.is_finite());
        let (_, data) = written(&codec, &OrderEvent::Counted([(1, narrow)].into())).unwrap();
        let [OrderEvent::Counted(back)] = &read(&codec, "Counted", &data).unwrap()[..] else { panic!() };
        prop_assert_eq!(back[&1].to_bits(), narrow.to_bits());
    }
}

#[test]
fn the_content_stands_alone() {
    let as_written = |event| written(&codec::<Shop>(), &event).unwrap();
    let told = |event_type: &str, data: &str| (event_type.to_string(), data.to_string());
    assert_eq!(as_written(Shop::Order(OrderEvent::Opened)), told("Opened", "null"));
    assert_eq!(as_written(Shop::Order(OrderEvent::Weighed(0.5))), told("Weighed", "0.5"));
    assert_eq!(as_written(Shop::Order(OrderEvent::Moved(3, Way::Foot))), told("Moved", r#"[3,"Foot"]"#));
    let placed = OrderEvent::Placed { total: 3, note: None, lines: vec![("tea".into(), 2)] };
    let data = r#"{"total":3,"note":null,"lines":[["tea",2]]}"#;
    assert_eq!(as_written(Shop::Order(placed)), told("Placed", data));
    assert_eq!(
        as_written(Shop::Rest(Rest::Paid(Paid { amount: 3, by: None }))),
        told("Paid", r#"{"amount":3}"#)
    );
    assert_eq!(as_written(Shop::Rest(Rest::Bell(Rung))), told("Rung", "null"));
}

#[test]
fn a_model_put_together_in_another_way_reads_the_same_log() {
    let paid = Shop::Rest(Rest::Paid(Paid { amount: 3, by: Some('x') }));
    let (event_type, data) = written(&codec::<Shop>(), &paid).unwrap();
    assert_eq!(read(&codec::<Paid>(), &event_type, &data).unwrap(), [Paid { amount: 3, by: Some('x') }]);
    let beside = read(&codec::<Either<OrderEvent, Rest>>(), &event_type, &data).unwrap();
    assert_eq!(beside, [Either::Right(Rest::Paid(Paid { amount: 3, by: Some('x') }))]);
}

// ------------------------------------------------------------------------------------------------ refusals

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Odd {
    Single(f32),
    Double(Vec<Option<f64>>),
    Byte(BTreeMap<Vec<u8>, u8>),
    Twofold { value: Option<Option<u8>> },
    Void(Option<()>),
    Nested(Nest),
    Choice(BTreeMap<String, Option<Rung>>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nest(Vec<Nest>);

#[test]
fn a_number_that_is_not_finite_is_refused_wherever_it_stands() {
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let why = unwritable(&Odd::Single(number));
        assert!(why.contains("finite numbers only"), "{why}");
    }
    let why = unwritable(&Odd::Double(vec![Some(1.0), None, Some(f64::NAN)]));
    assert_eq!(why, "at `[2]`: it holds the number NaN, and JSON has finite numbers only");
}

#[test]
fn some_of_nothing_is_refused_since_it_reads_back_as_none() {
    for odd in [
        Odd::Twofold { value: Some(None) },
        Odd::Void(Some(())),
        Odd::Choice([("a".to_string(), Some(Rung))].into()),
    ] {
        let why = unwritable(&odd);
        assert!(why.contains("reads back as `None`"), "{why}");
    }
    for fine in [Odd::Twofold { value: None }, Odd::Twofold { value: Some(Some(1)) }, Odd::Void(None)] {
        let (event_type, data) = written(&codec(), &fine).unwrap();
        assert_eq!(read(&codec::<Odd>(), &event_type, &data).unwrap(), [fine]);
    }
}

#[test]
fn a_map_with_keys_that_are_no_texts_is_refused() {
    let why = unwritable(&Odd::Byte([(vec![1], 1)].into()));
    assert!(why.contains("key must be a string"), "{why}");
}

#[test]
fn whatever_is_nested_deeper_than_is_read_is_refused() {
    let nest = |levels: usize| (1..levels).fold(Nest(vec![]), |nest, _| Nest(vec![nest]));
    let deepest = Odd::Nested(nest(127));
    let (event_type, data) = written(&codec(), &deepest).unwrap();
    assert_eq!(read(&codec::<Odd>(), &event_type, &data).unwrap(), [deepest]);
    let why = unwritable(&Odd::Nested(nest(128)));
    assert!(why.contains("deeper than 127 levels"), "{why}");
}

#[derive(Debug, Serialize, Deserialize)]
enum Split {
    #[serde(rename(serialize = "Opened", deserialize = "Begun"))]
    Opened,
    Closed,
}

#[test]
fn a_type_that_is_read_under_another_name_than_it_is_written_is_refused() {
    let why = unwritable(&Split::Opened);
    assert!(why.contains("`Opened`") && why.contains("must be one"), "{why}");
    assert!(written(&codec(), &Split::Closed).is_ok());
}

#[test]
fn types_that_a_log_cannot_tell_apart_are_no_codec() {
    #[derive(Debug, Serialize, Deserialize)]
    enum Door {
        Opened,
    }
    sum! { enum Both { Order(OrderEvent), Door(Door) } }
    let refused = Codec::<Both>::new().unwrap_err();
    assert!(matches!(refused, InvalidCodec::Twice { .. }));
    let told = refused.to_string();
    assert!(told.contains("order.Opened") && told.contains("door.Opened"), "{told}");
}

#[test]
fn names_of_the_store_and_names_without_a_line_are_no_types() {
    #[derive(Debug, Serialize, Deserialize)]
    enum Own {
        #[serde(rename = "$deleted")]
        Deleted,
    }
    let told = Codec::<Own>::new().unwrap_err().to_string();
    assert!(told.contains("$deleted") && told.contains("the store's own"), "{told}");
    #[derive(Debug, Serialize, Deserialize)]
    enum Broken {
        #[serde(rename = "two\nlines")]
        Lines,
    }
    assert!(matches!(Codec::<Broken>::new(), Err(InvalidCodec::Unstorable { .. })));
    let _ = (Own::Deleted, Broken::Lines);
}

#[test]
fn a_key_that_does_not_read_back_is_refused_on_writing() {
    let codec = codec::<Keyed<f64, Rung>>();
    assert_eq!(written(&codec, &keyed(0.5, Rung)).unwrap().1, r#"{"key":0.5,"message":null}"#);
    let refused = written(&codec, &keyed(f64::NAN, Rung)).unwrap_err().to_string();
    assert!(refused.contains("key"), "{refused}");
}

#[test]
fn forms_that_hide_their_names_are_no_codec() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        Opened,
    }
    assert!(matches!(Codec::<Tagged>::new(), Err(InvalidCodec::Unnamed(_))));
    let _ = Tagged::Opened;
}

// ------------------------------------------------------------------------------------------------ reading

#[test]
fn an_unknown_type_is_an_error_that_tells_the_known_ones() {
    let told = read(&codec::<Rest>(), "Painted", "null").unwrap_err();
    assert!(matches!(told, CodecError::Unknown { .. }));
    assert_eq!(told.to_string(), "type Painted (schema 1) is unknown; known are Paid, Rung, Point");
}

#[test]
fn a_newer_schema_is_an_error_and_not_read_as_the_one_that_is_known() {
    let stored = StoredEvent { event_type: "Paid", schema: 2, data: br#"{"amount":1}"# };
    let told = codec::<Rest>().decode(stored, &mut |_, event| panic!("{event:?}")).unwrap_err();
    assert!(matches!(told, CodecError::Newer { schema: 2, newest: 1, .. }), "{told}");
}

#[test]
fn content_that_does_not_fit_is_shown_with_what_the_type_says() {
    let told = read(&codec::<Rest>(), "Paid", r#"{"amount":"many"}"#).unwrap_err().to_string();
    assert!(
        told.starts_with(r#"type Paid (schema 1) does not read {"amount":"many"}: invalid type"#),
        "{told}"
    );
    let told = read(&codec::<Rest>(), "Rung", "null null").unwrap_err().to_string();
    assert!(told.contains("trailing characters"), "{told}");
    let long = format!(r#"{{"amount":"{}"}}"#, "ä".repeat(500));
    let told = read(&codec::<Rest>(), "Paid", &long).unwrap_err().to_string();
    assert!(told.chars().count() < 450 && told.contains("ä … ä"), "{told}");
    assert!(told.contains("expected u32"), "{told}");
}

#[test]
fn reading_never_panics_whatever_stands_in_the_data() {
    for data in ["", "{", "[1", "\u{0}", "nul", "{\"amount\":1e999}", "\"\\ud800\""] {
        for event_type in ["Paid", "Rung", "Point", ""] {
            assert!(read(&codec::<Rest>(), event_type, data).is_err());
        }
    }
    let stored = StoredEvent { event_type: "Paid", schema: 1, data: &[0xff, 0xfe] };
    assert!(codec::<Rest>().decode(stored, &mut |_, _| ()).is_err());
}

// ------------------------------------------------------------------------------------------------ raw events

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Imported {
    Row(Box<RawValue>),
    Maybe { row: Option<Box<RawValue>> },
}

#[test]
fn json_that_is_kept_as_it_stands_is_made_one_line() {
    let raw = RawValue::from_string("{\r\n  \"a\": \"\\n\"\n}".to_string()).unwrap();
    let (event_type, data) = written(&codec(), &Imported::Row(raw)).unwrap();
    assert_eq!(data, "{    \"a\": \"\\n\" }");
    let [Imported::Row(back)] = &read(&codec::<Imported>(), &event_type, &data).unwrap()[..] else {
        panic!()
    };
    assert_eq!(back.get(), data);
    let null = RawValue::from_string("null".to_string()).unwrap();
    assert!(unwritable(&Imported::Maybe { row: Some(null) }).contains("reads back as `None`"));
    let text = RawValue::from_string("\"null\"".to_string()).unwrap();
    assert!(written(&codec(), &Imported::Maybe { row: Some(text) }).is_ok());
}

#[test]
fn unknown_events_are_kept_and_written_back_byte_for_byte() {
    let keeping = codec::<Rest>().keeping_unknown();
    let data = r#"{"b": 1,  "a": 1.50, "n": 123456789012345678901234567890}"#;
    let kept = read(&keeping, "Painted", data).unwrap();
    assert_eq!(kept[0].known(), None);
    assert_eq!(message::name(&kept[0]).unwrap().leaf(), "Painted");
    assert_eq!(written(&keeping, &kept[0]).unwrap(), ("Painted".to_string(), data.to_string()));
    let known = read(&keeping, "Point", "[1,2]").unwrap();
    assert_eq!(known, [KnownOrRaw::Known(Rest::Place(Point(1, 2)))]);
    assert_eq!(KnownOrRaw::<Rest>::names().unwrap(), Rest::names().unwrap());
    assert_eq!(written(&keeping, &known[0]).unwrap(), ("Point".to_string(), "[1,2]".to_string()));
}

#[test]
fn a_newer_schema_of_a_known_type_is_kept_too_and_keeps_its_schema() {
    let keeping = codec::<Rest>().keeping_unknown();
    let mut kept = Vec::new();
    let stored = StoredEvent { event_type: "Point", schema: 7, data: b"[1,2,3]" };
    keeping.decode(stored, &mut |_, event| kept.push(event)).unwrap();
    let mut data = Vec::new();
    let (event_type, schema) = keeping.encode(&kept[0], &mut data).unwrap();
    assert_eq!((&*event_type, schema, &data[..]), ("Point", 7, &b"[1,2,3]"[..]));
}

#[test]
fn what_is_kept_must_still_be_readable_where_it_is_known() {
    assert!(read(&codec::<Rest>().keeping_unknown(), "Point", "[1]").is_err());
}

#[test]
fn a_raw_event_is_written_as_it_stands_or_refused() {
    let raw = RawEvent::new("Painted", "{\"a\":\n1}").unwrap();
    assert_eq!(written(&RawCodec, &raw).unwrap(), ("Painted".to_string(), "{\"a\": 1}".to_string()));
    assert!(matches!(RawEvent::new("Painted", "{"), Err(CodecError::Content { .. })));
    for name in ["", "$deleted", "two\nlines"] {
        let raw = RawEvent::new(name, "1").unwrap();
        assert!(matches!(written(&RawCodec, &raw), Err(CodecError::Unwritable { .. })), "{name:?}");
    }
}
