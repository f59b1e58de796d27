//! Temporal patterns: what happened in time, described as a value and compiled to a fold.
//!
//! Who has changed their name within five minutes of registering?
//!
//! ```
//! use leftfold::Fold;
//! use leftfold::pattern::{Observed, Pattern, PatternError, SignedDuration};
//! use leftfold::recorded::Timestamp;
//!
//! #[derive(Clone, Debug)]
//! enum Event {
//!     UserRegistered { user: u64 },
//!     UsernameChanged { user: u64, name: &'static str },
//! }
//!
//! impl Event {
//!     fn user(&self) -> Option<u64> {
//!         match self {
//!             Event::UserRegistered { user } | Event::UsernameChanged { user, .. } => Some(*user),
//!         }
//!     }
//! }
//!
//! let soon = SignedDuration::from_mins(5);
//! let changed_soon = Pattern::named("changed soon")
//!     .start("registered", |event| matches!(event, Event::UserRegistered { .. }))
//!     .followed_by("changed", |event| matches!(event, Event::UsernameChanged { .. }))
//!     .within(soon)
//!     .partition_by(Event::user)
//!     .compile()?;
//!
//! let minute = |minutes: i64, event| Observed::event(Timestamp::from_second(60 * minutes).unwrap(), event);
//! let history = [
//!     minute(0, Event::UserRegistered { user: 1 }),
//!     minute(0, Event::UserRegistered { user: 2 }),
//!     minute(5, Event::UsernameChanged { user: 1, name: "petra" }),
//!     minute(7, Event::UsernameChanged { user: 2, name: "alex" }),
//! ];
//! let found = changed_soon.collecting().fold(&history);
//! let users: Vec<u64> = found.matches()?.iter().map(|found| found.key).collect();
//! assert_eq!(users, [1], "the change after exactly five minutes is in, the one after seven is not");
//!
//! let changed = found.matches()?[0].captures.first("changed").unwrap();
//! assert!(matches!(changed.event, Event::UsernameChanged { name: "petra", .. }));
//! # Ok::<(), PatternError>(())
//! ```
//!
//! | to | look at |
//! |---|---|
//! | say what happens, in which order, and what does not | [`Pattern`]: `next`, `followed_by`, `followed_by_any`, `not_followed_by`, `times`, `within`, `partition_by` |
//! | fold a history, a live log, or a stream of events and of time that passes | [`Matcher`] over [`Observed`] values; [`Observer`] takes events by reference |
//! | run over the events of a store, with the domain's own time | [`Observer::timed_by`] |
//! | run over recorded events, with the time at which they were recorded | [`Observer::recorded`] |
//! | read the matches | [`Matching::latest`]; for all matches of the past, [`Matcher::collecting`] and [`CollectedMatches::matches`] |
//! | conclude that something did not happen | [`Observer::advance_to`], or [`Observed::Time`] |
//! | choose between matches that share events | [`Skip`] |
//!
//! A matcher is a view like any other: you specify it with [`given_view`](crate::given_view) and zip it with other views. Its state is
//! data: store it, read it back, and go on from there.

mod captures;
mod collecting;
mod describe;
mod error;
mod matcher;
mod observed;
mod program;
mod state;
mod vocabulary;
mod words;

pub use captures::{Capture, Captures, Match, TimedOut};
pub use collecting::{CollectedMatches, CollectingMatcher};
pub use describe::{DEFAULT_BOUND, NamedPattern, Pattern};
pub use error::PatternError;
pub use jiff::SignedDuration;
pub use matcher::Matcher;
pub use observed::{Observed, Observer, OnRecorded, TimedBy};
pub use state::Matching;
pub use vocabulary::{Late, Skip};
