use super::*;
use leftfold::Fold;
use leftfold::check::gaps::GapsOf;
use leftfold::check::{Conform, compare_histories};
use model::command_for;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// The log of the BPI Challenge 2012 beside the project, for those who have it: it is not ours to hand on.
const REAL_LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bpic2012.xes.gz");

fn cases(log: &[u8]) -> Vec<LoggedCase> {
    CaseLog::new().read("log", log).and_then(Iterator::collect).expect("the log can be read")
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

fn count_breaches(cases: &[LoggedCase]) -> Breaches {
    let mut all = Breaches::default();
    for case in cases {
        let work = case.events.iter().filter(|entry| entry.activity.starts_with("W_"));
        let work: Vec<(&str, &str)> = work
            .map(|entry| (entry.activity.as_str(), entry.lifecycle.as_deref().unwrap_or_default()))
            .collect();
        // How often each breach stands in this case, found by looking back from every single step.
        let (mut unscheduled, mut twice, mut beside, mut unstarted) = (0, 0, 0, 0);
        for (index, &(name, lifecycle)) in work.iter().enumerate() {
            let before = &work[..index];
            let last = |name: &str| {
                before.iter().rev().find(|step| step.0 == name && step.1 != "schedule").map(|step| step.1)
            };
            let goes_on = last(name) == Some("start");
            let other_goes_on =
                before.iter().any(|&(other, _)| other != name && last(other) == Some("start"));
            match lifecycle {
                "schedule" => {}
                _ if !before.contains(&(name, "schedule")) => unscheduled += 1,
                "start" if goes_on => twice += 1,
                "start" if other_goes_on => beside += 1,
                "complete" if !goes_on => unstarted += 1,
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

// ------------------------------------------------------------------------------------------ strict and plain rules

/// In how many histories the strict rules first answer otherwise than the plain ones, by their rejection.
fn strictly_otherwise(log: &[u8]) -> (usize, BTreeMap<String, u64>) {
    let histories: Vec<(String, Vec<Event>)> = cases(log)
        .iter()
        .map(|case| (case.id.clone(), history(case).expect("every activity is known")))
        .collect();
    let begun = std::time::Instant::now();
    let found = compare_histories(&Loan::default(), &Loan::strict(), histories, command_for, |_| false);
    println!("{:?}\n{found}", begun.elapsed());
    (found.histories, found.differences.iter().map(|one| (one.new.to_string(), one.times)).collect())
}

/// The same over the raw log: a case counts at the first work item that is started twice or beside another one, or completed
/// unstarted, of those that were ever scheduled. No decider, no fold, no translation.
fn first_breaches(cases: &[LoggedCase]) -> BTreeMap<String, u64> {
    let mut firsts = BTreeMap::new();
    for case in cases {
        let (mut scheduled, mut going_on) = (BTreeSet::new(), BTreeSet::new());
        for entry in case.events.iter().filter(|entry| entry.activity.starts_with("W_")) {
            let work = entry.activity.as_str();
            let breach = match entry.lifecycle.as_deref() {
                Some("start") if going_on.contains(work) => Some("AlreadyStarted"),
                Some("start") if !going_on.is_empty() => Some("OtherWorkGoingOn"),
                Some("complete") if !going_on.contains(work) => Some("NotStarted"),
                _ => None,
            };
            if let Some(breach) = breach.filter(|_| scheduled.contains(work)) {
                *firsts.entry(breach.to_string()).or_default() += 1;
                break;
            }
            match entry.lifecycle.as_deref() {
                Some("schedule") => scheduled.insert(work),
                Some("start") => going_on.insert(work),
                _ => going_on.remove(work),
            };
        }
    }
    firsts
}

#[test]
fn strict_rules_differ_where_the_life_of_work_is_breached() {
    let (histories, otherwise) = strictly_otherwise(SAMPLE);
    assert_eq!(otherwise, first_breaches(&cases(SAMPLE)));
    assert!(histories > 0 && !otherwise.is_empty());
}

#[test]
fn over_the_real_log_the_strict_rules_differ_as_often_as_an_independent_count_says() {
    let Some(log) = real_log() else { return };
    let (histories, otherwise) = strictly_otherwise(&log);
    assert_eq!(otherwise, first_breaches(&cases(&log)));
    assert_eq!((histories, otherwise.values().sum::<u64>()), (13_087, 1_040));
}

// --------------------------------------------------------------------------------------- what scenarios leave out

/// The gaps, a line for each kind of steps, as `count_gaps.py` writes them.
fn gaps(model: Model<Loan>, log: &[u8]) -> (Vec<String>, GapsOf<Loan>) {
    let mut search = model.gaps();
    for case in cases(log) {
        search.history(&case.id, &history(&case).expect("every activity is known"));
    }
    let found = search.finish();
    let line = |list: &str, kind: &dyn Display, cases: usize, steps: usize| {
        format!("{list}: {kind}; {cases} cases, {steps} steps")
    };
    let (unspecified, never, forbidden) = (&found.unspecified, &found.never_lived, &found.forbidden);
    let mut lines: Vec<String> = unspecified
        .iter()
        .map(|kind| line("unspecified", kind, kind.histories, kind.steps))
        .chain(never.iter().map(|kind| line("never lived", kind, 0, 0)))
        .chain(forbidden.iter().map(|kind| line("forbidden", kind, kind.histories, kind.steps)))
        .collect();
    lines.sort();
    let (lived, specified, others) = (found.lived, found.specified, found.specified_without_events);
    lines.insert(0, format!("{lived} lived, {specified} specified, {others} specified without events"));
    (lines, found)
}

/// The same lines by a script that has nothing of the kit; `None` without Python.
fn gaps_by_a_script(log: &str) -> Option<Vec<String>> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/loan");
    let mut script = std::process::Command::new("python3");
    script.arg(example.join("count_gaps.py")).arg(example.join("loan.feature")).arg(example.join(log));
    let Ok(output) = script.output() else {
        eprintln!("skipped: there is no python3");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(String::from).collect();
    lines[1..].sort();
    Some(lines)
}

#[test]
fn the_gaps_of_the_sample_are_those_that_a_script_without_the_kit_counts() {
    let (lines, found) = gaps(model::model(), SAMPLE);
    assert!(!found.unspecified.is_empty() && !found.forbidden.is_empty());
    if let Some(counted) = gaps_by_a_script("sample.xes") {
        assert_eq!(lines, counted);
    }
}

#[test]
fn the_gaps_of_the_real_log_are_those_that_a_script_without_the_kit_counts() {
    let Some(log) = real_log() else { return };
    let (lines, found) = gaps(model::model(), &log);
    let rare = found.unspecified.iter().filter(|kind| kind.histories < 5).count();
    assert_eq!((found.lived, found.unspecified.len(), rare, found.forbidden.len()), (44, 18, 2, 19));
    if let Some(counted) = gaps_by_a_script(REAL_LOG) {
        assert_eq!(lines, counted);
    }
}

#[test]
fn the_scenarios_that_real_life_adds_hold_and_leave_nothing_unspecified() {
    let (_, found) = gaps(model::model(), SAMPLE);
    let filled = model::model().scenarios(found.scenarios(&Loan::default()));
    filled.specification().assert(filled.decider());
    let (_, found) = gaps(filled, SAMPLE);
    assert!(found.unspecified.is_empty(), "{found}");
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

const TIME: &str = r#"<date key="time:timestamp" value="2011-10-01T00:38:44.546+02:00"/>"#;

fn log_of(events: &[(&str, &str)]) -> String {
    let event = |(activity, lifecycle): &(&str, &str)| {
        format!(
            "<event><string key=\"concept:name\" value=\"{activity}\"/>\
             <string key=\"lifecycle:transition\" value=\"{lifecycle}\"/>{TIME}</event>\n"
        )
    };
    let events: String = events.iter().map(event).collect();
    format!("<log><trace><string key=\"concept:name\" value=\"17\"/>\n{events}</trace></log>")
}

fn refusal(log: impl AsRef<[u8]>) -> String {
    match Replay::of("loans.xes", log.as_ref()) {
        Ok(replay) => format!("no error: {}", replay.plain.headline()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_log_without_cases_is_a_log() {
    assert_eq!(refusal("<log/>"), "no error: loan: 0 of 0 histories accepted");
    assert_eq!(refusal(log_of(&[])), "no error: loan: 1 of 1 history accepted (100.00 %)");
}

#[test]
fn an_activity_that_the_model_does_not_know_is_reported_with_its_line_and_case() {
    for (activity, lifecycle) in
        [("A_FORGOTTEN", "COMPLETE"), ("A_DECLINED", "START"), ("W_Afhandelen leads", "PAUSE")]
    {
        assert_eq!(
            refusal(log_of(&[("A_SUBMITTED", "COMPLETE"), (activity, lifecycle)])),
            format!(
                "loans.xes, line 3: case \"17\": the activity {activity:?}, life cycle {}, is unknown to the model; \
                 0 whole cases and 1 event had been read before it",
                lifecycle.to_lowercase()
            )
        );
    }
}

#[test]
fn a_missing_file_and_a_folder_are_reported_by_name() {
    for path in ["no such log.xes", env!("CARGO_MANIFEST_DIR")] {
        let sentence = replay_file(Path::new(path)).err().map(|error| leftfold::page::with_sources(&*error));
        let named = [format!("{path}: it cannot be opened: "), format!("{path}: it cannot be read; ")];
        assert!(
            sentence.as_ref().is_some_and(|sentence| named.iter().any(|begin| sentence.starts_with(begin))),
            "{sentence:?}"
        );
    }
}

#[test]
fn a_fact_out_of_order_takes_nothing_back() {
    let state = Loan::default().fold(&[Event::Submitted, Event::Finalised, Event::PreAccepted]);
    assert_eq!(state.stage, model::Stage::Finalised);
}
