//! The duty of one server, of all that have the same log: it gives the commands that are owed, and hears the signing service.
//!
//! Whoever holds the lease is on duty. Nothing goes wrong if two believe it for a moment, because commands have ids and are recorded
//! once; but a letter would be put into the outbox twice.

use crate::business::report;
use crate::store::Lease;
use leftfold::runtime::Cause;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Whether this server is on duty.
#[derive(Clone)]
pub struct OnDuty(Arc<Mutex<Until>>);

enum Until {
    Always,
    /// `None`: somebody else is.
    Then(Option<Instant>),
}

impl OnDuty {
    /// Always, if there is no lease; otherwise not before it is held.
    pub fn under(lease: Option<&Lease>) -> OnDuty {
        let until = if lease.is_some() { Until::Then(None) } else { Until::Always };
        OnDuty(Arc::new(Mutex::new(until)))
    }

    pub fn is(&self) -> bool {
        match *lock(&self.0) {
            Until::Always => true,
            Until::Then(until) => until.is_some_and(|until| Instant::now() < until),
        }
    }

    fn set(&self, until: Option<Instant>) {
        *lock(&self.0) = Until::Then(until);
    }
}

/// What is done on duty, `W`: begun when the duty begins, and ended when it ends.
pub struct Duty<W> {
    on: OnDuty,
    work: Arc<Mutex<Option<W>>>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), Cause>>,
}

/// How the work is begun and ended, and what is done besides, at each tick.
pub struct Work<W> {
    pub begin: Box<dyn Fn() -> Result<W, Cause> + Send>,
    pub end: fn(W) -> Result<(), Cause>,
    pub at_each_tick: Box<dyn Fn() -> Result<(), Cause> + Send>,
}

struct Worker<W> {
    lease: Option<Lease>,
    renewal: Instant,
    on: OnDuty,
    work: Arc<Mutex<Option<W>>>,
    how: Work<W>,
}

impl<W: Send + 'static> Duty<W> {
    /// Takes the lease, if nobody has it, and begins the work then; otherwise as soon as it is free.
    pub fn start(lease: Option<Lease>, on: OnDuty, tick: Duration, how: Work<W>) -> Result<Duty<W>, Cause> {
        let (work, ends) = (Arc::default(), Arc::<AtomicBool>::default());
        let mut worker =
            Worker { lease, renewal: Instant::now(), on: on.clone(), work: Arc::clone(&work), how };
        worker.look()?;
        let ended = ends.clone();
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Acquire) {
                if let Err(error) = worker.look().and_then(|()| worker.tick()) {
                    report("what a server does on duty failed", &*error);
                }
                thread::sleep(tick);
            }
            // Before the lease is given back.
            worker.end()
        });
        Ok(Duty { on, work, ends, thread })
    }

    /// Whether this server is on duty.
    pub fn is_on(&self) -> bool {
        self.on.is()
    }

    /// Looks at the work; `None`, where another server does it.
    pub fn look<R>(&self, look: impl FnOnce(&W) -> R) -> Option<R> {
        lock(&self.work).as_ref().map(look)
    }

    /// Ends the work, and gives the lease back. Blocks until both is done.
    pub fn stop(self) -> Result<(), Cause> {
        self.ends.store(true, Ordering::Release);
        self.thread.join().map_err(|_| "the thread of what a server does on duty has panicked")?
    }
}

impl<W> Worker<W> {
    /// Renews the lease when it is time for it, and begins or ends the work.
    fn look(&mut self) -> Result<(), Cause> {
        let renewed = self.renew();
        let is_begun = lock(&self.work).is_some();
        match (self.on.is(), is_begun) {
            (true, false) => {
                let work = (self.how.begin)()?;
                *lock(&self.work) = Some(work);
            }
            (false, true) => self.end()?,
            _ => {}
        }
        renewed
    }

    /// If it fails, the duty ends by itself when the bound is over; and at once when the lease is known to be lost.
    fn renew(&mut self) -> Result<(), Cause> {
        let begun = Instant::now();
        let Some(Lease { held, bound }) = &mut self.lease else { return Ok(()) };
        if self.on.is() && !held.is_held() {
            self.on.set(None);
            self.renewal = begun;
        }
        if begun >= self.renewal {
            self.renewal = begun + *bound / 3;
            let is_held = held.hold()?;
            // As the lease itself, a hundredth earlier: clocks do not tick quite alike.
            self.on.set(is_held.then(|| begun + *bound * 99 / 100));
        }
        Ok(())
    }

    fn end(&self) -> Result<(), Cause> {
        let work = lock(&self.work).take();
        work.map_or(Ok(()), self.how.end)
    }

    fn tick(&self) -> Result<(), Cause> {
        if self.on.is() { (self.how.at_each_tick)() } else { Ok(()) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
