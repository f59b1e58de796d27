//! Each scenario of a model as a test of its own, for `libtest-mimic`.

use super::{Model, Modelled, Report};
use crate::page::one_line;
use libtest_mimic::{Failed, Trial};
use std::collections::HashMap;
use std::sync::Arc;

impl<D: Modelled + 'static> Model<D> {
    /// Each scenario as a test of its own, that `cargo test` and `cargo nextest` list, filter and run: for
    /// `libtest_mimic::run`, in a test target with `harness = false`. Needs the feature `libtest-mimic`, and the crate of that name
    /// beside it: `cargo add leftfold --features libtest-mimic`, `cargo add --dev libtest-mimic`.
    ///
    /// A test is named `model::scenario`, or `model::part::scenario` for a view or a process manager; a name that comes up
    /// again gets a number. An open question is a test that is ignored. Properties and laws, if the model declares any,
    /// are one more test, `model::properties and laws`.
    ///
    /// ```no_run
    /// # use leftfold::{Decider, Fold, Model, Scenario};
    /// # use serde::{Deserialize, Serialize};
    /// # struct Lamp;
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
    /// # impl Fold for Lamp {
    /// #     type State = bool; type Event = Event;
    /// #     fn initial_state(&self) -> bool { false }
    /// #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
    /// # }
    /// # impl Decider for Lamp {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
    /// #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
    /// #     }
    /// # }
    /// fn model() -> Model<Lamp> {
    ///     Model::new("lamp", Lamp)
    ///         .scenarios([Scenario::named("a lamp goes on").when(Command::SwitchOn).then([Event::WentOn])])
    /// }
    ///
    /// // tests/scenarios.rs; in Cargo.toml:
    /// //   [[test]]
    /// //   name = "scenarios"
    /// //   harness = false
    /// fn main() {
    ///     let arguments = libtest_mimic::Arguments::from_args();
    ///     libtest_mimic::run(&arguments, model().trials()).exit();
    /// }
    /// ```
    pub fn trials(self) -> Vec<Trial> {
        #[cfg(feature = "text")]
        let (this, faults) = self.into_read();
        #[cfg(not(feature = "text"))]
        let this = self;
        let model = Arc::new(this);
        let mut times: HashMap<String, usize> = HashMap::new();
        let mut unique = |name: String| {
            let before = times.entry(name.clone()).or_default();
            *before += 1;
            if *before == 1 { name } else { format!("{name} ({before})") }
        };
        let of_model = one_line(model.name());
        let mut trials = Vec::new();
        for (place, case) in model.specification.cases(&model.decider).into_iter().enumerate() {
            let part = case.part.map(|part| format!("{}::", one_line(part))).unwrap_or_default();
            let name = unique(format!("{of_model}::{part}{}", one_line(case.name)));
            let shared = model.clone();
            let run = move || match shared.specification.cases(&shared.decider).swap_remove(place).run() {
                Ok(()) => Ok(()),
                Err(failure) => Err(Failed::from(failure)),
            };
            trials.push(Trial::test(name, run).with_ignored_flag(case.is_question));
        }
        // What is not understood in texts.
        #[cfg(feature = "text")]
        for fault in faults {
            let at = format!("{} {}", fault.place, fault.scenario.as_deref().unwrap_or("a text"));
            let name = unique(format!("{of_model}::{}", one_line(&at)));
            trials.push(Trial::test(name, move || Err(Failed::from(fault))));
        }
        if model.declared.is_checked() {
            let name = unique(format!("{of_model}::properties and laws"));
            trials.push(Trial::test(name, move || {
                let report = Report { model: model.name.clone(), sections: model.declared.sections(&model) };
                if report.holds() { Ok(()) } else { Err(Failed::from(report.stories())) }
            }));
        }
        trials
    }
}

#[cfg(test)]
mod tests {
    use crate::decider::decider;
    use crate::model::{Model, Modelled};
    use crate::spec::Scenario;
    use libtest_mimic::Arguments;
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

    fn lamp()
    -> Model<impl Modelled<State = bool, Command = Command, Event = Event, Rejection = Rejection> + 'static>
    {
        let lamp = decider(
            || false,
            |_: &Command, on: &bool| if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) },
            |_, _: &Event| true,
        );
        Model::new("lamp", lamp).scenarios([
            Scenario::named("it\n goes on").when(Command::SwitchOn).then([Event::WentOn]),
            Scenario::named("it goes on").when(Command::SwitchOn).then_nothing(),
            Scenario::open_question("Who pays?"),
        ])
    }

    #[test]
    fn each_scenario_has_a_name_of_its_own_and_questions_are_ignored() {
        let trials = lamp().trials();
        let names: Vec<(&str, bool)> =
            trials.iter().map(|trial| (trial.name(), trial.has_ignored_flag())).collect();
        assert_eq!(
            names,
            [("lamp::it goes on", false), ("lamp::it goes on (2)", false), ("lamp::Who pays?", true)]
        );
    }

    #[test]
    fn what_does_not_hold_fails_and_nothing_else() {
        let arguments = Arguments { quiet: true, ..Arguments::default() };
        let conclusion = libtest_mimic::run(&arguments, lamp().trials());
        assert_eq!((conclusion.num_passed, conclusion.num_failed, conclusion.num_ignored), (1, 1, 1));
    }

    #[test]
    fn properties_and_laws_are_one_more_test() {
        let broken = lamp()
            .alphabet(|_| [Command::SwitchOn])
            .properties([crate::check::Property::always("it is off", |on: &bool| !on)]);
        let trials = broken.walked(10).trials();
        let arguments = Arguments { quiet: true, filter: Some("properties".into()), ..Arguments::default() };
        assert_eq!(libtest_mimic::run(&arguments, trials).num_failed, 1);
    }
}
