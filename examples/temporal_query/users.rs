//! The question of the talk, over a generated log and live.

use leftfold::pattern::{Matcher, Observer, Pattern, PatternError, SignedDuration};
use leftfold::recorded::{StreamName, Timestamp};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::time::Instant;

/// What users do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    UserRegistered { user: u64, at: Timestamp },
    UsernameChanged { user: u64, at: Timestamp },
    EmailChanged { user: u64, at: Timestamp },
    UserLoggedIn { user: u64, at: Timestamp },
}

impl Event {
    fn who_and_when(&self) -> (&u64, Timestamp) {
        match self {
            Event::UserRegistered { user, at }
            | Event::UsernameChanged { user, at }
            | Event::EmailChanged { user, at }
            | Event::UserLoggedIn { user, at } => (user, *at),
        }
    }

    pub fn user(&self) -> Option<u64> {
        Some(*self.who_and_when().0)
    }

    pub fn at(&self) -> Timestamp {
        self.who_and_when().1
    }
}

/// Who has changed their username so soon after they registered?
pub fn changed_within(interval: SignedDuration) -> Result<Matcher<Event, u64>, PatternError> {
    Pattern::named("changed soon")
        .start("registered", |event| matches!(event, Event::UserRegistered { .. }))
        .followed_by("changed", |event| matches!(event, Event::UsernameChanged { .. }))
        .within(interval)
        .partition_by(Event::user)
        .compile()
}

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % bound) as i64
    }
}

/// Ten events of each user, in the order of their time. Every third of a second somebody registers, and all that they do is done after two
/// hours.
pub fn generated(users: u64) -> Vec<Event> {
    let mut dice = Dice(2012);
    let begun = Timestamp::from_second(1_767_225_600).unwrap_or_default();
    let after = |milliseconds| begun + SignedDuration::from_millis(milliseconds);
    let mut events = Vec::new();
    for user in 0..users {
        let registered = user as i64 * 333;
        events.push(Event::UserRegistered { user, at: after(registered) });
        events.extend((1..10).map(|_| {
            let at = after(registered + 1_000 + dice.below(7_200_000));
            match dice.below(9) {
                0 => Event::UsernameChanged { user, at },
                1 => Event::EmailChanged { user, at },
                _ => Event::UserLoggedIn { user, at },
            }
        }));
    }
    events.sort_by_key(Event::at);
    events
}

/// The question and its answer, as a page.
pub fn asked(users: u64, minutes: i64) -> Result<String, Box<dyn Error>> {
    let mut page = format!("Who has changed their username within {minutes} min after they registered?\n\n");
    let changed_soon = changed_within(SignedDuration::from_mins(minutes))?;

    let log = Memory::new();
    let stream = StreamName::new("users")?;
    for events in generated(users).chunks(1_000) {
        log.append(Batch::to(&stream).events(events.to_vec()))?;
    }

    // The past: every match there is, by the domain's own time.
    let asked = Instant::now();
    let answer = log.fold(&changed_soon.clone().collecting().timed_by(Event::at), Query::all())?;
    let (matches, took) = (answer.matches()?, asked.elapsed());
    let events = log.head()?;
    writeln!(
        page,
        "  {} of {users} users, found in {events} events in {} ms; the first are",
        matches.len(),
        took.as_millis()
    )?;
    for found in matches.iter().take(3) {
        let registered = found.captures.first("registered").map(|registered| registered.at);
        let later = registered.map(|registered| found.at.duration_since(registered).as_secs());
        writeln!(page, "    user {}, {} s after", found.key, later.unwrap_or_default())?;
    }

    // The same matcher goes on from there, live: each event is shown once, and each match told once.
    let mut live = Some(answer.matching().clone());
    let mut subscription = log.subscribe(Query::all(), events);
    let now = answer.matching().now().unwrap_or_default();
    let later = |minutes| now + SignedDuration::from_mins(minutes);
    writeln!(page, "\n  and live, while three more come")?;
    for (name, user, waits) in
        [("Petra", users, minutes), ("Alex", users + 1, minutes + 2), ("Sam", users + 2, 1)]
    {
        let begun = 60 * (user - users) as i64;
        log.append(Batch::to(&stream).events([
            Event::UserRegistered { user, at: later(begun) },
            Event::UsernameChanged { user, at: later(begun + waits) },
        ]))?;
        let mut told = 0;
        subscription.catch_up(|entry| {
            if let Some(event) = entry.event() {
                live = live.take().map(|state| changed_soon.observe(state, event.at(), event));
                told += live.iter().filter_map(|state| state.latest().ok()).map(<[_]>::len).sum::<usize>();
            }
            ControlFlow::Continue(())
        })?;
        let verdict = if told > 0 { "is in" } else { "is out" };
        writeln!(page, "    {name} changes after {waits} min and {verdict}")?;
    }
    Ok(page)
}

/// Who has changed it, without a store.
#[cfg(test)]
pub fn found(events: &[Event], minutes: i64) -> Vec<u64> {
    use leftfold::Fold;

    let matcher =
        changed_within(SignedDuration::from_mins(minutes)).unwrap().collecting().timed_by(Event::at);
    matcher.fold(events).matches().unwrap().iter().map(|found| found.key).collect()
}
