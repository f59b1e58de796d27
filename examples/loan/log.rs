//! From the bank's log to the model's words.

use crate::model::{Event, Work};
use leftfold::check::LoggedEvent;

/// What the model does not know.
pub fn unknown(event: &LoggedEvent) -> String {
    let lifecycle = event.lifecycle.as_deref().unwrap_or("none");
    format!("the activity {:?}, life cycle {lifecycle}, is unknown to the model", event.activity)
}

/// The event of the model that an event of the log is; `None` when the model does not know it.
pub fn event(event: &LoggedEvent) -> Option<Event> {
    let (activity, lifecycle) = (event.activity.as_str(), event.lifecycle.as_deref()?);
    if let Some(name) = activity.strip_prefix("W_") {
        let work = match name {
            "Afhandelen leads" => Work::FollowUpLead,
            "Beoordelen fraude" => Work::AssessFraud,
            "Completeren aanvraag" => Work::CompleteApplication,
            "Nabellen offertes" => Work::CallAfterOffers,
            "Nabellen incomplete dossiers" => Work::CallAfterIncompleteFiles,
            "Valideren aanvraag" => Work::ValidateApplication,
            "Wijzigen contractgegevens" => Work::ChangeContractDetails,
            _ => return None,
        };
        return match lifecycle {
            "schedule" => Some(Event::WorkScheduled(work)),
            "start" => Some(Event::WorkStarted(work)),
            "complete" => Some(Event::WorkCompleted(work)),
            _ => None,
        };
    }
    // A state of the application or of an offer is reached, and that is all of its life.
    if lifecycle != "complete" {
        return None;
    }
    Some(match activity {
        "A_SUBMITTED" => Event::Submitted,
        "A_PARTLYSUBMITTED" => Event::PartlySubmitted,
        "A_PREACCEPTED" => Event::PreAccepted,
        "A_ACCEPTED" => Event::Accepted,
        "A_FINALIZED" => Event::Finalised,
        "A_DECLINED" => Event::Declined,
        "A_CANCELLED" => Event::Cancelled,
        "A_APPROVED" => Event::Approved,
        "A_REGISTERED" => Event::Registered,
        "A_ACTIVATED" => Event::Activated,
        "O_SELECTED" => Event::OfferSelected,
        "O_CREATED" => Event::OfferCreated,
        "O_SENT" => Event::OfferSent,
        "O_SENT_BACK" => Event::OfferSentBack,
        "O_ACCEPTED" => Event::OfferAccepted,
        "O_CANCELLED" => Event::OfferCancelled,
        "O_DECLINED" => Event::OfferDeclined,
        _ => return None,
    })
}
