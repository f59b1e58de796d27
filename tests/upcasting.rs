//! What was stored under an older model is read as events of the present one, or the codec cannot be built.

use leftfold::codec::upcast::{UpcastEvent, Upcaster};
use leftfold::codec::{
    Codec, CodecBuilder, CodecError, EventCodec, InvalidCodec, KnownOrRaw, RawCodec, RawEvent, StoredEvent,
    Upcasting,
};
use leftfold::log::{FileLog, FileLogReader};
use leftfold::recorded::{Position, StreamName};
use leftfold::spec::ViewScenario;
use leftfold::store::{Batch, EventStore, Query, Reading};
use leftfold::{Keyed, Specification, decider, given_view, keyed};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Customer {
    Joined { name: String },
    Moved { city: String, country: String, floor: Option<i32> },
    Called(String),
}

fn moved(city: &str, country: &str, floor: Option<i32>) -> Customer {
    Customer::Moved { city: city.into(), country: country.into(), floor }
}

fn with(field: &'static str, value: Value) -> impl Fn(Value) -> Result<Value, String> + Send + Sync {
    move |mut data| {
        data.as_object_mut().ok_or("no object")?.insert(field.into(), value.clone());
        Ok(data)
    }
}

/// A model with a past: `Relocated` became `Moved`, which got a country and then a floor; `ContactChanged` was split;
/// `Greeted` means nothing any more.
fn codec() -> Codec<Customer> {
    Codec::builder()
        .schema("Moved", 3)
        .upcast(Upcaster::renamed("Relocated", "Moved"))
        .upcast(Upcaster::changed("Moved", with("country", json!("CH"))))
        .upcast(Upcaster::changed(("Moved", 2), with("floor", json!(null))))
        .upcast(Upcaster::split("ContactChanged", [("Moved", 2), ("Called", 1)], |data| {
            let mut events = Vec::new();
            if let Some(city) = data["city"].as_str() {
                events.push(UpcastEvent::new(("Moved", 2), json!({ "city": city, "country": "AT" })));
            }
            if let Some(number) = data["number"].as_str() {
                events.push(UpcastEvent::new("Called", json!(number)));
            }
            Ok(events)
        }))
        .upcast(Upcaster::dropped("Greeted"))
        .upcast(Upcaster::renamed("Registered", ("Joined", 2)))
        .upcast(Upcaster::split("Joined", ["Greeted"], |_| {
            Ok(vec![UpcastEvent::new("Greeted", json!(null))])
        }))
        .schema("Joined", 2)
        .build()
        .unwrap()
}

fn read(event_type: &str, schema: u32, data: &str) -> Result<Vec<(String, Customer)>, CodecError> {
    let mut events = Vec::new();
    let stored = StoredEvent { event_type, schema, data: data.as_bytes() };
    codec().decode(stored, &mut |name, event| events.push((name.to_string(), event)))?;
    Ok(events)
}

#[test]
fn upcasters_are_applied_until_the_models_own_events_stand_there() {
    let bern = || vec![("Moved".to_string(), moved("Bern", "CH", None))];
    assert_eq!(read("Relocated", 1, r#"{"city":"Bern"}"#).unwrap(), bern());
    assert_eq!(read("Moved", 1, r#"{"city":"Bern"}"#).unwrap(), bern());
    assert_eq!(read("Moved", 2, r#"{"city":"Bern","country":"CH"}"#).unwrap(), bern());
    assert_eq!(read("Moved", 3, r#"{"city":"Bern","country":"CH","floor":null}"#).unwrap(), bern());
    assert_eq!(
        read("ContactChanged", 1, r#"{"city":"Graz","number":"12"}"#).unwrap(),
        [
            ("Moved".to_string(), moved("Graz", "AT", None)),
            ("Called".to_string(), Customer::Called("12".into()))
        ]
    );
    assert_eq!(read("ContactChanged", 1, "{}").unwrap(), []);
    assert_eq!(read("Greeted", 1, "whatever").unwrap(), []);
    assert_eq!(read("Joined", 1, "{}").unwrap(), []);
    let petra = Customer::Joined { name: "Petra".into() };
    assert_eq!(read("Registered", 1, r#"{"name":"Petra"}"#).unwrap(), [("Joined".to_string(), petra)]);
}

#[test]
fn the_present_schema_is_what_is_written() {
    let mut data = Vec::new();
    let (event_type, schema) = codec().encode(&moved("Bern", "CH", Some(2)), &mut data).unwrap();
    assert_eq!((&*event_type, schema), ("Moved", 3));
    assert_eq!(
        read("Moved", 3, std::str::from_utf8(&data).unwrap()).unwrap()[0].1,
        moved("Bern", "CH", Some(2))
    );
}

#[test]
fn a_reader_of_one_type_knows_under_which_types_its_events_may_be_stored() {
    assert_eq!(codec().stored_types("Moved"), ["Moved", "ContactChanged", "Relocated"]);
    assert_eq!(codec().stored_types("Called"), ["Called", "ContactChanged"]);
    assert_eq!(codec().stored_types("Joined"), ["Joined", "Registered"]);
    assert_eq!(codec().keeping_unknown().stored_types("Called"), ["Called", "ContactChanged"]);
}

#[test]
fn an_upcaster_may_refuse_and_the_error_names_type_and_schema() {
    let told = read("Moved", 1, "[1]").unwrap_err();
    assert!(matches!(told, CodecError::Refused { .. }));
    assert_eq!(told.to_string(), "the upcaster of type Moved (schema 1) does not take an event: no object");
    let told = read("Moved", 1, "{}").unwrap_err().to_string();
    assert!(told.starts_with("type Moved (schema 3) does not read {"), "{told}");
    assert!(told.contains("missing field `city`"), "{told}");
    assert!(matches!(read("Moved", 4, "{}").unwrap_err(), CodecError::Newer { newest: 3, .. }));
    let told = read("Moved", 1, "{").unwrap_err().to_string();
    assert!(told.starts_with("type Moved (schema 1) does not read {"), "{told}");
    let told = read("Painted", 1, "1").unwrap_err().to_string();
    assert!(told.contains("Called, ContactChanged, Greeted, Registered, Relocated"), "{told}");
}

#[test]
fn an_upcaster_that_yields_what_it_does_not_declare_is_refused() {
    let codec = Codec::<Customer>::builder()
        .upcast(Upcaster::split("Old", ["Called"], |_| {
            Ok(vec![UpcastEvent::new("Joined", json!({"name": "Petra"}))])
        }))
        .build()
        .unwrap();
    let told = codec.read(&UpcastEvent::new("Old", json!(1))).unwrap_err().to_string();
    assert!(
        told.contains("yields Joined (schema 1), and declares that it yields Called (schema 1)"),
        "{told}"
    );
}

#[test]
fn events_of_the_present_schema_pass_no_upcaster() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let codec = Codec::<Customer>::builder()
        .upcast(Upcaster::new("Old", ["Called"], |stored| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            Ok(vec![UpcastEvent::new("Called", stored.data)])
        }))
        .build()
        .unwrap();
    assert_eq!(
        codec.read(&UpcastEvent::new("Called", json!("12"))).unwrap(),
        [Customer::Called("12".into())]
    );
    assert_eq!(CALLS.load(Ordering::Relaxed), 0);
    assert_eq!(codec.read(&UpcastEvent::new("Old", json!("12"))).unwrap(), [Customer::Called("12".into())]);
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
}

#[test]
fn unknown_events_are_kept_beside_upcast_ones() {
    let keeping = codec().keeping_unknown();
    let read = |event_type: &str, data: &'static str| {
        let mut events = Vec::new();
        let stored = StoredEvent { event_type, schema: 1, data: data.as_bytes() };
        keeping
            .decode(stored, &mut |name: &Arc<str>, event| events.push((name.to_string(), event)))
            .map(|()| events)
    };
    let upcast = read("Relocated", r#"{"city":"Bern"}"#).unwrap();
    assert_eq!(upcast, [("Moved".to_string(), KnownOrRaw::Known(moved("Bern", "CH", None)))]);
    assert_eq!(read("Painted", "1").unwrap()[0].0, "Painted");
    assert!(read("Relocated", "1").is_err(), "a known type that does not read is an error");
}

// ------------------------------------------------------------------------------------------------ building

fn refused(upcasters: impl IntoIterator<Item = Upcaster>, schemas: &[(&str, u32)]) -> InvalidCodec {
    let mut builder = Codec::<Customer>::builder();
    for (event_type, version) in schemas {
        builder = builder.schema(*event_type, *version);
    }
    upcasters.into_iter().fold(builder, CodecBuilder::upcast).build().unwrap_err()
}

#[test]
fn a_missing_step_is_named() {
    let one_of_two = Upcaster::changed("Moved", Ok);
    let told = refused([one_of_two], &[("Moved", 3)]).to_string();
    assert_eq!(
        told,
        "no upcaster reads Moved (schema 2), and schema 3 is what is written now: add the upcaster from 2 to 3"
    );
    assert!(matches!(refused([], &[("Moved", 2)]), InvalidCodec::MissingStep { now: 2, .. }));
}

#[test]
fn an_upcaster_of_what_is_written_now_is_refused() {
    let told = refused([Upcaster::changed("Moved", Ok)], &[]).to_string();
    assert!(told.contains("reads Moved (schema 1)"), "{told}");
    assert!(told.contains(r#"`.schema("Moved", 2)`"#), "{told}");
}

#[test]
fn a_circle_is_found_and_told() {
    let told = refused(
        [
            Upcaster::renamed("A", "B"),
            Upcaster::renamed("B", "C"),
            Upcaster::split("C", ["Called", "B"], |_| Ok(vec![])),
        ],
        &[],
    );
    assert_eq!(told.to_string(), "upcasters go in a circle: B (schema 1) → C (schema 1) → B (schema 1)");
    assert!(matches!(refused([Upcaster::renamed("A", "A")], &[]), InvalidCodec::Circle { .. }));
}

#[test]
fn an_upcaster_that_leads_nowhere_is_refused() {
    let told = refused([Upcaster::renamed("Relocated", "Move")], &[]).to_string();
    assert!(told.contains("Relocated (schema 1) yields Move (schema 1)"), "{told}");
    assert!(matches!(
        refused([Upcaster::renamed("Old", ("Moved", 2))], &[]),
        InvalidCodec::LeadsNowhere { .. }
    ));
}

#[test]
fn two_upcasters_of_one_schema_are_refused() {
    let told = refused([Upcaster::dropped("Old"), Upcaster::renamed("Old", "Called")], &[]);
    assert!(matches!(told, InvalidCodec::TwoUpcasters { .. }), "{told}");
}

#[test]
fn a_schema_of_no_type_is_refused() {
    let told = refused([], &[("Mooved", 2)]).to_string();
    assert!(told.contains("Mooved") && told.contains("Joined, Moved, Called"), "{told}");
    assert!(matches!(refused([], &[("Moved", 0)]), InvalidCodec::SchemaZero { .. }));
}

// ------------------------------------------------------------------------------------------------ specifications

fn relocated() -> ViewScenario<Upcasting<Customer>> {
    ViewScenario::named("customers used to live in Switzerland")
        .given([
            UpcastEvent::new("Relocated", json!({ "city": "Bern" })),
            UpcastEvent::new("Greeted", json!("hello")),
        ])
        .then(vec![moved("Bern", "CH", None)])
}

#[test]
fn upcasting_is_specified_with_given_and_then() {
    given_view(&codec().upcasting(), [UpcastEvent::new("ContactChanged", json!({ "number": "12" }))])
        .then(vec![Customer::Called("12".into())]);
    relocated().assert(&codec().upcasting());
}

#[test]
fn upcasting_stands_in_a_specification_and_its_document() {
    let customers =
        decider(|| (), |_: &Customer, (): &()| Ok::<Vec<Customer>, Customer>(vec![]), |(), _: &Customer| ());
    let specification = Specification::new().view("what was stored", codec().upcasting(), [relocated()]);
    specification.assert(&customers);
    let document = specification.document("customers").to_markdown();
    assert!(
        document.contains("relocated, city \"Bern\"") && document.contains("greeted \"hello\""),
        "{document}"
    );
}

#[test]
fn a_failure_tells_what_was_stored_and_what_it_is_read_as() {
    let wrong = relocated().then(vec![moved("Bern", "DE", None)]);
    let told = wrong.run(&codec().upcasting()).unwrap_err().to_string();
    assert!(told.contains(r#"1  Relocated {"city":"Bern"}"#), "{told}");
    assert!(told.contains(r#"country: "CH""#) && told.contains(r#"country: "DE""#), "{told}");
    let refused = ViewScenario::named("no city")
        .given([UpcastEvent::new(("Moved", 2), json!({}))])
        .then(vec![moved("Bern", "CH", None)]);
    let told = refused.run(&codec().upcasting()).unwrap_err().to_string();
    assert!(told.contains("missing field `city`") && told.contains("Moved (schema 2) {}"), "{told}");
}

#[test]
fn a_wrong_upcaster_fails_at_the_line_of_its_scenario() {
    let failed = catch_unwind(|| {
        given_view(codec().upcasting(), [UpcastEvent::new("Greeted", json!(1))])
            .then(vec![moved("Bern", "CH", None)]);
    });
    assert!(failed.is_err());
}

#[test]
fn a_subscription_that_is_broken_off_between_the_events_of_one_stored_event_goes_on_between_them() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(folder.path(), RawCodec).unwrap();
    let both = |number: &str| {
        RawEvent::new("ContactChanged", &format!(r#"{{"city":"Bern","number":"{number}"}}"#)).unwrap()
    };
    log.append(Batch::to(&StreamName::of("customer", 1).unwrap()).events([both("1"), both("2")])).unwrap();
    let reader = FileLogReader::open(folder.path(), codec()).unwrap();
    let mut feed = reader.subscribe(Query::all(), Position::START);
    let mut seen = Vec::new();
    while feed
        .catch_up(|entry| {
            seen.extend(entry.event().map(|event| (entry.envelope().position.get(), event.clone())));
            ControlFlow::Break(())
        })
        .unwrap()
        > 0
    {}
    let called = |number: &str| Customer::Called(number.into());
    let home = || moved("Bern", "AT", None);
    assert_eq!(seen, [(1, home()), (1, called("1")), (2, home()), (2, called("2"))]);
}

// ------------------------------------------------------------------------------------------------ with keys

/// The same past, of a model whose messages carry their keys.
fn keyed_codec() -> Codec<Keyed<u32, Customer>> {
    Codec::builder()
        .schema("Moved", 3)
        .upcast(Upcaster::renamed("Relocated", "Moved"))
        .upcast(Upcaster::changed("Moved", with("country", json!("CH"))))
        .upcast(Upcaster::changed(("Moved", 2), with("floor", json!(null))))
        .upcast(Upcaster::split("ContactChanged", [("Moved", 2), ("Called", 2)], |data| {
            let number = data["number"].clone();
            let moved = UpcastEvent::new(("Moved", 2), json!({ "city": data["city"], "country": "AT" }));
            Ok(vec![moved, UpcastEvent::new(("Called", 2), number)])
        }))
        .upcast(Upcaster::changed("Called", |data| Ok(json!({ "key": 0, "message": data }))))
        .schema("Called", 2)
        .build()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn read_keyed(event_type: &str, schema: u32, data: &str) -> Vec<Keyed<u32, Customer>> {
    let mut events = Vec::new();
    let stored = StoredEvent { event_type, schema, data: data.as_bytes() };
    keyed_codec()
        .decode(stored, &mut |_, event| events.push(event))
        .unwrap_or_else(|error| panic!("{error}"));
    events
}

#[test]
fn an_upcaster_sees_the_message_and_what_it_yields_has_the_same_key() {
    let bern = || vec![keyed(7, moved("Bern", "CH", None))];
    assert_eq!(read_keyed("Relocated", 1, r#"{"key":7,"message":{"city":"Bern"}}"#), bern());
    assert_eq!(read_keyed("Moved", 1, r#"{"key":7,"message":{"city":"Bern"}}"#), bern());
    assert_eq!(read_keyed("Moved", 2, r#"{"message":{"city":"Bern","country":"CH"},"key":7}"#), bern());
    assert_eq!(
        read_keyed("ContactChanged", 1, r#"{"key":7,"message":{"city":"Graz","number":"044"}}"#),
        [keyed(7, moved("Graz", "AT", None)), keyed(7, Customer::Called("044".into()))]
    );
}

#[test]
fn an_upcaster_of_a_time_without_keys_gives_the_key() {
    assert_eq!(read_keyed("Called", 1, r#""044""#), [keyed(0, Customer::Called("044".into()))]);
}
