//! Where everything is kept: one log for all that happens, and beside it what can be made anew from it.

use crate::line::Failed;
use crate::model::Event;
use crate::model::contract::{Contract, ContractEvent, ContractNumber, Negotiation};
use crate::model::customer::{CustomerEvent, CustomerNumber};
use crate::model::outside::{MailEvent, SigningEvent};
use leftfold::recorded::{Envelope, InvalidText, StreamName, Version};
use leftfold::store::codec::Codec;
use leftfold::store::{FileLog, FileLogOptions, FileLogReader, OpenError, Reading, Sync};
use leftfold::{Fold, keyed, sum};
use std::fmt::Display;
use std::path::{Path, PathBuf};

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

/// The number that a stream is about.
pub fn number(stream: &StreamName) -> Result<u32, Foreign> {
    let behind = stream.as_str().strip_prefix(stream.category()).and_then(|rest| rest.strip_prefix('-'));
    behind.and_then(|number| number.parse().ok()).ok_or_else(|| Foreign { stream: stream.clone() })
}

pub fn stream(category: &str, number: impl Display) -> Result<StreamName, InvalidText> {
    StreamName::of(category, number)
}

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

    /// The log, for writing.
    pub fn log(&self, sync: Sync) -> Result<FileLog<Record>, Failed> {
        Ok(FileLogOptions::default().sync(sync).open(self.log_folder(), Codec::new()?)?)
    }

    /// The log, for reading; `None` where nothing was ever recorded.
    pub fn reader(&self) -> Result<Option<FileLogReader<Record>>, Failed> {
        match FileLogOptions::default().open_reader(self.log_folder(), Codec::new()?) {
            Ok(reader) => Ok(Some(reader)),
            Err(OpenError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The log, for reading, where something is expected in it.
    pub fn reader_of_something(&self) -> Result<FileLogReader<Record>, Failed> {
        self.reader()?.ok_or_else(|| {
            format!("nothing was recorded in {} yet: begin with `import`", self.folder.display()).into()
        })
    }

    /// A contract as it is now, and at which version; one of which nobody has heard is new.
    pub fn contract(&self, number: ContractNumber) -> Result<(Contract, Version), Failed> {
        let Some(reader) = self.reader()? else { return Ok((Negotiation.initial_state(), Version::NONE)) };
        let contracts = reader.category::<ContractEvent>(CONTRACT);
        let loaded = contracts.load(&Negotiation, &stream(CONTRACT, number)?)?;
        Ok((loaded.state, loaded.version))
    }
}
