//! Everything that a model declares, checked as long as a page waits.

use super::OnDesk;
use crate::model::{Model, Report};
use serde::Serialize;
use std::time::Duration;

/// How long the checks take at most; those that cannot be ended may take longer.
const LONGEST: Duration = Duration::from_secs(20);

/// The answer to `check`.
#[derive(Serialize)]
pub(super) struct Checked {
    #[serde(flatten)]
    report: Report,
    /// A sentence about what was not checked, or not to its end, for want of time.
    ended: Option<String>,
}

pub(super) fn check<D: OnDesk>(model: &Model<D>) -> Checked {
    checked_within(model, LONGEST)
}

fn checked_within<D: OnDesk>(model: &Model<D>, longest: Duration) -> Checked {
    let (report, ended) = model.check_within(longest);
    let ended = (!ended.is_empty()).then(|| {
        format!(
            "after {} seconds this ended, and not checked, or not to the end, are: {}; the program checks everything with `check`",
            longest.as_secs(),
            ended.join(", ")
        )
    });
    Checked { report, ended }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Property;
    use crate::decider::decider;
    use crate::spec::Scenario;
    use serde_json::{Value, json};

    #[test]
    fn what_is_not_checked_in_time_is_said_and_fails_nothing() {
        let count =
            decider(|| 0u64, |by: &u64, _: &u64| Ok::<_, ()>(vec![*by]), |n, by: &u64| n.wrapping_add(*by));
        let model = Model::new("count", count)
            .scenarios([Scenario::named("it counts").when(1).then([1])])
            .alphabet(|_| [1, 3])
            .properties([Property::always("it counts", |_: &u64| true)])
            .explored(50_000_000)
            .walked(10);
        let began = std::time::Instant::now();
        let checked = serde_json::to_value(checked_within(&model, Duration::from_millis(200))).unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let ended = checked["ended"].as_str().unwrap();
        assert!(ended.contains("are: exploration, walks;"), "{ended}");
        let titles: Vec<&Value> =
            checked["sections"].as_array().unwrap().iter().map(|section| &section["title"]).collect();
        assert_eq!(titles, ["scenarios", "exploration", "coverage"]);
        let findings = checked["sections"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one["findings"].as_array().unwrap());
        assert!(findings.clone().all(|finding| finding["verdict"] != "Fails"), "{checked}");
        let whole = serde_json::to_value(checked_within(&model.explored(10), Duration::ZERO)).unwrap();
        assert_eq!(whole["sections"][0]["summary"], json!("1 holds"), "{whole}");
    }
}
