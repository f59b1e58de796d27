//! Numbers, sizes and times as people read them.

pub(super) use crate::page::{grouped as number, size};
use crate::recorded::Timestamp;
use std::time::Duration;

/// A number with its noun: `1 batch`, `1,200 batches`.
pub(super) fn counted(count: u64, one: &str) -> String {
    let many = match one {
        "is" => return format!("{} {}", number(count), if count == 1 { "is" } else { "are" }),
        one if one.ends_with("ch") => format!("{one}es"),
        one => match one.strip_suffix("ory") {
            Some(begins) => format!("{begins}ories"),
            None => format!("{one}s"),
        },
    };
    format!("{} {}", number(count), if count == 1 { one } else { &many })
}

/// A moment to the second.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A moment to the second, and how long ago it was.
pub(super) fn time_ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second());
    let (ago, seconds) = (seconds >= 0, seconds.unsigned_abs());
    if seconds < 2 {
        return format!("{} (just now)", time(at));
    }
    let long = [("year", 31_556_952), ("day", 86_400), ("hour", 3_600), ("minute", 60)]
        .into_iter()
        // From two of a unit on: 90 minutes say more than one hour.
        .find(|(_, unit)| seconds >= 2 * unit)
        .map_or_else(|| counted(seconds, "second"), |(name, unit)| counted(seconds / unit, name));
    match ago {
        true => format!("{} ({long} ago)", time(at)),
        false => format!("{} (in {long})", time(at)),
    }
}

/// How long something took.
pub(super) fn took(duration: Duration) -> String {
    match duration.as_millis() {
        0 => format!("{} µs", duration.as_micros()),
        milliseconds @ 1..1_000 => format!("{milliseconds} ms"),
        milliseconds @ 1_000..120_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        milliseconds => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_between_thousands() {
        let shown = [0, 999, 1_000, 65_536, 1_234_567].map(number);
        assert_eq!(shown, ["0", "999", "1,000", "65,536", "1,234,567"]);
        assert_eq!(counted(1, "batch"), "1 batch");
        assert_eq!(counted(2_000, "batch"), "2,000 batches");
        assert_eq!(counted(2, "category"), "2 categories");
    }

    #[test]
    fn times_say_how_long_ago_they_were() {
        let at: Timestamp = "2026-11-23T09:30:00.999Z".parse().unwrap();
        let shown = |seconds: i64| time_ago(at, Timestamp::from_second(at.as_second() + seconds).unwrap());
        assert_eq!(shown(0), "2026-11-23T09:30:00Z (just now)");
        assert_eq!(shown(90), "2026-11-23T09:30:00Z (90 seconds ago)");
        assert_eq!(shown(200), "2026-11-23T09:30:00Z (3 minutes ago)");
        assert_eq!(shown(50 * 3_600), "2026-11-23T09:30:00Z (2 days ago)");
        assert_eq!(shown(-7_200), "2026-11-23T09:30:00Z (in 2 hours)");
    }

    #[test]
    fn durations_are_given_in_the_unit_that_fits() {
        let shown = [250, 12_000, 1_540_000, 150_000_000].map(|micros| took(Duration::from_micros(micros)));
        assert_eq!(shown, ["250 µs", "12 ms", "1.5 s", "2 min 30 s"]);
    }
}
