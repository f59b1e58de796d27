//! Two servers on one log: both answer, and one of them does what is owed.

use crate::kills::Program;
use crate::place;
use crate::support::{Server, Session, accept, answered, ask_for, beside, meet, served, signed_in};
use contract_server::data::Data;
use contract_server::server::{Served, serve};
use contract_server::store::Place;
use jiff::SignedDuration;
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventStore, Query, Reading};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Another server on a log. Its folder is its own; what is shared beside the log is shared.
fn second(data: &Path) -> Served {
    let mut served = served(&data.with_file_name("second"));
    served.terms.store = place::of(data);
    served.terms.shared = Data::in_folder(data.to_path_buf());
    served
}

/// Another server, and the same person there; `None` where a log has one server, and the second one says so.
async fn both(first: &Server, person: &Session) -> Option<(Server, Session)> {
    let served = second(&first.data());
    if place::is_shared(&served.terms.store) {
        let second = Server::of(tempfile::tempdir().unwrap(), served).await;
        let there = Session { address: second.address.clone(), ..person.clone() };
        return Some((second, there));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = serve(listener, served, |_| {}, std::future::pending()).await;
    let why = refused.expect_err("a log in a folder has one server").to_string();
    assert!(why.contains("is open for writing elsewhere"), "{why}");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_records_the_other_shows_and_a_number_is_given_once() {
    let first = Server::with_customers().await;
    let petra = first.petra().await;
    let Some((second, there)) = both(&first, &petra).await else { return };
    // Signed in at one, signed in at both.
    assert_eq!(there.get("/api/me").await["name"], "Petra");

    let (mut here_given, mut there_given) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..20 {
        let (here, there) =
            (petra.post("/api/contracts", &Value::Null), there.post("/api/contracts", &Value::Null));
        let (here, there) = tokio::join!(here, there);
        here_given.insert(here.1["contract"].as_u64().unwrap());
        there_given.insert(there.1["contract"].as_u64().unwrap());
    }
    assert_eq!((here_given.len(), there_given.len()), (20, 20));
    assert_eq!(here_given.intersection(&there_given).count(), 0);

    let made = petra.does(1, 0, &meet(3, "2027-01-01")).await;
    let found = there.get(&format!("/api/search?q=shop&stage=appointed&after={}", made["position"])).await;
    assert_eq!(found["customers"][0]["customer"], 3);
    // Whoever is slower is shown what happened at the other server.
    let (status, problem) = there.command(1, 0, "late", &meet(3, "2027-02-02")).await;
    assert_eq!((status, &problem["type"]), (StatusCode::PRECONDITION_FAILED, &json!("changed")));
    assert_eq!(problem["rival"][0]["by"], "Petra");
    // A command that is given again, at the other server, is answered with what it recorded.
    let (status, again) = there.command(1, 0, "1-0", &meet(3, "2027-01-01")).await;
    assert_eq!((status, &again["repeated"], &again["version"]), (StatusCode::OK, &json!(true), &json!(1)));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_is_on_duty_and_the_other_takes_over_within_the_bound() {
    let first = Server::with_customers().await;
    let (petra, ruth) = (first.petra().await, first.ruth().await);
    let Some((second, there)) = both(&first, &petra).await else { return };
    let place = place::of(&first.data());
    let on_duty = async |person: &Session| person.get("/api/monitor").await["on_duty"].clone();
    assert_eq!((on_duty(&petra).await, on_duty(&there).await), (json!(true), json!(false)));

    // What is owed after a command at the second server, the first one does.
    signed(&there, &Session { address: second.address.clone(), ..ruth.clone() }, 1).await;
    petra.until("/api/contracts/1", |contract| contract["state"]["stage"] == "completed").await;
    let clara = second.signed_in("customer-service", "Clara").await;
    let parked =
        clara.request("POST", "/api/monitor/release").json(&json!({ "contract": 1, "what": "mail request" }));
    let (status, problem) = answered(parked).await;
    assert_eq!((status, &problem["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("not-on-duty")));

    // The first one is stopped: it gives its duty back.
    let (begun, folder) = (Instant::now(), first.stop().await);
    there.until("/api/monitor", |monitor| monitor["on_duty"] == true).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "the lease was given back, and taken after {took:?}");
    signed(&there, &Session { address: second.address.clone(), ..ruth }, 2).await;
    done(&there, 4).await;

    second.stop().await;
    each_letter_once(place, &folder.path().join("data"), 4);
}

/// The one on duty is killed, so that nobody gives the lease back. Where a log has one server, the next one is started then.
#[tokio::test(flavor = "multi_thread")]
async fn killed_on_duty_and_another_server_does_the_rest_within_the_bound() {
    let folder = Server::with_customers().await.stop().await;
    let data = folder.path().join("data");
    let place = place::of(&data);
    let (program, address) = Program::start(&data, &["--lease", "2s"]);
    let (petra, ruth) = (
        signed_in(&address, "account-manager", "Petra").await,
        signed_in(&address, "supervisor", "Ruth").await,
    );
    let mut standby = None;
    if place::is_shared(&place) {
        let second = Server::of(tempfile::tempdir().unwrap(), second(&data)).await;
        let there = Session { address: second.address.clone(), ..petra.clone() };
        assert_eq!(there.get("/api/monitor").await["on_duty"], false);
        standby = Some(second);
    }
    signed(&petra, &ruth, 1).await;
    let begun = Instant::now();
    drop(program);
    let second = match standby {
        Some(second) => second,
        None => Server::of(folder, served(data.parent().unwrap())).await,
    };
    let there = Session { address: second.address.clone(), ..petra };
    there.until("/api/monitor", |monitor| monitor["on_duty"] == true).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(6), "bound 2 s, taken over after {took:?}");
    done(&there, 2).await;
    let _own = second.stop().await;
    each_letter_once(place, &data, 2);
}

/// Until this number of letters is sent and nothing is owed.
async fn done(petra: &Session, letters: usize) {
    petra.until("/api/letters", |sent| sent.as_array().unwrap().len() == letters).await;
    petra.until("/api/monitor", |monitor| monitor["owed"] == json!([])).await;
}

/// Where a log has one server, one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_start_at_once_fill_an_empty_log_as_one_does() {
    let filled = |mut served: Served| async {
        served.customers = 100;
        // The last two are not signed before they are counted.
        served.terms.signing_delay = SignedDuration::from_hours(1);
        let server = Server::of(tempfile::tempdir().unwrap(), served).await;
        let petra = server.petra().await;
        petra
            .until("/api/monitor", |monitor| monitor["counts"]["sent"] == 2 && monitor["owed"] == json!([]))
            .await;
        server
    };
    let (alone, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut single = served(alone.path());
    single.terms.store = Place::Folder(alone.path().join("log"));
    let expected = single.terms.store.clone();
    filled(single).await.stop().await;

    let data = folder.path().join("data");
    let (one, other) = (served(folder.path()), second(&data));
    let place = one.terms.store.clone();
    if place::is_shared(&place) {
        let (one, other) = tokio::join!(filled(one), filled(other));
        one.stop().await;
        other.stop().await;
    } else {
        filled(one.clone()).await.stop().await;
        filled(one).await.stop().await;
    }
    assert_eq!(counted(place), counted(expected));
}

/// A log that people have written to is left as it is, and one that was not filled to the end is filled.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_filled_if_it_is_empty_or_its_filling_was_ended_early() {
    for (begun, customers) in [(false, 5), (true, 100)] {
        let folder = Server::with_customers().await.stop().await;
        let mut again = served(folder.path());
        again.customers = 100;
        if begun {
            let (_own, store) = beside(again.terms.store.clone());
            let samples = StreamName::new("samples").unwrap();
            let unfinished = [("finished".to_string(), false.into())].into();
            store.log.append(Batch::to(&samples).describe(unfinished)).unwrap();
            store.close().unwrap();
        }
        let server = Server::of(folder, again).await;
        assert_eq!(server.petra().await.get("/api/me").await["customers"], customers);
        server.stop().await;
    }
}

/// How many events of each type a log has.
fn counted(place: Place) -> BTreeMap<String, usize> {
    let (_own, store) = beside(place);
    let mut types = BTreeMap::new();
    for recorded in store.log.all(Query::all()).unwrap() {
        *types.entry(recorded.event_type.to_string()).or_default() += 1;
    }
    types
}

/// Negotiates a contract until it is accepted: a letter, a signing and two more letters are owed.
async fn signed(petra: &Session, ruth: &Session, contract: u32) {
    petra.does(contract, 0, &meet(contract, "2027-01-01")).await;
    petra.does(contract, 1, &ask_for(50_000)).await;
    ruth.does(contract, 2, &accept("Ruth")).await;
}

/// Every letter that was sent is recorded once, and nothing else was sent.
fn each_letter_once(place: Place, data: &Path, expected: usize) {
    let (_own, store) = beside(place);
    let mail = store.log.all(Query::category("mail").unwrap()).unwrap();
    let letters = std::fs::read_dir(data.join("outbox")).unwrap().count();
    assert_eq!((mail.len(), letters), (expected, expected));
}
