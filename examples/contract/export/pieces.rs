//! The text of an XML file in pieces of bounded length, by a reader that knows in which line it is.

use std::io::{self, BufRead, Read};

/// Text between tags that is longer than a piece may be is cut, and read on behind it; so is no tag, comment or section.
/// A byte that is no UTF-8 is read as `U+FFFD`.
pub struct Pieces<B> {
    input: B,
    /// What is read and not consumed yet is `text[at..]`.
    text: Vec<u8>,
    at: usize,
    /// The beginning of a character whose rest is not read yet.
    begun: Vec<u8>,
    longest: usize,
    left: usize,
    is_tag: Option<bool>,
    /// Lines, and bytes, that were passed.
    pub lines: u64,
    pub bytes: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("longer than {0} bytes")]
pub struct TooLong(usize);

impl<B: BufRead> Pieces<B> {
    pub fn new(input: B, longest: usize) -> Self {
        let (text, begun) = (Vec::new(), Vec::new());
        Pieces { input, text, at: 0, begun, longest, left: longest, is_tag: None, lines: 0, bytes: 0 }
    }

    /// Begins a piece.
    pub fn next_piece(&mut self) {
        self.left = self.longest;
        self.is_tag = None;
    }

    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            let mut raw = std::mem::take(&mut self.begun);
            let more = self.input.fill_buf()?;
            let length = more.len();
            raw.extend(more);
            self.input.consume(length);
            if raw.is_empty() {
                return Ok(());
            }
            let mut rest = &raw[..];
            while let Err(error) = std::str::from_utf8(rest) {
                let (valid, invalid) = rest.split_at(error.valid_up_to());
                self.text.extend(valid);
                let Some(length) = error.error_len().or((length == 0).then_some(invalid.len())) else {
                    self.begun = invalid.to_vec();
                    rest = &[];
                    break;
                };
                self.text.extend("\u{fffd}".as_bytes());
                rest = &invalid[length..];
            }
            self.text.extend(rest);
        }
        Ok(())
    }

    fn pass(&mut self, amount: usize) {
        let end = (self.at + amount).min(self.text.len());
        let passed = &self.text[self.at..end];
        self.lines += passed.iter().map(|&byte| u64::from(byte == b'\n')).sum::<u64>();
        self.bytes += passed.len() as u64;
        self.at = end;
    }
}

impl<B: BufRead> BufRead for Pieces<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            if self.at == self.text.len() {
                self.refill()?;
            }
            let Some(first) = self.text.get(self.at) else { return Ok(&[]) };
            let is_tag = *self.is_tag.get_or_insert(*first == b'<');
            if self.left > 0 {
                let end = self.text.len().min(self.at + self.left);
                return Ok(&self.text[self.at..end]);
            }
            if is_tag {
                return Err(io::Error::other(TooLong(self.longest)));
            }
            // The rest of the text is passed over.
            match self.text[self.at..].iter().position(|byte| matches!(byte, b'<' | b'&')) {
                Some(0) => self.left = self.longest,
                Some(end) => self.pass(end),
                None => self.pass(self.text.len() - self.at),
            }
        }
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.pass(amount);
    }
}

impl<B: BufRead> Read for Pieces<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let found = self.fill_buf()?;
        let taken = found.len().min(into.len());
        into[..taken].copy_from_slice(&found[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}
