//! Numbers in sentences, and the nouns after them.

use std::fmt::Display;

/// `262200` → `262,200`.
pub(crate) fn grouped(n: impl Display) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 command`, `1,200 commands`.
pub(crate) fn count(n: impl Display, one: &str, many: &str) -> String {
    let grouped = grouped(n);
    let noun = if grouped == "1" { one } else { many };
    format!("{grouped} {noun}")
}

/// A size: whole bytes below a KiB, then with one digit after the point.
#[cfg(feature = "log")]
pub(crate) fn size(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, "bytes");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        // A size that would be rounded to 1024.0 is given in the next unit.
        if size < 1023.95 {
            break;
        }
        (size, unit) = (size / 1024.0, larger);
    }
    match unit {
        "bytes" => count(bytes, "byte", "bytes"),
        unit => format!("{size:.1} {unit}"),
    }
}

/// The noun for `n` things.
pub(crate) fn noun<'w>(n: usize, one: &'w str, many: &'w str) -> &'w str {
    if n == 1 { one } else { many }
}

/// ` (99.84 %)`, cut and not rounded: 100 % only if it is all.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return String::new();
    }
    let hundredths = part as u128 * 10_000 / whole as u128;
    format!(" ({}.{:02} %)", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_per_cent_means_all() {
        assert_eq!(percent(13_086, 13_087), " (99.99 %)");
        assert_eq!(percent(13_087, 13_087), " (100.00 %)");
        assert_eq!(percent(0, 0), "");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 262_200].map(grouped), ["0", "999", "1,000", "262,200"]);
        assert_eq!((count(1, "state", "states"), noun(2, "one", "many")), ("1 state".into(), "many"));
    }

    #[cfg(feature = "log")]
    #[test]
    fn sizes_are_given_in_the_unit_that_fits() {
        let shown = [0, 1, 1_000, 1_023, 1_024, 1_048_575, 1_048_576, 5 << 30].map(size);
        let expected =
            ["0 bytes", "1 byte", "1,000 bytes", "1,023 bytes", "1.0 KiB", "1.0 MiB", "1.0 MiB", "5.0 GiB"];
        // 1,023 is below what rounds up.
        assert_eq!(shown, expected);
    }
}
