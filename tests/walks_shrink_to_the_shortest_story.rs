//! Whatever walk finds a planted mistake, the story that is told is the shortest there is.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Property, Walks, walks};
use reserve::*;

fn found(decider: &Reserve, property: Property<Reserve>, seed: u64) -> Walks<Reserve> {
    walks(decider).alphabet(alphabet(decider.customers)).property(property).walks(20_000).seed(seed).run()
}

fn always_ends_at(length: usize, decider: &Reserve, property: &Property<Reserve>) {
    let stories: Vec<_> = (0..4)
        .map(|seed| {
            let walks = found(decider, property.clone(), seed);
            let finding = walks.findings.first().expect("20,000 walks find it").clone();
            assert!(finding.proved_shortest(), "{finding}");
            assert_eq!(finding.story.len(), length, "{finding}");
            finding.story
        })
        .collect();
    assert!(stories.iter().all(|story| *story == stories[0]), "one mistake, one story: {stories:?}");
}

#[test]
fn a_signature_that_nobody_checks_takes_six_commands() {
    always_ends_at(6, &Reserve::with_sign_unchecked(2), &reserve_is_kept());
}

#[test]
fn a_suspension_beside_a_refund_takes_ten_commands() {
    always_ends_at(10, &Reserve::of(2), &never_suspended_beside_a_refund());
}

#[test]
fn two_late_offers_take_ten_commands() {
    always_ends_at(10, &Reserve::of(2), &never_two_late_offers());
}
