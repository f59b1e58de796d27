//! Builds an event of a log from its attributes, one by one.

use super::error::{Problem, short};
use super::{Attributes, CaseLog, LoggedEvent, MOST_ATTRIBUTES};
use crate::recorded::Timestamp;
use crate::recorded::moment::moment;

/// The names of the attributes read so far. Its memory is reused.
#[derive(Default)]
pub(super) struct AttributeNames {
    text: String,
    ends: Vec<usize>,
}

impl AttributeNames {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).any(|(begin, end)| &self.text[begin..*end] == name)
    }

    /// Adds a name, which must be new; `of` says what has the attribute.
    pub(super) fn add(&mut self, name: &str, of: impl Fn() -> String) -> Result<(), Problem> {
        if self.contains(name) {
            return Err(Problem::Repeated { of: of(), key: short(name, 40) });
        }
        if self.ends.len() == MOST_ATTRIBUTES {
            return Err(Problem::TooMany { of: of() });
        }
        self.text.push_str(name);
        self.ends.push(self.text.len());
        Ok(())
    }
}

/// An event that is being read.
#[derive(Default)]
pub(super) struct EventBuilder {
    pub(super) case: Option<String>,
    activity: Option<String>,
    lifecycle: Option<String>,
    at: Option<Timestamp>,
    attributes: Attributes,
}

impl EventBuilder {
    /// Adds an attribute; `of` says what has it.
    pub(super) fn add_attribute(
        &mut self,
        log: &CaseLog,
        name: &str,
        value: &str,
        in_no_trace: bool,
        of: impl Fn() -> String,
    ) -> Result<(), Problem> {
        let not_empty = || Some(value).filter(|value| !value.is_empty());
        if name == log.activity_name() {
            self.activity = not_empty().map(str::to_string);
        } else if name == log.lifecycle_name() {
            let step = value.trim();
            self.lifecycle = Some(step).filter(|step| !step.is_empty()).map(str::to_lowercase);
        } else if name == log.time_name() {
            self.at = time(log, value, of)?;
        } else if in_no_trace && name == log.case_name() {
            self.case = not_empty().map(str::to_string);
        } else {
            self.attributes.push(name, value);
        }
        Ok(())
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.attributes.bytes()
    }

    pub(super) fn build(
        self,
        log: &CaseLog,
        line: u64,
        of: impl Fn() -> String,
    ) -> Result<LoggedEvent, Problem> {
        let missing = || Problem::Missing { of: of(), key: log.activity_name().to_string() };
        let EventBuilder { activity, lifecycle, at, attributes, .. } = self;
        Ok(LoggedEvent { activity: activity.ok_or_else(missing)?, lifecycle, at, attributes, line })
    }
}

/// A time; `None` where the log has a null.
fn time(log: &CaseLog, text: &str, of: impl Fn() -> String) -> Result<Option<Timestamp>, Problem> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    match moment(text, log.zone.as_ref()) {
        Ok(at) => Ok(Some(at)),
        Err(why) => {
            Err(Problem::Time { of: of(), key: log.time_name().to_string(), text: short(text, 40), why })
        }
    }
}
