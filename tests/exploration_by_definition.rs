//! Every verdict over the graph equals that of a checker written straight from the definitions.

use leftfold::check::{ExplorationBound, ExplorationVerdict, Property, PropertyAnswer, explore};
use leftfold::{Decider, Fold};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A decider that walks along a graph: in each node some commands are refused, the others lead somewhere.
#[derive(Clone, Debug)]
struct Walk {
    edges: Vec<Vec<Option<u8>>>,
    terminal: Vec<bool>,
    goals: Vec<bool>,
}

impl Fold for Walk {
    type State = u8;
    type Event = u8;
    fn initial_state(&self) -> u8 {
        0
    }
    fn evolve(&self, _: u8, to: &u8) -> u8 {
        *to
    }
}

impl Decider for Walk {
    type Command = u8;
    type Rejection = ();
    fn decide(&self, edge: &u8, node: &u8) -> Result<Vec<u8>, ()> {
        self.edges[*node as usize][*edge as usize].map(|to| vec![to]).ok_or(())
    }
    fn is_terminal(&self, node: &u8) -> bool {
        self.terminal[*node as usize]
    }
}

impl Walk {
    fn after(&self, node: u8) -> impl Iterator<Item = u8> + '_ {
        self.edges[node as usize].iter().flatten().copied()
    }

    /// Everything that can be reached from a node, itself among it.
    fn reachable(&self, from: u8) -> BTreeSet<u8> {
        let mut seen = BTreeSet::from([from]);
        loop {
            let more: BTreeSet<u8> = seen.iter().flat_map(|node| self.after(*node)).collect();
            let before = seen.len();
            seen.extend(more);
            if seen.len() == before {
                return seen;
            }
        }
    }

    /// How many steps a node is away from the first.
    fn distance(&self, to: u8) -> Option<usize> {
        let mut layer = BTreeSet::from([0]);
        (0..=self.edges.len()).find(|_| {
            let found = layer.contains(&to);
            let next: BTreeSet<u8> = layer.iter().flat_map(|node| self.after(*node)).collect();
            layer.extend(next);
            found
        })
    }
}

fn walk() -> impl Strategy<Value = Walk> {
    (1usize..200).prop_flat_map(|nodes| {
        let edge = prop_oneof![2 => Just(None), 3 => (0..nodes as u8).prop_map(Some)];
        // Few edges, else everything reaches everything.
        let edges = prop::collection::vec(prop::collection::vec(edge, 0..4), nodes);
        let terminal = prop::collection::vec(prop::bool::weighted(0.3), nodes);
        let goals = prop::collection::vec(prop::bool::weighted(0.1), nodes);
        (edges, terminal, goals).prop_map(|(edges, terminal, goals)| Walk { edges, terminal, goals })
    })
}

fn commands(walk: &Walk) -> impl Fn(&u8) -> Vec<u8> + Sync + '_ {
    |node| (0..walk.edges[*node as usize].len() as u8).collect()
}

fn goal(walk: &Walk) -> Property<Walk> {
    let goals = walk.goals.clone();
    Property::always_possible("the goal", move |node: &u8| goals[*node as usize])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_always_possible_and_never_stuck_is_so_by_definition(walk in walk(), threads in 1usize..3) {
        let found = explore(&walk, commands(&walk))
            .properties([goal(&walk), Property::never_stuck()])
            .threads(threads)
            .run();
        let reachable = walk.reachable(0);
        prop_assert_eq!(found.states, reachable.len());
        prop_assert_eq!(&found.verdict, &ExplorationVerdict::Exhausted);

        let lost = |node: &u8| !walk.reachable(*node).iter().any(|to| walk.goals[*to as usize]);
        let stuck = |node: &u8| !walk.terminal[*node as usize] && walk.after(*node).next().is_none();
        let nearest = |is: &dyn Fn(&u8) -> bool| {
            reachable.iter().filter(|node| is(node)).filter_map(|node| walk.distance(*node)).min()
        };
        for (name, is) in [("the goal", &lost as &dyn Fn(&u8) -> bool), ("never stuck", &stuck)] {
            match (found.answer(name), nearest(is)) {
                (Some(PropertyAnswer::Holds), None) => (),
                (Some(PropertyAnswer::Violated(story)), Some(distance)) => {
                    prop_assert_eq!(story.len(), distance);
                    prop_assert!(is(&story.state(&walk)), "{} at {:?}", name, story);
                }
                (answer, expected) => prop_assert!(false, "{}: {:?}, expected {:?}", name, answer, expected),
            }
        }
    }

    #[test]
    fn a_bounded_exploration_never_says_that_something_holds(walk in walk(), depth in 0usize..6, states in 1usize..20) {
        let explored = || explore(&walk, commands(&walk)).properties([goal(&walk), Property::never_stuck()]);
        for found in [explored().depth(depth).run(), explored().states(states).run()] {
            let whole = walk.reachable(0).len();
            if found.verdict == ExplorationVerdict::Exhausted {
                prop_assert_eq!(found.states, whole);
                continue;
            }
            for finding in &found.findings {
                match &finding.answer {
                    PropertyAnswer::Undecided => (),
                    PropertyAnswer::Violated(story) if finding.property == "the goal" => {
                        let node = story.state(&walk);
                        prop_assert!(!walk.reachable(node).iter().any(|to| walk.goals[*to as usize]));
                    }
                    PropertyAnswer::Violated(story) => {
                        let node = story.state(&walk);
                        prop_assert!(!walk.terminal[node as usize] && walk.after(node).next().is_none());
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert!(!found.holds());
        }
    }

    #[test]
    fn a_bound_on_states_is_exact_and_the_same_for_any_number_of_threads(walk in walk(), states in 1usize..200) {
        let run = |threads| explore(&walk, commands(&walk)).states(states).threads(threads).run();
        let (one, two) = (run(1), run(2));
        let whole = walk.reachable(0).len();
        prop_assert_eq!(one.states, whole.min(states));
        let exhausted = states >= whole;
        prop_assert_eq!(one.verdict == ExplorationVerdict::Exhausted, exhausted);
        if let ExplorationVerdict::Bounded { why, .. } = &one.verdict {
            prop_assert_eq!(why, &vec![ExplorationBound::States(states)]);
        }
        prop_assert_eq!(one.to_string(), two.to_string());
    }
}
