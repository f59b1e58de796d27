//! What a check prints as a scenario compiles when it is pasted: the story that is found here is the one that stands in
//! `tests/pasted/`, and that file is compiled below.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/order/model.rs"]
#[allow(dead_code)]
mod order;

use leftfold::check::{Property, PropertyAnswer, explore};
use leftfold::delivery::{Delivery, DeliveryCommand, DeliveryEvent, Network, NetworkMessage};
use leftfold::{Keyed, Scenario, keyed};
use order::{
    Command, Event, OneOrder, OrderCommand, PaymentCommand, PaymentEvent, Shipment, ShipmentCommand,
    ShipmentEvent, Shipping, ShippingState, one_order, shop,
};
use std::path::Path;

type State = Network<OneOrder, ShippingState, Event, Command>;

/// Compiles what was pasted, which ends with a comma.
macro_rules! pasted {
    ($file:literal) => {
        include!(concat!("pasted/", $file))
    };
}

#[track_caller]
fn stands_in(file: &str, code: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pasted").join(file);
    let text = format!("[\n{code}]\n");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default());
}

#[test]
fn a_story_of_a_system_compiles_and_holds() {
    let commands = |id: u64| {
        [
            keyed(id, Command::from(OrderCommand::PlaceOrder { total: 30 })),
            keyed(id, Command::from(PaymentCommand::PayOrder { amount: 30 })),
        ]
    };
    let shop = shop();
    let found = explore(&shop, |_| [1, 2].into_iter().flat_map(commands))
        .property(Property::always_step("nothing is ever shipped", |step| {
            step.outcome.as_ref().is_ok_and(|events| {
                !events.iter().any(|event: &Keyed<u64, Event>| {
                    event.message == Event::Shipment(ShipmentEvent::OrderShipped)
                })
            }) || step.outcome.is_err()
        }))
        .run();
    let story = found.answer("nothing is ever shipped").and_then(PropertyAnswer::story).unwrap();
    stands_in("shop.rs", &story.code(&shop, "nothing is ever shipped"));

    let pasted = pasted!("shop.rs");
    pasted.iter().for_each(|scenario| scenario.assert(&shop));
}

#[test]
fn a_story_of_faulty_delivery_compiles_and_holds() {
    let shop = Delivery::of(one_order(Shipment { checks: false }), Shipping).duplicating(1);
    let customers = || {
        [OrderCommand::PlaceOrder { total: 3 }.into(), PaymentCommand::PayOrder { amount: 3 }.into()]
            .map(DeliveryCommand::Do)
    };
    let found =
        explore(&shop, |state: &State| customers().into_iter().chain(shop.moves(state)).collect::<Vec<_>>())
            .property(Property::always("shipped at most once", |state: &State| state.decider.1.parcels <= 1))
            .within("a second parcel ends the story", |state: &State| state.decider.1.parcels <= 1)
            .run();
    let story = found.answer("shipped at most once").and_then(PropertyAnswer::story).unwrap();
    assert_eq!(story.len(), 5);
    stands_in("delivery.rs", &story.code(&shop, "shipped at most once"));

    let pasted = pasted!("delivery.rs");
    pasted.iter().for_each(|scenario| scenario.assert(&shop));
}

mod what_is_kept_from_the_page {
    use super::account::{Command, Event, model};
    use super::stands_in;
    use leftfold::Scenario;

    /// The same text comes from the page's own button; `tests/page/stories.mjs` holds it against this file.
    #[test]
    fn compiles_and_holds() {
        let question = r#"{"scenario": {
            "history": [{"AccountOpened": {"owner": "Petra"}}], "command": {"Deposit": 4}, "name": "money comes in"
        }}"#;
        let answer: serde_json::Value = serde_json::from_str(&model().desk().answer(question)).unwrap();
        stands_in("page.rs", answer["scenario"]["rust"].as_str().unwrap());

        let pasted = pasted!("page.rs");
        let model = model();
        pasted.iter().for_each(|scenario| scenario.assert(model.decider()));
    }
}
