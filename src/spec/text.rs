//! Specifications that people write, in Gherkin or Markdown, read down to a tree of texts with their places.
//!
//! Nothing is understood here: which message a step stands for is for the reader of phrases to say. Both readers take any text, in
//! time and memory that grow with its length, and report all faults at once.

mod feature;
mod gherkin;
mod languages;
mod markdown;
mod near;
mod places;
mod row_names;
mod steps;
#[cfg(test)]
mod tests;

#[allow(unused_imports, reason = "what interprets these texts is still to come")]
pub(crate) use self::{
    feature::{
        FeatureText, Placed, RuleText, ScenarioText, StepArgument, StepKind, StepText, TextFault, TextPlace,
    },
    gherkin::gherkin,
    languages::{Language, StepWord, TitleWord},
    markdown::markdown,
};
