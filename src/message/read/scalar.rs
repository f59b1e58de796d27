//! Numbers, texts, flags and bytes in words.

use super::cursor::Cursor;
use super::fault::{Misread, Why};
use super::room::Room;
use std::fmt::Display;
use std::str::FromStr;

/// What is said of a type where a value of it is expected.
pub(super) trait Spoken {
    const WHAT: &'static str;
}

macro_rules! spoken {
    ($($type:ty, $what:literal;)*) => {
        $(impl Spoken for $type {
            const WHAT: &'static str = $what;
        })*
    };
}

spoken! {
    i8, "a whole number from -128 to 127";
    i16, "a whole number from -32768 to 32767";
    i32, "a whole number";
    i64, "a whole number";
    i128, "a whole number";
    u8, "a whole number from 0 to 255";
    u16, "a whole number from 0 to 65535";
    u32, "a whole number (0 or more)";
    u64, "a whole number (0 or more)";
    u128, "a whole number (0 or more)";
    f32, "a number, such as 2.5";
    f64, "a number, such as 2.5";
    char, "one character in quotation marks";
    String, "a text in quotation marks";
    Vec<u8>, "bytes, such as `bytes 0aff`";
}

/// The characters up to white space or a sign that ends a value.
fn token<'t>(cursor: &Cursor<'t>, room: Room) -> Result<std::borrow::Cow<'t, str>, Misread> {
    if room == Room::Slot && cursor.sees_sign('"') {
        return text(cursor, room).map(Into::into);
    }
    let rest = cursor.rest();
    let end = rest.find(|char: char| char.is_whitespace() || ",():\"".contains(char)).unwrap_or(rest.len());
    cursor.move_to(cursor.place() + end);
    // 12,50
    let after = &rest[end..];
    if rest[..end].ends_with(|char: char| char.is_ascii_digit())
        && after
            .strip_prefix(',')
            .is_some_and(|digits| digits.starts_with(|char: char| char.is_ascii_digit()))
    {
        let point =
            "a number has a decimal point, such as 12.50; a list has a space after each comma".to_string();
        return Err(cursor.fault(Why::Refused(point)));
    }
    Ok(rest[..end].into())
}

pub(super) fn whole<N: FromStr + Spoken>(cursor: &Cursor<'_>, room: Room) -> Result<N, Misread> {
    parsed(cursor, room, |token| token.parse().ok())
}

/// A float of 32 or 64 bits.
pub(super) trait Float: FromStr + Spoken + Display {
    fn of_bits(bits: u64) -> Self;
    fn is_infinite(&self) -> bool;
}

impl Float for f64 {
    fn of_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    fn is_infinite(&self) -> bool {
        f64::is_infinite(*self)
    }
}

impl Float for f32 {
    fn of_bits(bits: u64) -> f32 {
        // Written by the same type, so nothing is cut off; other bits are none of a NaN.
        f32::from_bits(u32::try_from(bits).unwrap_or(0))
    }
    fn is_infinite(&self) -> bool {
        f32::is_infinite(*self)
    }
}

pub(super) fn float<N: Float>(cursor: &Cursor<'_>, room: Room) -> Result<N, Misread> {
    let number: N = parsed(cursor, room, |token| {
        let number: N = token.parse().ok()?;
        // A number that is too large is no infinity.
        let says_so = token.to_ascii_lowercase().contains("inf");
        (says_so || !number.is_infinite()).then_some(number)
    })?;
    if number.to_string() != "NaN" {
        return Ok(number);
    }
    let bits = cursor.rest().split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    match bits.strip_prefix("0x").and_then(|bits| u64::from_str_radix(bits, 16).ok()) {
        Some(value) => {
            cursor.move_to(cursor.place() + bits.len());
            Ok(N::of_bits(value))
        }
        None => Ok(number),
    }
}

fn parsed<N: Spoken>(
    cursor: &Cursor<'_>,
    room: Room,
    parse: impl FnOnce(&str) -> Option<N>,
) -> Result<N, Misread> {
    let at = cursor.place();
    let token = token(cursor, room)?;
    parse(&token).ok_or_else(|| {
        cursor.move_to(at);
        cursor.expected(N::WHAT)
    })
}

pub(super) fn flag(cursor: &Cursor<'_>, room: Room) -> Result<bool, Misread> {
    let at = cursor.place();
    if room == Room::Slot && cursor.sees_sign('"') {
        let said = text(cursor, room)?;
        if said == cursor.words.fixed("yes") || said == cursor.words.fixed("no") {
            return Ok(said == cursor.words.fixed("yes"));
        }
        cursor.move_to(at);
    }
    for (word, flag) in [("yes", true), ("no", false)] {
        if let Some(after) = cursor.sees_fixed(word) {
            cursor.move_to(after);
            return Ok(flag);
        }
    }
    Err(cursor.expected(format!("`{}` or `{}`", cursor.words.fixed("yes"), cursor.words.fixed("no"))))
}

pub(super) fn text(cursor: &Cursor<'_>, room: Room) -> Result<String, Misread> {
    if cursor.sees_sign('"') {
        return quoted(cursor);
    }
    let bare = match room {
        Room::Key => cursor.next_delimiter(&[':', ',', ')'], false),
        Room::Slot => cursor.place() + cursor.rest().len(),
        _ => {
            let rest = cursor.rest();
            let curly = rest.starts_with(['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '\'', '`']);
            return Err(if curly {
                let straight = "a text is between straight quotation marks, such as \"Petra\"".to_string();
                cursor.fault(Why::Refused(straight))
            } else {
                cursor.expected(<String as Spoken>::WHAT)
            });
        }
    };
    let said = &cursor.text[cursor.place()..bare];
    if let Some(found) = said.find(['"', '(', ')']) {
        cursor.move_to(cursor.place() + found);
        return Err(cursor.expected("a text as a whole in quotation marks"));
    }
    if said.trim().is_empty() {
        return Err(cursor.expected(<String as Spoken>::WHAT));
    }
    cursor.move_to(bare);
    Ok(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn quoted(cursor: &Cursor<'_>) -> Result<String, Misread> {
    let from = cursor.place();
    // The text is looked at up to its end, and not up to white space that `rest` would take away.
    let rest = cursor.rest();
    let mut said = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                cursor.move_to(from + at + 1);
                return Ok(said);
            }
            '\\' => {
                let escape = |cursor: &Cursor<'_>| {
                    cursor.move_to(from + at);
                    let known =
                        "`\\\\`, `\\\"`, `\\n`, `\\t` or `\\u{…}`; a backslash itself is written twice";
                    cursor.expected(known)
                };
                match chars.next().map(|(_, escaped)| escaped) {
                    Some('n') => said.push('\n'),
                    Some('t') => said.push('\t'),
                    Some('r') => said.push('\r'),
                    Some('0') => said.push('\0'),
                    Some(itself @ ('"' | '\\' | '\'')) => said.push(itself),
                    Some('u') => {
                        let digits = rest[at..].strip_prefix("\\u{").and_then(|rest| rest.split_once('}'));
                        let hex = digits.map(|(hex, _)| hex).ok_or_else(|| escape(cursor))?;
                        let code = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
                        said.push(code.ok_or_else(|| escape(cursor))?);
                        // The braces, and what is between them.
                        for _ in 0..hex.chars().count() + 2 {
                            chars.next();
                        }
                    }
                    _ => return Err(escape(cursor)),
                }
            }
            char => said.push(char),
        }
    }
    Err(cursor.fault(Why::Refused("the quotation mark that opens here is never closed".to_string())))
}

pub(super) fn char(cursor: &Cursor<'_>, room: Room) -> Result<char, Misread> {
    let at = cursor.place();
    let said = text(cursor, room)?;
    let mut chars = said.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) => Ok(char),
        _ => {
            cursor.move_to(at);
            Err(cursor.expected(<char as Spoken>::WHAT))
        }
    }
}

pub(super) fn bytes(cursor: &Cursor<'_>, room: Room) -> Result<Vec<u8>, Misread> {
    let expected = |cursor: &Cursor<'_>| cursor.expected(<Vec<u8> as Spoken>::WHAT);
    let after = cursor.sees_fixed("bytes").ok_or_else(|| expected(cursor))?;
    cursor.move_to(after);
    if let Some(after) = cursor.sees_fixed("none") {
        cursor.move_to(after);
        return Ok(Vec::new());
    }
    let at = cursor.place();
    let hex = token(cursor, room)?;
    let pairs = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2 && pair.bytes().all(|hex| hex.is_ascii_hexdigit()))?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
        cursor.move_to(at);
        expected(cursor)
    })
}
