use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use leftfold::Fold;
use std::collections::BTreeSet;

/// The log of the BPI Challenge 2012 beside the project, for those who have it: it is not ours to hand on.
const REAL_LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bpic2012.xes.gz");

fn cases(log: &[u8]) -> Vec<Case> {
    Cases::new("log", log).and_then(Iterator::collect).expect("the log can be read")
}

fn real_log() -> Option<Vec<u8>> {
    if Path::new(REAL_LOG).exists() {
        return Some(std::fs::read(REAL_LOG).expect("the real log can be read"));
    }
    eprintln!("skipped: there is no {REAL_LOG}");
    None
}

// ------------------------------------------------------------------------------------------------- the model

#[test]
fn the_loan_does_what_is_specified() {
    model::model().check().assert();
    model::strict_model().check().assert();
}

#[test]
fn every_message_occurs_in_a_scenario() {
    let report = model::strict_model().check().to_string();
    assert!(report.contains("19 of 19 commands, 20 of 20 events, 28 of 28 rejections"), "{report}");
}

// ------------------------------------------------------------------------- the life of work, counted a second time

/// Breaches of the life of work items, counted over the raw log without a model: no decider, no fold, no translation.
#[derive(Debug, Default, PartialEq)]
struct Breach {
    cases: usize,
    events: usize,
}

#[derive(Debug, Default, PartialEq)]
struct Breaches {
    never_scheduled: Breach,
    started_twice: Breach,
    started_beside_other_work: Breach,
    completed_unstarted: Breach,
    cases: BTreeSet<String>,
}

fn count_breaches(cases: &[Case]) -> Breaches {
    let mut all = Breaches::default();
    for case in cases {
        let work = case.entries.iter().filter(|entry| entry.activity.starts_with("W_"));
        let work: Vec<(&str, &str)> =
            work.map(|entry| (entry.activity.as_str(), entry.lifecycle.as_str())).collect();
        // How often each breach stands in this case, found by looking back from every single step.
        let (mut unscheduled, mut twice, mut beside, mut unstarted) = (0, 0, 0, 0);
        for (index, &(name, lifecycle)) in work.iter().enumerate() {
            let before = &work[..index];
            let last = |name: &str| {
                before.iter().rev().find(|step| step.0 == name && step.1 != "SCHEDULE").map(|step| step.1)
            };
            let goes_on = last(name) == Some("START");
            let other_goes_on =
                before.iter().any(|&(other, _)| other != name && last(other) == Some("START"));
            match lifecycle {
                "SCHEDULE" => {}
                _ if !before.contains(&(name, "SCHEDULE")) => unscheduled += 1,
                "START" if goes_on => twice += 1,
                "START" if other_goes_on => beside += 1,
                "COMPLETE" if !goes_on => unstarted += 1,
                _ => {}
            }
        }
        for (breach, events) in [
            (&mut all.never_scheduled, unscheduled),
            (&mut all.started_twice, twice),
            (&mut all.started_beside_other_work, beside),
            (&mut all.completed_unstarted, unstarted),
        ] {
            breach.cases += usize::from(events > 0);
            breach.events += events;
        }
        if unscheduled + twice + beside + unstarted > 0 {
            all.cases.insert(case.id.clone());
        }
    }
    all
}

/// What a report says about one reason, over all commands. Each of these reasons belongs to one case at most once in
/// `histories_in_all`, save `NotScheduled`, which two commands can meet.
fn told(report: &ConformanceOf<Loan>, reason: &str) -> Breach {
    let groups = report.groups.iter().filter(|group| group.reason == reason);
    groups.fold(Breach::default(), |sum, group| Breach {
        cases: sum.cases + group.histories_in_all,
        events: sum.events + group.refusals,
    })
}

/// The strict report and the second count agree, reason by reason and case by case.
fn the_counts_agree(log: &[u8]) -> (Replay, Breaches) {
    let cases = cases(log);
    let counted = count_breaches(&cases);
    let replay = Replay::of("log", log).expect("the log can be read");
    assert_eq!(told(&replay.strict, "NotScheduled").events, counted.never_scheduled.events);
    assert_eq!(told(&replay.strict, "AlreadyStarted"), counted.started_twice);
    assert_eq!(told(&replay.strict, "OtherWorkGoingOn"), counted.started_beside_other_work);
    assert_eq!(told(&replay.strict, "NotStarted"), counted.completed_unstarted);

    let (plain, strict) = (Loan::default(), Loan::strict());
    let mut plain = Conform::new(&plain, command_for);
    let mut strict = Conform::new(&strict, command_for);
    for case in &cases {
        let history = history(case).expect("every activity is known");
        let plain = plain.history(&case.id, &history);
        let strict = strict.history(&case.id, &history);
        let broken = counted.cases.contains(&case.id);
        assert_eq!(strict > 0, plain > 0 || broken, "case {}", case.id);
    }
    (replay, counted)
}

#[test]
fn the_sample_is_counted_alike_by_the_model_and_without_it() {
    let (replay, counted) = the_counts_agree(SAMPLE);
    // The sample has something of each kind, so that the comparison is about something.
    assert!(counted.started_twice.events > 0);
    assert!(counted.started_beside_other_work.events > 0);
    assert!(counted.completed_unstarted.events > counted.completed_unstarted.cases);
    assert!(replay.plain.refused() > 0);
    assert!(replay.plain.accepted > replay.plain.refused());
}

#[test]
fn the_real_log_is_counted_alike_by_the_model_and_without_it() {
    let Some(log) = real_log() else { return };
    let (replay, counted) = the_counts_agree(&log);
    // Published with the log: 13,087 cases with 262,200 events. None is dropped, and none is folded unasked.
    assert_eq!((replay.plain.histories, replay.plain.events), (13_087, 262_200));
    assert_eq!((replay.strict.histories, replay.strict.events), (13_087, 262_200));
    assert_eq!(replay.plain.unasked, 0);
    assert!(replay.plain.share() >= Some(0.99), "{}", replay.plain.headline());
    // As `main.rs` tells it.
    assert_eq!((replay.plain.accepted, replay.strict.accepted), (13_070, 12_043));
    assert_eq!(counted.cases.len(), 1_040);
}

// ------------------------------------------------------------------------------------------------- how tight

/// A model that accepts everything would accept the real log too. This one takes no step of an application or of an
/// offer twice in a row, wherever it stands in a history that is accepted as it is.
fn no_step_is_taken_twice(log: &[u8]) {
    let loan = Loan::default();
    let mut conform = Conform::new(&loan, command_for);
    let mut doubled = 0;
    for case in cases(log) {
        let history = history(&case).expect("every activity is known");
        if conform.history(&case.id, &history) > 0 {
            continue;
        }
        for (index, event) in history.iter().enumerate() {
            if let Event::WorkScheduled(_) | Event::WorkStarted(_) | Event::WorkCompleted(_) = event {
                continue;
            }
            let mut twice = history.clone();
            twice.insert(index, event.clone());
            assert!(conform.history(&case.id, &twice) > 0, "case {}: {event:?} twice", case.id);
            doubled += 1;
        }
    }
    assert!(doubled > 100);
}

#[test]
fn no_step_of_the_sample_can_be_taken_twice() {
    no_step_is_taken_twice(SAMPLE);
}

#[test]
fn no_step_of_the_real_log_can_be_taken_twice() {
    if let Some(log) = real_log() {
        no_step_is_taken_twice(&log);
    }
}

// --------------------------------------------------------------------------------------------------- the page

#[test]
fn a_page_is_at_most_eighty_columns_wide() {
    let replay = Replay::of("the sample", SAMPLE).expect("the sample can be read");
    for page in [replay.page(false), replay.page(true)] {
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

// ---------------------------------------------------------------------------------------------------- reading

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

fn entry(activity: &str, time: &str) -> String {
    format!(
        "<event><string key=\"concept:name\" value=\"{activity}\"/>\n\
         <string key=\"lifecycle:transition\" value=\"COMPLETE\"/>{time}</event>\n"
    )
}

const TIME: &str = r#"<date key="time:timestamp" value="2011-10-01T00:38:44.546+02:00"/>"#;

/// A log with one case of two events, and then `rest`.
fn log_with(rest: &str) -> String {
    format!(
        "<log>\n<trace><string key=\"concept:name\" value=\"17\"/>\n{}{}</trace>\n{rest}",
        entry("A_SUBMITTED", TIME),
        entry("A_PARTLYSUBMITTED", TIME)
    )
}

fn refusal(log: impl AsRef<[u8]>) -> String {
    match Replay::of("loans.xes", log.as_ref()) {
        Ok(replay) => format!("no error: {}", replay.plain.headline()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn gzip_is_known_by_its_first_bytes() {
    assert_eq!(cases(&gzip(SAMPLE)), cases(SAMPLE));
}

#[test]
fn every_event_of_a_case_is_read_with_its_time_and_line() {
    let cases = cases(log_with("</log>").as_bytes());
    let [case] = &cases[..] else { panic!("one case, not {cases:?}") };
    assert_eq!(case.id, "17");
    let read: Vec<_> = case.entries.iter().map(|entry| (entry.activity.as_str(), entry.line)).collect();
    assert_eq!(read, [("A_SUBMITTED", 4), ("A_PARTLYSUBMITTED", 6)]);
    assert_eq!(case.entries[0].at.to_string(), "2011-09-30T22:38:44.546Z");
}

#[test]
fn attributes_of_attributes_and_of_the_log_are_none_of_the_events() {
    let nested = log_with(&format!(
        "<trace><string key=\"concept:name\" value=\"18\"><string key=\"concept:name\" value=\"inner\"/></string>\
         {}</trace><list><event/></list><string key=\"concept:name\" value=\"the log\"/></log>",
        entry("A_SUBMITTED", TIME).replace(
            "</event>",
            "<string key=\"note\" value=\"a &lt;b&gt;\"><string key=\"concept:name\" value=\"X\"/></string></event>"
        )
    ));
    let cases = cases(nested.as_bytes());
    assert_eq!((cases[1].id.as_str(), cases[1].entries[0].activity.as_str()), ("18", "A_SUBMITTED"));
}

#[test]
fn a_log_without_cases_is_a_log() {
    assert_eq!(refusal("<log/>"), "no error: loan: 0 of 0 histories accepted");
    assert_eq!(refusal("<log><trace><string key='concept:name' value='1'/></trace></log>"), {
        "no error: loan: 1 of 1 history accepted (100.00 %)"
    });
}

#[test]
fn bad_input_ends_in_one_sentence_that_says_where_what_and_how_far() {
    let two = "1 whole case and 2 events had been read before it";
    let begun = "<trace><string key=\"concept:name\" value=\"18\"/>\n";
    let whole = log_with("</log>");
    let cut = whole.len() / 2;
    for (log, sentence) in [
        (String::new(), "loans.xes, line 1: it holds no XML at all; nothing had been read before it".into()),
        (" \n".into(), "loans.xes, line 2: it holds no XML at all; nothing had been read before it".into()),
        (
            "id,activity\n1,submitted\n".into(),
            r#"loans.xes, line 3: it is no XES log, it begins with "id,activity\n1,submitted" instead of <log>; nothing had been read before it"#.into(),
        ),
        (
            "<html></html>".into(),
            "loans.xes, line 1: it is no XES log, it begins with <html> instead of <log>; nothing had been read before it".into(),
        ),
        (
            log_with(begun),
            format!("loans.xes, line 9: it ends inside of a case, the file is cut off; {two}"),
        ),
        (
            whole[..cut].into(),
            "loans.xes, line 4: the XML is broken: syntax error: attribute value not closed: `\"` not found before end of input; nothing had been read before it".into(),
        ),
        (
            log_with(&format!("{begun}</log>")),
            format!("loans.xes, line 9: the XML is broken: ill-formed document: expected `</trace>`, but `</log>` was found; {two}"),
        ),
        (
            log_with("</log><log/>"),
            format!("loans.xes, line 8: something follows behind the end of the log; {two}"),
        ),
        (
            log_with("<trace></trace></log>"),
            format!("loans.xes, line 8: a case has no concept:name; {two}"),
        ),
        (
            log_with(&format!("{begun}{}", entry("A_DECLINED", ""))),
            format!("loans.xes, line 10: an event of case 18 has no time:timestamp; {two}"),
        ),
        (
            log_with(&format!("{begun}{}", entry("A_DECLINED", &TIME.replace("T00:38:44.546+02:00", "")))),
            format!("loans.xes, line 10: an event of case 18 has the time:timestamp \"2011-10-01\", which is no date and time with an offset; {two}"),
        ),
        (
            log_with(&format!("{begun}{}</trace></log>", entry("A_FORGOTTEN", TIME))),
            format!("loans.xes, line 10: case 18 holds the activity \"A_FORGOTTEN\", lifecycle \"COMPLETE\", which the model does not know; {two}"),
        ),
    ] {
        assert_eq!(refusal(&log), sentence);
    }
}

#[test]
fn a_gzip_that_is_cut_off_is_told_with_what_was_read_before() {
    let packed = gzip(SAMPLE);
    let sentence = refusal(&packed[..packed.len() - 100]);
    assert!(sentence.contains("the compressed data ends too early, the file is cut off; "), "{sentence}");
    assert!(sentence.contains("cases and"), "{sentence}");
    let mut bent = packed.clone();
    let middle = bent.len() / 2;
    bent[middle..middle + 8].fill(0x55);
    let sentence = refusal(&bent);
    assert!(sentence.starts_with("loans.xes, line ") && sentence.ends_with("read before it"), "{sentence}");
}

#[test]
fn bytes_that_are_no_text_are_an_error_and_no_panic() {
    let mut noise = 12_345_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    })
    .take(100_000)
    .collect();
    for log in [noise.clone(), [&b"<log>"[..], &noise].concat(), [&[0x1f, 0x8b][..], &noise].concat()] {
        let sentence = refusal(&log);
        assert!(sentence.ends_with("nothing had been read before it"), "{sentence}");
    }
}

#[test]
fn a_missing_file_and_a_folder_are_told_by_name() {
    for path in ["no such log.xes", env!("CARGO_MANIFEST_DIR")] {
        let sentence = replay_file(Path::new(path)).err().map(|error| error.to_string());
        assert!(
            sentence
                .as_ref()
                .is_some_and(|sentence| sentence.starts_with(&format!("{path}: it cannot be read: "))),
            "{sentence:?}"
        );
    }
}

#[test]
fn an_error_keeps_its_source() {
    let broken = Replay::of("loans.xes", &b"<log><trace"[..]).err();
    assert!(broken.is_some_and(|error| std::error::Error::source(&error).is_some()));
}

#[test]
fn a_fact_out_of_order_takes_nothing_back() {
    let state = Loan::default().fold(&[Event::Submitted, Event::Finalised, Event::PreAccepted]);
    assert_eq!(state.stage, model::Stage::Finalised);
}
