//! Which line and column a byte of a text is in, and the faults found there.

use super::feature::{Placed, TextFault, TextPlace};
use std::ops::Range;

/// How many bytes are counted for one place.
const BLOCK: usize = 128;

/// More faults than this help nobody.
const MOST_FAULTS: usize = 500;

/// Finds lines and columns in constant time, but for the search of the line.
pub(super) struct Places<'a> {
    pub(super) text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// How many characters stand before each block.
    characters: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &'a str) -> Places<'a> {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let mut count = 0;
        let characters = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = count;
            count += characters_in(block);
            before
        });
        Places { text, characters: characters.collect(), lines }
    }

    pub(super) fn at(&self, offset: usize) -> TextPlace {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let column = self.before(offset) - self.before(self.lines[line - 1]) + 1;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        TextPlace { line: number(line), column: number(column) }
    }

    pub(super) fn placed(&self, part: Range<usize>) -> Placed {
        Placed::new(&self.text[part.clone()], self.at(part.start))
    }

    /// The lines, without their breaks.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Where a line (counted from 0) is, without its break.
    pub(super) fn line(&self, index: usize) -> Range<usize> {
        let start = self.lines[index];
        let end = self.lines.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end];
        start..start + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// How many characters stand before this byte.
    fn before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let counted = match self.characters.get(block) {
            Some(before) => *before,
            None => self.characters.last().map_or(0, |before| before + characters_in(self.block(block - 1))),
        };
        counted + characters_in(&self.text.as_bytes()[block * BLOCK..offset])
    }

    fn block(&self, index: usize) -> &[u8] {
        let start = index * BLOCK;
        &self.text.as_bytes()[start..(start + BLOCK).min(self.text.len())]
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Collects faults.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<TextFault>,
    /// Where the first fault is that was not taken.
    more: Option<TextPlace>,
}

impl Faults {
    /// The sentence is made only if it is taken.
    pub(super) fn push(&mut self, place: TextPlace, message: impl FnOnce() -> String) {
        if self.found.len() < MOST_FAULTS {
            self.found.push(TextFault { place, message: message() });
        } else {
            self.more.get_or_insert(place);
        }
    }

    /// The faults, from the first line to the last.
    pub(super) fn sorted(self) -> Vec<TextFault> {
        let mut found = self.found;
        found.sort_by_key(|fault| fault.place);
        if let Some(place) = self.more {
            let message = format!("There are more than {MOST_FAULTS} faults. Correct the first of them.");
            found.push(TextFault { place, message });
        }
        found
    }
}

/// What a reader may still copy. Outlines repeat their steps for each row, and scenarios repeat the tags of their feature, so that
/// a short text could ask for very many copies.
pub(super) struct Copies {
    left: usize,
    is_reported: bool,
}

impl Copies {
    pub(super) fn new() -> Copies {
        Copies { left: 64 << 20, is_reported: false }
    }

    /// Whether this many bytes may be copied; if not, that is a fault, and nothing is copied (or counted) any more.
    pub(super) fn take(
        &mut self,
        bytes: impl FnOnce() -> usize,
        place: TextPlace,
        faults: &mut Faults,
    ) -> bool {
        if self.is_reported {
            return false;
        }
        if let Some(left) = self.left.checked_sub(bytes()) {
            self.left = left;
            return true;
        }
        self.is_reported = true;
        faults.push(place, || {
            "Its rows and tags make this specification larger than can be read: from here on, scenarios are left out. \
             Write fewer rows or tags, or divide the file."
                .to_string()
        });
        false
    }
}

/// What these texts cost if they are copied.
pub(super) fn cost<'t>(texts: impl IntoIterator<Item = &'t Placed>) -> usize {
    texts.into_iter().map(|placed| placed.text.len() + std::mem::size_of::<Placed>()).sum()
}
