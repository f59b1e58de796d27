use flate2::Compression;
use flate2::write::GzEncoder;
use leftfold::check::case_log::TimeZone;
use leftfold::check::{CaseLog, LoggedCase};
use std::io::{self, Read, Write};

/// How much a log may hold at once here.
const MEMORY: usize = 1 << 16;

/// A log of another program: whole cases within the memory that was allowed, and then the end or one sentence with its line; the same
/// however the bytes arrive, and packed or not. The first byte says how the log is read.
pub fn case_log(bytes: &[u8]) {
    let Some((how, log)) = bytes.split_first() else { return };
    let mut reading = CaseLog::new().memory(MEMORY);
    if how & 1 != 0 {
        reading = reading.cases_stand_together();
    }
    if how & 2 != 0 {
        reading = reading.zone(TimeZone::UTC);
    }
    if how & 4 != 0 {
        reading = reading.encoding("windows-1252");
    }
    if how & 8 != 0 {
        reading = reading.case("case").activity("activity").time("time").lifecycle("phase");
    }
    let whole = read(&reading, log);
    assert_eq!(whole, read(&reading, Trickle(log)), "it matters how the bytes arrive");
    let packed = GzEncoder::new(Vec::new(), Compression::fast());
    if !log.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(whole, read(&reading, &*gzip(packed, log)), "it matters whether the log is packed");
    }
}

/// The cases, and the sentence that ends them.
fn read(how: &CaseLog, log: impl Read) -> (Vec<LoggedCase>, Option<String>) {
    let mut cases = match how.read("log", log) {
        Ok(cases) => cases,
        Err(error) => return (Vec::new(), Some(sentence(&error.to_string()))),
    };
    let mut whole = Vec::new();
    let ended = loop {
        match cases.next() {
            Some(Ok(case)) => whole.push(case),
            Some(Err(error)) => {
                assert!(error.line().is_some_and(|line| line > 0), "no line: {error}");
                assert!(cases.next().is_none(), "something comes after an error");
                break Some(sentence(&error.to_string()));
            }
            None => break None,
        }
    };
    for case in &whole {
        let texts = case.events.iter().map(|event| event.activity.len() + size_of_val(event)).sum::<usize>();
        assert!(texts <= MEMORY, "a case of {texts} bytes");
    }
    (whole, ended)
}

fn sentence(text: &str) -> String {
    assert!(text.starts_with("log") && text.ends_with("read before it") && text.len() < 4_000, "{text}");
    text.to_string()
}

fn gzip(mut encoder: GzEncoder<Vec<u8>>, log: &[u8]) -> Vec<u8> {
    encoder.write_all(log).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

/// One byte at a time.
struct Trickle<'t>(&'t [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let one = into.len().min(1);
        self.0.read(&mut into[..one])
    }
}
