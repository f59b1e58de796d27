//! Dates and times as people and other programs write them, and why a text is refused.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// What is wrong with a time. Each sentence goes on from the text of the time: `"…" has no offset from UTC`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAMoment {
    #[error("is no time; a time is written as 2026-11-23T09:30:00Z or 2026-11-23T10:30:00+01:00")]
    Form,
    #[error("has {0} digits after the second; a time has at most 9")]
    Digits(usize),
    #[error("has the hour 24; hours go from 0 to 23, and the end of a day is 00:00:00 of the next day")]
    EndOfDay,
    #[error("has the second 60, a leap second; seconds go from 0 to 59")]
    LeapSecond,
    #[error("has the {what} {found}; the {what} goes from {least} to {most}")]
    Beyond { what: &'static str, found: u16, least: u16, most: u16 },
    #[error("names a day that its month does not have")]
    Day,
    #[error("has no offset from UTC, so that it may be any of several moments")]
    NoOffset,
    #[error("lies outside of the years -9999 to 9999")]
    Range,
}

/// Reads a time that is written with its year first, such as `2012-10-09T14:50:17.5+02:00` or `2012/10/09 14:50:17`.
///
/// A time without an offset is read in the zone. If the zone's clocks show it twice, the earlier moment is meant; if they skip it,
/// the moment as much later. A date alone is the first moment of its day.
pub(crate) fn moment(text: &str, zone: Option<&TimeZone>) -> Result<Timestamp, NotAMoment> {
    match written(text) {
        Ok((civil, Some(offset))) => offset.to_timestamp(civil).map_err(|_| NotAMoment::Range),
        Ok((civil, None)) => {
            let zone = zone.ok_or(NotAMoment::NoOffset)?;
            zone.to_timestamp(civil).map_err(|_| NotAMoment::Range)
        }
        Err(NotAMoment::Form) => match extended(text) {
            Some(extended) => moment(&extended, zone),
            // jiff reads more forms than this file does. It reads a leap second as the second before it.
            None => match text.parse() {
                Ok(_) if text.contains(":60") => Err(NotAMoment::LeapSecond),
                read => read.map_err(|_| NotAMoment::Form),
            },
        },
        Err(why) => Err(why),
    }
}

/// The basic form of ISO 8601, such as `20121009T145017Z`, with its signs.
fn extended(text: &str) -> Option<String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (date, time) = text.split_at_checked(8).filter(|_| digits(text) == 8)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
    let length = digits(time);
    let (hour, minute, rest) = match length {
        4 | 6 => (&time[..2], &time[2..4], &time[length..]),
        _ => return None,
    };
    let second = if length == 6 { format!(":{}", &time[4..6]) } else { String::new() };
    Some(format!("{year}-{month}-{day}T{hour}:{minute}{second}{rest}"))
}

fn written(text: &str) -> Result<(DateTime, Option<Offset>), NotAMoment> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.digits(4, 4).ok_or(NotAMoment::Form)?;
    let between = rest.one(|byte| matches!(byte, b'-' | b'/')).ok_or(NotAMoment::Form)?;
    let month = rest.digits(1, 2).ok_or(NotAMoment::Form)?;
    rest.one(|byte| byte == between).ok_or(NotAMoment::Form)?;
    let day = rest.digits(1, 2).ok_or(NotAMoment::Form)?;
    let mut time = (0, 0, 0, 0);
    if rest.0.first().is_some_and(|byte| matches!(byte, b'T' | b't' | b' ')) {
        rest.0 = &rest.0[1..];
        time = rest.time()?;
    }
    let offset = rest.offset()?;
    if !rest.0.is_empty() {
        return Err(NotAMoment::Form);
    }
    within("month", month, 1, 12)?;
    within("day", day, 1, 31)?;
    let (hour, minute, second, nanosecond) = time;
    if hour == 24 {
        return Err(NotAMoment::EndOfDay);
    }
    if second == 60 {
        return Err(NotAMoment::LeapSecond);
    }
    within("hour", hour, 0, 23)?;
    within("minute", minute, 0, 59)?;
    within("second", second, 0, 59)?;
    let small = |number: u16| i8::try_from(number).map_err(|_| NotAMoment::Form);
    let year = i16::try_from(year).map_err(|_| NotAMoment::Range)?;
    let date = Date::new(year, small(month)?, small(day)?).map_err(|_| NotAMoment::Day)?;
    Ok((date.at(small(hour)?, small(minute)?, small(second)?, nanosecond), offset))
}

fn within(what: &'static str, found: u16, least: u16, most: u16) -> Result<(), NotAMoment> {
    match (least..=most).contains(&found) {
        true => Ok(()),
        false => Err(NotAMoment::Beyond { what, found, least, most }),
    }
}

/// The bytes that are still to be read.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn one(&mut self, is: impl FnOnce(u8) -> bool) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        is(*first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn count_digits(&self) -> usize {
        self.0.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// Reads a number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u16> {
        let count = self.count_digits();
        if !(least..=most).contains(&count) {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
    }

    /// Hour, minute, second and nanosecond.
    fn time(&mut self) -> Result<(u16, u16, u16, i32), NotAMoment> {
        let hour = self.digits(1, 2).ok_or(NotAMoment::Form)?;
        self.one(|byte| byte == b':').ok_or(NotAMoment::Form)?;
        let minute = self.digits(2, 2).ok_or(NotAMoment::Form)?;
        if self.one(|byte| byte == b':').is_none() {
            return Ok((hour, minute, 0, 0));
        }
        let second = self.digits(2, 2).ok_or(NotAMoment::Form)?;
        if self.one(|byte| matches!(byte, b'.' | b',')).is_none() {
            return Ok((hour, minute, second, 0));
        }
        let count = self.count_digits();
        if count == 0 {
            return Err(NotAMoment::Form);
        }
        if count > 9 {
            return Err(NotAMoment::Digits(count));
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let fraction = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
        Ok((hour, minute, second, fraction.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'))))
    }

    /// An offset from UTC; `None` at the end of the text.
    fn offset(&mut self) -> Result<Option<Offset>, NotAMoment> {
        self.0 = self.0.trim_ascii_start();
        let sign = match self.one(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')) {
            None => return Ok(None),
            Some(b'Z' | b'z') => return Ok(Some(Offset::UTC)),
            Some(b'-') => -1,
            Some(_) => 1,
        };
        let (hours, minutes) = match self.count_digits() {
            4 => self.digits(4, 4).map(|both| (both / 100, both % 100)).ok_or(NotAMoment::Form)?,
            _ => {
                let hours = self.digits(2, 2).ok_or(NotAMoment::Form)?;
                match self.one(|byte| byte == b':') {
                    Some(_) => (hours, self.digits(2, 2).ok_or(NotAMoment::Form)?),
                    None => (hours, 0),
                }
            }
        };
        within("hour of the offset", hours, 0, 25)?;
        within("minute of the offset", minutes, 0, 59)?;
        let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
        Offset::from_seconds(seconds).map(Some).map_err(|_| NotAMoment::Range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_as(text: &str, zone: Option<&TimeZone>) -> String {
        match moment(text, zone) {
            Ok(at) => at.to_string(),
            Err(why) => why.to_string(),
        }
    }

    #[test]
    fn a_time_is_read_as_other_programs_write_it() {
        for (text, at) in [
            ("2012-10-09T14:50:17Z", "2012-10-09T14:50:17Z"),
            ("2012-10-09t14:50:17.5z", "2012-10-09T14:50:17.5Z"),
            ("2012-10-09T14:50:17.123456789+02:00", "2012-10-09T12:50:17.123456789Z"),
            ("2012-10-09 14:50:17+0200", "2012-10-09T12:50:17Z"),
            ("2012-10-09 14:50:17,25 -02", "2012-10-09T16:50:17.25Z"),
            ("2012-10-09 14:50:17+05:45", "2012-10-09T09:05:17Z"),
            ("2012-10-09 14:50:17-0330", "2012-10-09T18:20:17Z"),
            ("2012/1/9 4:50+00:00", "2012-01-09T04:50:00Z"),
            ("20121009T145017Z", "2012-10-09T14:50:17Z"),
            ("20121009t145017,25+0130", "2012-10-09T13:20:17.25Z"),
            ("20121009 1450-02", "2012-10-09T16:50:00Z"),
            ("-000001-01-01T00:00:00Z", "-000001-01-01T00:00:00Z"),
        ] {
            assert_eq!(read_as(text, None), at, "{text}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_one_of_the_zone() {
        let west = TimeZone::fixed(Offset::constant(-5));
        assert_eq!(read_as("2012/10/09 14:50:17.000", Some(&west)), "2012-10-09T19:50:17Z");
        assert_eq!(read_as("2012-10-09", Some(&west)), "2012-10-09T05:00:00Z");
        assert_eq!(read_as("20121009T145017", Some(&west)), "2012-10-09T19:50:17Z");
        assert_eq!(read_as("2012-10-09T14:50:17Z", Some(&west)), "2012-10-09T14:50:17Z");
        let amsterdam = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        // At the end of summer time this hour comes twice; at its beginning another does not come at all.
        assert_eq!(read_as("2012-10-28T02:30:00", Some(&amsterdam)), "2012-10-28T00:30:00Z");
        assert_eq!(read_as("2012-03-25T02:30:00", Some(&amsterdam)), "2012-03-25T01:30:00Z");
    }

    #[test]
    fn the_error_for_a_time_that_is_refused_is_true() {
        for (text, why) in [
            ("2012-10-09T14:50:17", "has no offset from UTC"),
            ("2012-10-09", "has no offset from UTC"),
            ("2012-10-09T14:50:17.1234567890123Z", "has 13 digits after the second; a time has at most 9"),
            ("2012-10-09T14:50:17.1234567890", "has 10 digits after the second"),
            (
                "2012-10-09T24:00:00Z",
                "has the hour 24; hours go from 0 to 23, and the end of a day is 00:00:00",
            ),
            ("2012-06-30T23:59:60Z", "has the second 60, a leap second"),
            ("2012-10-09T25:00:00Z", "has the hour 25; the hour goes from 0 to 23"),
            ("2012-10-09T14:60:00Z", "has the minute 60; the minute goes from 0 to 59"),
            ("2012-10-09T14:50:61Z", "has the second 61; the second goes from 0 to 59"),
            ("2012-10-32T14:50:00Z", "has the day 32; the day goes from 1 to 31"),
            ("2012-10-00T14:50:00Z", "has the day 0; the day goes from 1 to 31"),
            (
                "2012-10-09T14:50:17+02:60",
                "has the minute of the offset 60; the minute of the offset goes from 0 to 59",
            ),
            ("2012-10/09T14:50:17Z", "is no time"),
            ("20120630T235960Z", "has the second 60, a leap second"),
            ("20121009T240000Z", "has the hour 24; hours go from 0 to 23"),
            ("20121009T145017", "has no offset from UTC"),
            ("20121309T145017Z", "has the month 13"),
            ("20121009T145017.1234567890Z", "has 10 digits after the second"),
            ("+002012-06-30T23:59:60Z", "has the second 60, a leap second"),
            ("20121009T14501Z", "is no time"),
            ("20121009T", "is no time"),
            ("2012-13-09T14:50:00Z", "has the month 13; the month goes from 1 to 12"),
            ("2012-02-30T14:50:00Z", "names a day that its month does not have"),
            ("2012-10-09T14:50:17+26:00", "has the hour of the offset 26"),
            ("9999-12-31T23:59:59-23:00", "lies outside of the years"),
            ("yesterday", "is no time"),
            ("09.10.2012 14:50", "is no time"),
            ("2012-10-09T14", "is no time"),
            ("2012-10-09T14:50:17.Z", "is no time"),
            ("2012-10-09T14:50:17Zulu", "is no time"),
            ("", "is no time"),
        ] {
            let error = read_as(text, None);
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }

    proptest! {
        /// Every moment is read as itself from each of its forms.
        #[test]
        fn every_moment_is_read_back(second in -62_000_000_000_i64..253_000_000_000, nano in 0..1_000_000_000_i32) {
            let at = Timestamp::new(second, nano).unwrap();
            prop_assert_eq!(moment(&at.to_string(), None), Ok(at));
            let civil = Offset::constant(5).to_datetime(at);
            let slashes = format!("{civil}").replace('-', "/").replace('T', " ");
            prop_assert_eq!(moment(&format!("{civil}+05:00"), None), Ok(at));
            prop_assert_eq!(moment(&slashes, Some(&TimeZone::fixed(Offset::constant(5)))), Ok(at));
        }

        /// Every text has an answer. A text that jiff reads is read as the same moment, except a leap second.
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-0-9/TZ:.+ ]{0,40}") {
            let read = moment(&text, None);
            if let Ok(at) = text.parse::<Timestamp>() {
                prop_assert!(read == Ok(at) || read == Err(NotAMoment::LeapSecond), "{}: {:?}", text, read);
            }
        }
    }
}
