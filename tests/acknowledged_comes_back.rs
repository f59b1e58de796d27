//! What was acknowledged comes back as it was, or was refused before it was acknowledged: by both stores alike.

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::{CausationId, CorrelationId, Metadata, Recorded, Scalar, StreamName, Timestamp};
use leftfold::store::{AppendError, Batch, EventStore, Memory, NewEvent, Query, Reading};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use tempfile::TempDir;

/// Forms of values that serde writes, and that not every reader reads again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Tagged(Tagged),
    Untagged(Vec<Untagged>),
    Open(Open),
    Parts { nothing: Option<Option<u8>>, number: f64, ratio: Percent, by: BTreeMap<Key, u8> },
    Skipping(Skipping),
    Unread(Unread),
    Sets(HashMap<String, u128>, Option<Box<Event>>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Counted { by: BTreeMap<u8, u8> },
    Large { number: u128 },
    Named { name: String, letter: char },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Small(u8),
    Large(u64),
    Word(Word),
    Text(String),
    Pair((u8, u8)),
    List(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Word {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Open {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Percent(u8);

impl TryFrom<u8> for Percent {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if number <= 100 { Ok(Percent(number)) } else { Err(format!("{number} is more than 100 percent")) }
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> u8 {
        percent.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    One,
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Skipping {
    shown: u8,
    #[serde(skip)]
    hidden: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unread {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<u8>,
    #[serde(default, skip_serializing)]
    secret: u8,
}

fn stream() -> StreamName {
    StreamName::of("things", 1).unwrap()
}

/// A file log and a memory store, which are to answer alike.
struct Both<E> {
    _folder: TempDir,
    log: FileLog<E>,
    memory: Memory<E>,
}

impl<E: Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static> Both<E> {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(folder.path(), Codec::new().unwrap()).unwrap();
        Both { _folder: folder, log, memory: Memory::new().reading_back_each() }
    }

    /// Appends to both, and answers with the sentence where it is refused.
    fn append(&self, new: &[NewEvent<E>]) -> Result<(), String> {
        let batch = || new.iter().cloned().fold(Batch::to(&stream()), Batch::record);
        let (log, memory) = (self.log.append(batch()), self.memory.append(batch()));
        match (log, memory) {
            (Ok(_), Ok(_)) => Ok(()),
            (Err(log), Err(memory)) => {
                assert_eq!(
                    leftfold::page::with_sources(&log),
                    leftfold::page::with_sources(&memory),
                    "both say the same of {new:?}"
                );
                assert!(matches!(log, AppendError::Unwritable(_)), "{log}");
                Err(leftfold::page::with_sources(&log))
            }
            (log, memory) => panic!("the log says {log:?}, memory says {memory:?}, of {new:?}"),
        }
    }

    /// What both give back.
    fn read(&self) -> Vec<Recorded<E>> {
        let plain = |mut all: Vec<Recorded<E>>| {
            for recorded in &mut all {
                recorded.envelope.recorded_at = Timestamp::UNIX_EPOCH;
                recorded.envelope.id = leftfold::recorded::EventId::new("made").unwrap();
            }
            all
        };
        let log = plain(self.log.all(Query::all()).unwrap());
        assert_eq!(log, plain(self.memory.all(Query::all()).unwrap()), "both give back the same");
        log
    }
}

fn refused(event: Event) -> String {
    Both::new().append(&[NewEvent::of(event)]).unwrap_err()
}

#[test]
fn a_map_with_integer_keys_under_an_internal_tag_is_refused() {
    let said = refused(Event::Tagged(Tagged::Counted { by: [(1, 2)].into() }));
    assert!(
        said.contains(
            "type Tagged is not recorded, since it would not come back as it is: it would not be read back: \
             invalid type: string \"1\", expected u8"
        ),
        "{said}"
    );
}

#[test]
fn a_key_that_meets_a_field_is_refused() {
    let open = |key: &str, note: Option<&str>| {
        Event::Open(Open {
            name: "n".into(),
            note: note.map(String::from),
            more: [(key.to_string(), "v".to_string())].into(),
        })
    };
    assert!(refused(open("name", None)).contains("duplicate field `name`"));
    assert!(
        refused(open("note", None)).contains("though its JSON is the same"),
        "read into the absent field"
    );
    Both::new().append(&[NewEvent::of(open("other", Some("a note")))]).unwrap();
}

#[test]
fn what_only_the_value_decides_is_refused_too() {
    let parts = |percent| Event::Parts {
        nothing: None,
        number: 0.5,
        ratio: Percent(percent),
        by: [(Key::One, 1)].into(),
    };
    let both = Both::new();
    both.append(&[NewEvent::of(parts(100))]).unwrap();
    let said = both.append(&[NewEvent::of(parts(101))]).unwrap_err();
    assert!(said.contains("at `ratio`: it would not be read back: 101 is more than 100 percent"), "{said}");
    let untagged = |parts| Event::Untagged(parts);
    both.append(&[NewEvent::of(untagged(vec![Untagged::Text("maybe".into()), Untagged::Large(256)]))])
        .unwrap();
    both.append(&[NewEvent::of(untagged(vec![Untagged::Text("Yes".into())]))]).unwrap_err();
    both.append(&[NewEvent::of(untagged(vec![Untagged::Large(255)]))]).unwrap_err();
    both.append(&[NewEvent::of(untagged(vec![Untagged::List(vec![1, 2])]))]).unwrap_err();
    both.append(&[NewEvent::of(Event::Skipping(Skipping { shown: 1, hidden: 0 }))]).unwrap();
    both.append(&[NewEvent::of(Event::Skipping(Skipping { shown: 1, hidden: 1 }))]).unwrap_err();
    both.append(&[NewEvent::of(Event::Unread(Unread { items: vec![1], secret: 0 }))]).unwrap();
    both.append(&[NewEvent::of(Event::Unread(Unread { items: vec![], secret: 0 }))]).unwrap_err();
    both.append(&[NewEvent::of(Event::Unread(Unread { items: vec![1], secret: 1 }))]).unwrap_err();
    assert_eq!(both.read().len(), 4);
}

/// One event that would be lost among many that are sound: nothing of the batch is recorded.
#[test]
fn in_a_large_batch_every_new_shape_is_read_back() {
    let (both, by_shape) = (Both::new(), Memory::new());
    let sound = |number: u8| {
        NewEvent::of(Event::Tagged(Tagged::Named { name: format!("number {number}"), letter: 'n' }))
    };
    let mut batch: Vec<_> = (0..200).map(sound).collect();
    both.append(&batch).unwrap();
    let append = |batch: &[NewEvent<Event>]| {
        by_shape.append(batch.iter().cloned().fold(Batch::to(&stream()), Batch::record))
    };
    append(&batch).unwrap();
    batch[150] = NewEvent::of(Event::Tagged(Tagged::Counted { by: [(1, 1)].into() }));
    let said = both.append(&batch).unwrap_err();
    assert!(said.contains("type Tagged is not recorded"), "{said}");
    assert_eq!(leftfold::page::with_sources(&append(&batch).unwrap_err()), said);
    assert_eq!(both.read().len(), 200, "nothing of the second batch");
}

/// A handler that stamps a correlation of its own under the name of the kit's field.
#[test]
fn a_header_of_any_name_and_value_is_kept_beside_the_ids() {
    let both = Both::new();
    let mut all = Vec::new();
    for name in ["correlation_id", "causation_id", "headers", "position", "data", "crc", "id", "meta"] {
        for value in
            [Scalar::from("c-1"), Scalar::from(""), 5.into(), true.into(), Scalar::decimal(0.5).unwrap()]
        {
            for correlation_id in [None, Some(CorrelationId::new("of the kit").unwrap())] {
                let causation_id = Some(CausationId::new("cause").unwrap());
                let headers = [(name.to_string(), value.clone())].into();
                let metadata = Metadata { correlation_id, causation_id, headers };
                all.push(metadata.clone());
                let new = NewEvent { metadata, ..NewEvent::of(Event::Untagged(vec![])) };
                both.append(&[new]).unwrap();
            }
        }
    }
    let read: Vec<Metadata> = both.read().into_iter().map(|recorded| recorded.envelope.metadata).collect();
    assert_eq!(read, all);
}

fn tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        proptest::collection::btree_map(any::<u8>(), any::<u8>(), 0..2).prop_map(|by| Tagged::Counted { by }),
        prop_oneof![any::<u128>(), any::<u64>().prop_map(u128::from)]
            .prop_map(|number| Tagged::Large { number }),
        (any::<String>(), any::<char>()).prop_map(|(name, letter)| Tagged::Named { name, letter }),
    ]
}

fn untagged() -> impl Strategy<Value = Untagged> {
    prop_oneof![
        any::<u8>().prop_map(Untagged::Small),
        prop_oneof![0..300u64, any::<u64>()].prop_map(Untagged::Large),
        prop_oneof![Just(Word::Yes), Just(Word::No)].prop_map(Untagged::Word),
        prop_oneof![Just("Yes".to_string()), any::<String>()].prop_map(Untagged::Text),
        any::<(u8, u8)>().prop_map(Untagged::Pair),
        proptest::collection::vec(any::<u8>(), 0..4).prop_map(Untagged::List),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![Just("name".to_string()), Just("note".to_string()), any::<String>()]
}

fn event() -> impl Strategy<Value = Event> {
    let parts = (
        any::<Option<Option<u8>>>(),
        any::<f64>(),
        any::<u8>(),
        proptest::collection::btree_map(prop_oneof![Just(Key::One), Just(Key::Other)], any::<u8>(), 0..2),
    );
    let leaf = prop_oneof![
        tagged().prop_map(Event::Tagged),
        proptest::collection::vec(untagged(), 0..4).prop_map(Event::Untagged),
        (word(), proptest::option::of(word()), proptest::collection::btree_map(word(), word(), 0..2))
            .prop_map(|(name, note, more)| Event::Open(Open { name, note, more })),
        parts.prop_map(|(nothing, number, ratio, by)| Event::Parts {
            nothing,
            number,
            ratio: Percent(ratio),
            by
        }),
        (any::<u8>(), 0..2u8).prop_map(|(shown, hidden)| Event::Skipping(Skipping { shown, hidden })),
        (proptest::collection::vec(any::<u8>(), 0..2), 0..2u8)
            .prop_map(|(items, secret)| Event::Unread(Unread { items, secret })),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let map = proptest::collection::hash_map(any::<String>(), any::<u128>(), 0..3);
        (map, proptest::option::of(inner)).prop_map(|(map, inner)| Event::Sets(map, inner.map(Box::new)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Events of any form, one after the other: what was acknowledged is what both stores give back, in order.
    #[test]
    fn what_is_acknowledged_is_what_comes_back(events in proptest::collection::vec(event(), 1..24)) {
        let both = Both::new();
        let by_shape = Memory::new();
        let mut acknowledged = Vec::new();
        for event in events {
            let answer = both.append(&[NewEvent::of(event.clone())]);
            let answer_by_shape = by_shape.append(Batch::to(&stream()).event(event.clone()));
            if let Err(refused) = answer_by_shape {
                prop_assert_eq!(Err(leftfold::page::with_sources(&refused)), answer.clone(), "it refuses nothing else");
            }
            if answer.is_ok() {
                acknowledged.push(event);
            }
        }
        let read: Vec<Event> = both.read().into_iter().map(|recorded| recorded.event).collect();
        prop_assert_eq!(read, acknowledged);
    }

    /// The same in large batches, where one of each shape stands for all: what decides over how it is read shows in the
    /// shape, as long as it is no single value.
    #[test]
    fn what_a_large_batch_holds_comes_back_too(
        batches in proptest::collection::vec(proptest::collection::vec(tagged(), 17..40), 1..4)
    ) {
        let both = Both::new();
        let mut acknowledged = Vec::new();
        for batch in batches {
            let batch: Vec<_> = batch.into_iter().map(|tagged| NewEvent::of(Event::Tagged(tagged))).collect();
            if both.append(&batch).is_ok() {
                acknowledged.extend(batch.into_iter().map(|new| new.event));
            }
        }
        let read: Vec<Event> = both.read().into_iter().map(|recorded| recorded.event).collect();
        prop_assert_eq!(read, acknowledged);
    }
}
