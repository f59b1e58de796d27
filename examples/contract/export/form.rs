//! In which form a file is written, as its first bytes show.

use super::Fault;
use super::fault::short;

/// How many bytes are looked at.
pub(super) const LOOKED_AT: u64 = 128;

pub(super) enum Form {
    Csv,
    Xml,
}

/// XML when it begins with `<`, CSV otherwise; a sentence for what is neither, or no UTF-8.
pub(super) fn of(begin: &[u8]) -> Result<Form, Fault> {
    let found = match begin {
        [0x1f, 0x8b, ..] => "packed with gzip",
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a zip archive, as spreadsheets are",
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "written in UTF-32",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "written in UTF-16",
        [0, 1..=255, ..] | [1..=255, 0, ..] => "written in UTF-16",
        _ => "",
    };
    if !found.is_empty() {
        return Err(Fault::Form { found: found.into() });
    }
    let begin = begin.strip_prefix(super::csv::BYTE_ORDER_MARK).unwrap_or(begin);
    if begin.trim_ascii_start().first() != Some(&b'<') {
        return Ok(Form::Csv);
    }
    match declared(begin) {
        Some(label) if !["utf-8", "utf8", "us-ascii", "ascii"].contains(&&*label.to_ascii_lowercase()) => {
            Err(Fault::Form { found: format!("written in {}, as it says", short(&label)) })
        }
        _ => Ok(Form::Xml),
    }
}

/// What an XML declaration says about the encoding.
fn declared(begin: &[u8]) -> Option<String> {
    let begin = String::from_utf8_lossy(begin);
    let (declaration, _) = begin.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (label, _) = rest[1..].split_once(quote)?;
    Some(label.trim().to_string())
}
