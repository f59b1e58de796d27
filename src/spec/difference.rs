//! The difference of two texts, with marks.

use crate::page::width;
use similar::{ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// How many equal lines are shown around a difference.
const CONTEXT: usize = 2;

/// A line with `^` below the words of `actual` that `expected` does not have. If `actual` only lacks words, the `^` is below the
/// place where they are missing.
pub(super) fn marked(expected: &str, actual: &str) -> String {
    let mut marks = String::new();
    let mut lacking = false;
    for change in TextDiff::from_unicode_words(expected, actual).iter_all_changes() {
        let width = width(change.value());
        match change.tag() {
            ChangeTag::Delete => lacking = true,
            ChangeTag::Insert => {
                marks.push_str(&"^".repeat(width));
                lacking = false;
            }
            // An accent alone takes no column.
            ChangeTag::Equal if width == 0 => {}
            ChangeTag::Equal => {
                marks.push_str(if lacking { "^" } else { " " });
                marks.push_str(&" ".repeat(width - 1));
                lacking = false;
            }
        }
    }
    if lacking {
        marks.push('^');
    }
    marks.trim_end().to_string()
}

/// Two lists, item by item: `-` for items that were only expected, `+` for items that only came, with marks below if one
/// replaces the other.
pub(super) fn items(expected: &[&str], actual: &[&str]) -> Vec<String> {
    let mut shown = Vec::new();
    for op in capture_diff_slices(similar::Algorithm::Myers, expected, actual) {
        let (olds, news) = (&expected[op.old_range()], &actual[op.new_range()]);
        if let DiffOp::Equal { .. } = op {
            shown.extend(olds.iter().flat_map(|item| item.lines()).map(|line| format!("  {line}")));
            continue;
        }
        for i in 0..olds.len().max(news.len()) {
            match (olds.get(i), news.get(i)) {
                (Some(old), Some(new)) if !old.contains('\n') && !new.contains('\n') => {
                    shown.push(format!("- {old}"));
                    shown.push(format!("+ {new}"));
                    shown.push(format!("  {}", marked(old, new)));
                }
                (Some(old), Some(new)) => shown.extend(lines(old, new)),
                (Some(old), None) => shown.extend(old.lines().map(|line| format!("- {line}"))),
                (None, Some(new)) => shown.extend(new.lines().map(|line| format!("+ {line}"))),
                (None, None) => {}
            }
        }
    }
    shown
}

/// Two texts of several lines: the lines that differ, with a few equal ones around them.
pub(super) fn lines(expected: &str, actual: &str) -> Vec<String> {
    let difference = TextDiff::from_lines(expected, actual);
    let mut shown = Vec::new();
    for (i, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
        if i > 0 {
            shown.push("  …".to_string());
        }
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            shown.push(format!("{sign} {}", change.value().trim_end()));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_differ_are_marked() {
        assert_eq!(marked("Withdrawn(5)", "Withdrawn(16)"), "          ^^");
        assert_eq!(marked("a b c", "a c"), "  ^");
        assert_eq!(marked("same", "same"), "");
    }

    #[test]
    fn an_event_too_many_does_not_mark_its_neighbours() {
        assert_eq!(items(&["A", "C"], &["A", "B", "C"]), ["  A", "+ B", "  C"]);
        assert_eq!(items(&["A"], &["B"]), ["- A", "+ B", "  ^"]);
    }
}
