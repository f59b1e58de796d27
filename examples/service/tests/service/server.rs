//! A server in this process, at a port of its own, and a client.

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::Recorded;
use leftfold::runtime::Cause;
use leftfold::store::{Query, Reading};
use leftfold_as_a_service::account::Event;
use leftfold_as_a_service::server::{Place, serve};
use leftfold_as_a_service::service::Limits;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub struct Server {
    pub address: String,
    pub client: Client,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Cause>>,
}

impl Server {
    pub async fn start(folder: &Path) -> Server {
        Server::within(Limits::default(), folder).await
    }

    pub async fn within(limits: Limits, folder: &Path) -> Server {
        Server::at(Place { folder: folder.to_path_buf(), store: None }, limits).await
    }

    pub async fn at(place: Place, limits: Limits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let ended = tokio::spawn(serve(listener, place, limits, || {}, stopped));
        Server { address, client: Client::new(), stop, ended }
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.address))
    }

    pub fn post(&self, path: &str, body: Value) -> RequestBuilder {
        self.client.post(format!("http://{}{path}", self.address)).json(&body)
    }

    /// Posts what has to go well.
    pub async fn done(&self, path: &str, body: Value) -> Response {
        let response = self.post(path, body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response
    }

    pub async fn open(&self, id: &str) -> Response {
        self.done(&format!("/accounts/{id}/open"), json!({ "owner": "Petra" })).await
    }

    pub async fn stop(self) {
        let _ = self.stop.send(());
        let ended = timeout(Duration::from_secs(30), self.ended).await.expect("the service stops");
        ended.unwrap().unwrap();
    }
}

pub fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// What is in the log of a bank that has been closed as it should be.
pub fn log_of(folder: &Path) -> Vec<Recorded<Event>> {
    let log = FileLog::<Event>::open(folder.join("log"), Codec::new().unwrap()).unwrap();
    assert!(log.recovery().closed, "the service closes its log");
    log.all(Query::all()).unwrap()
}
