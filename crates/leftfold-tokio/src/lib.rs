//! Stores of leftfold in an async program: calls that a future waits for, and feeds as streams.

mod calls;
mod feed;
mod shared_feed;

pub use calls::{Async, ShuttingDown};
pub use feed::Feed;
pub use shared_feed::SharedFeed;
