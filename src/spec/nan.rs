//! Find each `NaN` in a printed value: a value that holds one is not equal to itself, though it prints the same.

/// The path to each `NaN` in what `Debug` prints, such as `Deposited.amount`, `Some.0` or `["a"][1]`. O(length).
pub(super) fn paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside: Vec<Part> = Vec::new();
    // The word or key that was read last.
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                word = String::from('"');
                while let Some(next) = chars.next() {
                    word.push(next);
                    match next {
                        '\\' => word.extend(chars.next()),
                        '"' => break,
                        _ => (),
                    }
                }
            }
            // A character in quotes is no bracket.
            '\'' => {
                if chars.next() == Some('\\') {
                    chars.next();
                    while chars.next_if(|next| *next != '\'').is_some() {}
                }
                chars.next_if_eq(&'\'');
            }
            '{' | '(' | '[' => inside.push(Part::new(char, std::mem::take(&mut word))),
            '}' | ')' | ']' => {
                inside.pop();
                word.clear();
            }
            ':' => {
                if let Some(part) = inside.last_mut() {
                    part.label = Some(std::mem::take(&mut word));
                }
            }
            ',' => {
                if let Some(part) = inside.last_mut() {
                    part.item += 1;
                    part.label = None;
                }
                word.clear();
            }
            char if char.is_whitespace() => (),
            char => {
                word = String::from(char);
                while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || "_.+-".contains(*next))
                {
                    word.push(next);
                }
                if word == "NaN" && !inside.is_empty() {
                    let parts: Vec<_> = inside.iter().map(Part::path).collect();
                    found.push(joined(&parts));
                }
            }
        }
    }
    found
}

/// The parts of a path, with a `.` between two names.
fn joined(parts: &[String]) -> String {
    let mut path = String::new();
    for part in parts {
        if !path.is_empty() && !part.starts_with(['.', '[']) {
            path.push('.');
        }
        path.push_str(part);
    }
    path
}

/// A struct, a tuple, a list or a map around a value.
struct Part {
    open: char,
    name: String,
    label: Option<String>,
    item: usize,
}

impl Part {
    fn new(open: char, name: String) -> Self {
        Part { open, name, label: None, item: 0 }
    }

    fn path(&self) -> String {
        let Part { open, name, label, item } = self;
        match (open, label) {
            ('{', Some(field)) if !name.is_empty() => format!("{name}.{field}"),
            ('{', Some(key)) if !key.is_empty() => format!("[{key}]"),
            ('(', _) if !name.is_empty() => format!("{name}.{item}"),
            ('(', _) => format!(".{item}"),
            _ => format!("[{item}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::paths;
    use std::collections::BTreeMap;

    #[test]
    fn each_value_that_is_no_number_has_its_path() {
        #[derive(Debug)]
        #[allow(dead_code)]
        struct Deposited {
            note: &'static str,
            amounts: BTreeMap<&'static str, Vec<Option<f64>>>,
        }
        let amounts = BTreeMap::from([("a: \"NaN\"", vec![Some(1.0), Some(f64::NAN)]), ("b", vec![None])]);
        let event = Deposited { note: "NaN, {", amounts };
        let path = [r#"Deposited.amounts["a: \"NaN\""][1].Some.0"#];
        assert_eq!(paths(&format!("{event:?}")), path);
        assert_eq!(paths(&format!("{event:#?}")), path);
        assert_eq!(paths(&format!("{:?}", (1, f64::NAN, [f32::NAN]))), [".1", ".2[0]"]);
        assert_eq!(paths(&format!("{:?}", ('"', '{', '\'', '\u{202e}', f64::NAN))), [".4"]);
        assert_eq!(paths(&format!("{:?}", BTreeMap::from([((1, 2), f64::NAN)]))), ["[0]"]);
        assert!(paths("NaN").is_empty() && paths("Nan { x: 1 }").is_empty() && paths("\"NaN").is_empty());
    }
}
