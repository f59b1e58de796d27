//! A change of the model that would not read old events fails, and names type and field; one that reads them passes.

use leftfold::codec::Codec;
use leftfold::codec::schema::{Break, LockError, LockStatus, SchemaLock};
use leftfold::codec::upcast::{UpcastEvent, Upcaster};
use leftfold::recorded::{EventId, StreamName, Timestamp};
use leftfold::sum;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Models of events, each an enum `Event` in a module of its own: the same model at different times.
macro_rules! models {
    ($($(#[$meta:meta])* $name:ident { $($body:tt)* })*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub(super) enum Event { $($body)* }
        })*
    };
}

fn codec<E: Serialize + DeserializeOwned>() -> Codec<E> {
    Codec::new().unwrap()
}

struct File {
    _folder: TempDir,
    path: PathBuf,
}

/// A file with the lock of a model.
fn locked<E: Serialize + DeserializeOwned>(codec: &Codec<E>) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.schema.json");
    SchemaLock::of(codec).write(&path).unwrap();
    assert_eq!(SchemaLock::of(codec).check(&path).unwrap(), LockStatus::Current);
    File { _folder: folder, path }
}

impl File {
    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }
}

fn broken<E: Serialize + DeserializeOwned>(file: &File, codec: &Codec<E>) -> Vec<Break> {
    match SchemaLock::of(codec).check(&file.path) {
        Err(LockError::Broken(breaks)) => breaks,
        other => panic!("it is not broken: {other:?}"),
    }
}

/// The one sentence about what has changed.
fn change<E: Serialize + DeserializeOwned>(file: &File, codec: &Codec<E>) -> String {
    let breaks = broken(file, codec);
    let [one] = &breaks[..] else { panic!("{breaks:?}") };
    assert_eq!(one.schema.event_type, "Moved");
    assert_eq!(one.changes.len(), 1, "{one}");
    one.changes[0].clone()
}

fn notes<E: Serialize + DeserializeOwned>(file: &File, codec: &Codec<E>) -> Vec<String> {
    match SchemaLock::of(codec).check(&file.path).unwrap() {
        LockStatus::OutOfDate(notes) => notes,
        LockStatus::Current => panic!("it is up to date"),
    }
}

// ------------------------------------------------------------------------------------------------ what breaks

models! {
    first { Joined { name: String }, Moved { city: String, floor: u32, way: Way } }
    required { Joined { name: String }, Moved { city: String, floor: u32, way: Way, country: String } }
    renamed { Joined { name: String }, Moved { town: String, floor: u32, way: Way } }
    narrowed { Joined { name: String }, Moved { city: String, floor: u16, way: Way } }
    retyped { Joined { name: String }, Moved { city: String, floor: String, way: Way } }
    fewer { Joined { name: String }, Moved { city: String, floor: u32, way: OneWay } }
    deeper { Joined { name: String }, Moved { city: String, floor: u32, way: LongWay } }
    tupled { Joined { name: String }, Moved(String, u32, Way) }
    gone { Joined { name: String } }
    checked { Joined { name: String }, Moved { city: City, floor: u32, way: Way } }
    double { Moved { far: f64 } }
    single { Moved { far: f32 } }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Way {
    Foot,
    Train { from: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum OneWay {
    Train { from: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum LongWay {
    Foot,
    Train { from: String, to: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct City(String);

impl TryFrom<String> for City {
    type Error = &'static str;

    fn try_from(text: String) -> Result<City, &'static str> {
        if text.is_empty() { Err("a city has a name") } else { Ok(City(text)) }
    }
}

impl From<City> for String {
    fn from(city: City) -> String {
        city.0
    }
}

#[test]
fn a_change_that_does_not_read_old_events_fails_and_names_type_and_field() {
    let file = locked(&codec::<first::Event>());
    assert_eq!(
        change(&file, &codec::<required::Event>()),
        "field `country` is required now (text), and was not there when it was locked"
    );
    assert_eq!(
        change(&file, &codec::<renamed::Event>()),
        "field `town` is required now (text), and was not there when it was locked"
    );
    assert_eq!(change(&file, &codec::<narrowed::Event>()), "field `floor` was locked as u32, and is now u16");
    assert_eq!(change(&file, &codec::<retyped::Event>()), "field `floor` was locked as u32, and is now text");
    assert_eq!(
        change(&file, &codec::<fewer::Event>()),
        "field `way(Foot)` is a variant that was locked, and that is not read any more"
    );
    assert_eq!(
        change(&file, &codec::<deeper::Event>()),
        "field `way(Train).to` is required now (text), and was not there when it was locked"
    );
    assert!(change(&file, &codec::<tupled::Event>()).starts_with("the content was locked as a struct of"));
    assert_eq!(
        change(&file, &codec::<gone::Event>()),
        "Moved is no type of the model any more, and no upcaster reads it"
    );
    assert_eq!(
        change(&file, &codec::<checked::Event>()),
        r#"field `city` was locked as text, and is now text such as "text""#
    );
}

#[test]
fn a_number_that_would_be_read_as_no_number_fails() {
    let file = locked(&codec::<double::Event>());
    assert_eq!(change(&file, &codec::<single::Event>()), "field `far` was locked as f64, and is now f32");
    let why = &broken(&file, &codec::<single::Event>())[0].why;
    assert!(why.contains("number out of range"), "{why}");
    assert_eq!(
        notes(&locked(&codec::<single::Event>()), &codec::<double::Event>()),
        ["Moved (schema 1): field `far` was locked as f32, and is now f64"]
    );
}

#[test]
fn a_failure_shows_content_that_is_not_read_and_what_to_do() {
    let file = locked(&codec::<first::Event>());
    let told = SchemaLock::of(&codec::<narrowed::Event>()).check(&file.path).unwrap_err().to_string();
    assert!(told.contains("Moved (schema 1) is not read"), "{told}");
    assert!(told.contains(r#""floor":4294967295"#), "{told}");
    assert!(told.contains("expected u16"), "{told}");
    assert!(told.contains(r#"`.schema("Moved", 2)`"#), "{told}");
    assert!(told.contains(r#"Upcaster::changed(("Moved", 1), …)"#), "{told}");
    let told = broken(&file, &codec::<gone::Event>())[0].advice.clone();
    assert!(told.contains(r#"Upcaster::renamed("Moved", …)"#), "{told}");
}

#[test]
fn a_change_that_breaks_is_never_written_over() {
    let file = locked(&codec::<first::Event>());
    let before = file.text();
    let refused = SchemaLock::of(&codec::<required::Event>()).write(&file.path);
    assert!(matches!(refused, Err(LockError::Broken(_))));
    assert_eq!(file.text(), before);
}

// ------------------------------------------------------------------------------------------------ what passes

models! {
    optional { Joined { name: String }, Moved { city: String, floor: u32, way: Way, country: Option<String> } }
    wider { Joined { name: String }, Moved { city: String, floor: u64, way: Way } }
    more { Joined { name: String }, Moved { city: String, floor: u32, way: Way }, Left }
    ignoring { Joined { name: String }, Moved { city: String, way: Way } }
    aliased { Joined { name: String }, Moved { #[serde(alias = "city")] town: String, floor: u32, way: Way } }
}

#[test]
fn a_change_that_reads_old_events_passes_and_the_file_is_told_to_be_out_of_date() {
    let file = locked(&codec::<first::Event>());
    assert_eq!(
        notes(&file, &codec::<optional::Event>()),
        ["Moved (schema 1): field `country` is new: text or null, may be missing"]
    );
    assert_eq!(
        notes(&file, &codec::<wider::Event>()),
        ["Moved (schema 1): field `floor` was locked as u32, and is now u64"]
    );
    assert_eq!(notes(&file, &codec::<more::Event>()), ["Left (schema 1) is new"]);
    assert_eq!(
        notes(&file, &codec::<ignoring::Event>()),
        ["Moved (schema 1): field `floor` was locked as u32, and is not read any more"]
    );
    let told = notes(&file, &codec::<aliased::Event>());
    assert!(told.iter().any(|note| note.contains("`town` is required now")), "{told:?}");
}

#[test]
fn what_a_new_shape_says_too_is_replaced_and_anything_else_is_kept() {
    let file = locked(&codec::<first::Event>());
    let entries = |file: &File| file.text().matches("\"type\": \"Moved\"").count();
    SchemaLock::of(&codec::<optional::Event>()).write(&file.path).unwrap();
    assert_eq!(entries(&file), 1, "{}", file.text());
    assert!(file.text().contains(r#""country": { "optional": "text" }"#), "{}", file.text());
    let file = locked(&codec::<first::Event>());
    SchemaLock::of(&codec::<ignoring::Event>()).write(&file.path).unwrap();
    assert_eq!(entries(&file), 2, "events with a floor are still in old logs:\n{}", file.text());
    // So that the name cannot come back as something else.
    let told = &broken(&file, &codec::<retyped::Event>())[0];
    assert_eq!(told.changes, ["field `floor` was locked as u32, and is now text"]);
}

#[test]
fn an_order_of_writing_forgets_nothing() {
    let file = locked(&codec::<first::Event>());
    SchemaLock::of(&codec::<optional::Event>()).write(&file.path).unwrap();
    assert_eq!(
        change(&file, &codec::<required::Event>()),
        "field `country` was locked as text or null, may be missing, and is now text"
    );
}

// ------------------------------------------------------------------------------------------------ upcasters

fn country(mut data: Value) -> Result<Value, String> {
    data.as_object_mut().ok_or("no object")?.insert("country".into(), json!("CH"));
    Ok(data)
}

#[test]
fn an_upcaster_covers_a_change_and_the_old_schema_stays_locked() {
    let file = locked(&codec::<first::Event>());
    let covered = Codec::<required::Event>::builder()
        .schema("Moved", 2)
        .upcast(Upcaster::changed("Moved", country))
        .build()
        .unwrap();
    assert_eq!(notes(&file, &covered), ["Moved (schema 2) is new"]);
    SchemaLock::of(&covered).write(&file.path).unwrap();
    assert_eq!(SchemaLock::of(&covered).check(&file.path).unwrap(), LockStatus::Current);
    // The schema is not taken back, and the upcaster is not changed into one that does not lead here.
    let told = broken(&file, &codec::<required::Event>());
    assert_eq!(told.len(), 2);
    assert!(told[1].advice.contains(r#"declare `.schema("Moved", 2)` again"#), "{}", told[1]);
    let idle = Codec::<required::Event>::builder()
        .schema("Moved", 2)
        .upcast(Upcaster::changed("Moved", Ok))
        .build()
        .unwrap();
    let told = change(&file, &idle);
    assert!(told.contains("the upcaster does not lead to what is read now"), "{told}");
    assert!(broken(&file, &idle)[0].why.contains("missing field `country`"));
}

#[test]
fn an_upcaster_that_takes_only_some_contents_is_found_with_the_field() {
    let file = locked(&codec::<first::Event>());
    let narrow = Codec::<narrowed::Event>::builder()
        .schema("Moved", 2)
        .upcast(Upcaster::changed("Moved", |mut data| {
            let floor = data["floor"].as_u64().ok_or("no floor")?;
            data["floor"] = json!(u16::try_from(floor).map_err(|_| "no house has so many floors")?);
            Ok(data)
        }))
        .build()
        .unwrap();
    assert_eq!(change(&file, &narrow), "field `floor`: the upcaster does not lead to what is read now");
    assert!(broken(&file, &narrow)[0].why.contains("no house has so many floors"));
}

#[test]
fn a_type_that_is_gone_is_covered_by_any_upcaster_that_reads_it() {
    let file = locked(&codec::<first::Event>());
    let joined = |_| Ok(vec![UpcastEvent::new("Joined", json!({ "name": "?" }))]);
    for upcaster in [Upcaster::dropped("Moved"), Upcaster::split("Moved", ["Joined"], joined)] {
        let codec = Codec::<gone::Event>::builder().upcast(upcaster).build().unwrap();
        SchemaLock::of(&codec).write(&file.path).unwrap();
        assert!(file.text().contains("\"type\": \"Moved\""), "it is still in old logs");
        assert_eq!(SchemaLock::of(&codec).check(&file.path).unwrap(), LockStatus::Current);
    }
}

// ------------------------------------------------------------------------------------------------ shapes

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Term {
    Sum(Box<Term>, Box<Term>),
    Number(i64),
    List(Vec<Term>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Branch {
    name: char,
    inside: Vec<Branch>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point(f32, f64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Money {
    #[serde(default)]
    cents: u8,
    #[serde(alias = "curr")]
    currency: Option<String>,
}

models! {
    rich {
        Nothing,
        Flags(bool, (i8, u128)),
        Kept { at: Timestamp, stream: StreamName, id: Option<EventId>, few: NonZeroU8 },
        Priced(Money),
        Placed { lines: Vec<(String, Option<u16>)>, prices: BTreeMap<i32, Money>, tags: BTreeSet<String> },
        Computed(Term),
        Grown { tree: Branch, beside: Option<Box<Branch>> },
        Drawn(Vec<Point>),
        Free { value: Value, unit: Box<Unit> },
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[test]
fn every_shape_is_written_as_a_line_that_people_read() {
    let file = locked(&codec::<rich::Event>());
    let text = file.text();
    let expected = r#"{
  "format": "leftfold schema lock 1",
  "locked": [
"#;
    assert!(text.starts_with(expected), "{text}");
    for line in [
        r#""data": "nothing""#,
        r#""at": { "checked": "text", "such_as": ["2026-11-23T09:30:00Z"] }"#,
        r#""stream": { "checked": "text", "such_as": ["text"] }"#,
        r#""id": { "optional": { "checked": "text", "such_as": ["text"] } }"#,
        r#""few": { "checked": "u8", "such_as": [1, 255] }"#,
        r#""cents": { "may_be_missing": "u8" }"#,
        r#""currency": { "optional": "text" }"#,
        r#""lines": { "list": { "tuple": ["text", { "nullable": "u16" }] } }"#,
        r#""tags": { "list": "text" }"#,
        r#""inside": { "list": { "again": "Branch" } }"#,
        r#"{ "again": "Term", "such_as": { "Number": 1 } }"#,
        r#""Number": "i64""#,
        r#""tuple": ["f32", "f64"]"#,
        r#"{ "tuple": ["i8", "u128"] }"#,
        r#""value": "anything""#,
        r#""unit": "nothing""#,
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("\"curr\""), "an alias is no field of its own:\n{text}");
    assert_eq!(SchemaLock::of(&codec::<rich::Event>()).text().unwrap(), text, "writing is stable");
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum Both { First(first::Event), Point(Point) }
}

#[test]
fn umbrellas_are_locked_by_their_leaves() {
    let file = locked(&codec::<Both>());
    assert!(file.text().contains("\"type\": \"Point\""));
    let first = locked(&codec::<first::Event>());
    assert_eq!(notes(&first, &codec::<Both>()), ["Point (schema 1) is new"]);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Secret(String);

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Secret, &'static str> {
        if text.starts_with("xyzzy") { Ok(Secret(text)) } else { Err("not the magic word") }
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> String {
        secret.0
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Period {
    from: u8,
    to: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    period: Period,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Inside {
    Round { radius: u8 },
}

models! {
    secret { Moved { word: Secret } }
    hidden { Moved { flat: Flat, inside: Vec<Inside> } }
}

#[test]
fn a_text_that_no_sample_fits_needs_an_example() {
    let lock = SchemaLock::of(&codec::<secret::Event>());
    let told = lock.text().unwrap_err().to_string();
    assert!(
        told.contains("Moved") && told.contains("field `word`") && told.contains("not the magic word"),
        "{told}"
    );
    let text = lock.example(secret::Event::Moved { word: Secret("xyzzy!".into()) }).text().unwrap();
    assert!(text.contains(r#""word": { "checked": "text", "such_as": ["xyzzy!"] }"#), "{text}");
}

#[test]
fn forms_that_serde_does_not_tell_need_an_example_and_are_held_to_it() {
    let lock = || SchemaLock::of(&codec::<hidden::Event>());
    assert!(matches!(lock().text(), Err(LockError::NoExample { .. })));
    let flat = Flat { name: "a".into(), period: Period { from: 1, to: 2 } };
    let example = hidden::Event::Moved { flat, inside: vec![Inside::Round { radius: 3 }] };
    let text = lock().example(example).text().unwrap();
    assert!(text.contains(r#""such_as": [{ "from": 1, "name": "a", "to": 2 }]"#), "{text}");
    assert!(text.contains(r#""such_as": [{ "kind": "Round", "radius": 3 }]"#), "{text}");
}

mod unequal {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) enum Event {
        Moved {
            city: String,
            #[serde(skip_serializing)]
            lost: u8,
        },
    }
}

#[test]
fn what_is_written_and_does_not_read_back_is_found() {
    let told = SchemaLock::of(&codec::<unequal::Event>()).text().unwrap_err().to_string();
    assert!(told.contains("Moved") && told.contains("missing field `lost`"), "{told}");
}

// ------------------------------------------------------------------------------------------------ the file

#[test]
fn a_file_that_is_no_lock_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.schema.json");
    let check = |text: &str| {
        std::fs::write(&path, text).unwrap();
        SchemaLock::of(&codec::<first::Event>()).check(&path).unwrap_err().to_string()
    };
    assert!(check("nonsense").contains("is no schema lock"));
    assert!(check("{}").contains("format"));
    let head = r#"{"format": "leftfold schema lock 1", "locked": "#;
    assert!(check(&format!("{head}3}}")).contains("no list"));
    assert!(check(&format!(r#"{head}[{{"type": "A", "schema": 1, "data": "u7"}}]}}"#)).contains("u7"));
    assert!(
        check(&format!(r#"{head}[{{"type": "A", "schema": -1, "data": "u8"}}]}}"#)).contains("is no entry")
    );
    let absent = folder.path().join("absent.json");
    let told = SchemaLock::of(&codec::<first::Event>()).check(absent).unwrap_err().to_string();
    assert!(told.contains("reading") && told.contains("absent.json"), "{told}");
}

/// The tests that run in a process of their own, with an environment of its own.
fn run_with(file: &File, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--nocapture", "asserted_elsewhere"])
        .env_remove("CI")
        .env("LOCK_OF_THE_TEST", &file.path)
        .env("RUST_BACKTRACE", "0")
        .envs(environment.iter().copied());
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
#[ignore = "run by other tests, in a process of its own"]
fn asserted_elsewhere() {
    let Some(path) = std::env::var_os("LOCK_OF_THE_TEST") else { return };
    SchemaLock::of(&codec::<more::Event>()).assert(path);
}

#[test]
fn a_lock_that_is_missing_is_written_but_not_where_nobody_would_commit_it() {
    let file = locked(&codec::<more::Event>());
    let text = file.text();
    std::fs::remove_file(&file.path).unwrap();
    let (passed, told) = run_with(&file, &[("CI", "true")]);
    assert!(!passed && !file.path.exists(), "{told}");
    let (passed, told) = run_with(&file, &[]);
    assert!(passed && told.contains("commit it"), "{told}");
    assert_eq!(file.text(), text);
}

#[test]
fn a_lock_that_is_out_of_date_passes_but_not_where_nobody_would_commit_it() {
    let file = locked(&codec::<first::Event>());
    let (passed, told) = run_with(&file, &[]);
    assert!(
        passed && told.contains("Left (schema 1) is new") && told.contains("LEFTFOLD_SCHEMA=write"),
        "{told}"
    );
    let (passed, told) = run_with(&file, &[("CI", "true")]);
    assert!(!passed && told.contains("Left (schema 1) is new"), "{told}");
    let (passed, _) = run_with(&file, &[("LEFTFOLD_SCHEMA", "write")]);
    assert!(passed && file.text().contains("\"type\": \"Left\""));
    let (passed, told) = run_with(&file, &[("CI", "true")]);
    assert!(passed, "{told}");
}

#[test]
fn a_lock_that_is_broken_fails_whatever_the_environment_asks_for() {
    let file = locked(&codec::<required::Event>());
    let before = file.text();
    for environment in [&[][..], &[("LEFTFOLD_SCHEMA", "write")]] {
        // A country that was locked and is not read any more is no break; a name that was a number is.
        std::fs::write(&file.path, before.replace("\"name\": \"text\"", "\"name\": \"u8\"")).unwrap();
        let (passed, told) = run_with(&file, environment);
        assert!(!passed, "{told}");
        assert!(told.contains("field `name` was locked as u8, and is now text"), "{told}");
        assert!(told.contains("tests/schema_lock.rs"), "at the line of the caller: {told}");
    }
}
