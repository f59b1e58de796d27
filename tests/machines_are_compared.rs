//! A machine is compared as any model is, against the model that it was made of or another one. What it does not know is neither the same nor a
//! difference.

use leftfold::check::{Machine, MachineRejection, NamedOutcome, compare, explore};
use leftfold::{Decider, decider};
use office::model as contract;

#[allow(dead_code, unused_imports)]
#[path = "../examples/contract"]
mod office {
    pub mod model;
}

/// A counter that stops at `most`.
fn counter(most: u8) -> impl Decider<State = u8, Command = u8, Event = u8, Rejection = String> + Sync {
    decider(
        || 0,
        move |up: &u8, sum: &u8| match sum + up > most {
            true => Err("too much".to_string()),
            false => Ok(vec![*up]),
        },
        |sum, up: &u8| sum + up,
    )
}

fn is_unknown<R>(rejection: &MachineRejection<R>) -> bool {
    !matches!(rejection, MachineRejection::Rejected(_))
}

#[test]
fn the_contracts_from_a_file_are_the_same_as_the_model() {
    let model = contract::whole();
    let alphabet = |_: &contract::Whole| contract::scenarios::alphabet();
    let machine = explore(&model, alphabet).machine().unwrap();
    let read = Machine::from_json(&machine.to_json()).unwrap();
    for machine in [machine.quotient(), read] {
        let found = compare(&(&model).map_rejection(MachineRejection::Rejected), &machine, alphabet)
            .unknown(is_unknown)
            .run();
        assert!(found.is_same(), "{found}");
        assert_eq!((found.states, found.unknown), (297, 0));
    }
}

#[test]
fn a_changed_rule_is_found_in_the_machine_of_yesterday() {
    let alphabet = |_: &u8| [1u8, 2];
    let yesterday = explore(&counter(5), alphabet).machine().unwrap();
    let today = counter(6).map_rejection(MachineRejection::Rejected);
    let found = compare(&today, &yesterday, alphabet).unknown(is_unknown).run();
    assert!(!found.differences.is_empty() && found.unknown == 0, "{found}");
    assert!(found.differences.iter().all(|kind| kind.commands.len() == 3), "{found}");
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Why {
    Closed,
    Full { at: u8 },
}

#[test]
fn a_rejection_of_a_machine_has_the_name_of_the_model_s() {
    let stall = |open: bool| {
        decider(
            || 0u8,
            move |up: &u8, sum: &u8| match sum + up {
                _ if !open => Err(Why::Closed),
                at @ 3.. => Err(Why::Full { at }),
                _ => Ok(vec![*up]),
            },
            |sum, up: &u8| sum + up,
        )
    };
    let alphabet = |_: &u8| [1u8, 2];
    let machine = explore(&stall(true), alphabet).machine().unwrap();
    let today = stall(false).map_rejection(MachineRejection::Rejected);
    let found = compare(&machine, &today, |node| machine.commands(*node).copied().collect::<Vec<_>>()).run();
    assert!(
        found.differences.iter().all(|kind| kind.new == NamedOutcome::Refused("Closed".into())),
        "{found}"
    );
    assert!(found.to_string().contains("new   refused: Closed\n"), "{found}");
    let code = leftfold::message::code(&MachineRejection::Rejected(Why::Full { at: 3 }));
    assert_eq!(code, "MachineRejection::Rejected(Why::Full { at: 3 })");
    assert_eq!(leftfold::message::name(&MachineRejection::<Why>::NotInTable).unwrap().leaf(), "NotInTable");
}

#[test]
fn what_a_machine_does_not_know_is_neither_a_difference_nor_the_same() {
    let alphabet = |_: &u8| [1u8, 2];
    let bounded = explore(&counter(5), alphabet).depth(2).machine().unwrap();
    let model = counter(5).map_rejection(MachineRejection::Rejected);
    let found = compare(&model, &bounded, alphabet).unknown(is_unknown).run();
    assert!(found.differences.is_empty() && !found.is_same() && found.unknown > 0, "{found}");
    // A command that was not in its alphabet.
    let whole = explore(&counter(5), alphabet).machine().unwrap();
    let found = compare(&model, &whole, |_: &u8| [1u8, 2, 3]).unknown(is_unknown).run();
    assert!(found.differences.is_empty() && !found.is_same() && found.unknown > 0, "{found}");
}
