//! What there is to a model: its messages and their shapes, its scenarios and what comes of them, its properties and laws.

use super::OnDesk;
use super::messages::{Said, json};
use crate::codec::schema::shape_in_order;
use crate::message::{self, Message};
use crate::model::{Model, ReportVerdict};
use crate::spec::panics::caught;
use crate::spec::{Coverage, Scenario};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The answer to `about`.
#[derive(Serialize)]
pub(super) struct About {
    name: String,
    commands: Messages,
    events: Messages,
    rejections: Messages,
    /// The scenarios of the decider, in order; those of texts as well.
    scenarios: Vec<OneScenario>,
    /// The names of its properties, in order.
    properties: Vec<String>,
    laws: Vec<String>,
    /// What the scenarios touch of the messages, and of the commands in each class of states.
    coverage: Coverage,
    /// Whether every scenario holds.
    holds: bool,
    /// Whether a log is open beside the model.
    log: bool,
}

/// The messages of one kind.
#[derive(Serialize)]
struct Messages {
    /// All names, in order of declaration.
    names: Vec<String>,
    /// The shape of the type, as the schema lock writes it; null where it cannot be found.
    shape: Box<RawValue>,
}

#[derive(Serialize)]
struct OneScenario {
    name: String,
    verdict: ReportVerdict,
    labels: Vec<String>,
    /// The failure, if it fails.
    story: Option<String>,
    /// What has happened before: events, each as JSON in a text.
    given: Vec<String>,
    /// The commands in question.
    commands: Vec<Said>,
}

pub(super) fn about<D: OnDesk>(model: &Model<D>, log: bool) -> About {
    let specification = model.whole_specification();
    let scenarios: Vec<OneScenario> =
        specification.of_decider().iter().map(|scenario| one_scenario(model, scenario)).collect();
    About {
        name: model.name().to_string(),
        commands: messages::<D::Command>(),
        events: messages::<D::Event>(),
        rejections: messages::<D::Rejection>(),
        holds: scenarios.iter().all(|scenario| scenario.verdict != ReportVerdict::Fails),
        scenarios,
        properties: model.properties_declared().iter().map(|property| property.name().to_string()).collect(),
        coverage: specification.coverage(model.decider()),
        laws: model.laws_checked().map(str::to_string).collect(),
        log,
    }
}

fn messages<M: Message + DeserializeOwned>() -> Messages {
    let names = message::names::<M>().unwrap_or_default();
    let shape = shape_in_order::<M>().and_then(|shape| RawValue::from_string(shape).ok());
    Messages {
        names: names.iter().map(ToString::to_string).collect(),
        shape: shape.unwrap_or_else(|| json(&())),
    }
}

fn one_scenario<D: OnDesk>(model: &Model<D>, scenario: &Scenario<D>) -> OneScenario {
    let (decider, words) = (model.decider(), model.specification().in_words());
    let failure = scenario.saying_in(words).run(decider).err();
    let verdict = match &failure {
        _ if scenario.is_question() => ReportVerdict::Open,
        None => ReportVerdict::Holds,
        Some(_) => ReportVerdict::Fails,
    };
    // What panics here has failed above.
    let given = caught(|| scenario.events_given(decider)).unwrap_or_default();
    OneScenario {
        name: scenario.name().to_string(),
        verdict,
        labels: scenario.labels().to_vec(),
        story: failure.map(|failure| failure.to_string()),
        given: Said::all(&given, words).into_iter().map(Said::into_json).collect(),
        commands: scenario.commands_in_question().map(|command| Said::of(command, words)).collect(),
    }
}
