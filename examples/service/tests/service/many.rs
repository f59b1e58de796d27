//! Many clients at the same time.

use crate::server::{Server, header, log_of};
use leftfold_as_a_service::account::Event;
use leftfold_as_a_service::service::Limits;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A service that lets everybody wait, however slow the disk is.
async fn patient(folder: &Path) -> Server {
    Server::within(Limits { patience: Duration::from_secs(300), ..Limits::default() }, folder).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_posts_to_one_account_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let server = patient(folder.path()).await;
    server.open("petra").await;

    let begun = Instant::now();
    let mut posts = JoinSet::new();
    for cents in 1..=1_000u64 {
        let post = server.post("/accounts/petra/deposit", json!({ "cents": cents }));
        posts.spawn(async move {
            let done = post.send().await.unwrap();
            assert_eq!(done.status(), StatusCode::OK);
            header(&done, "etag").to_string()
        });
    }
    let tags: BTreeSet<_> = posts.join_all().await.into_iter().collect();
    println!("1,000 posts to one account took {:?}", begun.elapsed());
    assert_eq!(tags, (2..=1_001).map(|version| format!("\"{version}\"")).collect());

    let full = json!({ "Open": { "owner": "Petra", "balance": 500_500 } });
    let one = server.get("/accounts/petra").send().await.unwrap();
    assert_eq!(header(&one, "etag"), "\"1001\"");
    assert_eq!(one.json::<Value>().await.unwrap(), full);
    let all = server.get("/accounts?after=1001").send().await.unwrap();
    assert_eq!(all.json::<Value>().await.unwrap()["petra"]["balance"], 500_500);
    server.stop().await;

    let log = log_of(folder.path());
    assert!(log.iter().map(|recorded| recorded.version.get()).eq(1..=1_001));
    let deposits = log.iter().filter_map(|recorded| match recorded.event {
        Event::Deposited { cents } => Some(cents),
        _ => None,
    });
    assert!(deposits.collect::<BTreeSet<_>>().into_iter().eq(1..=1_000), "each is there, and once");

    let server = patient(folder.path()).await;
    assert_eq!(server.get("/accounts/petra").send().await.unwrap().json::<Value>().await.unwrap(), full);
    server.stop().await;
}

/// How long many posts take that need not wait for each other: a measure, and no test of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_posts_to_a_hundred_accounts_share_the_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let server = patient(folder.path()).await;
    for account in 0..100 {
        server.open(&account.to_string()).await;
    }
    let begun = Instant::now();
    let mut posts = JoinSet::new();
    for post in 0..1_000 {
        let post = server.post(&format!("/accounts/{}/deposit", post % 100), json!({ "cents": 1 }));
        posts.spawn(async move { assert_eq!(post.send().await.unwrap().status(), StatusCode::OK) });
    }
    posts.join_all().await;
    println!("1,000 posts to 100 accounts took {:?}", begun.elapsed());
    server.stop().await;
    assert_eq!(log_of(folder.path()).len(), 1_100);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_that_expect_the_same_version_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let server = patient(folder.path()).await;
    let seen = header(&server.open("petra").await, "etag").to_string();
    let mut posts = JoinSet::new();
    for cents in 1..=100u64 {
        let post = server.post("/accounts/petra/deposit", json!({ "cents": cents }));
        let post = post.header("If-Match", &seen);
        posts.spawn(async move { post.send().await.unwrap().status() });
    }
    let answers = posts.join_all().await;
    let count = |status: StatusCode| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::PRECONDITION_FAILED)), (1, 99));
    server.stop().await;
    assert_eq!(log_of(folder.path()).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_pressed_fifty_times_at_once_is_one_payment() {
    let folder = tempfile::tempdir().unwrap();
    let server = patient(folder.path()).await;
    server.open("petra").await;
    let mut posts = JoinSet::new();
    for _ in 0..50 {
        let post = server.post("/accounts/petra/deposit", json!({ "cents": 5 }));
        let post = post.header("Idempotency-Key", "payment-4711");
        posts.spawn(
            async move { post.send().await.unwrap().json::<Value>().await.unwrap()["repeated"] == true },
        );
    }
    let repeated = posts.join_all().await;
    assert_eq!(repeated.iter().filter(|repeated| !**repeated).count(), 1);
    server.stop().await;
    assert_eq!(log_of(folder.path()).len(), 2);
}
