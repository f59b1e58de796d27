//! Work without a network.

use crate::support::{Server, Session, accept, ask_for, meet, recorded};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn sync(
    session: &Session,
    contract: u32,
    branch: &str,
    began: u64,
    commands: &[Value],
) -> (StatusCode, Value) {
    let new = began == 0;
    let branch = json!({ "branch": branch, "new": new, "began": began, "commands": commands });
    session.post(&format!("/api/contracts/{contract}/sync"), &branch).await
}

fn verdicts(answer: &Value) -> Vec<&str> {
    let decisions = answer["rebase"]["decisions"].as_array().unwrap();
    decisions.iter().map(|decision| decision["verdict"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_is_kept_is_recorded_at_once_and_only_once() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    // One as a text, as the desk gives them to a page.
    let commands = [meet(1, "2027-01-01"), Value::String(ask_for(18_000_000_000_000_000_001).to_string())];
    let (status, first) = sync(&petra, 1, "b-1", 0, &commands).await;
    assert_eq!(
        (status, &first["recorded"], &first["repeated"]),
        (StatusCode::OK, &json!(true), &json!(false))
    );
    assert_eq!((verdicts(&first), &first["version"]), (vec!["kept", "kept"], &json!(2)));
    assert_eq!(
        first["history"][1]["event"]["SpecialConditionsRequested"]["planned_sales"],
        json!(18_000_000_000_000_000_001u64)
    );
    assert_eq!(first["history"][1]["by"], "Petra");

    // The answer got lost, and somebody decided since.
    server.ruth().await.does(1, 2, &accept("Ruth")).await;
    let (_, again) = sync(&petra, 1, "b-1", 0, &commands).await;
    assert_eq!(
        (&again["recorded"], &again["repeated"], &again["rebase"]),
        (&json!(true), &json!(true), &first["rebase"])
    );
    let appointments = recorded(&server.data())
        .into_iter()
        .filter(|recorded| recorded.event_type.starts_with("Appointment"));
    assert_eq!(appointments.count(), 1);

    // Another contract of the same branch, and another branch of the same contract.
    assert_eq!(sync(&petra, 2, "b-1", 0, &commands).await.1["type"], "branch-taken");
    let (status, taken) = sync(&petra, 1, "b-2", 0, &commands).await;
    assert_eq!((status, &taken["type"]), (StatusCode::CONFLICT, &json!("number-taken")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_simply_kept_is_shown_and_nothing_is_recorded() {
    let server = Server::with_customers().await;
    let (petra, kim) = (server.petra().await, server.signed_in("account-manager", "Kim").await);
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    kim.does(1, 1, &meet(1, "2027-01-05")).await;

    // To the same day as before: rejected, because it is the day by now. The request is kept, on other grounds.
    let commands = [meet(1, "2027-01-05"), ask_for(50_000)];
    let (status, answer) = sync(&petra, 1, "b-1", 1, &commands).await;
    assert_eq!((status, &answer["recorded"], &answer["version"]), (StatusCode::OK, &json!(false), &json!(2)));
    assert_eq!(verdicts(&answer), ["rejected", "kept-on-other-grounds"]);
    assert_eq!(recorded(&server.data()).len(), 2);

    // What is left of it, on what is there now.
    let (_, answer) = sync(&petra, 1, "b-2", 2, &commands[1..]).await;
    assert_eq!((&answer["recorded"], verdicts(&answer)), (&json!(true), vec!["kept"]));

    // Begun when it was new, and it is not.
    let branch = json!({ "branch": "b-3", "began": 0, "commands": [meet(1, "2027-01-07")] });
    let (_, answer) = petra.post("/api/contracts/1/sync", &branch).await;
    assert_eq!((&answer["recorded"], verdicts(&answer)), (&json!(false), vec!["rejected"]));
    petra.does(2, 0, &meet(1, "2027-01-01")).await;
    let (_, answer) = petra.post("/api/contracts/2/sync", &branch).await;
    assert_eq!((&answer["recorded"], verdicts(&answer)), (&json!(false), vec!["changed"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_cannot_have_been_decided_is_refused() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let (status, problem) = sync(&petra, 1, "b-1", 7, &[meet(1, "2027-01-01")]).await;
    assert_eq!((status, &problem["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown-version")));
    let (status, problem) = sync(&petra, 1, "b-1", 0, &[ask_for(50_000)]).await;
    assert_eq!((status, &problem["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("no-branch")));
    let (status, problem) = sync(&petra, 1, "b-1", 0, &[meet(77, "2027-01-01")]).await;
    assert_eq!((status, &problem["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown-customer")));
    for (branch, commands) in
        [("", vec![meet(1, "2027-01-01")]), ("b", vec![]), ("b", vec![meet(1, "2027-01-01"); 101])]
    {
        assert_eq!(sync(&petra, 1, branch, 0, &commands).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
