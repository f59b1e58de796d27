//! Reactions of one event are decided one after the other, each on the state that the earlier ones have left.

use im::{OrdMap, OrdSet};
use leftfold::recorded::Timestamp;
use leftfold::synchronous::Settlement;
use leftfold::{
    Decider, Fold, Owed, ProcessManager, ProcessRejection, WithProcess, decider, process_manager,
};

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Receive { amount: u32 },
    Pay { bill: &'static str, amount: u32 },
    PayAtOnce { bills: [&'static str; 2] },
    BeginDay { at: Timestamp },
    Greet,
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Received { amount: u32 },
    Paid { bill: &'static str, amount: u32 },
    DayBegan { at: Timestamp },
    Greeted,
}

#[derive(Clone, Debug, PartialEq)]
struct InsufficientFunds {
    balance: u32,
}

/// An account that is never overdrawn.
#[derive(Clone, Copy, Debug)]
struct Account;

impl Fold for Account {
    type State = u32;
    type Event = Event;

    fn initial_state(&self) -> u32 {
        0
    }

    fn evolve(&self, balance: u32, event: &Event) -> u32 {
        match event {
            Event::Received { amount } => balance + amount,
            Event::Paid { amount, .. } => balance - amount,
            Event::DayBegan { .. } | Event::Greeted => balance,
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = InsufficientFunds;

    fn decide(&self, command: &Command, balance: &u32) -> Result<Vec<Event>, InsufficientFunds> {
        match *command {
            Command::Receive { amount } => Ok(vec![Event::Received { amount }]),
            Command::Pay { amount, .. } if amount > *balance => Err(InsufficientFunds { balance: *balance }),
            Command::Pay { bill, amount } => Ok(vec![Event::Paid { bill, amount }]),
            Command::PayAtOnce { bills } => Ok(bills.map(|bill| Event::Paid { bill, amount: 1 }).into()),
            Command::BeginDay { at } => Ok(vec![Event::DayBegan { at }]),
            Command::Greet => Ok(vec![Event::Greeted]),
        }
    }
}

/// Whenever money comes in, loan and rent of 60 each are owed, until they are paid.
#[derive(Clone, Copy, Debug)]
struct StandingOrders;

impl Fold for StandingOrders {
    type State = OrdMap<&'static str, u32>;
    type Event = Event;

    fn initial_state(&self) -> Self::State {
        OrdMap::new()
    }

    fn evolve(&self, unpaid: Self::State, event: &Event) -> Self::State {
        match event {
            Event::Received { .. } => unpaid.update("loan", 60).update("rent", 60),
            Event::Paid { bill, .. } => unpaid.without(bill),
            Event::DayBegan { .. } | Event::Greeted => unpaid,
        }
    }
}

impl ProcessManager for StandingOrders {
    type Command = Command;

    fn pending(&self, unpaid: &Self::State) -> Vec<Owed<Command>> {
        let pay = |(&bill, &amount): (&&'static str, &u32)| Owed::now(bill, Command::Pay { bill, amount });
        unpaid.iter().map(pay).collect()
    }
}

const LOAN: Command = Command::Pay { bill: "loan", amount: 60 };
const RENT: Command = Command::Pay { bill: "rent", amount: 60 };
const LOAN_PAID: Event = Event::Paid { bill: "loan", amount: 60 };

const RENT_PAID: Event = Event::Paid { bill: "rent", amount: 60 };

#[test]
fn an_overdraft_that_a_stale_state_would_have_allowed_is_refused_stays_owed_and_is_reported() {
    let system = Account.with_process(StandingOrders);
    let received = Event::Received { amount: 100 };

    let stale = Account.fold([&received]);
    assert!(Account.decide(&LOAN, &stale).is_ok() && Account.decide(&RENT, &stale).is_ok());

    let settlement = system.settle(&Command::Receive { amount: 100 }, &system.initial_state());
    assert_eq!(
        settlement,
        Ok(Settlement {
            events: vec![received, LOAN_PAID],
            refused: vec![(Owed::now("rent", RENT), InsufficientFunds { balance: 40 })],
        })
    );
    let state = system.fold(&settlement.unwrap().events);
    assert_eq!(state.decider, 40);
    assert_eq!(system.owed(&state), [Owed::now("rent", RENT)]);
}

#[test]
fn siblings_that_the_state_allows_all_happen_in_the_order_of_the_list() {
    let system = Account.with_process(StandingOrders);
    let (state, events) = system.run(&[Command::Receive { amount: 120 }]).unwrap();
    assert_eq!(events, [Event::Received { amount: 120 }, LOAN_PAID, RENT_PAID]);
    assert_eq!(state.decider, 0);
    assert_eq!(system.owed(&state), []);
}

#[test]
fn a_refused_reaction_does_not_refuse_the_command_that_caused_it() {
    let system = Account.with_process(StandingOrders);
    let answer = system.decide(&Command::Receive { amount: 10 }, &system.initial_state());
    assert_eq!(answer, Ok(vec![Event::Received { amount: 10 }]));
}

#[test]
fn the_command_itself_is_refused_with_the_rejection_of_its_decider() {
    let system = Account.with_process(StandingOrders);
    let answer = system.decide(&RENT, &system.initial_state());
    assert_eq!(answer, Err(ProcessRejection::Refused(InsufficientFunds { balance: 0 })));
}

#[test]
fn what_stays_owed_is_not_tried_again_by_a_command_that_has_nothing_to_do_with_it() {
    let system = Account.with_process(StandingOrders);
    let (state, _) = system.run(&[Command::Receive { amount: 100 }]).unwrap();
    let settlement = system.settle(&Command::Greet, &state).unwrap();
    assert_eq!(settlement.events, [Event::Greeted]);
    assert_eq!(settlement.refused, []);
    assert_eq!(system.owed(&state), [Owed::now("rent", RENT)]);
}

#[test]
fn an_item_that_a_siblings_event_has_settled_before_its_turn_is_not_issued() {
    // Of the two items, the first pays both bills at once.
    let both_by_the_first = process_manager(
        OrdSet::new,
        |unpaid: OrdSet<&'static str>, event: &Event| match event {
            Event::Received { .. } => unpaid.update("a").update("b"),
            Event::Paid { bill, .. } => unpaid.without(bill),
            _ => unpaid,
        },
        |unpaid: &OrdSet<&'static str>| {
            let bills = ["a", "b"];
            unpaid.iter().map(|bill| Owed::now(*bill, Command::PayAtOnce { bills })).collect()
        },
    );
    let (_, events) =
        Account.with_process(both_by_the_first).run(&[Command::Receive { amount: 100 }]).unwrap();
    let paid = |bill| Event::Paid { bill, amount: 1 };
    assert_eq!(events, [Event::Received { amount: 100 }, paid("a"), paid("b")]);
}

#[test]
fn an_item_that_is_settled_among_the_events_of_its_own_cause_is_not_issued() {
    let paid_by_hand = decider(
        || 0,
        |command: &Command, _: &u32| match command {
            Command::Receive { amount } => {
                Ok(vec![Event::Received { amount: *amount }, LOAN_PAID, RENT_PAID])
            }
            _ => Err("paid by hand"),
        },
        |count: u32, _: &Event| count + 1,
    );
    let system = paid_by_hand.with_process(StandingOrders);
    let settlement = system.settle(&Command::Receive { amount: 120 }, &system.initial_state()).unwrap();
    assert_eq!(settlement.events.len(), 3);
    assert_eq!(settlement.refused, []);
}

#[test]
fn a_process_that_never_comes_to_rest_is_stopped_at_its_bound() {
    // Every greeting is greeted back.
    let polite = || {
        process_manager(
            || 0,
            |greetings: u32, event: &Event| greetings + u32::from(*event == Event::Greeted),
            |greetings: &u32| match greetings {
                0 => vec![],
                n => vec![Owed::now(format!("greeting {n}"), Command::Greet)],
            },
        )
    };
    let unsettled = |bound| Err(ProcessRejection::Unsettled { bound, last: Command::Greet });
    for bound in [0, 1, 5] {
        let system = Account.with_process(polite()).bounded(bound);
        assert_eq!(system.decide(&Command::Greet, &system.initial_state()), unsettled(bound));
    }
    let by_default = Account.with_process(polite());
    assert_eq!(by_default.decide(&Command::Greet, &by_default.initial_state()), unsettled(1_000));
    let told: ProcessRejection<String, Command> =
        ProcessRejection::Unsettled { bound: 5, last: Command::Greet };
    assert_eq!(told.to_string(), "5 reactions did not come to rest; the next was Greet");
}

#[test]
fn a_process_that_needs_exactly_its_bound_comes_to_rest_and_with_one_less_it_does_not() {
    let command = Command::Receive { amount: 120 };
    let enough = Account.with_process(StandingOrders).bounded(2);
    assert_eq!(enough.decide(&command, &enough.initial_state()).unwrap().len(), 3);
    let one_less = Account.with_process(StandingOrders).bounded(1);
    assert_eq!(
        one_less.decide(&command, &one_less.initial_state()),
        Err(ProcessRejection::Unsettled { bound: 1, last: RENT })
    );
}

#[test]
fn a_deadline_waits_until_an_event_makes_it_due() {
    let monday: Timestamp = "2025-03-03T00:00:00Z".parse().unwrap();
    let friday: Timestamp = "2025-03-07T00:00:00Z".parse().unwrap();
    // The rent is due on Friday; the day is told by an event.
    let rent_on_friday = process_manager(
        || (false, None),
        |(owed, today): (bool, Option<Timestamp>), event: &Event| match event {
            Event::Received { .. } => (true, today),
            Event::Paid { .. } => (false, today),
            Event::DayBegan { at } => (owed, Some(*at)),
            Event::Greeted => (owed, today),
        },
        move |(owed, today): &(bool, Option<Timestamp>)| match (owed, today) {
            (false, _) => vec![],
            (true, Some(today)) if *today >= friday => vec![Owed::now("rent", RENT)],
            (true, _) => vec![Owed::at(friday, "rent", RENT)],
        },
    );
    let system = Account.with_process(rent_on_friday);

    let (state, events) = system
        .run(&[Command::Receive { amount: 100 }, Command::BeginDay { at: monday }, Command::Greet])
        .unwrap();
    assert!(!events.iter().any(|event| matches!(event, Event::Paid { .. })), "{events:?}");
    assert_eq!(system.owed(&state), [Owed::at(friday, "rent", RENT)]);

    let (state, events) = system.step(state, &Command::BeginDay { at: friday }).unwrap();
    assert_eq!(events, [Event::DayBegan { at: friday }, RENT_PAID]);
    assert_eq!(system.owed(&state), []);
}

#[test]
fn an_item_with_an_end_alone_is_done_at_once_and_one_with_a_beginning_waits() {
    let at = |second| Timestamp::from_second(second).unwrap();
    for (owed, done) in [
        (Owed::now("rent", RENT).until(at(9)), true),
        (Owed::at(at(1), "rent", RENT), false),
        (Owed::at(at(1), "rent", RENT).until(at(9)), false),
    ] {
        let orders = process_manager(
            || false,
            |_, event: &Event| matches!(event, Event::Received { .. }),
            |open: &bool| if *open { vec![owed.clone()] } else { vec![] },
        );
        let (_, events) = Account.with_process(orders).run(&[Command::Receive { amount: 60 }]).unwrap();
        assert_eq!(events.contains(&RENT_PAID), done, "{owed:?}");
    }
}

#[test]
fn after_a_crash_is_owed_what_was_owed_before() {
    let system = Account.with_process(StandingOrders);
    let commands = [Command::Receive { amount: 70 }, Command::Greet, Command::Receive { amount: 20 }];
    let (before, log) = system.run(&commands).unwrap();
    for lost_after in 0..=log.len() {
        // All that was in memory is gone; the log is folded again, as far as it was written.
        let restarted = system.fold(&log[..lost_after]);
        let (account, orders) = (Account.fold(&log[..lost_after]), StandingOrders.fold(&log[..lost_after]));
        assert_eq!(restarted.decider, account);
        assert_eq!(system.owed(&restarted), StandingOrders.pending(&orders));
    }
    let restarted = system.fold(&log);
    assert_eq!(restarted, before);
    assert_eq!(system.owed(&restarted), [Owed::now("loan", LOAN), Owed::now("rent", RENT)]);
}

#[test]
fn a_system_is_at_its_end_when_its_decider_is_and_nothing_is_owed() {
    let empty_is_the_end = leftfold::neutral::<Command, Event, ()>();
    let system = empty_is_the_end.with_process(StandingOrders);
    assert!(system.is_terminal(&system.initial_state()));
    assert!(!system.is_terminal(&system.fold(&[Event::Received { amount: 1 }])));
    let paying = Account.with_process(StandingOrders);
    assert!(!paying.is_terminal(&paying.initial_state()));
}
