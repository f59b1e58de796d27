//! The memory store keeps every promise of an event store, and some of its own.

use leftfold::recorded::{EventId, StreamName};
use leftfold::store::{AppendError, Batch, EventReader, EventStore, Memory, NewEvent, Query, Reading};
use leftfold::sum;
use serde::{Deserialize, Serialize};

mod promises {
    use leftfold::store::Memory;

    leftfold::store::conformance!(Memory::new);
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
        "event id always the same is taken: the store's source of ids made it again; it stands at position 1"
    );
    assert_eq!(format!("{doors:?}"), "Memory { head: 1, .. }");
}
