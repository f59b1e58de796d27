//! The models of the page: two of the examples, and one that goes wrong.

#![allow(dead_code, reason = "the models are shared with the examples, which use more of them")]

mod faulty;

// Their folders.
#[path = "../../examples"]
mod examples {
    #[path = "account/model.rs"]
    pub mod account;
    #[path = "contract"]
    pub mod contract {
        pub mod model;
    }
}

use examples::{account, contract};
use leftfold::Desk;

/// Everything that the page can ask.
pub fn desk() -> Desk {
    account::model().desk().and(contract::model::model().desk()).and(faulty::model().desk())
}
