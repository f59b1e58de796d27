//! The line of one event: written always in the same order, and read quickly in that order, or slowly in any other.

use super::header::{checked_line, close_line};
use crate::recorded::{Envelope, EventId, Headers, Metadata, Position, StreamName, Tag, Timestamp, Version};
use crate::store::DESCRIBED;
use crate::store::decimal::{ROOM, decimal};
use memchr::memchr2;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::str::from_utf8;
use std::sync::Arc;

/// What a line says, as far as reading went: texts are the bytes of the line where they have no escapes. Whether they are
/// UTF-8 is asked when they are looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EventLine<'l> {
    pub(super) position: u64,
    stream: Cow<'l, [u8]>,
    pub(super) version: u64,
    event_type: Cow<'l, [u8]>,
    pub(super) schema: u32,
    /// A list of texts, as JSON.
    tags: Option<&'l [u8]>,
    at: Cow<'l, [u8]>,
    id: Cow<'l, [u8]>,
    /// An object of plain values, as JSON.
    meta: Option<&'l [u8]>,
    pub(super) data: &'l [u8],
}

/// What the line is made from.
pub(super) struct NewLine<'n> {
    pub(super) position: u64,
    pub(super) stream: &'n StreamName,
    pub(super) version: u64,
    pub(super) event_type: &'n str,
    pub(super) schema: u32,
    pub(super) tags: &'n [Tag],
    /// The time, as text.
    pub(super) at: &'n str,
    pub(super) id: &'n str,
    pub(super) metadata: &'n Metadata,
    pub(super) data: &'n [u8],
}

impl NewLine<'_> {
    /// Appends the line; `data` is on one line itself.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(b"{\"position\":");
        number(out, self.position);
        out.extend_from_slice(b",\"stream\":");
        text(out, self.stream.as_str());
        out.extend_from_slice(b",\"version\":");
        number(out, self.version);
        out.extend_from_slice(b",\"type\":");
        text(out, self.event_type);
        if self.schema != 1 {
            out.extend_from_slice(b",\"schema\":");
            number(out, self.schema.into());
        }
        if !self.tags.is_empty() {
            out.extend_from_slice(b",\"tags\":");
            json(out, self.tags);
        }
        out.extend_from_slice(b",\"at\":\"");
        out.extend_from_slice(self.at.as_bytes());
        out.extend_from_slice(b"\",\"id\":");
        text(out, self.id);
        if !self.metadata.is_empty() {
            out.extend_from_slice(b",\"meta\":");
            json(out, self.metadata);
        }
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(self.data);
        close_line(out, start);
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(decimal(number, &mut ROOM.clone()));
}

fn text(out: &mut Vec<u8>, text: &str) {
    // Looks at all bytes without asking between them, since it is rarely found.
    let escaped = |found, byte: u8| found | (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    if text.bytes().fold(false, escaped) {
        json(out, text);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

/// Texts and headers: `serde_json` has no reason to refuse them.
fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

/// A line of any order, read by serde.
#[derive(Deserialize)]
struct AnyOrder<'l> {
    position: u64,
    stream: String,
    version: u64,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default = "first_schema")]
    schema: u32,
    #[serde(borrow, default)]
    tags: Option<&'l RawValue>,
    at: String,
    id: String,
    #[serde(borrow, default)]
    meta: Option<&'l RawValue>,
    #[serde(borrow)]
    data: &'l RawValue,
}

pub(super) const fn first_schema() -> u32 {
    1
}

/// Reads a whole line, newline included, if its checksum holds.
pub(super) fn read_line(line: &[u8]) -> Result<EventLine<'_>, String> {
    let content = checked_line(line).ok_or("its checksum does not hold")?;
    read_content(content, line)
}

/// Reads a line whose checksum is known to hold, or does not matter.
pub(super) fn read_unchecked(line: &[u8]) -> Result<EventLine<'_>, String> {
    let content = line.len().checked_sub(super::header::LINE_END).map(|end| &line[..end]);
    read_content(content.ok_or("it is too short")?, line)
}

fn read_content<'l>(content: &'l [u8], line: &'l [u8]) -> Result<EventLine<'l>, String> {
    if let Some(line) = in_order(content) {
        return Ok(line);
    }
    let text = from_utf8(line).map_err(|_| "it is no UTF-8")?;
    let line: AnyOrder<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(EventLine {
        position: line.position,
        stream: line.stream.into_bytes().into(),
        version: line.version,
        event_type: line.event_type.into_bytes().into(),
        schema: line.schema,
        tags: line.tags.map(|tags| tags.get().as_bytes()),
        at: line.at.into_bytes().into(),
        id: line.id.into_bytes().into(),
        meta: line.meta.map(|meta| meta.get().as_bytes()),
        data: line.data.get().as_bytes(),
    })
}

/// Walks along a line that is written as [`NewLine`] writes it, without escapes in its texts.
struct LineParser<'l> {
    rest: &'l [u8],
}

impl<'l> LineParser<'l> {
    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > 19 || (digits > 1 && self.rest[0] == b'0') {
            return None;
        }
        let number =
            self.rest[..digits].iter().fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        self.rest = &self.rest[digits..];
        Some(number)
    }

    fn text(&mut self) -> Option<&'l [u8]> {
        self.skip(b"\"")?;
        let end = memchr2(b'"', b'\\', self.rest)?;
        if self.rest[end] == b'\\' {
            return None;
        }
        let text = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(text)
    }

    /// A list or an object of plain values: up to the sign that closes it, outside of texts.
    fn up_to(&mut self, close: u8) -> Option<&'l [u8]> {
        let (mut in_text, mut escaped) = (false, false);
        for (at, byte) in self.rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                byte if *byte == close && !in_text => {
                    let (value, rest) = self.rest.split_at(at + 1);
                    self.rest = rest;
                    return Some(value);
                }
                _ => {}
            }
        }
        None
    }
}

fn in_order(content: &[u8]) -> Option<EventLine<'_>> {
    let mut walk = LineParser { rest: content };
    walk.skip(b"{\"position\":")?;
    let position = walk.number()?;
    walk.skip(b",\"stream\":")?;
    let stream = walk.text()?;
    walk.skip(b",\"version\":")?;
    let version = walk.number()?;
    walk.skip(b",\"type\":")?;
    let event_type = walk.text()?;
    let mut schema = first_schema();
    if walk.skip(b",\"schema\":").is_some() {
        schema = u32::try_from(walk.number()?).ok()?;
    }
    let mut tags = None;
    if walk.skip(b",\"tags\":").is_some() {
        tags = Some(walk.up_to(b']')?);
    }
    walk.skip(b",\"at\":")?;
    let at = walk.text()?;
    walk.skip(b",\"id\":")?;
    let id = walk.text()?;
    let mut meta = None;
    if walk.skip(b",\"meta\":").is_some() {
        meta = Some(walk.up_to(b'}')?);
    }
    walk.skip(b",\"data\":")?;
    Some(EventLine {
        position,
        stream: stream.into(),
        version,
        event_type: event_type.into(),
        schema,
        tags,
        at: at.into(),
        id: id.into(),
        meta,
        data: walk.rest,
    })
}

impl<'l> EventLine<'l> {
    /// The name of its stream.
    pub(super) fn stream(&self) -> Result<&str, String> {
        utf8(&self.stream, "stream")
    }

    /// Refuses a line that says another version than it has.
    pub(super) fn stands_at(&self, version: u64) -> Result<(), String> {
        if self.version == version {
            return Ok(());
        }
        let (said, stream) = (self.version, self.stream()?);
        Err(format!("a line says that it is version {said} of {stream}, which is at {version} there"))
    }

    /// The name of its type.
    pub(super) fn event_type(&self) -> Result<&str, String> {
        utf8(&self.event_type, "type")
    }

    /// Its id.
    pub(super) fn id(&self) -> Result<&str, String> {
        utf8(&self.id, "id")
    }

    /// Its id, as it is written.
    pub(super) fn id_bytes(&self) -> &[u8] {
        &self.id
    }

    /// When it was recorded, as it is written.
    pub(super) fn at(&self) -> &[u8] {
        &self.at
    }

    /// When it was recorded.
    pub(super) fn recorded_at(&self) -> Result<Timestamp, String> {
        utf8(&self.at, "time")?.parse().map_err(|error| format!("its time: {error}"))
    }

    /// Its tags.
    pub(super) fn tags(&self) -> Result<Vec<Tag>, String> {
        match self.tags {
            None => Ok(Vec::new()),
            Some(list) => serde_json::from_slice(list).map_err(|error| format!("its tags: {error}")),
        }
    }

    /// What is known beside it.
    pub(super) fn metadata(&self) -> Result<Metadata, String> {
        match self.meta {
            None => Ok(Metadata::default()),
            Some(meta) => serde_json::from_slice(meta).map_err(|error| format!("its metadata: {error}")),
        }
    }

    /// The data as headers: what describes a stream.
    pub(super) fn headers(&self) -> Result<Headers, String> {
        serde_json::from_slice(self.data).map_err(|error| format!("its headers: {error}"))
    }

    /// Everything but the data, into an envelope that is used again. The checksum of the line has been proven, so that
    /// its texts are those that were checked when they were written.
    pub(super) fn fill(
        &self,
        envelope: &mut Envelope,
        event_type: &Arc<str>,
        recorded_at: Timestamp,
    ) -> Result<(), String> {
        envelope.position = Position::new(self.position);
        // Neighbours are often of one stream.
        if envelope.stream.as_str().as_bytes() != &*self.stream {
            envelope.stream = StreamName::known(self.stream()?);
        }
        envelope.version = Version::new(self.version);
        if !Arc::ptr_eq(&envelope.event_type, event_type) {
            envelope.event_type = event_type.clone();
        }
        envelope.recorded_at = recorded_at;
        envelope.id = EventId::known(self.id()?);
        if self.tags.is_some() || !envelope.tags.is_empty() {
            envelope.tags = self.tags()?;
        }
        if self.meta.is_some() || !envelope.metadata.is_empty() {
            envelope.metadata = self.metadata()?;
        }
        Ok(())
    }

    /// Everything but the data.
    pub(super) fn envelope(&self) -> Result<Envelope, String> {
        let mut envelope = blank();
        self.fill(&mut envelope, &self.event_type()?.into(), self.recorded_at()?)?;
        Ok(envelope)
    }
}

/// An envelope to be filled.
pub(super) fn blank() -> Envelope {
    Envelope {
        position: Position::START,
        stream: StreamName::known("-"),
        version: Version::NONE,
        event_type: "-".into(),
        tags: Vec::new(),
        recorded_at: Timestamp::UNIX_EPOCH,
        id: EventId::known("-"),
        metadata: Metadata::default(),
    }
}

/// Whether everything in a line is what a reader of the log expects in it.
pub(super) fn readable(line: &EventLine<'_>) -> Result<(), String> {
    line.recorded_at()?;
    line.tags()?;
    line.metadata()?;
    EventId::stored(line.id()?).map_err(|error| error.to_string())?;
    if line.event_type()? == DESCRIBED {
        line.headers()?;
    }
    match serde_json::from_slice::<IgnoredAny>(line.data) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("its data: {error}")),
    }
}

fn utf8<'t>(text: &'t [u8], what: &str) -> Result<&'t str, String> {
    from_utf8(text).map_err(|_| format!("its {what} is no UTF-8"))
}
