//! `service FOLDER [ADDRESS [STORE]]`: the bank in this folder, at this address. Default: `127.0.0.1:8017`.
//!
//! `STORE` is where the log is: `postgres://USER@HOST/DATABASE` or `nats://HOST/STREAM`. Default: files in the folder.

use leftfold::page::with_sources;
use leftfold_as_a_service::server::{Place, serve};
use leftfold_as_a_service::service::Limits;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", with_sources(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let folder =
        arguments.next().ok_or("say in which folder the bank is: service FOLDER [ADDRESS [STORE]]")?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8017".to_string());
    let place = Place { folder: folder.into(), store: arguments.next() };
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let ready = || println!("listening on http://{address}");
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    serve(listener, place, Limits::default(), ready, stop).await
}
