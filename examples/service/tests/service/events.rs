//! Events as they happen.

use crate::server::{Server, log_of};
use leftfold_as_a_service::service::Limits;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

/// A browser that follows the events.
struct Browser {
    response: Response,
    read: String,
}

impl Browser {
    async fn new(server: &Server, last_id: Option<&str>) -> Browser {
        let mut request = server.get("/events");
        if let Some(id) = last_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Browser { response, read: String::new() }
    }

    /// The id, the type and the data of the next event; `None` when the server has ended.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim_start_matches(": ").to_string()
                };
                let next = (field("id"), field("event"), field("data"));
                self.read = rest.to_string();
                if !next.0.is_empty() {
                    return Some((next.0, next.1, serde_json::from_str(&next.2).unwrap()));
                }
                continue;
            }
            let chunk =
                timeout(Duration::from_secs(10), self.response.chunk()).await.expect("an event in time");
            self.read.push_str(std::str::from_utf8(&chunk.unwrap()?).unwrap());
        }
    }

    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.extend(self.next().await.map(|(id, ..)| id));
        }
        ids
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_sees_what_was_and_what_comes_and_resumes_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.open("550e8400-e29b").await;
    let mut browser = Browser::new(&server, None).await;
    let opened =
        json!({ "account": "550e8400-e29b", "version": 1, "event": { "Opened": { "owner": "Petra" } } });
    assert_eq!(browser.next().await, Some(("1".into(), "Opened".into(), opened)));
    server.done("/accounts/550e8400-e29b/deposit", json!({ "cents": 3 })).await;
    assert_eq!(browser.next().await.map(|(id, what, _)| (id, what)), Some(("2".into(), "Deposited".into())));
    drop(browser);

    for _ in 0..3 {
        server.done("/accounts/550e8400-e29b/deposit", json!({ "cents": 3 })).await;
    }
    let mut browser = Browser::new(&server, Some("2")).await;
    assert_eq!(browser.ids(3).await, ["3", "4", "5"]);
    server.done("/accounts/550e8400-e29b/deposit", json!({ "cents": 3 })).await;
    assert_eq!(browser.ids(1).await, ["6"]);

    let refused = server.get("/events").header("Last-Event-ID", "six").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);

    // A browser that follows keeps no service from stopping, and goes on where it was afterwards.
    let (stopped, end) = tokio::join!(server.stop(), browser.next());
    let ((), None) = (stopped, end) else { panic!("the events end with the service") };
    let server = Server::start(folder.path()).await;
    let mut browser = Browser::new(&server, Some("4")).await;
    assert_eq!(browser.ids(2).await, ["5", "6"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thread_of_a_browser_that_is_gone_is_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::within(Limits { followers: 1, ..Limits::default() }, folder.path()).await;
    server.open("petra").await;
    for _ in 0..3 {
        let begun = Instant::now();
        let response = loop {
            let response = server.get("/events").send().await.unwrap();
            if response.status() == StatusCode::OK {
                break response;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "the thread of the one before goes on");
            sleep(Duration::from_millis(20)).await;
        };
        let mut browser = Browser { response, read: String::new() };
        assert_eq!(browser.ids(1).await, ["1"]);
        let second = server.get("/events").send().await.unwrap();
        assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_read_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { last_requests: Duration::from_millis(300), ..Limits::default() };
    let server = Server::within(limits, folder.path()).await;
    let connect = || {
        let mut browser = TcpStream::connect(&server.address).unwrap();
        browser.write_all(b"GET /events HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
        browser
    };
    let (mut lagging, dead) = (connect(), connect());

    // More than the buffers on the way can hold.
    let owner = "Petra ".repeat(30_000);
    let mut quick = Browser::new(&server, None).await;
    for account in 0..100 {
        server.done(&format!("/accounts/{account}/open"), json!({ "owner": owner })).await;
    }
    assert_eq!(quick.ids(100).await.last().unwrap(), "100");
    drop(quick);

    // It finds everything when it reads on, in order.
    let reading = spawn_blocking(move || {
        let mut read = BufReader::new(&mut lagging).lines().map(Result::unwrap);
        let ids = read.by_ref().filter_map(|line| line.strip_prefix("id: ").map(str::to_string));
        ids.take(100).collect::<Vec<_>>()
    });
    let ids = timeout(Duration::from_secs(10), reading).await.unwrap().unwrap();
    assert_eq!(ids, (1..=100).map(|id| id.to_string()).collect::<Vec<_>>());

    // One that never reads does not keep the service from stopping.
    server.stop().await;
    drop(dead);
    assert_eq!(log_of(folder.path()).len(), 100);
}
