//! A file that is replaced as a whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file, unless it is no longer what was read of it.
pub(crate) fn replace(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    // The file itself, not a link to it.
    let path = fs::canonicalize(path)?;
    let temporary = write_beside(&path, after)?;
    let replaced = fs::metadata(&path)
        .and_then(|metadata| fs::set_permissions(&temporary, metadata.permissions()))
        .and_then(|()| match fs::read(&path)? == before {
            true => fs::rename(&temporary, &path),
            false => Err(io::Error::other("it was changed in the meantime; try again")),
        });
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Writes a file, in place of one that may be there.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, content)?;
    let renamed = fs::rename(&temporary, path);
    if renamed.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    renamed
}

/// Writes a new file in the same folder.
fn write_beside(path: &Path, content: &[u8]) -> io::Result<std::path::PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(temporary),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_changed_in_the_meantime_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feature");
        fs::write(&path, "one").unwrap();
        let error = replace(&path, b"zero", b"two").unwrap_err();
        assert_eq!(error.to_string(), "it was changed in the meantime; try again");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        replace(&path, b"one", b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left over");
    }
}
