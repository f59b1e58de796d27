//! Commands on a local branch.

use super::question::{Given, Messages};
use super::speech::Speech;
use super::state::{standing, text, texts, value, with};
use crate::model::contract::{ContractCommand, ContractEvent, Negotiation};
use leftfold::timeline::{Offline, Timeline};
use leftfold::{Decider, Fold};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub struct Decide {
    history: Messages<ContractEvent>,
    command: Given<ContractCommand>,
}

#[derive(Deserialize)]
pub struct Branch {
    known: Messages<ContractEvent>,
    commands: Messages<ContractCommand>,
}

pub fn decide(question: &Decide, speech: Speech) -> Value {
    let contract = Negotiation.fold(&*question.history);
    match Negotiation.decide(&question.command.0, &contract) {
        Ok(events) => {
            let contract = Negotiation.fold_from(contract, &events);
            let answer = json!({
                "events": events, "events_json": texts(&events), "said": speech.messages(&events),
            });
            with(standing(&contract, speech), answer)
        }
        Err(rejection) => json!({ "rejection": rejection, "said": speech.rejection(&rejection) }),
    }
}

pub fn branch(question: &Branch, speech: Speech) -> Result<Value, String> {
    let work = work(&question.known, &question.commands, speech)?;
    let mut history = question.known.to_vec();
    let mut decisions = Vec::new();
    for decision in work.decisions() {
        let events = decision.outcome.as_deref().unwrap_or_default();
        history.extend_from_slice(events);
        decisions.push(json!({
            "command": decision.command, "command_json": text(&decision.command),
            "said": speech.message(&decision.command),
            "events": events, "events_said": speech.messages(events),
        }));
    }
    let answer = json!({
        "began": value(&work.began_at()), "decisions": decisions,
        "history": history, "history_json": texts(&history),
    });
    Ok(with(standing(work.state(), speech), answer))
}

/// The commands of a branch decided as they were.
pub fn work(
    known: &[ContractEvent],
    commands: &[ContractCommand],
    speech: Speech,
) -> Result<Offline<Negotiation>, String> {
    let mut work = Timeline::of(Negotiation).extend(known.iter().cloned()).offline();
    for (i, command) in commands.iter().enumerate() {
        work.handle(command.clone()).map_err(|why| {
            let (number, said, why) = (i + 1, speech.message(command), speech.rejection(&why));
            speech.either(
                || {
                    format!(
                        "command {number} of this branch cannot follow what comes before it: {said}: {why}"
                    )
                },
                || {
                    format!(
                        "Auftrag {number} dieses Zweiges passt nicht zu dem, was davor steht: {said}: {why}"
                    )
                },
            )
        })?;
    }
    Ok(work)
}
