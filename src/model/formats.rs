//! The report for other programs: JSON, the XML of `JUnit`, and annotations of GitHub.

use super::report::{Report, ReportFinding, ReportVerdict};
use crate::page::{count, one_line, printable_lines};
use std::fmt::Write as _;

impl Report {
    /// The report as JSON.
    ///
    /// It is what the report serializes to: `model`, and `sections` with `title`, `summary`, `findings`, `notes` and `took`
    /// (seconds). A finding has `part` (or null), `name`, `verdict` (`"Holds"`, `"Fails"` or `"Open"`), `story` (or null),
    /// `place` (`file` and `line`, or null), `took`, `answer` (what the model answers to an open question, or null) and `unconfirmed`
    /// (whether it expects what the model answered itself). Fields may be added; none of these changes.
    ///
    /// ```
    /// use leftfold::model::Report;
    ///
    /// let json = r#"{"model":"lamp","sections":[{"title":"scenarios","summary":"1 holds","findings":[{"part":null,
    ///     "name":"a lamp goes on","verdict":"Holds","story":null,"place":{"file":"src/lamp.rs","line":7},"took":0.0}],
    ///     "notes":[],"took":0.0}]}"#;
    /// let report: Report = serde_json::from_str(json)?;
    /// assert_eq!(serde_json::from_str::<Report>(&report.to_json())?, report);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        // Texts, numbers and options in structs and lists: nothing that could be refused.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The report in the XML of `JUnit`, as Jenkins and Surefire read it: a suite for each kind of check, a test case for each scenario,
    /// property and law. Open questions are skipped. The place in the source is the output of a test case.
    pub fn to_junit(&self) -> String {
        let all = || self.sections.iter().flat_map(|section| &section.findings);
        let number = |verdict| all().filter(|finding| finding.verdict == verdict).count();
        let seconds: f64 = self.sections.iter().map(|section| section.took.0).sum();
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(
            xml,
            "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{seconds:.3}\">",
            attribute(&self.model),
            all().count(),
            number(ReportVerdict::Fails),
        );
        for section in self.sections.iter().filter(|section| !section.findings.is_empty()) {
            let of = |verdict| section.findings.iter().filter(|finding| finding.verdict == verdict).count();
            let _ = writeln!(
                xml,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\">",
                attribute(&format!("{}.{}", self.model, section.title)),
                section.findings.len(),
                of(ReportVerdict::Fails),
                of(ReportVerdict::Open),
                section.took.0,
            );
            for finding in &section.findings {
                self.test_case(&mut xml, &section.title, finding);
            }
            let notes = [std::slice::from_ref(&section.summary), &section.notes].concat().join("\n");
            let _ = writeln!(xml, "    <system-out>{}</system-out>\n  </testsuite>", content(&notes));
        }
        xml + "</testsuites>\n"
    }

    fn test_case(&self, xml: &mut String, section: &str, finding: &ReportFinding) {
        let part = finding.part.as_ref().map(|part| format!(".{part}")).unwrap_or_default();
        let _ = writeln!(
            xml,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">",
            attribute(&format!("{}.{section}{part}", self.model)),
            attribute(&finding.name),
            finding.took.0
        );
        let _ = match finding.verdict {
            ReportVerdict::Holds => Ok(()),
            ReportVerdict::Open => {
                writeln!(xml, "      <skipped message=\"{}\"/>", attribute(&not_decided(finding)))
            }
            ReportVerdict::Fails => writeln!(
                xml,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                attribute(section),
                attribute(&finding.name),
                content(finding.story.as_deref().unwrap_or_default())
            ),
        };
        if let Some(place) = &finding.place {
            let _ = writeln!(xml, "      <system-out>{}</system-out>", content(&place.to_string()));
        }
        xml.push_str("    </testcase>\n");
    }

    /// The report as commands of a GitHub workflow, which annotate the lines in question: an error for what fails, a notice for
    /// what is open, and a line with the sum.
    pub fn to_github(&self) -> String {
        let mut page = String::new();
        for finding in self.sections.iter().flat_map(|section| &section.findings) {
            let kind = match finding.verdict {
                ReportVerdict::Holds => continue,
                ReportVerdict::Fails => "error",
                ReportVerdict::Open => "notice",
            };
            let place = finding.place.as_ref().map(|place| {
                format!("file={},line={},", property(&place.file.replace('\\', "/")), place.line)
            });
            let part = finding.part.as_ref().map(|part| format!(": {part}")).unwrap_or_default();
            let title = one_line(&format!("{}{part}: {}", self.model, finding.name));
            let text = match finding.verdict {
                ReportVerdict::Open => not_decided(finding),
                _ => finding.story.as_ref().unwrap_or(&finding.name).clone(),
            };
            let _ = writeln!(
                page,
                "::{kind} {}title={}::{}",
                place.unwrap_or_default(),
                property(&title),
                data(&printable_lines(&text))
            );
        }
        let failing = self.failures().count();
        page + &format!(
            "checked {}: {}\n",
            one_line(&self.model),
            count(failing, "check fails", "checks fail")
        )
    }
}

/// What is said of an open question.
fn not_decided(finding: &ReportFinding) -> String {
    let answer = finding.answer.iter().flat_map(|answer| answer.lines());
    std::iter::once("not decided").chain(answer).collect::<Vec<_>>().join("; ")
}

/// A text inside quotation marks in XML.
fn attribute(text: &str) -> String {
    content(&one_line(text)).replace('"', "&quot;")
}

/// A text between tags in XML, which may hold no control character but a line break.
fn content(text: &str) -> String {
    let shown = printable_lines(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    shown.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A text after the last `::` of a command of a workflow.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command of a workflow.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
