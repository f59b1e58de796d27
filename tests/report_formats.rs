//! What `check --format` prints is read by other programs: XML for test results is valid, and no text leaves its place.

use leftfold::model::{Report, ReportFinding, ReportVerdict, Section};
use std::io::Write;
use std::process::{Command, Stdio};

/// A report in which every text holds what a text from outside may hold.
fn awkward() -> Report {
    let text = "a <b> & \"c\" ]]> %0A ::error::x\n::error::y, \u{1b}[0m \u{0} \u{202e} \u{fffe}";
    let finding = |verdict, line| {
        let mut finding = ReportFinding::new(text, verdict);
        finding.part = Some(text.into());
        finding.story = Some(text.into());
        let place = serde_json::json!({ "file": "src/a,b:c.rs", "line": line });
        finding.place = Some(serde_json::from_value(place).unwrap());
        finding
    };
    let mut section = Section::default();
    section.title = text.into();
    section.summary = text.into();
    section.notes = vec![text.into()];
    section.findings = vec![
        finding(ReportVerdict::Holds, 1),
        finding(ReportVerdict::Fails, 2),
        finding(ReportVerdict::Open, 3),
    ];
    let mut report = Report::default();
    report.model = text.into();
    report.sections = vec![section];
    report
}

#[test]
fn the_xml_is_well_formed_and_has_a_case_for_each_finding() {
    let xml = awkward().to_junit();
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut cases, mut failures) = (0, 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}\n{xml}")) {
            quick_xml::events::Event::Start(tag) if tag.name().as_ref() == "testcase" => cases += 1,
            quick_xml::events::Event::Start(tag) if tag.name().as_ref() == "failure" => failures += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((cases, failures), (3, 1), "{xml}");
    assert!(xml.contains("<system-out>src/a,b:c.rs:2</system-out>"), "{xml}");
}

/// The schema is written from the description of the format that Jenkins and Surefire read. Without `xmllint`, only
/// well-formedness is tested, above.
#[test]
fn the_xml_is_valid() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report_formats/junit.xsd");
    let xmllint = Command::new("xmllint")
        .args(["--noout", "--schema", schema, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut xmllint = match xmllint {
        Ok(xmllint) => xmllint,
        Err(error) => return eprintln!("not validated: xmllint cannot be run: {error}"),
    };
    xmllint.stdin.take().unwrap().write_all(awkward().to_junit().as_bytes()).unwrap();
    let output = xmllint.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_text_begins_a_command_of_a_workflow() {
    let page = awkward().to_github();
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines.len(), 3, "{page}");
    assert!(lines[0].starts_with("::error file=src/a%2Cb%3Ac.rs,line=2,title="), "{page}");
    assert!(lines[1].starts_with("::notice file=src/a%2Cb%3Ac.rs,line=3,title="), "{page}");
    assert!(lines[2].starts_with("checked "), "{page}");
    let properties = lines[0].trim_start_matches("::error ").split("::").next().unwrap();
    assert_eq!(properties.split(',').count(), 3, "{page}");
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn json_reads_back_and_a_report_of_an_earlier_version_is_read() {
    let report = awkward();
    assert_eq!(serde_json::from_str::<Report>(&report.to_json()).unwrap(), report);
    let earlier = r#"{"model":"lamp","sections":[{"title":"scenarios","summary":"1 holds","findings":[
        {"part":null,"name":"it goes on","verdict":"Holds","story":null}],"notes":[],"took":0.1}]}"#;
    let read: Report = serde_json::from_str(earlier).unwrap();
    assert_eq!(read.sections[0].findings[0].place, None);
}
