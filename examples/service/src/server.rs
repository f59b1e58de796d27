//! From the first request to the last.

use crate::bank::Bank;
use crate::routes::routes;
use crate::service::{Limits, Service};
use leftfold::runtime::Cause;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// Opens the bank and answers requests until `stop`; then finishes what has begun, and closes the log.
pub async fn serve(
    listener: TcpListener,
    folder: PathBuf,
    limits: Limits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Cause> {
    let bank = Arc::new(spawn_blocking(move || Bank::open(&folder)).await??);
    let service = Service::of(&bank, limits);
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
