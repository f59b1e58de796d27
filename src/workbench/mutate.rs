//! Prints the scenarios that a model lacks, by changing its rules.

use super::texts::Output;
use crate::model::{Model, Modelled, missing_as_text};

#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum MutationFormat {
    /// A page for people
    Text,
    /// The report as JSON
    Json,
    /// The missing scenarios in Gherkin
    Gherkin,
    /// The missing scenarios as Rust code
    Rust,
}

pub(super) fn mutate<D: Modelled>(model: &Model<D>, format: MutationFormat) -> Output {
    let Some(report) = model.mutate() else {
        let text = "nothing to mutate: the model does not say `.alphabet(…)` and `.mutated()`\n";
        return Output::failed(text.to_string());
    };
    let text = match format {
        MutationFormat::Text => report.to_string(),
        MutationFormat::Json => model.mutation_json(&report),
        MutationFormat::Gherkin => missing_as_text(&report),
        MutationFormat::Rust => report.missing.iter().map(|missing| missing.code.as_str()).collect(),
    };
    let errors = match (&report.fault, format) {
        (Some(_), MutationFormat::Gherkin | MutationFormat::Rust) => report.to_string(),
        _ => String::new(),
    };
    Output { text, errors, exit: u8::from(!model.is_mutated_well(&report)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Mutable, MutationReport};
    use crate::decider::{Decider, decider};
    use crate::spec::Scenario;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Command {
        SwitchOn,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        WentOn,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Rejection {
        AlreadyOn,
    }

    fn lamp() -> Model<
        impl Modelled + Mutable + Decider<Command = Command, Event = Event, Rejection = Rejection, State = bool>,
    > {
        let lamp = decider(
            || false,
            |_: &Command, on: &bool| if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) },
            |_, _: &Event| true,
        );
        Model::new("lamp", lamp)
            .scenarios([Scenario::named("it goes on").when(Command::SwitchOn).then([Event::WentOn])])
            .alphabet(|_| [Command::SwitchOn])
    }

    #[test]
    fn what_is_missing_is_printed_in_each_form_and_ends_the_program_with_one() {
        let model = lamp().mutated();
        let page = mutate(&model, MutationFormat::Text);
        assert_eq!(page.exit, 1);
        assert!(page.text.contains("unnoticed skip WentOn\n"), "{}", page.text);
        let text = mutate(&model, MutationFormat::Gherkin).text;
        assert!(text.starts_with("Feature: lamp\n\n  Scenario: after SwitchOn, "), "{text}");
        assert!(
            mutate(&model, MutationFormat::Rust).text.contains(".then_rejected(Rejection::AlreadyOn),\n")
        );
        let json = mutate(&model, MutationFormat::Json).text;
        let read: MutationReport<Command, Event, Rejection> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, model.mutate().unwrap());
    }

    #[test]
    fn nothing_missing_and_nothing_to_mutate_are_told_apart() {
        let model = lamp().mutated();
        let report = model.mutate().unwrap();
        let scenario = report.missing[0].scenario(model.decider());
        assert_eq!(mutate(&model.scenarios([scenario]), MutationFormat::Text).exit, 0);
        let allowed =
            lamp().mutated().unnoticed_mutants(["accept SwitchOn, although AlreadyOn", "skip WentOn"]);
        assert_eq!(mutate(&allowed, MutationFormat::Rust).exit, 0);
        let nothing = mutate(&lamp(), MutationFormat::Text);
        assert_eq!(nothing.exit, 1);
        assert!(nothing.text.starts_with("nothing to mutate: "), "{}", nothing.text);
    }

    #[cfg(feature = "text")]
    #[test]
    fn scenarios_in_texts_notice_mutants_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lamp.feature");
        let text = "Feature: lamp\n  Scenario: once\n    Given went on\n    When switch on\n    Then it is refused: already on\n";
        std::fs::write(&file, text).unwrap();
        assert_eq!(mutate(&lamp().mutated().scenarios_in(&file), MutationFormat::Text).exit, 0);
    }
}
