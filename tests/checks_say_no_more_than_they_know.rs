//! A check is green only for what it has looked at, and what it shows comes again when it is replayed.

use leftfold::check::explore::Differed;
use leftfold::check::{
    ExplorationBound, ExplorationVerdict, Law, Property, PropertyAnswer, Shortest, Story, Unfit, drive,
    explore, laws, walks,
};
use leftfold::{Decider, Fold, Model, Scenario, Specification, decider};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What of a model answers in turns: once so, once otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    Accepts,
    Target,
    Panics,
    Evolves,
    Lists,
}

/// A walk along a graph, in which one edge of one node may be flawed.
#[derive(Debug)]
struct Walk {
    edges: Vec<Vec<u8>>,
    flaw: Option<(u8, Flaw)>,
    calls: AtomicU64,
}

impl Walk {
    fn strikes(&self, node: u8, flaw: Flaw) -> bool {
        self.flaw == Some((node, flaw)) && self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)
    }

    fn reachable(&self) -> BTreeSet<u8> {
        let mut seen = BTreeSet::from([0]);
        loop {
            let more: Vec<u8> = seen.iter().flat_map(|node| self.edges[*node as usize].clone()).collect();
            let before = seen.len();
            seen.extend(more);
            if seen.len() == before {
                return seen;
            }
        }
    }

    fn commands(&self, node: u8) -> Vec<u8> {
        let all = self.edges[node as usize].len() as u8;
        (0..if self.strikes(node, Flaw::Lists) { all - 1 } else { all }).collect()
    }
}

impl Fold for Walk {
    type State = u8;
    /// From where to where.
    type Event = (u8, u8);
    fn initial_state(&self) -> u8 {
        0
    }
    fn evolve(&self, _: u8, (from, to): &(u8, u8)) -> u8 {
        if self.strikes(*from, Flaw::Evolves) { 254 } else { *to }
    }
}

impl Decider for Walk {
    type Command = u8;
    type Rejection = ();
    fn decide(&self, edge: &u8, node: &u8) -> Result<Vec<(u8, u8)>, ()> {
        if *node >= 254 {
            return Err(());
        }
        let to = self.edges[*node as usize][*edge as usize];
        assert!(!self.strikes(*node, Flaw::Panics), "now and then");
        match () {
            () if self.strikes(*node, Flaw::Accepts) => Err(()),
            () if self.strikes(*node, Flaw::Target) => Ok(vec![(*node, 255)]),
            () => Ok(vec![(*node, to)]),
        }
    }
}

fn walk() -> impl Strategy<Value = Walk> {
    (2usize..60).prop_flat_map(|nodes| {
        let edges = prop::collection::vec(prop::collection::vec(0..nodes as u8, 1..4), nodes);
        let flaw = prop_oneof![
            Just(Flaw::Accepts),
            Just(Flaw::Target),
            Just(Flaw::Panics),
            Just(Flaw::Evolves),
            Just(Flaw::Lists)
        ];
        let flaw = prop::option::weighted(0.8, (0..nodes as u8, flaw));
        (edges, flaw).prop_map(|(edges, flaw)| Walk { edges, flaw, calls: AtomicU64::new(0) })
    })
}

fn commands(walk: &Walk) -> impl Fn(&u8) -> Vec<u8> + Sync + '_ {
    |node| if *node < 254 { walk.commands(*node) } else { vec![0] }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_model_that_answers_in_turns_is_unfit_and_any_other_is_explored_as_it_replays(
        walk in walk(),
        threads in 1usize..3,
        wanted in 0u8..60,
    ) {
        let found = explore(&walk, commands(&walk))
            .always("never there", move |node| *node != wanted)
            .threads(threads)
            .run();
        let reachable = walk.reachable();
        if walk.flaw.is_some_and(|(node, _)| reachable.contains(&node)) {
            prop_assert!(matches!(&found.verdict, ExplorationVerdict::Unfit(Unfit::NotDeterministic { .. })), "{}", found);
            prop_assert!(!found.holds());
            prop_assert!(found.findings.iter().all(|finding| matches!(finding.answer, PropertyAnswer::Undecided)));
        } else {
            prop_assert_eq!(&found.verdict, &ExplorationVerdict::Exhausted);
            prop_assert_eq!(found.states, reachable.len());
            match found.answer("never there") {
                Some(PropertyAnswer::Violated(story)) => prop_assert_eq!(story.state(&walk), wanted),
                answer => prop_assert!(!reachable.contains(&wanted), "{:?}", answer),
            }
        }
    }
}

#[test]
fn a_flaw_that_no_sample_meets_is_found_when_its_story_is_replayed() {
    let calls = AtomicU64::new(0);
    // Only the very first step from 3,000 leads astray.
    let once = decider(
        || 0u32,
        |(): &(), n: &u32| match n {
            3_000 if calls.fetch_add(1, Ordering::Relaxed) == 0 => Ok(vec![1_000_000]),
            n if *n < 5_000 => Ok(vec![1]),
            _ => Err("the end"),
        },
        |n: u32, add: &u32| n + add,
    );
    let found = explore(&once, |_: &u32| [()]).always("it counts", |n| *n < 1_000_000).run();
    assert!(matches!(found.verdict, ExplorationVerdict::Unfit(Unfit::NotDeterministic { .. })), "{found}");
    let text = found.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("time and chance belong into commands"), "{found}");
}

#[test]
fn a_model_that_remembers_what_it_was_asked_is_found() {
    for (first, later) in
        [(Ok(vec![1]), Ok(vec![2])), (Ok(vec![1]), Err("no more")), (Err("not yet"), Ok(vec![1]))]
    {
        let asked = Mutex::new(BTreeSet::new());
        let model = decider(
            || 0u32,
            |(): &(), n: &u32| match n {
                n if *n >= 20 => Err("the end"),
                n if asked.lock().unwrap().insert(*n) => first.clone(),
                _ => later.clone(),
            },
            |n: u32, add: &u32| n + add,
        );
        let found = explore(&model, |_: &u32| [()]).always("it counts", |_| true).run();
        assert!(
            matches!(found.verdict, ExplorationVerdict::Unfit(Unfit::NotDeterministic { .. })),
            "{found}"
        );
    }
}

#[test]
fn a_first_state_that_is_another_one_each_time_is_found() {
    let calls = AtomicU64::new(0);
    let model = decider(
        || calls.fetch_add(1, Ordering::Relaxed) % 2,
        |(): &(), n: &u64| if *n < 5 { Ok(vec![1]) } else { Err("the end") },
        |n: u64, add: &u64| n + add,
    );
    let found = explore(&model, |_: &u64| [()]).always("it counts", |_| true).run();
    let ExplorationVerdict::Unfit(Unfit::NotDeterministic { what }) = &found.verdict else {
        panic!("{found}")
    };
    assert_eq!(*what, Differed::FirstState);
    let law = laws(walks(&model).alphabet(|_| [()]).seed(1)).all(Law::of_functions()).run();
    assert!(law.findings.iter().any(|finding| finding.failed.starts_with("a state is its history")), "{law}");
}

#[test]
fn a_property_that_answers_in_turns_is_not_believed() {
    let calls = AtomicU64::new(0);
    let found = explore(&counter(), |_: &u64| [1])
        .always("now and then", move |_| calls.fetch_add(1, Ordering::Relaxed) != 2)
        .states(10)
        .run();
    assert!(matches!(found.verdict, ExplorationVerdict::Unfit(Unfit::NotDeterministic { .. })), "{found}");
}

#[test]
fn a_walk_that_does_not_fail_again_says_so() {
    let calls = AtomicU64::new(0);
    let found = walks(&counter())
        .alphabet(|_| [1])
        .property(Property::always("now and then", move |_| calls.fetch_add(1, Ordering::Relaxed) != 99))
        .seed(1)
        .run();
    assert_eq!(found.findings[0].shortest, Shortest::NotReplayed, "{found}");
    let text = found.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("replayed, it does not fail again"), "{found}");
}

/// Counts up for ever.
fn counter()
-> impl leftfold::check::Walkable<State = u64, Command = u64, Event = u64, Rejection = String> + Sync {
    decider(|| 0u64, |add: &u64, _: &u64| Ok::<_, String>(vec![*add]), |n: u64, add: &u64| n + add)
}

#[track_caller]
fn fails(check: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("it is green");
    let literal = || panic.downcast_ref::<&str>().map(ToString::to_string);
    panic.downcast_ref::<String>().cloned().or_else(literal).unwrap_or_default()
}

#[test]
fn what_is_undecided_passes_only_where_that_is_said() {
    let model = counter();
    let explored = || explore(&model, |_: &u64| [1]).always("below a million", |n| *n < 1_000_000);
    let bounded = explored().states(10).run();
    assert!(fails(|| bounded.assert()).contains("`assert_as_far_as_seen`"));
    bounded.assert_as_far_as_seen();

    let reached = explore(&model, |_: &u64| [1]).sometimes("nine", |n| *n == 9).states(100).run();
    reached.assert();
    let whole = explored().within("up to ten", |n| *n < 10).run();
    assert!(fails(|| whole.assert()).contains("undecided"));

    let violated = explore(&model, |_: &u64| [1]).always("below five", |n| *n < 5).states(10).run();
    fails(|| violated.assert());
    fails(|| violated.assert_as_far_as_seen());
}

#[test]
fn an_exploration_that_was_asked_nothing_and_saw_not_all_is_no_success() {
    let model = counter();
    fails(|| explore(&model, |_: &u64| [1]).states(10).run().assert());
    fails(|| explore(&model, |_: &u64| [1]).depth(0).always("any", |_| true).run().assert());
    let without_commands = explore(&model, |_: &u64| []).always("any", |_| true).run();
    assert!(fails(|| without_commands.assert()).contains("no command was tried"));
    assert!(fails(|| without_commands.assert_as_far_as_seen()).contains("no command was tried"));
}

#[test]
fn a_bound_on_memory_ends_an_exploration_with_what_was_found() {
    let model = counter();
    let run = |threads| {
        explore(&model, |_: &u64| [1, 2])
            .always("never a thousand", |n| *n != 1_000)
            .always("below a billion", |n| *n < 1_000_000_000)
            .memory(1 << 20)
            .threads(threads)
            .run()
    };
    let found = run(1);
    let ExplorationVerdict::Bounded { why, .. } = &found.verdict else { panic!("{found}") };
    assert_eq!(why, &[ExplorationBound::Memory(1 << 20)]);
    assert!((10_000..100_000).contains(&found.states), "{found}");
    assert!(
        matches!(found.answer("never a thousand"), Some(PropertyAnswer::Violated(story)) if story.len() == 500)
    );
    assert!(matches!(found.answer("below a billion"), Some(PropertyAnswer::Undecided)));
    let text = found.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("bounded to 1,048,576 bytes of memory (`.memory(…)` sets another bound"),
        "{found}"
    );
    assert_eq!(run(2).states, found.states);
}

#[test]
fn every_way_of_keeping_states_is_bounded_in_memory() {
    let model = counter();
    let setup = || explore(&model, |_: &u64| [1, 2]).memory(1 << 20);
    let all = [
        setup().compact().run(),
        setup().keep_states().run(),
        setup().abstracted("itself", |n| *n).run(),
        setup().always_possible("zero", |n| *n == 0).run(),
    ];
    for found in all {
        assert!(found.states < 100_000, "{found}");
        let ExplorationVerdict::Bounded { why, .. } = &found.verdict else { panic!("{found}") };
        assert_eq!(why, &[ExplorationBound::Memory(1 << 20)]);
    }
}

#[test]
fn large_states_are_bounded_while_they_are_found() {
    let model = decider(
        || vec![0u8; 100_000],
        |at: &u16, _: &Vec<u8>| Ok::<_, ()>(vec![*at]),
        |mut bytes: Vec<u8>, at: &u16| {
            bytes[usize::from(*at)] = 1;
            bytes
        },
    );
    let found = explore(&model, |_: &Vec<u8>| 0..50u16).memory(20_000_000).run();
    assert!((100..300).contains(&found.states), "{found}");
}

#[test]
fn walks_that_look_at_nothing_are_no_success() {
    let model = counter();
    let walking = || walks(&model).alphabet(|_| [1]).property(Property::always("any", |_| true)).seed(1);
    walking().assert();
    assert!(fails(|| walking().walks(0).assert()).contains("no walk was taken"));
    assert!(fails(|| walking().steps(0).assert()).contains("no command was tried"));
    assert!(fails(|| walks(&model).alphabet(|_| []).seed(1).assert()).contains("no command was tried"));
    let undecided = || {
        let never = Property::sometimes("below zero", |_| false);
        walks(&model).alphabet(|_| [1]).properties([never, Property::always_possible("zero", |n| *n == 0)])
    };
    assert!(fails(|| undecided().assert()).contains("no property was decided"));
}

#[test]
fn a_system_that_is_not_driven_agrees_with_nothing() {
    let model = counter();
    let system = || 0u64;
    let add = |system: &mut u64, n: &u64| {
        *system += n;
        true
    };
    let walking = || walks(&model).alphabet(|_| [1]).seed(1);
    drive(walking(), system).accepts(add).assert();
    assert!(fails(|| drive(walking().walks(0), system).accepts(add).assert()).contains("no walk was taken"));
    fails(|| drive(walking().steps(0), system).accepts(add).assert());
}

#[test]
fn what_is_to_be_covered_is_demanded_of_driven_walks_too() {
    let model = counter();
    let covered = |class: fn(&[u64], &u64) -> bool| {
        let walking = walks(&model).alphabet(|_| [1, 2]).cover(50.0, "far", class).seed(1);
        drive(walking, || ()).accepts(|(), _| true).run()
    };
    assert!(covered(|commands, n| commands.len() == 50 && *n > 50).holds());
    let found = covered(|_, n| *n > 1_000);
    assert!(!found.holds());
    assert!(found.to_string().contains("far: 0 walks (0.00 %), NOT the 50 % demanded"), "{found}");
    let law = |class: fn(&[u64], &u64) -> bool| {
        let walking = walks(&model).alphabet(|_| [1, 2]).cover(50.0, "far", class).seed(1);
        laws(walking).law(Law::invariant("any", |_| true)).run()
    };
    assert!(law(|commands, n| commands.len() == 50 && *n > 50).holds());
    let found = law(|_, n| *n > 1_000);
    assert!(!found.holds());
    assert!(found.to_string().contains("far: 0 walks (0.00 %), NOT the 50 % demanded"), "{found}");
}

#[test]
fn a_class_of_no_walk_at_all_is_not_covered() {
    let model = counter();
    let walking = walks(&model).alphabet(|_| [1, 2]).cover(50.0, "far", |_, _| true).walks(0).seed(1);
    let found = laws(walking).law(Law::invariant("any", |_| true)).stories([Story::of([1])]).run();
    assert!(found.to_string().contains("far: 0 walks, NOT the 50 % demanded"), "{found}");
    assert!(!found.holds());
}

#[test]
fn a_law_that_nothing_came_up_for_is_no_success() {
    let model = counter();
    let walking = || walks(&model).alphabet(|_| [1, 2]).seed(1);
    let nothing = "nothing came up that it speaks about";
    for law in [
        Law::idempotent("threes once", |command| *command == 3),
        Law::commuting("threes in any order", |one, other| *one == 3 && *other == 3),
    ] {
        let name = law.name().to_string();
        // Looked at before, of another model: each run counts its own.
        let three = walks(&model).alphabet(|_| [3]).walks(1).steps(1).seed(1);
        let _ = laws(three).law(law.clone()).run();
        let found = laws(walking()).law(law).run();
        assert!(!found.holds() && found.holding.is_empty(), "{found}");
        assert_eq!(found.unlooked, [format!("{name}: {nothing}")]);
        assert!(fails(|| found.assert()).contains(&format!("✗ {name}: {nothing}")), "{found}");
    }
    let idle = || {
        leftfold::process_manager(|| 0u8, |state, _: &u64| state, |_: &u8| Vec::<leftfold::Owed<u64>>::new())
    };
    let found = laws(walking()).law(Law::owed_until_settled("paid", idle(), |_, _| true)).run();
    assert_eq!(found.unlooked, [format!("paid: {nothing}")]);
    let report = jar().alphabet(|_| [Command::Add(1)]).laws([Law::idempotent("never", |_| false)]).check();
    assert!(!report.holds() && report.to_string().contains("never: nothing came up"), "{report}");
    laws(walking()).law(Law::commuting("in any order", |_, _| true)).assert();
}

#[test]
fn a_law_of_histories_is_not_held_by_steps_alone() {
    let model = counter();
    let found = laws(walks(&model).alphabet(|_| [1]).walks(0).seed(1))
        .law(Law::invariant("any", |_| true))
        .law(Law::decide_is_deterministic())
        .cases([(0, 1)])
        .run();
    assert_eq!(found.holding, ["decide is deterministic"], "{found}");
    assert_eq!(found.unlooked, ["any: no history was looked at"], "{found}");
    assert!(!found.holds());
}

#[test]
fn a_property_that_nothing_looks_at_is_no_success() {
    let model = counter();
    let walking = || walks(&model).alphabet(|_| [1]).property(Property::always("none", |_| false)).seed(1);
    assert!(
        fails(|| drive(walking(), || ()).accepts(|(), _| true).assert())
            .contains("none: driving does not look")
    );
    assert!(
        fails(|| laws(walking()).law(Law::invariant("any", |_| true)).assert())
            .contains("none: a law does not look")
    );
}

#[test]
fn laws_that_look_at_nothing_are_no_success() {
    let model = counter();
    let walking = || walks(&model).alphabet(|_| [1]).seed(1);
    assert!(fails(|| laws(walking()).assert()).contains("no law was given"));
    let law = || Law::invariant("any", |_: &u64| true);
    assert!(fails(|| laws(walking().walks(0)).law(law()).assert()).contains("no walk was taken"));
    laws(walking()).law(law()).assert();
}

// --------------------------------------------------------------------------------------------------- whole models

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Add(u8),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Added(u8),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Full,
}

fn jar() -> Model<impl leftfold::Modelled<State = u8, Command = Command, Event = Event, Rejection = Rejection>>
{
    let jar = decider(
        || 0u8,
        |Command::Add(n): &Command, sum: &u8| match sum + n <= 9 {
            true => Ok(vec![Event::Added(*n)]),
            false => Err(Rejection::Full),
        },
        |sum: u8, Event::Added(n): &Event| sum + n,
    );
    Model::new("jar", jar)
}

#[test]
fn a_model_that_declares_nothing_to_be_checked_is_no_success() {
    assert!(fails(|| jar().check().assert()).contains("nothing was checked"));
    let question = || Scenario::open_question("How large is it?");
    fails(|| jar().scenarios([question()]).check().assert());
    let holds = Scenario::named("one").when(Command::Add(1)).then([Event::Added(1)]);
    jar().scenarios([question(), holds]).check().assert();
    jar().alphabet(|_| [Command::Add(1)]).explored(100).check().assert();
}

#[test]
fn a_specification_without_a_scenario_is_no_success() {
    let jar = counter();
    let specification = Specification::new;
    assert!(fails(|| specification().assert(&jar)).contains("nothing was held against the decider"));
    fails(|| specification().scenarios([Scenario::open_question("How large is it?")]).assert(&jar));
    let one = || Scenario::named("one").when(1).then([1]);
    specification().scenarios([Scenario::open_question("How large is it?"), one()]).assert(&jar);
}

#[test]
fn a_property_that_no_check_decides_is_no_success() {
    let full =
        || jar().alphabet(|_| [Command::Add(1)]).properties([Property::sometimes("it is full", |n| *n == 9)]);
    let report = full().check();
    assert!(!report.holds() && report.to_string().contains("1 property is not decided"), "{report}");
    assert!(fails(|| full().explored(3).check().assert()).contains("it is full"));
    full().explored(100).check().assert();
    full().walked(100).check().assert();
}

#[test]
fn a_law_of_the_same_name_decides_no_property() {
    let both = || {
        let law = Law::invariant("at most nine", |n: &u8| *n <= 9);
        let property = Property::always("at most nine", |n: &u8| *n <= 9);
        jar().alphabet(|_| [Command::Add(1)]).laws([law]).properties([property])
    };
    assert!(fails(|| both().check().assert()).contains("at most nine"));
    both().explored(100).check().assert();
}

#[test]
fn a_check_that_tries_nothing_is_no_success() {
    fails(|| jar().alphabet(|_| []).explored(10).check().assert());
    fails(|| jar().alphabet(|_| []).walked(10).check().assert());
    fails(|| jar().alphabet(|_| [Command::Add(1)]).walked(0).check().assert());
    fails(|| jar().alphabet(|_| [Command::Add(1)]).laws([]).check().assert());
}

#[test]
fn a_law_that_takes_long_says_how_long() {
    let slow = Law::invariant("slow", |_: &u8| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        true
    });
    let report =
        jar().alphabet(|_| [Command::Add(1)]).laws([slow, Law::invariant("quick", |_| true)]).check();
    let page = report.to_string();
    let line = |law: &str| page.lines().find(|line| line.contains(law)).unwrap().to_string();
    assert!(line("slow").ends_with(" s)") && !line("quick").ends_with(" s)"), "{page}");
}
