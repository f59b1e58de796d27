//! Temporal patterns: how many events a second a matcher takes, beside the loop that somebody would write by hand for the same question.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

// Of both only a part is used.
#[allow(dead_code)]
mod account;
#[allow(dead_code)]
mod interleaved;

use account::Dice;
use criterion::{Criterion, Throughput, criterion_group};
use leftfold::Fold;
use leftfold::pattern::{Matcher, Matching, Observer, Pattern, SignedDuration};
use leftfold::recorded::Timestamp;
use std::collections::HashMap;
use std::hint::black_box;

const EVENTS: usize = 1_000_000;
const ROUNDS: usize = 15;

// ------------------------------------------------------------------------------------------- the question of the talk

const USERS: u64 = 100_000;
const SOON: i64 = 5 * 60;

#[derive(Clone, Debug)]
enum UserEvent {
    Registered { user: u64 },
    NameChanged { user: u64 },
    EmailChanged { user: u64 },
    LoggedIn { user: u64 },
}

impl UserEvent {
    fn user(&self) -> Option<u64> {
        match self {
            UserEvent::Registered { user }
            | UserEvent::NameChanged { user }
            | UserEvent::EmailChanged { user }
            | UserEvent::LoggedIn { user } => Some(*user),
        }
    }
}

type Timed<E> = Vec<(Timestamp, E)>;

fn in_order<E>(mut events: Vec<(i64, E)>) -> Timed<E> {
    events.sort_by_key(|(millisecond, _)| *millisecond);
    events.into_iter().map(|(at, event)| (Timestamp::from_millisecond(at).unwrap(), event)).collect()
}

/// Ten events of each user. Users register one after another, so that about as many as asked for have registered in the last five
/// minutes; what they do then, they do within three hours.
fn users(registered_lately: i64) -> Timed<UserEvent> {
    let mut dice = Dice(17);
    let between = SOON * 1000 / registered_lately;
    let mut events = Vec::with_capacity(EVENTS);
    for user in 0..USERS {
        let registered = user as i64 * between;
        events.push((registered, UserEvent::Registered { user }));
        for _ in 1..10 {
            let event = match dice.below(10) {
                0 => UserEvent::NameChanged { user },
                1 => UserEvent::EmailChanged { user },
                _ => UserEvent::LoggedIn { user },
            };
            events.push((registered + 1 + dice.below(3 * 3600 * 1000) as i64, event));
        }
    }
    in_order(events)
}

fn changed_soon() -> Matcher<UserEvent, u64> {
    let pattern = Pattern::named("changed soon")
        .start("registered", |event| matches!(event, UserEvent::Registered { .. }))
        .followed_by("changed", |event| matches!(event, UserEvent::NameChanged { .. }))
        .within(SignedDuration::from_secs(SOON))
        .partition_by(UserEvent::user);
    pattern.compile().unwrap()
}

/// By hand: for this one question, in a map that keeps no version and forgets nobody who changes nothing.
fn changed_soon_by_hand(history: &Timed<UserEvent>) -> u64 {
    let mut registered = HashMap::new();
    let mut matches = 0;
    for (at, event) in history {
        match event {
            UserEvent::Registered { user } => {
                registered.insert(*user, *at);
            }
            UserEvent::NameChanged { user } => {
                if let Some(registered) = registered.remove(user)
                    && at.duration_since(registered) <= SignedDuration::from_secs(SOON)
                {
                    matches += 1;
                }
            }
            UserEvent::EmailChanged { .. } | UserEvent::LoggedIn { .. } => {}
        }
    }
    matches
}

// ------------------------------------------------------------------------------------------- five steps, and an absence

#[derive(Clone, Debug)]
struct OrderEvent {
    order: u64,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Placed,
    Paid,
    Cancelled,
    Packed,
    Shipped,
    Delivered,
    Looked,
}

const DAY: i64 = 24 * 3600 * 1000;

/// Ten events of each order, in about ten days; one order in ten is cancelled, one in ten is never delivered.
fn orders() -> Timed<OrderEvent> {
    let mut dice = Dice(23);
    let mut events = Vec::with_capacity(EVENTS);
    for order in 0..EVENTS as u64 / 10 {
        let mut at = order as i64 * 60_000;
        let cancelled = dice.below(10) == 0;
        let delivered = dice.below(10) != 0;
        let mut happen = |what| {
            events.push((at, OrderEvent { order, what }));
            at += dice.below(DAY as u64) as i64 + 1;
        };
        happen(What::Placed);
        happen(What::Looked);
        happen(What::Paid);
        happen(What::Looked);
        happen(if cancelled { What::Cancelled } else { What::Looked });
        happen(What::Packed);
        happen(What::Looked);
        happen(What::Shipped);
        happen(What::Looked);
        happen(if delivered { What::Delivered } else { What::Looked });
    }
    in_order(events)
}

/// Placed, paid, not cancelled, packed, shipped, and not delivered within 14 days of being placed.
fn undelivered() -> Matcher<OrderEvent, u64> {
    let is = |what| move |event: &OrderEvent| event.what == what;
    let pattern = Pattern::named("undelivered")
        .start("placed", is(What::Placed))
        .followed_by("paid", is(What::Paid))
        .not_followed_by("cancelled", is(What::Cancelled))
        .followed_by("packed", is(What::Packed))
        .followed_by("shipped", is(What::Shipped))
        .not_followed_by("delivered", is(What::Delivered))
        .within(SignedDuration::from_hours(14 * 24))
        .partition_by(|event: &OrderEvent| Some(event.order));
    pattern.compile().unwrap()
}

fn undelivered_by_hand(history: &Timed<OrderEvent>) -> u64 {
    let mut placed: HashMap<u64, (Timestamp, What)> = HashMap::new();
    for (at, OrderEvent { order, what }) in history {
        let end = |placed: Timestamp| placed + SignedDuration::from_hours(14 * 24);
        if *what == What::Placed {
            placed.insert(*order, (*at, What::Placed));
        } else if let Some((placed, last)) = placed.get_mut(order)
            && *at <= end(*placed)
        {
            *last = match (*last, *what) {
                (What::Placed, What::Paid) => What::Paid,
                (What::Paid, What::Packed) => What::Packed,
                (What::Paid, What::Cancelled) => What::Cancelled,
                (What::Packed, What::Shipped) => What::Shipped,
                (What::Shipped, What::Delivered) => What::Delivered,
                (last, _) => last,
            };
        }
    }
    let Some((now, _)) = history.last() else { return 0 };
    let over = |placed: Timestamp| placed + SignedDuration::from_hours(14 * 24) < *now;
    placed.values().filter(|(placed, last)| *last == What::Shipped && over(*placed)).count() as u64
}

// ------------------------------------------------------------------------------------------- measuring

fn matched<E: Clone>(matcher: &Matcher<E, u64>, history: &Timed<E>) -> Matching<E, u64> {
    let begun = matcher.initial_state();
    history.iter().fold(begun, |state, (at, event)| matcher.observe(state, *at, event))
}

/// The most partial matches that were alive at once.
fn most_alive<E: Clone>(matcher: &Matcher<E, u64>, history: &Timed<E>) -> usize {
    let mut state = matcher.initial_state();
    let mut most = 0;
    for (at, event) in history {
        state = matcher.observe(state, *at, event);
        most = most.max(state.live());
    }
    most
}

fn questions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("1,000,000 events");
    group.throughput(Throughput::Elements(EVENTS as u64)).sample_size(10);
    for (name, lately) in [("changed soon, 1,000 alive", 950), ("changed soon, 25,000 alive", 25_000)] {
        let (history, matcher) = (users(lately), changed_soon());
        group.bench_function(name, |bencher| bencher.iter(|| matched(&matcher, black_box(&history))));
    }
    let nothing: Timed<UserEvent> = users(950)
        .into_iter()
        .map(|(at, event)| (at, UserEvent::LoggedIn { user: event.user().unwrap() }))
        .collect();
    let matcher = changed_soon();
    group.bench_function("nothing of the pattern", |bencher| {
        bencher.iter(|| matched(&matcher, black_box(&nothing)));
    });
    let (history, matcher) = (orders(), undelivered());
    group.bench_function("undelivered", |bencher| bencher.iter(|| matched(&matcher, black_box(&history))));
    group.finish();
}

fn compared<E: Clone>(
    what: &str,
    bar: f64,
    matcher: &Matcher<E, u64>,
    history: &Timed<E>,
    by_hand: fn(&Timed<E>) -> u64,
) {
    let measured =
        interleaved::in_turn(ROUNDS, || matched(matcher, black_box(history)), || by_hand(black_box(history)));
    let speed = |seconds: f64| EVENTS as f64 / seconds / 1e6;
    let (low, high) = measured.middle_half;
    println!(
        "{what:<28} {:>9} {:>9.1} M {:>9.1} M {:>6.2}x ({low:.2}-{high:.2})   at least {bar:.0} M a second: {}",
        most_alive(matcher, history),
        speed(measured.one),
        speed(measured.other),
        measured.ratio,
        if speed(measured.one) >= bar { "held" } else { "MISSED" },
    );
}

criterion_group!(benches, questions);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();

    let (few, many, orders) = (users(950), users(25_000), orders());
    for history in [&few, &many] {
        let state = matched(&changed_soon(), history);
        assert_eq!(state.matched().unwrap(), changed_soon_by_hand(history));
        assert!(state.matched().unwrap() > 1_000);
    }
    let state = matched(&undelivered(), &orders);
    assert_eq!(state.matched().unwrap(), undelivered_by_hand(&orders));
    assert!(state.matched().unwrap() > 1_000);
    if !interleaved::measuring() {
        return;
    }
    println!(
        "\n{:<28} {:>9} {:>11} {:>11} {:>7} (middle half)",
        "1,000,000 events, a second", "alive", "leftfold", "by hand", "time"
    );
    compared("changed soon", 5.0, &changed_soon(), &few, changed_soon_by_hand);
    compared("changed soon", 2.0, &changed_soon(), &many, changed_soon_by_hand);
    compared("undelivered, five steps", 1.0, &undelivered(), &orders, undelivered_by_hand);
}
