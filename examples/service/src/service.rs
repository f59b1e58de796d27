//! The bridge: calls that block run in threads where they may, and futures wait for them. Nothing in here knows HTTP.

use crate::account::Event;
use crate::bank::Bank;
use leftfold::recorded::Position;
use leftfold::runtime::Cause;
use leftfold_tokio::Feed;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{sleep, timeout};

/// How much goes on at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many calls may block at the same time: each has a thread of its own meanwhile.
    pub calls: u32,
    /// How long a call waits for its turn before its client is asked to come back later.
    pub patience: Duration,
    /// How many clients may follow the events: one thread follows for all of them.
    pub followers: u32,
    /// How long requests that have begun may take after the service was asked to stop.
    pub last_requests: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let ten_seconds = Duration::from_secs(10);
        Limits { calls: 64, patience: ten_seconds, followers: 1_000, last_requests: ten_seconds }
    }
}

/// What is needed to call the bank from futures.
///
/// It does not own the bank. So its owner can close the bank, whatever connections there still are.
#[derive(Clone, Debug)]
pub struct Service {
    bank: Weak<Bank>,
    limits: Limits,
    calls: Arc<Semaphore>,
    followers: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

/// Why a call was not made, or has no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// No thread was free in time, or the service closes. Nothing was done.
    Busy,
    /// The call has panicked.
    Panicked(JoinError),
}

impl Service {
    pub fn of(bank: &Arc<Bank>, limits: Limits) -> Service {
        Service {
            bank: Arc::downgrade(bank),
            limits,
            calls: Arc::new(Semaphore::new(limits.calls as usize)),
            followers: Arc::new(Semaphore::new(limits.followers as usize)),
            closing: watch::Sender::new(false),
        }
    }

    /// Makes a call that blocks, in a thread where it may.
    ///
    /// Dropping the future before the call has begun takes it back. Afterwards the call goes on, and nobody gets its answer.
    pub async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&Bank) -> R + Send + 'static,
    ) -> Result<R, NoAnswer> {
        let turn = timeout(self.limits.patience, self.calls.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = turn else { return Err(NoAnswer::Busy) };
        let bank = self.bank()?;
        let blocking = spawn_blocking(move || {
            let answer = call(&bank);
            drop(bank);
            // The permit comes back when the thread is free, and not when the future is dropped.
            drop(permit);
            answer
        });
        blocking.await.map_err(NoAnswer::Panicked)
    }

    /// The bank itself, for what does not block.
    pub fn bank(&self) -> Result<Arc<Bank>, NoAnswer> {
        self.bank.upgrade().ok_or(NoAnswer::Busy)
    }

    /// The events after a position. The permit is held as long as somebody follows them.
    pub fn follow(&self, after: Position) -> Result<(Feed<Event>, OwnedSemaphorePermit), NoAnswer> {
        let permit = self.followers.clone().try_acquire_owned().map_err(|_| NoAnswer::Busy)?;
        Ok((self.bank()?.events(after), permit))
    }

    /// Asks all followers to end.
    pub fn begin_closing(&self) {
        self.closing.send_replace(true);
    }

    /// Waits until the service is about to close.
    pub async fn closing(&self) {
        // The sender lives as long as `self`.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Waits until requests have had their time after [`begin_closing`](Service::begin_closing).
    pub async fn last_requests(&self) {
        self.closing().await;
        sleep(self.limits.last_requests).await;
    }

    /// Waits for the calls that have begun and for the followers, and closes the bank.
    pub async fn close(&self, bank: Arc<Bank>) -> Result<(), Cause> {
        self.begin_closing();
        let _calls = self.calls.acquire_many(self.limits.calls).await?;
        let _followers = self.followers.acquire_many(self.limits.followers).await?;
        let bank = Arc::into_inner(bank).ok_or("the bank is still in use, so it was not closed")?;
        spawn_blocking(|| bank.close()).await?
    }
}
