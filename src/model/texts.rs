//! Scenarios that are written in texts: read when the model is checked.

use super::report::Report;
#[cfg(feature = "workbench")]
use super::report::TimeTaken;
use super::report::{ReportFinding, ReportVerdict, Section, TEXTS};
use super::{Model, Modelled};
#[cfg(feature = "workbench")]
use crate::clock::Stopwatch;
use crate::message::Words;
use crate::page::one_line;
use crate::page::{count, with_sources};
use crate::spec::{Specification, SpecificationFault, TextRead};
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

    /// The specification with the scenarios of all texts, and what is not understood in them.
    pub(super) fn with_texts(&self) -> (Specification<D>, Vec<SpecificationFault>) {
        let mut whole = self.specification.clone();
        let mut faults = Vec::new();
        for (name, path) in self.text_files() {
            match read_text(&path) {
                Ok(text) => {
                    let (read, mut found) = self.specification.read_what_can_be(&name, &text);
                    whole = whole.and(&read);
                    faults.append(&mut found);
                }
                Err(error) => {
                    faults.push(SpecificationFault::of_file(&name, unreadable(&name, &error)));
                }
            }
        }
        (whole, faults)
    }

    /// The files of the model's texts, each with the name that faults and failures say.
    pub(crate) fn text_files(&self) -> Vec<(String, PathBuf)> {
        self.texts.iter().flat_map(TextFile::files).collect()
    }

    /// Runs the scenarios of a text: those with one of these labels, if there are any.
    pub(crate) fn check_text(&self, name: &str, text: io::Result<&str>, labels: &[String]) -> CheckedText {
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                let fault = SpecificationFault::of_file(name, unreadable(name, &error));
                return CheckedText {
                    faults: vec![ReportFinding::of_fault(&fault)],
                    ..CheckedText::default()
                };
            }
        };
        let TextRead { specification, faults, unread, language, .. } =
            self.specification.read_text(name, text);
        let specification = labelled(specification, labels);
        let words = self.specification.words_of_language(language.code);
        CheckedText {
            faults: faults.iter().map(ReportFinding::of_fault).collect(),
            findings: self.scenario_findings(&specification, words),
            unconfirmed: specification.unconfirmed(),
            unread,
        }
    }

    /// Runs the scenarios of a specification; an open question that asks has the answer of the model.
    pub(super) fn scenario_findings(
        &self,
        specification: &Specification<D>,
        words: &Words,
    ) -> Vec<ReportFinding> {
        let cases = specification.cases(&self.decider);
        let answers = specification.answers_in(&self.decider, words);
        let today = words.fixed("today");
        let findings = cases.iter().zip(answers).map(|(case, (_, answer))| {
            let answer = answer.filter(|_| case.is_question);
            let line = |line: String| format!("{today}: {line}");
            let answer = answer.map(|lines| lines.into_iter().map(line).collect::<Vec<_>>().join("\n"));
            ReportFinding { answer, unconfirmed: case.is_unconfirmed(), ..ReportFinding::of_case(case) }
        });
        findings.collect()
    }

    /// The scenarios declared in Rust, with those of texts.
    pub(super) fn check_scenarios(&self, texts: &[CheckedText], labels: &[String]) -> Section {
        let own = labelled(self.specification.clone(), labels);
        let findings = self.scenario_findings(&own, self.specification.in_words());
        self.scenario_section(findings, texts)
    }

    /// Scenarios in the order of the parts that they are about.
    fn scenario_section(&self, own: Vec<ReportFinding>, texts: &[CheckedText]) -> Section {
        let mut findings = own;
        findings.extend(texts.iter().flat_map(|text| &text.findings).cloned());
        let parts: Vec<&str> = self.specification.titles().collect();
        let place = |finding: &ReportFinding| {
            finding.part.as_ref().map(|title| parts.iter().position(|part| part == title))
        };
        findings.sort_by_key(place);
        let is_empty = findings.is_empty();
        let mut section = Section::of_scenarios(findings);
        match texts.iter().map(|text| text.unread).sum() {
            0 => {}
            unread if is_empty => section.summary = format!("{unread} could not be read"),
            unread => section.summary += &format!(", {unread} could not be read"),
        }
        match texts.iter().map(|text| text.unconfirmed).sum() {
            0 => {}
            unconfirmed => section.notes.push(format!(
                "{} what the model answered itself; to confirm an answer, delete `{}:`",
                count(unconfirmed, "scenario expects", "scenarios expect"),
                self.specification.in_words().fixed("today")
            )),
        }
        section
    }

    /// Reads and runs the texts of the model.
    pub(super) fn checked_texts(&self, labels: &[String]) -> Vec<CheckedText> {
        self.check_files(&self.text_files(), labels)
    }

    fn check_files(&self, files: &[(String, PathBuf)], labels: &[String]) -> Vec<CheckedText> {
        let read = |(name, path): &(String, PathBuf)| match read_text(path) {
            Ok(text) => self.check_text(name, Ok(&text), labels),
            Err(error) => self.check_text(name, Err(error), labels),
        };
        files.iter().map(read).collect()
    }

    /// What is wrong with the vocabulary, if anything is: then texts cannot be read for sure.
    pub(crate) fn vocabulary_finding(&self) -> Option<ReportFinding> {
        let error = self.specification.vocabulary().err()?;
        let story = Some(error.to_string());
        Some(ReportFinding { story, ..ReportFinding::new("the words of the model", ReportVerdict::Fails) })
    }

    /// The report about some texts alone.
    pub(crate) fn report_of_texts(
        &self,
        vocabulary: Option<&ReportFinding>,
        texts: &[CheckedText],
        labels: &[String],
    ) -> Report {
        let scenarios = self.scenario_section(Vec::new(), texts);
        self.report_of(scenarios, Some(Section::of_texts(vocabulary, texts)), labels)
    }

    fn report_of(&self, mut scenarios: Section, texts: Option<Section>, labels: &[String]) -> Report {
        let faults = texts.as_ref().is_some_and(|texts| !texts.findings.is_empty());
        let tags: Vec<String> = labels.iter().map(|label| format!("@{}", one_line(label))).collect();
        let why = match &tags[..] {
            [] => "there is no scenario".to_string(),
            tags => format!("no scenario has the tag {}", tags.join(" or ")),
        };
        if scenarios.findings.is_empty() && !faults {
            let finding = ReportFinding {
                story: Some(why),
                ..ReportFinding::new("nothing was checked", ReportVerdict::Fails)
            };
            scenarios = Section { summary: "none".into(), findings: vec![finding], ..scenarios };
        } else if scenarios.findings.is_empty() && !labels.is_empty() {
            let unread = scenarios.summary.ends_with("could not be read");
            scenarios.summary = if unread { format!("{why}; {}", scenarios.summary) } else { why };
        } else if scenarios.findings.is_empty() && !scenarios.summary.ends_with("could not be read") {
            scenarios.summary = "none could be read".into();
        }
        let sections = [Some(scenarios), texts].into_iter().flatten().collect();
        Report { model: self.name.clone(), sections }
    }

    /// Checks these files alone, or the scenarios with these labels: those of the files if there are any, else all of the model.
    #[cfg(feature = "workbench")]
    pub(crate) fn check_selected(&self, files: Option<&[(String, PathBuf)]>, labels: &[String]) -> Report {
        let (own, files) = match files {
            Some(files) => (Vec::new(), files.to_vec()),
            None => {
                let own = labelled(self.specification.clone(), labels);
                (self.scenario_findings(&own, self.specification.in_words()), self.text_files())
            }
        };
        let started = Stopwatch::start();
        let texts = self.check_files(&files, labels);
        let mut scenarios = self.scenario_section(own, &texts);
        scenarios.took = TimeTaken(started.elapsed().as_secs_f64());
        let of_texts = || Section::of_texts(self.vocabulary_finding().as_ref(), &texts);
        self.report_of(scenarios, (!files.is_empty()).then(of_texts), labels)
    }
}

/// The scenarios with one of these labels; all, if none is asked for.
fn labelled<D: Modelled>(specification: Specification<D>, labels: &[String]) -> Specification<D> {
    if labels.is_empty() { specification } else { specification.only(labels.to_vec()) }
}

/// What was found about a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckedText {
    /// Its scenarios.
    findings: Vec<ReportFinding>,
    /// What is not understood in it.
    faults: Vec<ReportFinding>,
    /// How many of its scenarios are left out because of faults.
    unread: usize,
    /// How many of its scenarios expect the model's own answer.
    unconfirmed: usize,
}

impl Section {
    /// The section about texts: what is not understood in them.
    pub(super) fn of_texts(vocabulary: Option<&ReportFinding>, texts: &[CheckedText]) -> Section {
        let faults = texts.iter().flat_map(|text| &text.faults);
        let findings: Vec<ReportFinding> = vocabulary.into_iter().chain(faults).cloned().collect();
        // A fault without a line is about a file that cannot be read.
        let is_read = |text: &&CheckedText| text.faults.iter().all(|fault| fault.place.is_some());
        let read = count(texts.iter().filter(is_read).count(), "file read", "files read");
        let summary = match findings.len() {
            0 => read,
            faults => format!("{read}, {}", count(faults, "fault", "faults")),
        };
        Section { title: TEXTS.into(), summary, findings, ..Section::default() }
    }
}

/// Why a text cannot be read, as a sentence.
fn unreadable(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file {name}"),
        io::ErrorKind::IsADirectory => {
            format!("the folder {name} has no texts: none of its files ends in .feature or .md")
        }
        _ => format!("{name} cannot be read: {}", with_sources(error)),
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
    if files.is_empty() {
        // A text that cannot be read, so that it is said.
        return vec![(named(name.to_path_buf()), path.to_path_buf())];
    }
    files.sort();
    files
}

impl ReportFinding {
    /// Something in a text that is not understood.
    pub(crate) fn of_fault(fault: &SpecificationFault) -> ReportFinding {
        let name = fault.scenario.clone().unwrap_or_else(|| fault.place.file.clone());
        let place = (fault.column > 0).then(|| fault.place.clone());
        ReportFinding {
            story: Some(fault.to_string()),
            place,
            ..ReportFinding::new(name, ReportVerdict::Fails)
        }
    }
}
