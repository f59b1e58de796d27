//! Where everything is kept: one log for all that happens, and beside it what can be made anew from it.

use crate::model::Event;
use crate::model::contract::{Contract, ContractEvent, ContractNumber, Negotiation};
use crate::model::customer::{CustomerEvent, CustomerNumber};
use crate::model::outside::{MailEvent, SigningEvent};
use crate::ports::{Outbox, SigningOffice};
use jiff::SignedDuration;
use leftfold::codec::Codec;
use leftfold::log::{FileLog, FileLogOptions, FileLogReader, OpenError, Syncing};
use leftfold::recorded::{Envelope, InvalidText, StreamName, Version};
use leftfold::runtime::Cause;
use leftfold::store::{Mapped, Query, Reading};
use leftfold::{Fold, keyed, sum};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

sum! {
    /// What stands in the log: the model's events without their keys, which are in the names of the streams.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Record {
        Customer(CustomerEvent),
        Contract(ContractEvent),
        Mail(MailEvent),
        Signing(SigningEvent),
    }
}

pub const CUSTOMER: &str = "customer";
pub const CONTRACT: &str = "contract";
pub const MAIL: &str = "mail";
pub const SIGNING: &str = "signing";

/// A stream whose name ends in no number.
#[derive(Debug, thiserror::Error)]
#[error("stream {stream} is none of ours: behind the category, a number is expected")]
pub struct Foreign {
    stream: StreamName,
}

/// What was recorded, in the words of the model.
///
/// # Errors
/// [`Foreign`], when nobody of ours has written it.
pub fn event(envelope: &Envelope, record: &Record) -> Result<Event, Foreign> {
    let number = number(&envelope.stream)?;
    Ok(match record.clone() {
        Record::Customer(event) => keyed(CustomerNumber(number), event).into(),
        Record::Contract(event) => keyed(ContractNumber(number), event).into(),
        Record::Mail(event) => keyed(ContractNumber(number), event).into(),
        Record::Signing(event) => keyed(ContractNumber(number), event).into(),
    })
}

/// A log in the words of the model: every event with its key.
pub fn in_words<S>(log: S) -> Mapped<S, Record, impl Fn(&Envelope, &Record) -> Result<Event, Foreign>> {
    Mapped::new(log, event)
}

/// All that is told of contracts: their own events, the mail, the signing, and the notes to customers.
pub fn of_contracts() -> Result<Query, InvalidText> {
    let notes = Query::category(CUSTOMER)?.types(["RejectionNoted"]);
    Ok(Query::category(CONTRACT)?.or(Query::category(MAIL)?).or(Query::category(SIGNING)?).or(notes))
}

/// The number that a stream is about.
pub fn number(stream: &StreamName) -> Result<u32, Foreign> {
    stream.id().and_then(|number| number.parse().ok()).ok_or_else(|| Foreign { stream: stream.clone() })
}

pub fn stream(category: &str, number: impl Display) -> Result<StreamName, InvalidText> {
    StreamName::of(category, number)
}

/// For how long another writer is waited for, and how often it is looked whether it has gone.
const PATIENCE: Duration = Duration::from_secs(5);
const BREATH: Duration = Duration::from_millis(20);

/// The folder of all data.
#[derive(Clone, Debug)]
pub struct Data {
    folder: PathBuf,
}

impl Data {
    pub fn in_folder(folder: PathBuf) -> Data {
        Data { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn log_folder(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Where projections keep their checkpoints.
    pub fn projections(&self) -> PathBuf {
        self.folder.join("projections")
    }

    /// Where work without the log is kept.
    pub fn branches(&self) -> PathBuf {
        self.folder.join("offline")
    }

    pub fn outbox(&self) -> Outbox {
        Outbox::in_folder(self.folder.join("outbox"))
    }

    pub fn signing(&self, delay: SignedDuration) -> SigningOffice {
        SigningOffice::in_folder(self.folder.join("signing"), delay)
    }

    /// The log, for writing. A log has one writer at a time: where another is at work, it is waited for.
    pub fn log(&self, sync: Syncing) -> Result<FileLog<Record>, Cause> {
        let begun = Instant::now();
        loop {
            match FileLogOptions::default().sync(sync).open(self.log_folder(), Codec::new()?) {
                Err(OpenError::Locked { .. }) if begun.elapsed() < PATIENCE => thread::sleep(BREATH),
                opened => return Ok(opened?),
            }
        }
    }

    /// The log, for reading; `None` where nothing was ever recorded.
    pub fn reader(&self) -> Result<Option<FileLogReader<Record>>, Cause> {
        if !self.log_folder().exists() {
            return Ok(None);
        }
        match FileLogOptions::default().open_reader(self.log_folder(), Codec::new()?) {
            Ok(reader) => Ok(Some(reader)),
            Err(OpenError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The log, for reading, where something is expected in it.
    pub fn reader_of_something(&self) -> Result<FileLogReader<Record>, Cause> {
        self.reader()?.ok_or_else(|| {
            format!("nothing was recorded in {} yet: begin with `import`", self.folder.display()).into()
        })
    }

    /// A contract as it is now, and at which version; one of which nobody has heard is new.
    pub fn contract(&self, number: ContractNumber) -> Result<(Contract, Version), Cause> {
        let Some(reader) = self.reader()? else { return Ok((Negotiation.initial_state(), Version::NONE)) };
        let contracts = reader.category::<ContractEvent>(CONTRACT)?;
        let loaded = contracts.load(&Negotiation, &stream(CONTRACT, number)?)?;
        Ok((loaded.state, loaded.version))
    }
}
