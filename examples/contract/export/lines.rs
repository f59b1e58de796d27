//! A reader that knows in which line it is.

use std::io::{self, BufRead, Read};

/// Counts the lines that have passed.
pub struct Lines<B> {
    pub input: B,
    pub passed: u64,
}

impl<B: BufRead> Read for Lines<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.passed += newlines(&into[..read]);
        Ok(read)
    }
}

impl<B: BufRead> BufRead for Lines<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed stands in the buffer, so that this reads nothing anew.
        if amount > 0
            && let Ok(buffer) = self.input.fill_buf()
        {
            self.passed += newlines(&buffer[..amount.min(buffer.len())]);
        }
        self.input.consume(amount);
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}
