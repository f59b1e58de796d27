//! `contract-server`: the contract app on this machine.

use clap::Parser;
use contract_server::business::Terms;
use contract_server::data::Data;
use contract_server::server::{Served, serve};
use contract_server::service::Limits;
use contract_server::store::Place;
use jiff::SignedDuration;
use leftfold::page::{printable, with_sources};
use leftfold::runtime::Cause;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Contracts for the customers of a fashion business, as a web application on this machine.
#[derive(Parser)]
#[command(name = "contract-server")]
struct Line {
    /// The folder in which this server keeps everything that is its own; also the log, if --store does not say otherwise
    #[arg(default_value = "contract-data")]
    folder: PathBuf,
    /// Where the log is: a folder, `postgres://user:password@host/database` or `nats://one:4222,two:4222/STREAM`
    #[arg(long, value_name = "FOLDER OR ADDRESS")]
    store: Option<String>,
    /// The folder that all servers of one log share: the letters, the stand-in of the signing service, the key of the sessions
    #[arg(long, value_name = "FOLDER")]
    shared: Option<PathBuf>,
    /// After this time without a sign of the server that does what is owed, another one does it
    #[arg(long, default_value = "10s", value_name = "TIME")]
    lease: SignedDuration,
    /// On how many servers of NATS a stream is kept that is made now
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    replicas: usize,
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:8017")]
    address: SocketAddr,
    /// The folder of the page
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// The model for the browser
    #[arg(long, value_name = "FILE")]
    wasm: Option<PathBuf>,
    /// With how many customers, and contracts with some of them, an empty folder begins; 0 for none
    #[arg(long, default_value_t = 50_000, value_name = "NUMBER")]
    customers: u32,
    /// How long the stand-in for the signing service takes for each of its three answers, such as 10s or 500ms
    #[arg(long, default_value = "10s", value_name = "TIME")]
    signing_delay: SignedDuration,
}

const SHORTEST_LEASE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let line = Line::parse();
    let ended = Runtime::new().map_err(Cause::from).and_then(|runtime| {
        let ended = runtime.block_on(run(line));
        // Whoever is asked to stop while a log is filled does not fill it to the end.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("contract-server: {}", printable(&with_sources(&*error)));
            ExitCode::FAILURE
        }
    }
}

async fn run(line: Line) -> Result<(), Cause> {
    let Line { folder, store, shared, lease, replicas, address, page, wasm, customers, signing_delay } = line;
    if !address.ip().is_loopback() {
        return Err(format!(
            "{address} can be reached from other machines, and anybody may sign in here under any name: listen on 127.0.0.1, and let a \
             server of your own that knows its people speak for others"
        )
        .into());
    }
    if signing_delay.is_negative() {
        return Err("a signing delay is not negative".into());
    }
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let address = listener.local_addr()?;
    let lease = Duration::try_from(lease).ok().filter(|lease| *lease >= SHORTEST_LEASE);
    let lease = lease
        .ok_or("a lease is for a second at least: servers and their engine have to be asked meanwhile")?;
    let usual = Terms::of(Data::in_folder(folder));
    // Not by the reader of the command line, which would print an address with its password.
    let store = store.map_or_else(|| Ok(usual.store.clone()), |said| said.parse::<Place>())?;
    let shared = shared.map_or_else(|| usual.shared.clone(), Data::in_folder);
    let terms = Terms { signing_delay, store, shared, lease, replicas, ..usual };
    let served = Served { terms, page, wasm, customers, limits: Limits::default() };
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let ready = move |page: &contract_server::page::Page| {
        if !page.has_wasm() {
            println!("without the model for the browser (--wasm), what is typed is judged by the server");
        }
        println!("listening on http://{address}");
    };
    serve(listener, served, ready, stop).await
}
