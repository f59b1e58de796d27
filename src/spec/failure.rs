//! A scenario that does not hold, and how it prints.

use super::difference::{items, lines, marked};
use super::nan;
use super::why::Why;
use crate::message::Words;
use crate::page::{ALIKE, fitted, one_line, printable, printable_lines, width};
use crate::recorded::Version;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Debug, Display, Write as _};
use std::panic::Location;
use std::sync::Arc;

/// The width of a printed failure.
const WIDTH: usize = 80;
/// The width of the column of labels.
const INDENT: usize = 10;
/// How many events of a long history are shown at its beginning and at its end.
const EVENTS_AT_EACH_END: usize = 12;

/// How many paths to a `NaN` are shown at most for one value.
const MAX_NAN_PATHS: usize = 3;

/// A scenario that does not hold. It prints in the reader's order: what had happened, the state, the command, what was
/// expected and what came instead.
///
/// It prints within 80 columns, compares and serializes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The scenario's name; empty for one that was asserted on the spot.
    pub scenario: String,
    /// The line of the expectation in the source.
    pub place: SourceLocation,
    /// Everything that happened before the step that failed.
    pub history: Vec<HistoryLine>,
    /// The state that the history folds to.
    pub state: String,
    /// The commands or the event of the step that failed.
    pub when: Vec<String>,
    /// Which step of a chain failed, counted from 1, and of how many.
    pub step: Option<(usize, usize)>,
    /// What was expected.
    pub expected: ScenarioAnswer,
    /// What came instead.
    pub actual: ScenarioAnswer,
    /// What the decision does not say itself, such as reactions that were refused.
    pub remarks: Vec<String>,
    /// The smallest part of the history that gives the same answer, if that is not the whole history.
    pub why: Option<Why>,
}

/// A line in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceLocation {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

impl From<&Location<'_>> for SourceLocation {
    fn from(location: &Location<'_>) -> Self {
        SourceLocation { file: location.file().to_string(), line: location.line() }
    }
}

impl Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One line of the history in a [`Failure`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HistoryLine {
    /// An event, with the version of the state after it.
    Event(Version, String),
    /// A command that was given, before its events.
    Command(String),
}

/// What a scenario expects, or what it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ScenarioAnswer {
    /// These events, in order.
    Events(Vec<String>),
    /// A rejection.
    Rejection(String),
    /// A state.
    State(String),
    /// These commands, in order.
    Commands(Vec<String>),
    /// This to-do list, in order.
    ToDo(Vec<String>),
    /// A sentence.
    Words(String),
}

impl ScenarioAnswer {
    fn kind(&self) -> &'static str {
        match self {
            ScenarioAnswer::Events(events) if events.is_empty() => "no event",
            ScenarioAnswer::Events(events) if events.len() == 1 => "the event",
            ScenarioAnswer::Commands(commands) if commands.is_empty() => "no command",
            ScenarioAnswer::Commands(commands) if commands.len() == 1 => "the command",
            ScenarioAnswer::ToDo(list) if list.is_empty() => "nothing to do",
            other => other.kinds(),
        }
    }

    fn kinds(&self) -> &'static str {
        match self {
            ScenarioAnswer::Events(_) => "the events",
            ScenarioAnswer::Rejection(_) => "the rejection",
            ScenarioAnswer::State(_) => "the state",
            ScenarioAnswer::Commands(_) => "the commands",
            ScenarioAnswer::ToDo(_) => "the to-do list",
            ScenarioAnswer::Words(_) => "",
        }
    }

    /// What it holds, as it is printed.
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            ScenarioAnswer::Events(texts) | ScenarioAnswer::Commands(texts) | ScenarioAnswer::ToDo(texts) => {
                texts.iter().map(|text| printable_lines(text)).collect()
            }
            ScenarioAnswer::Rejection(text) | ScenarioAnswer::State(text) | ScenarioAnswer::Words(text) => {
                vec![printable_lines(text)]
            }
        }
    }
}

/// A value as a failure prints it: on one line if it fits, otherwise on several.
///
/// Line breaks that the value prints itself, from a text from outside, are shown as marks.
fn shown(value: &impl Debug) -> String {
    let line = format!("{value:?}");
    match width(&line) <= WIDTH - INDENT - 6 || line.contains('\n') {
        true => printable(&line).into_owned(),
        false => format!("{value:#?}"),
    }
}

/// How a failure shows values of a type: as `Debug` prints them, or in the words of the text that a scenario was read from.
pub(super) struct Showing<T>(Option<(Arc<Words>, SayIn<T>)>);

type SayIn<T> = fn(&T, &Words) -> String;

impl<T> Clone for Showing<T> {
    fn clone(&self) -> Self {
        Showing(self.0.clone())
    }
}

impl<T> Default for Showing<T> {
    fn default() -> Self {
        Showing(None)
    }
}

impl<T: Debug> Showing<T> {
    pub(super) fn in_words(words: Arc<Words>, say: SayIn<T>) -> Self {
        Showing(Some((words, say)))
    }

    pub(super) fn show(&self, value: &T) -> String {
        match &self.0 {
            None => shown(value),
            Some((words, say)) => printable(&say(value, words)).into_owned(),
        }
    }

    /// A value on several lines, if it is not said in words.
    pub(super) fn spread(&self, value: &T) -> String {
        if self.0.is_some() { self.show(value) } else { spread(value) }
    }
}

/// A value on several lines, so that two of them can be compared line by line.
fn spread(value: &impl Debug) -> String {
    let line = format!("{value:?}");
    if line.contains('\n') { printable(&line).into_owned() } else { format!("{value:#?}") }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = Page::default();
        if self.scenario.is_empty() {
            page.block("place", &self.place.to_string());
        } else {
            page.block("scenario", &one_line(&self.scenario));
            page.block("", &self.place.to_string());
        }
        page.gap();
        self.write_history(&mut page);
        page.gap();
        page.block("state", &self.state);
        page.gap();
        self.write_question(&mut page);
        self.write_difference(&mut page);
        for remark in &self.remarks {
            page.gap();
            page.block("remark", remark);
        }
        if let Some(why) = &self.why {
            page.gap();
            page.block("why", &why.to_string());
        }
        f.write_str(page.text.trim_end())
    }
}

impl Failure {
    fn write_history(&self, page: &mut Page) {
        if self.history.is_empty() {
            page.block("given", "nothing has happened");
            return;
        }
        let elided = self.history.len().saturating_sub(2 * EVENTS_AT_EACH_END);
        let elided = if elided > 1 { EVENTS_AT_EACH_END..EVENTS_AT_EACH_END + elided } else { 0..0 };
        let digits = self.history.len().to_string().len().max(2);
        let mut label = "given";
        for (i, happened) in self.history.iter().enumerate() {
            if elided.contains(&i) {
                if i == elided.start {
                    page.block("", &format!("   … {} more …", elided.len()));
                }
                continue;
            }
            match happened {
                HistoryLine::Event(version, event) => {
                    page.hanging(label, &format!("{version:>digits$}  "), event);
                }
                HistoryLine::Command(command) => page.block("and when", command),
            }
            label = "";
        }
    }

    fn write_question(&self, page: &mut Page) {
        for (i, when) in self.when.iter().enumerate() {
            page.block(if i == 0 { "when" } else { "" }, when);
        }
        if let (Some((step, of)), false) = (self.step, self.when.is_empty()) {
            page.block("", &format!("(step {step} of {of})"));
        }
        if !self.when.is_empty() {
            page.gap();
        }
    }

    fn write_difference(&self, page: &mut Page) {
        let (expected, actual) = (self.expected.texts(), self.actual.texts());
        let (expected, actual): (Vec<&str>, Vec<&str>) =
            (expected.iter().map(|text| &**text).collect(), actual.iter().map(|text| &**text).collect());
        let same_kind = std::mem::discriminant(&self.expected) == std::mem::discriminant(&self.actual);
        let one_line = |texts: &[&str]| texts.len() == 1 && !texts[0].contains('\n');
        if !same_kind || expected.is_empty() || actual.is_empty() {
            page.answer("expected", &self.expected);
            page.answer("actual", &self.actual);
            if one_line(&actual) && !same_kind && !self.actual.kind().is_empty() {
                page.block("", &"^".repeat(self.actual.kind().len()));
            }
        } else if expected == actual && !matches!(self.expected, ScenarioAnswer::Words(_)) {
            page.answer("expected", &self.expected);
            page.answer("actual", &self.actual);
            page.block("", ALIKE);
            if expected.iter().any(|text| has_nan(text)) {
                page.block("", "(NaN is equal to nothing, itself included)");
                for (i, text) in expected.iter().enumerate() {
                    for path in nan::paths(text).iter().take(MAX_NAN_PATHS) {
                        let item =
                            if expected.len() > 1 { format!("item {}: ", i + 1) } else { String::new() };
                        page.block("", &format!("(it is at {item}{path})"));
                    }
                }
            }
        } else if matches!(self.expected, ScenarioAnswer::Words(_)) {
            page.answer("expected", &self.expected);
            page.answer("actual", &self.actual);
        } else if one_line(&expected) && one_line(&actual) {
            page.answer("expected", &self.expected);
            page.answer("actual", &self.actual);
            let offset = self.actual.kind().len() + 2;
            if offset + width(actual[0]) <= WIDTH - INDENT {
                page.block("", &format!("{:offset$}{}", "", marked(expected[0], actual[0])));
            }
        } else {
            page.block("then", &format!("{}: expected (-), actual (+)", self.expected.kinds()));
            let difference = match &self.expected {
                ScenarioAnswer::Events(_) | ScenarioAnswer::Commands(_) | ScenarioAnswer::ToDo(_) => {
                    items(&expected, &actual)
                }
                ScenarioAnswer::Rejection(_) | ScenarioAnswer::State(_) | ScenarioAnswer::Words(_) => {
                    lines(expected[0], actual[0])
                }
            };
            difference.iter().for_each(|line| page.block("", line));
        }
    }
}

/// Whether a text has the word `NaN`.
fn has_nan(text: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric()).any(|word| word == "NaN")
}

/// A sentence that says which of several values is not the expected one, if all of them print like the expected ones.
pub(super) fn unlike<T: PartialEq + Debug>(expected: &[T], actual: &[T], what: &str) -> Option<String> {
    let alike = |(one, other): (&T, &T)| shown(one) == shown(other);
    if expected.len() != actual.len() || expected.len() < 2 || !expected.iter().zip(actual).all(alike) {
        return None;
    }
    let at = expected.iter().zip(actual).position(|(one, other)| one != other)?;
    Some(format!("{what} {} of {} is not the expected one: {ALIKE}", at + 1, expected.len()))
}

/// Lines with a column of labels in front of them.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn block(&mut self, label: &str, text: &str) {
        self.hanging(label, "", text);
    }

    /// A text with `front` before its first line; the other lines are indented by the width of `front`.
    fn hanging(&mut self, label: &str, front: &str, text: &str) {
        let room = (WIDTH - INDENT).saturating_sub(width(front)).max(20);
        let mut lead = (label, front);
        for line in printable_lines(text).lines().flat_map(|line| fitted(line, room)) {
            let (label, front) = lead;
            let hang = width(front);
            let _ = if label.is_empty() && front.is_empty() && line.is_empty() {
                writeln!(self.text)
            } else {
                writeln!(self.text, "{}", format!("{label:<INDENT$}{front:hang$}{line}").trim_end())
            };
            lead = ("", if front.is_empty() { "" } else { &"                "[..hang.min(16)] });
        }
    }

    fn answer(&mut self, label: &str, answer: &ScenarioAnswer) {
        let texts = answer.texts();
        match &*texts {
            [] => self.block(label, answer.kind()),
            [words] if answer.kind().is_empty() => self.block(label, words),
            [one] if !one.contains('\n') => {
                self.hanging(label, &format!("{}  ", answer.kind()), one);
            }
            _ => {
                self.block(label, answer.kind());
                for text in texts {
                    self.hanging("", "  ", &text);
                }
            }
        }
    }
}
