//! The multistep form: each step judged by `decide`, on the state that the drafts of the earlier ones leave.

use super::question::{Draft, Drafts, Messages};
use super::speech::Speech;
use super::state::{standing, text, value, with};
use crate::model::contract::{Contract, ContractEvent, Negotiation, Stage};
use crate::model::form::{Answers, Field, Rule, Step, Validation, command, form, validate};
use leftfold::Fold;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const STEPS: [Step; 4] = [Step::Appointment, Step::SpecialConditions, Step::Decision, Step::Signing];

#[derive(Deserialize)]
pub struct Steps {
    history: Messages<ContractEvent>,
    /// One for each step that is not done, in their order. An answer that is there counts as filled in, even an empty one.
    #[serde(default)]
    drafts: Drafts,
}

#[derive(Deserialize)]
pub struct Judge {
    history: Messages<ContractEvent>,
    #[serde(default)]
    answers: Draft,
}

pub fn judge(question: &Judge, speech: Speech) -> Value {
    let contract = Negotiation.fold(&*question.history);
    let answers = &question.answers.0;
    let validation = validate(&contract, answers);
    let fields: Vec<Value> = validation
        .fields
        .iter()
        .map(|(name, wrong)| {
            let problem = wrong.as_ref().map(|wrong| speech.wrong(wrong));
            json!({ "name": name, "problem": problem })
        })
        .collect();
    with(outcome(&contract, answers, &validation, speech), json!({ "fields": fields }))
}

/// What would happen, and the command that would do it.
fn outcome(
    contract: &Contract,
    answers: &Answers,
    validation: &Validation,
    speech: Speech,
) -> Map<String, Value> {
    let command = command(contract, answers).ok();
    let outcome = match &validation.outcome {
        Ok(events) => json!({ "events": speech.messages(events) }),
        Err(hindrance) => json!({ "problem": speech.hindrance(hindrance) }),
    };
    Map::from_iter([
        ("outcome".to_string(), outcome),
        ("command".to_string(), command.as_ref().map(value).unwrap_or_default()),
        ("command_json".to_string(), command.as_ref().map(text).into()),
    ])
}

pub fn steps(question: &Steps, speech: Speech) -> Value {
    let contract = Negotiation.fold(&*question.history);
    let happened = happened(&question.history, speech);
    let open = Step::of(contract.stage);
    let mut drafts = question.drafts.0.iter();
    // The state on which the next step is judged, as long as every draft before it is accepted.
    let mut on = Some(contract.clone());
    let mut steps = Vec::new();
    for (step, said) in STEPS.into_iter().zip(happened) {
        let is_done = match open {
            Some(open) => step < open,
            None => !said.is_empty(),
        };
        let mut shown = Map::from_iter([
            ("step".to_string(), name(step).into()),
            ("title".to_string(), speech.step(step).into()),
            ("who".to_string(), who(step).into()),
            ("done".to_string(), said.into()),
        ]);
        if is_done {
            let nothing = json!({
                "standing": "done", "fields": [], "problems": 0, "outcome": null, "command": null, "command_json": null,
            });
            steps.push(with(shown, nothing));
            continue;
        }
        // An ended contract has no more steps, and a draft may end it.
        if open.is_none() || on.as_ref().is_some_and(|contract| contract.stage.has_ended()) {
            break;
        }
        let draft = drafts.next().cloned().unwrap_or_default().0;
        match on.take().filter(|contract| Step::of(contract.stage) == Some(step)) {
            Some(contract) => {
                let validation = validate(&contract, &draft);
                let fields = fields(&contract, &draft, Some(&validation), speech);
                let problems = validation.fields.iter().filter(|(_, wrong)| wrong.is_some()).count();
                let standing = if Some(step) == open { "open" } else { "next" };
                shown.extend(outcome(&contract, &draft, &validation, speech));
                shown.insert("standing".into(), standing.into());
                shown.insert("fields".into(), fields.into());
                shown.insert("problems".into(), problems.into());
                on = validation.outcome.ok().map(|events| Negotiation.fold_from(contract, &events));
            }
            None => {
                let problem =
                    speech.either(|| "the steps before it come first", || "zuerst kommen die Schritte davor");
                // Its fields follow from the stage that it would be in; nothing is judged.
                let contract = Contract { stage: begins_in(step), ..contract.clone() };
                shown.extend([
                    ("standing".to_string(), "waiting".into()),
                    ("fields".to_string(), fields(&contract, &draft, None, speech).into()),
                    ("problems".to_string(), 0.into()),
                    ("outcome".to_string(), json!({ "problem": problem })),
                    ("command".to_string(), Value::Null),
                    ("command_json".to_string(), Value::Null),
                ]);
            }
        }
        steps.push(Value::Object(shown));
    }
    with(standing(&contract, speech), json!({ "steps": steps }))
}

/// What has happened in each step.
fn happened(history: &[ContractEvent], speech: Speech) -> [Vec<String>; 4] {
    let mut happened: [Vec<String>; 4] = Default::default();
    let mut stage = Stage::New;
    for event in history {
        let step = match event {
            ContractEvent::AppointmentMade { .. } | ContractEvent::AppointmentMoved { .. } => {
                Step::Appointment
            }
            ContractEvent::SpecialConditionsRequested(_) => Step::SpecialConditions,
            ContractEvent::ConditionsAccepted { .. } | ContractEvent::ConditionsRejected { .. } => {
                Step::Decision
            }
            ContractEvent::NegotiationAbandoned { .. } => Step::of(stage).unwrap_or(Step::Signing),
            ContractEvent::SentToSigningService
            | ContractEvent::SigningStarted
            | ContractEvent::InternallySigned
            | ContractEvent::ExternallySigned
            | ContractEvent::ContractCompleted => Step::Signing,
        };
        stage = stage.after(event);
        for (of, said) in STEPS.iter().zip(&mut happened) {
            if *of == step {
                said.push(speech.message(event));
            }
        }
    }
    happened
}

/// The fields of a step with their answers, and what is wrong with them if they were judged; then what was filled in besides.
fn fields(
    contract: &Contract,
    answers: &Answers,
    validation: Option<&Validation>,
    speech: Speech,
) -> Vec<Value> {
    let wrong = |name: &str| {
        let judged = validation.into_iter().flat_map(|validation| &validation.fields);
        let wrong = judged.filter(|(of, _)| of == name).find_map(|(_, wrong)| wrong.as_ref());
        wrong.map(|wrong| speech.wrong(wrong))
    };
    let form = form(contract, answers);
    let strange = answers.iter().filter(|(name, _)| form.fields.iter().all(|field| field.name != **name));
    let strange = strange.map(|(name, answer)| {
        json!({
            "name": name, "label": name, "required": false, "type": "text", "instead": false, "strange": true,
            "answer": answer, "problem": wrong(name),
        })
    });
    let known = form.fields.iter().map(|field| {
        let (name, answer) = (field.name, &field.answer);
        let shown = json!({
            "name": name, "label": speech.label(field.label), "required": field.required,
            "instead": !field.required, "strange": false, "answer": answer, "problem": wrong(name),
        });
        with(rule(field, speech), shown)
    });
    known.chain(strange).collect()
}

fn rule(field: &Field, speech: Speech) -> Map<String, Value> {
    let rule = match &field.rule {
        Rule::Choice { of } => {
            let said = |choice: &_| speech.choice(*choice);
            let of: Vec<Value> =
                of.iter().map(|choice| json!({ "value": choice, "said": said(choice) })).collect();
            json!({ "type": "choice", "of": of })
        }
        rule => value(rule),
    };
    match rule {
        Value::Object(rule) => rule,
        _ => Map::new(),
    }
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Appointment => "appointment",
        Step::SpecialConditions => "special-conditions",
        Step::Decision => "decision",
        Step::Signing => "signing",
    }
}

fn who(step: Step) -> &'static str {
    match step {
        Step::Appointment | Step::SpecialConditions => "account-manager",
        Step::Decision => "supervisor",
        Step::Signing => "signing-service",
    }
}

fn begins_in(step: Step) -> Stage {
    match step {
        Step::Appointment => Stage::New,
        Step::SpecialConditions => Stage::Appointed,
        Step::Decision => Stage::Requested,
        Step::Signing => Stage::Accepted,
    }
}
