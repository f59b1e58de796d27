//! One step of a path as text: when it needs quotation marks, and how they are read.

/// A text in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A text as a step: without quotation marks if it can only be a word, otherwise with them.
pub(super) fn step_to(text: &str) -> String {
    let plain = text.chars().all(|char| char.is_alphanumeric() || "_-@/+%#&".contains(char))
        && !text.is_empty()
        && text.parse::<f64>().is_err()
        && !["yes", "no", "none"].contains(&text);
    if plain { text.to_string() } else { quoted(text) }
}

/// Whether a step leads to the field of this name.
pub(super) fn is_step_to_field(wanted: &str, field: &str) -> bool {
    field == wanted || step_to(field) == wanted
}

/// Copies what is in quotation marks, up to the closing one.
pub(super) fn inside_quotes(chars: &mut std::str::Chars<'_>, step: &mut String) -> Result<(), &'static str> {
    while let Some(char) = chars.next() {
        step.push(char);
        match char {
            '\\' => step.extend(chars.next()),
            '"' => return Ok(()),
            _ => {}
        }
    }
    Err("a quotation mark is not closed")
}

/// The text in quotation marks; nothing if they do not close at its end.
pub(super) fn unquoted(step: &str) -> Option<String> {
    let (mut text, mut chars) = (String::new(), step.strip_prefix('"')?.chars());
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                '0' => text.push('\0'),
                'u' => {
                    let code: String = chars.by_ref().skip(1).take_while(|char| *char != '}').collect();
                    text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                char => text.push(char),
            },
            char => text.push(char),
        }
    }
}
