//! The messages of the loan example, without its rules.

#[allow(dead_code)]
#[path = "../loan/model/messages.rs"]
mod messages;

pub use messages::{Event, Work};
