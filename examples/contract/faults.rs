//! The process under faulty delivery: messages late, out of order, twice, lost and read again, and a process manager that
//! crashes before it dispatches.

use crate::model::contract::{Contract, ContractCommand, ContractNumber, SpecialConditions, Stage};
use crate::model::customer::CustomerNumber;
use crate::model::obligations::{Obligations, ToDo};
use crate::model::outside::{Letter, Mail, SigningAnswer, SigningCommand};
use crate::model::{Command, Event, Parts, Rejection, contract, parts};
use jiff::civil::date;
use leftfold::check::{Exploration, Property, explore};
use leftfold::delivery::{Delivery, DeliveryCommand, Network};
use leftfold::{Decider, Modelled, ProcessManager};

pub type State = Network<Parts, ToDo, Event, Command>;

pub const MAILED: &str = "every request for special conditions is mailed at least once";
pub const MAILABLE: &str = "and as long as it is not, it still can be";
pub const SIGNED: &str = "no contract is completed without both signatures";
pub const ENDS: &str = "from everywhere, a contract can still be completed or ended";
pub const ONCE: &str = "no letter is mailed twice";

/// What people do while the network does what it does.
fn people() -> Vec<DeliveryCommand<Event, Command>> {
    let customer = CustomerNumber(7);
    let conditions =
        SpecialConditions { account_manager: "Alex".into(), sales_area: 1, planned_sales: 1_000 };
    let (supervisor, reason) = ("Ruth".to_string(), "no".to_string());
    let negotiating = [
        ContractCommand::MakeAppointment { customer, on: date(2026, 12, 1) },
        ContractCommand::RequestSpecialConditions(conditions),
        ContractCommand::AcceptConditions { supervisor: supervisor.clone() },
        ContractCommand::RejectConditions { supervisor, reason: reason.clone() },
        ContractCommand::AbandonNegotiation { reason },
    ];
    let answering =
        [SigningAnswer::Started, SigningAnswer::SignedInternally, SigningAnswer::SignedExternally];
    let negotiating = negotiating.map(|command| contract(1, command));
    let answering = answering.map(|answer| contract(1, SigningCommand::Answer(answer)));
    negotiating.into_iter().chain(answering).map(DeliveryCommand::Do).collect()
}

/// One contract, with the mail as it is told to be.
pub fn delivered(
    mail: Mail,
) -> Delivery<
    impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = Parts> + Clone,
    Obligations,
> {
    Delivery::of(parts(mail), Obligations)
}

/// Everything that can become of one contract over this network, and whether it is what we want.
pub fn explored<D>(
    delivery: &Delivery<D, Obligations>,
    states: usize,
) -> Exploration<Delivery<D, Obligations>>
where
    D: Decider<Command = Command, Event = Event, Rejection = Rejection, State = Parts> + Sync,
{
    explore(delivery, |state: &State| people().into_iter().chain(delivery.moves(state)).collect::<Vec<_>>())
        .property(Property::always(MAILED, |state: &State| {
            !(is_at_rest(state) && was_requested(state)) || copies(state, Letter::Request) > 0
        }))
        .property(Property::always_possible(MAILABLE, |state: &State| {
            !was_requested(state) || copies(state, Letter::Request) > 0
        }))
        .property(Property::always(SIGNED, |state: &State| {
            stage(state) != Stage::Completed
                || the_contract(state).is_some_and(|one| one.signed_internally && one.signed_externally)
        }))
        .property(Property::always_possible(ENDS, |state: &State| stage(state).has_ended()))
        .property(Property::always(ONCE, |state: &State| {
            state.decider.0.1.values().flatten().all(|(_, n)| *n <= 1)
        }))
        .property(Property::sometimes("a contract is completed", |state: &State| {
            stage(state) == Stage::Completed
        }))
        .states(states)
        .run()
}

/// Nothing is on its way, and nothing is owed that would be put on its way.
fn is_at_rest(state: &State) -> bool {
    let is_quiet = state.in_flight.is_empty() && state.missed.is_empty() && !state.down;
    is_quiet && Obligations.pending(&state.process).is_empty()
}

fn the_contract(state: &State) -> Option<&Contract> {
    state.decider.0.0.1.get(&ContractNumber(1))
}

fn stage(state: &State) -> Stage {
    the_contract(state).map(|contract| contract.stage).unwrap_or_default()
}

fn was_requested(state: &State) -> bool {
    the_contract(state).is_some_and(|contract| contract.conditions.is_some())
}

fn copies(state: &State, letter: Letter) -> u8 {
    let sent = state.decider.0.1.get(&ContractNumber(1));
    sent.and_then(|sent| sent.get(&letter)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leftfold::check::{ExplorationVerdict, PropertyAnswer};
    use leftfold::delivery::NetworkMessage;

    /// Enough for every one of these.
    const STATES: usize = 2_000_000;

    fn honest() -> Delivery<
        impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = Parts> + Clone,
        Obligations,
    > {
        delivered(Mail { checks: true })
    }

    #[track_caller]
    fn all_holds<D>(delivery: &Delivery<D, Obligations>)
    where
        D: Decider<Command = Command, Event = Event, Rejection = Rejection, State = Parts> + Sync,
    {
        let found = explored(delivery, STATES);
        assert_eq!(found.verdict, ExplorationVerdict::Exhausted, "{found}");
        assert_eq!(found.violations().count(), 0, "{found}");
    }

    #[test]
    fn everything_holds_over_a_network_that_is_slow_and_delivers_twice() {
        all_holds(&honest().duplicating(1));
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "half a million states: optimized builds try it")]
    fn everything_holds_over_a_network_that_loses_what_is_read_again() {
        all_holds(&honest().losing(1).redelivering());
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "half a million states: optimized builds try it")]
    fn everything_holds_when_the_process_manager_crashes() {
        all_holds(&honest().crashing(1).redelivering());
    }

    #[test]
    fn a_careless_mail_sends_twice_what_it_is_told_twice() {
        let found = explored(&delivered(Mail { checks: false }).duplicating(1), 20_000);
        let story = found.answer(ONCE).and_then(PropertyAnswer::story).expect("a letter goes out twice");
        let kept = |command: &DeliveryCommand<Event, Command>| matches!(command, DeliveryCommand::DeliverAndKeep(NetworkMessage::Command { key, .. }) if key == "1/mail request");
        assert!(story.commands.iter().any(kept), "{story:?}");
    }

    #[test]
    fn what_is_lost_for_good_is_never_mailed() {
        let found = explored(&honest().losing(1), STATES);
        let lost = |property| {
            found.answer(property).and_then(PropertyAnswer::story).expect("it is lost").commands.last()
        };
        // The event is lost, and nobody knows that a mail is owed; or the command is, and it is owed for ever.
        assert!(matches!(lost(MAILED), Some(DeliveryCommand::Lose(NetworkMessage::Event(_)))), "{found}");
        assert!(lost(MAILABLE).is_some_and(|last| matches!(last, DeliveryCommand::Lose(_))), "{found}");
    }
}
