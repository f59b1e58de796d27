//! What the library has to do: `tool_library.feature` says it, about these parts.

use super::model::{Command, Event, MemberId, ToolId, library};
use super::reminders::Reminders;
use super::wall::Wall;
use leftfold::Model;
use leftfold::desk::OnDesk;
use leftfold::recorded::Timestamp;

/// 2026-03-02T09:00:00Z.
pub const MONDAY: Timestamp = Timestamp::constant(1_772_442_000, 0);
pub const DRILL: ToolId = ToolId(1);
pub const ADA: MemberId = MemberId(7);

pub fn model() -> Model<impl OnDesk<Command = Command, Event = Event>> {
    Model::new("tool library", library())
        .process("reminders", Reminders, [])
        .view("wall", Wall, [])
        .scenarios_in("examples/tool_library/tool_library.feature")
}
