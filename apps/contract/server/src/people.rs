//! Who asks: an honest stand-in for signing in. Anybody may say who they are; nobody can forge what they said.

use crate::problem::Problem;
use crate::service::Service;
use crate::taken::Body;
use crate::writers::PARTS;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum_extra::extract::SignedCookieJar;
use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use leftfold::page::printable;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use tempfile::{NamedTempFile, PersistError};

const COOKIE: &str = "session";
/// A header in which a page says whom it shows as signed in. All windows of a browser share one session, so it may be another one.
const WHO_THE_PAGE_SHOWS: &str = "person";
const LONGEST_NAME: usize = 80;
const KEY: &str = "session.key";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    AccountManager,
    Supervisor,
    CustomerService,
}

impl Role {
    /// As in JSON.
    fn name(self) -> &'static str {
        match self {
            Role::AccountManager => "account-manager",
            Role::Supervisor => "supervisor",
            Role::CustomerService => "customer-service",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Role::AccountManager => "an account manager",
            Role::Supervisor => "a supervisor",
            Role::CustomerService => "the customer service",
        }
    }
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub role: Role,
    pub name: String,
}

impl Person {
    /// Lets those of these roles through.
    pub fn must_be(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.contains(&self.role) {
            return Ok(());
        }
        let allowed: Vec<&str> = roles.iter().map(|role| role.said()).collect();
        Err(Problem::new(StatusCode::FORBIDDEN, format!("this is for {} to do", allowed.join(" or "))))
    }

    /// As a page writes this person in a header: `encodeURIComponent("supervisor/Zoë")` in JavaScript.
    fn in_a_header(&self) -> String {
        let mut written = String::new();
        for byte in format!("{}/{}", self.role.name(), self.name).bytes() {
            match byte {
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                    written.push(char::from(byte));
                }
                byte if byte.is_ascii_alphanumeric() => written.push(char::from(byte)),
                byte => written.push_str(&format!("%{byte:02X}")),
            }
        }
        written
    }
}

impl FromRequestParts<Service> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Person, Problem> {
        let jar = jar(parts, service).await;
        let person = jar.get(COOKIE).and_then(|cookie| serde_json::from_str::<Person>(cookie.value()).ok());
        let person = person
            .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "sign in first").kind("signed-out"))?;
        match parts.headers.get(WHO_THE_PAGE_SHOWS) {
            Some(shown) if *shown != *person.in_a_header() => {
                let title =
                    format!("{} is signed in now, in another window; load this page again", person.name);
                Err(Problem::new(StatusCode::CONFLICT, title).kind("another-person"))
            }
            _ => Ok(person),
        }
    }
}

async fn jar(parts: &mut Parts, service: &Service) -> SignedCookieJar {
    let Ok(jar) = SignedCookieJar::<Key>::from_request_parts(parts, service).await;
    jar
}

/// `POST /api/sign-in`.
pub async fn sign_in(
    jar: SignedCookieJar,
    Body(person): Body<Person>,
) -> Result<(SignedCookieJar, Json<Person>), Problem> {
    let name = person.name.trim().to_string();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || printable(&name) != name {
        let why = format!("a name has 1 to {LONGEST_NAME} letters, all of them visible");
        return Err(Problem::bad_request(why));
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    if PARTS.iter().any(|part| part.eq_ignore_ascii_case(&words.join(" "))) {
        let why = format!("{name:?} is a part of the system; sign in with a name of your own");
        return Err(Problem::bad_request(why).kind("name-of-a-part"));
    }
    let person = Person { name, ..person };
    let said = serde_json::to_string(&person).map_err(|error| Problem::unexpected(&error))?;
    let cookie = Cookie::build((COOKIE, said)).path("/").http_only(true).same_site(SameSite::Strict);
    Ok((jar.add(cookie), Json(person)))
}

/// `POST /api/sign-out`.
pub async fn sign_out(jar: SignedCookieJar) -> (SignedCookieJar, StatusCode) {
    (jar.remove(Cookie::build(COOKIE).path("/")), StatusCode::NO_CONTENT)
}

/// `GET /api/me`.
pub async fn me(person: Person, State(service): State<Service>) -> Result<Json<Value>, Problem> {
    let customers = service.business()?.index().0.len();
    let Person { role, name } = person;
    Ok(Json(json!({ "role": role, "name": name, "model": service.page().model(), "customers": customers })))
}

/// The key that signs what people said, for the servers that share this folder; made the first time. Only its owner may read it.
pub fn key(folder: &Path) -> io::Result<Key> {
    let place = folder.join(KEY);
    match fs::read(&place) {
        Ok(bytes) => Key::try_from(&*bytes).map_err(|_| {
            io::Error::other(format!(
                "{}: this is no key; delete it, and everybody signs in again",
                place.display()
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = Key::try_generate()
                .ok_or_else(|| io::Error::other("the system gives no random bytes for a key"))?;
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(made.master())?;
            file.as_file().sync_all()?;
            match file.persist_noclobber(place) {
                // Another server has made one in the same moment.
                Err(PersistError { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => {
                    key(folder)
                }
                kept => kept.map(|_| made).map_err(|error| error.error),
            }
        }
        Err(error) => Err(error),
    }
}
