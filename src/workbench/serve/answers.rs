//! Who is answered, and with what.

use super::files;
use super::http::{Head, Request, Response};
use crate::desk::Desk;
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

const JSON: &str = "application/json";

/// What the server says.
pub(super) struct Answers {
    desk: Desk,
    /// The names under which a browser of this machine knows this server.
    hosts: [String; 2],
    /// The name of this run of the program, by which the page sees that it was started again.
    run: String,
}

impl Answers {
    pub(super) fn of(desk: Desk, port: u16) -> Answers {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Answers {
            desk,
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            run: format!("{}-{}", process::id(), since.as_nanos()),
        }
    }

    /// Whether a request is answered. A page of another origin can send requests to this machine, under a name of its own as well: those
    /// carry a host that is not this one, or an origin.
    pub(super) fn may_come(&self, head: &Head) -> Result<(), Response> {
        let forbidden = |sentence: &str| Err(Response::refusal(403, sentence));
        match head.header("Host")? {
            Some(host) if self.hosts.iter().any(|known| known == host) => {}
            _ => return forbidden("this server answers to 127.0.0.1 and localhost alone"),
        }
        match head.header("Origin")? {
            None => {}
            Some(origin) if self.hosts.iter().any(|known| *origin == format!("http://{known}")) => {}
            Some(_) => return forbidden("this server answers to its own page alone"),
        }
        match (&*head.method, &*head.path) {
            ("POST", "/ask") => {
                let kind = head.header("Content-Type")?.unwrap_or_default();
                let kind = kind.split(';').next().unwrap_or_default().trim();
                // A form of another page cannot send this type, and needs no permission to send others.
                match kind.eq_ignore_ascii_case(JSON) {
                    true => Ok(()),
                    false => Err(Response::refusal(415, "a question is sent as application/json")),
                }
            }
            (_, "/ask") => Err(Response::refusal(405, "a question is sent with POST")),
            ("GET", _) => Ok(()),
            _ => Err(Response::refusal(405, "the page is read with GET")),
        }
    }

    pub(super) fn answer(&self, asked: Request) -> Response {
        match &*asked.head.path {
            "/ask" => match String::from_utf8(asked.body) {
                Ok(question) => Response::of(JSON, self.desk.answer(&question)),
                Err(_) => Response::refusal(400, "a question is text in UTF-8"),
            },
            "/alive" => Response::of("text/plain; charset=utf-8", &*self.run),
            path => match files::file(path) {
                Some((kind, text)) => Response::of(kind, text),
                None => Response::refusal(404, "there is nothing at this path; the page is at /"),
            },
        }
    }
}
