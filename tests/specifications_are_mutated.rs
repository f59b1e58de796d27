//! A specification says what it would not notice: mutants of the model that nothing tells from it, each with the scenario that does.

use leftfold::check::{Mutable, MutantFate, MutantKind, MutantResult, MutationReportOf, Property, Step};
use leftfold::{Decider, Keyed, Model, Modelled, Scenario, WithProcess, decider, keyed};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/contract"]
#[allow(dead_code)]
mod contract {
    pub mod model;
}
#[path = "../examples/loan"]
#[allow(dead_code, unused_imports)]
mod loan {
    pub mod model;
}
#[path = "../examples/order/model.rs"]
#[allow(dead_code)]
mod order;
#[path = "models/reserve.rs"]
mod reserve;

fn named<'r, C, E, R>(report: &'r leftfold::check::MutationReport<C, E, R>, name: &str) -> &'r MutantResult {
    let found = report.mutants.iter().find(|mutant| mutant.name == name);
    found.unwrap_or_else(|| panic!("no mutant is called {name}: {:#?}", report.mutants))
}

/// Every scenario that a report misses holds of the model and notices its mutants: the next report says so.
fn is_completed_by_its_missing_scenarios<D: Modelled + Mutable>(model: Model<D>) -> MutationReportOf<D> {
    let started = Instant::now();
    let report = model.mutate().expect("it says that it is mutated");
    println!("{}: {}, {:?}", model.name(), report.to_string().lines().next().unwrap(), started.elapsed());
    assert_eq!((&report.fault, &report.bounded), (&None, &None));
    let missing: Vec<Scenario<D>> =
        report.missing.iter().map(|missing| missing.scenario(model.decider())).collect();
    for scenario in &missing {
        scenario.assert(model.decider());
    }
    let completed = model.scenarios(missing).mutate().unwrap();
    assert_eq!(completed.unnoticed().count(), 0);
    for before in &report.mutants {
        let Some(after) = completed.mutants.iter().find(|after| after.name == before.name) else {
            // The missing scenarios expect its event exactly.
            assert!(matches!(before.kind, MutantKind::Drop | MutantKind::Double | MutantKind::Nudge));
            continue;
        };
        match (&before.fate, &after.fate) {
            (MutantFate::Unnoticed(number), MutantFate::Noticed(scenarios)) => {
                assert!(scenarios.contains(&report.missing[*number].name), "{}", before.name);
            }
            (MutantFate::Violates(_) | MutantFate::Panicked(_), MutantFate::Noticed(_)) => (),
            (MutantFate::Noticed(before), MutantFate::Noticed(after)) => {
                assert!(before.iter().all(|scenario| after.contains(scenario)));
            }
            (fate, still) => assert_eq!(fate, still, "{}", before.name),
        }
    }
    assert!(report.to_string().lines().all(|line| line.chars().count() <= 80), "{report}");
    report
}

#[test]
fn the_account_misses_nothing() {
    let report = is_completed_by_its_missing_scenarios(account::model().mutated());
    assert_eq!(report.unnoticed().count(), 0, "{report}");
    // Nobody can tell who the owner is.
    let equal: Vec<&str> = (report.mutants.iter())
        .filter(|mutant| mutant.fate == MutantFate::Equal)
        .map(|mutant| mutant.name.as_str())
        .collect();
    assert_eq!(equal, ["misread AccountOpened.owner"]);
}

#[test]
fn the_loan_is_completed() {
    let report = is_completed_by_its_missing_scenarios(loan::model::model().mutated());
    assert!(report.unnoticed().count() > 0);
}

#[test]
fn the_contract_is_completed() {
    let report = is_completed_by_its_missing_scenarios(contract::model::model().mutated());
    let redundant = report.redundant();
    println!("contract: {} of {} are redundant alone", redundant.len(), report.scenarios.len());
    assert!(report.scenarios.len() - redundant.len() >= 30, "{redundant:#?}");
}

#[test]
fn the_order_is_completed_outside_and_inside() {
    let report = is_completed_by_its_missing_scenarios(order::model().mutated());
    // Payment and shipment never happen one without the other: no such event can be made.
    let stillborn = report.mutants.iter().filter(|mutant| mutant.fate == MutantFate::Stillborn);
    assert!(
        stillborn.clone().count() > 0 && stillborn.clone().all(|mutant| mutant.kind == MutantKind::Accept)
    );
    let one_order = || order::one_order(order::Shipment { checks: true });
    let report = is_completed_by_its_missing_scenarios(
        order::model().mutated_with(move |m| m.of(one_order()).with_process(order::Shipping).many()),
    );
    // The reaction to a payment does not come.
    let dropped = named(&report, "refuse shipment.ShipOrder, instead of shipment.OrderShipped");
    assert!(matches!(&dropped.fate, MutantFate::Noticed(by) if by[0] == "what is paid is shipped at once"));
}

#[test]
fn the_reserve_is_completed() {
    let report = is_completed_by_its_missing_scenarios(
        Model::new("reserve", reserve::Reserve::of(1))
            .alphabet(reserve::alphabet(1))
            .properties([reserve::reserve_is_kept()])
            .mutated(),
    );
    assert!(report.mutants.iter().any(|mutant| matches!(mutant.fate, MutantFate::Violates(_))));
}

fn of_its_key<K: PartialEq, C, E>(
    step: &Step<'_, impl Decider<Command = Keyed<K, C>, Event = Keyed<K, E>>>,
) -> bool {
    step.outcome.iter().flatten().all(|event| event.key == step.command.key)
}

#[test]
fn a_command_that_is_accepted_for_one_instance_has_no_events_of_another() {
    let model = Model::new("orders", order::shop())
        .alphabet(|_| {
            // The second order is never paid in full: it has no example of its own.
            let second = [
                order::OrderCommand::PlaceOrder { total: 30 }.into(),
                order::PaymentCommand::PayOrder { amount: 29 }.into(),
            ];
            order::commands(1).into_iter().chain(second.map(|command: order::Command| keyed(2, command)))
        })
        .properties([Property::always_step("events are of the order that was asked", of_its_key)])
        .mutated();
    let report = model.mutate().unwrap();
    assert_eq!(report.properties.len(), 1);
    let accepted = report.mutants.iter().filter(|mutant| mutant.kind == MutantKind::Accept);
    assert!(accepted.clone().filter(|mutant| mutant.fate != MutantFate::Stillborn).count() >= 4);
    for mutant in &report.mutants {
        assert!(!matches!(mutant.fate, MutantFate::Violates(_) | MutantFate::Noticed(_)), "{mutant:?}");
    }
}

/// How many of these scenarios are missed if each is taken out alone; the others are redundant, and the report says so.
fn missed<D: Modelled + Mutable>(
    bare: impl Fn() -> Model<D>,
    all: &[Scenario<D>],
    taken: impl Fn(usize) -> bool,
) -> usize {
    let whole = bare().scenarios(all.to_vec()).mutate().unwrap();
    let unnoticed = whole.unnoticed().count();
    let redundant = whole.redundant();
    let mut missed = 0;
    for (number, scenario) in all.iter().enumerate().filter(|(number, _)| taken(*number)) {
        let others = all.iter().enumerate().filter(|(other, _)| *other != number);
        let left = bare().scenarios(others.map(|(_, scenario)| scenario.clone())).mutate().unwrap();
        let named = redundant.iter().find(|redundant| redundant.name == scenario.name());
        assert_eq!(left.unnoticed().count() > unnoticed, named.is_none(), "{}", scenario.name());
        missed += usize::from(named.is_none());
        if let Some(redundant) = named {
            println!("\"{}\" is redundant beside \"{}\"", redundant.name, redundant.beside.join("\", \""));
            let others = || whole.scenarios.iter().filter(|name| **name != redundant.name);
            assert!(redundant.beside.iter().all(|name| others().any(|other| other == name)));
        }
    }
    missed
}

#[test]
fn a_scenario_of_the_account_that_is_taken_out_is_missed_or_was_redundant() {
    let all = account::model().specification().of_decider().to_vec();
    let bare = || Model::new("account", account::Account).alphabet(account::commands).mutated();
    let missed = missed(bare, &all, |number| !all[number].is_question());
    println!("account: {missed} of {} are missed", all.len() - 1);
    assert!(missed >= 6, "{missed}");
}

#[test]
#[ignore = "takes a minute without optimization"]
fn a_scenario_of_the_contract_that_is_taken_out_is_missed_or_was_redundant() {
    let model = contract::model::model();
    let all = model.specification().of_decider().to_vec();
    let bare = || {
        Model::new("contract", model.decider().clone())
            .alphabet(|_| contract::model::scenarios::alphabet())
            .mutated()
    };
    let missed = missed(bare, &all, |number| number % 15 == 4 && !all[number].is_question());
    println!("contract: {missed} are missed");
    assert!(missed >= 2, "{missed}");
}

// ------------------------------------------------------------------------------------------------------------ a card

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Load(u8),
    Spend(u8),
    Block,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Loaded(u8),
    Spent(u8),
    Blocked,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    TooMuch,
    NotEnough,
    IsBlocked,
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Card {
    Usable(u8),
    Lost,
}

fn card() -> Model<
    impl Modelled + Mutable + Decider<Command = Command, Event = Event, Rejection = Rejection, State = Card>,
> {
    let card = decider(
        || Card::Usable(0),
        |command: &Command, card: &Card| match (command, card) {
            (_, Card::Lost) => Err(Rejection::IsBlocked),
            (Command::Load(n), Card::Usable(sum)) if n + sum > 4 => Err(Rejection::TooMuch),
            (Command::Load(n), _) => Ok(vec![Event::Loaded(*n)]),
            (Command::Spend(n), Card::Usable(sum)) if n > sum => Err(Rejection::NotEnough),
            (Command::Spend(n), _) => Ok(vec![Event::Spent(*n)]),
            (Command::Block, _) => Ok(vec![Event::Blocked]),
        },
        |card, event: &Event| match (event, card) {
            (Event::Loaded(n), Card::Usable(sum)) => Card::Usable(sum + n),
            // It panics where more is spent than there is.
            (Event::Spent(n), Card::Usable(sum)) => {
                Card::Usable(sum.checked_sub(*n).expect("enough on the card"))
            }
            _ => Card::Lost,
        },
    );
    Model::new("card", card)
        .alphabet(|_| {
            [Command::Load(1), Command::Load(3), Command::Spend(1), Command::Spend(2), Command::Block]
        })
        .mutated()
}

#[test]
fn a_mutant_that_panics_is_noticed() {
    let report = card().mutate().unwrap();
    let fate = &named(&report, "accept Spend, although NotEnough").fate;
    assert!(
        matches!(fate, MutantFate::Panicked(message) if message.contains("enough on the card")),
        "{fate:?}"
    );
    is_completed_by_its_missing_scenarios(card());
}

#[test]
fn whole_outcomes_are_changed_only_where_no_scenario_expects_them_exactly() {
    let of = |report: &leftfold::check::MutationReport<Command, Event, Rejection>, kind| {
        report.mutants.iter().filter(|mutant| mutant.kind == kind).count()
    };
    let report = card().mutate().unwrap();
    assert_eq!(
        (of(&report, MutantKind::Drop), of(&report, MutantKind::Double), of(&report, MutantKind::Nudge)),
        (3, 3, 2)
    );
    let exact = Scenario::named("it is loaded").when(Command::Load(1)).then([Event::Loaded(1)]);
    let vague =
        Scenario::named("it can be blocked").when(Command::Block).then_matches("accepted", Result::is_ok);
    let report = card().scenarios([exact, vague]).mutate().unwrap();
    assert_eq!(
        (of(&report, MutantKind::Drop), of(&report, MutantKind::Double), of(&report, MutantKind::Nudge)),
        (2, 2, 1)
    );
}

#[test]
fn a_model_that_takes_its_time_is_left_when_the_time_is_up() {
    let slow = decider(
        || 0u64,
        |command: &Command, _: &u64| {
            std::thread::sleep(Duration::from_millis(1));
            let Command::Load(amount) = command else { return Err(Rejection::NotEnough) };
            Ok(vec![Event::Loaded(*amount)])
        },
        |sum, _: &Event| sum + 1,
    );
    let model = Model::new("slow", slow).alphabet(|_| [Command::Load(1), Command::Block]).mutated();
    for millis in [0, 300] {
        let begun = Instant::now();
        let report = model.clone().mutation_bounds(20_000, Duration::from_millis(millis)).mutate().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?} of {millis} ms", begun.elapsed());
        assert!(report.mutants.iter().all(|mutant| mutant.fate == MutantFate::NotTried), "{report}");
        assert_eq!(report.bounded.as_deref(), Some("the time was up"), "{report}");
        let named = model
            .clone()
            .mutation_bounds(20_000, Duration::from_millis(millis))
            .unnoticed_mutants(["skip Loaded"]);
        assert!(named.check().holds());
    }
}

#[test]
fn what_was_not_tried_or_not_seen_is_said() {
    let report = card().mutation_bounds(20_000, Duration::ZERO).mutate().unwrap();
    assert!(report.mutants.iter().all(|mutant| mutant.fate == MutantFate::NotTried));
    assert_eq!(report.bounded.as_deref(), Some("the time was up"), "{report}");
    let report = card().mutation_bounds(2, Duration::from_secs(60)).mutate().unwrap();
    assert!(report.bounded.is_some());
    assert!(
        report
            .mutants
            .iter()
            .any(|mutant| matches!(&mutant.fate, MutantFate::Unknown(why) if why.contains("2 states")))
    );
}

#[test]
fn a_missing_scenario_is_an_open_question_of_the_check_or_fails_it() {
    let exact = || [Scenario::named("it can be blocked").when(Command::Block).then([Event::Blocked])];
    let report = card().scenarios(exact()).check();
    assert!(report.holds());
    let page = report.to_string();
    assert!(page.contains("\nmutation") && page.contains("  ? a scenario is missing: "), "{page}");

    let strict = card().scenarios(exact()).unnoticed_mutants([""; 0]).check();
    assert!(!strict.holds() && strict.to_string().contains("nothing notices\n  "), "{strict}");

    let mutants = card().scenarios(exact()).mutate().unwrap();
    let all: Vec<String> = mutants.unnoticed().map(|mutant| mutant.name.clone()).collect();
    assert!(card().scenarios(exact()).unnoticed_mutants(all.clone()).check().holds());
    let fails = card().scenarios(exact()).unnoticed_mutants(all).unnoticed_mutants(["skip Blocked"]).check();
    assert_eq!(fails.failures().count(), usize::from(mutants.unnoticed().all(|m| m.name != "skip Blocked")));
}

#[test]
fn a_decider_that_is_another_and_a_model_without_an_alphabet_are_refused() {
    let other = |max: u8| {
        decider(
            || 0u8,
            move |n: &u8, sum: &u8| if sum + n > max { Err(*sum) } else { Ok(vec![*n]) },
            |sum, n: &u8| sum + n,
        )
    };
    let model = Model::new("sum", other(3)).alphabet(|_| [1]).mutated_with(move |m| m.of(other(2)));
    let fault = model.mutate().unwrap().fault.unwrap();
    assert!(fault.starts_with("what `mutated_with` builds is another decider than the model's: "), "{fault}");
    assert!(!model.check().holds());
    let without = Model::new("sum", other(3)).mutated();
    assert!(without.mutate().is_none() && !without.check().holds());
    assert!(Model::new("sum", other(3)).alphabet(|_| [1]).mutate().is_none());
}

#[test]
fn a_report_goes_to_json_and_back() {
    let report = card().mutate().unwrap();
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(report, serde_json::from_str(&text).unwrap());
    assert_eq!(report, card().mutate().unwrap());
}

#[test]
fn accepted_for_a_key_by_analogy() {
    let one = || {
        decider(
            || 0u8,
            |n: &Command, sum: &u8| match n {
                Command::Load(n) if *sum == 0 && *n == 1 => Ok(vec![Event::Loaded(*n)]),
                _ => Err(Rejection::TooMuch),
            },
            |sum: u8, event: &Event| match event {
                Event::Loaded(n) => sum + n,
                _ => sum,
            },
        )
    };
    // The second instance is only ever asked for two, which is refused: it has no example of its own.
    let model = Model::new("cards", one().many::<u8>())
        .alphabet(|_| [keyed(1, Command::Load(1)), keyed(2, Command::Load(2))])
        .properties([Property::always_step("its own", of_its_key)])
        .mutation_bounds(500, Duration::from_secs(60))
        .mutated();
    let report = model.mutate().unwrap();
    let accept = named(&report, "accept Load, although TooMuch");
    assert!(matches!(accept.fate, MutantFate::Unnoticed(_)), "{report}");
}
