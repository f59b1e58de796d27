//! Event logs of other programs, in general: no log takes more memory than stated, no bytes panic, and what was written is
//! read, however it arrives.

use flate2::Compression;
use flate2::write::GzEncoder;
use leftfold::check::{CaseLog, CaseLogError, LoggedCase};
use proptest::prelude::*;
use std::io::{self, Read, Write};

fn read(how: &CaseLog, log: impl AsRef<[u8]>) -> Result<Vec<LoggedCase>, CaseLogError> {
    how.read("a log", log.as_ref())?.collect()
}

fn refusal(how: &CaseLog, log: impl AsRef<[u8]>) -> String {
    match read(how, log) {
        Ok(cases) => format!("no error: {cases:?}"),
        Err(error) => error.to_string(),
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap()
}

// ------------------------------------------------------------------------------------------------------------- bounds

/// A piece that is repeated, as if it had been unpacked from a small file.
struct Repeated {
    begin: io::Cursor<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
    left: u64,
}

fn repeated(begin: &str, piece: &str, bytes: u64) -> Repeated {
    let many = (1 << 16) / piece.len() + 1;
    Repeated { begin: io::Cursor::new(begin.into()), piece: piece.repeat(many).into(), at: 0, left: bytes }
}

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = self.begin.read(into)?;
        if begun > 0 || self.left == 0 {
            return Ok(begun);
        }
        let taken = into.len().min(self.piece.len() - self.at);
        into[..taken].copy_from_slice(&self.piece[self.at..self.at + taken]);
        self.at = (self.at + taken) % self.piece.len();
        self.left = self.left.saturating_sub(taken as u64);
        Ok(taken)
    }
}

#[test]
fn whatever_grows_without_end_is_refused_before_it_takes_the_memory() {
    let event = "<event><string key='concept:name' value='a'/></event>\n";
    let begun = "<log><trace><string key='concept:name' value='1'/><event>";
    let header = "case:concept:name,concept:name\n";
    let long = "longer than 1048576 bytes";
    let held = "the events that are held at once take more than 1048576 bytes";
    for (begin, piece, why) in [
        ("<log>", " ", long),
        ("<log>", "text", long),
        ("<log><!--", "-", long),
        ("<log><![CDATA[", "x", long),
        ("<!DOCTYPE log [", "<!ENTITY a 'b'>", long),
        ("<", "x", long),
        ("<log ", "a='b' ", long),
        ("<log><trace><string key='", "x", long),
        ("<log><trace><string key='a' value='", "x", long),
        ("<log>", "<list>", "attributes are nested more than 64 deep"),
        (begun, "<a>", "attributes are nested more than 64 deep"),
        ("<log><trace>", event, held),
        ("<log>", &event.replace("/></event>", "/><id key='case:concept:name' value='1'/></event>"), held),
        ("", " ", long),
        (header, "1,a\n", held),
        (header, "x", long),
        ("case:concept:name,concept:name\n1,\"", "x,\n", long),
        (header, ",", long),
        ("a", ",a", long),
    ] {
        let log = repeated(begin, piece, 200 << 20);
        let mut read = 0;
        let counted = CountBytes { input: log, read: &mut read };
        let how = CaseLog::new().memory(1 << 20);
        let said =
            how.read("a log", counted).and_then(Iterator::collect::<Result<Vec<LoggedCase>, _>>).unwrap_err();
        assert!(said.to_string().contains(why), "{begin}{piece}…: {said}");
        assert!(read < 16 << 20, "{begin}{piece}…: {read} bytes were read");
    }
}

#[test]
fn only_what_is_held_at_once_counts() {
    let note = "x".repeat(1 << 16);
    let traces = repeated(
        "<log>",
        &format!(
            "<trace><string key='concept:name' value='1'/>\n<event><string key='concept:name' value='{note}'/></event></trace>\n"
        ),
        4 << 20,
    );
    let of_traces = CaseLog::new().memory(1 << 20).read("a log", traces).unwrap();
    // The last is cut off.
    assert_eq!(of_traces.map_while(Result::ok).count(), 63);

    let mut rows = String::from("case:concept:name,concept:name\n");
    (0..64).for_each(|case| rows += &format!("{case},{note}\n"));
    let how = CaseLog::new().memory(1 << 20);
    assert_eq!(read(&how.clone().cases_stand_together(), &rows).unwrap().len(), 64);
    assert!(refusal(&how, &rows).contains("or state that cases stand together, where they do"));
    // Which cases have ended is held too.
    let mut many = String::from("case:concept:name,concept:name\n");
    (0..1_000).for_each(|case| many += &format!("{case},a\n"));
    let said = refusal(&CaseLog::new().memory(8_000).cases_stand_together(), &many);
    assert!(
        said.contains("take more than 8000 bytes; allow more memory, or have longer cases cut"),
        "{said}"
    );
}

struct CountBytes<'c, R> {
    input: R,
    read: &'c mut u64,
}

impl<R: Read> Read for CountBytes<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        *self.read += read as u64;
        Ok(read)
    }
}

#[test]
fn many_attributes_and_many_columns_are_refused() {
    let attributes: String = (0..2_000).map(|n| format!("<int key='{n}' value='1'/>\n")).collect();
    let log = format!("<log><trace><event>{attributes}</event></trace></log>");
    assert!(
        refusal(&CaseLog::new(), log)
            .contains("line 1025: an event of a case that is not named yet has more than 1024")
    );
    let log = format!("<log><trace>{attributes}</trace></log>");
    assert!(refusal(&CaseLog::new(), log).contains("has more than 1024 attributes"));
    let columns: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
    assert!(refusal(&CaseLog::new(), columns.join(",")).contains("the header has more than 1024 columns"));
    let texts: String =
        (0..100).map(|n| format!("<int key='{n}' value='{}'/>", "x".repeat(1 << 16))).collect();
    for log in [
        format!("<log><trace>{texts}</trace></log>"),
        format!("<log><trace><event>{texts}</event></trace></log>"),
    ] {
        assert!(refusal(&CaseLog::new().memory(1 << 20), log).contains("take more than 1048576 bytes"));
    }
}

// ------------------------------------------------------------------------------------------------------------ in general

fn bytes_of_logs() -> impl Strategy<Value = Vec<u8>> {
    let parts = prop::sample::select(vec![
        "<log>",
        "</log>",
        "<trace>",
        "</trace>",
        "<event>",
        "</event>",
        "<global scope='event'>",
        "</global>",
        "<list key='l'>",
        "</list>",
        "<string key='concept:name' value='a'/>",
        "<date key='time:timestamp' value='2011-10-01T00:00:00Z'/>",
        "<string key='case:concept:name' value='1'/>",
        "<string key='",
        "&amp;",
        "&co;",
        "<!--",
        "-->",
        "\"",
        "'",
        "\n",
        "\r",
        ",",
        ";",
        "case:concept:name,concept:name\n",
        "1,a\n",
        "<?xml version='1.0' encoding='",
        "utf-16",
        "'?>",
        "\u{feff}",
        "é",
    ]);
    let part = prop_oneof![
        8 => parts.prop_map(|part: &str| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// One byte at a time.
struct Trickle<'t>(&'t [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let one = into.len().min(1);
        self.0.read(&mut into[..one])
    }
}

/// A value as it stands in XML.
fn escaped(text: &str) -> String {
    let reference = |c: char| format!("&#{};", u32::from(c));
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { reference(c) }).collect()
}

/// Cases of events: a name, and perhaps a life cycle, a time and a note.
type Made = Vec<Vec<(String, Option<String>, Option<i64>, Option<String>)>>;

fn made() -> impl Strategy<Value = Made> {
    let text = || "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{feff}\u{fffe}\u{ffff}]{1,12}";
    let event = (
        text(),
        prop::option::of("[A-Za-z]{1,8}"),
        prop::option::of(0..2_000_000_000_i64),
        prop::option::of(text()),
    );
    prop::collection::vec(prop::collection::vec(event, 1..6), 0..6)
}

fn timestamp(second: i64) -> leftfold::recorded::Timestamp {
    leftfold::recorded::Timestamp::from_second(second).unwrap()
}

proptest! {
    /// Any bytes end in cases or in one sentence with a line, never in a panic, and alike however they arrive.
    #[test]
    fn any_bytes_are_cases_or_one_sentence(log in bytes_of_logs(), packed in any::<bool>(), together in any::<bool>()) {
        let log = if packed { gzip(&log) } else { log };
        let how = if together { CaseLog::new().cases_stand_together() } else { CaseLog::new() };
        let whole = read(&how, &log);
        if let Err(error) = &whole {
            prop_assert!(error.to_string().ends_with("read before it"), "{}", error);
            prop_assert!(error.line().is_some(), "{}", error);
        }
        let trickled = how.read("a log", Trickle(&log)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let said = |read: Result<Vec<LoggedCase>, CaseLogError>| read.map_err(|error| error.to_string());
        prop_assert_eq!(said(whole), said(trickled), "it matters how the bytes arrive");
    }

    /// Whatever cases there are, they are read as they are, from XES and from CSV, gathered or one at a time.
    #[test]
    fn what_was_written_is_read(made in made()) {
        let mut xes = String::from("<log>");
        let mut csv = String::from("case:concept:name;time:timestamp;concept:name;note;lifecycle:transition\n");
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        for (number, events) in made.iter().enumerate() {
            xes += &format!("<trace><string key='concept:name' value='{number}'/>\n");
            for (activity, lifecycle, at, note) in events {
                let pair = |kind: &str, key: &str, value: &Option<String>| {
                    value.as_ref().map_or(String::new(), |value| format!("<{kind} key='{key}' value='{}'/>", escaped(value)))
                };
                let time = at.map(|at| timestamp(at).to_string());
                xes += &format!("<event><string key='concept:name' value=\"{}\"/>", escaped(activity));
                xes += &pair("string", "lifecycle:transition", lifecycle);
                xes += &pair("date", "time:timestamp", &time);
                xes += &pair("string", "note", note);
                xes += "</event>\n";
                let cell = |value: &Option<String>| value.as_deref().map_or(String::new(), quoted);
                csv += &format!("{number};{};{};{};{}\n", cell(&time), quoted(activity), cell(note), cell(lifecycle));
            }
            xes += "</trace>";
        }
        xes += "</log>";
        for (how, log) in [
            (CaseLog::new(), &xes),
            (CaseLog::new(), &csv),
            (CaseLog::new().cases_stand_together(), &csv),
        ] {
            let found = read(&how, log).unwrap();
            prop_assert_eq!(found.len(), made.len());
            for (number, (found, made)) in found.iter().zip(&made).enumerate() {
                prop_assert_eq!(&found.id, &number.to_string());
                let said: Vec<_> = found
                    .events
                    .iter()
                    .map(|event| (event.activity.clone(), event.lifecycle.clone(), event.at, event.attributes.get("note")))
                    .collect();
                let expected: Vec<_> = made
                    .iter()
                    .map(|(activity, lifecycle, at, note)| {
                        let lifecycle = lifecycle.as_ref().map(|lifecycle| lifecycle.to_lowercase());
                        (activity.clone(), lifecycle, at.map(timestamp), note.as_deref())
                    })
                    .collect();
                prop_assert_eq!(said, expected);
            }
        }
    }
}
