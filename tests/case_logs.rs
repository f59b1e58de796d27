//! Event logs of other programs: each kind of log is read whole, and what cannot be read is reported in a sentence with its
//! line.

use flate2::Compression;
use flate2::write::GzEncoder;
use leftfold::check::case_log::TimeZone;
use leftfold::check::{CaseLog, CaseLogError, LoggedCase, LoggedEvent};
use std::io::{self, Read, Write};

const ROAD_TRAFFIC: &[u8] = include_bytes!("case_logs/road_traffic.xes");
const BILLING: &[u8] = include_bytes!("case_logs/billing.xes");
const RECEIPT: &[u8] = include_bytes!("case_logs/receipt.xes");
const HELPDESK: &[u8] = include_bytes!("case_logs/helpdesk.csv");

fn read(how: &CaseLog, log: impl AsRef<[u8]>) -> Result<Vec<LoggedCase>, CaseLogError> {
    how.read("a log", log.as_ref())?.collect()
}

fn cases(log: impl AsRef<[u8]>) -> Vec<LoggedCase> {
    read(&CaseLog::new(), log).unwrap()
}

fn refusal(how: &CaseLog, log: impl AsRef<[u8]>) -> String {
    match read(how, log) {
        Ok(cases) => format!("no error: {cases:?}"),
        Err(error) => error.to_string(),
    }
}

fn activities(case: &LoggedCase) -> Vec<&str> {
    case.events.iter().map(|event| event.activity.as_str()).collect()
}

fn lifecycles(case: &LoggedCase) -> Vec<Option<&str>> {
    case.events.iter().map(|event| event.lifecycle.as_deref()).collect()
}

fn at(event: &LoggedEvent) -> String {
    event.at.map_or("none".into(), |at| at.to_string())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap()
}

fn helpdesk() -> CaseLog {
    let log = CaseLog::new().case("Case ID").activity("Activity").time("Complete Timestamp");
    log.zone(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
}

// ------------------------------------------------------------------------------------------ kinds of logs, read whole

#[test]
fn a_log_of_fines_is_read_with_its_attributes_and_with_life_cycles_by_default() {
    let cases = cases(ROAD_TRAFFIC);
    assert_eq!((cases[0].id.as_str(), cases[1].id.as_str(), cases.len()), ("A1", "A100", 2));
    assert_eq!(activities(&cases[1]), ["Create Fine", "Insert Fine Notification", "Add penalty"]);
    assert_eq!(lifecycles(&cases[1]), [Some("complete"); 3]);
    let fine = &cases[0].events[0];
    let said: Vec<_> = fine.attributes.iter().collect();
    assert_eq!(said[..3], [("amount", "35.0"), ("org:resource", "561"), ("dismissal", "NIL")]);
    assert_eq!(fine.attributes.get("points"), Some("0"));
    assert_eq!(fine.attributes.get("expense"), None);
    assert_eq!((at(fine).as_str(), fine.line), ("2006-07-23T22:00:00Z", 32));
}

#[test]
fn a_log_of_bills_is_read_with_life_cycles_in_any_case() {
    let cases = cases(BILLING);
    assert_eq!(activities(&cases[0]), ["NEW", "FIN", "BILLED"]);
    assert_eq!(lifecycles(&cases[0]), [Some("start"), Some("complete"), Some("complete")]);
    let billed = &cases[0].events[2];
    // What a `<global>` says holds where the event says nothing.
    assert_eq!(billed.attributes.get("org:resource"), Some("ResA"));
    assert_eq!(billed.attributes.get("msgCount"), Some("0"));
    assert_eq!(
        cases[0].events[1].attributes.get("code"),
        None,
        "an attribute in a list is none of the event"
    );
}

#[test]
fn a_log_of_permits_is_read_with_nulls() {
    let cases = cases(RECEIPT);
    let case = &cases[0];
    assert_eq!(case.id, "case-10011");
    let said: Vec<_> = case.attributes.iter().map(|(name, _)| name).collect();
    assert_eq!(said, ["enddate", "department", "startdate", "channel"]);
    let times: Vec<_> = case.events.iter().map(at).collect();
    assert_eq!(times, ["2011-10-11T11:45:40.276Z", "none", "2011-11-24T14:37:16.553Z"]);
    assert_eq!(lifecycles(case), [Some("complete"), None, None]);
}

#[test]
fn a_table_of_tickets_is_read_by_the_names_of_its_columns() {
    let cases = read(&helpdesk(), HELPDESK).unwrap();
    assert_eq!(activities(&cases[0]), ["Assign seriousness", "Take in charge ticket", "Closed"]);
    assert_eq!(activities(&cases[1]), ["Assign seriousness", "Closed"]);
    let [first, last] = [&cases[0].events[0], &cases[1].events[1]];
    assert_eq!((at(first).as_str(), first.line), ("2012-10-09T12:50:17Z", 2));
    assert_eq!((at(last).as_str(), last.line), ("2010-11-04T06:00:00Z", 6));
    assert_eq!(cases[1].events[0].attributes.get("seriousness"), Some("Value \"2\", urgent"));
    assert_eq!(last.attributes.get("seriousness"), Some("two\nlines"));
    assert_eq!(last.attributes.get("Resource"), None, "a value that is empty is none");
    assert_eq!(first.lifecycle, None);
}

#[test]
fn a_log_is_read_alike_gzipped_and_in_any_encoding() {
    for (log, how) in [
        (ROAD_TRAFFIC, CaseLog::new()),
        (BILLING, CaseLog::new()),
        (RECEIPT, CaseLog::new()),
        (HELPDESK, helpdesk()),
    ] {
        let expected = read(&how, log).unwrap();
        let text = std::str::from_utf8(log).unwrap();
        let utf_16 = |mark: bool, little: bool| -> Vec<u8> {
            let mark = mark.then_some('\u{feff}').into_iter();
            let units: Vec<u16> =
                mark.chain(text.chars()).map(|c| u16::try_from(u32::from(c)).unwrap()).collect();
            units
                .iter()
                .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect()
        };
        for bytes in [
            gzip(log),
            format!("\u{feff}{text}").into_bytes(),
            format!("\n\n{text}").replace("<?xml version='1.0' encoding='utf-8'?>", "").into_bytes(),
            text.replace('\n', "\r\n").replace("two\r\n", "two\n").into_bytes(),
            utf_16(true, true),
            utf_16(true, false),
            utf_16(false, true),
            utf_16(false, false),
            gzip(&utf_16(true, true)),
        ] {
            let mut found = read(&how, &bytes).unwrap();
            for (found, expected) in found.iter_mut().zip(&expected) {
                for (found, expected) in found.events.iter_mut().zip(&expected.events) {
                    // Lines that were added in front count.
                    found.line = expected.line;
                }
            }
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn an_encoding_is_known_by_its_mark_its_declaration_or_what_the_caller_says() {
    let xml = |declaration: &str| {
        let head = format!("{declaration}<log><trace><string key='concept:name' value='caf");
        [head.as_bytes(), b"\xe9\x80'/></trace></log>"].concat()
    };
    let declared = xml("<?xml version='1.0' encoding=\"ISO-8859-1\" standalone='yes'?>");
    assert_eq!(cases(declared)[0].id, "café€");
    assert_eq!(read(&CaseLog::new().encoding("latin1"), xml("")).unwrap()[0].id, "café€");
    let greek = read(&CaseLog::new().encoding("iso-8859-7"), b"case:concept:name,concept:name\n1,\xe1\n");
    assert_eq!(greek.unwrap()[0].events[0].activity, "α");
    // What is declared counts for more than what is said, and a mark for more than both.
    let declared = xml("<?xml version='1.0' encoding='windows-1252'?>");
    assert_eq!(read(&CaseLog::new().encoding("iso-8859-7"), declared).unwrap()[0].id, "café€");
    let marked = "\u{feff}<?xml version='1.0' encoding='latin1'?><log><trace><string key='concept:name' value='é'/></trace></log>";
    assert_eq!(cases(marked)[0].id, "é");
    // A text that could be read up to there is not UTF-16.
    let called = "<?xml version='1.0' encoding='UTF-16'?><log><trace><string key='concept:name' value='é'/></trace></log>";
    assert_eq!(cases(called)[0].id, "é");

    assert_eq!(
        refusal(&CaseLog::new(), xml("\n")),
        "a log, line 2: the bytes here are no text in UTF-8; say in which encoding the log is written; \
         nothing had been read before it"
    );
    for (how, log) in [
        (CaseLog::new().encoding("klingon"), xml("")),
        (CaseLog::new(), xml("<?xml version='1.0' encoding='klingon'?>")),
    ] {
        assert!(refusal(&how, log).starts_with("a log, line 1: the encoding \"klingon\" is not known; "));
    }
    assert!(
        refusal(&CaseLog::new(), b"\xff\xfe\0\0<\0\0\0")
            .starts_with("a log, line 1: the encoding \"UTF-32\" is not known")
    );
}

// ------------------------------------------------------------------------------------------------------- rules of XES

const TIME: &str = r#"<date key="time:timestamp" value="2011-10-01T00:38:44.546+02:00"/>"#;

fn event(activity: &str, more: &str) -> String {
    format!("<event><string key=\"concept:name\" value=\"{activity}\"/>\n{more}</event>\n")
}

/// A log with one case of two events, and then `rest`.
fn log_with(rest: &str) -> String {
    let (one, two) = (event("A_SUBMITTED", TIME), event("A_PARTLYSUBMITTED", TIME));
    format!("<log>\n<trace><string key=\"concept:name\" value=\"17\"/>\n{one}{two}</trace>\n{rest}")
}

#[test]
fn attributes_of_attributes_and_of_the_log_are_none_of_the_events() {
    let nested = log_with(&format!(
        "<trace><string key=\"concept:name\" value=\"18\"><string key=\"concept:name\" value=\"inner\"/></string>\
         {}</trace><list><event/></list><string key=\"concept:name\" value=\"the log\"/></log>",
        event(
            "A_SUBMITTED",
            "<string key=\"note\" value=\"a &lt;b&gt;\"><string key=\"concept:name\" value=\"X\"/></string>"
        )
    ));
    let cases = cases(nested);
    assert_eq!((cases[1].id.as_str(), cases[1].events[0].activity.as_str()), ("18", "A_SUBMITTED"));
    assert_eq!(cases[1].events[0].attributes.get("note"), Some("a <b>"));
}

#[test]
fn what_a_global_says_holds_for_all_that_do_not_say_it_themselves() {
    let log = "<log><global scope='trace'><string key='concept:name' value='nameless'/><string key='channel' value='post'/></global>\
        <global><string key='lifecycle:transition' value='START'/><string key='concept:name' value='something'/>\
        <date key='time:timestamp' value='1970-01-01T00:00:00'/></global>\
        <global scope='log'><string key='concept:name' value='the log'/></global>\
        <trace><event><date key='time:timestamp' value='2011-10-01T00:00:00Z'/></event></trace>\
        <trace><string key='channel' value='mail'/><event><string key='concept:name' value='A'/>\
        <string key='lifecycle:transition' value='complete'/><date key='time:timestamp' value='2011-10-02T00:00:00Z'/></event>\
        <string key='concept:name' value='17'/></trace></log>";
    // The default of the time has no offset, and nobody needs it.
    let cases = cases(log);
    assert_eq!((cases[0].id.as_str(), cases[0].attributes.get("channel")), ("nameless", Some("post")));
    assert_eq!((cases[1].id.as_str(), cases[1].attributes.get("channel")), ("17", Some("mail")));
    assert_eq!((activities(&cases[0]), lifecycles(&cases[0])), (vec!["something"], vec![Some("start")]));
    assert_eq!((activities(&cases[1]), lifecycles(&cases[1])), (vec!["A"], vec![Some("complete")]));
    let late = log_with("<global><string key='lifecycle:transition' value='complete'/></global></log>");
    assert!(refusal(&CaseLog::new(), late).contains("a <global> stands after the first case or event"));
}

#[test]
fn events_that_stand_in_no_trace_are_gathered_by_their_case() {
    let loose = |case: &str, activity: &str| {
        event(activity, &format!("<string key='case:concept:name' value='{case}'/>"))
    };
    let all = [loose("1", "a"), loose("2", "b"), loose("1", "c")].concat();
    let found = cases(format!("<log>{all}</log>"));
    assert_eq!((found[0].id.as_str(), activities(&found[0])), ("1", vec!["a", "c"]));
    assert_eq!((found[1].id.as_str(), activities(&found[1])), ("2", vec!["b"]));
    // In a trace, the same attribute says nothing about the case.
    let in_trace = loose("2", "a");
    let within = cases(format!("<log><trace><string key='concept:name' value='1'/>{in_trace}</trace></log>"));
    assert_eq!(within[0].id, "1");
    assert_eq!(within[0].events[0].attributes.get("case:concept:name"), Some("2"));
    let renamed = format!("<log>{}</log>", all.replace("case:concept:name", "ticket"));
    assert_eq!(read(&CaseLog::new().case("ticket"), &renamed).unwrap(), found);
    assert_eq!(
        refusal(&CaseLog::new(), renamed),
        "a log, line 2: an event is in no trace and has no \"case:concept:name\" that names its case; say which \
         attribute does; nothing had been read before it"
    );
    assert_eq!(
        refusal(&CaseLog::new().cases_stand_together(), format!("<log>{all}</log>")),
        "a log, line 6: case \"1\" comes again, though the cases were said to stand together; 1 whole case and 2 events had \
         been read before it"
    );
}

#[test]
fn a_key_that_comes_twice_is_refused() {
    let twice = "<string key='org:resource' value='1'/>\n<string key='org:resource' value='2'/>";
    let null_first =
        "<date key='time:timestamp'/>\n<date key='time:timestamp' value='2011-10-01T00:00:00Z'/>";
    for (more, key) in [(twice, "org:resource"), (null_first, "time:timestamp")] {
        let log = log_with(&format!(
            "<trace><string key='concept:name' value='18'/>{}</trace></log>",
            event("A", more)
        ));
        assert_eq!(
            refusal(&CaseLog::new(), log),
            format!(
                "a log, line 10: an event of case \"18\" has the attribute {key:?} twice; 1 whole case and 2 events had been \
                 read before it"
            )
        );
    }
    let of_case = log_with(&format!("<trace>{twice}</trace></log>"));
    assert!(
        refusal(&CaseLog::new(), of_case).contains("line 9: a case that is not named yet has the attribute")
    );
    let of_global = format!("<log><global scope='event'>{twice}</global></log>");
    assert!(refusal(&CaseLog::new(), of_global).contains("line 2: a <global> has the attribute"));
    let in_tag = "<log><trace><string key='a' key='b' value='1'/></trace></log>";
    assert!(refusal(&CaseLog::new(), in_tag).contains("an attribute has the attribute \"key\" twice"));
}

#[test]
fn a_time_without_an_offset_is_one_of_the_zone_or_refused() {
    let log = log_with(&format!(
        "<trace><string key='concept:name' value='18'/>{}</trace></log>",
        event("A", "<date key='time:timestamp' value='2011-10-01T00:38:44.546'/>")
    ));
    assert_eq!(
        refusal(&CaseLog::new(), &log),
        "a log, line 9: an event of case \"18\" has the time:timestamp \"2011-10-01T00:38:44.546\", which has no offset \
         from UTC, so that it may be any of several moments; state the zone of the log; 1 whole case and 2 events had been \
         read before it"
    );
    let amsterdam = CaseLog::new().zone(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap());
    assert_eq!(at(&read(&amsterdam, &log).unwrap()[1].events[0]), "2011-09-30T22:38:44.546Z");
    let spaced = log.replace("'2011-10-01T00:38:44.546'", "' 2011-10-01T00:38:44.546 '");
    assert_eq!(read(&amsterdam, spaced).unwrap(), read(&amsterdam, &log).unwrap());
    for (time, why) in [
        (
            "2011-10-01T24:00:00+02:00",
            "which has the hour 24; hours go from 0 to 23, and the end of a day is 00:00:00 of the next day",
        ),
        ("2011-06-30T23:59:60Z", "which has the second 60, a leap second;"),
        (
            "2011-10-01T00:00:00.1234567890123+02:00",
            "which has 13 digits after the second; a time has at most 9",
        ),
        ("2011-02-29T00:00:00+02:00", "which names a day that its month does not have"),
        ("01.10.2011", "which is no time;"),
    ] {
        let log = log.replace("2011-10-01T00:38:44.546'", &format!("{time}'"));
        let said = refusal(&amsterdam, log);
        assert!(said.contains(why) && said.contains("line 9"), "{said}");
    }
}

#[test]
fn bad_input_ends_in_one_sentence_that_says_where_what_and_how_much_was_read() {
    let two = "1 whole case and 2 events had been read before it";
    let none = "nothing had been read before it";
    let begun = "<trace><string key=\"concept:name\" value=\"18\"/>\n";
    let whole = log_with("</log>");
    let cut = whole.len() / 2;
    for (log, sentence) in [
        (String::new(), format!("a log, line 1: it is empty; {none}")),
        (" \n".into(), format!("a log, line 2: it is empty; {none}")),
        (
            "id,activity\n1,submitted\n".into(),
            format!(
                "a log, line 1: the header has no column \"case:concept:name\" for the case and \"concept:name\" for the activity; its columns are \"id\", \"activity\"; {none}"
            ),
        ),
        (
            "<html></html>".into(),
            format!("a log, line 1: it is no XES log, it begins with <html> instead of <log>; {none}"),
        ),
        (
            "<!-- --> text".into(),
            format!("a log, line 1: it is no XES log, it begins with \"text\" instead of <log>; {none}"),
        ),
        (log_with(begun), format!("a log, line 9: it ends inside of a case, the file is cut off; {two}")),
        (
            whole[..cut].into(),
            format!(
                "a log, line 4: the XML is broken: syntax error: attribute value not closed: `\"` not found before end of input; {none}"
            ),
        ),
        (
            log_with(&format!("{begun}</log>")),
            format!(
                "a log, line 9: the XML is broken: ill-formed document: expected `</trace>`, but `</log>` was found; {two}"
            ),
        ),
        (
            log_with("</log><log/>"),
            format!("a log, line 8: something follows after the end of the log; {two}"),
        ),
        (log_with("<trace></trace></log>"), format!("a log, line 8: a case has no \"concept:name\"; {two}")),
        (
            log_with("<trace><string key=\"concept:name\" value=\"\"/></trace></log>"),
            format!("a log, line 8: a case has no \"concept:name\"; {two}"),
        ),
        (
            log_with(&format!("{begun}<event>{TIME}</event></trace></log>")),
            format!("a log, line 9: an event of case \"18\" has no \"concept:name\"; {two}"),
        ),
        (
            log_with(&format!("{begun}<event><string value=\"x\"/></event></trace></log>")),
            format!("a log, line 9: an attribute has no key; {two}"),
        ),
        (
            log_with(&format!("{begun}<trace/></trace></log>")),
            format!(
                "a log, line 9: <trace> is misplaced; traces belong in the log, and events in a trace or in the log; {two}"
            ),
        ),
        (
            log_with(&format!("{begun}<event><event/></event></trace></log>")),
            format!(
                "a log, line 9: <event> is misplaced; traces belong in the log, and events in a trace or in the log; {two}"
            ),
        ),
    ] {
        assert_eq!(refusal(&CaseLog::new(), log), sentence);
    }
}

#[test]
fn a_gzip_that_is_cut_off_is_reported_with_what_was_read_before() {
    let long = (0..2_000).map(|n| format!("<trace><string key='concept:name' value='{n}'/></trace>\n"));
    let packed = gzip(format!("<log>{}</log>", long.collect::<String>()).as_bytes());
    let sentence = refusal(&CaseLog::new(), &packed[..packed.len() - 100]);
    assert!(sentence.contains("the compressed data ends too early, the file is cut off; "), "{sentence}");
    assert!(sentence.contains("whole cases and 0 events"), "{sentence}");
    let mut bent = packed.clone();
    let middle = bent.len() / 2;
    bent[middle..middle + 8].fill(0x55);
    let sentence = refusal(&CaseLog::new(), bent);
    assert!(sentence.starts_with("a log, line ") && sentence.ends_with("read before it"), "{sentence}");
}

#[test]
fn a_step_of_the_life_cycle_is_read_without_the_spaces_around_it() {
    let steps = |value: &str| {
        let step = format!("<string key='lifecycle:transition' value='{value}'/>");
        let event = event("A", &step);
        let log = format!("<log><trace><string key='concept:name' value='1'/>{event}</trace></log>");
        cases(log)[0].events[0].lifecycle.clone()
    };
    assert_eq!(steps(" Complete\t"), Some("complete".into()));
    assert_eq!((steps(" "), steps("")), (None, None));
}

#[test]
fn what_a_log_holds_is_printable_in_its_errors() {
    let log = "case:concept:name,concept:name\n17,opened\n";
    let mut cases = CaseLog::new().read("a\u{1b}[2J\u{202e}log", log.as_bytes()).unwrap();
    let case = cases.next().unwrap().unwrap();
    let refused = cases.refused(&case, 0, "a\u{9b}31m\nb").to_string();
    assert!(
        refused.starts_with(r#"a\u{1b}[2J\u{202e}log, line 2: case "17": a\u{9b}31m\nb; nothing"#),
        "{refused}"
    );
    let element = refusal(&CaseLog::new(), "<lo\u{9b}\u{202e}g/>");
    assert!(element.contains(r"it begins with <lo\u{9b}\u{202e}g> instead of <log>"), "{element}");
}

#[test]
fn an_error_has_its_line_and_its_source_and_nothing_comes_after_it() {
    let log = log_with("<trace");
    let mut cases = CaseLog::new().read("a log", log.as_bytes()).unwrap();
    assert!(cases.next().unwrap().is_ok());
    let error = cases.next().unwrap().unwrap_err();
    assert_eq!(error.line(), Some(8));
    assert!(cases.next().is_none());
    let missing = CaseLog::new().open("no such log.xes").unwrap_err();
    assert_eq!(missing.to_string(), "no such log.xes: it cannot be read; nothing had been read before it");
    let source =
        std::error::Error::source(&missing).and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound));
}

// ------------------------------------------------------------------------------------------------------- rules of CSV

#[test]
fn the_header_shows_what_separates_values() {
    for separator in [",", ";", "\t", "|"] {
        let log = "case:concept:name#concept:name#note\n17#\"a#b\"#\"c\n\"\"d\"\"\"\n\n18#e#\n"
            .replace('#', separator);
        let found = cases(&log);
        assert_eq!((found[0].id.as_str(), found[1].id.as_str()), ("17", "18"));
        assert_eq!(found[0].events[0].activity, format!("a{separator}b"));
        assert_eq!(found[0].events[0].attributes.get("note"), Some("c\n\"d\""));
        assert_eq!(found[1].events[0].line, 5);
    }
}

#[test]
fn a_column_is_found_by_its_name_in_any_case_of_letters_unless_two_could_be_meant() {
    let how = CaseLog::new().case("Case").activity("Step");
    assert_eq!(read(&how, "CASE, step\n1,a\n").unwrap()[0].events[0].activity, "a");
    assert_eq!(read(&how, "CASE,Case,Step\n1,2,a\n").unwrap()[0].id, "2");
    assert!(refusal(&how, "CASE,case,Step\n1,2,a\n").contains("no column \"Case\" for the case"));
    let stated = how.time("When").lifecycle("Phase");
    let said = refusal(&stated, "Case,Step\n1,a\n");
    assert!(said.contains("no column \"Phase\" for the life cycle and \"When\" for the time"), "{said}");
}

#[test]
fn a_row_that_is_broken_is_refused_in_a_sentence_with_its_line() {
    let head = "case:concept:name,concept:name,note\n17,a,\n";
    for (rest, line, why) in [
        ("18,b\n", 3, "the row has 2 values instead of the 3 that the header names"),
        ("18,b,c,d\n", 3, "the row has 4 values instead of the 3 that the header names"),
        ("18,\"b,\nc\n", 3, "a quote is opened here and not closed"),
        (
            "18,\"b\"c,\n",
            3,
            "a quote ends in the middle of a value; a quote inside of quotes is written twice",
        ),
        ("18,b\rc,\n", 3, "a carriage return is in the middle of a line"),
        (",b,\n", 3, "the row has no \"case:concept:name\""),
        ("\n\n18,,\n", 5, "an event of case \"18\" has no \"concept:name\""),
    ] {
        let said = refusal(&CaseLog::new(), format!("{head}{rest}"));
        let expected =
            format!("a log, line {line}: {why}; 0 whole cases and 1 event had been read before it");
        assert_eq!(said, expected);
    }
    let twice = refusal(&CaseLog::new(), "case:concept:name,concept:name,note,note\n");
    assert!(twice.contains("line 1: the header has the column \"note\" twice"), "{twice}");
}

#[test]
fn cases_that_stand_together_are_given_one_at_a_time() {
    /// A log without an end.
    struct Endless(u64, Vec<u8>);
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.1.is_empty() {
                self.1 = format!("{},a\n{},b\n", self.0, self.0).into_bytes();
                self.0 += 1;
            }
            let taken = into.len().min(self.1.len());
            into[..taken].copy_from_slice(&self.1[..taken]);
            self.1.drain(..taken);
            Ok(taken)
        }
    }
    let log = Endless(1, b"case:concept:name,concept:name\n".to_vec());
    let cases = CaseLog::new().cases_stand_together().read("a log", log).unwrap();
    for (case, number) in cases.take(1_000).zip(1..) {
        let case = case.unwrap();
        assert_eq!((case.id, case.events.len()), (format!("{number}"), 2));
    }
    let again = "case:concept:name,concept:name\n1,a\n2,b\n1,c\n";
    assert_eq!(
        refusal(&CaseLog::new().cases_stand_together(), again),
        "a log, line 4: case \"1\" comes again, though the cases were said to stand together; 1 whole case and 2 events had \
         been read before it"
    );
}
