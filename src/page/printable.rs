//! Text from outside, with escapes for characters that cannot be seen.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text on one line, with an escape for each character that cannot be seen or that moves other characters.
///
/// Escaped are controls (escapes, line breaks, tabs, C1), separators of lines and paragraphs, changes of the direction of writing,
/// zero-width characters, byte order marks, and invisible tags, as Rust escapes them: `\n`, `\u{202e}`. All other text stays as it
/// is, backslashes too. A joiner stays if it joins something visible: emoji (👩‍🚀), or letters of Arabic and Indic scripts. A
/// variation selector stays after an emoji.
///
/// ```
/// use leftfold::page::printable;
///
/// assert_eq!(printable("Petra Müller 👩‍🚀"), "Petra Müller 👩‍🚀");
/// assert_eq!(printable("red\u{1b}[31m\nnext"), r"red\u{1b}[31m\nnext");
/// assert_eq!(printable("pay\u{202e}ada"), r"pay\u{202e}ada");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    marked(text, false)
}

/// As [`printable`], for a text of several lines: line breaks stay.
pub(crate) fn printable_lines(text: &str) -> Cow<'_, str> {
    marked(text, true)
}

/// A printable text on one line, in which every run of white space is one space.
pub(crate) fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// A printable text on one line that reads back as it was: white space around it is cut off, and a run of white space that holds a
/// line break or another hidden character is one space. All other white space stays.
pub(super) fn in_line(text: &str) -> String {
    let text = text.trim();
    if !text.contains(|char: char| char.is_whitespace() && is_hidden(char)) {
        return printable(text).into_owned();
    }
    let (mut line, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(char::is_whitespace) {
        let after = rest[start..].trim_start();
        let space = &rest[start..rest.len() - after.len()];
        line.push_str(&rest[..start]);
        line.push_str(if space.contains(is_hidden) { " " } else { space });
        rest = after;
    }
    printable(&(line + rest)).into_owned()
}

fn marked(text: &str, breaks: bool) -> Cow<'_, str> {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) || (breaks && byte == b'\n');
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut before) = (String::with_capacity(text.len() + 16), ' ');
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let stays =
            (breaks && char == '\n') || !is_hidden(char) || belongs(before, char, chars.peek().copied());
        if stays {
            shown.push(char);
        } else {
            let _ = write!(shown, "{}", char.escape_default());
        }
        before = char;
    }
    Cow::Owned(shown)
}

/// Whether a character cannot be seen by itself.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            // Zero width, left to right, right to left.
            | '\u{200b}'..='\u{200f}'
            // Separators of lines and paragraphs, embeddings and overrides.
            | '\u{2028}'..='\u{202e}'
            // Word joiner, invisible operators, isolates.
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Tags, and variation selectors after them.
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a hidden character belongs to the visible characters around it.
fn belongs(before: char, char: char, after: Option<char>) -> bool {
    let joins = |one: fn(char) -> bool, other: fn(char) -> bool| one(before) && after.is_some_and(other);
    match char {
        '\u{200d}' => {
            joins(|char| is_emoji(char) || char == '\u{fe0f}', is_emoji) || joins(is_joining, is_joining)
        }
        '\u{200c}' => joins(is_joining, is_joining),
        '\u{fe0e}' | '\u{fe0f}' => is_emoji(before) || (after == Some('\u{20e3}') && before.is_ascii()),
        _ => false,
    }
}

fn is_emoji(char: char) -> bool {
    matches!(char, '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Letters of scripts whose letters join: from Arabic to Sinhala.
fn is_joining(char: char) -> bool {
    matches!(char, '\u{620}'..='\u{dff}')
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any text, and texts made of harmful parts.
    pub(in super::super) fn outside() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("\u{1b}[2J".to_string()),
            Just("\n".to_string()),
            Just("\r\n".to_string()),
            Just("\u{202e}\u{2066}".to_string()),
            Just("\u{9b}31m\u{85}\u{2028}\u{feff}\u{200b}".to_string()),
            Just("\"\"\" | # \\ ` < & ; : [ ] end %%".to_string()),
            Just("👩\u{200d}🚀漢字e\u{301}".to_string()),
            Just("x".repeat(600)),
            any::<char>().prop_map(String::from),
            any::<String>(),
        ];
        proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    #[test]
    fn a_hidden_character_shows_as_an_escape() {
        for hidden in [
            '\0',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
        ] {
            let shown = printable(&format!("a{hidden}b")).into_owned();
            assert_eq!(shown, format!("a{}b", hidden.escape_default()));
        }
        assert_eq!(printable_lines("a\r\nb\u{2028}c"), "a\\r\nb\\u{2028}c");
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in
            ["", "Müller & Søn", r"C:\new", "漢字", "👩‍🚀 ❤️ 1️⃣ 🇩🇪", "می‌خواهم", "שלום", "e\u{301}", "क्‍ष"]
        {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn a_joiner_between_other_letters_shows_as_an_escape() {
        assert_eq!(printable("pet\u{200d}ra"), r"pet\u{200d}ra");
        assert_eq!(printable("a\u{fe0f}"), r"a\u{fe0f}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_line_or_moves_what_is_around_it(text in outside()) {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(|char| char.is_control() || ('\u{2028}'..='\u{202e}').contains(&char)
                || ('\u{2066}'..='\u{2069}').contains(&char)), "{shown:?}");
            prop_assert_eq!(printable(&shown), shown.as_ref());
            let several = printable_lines(&text);
            prop_assert_eq!(several.matches('\n').count(), text.matches('\n').count());
            prop_assert!(!several.chars().any(|char| char.is_control() && char != '\n'), "{several:?}");
        }
    }
}
