//! Stand-ins for what is not ours: an outbox of letters, and a signing service, both in folders.

use crate::model::contract::ContractNumber;
use crate::model::outside::{Letter, SigningAnswer};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A letter, ready to be sent.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// The same letter has the same id, however often it is sent.
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Mailing {
    pub fn id(contract: ContractNumber, letter: Letter) -> String {
        format!("contract-{contract}-{}", letter.name())
    }
}

/// A folder of `.eml` files, one a letter: sending a letter again puts it in the place of itself.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    pub fn in_folder(folder: PathBuf) -> Outbox {
        Outbox { folder }
    }

    /// Sends a letter: it is durably in the folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn send(&self, Mailing { id, to, subject, text }: &Mailing) -> io::Result<()> {
        let from = "contracts@fashion.example";
        let head = format!(
            "Message-ID: <{id}@fashion.example>\r\nFrom: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n"
        );
        let kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";
        let text = text.replace('\n', "\r\n");
        write_whole(&self.folder, &format!("{id}.eml"), format!("{head}{kind}\r\n{text}\r\n").as_bytes())
    }

    /// The letter with this id, if it was sent and nobody has taken it away.
    ///
    /// # Errors
    /// What the system says.
    #[allow(dead_code, reason = "the contract app shows the letters")]
    pub fn letter(&self, id: &str) -> io::Result<Option<Mailing>> {
        let place = self.folder.join(format!("{id}.eml"));
        let letter = match fs::read_to_string(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            letter => letter.map_err(of(&place))?,
        };
        let (head, text) = letter.split_once("\r\n\r\n").unwrap_or((&letter, ""));
        let line = |name: &str| {
            let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.unwrap_or_default().to_string()
        };
        let text = text.strip_suffix("\r\n").unwrap_or(text).replace("\r\n", "\n");
        Ok(Some(Mailing { id: id.to_string(), to: line("To"), subject: line("Subject"), text }))
    }
}

/// The external signing service. It answers after a while; about a contract whose number ends in 5 everything twice, and
/// about one whose number ends in 9 never more than that signing has started.
#[derive(Clone, Debug)]
pub struct SigningOffice {
    folder: PathBuf,
    /// How long it takes for each answer.
    delay: SignedDuration,
}

/// What the service knows of a contract.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub at: Timestamp,
    /// How often each answer was heard.
    pub heard: BTreeMap<SigningAnswer, u8>,
}

const ANSWERS: [SigningAnswer; 3] =
    [SigningAnswer::Started, SigningAnswer::SignedInternally, SigningAnswer::SignedExternally];

impl SigningOffice {
    pub fn in_folder(folder: PathBuf, delay: SignedDuration) -> SigningOffice {
        SigningOffice { folder, delay }
    }

    /// Asks to have a contract signed; again, it changes nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn ask(&self, contract: ContractNumber, at: Timestamp) -> io::Result<()> {
        if self.folder.join(file(contract)).exists() || self.folder.join(done(contract)).exists() {
            return Ok(());
        }
        self.keep(contract, &Asked { at, heard: BTreeMap::new() })
    }

    /// What it answers by now, and was not heard of as often as it says it.
    ///
    /// # Errors
    /// What the system says.
    pub fn answers(&self, now: Timestamp) -> io::Result<Vec<(ContractNumber, SigningAnswer)>> {
        let mut answers = Vec::new();
        for (contract, asked) in self.unfinished()? {
            let due = ANSWERS.into_iter().zip(1..).filter(|(_, nth)| asked.at + self.delay * *nth <= now);
            let due = due.map(|(answer, _)| answer).filter(|answer| asked.says(contract, *answer));
            answers.extend(due.map(|answer| (contract, answer)));
        }
        Ok(answers)
    }

    /// The contracts that it was asked to have signed, and that are not signed.
    ///
    /// # Errors
    /// What the system says.
    pub fn unfinished(&self) -> io::Result<Vec<(ContractNumber, Asked)>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries.map_err(of(&self.folder))?,
        };
        let mut contracts = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse().ok());
            contracts.extend(number.map(ContractNumber));
        }
        contracts.sort_unstable();
        contracts.into_iter().map(|contract| Ok((contract, self.asked(contract)?))).collect()
    }

    /// When the next answer is due that was not heard; `None` of a contract about which it is silent.
    #[allow(dead_code, reason = "the contract app shows what the service does")]
    pub fn next_due(&self, contract: ContractNumber, asked: &Asked) -> Option<Timestamp> {
        let next = ANSWERS.into_iter().zip(1..).find(|(answer, _)| asked.says(contract, *answer));
        next.map(|(_, nth)| asked.at + self.delay * nth)
    }

    /// When it has said something last, or was asked.
    #[allow(dead_code, reason = "the contract app shows what the service does")]
    pub fn last_said(&self, asked: &Asked) -> Timestamp {
        let last = ANSWERS.into_iter().zip(1..).filter(|(answer, _)| asked.heard.contains_key(answer)).last();
        last.map_or(asked.at, |(_, nth)| asked.at + self.delay * nth)
    }

    /// An answer was heard, and what follows from it is recorded.
    ///
    /// # Errors
    /// What the system says.
    pub fn heard(&self, contract: ContractNumber, answer: SigningAnswer) -> io::Result<()> {
        let mut asked = self.asked(contract)?;
        *asked.heard.entry(answer).or_default() += 1;
        self.keep(contract, &asked)?;
        if ANSWERS.into_iter().any(|answer| asked.says(contract, answer)) || is_silent(contract) {
            return Ok(());
        }
        let place = self.folder.join(done(contract));
        fs::rename(self.folder.join(file(contract)), &place).map_err(of(&place))
    }

    fn asked(&self, contract: ContractNumber) -> io::Result<Asked> {
        let place = self.folder.join(file(contract));
        let asked = fs::read(&place).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        asked.map_err(of(&place))
    }

    fn keep(&self, contract: ContractNumber, asked: &Asked) -> io::Result<()> {
        write_whole(&self.folder, &file(contract), &serde_json::to_vec(asked)?)
    }
}

impl Asked {
    fn says(&self, contract: ContractNumber, answer: SigningAnswer) -> bool {
        let times = match contract.0 % 10 {
            9 if answer != SigningAnswer::Started => 0,
            5 => 2,
            _ => 1,
        };
        self.heard.get(&answer).copied().unwrap_or(0) < times
    }
}

fn is_silent(contract: ContractNumber) -> bool {
    contract.0 % 10 == 9
}

fn file(contract: ContractNumber) -> String {
    format!("{contract}.json")
}

fn done(contract: ContractNumber) -> String {
    format!("{contract}.done")
}

/// What the system says, with the file that it says it of.
pub fn of(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Writes a file that is there whole or not at all, durably.
///
/// # Errors
/// What the system says.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder).map_err(of(folder))?;
    let beside = folder.join(format!("{name}.unfinished"));
    let mut file = File::create(&beside).map_err(of(&beside))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(of(&beside))?;
    let place = folder.join(name);
    fs::rename(&beside, &place).map_err(of(&place))?;
    // So that the name outlives a power cut too, where folders can be synced.
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cfg!(unix) => Err(of(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(folder: &Path) -> SigningOffice {
        SigningOffice::in_folder(folder.to_path_buf(), SignedDuration::from_secs(10))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// All that is said of a contract, heard as soon as it is said.
    fn said(contract: u32) -> Vec<SigningAnswer> {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path());
        office.ask(ContractNumber(contract), at(0)).unwrap();
        let mut said = Vec::new();
        for second in 0..100 {
            for (contract, answer) in office.answers(at(second)).unwrap() {
                office.heard(contract, answer).unwrap();
                said.push(answer);
            }
        }
        said
    }

    #[test]
    fn the_service_answers_after_a_while_sometimes_twice_sometimes_never() {
        use SigningAnswer::{SignedExternally, SignedInternally, Started};
        assert_eq!(said(1), ANSWERS);
        assert_eq!(said(9), [Started]);
        let twice =
            [Started, Started, SignedInternally, SignedInternally, SignedExternally, SignedExternally];
        assert_eq!(said(15), twice);
        let folder = tempfile::tempdir().unwrap();
        office(folder.path()).ask(ContractNumber(1), at(0)).unwrap();
        assert_eq!(office(folder.path()).answers(at(9)).unwrap(), []);
    }

    #[test]
    fn what_was_not_heard_is_said_again_and_what_is_asked_again_is_asked_once() {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path());
        office.ask(ContractNumber(1), at(0)).unwrap();
        assert_eq!(office.answers(at(10)).unwrap(), office.answers(at(10)).unwrap());
        office.heard(ContractNumber(1), SigningAnswer::Started).unwrap();
        office.ask(ContractNumber(1), at(5)).unwrap();
        assert_eq!(office.answers(at(12)).unwrap(), []);
    }

    #[test]
    fn a_letter_that_is_sent_again_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::in_folder(folder.path().to_path_buf());
        let id = Mailing::id(ContractNumber(1), Letter::Request);
        let letter = Mailing { id, to: "a@b.example".into(), subject: "Ü".into(), text: "one\ntwo".into() };
        outbox.send(&letter).unwrap();
        outbox.send(&letter).unwrap();
        let files: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["contract-1-request.eml"]);
        let found = outbox.letter("contract-1-request").unwrap().unwrap();
        assert_eq!((&*found.to, &*found.subject, &*found.text), ("a@b.example", "Ü", "one\ntwo"));
        assert!(outbox.letter("contract-2-request").unwrap().is_none());
    }
}
