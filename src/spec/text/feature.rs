//! A specification as it was written: the texts of a feature with their places, before anything in it is understood.

use super::languages::Language;
use std::ops::Range;

/// A place in a text: line and column, counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TextPlace {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl TextPlace {
    /// The beginning of a text.
    pub(crate) const START: TextPlace = TextPlace { line: 1, column: 1 };

    /// The place this many characters later on its line.
    fn after(self, characters: usize) -> TextPlace {
        let characters = u32::try_from(characters).unwrap_or(u32::MAX);
        TextPlace { column: self.column.saturating_add(characters), ..self }
    }
}

/// A text and where each of its characters stands in the file, also after escapes were resolved and placeholders filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) text: String,
    first: TextPlace,
    /// From each of these byte offsets on, characters follow one another in the file, beginning at the place. Sorted; none is 0.
    later: Vec<(usize, TextPlace)>,
}

impl Placed {
    /// An empty text.
    pub(crate) fn empty(place: TextPlace) -> Placed {
        Placed { text: String::new(), first: place, later: Vec::new() }
    }

    /// A text as it stands in the file from this place on.
    pub(crate) fn new(text: &str, place: TextPlace) -> Placed {
        Placed { text: text.to_string(), first: place, later: Vec::new() }
    }

    /// Adds a text that stands at this place.
    pub(crate) fn push(&mut self, text: &str, place: TextPlace) {
        match self.text.len() {
            0 => self.first = place,
            end => self.later.push((end, place)),
        }
        self.text.push_str(text);
    }

    /// Adds a text with its places.
    pub(crate) fn append(&mut self, other: &Placed) {
        let end = self.text.len();
        self.push(&other.text, other.first);
        self.later.extend(other.later.iter().map(|(offset, place)| (end + offset, *place)));
    }

    /// Where the text begins.
    pub(crate) fn start(&self) -> TextPlace {
        self.first
    }

    /// The place of the character at this byte offset of the text (of the end, if the offset is the length).
    pub(crate) fn place(&self, offset: usize) -> TextPlace {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = self.later.partition_point(|(from, _)| *from <= offset);
        let (from, place) = before.checked_sub(1).map_or((0, self.first), |last| self.later[last]);
        place.after(self.text[from..offset].chars().count())
    }

    /// A part of the text, between two bounds of characters.
    pub(crate) fn slice(&self, part: Range<usize>) -> Placed {
        self.slices(&[part]).remove(0)
    }

    /// Parts of the text, in order and not overlapping. Takes time for the text once, however many there are.
    pub(crate) fn slices(&self, parts: &[Range<usize>]) -> Vec<Placed> {
        let (mut piece, mut at, mut place) = (0, 0, self.first);
        // Moves on to an offset; gives its place.
        let mut advance = |to: usize, piece: &mut usize| {
            while let Some((from, start)) = self.later.get(*piece).filter(|(from, _)| *from <= to) {
                (at, place) = (*from, *start);
                *piece += 1;
            }
            place = place.after(self.text[at..to].chars().count());
            at = to;
            place
        };
        let mut found = Vec::with_capacity(parts.len());
        for part in parts {
            let first = advance(part.start, &mut piece);
            let within = self.later[piece..].iter().take_while(|(from, _)| *from < part.end);
            let later = within.map(|(from, place)| (from - part.start, *place)).collect();
            found.push(Placed { text: self.text[part.clone()].to_string(), first, later });
        }
        found
    }

    /// Without white space at both ends.
    pub(crate) fn trimmed(self) -> Placed {
        let start = self.text.len() - self.text.trim_start().len();
        match start..start + self.text.trim().len() {
            all if all.len() == self.text.len() => self,
            part => self.slice(part),
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug)]
pub(crate) struct FeatureText {
    /// The language of its keywords.
    pub(crate) language: &'static Language,
    /// Empty, as are the titles and names below, if none is written.
    pub(crate) title: Placed,
    /// Without the `@`.
    pub(crate) tags: Vec<Placed>,
    pub(crate) background: Vec<StepText>,
    /// Those that stand in no rule.
    pub(crate) scenarios: Vec<ScenarioText>,
    pub(crate) rules: Vec<RuleText>,
}

/// A rule with its scenarios.
#[derive(Clone, Debug)]
pub(crate) struct RuleText {
    pub(crate) title: Placed,
    /// Its own.
    pub(crate) tags: Vec<Placed>,
    /// Its own; that of the feature comes before it.
    pub(crate) background: Vec<StepText>,
    pub(crate) scenarios: Vec<ScenarioText>,
}

/// A scenario; an outline (or a table of Markdown) has become one for each row, so that the places of what was filled in are in
/// the row.
#[derive(Clone, Debug)]
pub(crate) struct ScenarioText {
    pub(crate) name: Placed,
    /// Its own, its rule's, its feature's, and those of its examples.
    pub(crate) tags: Vec<Placed>,
    /// Its own; those of backgrounds come before them.
    pub(crate) steps: Vec<StepText>,
    /// Of its keyword (its heading), or of its row.
    pub(crate) place: TextPlace,
    /// Whether it is a row of an outline's examples or of a table.
    pub(crate) from_outline: bool,
}

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    Given,
    When,
    Then,
}

/// A step of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct StepText {
    /// And, But and `*` have the kind of the step before.
    pub(crate) kind: StepKind,
    /// What follows the keyword.
    pub(crate) text: Placed,
    /// Of its keyword; in a row of Markdown, of the text.
    pub(crate) place: TextPlace,
    pub(crate) argument: Option<StepArgument>,
    /// The last line of the step and its argument.
    pub(crate) last_line: u32,
}

/// What stands under a step.
#[derive(Clone, Debug)]
pub(crate) enum StepArgument {
    /// The lines of a text, their common indentation removed.
    DocString(Vec<Placed>),
    /// The rows of a table.
    Table(Vec<Vec<Placed>>),
}

/// What is wrong with a text, at its place, in a sentence that a person who reads no Rust can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextFault {
    pub(crate) place: TextPlace,
    pub(crate) message: String,
}
