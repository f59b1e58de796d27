//! All operations of a store together: at random, and from many threads.

use super::alphabet::{alphabet, reads};
use super::concurrent_run::ConcurrentRun;
use super::shown_entry::{everything, shown_by_log, shown_by_store};
use super::{Contract, ContractLog};
use crate::check::{drive, walks};
use crate::conformance::{Candidate, Fact};
use crate::recorded::{EventId, Headers, StreamName, Tag};
use crate::store::{Appended, Batch, ExpectedVersion, Listing, NewEvent, Query};

/// A store answers random operations as the contract does, and so every read after each of them.
pub fn random_operations_are_answered_as_the_contract_says<S: Candidate>(make: impl Fn() -> S) {
    let walking =
        walks(&Contract).alphabet(alphabet).walks(24).steps(24).refused_let_through(0.3).search(500);
    drive(walking, &make)
        .compare(|store, step| {
            let answered = store.append(step.command.clone());
            match (step.before.answer(step.command), answered) {
                (Ok(expected), Ok(found)) if expected.appended == found => Ok(()),
                (Err(expected), Err(found)) if expected.allows(&found) => Ok(()),
                (expected, found) => Err(format!(
                    "the contract answers with {:?}, the store with {found:?}",
                    expected.map(|answer| answer.appended)
                )),
            }
        })
        .observe(
            "log",
            |log| shown_by_log(log, &everything()),
            |store| shown_by_store(store, &everything()).0,
        )
        .observe(
            "reads",
            |log| reads(log.head()).iter().map(|read| shown_by_log(log, read)).collect::<Vec<_>>(),
            |store| {
                let head = store.head().expect("the store can report its head");
                reads(head).iter().map(|read| shown_by_store(store, read).0).collect()
            },
        )
        .observe("streams", ContractLog::streams, |store| {
            store.streams(&Listing::all()).expect("the store can list its streams")
        })
        .observe("categories", ContractLog::categories, |store| {
            store.categories(&Listing::all()).expect("the store can list its categories")
        })
        .assert();
}

/// Operations of many threads are answered as if they had happened one after another, in an order in which an operation that
/// was answered comes before one that began later.
pub fn many_threads_are_answered_as_if_one_came_after_another<S: Candidate>(make: impl Fn() -> S) {
    for seed in 0..3 {
        let store = make();
        let mut threads = ConcurrentRun::new(&store, seed);
        threads.run(3, 40, 2);
        threads.judge();
    }
}

/// Of many threads that claim one name at once, exactly one gets it.
pub fn of_those_who_claim_one_name_one_gets_it<S: Candidate>(make: impl Fn() -> S) {
    let store = &make();
    let threads = 4;
    for round in 0..10 {
        let name = tag(&format!("name:{round}"));
        let log_ends = store.head().expect("the store can report its head");
        let won: Vec<bool> = std::thread::scope(|scope| {
            let claims: Vec<_> = (0..threads)
                .map(|number| {
                    let name = name.clone();
                    scope.spawn(move || {
                        let claim =
                            NewEvent::of(Fact::Opened { owner: number.to_string() }).tag(name.clone());
                        let batch = Batch::to(&stream(&format!("account-{round}x{number}"))).record(claim);
                        store.append(batch.fail_if_events_match(Query::tagged(name), log_ends)).is_ok()
                    })
                })
                .collect();
            claims.into_iter().map(|claim| claim.join().expect("the thread ends")).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "of {threads} who claim one name, one gets it");
        let recorded = shown_by_store(store, &Query::tagged(name).into()).0;
        assert_eq!(recorded.len(), 1, "the name is in the log once");
    }
}

/// A batch with ids that many threads append at once is recorded once, and all threads get the same answer.
pub fn a_batch_that_many_threads_append_is_recorded_once<S: Candidate>(make: impl Fn() -> S) {
    let store = &make();
    for round in 0..10_u32 {
        let batch = || {
            let id = |text: &str| EventId::new(format!("{text}-{round}")).expect("the suite's ids are ids");
            let event = |text: &str| NewEvent::of(Fact::Deposited(round)).id(id(text));
            let new = Batch::to(&stream(&format!("account-{round}"))).expecting(ExpectedVersion::NoStream);
            new.record(event("one")).describe(Headers::default()).record(event("two"))
        };
        let answers: Vec<Appended> = std::thread::scope(|scope| {
            let appends: Vec<_> = (0..4).map(|_| scope.spawn(|| store.append(batch()))).collect();
            let answers = appends.into_iter().map(|append| append.join().expect("the thread ends"));
            answers.map(|answer| answer.expect("a repeated batch is no conflict")).collect()
        });
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1, "one of them records it");
        for answer in &answers {
            let positions = |answer: &Appended| (answer.first, answer.last, answer.versions.clone());
            assert_eq!(positions(answer), positions(&answers[0]), "all of them get its positions");
        }
        let head = store.head().expect("the store can report its head").get();
        assert_eq!(head, 3 * u64::from(round + 1), "it is recorded once");
    }
}

fn stream(name: &str) -> StreamName {
    StreamName::new(name).expect("the suite's names are names")
}

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("the suite's tags are tags")
}
