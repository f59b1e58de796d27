use arbitrary::{Arbitrary, Unstructured};
use leftfold::codec::{Codec, EventCodec, StoredEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every form that serde's derive knows, and what JSON has no form for.
#[derive(Arbitrary, Debug, Serialize, Deserialize)]
enum Event {
    Nothing,
    Number(f64),
    Numbers(i64, u64, f32, i8),
    Huge(i128, u128),
    Texts { text: String, letter: char, maybe: Option<Option<u8>>, unit: () },
    Keys { whole: BTreeMap<i32, u8>, letters: BTreeMap<char, Option<bool>>, named: BTreeMap<Key, Vec<Key>> },
    Nested(Nested),
    Loose(Vec<Loose>),
    Tagged(Tagged),
    Apart(Apart),
    Flat(Flat),
    Left(Left),
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    One,
    #[serde(rename = "two \"2\"", alias = "2")]
    Two,
}

#[derive(Arbitrary, Debug, Serialize, Deserialize)]
enum Nested {
    Leaf,
    List(Vec<Nested>),
    Inner { inner: Option<Box<Nested>> },
}

#[derive(Arbitrary, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Loose {
    Whole(i64),
    Number(f64),
    Text(String),
    Nothing(()),
    Pair(bool, Option<u8>),
}

#[derive(Arbitrary, Debug, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Empty,
    Full { kinds: Vec<u8>, maybe: Option<String> },
}

#[derive(Arbitrary, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content")]
enum Apart {
    Empty,
    One(Option<i16>),
}

#[derive(Arbitrary, Debug, Serialize, Deserialize)]
struct Flat {
    count: u16,
    #[serde(flatten)]
    rest: BTreeMap<String, Loose>,
}

/// Fields that are left out, or made up on reading.
#[derive(Arbitrary, Debug, Serialize, Deserialize)]
struct Left {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Option<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    list: Vec<u8>,
}

static CODEC: LazyLock<Codec<Event>> = LazyLock::new(|| Codec::new().expect("a codec"));

const TYPES: [&str; 14] = [
    "Nothing", "Number", "Numbers", "Huge", "Texts", "Keys", "Nested", "Loose", "Tagged", "Apart", "Flat",
    "Left", "Unknown", "",
];

fn decoded(event_type: &str, data: &[u8]) -> Option<Vec<String>> {
    let mut events = Vec::new();
    let stored = StoredEvent { event_type, schema: 1, data };
    let read = CODEC.decode(stored, &mut |_, event| events.push(event));
    read.ok().map(|()| events.iter().map(|event| format!("{event:?}")).collect())
}

fn encoded(event: &Event) -> Option<(String, Vec<u8>)> {
    let mut data = Vec::new();
    let (event_type, schema) = CODEC.encode(event, &mut data).ok()?;
    assert_eq!(schema, 1);
    Some((event_type.to_string(), data))
}

/// Any content of any type is read or refused; an event that is written reads back as the same event, to the bit.
pub fn typed_codec(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    if choice & 128 == 0 {
        let event_type = TYPES[usize::from(*choice) % TYPES.len()];
        if decoded(event_type, rest).is_some() {
            assert!(!event_type.is_empty() && event_type != "Unknown");
        }
        let mut events = Vec::new();
        let stored = StoredEvent { event_type, schema: 1, data: rest };
        let _ = CODEC.decode(stored, &mut |_, event| events.push(event));
        for event in events {
            comes_back(&event);
        }
    } else if let Ok(event) = Event::arbitrary(&mut Unstructured::new(rest)) {
        comes_back(&event);
    }
}

fn comes_back(event: &Event) {
    let Some((event_type, data)) = encoded(event) else { return };
    let text = String::from_utf8_lossy(&data).into_owned();
    assert!(!text.contains('\n'), "{text}");
    assert_eq!(decoded(&event_type, &data), Some(vec![format!("{event:?}")]), "written as {text}");
}
