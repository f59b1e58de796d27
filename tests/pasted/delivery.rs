[
Scenario::named("shipped at most once")
    .given_commands([
        DeliveryCommand::Do(Command::Order(OrderCommand::PlaceOrder { total: 3 })),
        DeliveryCommand::Do(Command::Payment(PaymentCommand::PayOrder { amount: 3 })),
        DeliveryCommand::Deliver(NetworkMessage::Event(Event::Payment(PaymentEvent::OrderPaid { amount: 3 }))),
        DeliveryCommand::DeliverAndKeep(NetworkMessage::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }),
    ])
    .when(DeliveryCommand::Deliver(NetworkMessage::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }))
    .then([
        DeliveryEvent::Delivered(NetworkMessage::Command { key: "ship".into(), command: Command::Shipment(ShipmentCommand::ShipOrder) }),
        DeliveryEvent::Happened(Event::Shipment(ShipmentEvent::OrderShipped)),
    ]),
]
