//! Large batches: the rows of their events are copied, which takes the server less time than an insert.

use crate::append::read;
use crate::connections::{Connection, Pool, Trouble};
use crate::request::{Answer, Columns, Request};
use crate::rows::number;
use futures_util::SinkExt as _;
use std::io::Cursor;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};

/// From this many entries on, a copy saves more than its two further round trips cost.
pub(crate) const LARGE: usize = 1_000;

const COLUMNS: &str = "position, stream, category, version, type, schema, seconds, nanoseconds, id, tags, meta, data, \
                       batch_first, batch_count";

/// Appends a batch in a transaction of several statements. `None` if the database does not record it, for whatever reason: then
/// nothing was done, and the call that appends small batches finds out why.
pub(crate) async fn append(
    pool: &Pool,
    schema: &str,
    statement: &str,
    request: &Request,
) -> Result<Option<Vec<Row>>, Trouble> {
    let (mut connection, permit) = pool.take().await?;
    let within = pool.answer_within;
    let appending = copied(&mut connection, schema, statement, request, within);
    // The lock of the head and the copy may take as long as a statement each.
    let answer = timeout(2 * within, appending).await.unwrap_or_else(|_| {
        Err(Trouble::Lost(format!("the server has not answered for {} s", 2 * within.as_secs())))
    });
    let is_over = match &answer {
        Ok(Some(_)) => true,
        Ok(None) | Err(Trouble::Refused(_)) => connection.client.batch_execute("rollback").await.is_ok(),
        Err(_) => false,
    };
    if is_over {
        pool.give_back(connection);
    }
    drop(permit);
    answer
}

async fn copied(
    connection: &mut Connection,
    schema: &str,
    statement: &str,
    request: &Request,
    within: Duration,
) -> Result<Option<Vec<Row>>, Trouble> {
    let failed = |error: Error| Trouble::of(&error);
    connection.client.batch_execute("begin").await.map_err(failed)?;
    // All but the events and their tags.
    let columns = Columns::without_events(request);
    let answer = connection.query(statement, &columns.params(), within, usize::MAX).await?;
    let Some(Ok(Answer::Recorded { first, versions })) = answer.first().map(read) else { return Ok(None) };
    let copy = format!("copy {schema}.events ({COLUMNS}) from stdin (format binary)");
    let mut sink = pin!(connection.client.copy_in(&copy).await.map_err(failed)?);
    let mut rows = Rows(BEGIN.to_vec());
    for place in 0..request.len() {
        rows.add(request, place, first, &versions);
        if rows.0.len() >= CHUNK {
            let chunk = std::mem::replace(&mut rows.0, Vec::with_capacity(CHUNK + CHUNK / 4));
            sink.send(Cursor::new(chunk)).await.map_err(failed)?;
        }
    }
    rows.0.extend((-1_i16).to_be_bytes());
    sink.send(Cursor::new(rows.0)).await.map_err(failed)?;
    sink.finish().await.map_err(failed)?;
    let of_entries = request.tags.iter().zip(first..).filter_map(|(tags, at)| Some((tags.as_deref()?, at)));
    let (tags, positions): (Vec<&str>, Vec<i64>) =
        of_entries.flat_map(|(tags, at)| tags.split('\n').map(move |tag| (tag, at))).unzip();
    if !tags.is_empty() {
        let rows = "select * from unnest($1::text[], $2::bigint[]) on conflict do nothing";
        let insert = format!("insert into {schema}.tags (tag, position) {rows}");
        connection.query(&insert, &[&tags, &positions], within, usize::MAX).await?;
    }
    connection.client.batch_execute("commit").await.map_err(failed)?;
    Ok(Some(answer))
}

/// How a copy in binary form begins: its signature, no flags, no further header.
const BEGIN: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Sent at once, and held in memory.
const CHUNK: usize = 64 << 10;

/// Rows in the binary form of a copy: how many fields, then each with its length.
struct Rows(Vec<u8>);

impl Rows {
    fn add(&mut self, request: &Request, place: usize, first: i64, versions: &[i64]) {
        let Some(write) = request.batch.writes().get(place) else { return };
        let (of_stream, step) = request.steps[place];
        let (event_type, schema, data) = request.content(place, write);
        let stream = write.stream();
        let version = versions.get(of_stream).copied().unwrap_or(0) + number(step);
        self.0.extend(14_i16.to_be_bytes());
        self.number(first + place as i64);
        self.text(Some(stream.as_str()));
        self.text(Some(stream.category()));
        self.number(version);
        self.text(Some(event_type));
        self.number(schema);
        self.number(request.recorded_at.as_second());
        self.field(Some(&request.recorded_at.subsec_nanosecond().to_be_bytes()));
        self.text(Some(request.ids[place].as_str()));
        self.tags(request.tags[place].as_deref());
        self.text(request.metas[place].as_deref());
        self.text(data);
        self.number(first);
        self.number(number(request.len() as u64));
    }

    /// A field is shorter than a batch, whose length was checked.
    fn field(&mut self, bytes: Option<&[u8]>) {
        let length = bytes.map_or(-1, |bytes| bytes.len() as i32);
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes.unwrap_or_default());
    }

    fn number(&mut self, number: i64) {
        self.field(Some(&number.to_be_bytes()));
    }

    fn text(&mut self, text: Option<&str>) {
        self.field(text.map(str::as_bytes));
    }

    /// An array of texts: one dimension, no nulls, the type of its elements; how many, counted from 1.
    fn tags(&mut self, tags: Option<&str>) {
        let Some(tags) = tags else { return self.field(None) };
        let mut array = Rows(Vec::new());
        let count = tags.split('\n').count() as i32;
        for number in [1, 0, Type::TEXT.oid() as i32, count, 1] {
            array.0.extend(number.to_be_bytes());
        }
        tags.split('\n').for_each(|tag| array.text(Some(tag)));
        self.field(Some(&array.0));
    }
}
