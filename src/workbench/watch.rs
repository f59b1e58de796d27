//! Texts are checked again after each save.
//!
//! Files are polled: that works on every file system, in containers and over networks, and is quick enough for a person.

use super::texts::files_of;
use crate::model::{CheckedText, Model, Modelled, Report, ReportFinding, TEXTS};
use crate::page::{count, one_line, printable_lines};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long it waits between two looks at the files.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a file may be missing, empty or half written before that is reported: editors and version control do that for a moment.
const SETTLES: Duration = Duration::from_millis(200);
/// A file that was changed within this time is read again, even if its length and time are the same: clocks of files are coarse.
const COARSE: Duration = Duration::from_secs(2);

/// Checks the texts of these paths, and again after each change; ends when nobody reads what it prints.
pub(super) fn watch<D: Modelled>(
    model: &Model<D>,
    paths: &[PathBuf],
    labels: &[String],
    colours: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let vocabulary = model.vocabulary_finding();
    let mut texts = Texts::default();
    let mut before: Option<Report> = None;
    let watched: Vec<String> = paths.iter().map(|path| one_line(&path.to_string_lossy())).collect();
    writeln!(out, "watching {}; Ctrl-C ends it\n", watched.join(", "))?;
    loop {
        let started = Instant::now();
        let check = |name: &str, text: io::Result<&str>| model.check_text(name, text, labels);
        if texts.look(&files_of(paths), started, check) {
            let checked: Vec<CheckedText> = texts.checked().cloned().collect();
            let report = model.report_of_texts(vocabulary.as_ref(), &checked, labels);
            let page = match &before {
                None if colours => report.coloured(),
                None => report.to_string(),
                Some(before) => {
                    let files: Vec<&str> = texts.files.iter().map(|file| &*file.name).collect();
                    changes(before, &report, &files).page(colours)
                }
            };
            let took = started.elapsed().as_millis();
            write!(out, "{page}\n{} ({took} ms)\n", summary(&report))?;
            out.flush()?;
            before = Some(report);
        }
        std::thread::sleep(PAUSE);
    }
}

/// The report in a line.
fn summary(report: &Report) -> String {
    let sections = report.sections.iter().filter(|section| !section.summary.is_empty());
    let said = sections.map(|section| format!("{}: {}", section.title, section.summary));
    said.collect::<Vec<_>>().join("; ")
}

/// The files that are watched, by their names.
#[derive(Default)]
struct Texts {
    files: Vec<Watched>,
    hasher: RandomState,
}

struct Watched {
    name: String,
    path: PathBuf,
    /// What was checked last, and what came of it; nothing before the first time.
    checked: Option<(u64, CheckedText)>,
    /// The time and the length of the file when it was read last.
    stamp: Option<(SystemTime, u64)>,
    /// Since when the file has been missing, empty or half written.
    unsettled: Option<Instant>,
}

impl Texts {
    /// Reads what has changed, and checks it. Whether there is something to report.
    fn look(
        &mut self,
        listed: &[(String, PathBuf)],
        now: Instant,
        check: impl Fn(&str, io::Result<&str>) -> CheckedText,
    ) -> bool {
        for (name, path) in listed {
            if !self.files.iter().any(|file| file.name == *name) {
                let (name, path) = (name.clone(), path.clone());
                self.files.push(Watched { name, path, checked: None, stamp: None, unsettled: None });
            }
        }
        let mut changed = false;
        self.files.retain_mut(|file| {
            let is_listed = listed.iter().any(|(name, _)| *name == file.name);
            let found = file.look(now, &self.hasher, is_listed, &check);
            changed |= found != Found::Same;
            found != Found::Gone
        });
        self.files.sort_by_key(|file| position(listed, file));
        // The first page is about all files.
        changed && self.files.iter().all(|file| file.checked.is_some())
    }

    fn checked(&self) -> impl Iterator<Item = &CheckedText> {
        self.files.iter().filter_map(|file| Some(&file.checked.as_ref()?.1))
    }
}

fn position(listed: &[(String, PathBuf)], file: &Watched) -> usize {
    listed.iter().position(|(name, _)| *name == file.name).unwrap_or(usize::MAX)
}

/// What a look at a file finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Same,
    Changed,
    Gone,
}

impl Watched {
    fn look(
        &mut self,
        now: Instant,
        hasher: &RandomState,
        is_listed: bool,
        check: impl Fn(&str, io::Result<&str>) -> CheckedText,
    ) -> Found {
        let stamp = stamp(&self.path);
        if stamp.is_some() && stamp == self.stamp && self.unsettled.is_none() && !is_recent(stamp) {
            return Found::Same;
        }
        let read = fs::read(&self.path).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8"))
        });
        if read.as_ref().is_ok_and(|text| !text.trim().is_empty()) {
            self.unsettled = None;
        } else if now.duration_since(*self.unsettled.get_or_insert(now)) < SETTLES {
            return Found::Same;
        } else if !is_listed {
            return if self.checked.is_some() { Found::Gone } else { Found::Same };
        }
        self.stamp = stamp;
        let hash = match &read {
            Ok(text) => hasher.hash_one(text),
            Err(error) => hasher.hash_one((error.to_string(), "cannot be read")),
        };
        if self.checked.as_ref().is_some_and(|(before, _)| *before == hash) {
            return Found::Same;
        }
        self.checked = Some((hash, check(&self.name, read.as_ref().map(String::as_str).map_err(again))));
        Found::Changed
    }
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn is_recent(stamp: Option<(SystemTime, u64)>) -> bool {
    // A time in the future is recent.
    stamp.is_none_or(|(modified, _)| modified.elapsed().map_or(true, |age| age < COARSE))
}

/// What is not the same in two reports.
#[derive(Debug, Default, PartialEq)]
struct Changes<'r> {
    /// What is new, or is otherwise than before.
    now: Vec<&'r ReportFinding>,
    /// The scenarios that are no longer there.
    gone: Vec<&'r ReportFinding>,
    /// The scenarios that have faults now.
    unreadable: Vec<&'r ReportFinding>,
    /// The faults that are mended.
    understood: Vec<&'r ReportFinding>,
    /// The files that are no longer there, and the number of their faults.
    files: Vec<(&'r str, usize)>,
}

/// What tells a finding from the others of its report, whatever line it is at: two of the same name are counted.
type Key<'r> = (&'r str, Option<&'r str>, &'r str, String, usize);

fn keyed(report: &Report) -> Vec<(Key<'_>, &ReportFinding)> {
    let mut times: HashMap<(&str, Option<&str>, &str, String), usize> = HashMap::new();
    let mut found = Vec::new();
    for section in &report.sections {
        for finding in &section.findings {
            // A scenario has several faults, and each is its text.
            let text = if section.title == TEXTS { story(finding) } else { String::new() };
            let key = (&*section.title, finding.part.as_deref(), &*finding.name, text);
            let before = times.entry(key.clone()).or_default();
            found.push(((key.0, key.1, key.2, key.3, *before), finding));
            *before += 1;
        }
    }
    found
}

/// The story of a failure without its line, which changes when something is written above it.
fn story(finding: &ReportFinding) -> String {
    let story = finding.story.as_deref().unwrap_or_default();
    match &finding.place {
        Some(place) => story.replace(&place.to_string(), ""),
        None => story.to_string(),
    }
}

/// What is not the same in the later report, which is about these files.
fn changes<'r>(before: &'r Report, after: &'r Report, files: &[&str]) -> Changes<'r> {
    let (old, new) = (keyed(before), keyed(after));
    let known: HashMap<&Key<'_>, &ReportFinding> = old.iter().map(|(key, finding)| (key, *finding)).collect();
    let is_same = |key: &Key<'_>, finding: &ReportFinding| {
        known.get(key).is_some_and(|before| {
            (before.verdict, &before.answer, story(before))
                == (finding.verdict, &finding.answer, story(finding))
        })
    };
    let now: Vec<&ReportFinding> =
        new.iter().filter(|(key, finding)| !is_same(key, finding)).map(|(_, finding)| *finding).collect();
    let kept: HashMap<&Key<'_>, ()> = new.iter().map(|(key, _)| (key, ())).collect();
    let mut found = Changes { now, ..Changes::default() };
    let file_of = |finding: &'r ReportFinding| finding.place.as_ref().map(|place| &*place.file);
    let faults = |findings: &[(Key<'r>, &'r ReportFinding)]| -> Vec<&'r ReportFinding> {
        findings.iter().filter(|(key, _)| key.0 == TEXTS).map(|(_, finding)| *finding).collect()
    };
    let faults_now = faults(&new);
    for (key, finding) in old.iter().filter(|(key, _)| !kept.contains_key(key)) {
        let file = file_of(finding);
        let is_like = |other: &&'r ReportFinding| other.name == finding.name && file_of(other) == file;
        match file.filter(|file| key.0 == TEXTS && !files.contains(file)) {
            Some(file) => match found.files.iter_mut().find(|(other, _)| *other == file) {
                Some((_, faults)) => *faults += 1,
                None => found.files.push((file, 1)),
            },
            None if key.0 != TEXTS && faults_now.iter().any(&is_like) => {
                found.unreadable.push(finding);
            }
            None if key.0 != TEXTS => found.gone.push(finding),
            // Another fault in its place says more.
            None if found
                .now
                .iter()
                .any(|fault| is_like(fault) && fault.place.is_some() && fault.place == finding.place) => {}
            None => found.understood.push(finding),
        }
    }
    found
}

impl Changes<'_> {
    fn page(&self, colours: bool) -> String {
        let mut page = String::new();
        for finding in &self.now {
            page.push('\n');
            page.push_str(&finding.lines(colours));
            if let Some(story) = &finding.story {
                let _ = writeln!(page, "\n{}", printable_lines(story));
            }
        }
        for finding in &self.unreadable {
            let _ = write!(page, "\ncannot be read now: {}\n", one_line(&finding.name));
        }
        for finding in &self.understood {
            let story = finding.story.as_deref().and_then(|story| story.lines().next());
            let _ = match (&finding.place, story) {
                (Some(_), Some(fault)) => write!(page, "\nunderstood now: {}\n", one_line(fault)),
                _ => write!(page, "\ncan be read now: {}\n", one_line(&finding.name)),
            };
        }
        for finding in &self.gone {
            let _ = write!(page, "\ngone: {}\n", one_line(&finding.name));
        }
        for (file, faults) in &self.files {
            let _ = write!(page, "\ngone: {}, with {}\n", one_line(file), count(*faults, "fault", "faults"));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReportVerdict::{self, Fails, Holds, Open};
    use crate::model::Section;

    fn finding(name: &str, verdict: ReportVerdict, story: Option<&str>) -> ReportFinding {
        ReportFinding { story: story.map(str::to_string), ..ReportFinding::new(name, verdict) }
    }

    fn report(scenarios: Vec<ReportFinding>, faults: Vec<ReportFinding>) -> Report {
        let section = |title: &str, findings| Section { title: title.into(), findings, ..Section::default() };
        let sections = vec![section("scenarios", scenarios), section("texts", faults)];
        Report { sections, ..Report::default() }
    }

    fn names<'r>(findings: &[&'r ReportFinding]) -> Vec<&'r str> {
        findings.iter().map(|finding| finding.story.as_deref().unwrap_or(&finding.name)).collect()
    }

    #[test]
    fn what_has_not_changed_is_not_said_again() {
        let same = || report(vec![finding("a", Holds, None)], vec![finding("b", Fails, Some("a fault"))]);
        assert_eq!(changes(&same(), &same(), &[]), Changes::default());
    }

    #[test]
    fn a_verdict_a_story_and_an_answer_can_change() {
        let asks = |answer: &str| ReportFinding { answer: Some(answer.into()), ..finding("d", Open, None) };
        let before = report(
            vec![
                finding("a", Holds, None),
                finding("b", Fails, Some("5")),
                finding("c", Fails, Some("7")),
                asks("1"),
            ],
            vec![],
        );
        let after = report(
            vec![
                finding("a", Fails, Some("no")),
                finding("b", Fails, Some("6")),
                finding("c", Fails, Some("7")),
                asks("2"),
            ],
            vec![],
        );
        let found = changes(&before, &after, &[]);
        assert_eq!(names(&found.now), ["no", "6", "d"]);
        assert!(found.gone.is_empty());
    }

    #[test]
    fn scenarios_and_faults_come_and_go() {
        let fault = |text: &str| finding("a scenario", Fails, Some(text));
        let before = report(vec![finding("a", Holds, None)], vec![fault("one"), fault("two"), fault("two")]);
        let after = report(vec![finding("b", Holds, None)], vec![fault("two"), fault("three")]);
        let found = changes(&before, &after, &[]);
        assert_eq!(names(&found.now), ["b", "three"]);
        assert_eq!(names(&found.gone), ["a"]);
        assert_eq!(names(&found.understood), ["one", "two"]);
    }

    #[test]
    fn what_becomes_of_faults_is_said() {
        let at = |name: &str, text: &str, file: &str, line: u32| {
            let place = serde_json::from_value(serde_json::json!({"file": file, "line": line})).unwrap();
            ReportFinding { place: Some(place), ..finding(name, Fails, Some(text)) }
        };
        let before = report(
            vec![at("s", "fails", "a", 3)],
            vec![
                at("x", "old", "a", 9),
                at("y", "mended", "a", 12),
                at("z", "1", "b", 1),
                at("z", "2", "b", 2),
            ],
        );
        let after = report(vec![], vec![at("s", "fault", "a", 4), at("x", "new", "a", 9)]);
        assert_eq!(
            changes(&before, &after, &["a"]).page(false),
            "\n✗ s\n\nfault\n\n✗ x\n\nnew\n\ncannot be read now: s\n\nunderstood now: mended\n\ngone: b, with 2 faults\n"
        );
    }

    #[test]
    fn another_line_is_no_change() {
        let at = |line: u32| {
            let place =
                serde_json::from_value(serde_json::json!({"file": "a.feature", "line": line})).unwrap();
            let story = format!("a.feature:{line}:3: a fault");
            ReportFinding { place: Some(place), ..finding("a", Fails, Some(&story)) }
        };
        let one = report(vec![at(3)], vec![at(3)]);
        let other = report(vec![at(4)], vec![at(4)]);
        assert_eq!(changes(&one, &other, &[]), Changes::default());
    }

    #[test]
    fn scenarios_of_the_same_name_are_counted() {
        let one = report(vec![finding("a", Holds, None)], vec![]);
        let two = report(vec![finding("a", Holds, None), finding("a", Fails, Some("no"))], vec![]);
        assert_eq!(names(&changes(&one, &two, &[]).now), ["no"]);
        assert_eq!(names(&changes(&two, &one, &[]).gone), ["no"]);
    }

    #[test]
    fn a_file_settles_before_it_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feature");
        let listed = [("a.feature".to_string(), path.clone())];
        let mut texts = Texts::default();
        let start = Instant::now();
        let mut look = |milliseconds: u64, listed: &[(String, PathBuf)]| {
            let seen = std::cell::RefCell::new(Vec::new());
            let reported = texts.look(listed, start + Duration::from_millis(milliseconds), |_, text| {
                seen.borrow_mut().push(text.map_or_else(|error| error.to_string(), str::to_string));
                CheckedText::default()
            });
            (reported, seen.into_inner())
        };
        let none = || (false, Vec::<String>::new());
        fs::write(&path, "one").unwrap();
        assert_eq!(look(0, &listed), (true, vec!["one".to_string()]));
        assert_eq!(look(20, &listed), none());
        fs::write(&path, "").unwrap();
        assert_eq!(look(40, &listed), none());
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(look(60, &listed), none());
        fs::write(&path, "one").unwrap();
        assert_eq!(look(80, &listed), none(), "nothing has changed");
        fs::write(&path, "two").unwrap();
        assert_eq!(look(100, &listed), (true, vec!["two".to_string()]));
        // Half written for too long.
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(look(120, &listed), none());
        assert_eq!(look(340, &listed), (true, vec!["the file is not UTF-8".to_string()]));
        assert_eq!(look(360, &listed), none(), "said once");
        fs::write(&path, "three").unwrap();
        assert_eq!(look(380, &listed), (true, vec!["three".to_string()]));
        // A folder no longer lists it.
        fs::remove_file(&path).unwrap();
        assert_eq!(look(400, &[]), none());
        assert_eq!(look(620, &[]), (true, vec![]));
        assert_eq!(look(640, &[]), none());
    }
}
