//! The lines of a log, written by hand: right ones, and ones that lie under right checksums.

use proptest::prelude::*;
use std::fmt::Write;

/// The name of the first segment.
pub const FIRST: &str = "000000000001.jsonl";

fn closed(mut text: String) -> (Vec<u8>, u32) {
    let crc = crc32c::crc32c(text.as_bytes());
    let _ = writeln!(text, ",\"crc\":\"{crc:08x}\"}}");
    (text.into_bytes(), crc)
}

/// The first line of a segment, and its checksum.
pub fn segment_line(first: u64, previous: u32) -> (Vec<u8>, u32) {
    closed(format!(
        "{{\"leftfold\":\"log\",\"format\":  1,\"first\":{first:>12},\"previous\":\"{previous:08x}\""
    ))
}

/// Numbers of a header that are not what they should be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Header {
    first: Option<u64>,
    count: Option<u64>,
    bytes: Option<u64>,
    durable: Option<u64>,
    previous: Option<u32>,
    body: Option<u32>,
}

impl Arbitrary for Header {
    type Parameters = ();
    type Strategy = BoxedStrategy<Header>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        fn lie(most: u64) -> impl Strategy<Value = Option<u64>> {
            prop_oneof![12 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(most)), 1 => (0..=most).prop_map(Some)]
        }
        let crc = || prop_oneof![9 => Just(None), 1 => any::<u32>().prop_map(Some)];
        (lie(999_999_999_999), lie(9_999_999), lie(9_999_999_999), lie(9_999_999_999), crc(), crc())
            .prop_map(|(first, count, bytes, durable, previous, body)| Header {
                first,
                count,
                bytes,
                durable,
                previous,
                body,
            })
            .boxed()
    }
}

impl Header {
    /// The header of a batch with this body, and its checksum.
    pub fn line(self, first: u64, count: u64, body: &[u8], at: u64, previous: u32) -> (Vec<u8>, u32) {
        closed(format!(
            "{{\"batch\":{:>12},\"count\":{:>7},\"bytes\":{:>10},\"durable\":{:>10},\"previous\":\"{:08x}\",\"body\":\"{:08x}\"",
            self.first.unwrap_or(first),
            self.count.unwrap_or(count),
            self.bytes.unwrap_or(body.len() as u64),
            self.durable.unwrap_or(at),
            self.previous.unwrap_or(previous),
            self.body.unwrap_or_else(|| crc32c::crc32c(body)),
        ))
    }
}

/// The line of an event.
#[derive(Clone, Copy, Debug)]
pub enum EventLine {
    Right,
    Position,
    Version,
    NoJson,
    NoStream,
    Tags,
    Headers,
    NoTime,
    Nothing,
}

pub const RIGHT: EventLine = EventLine::Right;

/// Lines whose checksums hold, and which are none that belong where they stand.
pub const WRONG: [EventLine; 7] = [
    EventLine::Position,
    EventLine::Version,
    EventLine::NoJson,
    EventLine::NoStream,
    EventLine::Tags,
    EventLine::Headers,
    EventLine::Nothing,
];

pub fn event_line() -> impl Strategy<Value = EventLine> {
    prop_oneof![
        4 => Just(RIGHT),
        1 => prop::sample::select(WRONG.to_vec()),
        1 => Just(EventLine::NoTime),
    ]
}

impl EventLine {
    /// The line at this position, in a log of one stream.
    pub fn bytes(self, at: u64) -> Vec<u8> {
        self.numbered(at, at)
    }

    /// The line with this position and this version.
    pub fn numbered(self, at: u64, version: u64) -> Vec<u8> {
        let (mut position, mut version, mut stream, mut event_type, mut tags) =
            (at, version, "talk-1", "Said", "");
        match self {
            EventLine::Position => position = u64::MAX,
            EventLine::Version => version += 1,
            EventLine::NoStream => stream = "",
            EventLine::Tags => tags = ",\"tags\":[7,{]",
            EventLine::Headers => event_type = "$described",
            EventLine::NoJson => return closed("{\"position\":{{{{{{{".to_string()).0,
            EventLine::Nothing => return b"\n".to_vec(),
            EventLine::Right | EventLine::NoTime => {}
        }
        let time = if matches!(self, EventLine::NoTime) { "noon" } else { "2026-11-23T09:30:00Z" };
        closed(format!(
            "{{\"position\":{position},\"stream\":\"{stream}\",\"version\":{version},\"type\":\"{event_type}\"{tags},\"at\":\"{time}\",\"id\":\"id-{at}\",\"data\":\"x\"",
        ))
        .0
    }
}
