//! The file in the folder of a copy that says of which stream it is one.

use crate::error::{OpenNatsError, system};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

const FILE: &str = "origin.json";
const UNFINISHED: &str = "origin.json.new";

/// Which stream a folder is a copy of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CopyOf {
    pub(crate) stream: String,
    /// When the stream was made: a stream of the same name that was made later is another one.
    pub(crate) created: String,
}

impl CopyOf {
    /// Refuses a folder that is no copy of this stream; an empty one becomes one.
    pub(crate) fn claim(&self, folder: &Path) -> Result<(), OpenNatsError> {
        let shown = || folder.display().to_string();
        fs::create_dir_all(folder).map_err(system(format!("making the folder {}", shown())))?;
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => self.check(&shown(), &bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if has_log(folder).map_err(system(format!("reading the folder {}", shown())))? {
                    return Err(OpenNatsError::NotACopy { folder: shown() });
                }
                self.write(folder).map_err(system(format!("writing {FILE} in {}", shown())))
            }
            Err(error) => Err(system(format!("reading {FILE} in {}", shown()))(error)),
        }
    }

    fn check(&self, folder: &str, bytes: &[u8]) -> Result<(), OpenNatsError> {
        let folder = folder.to_string();
        let found: CopyOf = serde_json::from_slice(bytes)
            .map_err(|error| system(format!("reading {FILE} in {folder}"))(error.into()))?;
        if found.stream != self.stream {
            let (found, expected) = (found.stream, self.stream.clone());
            return Err(OpenNatsError::OtherStream { folder, found, expected });
        }
        if found.created != self.created {
            let (stream, created) = (self.stream.clone(), self.created.clone());
            return Err(OpenNatsError::Remade { folder, stream, created });
        }
        Ok(())
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        let unfinished = folder.join(UNFINISHED);
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(FILE))?;
        // Elsewhere a folder is no file that can be synced.
        #[cfg(unix)]
        fs::File::open(folder)?.sync_all()?;
        Ok(())
    }
}

fn has_log(folder: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if entry?.file_name().to_string_lossy().ends_with(".jsonl") {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::CopyOf;
    use crate::error::OpenNatsError;

    fn of(stream: &str, created: &str) -> CopyOf {
        CopyOf { stream: stream.to_string(), created: created.to_string() }
    }

    #[test]
    fn a_folder_is_the_copy_of_one_stream() {
        let folder = tempfile::tempdir().unwrap();
        of("A", "1").claim(folder.path()).unwrap();
        of("A", "1").claim(folder.path()).unwrap();
        let other = of("B", "1").claim(folder.path()).unwrap_err();
        assert!(matches!(&other, OpenNatsError::OtherStream { found, .. } if found == "A"), "{other}");
        let remade = of("A", "2").claim(folder.path()).unwrap_err();
        assert!(matches!(remade, OpenNatsError::Remade { .. }), "{remade}");
    }

    #[test]
    fn a_log_that_is_no_copy_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("000000000001.jsonl"), "x").unwrap();
        let refused = of("A", "1").claim(folder.path()).unwrap_err();
        assert!(matches!(refused, OpenNatsError::NotACopy { .. }), "{refused}");
        assert!(!folder.path().join("origin.json").exists());
    }
}
