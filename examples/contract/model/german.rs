//! The contract in German: `vertrag.feature` is written in these words, and the page of `apps/contract` speaks them.

// Said by the page alone.
#[allow(dead_code)]
pub mod form;

use super::customer::CustomerNumber;
use jiff::civil::Date;
use leftfold::message::Words;

/// All words of the model, for texts that begin with `# language: de`. The customers of the scenarios have names.
pub fn words() -> Words {
    of_the_model().value(said_customer, read_customer)
}

/// The same words for any customers.
#[allow(dead_code)]
pub fn for_any_customer() -> Words {
    of_the_model().value(
        |customer: &CustomerNumber| Some(format!("Kunde {customer}")),
        |text| text.strip_prefix("Kunde ")?.parse().ok().map(CustomerNumber),
    )
}

fn of_the_model() -> Words {
    [KIT, PARTS, FIELDS, VALUES, CUSTOMERS, CONTRACTS, MAIL_AND_SIGNING, REFUSALS, SENTENCES]
        .concat()
        .into_iter()
        .fold(Words::default(), |words, (english, german)| words.say(english, german))
        .value(|day: &Date| Some(said_day(*day)), read_day)
}

/// What the kit says itself.
const KIT: &[(&str, &str)] = &[
    ("nothing happens", "es geschieht nichts"),
    ("nothing is asked", "es wird nichts verlangt"),
    ("it is refused", "abgelehnt"),
    ("the answer is", "die Antwort ist"),
    ("owed", "zu erledigen"),
    ("still owed", "noch zu erledigen"),
    ("nothing is owed", "nichts ist zu erledigen"),
    ("nothing more is owed", "nichts Weiteres ist zu erledigen"),
    ("today", "heute"),
    ("command", "Auftrag"),
    ("also when events are delivered twice", "auch wenn Ereignisse doppelt eintreffen"),
    ("in any order of the events", "in jeder Reihenfolge der Ereignisse"),
    ("yes", "ja"),
    ("no", "nein"),
    ("none", "keine"),
    ("and", "und"),
    ("no {field}", "kein {field}"),
    ("not {field}", "nicht {field}"),
];

const PARTS: &[(&str, &str)] = &[
    ("customer", "Kunde"),
    ("contract", "Vertrag"),
    ("mail", "Post zu Vertrag"),
    ("signing", "Signatur von Vertrag"),
    ("what is owed", "offene Aufgaben"),
    ("search", "Suche"),
];

const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("street", "Straße"),
    ("postcode", "Postleitzahl"),
    ("city", "Ort"),
    ("segment", "Art"),
    ("email", "E-Mail"),
    ("format", "Format"),
    ("account manager", "Kundenbetreuer"),
    ("sales area", "Verkaufsfläche"),
    ("turnover", "Umsatz"),
    ("at most", "höchstens"),
    ("at least", "mindestens"),
];

const VALUES: &[(&str, &str)] = &[
    ("boutique", "Boutique"),
    ("chain", "Kette"),
    ("department store", "Warenhaus"),
    ("online", "Onlinehandel"),
    ("pdf", "PDF"),
    ("xml", "XML"),
    ("basic", "Stammdaten"),
    ("invoice", "Rechnungsdaten"),
    ("deskware", "Vertriebsdaten"),
    ("request", "Antrag"),
    ("rejection", "Ablehnung"),
    ("completion", "Abschluss"),
    ("started", "begonnen"),
    ("signed internally", "von uns unterschrieben"),
    ("signed externally", "vom Kunden unterschrieben"),
    ("account manager missing", "Kundenbetreuer fehlt"),
    ("sales area missing", "Verkaufsfläche fehlt"),
    ("sales area too large", "Verkaufsfläche zu groß"),
    ("planned sales too low", "geplanter Umsatz zu niedrig"),
    ("supervisor missing", "Entscheider fehlt"),
    ("reason missing", "Begründung fehlt"),
    ("requested", "beantragten"),
    ("appointed", "terminierten"),
];

const CUSTOMERS: &[(&str, &str)] = &[
    ("ImportBasicCustomerData", "Stammdaten übernehmen: {name}, {street}, {postcode}, {city}, {segment}"),
    ("ImportDigitalInvoiceData", "Rechnungsdaten übernehmen: {format} an {email}"),
    (
        "ImportCustomerDeskwareData",
        "Vertriebsdaten übernehmen: {sales_area} m² Verkaufsfläche, {turnover} Euro Umsatz, Kundenbetreuer {account_manager}",
    ),
    ("NoteRejection", "Ablehnung von Vertrag {contract} vermerken: {reason}"),
    ("ShopAdded", "Geschäft aufgenommen: {name}, {street}, {postcode}, {city}, {segment}"),
    ("ShopUpdated", "Geschäft geändert: {0}"),
    ("RejectionNoted", "Ablehnung von Vertrag {contract} vermerkt: {reason}"),
];

const CONTRACTS: &[(&str, &str)] = &[
    ("MakeAppointment", "Termin mit {customer} am {on} vereinbaren"),
    (
        "RequestSpecialConditions",
        "Sonderkonditionen beantragen: {sales_area} m² Verkaufsfläche, {planned_sales} Euro geplanter Umsatz, Kundenbetreuer {account_manager}",
    ),
    ("AcceptConditions", "{supervisor} genehmigt die Konditionen"),
    ("RejectConditions", "{supervisor} lehnt die Konditionen ab: {reason}"),
    ("ConfirmSending", "Übergabe bestätigen"),
    ("ConfirmStart", "Beginn der Unterzeichnung bestätigen"),
    ("ConfirmInternalSignature", "unsere Unterschrift bestätigen"),
    ("ConfirmExternalSignature", "Unterschrift des Kunden bestätigen"),
    ("CompleteContract", "Vertrag abschließen"),
    ("AbandonNegotiation", "Verhandlung aufgeben: {reason}"),
    ("AppointmentMade", "Termin mit {customer} am {on} vereinbart"),
    ("AppointmentMoved", "Termin auf den {on} verschoben"),
    (
        "SpecialConditionsRequested",
        "Sonderkonditionen beantragt: {sales_area} m² Verkaufsfläche, {planned_sales} Euro geplanter Umsatz, Kundenbetreuer {account_manager}",
    ),
    ("ConditionsAccepted", "{supervisor} hat die Konditionen genehmigt"),
    ("ConditionsRejected", "{supervisor} hat die Konditionen abgelehnt: {reason}"),
    ("SentToSigningService", "an den Signaturdienst übergeben"),
    ("SigningStarted", "Unterzeichnung begonnen"),
    ("InternallySigned", "von uns unterschrieben"),
    ("ExternallySigned", "vom Kunden unterschrieben"),
    ("ContractCompleted", "Vertrag abgeschlossen"),
    ("NegotiationAbandoned", "Verhandlung aufgegeben: {reason}"),
];

const MAIL_AND_SIGNING: &[(&str, &str)] = &[
    ("SendMail", "Schreiben versenden: {letter}"),
    ("MailSent", "Schreiben versandt: {letter}"),
    ("RequestSigning", "Unterschriften anfordern"),
    ("Answer", "der Signaturdienst antwortet: {0}"),
    ("SigningRequested", "Unterschriften angefordert"),
    ("SigningServiceAnswered", "der Signaturdienst hat geantwortet: {0}"),
];

const REFUSALS: &[(&str, &str)] = &[
    ("NameMissing", "Name fehlt"),
    ("NotAnAddress", "keine E-Mail-Adresse: {email}"),
    ("UnknownShop", "Geschäft unbekannt"),
    ("Invalid", "ungültig: {0}"),
    ("NoAppointment", "kein Termin vereinbart"),
    ("AppointmentAlreadyMade", "Termin bereits vereinbart"),
    ("NothingRequested", "nichts beantragt"),
    ("AlreadyRequested", "bereits beantragt"),
    ("AlreadyDecided", "bereits entschieden"),
    ("NotAccepted", "Konditionen nicht genehmigt"),
    ("NotSent", "nicht an den Signaturdienst übergeben"),
    ("SigningNotStarted", "Unterzeichnung nicht begonnen"),
    ("SignatureMissing", "Unterschrift fehlt"),
    ("Rejected", "Konditionen abgelehnt"),
    ("Abandoned", "Verhandlung aufgegeben"),
    ("Completed", "Vertrag abgeschlossen"),
    ("NotAsked", "Signaturdienst nicht beauftragt"),
];

/// What the model says of a search.
const SENTENCES: &[(&str, &str)] = &[
    ("a search for \"{words}\" finds customer {customer}", "die Suche nach \"{words}\" findet {customer}"),
    ("a search for \"{words}\" finds nobody", "die Suche nach \"{words}\" findet niemanden"),
    (
        "among {stage} contracts, customer {customer} is found",
        "unter {stage} Verträgen wird {customer} gefunden",
    ),
    ("among {stage} contracts, nobody is found", "unter {stage} Verträgen wird niemand gefunden"),
];

/// The customers that the scenarios are about, by name.
const NAMES: [(CustomerNumber, &str); 2] =
    [(CustomerNumber(7), "Petra Moden"), (CustomerNumber(8), "Karl Mode")];

fn said_customer(customer: &CustomerNumber) -> Option<String> {
    NAMES.iter().find(|(number, _)| number == customer).map(|(_, name)| (*name).to_string())
}

fn read_customer(text: &str) -> Option<CustomerNumber> {
    NAMES.iter().find(|(_, name)| *name == text).map(|(number, _)| *number)
}

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// "1. Dezember 2026".
pub fn said_day(day: Date) -> String {
    let month = usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    format!("{}. {month} {}", day.day(), day.year())
}

fn read_day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_once(". ")?;
    let (month, year) = rest.split_once(' ')?;
    let month = i8::try_from(MONTHS.iter().position(|name| *name == month)? + 1).ok()?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[test]
fn days_are_said_and_read_in_german() {
    use jiff::civil::date;
    assert_eq!(said_day(date(2026, 12, 1)), "1. Dezember 2026");
    assert_eq!(read_day("1. Dezember 2026"), Some(date(2026, 12, 1)));
    assert_eq!(read_day("31. Februar 2026"), None);
}
