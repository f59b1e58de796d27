//! As much of HTTP/1.1 as a page needs, with a bound on everything that a client sends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// The longest body of a request, in bytes: a history of 100,000 events.
pub(super) const LONGEST_BODY: usize = 16 * 1024 * 1024;
/// How long a client may be silent.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_HEADERS: usize = 64;

/// What is sent to the client with each answer: nothing of it comes from elsewhere, runs elsewhere or is shown elsewhere.
const ALWAYS: &str = "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
Cross-Origin-Opener-Policy: same-origin\r\nCache-Control: no-store\r\n";

/// The head of a request.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// The value of a header; `Err` if there are two of them.
    pub(super) fn header(&self, name: &str) -> Result<Option<&str>, Response> {
        let mut values = self.headers.iter().filter(|(of, _)| of.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(|(_, value)| &**value)),
            _ => Err(Response::refusal(400, &format!("there are two headers {name}"))),
        }
    }

    fn body_length(&self) -> Result<usize, Response> {
        if self.header("Transfer-Encoding")?.is_some() {
            return Err(Response::refusal(411, "send the length of the body in Content-Length"));
        }
        let Some(length) = self.header("Content-Length")? else { return Ok(0) };
        let digits = !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit());
        match length.parse() {
            Ok(length) if digits && length <= LONGEST_BODY => Ok(length),
            _ if digits => Err(Response::refusal(413, "a question has at most 16 MiB")),
            _ => Err(Response::refusal(400, "Content-Length is no number")),
        }
    }

    fn ends(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("Connection") && value.to_ascii_lowercase().contains("close")
        })
    }
}

/// A request with its body.
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: Vec<u8>,
}

impl Response {
    pub(super) fn of(kind: &'static str, body: impl Into<Vec<u8>>) -> Response {
        Response { status: 200, kind, body: body.into() }
    }

    /// Says in a sentence why the request is refused.
    pub(super) fn refusal(status: u16, sentence: &str) -> Response {
        let body = format!("{sentence}\n").into();
        Response { status, kind: "text/plain; charset=utf-8", body }
    }

    fn write(&self, mut to: impl Write, ends: bool) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            411 => "Length Required",
            413 => "Content Too Large",
            415 => "Unsupported Media Type",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            _ => "Bad Request",
        };
        let connection = if ends { "close" } else { "keep-alive" };
        let mut text = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {connection}\r\n{ALWAYS}\r\n",
            self.status,
            self.kind,
            self.body.len()
        )
        .into_bytes();
        text.extend_from_slice(&self.body);
        to.write_all(&text)
    }
}

/// Answers the requests of a connection, one after another. `may_come` looks at the head before the body is read. After a refusal of either
/// kind the connection is closed, since the rest of the request is not read.
pub(super) fn converse(
    stream: &TcpStream,
    may_come: impl Fn(&Head) -> Result<(), Response>,
    answer: impl Fn(Request) -> Response,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut from = BufReader::new(stream);
    loop {
        let length = match read_head(&mut from)? {
            None => return Ok(()),
            Some(head) => head.and_then(|head| {
                may_come(&head)?;
                Ok((head.body_length()?, head))
            }),
        };
        let (length, head) = match length {
            Ok(read) => read,
            Err(refusal) => {
                refusal.write(stream, true)?;
                return linger(&mut from);
            }
        };
        let mut body = Vec::new();
        if from.by_ref().take(length as u64).read_to_end(&mut body)? < length {
            return Ok(());
        }
        let ends = head.ends();
        answer(Request { head, body }).write(stream, ends)?;
        if ends {
            return Ok(());
        }
    }
}

/// Tells a client that there are too many.
pub(super) fn turn_away(stream: TcpStream) {
    // It concerns that client alone.
    let _ = Response::refusal(503, "too many connections: try again").write(&stream, true);
}

/// Takes a little of what the client still sends, so that the refusal reaches it before the connection is reset.
fn linger(from: &mut impl Read) -> io::Result<()> {
    io::copy(&mut from.take(LONGEST_BODY as u64), &mut io::sink()).map(drop)
}

/// The next head; `None` at the end of the connection.
fn read_head(from: &mut impl BufRead) -> io::Result<Option<Result<Head, Response>>> {
    let mut bytes = Vec::new();
    loop {
        let room = LONGEST_HEAD - bytes.len();
        if room == 0 {
            return Ok(Some(Err(Response::refusal(431, "the head of the request is too long"))));
        }
        // Line by line, so that nothing of the body is taken.
        if from.take(room as u64).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        if bytes.ends_with(b"\r\n\r\n") || bytes.ends_with(b"\n\n") {
            return Ok(Some(parsed(&bytes)));
        }
    }
}

fn parsed(bytes: &[u8]) -> Result<Head, Response> {
    let wrong = || Response::refusal(400, "this is no request in HTTP/1.1");
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Response::refusal(431, "the request has too many headers"));
        }
        _ => return Err(wrong()),
    }
    let (Some(method), Some(target)) = (request.method, request.path) else { return Err(wrong()) };
    let path = target.split('?').next().unwrap_or_default();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = request.headers.iter().map(|header| (header.name.to_string(), text(header.value)));
    Ok(Head { method: method.to_string(), path: path.to_string(), headers: headers.collect() })
}
