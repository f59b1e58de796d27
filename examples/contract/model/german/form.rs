//! What the form and the refusals of the model say in German. Whatever is new in the model does not compile until it has a word
//! here.

use super::super::contract::{ContractRejection, Problem, Stage};
use super::super::form::{Choice, Hindrance, Label, Step, Wrong};

pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "neu",
        Stage::Appointed => "terminiert",
        Stage::Requested => "beantragt",
        Stage::Accepted => "genehmigt",
        Stage::Sent => "übergeben",
        Stage::Signing => "in Unterzeichnung",
        Stage::Completed => "abgeschlossen",
        Stage::Rejected => "abgelehnt",
        Stage::Abandoned => "aufgegeben",
    }
}

pub fn step(step: Step) -> &'static str {
    match step {
        Step::Appointment => "Termin",
        Step::SpecialConditions => "Sonderkonditionen",
        Step::Decision => "Entscheidung",
        Step::Signing => "Unterzeichnung durch den Signaturdienst",
    }
}

pub fn label(label: Label) -> &'static str {
    match label {
        Label::Customer => "Kundennummer",
        Label::Day => "Tag des Termins",
        Label::AccountManager => "Kundenbetreuer",
        Label::SalesArea => "Verkaufsfläche in Quadratmetern",
        Label::PlannedSales => "Geplanter Jahresumsatz in Euro",
        Label::OtherDay => "Stattdessen an diesem Tag treffen, anstelle aller anderen Felder",
        Label::Decision => "Entscheidung",
        Label::Supervisor => "Entscheider",
        Label::Reason => "Grund der Ablehnung",
        Label::Abandon => "Die Verhandlung aus diesem Grund aufgeben, anstelle aller anderen Felder",
    }
}

pub fn choice(choice: Choice) -> &'static str {
    match choice {
        Choice::Accept => "genehmigen",
        Choice::Reject => "ablehnen",
    }
}

pub fn wrong(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Refused(refused) => problem(refused),
        Wrong::NumberMissing => "eine ganze Zahl fehlt".to_string(),
        Wrong::NoNumber(text) => format!("{text:?} ist keine ganze Zahl oder eine zu große"),
        Wrong::NoDay => "ein Tag wird als 2026-12-31 geschrieben".to_string(),
        Wrong::NoDecision => "die Entscheidung ist „genehmigen“ oder „ablehnen“".to_string(),
        Wrong::NoSuchField => "dieser Schritt hat kein solches Feld".to_string(),
    }
}

pub fn hindrance(hindrance: &Hindrance) -> String {
    match hindrance {
        Hindrance::NothingAsked => "dieser Schritt verlangt nichts als Geduld".to_string(),
        Hindrance::Rejected(why) => rejection(why),
        Hindrance::Fields(1) => "ein Feld fehlt oder stimmt nicht".to_string(),
        Hindrance::Fields(many) => format!("{many} Felder fehlen oder stimmen nicht"),
    }
}

pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::AccountManagerMissing => "der Kundenbetreuer fehlt".to_string(),
        Problem::SalesAreaMissing => "die Verkaufsfläche fehlt: mindestens 1 Quadratmeter".to_string(),
        Problem::SalesAreaTooLarge { at_most } => {
            format!("die Verkaufsfläche ist zu groß: höchstens {at_most} Quadratmeter")
        }
        Problem::PlannedSalesTooLow { at_least } => {
            format!(
                "der geplante Jahresumsatz ist zu niedrig: mindestens {at_least} Euro bei dieser Verkaufsfläche"
            )
        }
        Problem::SupervisorMissing => "der Entscheider fehlt".to_string(),
        Problem::ReasonMissing => "der Grund fehlt".to_string(),
    }
}

pub fn rejection(rejection: &ContractRejection) -> String {
    let said = match rejection {
        ContractRejection::Invalid(problems) => {
            return problems.iter().map(problem).collect::<Vec<_>>().join("; ");
        }
        ContractRejection::NoAppointment => "für diesen Vertrag ist kein Termin vereinbart",
        ContractRejection::AppointmentAlreadyMade => "der Termin ist bereits vereinbart",
        ContractRejection::NothingRequested => "es sind keine Sonderkonditionen beantragt",
        ContractRejection::AlreadyRequested => "Sonderkonditionen sind bereits beantragt",
        ContractRejection::AlreadyDecided => "der Entscheider hat bereits entschieden",
        ContractRejection::NotAccepted => "die Konditionen sind nicht genehmigt",
        ContractRejection::NotSent => "der Vertrag ist nicht an den Signaturdienst übergeben",
        ContractRejection::SigningNotStarted => "die Unterzeichnung hat noch nicht begonnen",
        ContractRejection::SignatureMissing => "eine Unterschrift fehlt",
        ContractRejection::Rejected => "die Konditionen sind abgelehnt: dieser Vertrag ist beendet",
        ContractRejection::Abandoned => "die Verhandlung wurde aufgegeben: dieser Vertrag ist beendet",
        ContractRejection::Completed => "der Vertrag ist abgeschlossen: er ist beendet",
    };
    said.to_string()
}
