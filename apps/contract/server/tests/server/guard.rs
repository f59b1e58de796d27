//! What comes from elsewhere, is too long, too slow, or of another model; and the files of the page.

use crate::support::{Server, answered, meet, recorded};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_others_are_refused() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let port = server.address.rsplit(':').next().unwrap();
    let hosts = [
        (format!("127.0.0.1:{port}"), true),
        (format!("localhost:{port}"), true),
        (format!("LOCALHOST:{port}"), true),
        ("localhost".to_string(), false),
        ("127.0.0.1:1".to_string(), false),
        (format!("evil.example:{port}"), false),
        (format!("127.0.0.1.evil.example:{port}"), false),
    ];
    for (host, welcome) in hosts {
        for path in ["/api/me", "/files.json"] {
            let (status, _) = answered(petra.request("GET", path).header("host", &host)).await;
            assert_eq!(
                status,
                if welcome { StatusCode::OK } else { StatusCode::MISDIRECTED_REQUEST },
                "{host} {path}"
            );
        }
        let (status, _) =
            answered(petra.request("GET", "/api/me").header("origin", format!("http://{host}"))).await;
        assert_eq!(status, if welcome { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{host}");
    }
    let own = format!("127.0.0.1:{port}");
    let mut twice = TcpStream::connect(&own).await.unwrap();
    let head = format!("GET /files.json HTTP/1.1\r\nhost: {own}\r\nhost: evil.example\r\n\r\n");
    twice.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    twice.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 421");
    for origin in [format!("https://localhost:{port}"), "null".to_string(), String::new()] {
        let command = petra.asking(1, 0, "key", &meet(1, "2027-01-01")).header("origin", &origin);
        assert_eq!(answered(command).await.0, StatusCode::FORBIDDEN, "{origin}");
    }
    let answer = petra.request("GET", "/api/me").send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
            && !policy.contains("inline")
    );
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_model_is_asked_to_load_again_and_nothing_is_done() {
    let server = Server::with_customers().await;
    let petra = server.petra().await;
    let model = petra.get("/api/me").await["model"].as_str().unwrap().to_string();
    let (status, problem) =
        answered(petra.asking(1, 0, "key", &meet(1, "2027-01-01")).header("model", "old")).await;
    assert_eq!(
        (status, &problem["type"], &problem["model"]),
        (StatusCode::CONFLICT, &json!("another-model"), &json!(model))
    );
    assert_eq!(
        answered(petra.asking(1, 0, "key", &meet(1, "2027-01-01")).header("model", model)).await.0,
        StatusCode::OK
    );
    assert_eq!(recorded(&server.data()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_or_too_slow_is_refused() {
    let server = Server::with(|served| served.limits.slowest_body = Duration::from_millis(200))
        .await
        .and_customers()
        .await;
    let petra = server.petra().await;
    let (status, problem) =
        answered(petra.request("POST", "/api/model").body("x".repeat((1 << 20) + 1))).await;
    assert_eq!((status, &problem["status"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(413)));
    assert_eq!(
        answered(petra.request("POST", "/api/model").body("x".repeat(1 << 20))).await.0,
        StatusCode::OK
    );
    let clara = server.signed_in("customer-service", "Clara").await;
    let long = clara.request("POST", "/api/imports").body(vec![b'x'; (64 << 20) + 1]);
    // The server answers before it has heard everything; a client may see only that the connection ended.
    if let Ok(answer) = long.send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    for path in ["/api/model", "/api/imports"] {
        let host = server.address.strip_prefix("http://").unwrap();
        let mut slow = TcpStream::connect(host).await.unwrap();
        let cookie = if path == "/api/model" { &petra.cookie } else { &clara.cookie };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\ncontent-length: 10\r\n\r\n1"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        slow.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 408", "{path}");
    }
    assert_eq!(clara.get("/api/me").await["customers"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_trickles_does_not_keep_the_place_of_imports() {
    let server = Server::with(|served| served.limits.slowest_import = Duration::from_millis(400)).await;
    let clara = server.signed_in("customer-service", "Clara").await;
    let host = server.address.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /api/imports HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\ncontent-length: 1000\r\n\r\n",
        clara.cookie
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let (mut hears, mut speaks) = slow.into_split();
    let trickle = tokio::spawn(async move {
        while speaks.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut answer = vec![0; 12];
    hears.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
    trickle.abort();
    let (status, _) = answered(clara.request("POST", "/api/imports").body("customer,email,format\n")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_the_page_are_served_packed_and_known_by_a_tag() {
    let server = Server::with(|served| {
        let folder = served.terms.data.folder().with_file_name("page");
        fs::create_dir_all(folder.join("parts")).unwrap();
        fs::write(folder.join("index.html"), "<p>hello</p>".repeat(100)).unwrap();
        fs::write(folder.join("parts/form.js"), "export {}").unwrap();
        fs::write(folder.join(".hidden"), "secret").unwrap();
        let wasm = folder.with_file_name("module");
        fs::write(&wasm, b"\0asm").unwrap();
        (served.page, served.wasm) = (Some(folder), Some(wasm));
    })
    .await;
    let client = reqwest::Client::new();
    let get = |path: &str| client.get(format!("{}{path}", server.address));
    let page = get("/").header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(page.headers()["content-encoding"], "gzip");
    assert_eq!(page.headers()["cache-control"], "no-cache");
    let tag = page.headers()["etag"].clone();
    assert!(page.bytes().await.unwrap().len() < 200);
    let known =
        get("/").header("accept-encoding", "gzip").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let plain = get("/contracts/17").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!((plain.status(), plain.text().await.unwrap().len()), (StatusCode::OK, 1_200));
    let module = get("/parts/form.js").send().await.unwrap();
    assert_eq!(module.headers()["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(get("/contract.wasm").send().await.unwrap().headers()["content-type"], "application/wasm");
    for path in ["/.hidden", "/parts/nothing.js", "/../Cargo.toml", "/%2e%2e/module.js", "/api"] {
        assert_eq!(get(path).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
    let files: Value = get("/files.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(files["files"], json!(["/contract.wasm", "/index.html", "/parts/form.js"]));
    assert_eq!(
        client.post(format!("{}/", server.address)).send().await.unwrap().status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_answers_over_http_as_it_does_here() {
    let server = Server::start().await;
    let petra = server.petra().await;
    let question = r#"{"ask":"judge","language":"de","history":[],"answers":{"customer":"7","on":"Montag"}}"#;
    let answer =
        petra.request("POST", "/api/model").body(question).send().await.unwrap().text().await.unwrap();
    assert_eq!(answer, contract_model::answer(question));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_a_problem_that_says_so() {
    let server = Server::start().await;
    let petra = server.petra().await;
    let question = petra.request("POST", "/api/model").body(vec![0xff, 0xfe]);
    let answer = question.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");

    let host = server.address.trim_start_matches("http://");
    let mut raw = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /api/model HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n",
        petra.cookie
    );
    raw.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The connection may be reset after the answer.
    let _ = raw.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("the request ended in the middle"),
        "{answer}"
    );
}
