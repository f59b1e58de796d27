//! What every request and every answer goes through: who may speak to us at all, how much, how slowly, and of which model.

use crate::problem::Problem;
use crate::service::Service;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use tokio::time::timeout;
use tokio_stream::StreamExt;

/// No body is longer, but that of an import.
const LONGEST_BODY: usize = 1 << 20;
/// A body that is a little too long is heard to its end: a client that is cut off while it speaks does not read why.
const LONGEST_HEARD: usize = 8 << 20;

const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names under which this server may be spoken to. A page of somebody else whose name was made to point here has another.
#[derive(Clone, Debug)]
pub struct Hosts([String; 2]);

impl Hosts {
    pub fn of(address: SocketAddr) -> Hosts {
        Hosts([address.to_string(), format!("localhost:{}", address.port())])
    }

    fn know(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Lets only pages of this server through.
    fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let said = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
        // What lies between could have read the other one.
        let is_one = headers.get_all(header::HOST).iter().count() == 1;
        if !is_one || !said(header::HOST).is_some_and(|host| self.know(host)) {
            let title = format!("this server is {}, and no other", self.0.join(" or "));
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, title).kind("another-host"));
        }
        let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| self.know(host));
        match said(header::ORIGIN) {
            Some(origin) if !own(origin) => {
                let title = "this request comes from a page of somebody else";
                Err(Problem::new(StatusCode::FORBIDDEN, title).kind("another-origin"))
            }
            _ => Ok(()),
        }
    }
}

/// Checks where a request comes from, and adds what is said to every browser.
pub async fn guard(State(service): State<Service>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = match service.hosts().check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses a page that was loaded with another model: it would judge by other rules.
pub async fn of_this_model(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let own = service.page().model();
    match request.headers().get("model") {
        Some(model) if model != own => {
            let title = "the rules have changed since this page was loaded; load it again";
            Err(Problem::new(StatusCode::CONFLICT, title).kind("another-model").with("model", own))
        }
        _ => Ok(next.run(request).await),
    }
}

/// Takes the whole body before anything is done: it may be neither too long nor too slow.
pub async fn whole_body(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let too_long = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "a request has at most 1,048,576 bytes");
    let said: Option<usize> =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse().ok());
    if said.is_some_and(|said| said > LONGEST_HEARD) {
        return Err(too_long());
    }
    let taken = async {
        let (mut stream, mut taken, mut heard) = (body.into_data_stream(), Vec::new(), 0);
        while let Some(part) = stream.next().await {
            let part = part.map_err(|_| Problem::bad_request("the request ended in the middle"))?;
            heard += part.len();
            if heard > LONGEST_HEARD {
                break;
            }
            if heard <= LONGEST_BODY {
                taken.extend_from_slice(&part);
            }
        }
        if heard > LONGEST_BODY { Err(too_long()) } else { Ok(taken) }
    };
    match timeout(service.limits().slowest_body, taken).await {
        Ok(taken) => Ok(next.run(Request::from_parts(parts, Body::from(taken?))).await),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the request came too slowly")),
    }
}
