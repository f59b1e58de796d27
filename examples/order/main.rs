//! Orders, payments and shipments under one umbrella: `cargo run --example order`, with `serve` for its page in a browser.

mod model;
mod network;

fn main() -> std::process::ExitCode {
    if std::env::args_os().nth(1).is_some_and(|task| task == "serve") {
        return model::model().desk().and(network::model().desk()).main();
    }
    model::model().main_with_page()
}

#[cfg(test)]
mod faults;

#[cfg(test)]
mod tests {
    use super::model::{
        Event, OrderCommand, OrderEvent, PaymentCommand, PaymentEvent, Shipping, model, order, shop,
    };
    use leftfold::recorded::{StreamName, Timestamp, versioned};
    use leftfold::{Decider, Fold, ProcessManager, message};

    #[test]
    fn the_shop_does_what_is_specified() {
        model().check().assert();
    }

    #[test]
    fn the_log_of_an_order_reads_placed_paid_shipped() {
        let commands = [
            order(17, OrderCommand::PlaceOrder { total: 30 }),
            order(17, PaymentCommand::PayOrder { amount: 30 }),
        ];
        let (_, events) = shop().run(&commands).unwrap();
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let log = versioned(StreamName::of("order", 17).unwrap(), at, events);
        let types: Vec<&str> = log.iter().map(|recorded| &*recorded.event_type).collect();
        assert_eq!(types, ["OrderPlaced", "OrderPaid", "OrderShipped"]);
        assert_eq!(log[0].stream.as_str(), "order-17");
    }

    #[test]
    fn events_are_named_by_the_part_they_belong_to() {
        let names: Vec<_> = message::names::<Event>().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            ["order.OrderPlaced", "order.OrderCancelled", "payment.OrderPaid", "shipment.OrderShipped"]
        );
    }

    #[test]
    fn what_is_owed_after_a_crash_is_what_was_owed_before_it() {
        let history: [Event; 2] =
            [OrderEvent::OrderPlaced { total: 30 }.into(), PaymentEvent::OrderPaid { amount: 30 }.into()];
        let before =
            history.iter().fold(Shipping.initial_state(), |state, event| Shipping.evolve(state, event));
        let recovered = Shipping.fold(&history);
        assert_eq!(Shipping.pending(&recovered), Shipping.pending(&before));
        assert_eq!(Shipping.pending(&recovered).len(), 1);
    }
}
