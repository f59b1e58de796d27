//! What goes wrong, as problem details (RFC 9457).

use crate::business::report;
use crate::model::contract::ContractRejection;
use crate::service::NoAnswer;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leftfold::recorded::InvalidText;
use leftfold::runtime::{Cause, HandleError};
use leftfold::store::{AppendError, ReadError};
use serde::Serialize;
use serde_json::{Map, Value};
use std::error::Error;

/// An answer that is not what was asked for.
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    status: u16,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    pub fn new(status: StatusCode, title: impl Into<String>) -> Problem {
        let (status, more) = (status.as_u16(), Map::new());
        Problem { kind: "about:blank", title: title.into(), status, more }
    }

    /// With a name that a page distinguishes it by.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Problem {
        Problem { kind, ..self }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Problem {
        // What is shown here has names as its keys.
        self.more.insert(name.to_string(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    /// The request cannot be understood.
    pub fn bad_request(why: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, why)
    }

    pub fn not_found(what: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, what)
    }

    /// Too much is going on: the client is to try later.
    pub fn busy() -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too much is going on at the moment; try again")
    }

    /// An error that is no business of the client: the operator reads it, with all that it comes from.
    pub fn unexpected(error: &(dyn Error + 'static)) -> Problem {
        report("a request failed", error);
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong here; its reason is where the server was started",
        )
    }

    /// The same, where the log may be what is away: then it is worth to try again, also with a command, which has an id.
    fn from_within(error: &(dyn Error + 'static)) -> Problem {
        if !is_log_away(error) {
            return Problem::unexpected(error);
        }
        report("the log cannot be reached", error);
        let title = "the log cannot be reached at the moment; try again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, title).kind("log-away")
    }

    /// The model says no.
    pub fn rejected(rejection: &ContractRejection) -> Problem {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.to_string());
        problem.kind("rejected").with("rejection", rejection)
    }
}

fn is_log_away(error: &(dyn Error + 'static)) -> bool {
    let mut errors = std::iter::successors(Some(error), |&error| error.source());
    errors.any(|error| {
        matches!(error.downcast_ref(), Some(AppendError::Unavailable { .. } | AppendError::Unknown { .. }))
            || matches!(error.downcast_ref(), Some(ReadError::Storage { .. }))
    })
}

impl From<HandleError<ContractRejection>> for Problem {
    fn from(error: HandleError<ContractRejection>) -> Problem {
        match error {
            HandleError::Rejected(rejection) => Problem::rejected(&rejection),
            HandleError::Contended { .. } => Problem::busy(),
            HandleError::IdTaken { .. } => Problem::new(
                StatusCode::CONFLICT,
                "this Idempotency-Key belongs to a command for another contract",
            )
            .kind("key-taken"),
            HandleError::Named(why) => why.into(),
            HandleError::Append(error) => Problem::from_within(&*error),
            HandleError::Read(error) => Problem::from_within(&error),
            other => Problem::unexpected(&other),
        }
    }
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Problem {
        match why {
            NoAnswer::Busy => Problem::busy(),
            NoAnswer::Panicked(error) => Problem::unexpected(&error),
        }
    }
}

impl From<Cause> for Problem {
    fn from(error: Cause) -> Problem {
        Problem::from_within(&*error)
    }
}

impl From<InvalidText> for Problem {
    fn from(why: InvalidText) -> Problem {
        Problem::bad_request(why.to_string())
    }
}

impl From<JsonRejection> for Problem {
    fn from(why: JsonRejection) -> Problem {
        Problem::new(why.status(), why.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(why: QueryRejection) -> Problem {
        Problem::new(why.status(), why.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Problem {
        Problem::not_found("the number in this address is none: numbers go from 0 to 4294967295")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
