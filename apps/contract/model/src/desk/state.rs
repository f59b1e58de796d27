//! How a contract stands, as JSON and in words.

use super::speech::Speech;
use crate::model::contract::{Contract, ContractEvent};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A line about a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Stage,
    Customer,
    Appointment,
    AccountManager,
    SalesArea,
    PlannedSales,
    Signed,
}

impl Detail {
    pub const ALL: [Detail; 7] = [
        Detail::Stage,
        Detail::Customer,
        Detail::Appointment,
        Detail::AccountManager,
        Detail::SalesArea,
        Detail::PlannedSales,
        Detail::Signed,
    ];
}

/// What is known of a contract besides its stage, line by line.
pub fn details(contract: &Contract, speech: Speech) -> Vec<(Detail, String)> {
    let mut details = Vec::new();
    let customer = contract.customer.map(|customer| customer.to_string());
    details.extend(customer.map(|customer| (Detail::Customer, customer)));
    details.extend(contract.appointment.map(|day| (Detail::Appointment, speech.day(day))));
    if let Some(conditions) = &contract.conditions {
        let area = speech.number(conditions.sales_area.into());
        let sales = speech.number(conditions.planned_sales);
        let euros = speech.either(|| "euros", || "Euro");
        details.extend([
            (Detail::AccountManager, conditions.account_manager.clone()),
            (Detail::SalesArea, format!("{area} m²")),
            (Detail::PlannedSales, format!("{sales} {euros}")),
        ]);
    }
    let signed = match (contract.signed_internally, contract.signed_externally) {
        (false, false) => return details,
        (true, false) => speech.either(|| "by us", || "von uns"),
        (false, true) => speech.either(|| "by the customer", || "vom Kunden"),
        (true, true) => speech.either(|| "by both sides", || "von beiden Seiten"),
    };
    details.push((Detail::Signed, signed.to_string()));
    details
}

/// The fields of an answer that say how a contract stands.
pub fn standing(contract: &Contract, speech: Speech) -> Map<String, Value> {
    let details: Vec<Value> = details(contract, speech)
        .into_iter()
        .map(|(detail, value)| json!({ "label": speech.detail(detail), "value": value }))
        .collect();
    let mut fields = Map::new();
    fields.insert("contract".into(), value(contract));
    fields.insert("stage".into(), value(&contract.stage));
    fields.insert("stage_said".into(), speech.stage(contract.stage).into());
    fields.insert("details".into(), details.into());
    fields
}

/// The standing of a contract, and more fields.
pub fn with(mut fields: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    Value::Object(fields)
}

/// A message of the model as JSON. None of them fails to be written.
pub fn value<T: Serialize>(message: &T) -> Value {
    serde_json::to_value(message).unwrap_or_default()
}

/// The JSON of a message as a text, in which no number is rounded.
pub fn text<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

pub fn texts(events: &[ContractEvent]) -> Vec<String> {
    events.iter().map(text).collect()
}
