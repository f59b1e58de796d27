[
Scenario::named("nothing is ever shipped")
    .given_commands([
        keyed(1, Command::Order(OrderCommand::PlaceOrder { total: 30 })),
    ])
    .when(keyed(1, Command::Payment(PaymentCommand::PayOrder { amount: 30 })))
    .then([
        keyed(1, Event::Payment(PaymentEvent::OrderPaid { amount: 30 })),
        keyed(1, Event::Shipment(ShipmentEvent::OrderShipped)),
    ]),
]
