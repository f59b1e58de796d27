//! What the letters say.

use crate::data::{CONTRACT, CUSTOMER, Record, stream};
use crate::model::contract::{Contract, ContractEvent, ContractNumber, Negotiation};
use crate::model::customer::{Customer, CustomerEvent};
use crate::model::outside::Letter;
use crate::ports::Mailing;
use leftfold::page::printable;
use leftfold::runtime::Cause;
use leftfold::store::{EventReader, Query, Reading};
use leftfold::view;

/// A letter about a contract, with what the log tells of it.
///
/// # Errors
/// When the log cannot be read.
pub fn mailing(
    log: &impl EventReader<Record>,
    number: ContractNumber,
    letter: Letter,
) -> Result<Mailing, Cause> {
    let contracts = log.category::<ContractEvent>(CONTRACT)?;
    let contract: Contract = contracts.load(&Negotiation, &stream(CONTRACT, number)?)?.state;
    let shop = match contract.customer {
        Some(customer) => {
            let customers = log.category::<CustomerEvent>(CUSTOMER)?;
            let shop = customers.load(&Customer, &stream(CUSTOMER, customer)?)?.state;
            let name =
                shop.basic.map_or_else(String::new, |basic| format!(", {} in {}", basic.name, basic.city));
            let name = printable(&name);
            format!("customer {customer}{name}")
        }
        None => "an unknown customer".to_string(),
    };
    let conditions = contract.conditions.as_ref();
    let manager = conditions.map_or("the account manager", |conditions| &conditions.account_manager);
    let manager = printable(manager);
    let asked = conditions.map_or_else(String::new, |conditions| {
        let (area, sales) = (conditions.sales_area, conditions.planned_sales);
        format!("Sales area: {area} square metres\nPlanned annual sales: {sales} euros\n")
    });
    let (to, subject, text) = match letter {
        Letter::Request => (
            "customer-service@fashion.example",
            format!("Contract {number}: special conditions are requested"),
            format!(
                "{manager} asks for special conditions for {shop}.\n\n{asked}\nPlease have a supervisor decide.\n"
            ),
        ),
        Letter::Rejection => {
            let reason = reason(log, number)?;
            let reason = printable(&reason);
            (
                "account-managers@fashion.example",
                format!("Contract {number}: the special conditions are rejected"),
                format!("The special conditions for {shop} are rejected.\n\nReason: {reason}\n\n{asked}"),
            )
        }
        Letter::Completion => (
            "account-managers@fashion.example",
            format!("Contract {number} is complete"),
            format!("The contract with {shop} is signed by both sides.\n\n{asked}"),
        ),
    };
    Ok(Mailing { id: Mailing::id(number, letter), to: to.to_string(), subject, text })
}

/// Why the supervisor has said no.
fn reason(log: &impl EventReader<Record>, number: ContractNumber) -> Result<String, Cause> {
    let last = view(String::new, |known: String, record: &Record| match record {
        Record::Contract(ContractEvent::ConditionsRejected { reason, .. }) => reason.clone(),
        _ => known,
    });
    Ok(log.fold(&last, Query::stream(&stream(CONTRACT, number)?))?)
}
