//! Each number is computed a second time, by a plain script over the cases as they were parsed: no pattern, no fold, no model.

use crate::loans::{self, Answers, quantile};
use crate::users;
use crate::{REAL_LOG, SAMPLE};
use leftfold::check::{CaseLog, LoggedCase, LoggedEvent};
use leftfold::pattern::SignedDuration;
use leftfold::recorded::Timestamp;
use std::path::Path;

const DAY: i64 = 24 * 3600;

fn is_at(entry: &LoggedEvent, lifecycle: &str) -> bool {
    entry.lifecycle.as_deref() == Some(lifecycle)
}

fn at(entry: &LoggedEvent) -> Timestamp {
    entry.at.unwrap()
}

/// The entries of a case of this name, with their places.
fn all<'c>(case: &'c [LoggedEvent], activity: &'c str) -> impl Iterator<Item = (usize, &'c LoggedEvent)> {
    let is = move |(_, entry): &(usize, &LoggedEvent)| entry.activity == activity && is_at(entry, "complete");
    case.iter().enumerate().filter(is)
}

fn by_script(mut cases: Vec<LoggedCase>) -> Answers {
    let mut answers = Answers {
        applications: cases.len(),
        cancelled: 0,
        offers: 0,
        decided_after: Vec::new(),
        sent: 0,
        answered_within_7_days: 0,
        started_and_never_completed: 0,
        accepted_within_7_days: 0,
        unanswered_within_30_days: 0,
    };
    let end_of_log = cases.iter().flat_map(|case| &case.events).map(at).max().unwrap();
    for case in &mut cases {
        case.events.sort_by_key(at);
        let entries = &case.events[..];
        let first = |activity| all(entries, activity).next();
        let (submitted_at_index, submitted) = first("A_SUBMITTED").unwrap();
        answers.cancelled += usize::from(first("A_CANCELLED").is_some());
        answers.offers += all(entries, "O_CREATED").count();

        let decision = entries[submitted_at_index..]
            .iter()
            .find(|entry| ["A_CANCELLED", "A_DECLINED", "A_APPROVED"].contains(&entry.activity.as_str()));
        answers.decided_after.extend(decision.map(|decision| at(decision).duration_since(at(submitted))));

        let mut accepted = false;
        for (index, sent) in all(entries, "O_SENT") {
            answers.sent += 1;
            let behind = &entries[index + 1..];
            // What comes before the next offer is sent.
            let next = behind.iter().position(|entry| entry.activity == "O_SENT").unwrap_or(behind.len());
            let until_the_next = &behind[..next];
            let within = |days: i64, activity: &str, entries: &[LoggedEvent]| {
                let end = at(sent) + SignedDuration::from_secs(days * DAY);
                entries.iter().any(|entry| entry.activity == activity && at(entry) <= end)
            };
            answers.answered_within_7_days += usize::from(within(7, "O_SENT_BACK", until_the_next));
            accepted |= within(7, "O_ACCEPTED", until_the_next);
            // An answer may still come, until the log goes on beyond the 30 days.
            let known = end_of_log > at(sent) + SignedDuration::from_secs(30 * DAY);
            let unanswered = known && !within(30, "O_SENT_BACK", behind);
            answers.unanswered_within_30_days += usize::from(unanswered);
        }
        answers.accepted_within_7_days += usize::from(accepted);

        for (index, entry) in entries.iter().enumerate() {
            let completes =
                |later: &LoggedEvent| later.activity == entry.activity && is_at(later, "complete");
            let never = is_at(entry, "start") && !entries[index + 1..].iter().any(completes);
            answers.started_and_never_completed += usize::from(never);
        }
    }
    answers.decided_after.sort_unstable();
    answers
}

fn both_ways(log: &[u8]) -> Answers {
    let by_patterns = loans::answers(&loans::read("log", log).unwrap()).unwrap();
    let cases: Vec<LoggedCase> = CaseLog::new().read("log", log).and_then(Iterator::collect).unwrap();
    assert_eq!(by_patterns, by_script(cases));
    by_patterns
}

#[test]
fn of_the_sample_patterns_and_script_say_the_same() {
    let answers = both_ways(SAMPLE);
    assert!(answers.applications > 0 && answers.sent > 0 && answers.answered_within_7_days > 0, "{answers}");
}

#[test]
fn of_the_real_log_patterns_and_script_say_the_same() {
    if !Path::new(REAL_LOG).exists() {
        eprintln!("skipped: there is no {REAL_LOG}");
        return;
    }
    let answers = both_ways(&std::fs::read(REAL_LOG).unwrap());
    assert_eq!(answers.applications, 13_087);
    for number in [
        answers.cancelled,
        answers.offers,
        answers.decided_after.len(),
        answers.answered_within_7_days,
        answers.started_and_never_completed,
        answers.accepted_within_7_days,
        answers.unanswered_within_30_days,
    ] {
        assert!(number > 0, "{answers}");
    }
}

#[test]
fn a_quantile_is_one_of_the_values() {
    let seconds = |seconds: &[i64]| seconds.iter().map(|s| SignedDuration::from_secs(*s)).collect::<Vec<_>>();
    let ten = seconds(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(quantile(&ten, 50), Some(SignedDuration::from_secs(5)));
    assert_eq!(quantile(&ten, 90), Some(SignedDuration::from_secs(9)));
    assert_eq!(quantile(&seconds(&[7]), 50), Some(SignedDuration::from_secs(7)));
    assert_eq!(quantile(&[], 50), None);
}

#[test]
fn of_the_generated_log_pattern_and_script_say_the_same() {
    let events = users::generated(2_000);
    let at = |wanted: u64, is: fn(&users::Event) -> bool| -> Option<Timestamp> {
        events.iter().find(|event| event.user() == Some(wanted) && is(event)).map(users::Event::at)
    };
    let expected: Vec<u64> = (0..2_000)
        .filter(|&user| {
            let registered = at(user, |event| matches!(event, users::Event::UserRegistered { .. })).unwrap();
            let changed = at(user, |event| matches!(event, users::Event::UsernameChanged { .. }));
            changed.is_some_and(|changed| changed <= registered + SignedDuration::from_mins(5))
        })
        .collect();
    let mut found = users::found(&events, 5);
    found.sort_unstable();
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(found, expected);
}

#[test]
fn the_page_tells_who_is_in_and_who_is_out() {
    let page = users::asked(100, 5).unwrap();
    assert!(page.contains("Petra changes after 5 min and is in"), "{page}");
    assert!(page.contains("Alex changes after 7 min and is out"), "{page}");
}
