//! Lets threads append and read at once, and checks that their operations could have happened one after another.

use super::Contract;
use super::refusal::RefusalReason;
use super::shown_entry::{ShownEntry, everything, shown_by_log, shown_by_store};
use crate::conformance::{Candidate, Dice, Fact};
use crate::fold::Fold;
use crate::recorded::{Position, StreamName, Tag, Version};
use crate::store::{AppendError, Appended, Batch, Conflict, NewEvent, Query, Read, StreamState};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that use one store, and their operations.
pub(super) struct ConcurrentRun<'s, S> {
    store: &'s S,
    seed: u64,
    /// Counts moments. An operation that was answered at an earlier moment than another one began came before it.
    moments: AtomicU64,
    operations: Vec<TimedOperation>,
}

/// One operation: when it began, when it was answered, and the answer.
struct TimedOperation {
    asked: u64,
    answered: u64,
    what: Operation,
}

enum Operation {
    Accepted(Batch<Fact>, Appended),
    Refused(Batch<Fact>, Conflict),
    Read(Read, Vec<ShownEntry>, u64),
}

impl<'s, S: Candidate> ConcurrentRun<'s, S> {
    pub(super) fn new(store: &'s S, seed: u64) -> Self {
        ConcurrentRun { store, seed, moments: AtomicU64::new(0), operations: Vec::new() }
    }

    /// Runs writers, each with this many intentions, and readers beside them.
    pub(super) fn run(&mut self, writers: usize, intentions: usize, readers: usize) {
        let (working, this) = (AtomicUsize::new(writers), &*self);
        let (seed, working) = (this.seed << 8, &working);
        let operations = std::thread::scope(|scope| {
            let writers = (0..writers).map(|number| {
                scope.spawn(move || {
                    let mut thread = Participant::new(this, seed + number as u64);
                    (0..intentions).for_each(|_| thread.intend());
                    working.fetch_sub(1, Ordering::SeqCst);
                    thread.operations
                })
            });
            let readers = (0..readers).map(|number| {
                scope.spawn(move || {
                    let mut thread = Participant::new(this, seed + 100 + number as u64);
                    while working.load(Ordering::SeqCst) > 0 && thread.operations.len() < 500 {
                        thread.look();
                    }
                    thread.operations
                })
            });
            let threads: Vec<_> = writers.chain(readers).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("the thread ends")).collect()
        });
        self.operations = operations;
    }

    /// Checks every answer against the log that it must have been given on, as if one operation had followed another.
    pub(super) fn judge(&self) {
        let mut accepted: Vec<(&Batch<Fact>, &Appended)> = Vec::new();
        for operation in &self.operations {
            if let Operation::Accepted(batch, appended) = &operation.what {
                accepted.push((batch, appended));
            }
        }
        accepted.sort_by_key(|(_, appended)| appended.first);
        // The log after each batch, by its head.
        let mut log = Contract.initial_state();
        let mut logs = BTreeMap::from([(0, log.clone())]);
        for (batch, appended) in accepted {
            let next = log.head().next();
            assert_eq!(
                appended.first, next,
                "accepted batches follow each other without a gap or an overlap"
            );
            let answer = log.answer(batch).unwrap_or_else(|why| {
                panic!("an accepted batch is justified by the log before it, but there {why}: {batch:?}")
            });
            assert_eq!(
                &answer.appended, appended,
                "the answer to an append is that of the log before it: {batch:?}"
            );
            log = Contract.fold_from(log, &answer.written);
            logs.insert(log.head().get(), log.clone());
        }
        let (recorded, head) = shown_by_store(self.store, &everything());
        assert_eq!(
            recorded,
            shown_by_log(&log, &everything()),
            "the log holds what was accepted, and nothing else"
        );
        assert_eq!(head, log.head().get(), "its head is the last position that was given");
        for operation in &self.operations {
            match &operation.what {
                Operation::Accepted(..) => {}
                Operation::Refused(batch, conflict) => {
                    let log = logs.get(&head_of(conflict).get());
                    let log = log.expect("a conflict reports a head at which a batch ends");
                    let reasons = log.answer(batch).err().map(|refused| refused.0).unwrap_or_default();
                    assert!(
                        reasons.contains(&RefusalReason::Conflict(conflict.clone())),
                        "a batch is refused because of the log: {conflict}: {batch:?}"
                    );
                }
                Operation::Read(read, found, head) => {
                    let log = logs.get(head).unwrap_or_else(|| {
                        panic!("a reader sees whole batches, but its log ends at {head}, amid one: {read:?}")
                    });
                    let expected = shown_by_log(log, read);
                    assert_eq!(*found, expected, "a reader sees the log up to its head: {read:?}");
                }
            }
        }
        self.judge_time();
    }

    /// Checks that an operation that was answered before another one began came before it.
    fn judge_time(&self) {
        // The head of the log before and after each operation.
        let around = |operation: &TimedOperation| match &operation.what {
            Operation::Accepted(_, appended) => (appended.first.get() - 1, appended.last.get()),
            Operation::Refused(_, conflict) => (head_of(conflict).get(), head_of(conflict).get()),
            Operation::Read(_, _, head) => (*head, *head),
        };
        let mut answers: Vec<(u64, u64)> =
            self.operations.iter().map(|it| (it.answered, around(it).1)).collect();
        answers.sort_unstable();
        let mut furthest = 0;
        for (_, after) in &mut answers {
            furthest = furthest.max(*after);
            *after = furthest;
        }
        for operation in &self.operations {
            let earlier = answers.partition_point(|(answered, _)| *answered < operation.asked);
            let known = earlier.checked_sub(1).map_or(0, |last| answers[last].1);
            assert!(
                around(operation).0 >= known,
                "operations keep their order: the log was known to reach {known} when this one began, and it was \
                 answered as if it had ended at {}",
                around(operation).0
            );
        }
    }
}

fn head_of(conflict: &Conflict) -> Position {
    match conflict {
        Conflict::Stream { head, .. } | Conflict::EventsMatch { head, .. } => *head,
    }
}

/// One thread, and its operations.
struct Participant<'t, S> {
    run: &'t ConcurrentRun<'t, S>,
    dice: Dice,
    operations: Vec<TimedOperation>,
}

impl<'t, S: Candidate> Participant<'t, S> {
    fn new(run: &'t ConcurrentRun<'t, S>, seed: u64) -> Self {
        Participant { run, dice: Dice::new(seed), operations: Vec::new() }
    }

    fn moment(&self) -> u64 {
        self.run.moments.fetch_add(1, Ordering::SeqCst)
    }

    fn append(&mut self, batch: Batch<Fact>) -> Result<(), Conflict> {
        let asked = self.moment();
        let outcome = self.run.store.append(batch.clone());
        let answered = self.moment();
        let what = match outcome {
            Ok(appended) => Operation::Accepted(batch, appended),
            Err(AppendError::Conflict(conflict)) => Operation::Refused(batch, conflict),
            Err(error) => panic!("only a conflict may refuse this batch, but: {error}: {batch:?}"),
        };
        let result = match &what {
            Operation::Refused(_, conflict) => Err(conflict.clone()),
            _ => Ok(()),
        };
        self.operations.push(TimedOperation { asked, answered, what });
        result
    }

    /// Reads. Returns how many entries were found, and the head of the log.
    fn read(&mut self, read: Read) -> (usize, u64) {
        let asked = self.moment();
        let (found, head) = shown_by_store(self.run.store, &read);
        let answered = self.moment();
        let count = found.len();
        self.operations.push(TimedOperation { asked, answered, what: Operation::Read(read, found, head) });
        (count, head)
    }

    fn stream(&mut self) -> StreamName {
        let name = *self.dice.one_of(&["account-1", "account-2", "account-3"]);
        StreamName::new(name).expect("the suite's names are names")
    }

    /// Something that a writer intends: it tries again until it succeeds, or sees that another thread has done it.
    fn intend(&mut self) {
        match self.dice.below(4) {
            0 => self.claim(),
            1 => self.close_or_open(),
            _ => self.transfer(),
        }
    }

    /// Writes to two streams, each exactly at the version that it was seen at.
    fn transfer(&mut self) {
        let (from, to, amount) = (self.stream(), self.stream(), self.dice.below(100) as u32);
        let (mut from_at, mut to_at) = (Version::NONE, Version::NONE);
        // Each conflict is caused by the success of another thread, and there are fewer of those.
        for _ in 0..10_000 {
            let taken = Fact::Withdrawn { amount, reason: None };
            let batch = Batch::to(&from).expecting(from_at).event(taken).and_to(&to);
            let batch = if from == to { batch } else { batch.expecting(to_at) };
            match self.append(batch.event(Fact::Deposited(amount))) {
                Ok(()) => return,
                Err(Conflict::Stream { stream, found, .. }) if stream == from => from_at = found.version(),
                Err(Conflict::Stream { found, .. }) => to_at = found.version(),
                Err(conflict) => panic!("no query was to match nothing, but: {conflict}"),
            }
        }
        panic!("a writer that expects what each conflict reports succeeds at some time");
    }

    /// Takes a name that nobody has, judged by a query alone.
    fn claim(&mut self) {
        let name = Tag::new(format!("name:{}", self.dice.below(5))).expect("the suite's tags are tags");
        let named = Query::tagged(name.clone());
        let stream = self.stream();
        let (found, head) = self.read(named.clone().limit(1));
        if found == 0 {
            let claim = NewEvent::of(Fact::Opened { owner: name.to_string() }).tag(name);
            // It may be refused because the stream was deleted, which does not matter here.
            let batch = Batch::to(&stream).record(claim).fail_if_events_match(named, Position::new(head));
            let _ = self.append(batch);
        }
    }

    /// Deletes a stream that is there, and opens one again that was deleted.
    fn close_or_open(&mut self) {
        let stream = self.stream();
        let info = self.run.store.stream(&stream).expect("the store can look up a stream");
        let batch = match info.map(|info| info.state) {
            Some(StreamState::At(version)) => Batch::to(&stream).expecting(version).delete(),
            Some(StreamState::Deleted(version)) => Batch::to(&stream).expecting(version).event(Fact::Closed),
            Some(StreamState::Missing) | None => return,
        };
        let _ = self.append(batch);
    }

    fn look(&mut self) {
        let stream = self.stream();
        let read = match self.dice.below(4) {
            0 => Query::all().into(),
            1 => Query::all().backwards().limit(5),
            2 => Query::stream(&stream).or(Query::of_types(["Opened"])).into(),
            _ => Query::stream(&stream).backwards().limit(3),
        };
        self.read(read);
    }
}
