//! What an empty log begins with: shops that might be, and contracts of the last three weeks, made by the handlers themselves.

use crate::business::{Business, Terms};
use crate::data::CONTRACT;
use crate::export::Table;
use crate::export::generate::{Format, Order, write};
use crate::intake::import;
use crate::model::contract::{ContractCommand, ContractNumber, SpecialConditions, Stage, least_sales};
use crate::model::customer::CustomerNumber;
use crate::ports::of;
use crate::store::{self, Log};
use crate::writers::{BY, THE_LEGACY_SYSTEM};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leftfold::log::Syncing;
use leftfold::recorded::{CommandId, Position, StreamName};
use leftfold::runtime::{Cause, Issued};
use leftfold::store::Batch;
use std::fs;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CONTRACTS: u32 = 60;
const MANAGERS: [&str; 3] = ["Alex", "Kim", "Petra"];
const SUPERVISORS: [&str; 2] = ["Ruth", "Noor"];
const REASONS: [&str; 3] = [
    "The planned sales are too low for this city.",
    "A shop of ours is around the corner.",
    "We wait for their figures of this year.",
];
const THREE_WEEKS: SignedDuration = SignedDuration::from_hours(21 * 24);
/// A stream without events, whose description says how far the samples are: where a server ends early, the next one goes on.
const SAMPLES: &str = "samples";
const FINISHED: &str = "finished";
/// How long the process manager may take for one contract.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fills a log that is empty, or that was not filled to the end; whether it did. Of several servers of the log, the one on duty does it,
/// and the others wait.
pub fn fill(terms: &Terms, customers: u32) -> Result<bool, Cause> {
    if customers == 0 || is_filled_already(terms)? {
        return Ok(false);
    }
    // Time passes quickly while the past is made.
    let begin = Timestamp::now() - THREE_WEEKS;
    let time = Arc::new(AtomicI64::new(begin.as_millisecond()));
    let shown = time.clone();
    let clock = Arc::new(move || Timestamp::from_millisecond(shown.load(Ordering::Acquire)).unwrap_or(begin));
    let tick = Duration::from_millis(2);
    let past =
        Terms { clock, sync: Syncing::Never, signing_delay: SignedDuration::ZERO, tick, ..terms.clone() };
    let business = Business::open(&past)?;
    if !business.is_on_duty() {
        println!("waiting to be on duty, or for another server to fill the log");
    }
    while !business.is_on_duty() {
        if is_filled(&business.writers().log)? {
            return business.close().map(|()| false);
        }
        thread::sleep(terms.tick);
    }
    println!("an empty log: beginning with {customers} customers and {CONTRACTS} contracts that might be");
    mark(&business, false)?;
    for table in Table::ALL {
        let mut file = tempfile::tempfile_in(terms.data.folder())?;
        let mut out = BufWriter::new(&mut file);
        write(Order { table, format: Format::Csv, customers, broken: 0, seed: 1 }, &mut out)?;
        out.flush()?;
        drop(out);
        file.seek(SeekFrom::Start(0))?;
        import(&business, file, THE_LEGACY_SYSTEM, |_| {})?;
    }
    let mut steps: Vec<Step> = (1..=CONTRACTS).flat_map(|number| life(number, customers, begin)).collect();
    steps.sort_by_key(|step| step.at);
    for step in &steps {
        time.store(step.at.as_millisecond(), Ordering::Release);
        take(&business, step)?;
        settled(&business, step.contract)?;
    }
    mark(&business, true)?;
    business.close()?;
    Ok(true)
}

/// Accepts two more just now: they are signed while one looks on.
pub fn accept_the_last(business: &Business) -> Result<(), Cause> {
    for number in [CONTRACTS, CONTRACTS - 2] {
        take(business, &accepted(number, Timestamp::now()))?;
    }
    Ok(())
}

fn is_filled_already(terms: &Terms) -> Result<bool, Cause> {
    fs::create_dir_all(terms.data.folder()).map_err(of(terms.data.folder()))?;
    let store = store::open(terms)?;
    let is_filled = is_filled(&store.log);
    store.close()?;
    is_filled
}

/// Whether a log has all that it is to begin with: what people have recorded, or all of the samples.
fn is_filled(log: &Log) -> Result<bool, Cause> {
    let samples = log.stream(&StreamName::new(SAMPLES)?)?;
    Ok(match samples {
        Some(samples) => samples.metadata.get(FINISHED) == Some(&true.into()),
        None => log.head()? != Position::START,
    })
}

/// Says in the log how far its samples are.
fn mark(business: &Business, finished: bool) -> Result<(), Cause> {
    let described = [(FINISHED.to_string(), finished.into())].into();
    business.writers().log.append(Batch::to(&StreamName::new(SAMPLES)?).describe(described))?;
    Ok(())
}

struct Step {
    contract: u32,
    at: Timestamp,
    by: &'static str,
    command: ContractCommand,
}

fn manager(number: u32) -> &'static str {
    MANAGERS[number as usize % MANAGERS.len()]
}

fn supervisor(number: u32) -> &'static str {
    SUPERVISORS[number as usize / 10 % SUPERVISORS.len()]
}

fn accepted(contract: u32, at: Timestamp) -> Step {
    let by = supervisor(contract);
    Step { contract, at, by, command: ContractCommand::AcceptConditions { supervisor: by.to_string() } }
}

/// What happens to a contract: how far it comes depends on the last digit of its number.
fn life(contract: u32, customers: u32, begin: Timestamp) -> Vec<Step> {
    // One after another, with the last ones in the last hours.
    let first = begin + THREE_WEEKS * contract_share(contract).0 / contract_share(contract).1;
    let pause = SignedDuration::from_mins(i64::from(47 + contract % 7 * 13));
    let (manager, supervisor) = (manager(contract), supervisor(contract));
    let day = |days: i32| {
        let day = (first + SignedDuration::from_hours(24 * i64::from(days))).to_zoned(TimeZone::UTC);
        day.date()
    };
    let customer = CustomerNumber(contract.wrapping_mul(7_919) % customers + 1);
    let sales_area = 40 + contract * 37 % 900;
    let conditions = SpecialConditions {
        account_manager: manager.to_string(),
        sales_area,
        planned_sales: least_sales(sales_area) + u64::from(contract) * 1_250,
    };
    let reason = REASONS[contract as usize % REASONS.len()].to_string();
    let mut steps = vec![(manager, ContractCommand::MakeAppointment { customer, on: day(9) })];
    let is_last = contract == CONTRACTS || contract == CONTRACTS - 2;
    if contract % 10 == 6 {
        steps.push((manager, ContractCommand::MakeAppointment { customer, on: day(14) }));
    }
    if !matches!(contract % 10, 1 | 6) {
        steps.push((manager, ContractCommand::RequestSpecialConditions(conditions)));
    }
    match contract % 10 {
        3 => steps.push((
            supervisor,
            ContractCommand::RejectConditions { supervisor: supervisor.to_string(), reason },
        )),
        4 => {
            let reason = "The shop is sold.".to_string();
            steps.push((manager, ContractCommand::AbandonNegotiation { reason }));
        }
        0 | 5 | 8 | 9 if !is_last => {
            steps
                .push((supervisor, ContractCommand::AcceptConditions { supervisor: supervisor.to_string() }));
        }
        _ => {}
    }
    let steps = steps.into_iter().zip(0..);
    steps.map(|((by, command), nth)| Step { contract, at: first + pause * nth, by, command }).collect()
}

/// Which part of the three weeks passes before a contract begins: all of its steps fit into the rest.
fn contract_share(contract: u32) -> (i32, i32) {
    let all = i32::try_from(CONTRACTS).unwrap_or(i32::MAX);
    (i32::try_from(contract).unwrap_or(all) - 1, all)
}

fn take(business: &Business, step: &Step) -> Result<(), Cause> {
    let Step { contract, by, command, .. } = step;
    let nth = leftfold::message::name(command).map_or("step".into(), |name| name.leaf().to_string());
    let on = match command {
        ContractCommand::MakeAppointment { on, .. } => on.to_string(),
        _ => String::new(),
    };
    // The same the next time, if this time is ended early.
    let id = CommandId::new(format!("sample/{contract}/{nth}{on}"))?;
    business.handle(ContractNumber(*contract), Issued::of(command.clone()).id(id).header(BY, *by))?;
    Ok(())
}

/// Waits until nothing is owed any more, and the signing service has answered.
fn settled(business: &Business, contract: u32) -> Result<(), Cause> {
    let begun = Instant::now();
    let silent = contract % 10 == 9;
    loop {
        let stage = business.contract(ContractNumber(contract))?.state().stage;
        let waits = matches!(stage, Stage::Accepted | Stage::Sent) || stage == Stage::Signing && !silent;
        if !waits && business.has_done_what_is_owed()? {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            let owed: Vec<String> = business.owed().into_iter().filter_map(|item| item.cause).collect();
            return Err(format!("{CONTRACT} {contract} does not get on: {}", owed.join("; ")).into());
        }
        thread::sleep(Duration::from_millis(1));
    }
}
