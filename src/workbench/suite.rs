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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Machine, Suite};
    use crate::decider::{Decider, decider};
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Command {
        SwitchOn,
        SwitchOff,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        WentOn,
        WentOff,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Rejection {
        AlreadySo,
    }

    fn lamp() -> Model<impl Modelled + Decider<Command = Command, Event = Event, Rejection = Rejection>> {
        let lamp = decider(
            || (false, 0u8),
            |command: &Command, (on, _): &(bool, u8)| match (command, on) {
                (Command::SwitchOn, false) => Ok(vec![Event::WentOn]),
                (Command::SwitchOff, true) => Ok(vec![Event::WentOff]),
                _ => Err(Rejection::AlreadySo),
            },
            // What it counts decides nothing.
            |(_, times), event: &Event| (*event == Event::WentOn, (times + 1) % 3),
        );
        Model::new("lamp", lamp)
            .alphabet(|_| [Command::SwitchOn, Command::SwitchOff])
            .label(|(on, _)| if *on { "on" } else { "off" })
            .explored(100)
    }

    fn machine(quotient: bool, states: bool) -> Output {
        MachineTask { quotient, states }.run(&lamp())
    }

    fn suite(covering: Covered, chained: bool, format: SuiteForm) -> Output {
        SuiteTask { covering, chained, format }.run(&lamp())
    }

    #[test]
    fn the_machine_is_printed_as_its_file_with_labels_or_states() {
        type OfLamp = Machine<Command, Event, Rejection>;
        let read = |output: Output| OfLamp::from_json(&output.text).unwrap();
        let whole = read(machine(false, false));
        assert_eq!((whole.name(), whole.nodes().len()), ("lamp", 6));
        let label =
            |machine: &OfLamp, at: usize| machine.label(machine.nodes().nth(at).unwrap()).map(str::to_string);
        assert_eq!(label(&whole, 1).as_deref(), Some("on"));
        let quotient = read(machine(true, false));
        assert_eq!((quotient.nodes().len(), label(&quotient, 0).as_deref()), (2, Some("off")));
        assert_eq!(label(&read(machine(false, true)), 1).as_deref(), Some("[true,1]"));
    }

    #[test]
    fn a_suite_is_printed_in_each_form_and_says_what_it_covers_beside_it() {
        let gherkin = suite(Covered::Cells, false, SuiteForm::Gherkin);
        assert_eq!(
            (gherkin.errors.as_str(), gherkin.exit),
            ("suite     covers 4 cells in 4 stories of 6 steps\n", 0)
        );
        assert!(gherkin.text.contains("Scenario: on: SwitchOn is refused, AlreadySo"), "{}", gherkin.text);
        let markdown = suite(Covered::Cells, false, SuiteForm::Markdown);
        assert!(markdown.text.contains("- **When** switch on"), "{}", markdown.text);
        let rust = suite(Covered::Pairs, false, SuiteForm::Rust);
        assert!(
            rust.text.contains("    .and_when(Command::SwitchOff)\n    .then([\n        Event::WentOff,"),
            "{}",
            rust.text
        );
        let json = suite(Covered::Steps, true, SuiteForm::Json);
        let fixtures: Suite<Command, Event, Rejection> = serde_json::from_str(&json.text).unwrap();
        assert_eq!((fixtures.covered, fixtures.covering, fixtures.chained), (12, Covering::Steps, true));
    }

    #[test]
    fn a_model_that_is_not_explored_is_no_machine() {
        let counter = decider(
            || 0u8,
            |_: &Command, _: &u8| Ok::<_, Rejection>(vec![Event::WentOn]),
            |sum: u8, _: &Event| sum,
        );
        let model = Model::new("counter", counter);
        let machine = MachineTask { quotient: false, states: false }.run(&model);
        assert_eq!(machine.exit, 1);
        assert_eq!(machine.text, "there is no machine: the model does not say `.explored(…)`\n");
        let suite =
            SuiteTask { covering: Covered::Cells, chained: false, format: SuiteForm::Json }.run(&model);
        assert_eq!((suite.exit, suite.text), (1, machine.text));
    }
}
