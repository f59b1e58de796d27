//! Scenarios that are written in texts: read when the model is checked.

use super::report::{ReportFinding, ReportVerdict, Section};
use super::{Model, Modelled};
use crate::page::{count, with_sources};
use crate::spec::{SourceLocation, Specification, SpecificationFault};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A file, or a folder of files, in which scenarios are written.
#[derive(Clone, Debug)]
pub(super) struct TextFile {
    path: PathBuf,
}

impl<D: Modelled> Model<D> {
    /// Adds the scenarios of a file: Gherkin, or Markdown if its name ends in `.md`. Of a folder, all files that end in `.feature` or
    /// `.md`. They are read whenever the model is checked, so they can be edited without compiling anything; what is not
    /// understood in them fails with its line.
    ///
    /// A relative path is relative to the package whose program or test runs (`CARGO_MANIFEST_DIR`), and to the current folder outside
    /// cargo.
    ///
    /// ```
    /// # use leftfold::{Model, model::Modelled};
    /// # fn specified<D: Modelled>(model: Model<D>) {
    /// let model = model.scenarios_in("specs/account.feature");
    /// # }
    /// ```
    #[must_use]
    pub fn scenarios_in(mut self, path: impl Into<PathBuf>) -> Self {
        self.texts.push(TextFile { path: path.into() });
        self
    }

    /// The model with the scenarios of its texts, which are read now, and what is not understood in them.
    #[cfg(feature = "libtest-mimic")]
    pub(super) fn into_read(mut self) -> (Self, Vec<SpecificationFault>) {
        let (whole, faults) = self.with_texts();
        self.specification = whole;
        self.texts.clear();
        (self, faults)
    }

    /// The section about the texts: what is not understood in them.
    pub(super) fn check_texts(&self) -> Section {
        let files = self.texts.iter().map(|text| text.files().len()).sum::<usize>();
        let (_, faults) = self.with_texts();
        let findings: Vec<ReportFinding> = faults.iter().map(ReportFinding::of_fault).collect();
        let read = count(files, "file read", "files read");
        let summary = match findings.len() {
            0 => read,
            faults => format!("{read}, {}", count(faults, "fault", "faults")),
        };
        Section { title: "texts".into(), summary, findings, ..Section::default() }
    }

    /// The specification with the scenarios of all texts, and what is not understood in them.
    pub(super) fn with_texts(&self) -> (Specification<D>, Vec<SpecificationFault>) {
        let mut whole = self.specification.clone();
        let mut faults = Vec::new();
        for text in &self.texts {
            for (name, path) in text.files() {
                match read_text(&path) {
                    Ok(text) => {
                        let (read, mut found) = self.specification.read_what_can_be(&name, &text);
                        whole = whole.and(&read);
                        faults.append(&mut found);
                    }
                    Err(error) => {
                        faults.push(SpecificationFault::of_file(&name, with_sources(&error).to_string()))
                    }
                }
            }
        }
        (whole, faults)
    }
}

/// Reads a file as UTF-8; other encodings are an error.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    if !cfg!(all(target_family = "wasm", target_os = "unknown")) {
        return fs::read_to_string(path);
    }
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "a browser has no files: read the text with `Specification::read`",
    ))
}

impl TextFile {
    /// The files, each with the name that faults and failures say.
    fn files(&self) -> Vec<(String, PathBuf)> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        files_in(&self.path, &package.join(&self.path))
    }
}

/// The file at this path, or those of a folder in the order of their names.
pub(crate) fn files_in(name: &Path, path: &Path) -> Vec<(String, PathBuf)> {
    let named = |name: PathBuf| name.to_string_lossy().replace('\\', "/");
    let Ok(entries) = fs::read_dir(path) else {
        return vec![(named(name.to_path_buf()), path.to_path_buf())];
    };
    let mut files: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
            name.ends_with(".feature") || name.ends_with(".md")
        })
        .map(|entry| (named(name.join(entry.file_name())), entry.path()))
        .collect();
    files.sort();
    files
}

impl ReportFinding {
    /// Something in a text that is not understood.
    pub(crate) fn of_fault(fault: &SpecificationFault) -> ReportFinding {
        let name = fault.scenario.clone().unwrap_or_else(|| fault.place.file.clone());
        let place = Some(SourceLocation { ..fault.place.clone() });
        ReportFinding {
            story: Some(fault.to_string()),
            place,
            ..ReportFinding::new(name, ReportVerdict::Fails)
        }
    }
}
