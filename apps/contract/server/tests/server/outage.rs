//! The engine of the log goes away in the midst of the work, and comes back.

use crate::support::{Server, Session, answered, meet, served};
use contract_server::store::Place;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// Passes on what an engine and its clients say to each other, as long as it is open.
struct Line {
    port: u16,
    open: watch::Sender<bool>,
}

impl Line {
    async fn to(engine: String) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = watch::Sender::new(true);
        let is_open = open.subscribe();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (engine, mut is_open) = (engine.clone(), is_open.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(engine).await?;
                    tokio::select! {
                        passed = tokio::io::copy_bidirectional(&mut client, &mut server) => passed.map(drop),
                        _ = is_open.wait_for(|open| !open) => Ok(()),
                    }
                });
            }
        });
        Line { port, open }
    }
}

/// The same place, through a line that can be cut; `None` where a log is no engine's.
async fn through_a_line(place: Place) -> Option<(Place, Line)> {
    let cut = |address: &str| {
        let (before, host) = address.rsplit_once("127.0.0.1:").unwrap();
        let (port, after) = host.split_at(host.find('/').unwrap_or(host.len()));
        (before.to_string(), format!("127.0.0.1:{port}"), after.to_string())
    };
    match place {
        Place::Folder(_) => None,
        Place::Postgres(address) => {
            let (before, engine, after) = cut(&address);
            let line = Line::to(engine).await;
            Some((Place::Postgres(format!("{before}127.0.0.1:{}{after}", line.port)), line))
        }
        Place::Nats { servers, stream } => {
            let (before, engine, _) = cut(&servers);
            let line = Line::to(engine).await;
            Some((Place::Nats { servers: format!("{before}127.0.0.1:{}", line.port), stream }, line))
        }
    }
}

async fn server_on_a_line(folder: &Path) -> Option<(Server, Line)> {
    let mut served = served(folder);
    let (place, line) = through_a_line(served.terms.store).await?;
    served.terms.store = place;
    served.terms.patience = Duration::from_secs(1);
    Some((Server::of(tempfile::tempdir().unwrap(), served).await.and_customers().await, line))
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_engine_is_away_it_is_said_and_afterwards_everything_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some((server, line)) = server_on_a_line(folder.path()).await else {
        println!("skipped: a log in a folder has no engine that goes away");
        return;
    };
    let petra: Session = server.petra().await;
    petra.does(1, 0, &meet(1, "2027-01-01")).await;

    line.open.send_replace(false);
    let (status, problem) = petra.command(1, 1, "away", &meet(1, "2027-02-02")).await;
    assert_eq!(
        (status, &problem["type"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("log-away")),
        "{problem}"
    );
    // What a server has in memory it goes on showing.
    assert_eq!(petra.get("/api/search?q=shop").await["found"], 5);
    // Longer than the lease.
    sleep(Duration::from_secs(3)).await;
    assert_eq!(petra.get("/api/monitor").await["on_duty"], false);

    line.open.send_replace(true);
    let mut answer = (StatusCode::SERVICE_UNAVAILABLE, Value::Null);
    for _ in 0..20 {
        answer = petra.command(1, 1, "away", &meet(1, "2027-02-02")).await;
        if answer.0 != StatusCode::SERVICE_UNAVAILABLE {
            break;
        }
        sleep(Duration::from_millis(300)).await;
    }
    assert_eq!((answer.0, &answer.1["version"]), (StatusCode::OK, &json!(2)), "{}", answer.1);
    assert_eq!(answered(petra.request("GET", "/api/contracts/1")).await.1["version"], 2);
    petra.until("/api/monitor", |monitor| monitor["on_duty"] == true && monitor["lag"] == 0).await;
    server.stop().await;
}
