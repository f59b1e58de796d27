//! The steps of a scenario, one message each, and the faults in them.

use super::super::failure::SourceLocation;
use super::super::fault::SpecificationFault;
use super::super::place::Place;
use super::super::text::{Placed, ScenarioText, StepArgument, StepKind, StepText, TextPlace};
use crate::message::{Message, Misread, Words, matched, nearest, outside};
use crate::page::markup::gherkin;
use std::sync::Arc;

/// A text that is read, and what was found wrong with it.
pub(in super::super) struct ReadingText<'w> {
    pub(in super::super) file: Arc<str>,
    pub(in super::super) words: &'w Words,
    /// The same words, for the failures of scenarios.
    pub(in super::super) shared: Arc<Words>,
    pub(in super::super) faults: Vec<SpecificationFault>,
}

/// What a scenario has in front: the steps of its backgrounds, and the title of its rule.
pub(in super::super) struct Base<'t> {
    pub(in super::super) steps: Vec<&'t StepText>,
    /// The title of a rule that is about the decider.
    pub(in super::super) title: Option<String>,
}

/// A message, or another expectation, of a step.
pub(super) struct Line {
    pub(super) kind: StepKind,
    pub(super) text: Placed,
    /// The line of the step.
    pub(super) place: Place,
}

impl Line {
    pub(super) fn text(&self) -> &str {
        &self.text.text
    }

    /// What follows this phrase of the kit and a colon.
    pub(super) fn after(&self, words: &Words, phrase: &'static str) -> Option<Placed> {
        let after = matched(self.text(), 0, words.fixed(phrase))?;
        let colon = after + self.text()[after..].len() - self.text()[after..].trim_start().len();
        self.text()[colon..].strip_prefix(':')?;
        Some(self.text.slice(colon + 1..self.text().len()).trimmed())
    }

    /// Whether the line is this phrase of the kit.
    pub(super) fn is(&self, words: &Words, phrase: &'static str) -> bool {
        matched(self.text(), 0, words.fixed(phrase))
            .is_some_and(|after| self.text()[after..].trim().is_empty())
    }

    /// The texts before and after the first colon that is followed by white space, outside quotation marks and parentheses.
    pub(super) fn at_colon(&self) -> Option<(&str, Placed)> {
        let text = self.text();
        let ends = |at: usize| text[at + 1..].chars().next().is_none_or(char::is_whitespace);
        let (at, _) = outside(text).find(|(at, char)| *char == ':' && ends(*at))?;
        Some((&text[..at], self.text.slice(at + 1..text.len()).trimmed()))
    }
}

impl ReadingText<'_> {
    pub(super) fn place(&self, place: TextPlace) -> Place {
        Place::Text { file: self.file.clone(), line: place.line }
    }

    pub(in super::super) fn fault_at(
        &mut self,
        place: TextPlace,
        scenario: Option<&str>,
        message: impl Into<String>,
    ) {
        self.faults.push(SpecificationFault {
            place: SourceLocation { file: self.file.to_string(), line: place.line },
            column: place.column,
            scenario: scenario.map(str::to_string),
            step: None,
            in_step: 0,
            message: message.into(),
        });
    }

    /// Something in a step is wrong, at this byte of the text.
    pub(super) fn fault(
        &mut self,
        scenario: &ScenarioText,
        text: &Placed,
        at: usize,
        message: impl Into<String>,
    ) {
        let place = text.place(at);
        // A row of an outline stands after its steps, and a background before its scenarios.
        let is_in = |step: &StepText| (step.place.line..=step.last_line).contains(&place.line);
        let is_own = place.line >= scenario.place.line || scenario.steps.iter().any(is_in);
        self.fault_at(place, is_own.then_some(&*scenario.name.text), message);
        if let Some(fault) = self.faults.last_mut() {
            fault.in_step = text.text.get(..at).map_or(0, |before| before.chars().count());
            fault.step = Some(text.text.clone());
        }
    }

    pub(super) fn misread(&mut self, scenario: &ScenarioText, text: &Placed, fault: &Misread) {
        let unlike_anything = fault.is_unknown() && fault.nearest().is_empty();
        let where_to_look =
            if unlike_anything { "; `spec --vocabulary` lists all that can be said" } else { "" };
        self.fault(scenario, text, fault.place(), format!("{fault}{where_to_look}"));
    }

    pub(super) fn read<T: Message>(&self, text: &str) -> Result<T, Misread> {
        T::read(text, self.words)
    }

    /// All lines of a scenario; those of its backgrounds first.
    pub(super) fn lines(&mut self, scenario: &ScenarioText, base: &Base<'_>) -> (Vec<Line>, usize) {
        let mut lines = Vec::new();
        for step in &base.steps {
            self.lines_of(scenario, step, &mut lines);
        }
        let in_base = lines.len();
        for step in &scenario.steps {
            self.lines_of(scenario, step, &mut lines);
        }
        (lines, in_base)
    }

    /// The lines of a step: its text, or each line of what stands under it.
    fn lines_of(&mut self, scenario: &ScenarioText, step: &StepText, lines: &mut Vec<Line>) {
        let line = |text: Placed, place: Place| Line { kind: step.kind, text, place };
        let introduces = step.text.text.trim().is_empty() || step.text.text.trim_end().ends_with(':');
        match &step.argument {
            None => lines.push(line(step.text.clone(), self.place(step.place))),
            Some(StepArgument::DocString(texts)) => {
                if !introduces {
                    let colon =
                        "a step with a text under it ends in a colon, and each line of the text is a message";
                    self.fault(scenario, &step.text, step.text.text.len(), colon);
                }
                for text in texts.iter().filter(|text| !text.text.trim().is_empty()) {
                    lines.push(line(text.clone().trimmed(), self.place(text.start())));
                }
            }
            Some(StepArgument::Table(rows)) if introduces => {
                for row in rows {
                    match &row[..] {
                        [message] => lines.push(line(message.clone(), self.place(message.start()))),
                        [] => {}
                        [_, second, ..] => {
                            let one = "a table under a step that ends in a colon has one column, a message in each row; for columns of \
                                       fields, write the name of the message as the step";
                            self.fault(scenario, second, 0, one);
                            return;
                        }
                    }
                }
            }
            Some(StepArgument::Table(rows)) => {
                let [fields, rows @ ..] = &rows[..] else { return };
                if rows.is_empty() {
                    let none =
                        "this table has the names of fields, and no values: add a row for each message";
                    self.fault(scenario, fields.first().unwrap_or(&step.text), 0, none);
                }
                for row in rows {
                    let place = row.first().map_or(step.place, Placed::start);
                    let mut message = step.text.clone();
                    for (field, value) in
                        fields.iter().zip(row).filter(|(_, value)| !value.text.trim().is_empty())
                    {
                        message.push(", ", field.start());
                        message.append(field);
                        message.push(" ", value.start());
                        message.append(value);
                    }
                    lines.push(line(message, self.place(place)));
                }
            }
        }
    }
}

/// The attempt that got furthest; where none got anywhere, the phrases that are nearest among those of all.
pub(super) fn furthest(text: &str, faults: Vec<Misread>, sentences: Vec<String>) -> Misread {
    let phrases: Vec<String> =
        faults.iter().flat_map(|fault| fault.nearest().to_vec()).chain(sentences).collect();
    let mut best: Option<Misread> = None;
    for fault in faults {
        if best.as_ref().is_none_or(|best| best.says_less_than(&fault)) {
            best = Some(fault);
        }
    }
    let mut best = best.unwrap_or_else(|| Misread::unreadable("a message"));
    if best.is_unknown() {
        best.nearest = nearest(text, phrases);
    }
    best
}

/// The labels of a scenario; whether one of them says that it is an open question.
pub(super) fn labels(scenario: &ScenarioText) -> (super::super::label::Labels, bool) {
    let mut labels = super::super::label::Labels::default();
    let mut question = false;
    for tag in &scenario.tags {
        question |= labels.add(&tag.text);
    }
    (labels, question)
}

/// The name of a scenario, as a document says it: what cannot be seen in it is written as an escape.
pub(super) fn name(scenario: &ScenarioText) -> String {
    gherkin(&scenario.name.text)
}
