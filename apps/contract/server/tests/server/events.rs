//! What pages are informed of.

use crate::support::{Server, Session, ask_for, meet};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// Reads until a text has come.
async fn until(feed: &mut reqwest::Response, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let part =
            timeout(Duration::from_secs(10), feed.chunk()).await.expect(&text).unwrap().expect("the end");
        text.push_str(std::str::from_utf8(&part).unwrap());
    }
    text
}

async fn feed(session: &Session) -> reqwest::Response {
    session.request("GET", "/api/events").send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_informed_of_what_happens_to_contracts_and_not_of_imports() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let mut feed = feed(&petra).await;
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    until(&mut feed, "event: hello\n").await;
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    petra.does(1, 1, &ask_for(50_000)).await;
    let text = until(&mut feed, "MailSent").await;
    assert!(!text.contains("ShopAdded"), "{text}");
    let first = r#"data: {"by":"Petra","number":1,"part":"contract","position":6,"type":"AppointmentMade","version":1}"#;
    assert!(text.contains(&format!("event: happened\nid: 6\n{first}\n")), "{text}");
    assert!(text.contains(r#""part":"mail""#) && text.contains(r#""by":"process manager""#), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_pages_follow_one_subscription_and_all_end_with_the_server() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let mut feeds = Vec::new();
    for _ in 0..200 {
        feeds.push(feed(&petra).await);
    }
    let threads = || std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let before = threads();
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    for feed in &mut feeds {
        until(feed, "AppointmentMade").await;
    }
    assert!(threads() < before + 100, "{} threads", threads());
    timeout(Duration::from_secs(5), server.stop()).await.expect("nobody waits for feeds");
    for feed in &mut feeds {
        while feed.chunk().await.unwrap().is_some() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_lags_is_asked_to_look_again() {
    let server = Server::with(|served| served.terms.ahead = 1).await.and_customers().await;
    let petra = server.petra().await;
    let mut feed = feed(&petra).await;
    until(&mut feed, "event: hello\n").await;
    // All at once, and faster than they can be handed on.
    let commands: Vec<_> = (0..100).map(|nth| meet(1, &format!("2027-01-{:02}", 1 + nth % 28))).collect();
    let branch = json!({ "branch": "long", "new": true, "began": 0, "commands": commands });
    assert_eq!(petra.post("/api/contracts/1/sync", &branch).await.1["recorded"], true);
    until(&mut feed, "event: again\n").await;
}
