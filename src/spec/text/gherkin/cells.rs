//! A row of a table.

use super::super::feature::Placed;
use super::super::places::Places;
use std::ops::Range;

/// The cells of a row that begins with `|`, their escapes resolved, and what follows its last `|`.
pub(super) fn cells(places: &Places<'_>, row: Range<usize>) -> (Vec<Placed>, Range<usize>) {
    let text = &places.text[row.clone()];
    let mut found = Vec::new();
    let mut start = 1;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'|' => {
                found.push(cell(places, row.start + start..row.start + at));
                start = at + 1;
            }
            _ => {}
        }
    }
    (found, row.start + start..row.end)
}

fn cell(places: &Places<'_>, part: Range<usize>) -> Placed {
    let raw = &places.text[part.clone()];
    let start = part.start + raw.len() - raw.trim_start().len();
    let raw = raw.trim();
    let mut placed = Placed::empty(places.at(start));
    let mut from = 0;
    let mut bytes = raw.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte != b'\\' {
            continue;
        }
        let resolved = match bytes.next() {
            Some((_, b'n')) => "\n",
            Some((_, b'|')) => "|",
            Some((_, b'\\')) => "\\",
            // No escape: both characters are meant.
            _ => continue,
        };
        if from < at {
            placed.push(&raw[from..at], places.at(start + from));
        }
        placed.push(resolved, places.at(start + at));
        from = at + 2;
    }
    if from < raw.len() {
        placed.push(&raw[from..], places.at(start + from));
    }
    placed
}
