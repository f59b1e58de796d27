//! The past of a contract: every version, why a command has its answer, and what would have been.

use super::question::{Given, Messages};
use super::rebase::{name, outcome, verdict};
use super::speech::Speech;
use super::state::{Detail, details, standing, with};
use crate::model::contract::{Contract, ContractCommand, ContractEvent, Negotiation};
use crate::model::customer::CustomerNumber;
use leftfold::timeline::{Decision, DecisionOf, Timeline};
use leftfold::{Decider, Fold, spec};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub struct At {
    history: Messages<ContractEvent>,
    version: u64,
}

#[derive(Deserialize)]
pub struct WhatIf {
    history: Messages<ContractEvent>,
    /// The version that did not happen.
    without: Option<u64>,
    /// The version in whose place another command was given.
    replace: Option<u64>,
    with: Option<Given<ContractCommand>>,
}

#[derive(Deserialize)]
pub struct Why {
    history: Messages<ContractEvent>,
    command: Given<ContractCommand>,
}

pub fn at(question: &At, speech: Speech) -> Result<Value, String> {
    let version = checked(question.version, 0, &question.history, speech)?;
    let event = version.checked_sub(1).map(|before| &question.history[before]);
    let before = Negotiation.fold(&question.history[..version.saturating_sub(1)]);
    let after = event.map_or_else(Contract::default, |event| Negotiation.evolve(before.clone(), event));
    let answer = json!({
        "version": version, "of": question.history.len(),
        "event_said": event.map(|event| speech.message(event)),
        "changes": changes(&before, &after, speech),
    });
    Ok(with(standing(&after, speech), answer))
}

/// A version that the history has, counted from `least`.
fn checked(version: u64, least: usize, history: &[ContractEvent], speech: Speech) -> Result<usize, String> {
    let head = history.len();
    usize::try_from(version).ok().filter(|version| (least..=head).contains(version)).ok_or_else(|| {
        speech.either(
            || format!("there is no version {version}: this history has the versions {least} to {head}"),
            || format!("Version {version} gibt es nicht: diese Vorgeschichte hat die Versionen {least} bis {head}"),
        )
    })
}

fn changes(before: &Contract, after: &Contract, speech: Speech) -> Vec<Value> {
    let lines = |contract: &Contract| {
        let mut lines = vec![(Detail::Stage, speech.stage(contract.stage).to_string())];
        lines.extend(details(contract, speech));
        lines
    };
    let (before, after) = (lines(before), lines(after));
    let of = |lines: &[(Detail, String)], detail: Detail| {
        lines.iter().find(|(of, _)| *of == detail).map(|(_, value)| value.clone())
    };
    Detail::ALL
        .into_iter()
        .map(|detail| (detail, of(&before, detail), of(&after, detail)))
        .filter(|(_, before, after)| before != after)
        .map(|(detail, before, after)| {
            json!({ "label": speech.detail(detail), "before": before, "after": after })
        })
        .collect()
}

pub fn what_if(question: &WhatIf, speech: Speech) -> Result<Value, String> {
    let history = &*question.history;
    let (version, instead) = match (question.without, question.replace, &question.with) {
        (Some(version), None, None) => (version, None),
        (None, Some(version), Some(command)) => (version, Some(&command.0)),
        _ => {
            return Err(speech.either(
                || "say what is left out (`without`), or what is replaced and by which command (`replace`, `with`)".into(),
                || "was fällt weg (`without`), oder was wird wodurch ersetzt (`replace`, `with`)?".into(),
            ));
        }
    };
    let edited = checked(version, 1, history, speech)?;
    let life = Timeline::of(Negotiation).extend(history.iter().cloned());
    let mut given: Vec<DecisionOf<Negotiation>> = decisions(history);
    let left_out = given.remove(edited - 1);
    let mut edits = life.what_if().remove(version);
    let (replaced, now) = match instead {
        None => ("left-out", Ok(Vec::new())),
        Some(command) => {
            let now = life.decide_at(version - 1, command).map_err(|error| error.to_string())?;
            for event in now.iter().flatten() {
                edits = edits.insert(version - 1, event.clone());
            }
            (if now.is_ok() { "replaced" } else { "rejected" }, now)
        }
    };
    let told = edits.redecide(&given).map_err(|error| error.to_string())?;
    let mut answers: Vec<Value> = told
        .decisions
        .iter()
        .map(|again| {
            json!({
                "said": speech.message(&again.command),
                "verdict": name(again.verdict), "verdict_said": verdict(again.verdict, speech),
                "now": outcome(&again.now, speech),
            })
        })
        .collect();
    let replaced_said = match replaced {
        "left-out" => speech.either(|| "left out", || "entfällt"),
        "replaced" => speech.either(|| "replaced", || "ersetzt"),
        _ => speech.either(|| "rejected", || "abgelehnt"),
    };
    let edit = json!({
        "said": speech.message(instead.unwrap_or(&left_out.command)),
        "verdict": replaced, "verdict_said": replaced_said, "now": outcome(&now, speech),
    });
    answers.insert(edited - 1, edit);
    for (answer, version) in answers.iter_mut().zip(1u64..) {
        answer["version"] = version.into();
    }
    Ok(with(standing(&told.branch.head(), speech), json!({ "decisions": answers })))
}

/// Each event with the command that records it.
fn decisions(history: &[ContractEvent]) -> Vec<DecisionOf<Negotiation>> {
    let mut customer = None;
    let decided = history.iter().zip(0u64..).map(|(event, at)| {
        if let ContractEvent::AppointmentMade { customer: with, .. } = event {
            customer = Some(*with);
        }
        let command = command_of(event, customer.unwrap_or(CustomerNumber(0)));
        Decision { at: at.into(), command, outcome: Ok(vec![event.clone()]) }
    });
    decided.collect()
}

fn command_of(event: &ContractEvent, customer: CustomerNumber) -> ContractCommand {
    match event {
        ContractEvent::AppointmentMade { customer, on } => {
            ContractCommand::MakeAppointment { customer: *customer, on: *on }
        }
        ContractEvent::AppointmentMoved { on } => ContractCommand::MakeAppointment { customer, on: *on },
        ContractEvent::SpecialConditionsRequested(conditions) => {
            ContractCommand::RequestSpecialConditions(conditions.clone())
        }
        ContractEvent::ConditionsAccepted { supervisor } => {
            ContractCommand::AcceptConditions { supervisor: supervisor.clone() }
        }
        ContractEvent::ConditionsRejected { supervisor, reason } => {
            ContractCommand::RejectConditions { supervisor: supervisor.clone(), reason: reason.clone() }
        }
        ContractEvent::SentToSigningService => ContractCommand::ConfirmSending,
        ContractEvent::SigningStarted => ContractCommand::ConfirmStart,
        ContractEvent::InternallySigned => ContractCommand::ConfirmInternalSignature,
        ContractEvent::ExternallySigned => ContractCommand::ConfirmExternalSignature,
        ContractEvent::ContractCompleted => ContractCommand::CompleteContract,
        ContractEvent::NegotiationAbandoned { reason } => {
            ContractCommand::AbandonNegotiation { reason: reason.clone() }
        }
    }
}

pub fn why(question: &Why, speech: Speech) -> Value {
    let (history, command) = (&*question.history, &question.command.0);
    let now = Negotiation.decide(command, &Negotiation.fold(history));
    let answer = outcome(&now, speech);
    let Some(why) = spec::why(&Negotiation, history, command) else {
        let why = speech.either(
            || "this history is too long to find out why",
            || "diese Vorgeschichte ist zu lang, um den Grund herauszufinden",
        );
        return json!({ "answer": answer, "why": why, "versions": [] });
    };
    let versions: Vec<u64> = why.enough.iter().map(|version| version.get()).collect();
    let events = versions.iter().filter_map(|version| {
        let event = history.get(usize::try_from(*version).ok()?.checked_sub(1)?)?;
        Some(format!("{version} ({})", speech.message(event)))
    });
    let events = events.collect::<Vec<_>>().join(", ");
    let of = why.of;
    let why = match versions.len() {
        0 => speech.either(
            || "no event matters: the answer is the same without any history".to_string(),
            || "kein Ereignis spielt eine Rolle: die Antwort ist ohne Vorgeschichte dieselbe".to_string(),
        ),
        _ => speech.either(
            || format!("of {of} events, these alone give the same answer: {events}"),
            || format!("von {of} Ereignissen geben diese allein dieselbe Antwort: {events}"),
        ),
    };
    json!({ "answer": answer, "why": why, "versions": versions })
}
