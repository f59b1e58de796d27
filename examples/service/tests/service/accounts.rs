//! Commands, one account, and all of them.

use crate::server::{Server, header, log_of};
use axum::response::IntoResponse;
use leftfold::recorded::{Position, StreamName, Version};
use leftfold::runtime::HandleError;
use leftfold::store::{AppendError, Conflict, ExpectedVersion, StreamState};
use leftfold_as_a_service::account::Rejection;
use leftfold_as_a_service::problem::Problem;
use leftfold_as_a_service::service::Limits;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_opened_filled_emptied_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;

    // Ids are names or UUIDs.
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let opened = server.open(id).await;
    assert_eq!((header(&opened, "etag"), header(&opened, "position")), ("\"1\"", "1"));
    server.open("petra").await;
    let filled = server.done(&format!("/accounts/{id}/deposit"), json!({ "cents": 10 })).await;
    assert_eq!((header(&filled, "etag"), header(&filled, "position")), ("\"2\"", "3"));
    assert_eq!(
        filled.json::<Value>().await.unwrap(),
        json!({
            "version": 2,
            "events": [{ "Deposited": { "cents": 10 } }],
            "account": { "Open": { "owner": "Petra", "balance": 10 } },
            "repeated": false,
        })
    );
    server.done(&format!("/accounts/{id}/withdraw"), json!({ "cents": 10 })).await;
    server.done(&format!("/accounts/{id}/close"), Value::Null).await;

    let one = server.get(&format!("/accounts/{id}")).send().await.unwrap();
    assert_eq!((one.status(), header(&one, "etag")), (StatusCode::OK, "\"4\""));
    assert_eq!(one.json::<Value>().await.unwrap(), json!("Closed"));
    let none = server.get("/accounts/nobody").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);

    server.stop().await;
    let streams = log_of(folder.path()).into_iter().map(|recorded| recorded.stream.to_string());
    let filled = format!("account-{id}");
    assert_eq!(streams.collect::<Vec<_>>(), [&filled, "account-petra", &filled, &filled, &filled]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_refuses_is_a_problem_with_the_rejection_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.open("petra").await;
    let refused = server.post("/accounts/petra/withdraw", json!({ "cents": 7 })).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(header(&refused, "content-type"), "application/problem+json");
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({
            "type": "/problems/InsufficientFunds",
            "title": "insufficient funds, balance 0",
            "status": 422,
            "rejection": { "InsufficientFunds": { "balance": 0 } },
        })
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_expects_the_version_that_its_giver_has_seen() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let seen = header(&server.open("petra").await, "etag").to_string();
    let give = || server.post("/accounts/petra/deposit", json!({ "cents": 1 })).header("If-Match", &seen);

    let first = give().send().await.unwrap();
    assert_eq!((first.status(), header(&first, "etag")), (StatusCode::OK, "\"2\""));
    let second = give().send().await.unwrap();
    assert_eq!(second.status(), StatusCode::PRECONDITION_FAILED);
    let problem = second.json::<Value>().await.unwrap();
    assert_eq!(problem["title"], "somebody else has written since; the account is at version 2");

    for tag in ["2", "W/\"2\"", "*", "\"2\", \"3\"", "\"two\""] {
        let request = server.post("/accounts/petra/deposit", json!({ "cents": 1 }));
        let refused = request.header("If-Match", tag).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{tag}");
    }
    server.stop().await;
    assert_eq!(log_of(folder.path()).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_given_again_is_done_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.open("petra").await;
    server.open("alex").await;
    let give = |id: &str| {
        let request = server.post(&format!("/accounts/{id}/deposit"), json!({ "cents": 1 }));
        // The second time, the version that it expects has passed.
        request.header("Idempotency-Key", "payment-4711").header("If-Match", "\"1\"").send()
    };
    let answers = [give("petra").await.unwrap(), give("petra").await.unwrap()];
    let [first, again] = answers;
    assert_eq!((header(&first, "position"), header(&again, "position")), ("3", "3"));
    assert_eq!(first.json::<Value>().await.unwrap()["repeated"], false);
    assert_eq!(again.json::<Value>().await.unwrap()["repeated"], true);
    assert_eq!(give("alex").await.unwrap().status(), StatusCode::CONFLICT);
    // The id is compared, and not the command.
    let other = server.post("/accounts/petra/withdraw", json!({ "cents": 1 }));
    let other = other.header("Idempotency-Key", "payment-4711").send().await.unwrap();
    assert_eq!(other.json::<Value>().await.unwrap()["events"], json!([{ "Deposited": { "cents": 1 } }]));
    server.stop().await;

    // Also after the service was started again.
    let server = Server::start(folder.path()).await;
    let request = server.post("/accounts/petra/deposit", json!({ "cents": 1 }));
    let again = request.header("Idempotency-Key", "payment-4711").send().await.unwrap();
    assert_eq!(again.json::<Value>().await.unwrap()["repeated"], true);
    server.stop().await;
    assert_eq!(log_of(folder.path()).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_a_bad_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let long = format!("/accounts/{}/open", "a".repeat(1_000));
    for (path, body) in [
        ("/accounts/petra/open", json!({})),
        ("/accounts/petra/deposit", json!({ "cents": -1 })),
        ("/accounts/a%0Ab/open", json!({ "owner": "Petra" })),
        (&long, json!({ "owner": "Petra" })),
    ] {
        let refused = server.post(path, body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(header(&refused, "content-type"), "application/problem+json");
    }
    server.stop().await;
    assert!(log_of(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_finds_its_own_writes_in_the_read_model() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.open("petra").await;
    server.open("alex").await;
    for cents in 1..=20 {
        let done = server.done("/accounts/petra/deposit", json!({ "cents": cents })).await;
        let position = header(&done, "position").to_string();
        let all = server.get(&format!("/accounts?after={position}")).send().await.unwrap();
        assert!(header(&all, "position").parse::<u64>().unwrap() >= position.parse().unwrap());
        assert_eq!(all.json::<Value>().await.unwrap()["petra"]["balance"], cents * (cents + 1) / 2);
    }
    // What has not happened is waited for a second, and the header says that it is not in the answer.
    let begun = Instant::now();
    let all = server.get("/accounts?after=1000").send().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1) && begun.elapsed() < Duration::from_secs(5));
    assert_eq!((all.status(), header(&all, "position")), (StatusCode::OK, "22"));

    let done = server.done("/accounts/alex/close", Value::Null).await;
    let all = server.get(&format!("/accounts?after={}", header(&done, "position"))).send().await.unwrap();
    let open = json!({ "petra": { "owner": "Petra", "balance": 210 } });
    assert_eq!(all.json::<Value>().await.unwrap(), open);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_busy_asks_its_clients_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { calls: 0, patience: Duration::from_millis(10), ..Limits::default() };
    let server = Server::within(limits, folder.path()).await;
    let busy = server.post("/accounts/petra/open", json!({ "owner": "Petra" })).send().await.unwrap();
    assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&busy, "retry-after"), "1");
    // The read model needs no thread.
    assert_eq!(server.get("/accounts").send().await.unwrap().status(), StatusCode::OK);
    server.stop().await;
    assert!(log_of(folder.path()).is_empty());
}

/// A writer that is quicker sixteen times in a row is hard to arrange, so the error is made by hand.
#[test]
fn a_command_that_others_are_always_quicker_than_may_be_given_again() {
    let stream = StreamName::new("account-petra").unwrap();
    let last = Conflict::Stream {
        stream,
        expected: ExpectedVersion::Exactly(Version::new(1)),
        found: StreamState::At(Version::new(2)),
        head: Position::new(2),
    };
    may_be_given_again(HandleError::Contended { decided: 16, last: last.into() });
}

/// Nor does the log in files go away and come back.
#[test]
fn a_command_may_be_given_again_when_the_store_was_away() {
    let (doing, why) = ("connecting".to_string(), "nobody answers".to_string());
    may_be_given_again(HandleError::Append(AppendError::Unavailable { doing, why }.into()));
}

fn may_be_given_again(error: HandleError<Rejection>) {
    let problem = Problem::from(error).into_response();
    assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem.headers()["retry-after"], "1");
}
