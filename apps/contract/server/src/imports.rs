//! `POST /api/imports`: a file of customers, taken row by row; what becomes of it is said while it goes on.

use crate::intake::{Word, import};
use crate::people::{Person, Role};
use crate::problem::Problem;
use crate::service::Service;
use crate::taken::Asked;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leftfold::page::{printable, with_sources};
use serde::Deserialize;
use std::convert::Infallible;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// No export is longer.
const LONGEST: u64 = 64 << 20;
const LONGEST_NAME: usize = 200;

#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    name: String,
}

pub async fn imports(
    person: Person,
    State(service): State<Service>,
    Asked(Named { name }): Asked<Named>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    person.must_be(&[Role::CustomerService])?;
    let place = service.import().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "another import is under way; try again when it is done",
        )
    })?;
    let said: Option<u64> =
        headers.get(header::CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse().ok());
    if said.is_some_and(|said| said > LONGEST) {
        return Err(too_long());
    }
    let folder = service.business()?.data().folder().to_path_buf();
    let file = tempfile::tempfile_in(folder).map_err(|error| Problem::unexpected(&error))?;
    let whole = timeout(service.limits().slowest_import, kept(&service, file, body)).await;
    let file = whole.unwrap_or_else(|_| Err(too_slow()))?;
    let (say, words) = mpsc::unbounded_channel();
    let by = match printable(&name.chars().take(LONGEST_NAME).collect::<String>()) {
        name if name.is_empty() => person.name,
        name => format!("{}, from {name}", person.name),
    };
    let business = service.business()?;
    // It goes on when the page has gone: what was sent is taken.
    spawn_blocking(move || {
        let ended = import(&business, file, &by, |word| {
            let _ = say.send(word);
        });
        if let Err(error) = ended {
            let _ = say.send(Word::Stopped { stopped: with_sources(&*error) });
        }
        drop(business);
        drop(place);
    });
    let lines = UnboundedReceiverStream::new(words).map(|word| {
        let line = serde_json::to_string(&word).unwrap_or_default();
        Ok::<_, Infallible>(Bytes::from(line + "\n"))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

fn too_long() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "an export has at most 64 MiB; split it into several files")
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "the file came too slowly")
}

/// Keeps the body in a file without a name: only a whole one is imported.
async fn kept(service: &Service, file: File, body: Body) -> Result<File, Problem> {
    let unexpected = |error: std::io::Error| Problem::unexpected(&error);
    let mut file = tokio::fs::File::from_std(file);
    let (mut body, mut length) = (body.into_data_stream(), 0);
    loop {
        let part = match timeout(service.limits().slowest_body, body.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(part))) => part,
            Ok(Some(Err(_))) => return Err(Problem::bad_request("the file ended in the middle")),
            Err(_) => return Err(too_slow()),
        };
        length += part.len() as u64;
        if length > LONGEST {
            return Err(too_long());
        }
        file.write_all(&part).await.map_err(unexpected)?;
    }
    file.flush().await.map_err(unexpected)?;
    let mut file = file.into_std().await;
    file.seek(SeekFrom::Start(0)).map_err(unexpected)?;
    Ok(file)
}
