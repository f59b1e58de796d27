//! What a page says about the model before it knows of any contract.

use super::speech::Speech;
use super::state::value;
use crate::FINGERPRINT;
use crate::model::contract::{Contract, ContractCommand, Negotiation, SpecialConditions, Stage};
use crate::model::customer::{CustomerNumber, Segment};
use jiff::civil::date;
use leftfold::{Decider, Fold};
use serde_json::{Value, json};

const SEGMENTS: [Segment; 4] = [Segment::Boutique, Segment::Chain, Segment::DepartmentStore, Segment::Online];

pub fn about(speech: Speech) -> Value {
    let stages = Stage::ALL.map(
        |stage| json!({ "stage": value(&stage), "said": speech.stage(stage), "ended": stage.has_ended() }),
    );
    let segments =
        SEGMENTS.map(|segment| json!({ "segment": value(&segment), "said": speech.segment(segment) }));
    json!({
        "model": FINGERPRINT,
        "stages": stages,
        "segments": segments,
        "process": { "edges": edges(speech) },
    })
}

/// Every way from one stage to another, found by trying every command in every state that it can reach.
fn edges(speech: Speech) -> Vec<Value> {
    let commands = commands();
    let mut edges = Vec::new();
    let mut states = vec![Contract::default()];
    let mut next = 0;
    while let Some(contract) = states.get(next).cloned() {
        next += 1;
        for event in commands.iter().filter_map(|one| Negotiation.decide(one, &contract).ok()).flatten() {
            let after = Negotiation.evolve(contract.clone(), &event);
            let edge = json!({
                "from": value(&contract.stage), "to": value(&after.stage), "said": speech.kind(&event),
            });
            if !edges.contains(&edge) {
                edges.push(edge);
            }
            if !states.contains(&after) {
                states.push(after);
            }
        }
    }
    edges
}

/// One of each kind, and a second day on which they might meet.
fn commands() -> Vec<ContractCommand> {
    let customer = CustomerNumber(1);
    let (supervisor, reason) = (|| "supervisor".to_string(), || "reason".to_string());
    vec![
        ContractCommand::MakeAppointment { customer, on: date(2026, 12, 1) },
        ContractCommand::MakeAppointment { customer, on: date(2026, 12, 2) },
        ContractCommand::RequestSpecialConditions(SpecialConditions {
            account_manager: "account manager".to_string(),
            sales_area: 1,
            planned_sales: 500,
        }),
        ContractCommand::AcceptConditions { supervisor: supervisor() },
        ContractCommand::RejectConditions { supervisor: supervisor(), reason: reason() },
        ContractCommand::ConfirmSending,
        ContractCommand::ConfirmStart,
        ContractCommand::ConfirmInternalSignature,
        ContractCommand::ConfirmExternalSignature,
        ContractCommand::CompleteContract,
        ContractCommand::AbandonNegotiation { reason: reason() },
    ]
}
