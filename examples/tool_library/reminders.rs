//! Who is to be reminded, and when: a process manager with a deadline.

use super::model::{Command, Event, Loan, MailCommand, MailEvent, MemberEvent, MemberId, ToolEvent};
use leftfold::pattern::SignedDuration;
use leftfold::{Fold, Keyed, Owed, ProcessManager};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A loan is overdue after 14 days: a reminder is owed until it was sent or the tool is back.
#[derive(Clone, Copy, Debug)]
pub struct Reminders;

/// What is lent, and the addresses. It reads the log in order, so that a loan is known before its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Open {
    pub addresses: BTreeMap<MemberId, String>,
    pub loans: BTreeSet<Loan>,
}

impl Fold for Reminders {
    type State = Open;
    type Event = Event;

    fn initial_state(&self) -> Open {
        Open::default()
    }

    fn evolve(&self, mut open: Open, event: &Event) -> Open {
        match event {
            Event::Member(Keyed { key, message: MemberEvent::Joined { mail } }) => {
                open.addresses.insert(*key, mail.clone());
            }
            Event::Member(Keyed { key, message: MemberEvent::Left }) => {
                open.addresses.remove(key);
            }
            Event::Tool(Keyed { key, message: ToolEvent::Lent { loan, to, at } }) => {
                open.loans.insert(Loan { tool: *key, loan: *loan, to: *to, at: *at });
            }
            Event::Tool(Keyed { key, message: ToolEvent::Returned { loan } }) => {
                open.loans.retain(|open| (open.tool, open.loan) != (*key, *loan));
            }
            Event::Tool(Keyed { message: ToolEvent::Registered { .. }, .. }) => {}
            Event::Mail(MailEvent::Reminded { loan }) => {
                open.loans.remove(loan);
            }
        }
        open
    }
}

impl ProcessManager for Reminders {
    type Command = Command;

    fn pending(&self, open: &Open) -> Vec<Owed<Command>> {
        open.loans
            .iter()
            .map(|loan| {
                let address = open.addresses.get(&loan.to).cloned().unwrap_or_default();
                let remind = MailCommand::Remind { loan: loan.clone(), address };
                // A key of its own for each loan: two may be overdue at once.
                Owed::at(loan.at + 14 * DAY, format!("remind {}/{}", loan.tool, loan.loan), remind.into())
            })
            .collect()
    }
}
