//! Group commit: of all threads that append at the same time, one leads. It takes every queued request, has them committed
//! together, and hands each thread its answer. A thread that appends alone leads itself, and waits for nobody.

#[cfg(loom)]
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::any::Any;
use std::mem;
use std::panic::resume_unwind;
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// The threads that append, and which of them leads: each brings a request `R` and gets an answer `A`.
pub(super) struct GroupCommit<R, A> {
    queue: Mutex<Queue<R, A>>,
}

impl<R, A> Default for GroupCommit<R, A> {
    fn default() -> Self {
        GroupCommit { queue: Mutex::new(Queue { has_leader: false, waiting: Vec::new() }) }
    }
}

struct Queue<R, A> {
    has_leader: bool,
    waiting: Vec<(R, Arc<Seat<A>>)>,
}

/// The answers to a group of requests, in order.
pub(super) struct Committed<A> {
    pub(super) answers: Vec<A>,
    /// A panic to go on with once every other thread has its answer.
    pub(super) panic: Option<Box<dyn Any + Send>>,
}

/// Where a thread waits for its turn.
struct Seat<A> {
    turn: Mutex<Turn<A>>,
    changed: Condvar,
}

enum Turn<A> {
    Waiting,
    /// This thread leads: its request is still in the queue.
    Lead,
    Answered(A),
}

// The lock of the log's room is that of the standard library alone.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<A> Seat<A> {
    fn empty() -> Self {
        Seat { turn: Mutex::new(Turn::Waiting), changed: Condvar::new() }
    }

    fn give(&self, turn: Turn<A>) {
        *lock(&self.turn) = turn;
        self.changed.notify_one();
    }

    fn wait(&self) -> Turn<A> {
        let mut turn = lock(&self.turn);
        loop {
            match mem::replace(&mut *turn, Turn::Waiting) {
                Turn::Waiting => turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner),
                given => return given,
            }
        }
    }
}

impl<R, A> GroupCommit<R, A> {
    /// Appends a request, alone or together with those of other threads. `commit` is called by the leader, and answers
    /// every request that it is given. `None` if it did not answer this one.
    pub(super) fn append(&self, request: R, commit: &mut dyn FnMut(Vec<R>) -> Committed<A>) -> Option<A> {
        let mut queue = lock(&self.queue);
        if !queue.has_leader {
            queue.has_leader = true;
            drop(queue);
            return self.lead(vec![request], None, commit);
        }
        let seat = Arc::new(Seat::empty());
        queue.waiting.push((request, seat.clone()));
        drop(queue);
        match seat.wait() {
            Turn::Answered(answer) => Some(answer),
            Turn::Lead | Turn::Waiting => self.lead(Vec::new(), Some(&seat), commit),
        }
    }

    /// Serves every waiting thread, and returns the leader's own answer: the one to the request that it brought, or the one
    /// for its seat.
    fn lead(
        &self,
        mut requests: Vec<R>,
        own_seat: Option<&Arc<Seat<A>>>,
        commit: &mut dyn FnMut(Vec<R>) -> Committed<A>,
    ) -> Option<A> {
        let mut seats: Vec<Option<Arc<Seat<A>>>> = requests.iter().map(|_| None).collect();
        for (request, seat) in mem::take(&mut lock(&self.queue).waiting) {
            requests.push(request);
            seats.push(Some(seat));
        }
        let Committed { answers, panic } = commit(requests);
        let mut own = None;
        for (seat, answer) in seats.into_iter().zip(answers) {
            match seat {
                None => own = Some(answer),
                Some(seat) if own_seat.is_some_and(|own| Arc::ptr_eq(own, &seat)) => own = Some(answer),
                Some(seat) => seat.give(Turn::Answered(answer)),
            }
        }
        self.hand_over();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        // The leader's request is always among those it served.
        own
    }

    /// Makes the next waiting thread the leader.
    fn hand_over(&self) {
        let mut queue = lock(&self.queue);
        match queue.waiting.first() {
            Some((_, seat)) => seat.give(Turn::Lead),
            None => queue.has_leader = false,
        }
    }
}

/// Every interleaving of a few threads: `RUSTFLAGS="--cfg loom" cargo test --release --lib commit`.
#[cfg(all(test, loom))]
mod loom_tests {
    use super::{Committed, GroupCommit};
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    /// Appends numbers from several threads, and returns what was committed, group by group.
    fn appended_by(threads: u32) -> Vec<Vec<u32>> {
        let commits = Arc::new(GroupCommit::<u32, u32>::default());
        let groups = Arc::new(Mutex::new(Vec::new()));
        let append = |number: u32| {
            let (commits, groups) = (commits.clone(), groups.clone());
            move || {
                let answer = commits.append(number, &mut |requests| {
                    let answers = requests.iter().map(|number| number * 10).collect();
                    groups.lock().unwrap().push(requests);
                    Committed { answers, panic: None }
                });
                assert_eq!(answer, Some(number * 10));
            }
        };
        let others: Vec<_> = (1..threads).map(|number| thread::spawn(append(number))).collect();
        append(0)();
        for other in others {
            other.join().unwrap();
        }
        let groups = groups.lock().unwrap();
        groups.clone()
    }

    #[test]
    fn each_request_is_committed_once_and_answered_by_the_thread_that_leads() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let mut all: Vec<u32> = appended_by(3).concat();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2]);
        });
    }

    #[test]
    fn two_threads_in_every_order() {
        loom::model(|| {
            let mut all: Vec<u32> = appended_by(2).concat();
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        });
    }

    #[test]
    fn the_others_have_their_answers_before_a_panic_goes_on() {
        loom::model(|| {
            let commits = Arc::new(GroupCommit::<u32, u32>::default());
            let other = {
                let commits = commits.clone();
                thread::spawn(move || {
                    let commit = &mut |requests: Vec<u32>| Committed { answers: requests, panic: None };
                    // Whether it leads or is led, and whether the leader panics.
                    assert_eq!(commits.append(1, commit), Some(1));
                })
            };
            let panicking = std::panic::AssertUnwindSafe(|| {
                commits.append(0, &mut |requests| Committed {
                    answers: requests,
                    panic: Some(Box::new("planted")),
                })
            });
            let led_or_panicked = std::panic::catch_unwind(panicking);
            if let Ok(answer) = led_or_panicked {
                assert_eq!(answer, Some(0));
            }
            other.join().unwrap();
        });
    }
}
