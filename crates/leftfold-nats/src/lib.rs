//! An event store for [`leftfold`] on NATS JetStream: a stream agrees upon the order of batches, and a copy in local files
//! answers reads.
//!
//! | to | look at |
//! |---|---|
//! | open a store | [`Nats`], [`NatsOptions`] |
//! | choose what reads see of others' appends | [`Freshness`] |
//! | let one of several programs run something | [`Nats::lease`], [`Lease`] |
//! | move a log into a stream, or out of one | [`import`], [`import_lines`], [`export`], and the program `leftfold-nats` |
//! | see why a store is not opened | [`OpenNatsError`] |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod copy_of;
mod error;
mod feed;
mod follow;
mod lease;
mod lines;
mod link;
mod message;
mod move_log;
mod options;
mod runtime;
mod store;
mod stream;

pub use error::OpenNatsError;
pub use lease::{Lease, LeaseError};
pub use lines::import_lines;
pub use move_log::{export, import};
pub use options::{Freshness, NatsOptions};
pub use store::Nats;
