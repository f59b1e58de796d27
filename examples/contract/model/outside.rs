//! What is not ours: the mail, and the external signing service. Deciders when the process is checked; when it runs,
//! ports stand in their place (`ports.rs`) and record the same events.

use super::Rejection;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Sends a letter about one contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MailCommand {
    SendMail { letter: Letter },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MailEvent {
    MailSent { letter: Letter },
}

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letter {
    /// To the customer service: special conditions are requested.
    Request,
    /// To the account manager: the supervisor says no.
    Rejection,
    /// To all: the contract is complete.
    Completion,
}

impl Letter {
    pub fn name(self) -> &'static str {
        match self {
            Letter::Request => "request",
            Letter::Rejection => "rejection",
            Letter::Completion => "completion",
        }
    }
}

/// The mail of one contract. What it is told twice it does once, or twice when nobody `checks`: a mistake to be found.
#[derive(Clone, Copy, Debug)]
pub struct Mail {
    pub checks: bool,
}

impl Fold for Mail {
    /// How many copies of each letter were sent.
    type State = BTreeMap<Letter, u8>;
    type Event = MailEvent;

    fn initial_state(&self) -> Self::State {
        BTreeMap::new()
    }

    fn evolve(&self, mut sent: Self::State, MailEvent::MailSent { letter }: &MailEvent) -> Self::State {
        let copies = sent.entry(*letter).or_default();
        *copies = copies.saturating_add(1);
        sent
    }
}

impl Decider for Mail {
    type Command = MailCommand;
    type Rejection = Rejection;

    fn decide(
        &self,
        MailCommand::SendMail { letter }: &MailCommand,
        sent: &Self::State,
    ) -> Result<Vec<MailEvent>, Rejection> {
        match self.checks && sent.contains_key(letter) {
            true => Ok(vec![]),
            false => Ok(vec![MailEvent::MailSent { letter: *letter }]),
        }
    }
}

/// What the signing service is asked, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningCommand {
    /// Have this contract signed by both sides.
    RequestSigning,
    /// The service answers.
    Answer(SigningAnswer),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningEvent {
    SigningRequested,
    SigningServiceAnswered(SigningAnswer),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningAnswer {
    Started,
    SignedInternally,
    SignedExternally,
}

impl SigningAnswer {
    pub fn name(self) -> &'static str {
        match self {
            SigningAnswer::Started => "started",
            SigningAnswer::SignedInternally => "signed internally",
            SigningAnswer::SignedExternally => "signed externally",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum SigningRejection {
    #[error("the signing service was never asked to have this contract signed")]
    NotAsked,
}

/// What the signing service has been asked and has answered about one contract, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signing {
    pub asked: bool,
    pub answers: BTreeSet<SigningAnswer>,
}

/// The external signing service, for one contract.
#[derive(Clone, Copy, Debug)]
pub struct SigningService;

impl Fold for SigningService {
    type State = Signing;
    type Event = SigningEvent;

    fn initial_state(&self) -> Signing {
        Signing::default()
    }

    fn evolve(&self, mut signing: Signing, event: &SigningEvent) -> Signing {
        match event {
            SigningEvent::SigningRequested => signing.asked = true,
            SigningEvent::SigningServiceAnswered(answer) => {
                signing.answers.insert(*answer);
            }
        }
        signing
    }
}

impl Decider for SigningService {
    type Command = SigningCommand;
    type Rejection = SigningRejection;

    fn decide(
        &self,
        command: &SigningCommand,
        signing: &Signing,
    ) -> Result<Vec<SigningEvent>, SigningRejection> {
        match command {
            SigningCommand::RequestSigning if signing.asked => Ok(vec![]),
            SigningCommand::RequestSigning => Ok(vec![SigningEvent::SigningRequested]),
            SigningCommand::Answer(_) if !signing.asked => Err(SigningRejection::NotAsked),
            SigningCommand::Answer(answer) if signing.answers.contains(answer) => Ok(vec![]),
            SigningCommand::Answer(answer) => Ok(vec![SigningEvent::SigningServiceAnswered(*answer)]),
        }
    }
}
