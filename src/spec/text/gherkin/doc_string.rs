//! A text of several lines under a step.

use super::super::feature::Placed;
use super::super::places::Places;
use std::ops::Range;

/// What begins and ends such a text.
pub(super) const DELIMITERS: [&str; 2] = ["\"\"\"", "```"];

/// Which lines may end such a text, so that each is looked at once.
pub(super) struct Closings([Vec<usize>; 2]);

impl Closings {
    pub(super) fn of(places: &Places<'_>) -> Closings {
        let lines = |delimiter: &str| {
            let begins = |index: &usize| places.text[places.line(*index)].trim_start().starts_with(delimiter);
            (0..places.line_count()).filter(begins).collect()
        };
        Closings(DELIMITERS.map(lines))
    }

    /// The first line after this one that ends a text.
    pub(super) fn after(&self, line: usize, delimiter: usize) -> Option<usize> {
        let lines = &self.0[delimiter];
        lines.get(lines.partition_point(|closing| *closing <= line)).copied()
    }
}

/// The lines between the delimiters, without the indentation of the first delimiter, their escapes resolved.
pub(super) fn lines(
    places: &Places<'_>,
    inside: Range<usize>,
    indentation: usize,
    delimiter: &str,
) -> Vec<Placed> {
    let escaped: String = delimiter.chars().flat_map(|quote| ['\\', quote]).collect();
    inside.map(|index| unindented(places, places.line(index), indentation, delimiter, &escaped)).collect()
}

fn unindented(
    places: &Places<'_>,
    line: Range<usize>,
    indentation: usize,
    delimiter: &str,
    escaped: &str,
) -> Placed {
    let text = &places.text[line.clone()];
    let indented = text.char_indices().take(indentation).take_while(|(_, char)| char.is_whitespace());
    let start = indented.last().map_or(0, |(at, char)| at + char.len_utf8());
    let mut placed = Placed::empty(places.at(line.start + start));
    let mut from = start;
    for (at, _) in text[start..].match_indices(escaped) {
        let at = start + at;
        if from < at {
            placed.push(&text[from..at], places.at(line.start + from));
        }
        placed.push(delimiter, places.at(line.start + at));
        from = at + escaped.len();
    }
    if from < text.len() {
        placed.push(&text[from..], places.at(line.start + from));
    }
    placed
}
