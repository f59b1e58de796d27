//! The schema lock: a file beside the model that says how every stored event looks, and a test that holds the model to it.
//!
//! A log outlives the code that wrote it. The lock remembers every shape that events of the model have had. The test makes
//! sample contents of each of them, with the extremes of numbers, every variant, and fields that are missing or null, and
//! reads them with the present codec and its upcasters. When one is not read, the test fails and names type and field.
//!
//! ```no_run
//! use leftfold::codec::Codec;
//! use leftfold::codec::schema::SchemaLock;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Serialize, Deserialize)] enum Event { Opened { owner: String } }
//!
//! #[test]
//! fn old_events_are_read() {
//!     SchemaLock::of(&Codec::<Event>::new().unwrap()).assert("tests/events.schema.json");
//! }
//! ```
//!
//! The test writes the file when there is none yet; commit it. `LEFTFOLD_SCHEMA=write cargo test` writes it again after a
//! change. It never writes over a change that does not read old events: declare a new schema and add an upcaster first.
//!
//! The lock sees what serde shows. Add an [`example`](SchemaLock::example) for types with `#[serde(flatten)]`, `tag` or
//! `untagged`, and for types whose checks no sample value passes. The lock does not see what a field *means*.

mod difference;
mod fields;
mod file;
mod json_schema;
mod lock;
mod probe;
mod sample;
mod shape;
mod shape_as_json;
mod shape_of_type;

pub(crate) use fields::fields_of;
pub use json_schema::json_schema;
pub use lock::{Break, LockError, LockStatus, SchemaLock};
pub(crate) use shape_as_json::{shape_as_json, shape_in_order};
