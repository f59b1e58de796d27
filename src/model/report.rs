//! The report of a model's checks, and its page.

use crate::clock::Stopwatch;
use crate::page::{Column, count as counted, cut, fitted, one_line, printable, printable_lines};
use crate::spec::{Coverage, ScenarioCase, SourceLocation};
use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write as _};

/// The title of the section about texts.
pub(crate) const TEXTS: &str = "texts";

/// The width of the page, in columns.
const PAGE: usize = 80;

/// The result of [`Model::check`](crate::Model::check): a value that prints as a page, becomes the outcome of a test,
/// and serializes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// A section for each kind of check, in reading order.
    pub sections: Vec<Section>,
}

/// What one kind of check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Section {
    /// The kind: "scenarios", "coverage".
    pub title: String,
    /// The result in one line.
    pub summary: String,
    /// What was checked, one by one.
    pub findings: Vec<ReportFinding>,
    /// Further remarks, a line each; they never make the report fail.
    pub notes: Vec<String>,
    /// How long it took.
    pub took: TimeTaken,
}

/// How long a check took, in seconds. It is not part of what was found, so any two are equal.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeTaken(pub f64);

impl PartialEq for TimeTaken {
    fn eq(&self, _: &TimeTaken) -> bool {
        true
    }
}

impl Eq for TimeTaken {}

impl TimeTaken {
    /// Shown from a second on, so that quick reports read the same each time.
    fn suffix(self) -> String {
        match self.0 {
            seconds if seconds >= 1.0 => format!(" ({seconds:.1} s)"),
            _ => String::new(),
        }
    }
}

/// One thing that was checked: a scenario, a property, a law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportFinding {
    /// The part of the model; `None` for its decider.
    pub part: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub verdict: ReportVerdict,
    /// The story of the failure, if it fails.
    pub story: Option<String>,
    /// Its line in the source: of the expectation that failed, of the scenario, of the property, or of the call that gave the
    /// law to the model.
    #[serde(default)]
    pub place: Option<SourceLocation>,
    /// How long it took, if that was measured.
    #[serde(default)]
    pub took: TimeTaken,
    /// What the model answers today to an open question that asks, line by line.
    #[serde(default)]
    pub answer: Option<String>,
    /// Whether it expects what the model answered itself, and nobody has confirmed that.
    #[serde(default)]
    pub unconfirmed: bool,
}

impl ReportFinding {
    /// A finding of this name, of the model's decider.
    pub fn new(name: impl Into<String>, verdict: ReportVerdict) -> Self {
        let (part, story, place, answer) = (None, None, None, None);
        let (name, took) = (name.into(), TimeTaken::default());
        ReportFinding { part, name, verdict, story, place, took, answer, unconfirmed: false }
    }

    /// Runs a scenario.
    pub(super) fn of_case(case: &ScenarioCase<'_>) -> Self {
        let failure = case.run().err();
        let verdict = match &failure {
            _ if case.is_question => ReportVerdict::Open,
            None => ReportVerdict::Holds,
            Some(_) => ReportVerdict::Fails,
        };
        ReportFinding {
            part: case.part.map(str::to_string),
            place: Some(match &failure {
                Some(failure) => failure.place.clone(),
                None => case.place.clone(),
            }),
            story: failure.map(|failure| failure.to_string()),
            ..ReportFinding::new(case.name, verdict)
        }
    }
}

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReportVerdict {
    /// It holds.
    Holds,
    /// It fails.
    Fails,
    /// It is an open question, or was not decided.
    Open,
}

impl Report {
    /// Whether nothing fails.
    pub fn holds(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The findings that fail, in order.
    pub fn failures(&self) -> impl Iterator<Item = &ReportFinding> {
        let findings = self.sections.iter().flat_map(|section| &section.findings);
        findings.filter(|finding| finding.verdict == ReportVerdict::Fails)
    }

    /// Turns the report into the outcome of a test.
    ///
    /// # Panics
    /// If something fails, at the line of the caller, with the stories of all failures.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.holds(), "\n{}", self.stories());
    }

    /// The page in colours, for a terminal.
    pub fn coloured(&self) -> String {
        self.page(&Palette::COLOURED)
    }

    /// Prints the page to standard output, in colours where it is a terminal and `NO_COLOR` is not set.
    ///
    /// # Errors
    /// The error of writing to standard output.
    pub fn print(&self) -> io::Result<()> {
        let page = if wants_colours() { self.coloured() } else { self.to_string() };
        let mut out = io::stdout().lock();
        out.write_all(page.as_bytes())?;
        out.flush()
    }

    pub(super) fn stories(&self) -> String {
        let mut text = String::new();
        for failure in self.failures() {
            if let Some(part) = &failure.part {
                let _ = writeln!(text, "in {}\n", cut(&one_line(part), PAGE - 3));
            }
            let story = failure.story.as_deref().map_or_else(|| printable(&failure.name), printable_lines);
            // Without bytes of colours in it, so that a click opens it. A failed scenario says it itself.
            match failure.place.as_ref().map(ToString::to_string) {
                Some(place) if !story.contains(&place) => {
                    let _ = writeln!(text, "{}\n{story}\n\n", printable(&place));
                }
                _ => {
                    let _ = writeln!(text, "{story}\n\n");
                }
            }
        }
        let failing = self.failures().count();
        let _ = writeln!(
            text,
            "{}: {}",
            cut(&one_line(&self.model), PAGE / 2),
            counted(failing, "check fails", "checks fail")
        );
        text
    }

    fn page(&self, palette: &Palette) -> String {
        let mut page = String::new();
        let _ = writeln!(page, "{}", palette.paint(palette.title, &cut(&one_line(&self.model), PAGE)));
        let column = Column::of(PAGE / 2, self.sections.iter().map(|section| &section.title));
        for section in &self.sections {
            let title = palette.paint(palette.title, &column.left(&section.title));
            let took = section.took.suffix();
            let _ = writeln!(page, "\n{title}  {}{took}", printable(&section.summary));
            let mut part: Option<&String> = None;
            for finding in section.listed().iter() {
                if finding.part.as_ref() != part {
                    part = finding.part.as_ref();
                    let _ = writeln!(
                        page,
                        "\n  {}",
                        part.map_or_else(String::new, |part| cut(&one_line(part), PAGE - 2).into_owned())
                    );
                }
                let indent = if part.is_some() { "    " } else { "  " };
                page.push_str(&palette.finding(finding, indent));
            }
            for line in section.notes.iter().flat_map(|note| fitted(&printable(note), PAGE - 2)) {
                let _ = writeln!(page, "  {}", palette.paint(palette.note, &line));
            }
        }
        if !self.holds() {
            let _ = write!(page, "\n\n{}", self.stories());
        }
        page
    }
}

#[cfg(feature = "workbench")]
impl ReportFinding {
    /// Its sign and name, as on the page.
    pub(crate) fn lines(&self, colours: bool) -> String {
        let palette = if colours { &Palette::COLOURED } else { &Palette::PLAIN };
        palette.finding(self, "")
    }
}

/// Whether standard output is a terminal that shows colours, and `NO_COLOR` and `TERM=dumb` are not set.
pub(crate) fn wants_colours() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.page(&Palette::PLAIN))
    }
}

impl Section {
    /// Its findings as the page lists them: the faults of a scenario, or those of a file, are one line.
    fn listed(&self) -> Cow<'_, [ReportFinding]> {
        if self.title != TEXTS {
            return Cow::Borrowed(&self.findings);
        }
        let file = |finding: &ReportFinding| finding.place.as_ref().map(|place| place.file.clone());
        let mut listed: Vec<(ReportFinding, usize)> = Vec::new();
        for finding in &self.findings {
            let is_same = |(other, _): &&mut (ReportFinding, usize)| {
                other.name == finding.name && file(other) == file(finding)
            };
            match listed.iter_mut().find(is_same) {
                Some((_, faults)) => *faults += 1,
                None => listed.push((finding.clone(), 1)),
            }
        }
        let said = |(finding, faults): (ReportFinding, usize)| match faults {
            1 => finding,
            _ => ReportFinding { name: format!("{} ({faults} faults)", one_line(&finding.name)), ..finding },
        };
        listed.into_iter().map(said).collect()
    }

    pub(super) fn timed(check: impl FnOnce() -> Section) -> Section {
        let started = Stopwatch::start();
        let section = check();
        Section { took: TimeTaken(started.elapsed().as_secs_f64()), ..section }
    }

    /// What is wrong with the sentences of a specification, if anything is.
    pub(super) fn of_sentences(faults: Vec<(String, SourceLocation)>) -> Option<Section> {
        let finding = |(fault, place): (String, SourceLocation)| ReportFinding {
            place: Some(place),
            ..ReportFinding::new(&fault, ReportVerdict::Fails)
        };
        let findings: Vec<ReportFinding> = faults.into_iter().map(finding).collect();
        (!findings.is_empty()).then(|| Section {
            title: "sentences".into(),
            summary: counted(findings.len(), "cannot be read", "cannot be read"),
            findings,
            ..Section::default()
        })
    }

    pub(super) fn of_scenarios(findings: Vec<ReportFinding>) -> Section {
        let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
        let mut notes = Vec::new();
        for (i, finding) in findings.iter().enumerate() {
            let again = |other: &ReportFinding| other.part == finding.part && other.name == finding.name;
            if finding.name.trim().is_empty() {
                notes.push("a scenario has no name".to_string());
            } else if findings[..i].iter().any(again) {
                notes.push(format!("two scenarios are called \"{}\"", one_line(&finding.name)));
            }
        }
        let mut summary = vec![counted(count(ReportVerdict::Holds), "holds", "hold")];
        if findings.is_empty() {
            summary = vec!["nothing is specified yet".to_string()];
        }
        match count(ReportVerdict::Fails) {
            0 => {}
            fails => summary.push(counted(fails, "fails", "fail")),
        }
        match count(ReportVerdict::Open) {
            0 => {}
            open => summary.push(counted(open, "open question", "open questions")),
        }
        Section {
            title: "scenarios".into(),
            summary: summary.join(", "),
            findings,
            notes,
            ..Section::default()
        }
    }

    /// The section of a model without checks: an empty report would look like a good one.
    pub(super) fn of_nothing(name: String) -> Section {
        let finding = ReportFinding::new(name, ReportVerdict::Fails);
        Section {
            title: "checks".into(),
            summary: "nothing was looked at".into(),
            findings: vec![finding],
            ..Section::default()
        }
    }

    pub(super) fn of_coverage(coverage: &Coverage) -> Section {
        let kinds = [
            ("command", "commands", &coverage.commands),
            ("event", "events", &coverage.events),
            ("rejection", "rejections", &coverage.rejections),
        ];
        let mut notes = Vec::new();
        let mut summary = Vec::new();
        for (one, many, all) in kinds {
            let untouched: Vec<&str> = all
                .iter()
                .filter(|touched| touched.times == 0)
                .map(|touched| touched.name.as_str())
                .collect();
            summary.push(if all.is_empty() && !coverage.unnamed.is_empty() {
                format!("{many} not counted")
            } else {
                format!("{} of {}", all.len() - untouched.len(), counted(all.len(), one, many))
            });
            if !untouched.is_empty() {
                let what = if untouched.len() == 1 { one } else { many };
                notes.push(format!("no scenario reaches the {what} {}", untouched.join(", ")));
            }
        }
        let mut unasked: Vec<(&str, Vec<&str>)> = Vec::new();
        for cell in coverage.untouched_cells() {
            match unasked.last_mut() {
                Some((state, commands)) if *state == cell.state => commands.push(&cell.command),
                _ => unasked.push((&cell.state, vec![&cell.command])),
            }
        }
        notes.extend(unasked.iter().map(|(state, commands)| match *state {
            "any" => format!("not asked: {}", commands.join(", ")),
            state => format!("not asked in {state}: {}", commands.join(", ")),
        }));
        let events = |name: &String| coverage.events.iter().any(|event| event.name == *name);
        let both: Vec<&str> = coverage
            .commands
            .iter()
            .map(|command| &command.name)
            .filter(|name| events(name))
            .map(String::as_str)
            .collect();
        if !both.is_empty() {
            notes.push(format!(
                "both a command and an event: {}; a struct around a struct or an enum has the name of what is in it",
                both.join(", ")
            ));
        }
        notes.extend(coverage.unnamed.iter().cloned());
        Section { title: "coverage".into(), summary: summary.join(", "), notes, ..Section::default() }
    }
}

struct Palette {
    title: Style,
    holds: Style,
    fails: Style,
    open: Style,
    note: Style,
}

impl Palette {
    const PLAIN: Palette = Palette {
        title: Style::new(),
        holds: Style::new(),
        fails: Style::new(),
        open: Style::new(),
        note: Style::new(),
    };
    const COLOURED: Palette = Palette {
        title: Style::new().bold(),
        holds: AnsiColor::Green.on_default(),
        fails: AnsiColor::Red.on_default().bold(),
        open: AnsiColor::Yellow.on_default(),
        note: Style::new().dimmed(),
    };

    fn paint(&self, style: Style, text: &str) -> String {
        format!("{style}{text}{style:#}")
    }

    /// The lines of a finding: its sign and name, and the answer to a question.
    fn finding(&self, finding: &ReportFinding, indent: &str) -> String {
        let (sign, style) = match finding.verdict {
            ReportVerdict::Holds => ("✓", self.holds),
            ReportVerdict::Fails => ("✗", self.fails),
            ReportVerdict::Open => ("?", self.open),
        };
        let unconfirmed = if finding.unconfirmed { " (today: not confirmed)" } else { "" };
        let said = one_line(&finding.name) + unconfirmed + &finding.took.suffix();
        let name = fitted(&said, PAGE - indent.len() - 2);
        let mut lines = format!("{indent}{} {}\n", self.paint(style, sign), name[0]);
        for more in &name[1..] {
            let _ = writeln!(lines, "{indent}  {}", more.trim_start());
        }
        for line in finding.answer.iter().flat_map(|answer| answer.lines()) {
            for line in fitted(&one_line(line), PAGE - indent.len() - 4) {
                let _ = writeln!(lines, "{indent}    {}", self.paint(self.note, &line));
            }
        }
        lines
    }
}
