//! What is taken from a request; what cannot be taken is a problem like all others.

use crate::problem::Problem;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use leftfold::recorded::{Position, Version};
use serde::Deserialize;

/// A body in JSON.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Problem))]
pub struct Body<T>(pub T);

/// What is after the `?`.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub struct Asked<T>(pub T);

/// The number in the path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub struct Number<T>(pub T);

/// Which position an answer must have seen.
#[derive(Deserialize)]
pub struct After {
    pub after: Option<Position>,
}

/// A version as an entity tag: `"3"`.
pub fn tag_of(version: Version) -> (HeaderName, HeaderValue) {
    let tag = HeaderValue::try_from(format!("\"{version}\""));
    (header::ETAG, tag.unwrap_or_else(|_| unreachable!("digits and quotes can stand in a header")))
}

/// The version that whoever asks has seen.
pub fn if_match(headers: &HeaderMap) -> Result<Version, Problem> {
    let tag = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok());
    let number = tag.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
    let version = number.and_then(|number| number.parse().ok());
    version
        .ok_or_else(|| Problem::bad_request(r#"If-Match is needed: the version that was seen, such as "3""#))
}

/// A header that is needed, as a text.
pub fn needed<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Problem> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    value.ok_or_else(|| Problem::bad_request(format!("the header {name} is needed, as a plain text")))
}
