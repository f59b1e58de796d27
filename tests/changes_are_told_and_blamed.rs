//! What changed between two versions, where it stands, and which event did it.

#[allow(dead_code)]
#[path = "models/bank.rs"]
mod bank;

use bank::{Bank, Event, histories};
use leftfold::recorded::Version;
use leftfold::timeline::{Change, Diff, Path, TimelineError, Value};
use leftfold::{Fold, Timeline, view};
use proptest::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
enum Shelf {
    Front,
    Room(u8),
    Place { room: u8, of: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Slot {
    shelf: u32,
    of: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Everything {
    by_text: BTreeMap<String, i64>,
    by_number: BTreeMap<i64, Option<u8>>,
    by_struct: BTreeMap<Slot, (u8, String)>,
    by_enum: BTreeMap<Shelf, Vec<u8>>,
    by_pair: BTreeMap<(u8, char), bool>,
    hashed: HashMap<u8, u8>,
    set: BTreeSet<String>,
    list: Vec<BTreeMap<String, i64>>,
    state: Option<Shelf>,
}

fn shelf() -> impl Strategy<Value = Shelf> {
    prop_oneof![
        Just(Shelf::Front),
        (0..3u8).prop_map(Shelf::Room),
        (0..3u8, "[a-c.\"]{0,2}").prop_map(|(room, of)| Shelf::Place { room, of }),
    ]
}

prop_compose! {
    fn everything()(
        by_text in prop::collection::btree_map("[a-c.1 \"\\\\\n{]{0,3}", -5..5i64, 0..4),
        by_number in prop::collection::btree_map(-3..12i64, prop::option::of(0..3u8), 0..4),
        by_struct in prop::collection::btree_map(
            (0..3u32, "[a. ]{0,2}").prop_map(|(shelf, of)| Slot { shelf, of }), (0..3u8, "[ab]"), 0..4),
        by_enum in prop::collection::btree_map(shelf(), prop::collection::vec(0..4u8, 0..4), 0..4),
        by_pair in prop::collection::btree_map((0..2u8, prop::char::range('a', 'c')), any::<bool>(), 0..4),
        hashed in prop::collection::hash_map(0..9u8, 0..3u8, 0..6),
        set in prop::collection::btree_set("[a-e]", 0..5),
        list in prop::collection::vec(prop::collection::btree_map("[ab]", 0..3i64, 0..3), 0..5),
        state in prop::option::of(shelf()),
    ) -> Everything {
        Everything { by_text, by_number, by_struct, by_enum, by_pair, hashed, set, list, state }
    }
}

/// What stands at a path, as the blame of a timeline sees it.
fn standing<S: Clone + Serialize>(state: &S, path: &Path) -> Option<Value> {
    // The event takes away all there is, so that the change is from what stood there to nothing.
    let whole = state.clone();
    let gone = view(move || Some(whole.clone()), |_: Option<S>, (): &()| None);
    let timeline = Timeline::of(gone).extend([()]);
    match timeline.blame(path) {
        Ok(blamed) => blamed.and_then(|blamed| blamed.change.old),
        Err(TimelineError::NoSuchPath { .. }) => None,
        Err(other) => panic!("{other}"),
    }
}

proptest! {
    #[test]
    fn a_diff_is_empty_exactly_where_nothing_changed(one in everything(), other in everything()) {
        prop_assert!(Diff::of(&one, &one.clone()).is_empty());
        prop_assert_eq!(Diff::of(&one, &other).is_empty(), one == other);
    }

    #[test]
    fn what_a_diff_tells_stands_at_its_paths_and_the_paths_can_be_read_back(one in everything(), other in everything()) {
        for Change { path, old, new } in Diff::of(&one, &other).changes {
            prop_assert_eq!(&path.to_string().parse::<Path>().unwrap(), &path);
            match &new {
                Some(_) => prop_assert_eq!(&standing(&other, &path), &new, "at {}", path),
                None => prop_assert_eq!(&standing(&one, &path), &old, "at {}", path),
            }
            prop_assert_ne!(old, new);
        }
    }

    #[test]
    fn backwards_a_diff_tells_the_same_the_other_way_round(one in everything(), other in everything()) {
        let mut there: Vec<_> = Diff::of(&one, &other).changes.into_iter().map(|c| (c.old, c.new)).collect();
        let mut back: Vec<_> = Diff::of(&other, &one).changes.into_iter().map(|c| (c.new, c.old)).collect();
        // Where sequences can be aligned in two ways, the numbers agree.
        prop_assert_eq!(there.is_empty(), back.is_empty());
        let no_sequences = one.list == other.list && one.set == other.set && one.by_enum == other.by_enum;
        if no_sequences {
            there.sort();
            back.sort();
            prop_assert_eq!(there, back);
        }
    }

    #[test]
    fn the_last_event_in_the_history_of_a_path_is_the_blamed_one_and_they_lead_from_one_value_to_the_next(
        events in histories(),
    ) {
        let timeline = Timeline::of(Bank).extend(events.clone());
        for path in ["accounts.0.balance", "accounts.2", "refused", "."] {
            let history = timeline.history_of(path);
            prop_assert_eq!(history.clone().map(|history| history.last().cloned()), timeline.blame(path));
            for pair in history.iter().flatten().collect::<Vec<_>>().windows(2) {
                prop_assert!(pair[0].version < pair[1].version);
                prop_assert_eq!(&pair[0].change.new, &pair[1].change.old);
            }
        }
        // By definition: the versions at which this balance is another than in the version before.
        let balance = |version: usize| Bank.fold(&events[..version]).accounts.get(&0).map(|account| account.balance);
        let changed: Vec<u64> = (1..=events.len()).filter(|v| balance(*v) != balance(v - 1)).map(|v| v as u64).collect();
        let told: Vec<u64> =
            timeline.history_of("accounts.0.balance").unwrap().iter().map(|blamed| blamed.version.get()).collect();
        prop_assert_eq!(told, changed);
    }
}

#[test]
fn a_diff_reads_as_a_list_of_what_changed() {
    let slot = |shelf, of: &str| Slot { shelf, of: of.to_string() };
    let one = Everything {
        by_text: [("petra".into(), 50), ("doe@fake.com".into(), 1), ("17".into(), 3)].into(),
        by_number: [(3, None), (-4, Some(1))].into(),
        by_struct: [(slot(2, "tea"), (1, "a".into()))].into(),
        by_enum: [(Shelf::Front, vec![1, 2, 3, 4]), (Shelf::Room(3), vec![])].into(),
        by_pair: [((1, 'a'), true)].into(),
        set: ["new".into(), "urgent".into()].into(),
        list: vec![[("price".to_string(), 5)].into(), [("price".to_string(), 6)].into()],
        state: Some(Shelf::Place { room: 1, of: "tea".into() }),
        ..Everything::default()
    };
    let mut other = one.clone();
    other.by_text =
        [("petra".into(), -20), ("doe@fake.com".into(), 2), ("17".into(), 4), ("alex".into(), 20)].into();
    other.by_number.insert(3, Some(7));
    other.by_number.remove(&-4);
    other.by_struct.insert(slot(2, "tea"), (2, "a".into()));
    other.by_enum.insert(Shelf::Front, vec![2, 3, 9, 4]);
    other.by_enum.insert(Shelf::Place { room: 1, of: "x.y".into() }, vec![]);
    other.by_pair.insert((1, 'a'), false);
    other.set = ["all".into(), "urgent".into()].into();
    other.list[1].insert("price".into(), 8);
    other.state = Some(Shelf::Place { room: 2, of: "tea".into() });
    assert_eq!(
        Diff::of(&one, &other).to_string(),
        r#"by_text."17"                      3 → 4
by_text.alex                      + 20
by_text."doe@fake.com"            1 → 2
by_text.petra                     50 → -20
by_number.-4                      - 1
by_number.3                       none → 7
by_struct.Slot{shelf:2,of:"tea"}.0  1 → 2
by_enum.Front.0                   - 1
by_enum.Front.2                   + 9
by_enum.Place{room:1,of:"x.y"}    + []
by_pair.[1,"a"]                   yes → no
set.0                             "new" → "all"
list.1.price                      6 → 8
state.room                        1 → 2
"#
        .lines()
        .map(|line| {
            let (path, change) = line.split_once("  ").unwrap();
            format!("{path:<34}  {}\n", change.trim_start())
        })
        .collect::<String>()
    );
    assert_eq!(Diff::of(&one, &one).to_string(), "nothing changed\n");
    // Another variant is another thing as a whole.
    other.state = Some(Shelf::Front);
    assert_eq!(Diff::of(&one.state, &other.state).to_string(), ".  Place { room: 1, of: \"tea\" } → Front\n");
}

#[test]
fn long_values_are_cut_short_but_never_to_the_same() {
    let (one, mut other) = ("tea ".repeat(40), "tea ".repeat(40));
    other.push('!');
    let told = Diff::of(&one, &other).to_string();
    assert!(told.contains('!'), "{told}");
    assert!(Diff::of(one.as_str(), "rice").to_string().chars().count() < 90);
}

#[test]
fn an_item_that_goes_does_not_make_all_later_ones_count_as_changed() {
    let one: Vec<u32> = (0..500).collect();
    let mut other = one.clone();
    other.remove(3);
    other.insert(400, 7_000);
    assert_eq!(Diff::of(&one, &other).to_string(), "3    - 3\n400  + 7000\n");
}

#[test]
fn keys_that_are_texts_and_look_like_numbers_are_reached_with_and_without_quotation_marks() {
    let prices = view(BTreeMap::new, |mut prices: BTreeMap<String, u32>, (key, cents): &(String, u32)| {
        prices.insert(key.clone(), *cents);
        prices
    });
    let timeline = Timeline::of(prices).extend([("17".into(), 5), ("a.b".into(), 6), ("17".into(), 7)]);
    for path in ["17", "\"17\""] {
        assert_eq!(timeline.blame(path).unwrap().unwrap().version, Version::new(3));
    }
    assert_eq!(timeline.blame("\"a.b\"").unwrap().unwrap().version, Version::new(2));
}

#[test]
fn a_path_is_read_however_its_spaces_are_written() {
    let path: Path = "prices.Slot{ shelf: 2, of: \"a b\" }".parse().unwrap();
    assert_eq!(path.to_string(), r#"prices.Slot{shelf:2,of:"a b"}"#);
    let seen = view(BTreeMap::new, |mut seen: BTreeMap<&str, u32>, word: &&'static str| {
        *seen.entry(word).or_default() += 1;
        seen
    });
    let seen = Timeline::of(seen).extend(["no address"]);
    for path in ["no address", "\"no address\""] {
        assert_eq!(seen.blame(path).unwrap().unwrap().version, Version::new(1));
    }
}

#[test]
fn the_order_in_which_a_hash_map_tells_its_pairs_is_no_change() {
    let there: HashMap<u32, u32> = (0..100).map(|key| (key, key)).collect();
    let back: HashMap<u32, u32> = (0..100).rev().map(|key| (key, key)).collect();
    assert!(!there.iter().eq(&back), "each has a seed of its own");
    assert!(Diff::of(&there, &back).is_empty());
}

#[test]
fn an_item_of_a_set_is_reached_by_what_it_is() {
    let tags = view(BTreeSet::new, |mut tags: BTreeSet<&str>, tag: &&'static str| {
        if !tags.remove(tag) {
            tags.insert(tag);
        }
        tags
    });
    let timeline = Timeline::of(tags).extend(["urgent", "new", "late", "new"]);
    assert_eq!(timeline.blame("urgent").unwrap().unwrap().version, Version::new(1));
    let versions: Vec<u64> =
        timeline.history_of("new").unwrap().iter().map(|blamed| blamed.version.get()).collect();
    assert_eq!(versions, [2, 4]);
}

#[test]
fn who_took_it_away_is_blamed_as_well() {
    let timeline = Timeline::of(Bank).extend([
        Event::Opened { owner: 1 },
        Event::Deposited { owner: 1, amount: 5 },
        Event::Closed { owner: 1 },
        Event::Opened { owner: 2 },
    ]);
    let blamed = timeline.blame("accounts.1.balance").unwrap().unwrap();
    assert_eq!(blamed.to_string(), "3  Closed { owner: 1 }\n   accounts.1.balance  - 5");
    // Nothing has ever changed this one.
    let unmoved = Timeline::of(Bank).extend([Event::Opened { owner: 1 }]);
    assert_eq!(unmoved.blame("refused"), Ok(None));
    assert_eq!(unmoved.history_of("refused"), Ok(vec![]));
}

#[test]
fn a_path_that_never_exists_is_an_error_with_paths_near_to_it() {
    let timeline = Timeline::of(Bank).extend([
        Event::Opened { owner: 1 },
        Event::Deposited { owner: 1, amount: 5 },
        Event::Closed { owner: 1 },
    ]);
    let near = |path: &str| match timeline.blame(path).unwrap_err() {
        TimelineError::NoSuchPath { near, .. } => near,
        other => panic!("{other}"),
    };
    // In the version that goes furthest along it, though the account is closed by now.
    assert_eq!(near("accounts.1.balanse"), ["accounts.1.balance"]);
    assert_eq!(near("acounts.1.balance"), ["accounts"]);
    assert_eq!(near("xyz"), ["accounts", "refused"]);
    assert_eq!(near("refused.x"), [] as [&str; 0]);
    assert_eq!(timeline.history_of("acounts").unwrap_err(), timeline.blame("acounts").unwrap_err());
    assert_eq!(
        timeline.blame("accounts.1.balanse").unwrap_err().to_string(),
        "there has never been a value at accounts.1.balanse, from version 0 to version 3; is it one of accounts.1.balance?"
    );
}

#[test]
fn a_text_that_is_no_path_is_an_error_that_says_why() {
    let why = |text: &str| match text.parse::<Path>().unwrap_err() {
        TimelineError::InvalidPath { why, .. } => why,
        other => panic!("{other}"),
    };
    assert_eq!(why(""), "it is empty");
    assert_eq!(why("a..b"), "there is nothing between two dots");
    assert_eq!(why("a."), "there is nothing between two dots");
    assert_eq!(why("a.\"b"), "a quotation mark is not closed");
    assert_eq!(why("a.Slot{b"), "a bracket is not closed");
    assert_eq!(why("a.(b]"), "a bracket is closed that was not opened");
    assert_eq!(why("a.\"b\"c"), "there is text after a closing quotation mark");
    assert!(Timeline::of(Bank).extend([Event::Opened { owner: 1 }]).blame("a..b").is_err());
}
