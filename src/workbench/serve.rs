//! The page over a desk, served to the browser of this machine: `serve`.

mod answers;
mod files;
mod http;
mod joined;
mod module_page;
mod page_file;
mod with_log;

use super::usage::usage_error;
use crate::desk::{Desk, OnDesk};
use crate::model::Model;
use crate::page::one_line;
use answers::Answers;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
pub(super) use module_page::write_module_page;
pub(super) use page_file::write_page;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// How many connections are served at once; one more is asked to come back later.
const MOST_CONNECTIONS: usize = 128;

/// A server of the page, for the browsers of this machine alone.
///
/// It listens on 127.0.0.1 and answers nobody else: a request that names another host, or that a page of another origin sends, is refused.
/// The page keeps its history in its own address, so the program may be compiled and started again: the page finds it at the same port and
/// goes on.
///
/// ```no_run
/// # use leftfold::Desk;
/// # use leftfold::workbench::PageServer;
/// # fn serve(desk: Desk) -> std::io::Result<()> {
/// let server = PageServer::bind(desk, None)?;
/// println!("{}", server.address());
/// server.run()
/// # }
/// ```
pub struct PageServer {
    listener: TcpListener,
    address: SocketAddr,
    answers: Arc<Answers>,
}

impl fmt::Debug for PageServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl PageServer {
    /// Listens on this port; 0 is any that is free. Without a port it is the usual one of these models, so that a page finds a program again
    /// that was compiled and started since, or any that is free.
    ///
    /// # Errors
    /// What the system says if the port is taken, or if no port can be had.
    pub fn bind(desk: Desk, port: Option<u16>) -> io::Result<PageServer> {
        let on = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match port {
            Some(port) => on(port)?,
            None => on(usual_port(&desk)).or_else(|_| on(0))?,
        };
        let address = listener.local_addr()?;
        Ok(PageServer { answers: Arc::new(Answers::of(desk, address.port())), listener, address })
    }

    /// The address of the page, such as `http://127.0.0.1:7123/`.
    pub fn address(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves the page until the program ends. Each connection has a thread, so a question that takes long does not hold up another.
    ///
    /// # Errors
    /// What the system says if the port cannot be listened on any more.
    pub fn run(&self) -> io::Result<()> {
        let open = Arc::new(AtomicUsize::new(0));
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.connected(stream, &open),
                // A client that was gone before it was served, or no more files for now.
                Err(error) if is_passing(&error) => thread::sleep(Duration::from_millis(20)),
                Err(error) => return Err(error),
            }
        }
    }

    fn connected(&self, stream: TcpStream, open: &Arc<AtomicUsize>) {
        let place = Place::take(open);
        let answers = Arc::clone(&self.answers);
        if place.number > MOST_CONNECTIONS {
            return http::turn_away(stream);
        }
        // A thread that cannot be started drops the connection; the page tries again.
        let _ = thread::Builder::new().name("leftfold page".into()).spawn(move || {
            let _place = place;
            // A connection that breaks concerns its client alone.
            let _ = http::converse(&stream, |head| answers.may_come(head), |asked| answers.answer(asked));
        });
    }
}

fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
    // 24 and 23: too many open files.
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | WouldBlock)
        || matches!(error.raw_os_error(), Some(23 | 24))
}

/// A connection among those that are open.
struct Place {
    open: Arc<AtomicUsize>,
    number: usize,
}

impl Place {
    fn take(open: &Arc<AtomicUsize>) -> Place {
        let number = open.fetch_add(1, Ordering::Relaxed) + 1;
        Place { open: Arc::clone(open), number }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Models of the same names have the same port, between 7000 and 7999.
fn usual_port(desk: &Desk) -> u16 {
    let names: Vec<&str> = desk.names().collect();
    7000 + (xxh3_64(names.join("\n").as_bytes()) % 1000) as u16
}

#[derive(Parser)]
#[command(about = "Serves the page of these models to the browser of this machine")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the page of these models to the browser of this machine
    Serve {
        /// Listen on this port; by default on the usual one of these models, or one that is free
        #[arg(long, value_name = "N")]
        port: Option<u16>,
    },
}

impl Desk {
    /// Runs the models of a desk as a program: `serve` prints the address of their page and serves it, at the port that `--port N` names.
    /// For a single model, [`Model::main_with_page`](crate::Model::main_with_page) has this beside its other tasks.
    ///
    /// The exit code is 1 when the port is taken, 2 when the command line is not understood.
    pub fn main(self) -> ExitCode {
        let name = self.names().map(one_line).collect::<Vec<_>>().join("-");
        let parse = |line: Vec<OsString>| {
            let matches = CommandLine::command().name(name.clone()).try_get_matches_from(line)?;
            CommandLine::from_arg_matches(&matches)
        };
        match parse(std::env::args_os().collect()) {
            Ok(CommandLine { task: Task::Serve { port } }) => serve(self, port),
            Err(error) => usage_error(error, |line| parse(line).err()),
        }
    }
}

/// Serves a model, with the log in this folder beside it.
pub(super) fn serve_model<D: OnDesk>(model: Model<D>, port: Option<u16>, log: Option<&Path>) -> ExitCode {
    let name = one_line(model.name()).to_string();
    match with_log::desk_of(model, log) {
        Ok(desk) => serve(desk, port),
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the address and serves until the program is ended.
fn serve(desk: Desk, port: Option<u16>) -> ExitCode {
    let name = desk.names().map(one_line).collect::<Vec<_>>().join(", ");
    let served = PageServer::bind(desk, port).and_then(|server| {
        println!("{name}: open {} in a browser (Ctrl+C ends it)", server.address());
        server.run()
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let port = port.map(|port| format!(" on port {port}")).unwrap_or_default();
            eprintln!("{name}: the page cannot be served{port}: {error}");
            ExitCode::FAILURE
        }
    }
}
