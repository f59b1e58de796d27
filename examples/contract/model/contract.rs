//! A contract, from the appointment to the second signature.

use super::customer::CustomerNumber;
use jiff::civil::Date;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractNumber(pub u32);

impl fmt::Display for ContractNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ContractCommand {
    /// The account manager is to meet the customer; on another day, if they were to meet before.
    MakeAppointment { customer: CustomerNumber, on: Date },
    /// The account manager asks for conditions that only a supervisor can grant.
    RequestSpecialConditions(SpecialConditions),
    /// The supervisor says yes.
    AcceptConditions { supervisor: String },
    /// The supervisor says no.
    RejectConditions { supervisor: String, reason: String },
    /// The external signing service has the contract.
    ConfirmSending,
    /// The signing service says that the contract is before those who sign.
    ConfirmStart,
    /// The signing service says that our side has signed.
    ConfirmInternalSignature,
    /// The signing service says that the customer has signed.
    ConfirmExternalSignature,
    /// Both sides have signed.
    CompleteContract,
    /// The account manager gives it up.
    AbandonNegotiation { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ContractEvent {
    AppointmentMade { customer: CustomerNumber, on: Date },
    AppointmentMoved { on: Date },
    SpecialConditionsRequested(SpecialConditions),
    ConditionsAccepted { supervisor: String },
    ConditionsRejected { supervisor: String, reason: String },
    SentToSigningService,
    SigningStarted,
    InternallySigned,
    ExternallySigned,
    ContractCompleted,
    NegotiationAbandoned { reason: String },
}

/// Why not, of a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum ContractRejection {
    #[error("{}", sentence(.0))]
    Invalid(Vec<Problem>),
    #[error("no appointment has been made for this contract")]
    NoAppointment,
    #[error("the appointment has been made before")]
    AppointmentAlreadyMade,
    #[error("no special conditions have been requested")]
    NothingRequested,
    #[error("special conditions have been requested before")]
    AlreadyRequested,
    #[error("the supervisor has decided before")]
    AlreadyDecided,
    #[error("the supervisor has not accepted the conditions")]
    NotAccepted,
    #[error("the contract has not been sent to the signing service")]
    NotSent,
    #[error("nobody has been asked to sign yet")]
    SigningNotStarted,
    #[error("a signature is missing")]
    SignatureMissing,
    #[error("the supervisor has rejected the conditions: this contract has ended")]
    Rejected,
    #[error("the negotiation was given up: this contract has ended")]
    Abandoned,
    #[error("the contract is complete: it has ended")]
    Completed,
}

/// What a contract may give a customer beyond the usual.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpecialConditions {
    pub account_manager: String,
    /// The dimension of the sales area, in square metres.
    pub sales_area: u32,
    /// Whole euros a year.
    pub planned_sales: u64,
}

/// No shop of ours sells on more square metres.
pub const LARGEST_SALES_AREA: u32 = 20_000;
/// Whole euros a year that have to be planned for each square metre.
pub const SALES_PER_SQUARE_METRE: u64 = 500;

/// What has to be planned, at least, for a sales area of this dimension.
pub fn least_sales(sales_area: u32) -> u64 {
    u64::from(sales_area) * SALES_PER_SQUARE_METRE
}

/// What is wrong with one field of what was filled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Problem {
    #[error("the account manager is missing")]
    AccountManagerMissing,
    #[error("the sales area is missing: at least 1 square metre")]
    SalesAreaMissing,
    #[error("the sales area is too large: at most {at_most} square metres")]
    SalesAreaTooLarge { at_most: u32 },
    #[error("the planned annual sales are too low: at least {at_least} euros for this sales area")]
    PlannedSalesTooLow { at_least: u64 },
    #[error("the supervisor is missing")]
    SupervisorMissing,
    #[error("the reason is missing")]
    ReasonMissing,
}

impl Problem {
    /// The name of the field.
    pub fn field(&self) -> &'static str {
        match self {
            Problem::AccountManagerMissing => "account_manager",
            Problem::SalesAreaMissing | Problem::SalesAreaTooLarge { .. } => "sales_area",
            Problem::PlannedSalesTooLow { .. } => "planned_sales",
            Problem::SupervisorMissing => "supervisor",
            Problem::ReasonMissing => "reason",
        }
    }
}

fn sentence(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// How far a contract has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    #[default]
    New,
    Appointed,
    Requested,
    Accepted,
    Sent,
    Signing,
    Completed,
    Rejected,
    Abandoned,
}

impl Stage {
    pub const ALL: [Stage; 9] = [
        Stage::New,
        Stage::Appointed,
        Stage::Requested,
        Stage::Accepted,
        Stage::Sent,
        Stage::Signing,
        Stage::Completed,
        Stage::Rejected,
        Stage::Abandoned,
    ];

    /// How far a contract has come with this event; another day, or a signature alone, takes it no further.
    #[must_use]
    pub fn after(self, event: &ContractEvent) -> Stage {
        match event {
            ContractEvent::AppointmentMade { .. } => Stage::Appointed,
            ContractEvent::SpecialConditionsRequested(_) => Stage::Requested,
            ContractEvent::ConditionsAccepted { .. } => Stage::Accepted,
            ContractEvent::ConditionsRejected { .. } => Stage::Rejected,
            ContractEvent::SentToSigningService => Stage::Sent,
            ContractEvent::SigningStarted => Stage::Signing,
            ContractEvent::AppointmentMoved { .. }
            | ContractEvent::InternallySigned
            | ContractEvent::ExternallySigned => self,
            ContractEvent::ContractCompleted => Stage::Completed,
            ContractEvent::NegotiationAbandoned { .. } => Stage::Abandoned,
        }
    }

    pub fn has_ended(self) -> bool {
        matches!(self, Stage::Completed | Stage::Rejected | Stage::Abandoned)
    }

    /// With the signing service, which is not ours.
    pub fn is_outside(self) -> bool {
        matches!(self, Stage::Sent | Stage::Signing)
    }

    pub fn name(self) -> &'static str {
        match self {
            Stage::New => "new",
            Stage::Appointed => "appointed",
            Stage::Requested => "requested",
            Stage::Accepted => "accepted",
            Stage::Sent => "sent",
            Stage::Signing => "signing",
            Stage::Completed => "completed",
            Stage::Rejected => "rejected",
            Stage::Abandoned => "abandoned",
        }
    }

    pub fn named(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// A contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contract {
    pub stage: Stage,
    pub customer: Option<CustomerNumber>,
    /// The day on which they meet, until that has led to something.
    pub appointment: Option<Date>,
    pub conditions: Option<SpecialConditions>,
    pub signed_internally: bool,
    pub signed_externally: bool,
}

/// The negotiation of one contract.
#[derive(Clone, Copy, Debug)]
pub struct Negotiation;

impl Fold for Negotiation {
    type State = Contract;
    type Event = ContractEvent;

    fn initial_state(&self) -> Contract {
        Contract::default()
    }

    fn evolve(&self, mut contract: Contract, event: &ContractEvent) -> Contract {
        contract.stage = contract.stage.after(event);
        match event {
            ContractEvent::AppointmentMade { customer, on } => {
                (contract.customer, contract.appointment) = (Some(*customer), Some(*on));
            }
            ContractEvent::AppointmentMoved { on } => contract.appointment = Some(*on),
            ContractEvent::SpecialConditionsRequested(conditions) => {
                (contract.appointment, contract.conditions) = (None, Some(conditions.clone()));
            }
            ContractEvent::NegotiationAbandoned { .. } => contract.appointment = None,
            ContractEvent::InternallySigned => contract.signed_internally = true,
            ContractEvent::ExternallySigned => contract.signed_externally = true,
            _ => {}
        }
        contract
    }
}

impl Decider for Negotiation {
    type Command = ContractCommand;
    type Rejection = ContractRejection;

    /// What the signing service says twice is heard once.
    fn decide(
        &self,
        command: &ContractCommand,
        contract: &Contract,
    ) -> Result<Vec<ContractEvent>, ContractRejection> {
        use ContractRejection::{
            AlreadyDecided, AlreadyRequested, AppointmentAlreadyMade, NoAppointment, NotAccepted, NotSent,
            NothingRequested, SignatureMissing, SigningNotStarted,
        };
        let stage = contract.stage;
        let event = match command {
            ContractCommand::MakeAppointment { customer, on } => {
                let (customer, on) = (*customer, *on);
                match contract.appointment {
                    _ if stage == Stage::New => ContractEvent::AppointmentMade { customer, on },
                    Some(day) if day != on && contract.customer == Some(customer) => {
                        ContractEvent::AppointmentMoved { on }
                    }
                    _ => return Err(AppointmentAlreadyMade),
                }
            }
            ContractCommand::RequestSpecialConditions(conditions) => {
                contract.has_come_to(Stage::Appointed, NoAppointment)?;
                refuse(stage > Stage::Appointed, AlreadyRequested)?;
                valid(conditions.problems())?;
                ContractEvent::SpecialConditionsRequested(conditions.clone())
            }
            ContractCommand::AcceptConditions { supervisor } => {
                contract.has_come_to(Stage::Requested, NothingRequested)?;
                refuse(stage > Stage::Requested, AlreadyDecided)?;
                valid(missing(supervisor, Problem::SupervisorMissing))?;
                ContractEvent::ConditionsAccepted { supervisor: supervisor.clone() }
            }
            ContractCommand::RejectConditions { supervisor, reason } => {
                contract.has_come_to(Stage::Requested, NothingRequested)?;
                refuse(stage > Stage::Requested, AlreadyDecided)?;
                let missing = missing(supervisor, Problem::SupervisorMissing)
                    .into_iter()
                    .chain(missing(reason, Problem::ReasonMissing));
                valid(missing)?;
                ContractEvent::ConditionsRejected { supervisor: supervisor.clone(), reason: reason.clone() }
            }
            ContractCommand::ConfirmSending => {
                if contract.was_sent() {
                    return Ok(vec![]);
                }
                contract.has_come_to(Stage::Accepted, NotAccepted)?;
                ContractEvent::SentToSigningService
            }
            ContractCommand::ConfirmStart => {
                if contract.signing_has_started() {
                    return Ok(vec![]);
                }
                contract.has_come_to(Stage::Sent, NotSent)?;
                ContractEvent::SigningStarted
            }
            ContractCommand::ConfirmInternalSignature => {
                if contract.signed_internally {
                    return Ok(vec![]);
                }
                contract.has_come_to(Stage::Signing, SigningNotStarted)?;
                ContractEvent::InternallySigned
            }
            ContractCommand::ConfirmExternalSignature => {
                if contract.signed_externally {
                    return Ok(vec![]);
                }
                contract.has_come_to(Stage::Signing, SigningNotStarted)?;
                ContractEvent::ExternallySigned
            }
            ContractCommand::CompleteContract => {
                if stage == Stage::Completed {
                    return Ok(vec![]);
                }
                contract.has_come_to(Stage::Signing, SigningNotStarted)?;
                refuse(!(contract.signed_internally && contract.signed_externally), SignatureMissing)?;
                ContractEvent::ContractCompleted
            }
            ContractCommand::AbandonNegotiation { reason } => {
                contract.has_come_to(Stage::Appointed, NoAppointment)?;
                valid(missing(reason, Problem::ReasonMissing))?;
                ContractEvent::NegotiationAbandoned { reason: reason.clone() }
            }
        };
        Ok(vec![event])
    }

    fn is_terminal(&self, contract: &Contract) -> bool {
        contract.stage.has_ended()
    }
}

impl SpecialConditions {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::from_iter(missing(&self.account_manager, Problem::AccountManagerMissing));
        match self.sales_area {
            0 => problems.push(Problem::SalesAreaMissing),
            1..=LARGEST_SALES_AREA => {}
            _ => problems.push(Problem::SalesAreaTooLarge { at_most: LARGEST_SALES_AREA }),
        }
        // A sales area that is itself wrong tells nothing about the sales.
        let at_least = least_sales(self.sales_area.clamp(1, LARGEST_SALES_AREA));
        if self.planned_sales < at_least {
            problems.push(Problem::PlannedSalesTooLow { at_least });
        }
        problems
    }
}

impl Contract {
    /// It has not ended and has come at least so far, or why not.
    fn has_come_to(&self, stage: Stage, or: ContractRejection) -> Result<(), ContractRejection> {
        match self.stage {
            Stage::Completed => Err(ContractRejection::Completed),
            Stage::Rejected => Err(ContractRejection::Rejected),
            Stage::Abandoned => Err(ContractRejection::Abandoned),
            reached => refuse(reached < stage, or),
        }
    }

    fn was_sent(&self) -> bool {
        matches!(self.stage, Stage::Sent) || self.signing_has_started()
    }

    fn signing_has_started(&self) -> bool {
        matches!(self.stage, Stage::Signing | Stage::Completed)
    }
}

fn refuse(broken: bool, rejection: ContractRejection) -> Result<(), ContractRejection> {
    if broken { Err(rejection) } else { Ok(()) }
}

fn valid(problems: impl IntoIterator<Item = Problem>) -> Result<(), ContractRejection> {
    let problems = Vec::from_iter(problems);
    refuse(!problems.is_empty(), ContractRejection::Invalid(problems))
}

fn missing(text: &str, problem: Problem) -> Option<Problem> {
    text.trim().is_empty().then_some(problem)
}
