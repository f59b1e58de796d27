//! Answers of the model, written into the text that asks.

use super::fault::SpecificationFault;
use super::from_text::{TextRead, is_markdown};
use super::part::ScenarioCase;
use super::scenario::Specified;
use super::specification::Specification;
use super::text::{Language, StepWord};
use crate::message::Message;
use crate::page::markup;

/// A text with the answers of the model in it.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The text with the lines that were inserted; all other bytes are as before.
    pub(crate) text: String,
    /// Each line that was inserted: its number, and the line.
    pub(crate) inserted: Vec<(u32, String)>,
    /// The scenarios that ask and were left alone.
    pub(crate) left: Vec<Unanswered>,
    /// What is not understood in the text.
    pub(crate) faults: Vec<SpecificationFault>,
}

/// A scenario that asks and was left alone.
#[derive(Debug)]
pub(crate) struct Unanswered {
    /// The line at which it begins.
    pub(crate) line: u32,
    pub(crate) scenario: String,
    pub(crate) why: String,
}

/// The lines of an answer.
struct Insertion {
    /// The line of the scenario.
    scenario: u32,
    name: String,
    after: u32,
    lines: Vec<String>,
}

impl<D> Specification<D>
where
    D: Specified<
            Event: Message + Send + Sync,
            Command: Message + Send + Sync,
            Rejection: Message + Send + Sync,
        > + Sync,
{
    /// The text with what the model answers today to each scenario that ends with a question, after its last step. What is inserted
    /// reads back, and holds.
    pub(crate) fn with_answers(&self, decider: &D, file: &str, text: &str) -> Answered {
        let read = self.read_text(file, text);
        let (mut insertions, mut left) = self.insertions(decider, &read, file, text);
        loop {
            let (answered, inserted) = with_insertions(text, &insertions);
            let again = self.read_text(file, &answered);
            let cases = again.specification.cases(decider);
            let mut before = 0;
            let mut refused = Vec::new();
            for insertion in &insertions {
                if let Err(why) = holds(&cases, insertion.scenario + before) {
                    refused.push((insertion.scenario, why));
                }
                before += u32::try_from(insertion.lines.len()).unwrap_or(u32::MAX);
            }
            if refused.is_empty() && again.faults.len() > read.faults.len() {
                let why = "with the answers, the text could not be read".to_string();
                refused = insertions.iter().map(|insertion| (insertion.scenario, why.clone())).collect();
            }
            if refused.is_empty() {
                let added = |line: u32| {
                    let before = insertions.iter().filter(|insertion| insertion.after < line);
                    before
                        .map(|insertion| u32::try_from(insertion.lines.len()).unwrap_or(u32::MAX))
                        .sum::<u32>()
                };
                left.iter_mut().for_each(|unanswered| unanswered.line += added(unanswered.line));
                left.sort_by_key(|unanswered| unanswered.line);
                return Answered { text: answered, inserted, left, faults: again.faults };
            }
            insertions.retain(|insertion| {
                let Some((line, why)) = refused.iter().find(|(line, _)| *line == insertion.scenario) else {
                    return true;
                };
                left.push(Unanswered { line: *line, scenario: insertion.name.clone(), why: why.clone() });
                false
            });
        }
    }

    fn insertions(
        &self,
        decider: &D,
        read: &TextRead<D>,
        file: &str,
        text: &str,
    ) -> (Vec<Insertion>, Vec<Unanswered>) {
        let words = self.words_of_language(read.language.code);
        let lines: Vec<&str> = text.split('\n').collect();
        let cases = read.specification.cases(decider);
        let answers = read.specification.answers_in(decider, words);
        let (mut insertions, mut left) = (Vec::new(), Vec::new());
        for question in &read.questions {
            let found = cases.iter().zip(&answers).find(|(case, _)| case.place.line == question.line);
            // A scenario with a fault is none.
            let Some((case, (_, answer))) = found else { continue };
            let (line, name) = (question.line, case.name.to_string());
            let why = match answer {
                _ if question.is_row => {
                    "it is a row of a table, which has no place for an answer: write it as a scenario of its own, or add what is \
                     expected to the table"
                }
                _ if question.is_tagged => {
                    "it has the tag @open-question, with which nothing is expected of the model: delete the tag first"
                }
                None => "the model has no answer to it",
                Some(answer) => {
                    let step =
                        lines.get((question.step as usize).saturating_sub(1)).copied().unwrap_or_default();
                    let front = Front::of(step, is_markdown(file), read.language);
                    let said = answer.iter().map(|line| format!("{}: {line}", words.fixed("today")));
                    let lines = said.enumerate().map(|(i, said)| front.line(i, &said)).collect();
                    insertions.push(Insertion { scenario: line, name, after: question.last_line, lines });
                    continue;
                }
            };
            left.push(Unanswered { line, scenario: name, why: why.to_string() });
        }
        insertions.sort_by_key(|insertion| insertion.after);
        (insertions, left)
    }
}

/// Whether the scenario at this line is there, expects something, and holds.
fn holds(cases: &[ScenarioCase<'_>], line: u32) -> Result<(), String> {
    let Some(case) = cases.iter().find(|case| case.place.line == line) else {
        return Err("what the model answers cannot be said in a text".to_string());
    };
    if case.is_question {
        return Err("the answer could not be added to it".to_string());
    }
    case.run().map_err(|_| "what the model answers does not hold once it is read back".to_string())
}

/// What a step begins with.
struct Front<'l> {
    /// White space, and the mark of a list.
    before: &'l str,
    /// The number of a numbered list, and the sign after it.
    number: Option<(u64, &'l str)>,
    is_markdown: bool,
    is_bold: bool,
    language: &'static Language,
}

impl<'l> Front<'l> {
    fn of(step: &'l str, is_markdown: bool, language: &'static Language) -> Front<'l> {
        let white = step.len() - step.trim_start().len();
        let plain = Front { before: &step[..white], number: None, is_markdown, is_bold: false, language };
        if !is_markdown {
            return plain;
        }
        let rest = &step[white..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mark = digits + rest[digits..].chars().next().map_or(0, char::len_utf8);
        let spaces = rest[mark..].len() - rest[mark..].trim_start().len();
        let is_bold = rest[mark + spaces..].starts_with(['*', '_']);
        match rest[..digits].parse() {
            Ok(number) => Front { number: Some((number, &rest[digits..mark + spaces])), is_bold, ..plain },
            Err(_) => Front { before: &step[..white + mark + spaces], is_bold, ..plain },
        }
    }

    /// The line of an expectation: the first, or a further one.
    fn line(&self, index: usize, said: &str) -> String {
        let word = if index == 0 { StepWord::Then } else { StepWord::And };
        let keyword = self.language.step_keyword(word);
        let mut line = self.before.to_string();
        if let Some((number, after)) = &self.number {
            line.push_str(&format!("{}{after}", number.saturating_add(index as u64 + 1)));
        }
        match (self.is_markdown, self.is_bold) {
            (false, _) => line.push_str(&format!("{keyword}{}", markup::gherkin(said))),
            (true, true) => line.push_str(&format!("**{}** {}", keyword.trim_end(), markup::markdown(said))),
            (true, false) => line.push_str(&format!("{keyword}{}", markup::markdown(said))),
        }
        line
    }
}

/// The text with these lines in it, and each with its number. An inserted line ends as the line before it.
fn with_insertions(text: &str, insertions: &[Insertion]) -> (String, Vec<(u32, String)>) {
    let any_end =
        if text.split('\n').next().is_some_and(|first| first.ends_with('\r')) { "\r\n" } else { "\n" };
    let (mut page, mut numbered) = (String::with_capacity(text.len()), Vec::new());
    let mut insertions = insertions.iter().peekable();
    let mut number = 0_u32;
    for (line, index) in text.split_inclusive('\n').zip(1_u32..) {
        page.push_str(line);
        number += 1;
        while let Some(insertion) = insertions.next_if(|insertion| insertion.after <= index) {
            let end = match line {
                line if line.ends_with("\r\n") => "\r\n",
                line if line.ends_with('\n') => "\n",
                _ => any_end,
            };
            for inserted in &insertion.lines {
                // The last line of a text may have no end: then the inserted one has none either.
                if line.ends_with('\n') {
                    page.push_str(inserted);
                    page.push_str(end);
                } else {
                    page.push_str(end);
                    page.push_str(inserted);
                }
                number += 1;
                numbered.push((number, inserted.clone()));
            }
        }
    }
    (page, numbered)
}
