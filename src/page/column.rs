//! Columns of a table, measured in columns of a terminal.

use super::printable::printable;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns of a terminal a text takes: two for `漢`, none for an accent.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// If the text takes more than `room` columns: the end of its longest beginning that fits, which has at least one character.
///
/// O(`room`) for usual text.
pub(super) fn overflow(text: &str, room: usize) -> Option<usize> {
    let ascii = text.bytes().take(room + 1).take_while(u8::is_ascii).count();
    if ascii > room {
        return Some(room.max(1)).filter(|end| *end < text.len());
    }
    let mut taken = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        taken += cluster.width();
        if taken > room {
            return Some(if at == 0 { cluster.len() } else { at }).filter(|end| *end < text.len());
        }
    }
    None
}

/// A text of at most `most` columns; a longer one is cut and ends in `…`.
///
/// Also cuts a text of few columns that has very many bytes, such as a letter with many accents.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let bytes = most.saturating_mul(16);
    let long = text.len() > bytes;
    if !long && text.width() <= most {
        return Cow::Borrowed(text);
    }
    let text = match (0..=bytes).rev().find(|end| text.is_char_boundary(*end)) {
        Some(end) if long => &text[..end],
        _ => text,
    };
    let room = most.saturating_sub(1);
    let end = match overflow(text, room) {
        // A single character may be wider than the room.
        Some(end) if text[..end].width() > room => 0,
        Some(end) => end,
        None => text.len(),
    };
    Cow::Owned(format!("{}…", &text[..end]))
}

/// A column of a table: as wide as its widest cell, and never wider than its cap.
///
/// Cells are [printable] and measured in columns of a terminal (`漢` takes two). A cell wider than the cap is cut and
/// ends in `…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    width: usize,
    cap: usize,
}

impl Column {
    /// A column without cells, at most `cap` columns of the terminal wide.
    pub(crate) const fn capped(cap: usize) -> Column {
        Column { width: 0, cap }
    }

    /// The column of these cells.
    pub(crate) fn of<T: AsRef<str>>(cap: usize, cells: impl IntoIterator<Item = T>) -> Column {
        let mut column = Column::capped(cap);
        cells.into_iter().for_each(|cell| column.fit(cell.as_ref()));
        column
    }

    /// At least this wide, up to the cap.
    #[must_use]
    pub(crate) fn at_least(self, width: usize) -> Column {
        Column { width: self.width.max(width.min(self.cap)), ..self }
    }

    /// Makes the column wide enough for this cell, up to the cap.
    pub(crate) fn fit(&mut self, cell: &str) {
        let shown = printable(cell);
        self.width = self.width.max(width(&cut(&shown, self.cap)));
    }

    /// The cell, with spaces after it.
    pub(crate) fn left(&self, cell: &str) -> String {
        let mut shown = self.shown(cell);
        let spaces = self.width.saturating_sub(width(&shown));
        shown.extend(std::iter::repeat_n(' ', spaces));
        shown
    }

    #[cfg(any(test, feature = "workbench"))]
    /// The cell, with spaces before it.
    pub(crate) fn right(&self, cell: &str) -> String {
        let shown = self.shown(cell);
        " ".repeat(self.width.saturating_sub(width(&shown))) + &shown
    }

    fn shown(&self, cell: &str) -> String {
        cut(&printable(cell), self.cap).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::printable::tests::outside;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cells_are_filled_up_and_cut_to_the_width_of_their_column() {
        let names = ["Petra", "漢字", "a\nb", "Bartholomew"];
        let column = Column::of(8, names);
        let cells = names.map(|name| column.left(name) + "|");
        assert_eq!(cells, ["Petra   |", "漢字    |", r"a\nb    |", "Barthol…|"]);
        assert_eq!(column.right("7"), "       7");
    }

    #[test]
    fn names_of_any_length_fit_in_a_table() {
        let long = "x".repeat(70_000);
        let column = Column::of(40, [long.as_str(), "y"]);
        assert_eq!(width(&column.left(&long)), 40);
        assert_eq!(column.left("y").len(), 40);
        // Accents upon accents take no column.
        assert!(Column::of(40, ["a"]).left(&("a".to_string() + &"\u{301}".repeat(70_000))).len() < 2_000);
    }

    proptest! {
        #[test]
        fn a_row_is_one_line_and_every_cell_as_wide_as_its_column(
            cells in proptest::collection::vec(outside(), 1..6),
            cap in 1_usize..60,
        ) {
            let column = Column::of(cap, &cells);
            for cell in &cells {
                for shown in [column.left(cell), column.right(cell)] {
                    prop_assert!(width(&shown) <= cap, "{} > {cap}: {shown:?}", width(&shown));
                    prop_assert_eq!(width(&shown), width(&column.left("")), "{}", shown);
                    prop_assert!(!shown.contains(char::is_control));
                }
            }
        }

        #[test]
        fn what_fits_is_shown_whole(cell in "[a-z漢é👩 ]{0,20}") {
            prop_assert_eq!(Column::of(60, [&cell]).left(&cell), cell);
        }
    }
}
