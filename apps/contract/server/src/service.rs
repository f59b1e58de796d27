//! The bridge: calls that block run in threads where they may, and futures wait for them.

use crate::business::Business;
use crate::guard::Hosts;
use crate::page::Page;
use crate::problem::Problem;
use axum::extract::FromRef;
use axum_extra::extract::cookie::Key;
use leftfold::recorded::Position;
use leftfold::runtime::Cause;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{Instant, sleep, timeout};

/// How long a reader waits at most for the read models to have what it asks for.
const READ_YOUR_WRITES: Duration = Duration::from_secs(1);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(2);

/// How much goes on at the same time, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many calls may block at the same time: each has a thread meanwhile.
    pub calls: u32,
    /// How long a call waits for its turn before its client is asked to come back later.
    pub patience: Duration,
    /// How many pages may follow what happens.
    pub followers: u32,
    /// How long a body of a request may take, and how long the next part of a long one.
    pub slowest_body: Duration,
    /// For how long the file of an import may come at most: only one import has a place.
    pub slowest_import: Duration,
    /// How long requests that have begun may take after the server was asked to stop.
    pub last_requests: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let ten_seconds = Duration::from_secs(10);
        Limits {
            calls: 64,
            patience: ten_seconds,
            followers: 2_000,
            slowest_body: ten_seconds,
            slowest_import: Duration::from_secs(600),
            last_requests: ten_seconds,
        }
    }
}

/// What is needed to answer requests.
///
/// It does not own the business. So its owner can close the business, whatever connections there still are.
#[derive(Clone)]
pub struct Service {
    business: Weak<Business>,
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    calls: Arc<Semaphore>,
    followers: Arc<Semaphore>,
    imports: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    key: Key,
    hosts: Hosts,
    page: Page,
}

/// Why a call was not made, or has no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// No thread was free in time, or the server closes. Nothing was done.
    Busy,
    /// The call has panicked.
    Panicked(JoinError),
}

impl Service {
    pub fn of(business: &Arc<Business>, limits: Limits, key: Key, hosts: Hosts, page: Page) -> Service {
        let shared = Shared {
            limits,
            calls: Arc::new(Semaphore::new(limits.calls as usize)),
            followers: Arc::new(Semaphore::new(limits.followers as usize)),
            imports: Arc::new(Semaphore::new(1)),
            closing: watch::Sender::new(false),
            key,
            hosts,
            page,
        };
        Service { business: Arc::downgrade(business), shared: Arc::new(shared) }
    }

    /// Makes a call that blocks, in a thread where it may.
    ///
    /// Dropping the future before the call has begun takes it back. Afterwards the call goes on, and nobody gets its answer.
    pub async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&Business) -> Result<R, Problem> + Send + 'static,
    ) -> Result<R, Problem> {
        let Shared { limits, calls, .. } = &*self.shared;
        let Ok(Ok(permit)) = timeout(limits.patience, calls.clone().acquire_owned()).await else {
            return Err(NoAnswer::Busy.into());
        };
        let business = self.business()?;
        let blocking = spawn_blocking(move || {
            let answer = call(&business);
            drop(business);
            // The permit comes back when the thread is free, and not when the future is dropped.
            drop(permit);
            answer
        });
        blocking.await.map_err(NoAnswer::Panicked)?
    }

    /// The business itself, for what does not block.
    pub fn business(&self) -> Result<Arc<Business>, NoAnswer> {
        self.business.upgrade().ok_or(NoAnswer::Busy)
    }

    /// Waits until the read models have seen this position, and for a second at most.
    pub async fn seen(&self, after: Option<Position>) -> Result<Arc<Business>, NoAnswer> {
        let business = self.business()?;
        let begun = Instant::now();
        while after.is_some_and(|after| business.position() < after) && begun.elapsed() < READ_YOUR_WRITES {
            sleep(LOOK).await;
        }
        Ok(business)
    }

    /// A place among those who follow what happens.
    pub fn follower(&self) -> Result<(Arc<Business>, OwnedSemaphorePermit), NoAnswer> {
        let permit = self.shared.followers.clone().try_acquire_owned().map_err(|_| NoAnswer::Busy)?;
        match self.is_closing() {
            true => Err(NoAnswer::Busy),
            false => Ok((self.business()?, permit)),
        }
    }

    /// The place of the one import that may run.
    pub fn import(&self) -> Option<OwnedSemaphorePermit> {
        self.shared.imports.clone().try_acquire_owned().ok()
    }

    pub fn limits(&self) -> Limits {
        self.shared.limits
    }

    pub fn hosts(&self) -> &Hosts {
        &self.shared.hosts
    }

    pub fn page(&self) -> &Page {
        &self.shared.page
    }

    /// Asks all followers to end.
    pub fn begin_closing(&self) {
        self.shared.closing.send_replace(true);
        if let Ok(business) = self.business() {
            business.end_feeds();
        }
    }

    fn is_closing(&self) -> bool {
        *self.shared.closing.borrow()
    }

    /// Waits until requests have had their time after [`begin_closing`](Service::begin_closing).
    pub async fn last_requests(&self) {
        // The sender lives as long as `self`.
        let _ = self.shared.closing.subscribe().wait_for(|closing| *closing).await;
        sleep(self.shared.limits.last_requests).await;
    }

    /// Waits for the calls that have begun and for the import, and closes the business.
    pub async fn close(&self, business: Arc<Business>) -> Result<(), Cause> {
        self.begin_closing();
        let _calls = self.shared.calls.acquire_many(self.shared.limits.calls).await?;
        let _import = self.shared.imports.acquire().await?;
        let business =
            Arc::into_inner(business).ok_or("the business is still in use, so it was not closed")?;
        spawn_blocking(|| business.close()).await?
    }
}

impl FromRef<Service> for Key {
    fn from_ref(service: &Service) -> Key {
        service.shared.key.clone()
    }
}
