//! An order under faulty delivery: messages late, out of order, twice, lost and read again, and a process manager that
//! crashes before it dispatches.

use super::model::{
    Command, Event, OneOrder, OrderCommand, OrderState, PaymentCommand, PaymentEvent, Rejection, Shipment,
    ShipmentCommand, Shipping, ShippingState, one_order,
};
use leftfold::check::{Exploration, ExplorationVerdict, Property, PropertyAnswer, explore};
use leftfold::delivery::{Delivery, DeliveryCommand, Network, NetworkMessage};
use leftfold::{Decider, Modelled};

type State = Network<OneOrder, ShippingState, Event, Command>;

/// What customers do while the network does what it does.
fn customers() -> Vec<DeliveryCommand<Event, Command>> {
    [
        OrderCommand::PlaceOrder { total: 3 }.into(),
        OrderCommand::CancelOrder.into(),
        PaymentCommand::PayOrder { amount: 3 }.into(),
    ]
    .map(DeliveryCommand::Do)
    .into()
}

fn one<M: Decider<Command = Command, Event = Event, Rejection = Rejection, State = OneOrder> + Sync>(
    delivery: &Delivery<M, Shipping>,
) -> Exploration<Delivery<M, Shipping>> {
    explore(delivery, |state: &State| {
        customers().into_iter().chain(delivery.moves(state)).collect::<Vec<_>>()
    })
    .property(Property::always("an order is shipped at most once", |state: &State| parcels(state) <= 1))
    .property(Property::always("only what was paid is shipped", |state: &State| {
        parcels(state) == 0 || (order(state) != OrderState::New && state.decider.0.1.is_none())
    }))
    .property(Property::sometimes("an order is shipped", |state: &State| parcels(state) == 1))
    .property(Property::always_possible("whatever is owed can still be shipped", |state: &State| {
        state.process != ShippingState::Owed
            && state.in_flight.is_empty()
            && state.missed.is_empty()
            && !state.down
    }))
    .within("a second parcel ends the story", |state: &State| parcels(state) <= 1)
    .run()
}

fn parcels(state: &State) -> u8 {
    state.decider.1.parcels
}

fn order(state: &State) -> OrderState {
    state.decider.0.0
}

fn faulty(
    shipment: Shipment,
) -> Delivery<
    impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = OneOrder>,
    Shipping,
> {
    Delivery::of(one_order(shipment), Shipping)
}

#[test]
fn a_careless_warehouse_ships_twice_what_it_is_told_twice() {
    let found = one(&faulty(Shipment { checks: false }).duplicating(1));
    let story = found
        .answer("an order is shipped at most once")
        .and_then(PropertyAnswer::story)
        .expect("it ships twice");
    let ship =
        NetworkMessage::Command { key: "ship".to_string(), command: ShipmentCommand::ShipOrder.into() };
    assert_eq!(
        story.commands,
        [
            DeliveryCommand::Do(OrderCommand::PlaceOrder { total: 3 }.into()),
            DeliveryCommand::Do(PaymentCommand::PayOrder { amount: 3 }.into()),
            DeliveryCommand::Deliver(NetworkMessage::Event(PaymentEvent::OrderPaid { amount: 3 }.into())),
            DeliveryCommand::DeliverAndKeep(ship.clone()),
            DeliveryCommand::Deliver(ship),
        ]
    );
}

#[test]
fn a_careless_warehouse_ships_twice_what_is_issued_again_too_early() {
    // No message is duplicated: the order is still on its way back when what is owed is issued a second time.
    let found = one(&faulty(Shipment { checks: false }).redelivering());
    let story = found
        .answer("an order is shipped at most once")
        .and_then(PropertyAnswer::story)
        .expect("it ships twice");
    println!("{found}");
    assert!(story.commands.contains(&DeliveryCommand::IssueAgain("ship".to_string())), "{story:?}");
}

#[test]
fn a_warehouse_that_checks_ships_once_under_every_fault() {
    let found = one(&faulty(Shipment { checks: true }).duplicating(2).losing(1).crashing(1).redelivering());
    println!("{found}");
    assert_eq!(found.verdict, ExplorationVerdict::Exhausted);
    assert_eq!(found.violations().count(), 0, "{found}");
}

#[test]
fn what_is_lost_for_good_is_never_shipped() {
    let found = one(&faulty(Shipment { checks: true }).losing(1));
    let answer = found.answer("whatever is owed can still be shipped");
    let story = answer.and_then(PropertyAnswer::story).expect("a lost command leaves its item owed for ever");
    let lost = story.commands.last().expect("something was lost");
    assert!(
        matches!(lost, DeliveryCommand::Lose(NetworkMessage::Command { command, .. })
            if *command == ShipmentCommand::ShipOrder.into()),
        "{story:?}"
    );
    let end = story.state(&faulty(Shipment { checks: true }).losing(1));
    assert_eq!(end.process, ShippingState::Owed);
}
