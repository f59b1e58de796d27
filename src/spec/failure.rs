use super::difference::{items, lines, marked};
use super::nan;
use super::why::Why;
use crate::page::{ALIKE, fitted, one_line, printable, printable_lines, width};
use crate::recorded::Version;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Debug, Display, Write as _};
use std::panic::Location;

/// The width of a failure on the page.
const WIDTH: usize = 80;
/// Where the words start, behind the column of labels.
const INDENT: usize = 10;
/// How many of a long history's events are shown at its beginning and at its end.
const ENDS: usize = 12;

/// At most how many paths to a `NaN` are shown for one value.
const MOST_PATHS: usize = 3;

/// A scenario that does not hold, told in the reader's order: what had happened, where that leads, what was asked, what
/// was expected and what came instead.
///
/// A value like everything else: it prints within 80 columns, compares and serializes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The scenario's name; empty for one that was asserted on the spot.
    pub scenario: String,
    /// Where the expectation stands in the source.
    pub place: Place,
    /// All that happened before the step that failed.
    pub history: Vec<Happened>,
    /// The state that the history folds to.
    pub state: String,
    /// What was asked in the step that failed.
    pub when: Vec<String>,
    /// Which step of a chain failed, counted from 1, and of how many.
    pub step: Option<(usize, usize)>,
    /// What was expected.
    pub expected: Answer,
    /// What came instead.
    pub actual: Answer,
    /// What the decision leaves unsaid, such as reactions that were refused.
    pub remarks: Vec<String>,
    /// The smallest part of the history that gives the same answer, where that is less than the whole.
    pub why: Option<Why>,
}

/// A line in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

impl From<&Location<'_>> for Place {
    fn from(location: &Location<'_>) -> Self {
        Place { file: location.file().to_string(), line: location.line() }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One line of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// An event, with the version of the state after it.
    Event(Version, String),
    /// A command that was given, before its events.
    Command(String),
}

/// What a specification expects, or what it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
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
    /// Something said in words.
    Words(String),
}

impl Answer {
    fn kind(&self) -> &'static str {
        match self {
            Answer::Events(events) if events.is_empty() => "no event",
            Answer::Events(events) if events.len() == 1 => "the event",
            Answer::Commands(commands) if commands.is_empty() => "no command",
            Answer::Commands(commands) if commands.len() == 1 => "the command",
            Answer::ToDo(list) if list.is_empty() => "nothing to do",
            other => other.kinds(),
        }
    }

    fn kinds(&self) -> &'static str {
        match self {
            Answer::Events(_) => "the events",
            Answer::Rejection(_) => "the rejection",
            Answer::State(_) => "the state",
            Answer::Commands(_) => "the commands",
            Answer::ToDo(_) => "the to-do list",
            Answer::Words(_) => "",
        }
    }

    /// What it holds, as it is printed.
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Answer::Events(texts) | Answer::Commands(texts) | Answer::ToDo(texts) => {
                texts.iter().map(|text| printable_lines(text)).collect()
            }
            Answer::Rejection(text) | Answer::State(text) | Answer::Words(text) => {
                vec![printable_lines(text)]
            }
        }
    }
}

/// A value as it stands on the page: on one line where it fits, else spread out.
///
/// A value that is not spread out has no line breaks, unless it prints a text from outside as it is: those are marked.
pub(super) fn shown(value: &impl Debug) -> String {
    let line = format!("{value:?}");
    match width(&line) <= WIDTH - INDENT - 6 || line.contains('\n') {
        true => printable(&line).into_owned(),
        false => format!("{value:#?}"),
    }
}

/// A value spread out over lines, so that two of them can be laid side by side.
pub(super) fn spread(value: &impl Debug) -> String {
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
        self.tell_history(&mut page);
        page.gap();
        page.block("state", &self.state);
        page.gap();
        self.tell_question(&mut page);
        self.tell_difference(&mut page);
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
    fn tell_history(&self, page: &mut Page) {
        if self.history.is_empty() {
            page.block("given", "nothing has happened");
            return;
        }
        let elided = self.history.len().saturating_sub(2 * ENDS);
        let elided = if elided > 1 { ENDS..ENDS + elided } else { 0..0 };
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
                Happened::Event(version, event) => {
                    page.hanging(label, &format!("{version:>digits$}  "), event);
                }
                Happened::Command(command) => page.block("and when", command),
            }
            label = "";
        }
    }

    fn tell_question(&self, page: &mut Page) {
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

    fn tell_difference(&self, page: &mut Page) {
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
        } else if expected == actual && !matches!(self.expected, Answer::Words(_)) {
            page.answer("expected", &self.expected);
            page.answer("actual", &self.actual);
            page.block("", ALIKE);
            if expected.iter().any(|text| has_nan(text)) {
                page.block("", "(NaN is equal to nothing, itself included)");
                for (i, text) in expected.iter().enumerate() {
                    for path in nan::paths(text).iter().take(MOST_PATHS) {
                        let item =
                            if expected.len() > 1 { format!("item {}: ", i + 1) } else { String::new() };
                        page.block("", &format!("(it is at {item}{path})"));
                    }
                }
            }
        } else if matches!(self.expected, Answer::Words(_)) {
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
                Answer::Events(_) | Answer::Commands(_) | Answer::ToDo(_) => items(&expected, &actual),
                Answer::Rejection(_) | Answer::State(_) | Answer::Words(_) => lines(expected[0], actual[0]),
            };
            difference.iter().for_each(|line| page.block("", line));
        }
    }
}

/// Whether a text has the word that floats print which are no number.
fn has_nan(text: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric()).any(|word| word == "NaN")
}

/// Which of several values is not the one expected, where each prints like it.
pub(super) fn unlike<T: PartialEq + Debug>(expected: &[T], actual: &[T], what: &str) -> Option<String> {
    let alike = |(one, other): (&T, &T)| shown(one) == shown(other);
    if expected.len() != actual.len() || expected.len() < 2 || !expected.iter().zip(actual).all(alike) {
        return None;
    }
    let at = expected.iter().zip(actual).position(|(one, other)| one != other)?;
    Some(format!("{what} {} of {} is not the one that is expected: {ALIKE}", at + 1, expected.len()))
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

    /// A text with something in front of its first line; the others hang below.
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

    fn answer(&mut self, label: &str, answer: &Answer) {
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
