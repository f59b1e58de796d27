//! The files of a folder in one text: `== NAME`, and the content up to the next such line.

use std::collections::BTreeMap;

const BEGIN: &[u8] = b"== ";

/// The files in this text. Bytes before the first name, and names that are no UTF-8, are passed over.
pub fn files(text: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut content: Option<&mut Vec<u8>> = None;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(BEGIN).map(<[u8]>::trim_ascii) {
            Some(name) => {
                content =
                    std::str::from_utf8(name).ok().map(|name| files.entry(name.to_string()).or_default());
            }
            None => content.iter_mut().for_each(|content| content.extend_from_slice(line)),
        }
    }
    files
}

/// A folder for files, in memory where the system has one there.
pub fn temporary() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("leftfold-fuzz-").tempdir().expect("a temporary folder")
}
