//! Numbers, commands, conflicts.

use crate::support::{Server, accept, answered, ask_for, meet, recorded};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_made_and_found_in_search_monitor_and_requests() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    assert_eq!(petra.post("/api/contracts", &json!({})).await.1, json!({ "contract": 1 }));
    assert_eq!(petra.post("/api/contracts", &json!({})).await.1, json!({ "contract": 2 }));

    let new = petra.request("GET", "/api/contracts/1").send().await.unwrap();
    assert_eq!(new.headers()["etag"], "\"0\"");
    let made = petra.asking(1, 0, "k-1", &meet(3, "2027-01-01")).send().await.unwrap();
    assert_eq!(made.headers()["etag"], "\"1\"");
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["events"], json!([{ "AppointmentMade": { "customer": 3, "on": "2027-01-01" } }]));
    assert_eq!(
        (&made["version"], &made["state"]["stage"], &made["repeated"]),
        (&json!(1), &json!("appointed"), &json!(false))
    );

    // The very answer is not needed to see it: the position is.
    let found = petra.get(&format!("/api/search?q=shop&stage=appointed&after={}", made["position"])).await;
    assert_eq!((&found["found"], &found["customers"][0]["customer"]), (&json!(1), &json!(3)));
    assert_eq!(found["customers"][0]["contracts"], json!([{ "contract": 1, "stage": "appointed" }]));

    let requested = petra.does(1, 1, &ask_for(18_000_000_000_000_000_001)).await;
    let clara = server.signed_in("customer-service", "Clara").await;
    let monitor = clara.get(&format!("/api/monitor?after={}", requested["position"])).await;
    assert_eq!(monitor["counts"], json!({ "requested": 1 }));
    // The process manager writes a letter meanwhile, perhaps.
    assert!(monitor["lag"].is_u64(), "{monitor}");
    assert_eq!(
        (&monitor["under_way"][0]["customer_name"], &monitor["under_way"][0]["stuck"]),
        (&json!("Shop 3"), &json!(false))
    );
    let requests = clara.get(&format!("/api/requests?after={}", requested["position"])).await;
    assert_eq!((&requests[0]["contract"], &requests[0]["version"]), (&json!(1), &json!(2)));
    assert_eq!(requests[0]["conditions"]["planned_sales"], json!(18_000_000_000_000_000_001u64));

    let contract = petra.get("/api/contracts/1").await;
    assert_eq!(
        (&contract["customer_name"], &contract["history"][1]["by"]),
        (&json!("Shop 3"), &json!("Petra"))
    );
    let text = contract["history"][1]["event_json"].as_str().unwrap();
    assert!(text.contains("18000000000000000001"), "{text}");
    let customer = petra.get("/api/customers/3").await;
    assert_eq!(
        (&customer["shop"]["basic"]["name"], &customer["contracts"][0]["stage"]),
        (&json!("Shop 3"), &json!("requested"))
    );
    assert_eq!(customer["story"][0]["by"], json!("Clara, from five.csv"));
    let (status, problem) = answered(petra.request("GET", "/api/customers/6")).await;
    assert_eq!((status, &problem["title"]), (StatusCode::NOT_FOUND, &json!("there is no customer 6")));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_is_for_those_whose_business_it_is() {
    let server = Server::with_customers().await;
    let (petra, ruth) = (server.petra().await, server.ruth().await);
    let clara = server.signed_in("customer-service", "Clara").await;
    let give_up = json!({ "AbandonNegotiation": { "reason": "sold" } });
    let reject = json!({ "RejectConditions": { "supervisor": "Ruth", "reason": "no" } });
    let everyone = [&petra, &ruth, &clara];
    let expected = [
        (meet(1, "2027-01-01"), [true, false, false]),
        (ask_for(50_000), [true, false, false]),
        (give_up, [true, false, false]),
        (accept("Ruth"), [false, true, false]),
        (accept("Noor"), [false, false, false]),
        (reject, [false, true, false]),
        (json!("ConfirmSending"), [false, false, false]),
        (json!("ConfirmStart"), [false, false, false]),
        (json!("ConfirmInternalSignature"), [false, false, false]),
        (json!("ConfirmExternalSignature"), [false, false, false]),
        (json!("CompleteContract"), [false, false, false]),
    ];
    for (command, may) in expected {
        for (session, may) in everyone.into_iter().zip(may) {
            // At a version that there will never be: who may is at least refused for another reason.
            let (status, _) = session.command(1, 99, "key", &command).await;
            let branch = json!({ "branch": "b", "began": 99, "commands": [command] });
            let (synced, _) = session.post("/api/contracts/1/sync", &branch).await;
            assert_eq!(
                (status != StatusCode::FORBIDDEN, synced != StatusCode::FORBIDDEN),
                (may, may),
                "{command}"
            );
        }
    }
    assert_eq!(ruth.post("/api/contracts", &json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(answered(petra.request("GET", "/api/requests")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_slower_is_shown_what_happened_and_what_would() {
    let server = Server::with_customers().await;
    let (petra, kim) = (server.petra().await, server.signed_in("account-manager", "Kim").await);
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    kim.does(1, 1, &meet(1, "2027-01-05")).await;
    let (status, late) = petra.command(1, 1, "late", &ask_for(50_000)).await;
    assert_eq!(
        (status, &late["type"], &late["version"]),
        (StatusCode::PRECONDITION_FAILED, &json!("changed"), &json!(2))
    );
    assert_eq!(late["rival"].as_array().unwrap().len(), 1);
    assert_eq!((&late["rival"][0]["by"], &late["rival"][0]["version"]), (&json!("Kim"), &json!(2)));
    assert!(late["would"]["events"][0]["SpecialConditionsRequested"].is_object(), "{late}");
    let (_, late) = petra.command(1, 1, "later", &meet(1, "2027-01-05")).await;
    assert_eq!(late["would"], json!({ "rejection": "AppointmentAlreadyMade" }));
    assert_eq!(recorded(&server.data()).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_or_the_server_refuses_is_a_sentence() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let (status, problem) = petra.command(1, 0, "a", &ask_for(1)).await;
    assert_eq!((status, &problem["rejection"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("NoAppointment")));
    assert_eq!(problem["title"], "no appointment has been made for this contract");
    let (status, problem) = petra.command(1, 0, "b", &meet(77, "2027-01-01")).await;
    assert_eq!((status, &problem["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown-customer")));
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    let (status, problem) = petra.command(1, 1, "c", &ask_for(49_999)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        problem["rejection"],
        json!({ "Invalid": [{ "PlannedSalesTooLow": { "at_least": 50_000 } }] })
    );
    let long = json!({ "AbandonNegotiation": { "reason": "x".repeat(20_000) } });
    assert_eq!(petra.command(1, 1, "d", &long).await.0, StatusCode::UNPROCESSABLE_ENTITY);

    let unmatched =
        petra.request("POST", "/api/contracts/1/commands").json(&json!({ "command": ask_for(50_000) }));
    let (status, problem) = answered(unmatched.header("idempotency-key", "e")).await;
    assert_eq!(
        (status, problem["title"].as_str().unwrap().contains("If-Match")),
        (StatusCode::BAD_REQUEST, true)
    );
    let unkeyed =
        petra.request("POST", "/api/contracts/1/commands").json(&json!({ "command": ask_for(50_000) }));
    assert_eq!(answered(unkeyed.header("if-match", "\"1\"")).await.0, StatusCode::BAD_REQUEST);
    for wrong in ["/api/contracts/x", "/api/contracts/4294967296", "/api/nothing"] {
        let (status, problem) = answered(petra.request("GET", wrong)).await;
        assert_eq!((status, &problem["status"]), (StatusCode::NOT_FOUND, &json!(404)), "{wrong}");
    }
    let (status, _) = answered(petra.request("PUT", "/api/contracts/1")).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_given_again_is_recorded_once() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let (_, first) = petra.command(1, 0, "same", &meet(1, "2027-01-01")).await;
    petra.does(1, 1, &meet(1, "2027-01-02")).await;
    let (status, again) = petra.command(1, 0, "same", &meet(1, "2027-01-01")).await;
    assert_eq!(
        (status, &again["repeated"], &again["events"]),
        (StatusCode::OK, &json!(true), &first["events"])
    );
    let (status, elsewhere) = petra.command(2, 0, "same", &meet(1, "2027-01-01")).await;
    assert_eq!((status, &elsewhere["type"]), (StatusCode::CONFLICT, &json!("key-taken")));

    // The same key at once, from many.
    let many = (0..20).map(|_| {
        let petra = petra.clone();
        tokio::spawn(async move { petra.command(3, 0, "at once", &meet(2, "2027-01-01")).await })
    });
    let mut recorded_now = 0;
    for one in many.collect::<Vec<_>>() {
        let (status, answer) = one.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        recorded_now += u32::from(answer["repeated"] == json!(false));
    }
    assert_eq!(recorded_now, 1);
    let folder = server.stop().await;
    assert_eq!(recorded(&folder.path().join("data")).len(), 3);
}
