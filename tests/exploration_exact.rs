//! Two states are the same when they are equal, and whatever makes unequal states look alike is found out.

use leftfold::check::explore::Unfit;
use leftfold::check::{ExplorationVerdict, Property, explore};
use leftfold::im::OrdSet;
use leftfold::{Decider, Fold, decider};
use serde::{Deserialize, Serialize};

/// Three things on three shelves; a thing is moved to the next shelf. `Hash` of an `OrdSet` writes no length, so that a
/// hash of this state does not see on which shelf a thing stands.
struct Shelves;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Shelved {
    first: OrdSet<u8>,
    second: OrdSet<u8>,
    third: OrdSet<u8>,
}

impl Fold for Shelves {
    type State = Shelved;
    type Event = u8;
    fn initial_state(&self) -> Shelved {
        Shelved { first: (0..3).collect(), second: OrdSet::new(), third: OrdSet::new() }
    }
    fn evolve(&self, mut state: Shelved, thing: &u8) -> Shelved {
        if state.first.remove(thing).is_some() {
            state.second.insert(*thing);
        } else if state.second.remove(thing).is_some() {
            state.third.insert(*thing);
        }
        state
    }
}

impl Decider for Shelves {
    type Command = u8;
    type Rejection = ();
    fn decide(&self, thing: &u8, state: &Shelved) -> Result<Vec<u8>, ()> {
        if state.third.contains(thing) { Err(()) } else { Ok(vec![*thing]) }
    }
}

#[test]
fn things_moved_between_collections_make_other_states() {
    let all = |_: &Shelved| [0u8, 1, 2];
    let done = || Property::sometimes("all is on the third shelf", |state: &Shelved| state.third.len() == 3);
    for found in [
        explore(&Shelves, all).property(done()).run(),
        explore(&Shelves, all).property(done()).compact().run(),
        explore(&Shelves, all).property(done()).keep_states().run(),
    ] {
        assert_eq!(found.states, 27, "{found}");
        assert!(found.holds(), "{found}");
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Forgetful {
    seen: u8,
    #[serde(skip)]
    hidden: u8,
}

#[test]
fn a_field_that_is_not_written_is_found_out() {
    let model = decider(
        || Forgetful { seen: 0, hidden: 0 },
        |add: &u8, state: &Forgetful| if state.hidden < 100 { Ok(vec![*add]) } else { Err(()) },
        |state: Forgetful, add: &u8| Forgetful { seen: (state.seen + add) % 3, hidden: state.hidden + add },
    );
    let found = explore(&model, |_: &Forgetful| [0u8, 1]).run();
    assert_eq!(found.verdict, ExplorationVerdict::Unfit(Unfit::Lossy));
    assert_eq!(found.unfit_at.as_ref().map(|story| story.commands.clone()), Some(vec![1]));
    assert!(!found.holds());
    assert!(found.to_string().contains("`.keep_states()`"), "{found}");

    let kept = explore(&model, |_: &Forgetful| [0u8, 1]).keep_states().run();
    assert_eq!((kept.verdict, kept.states), (ExplorationVerdict::Exhausted, 101));
}

/// Written without its last digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rounded(u32);

impl Serialize for Rounded {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0 / 10)
    }
}

impl<'de> Deserialize<'de> for Rounded {
    fn deserialize<De: serde::Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        u32::deserialize(deserializer).map(|tens| Rounded(tens * 10))
    }
}

#[test]
fn a_state_that_is_rounded_on_the_way_is_found_out() {
    let model = decider(
        || Rounded(0),
        |(): &(), state: &Rounded| {
            if state.0 < 200_000 { Ok(vec![if state.0 < 10_000 { 10 } else { 3 }]) } else { Err(()) }
        },
        |state: Rounded, add: &u32| Rounded(state.0 + add),
    );
    let found = explore(&model, |_: &Rounded| [()]).run();
    assert_eq!(found.verdict, ExplorationVerdict::Unfit(Unfit::Lossy), "{found}");
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Tagged {
    #[serde(flatten)]
    inner: std::collections::BTreeMap<String, u8>,
}

#[test]
fn a_form_that_cannot_be_read_back_is_refused_with_a_sentence() {
    let model = decider(
        || Tagged { inner: [("a".to_string(), 0)].into() },
        |add: &u8, _: &Tagged| Ok::<_, ()>(vec![*add]),
        |state: Tagged, _: &u8| state,
    );
    let found = explore(&model, |_: &Tagged| [1u8]).run();
    assert!(
        matches!(found.verdict, ExplorationVerdict::Unfit(Unfit::NotWritten { .. } | Unfit::NotRead { .. })),
        "{found}"
    );
    let ExplorationVerdict::Unfit(why) = &found.verdict else { panic!("{found}") };
    assert!(why.to_string().contains("or explore with `.keep_states()`"), "{found}");
}

/// Equal by value, so that `Eq` and `Hash` can be written at all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Celsius(f64);

impl PartialEq for Celsius {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Celsius {}
impl std::hash::Hash for Celsius {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        (self.0 + 0.0).to_bits().hash(hasher);
    }
}

#[test]
fn a_zero_of_two_signs_is_refused_with_a_sentence() {
    let model = decider(
        || Celsius(1.0),
        |by: &f64, _: &Celsius| Ok::<_, ()>(vec![*by]),
        |state: Celsius, by: &f64| Celsius(state.0 * by),
    );
    let found = explore(&model, |_: &Celsius| [0.0, -1.0]).run();
    assert_eq!(found.verdict, ExplorationVerdict::Unfit(Unfit::Float { found: "-0.0" }), "{found}");
    assert_eq!(explore(&model, |_: &Celsius| [0.0, -1.0]).keep_states().run().states, 3);
}
