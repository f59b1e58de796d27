//! The store beside SQL written by hand with the same promises: positions without a gap from a row that is locked, an
//! expected version, a unique id for each event, one transaction. Both take turns in one run; a figure is the median.
//!
//! `LEFTFOLD_POSTGRES_URL=postgres://… cargo bench --bench beside_sql [part]`. It makes schemas of its own, and drops them.

use leftfold::codec::{Codec, RawEvent};
use leftfold::decider;
use leftfold::recorded::StreamName;
use leftfold::runtime::CommandHandler;
use leftfold::store::{Batch, EventReader, EventStore, ExpectedVersion, Query, Read};
use leftfold_postgres::{Postgres, PostgresOptions};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, Statement};

const DATA: &str = r#"{"amount":17,"reason":"a purchase of some length"}"#;

/// SQL as one would write it: a statement for each step, prepared once, all events of a batch in one insert.
struct ByHand {
    runtime: Runtime,
    client: Client,
    head: Statement,
    version: Statement,
    insert: Statement,
    advance: Statement,
    stream: Statement,
    fold: Statement,
    made: i64,
}

impl ByHand {
    fn open(url: &str, schema: &str) -> ByHand {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let prepare = async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("set search_path = {schema}; set jit = off")).await.unwrap();
            let prepare = async |sql: &str| client.prepare(sql).await.unwrap();
            let head = prepare("select position from head for update").await;
            let version = prepare("select version from streams where name = $1").await;
            let insert = prepare(
                "insert into events (position, stream, category, version, type, id, data, at) \
                 select $1::bigint + n, $2, split_part($2, '-', 1), $3::bigint + n, 'Paid', i, d::json, now() \
                 from unnest($4::text[], $5::text[]) with ordinality u(i, d, n)",
            )
            .await;
            let advance = prepare("update head set position = position + $1").await;
            let stream = prepare(
                "insert into streams (name, version) values ($1, $2) on conflict (name) do update set version = excluded.version",
            )
            .await;
            let fold = prepare(
                "select position, version, type, data::text from events where stream = $1 order by version",
            )
            .await;
            (client, head, version, insert, advance, stream, fold)
        };
        let (client, head, version, insert, advance, stream, fold) = runtime.block_on(prepare);
        ByHand { runtime, client, head, version, insert, advance, stream, fold, made: 0 }
    }

    fn create(url: &str, schema: &str) {
        execute(
            url,
            &format!(
                "create schema {schema}; set search_path = {schema}; \
                 create table head (position bigint not null); insert into head values (0); \
                 create table events (position bigint primary key, stream text collate \"C\" not null, category text collate \"C\" not null, \
                   version bigint not null, type text collate \"C\" not null, id text collate \"C\" not null unique, data json not null, \
                   at timestamptz not null, unique (stream, version)); \
                 create index on events (category, position); create index on events (type, position); \
                 create table streams (name text collate \"C\" primary key, version bigint not null)"
            ),
        );
    }

    fn append(&mut self, stream: &str, expected: i64, count: usize) {
        let ids: Vec<String> = (0..count)
            .map(|_| {
                self.made += 1;
                format!("{:p}-{}", &raw const self.client, self.made)
            })
            .collect();
        let data = vec![DATA; count];
        let added = count as i64;
        self.runtime.block_on(async {
            let transaction = self.client.transaction().await.unwrap();
            let head: i64 = transaction.query_one(&self.head, &[]).await.unwrap().get(0);
            let version: i64 =
                transaction.query_opt(&self.version, &[&stream]).await.unwrap().map_or(0, |row| row.get(0));
            assert_eq!(version, expected);
            transaction.execute(&self.insert, &[&head, &stream, &version, &ids, &data]).await.unwrap();
            transaction.execute(&self.stream, &[&stream, &(version + added)]).await.unwrap();
            transaction.execute(&self.advance, &[&added]).await.unwrap();
            transaction.commit().await.unwrap();
        });
    }

    fn fold(&self, stream: &str) -> i64 {
        let rows = self.runtime.block_on(self.client.query(&self.fold, &[&stream])).unwrap();
        rows.iter().map(|row| row.get::<_, i64>(1) + row.get::<_, &str>(3).len() as i64).sum()
    }
}

fn execute(url: &str, sql: &str) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}

fn raw() -> RawEvent {
    RawEvent::new("Paid", DATA).unwrap()
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn beside(what: &str, bar: f64, rounds: usize, mut kit: impl FnMut(), mut hand: impl FnMut()) {
    let (mut of_kit, mut of_hand) = (Vec::new(), Vec::new());
    for round in 0..rounds + rounds / 10 + 2 {
        let (one, other) = (timed(&mut kit), timed(&mut hand));
        if round >= rounds / 10 + 2 {
            of_kit.push(one);
            of_hand.push(other);
        }
    }
    let (kit, hand) = (median(of_kit), median(of_hand));
    println!("{what:<28} kit {kit:8.3} ms   by hand {hand:8.3} ms   {:.2}x (bar {bar:.1}x)", kit / hand);
}

fn name(text: &str) -> StreamName {
    StreamName::new(text).unwrap()
}

fn main() {
    let Ok(url) = std::env::var("LEFTFOLD_POSTGRES_URL") else {
        println!("skipped: LEFTFOLD_POSTGRES_URL says which server to measure");
        return;
    };
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let drop_all = "drop schema if exists bench_kit cascade; drop schema if exists bench_hand cascade";
    execute(&url, drop_all);
    ByHand::create(&url, "bench_hand");
    let options = || PostgresOptions::new().schema("bench_kit").migrating();
    let store = Postgres::open_with(&url, options()).unwrap();
    let mut hand = ByHand::open(&url, "bench_hand");
    for (count, rounds, bar) in [(1, 800, 1.6), (100, 100, 1.3), (10_000, 31, 1.0)] {
        if !wanted("append") && !wanted(&format!("append-{count}")) {
            continue;
        }
        let stream = format!("account-{count}");
        let (mut at, mut hand_at) = (0, 0);
        let event = raw();
        let kit = || {
            let events = (0..count).map(|_| event.clone());
            let expected = ExpectedVersion::Exactly(leftfold::recorded::Version::new(at));
            store.append(Batch::to(&name(&stream)).expecting(expected).events(events)).unwrap();
            at += count as u64;
        };
        let by_hand = || {
            hand.append(&stream, hand_at, count);
            hand_at += count as i64;
        };
        beside(&format!("append {count}"), bar, rounds, kit, by_hand);
    }
    if wanted("writers") {
        writers(&url, options);
    }
    if wanted("read") {
        reads(&store, &mut hand);
    }
    if wanted("handler") {
        handler(&store);
    }
    execute(&url, drop_all);
}

/// 16 threads append single events, through one handle and through 16.
fn writers(url: &str, options: impl Fn() -> PostgresOptions) {
    let rate = |handles: Vec<Postgres>, part: &str| {
        let began = Instant::now();
        let each = 400;
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let store = &handles[writer % handles.len()];
                let stream = name(&format!("writer-{part}-{writer}"));
                scope.spawn(move || {
                    for at in 0..each {
                        let expected = leftfold::recorded::Version::new(at);
                        store.append(Batch::to(&stream).expecting(expected).event(raw())).unwrap();
                    }
                });
            }
        });
        (16 * each) as f64 / began.elapsed().as_secs_f64()
    };
    let open = || Postgres::open_with(url, options()).unwrap();
    let mut rates = (Vec::new(), Vec::new());
    for round in 0..3 {
        rates.0.push(rate(vec![open()], &format!("one{round}")));
        rates.1.push(rate((0..16).map(|_| open()).collect(), &format!("each{round}")));
    }
    let middle = |mut rates: Vec<f64>| {
        rates.sort_unstable_by(f64::total_cmp);
        rates[1]
    };
    let (one, sixteen) = (middle(rates.0), middle(rates.1));
    println!(
        "16 writers: one handle {one:.0}/s (bar 5000)   16 handles {sixteen:.0}/s   {:.1}x (bar 3x)",
        one / sixteen
    );
}

fn reads(store: &Postgres, hand: &mut ByHand) {
    let mut at = 0;
    for batch in 0..200 {
        let mut events = Batch::to(&name("fill-0"));
        for stream in 0..10 {
            let stream = name(&format!("fill-{}", batch * 10 + stream));
            events = events.and_to(&stream).events((0..100).map(|_| raw()));
        }
        store.append(events).unwrap();
        for stream in 0..10 {
            hand.append(&format!("fill-{}", batch * 10 + stream), 0, 100);
        }
        at += 1000;
    }
    assert_eq!(at, 200_000);
    let (mut one, mut other) = (0, 0);
    let kit = || {
        one = (one + 37) % 2000;
        let stream = name(&format!("fill-{one}"));
        let mut sum = 0;
        store
            .visit(&Read::from(Query::stream(&stream)), &mut |entry| {
                sum += entry.event().map_or(0, |event| event.data.get().len());
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(sum, 100 * DATA.len());
    };
    let by_hand = || {
        other = (other + 37) % 2000;
        assert!(hand.fold(&format!("fill-{other}")) > 0);
    };
    beside("fold 100 of 200,000", 2.0, 500, kit, by_hand);
    let began = Instant::now();
    let mut count = 0;
    store
        .visit(&Query::all().limit(100_000), &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    println!("read {count}: {:.3} s", began.elapsed().as_secs_f64());
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Event {
    Counted { text: String },
}

/// A handler that remembers 1,000 streams, beside the append of what it decides.
fn handler(store: &Postgres) {
    let decide =
        |_: &u64, _: &u64| Ok::<_, ()>(vec![Event::Counted { text: "a purchase of some length".into() }]);
    let counting = decider(|| 0_u64, decide, |n: u64, _: &Event| n + 1);
    let typed = store.clone().with(Codec::<Event>::new().unwrap());
    let of = |stream: &u64| name(&format!("handled-{stream}"));
    let handler =
        CommandHandler::per_identity(counting, &typed, move |number: &u64| Ok(of(number))).remember(1_000);
    for stream in 0..1_000 {
        handler.handle(stream).unwrap();
    }
    let (mut at, mut appended) = (0, 0);
    let handling = || {
        at = (at + 37) % 1_000;
        handler.handle(at).unwrap();
    };
    let appending = || {
        appended += 1;
        let (stream, before) = (name(&format!("appended-{}", appended % 1_000)), appended / 1_000);
        let expected = leftfold::recorded::Version::new(before);
        let event = Event::Counted { text: "a purchase of some length".into() };
        typed.append(Batch::to(&stream).expecting(expected).event(event)).unwrap();
    };
    beside("handler (by hand: append)", 1.3, 900, handling, appending);
}
