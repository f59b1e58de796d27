//! The text of a log: unpacked, decoded, and read in pieces of bounded length, by a reader that knows its line.

use super::LONGEST;
use super::error::{Problem, UnreadableText, short};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read};

const BUFFER: usize = 1 << 16;
/// How many bytes are examined to find the encoding.
const HEAD: usize = 256;

/// The log as UTF-8 without a byte order mark, whatever its encoding.
pub(super) struct Text<'r> {
    input: Box<dyn BufRead + 'r>,
    encoding: &'static Encoding,
    decoder: Decoder,
    /// `decoded[begin..end]` is not consumed yet.
    decoded: Box<[u8]>,
    begin: usize,
    end: usize,
    at_end: bool,
    /// The bytes after the decoded ones are not valid in the encoding.
    malformed: bool,
    /// How many more bytes the current piece may have.
    allowed: usize,
    /// How many lines end before `decoded[counted]`. Counted on demand.
    lines: u64,
    counted: usize,
    pub(super) begins_with_tag: bool,
}

impl<'r> Text<'r> {
    pub(super) fn of(mut input: impl Read + 'r, stated: Option<&str>) -> Result<Text<'r>, Problem> {
        let first = first_bytes(&mut input, 2)?;
        let gzipped = first == [0x1f, 0x8b];
        let mut input = BufReader::with_capacity(BUFFER, Cursor::new(first).chain(input));
        if gzipped {
            return Text::unpacked(MultiGzDecoder::new(input), stated);
        }
        let head = first_bytes(&mut input, HEAD)?;
        Text::decoded(head, input, stated)
    }

    fn unpacked(input: impl Read + 'r, stated: Option<&str>) -> Result<Text<'r>, Problem> {
        let mut input = BufReader::with_capacity(BUFFER, input);
        let head = first_bytes(&mut input, HEAD)?;
        Text::decoded(head, input, stated)
    }

    fn decoded(head: Vec<u8>, input: impl BufRead + 'r, stated: Option<&str>) -> Result<Text<'r>, Problem> {
        let (encoding, mark) = encoding(&head, stated)?;
        let mut head = Cursor::new(head);
        head.set_position(mark as u64);
        let mut text = Text {
            input: Box::new(head.chain(input)),
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            decoded: vec![0; BUFFER].into(),
            begin: 0,
            end: 0,
            at_end: false,
            malformed: false,
            allowed: LONGEST,
            lines: 0,
            counted: 0,
            begins_with_tag: false,
        };
        loop {
            let found = text.fill_buf()?;
            let blank = found.len() - found.trim_ascii_start().len();
            let goes_on = blank > 0 && blank == found.len();
            text.consume(blank);
            if !goes_on {
                break;
            }
        }
        text.begins_with_tag = text.fill_buf()?.first() == Some(&b'<');
        Ok(text)
    }

    /// The number of the next line, counted from 1.
    pub(super) fn line(&mut self) -> u64 {
        self.count_lines();
        self.lines + 1
    }

    fn count_lines(&mut self) {
        let passed = &self.decoded[self.counted..self.begin];
        self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.begin;
    }

    /// Begins a piece, with the whole length allowed.
    pub(super) fn next_piece(&mut self) {
        self.allowed = LONGEST;
    }

    fn refill(&mut self) -> io::Result<()> {
        self.count_lines();
        (self.begin, self.end, self.counted) = (0, 0, 0);
        while self.end == 0 && !self.at_end {
            if self.malformed {
                return Err(io::Error::other(UnreadableText::Malformed { encoding: self.encoding.name() }));
            }
            let raw = self.input.fill_buf()?;
            let last = raw.is_empty();
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut self.decoded, last);
            self.input.consume(read);
            self.end = written;
            match result {
                DecoderResult::InputEmpty => self.at_end = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.malformed = true,
            }
        }
        Ok(())
    }
}

fn first_bytes(input: &mut impl Read, most: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    input.by_ref().take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl BufRead for Text<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.begin == self.end {
            self.refill()?;
        }
        let found = self.begin..self.end;
        if !found.is_empty() && self.allowed == 0 {
            return Err(io::Error::other(UnreadableText::TooLong));
        }
        let end = found.end.min(found.start + self.allowed);
        Ok(&self.decoded[found.start..end])
    }

    fn consume(&mut self, amount: usize) {
        let passed = amount.min(self.end - self.begin);
        self.allowed = self.allowed.saturating_sub(passed);
        self.begin += passed;
    }
}

impl Read for Text<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let taken = found.len().min(into.len());
        into[..taken].copy_from_slice(&found[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

/// The encoding of a text with this beginning, and the length of its byte order mark.
fn encoding(head: &[u8], stated: Option<&str>) -> Result<(&'static Encoding, usize), Problem> {
    if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(Problem::Encoding("UTF-32".into()));
    }
    if let Some(found) = Encoding::for_bom(head) {
        return Ok(found);
    }
    match head {
        [0, second, ..] if *second != 0 => return Ok((UTF_16BE, 0)),
        [first, 0, ..] if *first != 0 => return Ok((UTF_16LE, 0)),
        _ => {}
    }
    let declared = declared(head);
    let Some(label) = declared.as_deref().or(stated) else { return Ok((UTF_8, 0)) };
    let known = Encoding::for_label_no_replacement(label.as_bytes());
    let encoding = known.ok_or_else(|| Problem::Encoding(short(label, 40)))?;
    // A declaration that could be read as bytes is not UTF-16, whatever it says.
    let is_utf_16 = declared.is_some() && (encoding == UTF_16LE || encoding == UTF_16BE);
    Ok((if is_utf_16 { UTF_8 } else { encoding }, 0))
}

/// What an XML declaration says about the encoding.
fn declared(head: &[u8]) -> Option<String> {
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(head, b"?>")?;
    let declaration = String::from_utf8_lossy(&head[..end]);
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (label, _) = rest[1..].split_once(quote)?;
    Some(label.trim().to_string())
}
