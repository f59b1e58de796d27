//! What the library has to do: `tool_library.feature` says it, about these parts.

use super::model::{
    Command, Event, Library, MemberCommand, MemberId, ToolCommand, ToolId, ToolState, library,
};
use super::reminders::Reminders;
use super::wall::Wall;
use leftfold::desk::OnDesk;
use leftfold::recorded::Timestamp;
use leftfold::{Model, keyed};

/// 2026-03-02T09:00:00Z.
pub const MONDAY: Timestamp = Timestamp::constant(1_772_442_000, 0);
pub const DRILL: ToolId = ToolId(1);
pub const ADA: MemberId = MemberId(7);

pub fn model() -> Model<impl OnDesk<Command = Command, Event = Event>> {
    Model::new("tool library", library())
        .process("reminders", Reminders, [])
        .view("wall", Wall, [])
        .scenarios_in("examples/tool_library/tool_library.feature")
        .alphabet(|_| commands())
        .label(|(((tools, _), _), _): &Library| match tools.get(&DRILL) {
            None | Some(ToolState::Unknown) => "no drill",
            Some(ToolState::OnTheShelf { .. }) => "on the shelf",
            Some(ToolState::Lent { .. }) => "lent",
        })
        .explored(1_000)
}

/// One drill and one member.
fn commands() -> Vec<Command> {
    let of_drill = [
        ToolCommand::Register { name: "drill".into() },
        ToolCommand::Lend { to: ADA, at: MONDAY },
        ToolCommand::TakeBack,
    ];
    let of_ada = [MemberCommand::Join { mail: "ada@example.org".into() }, MemberCommand::Leave];
    let of_drill = of_drill.map(|command| keyed(DRILL, command).into());
    let of_ada = of_ada.map(|command| keyed(ADA, command).into());
    of_drill.into_iter().chain(of_ada).collect()
}
