//! The appender of a handle: all batches that wait at the same time go to the database in one call.

use crate::connections::{Pool, Trouble};
use crate::copying;
use crate::request::{Answer, Columns, MOST_BYTES, Request, answer};
use leftfold::codec::CodecError;
use leftfold::store::{AppendError, Write};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

const DOING: &str = "appending to PostgreSQL";

/// Where batches go: the schema, and the call of its function.
struct Tables {
    schema: String,
    append: String,
}

/// Takes requests until all senders are gone.
pub(crate) async fn append_all(
    pool: Arc<Pool>,
    schema: String,
    most: usize,
    mut requests: UnboundedReceiver<Request>,
) {
    let tables = Tables { append: Columns::statement(&schema), schema };
    let mut next = None;
    loop {
        let Some(first) = (match next.take() {
            Some(left) => Some(left),
            None => requests.recv().await,
        }) else {
            return;
        };
        let group;
        (group, next) = group_of(first, &mut requests, most, MOST_BYTES);
        commit(&pool, &tables, group).await;
    }
}

/// The requests that wait, as many as go into one call; and the next one, if it does not.
fn group_of(
    first: Request,
    waiting: &mut UnboundedReceiver<Request>,
    most: usize,
    most_bytes: u64,
) -> (Vec<Request>, Option<Request>) {
    let (mut entries, mut bytes) = (first.len(), first.bytes());
    let mut group = vec![first];
    while let Ok(more) = waiting.try_recv() {
        entries += more.len();
        bytes += more.bytes();
        if entries > most || bytes > most_bytes {
            return (group, Some(more));
        }
        group.push(more);
    }
    (group, None)
}

/// Sends a group until its outcome is known. If the server refuses the call, each request is sent alone.
async fn commit(pool: &Pool, tables: &Tables, group: Vec<Request>) {
    let mut sent = false;
    match call(pool, tables, &group, &mut sent).await {
        Ok(rows) => answer_each(group, &rows),
        Err(Trouble::Refused(_)) if group.len() > 1 => {
            for request in group {
                let alone = vec![request];
                match call(pool, tables, &alone, &mut sent).await {
                    Ok(rows) => answer_each(alone, &rows),
                    Err(trouble) => fail(alone, &trouble, sent),
                }
            }
        }
        Err(trouble) => fail(group, &trouble, sent),
    }
}

/// `sent` says whether an earlier call may have recorded the group; its ids are looked for then.
async fn call(pool: &Pool, tables: &Tables, group: &[Request], sent: &mut bool) -> Result<Vec<Row>, Trouble> {
    let mut patience = pool.patience();
    let mut look = *sent;
    let mut large = group.first().filter(|large| group.len() == 1 && large.len() >= copying::LARGE);
    loop {
        let answer = match large.take().filter(|_| !look) {
            Some(large) => copying::append(pool, &tables.schema, &tables.append, large).await,
            None => pool.query(&tables.append, &Columns::of(group, look).params()).await.map(Some),
        };
        let trouble = match answer {
            Ok(Some(rows)) => return Ok(rows),
            Ok(None) => continue,
            Err(trouble) => trouble,
        };
        let again = match &trouble {
            Trouble::Unreached(_) => *sent,
            Trouble::Lost(_) => {
                *sent = true;
                true
            }
            // An id is recorded already, or twice in the group.
            Trouble::Refused(error) if *error.code() == SqlState::UNIQUE_VIOLATION && !look => {
                look = true;
                continue;
            }
            Trouble::TooMany(_) => false,
            Trouble::Refused(error) => {
                [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(error.code())
            }
        };
        look = *sent;
        if !again || !patience.again().await {
            return Err(trouble);
        }
    }
}

fn answer_each(group: Vec<Request>, rows: &[Row]) {
    let mut rows = rows.iter();
    for request in group {
        let outcome = match rows.next().map(read) {
            Some(Ok(outcome)) => outcome,
            Some(Err(why)) => Answer::Error(unknown(&request, why.to_string())),
            None => Answer::Error(unknown(&request, "the server answered too few batches".into())),
        };
        answer(request, outcome);
    }
}

pub(crate) fn read(row: &Row) -> Result<Answer, tokio_postgres::Error> {
    let place = || Ok(usize::try_from(row.try_get::<_, i32>(1)?).unwrap_or(0));
    let first = row.try_get(2)?;
    Ok(match row.try_get::<_, i32>(0)? {
        0 => Answer::Recorded { first, versions: row.try_get(3)? },
        1 => {
            let found = row.try_get::<_, Option<String>>(5)?.zip(row.try_get(6)?);
            Answer::Failed {
                place: place()?,
                first,
                was_deleted: row.try_get(4)?,
                found,
                head: row.try_get(7)?,
            }
        }
        _ => Answer::Known { place: place()?.saturating_sub(1), position: first },
    })
}

pub(crate) fn unknown(request: &Request, why: String) -> AppendError {
    AppendError::Unknown { doing: DOING.into(), ids: request.ids.clone(), why }
}

fn fail(group: Vec<Request>, trouble: &Trouble, sent: bool) {
    for request in group {
        // What the server refuses after it has looked for the ids is not recorded; what ended before is not known.
        let judged = matches!(trouble, Trouble::Refused(error) if *error.code() != SqlState::QUERY_CANCELED);
        let error = match trouble {
            Trouble::Refused(_) if !sent || judged => refused(&request, trouble),
            Trouble::Unreached(why) if !sent => {
                AppendError::Unavailable { doing: DOING.into(), why: why.clone() }
            }
            _ => unknown(&request, trouble.why()),
        };
        answer(request, Answer::Error(error));
    }
}

fn refused(request: &Request, trouble: &Trouble) -> AppendError {
    let why = trouble.why();
    let code = trouble.code().map_or("", SqlState::code);
    match code {
        "53100" => AppendError::DiskFull { doing: DOING.into(), source: io::Error::other(why) },
        "54000" | "54001" | "22P02" | "22P05" => {
            let types = request.batch.writes().iter().filter_map(|write| match write {
                Write::Event(_, new) => Some(new.event.event_type.to_string()),
                _ => None,
            });
            let why = format!("PostgreSQL does not take it as JSON: {why}");
            AppendError::Unwritable(CodecError::Unwritable { event_type: first_of(types), why })
        }
        _ => AppendError::Unavailable { doing: DOING.into(), why },
    }
}

/// The type of the events if it is one, or all of them.
fn first_of(types: impl Iterator<Item = String>) -> String {
    let mut types: Vec<String> = types.collect();
    types.sort_unstable();
    types.dedup();
    types.truncate(8);
    types.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leftfold::codec::RawEvent;
    use leftfold::recorded::{EventId, StreamName, Timestamp};
    use leftfold::store::Batch;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn a_group_has_as_many_entries_and_bytes_as_go_into_one_call() {
        let request = || {
            let event = RawEvent::new("Noted", &format!("\"{}\"", "a".repeat(10_000))).unwrap();
            let batch = Batch::to(&StreamName::new("a-1").unwrap()).event(event);
            let id = || Ok(EventId::new("a").unwrap());
            Request::new(batch, Timestamp::now(), id, std::sync::mpsc::sync_channel(1).0).unwrap()
        };
        let bytes = request().bytes();
        for (most, most_bytes, together) in
            [(9, u64::MAX, 5), (3, u64::MAX, 3), (9, 2 * bytes, 2), (9, 2 * bytes - 1, 1), (9, 1, 1)]
        {
            let (sender, mut waiting) = unbounded_channel();
            (0..4).for_each(|_| sender.send(request()).unwrap());
            let (group, next) = group_of(request(), &mut waiting, most, most_bytes);
            assert_eq!((group.len(), next.is_some()), (together, together < 5), "{most} {most_bytes}");
        }
    }
}
