//! An order, its payment and its shipment: three deciders and a process manager under one umbrella, one shop for many
//! orders. An order's story in the stream `order-{id}` is `OrderPlaced` → `OrderPaid` → `OrderShipped`.

use leftfold::check::{Law, Property};
use leftfold::desk::OnDesk;
use leftfold::im::OrdMap;
use leftfold::{
    Decider, Fold, Joined, Keyed, Model, Modelled, Owed, ProcessManager, ProcessRejection, ProcessScenario,
    Scenario, WithProcess, keyed, sum,
};
use serde::{Deserialize, Serialize};

// ------------------------------------------------------------------------------------------------------------- order

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderCommand {
    PlaceOrder { total: u32 },
    CancelOrder,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderEvent {
    OrderPlaced { total: u32 },
    OrderCancelled,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderRejection {
    NothingOrdered,
    AlreadyPlaced,
    NotPlaced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderState {
    New,
    Placed,
    Cancelled,
}

pub struct Order;

impl Fold for Order {
    type State = OrderState;
    type Event = OrderEvent;

    fn initial_state(&self) -> OrderState {
        OrderState::New
    }

    fn evolve(&self, _: OrderState, event: &OrderEvent) -> OrderState {
        match event {
            OrderEvent::OrderPlaced { .. } => OrderState::Placed,
            OrderEvent::OrderCancelled => OrderState::Cancelled,
        }
    }
}

impl Decider for Order {
    type Command = OrderCommand;
    type Rejection = OrderRejection;

    fn decide(&self, command: &OrderCommand, state: &OrderState) -> Result<Vec<OrderEvent>, OrderRejection> {
        match (command, state) {
            (OrderCommand::PlaceOrder { total: 0 }, _) => Err(OrderRejection::NothingOrdered),
            (OrderCommand::PlaceOrder { total }, OrderState::New) => {
                Ok(vec![OrderEvent::OrderPlaced { total: *total }])
            }
            (OrderCommand::PlaceOrder { .. }, _) => Err(OrderRejection::AlreadyPlaced),
            (OrderCommand::CancelOrder, OrderState::Placed) => Ok(vec![OrderEvent::OrderCancelled]),
            (OrderCommand::CancelOrder, _) => Err(OrderRejection::NotPlaced),
        }
    }
}

// ----------------------------------------------------------------------------------------------------------- payment

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PaymentCommand {
    PayOrder { amount: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PaymentEvent {
    OrderPaid { amount: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PaymentRejection {
    NothingDue,
    WrongAmount { due: u32 },
}

/// Knows what is due from the facts of the order beside it, so it folds all events of the umbrella.
pub struct Payment;

impl Fold for Payment {
    /// What is due.
    type State = Option<u32>;
    type Event = Event;

    fn initial_state(&self) -> Option<u32> {
        None
    }

    fn evolve(&self, due: Option<u32>, event: &Event) -> Option<u32> {
        match event {
            Event::Order(OrderEvent::OrderPlaced { total }) => Some(*total),
            Event::Order(OrderEvent::OrderCancelled) | Event::Payment(PaymentEvent::OrderPaid { .. }) => None,
            Event::Shipment(_) => due,
        }
    }
}

impl Decider for Payment {
    type Command = PaymentCommand;
    type Rejection = PaymentRejection;

    fn decide(
        &self,
        PaymentCommand::PayOrder { amount }: &PaymentCommand,
        due: &Option<u32>,
    ) -> Result<Vec<Event>, PaymentRejection> {
        match due {
            Some(due) if due == amount => Ok(vec![PaymentEvent::OrderPaid { amount: *amount }.into()]),
            Some(due) => Err(PaymentRejection::WrongAmount { due: *due }),
            None => Err(PaymentRejection::NothingDue),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------- shipment

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ShipmentCommand {
    ShipOrder,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ShipmentEvent {
    OrderShipped,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ShipmentRejection {
    NothingPaid,
    AlreadyShipped,
}

/// The warehouse. It ships what is paid; what it is told twice it does once, or twice when nobody `checks`: a mistake to
/// be found.
pub struct Shipment {
    pub checks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShipmentState {
    pub paid: bool,
    pub parcels: u8,
}

impl Fold for Shipment {
    type State = ShipmentState;
    type Event = Event;

    fn initial_state(&self) -> ShipmentState {
        ShipmentState { paid: false, parcels: 0 }
    }

    fn evolve(&self, state: ShipmentState, event: &Event) -> ShipmentState {
        match event {
            Event::Payment(PaymentEvent::OrderPaid { .. }) => ShipmentState { paid: true, ..state },
            Event::Shipment(ShipmentEvent::OrderShipped) => {
                ShipmentState { parcels: state.parcels.saturating_add(1), ..state }
            }
            Event::Order(_) => state,
        }
    }
}

impl Decider for Shipment {
    type Command = ShipmentCommand;
    type Rejection = ShipmentRejection;

    fn decide(
        &self,
        ShipmentCommand::ShipOrder: &ShipmentCommand,
        state: &ShipmentState,
    ) -> Result<Vec<Event>, ShipmentRejection> {
        match state {
            ShipmentState { paid: false, .. } => Err(ShipmentRejection::NothingPaid),
            ShipmentState { parcels: 1.., .. } if self.checks => Err(ShipmentRejection::AlreadyShipped),
            _ => Ok(vec![ShipmentEvent::OrderShipped.into()]),
        }
    }
}

/// What is paid is owed to be shipped until it is shipped, and never again: a payment that is told late, after the
/// shipment, must not make it owed a second time.
pub struct Shipping;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShippingState {
    NothingPaid,
    Owed,
    Shipped,
}

impl Fold for Shipping {
    type State = ShippingState;
    type Event = Event;

    fn initial_state(&self) -> ShippingState {
        ShippingState::NothingPaid
    }

    fn evolve(&self, state: ShippingState, event: &Event) -> ShippingState {
        match (state, event) {
            (_, Event::Shipment(ShipmentEvent::OrderShipped)) => ShippingState::Shipped,
            (ShippingState::NothingPaid, Event::Payment(PaymentEvent::OrderPaid { .. })) => {
                ShippingState::Owed
            }
            (state, _) => state,
        }
    }
}

impl ProcessManager for Shipping {
    type Command = Command;

    fn pending(&self, state: &ShippingState) -> Vec<Owed<Command>> {
        match state {
            ShippingState::Owed => vec![Owed::now("ship", ShipmentCommand::ShipOrder.into())],
            ShippingState::NothingPaid | ShippingState::Shipped => vec![],
        }
    }
}

// ------------------------------------------------------------------------------------------------------ the umbrella

sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Command { Order(OrderCommand), Payment(PaymentCommand), Shipment(ShipmentCommand) }
}

sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Event { Order(OrderEvent), Payment(PaymentEvent), Shipment(ShipmentEvent) }
}

sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Rejection { Order(OrderRejection), Payment(PaymentRejection), Shipment(ShipmentRejection) }
}

/// What stands between the three deciders of an order: the order, what is due for it, and its parcels.
pub type OneOrder = ((OrderState, Option<u32>), ShipmentState);

/// One order: order, payment and shipment side by side.
pub fn one_order(
    shipment: Shipment,
) -> impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = OneOrder> {
    Order.part_of().merge(Payment.part_of()).merge(shipment.part_of())
}

/// All orders, each with what is owed for it.
pub type AllOrders = OrdMap<u64, Joined<OneOrder, ShippingState>>;

/// A decider of all orders.
pub trait Orders:
    OnDesk<
        Command = Keyed<u64, Command>,
        Event = Keyed<u64, Event>,
        Rejection = ProcessRejection<Rejection, Command>,
        State = AllOrders,
    >
{
}

impl<D> Orders for D where
    D: OnDesk<
            Command = Keyed<u64, Command>,
            Event = Keyed<u64, Event>,
            Rejection = ProcessRejection<Rejection, Command>,
            State = AllOrders,
        >
{
}

/// Many orders, each with shipping to close the loop.
pub fn shop() -> impl Orders {
    one_order(Shipment { checks: true }).with_process(Shipping).many()
}

/// A message of the order with this number.
pub fn order<P, M: From<P>>(id: u64, message: P) -> Keyed<u64, M> {
    keyed(id, message.into())
}

/// What may be asked for an order: what is right, and what is not.
pub fn commands(id: u64) -> Vec<Keyed<u64, Command>> {
    vec![
        order(id, OrderCommand::PlaceOrder { total: 30 }),
        order(id, OrderCommand::CancelOrder),
        order(id, PaymentCommand::PayOrder { amount: 30 }),
        order(id, PaymentCommand::PayOrder { amount: 29 }),
        order(id, ShipmentCommand::ShipOrder),
    ]
}

/// How far each order has come, such as `1 placed, 2 shipped`.
fn progress(shop: &AllOrders) -> String {
    let one = |(id, order): (&u64, &Joined<OneOrder, ShippingState>)| {
        let ((state, _), shipment) = &order.decider;
        let word = match (state, shipment) {
            (OrderState::Cancelled, _) => "cancelled",
            (_, ShipmentState { parcels: 1.., .. }) => "shipped",
            (_, ShipmentState { paid: true, .. }) => "paid",
            (OrderState::Placed, _) => "placed",
            (OrderState::New, _) => "new",
        };
        format!("{id} {word}")
    };
    let orders: Vec<String> = shop.iter().map(one).collect();
    if orders.is_empty() { "no order".to_string() } else { orders.join(", ") }
}

pub fn model() -> Model<impl Orders> {
    use OrderCommand::*;
    use OrderEvent::*;
    use PaymentCommand::*;
    use PaymentEvent::*;
    use ShipmentCommand::*;
    use ShipmentEvent::*;

    let placed = Scenario::named("order 1 is placed").given([order(1, OrderPlaced { total: 30 })]);
    let shipped =
        placed.fork("order 1 is shipped").given([order(1, OrderPaid { amount: 30 }), order(1, OrderShipped)]);

    Model::new("order", shop())
        .scenarios([
            Scenario::named("an order is placed")
                .when(order(1, PlaceOrder { total: 30 }))
                .then([order(1, OrderPlaced { total: 30 })]),
            Scenario::named("an order asks for something")
                .when(order(1, PlaceOrder { total: 0 }))
                .then_rejected(Rejection::from(OrderRejection::NothingOrdered)),
            placed
                .fork("an order is placed once")
                .when(order(1, PlaceOrder { total: 30 }))
                .then_rejected(Rejection::from(OrderRejection::AlreadyPlaced)),
            placed
                .fork("what is paid is shipped at once")
                .when(order(1, PayOrder { amount: 30 }))
                .then([order(1, OrderPaid { amount: 30 }), order(1, OrderShipped)]),
            placed
                .fork("an order is paid in full")
                .when(order(1, PayOrder { amount: 29 }))
                .then_rejected(Rejection::from(PaymentRejection::WrongAmount { due: 30 })),
            placed
                .fork("orders do not pay for each other")
                .when(order(2, PayOrder { amount: 30 }))
                .then_rejected(Rejection::from(PaymentRejection::NothingDue)),
            shipped
                .fork("an order is paid once")
                .when(order(1, PayOrder { amount: 30 }))
                .then_rejected(Rejection::from(PaymentRejection::NothingDue)),
            shipped
                .fork("and shipped once")
                .when(order(1, ShipOrder))
                .then_rejected(Rejection::from(ShipmentRejection::AlreadyShipped)),
            placed
                .fork("nothing is shipped that is not paid")
                .when(order(1, ShipOrder))
                .then_rejected(Rejection::from(ShipmentRejection::NothingPaid)),
            placed
                .fork("a cancelled order is not paid")
                .when(order(1, CancelOrder))
                .then([order(1, OrderCancelled)])
                .and_when(order(1, PayOrder { amount: 30 }))
                .then_rejected(Rejection::from(PaymentRejection::NothingDue)),
            Scenario::named("what was not ordered is not cancelled")
                .when(order(1, CancelOrder))
                .then_rejected(Rejection::from(OrderRejection::NotPlaced)),
            Scenario::open_question("Does a customer who cancels after paying get the money back?"),
        ])
        .alphabet(|_| [1, 2].into_iter().flat_map(commands))
        .label(progress)
        .properties([Property::always_step("what is paid is shipped in the same breath", |step| {
            let happened: &[Keyed<u64, Event>] = step.outcome.as_deref().unwrap_or_default();
            let paid = happened.iter().any(|event| matches!(event.message, Event::Payment(_)));
            let shipped = happened.iter().any(|event| matches!(event.message, Event::Shipment(_)));
            paid == shipped || !paid
        })])
        .laws(Law::of_functions())
        .laws([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()])
        .explored(10_000)
        .behaviour("examples/order/order.behaviour.jsonl")
        .process(
            "shipping",
            Shipping,
            [
                ProcessScenario::named("what is paid is owed to be shipped")
                    .given([OrderPlaced { total: 30 }.into()])
                    .when(OrderPaid { amount: 30 }.into())
                    .then([ShipOrder.into()]),
                ProcessScenario::named("until it is shipped")
                    .given([OrderPlaced { total: 30 }.into(), OrderPaid { amount: 30 }.into()])
                    .then_owed([ShipOrder.into()])
                    .and_when(OrderShipped.into())
                    .then_nothing()
                    .then_owed([]),
                ProcessScenario::named("nothing is owed for an order that is not paid")
                    .when(OrderPlaced { total: 30 }.into())
                    .then_nothing(),
            ],
        )
}
