[
Scenario::named("shipped at most once")
    .given_commands([
        DeliveryCommand::Do(Command::Order(OrderCommand::PlaceOrder { total: 3 })),
        DeliveryCommand::Do(Command::Payment(PaymentCommand::PayOrder { amount: 3 })),
        DeliveryCommand::Deliver(Message::Event(Event::Payment(PaymentEvent::OrderPaid { amount: 3 }))),
        DeliveryCommand::DeliverAndKeep(Message::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }),
    ])
    .when(DeliveryCommand::Deliver(Message::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }))
    .then([
        DeliveryEvent::Delivered(Message::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }),
        DeliveryEvent::Happened(Event::Shipment(ShipmentEvent::OrderShipped)),
    ]),
]
