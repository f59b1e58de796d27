//! A loan application and its offers, as a Dutch bank handled them from October 2011 to March 2012.
//!
//! The rules are learnt from 13,087 real applications (BPI Challenge 2012, doi:10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f):
//! each is as tight as that log honestly permits, and the conformance report tells which cases it still refuses.

mod messages;
mod scenarios;

#[cfg_attr(not(test), allow(unused_imports, reason = "tests compare models with it"))]
pub use messages::command_for;
pub use messages::{Command, Event, Rejection, Work};
pub use scenarios::{model, strict_model};

use leftfold::im::OrdSet;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

use Rejection::{
    AlreadyAccepted, AlreadyAnswered, AlreadyCancelled, AlreadyDeclined, AlreadyFinalised, AlreadyGranted,
    AlreadyPreAccepted, AlreadySo, AlreadyStarted, AlreadySubmitted, BeingReplaced, FraudInQuestion,
    NobodyAtWork, NotAccepted, NotAnswered, NotCreated, NotFinalised, NotGranted, NotPreAccepted,
    NotScheduled, NotSelected, NotSent, NotStarted, NotSubmitted, OfferAlreadyAccepted, OfferAlreadyDeclined,
    OfferUnsent, OtherWorkGoingOn,
};
use Work::{
    AssessFraud, CallAfterIncompleteFiles, CallAfterOffers, ChangeContractDetails, CompleteApplication,
    FollowUpLead, ValidateApplication,
};

// ------------------------------------------------------------------------------------------------------ state

/// How far an application has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Nobody has applied.
    #[default]
    Nothing,
    /// The customer has applied.
    Submitted,
    /// The first check is passed.
    PreAccepted,
    /// It is worth an offer.
    Accepted,
    /// Its terms are fixed.
    Finalised,
}

/// How an application ended without a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// By the bank.
    Declined,
    /// By the customer.
    Cancelled,
}

/// How far an offer has come. A withdrawn offer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Offer {
    /// Chosen.
    Selected,
    /// Drawn up.
    Created,
    /// Out with the customer.
    Sent,
    /// Signed by the customer.
    SentBack,
    /// Accepted by the bank.
    Accepted,
    /// Turned down by the bank.
    Declined,
}

/// Everything that the rules need to know about an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Application {
    /// How far it has come.
    pub stage: Stage,
    /// How it ended without a loan.
    pub end: Option<End>,
    /// In the systems in which a loan is granted: approved, registered, activated.
    pub granted: Granted,
    /// The one offer that stands. There are never two, except for the moment in which one replaces the other.
    pub offer: Option<Offer>,
    /// Another offer is chosen and waits until the one that stands is withdrawn.
    pub replacement: bool,
    /// The customer has sent an offer back, this one or one before it.
    pub answered: bool,
    /// Which work was ever put on a desk.
    pub scheduled: OrdSet<Work>,
    /// Which work is going on.
    pub going_on: OrdSet<Work>,
}

/// The three steps of saying yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Granted {
    /// The bank has agreed.
    pub approved: bool,
    /// The loan stands in the books.
    pub registered: bool,
    /// The loan is paid out.
    pub activated: bool,
}

/// The model. The default judges the application and its offers; [`Loan::strict`] also judges the life of work items.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loan {
    strict: bool,
}

impl Loan {
    /// The same rules, and: work is completed only while it goes on, is not started twice, and nobody works on an
    /// application while somebody else does. Work of one kind may be scheduled again at any time: the bank does so for
    /// every further offer.
    pub fn strict() -> Loan {
        Loan { strict: true }
    }
}

impl Fold for Loan {
    type State = Application;
    type Event = Event;

    fn initial_state(&self) -> Application {
        Application::default()
    }

    fn evolve(&self, mut application: Application, event: &Event) -> Application {
        match *event {
            Event::Submitted => application.reach(Stage::Submitted),
            Event::PartlySubmitted => {}
            Event::PreAccepted => application.reach(Stage::PreAccepted),
            Event::Accepted => application.reach(Stage::Accepted),
            Event::Finalised => application.reach(Stage::Finalised),
            Event::Declined => application.end = Some(End::Declined),
            Event::Cancelled => application.end = Some(End::Cancelled),
            Event::Approved => application.granted.approved = true,
            Event::Registered => application.granted.registered = true,
            Event::Activated => application.granted.activated = true,
            Event::OfferSelected if application.offer.is_some() => application.replacement = true,
            Event::OfferSelected => application.offer = Some(Offer::Selected),
            Event::OfferCreated => {
                application.offer = Some(Offer::Created);
                application.replacement = false;
            }
            Event::OfferSent => application.offer = Some(Offer::Sent),
            Event::OfferSentBack => {
                application.offer = Some(Offer::SentBack);
                application.answered = true;
            }
            Event::OfferAccepted => application.offer = Some(Offer::Accepted),
            Event::OfferCancelled => {
                application.offer = application.replacement.then_some(Offer::Selected);
                application.replacement = false;
            }
            Event::OfferDeclined => application.offer = Some(Offer::Declined),
            Event::WorkScheduled(work) => {
                application.scheduled.insert(work);
            }
            Event::WorkStarted(work) => {
                application.going_on.insert(work);
            }
            Event::WorkCompleted(work) => {
                application.going_on.remove(&work);
            }
        }
        application
    }
}

// ------------------------------------------------------------------------------------------------------ decide

/// The work in which offers are made: the first one and those that replace it.
const MAKING_OFFERS: [Work; 4] =
    [CompleteApplication, CallAfterOffers, CallAfterIncompleteFiles, ValidateApplication];
/// The work in which an answer comes in.
const CALLING: [Work; 2] = [CallAfterOffers, CallAfterIncompleteFiles];
/// The work in which the bank says yes.
const ASSESSING: [Work; 2] = [ValidateApplication, CallAfterIncompleteFiles];
/// The work in which the bank turns an offer down.
const TURNING_DOWN: [Work; 3] = [ValidateApplication, CallAfterIncompleteFiles, CallAfterOffers];

impl Decider for Loan {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, application: &Application) -> Result<Vec<Event>, Rejection> {
        Ok(vec![match *command {
            Command::Submit => {
                refuse(application.stage != Stage::Nothing, AlreadySubmitted)?;
                return Ok(vec![Event::Submitted, Event::PartlySubmitted]);
            }
            Command::PreAccept => {
                application.open_at(Stage::Submitted)?;
                refuse(application.stage > Stage::Submitted, AlreadyPreAccepted)?;
                refuse(application.going_on.contains(&AssessFraud), FraudInQuestion)?;
                return Ok(vec![Event::PreAccepted, Event::WorkScheduled(CompleteApplication)]);
            }
            Command::Accept => {
                application.open_at(Stage::PreAccepted)?;
                refuse(application.stage > Stage::PreAccepted, AlreadyAccepted)?;
                application.at_work(&[CompleteApplication])?;
                Event::Accepted
            }
            Command::Finalise => {
                application.open_at(Stage::Accepted)?;
                refuse(application.stage > Stage::Accepted, AlreadyFinalised)?;
                application.at_work(&[CompleteApplication])?;
                Event::Finalised
            }
            Command::Decline => {
                application.undecided_at(Stage::Submitted)?;
                refuse(application.offer == Some(Offer::Accepted), OfferAlreadyAccepted)?;
                Event::Declined
            }
            Command::Cancel => {
                application.undecided_at(Stage::PreAccepted)?;
                refuse(application.offer == Some(Offer::Accepted), OfferAlreadyAccepted)?;
                Event::Cancelled
            }
            Command::Approve => {
                application.grantable(application.granted.approved)?;
                Event::Approved
            }
            Command::Register => {
                application.grantable(application.granted.registered)?;
                Event::Registered
            }
            Command::Activate => {
                application.grantable(application.granted.activated)?;
                Event::Activated
            }
            Command::SelectOffer => {
                application.undecided_at(Stage::Accepted)?;
                refuse(application.replacement, BeingReplaced)?;
                match application.offer {
                    None | Some(Offer::Sent | Offer::SentBack) => {}
                    Some(Offer::Selected | Offer::Created) => return Err(OfferUnsent),
                    Some(Offer::Accepted) => return Err(OfferAlreadyAccepted),
                    Some(Offer::Declined) => return Err(OfferAlreadyDeclined),
                }
                application.at_work(&MAKING_OFFERS)?;
                Event::OfferSelected
            }
            Command::CreateOffer => {
                application.undecided_at(Stage::Finalised)?;
                refuse(application.offer != Some(Offer::Selected), NotSelected)?;
                application.at_work(&MAKING_OFFERS)?;
                Event::OfferCreated
            }
            Command::SendOffer => {
                application.undecided_at(Stage::Finalised)?;
                refuse(application.offer != Some(Offer::Created), NotCreated)?;
                application.at_work(&MAKING_OFFERS)?;
                // Once the customer has answered, it is the file that is called after, not the offer.
                let call = match application.answered {
                    true => CallAfterIncompleteFiles,
                    false => CallAfterOffers,
                };
                return Ok(vec![Event::OfferSent, Event::WorkScheduled(call)]);
            }
            Command::ReceiveOfferBack => {
                application.undecided_at(Stage::Finalised)?;
                application.offer_is_out()?;
                refuse(application.offer == Some(Offer::SentBack), AlreadyAnswered)?;
                application.at_work(&CALLING)?;
                return Ok(vec![Event::OfferSentBack, Event::WorkScheduled(ValidateApplication)]);
            }
            Command::AcceptOffer => {
                application.open_at(Stage::Finalised)?;
                application.offer_is_out()?;
                refuse(!application.answered, NotAnswered)?;
                application.at_work(&ASSESSING)?;
                Event::OfferAccepted
            }
            Command::CancelOffer => {
                refuse(application.end == Some(End::Declined), AlreadyDeclined)?;
                refuse(application.is_granted(), AlreadyGranted)?;
                if !application.replacement {
                    application.offer_is_out()?;
                }
                Event::OfferCancelled
            }
            Command::DeclineOffer => {
                refuse(application.end == Some(End::Cancelled), AlreadyCancelled)?;
                refuse(application.is_granted(), AlreadyGranted)?;
                application.offer_is_out()?;
                application.at_work(&TURNING_DOWN)?;
                Event::OfferDeclined
            }
            Command::ScheduleWork(work) => {
                application.open_at(Stage::Submitted)?;
                application.calls_for(work)?;
                Event::WorkScheduled(work)
            }
            Command::StartWork(work) => {
                refuse(!application.scheduled.contains(&work), NotScheduled)?;
                if self.strict {
                    refuse(application.going_on.contains(&work), AlreadyStarted)?;
                    refuse(!application.going_on.is_empty(), OtherWorkGoingOn)?;
                }
                application.open_at(Stage::Submitted)?;
                Event::WorkStarted(work)
            }
            Command::CompleteWork(work) => {
                refuse(!application.scheduled.contains(&work), NotScheduled)?;
                refuse(self.strict && !application.going_on.contains(&work), NotStarted)?;
                Event::WorkCompleted(work)
            }
        }])
    }
}

fn refuse(broken: bool, rejection: Rejection) -> Result<(), Rejection> {
    if broken { Err(rejection) } else { Ok(()) }
}

impl Application {
    /// A fact may come out of order; what was reached before is not lost by it.
    fn reach(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
    }

    /// It has come at least so far, and has not ended without a loan.
    fn open_at(&self, stage: Stage) -> Result<(), Rejection> {
        match self.end {
            Some(End::Declined) => return Err(AlreadyDeclined),
            Some(End::Cancelled) => return Err(AlreadyCancelled),
            None => {}
        }
        if self.stage >= stage {
            return Ok(());
        }
        Err(match self.stage {
            Stage::Nothing => NotSubmitted,
            Stage::Submitted => NotPreAccepted,
            Stage::PreAccepted => NotAccepted,
            Stage::Accepted | Stage::Finalised => NotFinalised,
        })
    }

    /// As `open_at`, and the bank has not said yes either.
    fn undecided_at(&self, stage: Stage) -> Result<(), Rejection> {
        self.open_at(stage)?;
        refuse(self.is_granted(), AlreadyGranted)
    }

    fn is_granted(&self) -> bool {
        self.granted != Granted::default()
    }

    /// The bank may say yes: an offer is out, the customer has answered, and somebody is assessing the answer.
    fn grantable(&self, already: bool) -> Result<(), Rejection> {
        self.open_at(Stage::Finalised)?;
        refuse(already, AlreadySo)?;
        if self.offer != Some(Offer::Accepted) {
            self.offer_is_out()?;
        }
        refuse(!self.answered, NotAnswered)?;
        self.at_work(&ASSESSING)
    }

    /// An offer is with the customer or back, and nothing else has become of it.
    fn offer_is_out(&self) -> Result<(), Rejection> {
        refuse(self.replacement, BeingReplaced)?;
        match self.offer {
            Some(Offer::Sent | Offer::SentBack) => Ok(()),
            Some(Offer::Accepted) => Err(OfferAlreadyAccepted),
            Some(Offer::Declined) => Err(OfferAlreadyDeclined),
            None | Some(Offer::Selected | Offer::Created) => Err(NotSent),
        }
    }

    fn at_work(&self, any_of: &[Work]) -> Result<(), Rejection> {
        let at_work = any_of.iter().any(|work| self.going_on.contains(work));
        refuse(!at_work, NobodyAtWork)
    }

    /// New work of this kind has a reason.
    fn calls_for(&self, work: Work) -> Result<(), Rejection> {
        if work == ChangeContractDetails {
            return refuse(!self.is_granted(), NotGranted);
        }
        refuse(self.is_granted(), AlreadyGranted)?;
        match work {
            FollowUpLead => refuse(self.stage > Stage::Submitted, AlreadyPreAccepted),
            AssessFraud | ChangeContractDetails => Ok(()),
            CompleteApplication => self.open_at(Stage::PreAccepted),
            CallAfterOffers => self.offer_is_out(),
            CallAfterIncompleteFiles | ValidateApplication => refuse(!self.answered, NotAnswered),
        }
    }
}
