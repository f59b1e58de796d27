//! What the process managers of a model owe after a history.

use super::OnDesk;
use super::messages::Said;
use crate::model::Model;
use crate::process::Due;
use serde::Serialize;

/// How many items of a to-do list an answer has at most.
const MOST_ITEMS: usize = 200;

/// The to-do list of a process manager.
#[derive(Serialize)]
pub(super) struct ToDo {
    /// The title of the process manager.
    by: String,
    items: Vec<Item>,
    /// How many more there are.
    more: usize,
    /// Left out unless it panicked, and so owes nothing that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    panicked: Option<String>,
}

#[derive(Serialize)]
struct Item {
    key: String,
    /// Without JSON if it is no command of the model.
    command: Said,
    /// When it is due, in words; null if it is at once.
    due: Option<String>,
}

/// The to-do lists that are not empty.
#[allow(
    clippy::ptr_arg,
    reason = "a process manager finds events of its own type by the type of the whole vector"
)]
pub(super) fn owed<D: OnDesk>(model: &Model<D>, history: &Vec<D::Event>) -> Vec<ToDo> {
    let words = model.specification().in_words();
    let list = |(by, owed): (&str, Result<Vec<_>, String>)| {
        let (owed, panicked) = match owed {
            Ok(owed) => (owed, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let more = owed.len().saturating_sub(MOST_ITEMS);
        let item = |owed: crate::spec::OwedCommand| Item {
            command: match owed.command.downcast_ref::<D::Command>() {
                Some(command) => Said::of(command, words),
                None => Said::in_words(owed.says),
            },
            key: owed.key,
            due: in_words(owed.due),
        };
        let items = owed.into_iter().take(MOST_ITEMS).map(item).collect();
        ToDo { by: by.to_string(), items, more, panicked }
    };
    let lists = model.specification().owed(history).into_iter().map(list);
    lists.filter(|list| !list.items.is_empty() || list.panicked.is_some()).collect()
}

fn in_words(due: Due) -> Option<String> {
    match due {
        Due::Now => None,
        Due::At(from) => Some(format!("from {from} on")),
        Due::Until(end) => Some(format!("until {end}")),
        Due::Between(from, end) => Some(format!("from {from} until {end}")),
    }
}
