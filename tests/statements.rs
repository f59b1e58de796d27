//! Specifications asserted on the spot are plain statements: nothing about them is unused.
#![deny(warnings)]

use leftfold::{
    Owed, ProcessRejection, WithProcess, decider, given, given_process, given_view, process_manager, view,
};

#[derive(Clone, Debug, PartialEq)]
enum Rejection {
    Full,
    Closed,
}

#[test]
fn what_is_asserted_on_the_spot_is_a_statement() {
    let counter = decider(
        || 0u32,
        |add: &u32, sum: &u32| if sum + add > 10 { Err("full") } else { Ok(vec![*add]) },
        |sum, added: &u32| sum + added,
    );
    given(&counter, [4]).when(1).then([1]);
    given(&counter, [4]).given_commands([5]).when(2).then_rejected("full").and_when(1).then([1]);
    given(&counter, [4]).then_state("it is even", |sum| sum % 2 == 0);
    given_view(view(|| 0, |sum, n: &i32| sum + n), [1, 2]).in_any_order().then(3);
    given_process(process_manager(|| 0, |_, n: &u8| *n, |n| vec![Owed::now("n", *n)]), [1])
        .when(2)
        .then_nothing();
}

#[test]
fn the_rejection_of_a_system_is_written_as_that_of_its_decider() {
    let door = decider(
        || 0,
        |person: &u8, inside: &u8| match (*person, *inside) {
            (9, _) => Err(Rejection::Closed),
            (_, 2) => Err(Rejection::Full),
            (person, _) => Ok(vec![person]),
        },
        |inside, _: &u8| inside + 1,
    );
    let escort = process_manager(
        || false,
        |_, person: &u8| *person == 7,
        |owed| match owed {
            true => vec![Owed::now("guard", 9)],
            false => vec![],
        },
    );
    let club = door.with_process(escort);
    given(&club, [1, 2]).when(3).then_rejected(Rejection::Full);
    given(&club, [1, 2]).when(3).then_rejected(ProcessRejection::Refused(Rejection::Full));
}
