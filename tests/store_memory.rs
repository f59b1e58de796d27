//! The memory store keeps every promise of an event store, and some of its own.

use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{
    AppendError, Batch, Entry, EventReader, EventStore, Listing, Memory, NewEvent, Query, Read, ReadError,
    Reading, StreamInfo,
};
use leftfold::sum;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

mod promises {
    use leftfold::store::Memory;

    leftfold::conformance!(Memory::new);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Door {
    Opened,
    #[serde(rename = "$deleted")]
    Gone,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shop {
    Opened,
    Closed,
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum House { Door(Door), Shop(Shop) }
}

fn stream() -> StreamName {
    StreamName::of("house", 1).unwrap()
}

#[test]
fn messages_that_a_log_could_not_tell_apart_are_refused() {
    let house = Memory::<House>::new();
    house.append(Batch::to(&stream()).event(Shop::Closed.into())).unwrap();
    let refused = house.append(Batch::to(&stream()).event(Shop::Opened.into())).unwrap_err();
    assert!(matches!(&refused, AppendError::Ambiguous { .. }), "{refused}");
    assert_eq!(
        refused.to_string(),
        "shop.Opened and door.Opened would both be stored as Opened, and a log could not tell them apart: give one of them \
         another name with #[serde(rename = …)]"
    );
    assert_eq!(house.head().unwrap().get(), 1, "nothing was recorded");
}

#[test]
fn a_type_cannot_be_called_as_the_entries_of_the_store_are() {
    let doors = Memory::<Door>::new();
    for _ in 0..2 {
        let refused = doors.append(Batch::to(&stream()).event(Door::Opened).event(Door::Gone)).unwrap_err();
        assert!(
            matches!(&refused, AppendError::Reserved { event_type } if event_type == "$deleted"),
            "{refused}"
        );
    }
    assert_eq!(doors.head().unwrap().get(), 0, "nothing was recorded");
}

#[test]
fn an_id_that_the_store_is_to_make_yet_is_refused() {
    let doors = Memory::<Door>::new();
    doors.append(Batch::to(&stream()).event(Door::Opened)).unwrap();
    let first = doors.all(Query::all()).unwrap()[0].id.clone();
    let (begins, number) = first.as_str().rsplit_once('-').unwrap();
    assert_eq!(number, "1");
    let next = NewEvent::of(Door::Opened).id(EventId::new(format!("{begins}-2")).unwrap());
    let refused = doors.append(Batch::to(&stream()).record(next)).unwrap_err();
    assert!(matches!(refused, AppendError::IdTaken { .. }), "{refused}");
    doors.append(Batch::to(&stream()).event(Door::Opened)).unwrap();
}

#[test]
fn ids_come_from_where_they_are_said_to_come_from() {
    let doors = Memory::<Door>::new().event_ids(|| EventId::new("always the same").unwrap());
    doors.append(Batch::to(&stream()).event(Door::Opened)).unwrap();
    assert_eq!(doors.all(Query::all()).unwrap()[0].id.as_str(), "always the same");
    let refused = doors.append(Batch::to(&stream()).event(Door::Opened)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "event id always the same is taken: the store's source of ids made it again; it is at position 1"
    );
    assert_eq!(format!("{doors:?}"), "Memory { head: 1, .. }");
}

/// A log to which somebody appends whenever it is waited for, a few times.
struct Dripping {
    store: Memory<Door>,
    left: AtomicU64,
    every: Duration,
}

impl EventReader<Door> for Dripping {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Door>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.store.visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        if self.left.load(Ordering::Relaxed) > 0 {
            self.left.fetch_sub(1, Ordering::Relaxed);
            sleep(self.every);
            self.store.append(Batch::to(&StreamName::of("door", 1).unwrap()).event(Door::Opened)).unwrap();
            return self.store.head();
        }
        self.store.wait(after, at_most)
    }
}

#[test]
fn a_follower_waits_for_silence_and_not_for_so_long_in_all() {
    let dripping =
        Dripping { store: Memory::new(), left: AtomicU64::new(6), every: Duration::from_millis(60) };
    let mut feed = dripping.subscribe(Query::all(), Position::START);
    let shown = feed.follow(Duration::from_millis(200), |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(shown, 6, "no pause was as long as the silence that it waits for");
}
