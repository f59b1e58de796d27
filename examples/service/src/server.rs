//! From the first request to the last.

use crate::bank::Bank;
use crate::routes::routes;
use crate::service::{Limits, Service};
use crate::store;
use leftfold::runtime::Cause;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// Where a bank is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The read model, and the log, if it is in files.
    pub folder: PathBuf,
    /// The [address](store::open) of an engine that has the log.
    pub store: Option<String>,
}

/// Opens the bank and answers requests until `stop`; then finishes what has begun, and closes the log. `ready` is called when the
/// first request would be answered.
pub async fn serve(
    listener: TcpListener,
    place: Place,
    limits: Limits,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Cause> {
    let open = move || Bank::open(store::open(place.store.as_deref(), &place.folder)?, &place.folder);
    let bank = Arc::new(spawn_blocking(open).await??);
    let service = Service::of(&bank, limits);
    ready();
    let stopped = service.clone();
    let answering = axum::serve(listener, routes(service.clone())).with_graceful_shutdown(async move {
        stop.await;
        stopped.begin_closing();
    });
    tokio::select! {
        ended = answering => ended?,
        () = service.last_requests() => eprintln!("some clients took too long; nobody waits for them"),
    }
    service.close(bank).await
}
