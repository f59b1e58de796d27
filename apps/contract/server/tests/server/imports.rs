//! Imports: rows that fail take no other with them, and nobody waits for them.

use crate::support::{Server, answered, meet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_fail_are_named_and_the_rest_is_taken() {
    let server = Server::start().await;
    let clara = server.signed_in("customer-service", "Clara").await;
    let file = "customer,name,street,postcode,city,segment\n1,One,Zeil 1,60311,Frankfurt,boutique\n2,,Zeil 1,60311,Frankfurt,boutique\n\
                x,Three,Zeil 1,60311,Frankfurt,boutique\n4,Four,Zeil 1,60311,Frankfurt,online\n1,Again,Zeil 1,60311,Frankfurt,online\n";
    let answer = clara.request("POST", "/api/imports?name=a%1b.csv").body(file).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let words = lines(&answer.text().await.unwrap());
    let mut failed: Vec<_> = words.iter().filter_map(|word| word["failed"]["line"].as_u64()).collect();
    failed.sort_unstable();
    assert_eq!(failed, [3, 4, 6]);
    let why = words.iter().find(|word| word["failed"]["line"] == 3).unwrap();
    assert_eq!(why["failed"]["why"], "the shop has no name");
    let done = &words.last().unwrap()["done"];
    assert_eq!((&done["rows"], &done["recorded"], &done["failed"]), (&json!(5), &json!(2), &json!(3)));
    assert_eq!(clara.until("/api/me", |me| me["customers"] == 2).await["customers"], 2);

    // The next night, nothing is new; and a customer that changes has its rows in their order.
    let words =
        lines(&clara.request("POST", "/api/imports").body(file).send().await.unwrap().text().await.unwrap());
    assert_eq!(words.last().unwrap()["done"]["recorded"], 0);
    let story = clara.get("/api/customers/1").await["story"].clone();
    assert_eq!(story.as_array().unwrap().len(), 1);

    let broken = clara
        .request("POST", "/api/imports")
        .body("\u{1f}\u{8b}")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(lines(&broken).last().unwrap()["done"]["failed"], 1, "{broken}");
    assert_eq!(
        answered(server.petra().await.request("POST", "/api/imports").body(file)).await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_is_taken_as_csv_is() {
    let server = Server::start().await;
    let clara = server.signed_in("customer-service", "Clara").await;
    let file = "<?xml version=\"1.0\"?>\n<export>\n\
                <basic><customer>1</customer><name>Mode &amp; Mehr</name><street>Zeil 1</street>\
                <postcode>60311</postcode><city>Frankfurt</city><segment>chain</segment></basic>\n\
                <basic><customer>2</customer><name>Petra</name></basic>\n</export>\n";
    let answer = clara.request("POST", "/api/imports?name=night.xml").body(file).send().await.unwrap();
    let words = lines(&answer.text().await.unwrap());
    let failed: Vec<_> = words.iter().filter_map(|word| word["failed"]["line"].as_u64()).collect();
    assert_eq!(failed, [4]);
    assert_eq!(clara.get("/api/customers/1").await["shop"]["basic"]["name"], "Mode & Mehr");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_work_on_while_an_import_goes_on_and_a_second_one_waits() {
    let server = Server::with_customers().await;
    let (petra, clara) = (server.petra().await, server.signed_in("customer-service", "Clara").await);
    let rows: String =
        (10..8_010).map(|number| format!("{number},Shop {number},Zeil 1,60311,Frankfurt,chain\n")).collect();
    let file = format!("customer,name,street,postcode,city,segment\n{rows}");
    let mut first = clara.request("POST", "/api/imports").body(file.clone()).send().await.unwrap();
    let (status, problem) = answered(clara.request("POST", "/api/imports").body(file)).await;
    assert_eq!(
        (status, problem["title"].as_str().unwrap().contains("under way")),
        (StatusCode::SERVICE_UNAVAILABLE, true)
    );
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    let mut text = Vec::new();
    while let Some(part) = first.chunk().await.unwrap() {
        text.extend_from_slice(&part);
    }
    let words = lines(std::str::from_utf8(&text).unwrap());
    assert_eq!(words.iter().filter(|word| word["of"].is_u64()).count(), 8);
    assert_eq!(words.last().unwrap()["done"]["recorded"], 8_000);
    clara.until("/api/me", |me| me["customers"] == 8_005).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(clara.request("POST", "/api/imports").body("").send().await.unwrap().status(), StatusCode::OK);
}
