//! Specifications as values: given, when, then.
//!
//! There are two ways to write one. [`given`] asserts on the spot:
//!
//! ```
//! # use leftfold::{decider, Decider};
//! use leftfold::spec::given;
//!
//! # let counter = decider(
//! #     || 0u32,
//! #     |add: &u32, sum: &u32| if sum + add > 10 { Err("full") } else { Ok(vec![*add]) },
//! #     |sum, added: &u32| sum + added,
//! # );
//! given(counter, [4, 5]).when(2).then_rejected("full");
//! ```
//!
//! [`Scenario`] is the same as a value: it holds no decider and asserts nothing until you run it. So you can collect it in a
//! [`Specification`], list it as a test of its own, fork it, render it for domain experts, and run it against another decider of
//! the same messages.
//!
//! Views and process managers are specified with the same words: [`given_view`] and [`ViewScenario`], [`given_process`]
//! and [`ProcessScenario`].

#[cfg(feature = "workbench")]
mod accept;
#[cfg(feature = "text")]
mod answer;
mod coverage;
mod difference;
mod document;
mod event_model;
mod expect;
mod failure;
#[cfg(feature = "text")]
mod fault;
mod first_word;
#[cfg(feature = "text")]
mod from_text;
mod given;
mod label;
mod nan;
mod other_decider;
pub(crate) mod panics;
mod part;
mod place;
mod play;
mod process;
mod prose;
#[cfg(feature = "workbench")]
mod read_back;
#[cfg(feature = "text")]
mod reading;
mod scenario;
mod sentence;
mod slice_example;
mod specification;
#[cfg(feature = "text")]
mod text;
mod unlike;
mod view;
#[cfg(feature = "text")]
mod vocabulary;
#[cfg(feature = "text")]
mod vocabulary_of;
mod why;

#[cfg(feature = "workbench")]
pub(crate) use accept::{Answered, Unanswered};
pub use coverage::{Coverage, CoverageCell, MessageCount, OutcomeCount, class};
pub use document::{Chapter, ChapterKind, Document, Prose, ProseStep};
pub(crate) use event_model::MessageKind;
pub use event_model::{EventModel, MessageField, Slice, SliceKind, SliceMessage};
pub use failure::{Failure, HistoryLine, ScenarioAnswer, SourceLocation};
#[cfg(feature = "text")]
pub use fault::{SpecificationFault, SpecificationFaults};
pub(crate) use first_word::first_word;
#[cfg(feature = "text")]
pub(crate) use from_text::TextRead;
pub use given::{
    Given, GivenProcess, GivenView, GivenWhen, GivenWhenEvent, given, given_process, given_view,
};
pub(crate) use part::OwedCommand;
pub use part::ScenarioCase;
pub use process::{ProcessScenario, SpecifiedProcess, WhenEvent};
pub use scenario::{Scenario, ShownState, Specified, When};
pub use sentence::Sentence;
pub use slice_example::{ExampleMessage, SliceExample};
pub use specification::Specification;
pub use view::{SpecifiedView, ViewScenario};
#[cfg(feature = "text")]
pub use vocabulary::{PartVocabulary, Vocabulary};
pub(crate) use why::{Patience, explain, grounds};
pub use why::{Why, why};
