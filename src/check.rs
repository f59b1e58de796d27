//! Checks: what a machine can find out about a model.
//!
//! | check | what it does |
//! |---|---|
//! | [`explore`](explore()) | visits every state that a model can reach, and finds the shortest history to each violation |
//! | [`walks`](walks()) | takes random walks through models that are too large to explore |
//! | [`laws`](laws()) | checks what holds of every sound model, such as determinism |
//! | [`drive`](drive()) | compares a model with a real implementation |
//! | [`compare`](compare()) | finds every kind of difference between two models, with the shortest story to each |
//! | [`mutate`] | finds the rules that a specification would not miss, and the scenarios that are missing |
//! | [`conform`](conform()) | replays real histories through a decider and reports what the model refuses |
//! | [`suite`](suite()) | writes stories that take every kind of step, for any implementation of the model |
//! | [`gaps`](gaps()) | compares a specification with real histories: what is lived and in no scenario, and the reverse |
//!
//! [`Machine`] is an explored model as a value, to be compared, kept in a file and read without the model's code.
//!
//! With the feature `xes`, `CaseLog` reads real histories from the event logs of other programs.

#[cfg(feature = "xes")]
pub mod case_log;
mod command_source;
pub mod compare;
pub mod conform;
mod counterexample;
mod coverage;
pub mod drive;
pub mod explore;
pub mod gaps;
mod graph;
mod json;
pub mod laws;
pub mod machine;
pub mod mutate;
mod property;
mod random;
mod scenario_code;
mod sequence_chart;
mod shrink;
mod stable_hasher;
mod story;
mod story_in_words;
pub mod suite;
mod walk_rules;
pub mod walks;

#[cfg(feature = "xes")]
pub use case_log::{CaseLog, CaseLogError, LoggedCase, LoggedCases, LoggedEvent};
pub use compare::{
    Compare, ComparedAnswer, ComparedExtent, ComparedHistories, ModelComparison, ModelDifference, compare,
    compare_histories,
};
pub use conform::{Conform, Conformance, LivedEvent, conform, conform_log};
pub use counterexample::{Counterexample, OtherValues, Shortest};
pub use coverage::{SpaceCell, SpaceCoverage};
pub use drive::{Driven, drive};
pub use explore::{
    Exploration, ExplorationBound, ExplorationVerdict, Explore, Progress, PropertyAnswer, PropertyFinding,
    Unfit, explore,
};
pub use gaps::{GapSearch, Gaps, gaps};
pub use graph::{Edge, Graph, NamedOutcome};
pub use laws::{Law, LawReport, laws};
pub use machine::{
    Machine, MachineAnswer, MachineError, MachineFileError, MachineNode, MachineRejection, NodeMark,
};
pub use mutate::{
    MissingScenario, Mutable, Mutant, MutantFate, MutantKind, MutantResult, Mutating, MutationReport,
    MutationReportOf, RedundantScenario,
};
pub(crate) use property::Demand;
pub use property::{Property, Step};
pub use sequence_chart::{Arrival, ChartRow, SequenceChart};
pub use story::Story;
pub use story_in_words::{AnswerInWords, StepInWords, StoryInWords};
pub use suite::{Covering, Suite, SuiteSetting, SuiteStep, SuiteStory, suite};
pub use walk_rules::WalkedState;
#[cfg(feature = "proptest")]
pub use walks::histories;
pub use walks::{Walkable, Walking, Walks, walks};
