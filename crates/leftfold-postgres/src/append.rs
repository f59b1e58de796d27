//! The appender of a handle: all batches that wait at the same time go to the database in one call.

use crate::connections::{Pool, Trouble};
use crate::request::{Answer, Columns, Request, answer};
use leftfold::codec::CodecError;
use leftfold::store::{AppendError, Write};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

const DOING: &str = "appending to PostgreSQL";

/// Takes requests until all senders are gone.
pub(crate) async fn append_all(
    pool: Arc<Pool>,
    schema: String,
    most: usize,
    mut requests: UnboundedReceiver<Request>,
) {
    let statement = Columns::statement(&schema);
    let mut next = None;
    loop {
        let Some(first) = (match next.take() {
            Some(left) => Some(left),
            None => requests.recv().await,
        }) else {
            return;
        };
        let mut entries = first.len();
        let mut group = vec![first];
        while let Ok(more) = requests.try_recv() {
            entries += more.len();
            if entries > most {
                next = Some(more);
                break;
            }
            group.push(more);
        }
        commit(&pool, &statement, group).await;
    }
}

/// Sends a group until its outcome is known. If the server refuses the call, each request is sent alone.
async fn commit(pool: &Pool, statement: &str, group: Vec<Request>) {
    let mut sent = false;
    match call(pool, statement, &group, &mut sent).await {
        Ok(rows) => answer_each(group, &rows),
        Err(Trouble::Refused(_)) if group.len() > 1 => {
            for request in group {
                let alone = vec![request];
                match call(pool, statement, &alone, &mut sent).await {
                    Ok(rows) => answer_each(alone, &rows),
                    Err(trouble) => fail(alone, &trouble, sent),
                }
            }
        }
        Err(trouble) => fail(group, &trouble, sent),
    }
}

/// `sent` says whether an earlier call may have recorded the group; its ids are looked for then.
async fn call(pool: &Pool, statement: &str, group: &[Request], sent: &mut bool) -> Result<Vec<Row>, Trouble> {
    let mut patience = pool.patience();
    let mut look = *sent;
    loop {
        let trouble = match pool.query(statement, &Columns::of(group, look).params()).await {
            Ok(rows) => return Ok(rows),
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

fn read(row: &Row) -> Result<Answer, tokio_postgres::Error> {
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
