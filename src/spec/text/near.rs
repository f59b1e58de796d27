//! What a line that begins with no keyword was meant to begin with.

use super::languages::{Language, Word, in_any_language};
use crate::page::{cut, letters_apart, printable};

/// A line of which the beginning is nearly a keyword.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) word: Word,
    /// Where the text after what was meant as the keyword begins.
    pub(super) end: usize,
    /// What to do, as a sentence.
    pub(super) message: String,
    /// The other language whose keyword it is.
    pub(super) language: Option<&'static Language>,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Before everything else: the file may be in any language.
    Top,
    /// Where any text may stand, but no step.
    Title,
    /// Where a description may stand, or the first step; within the prose of one, or not.
    FirstStep { in_prose: bool },
    /// Only a step or a title may stand here.
    Step,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gherkin,
    Markdown,
}

impl Format {
    /// The first line of a file in this language.
    fn first_line(self, language: &Language) -> String {
        match self {
            Format::Gherkin => format!("# language: {}", language.code),
            Format::Markdown => format!("<!-- language: {} -->", language.code),
        }
    }
}

/// English words that begin many a description, and are nearly keywords.
const NO_KEYWORDS: &[&str] = &[
    "the", "they", "them", "than", "this", "there", "these", "where", "who", "any", "an", "end", "add",
    "buy", "by", "put", "give", "gives", "only", "men", "thin", "hen", "wren", "note", "notes",
];

/// What people put after a keyword, and should not.
const MARKS: [char; 3] = [':', ',', '.'];

/// The longest keyword has 40 bytes.
const LONGEST: usize = 60;

/// The keyword that this line was meant to begin with.
pub(super) fn near(
    language: &'static Language,
    line: &str,
    position: Position,
    format: Format,
) -> Option<Near> {
    let other = || of_another_language(language, line, position, format);
    let own = || misspelt(language, line, position);
    // "Scenaro:" is Esperanto, and in an English file a mistake.
    match position {
        Position::Top => other().or_else(own),
        _ => match own() {
            Some(near) if matches!(near.word, Word::Title(_)) => Some(near),
            near => other().or(near),
        },
    }
}

fn of_another_language(
    language: &'static Language,
    line: &str,
    position: Position,
    format: Format,
) -> Option<Near> {
    let found = in_any_language(line);
    let (keyword, word, _) = *found.first()?;
    let shown = keyword.trim_end();
    let is_title = matches!(word, Word::Title(_));
    // A short word of another language is more likely a word of this one: "Data", "A", "I".
    let least = match position {
        Position::Step => 2,
        Position::FirstStep { .. } => 5,
        Position::Top | Position::Title => usize::MAX,
    };
    if !is_title && shown.chars().count() < least {
        return None;
    }
    let others: Vec<&Language> = found.iter().map(|(.., other)| *other).collect();
    // Dialects of English are no languages that somebody forgot to name.
    let other = *others.iter().find(|other| !other.code.starts_with("en-") && other.code != language.code)?;
    let end = match word {
        Word::Step(_) => super::languages::after_step(line, keyword)?,
        Word::Title(_) => super::languages::after_title(line, keyword)?,
    };
    let own = match word {
        Word::Step(word) => language.step_keyword(word).trim_end(),
        Word::Title(word) => language.title_keyword(word),
    };
    let message = format!(
        "\"{shown}\" is {}, and this file is read in {}. Write \"{own}\", or make the first line of the file: {}",
        other.name,
        language.name,
        format.first_line(other)
    );
    Some(Near { word, end, message, language: Some(other) })
}

fn misspelt(language: &'static Language, line: &str, position: Position) -> Option<Near> {
    let allows_steps = matches!(position, Position::FirstStep { .. } | Position::Step);
    let mut best: Option<(usize, &'static str, Word, usize)> = None;
    for (keyword, word) in language.keywords() {
        let found = match word {
            Word::Step(_) if allows_steps => as_step(line, keyword),
            Word::Step(_) => None,
            Word::Title(_) => as_title(line, keyword, position),
        };
        if let Some((distance, end)) = found
            && best.is_none_or(|(least, ..)| distance < least)
        {
            best = Some((distance, keyword, word, end));
        }
    }
    let (distance, keyword, word, end) = best?;
    if matches!(word, Word::Step(_)) && !is_mistake(&line[..end], distance, position) {
        return None;
    }
    let written = line[..end].trim_end();
    let shown = match word {
        Word::Step(_) => keyword.trim_end().to_string(),
        Word::Title(_) => format!("{keyword}:"),
    };
    let hint = match position {
        Position::Step => "",
        _ => " If it is a description, begin it with another word.",
    };
    let message = format!("\"{}\" is no keyword. Is \"{shown}\" meant?{hint}", printable(written));
    Some(Near { word, end, message, language: None })
}

/// How far the line's first words are from this keyword, and where the text after them begins.
fn as_step(line: &str, keyword: &str) -> Option<(usize, usize)> {
    // Where no space follows a keyword, nothing says where a misspelt one ends.
    let keyword = keyword.strip_suffix(' ')?;
    let (written, end) = first_words(line, keyword.split(' ').count())?;
    Some((likeness(written.trim_end_matches(MARKS), keyword)?, end))
}

/// Whether a word that is nearly a keyword cannot as well be one of a description.
fn is_mistake(written: &str, distance: usize, position: Position) -> bool {
    let Position::FirstStep { in_prose } = position else { return true };
    let written = written.trim_end();
    let plain = written.trim_end_matches(MARKS);
    match distance {
        // Only its case, or the colon after it. Prose that goes on may begin a line with "when" or "and".
        0 => !in_prose || plain.len() < written.len(),
        _ => plain.chars().count() > 2 && !NO_KEYWORDS.contains(&plain.to_lowercase().as_str()),
    }
}

fn as_title(line: &str, keyword: &str, position: Position) -> Option<(usize, usize)> {
    let head = prefix(line);
    if let Some(colon) = head.find(':') {
        let written = head[..colon].trim_end();
        let is_description =
            position != Position::Step && NO_KEYWORDS.contains(&written.to_lowercase().as_str());
        let distance = likeness(written, keyword).filter(|_| !is_description)?;
        let rest = &line[colon + 1..];
        return Some((distance, colon + 1 + rest.len() - rest.trim_start().len()));
    }
    let (written, end) = first_words(line, keyword.split(' ').count())?;
    (position == Position::Step && written == keyword).then_some((0, end))
}

/// The beginning of a line, long enough for any keyword.
fn prefix(line: &str) -> &str {
    let end = line.char_indices().map(|(at, _)| at).find(|at| *at > LONGEST);
    &line[..end.unwrap_or(line.len())]
}

/// The first words of a line, and where the text after them begins.
fn first_words(line: &str, count: usize) -> Option<(&str, usize)> {
    let head = prefix(line);
    let mut end = 0;
    for _ in 0..count {
        let rest = &head[end..];
        let start = end + rest.len() - rest.trim_start().len();
        let word = head[start..].split_whitespace().next()?;
        end = start + word.len();
    }
    let rest = &line[end..];
    Some((&line[..end], end + rest.len() - rest.trim_start().len()))
}

/// How many letters have to be changed, added, left out or exchanged; `None` if too many. Case does not count.
fn likeness(written: &str, keyword: &str) -> Option<usize> {
    let most = match keyword.chars().count() {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    };
    distance(written, keyword, most)
}

/// How many letters two words are apart, if they are at most `most`.
pub(super) fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    if one.len() > 2 * LONGEST || other.len() > 2 * LONGEST {
        return None;
    }
    if one.chars().count().abs_diff(other.chars().count()) > most {
        return None;
    }
    Some(letters_apart(one, other)).filter(|distance| *distance <= most)
}

/// The nearest of some names, if one is near.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    let found = names.into_iter().filter_map(|other| Some((distance(name, other, most)?, other)));
    found.min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

/// A text in quotes inside a sentence.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(&printable(text), 60))
}

/// Names in a sentence, not more than ten.
pub(super) fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = names.len();
    let mut list: Vec<String> = names.take(10).map(quoted).collect();
    if count > list.len() {
        list.push("…".to_string());
    }
    list.join(", ")
}

/// A language that is not in the table.
pub(super) fn unknown_language(code: &str) -> String {
    let meant = Language::called(code).map(|language| language.code);
    let meant = meant.or_else(|| nearest(code, Language::all().iter().map(|language| language.code)));
    let meant = meant.map_or_else(
        || "Languages are named by codes such as en, de or fr.".to_string(),
        |meant| format!("Is {} meant?", quoted(meant)),
    );
    format!("{} is no language of keywords. {meant}", quoted(code))
}
