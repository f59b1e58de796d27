//! Conditions on events, as they are written on the command line: `header user = petra`.

use crate::recorded::moment::{NotAMoment, moment};
use crate::recorded::{Scalar, Timestamp};
use crate::store::{Compared, Field, Filter};

const FIELDS: &str =
    "header NAME, correlation, causation, position, version, stream, category, type, id or at";
const SIGNS: &str = "=, !=, <, <=, >, >=, in, not in or ~";

/// Reads a condition, or says in a sentence why it is none.
pub(super) fn condition(text: &str) -> Result<Filter, String> {
    let (field, rest) = field(text.trim())?;
    let (sign, rest) = sign(rest).ok_or_else(|| match rest {
        "" => format!("{field} needs a sign and a value after it; signs are {SIGNS}"),
        rest => format!("{rest:?} does not begin with a sign; after {field} comes {SIGNS}"),
    })?;
    let rest = rest.trim();
    if rest.is_empty() {
        return Err(format!("{sign} needs a value after it"));
    }
    let one = || value(&field, rest);
    let on = || Filter::on(field.clone());
    Ok(match sign {
        "=" => on().equals(one()?),
        "!=" => on().differs_from(one()?),
        "<" => on().less_than(one()?),
        "<=" => on().at_most(one()?),
        ">" => on().more_than(one()?),
        ">=" => on().at_least(one()?),
        "in" => on().one_of(list(&field, rest)?),
        "not in" => on().none_of(list(&field, rest)?),
        _ if matches!(field, Field::Position | Field::Version | Field::RecordedAt) => {
            return Err(format!("a regular expression looks at texts, and {field} is none"));
        }
        _ => on().matches(unquoted(rest)?).map_err(|error| error.to_string())?,
    })
}

fn field(text: &str) -> Result<(Field, &str), String> {
    let (name, rest) = word(text)?;
    let field = match name.as_str() {
        "header" => {
            let (name, rest) = word(rest)?;
            if name.is_empty() {
                return Err("`header` needs the name of a header after it".to_string());
            }
            return Ok((Field::Header(name), rest));
        }
        "correlation" => Field::CorrelationId,
        "causation" => Field::CausationId,
        "position" => Field::Position,
        "version" => Field::Version,
        "stream" => Field::Stream,
        "category" => Field::Category,
        "type" => Field::Type,
        "id" => Field::Id,
        "at" => Field::RecordedAt,
        other => return Err(format!("{other:?} is no field; a condition begins with {FIELDS}")),
    };
    Ok((field, rest))
}

/// The first word, or the first text in quotes, and the rest.
fn word(text: &str) -> Result<(String, &str), String> {
    if text.starts_with('"') {
        let (quoted, rest) = quoted(text)?;
        return Ok((quoted, rest.trim_start()));
    }
    let end = text.find(|sign: char| sign.is_whitespace() || "=!<>~\"".contains(sign)).unwrap_or(text.len());
    Ok((text[..end].to_string(), text[end..].trim_start()))
}

/// The text in quotes at the start, read as JSON reads it, and the rest.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut read = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match read.next() {
        Some(Ok(quoted)) => Ok((quoted, &text[read.byte_offset()..])),
        _ => Err(format!("{text} begins with a quote, and is no text in quotes as JSON has it")),
    }
}

fn sign(text: &str) -> Option<(&'static str, &str)> {
    // The longer signs first.
    for sign in ["!=", "<=", ">=", "=", "<", ">", "~"] {
        if let Some(rest) = text.strip_prefix(sign) {
            return Some((sign, rest));
        }
    }
    let worded = |text: &str, word: &str| -> Option<usize> {
        let rest = text.strip_prefix(word)?;
        rest.starts_with(|sign: char| sign.is_whitespace() || sign == '(').then_some(word.len())
    };
    if let Some(end) = worded(text, "in") {
        return Some(("in", &text[end..]));
    }
    let rest = text.strip_prefix("not")?.trim_start();
    worded(rest, "in").map(|end| ("not in", &rest[end..]))
}

/// A text, with or without quotes around it.
fn unquoted(text: &str) -> Result<String, String> {
    if !text.starts_with('"') {
        return Ok(text.to_string());
    }
    match quoted(text)? {
        (text, rest) if rest.trim().is_empty() => Ok(text),
        (_, rest) => Err(format!("{:?} follows the text in quotes", rest.trim())),
    }
}

fn value(field: &Field, text: &str) -> Result<Compared, String> {
    Ok(match field {
        Field::Header(_) if text.starts_with('"') => unquoted(text)?.into(),
        Field::Header(_) => header(text).into(),
        Field::Position | Field::Version => {
            let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
            number.ok_or_else(|| format!("{field} is a number, and {text:?} is none"))?.into()
        }
        Field::RecordedAt => time(&unquoted(text)?)?.into(),
        _ => unquoted(text)?.into(),
    })
}

/// The value of a header without quotes: a flag or a number where it looks like one, otherwise a text.
fn header(text: &str) -> Scalar {
    if let Ok(flag) = text.parse::<bool>() {
        return flag.into();
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    // `inf` and `nan` are texts.
    let like_a_number = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    let decimal = text.parse().ok().filter(|_| like_a_number).and_then(Scalar::decimal);
    decimal.unwrap_or_else(|| text.into())
}

/// A moment, or a day: its first moment, in UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    let day = || moment(&format!("{text}T00:00:00Z"), None);
    moment(text, None).or_else(|why| day().map_err(|_| why)).map_err(|why| match why {
        NotAMoment::Form => format!("{text:?} {why}; a day is written as 2026-11-23"),
        why => format!("{text:?} {why}"),
    })
}

/// Values with commas between them, with or without parentheses around them.
fn list(field: &Field, text: &str) -> Result<Vec<Compared>, String> {
    let mut rest = match text.strip_prefix('(') {
        Some(inner) => {
            inner.strip_suffix(')').ok_or_else(|| format!("{text:?} has no parenthesis at its end"))?
        }
        None => text,
    }
    .trim();
    let mut values = Vec::new();
    loop {
        let end = match rest.starts_with('"') {
            true => rest.len() - quoted(rest)?.1.trim_start().len(),
            false => rest.find(',').unwrap_or(rest.len()),
        };
        let (one, more) = rest.split_at(end);
        if one.trim().is_empty() {
            return Err(format!("a value is missing in {text:?}"));
        }
        values.push(value(field, one.trim())?);
        match more.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if more.is_empty() => return Ok(values),
            None => return Err(format!("between the values of {text:?} come commas")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::condition;

    /// Each is read, and says itself as on the right.
    #[test]
    fn conditions_say_themselves() {
        for (text, said) in [
            ("header user = petra", r#"header user = "petra""#),
            ("header user=petra", r#"header user = "petra""#),
            ("header user != \"17\"", r#"header user != "17""#),
            ("header amount >= 17", "header amount >= 17"),
            ("header amount < 0.5", "header amount < 0.5"),
            ("header urgent = true", "header urgent = true"),
            ("header note = nan", r#"header note = "nan""#),
            ("header \"sent by\" = petra and alex", r#"header sent by = "petra and alex""#),
            ("correlation = 17", r#"correlation id = "17""#),
            ("causation ~ ^a", "causation id ~ /^a/"),
            ("position<=20", "position <= 20"),
            ("version in 1, 2", "version in (1, 2)"),
            ("type in (Opened,\"Closed, late\" , Paid)", r#"type in ("Opened", "Closed, late", "Paid")"#),
            ("stream not  in(account-1)", r#"stream not in ("account-1")"#),
            ("category = order", r#"category = "order""#),
            ("id ~ \"^x$\"", "id ~ /^x$/"),
            ("at >= 2026-11-23", "recorded at >= 2026-11-23T00:00:00Z"),
            ("at < 2026-11-23T09:30:00+01:00", "recorded at < 2026-11-23T08:30:00Z"),
        ] {
            assert_eq!(condition(text).map(|filter| filter.to_string()), Ok(said.to_string()), "{text}");
        }
    }

    /// Each is refused, and the sentence says what is wrong.
    #[test]
    fn what_is_no_condition_is_refused_with_a_sentence() {
        for (text, why) in [
            ("", "\"\" is no field"),
            ("colour = red", "\"colour\" is no field"),
            ("header", "`header` needs the name"),
            ("header = x", "`header` needs the name"),
            ("type", "type needs a sign and a value"),
            ("type is Opened", "does not begin with a sign"),
            ("type inside", "does not begin with a sign"),
            ("type =", "= needs a value"),
            ("position = three", "position is a number"),
            ("position = -1", "position is a number"),
            ("position ~ 3", "a regular expression looks at texts"),
            ("at > yesterday", "\"yesterday\" is no time"),
            ("at > 2026-11-23T09:30:00", "has no offset from UTC"),
            ("at > 2026-11-23T24:00:00Z", "has the hour 24"),
            ("at > 2026-11-23T09:30:00.1234567890123Z", "has 13 digits after the second"),
            ("at > 2026-02-30", "names a day that its month does not have"),
            ("at > \"2026-13-01\"", "has the month 13"),
            ("type ~ (", "is no regular expression"),
            ("type in (a, , b)", "a value is missing"),
            ("type in (a, b", "no parenthesis"),
            ("type in (\"a\" b)", "come commas"),
            ("type = \"a", "no text in quotes"),
            ("type = \"a\" b", "follows the text in quotes"),
        ] {
            let refused = condition(text).map(|filter| filter.to_string()).expect_err(text);
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
