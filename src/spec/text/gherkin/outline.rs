//! An outline becomes a scenario for each row of its examples.

use super::super::feature::{Placed, ScenarioText, StepArgument, StepText, TextPlace};
use super::super::near::{listed, nearest, quoted};
use super::super::places::{Copies, Faults, cost};
use super::super::row_names::RowNames;
use std::collections::HashMap;

/// A table of examples.
pub(super) struct Examples {
    pub(super) place: TextPlace,
    pub(super) tags: Vec<Placed>,
    /// The first is the names of the columns.
    pub(super) rows: Vec<(TextPlace, Vec<Placed>)>,
}

/// An outline whose steps have their kinds.
pub(super) struct Outline {
    pub(super) name: Placed,
    pub(super) tags: Vec<Placed>,
    pub(super) steps: Vec<StepText>,
}

/// A text with placeholders.
struct Template {
    parts: Vec<Part>,
}

enum Part {
    Text(Placed),
    /// A placeholder: its name, and how it is written.
    Placeholder(String, Placed),
}

impl Template {
    fn of(placed: &Placed) -> Template {
        let (mut bounds, mut from) = (Vec::new(), 0);
        for (start, end) in placeholders(&placed.text) {
            bounds.extend([(from..start, false), (start..end, true)]);
            from = end;
        }
        bounds.push((from..placed.text.len(), false));
        let ranges: Vec<_> = bounds.iter().map(|(range, _)| range.clone()).collect();
        let parts = placed.slices(&ranges).into_iter().zip(bounds).map(|(slice, (_, is_placeholder))| {
            match is_placeholder {
                true => Part::Placeholder(slice.text[1..slice.text.len() - 1].to_string(), slice),
                false => Part::Text(slice),
            }
        });
        Template { parts: parts.collect() }
    }

    fn placeholders(&self) -> impl Iterator<Item = (&str, &Placed)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(name, written) => Some((name.as_str(), written)),
            Part::Text(_) => None,
        })
    }

    fn fill(&self, row: &Row<'_>) -> Placed {
        let start = match &self.parts[0] {
            Part::Text(placed) | Part::Placeholder(_, placed) => placed.start(),
        };
        let mut filled = Placed::empty(start);
        for part in &self.parts {
            let piece = match part {
                Part::Text(placed) => placed,
                Part::Placeholder(name, written) => row.cell(name).unwrap_or(written),
            };
            if !piece.text.is_empty() {
                filled.append(piece);
            }
        }
        filled
    }

    fn cost(&self, row: &Row<'_>) -> usize {
        cost(self.parts.iter().map(|part| match part {
            Part::Text(placed) => placed,
            Part::Placeholder(name, written) => row.cell(name).unwrap_or(written),
        }))
    }
}

/// Where the placeholders of a text are, such as `<amount>`: no white space at the ends of the name, so that "3 < 4 and 5 > 4"
/// has none.
fn placeholders(text: &str) -> Vec<(usize, usize)> {
    let (mut found, mut open) = (Vec::new(), None);
    for (at, byte) in text.bytes().enumerate() {
        match (byte, open) {
            (b'<', _) => open = Some(at),
            (b'>', Some(start)) => {
                let name = &text[start + 1..at];
                if !name.is_empty() && name.trim().len() == name.len() {
                    found.push((start, at + 1));
                }
                open = None;
            }
            _ => {}
        }
    }
    found
}

struct Row<'e> {
    columns: &'e HashMap<&'e str, usize>,
    cells: &'e [Placed],
}

impl<'e> Row<'e> {
    fn cell(&self, name: &str) -> Option<&'e Placed> {
        self.columns.get(name).and_then(|column| self.cells.get(*column))
    }
}

/// A step whose texts have placeholders.
struct StepTemplate<'o> {
    step: &'o StepText,
    text: Template,
    argument: ArgumentTemplate,
}

enum ArgumentTemplate {
    None,
    DocString(Vec<Template>),
    Table(Vec<Vec<Template>>),
}

impl StepTemplate<'_> {
    fn of(step: &StepText) -> StepTemplate<'_> {
        let all = |texts: &[Placed]| texts.iter().map(Template::of).collect();
        let argument = match &step.argument {
            None => ArgumentTemplate::None,
            Some(StepArgument::DocString(lines)) => ArgumentTemplate::DocString(all(lines)),
            Some(StepArgument::Table(rows)) => {
                ArgumentTemplate::Table(rows.iter().map(|row| all(row)).collect())
            }
        };
        StepTemplate { step, text: Template::of(&step.text), argument }
    }

    fn templates(&self) -> impl Iterator<Item = &Template> {
        let (lines, rows) = match &self.argument {
            ArgumentTemplate::None => (&[][..], &[][..]),
            ArgumentTemplate::DocString(lines) => (&lines[..], &[][..]),
            ArgumentTemplate::Table(rows) => (&[][..], &rows[..]),
        };
        std::iter::once(&self.text).chain(lines).chain(rows.iter().flatten())
    }

    fn fill(&self, row: &Row<'_>) -> StepText {
        let all = |templates: &[Template]| templates.iter().map(|template| template.fill(row)).collect();
        let argument = match &self.argument {
            ArgumentTemplate::None => None,
            ArgumentTemplate::DocString(lines) => Some(StepArgument::DocString(all(lines))),
            ArgumentTemplate::Table(rows) => {
                Some(StepArgument::Table(rows.iter().map(|cells| all(cells)).collect()))
            }
        };
        let StepText { kind, place, last_line, .. } = *self.step;
        StepText { kind, text: self.text.fill(row), place, argument, last_line }
    }
}

/// The scenarios of an outline.
pub(super) fn scenarios(
    outline: &Outline,
    examples: &[Examples],
    copies: &mut Copies,
    faults: &mut Faults,
) -> Vec<ScenarioText> {
    let name = Template::of(&outline.name);
    let steps: Vec<StepTemplate<'_>> = outline.steps.iter().map(StepTemplate::of).collect();
    let templates = || std::iter::once(&name).chain(steps.iter().flat_map(StepTemplate::templates));
    let mut placeholders = HashMap::new();
    for (placeholder, written) in templates().flat_map(Template::placeholders) {
        placeholders.entry(placeholder).or_insert(written.start());
    }
    let mut found = Vec::new();
    let mut names = RowNames::default();
    for table in examples {
        let Some(((header_place, header), rows)) = table.rows.split_first() else {
            faults.push(table.place, || {
                "These examples have no table. Its first row names the placeholders, such as | amount |, and each \
                 further row is a scenario."
                    .to_string()
            });
            continue;
        };
        if rows.is_empty() {
            faults.push(*header_place, || {
                "These examples have no row but the names of their columns. Each further row is a scenario.".to_string()
            });
        }
        let columns = columns(header, faults);
        if !copies.take(|| placeholders.len() * 64, table.place, faults) {
            return found;
        }
        for (placeholder, place) in &placeholders {
            if !columns.contains_key(placeholder) {
                faults.push(*place, || no_column(placeholder, header, table.place));
            }
        }
        let tags_cost = cost(outline.tags.iter().chain(&table.tags));
        for (place, cells) in rows {
            if cells.len() != header.len() {
                faults.push(*place, || wrong_count(cells.len(), header.len()));
                continue;
            }
            let row = Row { columns: &columns, cells };
            let bytes = || {
                let texts: usize = templates().map(|template| template.cost(&row)).sum();
                tags_cost + texts + steps.len() * std::mem::size_of::<StepText>()
            };
            if !copies.take(bytes, *place, faults) {
                return found;
            }
            let has_placeholder = name.placeholders().next().is_some();
            let values: Vec<(&str, &Placed)> =
                header.iter().zip(cells).map(|(name, cell)| (name.text.as_str(), cell)).collect();
            let name = names.name(name.fill(&row), !has_placeholder, &values, *place);
            let tags = outline.tags.iter().chain(&table.tags).cloned().collect();
            let steps = steps.iter().map(|step| step.fill(&row)).collect();
            found.push(ScenarioText { name, tags, steps, place: *place, from_outline: true });
        }
    }
    found
}

/// The columns by their names.
fn columns<'e>(header: &'e [Placed], faults: &mut Faults) -> HashMap<&'e str, usize> {
    let mut columns = HashMap::with_capacity(header.len());
    for (index, name) in header.iter().enumerate() {
        if columns.contains_key(name.text.as_str()) {
            faults.push(name.start(), || {
                format!("Two columns are called {}. Give one of them another name.", quoted(&name.text))
            });
        } else {
            columns.insert(name.text.as_str(), index);
        }
    }
    columns
}

fn no_column(placeholder: &str, header: &[Placed], examples: TextPlace) -> String {
    let names = || header.iter().map(|name| name.text.as_str());
    let meant = match nearest(placeholder, names()) {
        Some(name) => format!("Is {} meant?", quoted(&format!("<{name}>"))),
        None => format!("Its columns are {}. Add one, or correct the name.", listed(names())),
    };
    format!(
        "The examples on line {} have no column {} for this placeholder. {meant}",
        examples.line,
        quoted(placeholder)
    )
}

/// A row that does not fit its table.
pub(super) fn wrong_count(found: usize, expected: usize) -> String {
    let count = crate::page::count(found, "cell", "cells");
    format!(
        "This row has {count}, and the first row has {expected}. Cells are separated by |; a | inside a cell is written \\|."
    )
}
