//! Line breaks at the width of a page.

use super::column::{overflow, width};
use super::printable::printable;
use std::fmt::{self, Write};

const WIDTH: usize = 80;

/// Writes `first` and then `text`, made printable and broken at spaces to the width of the page. Further lines are indented.
pub(crate) fn lines(out: &mut impl Write, first: &str, indent: usize, text: &str) -> fmt::Result {
    out.write_str(first)?;
    let room = WIDTH.saturating_sub(indent).max(20);
    let text = printable(text);
    let mut rest = text.as_ref();
    loop {
        let Some(end) = overflow(rest, room) else {
            return out.write_str(rest);
        };
        // A word longer than the line is cut at its end.
        let at = rest[..end].rfind(' ').filter(|&at| at > 0).unwrap_or(end);
        writeln!(out, "{}", rest[..at].trim_end())?;
        (0..indent).try_for_each(|_| out.write_char(' '))?;
        rest = rest[at..].trim_start();
    }
}

/// A line broken into lines of at most `most` columns, at spaces if possible. Further lines are indented.
pub(crate) fn fitted(line: &str, most: usize) -> Vec<String> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count().min(most / 2);
    let (mut rest, mut lead, mut fitted) = (line, 0, Vec::new());
    while let Some(end) = overflow(rest, most.saturating_sub(lead)) {
        let far = |at: &usize| lead + width(&rest[..*at]) > most / 2;
        let cut = rest[..end].rfind(' ').filter(far).map_or(end, |at| at + 1);
        fitted.push(" ".repeat(lead) + &rest[..cut]);
        rest = &rest[cut..];
        lead = indent + 2;
    }
    fitted.push(" ".repeat(lead) + rest);
    fitted
}

#[cfg(test)]
mod tests {
    use super::super::printable::tests::outside;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_breaks_at_spaces_and_by_columns() {
        assert_eq!(fitted("  one two three", 10), ["  one two ", "    three"]);
        assert_eq!(fitted("漢字漢字漢字", 6), ["漢字漢", "  字漢", "  字"]);
        let mut page = String::new();
        lines(&mut page, "  ✗ ", 4, "a\nb").unwrap();
        assert_eq!(page, r"  ✗ a\nb");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page_and_nothing_is_lost(text in outside()) {
            let mut page = String::new();
            lines(&mut page, "   ", 3, &text).unwrap();
            prop_assert!(page.lines().all(|line| width(line) <= WIDTH), "{page:?}");
            prop_assert!(!page.chars().any(|char| char.is_control() && char != '\n'));
            let bare = |text: &str| text.chars().filter(|char| !char.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&page), bare(&printable(&text)));

            let line = printable(&text);
            let broken = fitted(&line, 30);
            prop_assert!(broken.iter().all(|line| width(line) <= 30), "{broken:?}");
            prop_assert_eq!(bare(&broken.concat()), bare(&line));
        }
    }
}
