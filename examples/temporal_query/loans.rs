//! Questions about loan applications, answered by patterns and views over all events in the order of their time.

use crate::log;
use crate::model::{Event, Work};
use leftfold::check::{CaseLog, CaseLogError};
use leftfold::pattern::{Matcher, Observer, Pattern, PatternError, SignedDuration, Skip};
use leftfold::recorded::Timestamp;
use leftfold::{Fold, view};
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::Read;

/// An event of an application.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    pub application: u32,
    /// The work of the application that it speaks of, if it speaks of any.
    pub item: Option<(u32, Work)>,
    pub at: Timestamp,
    pub event: Event,
}

impl Happened {
    fn application(&self) -> Option<&u32> {
        Some(&self.application)
    }

    fn item(&self) -> Option<&(u32, Work)> {
        self.item.as_ref()
    }

    fn at(&self) -> Timestamp {
        self.at
    }
}

/// The events of all cases, in the order of their time. Applications are numbered as they stand in the log.
pub fn read(name: &str, input: impl Read) -> Result<Vec<Happened>, CaseLogError> {
    let mut cases = CaseLog::new().read(name, input)?;
    let mut events = Vec::new();
    let mut application = 0;
    while let Some(case) = cases.next() {
        let case = case?;
        application += 1;
        for (index, logged) in case.events.iter().enumerate() {
            let unknown = || cases.refused(&case, index, log::unknown(logged));
            let event = log::event(logged).ok_or_else(unknown)?;
            let at = logged.at.ok_or_else(|| cases.refused(&case, index, "the event has no time"))?;
            let item = match event {
                Event::WorkScheduled(work) | Event::WorkStarted(work) | Event::WorkCompleted(work) => {
                    Some((application, work))
                }
                _ => None,
            };
            events.push(Happened { application, item, at, event });
        }
    }
    events.sort_by_key(Happened::at);
    Ok(events)
}

fn is(event: Event) -> impl Fn(&Happened) -> bool + Send + Sync + 'static {
    move |happened| happened.event == event
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn submitted(name: &'static str) -> Pattern<Happened> {
    Pattern::named(name).start("submitted", is(Event::Submitted))
}

fn sent(name: &'static str) -> Pattern<Happened> {
    Pattern::named(name).start("sent", is(Event::OfferSent))
}

/// Applications that were submitted and then cancelled.
fn cancelled() -> Result<Matcher<Happened, u32>, PatternError> {
    let pattern = submitted("cancelled").followed_by("cancelled", is(Event::Cancelled));
    pattern.after_match(Skip::ToNext).partition_by_ref(Happened::application).compile()
}

/// Up to the first decision: cancelled by the customer, declined or approved by the bank.
fn decided() -> Result<Matcher<Happened, u32>, PatternError> {
    let decisions = [Event::Cancelled, Event::Declined, Event::Approved];
    let pattern = submitted("decided")
        .followed_by("decided", move |happened: &Happened| decisions.contains(&happened.event));
    pattern.partition_by_ref(Happened::application).compile()
}

/// An offer comes back from the customer before another is sent.
fn answered_within(interval: SignedDuration) -> Result<Matcher<Happened, u32>, PatternError> {
    sent("answered")
        .not_followed_by("sent again", is(Event::OfferSent))
        .followed_by("answered", is(Event::OfferSentBack))
        .within(interval)
        .partition_by_ref(Happened::application)
        .compile()
}

/// The bank accepts an offer before another is sent.
fn accepted_within(interval: SignedDuration) -> Result<Matcher<Happened, u32>, PatternError> {
    sent("accepted")
        .not_followed_by("sent again", is(Event::OfferSent))
        .followed_by("accepted", is(Event::OfferAccepted))
        .within(interval)
        .partition_by_ref(Happened::application)
        .compile()
}

/// No offer comes back: an absence.
fn unanswered_within(interval: SignedDuration) -> Result<Matcher<Happened, u32>, PatternError> {
    sent("unanswered")
        .not_followed_by("answered", is(Event::OfferSentBack))
        .within(interval)
        .partition_by_ref(Happened::application)
        .compile()
}

/// Work that was taken up and put down. What is taken up and never put down is a partial match that stays alive.
fn worked() -> Result<Matcher<Happened, (u32, Work)>, PatternError> {
    let started = |happened: &Happened| matches!(happened.event, Event::WorkStarted(_));
    let completed = |happened: &Happened| matches!(happened.event, Event::WorkCompleted(_));
    Pattern::named("worked")
        .start("started", started)
        .followed_by("completed", completed)
        .partition_by_ref(Happened::item)
        .compile()
}

/// What is asked of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    pub applications: usize,
    pub cancelled: usize,
    pub offers: usize,
    /// From submission to decision, one for each application that was decided, in order.
    pub decided_after: Vec<SignedDuration>,
    pub sent: usize,
    pub answered_within_7_days: usize,
    pub started_and_never_completed: usize,
    /// Applications.
    pub accepted_within_7_days: usize,
    pub unanswered_within_30_days: usize,
}

/// The answers, by patterns and views.
pub fn answers(events: &[Happened]) -> Result<Answers, PatternError> {
    let by_application = |matcher: Matcher<Happened, u32>| {
        let state = matcher.collecting().timed_by(Happened::at).fold(events);
        Ok::<_, PatternError>(state.matches()?.clone())
    };
    let distinct = |matcher| {
        let matches = by_application(matcher)?;
        Ok::<_, PatternError>(matches.iter().map(|found| found.key).collect::<BTreeSet<_>>().len())
    };
    let count = |event: Event| {
        view(|| 0, move |count: usize, happened: &Happened| count + usize::from(happened.event == event))
    };
    let of_each = view(|| (), |(), _: &Happened| ()).keyed(Happened::application);
    let ((applications, offers), sent) =
        of_each.zip(count(Event::OfferCreated)).zip(count(Event::OfferSent)).fold(events);

    let mut decided_after: Vec<SignedDuration> = (by_application(decided()?)?.iter())
        .filter_map(|found| Some(found.at.duration_since(found.captures.first("submitted")?.at)))
        .collect();
    decided_after.sort_unstable();

    let work = worked()?.timed_by(Happened::at).fold(events);
    work.matched()?;
    Ok(Answers {
        applications: applications.len(),
        cancelled: distinct(cancelled()?)?,
        offers,
        decided_after,
        sent,
        answered_within_7_days: by_application(answered_within(days(7))?)?.len(),
        started_and_never_completed: work.live(),
        accepted_within_7_days: distinct(accepted_within(days(7))?)?,
        unanswered_within_30_days: by_application(unanswered_within(days(30))?)?.len(),
    })
}

/// The smallest value that is not below this share of the values, which are in order.
pub fn quantile(in_order: &[SignedDuration], percent: usize) -> Option<SignedDuration> {
    let rank = (in_order.len() * percent).div_ceil(100).max(1);
    in_order.get(rank - 1).copied()
}

impl Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let in_days = |percent| {
            let after = quantile(&self.decided_after, percent).unwrap_or_default();
            format!("{:.2}", after.as_secs_f64() / 86_400.0)
        };
        let Answers { applications, cancelled, offers, sent, .. } = self;
        writeln!(
            f,
            "  cancelled                                    {cancelled} of {applications} ({:.1} %)",
            percent(*cancelled, *applications)
        )?;
        writeln!(
            f,
            "  offers for each application                  {:.3} ({offers} drawn up)",
            *offers as f64 / (*applications).max(1) as f64
        )?;
        writeln!(
            f,
            "  from submission to decision                  {} days in the median, {} at 90 % ({} decided)",
            in_days(50),
            in_days(90),
            self.decided_after.len()
        )?;
        let answered = self.answered_within_7_days;
        writeln!(
            f,
            "  offers answered within 7 days                {answered} of {sent} sent ({:.1} %)",
            percent(answered, *sent)
        )?;
        writeln!(f, "  work started and never completed             {}", self.started_and_never_completed)?;
        writeln!(f, "  applications, offer accepted within 7 days   {}", self.accepted_within_7_days)?;
        write!(f, "  offers sent and not answered within 30 days  {}", self.unanswered_within_30_days)
    }
}

/// The questions and their answers, as a page.
pub fn asked(name: &str, input: impl Read) -> Result<String, Box<dyn Error>> {
    let events = read(name, input)?;
    let answers = answers(&events)?;
    Ok(format!("Loan applications, in {name} ({} events)\n\n{answers}", events.len()))
}
