use crate::case_study::export::{Row, Rows};
use std::io::{self, Cursor, Read};

/// A file that the import of the case study reads: rows in the order of their lines, each a command or a sentence, and nothing after the
/// sentence that ends the file; the same however the bytes arrive.
pub fn exports(bytes: &[u8]) {
    let file = bytes.to_vec();
    let whole = read(Cursor::new(file.clone()));
    assert_eq!(whole, read(Trickle(Cursor::new(file))), "it matters how the bytes arrive");
}

fn read(file: impl Read + 'static) -> Vec<String> {
    let mut said = Vec::new();
    let (mut last, mut has_ended) = (0, false);
    for Row { line, command } in Rows::of(file).expect("memory can be read") {
        assert!(!has_ended, "something comes after the sentence that ends the file");
        assert!(line >= last.max(1), "line {line} after {last}");
        last = line;
        said.push(match command {
            Ok(command) => {
                let text = format!("{:?}", command.message);
                assert!(text.len() < 1 << 20, "a row of {} bytes", text.len());
                format!("{line}: {} {text}", command.key)
            }
            Err(fault) => {
                has_ended = fault.ends_the_file();
                let sentence = fault.to_string();
                assert!(!sentence.is_empty() && sentence.len() < 4_000, "{sentence}");
                format!("{line}: {sentence}")
            }
        });
    }
    said
}

/// One byte at a time.
struct Trickle(Cursor<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let one = into.len().min(1);
        self.0.read(&mut into[..one])
    }
}
