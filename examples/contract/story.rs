//! The story of a contract: its state at a version or a time, and how it came about.

use crate::data::{CONTRACT, CUSTOMER, Data, MAIL, SIGNING, in_words, stream};
use crate::line::Failed;
use crate::model::Event;
use crate::model::contract::{Contract, ContractEvent, ContractNumber, Negotiation};
use crate::model::obligations::contract_of;
use jiff::Timestamp;
use leftfold::Keyed;
use leftfold::message::phrase;
use leftfold::page::printable;
use leftfold::recorded::{Recorded, Version};
use leftfold::store::{EventReader, Query, Reading};
use leftfold::timeline::Timeline;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::str::FromStr;

/// A point in the life of a contract.
#[derive(Clone, Copy, Debug)]
pub enum When {
    Version(u64),
    Time(Timestamp),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<When, String> {
        let version = text.parse().map(When::Version);
        let time = |_| text.parse().map(When::Time);
        version.or_else(time).map_err(|_: jiff::Error| {
            "a version is a number such as 3, a time is written as 2026-12-01T09:30:00Z".to_string()
        })
    }
}

pub fn story(data: &Data, number: ContractNumber, at: Option<When>) -> Result<bool, Failed> {
    let reader = data.reader_of_something()?;
    let contracts = reader.category::<ContractEvent>(CONTRACT)?;
    let history: Vec<Recorded<ContractEvent>> = contracts.all(Query::stream(&stream(CONTRACT, number)?))?;
    if history.is_empty() {
        return Err(
            format!("nothing is known of contract {number}: `monitor` tells what is under way").into()
        );
    }
    let life = Timeline::of(Negotiation).extend(history);
    let version = match at {
        None => life.version(),
        Some(When::Version(version)) => Version::new(version),
        Some(When::Time(time)) => life.version_as_at(time)?,
    };
    let state = life.at(version)?;
    let mut out = io::stdout().lock();
    writeln!(out, "contract {number} at version {version} of {}: {}\n", life.version(), state.stage.name())?;
    write!(out, "{}", told(&state))?;
    writeln!(out)?;

    // What was told beside it, up to the next event of its own.
    let upto = match version < life.version() {
        true => Some(life.item(version.next())?.position),
        false => None,
    };
    let log = in_words(&reader);
    log.visit(&told_of(number, &life)?.into(), &mut |entry| {
        let envelope = entry.envelope();
        if upto.is_some_and(|upto| envelope.position >= upto) {
            return ControlFlow::Break(());
        }
        if let Some(event) = entry.event().filter(|event| contract_of(event) == Some(number)) {
            let line = match event {
                Event::Contract(Keyed { message, .. }) => {
                    format!("{:>3}  {}", envelope.version, phrase(message))
                }
                Event::Mail(Keyed { message, .. }) => format!("     {}", phrase(message)),
                Event::Signing(Keyed { message, .. }) => format!("     {}", phrase(message)),
                Event::Customer(Keyed { key, message }) => {
                    format!("     customer {key}: {}", phrase(message))
                }
            };
            let at = envelope.recorded_at.strftime("%Y-%m-%d %H:%M:%S");
            if writeln!(out, "{at}  {line}").is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(true)
}

/// All that is told of a contract: its own events, its mail, its signing, and the notes to its customer.
fn told_of(
    number: ContractNumber,
    life: &Timeline<Negotiation, Recorded<ContractEvent>>,
) -> Result<Query, Failed> {
    let streams = [CONTRACT, MAIL, SIGNING].map(|category| stream(category, number));
    let own = Query::streams(streams.into_iter().collect::<Result<Vec<_>, _>>()?);
    Ok(match life.head().customer {
        Some(customer) => own.or(Query::stream(&stream(CUSTOMER, customer)?).types(["RejectionNoted"])),
        None => own,
    })
}

fn told(contract: &Contract) -> String {
    let mut told = String::new();
    let mut line = |what: &str, value: String| told.push_str(&format!("  {what:<22}{}\n", printable(&value)));
    if let Some(customer) = contract.customer {
        line("customer", customer.to_string());
    }
    if let Some(day) = contract.appointment {
        line("appointment", day.to_string());
    }
    if let Some(conditions) = &contract.conditions {
        line("account manager", conditions.account_manager.clone());
        line("sales area", format!("{} square metres", conditions.sales_area));
        line("planned annual sales", format!("{} euros", conditions.planned_sales));
    }
    let signed = match (contract.signed_internally, contract.signed_externally) {
        (false, false) => "by nobody",
        (true, false) => "internally",
        (false, true) => "externally",
        (true, true) => "by both sides",
    };
    line("signed", signed.to_string());
    told
}
