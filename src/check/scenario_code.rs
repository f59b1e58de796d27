//! A scenario as Rust code, from its parts.

use crate::message::Message;
use std::fmt::Write as _;

/// Writes a scenario: its first line, the events and commands before, and each command in question with its outcome.
pub(super) fn scenario_code<'m, C, E, R>(
    first_line: String,
    given: &'m [E],
    given_commands: impl Iterator<Item = &'m C>,
    steps: impl Iterator<Item = (&'m C, Result<&'m [E], &'m R>)>,
) -> String
where
    C: Message + 'm,
    E: Message + 'm,
    R: Message + 'm,
{
    let mut code = first_line;
    listed(&mut code, "given", given.iter());
    listed(&mut code, "given_commands", given_commands);
    for (number, (command, outcome)) in steps.enumerate() {
        let when = if number == 0 { "when" } else { "and_when" };
        let _ = writeln!(code, "    .{when}({})", command.code());
        match outcome {
            Ok([]) => code.push_str("    .then_nothing()\n"),
            Ok(events) => listed(&mut code, "then", events.iter()),
            Err(rejection) => {
                let _ = writeln!(code, "    .then_rejected({})", rejection.code());
            }
        }
    }
    code.truncate(code.trim_end().len());
    code + ",\n"
}

fn listed<'m, M: Message + 'm>(code: &mut String, word: &str, messages: impl Iterator<Item = &'m M>) {
    let lines: Vec<String> = messages.map(|message| format!("        {},\n", message.code())).collect();
    if !lines.is_empty() {
        let _ = write!(code, "    .{word}([\n{}    ])\n", lines.concat());
    }
}
