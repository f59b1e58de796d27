//! A panic is a finding with its history, not a crash.

use leftfold::check::{ExplorationBound, ExplorationVerdict, Property, PropertyAnswer, explore};
use leftfold::decider;

const STEPS: fn(&u8) -> [u8; 2] = |_| [1, 2];

#[test]
fn a_decision_that_panics_is_found_with_its_shortest_history() {
    let model = decider(
        || 0u8,
        |add: &u8, n: &u8| match (add, n) {
            (2, 5) => panic!("five and two"),
            _ if *n < 20 => Ok(vec![*add]),
            _ => Err(()),
        },
        |n, add: &u8| n + add,
    );
    for threads in [1, 2] {
        let found = explore(&model, STEPS).threads(threads).run();
        let panic = found.panic.as_ref().unwrap();
        // With the line it came from.
        assert!(panic.message.starts_with("five and two (tests/exploration_panics.rs:"), "{}", panic.message);
        assert_eq!(panic.story.commands, [1, 2, 2, 2]);
        assert!(
            matches!(&found.verdict, ExplorationVerdict::Bounded { why, .. } if *why == [ExplorationBound::Panicked]),
            "{found}"
        );
        assert!(!found.holds());
        assert!(found.to_string().contains("five and two"), "{found}");
    }
}

#[test]
fn a_state_that_panics_in_evolve_or_in_the_alphabet_is_found() {
    let model = decider(
        || 250u8,
        |add: &u8, _: &u8| Ok::<_, ()>(vec![*add]),
        |n: u8, add: &u8| n.checked_add(*add).expect("no overflow"),
    );
    let found = explore(&model, STEPS).run();
    let panic = found.panic.as_ref().unwrap();
    assert!(panic.message.contains("no overflow"));
    assert_eq!(panic.story.commands, [2, 2, 2]);

    let found = explore(&model, |n: &u8| if *n == 252 { panic!("no letters") } else { [1u8] }).run();
    let panic = found.panic.as_ref().unwrap();
    assert!(panic.message.starts_with("no letters"));
    assert_eq!(panic.story.commands, [1, 1]);
}

#[test]
fn an_initial_state_that_panics_is_found() {
    let model = decider(
        || -> u8 { panic!("nothing to begin with") },
        |add: &u8, _: &u8| Ok::<_, ()>(vec![*add]),
        |n: u8, _: &u8| n,
    );
    let found = explore(&model, STEPS).property(Property::never_stuck()).run();
    assert!(found.panic.as_ref().unwrap().message.starts_with("nothing to begin with"));
    assert_eq!((found.states, found.holds()), (0, false));
    assert!(matches!(found.answer("never stuck"), Some(PropertyAnswer::Undecided)));
}

#[test]
fn a_property_that_panics_ends_alone() {
    let model = decider(
        || 0u8,
        |add: &u8, n: &u8| if *n < 20 { Ok(vec![*add]) } else { Err(()) },
        |n, add: &u8| n + add,
    );
    let found = explore(&model, STEPS)
        .property(Property::always("asks too much", |n: &u8| if *n == 4 { panic!("why four") } else { true }))
        .property(Property::always_step("asks each step", |step| {
            if *step.after == 3 { panic!("why three") } else { true }
        }))
        .property(Property::always("below fifteen", |n: &u8| *n < 15))
        .run();
    let Some(PropertyAnswer::Panicked(story, message)) = found.answer("asks too much") else {
        panic!("{found}")
    };
    assert!(message.starts_with("why four"));
    assert_eq!(story.commands, [2, 2]);
    let Some(PropertyAnswer::Panicked(story, _)) = found.answer("asks each step") else { panic!("{found}") };
    assert_eq!(story.commands, [1, 2]);
    assert!(
        matches!(found.answer("below fifteen"), Some(PropertyAnswer::Violated(story)) if story.len() == 8)
    );
    assert_eq!((found.verdict, found.states), (ExplorationVerdict::Exhausted, 22));
}
