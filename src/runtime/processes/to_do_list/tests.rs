//! The agenda and the visible items, compared with a look at every instance.

use super::*;
use crate::fold::Fold;
use crate::recorded::{Metadata, StreamName, Version};
use proptest::prelude::*;

/// A process manager whose events put an item on the list, or take it off.
struct Errands;

/// Its key, from when on it is due, and until when.
type Errand = (u8, Option<i64>, Option<i64>);

impl Fold for Errands {
    type State = BTreeMap<u8, (Option<i64>, Option<i64>)>;
    type Event = Result<Errand, u8>;

    fn initial_state(&self) -> Self::State {
        BTreeMap::new()
    }

    fn evolve(&self, mut state: Self::State, event: &Self::Event) -> Self::State {
        match event {
            Ok((key, from, end)) => state.insert(*key, (*from, *end)),
            Err(key) => state.remove(key),
        };
        state
    }
}

impl ProcessManager for Errands {
    type Command = ();

    fn pending(&self, state: &Self::State) -> Vec<Owed<()>> {
        let owed = |(key, (from, end)): (&u8, &(Option<i64>, Option<i64>))| {
            let owed = match from {
                None => Owed::now(key.to_string(), ()),
                Some(second) => Owed::at(at(*second), key.to_string(), ()),
            };
            end.map_or(owed.clone(), |second| owed.until(at(second)))
        };
        state.iter().map(owed).collect()
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[derive(Clone, Debug)]
enum Step {
    Event(u8, Result<Errand, u8>),
    /// One of the items that are due is issued, or fails and is tried again at some time, or never.
    Issue(prop::sample::Index),
    Fail(prop::sample::Index, Option<i64>),
    /// Any item that is owed is released.
    Release(prop::sample::Index),
    Time(i64),
    /// The list is written and read again.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let place = any::<prop::sample::Index>;
    let second = || 0..20i64;
    let event = prop_oneof![
        2 => (0..3u8, prop::option::of(second()), prop::option::of(second())).prop_map(Ok),
        1 => (0..3u8).prop_map(Err),
    ];
    prop_oneof![
        6 => (0..3u8, event).prop_map(|(identity, event)| Step::Event(identity, event)),
        3 => place().prop_map(Step::Issue),
        3 => (place(), prop::option::of(second())).prop_map(|(place, again)| Step::Fail(place, again)),
        2 => place().prop_map(Step::Release),
        3 => second().prop_map(Step::Time),
        1 => Just(Step::Restart),
    ]
}

fn envelope(position: u64, identity: u8) -> Envelope {
    Envelope {
        position: Position::new(position),
        stream: StreamName::of("errands", identity).unwrap(),
        version: Version::new(position),
        event_type: "Errand".into(),
        tags: Vec::new(),
        recorded_at: at(0),
        id: EventId::new(position.to_string()).unwrap(),
        metadata: Metadata::default(),
    }
}

fn empty() -> ToDoList<Errands> {
    ToDoList::of(Errands, Box::new(|envelope, _| Some(envelope.stream.to_string())), 1)
}

/// Every item of every instance, made without the agenda.
fn every(list: &ToDoList<Errands>) -> Vec<OwedItem> {
    let of_one = |(identity, instance): (&String, &Instance<_>)| {
        let owed_item = |Owed { key, due, .. }: Owed<()>| {
            let item = instance.owed.get(&key).expect("what is pending is owed");
            let issued = list.is_issued(identity, &key, item.since);
            OwedItem::of(identity, key, due, item, issued)
        };
        Errands.pending(&instance.state).into_iter().map(owed_item).collect::<Vec<_>>()
    };
    list.instances.iter().flat_map(of_one).collect()
}

fn can_be_issued(item: &OwedItem, now: Timestamp) -> bool {
    item.due.is_due(Some(now)) && !item.issued && !item.parked && item.again.is_none_or(|again| again <= now)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_due_is_what_a_look_at_every_item_finds(steps in prop::collection::vec(step(), 0..60)) {
        let folder = tempfile::tempdir().unwrap();
        let place = CheckpointPlace::of(folder.path(), "errands");
        let (mut list, mut now) = (empty(), 0);
        list.load(&place).unwrap();
        for (position, step) in (1..).zip(steps) {
            let due = list.due(at(now)).unwrap();
            let chosen = |place: prop::sample::Index| (!due.is_empty()).then(|| &due[place.index(due.len())]);
            match step {
                Step::Event(identity, event) => list.apply(&envelope(position, identity), &event).unwrap(),
                Step::Issue(place) => if let Some(DueItem { identity, key, since, .. }) = chosen(place) {
                    list.mark_issued(identity, key, *since);
                }
                Step::Fail(place, again) => if let Some(DueItem { identity, key, since, .. }) = chosen(place) {
                    let trouble = |attempts| Trouble { attempts, cause: "no".into(), again: again.map(at) };
                    prop_assert!(list.mark_failed(identity, key, *since, trouble));
                    let before = Position::new(since.get() - 1);
                    prop_assert!(!list.mark_failed(identity, key, before, trouble), "another item");
                }
                Step::Release(place) => {
                    let items = list.owed_items().all();
                    if let Some(OwedItem { identity, key, parked, .. }) =
                        (!items.is_empty()).then(|| &items[place.index(items.len())])
                    {
                        prop_assert_eq!(list.release(identity, key), *parked);
                    }
                }
                Step::Time(second) => now = second,
                Step::Restart => {
                    list.commit(&Checkpoint::default()).unwrap();
                    list = empty();
                    list.load(&place).unwrap();
                }
            }
            for (identity, instance) in &list.instances {
                let as_it_began = instance.owed.is_empty() && instance.state.is_empty();
                prop_assert!(!as_it_began, "{identity} is as it began, and is kept");
            }
            let every = every(&list);
            prop_assert_eq!(&list.owed_items().all(), &every);
            let mut found: Vec<_> =
                list.due(at(now)).unwrap().into_iter().map(|item| (item.identity, item.key)).collect();
            found.sort();
            let expected = every.into_iter().filter(|item| can_be_issued(item, at(now)));
            let expected: Vec<_> = expected.map(|item| (item.identity, item.key)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn what_was_due_first_comes_first() {
    let mut list = empty();
    for (identity, due) in [(1, Some(7)), (2, Some(3)), (3, None), (4, Some(9))] {
        list.apply(&envelope(identity.into(), identity), &Ok((0, due, None))).unwrap();
    }
    let due: Vec<_> = list.due(at(8)).unwrap().into_iter().map(|item| item.identity).collect();
    assert_eq!(due, ["errands-3", "errands-2", "errands-1"]);
}

/// A runner asks every few milliseconds; thousands of items that nobody wants any more must not cost anything then.
#[test]
fn what_has_ended_is_not_looked_at_again() {
    let mut list = empty();
    list.apply(&envelope(1, 1), &Ok((0, Some(3), Some(5)))).unwrap();
    assert_eq!(list.due(at(4)).unwrap().len(), 1);
    assert_eq!(list.due(at(5)).unwrap().len(), 0);
    assert_eq!(list.agenda.len(), 0);
    assert_eq!(list.owed_items().all().len(), 1, "it stays owed until an event settles it");
    assert_eq!(list.due(at(4)).unwrap().len(), 1, "the clock was set back");
}
