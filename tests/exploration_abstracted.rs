//! A view may decide which states are the same; the report names it, and a view that hides what matters is found out.

use leftfold::check::{ExplorationVerdict, Property, PropertyAnswer, explore};
use leftfold::{Decider, decider};
use serde::{Deserialize, Serialize};

/// A lamp that counts how often it was switched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Lamp {
    on: bool,
    switched: u32,
}

fn lamp(
    breaks_after: u32,
) -> impl Decider<State = Lamp, Command = bool, Event = bool, Rejection = &'static str> + Sync {
    decider(
        || Lamp { on: false, switched: 0 },
        move |on: &bool, lamp: &Lamp| match () {
            () if lamp.on == *on => Err("already so"),
            () if lamp.switched >= breaks_after => Err("broken"),
            () => Ok(vec![*on]),
        },
        |lamp: Lamp, on: &bool| Lamp { on: *on, switched: lamp.switched + 1 },
    )
}

fn both(_: &Lamp) -> [bool; 2] {
    [true, false]
}

fn goes_on<D: Decider<State = Lamp>>() -> Property<D> {
    Property::sometimes("it is on", |lamp: &Lamp| lamp.on)
}

#[test]
fn a_counter_that_does_not_matter_is_looked_away_from() {
    let lamp = lamp(u32::MAX);
    let found = explore(&lamp, both)
        .abstracted("on or off", |lamp| lamp.on)
        .properties([goes_on(), Property::never_stuck()])
        .property(Property::always_possible("off again", |lamp: &Lamp| !lamp.on))
        .run();
    assert_eq!(found.states, 2);
    let ExplorationVerdict::Abstracted { by, compared, unsound } = &found.verdict else { panic!("{found}") };
    assert_eq!((by.as_str(), *unsound), ("on or off", false));
    assert!(*compared > 0, "{found}");
    assert!(
        matches!(found.answer("it is on"), Some(PropertyAnswer::Reached(story)) if story.commands == [true])
    );
    assert!(matches!(found.answer("never stuck"), Some(PropertyAnswer::HoldsAbstracted)));
    assert!(found.holds());
    assert!(found.to_string().contains("distinguished by \"on or off\""), "{found}");
}

#[test]
fn a_view_that_hides_what_matters_lets_nothing_hold() {
    let lamp = lamp(2);
    let never_broken = Property::always("no lamp breaks", |lamp: &Lamp| lamp.switched < 2);
    let found = explore(&lamp, both).abstracted("on or off", |lamp| lamp.on).property(never_broken).run();
    assert!(matches!(found.verdict, ExplorationVerdict::Abstracted { unsound: true, .. }), "{found}");
    assert!(matches!(found.answer("no lamp breaks"), Some(PropertyAnswer::Undecided)));
    assert!(!found.holds());
    assert!(found.to_string().contains("hides what matters"), "{found}");
}

#[test]
fn a_view_keeps_its_word_in_compact_mode_and_with_threads() {
    let lamp = lamp(u32::MAX);
    for threads in [1, 2] {
        let found = explore(&lamp, both)
            .compact()
            .abstracted("on, and switched how often up to ten", |lamp| (lamp.on, lamp.switched.min(10)))
            .property(goes_on())
            .threads(threads)
            .run();
        assert_eq!(found.states, 12, "{found}");
        assert!(found.holds(), "{found}");
    }
}
