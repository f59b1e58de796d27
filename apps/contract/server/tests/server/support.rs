//! A server with a folder and a log of its own, and people who use it.

use crate::place;
use contract_server::business::Terms;
use contract_server::data::{Data, Record};
use contract_server::server::{Served, serve};
use contract_server::service::Limits;
use contract_server::store::{self, Place, Store};
use jiff::SignedDuration;
use leftfold::recorded::Recorded;
use leftfold::store::{Query, Reading};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Server {
    pub address: String,
    pub folder: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// The terms of a test: nothing takes long, nothing is there yet.
pub fn served(folder: &Path) -> Served {
    let data = folder.join("data");
    let terms = Terms {
        signing_delay: SignedDuration::ZERO,
        tick: Duration::from_millis(5),
        store: place::of(&data),
        lease: Duration::from_secs(2),
        ..Terms::of(Data::in_folder(data))
    };
    Served { terms, page: None, wasm: None, customers: 0, limits: Limits::default() }
}

impl Server {
    pub async fn start() -> Server {
        Server::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Served)) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut served = served(folder.path());
        change(&mut served);
        Server::of(folder, served).await
    }

    pub async fn of(folder: TempDir, served: Served) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stop_future = async { stopped.await.unwrap_or_default() };
        let task = tokio::spawn(async { serve(listener, served, |_| {}, stop_future).await.unwrap() });
        Server { address, folder, stop, task }
    }

    /// A server that knows customers 1 to 5.
    pub async fn with_customers() -> Server {
        Server::start().await.and_customers().await
    }

    pub async fn and_customers(self) -> Server {
        let rows: String = (1..=5)
            .map(|number| format!("{number},Shop {number},Zeil {number},60311,Frankfurt,boutique\n"))
            .collect();
        let clara = self.signed_in("customer-service", "Clara").await;
        let csv = format!("customer,name,street,postcode,city,segment\n{rows}");
        let answer = clara.request("POST", "/api/imports?name=five.csv").body(csv).send().await.unwrap();
        let last = answer.text().await.unwrap();
        assert!(last.contains(r#""recorded":5"#), "{last}");
        clara.until("/api/me", |me| me["customers"] == 5).await;
        self
    }

    pub async fn signed_in(&self, role: &str, name: &str) -> Session {
        signed_in(&self.address, role, name).await
    }

    pub async fn petra(&self) -> Session {
        self.signed_in("account-manager", "Petra").await
    }

    pub async fn ruth(&self) -> Session {
        self.signed_in("supervisor", "Ruth").await
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends it as SIGTERM would.
    pub async fn stop(self) -> TempDir {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
        self.folder
    }
}

/// What is in the log about contracts.
pub fn recorded(data: &Path) -> Vec<Recorded<Record>> {
    let contracts = Query::category("contract").unwrap();
    if !place::is_shared(&place::of(data)) {
        return Data::in_folder(data.to_path_buf()).reader_of_something().unwrap().all(contracts).unwrap();
    }
    let (_folder, store) = beside(place::of(data));
    store.log.all(contracts).unwrap()
}

/// A log that several can have, opened by somebody else.
pub fn beside(place: Place) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let terms = Terms { store: place, ..Terms::of(Data::in_folder(folder.path().to_path_buf())) };
    (folder, store::open(&terms).unwrap())
}

pub async fn signed_in(address: &str, role: &str, name: &str) -> Session {
    let client = Client::new();
    let who = json!({ "role": role, "name": name });
    let answer = client.post(format!("{address}/api/sign-in")).json(&who).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_string();
    Session { client, address: address.to_string(), cookie }
}

#[derive(Clone)]
pub struct Session {
    pub client: Client,
    pub address: String,
    pub cookie: String,
}

pub type Answer = (StatusCode, Value);

pub async fn answered(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

impl Session {
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("{}{path}", self.address)).header("cookie", &self.cookie)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = answered(self.request("GET", path)).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answered(self.request("POST", path).json(body)).await
    }

    pub fn asking(&self, contract: u32, version: u64, key: &str, command: &Value) -> RequestBuilder {
        let request = self.request("POST", &format!("/api/contracts/{contract}/commands"));
        let request = request.header("if-match", format!("\"{version}\"")).header("idempotency-key", key);
        request.json(&json!({ "command": command }))
    }

    pub async fn command(&self, contract: u32, version: u64, key: &str, command: &Value) -> Answer {
        answered(self.asking(contract, version, key, command)).await
    }

    /// A command that is accepted.
    pub async fn does(&self, contract: u32, version: u64, command: &Value) -> Value {
        let key = format!("{contract}-{version}");
        let (status, answer) = self.command(contract, version, &key, command).await;
        assert_eq!(status, StatusCode::OK, "{command}: {answer}");
        answer
    }

    /// Asks until an answer is as it should be; nothing takes long here.
    pub async fn until(&self, path: &str, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1_000 {
            let answer = self.get(path).await;
            if is(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} stays {}", self.get(path).await);
    }
}

pub fn meet(customer: u32, on: &str) -> Value {
    json!({ "MakeAppointment": { "customer": customer, "on": on } })
}

pub fn ask_for(sales: u64) -> Value {
    json!({ "RequestSpecialConditions": { "account_manager": "Petra", "sales_area": 100, "planned_sales": sales } })
}

pub fn accept(supervisor: &str) -> Value {
    json!({ "AcceptConditions": { "supervisor": supervisor } })
}
