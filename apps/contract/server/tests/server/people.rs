//! Who is who.

use crate::support::{Server, answered, meet, served};
use contract_server::server::serve;
use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_answered_before_they_sign_in_and_after_they_sign_out() {
    let server = Server::with_customers().await;
    let client = Client::new();
    for path in
        ["me", "search", "customers/1", "contracts/1", "requests", "letters", "signing", "monitor", "events"]
    {
        let (status, problem) = answered(client.get(format!("{}/api/{path}", server.address))).await;
        assert_eq!((status, &problem["type"]), (StatusCode::UNAUTHORIZED, &json!("signed-out")), "{path}");
    }
    for path in
        ["contracts", "contracts/1/commands", "contracts/1/sync", "monitor/release", "imports", "model"]
    {
        let request = client.post(format!("{}/api/{path}", server.address)).json(&json!({}));
        assert_eq!(answered(request).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    let petra = server.petra().await;
    let me = petra.get("/api/me").await;
    assert_eq!(
        (&me["role"], &me["name"], &me["customers"]),
        (&json!("account-manager"), &json!("Petra"), &json!(5))
    );
    assert_eq!(me["model"].as_str().unwrap().len(), 16);
    let gone = petra.request("POST", "/api/sign-out").send().await.unwrap();
    let cookie = gone.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("session=;") && cookie.contains("Max-Age=0"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cannot_be_forged_or_read_by_the_page() {
    let server = Server::start().await;
    let client = Client::new();
    let who = json!({ "role": "supervisor", "name": " Ruth Åström; \"R\" " });
    let answer = client.post(format!("{}/api/sign-in", server.address)).json(&who).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_string();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"),
        "{cookie}"
    );
    let session = cookie.split(';').next().unwrap();
    let me =
        |cookie: String| answered(client.get(format!("{}/api/me", server.address)).header("cookie", cookie));
    assert_eq!(me(session.to_string()).await.1["name"], "Ruth Åström; \"R\"");
    assert_eq!(me(session.replace("supervisor", "customer-service")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(me(format!("session={who}")).await.0, StatusCode::UNAUTHORIZED);
    for (name, expected) in [
        ("", 400),
        ("  ", 400),
        ("a\nb", 400),
        (&*"x".repeat(81), 400),
        (&*"x".repeat(80), 200),
        ("Zoë 👩‍🚀", 200),
    ] {
        let who = json!({ "role": "supervisor", "name": name });
        let request = client.post(format!("{}/api/sign-in", server.address)).json(&who);
        assert_eq!(answered(request).await.0.as_u16(), expected, "{name:?}");
    }
    let request =
        client.post(format!("{}/api/sign-in", server.address)).json(&json!({ "role": "boss", "name": "x" }));
    assert_eq!(answered(request).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_sessions_and_everything_else() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    petra.does(1, 0, &meet(1, "2027-01-01")).await;
    let folder = server.stop().await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = std::fs::metadata(folder.path().join("data/session.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, served(folder.path()), |_| {}, std::future::pending()));
    let petra = crate::support::Session { address, ..petra };
    assert_eq!(petra.get("/api/me").await["customers"], 5);
    assert_eq!(petra.get("/api/contracts/1").await["version"], 1);
    assert_eq!(petra.post("/api/contracts", &json!({})).await.1["contract"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_as_a_part_of_the_system_or_under_a_name_that_looks_like_another() {
    let server = Server::start().await;
    let client = Client::new();
    let names =
        ["process manager", "Signing  Service", "legacy system", "\u{200b}", "Ruth\u{200b}", "a\u{202e}b"];
    for name in names {
        let who = json!({ "role": "supervisor", "name": name });
        let (status, problem) =
            answered(client.post(format!("{}/api/sign-in", server.address)).json(&who)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name:?}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_somebody_who_is_no_longer_signed_in_records_nothing_under_the_new_name() {
    let server = Server::with_customers().await;
    let zoe = server.signed_in("account-manager", "Zoë (2)").await;
    let command = || zoe.asking(1, 0, "key", &meet(1, "2027-01-01"));
    for person in ["account-manager%2FPetra", "supervisor%2FZo%C3%AB%20(2)", "account-manager", ""] {
        let (status, problem) = answered(command().header("person", person)).await;
        assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("another-person")), "{person}");
        assert_eq!(problem["title"], "Zoë (2) is signed in now, in another window; load this page again");
    }
    assert_eq!(zoe.get("/api/contracts/1").await["version"], 0);
    let own = command().header("person", "account-manager%2FZo%C3%AB%20(2)");
    assert_eq!(answered(own).await.0, StatusCode::OK);
}
