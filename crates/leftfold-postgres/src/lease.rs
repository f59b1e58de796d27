//! Leases: of several programs on one database, one at a time does what must not be done twice at the same time.

use crate::connections::{Connection, Trouble};
use crate::store::Postgres;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_postgres::SimpleQueryMessage;

/// The bounds that a lease can have.
const BOUNDS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(24 * 60 * 60);
const LONGEST_NAME: usize = 40;

/// Why a lease was not made, taken, renewed or given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// A name or a bound that a lease cannot have.
    #[error("a lease cannot have {what}")]
    Setting {
        /// Which, in words.
        what: String,
    },
    /// The server cannot be reached, or did not answer in time.
    #[error("lease {name} was not {tried}: {why}")]
    Unavailable {
        /// The lease.
        name: String,
        /// "renewed" or "given back".
        tried: &'static str,
        /// What the server or the system says.
        why: String,
    },
}

/// A lease: of several handles, in this program and in others, at most one holds it at a time.
///
/// The holder calls [`hold`](Lease::hold) about three times within the bound, and works as long as it
/// [is held](Lease::is_held). When it ends, is stopped or is cut off, another handle that asks takes it over: at once where the
/// connection is closed, and otherwise when the bound is over, which is measured from the last renewal.
///
/// A lease is a session of its own with an advisory lock (`pg_try_advisory_lock`; the key is `hashtextextended` of the schema and
/// the name), which the server ends after the bound (`idle_session_timeout`). Nothing is written. It does not work through a
/// pooler that gives a session away between two statements, such as pgbouncer in transaction mode. After a start of the server,
/// nobody has a lease before the bound is over: it does not know who had one before. A replica that is promoted does not know it
/// either, and does not wait; nor does a server that has ended all sessions because one of its processes crashed. After those, a holder
/// that is cut off at the same time may hold the lease beside another until its bound is over.
///
/// The holder counts from before its renewal was sent, and the server from when it has come, both on clocks that are never
/// set and never compared. What a lease cannot do is to stop a holder in the midst of a step: a program that is suspended just after
/// it asked `is_held`, or whose machine sleeps, does that step late. So steps are right only if they may be done late, such as a
/// command that is given under an id.
///
/// ```no_run
/// use leftfold_postgres::Postgres;
/// use std::time::Duration;
///
/// let store = Postgres::open("postgres://shop@localhost/shop")?;
/// let mut lease = store.lease("letters", Duration::from_secs(15))?;
/// loop {
///     match lease.hold() {
///         Ok(true) => { /* run what one program runs, for a third of the bound */ }
///         Ok(false) => { /* another program does: do nothing */ }
///         Err(error) => eprintln!("{error}"),
///     }
///     std::thread::sleep(Duration::from_secs(5));
/// #   break;
/// }
/// lease.release()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a lease is held by nobody before `hold`"]
pub struct Lease {
    // Ends first: its connection is one of the store's thread.
    session: Option<Session>,
    store: Postgres,
    name: String,
    bound: Duration,
}

struct Session {
    connection: Arc<Connection>,
    held_until: Option<Instant>,
    /// Whether the last statement was answered in time.
    answers: bool,
}

impl Session {
    fn is_held(&self) -> bool {
        self.held_until.is_some_and(|until| Instant::now() < until) && !self.connection.client.is_closed()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("name", &self.name)
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}

impl Postgres {
    /// A lease of this log, not held yet. Handles of one name exclude each other, wherever they are; all of them should have
    /// the same bound, some seconds or more. A name has at most 40 letters of ASCII, digits, `-` and `_`; a bound is between
    /// 100 ms and a day.
    ///
    /// # Errors
    /// [`LeaseError::Setting`] for another name or bound. The server is not asked yet.
    pub fn lease(&self, name: &str, bound: Duration) -> Result<Lease, LeaseError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            let what = format!(
                "the name {name:?}: one has 1 to {LONGEST_NAME} letters of ASCII, digits, `-` and `_`"
            );
            return Err(LeaseError::Setting { what });
        }
        if !BOUNDS.contains(&bound) {
            let what = format!("a bound of {bound:?}: one is between 100 ms and a day");
            return Err(LeaseError::Setting { what });
        }
        Ok(Lease { session: None, store: self.clone(), name: name.into(), bound })
    }
}

impl Lease {
    /// Takes the lease or renews it: with `true`, it is held for almost the bound, from the moment this call began. `false`:
    /// another handle holds it. To be called about three times within the bound, by the holder and by those who wait.
    ///
    /// One round trip; it takes at most the bound. `true` after a pause does not say that nobody had it in between.
    ///
    /// # Errors
    /// [`LeaseError::Unavailable`] when the server cannot be reached: what was held before is held until its bound is over.
    pub fn hold(&mut self) -> Result<bool, LeaseError> {
        let began = Instant::now();
        // A session that does not answer is ended only when the lease is not held any more: with it, another could take it.
        self.session.take_if(|session| {
            session.connection.client.is_closed() || !(session.answers || session.is_held())
        });
        let had_one = self.session.is_some();
        let mut taken = self.ask();
        // The server has ended it meanwhile.
        if had_one && self.session.is_none() {
            taken = self.ask();
        }
        let taken = taken.map_err(|trouble| self.unavailable("renewed", trouble.why()))?;
        if let Some(session) = &mut self.session {
            // Clocks do not tick quite alike: a hundredth is left.
            session.held_until = taken.then(|| began + self.bound * 99 / 100);
        }
        Ok(self.is_held())
    }

    /// Whether the lease is held by this handle; asks nobody.
    pub fn is_held(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_held)
    }

    /// Gives the lease back, so that another takes it at once. Dropping it does the same a moment later.
    ///
    /// # Errors
    /// [`LeaseError::Unavailable`] when the server does not answer: others can take it when the bound is over.
    pub fn release(mut self) -> Result<(), LeaseError> {
        let Some(session) = self.session.take() else { return Ok(()) };
        let (connection, within) = (session.connection.clone(), self.bound / 3);
        let given_back = self.store.driver().run(async move {
            let unlock = connection.client.batch_execute("select pg_advisory_unlock_all()");
            let done = timeout(within, unlock).await.map_err(|_| unanswered(within))?;
            done.map_err(|error| Trouble::of(&error))
        });
        match given_back {
            // With the session, the lock is gone.
            Err(_) if session.connection.client.is_closed() => Ok(()),
            given_back => given_back.map_err(|trouble| self.unavailable("given back", trouble.why())),
        }
    }

    fn unavailable(&self, tried: &'static str, why: String) -> LeaseError {
        LeaseError::Unavailable { name: self.name.clone(), tried, why }
    }

    /// Asks for the lock, which renews a session that has it. Without a session at the end, the server has ended it.
    fn ask(&mut self) -> Result<bool, Trouble> {
        let (within, milliseconds) = (self.bound / 3, self.bound.as_millis());
        let connection = match &self.session {
            Some(session) => session.connection.clone(),
            None => Arc::new(self.connect(within)?),
        };
        let statement = format!(
            "select pg_try_advisory_lock(hashtextextended('leftfold lease {} {}', 0)) and clock_timestamp() not between \
             pg_postmaster_start_time() and pg_postmaster_start_time() + interval '{milliseconds} milliseconds'",
            self.store.schema(),
            self.name
        );
        let asked = connection.clone();
        let asking = async move { Ok(timeout(within, asked.client.simple_query(&statement)).await) };
        let answer = self.store.driver().run(asking)?;
        let new = Session { connection, held_until: None, answers: true };
        let session = self.session.get_or_insert(new);
        session.answers = answer.is_ok();
        match answer {
            Ok(Ok(messages)) => Ok(messages
                .iter()
                .any(|message| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("t")))),
            Ok(Err(error)) => {
                let trouble = Trouble::of(&error);
                self.session.take_if(|_| !matches!(trouble, Trouble::Refused(_)));
                Err(trouble)
            }
            Err(_) => Err(unanswered(within)),
        }
    }

    fn connect(&self, within: Duration) -> Result<Connection, Trouble> {
        let (pool, name, bound) = (self.store.pool().clone(), self.name.clone(), self.bound.as_millis());
        let connecting = async move {
            let connection = pool.connect(|_| {}).await?;
            let set_up = format!(
                "set application_name = 'leftfold lease {name}'; set statement_timeout = {}; \
                 set idle_session_timeout = {bound}",
                within.as_millis()
            );
            connection.client.batch_execute(&set_up).await.map_err(|error| Trouble::of(&error))?;
            Ok(connection)
        };
        let connecting =
            async move { timeout(within, connecting).await.unwrap_or_else(|_| Err(unanswered(within))) };
        self.store.driver().run(connecting)
    }
}

fn unanswered(within: Duration) -> Trouble {
    Trouble::Lost(format!("the server has not answered for {within:?}"))
}
