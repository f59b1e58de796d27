//! Escapes for texts in Markdown, Gherkin, Mermaid, DOT and SVG.

use super::printable::{in_line, one_line, printable};

/// A text for Markdown: inside a line, or at the beginning of a heading or a list item. It reads back as it was, but for hidden
/// characters and white space around it.
pub(crate) fn markdown(text: &str) -> String {
    let text = in_line(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    // At the beginning of a line, a number with a point, or one of these signs, begins a list, a quotation or a rule.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match digits {
        0 => text.starts_with(['-', '+', '>', '=', '~']).then_some(0),
        _ => text[digits..].starts_with(['.', ')']).then_some(digits),
    };
    for (at, char) in text.char_indices() {
        match char {
            '&' => {
                escaped.push_str("&amp;");
                continue;
            }
            '*' | '_' | '`' | '<' | '[' | ']' | '#' | '\\' | '|' | '~' => escaped.push('\\'),
            _ if mark == Some(at) => escaped.push('\\'),
            _ => {}
        }
        escaped.push(char);
    }
    escaped
}

/// A text for Gherkin, after a keyword. Comments, tables, doc strings and keywords begin a line, so they cannot be in it.
/// It reads back as it was, but for hidden characters and white space around it.
pub(crate) fn gherkin(text: &str) -> String {
    in_line(text)
}

/// A text for a label of Mermaid: characters with a meaning are written by number, and so is the `e` of the word `end`.
pub(crate) fn mermaid(text: &str) -> String {
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    let is_end = |at: usize| {
        let alone = |char: Option<char>| char.is_none_or(|char| !char.is_alphanumeric() && char != '_');
        text.get(at..at + 3).is_some_and(|word| word.eq_ignore_ascii_case("end"))
            && alone(text[..at].chars().next_back())
            && alone(text[at + 3..].chars().next())
    };
    for (at, char) in text.char_indices() {
        match char {
            '"' | '\'' | '#' | ';' | ':' | '[' | ']' | '{' | '}' | '<' | '>' | '&' | '%' | '`' | '\\'
            | '|' | '*' => {
                escaped.push_str(&format!("#{};", u32::from(char)));
            }
            'e' | 'E' if is_end(at) => escaped.push_str(&format!("#{};", u32::from(char))),
            char => escaped.push(char),
        }
    }
    escaped
}

/// A text for a quoted text of DOT, which reads backslashes and HTML entities.
pub(crate) fn dot(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}

/// A text between two tags of XML, such as SVG.
pub(crate) fn xml(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::printable::tests::outside;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_shows_in_markdown_as_it_is() {
        assert_eq!(markdown("R&D <b> `x` a|b *c* [d](e)"), r"R&amp;D \<b> \`x\` a\|b \*c\* \[d\](e)");
        assert_eq!(
            ["- a", "+ a", "> a", "1. a", "12) a", "# a", "=="].map(markdown),
            [r"\- a", r"\+ a", r"\> a", r"1\. a", r"12\) a", r"\# a", r"\=="]
        );
        assert_eq!(markdown("a\n\n# b\u{1b}[0m"), r"a \# b\\u{1b}\[0m");
        assert_eq!(markdown("10 were paid, 2.5 - 1"), "10 were paid, 2.5 - 1");
    }

    #[test]
    fn spaces_inside_a_line_stay() {
        assert_eq!(
            [" a  b ", "a \n\t b", "a\u{a0} b", "\u{2028}a\u{2028}  b"].map(gherkin),
            ["a  b", "a b", "a\u{a0} b", "a b"]
        );
        assert_eq!(markdown("say \"  two  \""), "say \"  two  \"");
    }

    #[test]
    fn a_text_ends_no_label() {
        assert_eq!(mermaid("say \"a\"; [b] #end"), "say #34;a#34;#59; #91;b#93; #35;#101;nd");
        assert_eq!(mermaid("the end. Ended, ending"), "the #101;nd. Ended, ending");
        assert_eq!(dot("a\"b\\N&lt;\n"), r#"a\"b\\N&amp;lt;\\n"#);
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_place(text in outside()) {
            for shown in [markdown(&text), gherkin(&text), mermaid(&text), dot(&text), xml(&text)] {
                prop_assert!(!shown.contains(char::is_control), "{shown:?}");
            }
            let label = mermaid(&text);
            prop_assert!(!label.contains(['"', '[', ']', ':', '%', '<']), "{label}");
            prop_assert!(!xml(&text).contains(['<', '>']), "{text:?}");
            // Every quote of a label in DOT has an odd number of backslashes before it.
            let label = dot(&text);
            for (at, _) in label.match_indices('"') {
                let backslashes = label[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
                prop_assert!(backslashes % 2 == 1, "{label}");
            }
            prop_assert!(label.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0, "{label}");
        }
    }
}
