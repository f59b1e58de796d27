//! Every state of the library over a network that loses a mail, while time passes the deadline.

use crate::model::{
    Command, Event, Library, MemberCommand, MemberEvent, MemberId, Rejection, ToolCommand, ToolEvent,
    ToolState, library,
};
use crate::reminders::{DAY, Open, Reminders};
use crate::scenarios::{ADA, DRILL, MONDAY};
use leftfold::check::{Exploration, explore};
use leftfold::delivery::{Delivery, DeliveryCommand, Network};
use leftfold::{Modelled, keyed};

const BEN: MemberId = MemberId(8);

type State = Network<Library, Open, Event, Command>;

const REMINDED: &str = "once nothing more happens by itself, no loan is overdue without a reminder";
const ONCE: &str = "no loan is reminded of twice";
const STAYS: &str = "nobody who has a tool has left";
const AGAIN: &str = "a tool is lent a second time";

/// What people may do; what the network may do is in `Delivery::moves`.
fn people(state: &State) -> Vec<DeliveryCommand<Event, Command>> {
    let mut commands: Vec<Command> = vec![keyed(DRILL, ToolCommand::TakeBack).into()];
    let tool = state.decider.0.0.0.get(&DRILL).copied();
    // Nobody borrows after the first day: each later moment would be a state of its own.
    if state.now == Some(MONDAY) && tool != Some(ToolState::OnTheShelf { loans: 2 }) {
        commands.extend([ADA, BEN].map(|to| keyed(DRILL, ToolCommand::Lend { to, at: MONDAY }).into()));
    }
    commands.extend([ADA, BEN].map(|member| keyed(member, MemberCommand::Leave).into()));
    commands.into_iter().map(DeliveryCommand::Do).collect()
}

/// A drill, and two members.
fn beginning() -> [Event; 3] {
    let joined = |member: MemberId| {
        keyed(member, MemberEvent::Joined { mail: format!("{member}@example.org") }).into()
    };
    [keyed(DRILL, ToolEvent::Registered { name: "drill".into() }).into(), joined(ADA), joined(BEN)]
}

fn explored<D>(delivery: &Delivery<D, Reminders>) -> Exploration<Delivery<D, Reminders>>
where
    D: Modelled<State = Library, Command = Command, Event = Event, Rejection = Rejection> + Clone + 'static,
{
    let (network, quiet) = (delivery.clone(), delivery.clone());
    let alphabet = move |state: &State| [people(state), network.moves(state)].concat();
    explore(delivery, alphabet)
        .from(delivery.settled(beginning()))
        .always(ONCE, |state| {
            let sent = &state.decider.0.1;
            sent.reminders.values().flat_map(|loans| loans.values()).all(|times| *times <= 1)
        })
        .always(STAYS, |state| {
            let desk = &state.decider.1;
            desk.lent.values().all(|member| desk.members.contains(member))
        })
        .always(REMINDED, move |state| {
            let (((tools, _), sent), _) = &state.decider;
            let is_overdue = state.now >= Some(MONDAY + 14 * DAY);
            let reminded = |(tool, of): (&_, &ToolState)| match of {
                ToolState::Lent { loan, .. } => sent.was_sent(*tool, *loan),
                ToolState::Unknown | ToolState::OnTheShelf { .. } => true,
            };
            !is_overdue || tools.iter().all(reminded) || !quiet.moves(state).is_empty()
        })
        .sometimes(AGAIN, |state| {
            state.decider.0.0.0.values().any(|tool| matches!(tool, ToolState::Lent { loan: 2, .. }))
        })
        .states(300_000)
        .run()
}

/// The network of a process runner: it reads the log in order.
fn honest() -> Delivery<
    impl Modelled<State = Library, Command = Command, Event = Event, Rejection = Rejection> + Clone + 'static,
    Reminders,
> {
    Delivery::of(library(), Reminders).in_order().starting_at(MONDAY)
}

#[test]
fn over_an_honest_network_everybody_is_reminded() {
    explored(&honest()).assert();
}

#[test]
fn a_lost_mail_is_missed_until_what_is_owed_is_issued_again() {
    let lossy = honest().losing(1).only(|message| matches!(message.command(), Some(Command::Mail(_))));
    let found = explored(&lossy);
    let broken: Vec<&str> = found.violations().map(|found| &*found.property).collect();
    assert_eq!(broken, [REMINDED], "{found}");
    explored(&lossy.redelivering()).assert();
}
