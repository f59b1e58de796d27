//! A walk counts accepted steps, ends at a dead end, leaves things out, and says what came up.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Property, walks};
use leftfold::{Decider, Keyed, decider, keyed};
use proptest::prelude::*;
use reserve::*;

#[test]
fn the_length_of_a_walk_counts_accepted_commands() {
    let even = decider(
        || 0u32,
        |n: &u32, _: &u32| if n.is_multiple_of(2) { Ok(vec![*n]) } else { Err("odd") },
        |sum, n: &u32| sum + n,
    );
    let found = walks(&even).alphabet(|_| vec![1, 2, 3, 4]).walks(10).steps(7).seed(1).run();
    assert_eq!(found.lengths, [7; 5]);
    assert_eq!(found.accepted, 70);
    assert!(found.refused > 0);
    assert_eq!(found.dead_ends, 0);
}

#[test]
fn a_walk_ends_at_a_dead_end_or_with_its_story() {
    let jar = decider(
        || 0u8,
        |(): &(), n: &u8| if *n < 3 { Ok(vec![()]) } else { Err("full") },
        |n, (): &()| n + 1,
    );
    let found = walks(&jar).alphabet(|_| vec![()]).walks(5).seed(1).run();
    assert_eq!((found.dead_ends, found.terminal, found.lengths), (5, 0, [3; 5]));
    let found = walks(&jar).commands(|_| Just(())).walks(5).tries(9).refused_let_through(1.0).seed(1).run();
    assert_eq!((found.dead_ends, found.refused, found.let_through), (5, 45, 45));

    let found =
        walks(&Reserve::of(1)).alphabet(alphabet(1)).walks(50).steps(1_000).leave_out(0.0).seed(1).run();
    assert_eq!((found.terminal, found.dead_ends), (50, 0));
}

#[test]
fn leaving_out_sees_more_states_in_as_many_walks() {
    let reserve = Reserve::of(2);
    let states = |share| {
        let walking = walks(&reserve).alphabet(alphabet(2)).walks(2_000).leave_out(share).seed(1);
        walking.count_states().run().states.unwrap()
    };
    let (all, swarm) = (states(0.0), states(0.5));
    assert!(swarm * 10 > all * 12, "{all} states with all commands, {swarm} with some left out");
}

#[test]
fn keyed_commands_are_left_out_by_the_name_of_the_message() {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Step {
        Left,
        Right,
    }
    let path = decider(
        || 0i32,
        |step: &Step, _: &i32| Ok::<_, ()>(vec![step.clone()]),
        |at, step: &Step| if *step == Step::Left { at - 1 } else { at + 1 },
    );
    let many = path.many::<u8>();
    let both = |_: &_| {
        (0..3)
            .flat_map(|key| [keyed(key, Step::Left), keyed(key, Step::Right)])
            .collect::<Vec<Keyed<u8, Step>>>()
    };
    let one_way = |commands: &[Keyed<u8, Step>], _: &_| {
        commands.windows(2).all(|pair| pair[0].message == pair[1].message)
    };
    let by_name =
        walks(&many).alphabet(both).kinds_by_name().leave_out(1.0).classify("one way", one_way).seed(1).run();
    let by_variant = walks(&many).alphabet(both).classify("one way", one_way).seed(1).run();
    assert!(by_name.classes[0].walks > 60, "{by_name}");
    assert_eq!(by_variant.classes[0].walks, 0, "a struct has one variant, and nothing is left out");
}

#[test]
fn what_came_up_is_counted_by_name() {
    let found = walks(&Reserve::of(2)).alphabet(alphabet(2)).statistics().seed(1).run();
    let statistics = found.statistics.as_ref().unwrap();
    assert_eq!(statistics.commands.values().map(|answers| answers.accepted).sum::<usize>(), found.accepted);
    assert_eq!(statistics.commands.values().map(|answers| answers.refused).sum::<usize>(), found.let_through);
    assert_eq!(statistics.events.values().sum::<usize>(), found.accepted);
    assert_eq!(statistics.rejections.len(), 4);
    assert_eq!(statistics.never(), Vec::<String>::new());
    assert!((0.05..0.3).contains(&found.share_accepted().unwrap()), "{found}");
}

#[test]
fn classes_are_counted_and_covers_are_demanded() {
    let somebody =
        |state: &State| state.contracts.values().any(|it| matches!(it, Contract::Terminated { .. }));
    let reserve = Reserve::of(2);
    let walking = || walks(&reserve).alphabet(alphabet(2)).seed(1);
    let found = walking()
        .classify("signed", |commands, _| commands.iter().any(|c| matches!(c, Command::Sign(_))))
        .run();
    assert!(found.classes[0].walks > 0 && found.holds());

    assert!(walking().cover(95.0, "somebody left", move |_, state| somebody(state)).run().holds());
    let found = walking().cover(10.0, "nobody came", |commands, _| commands.is_empty()).run();
    assert!(!found.holds());
    assert!(found.to_string().contains("nobody came: 0 walks (0.00 %), NOT the 10 % demanded"), "{found}");
}

#[test]
fn the_page_is_calm_and_at_most_80_wide() {
    let found = walks(&Reserve::with_sign_unchecked(2))
        .alphabet(alphabet(2))
        .properties([
            reserve_is_kept(),
            never_two_late_offers(),
            Property::sometimes(
                "everybody left with a refund, which takes a sentence that is too long for one line",
                |_| true,
            ),
            Property::always_possible("it can end", |_| true),
        ])
        .cover(10.0, "left", |_, _| true)
        .statistics()
        .count_states_of(14_288)
        .walks(2_000)
        .seed(1)
        .run();
    let page = found.to_string();
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(page.starts_with(" walks    2,000 (seed 1)\n commands "), "{page}");
    let known = " of 14,288 known (";
    assert!(page.contains(known), "{page}");
}
