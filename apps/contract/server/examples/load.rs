//! `cargo run --release --example load [FOLDER [STORE]]`: 200 people at work, each with a session and a connection, one command a second each,
//! for a minute. `STORE` is where the log is, as for the server's `--store`; with an engine, it takes the feature. Prints how long they waited, and counts in the log whether what they were promised is there, once.
//!
//! Server and people share this machine. A wait is measured from the moment at which a command was planned, so that a server that
//! stands still is not excused.

use contract_server::business::Terms;
use contract_server::data::Data;
use contract_server::export::Table;
use contract_server::export::generate::{Format, Order, write};
use contract_server::server::{Served, serve};
use contract_server::service::Limits;
use contract_server::store;
use leftfold::runtime::Cause;
use leftfold::store::{Query, Reading};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

const PEOPLE: u32 = 200;
const SECONDS: u32 = 60;
const CUSTOMERS: u32 = 50_000;
/// Every so many people, one is a supervisor.
const SUPERVISOR: u32 = 20;

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let own = tempfile::tempdir_in(".")?;
    let folder = std::env::args().nth(1).map_or_else(|| own.path().join("data"), PathBuf::from);
    let (to_main, address) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut terms = Terms::of(Data::in_folder(folder));
    if let Some(store) = std::env::args().nth(2) {
        terms.store = store.parse()?;
        // As many replicas as servers are named.
        terms.replicas = store.split(',').count();
    }
    let served = terms.clone();
    // A runtime of its own, so that nobody of ours waits in its queues.
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let served = Served {
                terms: served,
                page: None,
                wasm: None,
                customers: CUSTOMERS,
                limits: Limits::default(),
            };
            let ready = move |_: &_| to_main.send(address).unwrap_or_default();
            let stop = async move { stopped.await.unwrap_or_default() };
            serve(listener, served, ready, stop).await
        })
    });
    let Ok(address) = address.recv() else {
        return server.join().map_err(|_| "the server has panicked")?;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answered = runtime.block_on(measure(format!("http://{address}")))?;
    let _ = stop.send(());
    server.join().map_err(|_| "the server has panicked")??;
    count(&terms, &answered)
}

async fn signed_in(address: &str, role: &str, name: &str) -> Result<(Client, String), Failed> {
    let client = Client::new();
    let who = json!({ "role": role, "name": name });
    let answer = client.post(format!("{address}/api/sign-in")).json(&who).send().await?.error_for_status()?;
    let cookie = answer.headers()["set-cookie"].to_str()?.split(';').next().unwrap_or_default().to_string();
    Ok((client, cookie))
}

async fn measure(address: String) -> Result<Vec<String>, Failed> {
    let (client, cookie) = signed_in(&address, "customer-service", "Cleo").await?;
    let mut waits = Vec::new();
    let words = ["petra", "berlin", "schmidt mode", "rechnung4711@", "zz", "a"];
    for word in words.iter().cycle().take(300) {
        let begun = Instant::now();
        let request =
            client.get(format!("{address}/api/search")).query(&[("q", word)]).header("cookie", &cookie);
        request.send().await?.error_for_status()?.bytes().await?;
        waits.push(begun.elapsed());
    }
    said(&format!("a search among {CUSTOMERS} customers"), waits);

    let mut file = Vec::new();
    write(
        Order { table: Table::Basic, format: Format::Csv, customers: CUSTOMERS, broken: 0, seed: 2 },
        &mut file,
    )?;
    let begun = Instant::now();
    let request =
        client.post(format!("{address}/api/imports?name=load")).header("cookie", &cookie).body(file);
    let answer = request.send().await?.error_for_status()?.text().await?;
    println!(
        "import of {CUSTOMERS} rows: {:.2} s, {}",
        begun.elapsed().as_secs_f64(),
        answer.lines().last().unwrap_or_default()
    );

    let (requested, to_decide) = mpsc::unbounded_channel();
    let to_decide = Arc::new(Mutex::new(to_decide));
    let begin = Instant::now() + Duration::from_secs(1);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let first = begin + Duration::from_secs(1) * number / PEOPLE;
        let is_supervisor = number % SUPERVISOR == 0;
        let (role, name) = match is_supervisor {
            true => ("supervisor", format!("Supervisor {number}")),
            false => ("account-manager", format!("Manager {number}")),
        };
        let (client, cookie) = signed_in(&address, role, &name).await?;
        let person = Person {
            address: address.clone(),
            client,
            cookie,
            name,
            number,
            done: 0,
            waits: Vec::new(),
            answered: Vec::new(),
        };
        let (requested, to_decide) = (requested.clone(), to_decide.clone());
        people.push(tokio::spawn(async move {
            match is_supervisor {
                true => person.decide(first, to_decide).await,
                false => person.negotiate(first, requested).await,
            }
        }));
    }
    let (mut waits, mut answered) = (Vec::new(), Vec::new());
    for person in people {
        let person = person.await??;
        waits.extend(person.waits);
        answered.extend(person.answered);
    }
    said(&format!("a command of {PEOPLE} people, one a second each"), waits);
    Ok(answered)
}

struct Person {
    address: String,
    client: Client,
    cookie: String,
    name: String,
    number: u32,
    done: u32,
    waits: Vec<Duration>,
    /// The ids of all events that were promised.
    answered: Vec<String>,
}

impl Person {
    async fn command(
        &mut self,
        planned: Instant,
        contract: u64,
        version: u64,
        command: Value,
    ) -> Result<u64, Failed> {
        let key = format!("load-{}-{}", self.number, self.done);
        self.done += 1;
        let request = self.client.post(format!("{}/api/contracts/{contract}/commands", self.address));
        let request = request.header("cookie", &self.cookie).header("if-match", format!("\"{version}\""));
        let answer =
            request.header("idempotency-key", &key).json(&json!({ "command": command })).send().await?;
        let answer = whole(answer).await?;
        self.waits.push(planned.elapsed());
        self.answered.push(format!("page/{key}/1"));
        answer["version"].as_u64().ok_or_else(|| "an answer without a version".into())
    }

    /// An appointment, another day, another day, a request: and the next one.
    async fn negotiate(
        mut self,
        first: Instant,
        requested: mpsc::UnboundedSender<(u64, u64)>,
    ) -> Result<Person, Failed> {
        let (mut contract, mut version) = (0, 0);
        for second in 0..SECONDS {
            if second % 4 == 0 {
                let request = self
                    .client
                    .post(format!("{}/api/contracts", self.address))
                    .header("cookie", &self.cookie);
                contract = whole(request.send().await?).await?["contract"].as_u64().unwrap_or_default();
                version = 0;
            }
            let planned = first + Duration::from_secs(1) * second;
            sleep_until(planned).await;
            let command = match second % 4 {
                3 => json!({ "RequestSpecialConditions":
                    { "account_manager": self.name, "sales_area": 100, "planned_sales": 90_000 } }),
                nth => json!({ "MakeAppointment":
                    { "customer": 1 + self.number, "on": format!("2027-01-{:02}", 1 + nth) } }),
            };
            version = self.command(planned, contract, version, command).await?;
            if second % 4 == 3 {
                requested.send((contract, version))?;
            }
        }
        Ok(self)
    }

    /// Accepts what is requested.
    async fn decide(
        mut self,
        first: Instant,
        to_decide: Arc<Mutex<mpsc::UnboundedReceiver<(u64, u64)>>>,
    ) -> Result<Person, Failed> {
        for second in 0..SECONDS {
            let planned = first + Duration::from_secs(1) * second;
            sleep_until(planned).await;
            let next = to_decide.lock().await.try_recv();
            if let Ok((contract, version)) = next {
                let command = json!({ "AcceptConditions": { "supervisor": self.name } });
                self.command(planned, contract, version, command).await?;
            }
        }
        Ok(self)
    }
}

async fn whole(answer: Response) -> Result<Value, Failed> {
    let status = answer.status();
    let text = answer.text().await?;
    match status.is_success() {
        true => Ok(serde_json::from_str(&text)?),
        false => Err(format!("{status}: {text}").into()),
    }
}

fn said(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let (number, median, last, most) = (waits.len(), at(0.5), at(0.99), at(1.0));
    println!(
        "{what}: {number} times; half within {median:.1} ms, 99 % within {last:.1} ms, all within {most:.1} ms"
    );
}

/// Counts in the log what was promised.
fn count(terms: &Terms, answered: &[String]) -> Result<(), Cause> {
    let log = store::open(terms)?.log;
    let mut recorded: BTreeMap<String, u32> = BTreeMap::new();
    for event in log.all(Query::category("contract")?)? {
        if event.id.as_str().starts_with("page/load-") {
            *recorded.entry(event.id.as_str().to_string()).or_default() += 1;
        }
    }
    let lost = answered.iter().filter(|id| !recorded.contains_key(*id)).count();
    let twice = recorded.values().filter(|times| **times > 1).count();
    let unasked = recorded.len() - (answered.len() - lost);
    println!(
        "{} promised, {} in the log: {lost} lost, {twice} there twice, {unasked} that nobody asked for",
        answered.len(),
        recorded.len()
    );
    match lost + twice + unasked {
        0 => Ok(()),
        _ => Err("the log is not what was promised".into()),
    }
}
