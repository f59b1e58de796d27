//! Models that are explored, as files for other programs: machines and covering suites.

use super::texts::Output;
use crate::check::Covering;
use crate::model::{Model, Modelled, NodeLabels};
use crate::page::printable_lines;
use crate::spec::Specification;
use std::fmt::Display;

#[derive(clap::Args)]
pub(super) struct MachineTask {
    /// Print the smallest machine that answers every story alike
    #[arg(long)]
    quotient: bool,
    /// Label each node with its state as JSON, and not with what the model calls it
    #[arg(long)]
    states: bool,
}

#[derive(clap::Args)]
pub(super) struct SuiteTask {
    /// What the stories cover
    #[arg(long, value_enum, default_value_t = Covered::Cells)]
    covering: Covered,
    /// Make few long stories instead of a short one for each thing to cover
    #[arg(long)]
    chained: bool,
    /// How to write them
    #[arg(long, value_enum, default_value_t = SuiteForm::Gherkin)]
    format: SuiteForm,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Covered {
    /// Every command with every outcome, in every class of states
    Cells,
    /// Every command in every state
    Steps,
    /// Every two cells that can follow each other
    Pairs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum SuiteForm {
    Gherkin,
    Markdown,
    /// Scenarios as code
    Rust,
    /// Fixtures for programs in any language
    Json,
}

fn not_explored() -> Output {
    Output::failed("there is no machine: the model does not say `.explored(…)`\n".to_string())
}

fn refused(why: impl Display) -> Output {
    Output::failed(format!("{}\n", printable_lines(&why.to_string())))
}

impl MachineTask {
    pub(super) fn run<D: Modelled>(&self, model: &Model<D>) -> Output {
        let labels = if self.states { NodeLabels::States } else { NodeLabels::OfModel };
        match model.labelled_machine(labels) {
            None => not_explored(),
            Some(Err(why)) => refused(why),
            Some(Ok(machine)) if self.quotient => Output::fine(machine.quotient().to_json()),
            Some(Ok(machine)) => Output::fine(machine.to_json()),
        }
    }
}

impl SuiteTask {
    /// The suite on standard output; what it covers, and its notes, as errors.
    pub(super) fn run<D: Modelled>(&self, model: &Model<D>) -> Output {
        let covering = match self.covering {
            Covered::Cells => Covering::Cells,
            Covered::Steps => Covering::Steps,
            Covered::Pairs => Covering::Pairs,
        };
        let suite = match model.suite(covering, self.chained) {
            None => return not_explored(),
            Some(Err(why)) => return refused(why),
            Some(Ok(suite)) => suite,
        };
        let document = || {
            let words = model.specification().in_words().clone();
            let specification: Specification<D> = suite.specification();
            specification.words(words).document(model.name())
        };
        let text = match self.format {
            SuiteForm::Gherkin => document().to_gherkin(),
            SuiteForm::Markdown => document().to_markdown(),
            SuiteForm::Rust => suite.code(),
            SuiteForm::Json => match model.suite_json(&suite) {
                None => return not_explored(),
                Some(Err(why)) => return refused(why),
                Some(Ok(text)) => text,
            },
        };
        Output { text, errors: suite.to_string(), exit: 0 }
    }
}
