//! What the library has to do, as scenarios.

use super::model::{
    Command, DeskRejection, Event, Loan, MailCommand, MailEvent, MemberCommand, MemberEvent, MemberId,
    ToolCommand, ToolEvent, ToolId, ToolRejection, library,
};
use super::reminders::{DAY, Reminders};
use super::wall::{Line, Wall};
use leftfold::recorded::Timestamp;
use leftfold::{Model, Modelled, Owed, ProcessScenario, Scenario, ViewScenario, keyed};

/// 2026-03-02T09:00:00Z.
pub const MONDAY: Timestamp = Timestamp::constant(1_772_442_000, 0);
pub const DRILL: ToolId = ToolId(1);
pub const LADDER: ToolId = ToolId(2);
pub const ADA: MemberId = MemberId(7);
pub const BEN: MemberId = MemberId(8);

pub fn registered(tool: ToolId) -> Event {
    keyed(tool, ToolEvent::Registered { name: format!("tool {tool}") }).into()
}

pub fn joined(member: MemberId) -> Event {
    keyed(member, MemberEvent::Joined { mail: format!("{member}@example.org") }).into()
}

pub fn lent(tool: ToolId, to: MemberId) -> Event {
    keyed(tool, ToolEvent::Lent { loan: 1, to, at: MONDAY }).into()
}

pub fn returned(tool: ToolId) -> Event {
    keyed(tool, ToolEvent::Returned { loan: 1 }).into()
}

pub fn loan() -> Loan {
    Loan { tool: DRILL, loan: 1, to: ADA, at: MONDAY }
}

pub fn remind() -> Command {
    MailCommand::Remind { loan: loan(), address: "7@example.org".into() }.into()
}

pub fn reminded() -> Event {
    MailEvent::Reminded { loan: loan() }.into()
}

pub fn lend(tool: ToolId, to: MemberId) -> Command {
    keyed(tool, ToolCommand::Lend { to, at: MONDAY }).into()
}

pub fn model() -> Model<impl Modelled<Command = Command, Event = Event>> {
    let ready = Scenario::named("a drill, and Ada is a member").given([registered(DRILL), joined(ADA)]);
    let out = ready.fork("Ada has the drill").given([lent(DRILL, ADA)]);
    Model::new("tool library", library())
        .scenarios([
            ready.fork("a member borrows a tool").when(lend(DRILL, ADA)).then([lent(DRILL, ADA)]),
            ready
                .fork("somebody else does not")
                .when(lend(DRILL, BEN))
                .then_rejected(DeskRejection::NoMember),
            ready
                .fork("an unknown tool is not lent")
                .when(lend(LADDER, ADA))
                .then_rejected(ToolRejection::NoSuchTool),
            out.fork("a lent tool is not lent again")
                .when(lend(DRILL, ADA))
                .then_rejected(ToolRejection::LentAlready { to: ADA }),
            out.fork("it comes back once")
                .when(keyed(DRILL, ToolCommand::TakeBack).into())
                .then([returned(DRILL)])
                .and_when(keyed(DRILL, ToolCommand::TakeBack).into())
                .then_rejected(ToolRejection::NotLent),
            out.fork("who has a tool stays")
                .when(keyed(ADA, MemberCommand::Leave).into())
                .then_rejected(DeskRejection::HasTools { tools: 1 }),
            out.fork("a reminder goes out once")
                .when(remind())
                .then([reminded()])
                .and_when(remind())
                .then_nothing(),
            Scenario::open_question("May a loan be renewed?"),
        ])
        .process(
            "reminders",
            Reminders,
            [
                ProcessScenario::named("a loan is reminded of after two weeks")
                    .given([registered(DRILL), joined(ADA)])
                    .when(lent(DRILL, ADA))
                    .then_pending([Owed::at(MONDAY + 14 * DAY, "remind 1/1", remind())]),
                ProcessScenario::named("not when the tool is back")
                    .given([joined(ADA), lent(DRILL, ADA)])
                    .when(returned(DRILL))
                    .then_pending([]),
                ProcessScenario::named("and once")
                    .given([joined(ADA), lent(DRILL, ADA)])
                    .when(reminded())
                    .then_pending([]),
            ],
        )
        .view(
            "wall",
            Wall,
            [ViewScenario::named("the wall shows who has a tool")
                .given([registered(DRILL), joined(ADA), lent(DRILL, ADA)])
                .then(
                    [(DRILL, Line { name: "tool 1".into(), with: Some(ADA), lent: 1, reminded: 0 })].into(),
                )],
        )
}
