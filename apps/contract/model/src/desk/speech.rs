//! The two languages of the desk.

use super::question::Messages;
use super::state::Detail;
use crate::model::contract::{ContractCommand, ContractEvent, ContractRejection, Stage};
use crate::model::customer::{CustomerNumber, Segment};
use crate::model::form::{Choice, Hindrance, Label, Step, Wrong};
use crate::model::german;
use jiff::civil::Date;
use leftfold::message::{self, Message, Words};
use leftfold::page::printable;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    De,
}

/// A language with its words.
#[derive(Clone, Copy)]
pub struct Speech {
    language: Language,
    words: &'static Words,
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| {
    MESSAGES
        .iter()
        .fold(Words::default(), |words, (name, sentence)| words.say(*name, *sentence))
        .value(
            |customer: &CustomerNumber| Some(format!("customer {customer}")),
            |text| text.strip_prefix("customer ")?.parse().ok().map(CustomerNumber),
        )
        .value(|day: &Date| Some(day.to_string()), |text| text.parse().ok())
});

static GERMAN: LazyLock<Words> = LazyLock::new(german::for_any_customer);

/// Where the plain rule reads like code, a sentence does not.
const MESSAGES: &[(&str, &str)] = &[
    ("MakeAppointment", "make an appointment with {customer} on {on}"),
    (
        "RequestSpecialConditions",
        "request special conditions: {sales_area} m² of sales area, {planned_sales} euros of planned sales, account manager {account_manager}",
    ),
    ("AcceptConditions", "{supervisor} accepts the conditions"),
    ("RejectConditions", "{supervisor} rejects the conditions: {reason}"),
    ("ConfirmSending", "confirm that the contract was sent"),
    ("ConfirmStart", "confirm that signing has started"),
    ("ConfirmInternalSignature", "confirm our signature"),
    ("ConfirmExternalSignature", "confirm the customer's signature"),
    ("CompleteContract", "complete the contract"),
    ("AbandonNegotiation", "give the negotiation up: {reason}"),
    ("AppointmentMade", "appointment made with {customer} on {on}"),
    ("AppointmentMoved", "appointment moved to {on}"),
    (
        "SpecialConditionsRequested",
        "special conditions requested: {sales_area} m² of sales area, {planned_sales} euros of planned sales, account manager {account_manager}",
    ),
    ("ConditionsAccepted", "{supervisor} has accepted the conditions"),
    ("ConditionsRejected", "{supervisor} has rejected the conditions: {reason}"),
    ("SentToSigningService", "sent to the signing service"),
    ("SigningStarted", "signing has started"),
    ("InternallySigned", "signed by us"),
    ("ExternallySigned", "signed by the customer"),
    ("ContractCompleted", "contract completed"),
    ("NegotiationAbandoned", "negotiation given up: {reason}"),
];

impl Speech {
    pub fn of(language: Language) -> Speech {
        let words = match language {
            Language::En => &*ENGLISH,
            Language::De => &*GERMAN,
        };
        Speech { language, words }
    }

    /// The one or the other, as the language is.
    pub fn either<T>(self, english: impl FnOnce() -> T, german: impl FnOnce() -> T) -> T {
        match self.language {
            Language::En => english(),
            Language::De => german(),
        }
    }

    /// A command or an event, as one line.
    pub fn message<M: Message>(self, message: &M) -> String {
        printable(&message::say(message, self.words)).into_owned()
    }

    pub fn messages<'m, M: Message + 'm>(self, messages: impl IntoIterator<Item = &'m M>) -> Vec<String> {
        messages.into_iter().map(|one| self.message(one)).collect()
    }

    pub fn rejection(self, rejection: &ContractRejection) -> String {
        self.either(|| rejection.to_string(), || german::form::rejection(rejection))
    }

    pub fn stage(self, stage: Stage) -> &'static str {
        self.either(|| stage.name(), || german::form::stage(stage))
    }

    pub fn step(self, step: Step) -> String {
        self.either(|| step.to_string(), || german::form::step(step).to_string())
    }

    pub fn label(self, label: Label) -> String {
        self.either(|| label.to_string(), || german::form::label(label).to_string())
    }

    pub fn choice(self, choice: Choice) -> &'static str {
        self.either(|| choice.name(), || german::form::choice(choice))
    }

    pub fn wrong(self, wrong: &Wrong) -> String {
        printable(&self.either(|| wrong.to_string(), || german::form::wrong(wrong))).into_owned()
    }

    pub fn hindrance(self, hindrance: &Hindrance) -> String {
        self.either(|| hindrance.to_string(), || german::form::hindrance(hindrance))
    }

    pub fn segment(self, segment: Segment) -> &'static str {
        match segment {
            Segment::Boutique => self.either(|| "boutique", || "Boutique"),
            Segment::Chain => self.either(|| "chain", || "Kette"),
            Segment::DepartmentStore => self.either(|| "department store", || "Warenhaus"),
            Segment::Online => self.either(|| "online", || "Onlinehandel"),
        }
    }

    pub fn detail(self, detail: Detail) -> &'static str {
        match detail {
            Detail::Stage => self.either(|| "stage", || "Stand"),
            Detail::Customer => self.either(|| "customer", || "Kunde"),
            Detail::Appointment => self.either(|| "appointment", || "Termin"),
            Detail::AccountManager => self.either(|| "account manager", || "Kundenbetreuer"),
            Detail::SalesArea => self.either(|| "sales area", || "Verkaufsfläche"),
            Detail::PlannedSales => self.either(|| "planned annual sales", || "geplanter Jahresumsatz"),
            Detail::Signed => self.either(|| "signed", || "unterschrieben"),
        }
    }

    /// What an event is, without its fields.
    pub fn kind(self, event: &ContractEvent) -> &'static str {
        let (english, german) = match event {
            ContractEvent::AppointmentMade { .. } => ("appointment made", "Termin vereinbart"),
            ContractEvent::AppointmentMoved { .. } => ("appointment moved", "Termin verschoben"),
            ContractEvent::SpecialConditionsRequested(_) => ("conditions requested", "Konditionen beantragt"),
            ContractEvent::ConditionsAccepted { .. } => ("conditions accepted", "Konditionen genehmigt"),
            ContractEvent::ConditionsRejected { .. } => ("conditions rejected", "Konditionen abgelehnt"),
            ContractEvent::SentToSigningService => {
                ("sent to the signing service", "an den Signaturdienst übergeben")
            }
            ContractEvent::SigningStarted => ("signing started", "Unterzeichnung begonnen"),
            ContractEvent::InternallySigned => ("signed by us", "von uns unterschrieben"),
            ContractEvent::ExternallySigned => ("signed by the customer", "vom Kunden unterschrieben"),
            ContractEvent::ContractCompleted => ("contract completed", "Vertrag abgeschlossen"),
            ContractEvent::NegotiationAbandoned { .. } => ("negotiation given up", "Verhandlung aufgegeben"),
        };
        self.either(|| english, || german)
    }

    pub fn day(self, day: Date) -> String {
        self.either(|| day.to_string(), || german::said_day(day))
    }

    /// A whole number, in groups of three digits.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut said = String::with_capacity(digits.len() + 6);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                said.push(self.either(|| ',', || '.'));
            }
            said.push(digit);
        }
        said
    }
}

/// Messages to be said.
#[derive(Deserialize)]
pub struct Say {
    #[serde(default)]
    events: Messages<ContractEvent>,
    #[serde(default)]
    commands: Messages<ContractCommand>,
    #[serde(default)]
    rejections: Messages<ContractRejection>,
}

pub fn say(question: &Say, speech: Speech) -> Value {
    json!({
        "events": speech.messages(&*question.events),
        "commands": speech.messages(&*question.commands),
        "rejections": question.rejections.iter().map(|why| speech.rejection(why)).collect::<Vec<_>>(),
    })
}
