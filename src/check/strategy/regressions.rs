//! Seeds of walks that have failed, kept in a file: read first, and added to when a new walk fails.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

const HEAD: &str = "\
# Walks that have failed once. They are walked first, before any new one, so keep this file under version control.
# A seed means its walk only as long as the alphabet or strategy and the settings stay as they are: what is to be kept
# for good is the story, as a scenario.
";

/// The seeds in a file; none when there is no file yet.
pub(crate) fn read(file: &Path) -> io::Result<Vec<u64>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text.lines().filter_map(seed).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Adds a seed with what it found, unless the file has it.
pub(crate) fn add(file: &Path, new: u64, found: &str) -> io::Result<()> {
    if read(file)?.contains(&new) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let head = if file.exists() { "" } else { HEAD };
    // One write, so that two tests that share a file do not mix their lines.
    let text = format!("{head}walk {new:#018x} # {}\n", found.replace(['\n', '\r'], " "));
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

fn seed(line: &str) -> Option<u64> {
    let number = line.strip_prefix("walk 0x")?.split_whitespace().next()?;
    u64::from_str_radix(number, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_seeds_are_passed_over() {
        assert_eq!(seed("walk 0x00000000000000ff # Open(0)"), Some(255));
        assert_eq!(seed("# walk 0xff"), None);
        assert_eq!(seed("walk 0x"), None);
        assert_eq!(seed("walk 255"), None);
    }
}
