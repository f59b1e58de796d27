//! One order over a network that delivers late, twice or never, with a warehouse that trusts it: it ships twice what it is asked for twice.

use super::model::{
    Command, Event, OneOrder, OrderCommand, PaymentCommand, Rejection, Shipment, Shipping, ShippingState,
    one_order,
};
use leftfold::check::Property;
use leftfold::delivery::{Delivery, DeliveryCommand, Network};
use leftfold::desk::OnDesk;
use leftfold::{Model, Modelled};

type State = Network<OneOrder, ShippingState, Event, Command>;

fn careless() -> Delivery<
    impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = OneOrder> + 'static,
    Shipping,
> {
    Delivery::of(one_order(Shipment { checks: false }), Shipping).duplicating(1).losing(1)
}

pub fn model() -> Model<impl OnDesk> {
    let network = careless();
    Model::new("one order over a network", careless())
        .alphabet(move |state: &State| {
            let customers = [
                OrderCommand::PlaceOrder { total: 30 }.into(),
                PaymentCommand::PayOrder { amount: 30 }.into(),
            ];
            customers.map(DeliveryCommand::Do).into_iter().chain(network.moves(state)).collect::<Vec<_>>()
        })
        .label(|state: &State| {
            let parcels = state.decider.1.parcels;
            let flying = if state.in_flight.is_empty() { "" } else { ", messages in flight" };
            format!("{parcels} shipped{flying}")
        })
        .properties([
            Property::always("an order is shipped at most once", |state: &State| {
                state.decider.1.parcels <= 1
            }),
            Property::always_possible("what is paid can still be shipped", |state: &State| {
                state.process != ShippingState::Owed || !state.in_flight.is_empty()
            }),
        ])
        .explored(2_000)
        .charted()
}

#[test]
fn it_ships_twice_what_it_is_told_twice_and_the_page_draws_how() {
    let answer = model().desk().answer(r#"{"find": {"property": "an order is shipped at most once"}}"#);
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["find"]["verdict"], "found", "{answer}");
    let rows = answer["find"]["chart"]["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["message"]["arrival"] == "again"), "{answer}");
}
