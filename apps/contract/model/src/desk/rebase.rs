//! The commands of a branch decided again, on what has happened meanwhile.

use super::branch::work;
use super::question::Messages;
use super::speech::Speech;
use super::state::{standing, text, texts, value, with};
use crate::model::contract::{ContractCommand, ContractEvent, ContractRejection, Negotiation};
use leftfold::timeline::{OtherGrounds, RedecisionVerdict, Timeline, TimelineError};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub struct Rebase {
    known: Messages<ContractEvent>,
    commands: Messages<ContractCommand>,
    now: Messages<ContractEvent>,
}

pub fn rebase(question: &Rebase, speech: Speech) -> Result<Value, String> {
    let work = work(&question.known, &question.commands, speech)?;
    let head = Timeline::of(Negotiation).extend(question.now.iter().cloned());
    let rebased = work.rebase(&head).map_err(|error| match error {
        TimelineError::AnotherPast { began, version } => speech.either(
            || format!("this branch began at version {began} of another contract: event {version} is another one; begin again"),
            || format!("dieser Zweig begann bei Version {began} eines anderen Vertrags: Ereignis {version} ist ein anderes; bitte neu beginnen"),
        ),
        error => error.to_string(),
    })?;
    let decisions: Vec<Value> = rebased
        .decisions
        .iter()
        .map(|again| {
            let grounds = again.grounds.as_ref().map(|grounds| said(grounds, &question.commands, speech));
            json!({
                "command": again.command, "command_json": text(&again.command),
                "said": speech.message(&again.command),
                "verdict": name(again.verdict), "verdict_said": verdict(again.verdict, speech),
                "before": outcome(&again.before, speech), "now": outcome(&again.now, speech),
                "rejection": again.now.as_ref().err().map(value),
                "grounds": grounds,
            })
        })
        .collect();
    let events: Vec<ContractEvent> = rebased.events().cloned().collect();
    let answer = json!({
        "onto": value(&rebased.onto), "clean": rebased.is_clean(), "decisions": decisions,
        "events": events, "events_json": texts(&events), "events_said": speech.messages(&events),
    });
    Ok(with(standing(&rebased.state, speech), answer))
}

/// The sentences of an outcome; a rejection is one.
pub fn outcome(outcome: &Result<Vec<ContractEvent>, ContractRejection>, speech: Speech) -> Vec<String> {
    match outcome {
        Ok(events) => speech.messages(events),
        Err(rejection) => vec![speech.rejection(rejection)],
    }
}

pub fn name(verdict: RedecisionVerdict) -> String {
    verdict.to_string().replace(' ', "-")
}

pub fn verdict(verdict: RedecisionVerdict, speech: Speech) -> String {
    let german = || match verdict {
        RedecisionVerdict::Kept => "bleibt".to_string(),
        RedecisionVerdict::KeptOnOtherGrounds => "bleibt, aus anderem Grund".to_string(),
        RedecisionVerdict::Changed => "anders".to_string(),
        RedecisionVerdict::Rejected => "abgelehnt".to_string(),
        other => other.to_string(),
    };
    speech.either(|| verdict.to_string(), german)
}

fn said(grounds: &OtherGrounds<ContractEvent>, commands: &[ContractCommand], speech: Speech) -> String {
    match grounds {
        OtherGrounds::EarlierCommand(index) => {
            let earlier = commands.get(*index).map(|command| speech.message(command)).unwrap_or_default();
            speech.either(
                || format!("it was decided after “{earlier}”, which does not simply stay as it was"),
                || format!("es wurde nach „{earlier}“ entschieden, was nicht einfach bleibt, wie es war"),
            )
        }
        OtherGrounds::History { before, now } => {
            let listed = |events: &[ContractEvent]| match events {
                [] => speech.either(|| "nothing", || "nichts").to_string(),
                events => speech.messages(events).join("; "),
            };
            let (before, now) = (listed(before), listed(now));
            speech.either(
                || format!("it rested on: {before}. Now it rests on: {now}"),
                || format!("es beruhte auf: {before}. Jetzt beruht es auf: {now}"),
            )
        }
        _ => speech.either(
            || "whether it still means the same could not be found out".to_string(),
            || "ob es noch dasselbe bedeutet, ließ sich nicht herausfinden".to_string(),
        ),
    }
}
