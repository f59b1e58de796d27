//! Tables of scenarios: a row each.

use super::super::feature::{Placed, ScenarioText, StepKind, StepText, TextPlace};
use super::super::languages::{Language, StepWord, TitleWord, Word};
use super::super::near::{nearest, quoted};
use super::super::places::{Copies, Faults, cost};
use super::super::row_names::RowNames;
use super::super::steps::{StepsOf, WrittenStep, steps};
use super::blocks::Inline;
use std::ops::Range;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnOf {
    Names,
    Steps(StepWord),
}

impl ColumnOf {
    fn index(self) -> usize {
        match self {
            ColumnOf::Steps(StepWord::Given) => 0,
            ColumnOf::Steps(StepWord::When) => 1,
            ColumnOf::Steps(StepWord::Then | StepWord::And) => 2,
            ColumnOf::Names => 3,
        }
    }
}

/// A table whose rows are scenarios.
pub(super) struct Table {
    columns: Vec<Option<ColumnOf>>,
    rows: Vec<(TextPlace, Vec<Inline>)>,
}

impl Table {
    /// `None` if its columns have other names: then it is a part of the prose.
    pub(super) fn of(
        header: Vec<Inline>,
        rows: Vec<(TextPlace, Vec<Inline>)>,
        language: &'static Language,
        faults: &mut Faults,
    ) -> Option<Table> {
        let columns: Vec<Option<ColumnOf>> =
            header.iter().map(|cell| column(cell.text.text.trim(), language)).collect();
        let has_steps = |column: &Option<ColumnOf>| matches!(column, Some(ColumnOf::Steps(_)));
        if !columns.iter().any(has_steps) {
            return None;
        }
        let names = column_names(language);
        let mut seen = [false; 4];
        for (cell, column) in header.iter().zip(&columns) {
            let text = cell.text.text.trim();
            match column {
                None => faults.push(cell.text.start(), || {
                    let meant = nearest(text, names.iter().map(String::as_str));
                    let meant = meant.map_or_else(String::new, |name| format!(" Is {} meant?", quoted(name)));
                    format!(
                        "{} is no column of scenarios. They are {}.{meant}",
                        quoted(text),
                        names.join(", ")
                    )
                }),
                Some(found) if std::mem::replace(&mut seen[found.index()], true) => {
                    faults.push(cell.text.start(), || {
                        format!("There are two columns {}. Write both into one, separated by ;", quoted(text))
                    });
                }
                Some(_) => {}
            }
        }
        Some(Table { columns, rows })
    }
}

/// How the columns are called.
pub(super) fn column_names(language: &Language) -> [String; 4] {
    [
        language.title_keyword(TitleWord::Scenario),
        language.step_keyword(StepWord::Given),
        language.step_keyword(StepWord::When),
        language.step_keyword(StepWord::Then),
    ]
    .map(|name| name.trim().to_lowercase())
}

fn column(name: &str, language: &'static Language) -> Option<ColumnOf> {
    let name = name.to_lowercase();
    let found = language.keywords().find(|(keyword, _)| keyword.trim_end().to_lowercase() == name);
    match found?.1 {
        Word::Title(TitleWord::Scenario) => Some(ColumnOf::Names),
        Word::Step(word @ (StepWord::Given | StepWord::When | StepWord::Then)) => Some(ColumnOf::Steps(word)),
        _ => None,
    }
}

/// The scenarios of some tables.
pub(super) fn rows(
    tables: Vec<Table>,
    inherited: &[Placed],
    copies: &mut Copies,
    faults: &mut Faults,
    language: &'static Language,
) -> Vec<ScenarioText> {
    let mut names = RowNames::default();
    let mut found = Vec::new();
    for Table { columns, rows } in tables {
        for (place, cells) in rows {
            if !copies.take(|| cost(inherited), place, faults) {
                return found;
            }
            let mut name = None;
            // Given, when and then come in this order, wherever their columns are.
            let mut parts: [Vec<WrittenStep>; 3] = Default::default();
            for (cell, column) in cells.into_iter().zip(&columns) {
                match column {
                    None => {}
                    Some(ColumnOf::Names) => name = name.or(Some(cell.text.trimmed())),
                    Some(found @ ColumnOf::Steps(word)) => {
                        parts[found.index()].extend(messages(&cell).into_iter().map(|text| WrittenStep {
                            word: *word,
                            place: text.start(),
                            last_line: place.line,
                            text,
                            argument: None,
                        }));
                    }
                }
            }
            let written: Vec<WrittenStep> = parts.into_iter().flatten().collect();
            let steps = steps(written, StepsOf::Scenario, language, faults);
            let name = name.filter(|name| !name.text.is_empty()).unwrap_or_else(|| of_steps(&steps, place));
            let name = names.name(name, false, &[], place);
            found.push(ScenarioText { name, tags: inherited.to_vec(), steps, place, from_outline: true });
        }
    }
    found
}

/// The name of a row that has none: what happens in it.
fn of_steps(steps: &[StepText], place: TextPlace) -> Placed {
    let mut name = Placed::empty(place);
    let last = steps.last().map(|step| step.kind);
    let shown = steps.iter().filter(|step| step.kind == StepKind::When || Some(step.kind) == last);
    for step in shown.take(4) {
        if !name.text.is_empty() {
            name.push("; ", step.text.start());
        }
        name.append(&step.text);
    }
    name
}

/// The messages in a cell: separated by `<br>`, or by `;` outside of quotes and parentheses.
fn messages(cell: &Inline) -> Vec<Placed> {
    let text = &cell.text.text;
    let mut breaks = cell.breaks.iter().copied().peekable();
    let (mut parts, mut start): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        if breaks.next_if(|next| *next <= at).is_some() {
            parts.push(start..at);
            (start, is_quoted, is_escaped, depth) = (at, false, false, 0);
            while breaks.next_if(|next| *next <= at).is_some() {}
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'(' | b'[' if !is_quoted => depth += 1,
            b')' | b']' if !is_quoted => depth = depth.saturating_sub(1),
            b';' if !is_quoted && depth == 0 => {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..text.len());
    let trimmed = parts.into_iter().filter_map(|part| {
        let raw = &text[part.clone()];
        let start = part.start + raw.len() - raw.trim_start().len();
        let part = start..start + raw.trim().len();
        (!part.is_empty()).then_some(part)
    });
    cell.text.slices(&trimmed.collect::<Vec<_>>())
}
