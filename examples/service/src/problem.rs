//! What goes wrong, as the web says it: problem details (RFC 9457).

use crate::account::Rejection;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leftfold::message;
use leftfold::page::with_sources;
use leftfold::recorded::InvalidText;
use leftfold::runtime::HandleError;
use leftfold::store::AppendError;
use serde::Serialize;
use std::error::Error;

/// An answer that is not what was asked for.
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    #[serde(serialize_with = "number")]
    pub status: StatusCode,
    /// The rejection of the model, with its fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
}

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    pub fn new(status: StatusCode, title: impl Into<String>) -> Problem {
        Problem { kind: "about:blank".to_string(), title: title.into(), status, rejection: None }
    }

    /// The request cannot be understood.
    pub fn bad_request(why: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, why)
    }

    /// Too much is going on: the client is to try later.
    pub fn busy() -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too much is going on at the moment; try again")
    }

    /// The store cannot be reached, and nothing was recorded: the client is to try later.
    pub fn unavailable(error: &dyn Error) -> Problem {
        eprintln!("{}", with_sources(error));
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "nothing can be recorded at the moment; try again")
    }

    /// An error that is no business of the client: the operator reads it, with all that it comes from.
    pub fn unexpected(error: &dyn Error) -> Problem {
        eprintln!("{}", with_sources(error));
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here")
    }
}

impl From<HandleError<Rejection>> for Problem {
    fn from(error: HandleError<Rejection>) -> Problem {
        match error {
            HandleError::Rejected(rejection) => {
                let kind = message::name(&rejection)
                    .map_or("about:blank".to_string(), |name| format!("/problems/{}", name.leaf()));
                let title = message::phrase(&rejection).to_string();
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Problem { kind, title, status, rejection: Some(rejection) }
            }
            HandleError::Changed { version, .. } => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                format!("somebody else has written since; the account is at version {version}"),
            ),
            HandleError::Contended { .. } => Problem::busy(),
            HandleError::IdTaken { .. } => {
                Problem::new(StatusCode::CONFLICT, "this Idempotency-Key belongs to another account")
            }
            HandleError::Deleted { .. } => Problem::new(StatusCode::GONE, "this account was deleted"),
            HandleError::Named(why) => why.into(),
            HandleError::Append(why) if matches!(*why, AppendError::Unavailable { .. }) => {
                Problem::unavailable(&why)
            }
            other => Problem::unexpected(&other),
        }
    }
}

impl From<InvalidText> for Problem {
    fn from(why: InvalidText) -> Problem {
        Problem::bad_request(why.to_string())
    }
}

impl From<JsonRejection> for Problem {
    fn from(why: JsonRejection) -> Problem {
        Problem::bad_request(why.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
