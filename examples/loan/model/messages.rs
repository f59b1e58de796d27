//! What is wanted, what happens, and why not: commands, events, rejections.

use serde::{Deserialize, Serialize};

/// What the customer and the bank's people want to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The customer applies.
    Submit,
    /// The first check is passed; somebody is to complete the application with the customer.
    PreAccept,
    /// The application is complete and worth an offer.
    Accept,
    /// Its terms are fixed, so that an offer can be made.
    Finalise,
    /// The bank says no.
    Decline,
    /// The customer no longer wants the loan, or no longer answers.
    Cancel,
    /// The bank says yes. With `Register` and `Activate` in any order: one approval, done in three systems.
    Approve,
    /// The loan is entered into the books.
    Register,
    /// The loan is paid out.
    Activate,
    /// An offer is chosen for the customer; beside one that is already sent, it is to replace it.
    SelectOffer,
    /// The chosen offer is drawn up.
    CreateOffer,
    /// It goes to the customer.
    SendOffer,
    /// The customer's signed answer comes in.
    ReceiveOfferBack,
    /// The bank accepts the answered offer.
    AcceptOffer,
    /// The offer is withdrawn, for a new one or because the application is cancelled.
    CancelOffer,
    /// The bank turns the offer down together with the application.
    DeclineOffer,
    /// Work is put on somebody's desk.
    ScheduleWork(Work),
    /// Somebody takes it up, for the first time or once more.
    StartWork(Work),
    /// It is put down, done or not.
    CompleteWork(Work),
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// `A_SUBMITTED`
    Submitted,
    /// `A_PARTLYSUBMITTED`
    PartlySubmitted,
    /// `A_PREACCEPTED`
    PreAccepted,
    /// `A_ACCEPTED`
    Accepted,
    /// `A_FINALIZED`
    Finalised,
    /// `A_DECLINED`
    Declined,
    /// `A_CANCELLED`
    Cancelled,
    /// `A_APPROVED`
    Approved,
    /// `A_REGISTERED`
    Registered,
    /// `A_ACTIVATED`
    Activated,
    /// `O_SELECTED`
    OfferSelected,
    /// `O_CREATED`
    OfferCreated,
    /// `O_SENT`
    OfferSent,
    /// `O_SENT_BACK`
    OfferSentBack,
    /// `O_ACCEPTED`
    OfferAccepted,
    /// `O_CANCELLED`
    OfferCancelled,
    /// `O_DECLINED`
    OfferDeclined,
    /// `SCHEDULE`
    WorkScheduled(Work),
    /// `START`
    WorkStarted(Work),
    /// `COMPLETE`
    WorkCompleted(Work),
}

/// The kinds of work on an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Work {
    /// `W_Afhandelen leads`: an application that is not complete enough to judge.
    FollowUpLead,
    /// `W_Beoordelen fraude`: is it who it says it is?
    AssessFraud,
    /// `W_Completeren aanvraag`: what is missing is asked for, and the first offer made.
    CompleteApplication,
    /// `W_Nabellen offertes`: has the customer read the offer, and does it suit?
    CallAfterOffers,
    /// `W_Nabellen incomplete dossiers`: documents are missing from the answer.
    CallAfterIncompleteFiles,
    /// `W_Valideren aanvraag`: the answer is assessed.
    ValidateApplication,
    /// `W_Wijzigen contractgegevens`: a contract is corrected.
    ChangeContractDetails,
}

/// Why something does not happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    /// There is no application yet.
    NotSubmitted,
    /// One application is submitted once.
    AlreadySubmitted,
    /// It has not passed the first check.
    NotPreAccepted,
    /// It has passed the first check before.
    AlreadyPreAccepted,
    /// It is not accepted for an offer.
    NotAccepted,
    /// It was accepted for an offer before.
    AlreadyAccepted,
    /// Its terms are not fixed.
    NotFinalised,
    /// Its terms were fixed before.
    AlreadyFinalised,
    /// The bank has said no: nothing new begins.
    AlreadyDeclined,
    /// The customer has gone: nothing new begins.
    AlreadyCancelled,
    /// The bank has said yes (approved, registered or activated): it is too late for this.
    AlreadyGranted,
    /// Approved, registered or activated before.
    AlreadySo,
    /// The bank has not said yes.
    NotGranted,
    /// No offer is chosen, or the one to be replaced is not yet withdrawn.
    NotSelected,
    /// An offer is chosen or drawn up already and has to be sent first.
    OfferUnsent,
    /// The chosen offer is not drawn up.
    NotCreated,
    /// No offer is out with the customer.
    NotSent,
    /// The customer has not sent an offer back.
    NotAnswered,
    /// The customer has sent this offer back before.
    AlreadyAnswered,
    /// The offer is to be replaced and has to be withdrawn.
    BeingReplaced,
    /// The bank has accepted the offer.
    OfferAlreadyAccepted,
    /// The bank has turned the offer down.
    OfferAlreadyDeclined,
    /// Whether it is a fraud is being assessed.
    FraudInQuestion,
    /// None of the work is going on in which this is done.
    NobodyAtWork,
    /// That kind of work was never put on anybody's desk.
    NotScheduled,
    /// Strict: that kind of work is going on already.
    AlreadyStarted,
    /// Strict: somebody is doing other work on this application.
    OtherWorkGoingOn,
    /// Strict: that kind of work is not going on.
    NotStarted,
}

/// The command that would have caused an event, for a replay of recorded histories.
///
/// Every event is asked for, also one that only ever follows from another: recorded on its own, it is refused.
pub fn command_for(event: &Event) -> Option<Command> {
    Some(match *event {
        Event::Submitted | Event::PartlySubmitted => Command::Submit,
        Event::PreAccepted => Command::PreAccept,
        Event::Accepted => Command::Accept,
        Event::Finalised => Command::Finalise,
        Event::Declined => Command::Decline,
        Event::Cancelled => Command::Cancel,
        Event::Approved => Command::Approve,
        Event::Registered => Command::Register,
        Event::Activated => Command::Activate,
        Event::OfferSelected => Command::SelectOffer,
        Event::OfferCreated => Command::CreateOffer,
        Event::OfferSent => Command::SendOffer,
        Event::OfferSentBack => Command::ReceiveOfferBack,
        Event::OfferAccepted => Command::AcceptOffer,
        Event::OfferCancelled => Command::CancelOffer,
        Event::OfferDeclined => Command::DeclineOffer,
        Event::WorkScheduled(work) => Command::ScheduleWork(work),
        Event::WorkStarted(work) => Command::StartWork(work),
        Event::WorkCompleted(work) => Command::CompleteWork(work),
    })
}
