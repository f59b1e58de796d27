use leftfold::pattern::{Late, Matcher, Matching, Observer, Pattern, SignedDuration, Skip};
use leftfold::recorded::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Event {
    key: String,
    kind: u8,
}

type Matchers = [Matcher<Event, str>; 3];
type State = Matching<Event, String>;

fn kind(kind: u8) -> impl Fn(&Event) -> bool + Send + Sync + 'static {
    move |event| event.kind == kind
}

/// Events of kind 3 have no key.
fn key_of(event: &Event) -> Option<&str> {
    (event.kind < 3).then_some(&*event.key)
}

/// One pattern of each make: intervals, repeats, absence, conditions on what was captured, every way to go on.
static MATCHERS: LazyLock<Matchers> = LazyLock::new(|| {
    let hour = SignedDuration::from_hours(1);
    [
        Pattern::named("loops")
            .start("first", kind(0))
            .followed_by("more", kind(1))
            .one_or_more()
            .followed_by_any("last", kind(2))
            .within(hour)
            .partition_by_ref(key_of)
            .reporting_timeouts()
            .bounded(12)
            .compile(),
        Pattern::named("absent")
            .start("first", kind(0))
            .next("second", kind(1))
            .times(2)
            .not_followed_by("none", kind(2))
            .within(hour)
            .partition_by_ref(key_of)
            .late_events(Late::Ignored)
            .compile(),
        Pattern::named("skips")
            .start("first", kind(0))
            .at_least(2)
            .combinations()
            .followed_by("last", kind(1))
            .provided(|event, captures| {
                captures.first("first").is_some_and(|first| first.event.key <= event.key)
            })
            .partition_by_ref(key_of)
            .after_match(Skip::to_first("first"))
            .bounded(20)
            .compile(),
    ]
    .map(|matcher| matcher.expect("a pattern"))
});

/// A state that was written, in the first line: read or refused; the events behind it are observed, and every question is answered, with
/// a reason where it cannot be. A state that is written and read goes on as the one that was not.
pub fn pattern_state(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (text, steps) = (&rest[..end], rest.get(end + 1..).unwrap_or(&[]));
    let matcher = &MATCHERS[usize::from(*choice) % 3];
    let mut state = match text {
        b"" => leftfold::Fold::initial_state(matcher),
        text => match serde_json::from_slice::<State>(text) {
            Ok(state) => state,
            Err(_) => return,
        },
    };
    let mut at = state.now().unwrap_or(Timestamp::UNIX_EPOCH);
    // Every alternative may be kept, so few events are enough.
    for step in steps.iter().take(24) {
        let read = again(&state);
        at = moved(at, step >> 5);
        state = observed(matcher, state, at, *step);
        let other = observed(matcher, read, at, *step);
        assert!(state == other, "a state that was read goes on in another way");
        assert_eq!(told(&state), told(&other));
    }
    assert!(again(&state) == state, "a state is read as it was written");
}

fn again(state: &State) -> State {
    let text = serde_json::to_string(state).expect("a state is written");
    serde_json::from_str(&text).expect("what was written is read")
}

fn moved(at: Timestamp, by: u8) -> Timestamp {
    let seconds = [0, 1, 60, 1_800, 3_600, 3_601, -60, 86_400][usize::from(by)];
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

fn observed(matcher: &Matcher<Event, str>, state: State, at: Timestamp, step: u8) -> State {
    let (kind, key) = (step & 7, if step & 8 == 0 { "a" } else { "b" });
    if step & 16 == 0 {
        matcher.observe(state, at, &Event { key: key.to_string(), kind: kind & 3 })
    } else {
        matcher.advance_to(state, at)
    }
}

fn told(state: &State) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {} {} {}",
        state.latest(),
        state.latest_timed_out(),
        state.matched(),
        state.error().map(ToString::to_string),
        state.live(),
        state.seen(),
        state.ignored(),
    )
}

/// States of every pattern on the way, to begin with.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let steps = [0u8, 1, 41, 1 | 8, 0 | 8, 33, 2 | 8, 32, 64, 1];
    let mut seeds = Vec::new();
    for (number, matcher) in (0u8..).zip(&*MATCHERS) {
        let mut state = leftfold::Fold::initial_state(matcher);
        let mut at = Timestamp::UNIX_EPOCH;
        for (count, step) in steps.iter().enumerate() {
            at = moved(at, step >> 5);
            state = observed(matcher, state, at, *step);
            if [3, 6, 9].contains(&count) {
                let mut seed = vec![number];
                seed.extend(serde_json::to_vec(&state).expect("a state is written"));
                seed.push(b'\n');
                seed.extend([0, 1, 40, 2, 96, 10, 66]);
                seeds.push((format!("{}-{count}", matcher.name()), seed));
            }
        }
    }
    seeds
}
