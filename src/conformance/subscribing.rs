//! A subscription shows the history of a query and then new entries, without a gap or a repeat between the two.

use super::entries::positions;
use super::{Candidate, Fact, account, append, category, opened};
use crate::recorded::Position;
use crate::store::{Batch, Filter, NewEvent, Query, Reading};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A subscription shows the history first, then what was appended since, each entry once.
pub fn history_is_followed_by_what_comes<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&alex).event(opened()));
    append(&store, Batch::to(&petra).events([opened(), Fact::Deposited(1)]));
    let mut feed = store.subscribe(Query::stream(&petra), Position::START);
    let mut seen = Vec::new();
    let mut catch_up = || {
        let shown = feed.catch_up(|entry| {
            seen.push(entry.envelope().position.get());
            ControlFlow::Continue(())
        });
        (shown.expect("the store can be read"), std::mem::take(&mut seen))
    };
    assert_eq!(catch_up(), (2, vec![2, 3]), "first comes what is there");
    assert_eq!(catch_up(), (0, vec![]), "then nothing, while nothing is appended");
    append(&store, Batch::to(&alex).event(Fact::Closed));
    assert_eq!(catch_up(), (0, vec![]), "what does not match is not shown");
    append(&store, Batch::to(&petra).events([Fact::Deposited(2), Fact::Closed]));
    append(&store, Batch::to(&petra).delete());
    assert_eq!(catch_up(), (3, vec![5, 6, 7]), "then what was appended since, without a gap or a repeat");
    assert_eq!(feed.position(), Position::new(7), "the feed knows its position");
    append(&store, Batch::to(&alex).event(opened()));
    let shown = feed.catch_up(|_| ControlFlow::Continue(()));
    assert_eq!(shown.expect("the store can be read"), 0, "what does not match is not shown");
    assert_eq!(feed.position(), Position::new(8), "and is then after it");
    let wait = |after| store.wait(Position::new(after), Duration::ZERO).expect("the store can be read").get();
    assert_eq!(wait(8), 8, "waiting no time reports the head of the log");
}

/// A subscription with filters shows what passes all of them, and its position goes on over the rest.
pub fn a_subscription_shows_what_passes_its_filters<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let amount = |amount: i64| NewEvent::of(Fact::Deposited(1)).header("amount", amount);
    let batch = Batch::to(&account("petra")).record(amount(3)).event(opened()).record(amount(7));
    append(&store, batch.record(amount(9)).record(amount(1)));
    let few = Filter::header("amount").at_most(7);
    let some = Filter::header("amount").at_least(3);
    let mut feed = store.subscribe(category("account"), Position::START).filter(few).filter(some);
    let mut catch_up = || {
        let mut seen = Vec::new();
        let shown = feed.catch_up(|entry| {
            seen.push(entry.envelope().position.get());
            ControlFlow::Continue(())
        });
        (shown.expect("the store can be read"), seen, feed.position().get())
    };
    assert_eq!(catch_up(), (2, vec![1, 3], 5), "what passes all filters, and its position is the log's");
    append(&store, Batch::to(&account("alex")).record(amount(8)).record(amount(5)));
    assert_eq!(catch_up(), (1, vec![7], 7), "and then what comes and passes");
}

/// A subscription begins after the given position, and does not show what is before.
pub fn a_subscription_begins_after_its_position<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    append(&store, Batch::to(&account("petra")).events((0..5).map(Fact::Deposited)));
    for (after, expected) in [(0, vec![1, 2, 3, 4, 5]), (3, vec![4, 5]), (5, vec![])] {
        let mut seen = Vec::new();
        let mut feed = store.subscribe(Query::all(), Position::new(after));
        let shown = feed.follow(Duration::ZERO, |entry| {
            seen.push(entry.envelope().position.get());
            ControlFlow::Continue(())
        });
        assert_eq!(
            shown.expect("the store can be read"),
            expected.len(),
            "it returns how many entries it has shown"
        );
        assert_eq!(seen, expected, "after position {after}");
    }
}

/// A subscription that was stopped continues after the entry at which it was stopped.
pub fn a_subscription_goes_on_where_it_was_broken_off<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    append(&store, Batch::to(&account("petra")).events((0..5).map(Fact::Deposited)));
    let mut feed = store.subscribe(category("account"), Position::START);
    let mut seen = Vec::new();
    for expected in [2, 2, 1, 0] {
        let shown = feed.catch_up(|entry| {
            seen.push(entry.envelope().position.get());
            if seen.len() % 2 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(shown.expect("the store can be read"), expected, "nothing is shown after it is stopped");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5], "two by two, and none of them twice");
    let mut feed = store.subscribe(category("account"), Position::START);
    let shown = feed.follow(Duration::from_millis(1), |_| ControlFlow::Break(()));
    assert_eq!(shown.expect("the store can be read"), 1, "nor does it wait for more after it is stopped");
    assert_eq!(feed.position(), Position::new(1), "its position is where it was stopped");
}

/// While a writer appends, a follower misses nothing and sees nothing twice, wherever the history ends and new entries begin.
pub fn nothing_is_missed_or_repeated_while_a_writer_appends<S: Candidate>(make: impl Fn() -> S) {
    let store = &make();
    let query = &Query::stream(&account("0")).or(Query::of_types(["Closed"]));
    // The writer and the followers keep pace, so that history and new entries meet often.
    let (looks, done) = (&AtomicU32::new(0), &AtomicBool::new(false));
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for number in 0..200 {
                let begun = Instant::now();
                while looks.load(Ordering::SeqCst) < number && begun.elapsed() < Duration::from_secs(1) {
                    std::thread::yield_now();
                }
                let batch =
                    Batch::to(&account(["0", "1"][number as usize % 2])).event(Fact::Deposited(number));
                append(store, if number % 3 == 0 { batch.event(Fact::Closed) } else { batch });
            }
            done.store(true, Ordering::SeqCst);
        });
        let follow = move || {
            let (mut feed, mut seen) = (store.subscribe(query.clone(), Position::START), Vec::new());
            loop {
                let last = done.load(Ordering::SeqCst);
                let shown = feed.follow(Duration::from_millis(1), |entry| {
                    looks.fetch_add(1, Ordering::SeqCst);
                    seen.push(entry.envelope().position.get());
                    ControlFlow::Continue(())
                });
                shown.expect("the store can be read");
                looks.fetch_add(1, Ordering::SeqCst);
                if last {
                    return seen;
                }
            }
        };
        let followers: Vec<_> = (0..3).map(|_| scope.spawn(follow)).collect();
        writer.join().expect("the writer appends");
        let expected = positions(store, query);
        for follower in followers {
            let seen = follower.join().expect("the follower reads");
            assert_eq!(seen, expected, "a follower sees each entry once, in order");
        }
    });
}

/// A waiting reader is woken when the log grows, and not before.
pub fn a_waiting_reader_is_woken_when_the_log_grows<S: Candidate>(make: impl Fn() -> S) {
    let store = &make();
    append(store, Batch::to(&account("petra")).event(opened()));
    let at = Position::new;
    let wait = |after, at_most| store.wait(at(after), at_most).expect("the store can be read").get();
    assert_eq!(wait(0, Duration::from_secs(60)), 1, "it does not wait for entries that are already there");
    let begun = Instant::now();
    assert_eq!(wait(1, Duration::from_millis(30)), 1, "when nothing comes, the wait ends");
    assert!(begun.elapsed() >= Duration::from_millis(30), "but not before its time");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begun = Instant::now();
            (wait(1, Duration::from_secs(60)), begun.elapsed())
        });
        std::thread::sleep(Duration::from_millis(30));
        append(store, Batch::to(&account("petra")).event(Fact::Closed));
        let (head, waited) = waiting.join().expect("the wait ends");
        assert_eq!(head, 2, "the wait returns the head of the log");
        assert!(waited < Duration::from_secs(30), "a waiting reader is woken when the log grows");
    });
}
