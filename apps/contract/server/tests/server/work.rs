//! What goes on by itself: letters, the signing service, what is owed.

use crate::support::{Server, accept, answered, ask_for, meet};
use leftfold::runtime::Retries;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_contract_is_signed_and_everybody_gets_their_letters() {
    let server = Server::with_customers().await;
    let (petra, ruth) = (server.petra().await, server.ruth().await);
    for contract in [5, 9] {
        petra.does(contract, 0, &meet(1, "2027-01-01")).await;
        petra.does(contract, 1, &ask_for(50_000)).await;
        ruth.does(contract, 2, &accept("Ruth")).await;
    }
    // About 5 everything is said twice, and recorded once.
    let done =
        petra.until("/api/contracts/5", |contract| contract["beside"].as_array().unwrap().len() == 6).await;
    assert_eq!(done["state"]["stage"], "completed");
    assert_eq!(done["version"], 8);
    let letters = petra.until("/api/letters", |letters| letters.as_array().unwrap().len() == 3).await;
    assert_eq!(letters[0]["subject"], "Contract 5 is complete");
    assert!(
        letters[2]["text"]
            .as_str()
            .unwrap()
            .starts_with("Petra asks for special conditions for customer 1, Shop 1 in Frankfurt.")
    );

    // The service is silent about 9.
    let silent =
        |signing: &Value| signing.as_array().unwrap().len() == 1 && signing[0]["heard"]["started"] == 1;
    let signing = petra.until("/api/signing", silent).await;
    assert_eq!((&signing[0]["contract"], &signing[0]["next_due"]), (&json!(9), &json!(null)));
    let monitor =
        petra.until("/api/monitor?stuck_after=0", |monitor| monitor["under_way"][0]["stuck"] == true).await;
    assert_eq!(
        (&monitor["counts"], &monitor["ended"]),
        (&json!({ "signing": 1, "completed": 1 }), &json!({ "completed": 1 }))
    );
    let patient = petra.get("/api/monitor?stuck_after=4294967295").await;
    assert_eq!(patient["under_way"][0]["stuck"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_is_noted_with_the_customer() {
    let server = Server::with_customers().await;
    let (petra, ruth) = (server.petra().await, server.ruth().await);
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    petra.does(1, 1, &ask_for(50_000)).await;
    ruth.does(1, 2, &json!({ "RejectConditions": { "supervisor": "Ruth", "reason": "too low" } })).await;
    let customer =
        petra.until("/api/customers/1", |customer| customer["shop"]["rejections"]["1"] == "too low").await;
    assert_eq!(customer["story"][1]["by"], "process manager");
    let contract =
        petra.until("/api/contracts/1", |contract| contract["beside"].as_array().unwrap().len() == 3).await;
    let parts: Vec<_> = contract["beside"].as_array().unwrap().iter().map(|beside| &beside["part"]).collect();
    assert!(parts.contains(&&json!("customer")), "{parts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_sent_is_parked_until_it_is_released() {
    let server =
        Server::with(|served| served.terms.retries = Retries { attempts: 1, ..Retries::default() }).await;
    let server = server.and_customers().await;
    let outbox = server.data().join("outbox");
    fs::write(&outbox, "no folder").unwrap();
    let (petra, clara) = (server.petra().await, server.signed_in("customer-service", "Clara").await);
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    petra.does(1, 1, &ask_for(50_000)).await;
    let monitor = petra.until("/api/monitor", |monitor| monitor["owed"][0]["parked"] == true).await;
    let owed = &monitor["owed"][0];
    assert_eq!(
        (&owed["contract"], &owed["what"], &owed["failed"]),
        (&json!(1), &json!("mail request"), &json!(1))
    );
    assert!(owed["cause"].as_str().unwrap().contains("outbox"), "{owed}");

    let release = json!({ "contract": 1, "what": "mail request" });
    assert_eq!(petra.post("/api/monitor/release", &release).await.0, StatusCode::FORBIDDEN);
    let nothing = json!({ "contract": 1, "what": "mail rejection" });
    assert_eq!(clara.post("/api/monitor/release", &nothing).await.0, StatusCode::NOT_FOUND);
    assert_eq!(petra.get("/api/letters").await, json!([]));

    fs::remove_file(&outbox).unwrap();
    let (status, _) = clara.post("/api/monitor/release", &release).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    petra.until("/api/letters", |letters| letters.as_array().unwrap().len() == 1).await;
    petra.until("/api/monitor", |monitor| monitor["owed"] == json!([])).await;
    let again = answered(clara.request("POST", "/api/monitor/release").json(&release)).await;
    assert_eq!(again.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_begins_with_contracts_in_every_stage() {
    let server = Server::with(|served| {
        served.customers = 300;
        served.terms.signing_delay = jiff::SignedDuration::from_hours(1);
    })
    .await;
    let ruth = server.ruth().await;
    assert_eq!(ruth.get("/api/me").await["customers"], 300);
    let monitor = ruth.until("/api/monitor", |monitor| monitor["counts"]["sent"] == 2).await;
    let stages: Vec<_> = monitor["counts"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(stages, ["abandoned", "appointed", "completed", "rejected", "requested", "sent", "signing"]);
    assert!(monitor["under_way"][0]["seconds"].as_i64().unwrap() > 20 * 24 * 3_600);
    assert_eq!(ruth.get("/api/requests").await.as_array().unwrap().len(), 12);
    let folder = server.stop().await;
    let log = crate::support::recorded(&folder.path().join("data"));
    assert!(log.windows(2).all(|two| two[0].recorded_at <= two[1].recorded_at), "time goes on");
}
