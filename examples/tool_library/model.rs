//! A tool library: people borrow drills and ladders. Tools and members by number, the mail, and a desk that knows both.

use leftfold::im::OrdMap;
use leftfold::recorded::Timestamp;
use leftfold::{Decider, Fold, Keyed, Modelled, sum};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A number that is no other number.
macro_rules! id {
    ($name:ident) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
id!(ToolId);
id!(MemberId);

// ------------------------------------------------------------------------------------------------ one tool

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ToolCommand {
    Register { name: String },
    Lend { to: MemberId, at: Timestamp },
    TakeBack,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ToolEvent {
    Registered { name: String },
    Lent { loan: u32, to: MemberId, at: Timestamp },
    Returned { loan: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ToolRejection {
    AlreadyRegistered,
    NoSuchTool,
    LentAlready { to: MemberId },
    NotLent,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ToolState {
    #[default]
    Unknown,
    OnTheShelf {
        loans: u32,
    },
    Lent {
        loan: u32,
        to: MemberId,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Tool;

impl Fold for Tool {
    type State = ToolState;
    type Event = ToolEvent;

    fn initial_state(&self) -> ToolState {
        ToolState::Unknown
    }

    fn evolve(&self, _: ToolState, event: &ToolEvent) -> ToolState {
        match event {
            ToolEvent::Registered { .. } => ToolState::OnTheShelf { loans: 0 },
            ToolEvent::Returned { loan } => ToolState::OnTheShelf { loans: *loan },
            ToolEvent::Lent { loan, to, .. } => ToolState::Lent { loan: *loan, to: *to },
        }
    }
}

impl Decider for Tool {
    type Command = ToolCommand;
    type Rejection = ToolRejection;

    fn decide(&self, command: &ToolCommand, state: &ToolState) -> Result<Vec<ToolEvent>, ToolRejection> {
        match (command, state) {
            (ToolCommand::Register { name }, ToolState::Unknown) => {
                Ok(vec![ToolEvent::Registered { name: name.clone() }])
            }
            (ToolCommand::Register { .. }, _) => Err(ToolRejection::AlreadyRegistered),
            (_, ToolState::Unknown) => Err(ToolRejection::NoSuchTool),
            (ToolCommand::Lend { to, at }, ToolState::OnTheShelf { loans }) => {
                Ok(vec![ToolEvent::Lent { loan: loans + 1, to: *to, at: *at }])
            }
            (ToolCommand::Lend { .. }, ToolState::Lent { to, .. }) => {
                Err(ToolRejection::LentAlready { to: *to })
            }
            (ToolCommand::TakeBack, ToolState::Lent { loan, .. }) => {
                Ok(vec![ToolEvent::Returned { loan: *loan }])
            }
            (ToolCommand::TakeBack, ToolState::OnTheShelf { .. }) => Err(ToolRejection::NotLent),
        }
    }
}

// ---------------------------------------------------------------------------------------------- one member

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberCommand {
    Join { mail: String },
    Leave,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberEvent {
    Joined { mail: String },
    Left,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberRejection {
    AlreadyAMember,
    NotAMember,
}

#[derive(Clone, Copy, Debug)]
pub struct Member;

impl Fold for Member {
    /// The address.
    type State = Option<String>;
    type Event = MemberEvent;

    fn initial_state(&self) -> Option<String> {
        None
    }

    fn evolve(&self, _: Option<String>, event: &MemberEvent) -> Option<String> {
        match event {
            MemberEvent::Joined { mail } => Some(mail.clone()),
            MemberEvent::Left => None,
        }
    }
}

impl Decider for Member {
    type Command = MemberCommand;
    type Rejection = MemberRejection;

    fn decide(
        &self,
        command: &MemberCommand,
        state: &Option<String>,
    ) -> Result<Vec<MemberEvent>, MemberRejection> {
        match (command, state) {
            (MemberCommand::Join { mail }, None) => Ok(vec![MemberEvent::Joined { mail: mail.clone() }]),
            (MemberCommand::Join { .. }, Some(_)) => Err(MemberRejection::AlreadyAMember),
            (MemberCommand::Leave, Some(_)) => Ok(vec![MemberEvent::Left]),
            (MemberCommand::Leave, None) => Err(MemberRejection::NotAMember),
        }
    }
}

// ------------------------------------------------------------------------------------------------ the mail

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Loan {
    pub tool: ToolId,
    pub loan: u32,
    pub to: MemberId,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MailCommand {
    Remind { loan: Loan, address: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MailEvent {
    Reminded { loan: Loan },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MailRejection {
    NoAddress,
}

/// How often each loan was reminded of, by tool and by the number of the loan: JSON has no map whose keys are loans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sent {
    pub reminders: OrdMap<ToolId, OrdMap<u32, u32>>,
}

impl Sent {
    pub fn was_sent(&self, tool: ToolId, loan: u32) -> bool {
        self.reminders.get(&tool).is_some_and(|loans| loans.contains_key(&loan))
    }
}

/// The mail as the model sees it: a reminder went out. The program that runs the model sends it; see `main.rs`.
#[derive(Clone, Copy, Debug)]
pub struct Mail;

impl Fold for Mail {
    type State = Sent;
    type Event = MailEvent;

    fn initial_state(&self) -> Sent {
        Sent::default()
    }

    fn evolve(&self, mut sent: Sent, MailEvent::Reminded { loan }: &MailEvent) -> Self::State {
        *sent.reminders.entry(loan.tool).or_default().entry(loan.loan).or_insert(0) += 1;
        sent
    }
}

impl Decider for Mail {
    type Command = MailCommand;
    type Rejection = MailRejection;

    fn decide(
        &self,
        MailCommand::Remind { loan, address }: &MailCommand,
        sent: &Sent,
    ) -> Result<Vec<MailEvent>, MailRejection> {
        if address.is_empty() {
            return Err(MailRejection::NoAddress);
        }
        if sent.was_sent(loan.tool, loan.loan) {
            Ok(vec![])
        } else {
            Ok(vec![MailEvent::Reminded { loan: loan.clone() }])
        }
    }
}

// ----------------------------------------------------------------------------------------------- together

sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Command { Tool(Keyed<ToolId, ToolCommand>), Member(Keyed<MemberId, MemberCommand>), Mail(MailCommand) }
}
sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Event { Tool(Keyed<ToolId, ToolEvent>), Member(Keyed<MemberId, MemberEvent>), Mail(MailEvent) }
}
sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Rejection { Tool(ToolRejection), Member(MemberRejection), Mail(MailRejection), Desk(DeskRejection) }
}

/// The rule over tools and members: it reads what happens to both, and decides beside them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeskRejection {
    NoMember,
    HasTools { tools: u32 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeskState {
    pub members: BTreeSet<MemberId>,
    pub lent: BTreeMap<ToolId, MemberId>,
}

#[derive(Clone, Copy, Debug)]
pub struct Desk;

impl Fold for Desk {
    type State = DeskState;
    type Event = Event;

    fn initial_state(&self) -> DeskState {
        DeskState::default()
    }

    fn evolve(&self, mut desk: DeskState, event: &Event) -> DeskState {
        match event {
            Event::Tool(Keyed { key, message: ToolEvent::Lent { to, .. } }) => {
                desk.lent.insert(*key, *to);
            }
            Event::Tool(Keyed { key, message: ToolEvent::Returned { .. } }) => {
                desk.lent.remove(key);
            }
            Event::Member(Keyed { key, message: MemberEvent::Joined { .. } }) => {
                desk.members.insert(*key);
            }
            Event::Member(Keyed { key, message: MemberEvent::Left }) => {
                desk.members.remove(key);
            }
            Event::Tool(_) | Event::Mail(_) => {}
        }
        desk
    }
}

impl Decider for Desk {
    type Command = Command;
    type Rejection = DeskRejection;

    fn decide(&self, command: &Command, desk: &DeskState) -> Result<Vec<Event>, DeskRejection> {
        match command {
            Command::Tool(Keyed { message: ToolCommand::Lend { to, .. }, .. })
                if !desk.members.contains(to) =>
            {
                Err(DeskRejection::NoMember)
            }
            Command::Member(Keyed { key, message: MemberCommand::Leave }) => {
                match desk.lent.values().filter(|to| *to == key).count() as u32 {
                    0 => Ok(vec![]),
                    tools => Err(DeskRejection::HasTools { tools }),
                }
            }
            _ => Ok(vec![]),
        }
    }
}

/// The state of the whole: tools, members, mail, desk. `merge` puts its two parts into a pair.
pub type Library = (((OrdMap<ToolId, ToolState>, OrdMap<MemberId, Option<String>>), Sent), DeskState);

pub fn library()
-> impl Modelled<State = Library, Command = Command, Event = Event, Rejection = Rejection> + Clone + 'static {
    Tool.many::<ToolId>()
        .part_of::<Command, Event, Rejection>()
        .merge(Member.many::<MemberId>().part_of())
        .merge(Mail.part_of())
        .merge(Desk.part_of())
}
