//! Laws hold of sound models, and each of them is seen to fail on a model that breaks it.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Law, LawReport, Story, laws, walks};
use leftfold::im::OrdSet;
use leftfold::{Decider, Fold, Owed, decider, process_manager, view};
use proptest::strategy::Just;
use reserve::{Command, Event, Reserve, State, alphabet};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

fn all_laws() -> Vec<Law<Reserve>> {
    let mut all = Law::of_functions();
    all.extend([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()]);
    all.push(Law::invariant("the reserve stays between 0 and 6", |state: &State| state.reserve <= 6));
    all.push(Law::view_rebuilt_is_view_kept("events counted", view(|| 0u32, |n: u32, _: &Event| n + 1)));
    all
}

fn held(decider: &Reserve, law: Law<Reserve>) -> LawReport<Reserve> {
    laws(walks(decider).alphabet(alphabet(decider.customers)).walks(64).seed(3)).law(law).run()
}

#[test]
fn every_law_holds_of_a_sound_model() {
    let reserve = Reserve::of(2);
    let report = laws(walks(&reserve).alphabet(alphabet(2)).walks(64).seed(1))
        .all(all_laws())
        .law(Law::idempotent("an account is opened once", |command| matches!(command, Command::Open(_))))
        .law(Law::commuting(
            "customers are opened in any order",
            |one, other| matches!((one, other), (Command::Open(a), Command::Open(b)) if a != b),
        ))
        .demand_names()
        .run();
    report.assert();
    assert_eq!(report.holding.len(), 11, "{report}");
    assert_eq!(report.never, Vec::<String>::new());
}

#[test]
fn an_invariant_that_is_broken_comes_with_its_shortest_story() {
    let report = held(
        &Reserve::with_sign_unchecked(2),
        Law::invariant("the reserve stays between 0 and 6", |state: &State| state.reserve <= 6),
    );
    // 64 walks may miss it; these do not.
    let finding = &report.findings[0];
    assert_eq!(finding.story.len(), 6, "{report}");
    assert!(finding.failed.starts_with("the reserve stays between 0 and 6: not so at the end"), "{report}");
}

#[test]
fn what_is_declared_idempotent_and_is_not_is_told() {
    let report = held(
        &Reserve::of(2),
        Law::idempotent("paying twice pays once", |command| {
            matches!(command, Command::Pay { amount: 1, .. })
        }),
    );
    let finding = &report.findings[0];
    // Open, offer, sign, pay: and once more.
    assert_eq!(finding.story.len(), 4, "{report}");
    assert!(finding.proved_shortest());
    assert!(finding.failed.contains("given again is answered with [Paid"), "{report}");
}

#[test]
fn what_is_declared_to_commute_and_does_not_is_told() {
    let report = held(
        &Reserve::of(2),
        Law::commuting(
            "signatures of two customers",
            |one, other| matches!((one, other), (Command::Sign(a), Command::Sign(b)) if a != b),
        ),
    );
    let finding = &report.findings[0];
    assert_eq!(finding.story.len(), 5, "two offers that together are too dear, and one signature: {report}");
    assert!(finding.failed.contains("is answered with"), "{report}");
}

#[test]
fn a_fold_that_panics_on_a_misplaced_event_is_not_total() {
    let jar = decider(
        || 0u32,
        |take: &bool, left: &u32| match (take, left) {
            (true, 0) => Err("empty"),
            (true, _) => Ok(vec![-1i32]),
            (false, 3..) => Err("full"),
            (false, _) => Ok(vec![1]),
        },
        |left, by: &i32| left.checked_add_signed(*by).expect("less than nothing"),
    );
    let report = laws(walks(&jar).alphabet(|_| vec![false, true]).seed(1)).all(Law::of_functions()).run();
    assert_eq!(report.findings.len(), 1, "{report}");
    let finding = &report.findings[0];
    assert_eq!(finding.story.commands, [false, true], "{report}");
    assert_eq!(said(&finding.failed), "evolve is total: -1 folded onto 0 panicked: less than nothing");
}

#[test]
fn a_decision_that_reads_more_than_its_state_is_found() {
    let clock = Cell::new(0u32);
    let coin = decider(
        || 0u32,
        |_: &(), _: &u32| {
            clock.set(clock.get() + 1);
            if clock.get().is_multiple_of(2) { Err("not now") } else { Ok(vec![()]) }
        },
        |n, (): &()| n + 1,
    );
    let report = laws(walks(&coin).alphabet(|_| vec![()]).seed(1).steps(5)).all(Law::of_functions()).run();
    let failed: Vec<&str> = report.findings.iter().map(|finding| finding.failed.as_str()).collect();
    assert!(failed.iter().any(|failed| failed.starts_with("decide is deterministic: ")), "{report}");
}

/// A state that shares a part with whoever kept it: folding on changes what was kept.
#[test]
fn a_state_that_is_changed_behind_the_back_of_whoever_kept_it_is_found() {
    use std::rc::Rc;

    #[derive(Clone, Debug)]
    struct Shared(Rc<Cell<u32>>);
    impl PartialEq for Shared {
        fn eq(&self, other: &Self) -> bool {
            self.0.get() == other.0.get()
        }
    }
    impl Eq for Shared {}
    impl std::hash::Hash for Shared {
        fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
            self.0.get().hash(hasher);
        }
    }
    let counter = decider(
        || Shared(Rc::new(Cell::new(0))),
        |(): &(), _: &Shared| Ok::<_, ()>(vec![()]),
        |state: Shared, (): &()| {
            state.0.set(state.0.get() + 1);
            state
        },
    );
    let report =
        laws(walks(&counter).alphabet(|_| vec![()]).seed(1).steps(4)).law(Law::fold_of_a_split()).run();
    assert_eq!(report.findings[0].story.len(), 1, "{report}");
}

mod lost {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub(super) enum Told {
        Said {
            words: String,
            #[serde(skip)]
            aloud: bool,
        },
    }

    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub(super) struct Room {
        pub(super) said: u8,
        #[serde(skip)]
        pub(super) open: bool,
    }
}

#[test]
fn what_serde_loses_of_a_message_is_found() {
    let room = decider(
        || 0u8,
        |(): &(), _: &u8| Ok::<_, ()>(vec![lost::Told::Said { words: "hey".into(), aloud: true }]),
        |n, _: &lost::Told| n + 1,
    );
    let report = laws(walks(&room).alphabet(|said| if *said < 2 { vec![()] } else { vec![] }).seed(1))
        .law(Law::messages_survive_serde())
        .run();
    assert_eq!(report.findings[0].story.len(), 1, "{report}");
    let failed = &report.findings[0].failed;
    assert!(
        failed.contains("does not come back as it is: it would be read back as another value"),
        "{report}"
    );
}

#[test]
fn what_a_snapshot_loses_is_found() {
    let room = decider(
        lost::Room::default,
        |open: &bool, room: &lost::Room| if room.open == *open { Err(()) } else { Ok(vec![*open]) },
        |room, open: &bool| lost::Room { said: (room.said + 1).min(3), open: *open },
    );
    let report =
        laws(walks(&room).alphabet(|_| vec![true, false]).seed(1)).law(Law::a_snapshot_is_the_state()).run();
    assert_eq!(report.findings[0].story.commands, [true], "{report}");
}

struct Reopened;

impl Fold for Reopened {
    type State = bool;
    type Event = bool;
    fn initial_state(&self) -> bool {
        true
    }
    fn evolve(&self, _: bool, event: &bool) -> bool {
        *event
    }
}

impl Decider for Reopened {
    type Command = bool;
    type Rejection = ();
    fn decide(&self, open: &bool, is_open: &bool) -> Result<Vec<bool>, ()> {
        if open == is_open { Err(()) } else { Ok(vec![*open]) }
    }
    fn is_terminal(&self, is_open: &bool) -> bool {
        !is_open
    }
}

#[test]
fn a_story_that_goes_on_after_its_end_is_found() {
    let report =
        laws(walks(&Reopened).alphabet(|_| vec![true, false]).seed(1)).all(Law::of_functions()).run();
    assert_eq!(report.findings.len(), 1, "{report}");
    assert_eq!(report.findings[0].story.commands, [false, true], "{report}");
}

#[test]
fn a_view_that_keeps_a_secret_count_is_found() {
    let folded = AtomicU32::new(0);
    let secret = view(|| 0u32, move |_: u32, _: &bool| folded.fetch_add(1, Ordering::Relaxed) + 1);
    let report = laws(walks(&Reopened).alphabet(|_| vec![true, false]).seed(1))
        .law(Law::view_rebuilt_is_view_kept("the secret count", secret))
        .run();
    assert_eq!(report.findings[0].story.len(), 1, "{report}");
}

#[test]
fn what_is_owed_stays_owed_until_it_is_settled() {
    // Who has signed is owed a letter until they pay. Planted in `forgetful`: a missed payment forgets it.
    let letters = |forgetful: bool| {
        process_manager(
            OrdSet::new,
            move |mut owed: OrdSet<u8>, event: &Event| {
                match event {
                    Event::Signed(customer) => {
                        owed.insert(*customer);
                    }
                    Event::Paid { customer, .. } => {
                        owed.remove(customer);
                    }
                    Event::PaymentMissed(customer) if forgetful => {
                        owed.remove(customer);
                    }
                    _ => {}
                }
                owed
            },
            |owed: &OrdSet<u8>| {
                owed.iter().map(|customer| Owed::now(customer.to_string(), *customer)).collect()
            },
        )
    };
    let settles = |event: &Event, owed: &Owed<u8>| matches!(event, Event::Paid { customer, .. } if *customer == owed.command);
    let law = |forgetful| Law::owed_until_settled("letters", letters(forgetful), settles);
    held(&Reserve::of(2), law(false)).assert();
    let report = held(&Reserve::of(2), law(true));
    assert_eq!(report.findings[0].story.len(), 4, "{report}");

    let same_key = process_manager(
        Vec::new,
        |owed: Vec<u8>, event: &Event| match event {
            Event::Signed(customer) => [owed, vec![*customer]].concat(),
            _ => owed,
        },
        |owed: &Vec<u8>| owed.iter().map(|customer| Owed::now("letter", *customer)).collect(),
    );
    let report = held(&Reserve::of(2), Law::owed_until_settled("letters", same_key, |_, _| false));
    assert_eq!(report.findings[0].story.len(), 6, "{report}");
    assert!(report.findings[0].failed.contains("the key \"letter\" is owed twice at once"), "{report}");
}

#[test]
fn names_that_never_come_up_are_noted_and_fail_only_where_that_is_demanded() {
    let reserve = Reserve::of(1);
    let without_resume = |_: &State| {
        let mut all = reserve::all_commands(1);
        all.retain(|command| !matches!(command, Command::Resume(_)));
        all
    };
    let walking = || walks(&reserve).alphabet(without_resume).walks(64).seed(1);
    let report = laws(walking()).names().run();
    assert_eq!(
        report.never,
        [
            "the command Resume was never accepted",
            "the event Resumed never came up",
            // One customer alone is never too dear for the reserve.
            "the rejection TooDear never came up",
        ],
    );
    assert!(report.holds());
    assert!(!laws(walking()).demand_names().run().holds());
}

#[test]
fn stories_and_steps_that_are_handed_in_are_looked_at() {
    let reserve = Reserve::with_sign_unchecked(2);
    let offer = |customer| Command::Offer { customer, price: 6 };
    let long =
        [0, 1].map(Command::Open).into_iter().chain([offer(0), offer(1)]).chain([0, 1].map(Command::Sign));
    let nothing = || walks(&reserve).alphabet(alphabet(2)).walks(0).seed(1);
    let invariant =
        || Law::invariant("the reserve stays between 0 and 6", |state: &State| state.reserve <= 6);
    let report = laws(nothing()).law(invariant()).stories([Story::of(long)]).run();
    assert_eq!((report.walks, report.stories, report.findings.len()), (0, 1, 1), "{report}");

    let law = || Law::idempotent("opening twice opens once", |command| matches!(command, Command::Revise(_)));
    let state = reserve.run(&[Command::Open(0)]).unwrap().0;
    let report = laws(nothing()).law(law()).cases([(state, Command::Revise(0))]).run();
    assert_eq!((report.cases, report.findings.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("check was handed"), "{report}");
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = |seed| {
        let reserve = Reserve::with_sign_unchecked(2);
        laws(walks(&reserve).alphabet(alphabet(2)).walks(48).seed(seed))
            .all(all_laws())
            .names()
            .run()
            .to_string()
    };
    assert_eq!(report(5), report(5));
}

/// What was said, without the place where.
fn said(message: &str) -> &str {
    message.rsplit_once(" (tests/").map_or(message, |(said, _)| said)
}

/// States that a snapshot would not give back: the law says of each what the writer of snapshots says, and where.
#[test]
fn what_no_snapshot_holds_is_found_by_the_law_and_named() {
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tray {
        open: BTreeMap<(u8, u8), bool>,
        twofold: Option<Option<u8>>,
        level: f64,
        tagged: Option<Tagged>,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Counted { by: BTreeMap<u8, u8> },
    }
    fn found(state: Tray) -> String {
        let tray = decider(
            Tray::default,
            |(): &(), _: &Tray| Ok::<_, ()>(vec![()]),
            move |_, (): &()| state.clone(),
        );
        let walking = walks(&tray).commands(|_: &Tray| Just(())).walks(0).seed(1);
        laws(walking).law(Law::a_snapshot_is_the_state()).stories([Story::of([()])]).run().to_string()
    }
    let tray = Tray::default;
    for (state, said) in [
        (Tray { open: [((1, 2), true)].into(), ..tray() }, "Tray.open: key must be a string"),
        (Tray { twofold: Some(None), ..tray() }, "Tray.twofold: it holds `Some` of nothing"),
        (Tray { level: f64::INFINITY, ..tray() }, "Tray.level: it holds the number inf"),
        (
            Tray { tagged: Some(Tagged::Counted { by: [(1, 2)].into() }), ..tray() },
            "Tray.tagged: it would not be read back",
        ),
    ] {
        let report = found(state).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(report.contains(said), "{said}: {report}");
    }
}

/// Switches on and off. The first decision checks this law on another switch, of which it speaks.
struct AroundAnotherRun {
    law: Option<Law<AroundAnotherRun>>,
    is_first: AtomicU32,
}

impl Fold for AroundAnotherRun {
    type State = bool;
    type Event = bool;

    fn initial_state(&self) -> bool {
        false
    }

    fn evolve(&self, _: bool, on: &bool) -> bool {
        *on
    }
}

impl Decider for AroundAnotherRun {
    type Command = bool;
    type Rejection = ();

    fn decide(&self, on: &bool, is_on: &bool) -> Result<Vec<bool>, ()> {
        if let Some(law) = &self.law
            && self.is_first.fetch_add(1, Ordering::Relaxed) == 0
        {
            let other = AroundAnotherRun { law: None, is_first: AtomicU32::new(0) };
            let report = laws(walks(&other).alphabet(|_| [true]).seed(1)).law(law.clone()).run();
            assert!(report.unlooked.is_empty(), "{report}");
        }
        if on == is_on { Ok(vec![]) } else { Ok(vec![*on]) }
    }
}

#[test]
fn what_comes_up_in_one_run_of_a_law_does_not_count_in_another() {
    let law = || Law::idempotent("on is on", |on: &bool| *on);
    let around = AroundAnotherRun { law: Some(law()), is_first: AtomicU32::new(0) };
    let report = laws(walks(&around).alphabet(|_| [false]).seed(1)).law(around.law.clone().unwrap()).run();
    assert_eq!(report.unlooked.len(), 1, "{report}");
}
