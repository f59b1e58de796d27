//! Sentences with slots, such as `"{amount} euros were taken out"`: how a text is cut at the words of the sentence.

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'s> {
    /// Words of the sentence itself.
    Words(&'s str),
    /// A slot of this name.
    Slot {
        name: &'s str,
        /// Whether it is between quotation marks, which are part of its text.
        quoted: bool,
    },
}

/// The pieces of a sentence. Braces that hold no name are words.
pub(crate) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words_from, mut at) = (0, 0);
    while let Some(open) = sentence[at..].find('{').map(|found| at + found) {
        let name_from = open + 1;
        let named = |char: char| char.is_alphanumeric() || char == '_';
        let name_to =
            sentence[name_from..].find(|char| !named(char)).map_or(sentence.len(), |to| name_from + to);
        if name_to == name_from || !sentence[name_to..].starts_with('}') {
            at = name_from;
            continue;
        }
        let (mut from, mut to) = (open, name_to + 1);
        let quoted = sentence[words_from..open].ends_with('"') && sentence[to..].starts_with('"');
        if quoted {
            (from, to) = (from - 1, to + 1);
        }
        if from > words_from {
            pieces.push(Piece::Words(&sentence[words_from..from]));
        }
        pieces.push(Piece::Slot { name: &sentence[name_from..name_to], quoted });
        (words_from, at) = (to, to);
    }
    if words_from < sentence.len() {
        pieces.push(Piece::Words(&sentence[words_from..]));
    }
    pieces
}

/// The names of the slots of a sentence, in order.
pub(crate) fn slots(sentence: &str) -> impl Iterator<Item = &str> {
    pieces(sentence).into_iter().filter_map(|piece| match piece {
        Piece::Slot { name, .. } => Some(name),
        Piece::Words(_) => None,
    })
}

/// Where the text of each slot begins and ends, in bytes, if the text is of this sentence; a slot ends where the next words of the
/// sentence stand outside quotation marks and parentheses. Without them, `Err` with how far the text is of the sentence.
pub(super) fn cut(pieces: &[Piece<'_>], text: &str) -> Result<Vec<(usize, usize)>, usize> {
    let mut ranges = Vec::new();
    let mut at = 0;
    // The beginning of a slot whose end is not known yet.
    let mut open: Option<usize> = None;
    for piece in pieces {
        match piece {
            Piece::Slot { .. } => {
                if let Some(from) = open.replace(at) {
                    // Two slots side by side: nothing says where the first ends.
                    return Err(from);
                }
            }
            Piece::Words(words) => match open.take() {
                None => at = matched(text, at, words).ok_or(at)?,
                Some(from) => {
                    let (to, after) = found(text, from, words).ok_or(from)?;
                    ranges.push((from, to));
                    at = after;
                }
            },
        }
    }
    match open {
        Some(from) => ranges.push((from, text.len())),
        None if !text[at..].trim().is_empty() => return Err(at),
        None => {}
    }
    let trimmed = ranges.into_iter().map(|(from, to)| {
        let slot = &text[from..to];
        let from = from + (slot.len() - slot.trim_start().len());
        (from, from + slot.trim().len())
    });
    let trimmed: Vec<(usize, usize)> = trimmed.collect();
    match trimmed.iter().find(|(from, to)| from == to) {
        Some((from, _)) => Err(*from),
        None => Ok(trimmed),
    }
}

/// The first place after `from` at which these words stand outside quotation marks and parentheses: its beginning and its end.
fn found(text: &str, from: usize, words: &str) -> Option<(usize, usize)> {
    let places = outside(&text[from..]).map(|(offset, _)| from + offset);
    places.skip_while(|at| *at == from).find_map(|at| Some((at, matched(text, at, words)?)))
}

/// The characters of a text that are outside quotation marks and parentheses, with where they stand; what opens these is outside.
pub(crate) fn outside(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    text.char_indices().filter(move |(_, char)| {
        let is_outside = depth == 0 && !quoted;
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        is_outside
    })
}

/// The end of these words, if they stand in the text at this byte. Case does not count; a run of white space is like any other.
/// Words end where a letter or a digit would go on.
pub(crate) fn matched(text: &str, at: usize, words: &str) -> Option<usize> {
    let first = words.trim_start().chars().next();
    let before = text[..at].chars().next_back();
    if words.starts_with(char::is_whitespace) {
        let space = text[at..].starts_with(char::is_whitespace) || before.is_none_or(char::is_whitespace);
        if !space {
            return None;
        }
    } else if first.is_some_and(char::is_alphanumeric) && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut rest = text[at..].trim_start();
    let mut last = None;
    for (i, word) in words.split_whitespace().enumerate() {
        if i > 0 {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
        }
        for char in word.chars() {
            let mut found = rest.chars();
            let next = found.next()?;
            if next != char && !next.to_lowercase().eq(char.to_lowercase()) {
                return None;
            }
            rest = found.as_str();
            last = Some(char);
        }
    }
    let goes_on = rest.chars().next().is_some_and(|char| char.is_alphanumeric() || char == '_');
    let ends_in_space = words.ends_with(char::is_whitespace);
    if ends_in_space {
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return None;
        }
    } else if last.is_some_and(char::is_alphanumeric) && goes_on {
        return None;
    }
    Some(text.len() - rest.len())
}

/// Whether these words stand anywhere in a text, as words of their own.
pub(super) fn contains_words(text: &str, words: &str) -> bool {
    let mut after_space = true;
    text.char_indices().any(|(at, char)| {
        let begins = std::mem::replace(&mut after_space, char.is_whitespace());
        begins && matched(text, at, words).is_some()
    })
}
