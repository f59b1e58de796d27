//! A file with the seeds of failed walks. It is read first, and a new failing walk adds to it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const HEAD: &str = "\
# Walks that have failed once. They are walked first, before any new one, so keep this file under version control.
# A seed means its walk only as long as the alphabet or strategy and the settings stay as they are: what is to be kept
# for good is the story, as a scenario.
";

/// How a line with a seed begins.
const SEED: &str = "walk 0x";

/// The contents of a file of seeds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seeds {
    pub(crate) seeds: Vec<u64>,
    /// The numbers of the lines that are neither a seed nor a comment.
    pub(crate) damaged: Vec<usize>,
}

/// The seeds in a file; none if there is no file yet.
pub(crate) fn read(file: &Path) -> io::Result<Seeds> {
    match fs::read(file) {
        Ok(bytes) => Ok(seeds(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Seeds::default()),
        Err(error) => Err(error),
    }
}

/// Adds a seed and what its walk found, unless the file contains it.
pub(crate) fn add(file: &Path, new: u64, found: &str) -> io::Result<()> {
    if read(file)?.seeds.contains(&new) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let head = if file.exists() { "" } else { HEAD };
    let mut open = OpenOptions::new().create(true).append(true).read(true).open(file)?;
    // A single write, so that two tests that share a file do not mix their lines.
    let end_of_last = if ends_with_a_line(&mut open)? { "" } else { "\n" };
    let found = found.replace(['\n', '\r'], " ").replace(SEED, "walk ");
    let text = format!("{end_of_last}{head}{SEED}{new:016x} # {found}\n");
    open.write_all(text.as_bytes())
}

/// Whether the last line of a file ends with a line break. True for an empty file.
fn ends_with_a_line(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn seeds(bytes: &[u8]) -> Seeds {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut read = Seeds::default();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match std::str::from_utf8(line).ok().and_then(seed) {
            Some(seed) => read.seeds.push(seed),
            None => read.damaged.push(number),
        }
    }
    read
}

/// The seed of a line. Only a comment may follow it. The comment may not contain another seed: that is what a line looks like
/// to which another was added without a line break.
fn seed(line: &str) -> Option<u64> {
    let rest = line.strip_prefix(SEED)?;
    let (number, comment) = rest.split_once('#').unwrap_or((rest, ""));
    let number = number.trim_end();
    let is_hexadecimal = number.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_alone = !comment.contains(SEED);
    u64::from_str_radix(number, 16).ok().filter(|_| is_hexadecimal && is_alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_that_is_neither_a_seed_nor_a_comment_is_damaged() {
        assert_eq!(seed("walk 0x00000000000000ff # Open(0)"), Some(255));
        assert_eq!(seed("walk 0xff"), Some(255));
        for damaged in [
            "walk 0x",
            "walk 255",
            "walk",
            "0xff",
            "walk 0x+f",
            "walk 0xfg",
            "walk 0xff ff",
            "walk 0x10000000000000000",
            "walk 0xff # Open(0)walk 0x00000000000000fe # Open(1)",
        ] {
            assert_eq!(seed(damaged), None, "{damaged}");
        }
        let text = b"\xef\xbb\xbf# kept\r\n\r\nwalk 0xff # a\r\nwalk 12\nwalk 0xfe\n\xff\n";
        assert_eq!(seeds(text), Seeds { seeds: vec![255, 254], damaged: vec![4, 6] });
    }

    proptest! {
        /// An added seed is read, and the earlier seeds are read as before, whatever the file contained and whether or not its
        /// last line had an end.
        #[test]
        fn a_seed_that_is_added_is_read_and_loses_no_other(
            before in "(walk 0x[0-9a-f]{1,16}( # [a-z]{0,5})?\n|# [a-z]{0,5}\n|\n|walk [a-z]{1,3}\n){0,4}",
            cut in any::<bool>(),
            new in prop::collection::vec(any::<u64>(), 1..4),
            found in "[a-z#\n\r]{0,8}|walk 0x12",
        ) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("seeds").join("walks");
            let before = if cut { before.trim_end_matches('\n') } else { &before };
            let stood = seeds(before.as_bytes());
            if !before.is_empty() {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, before).unwrap();
            }
            for new in &new {
                add(&file, *new, &found).unwrap();
            }
            let read = read(&file).unwrap();
            prop_assert_eq!(&read.damaged, &stood.damaged);
            prop_assert_eq!(&read.seeds[..stood.seeds.len()], &stood.seeds[..]);
            for new in new {
                prop_assert!(read.seeds.contains(&new));
            }
        }
    }
}
