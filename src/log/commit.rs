//! Group commit: of all threads that append at the same time, one leads. It takes every queued request, has them committed
//! together, and hands each thread its answer. A thread that appends alone leads itself, and waits for nobody.

use super::mutex::lock;
use super::request::{AppendResult, PreparedRequest};
use crate::store::AppendError;
use std::any::Any;
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The threads that append, and which of them leads.
#[derive(Default)]
pub(super) struct GroupCommit {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    has_leader: bool,
    waiting: Vec<(PreparedRequest, Arc<Seat>)>,
}

/// The answers to a group of requests, in order.
pub(super) struct Committed {
    pub(super) answers: Vec<AppendResult>,
    /// A panic to go on with once every other thread has its answer.
    pub(super) panic: Option<Box<dyn Any + Send>>,
}

/// Where a thread waits for its turn.
#[derive(Default)]
struct Seat {
    turn: Mutex<Turn>,
    changed: Condvar,
}

#[derive(Default)]
enum Turn {
    #[default]
    Waiting,
    /// This thread leads: its request is still in the queue.
    Lead,
    Answered(AppendResult),
}

impl Seat {
    fn give(&self, turn: Turn) {
        *lock(&self.turn) = turn;
        self.changed.notify_one();
    }

    fn wait(&self) -> Turn {
        let mut turn = lock(&self.turn);
        loop {
            match mem::take(&mut *turn) {
                Turn::Waiting => turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner),
                given => return given,
            }
        }
    }
}

impl GroupCommit {
    /// Appends a request, alone or together with those of other threads. `commit` is called by the leader, and answers
    /// every request that it is given.
    pub(super) fn append(
        &self,
        request: PreparedRequest,
        commit: &mut dyn FnMut(Vec<PreparedRequest>) -> Committed,
    ) -> AppendResult {
        let mut queue = lock(&self.queue);
        if !queue.has_leader {
            queue.has_leader = true;
            drop(queue);
            return self.lead(vec![request], None, commit);
        }
        let seat = Arc::new(Seat::default());
        queue.waiting.push((request, seat.clone()));
        drop(queue);
        match seat.wait() {
            Turn::Answered(answer) => answer,
            Turn::Lead | Turn::Waiting => self.lead(Vec::new(), Some(&seat), commit),
        }
    }

    /// Serves every waiting thread, and returns the leader's own answer: the one to the request that it brought, or the one
    /// for its seat.
    fn lead(
        &self,
        mut requests: Vec<PreparedRequest>,
        own_seat: Option<&Arc<Seat>>,
        commit: &mut dyn FnMut(Vec<PreparedRequest>) -> Committed,
    ) -> AppendResult {
        let mut seats: Vec<Option<Arc<Seat>>> = requests.iter().map(|_| None).collect();
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
        own.unwrap_or(Err(AppendError::Empty))
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
