//! The page is served to the browsers of this machine alone, and whatever is sent to the server, it goes on serving.

use leftfold::codec::Codec;
use leftfold::log::{FileLog, FileLogReader};
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventStore};
use leftfold::workbench::PageServer;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;

/// Starts a server and gives its port.
fn served() -> u16 {
    let server = PageServer::bind(account::model().desk(), Some(0)).unwrap();
    let address = server.address();
    let port = address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    thread::spawn(move || server.run());
    port
}

struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    fn of(port: u16) -> Client {
        Client { stream: BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()) }
    }

    fn send(&mut self, text: &str) {
        // The server may have refused before all of it was sent.
        let _ = self.stream.get_mut().write_all(text.as_bytes());
    }

    /// Status, head and body of the next answer.
    fn answer(&mut self) -> (u16, String, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "no answer: {head}");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        (head[9..12].parse().unwrap(), head, String::from_utf8(body).unwrap())
    }

    fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0) | Err(_))
    }
}

fn once(port: u16, request: &str) -> (u16, String, String) {
    let mut client = Client::of(port);
    client.send(request);
    client.answer()
}

fn post(port: u16, more: &str, body: &str) -> String {
    format!(
        "POST /ask HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn the_page_and_everything_it_names_is_there_and_runs_nothing_from_elsewhere() {
    let port = served();
    let get = |path: &str| once(port, &format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"));
    let (status, head, page) = get("/");
    assert_eq!(status, 200);
    assert!(
        head.contains("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'"),
        "{head}"
    );
    assert!(
        !page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick"),
        "nothing inline"
    );
    let mut wanted = vec!["main.js".to_string(), "page.css".into(), "places.css".into(), "icon.svg".into()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(file) = wanted.pop() {
        if seen.contains(&file) {
            continue;
        }
        let (status, _, text) = get(&format!("/{file}"));
        assert_eq!((status, text.is_empty()), (200, false), "{file}");
        for import in text.split(" from './").skip(1).filter(|_| file.ends_with(".js")) {
            wanted.push(import.split('\'').next().unwrap().to_string());
        }
        assert!(!text.contains("innerHTML") && !text.contains("eval("), "{file}");
        seen.push(file);
    }
    assert!(seen.len() >= 20, "{seen:?}");
    let (status, _, sentence) = get("/secrets");
    assert_eq!(status, 404);
    assert!(sentence.contains("the page is at /"), "{sentence}");
    assert_eq!(get("/../Cargo.toml").0, 404);
}

#[test]
fn a_question_is_answered_and_so_is_one_on_which_the_model_has_no_answer() {
    let port = served();
    let (status, head, answer) = once(port, &post(port, "", r#"{"models": {}}"#));
    assert_eq!((status, &*answer), (200, r#"{"models":["account"]}"#));
    assert!(head.contains("Content-Type: application/json"), "{head}");
    let (status, _, answer) = once(port, &post(port, "", "{"));
    assert!(status == 200 && answer.starts_with(r#"{"wrong":"#), "{answer}");
}

#[test]
fn other_hosts_and_other_origins_are_refused() {
    let port = served();
    let question = r#"{"about": {}}"#;
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1",
        "127.0.0.1:1",
        &format!("127.0.0.1:{port}.evil.example"),
        "",
    ] {
        for (request, body) in [("GET /", ""), ("GET /alive", ""), ("POST /ask", question)] {
            let request = format!(
                "{request} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            assert_eq!(once(port, &request).0, 403, "{request}");
        }
    }
    assert_eq!(once(port, "GET / HTTP/1.1\r\n\r\n").0, 403, "no host");
    let two = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n");
    assert_eq!(once(port, &two).0, 400);
    for origin in ["http://evil.example", "null", &format!("https://127.0.0.1:{port}"), "http://127.0.0.1:1"]
    {
        assert_eq!(once(port, &post(port, &format!("Origin: {origin}\r\n"), question)).0, 403, "{origin}");
    }
    let own = format!("Origin: http://127.0.0.1:{port}\r\n");
    assert_eq!(once(port, &post(port, &own, question)).0, 200);
}

#[test]
fn what_a_form_of_another_page_could_send_is_no_question() {
    let port = served();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = post(port, "", "{}").replace("application/json", kind);
        assert_eq!(once(port, &request).0, 415, "{kind}");
    }
    let bare = post(port, "", "{}").replace("Content-Type: application/json\r\n", "");
    assert_eq!(once(port, &bare).0, 415);
    assert_eq!(once(port, &post(port, "", "{}").replace("POST /ask", "POST /")).0, 405);
    assert_eq!(once(port, &post(port, "", "").replace("POST /ask", "GET /ask")).0, 405);
    assert_eq!(once(port, &post(port, "", "").replace("POST /ask", "OPTIONS /ask")).0, 405);
}

#[test]
fn what_is_too_large_or_no_http_is_refused_before_it_is_taken() {
    let port = served();
    let host = format!("Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n");
    let of_length = |length: &str| format!("POST /ask HTTP/1.1\r\n{host}Content-Length: {length}\r\n\r\n");
    for length in ["16777217", "18446744073709551615", "99999999999999999999999999"] {
        let began = Instant::now();
        assert_eq!(once(port, &of_length(length)).0, 413, "{length}");
        assert!(began.elapsed().as_secs() < 5, "no byte of it is waited for");
    }
    for length in ["-1", "+1", "x", "1, 1"] {
        assert_eq!(once(port, &of_length(length)).0, 400, "{length}");
    }
    let chunked = format!("POST /ask HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(once(port, &chunked).0, 411);
    let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(20_000));
    assert_eq!(once(port, &long).0, 431);
    let many = format!("GET / HTTP/1.1\r\n{host}{}\r\n", "A: b\r\n".repeat(100));
    assert_eq!(once(port, &many).0, 431);
    assert_eq!(once(port, "\u{1}\u{2}nonsense\r\n\r\n").0, 400);
    let not_text = format!("POST /ask HTTP/1.1\r\n{host}Content-Length: 2\r\n\r\n");
    let mut client = Client::of(port);
    client.send(&not_text);
    client.stream.get_mut().write_all(&[0xff, 0xfe]).unwrap();
    assert_eq!(client.answer().0, 400);
    // Half a question, and then nothing.
    let mut half = Client::of(port);
    half.send(&of_length("10"));
    half.send("{");
    drop(half);
    assert_eq!(once(port, &post(port, "", r#"{"models": {}}"#)).0, 200);
}

#[test]
fn a_connection_goes_on_after_an_answer_and_ends_after_a_refusal() {
    let port = served();
    let mut client = Client::of(port);
    let question = post(port, "", r#"{"models": {}}"#);
    client.send(&format!("{question}{question}"));
    assert_eq!(client.answer().0, 200);
    assert_eq!(client.answer().0, 200, "two at once");
    client.send(&question.replace("127.0.0.1", "evil.example"));
    assert_eq!(client.answer().0, 403);
    client.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    assert!(client.is_closed());
    let mut client = Client::of(port);
    client.send(&question.replace("Content-Type", "Connection: close\r\nContent-Type"));
    assert_eq!(client.answer().0, 200);
    assert!(client.is_closed());
}

#[test]
fn a_thousand_quick_questions_and_two_hundred_silent_clients_do_not_end_it() {
    let port = served();
    let question = post(port, "", r#"{"models": {}}"#);
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::of(port);
                for _ in 0..250 {
                    client.send(&question);
                    assert_eq!(client.answer().0, 200);
                }
            });
        }
    });
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    for _ in 0..1_000 {
        assert_eq!(once(port, &question).0, 200);
    }
    // Those that say nothing take all places; one more gets that answer, and once they are gone, it goes on.
    let silent: Vec<Client> = (0..200).map(|_| Client::of(port)).collect();
    let mut turned_away = Client::of(port);
    assert_eq!(turned_away.answer().0, 503);
    drop(silent);
    let again = (0..100).any(|_| {
        thread::sleep(std::time::Duration::from_millis(20));
        let mut client = Client::of(port);
        client.send(&question);
        client.answer().0 == 200
    });
    assert!(again);
}

/// What the process holds in memory, in bytes; nothing where the system does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// Asks as quickly as it is answered, at most 1,000 times a second, over connections that stay open; prints what came of it.
fn attack(seconds: u64) {
    const CLIENTS: u64 = 8;
    const A_SECOND: u64 = 1_000;
    let port = served();
    let history = r#"[{"AccountOpened": {"owner": "Petra"}}, {"Deposited": 10}]"#;
    let questions = [
        format!(r#"{{"at": {{"history": {history}}}}}"#),
        format!(r#"{{"ask": {{"history": {history}, "phrase": "withdraw 11"}}}}"#),
        format!(r#"{{"timeline": {{"history": {history}}}}}"#),
        r#"{"about": {}}"#.to_string(),
        r#"{"find": {"class": "Closed"}}"#.to_string(),
        "{".to_string(),
    ];
    let requests: Vec<String> = questions.iter().map(|question| post(port, "", question)).collect();
    let (before, began) = (memory(), Instant::now());
    let errors: u64 = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|of| {
                let requests = &requests;
                scope.spawn(move || {
                    let mut client = Client::of(port);
                    let mut errors = 0;
                    for n in 0..A_SECOND * seconds / CLIENTS {
                        let due = std::time::Duration::from_micros(n * CLIENTS * 1_000_000 / A_SECOND);
                        thread::sleep(due.saturating_sub(began.elapsed()));
                        client.send(&requests[(n + of) as usize % requests.len()]);
                        let (status, _, answer) = client.answer();
                        errors += u64::from(status != 200 || !answer.starts_with('{'));
                    }
                    errors
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    let (took, number) = (began.elapsed(), A_SECOND * seconds);
    println!(
        "{number} questions in {took:?}: {:.0} a second, {errors} errors, memory {} kB before and {} kB after",
        number as f64 / took.as_secs_f64(),
        before / 1024,
        memory() / 1024
    );
    assert_eq!(errors, 0);
    assert!(memory() < before + 64 * 1024 * 1024, "{} after {before}", memory());
    assert_eq!(once(port, &requests[0]).0, 200, "it goes on");
}

#[test]
fn a_thousand_questions_a_second_are_answered() {
    attack(1);
}

#[test]
#[ignore = "it takes ten seconds"]
fn a_thousand_questions_a_second_are_answered_for_ten_seconds() {
    attack(10);
}

#[test]
fn a_port_that_is_taken_is_an_error_and_the_usual_one_is_the_same_each_time() {
    let port = served();
    assert!(PageServer::bind(account::model().desk(), Some(port)).is_err());
    let usual = PageServer::bind(account::model().desk(), None).unwrap();
    let other = PageServer::bind(account::model().desk(), None).unwrap();
    assert_ne!(usual.address(), other.address(), "it is taken, so another one is free");
    assert!(usual.address().starts_with("http://127.0.0.1:"));
}

/// An event of a program that came later.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Later {
    OwnerChanged { owner: String },
}

fn asked(desk: &leftfold::Desk, question: serde_json::Value) -> serde_json::Value {
    serde_json::from_str(&desk.answer(&question.to_string())).unwrap()
}

#[test]
fn a_log_is_looked_at_while_it_grows_and_up_to_what_the_model_does_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let account = StreamName::of("account", 1).unwrap();
    let opened: account::Event =
        serde_json::from_value(json!({"AccountOpened": {"owner": "Petra"}})).unwrap();
    let log = FileLog::open(folder.path(), Codec::new().unwrap()).unwrap();
    log.append(Batch::to(&account).event(opened)).unwrap();
    let reader = FileLogReader::open(folder.path(), Codec::new().unwrap()).unwrap();
    let desk = account::model().desk_with_log(reader);
    assert_eq!(asked(&desk, json!({"at": {"stream": "account-1"}}))["at"]["of"], 1);
    log.append(Batch::to(&account).event(account::Event::Deposited(4))).unwrap();
    assert_eq!(asked(&desk, json!({"at": {"stream": "account-1"}}))["at"]["of"], 2);
    drop(log);
    let other = FileLog::open(folder.path(), Codec::<Later>::new().unwrap()).unwrap();
    other.append(Batch::to(&account).event(Later::OwnerChanged { owner: "Ada".into() })).unwrap();
    let at = asked(&desk, json!({"at": {"stream": "account-1"}}));
    assert_eq!((&at["at"]["version"], &at["at"]["label"]), (&json!(2), &json!("Open")), "{at}");
    let edge = at["at"]["edge"].as_str().unwrap();
    assert!(
        edge.starts_with("event 3 is none of this model: the event at position 3 of stream account-1"),
        "{edge}"
    );
    let beyond = asked(&desk, json!({"at": {"stream": "account-1", "version": 3}}));
    assert!(beyond["wrong"].as_str().unwrap().contains("at position 3"), "{beyond}");
    let forked = asked(&desk, json!({"at": {"stream": "account-1", "history": [{"Deposited": 1}]}}));
    assert!(forked["wrong"].as_str().unwrap().starts_with("event 3 is none of this model"), "{forked}");
    let forked =
        asked(&desk, json!({"at": {"stream": "account-1", "until": 2, "history": [{"Deposited": 1}]}}));
    assert_eq!(forked["at"]["of"], 3, "{forked}");
    let listed = asked(&desk, json!({"log": {}}));
    let stream = &listed["log"]["streams"][0];
    assert!(stream["first"].is_string() && stream["events"] == 3, "{listed}");
}

/// Prints how long the page waits for a long stream, and for the list of many; bars belong to nobody's clock.
#[test]
fn a_log_of_many_streams_is_listed_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(folder.path(), Codec::new().unwrap()).unwrap();
    let long = StreamName::of("account", "long").unwrap();
    let opened = || account::Event::AccountOpened { owner: "Petra".into() };
    log.append(Batch::to(&long).event(opened())).unwrap();
    log.append(Batch::to(&long).events((0..9_999).map(|_| account::Event::Deposited(1)))).unwrap();
    let streams: Vec<StreamName> = (0..5_000).map(|n| StreamName::of("book", n).unwrap()).collect();
    let batch = streams.iter().fold(None::<Batch<account::Event>>, |batch, stream| {
        Some(batch.map_or_else(|| Batch::to(stream), |batch| batch.and_to(stream)).event(opened()))
    });
    log.append(batch.unwrap()).unwrap();
    let reader = FileLogReader::open(folder.path(), Codec::new().unwrap()).unwrap();
    let desk = account::model().desk_with_log(reader);
    let first = asked(&desk, json!({"log": {"prefix": "book-"}}));
    assert_eq!(
        (first["log"]["streams"].as_array().unwrap().len(), &first["log"]["more"]),
        (100, &json!(true))
    );
    let last = first["log"]["streams"][99]["name"].clone();
    let began = Instant::now();
    let second = asked(&desk, json!({"log": {"prefix": "book-", "after": last}}));
    println!("100 of 5,000 streams in {:?}", began.elapsed());
    assert!(second["log"]["streams"][0]["name"].as_str() > last.as_str(), "{second}");
    assert_eq!(asked(&desk, json!({"log": {"prefix": "book-4999"}}))["log"]["more"], false);
    for question in [
        json!({"at": {"stream": "account-long", "version": 5_000}}),
        json!({"timeline": {"stream": "account-long", "from": 9_950}}),
    ] {
        let began = Instant::now();
        let answer = asked(&desk, question);
        println!("of 10,000 events in {:?}", began.elapsed());
        assert!(answer.get("wrong").is_none(), "{answer}");
    }
}
