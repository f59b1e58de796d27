//! What the process must do, by example.

mod reading;

use super::contract::ContractCommand::*;
use super::contract::ContractEvent::*;
use super::contract::{
    ContractNumber, ContractRejection, LARGEST_SALES_AREA, Problem, SpecialConditions, Stage,
};
use super::customer::CustomerCommand::*;
use super::customer::CustomerEvent::*;
use super::customer::{
    BasicData, Change, CustomerRejection, DeskwareData, InvoiceData, InvoiceFormat, Segment,
};
use super::obligations::Obligations;
use super::outside::MailCommand::*;
use super::outside::MailEvent::*;
use super::outside::SigningAnswer::*;
use super::outside::SigningCommand::*;
use super::outside::SigningEvent::*;
use super::outside::{Letter, SigningRejection};
use super::search::Search;
use super::{Command, Event, Rejection, Whole, contract, customer, german, whole};
use jiff::civil::{Date, date};
use leftfold::check::{Law, Property};
use leftfold::desk::OnDesk;
use leftfold::spec::Specified;
use leftfold::{Model, ProcessRejection, Scenario};

/// Whatever decider the scenarios are held against.
trait Whatever:
    Specified<Command = Command, Event = Event, Rejection = ProcessRejection<Rejection, Command>>
{
}

impl<D: Specified<Command = Command, Event = Event, Rejection = ProcessRejection<Rejection, Command>>>
    Whatever for D
{
}

fn refused<R: Into<Rejection>>(rejection: R) -> ProcessRejection<Rejection, Command> {
    ProcessRejection::Refused(rejection.into())
}

/// The customer and the contract that all scenarios are about.
const PETRA: u32 = 7;
const ONE: u32 = 1;

fn day() -> Date {
    date(2026, 12, 1)
}

fn later() -> Date {
    date(2026, 12, 3)
}

fn petra() -> BasicData {
    BasicData {
        name: "Petra Moden".into(),
        street: "Hauptstrasse 1".into(),
        postcode: "60311".into(),
        city: "Frankfurt".into(),
        segment: Segment::Boutique,
    }
}

fn moved() -> BasicData {
    BasicData { street: "Zeil 12".into(), ..petra() }
}

fn invoices() -> InvoiceData {
    InvoiceData { email: "rechnung@petra-moden.example".into(), format: InvoiceFormat::Pdf }
}

fn deskware() -> DeskwareData {
    DeskwareData { account_manager: "Alex".into(), sales_area: 120, turnover: 90_000 }
}

fn conditions() -> SpecialConditions {
    SpecialConditions { account_manager: "Alex".into(), sales_area: 120, planned_sales: 80_000 }
}

fn appointed() -> Event {
    contract(ONE, AppointmentMade { customer: super::CustomerNumber(PETRA), on: day() })
}

fn appoint() -> Command {
    contract(ONE, MakeAppointment { customer: super::CustomerNumber(PETRA), on: day() })
}

fn appoint_later() -> Command {
    contract(ONE, MakeAppointment { customer: super::CustomerNumber(PETRA), on: later() })
}

fn requested() -> Event {
    contract(ONE, SpecialConditionsRequested(conditions()))
}

fn request() -> Command {
    contract(ONE, RequestSpecialConditions(conditions()))
}

fn mailed(letter: Letter) -> Event {
    contract(ONE, MailSent { letter })
}

fn accept() -> Command {
    contract(ONE, AcceptConditions { supervisor: "Ruth".into() })
}

fn accepted() -> Event {
    contract(ONE, ConditionsAccepted { supervisor: "Ruth".into() })
}

fn reason() -> String {
    "too little is planned".into()
}

fn reject() -> Command {
    contract(ONE, RejectConditions { supervisor: "Ruth".into(), reason: reason() })
}

fn rejected() -> Event {
    contract(ONE, ConditionsRejected { supervisor: "Ruth".into(), reason: reason() })
}

fn note() -> Command {
    customer(PETRA, NoteRejection { contract: ContractNumber(ONE), reason: reason() })
}

fn noted() -> Event {
    customer(PETRA, RejectionNoted { contract: ContractNumber(ONE), reason: reason() })
}

fn abandon() -> Command {
    contract(ONE, AbandonNegotiation { reason: "closed for good".into() })
}

fn abandoned() -> Event {
    contract(ONE, NegotiationAbandoned { reason: "closed for good".into() })
}

fn answer(answer: super::outside::SigningAnswer) -> Command {
    contract(ONE, Answer(answer))
}

fn answered(answer: super::outside::SigningAnswer) -> Event {
    contract(ONE, SigningServiceAnswered(answer))
}

/// Customers, contracts, mail and signing as one model.
pub fn model() -> Model<
    impl OnDesk<Command = Command, Event = Event, Rejection = ProcessRejection<Rejection, Command>, State = Whole>
    + Clone,
> {
    Model::new("contract", whole())
        .scenarios(customers())
        .scenarios(negotiation())
        .scenarios(refusals())
        .scenarios(signing())
        .scenarios(endings())
        .alphabet(|_| alphabet())
        .properties([
            Property::always("no contract is completed without both signatures", |whole: &Whole| {
                stage(whole) != Stage::Completed || is_signed(whole)
            }),
            Property::always_step("every request is mailed in the same breath", |step| {
                let happened: &[Event] = step.outcome.as_deref().unwrap_or_default();
                !happened.contains(&requested()) || happened.contains(&mailed(Letter::Request))
            }),
            Property::sometimes("a contract is completed", |whole: &Whole| stage(whole) == Stage::Completed),
            Property::always_possible("a contract can be completed or ended", |whole: &Whole| {
                stage(whole).has_ended()
            }),
        ])
        .laws(Law::of_functions())
        .laws([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()])
        .label(|whole: &Whole| stage(whole).name())
        .explored(20_000)
        .behaviour("examples/contract/contract.behaviour.jsonl")
        .process("what is owed", Obligations, reading::obligations())
        .view("search", Search, reading::searches())
        .view_says(&reading::finds())
        .view_says(&reading::finds_nobody())
        .view_says(&reading::finds_in_stage())
        .view_says(&reading::finds_nobody_in_stage())
        .words_in("de", german::words())
}

fn stage(whole: &Whole) -> Stage {
    whole.decider.0.0.1.get(&ContractNumber(ONE)).map(|contract| contract.stage).unwrap_or_default()
}

fn is_signed(whole: &Whole) -> bool {
    let contract = whole.decider.0.0.1.get(&ContractNumber(ONE));
    contract.is_some_and(|contract| contract.signed_internally && contract.signed_externally)
}

/// Everything that is worth asking for, about one customer and one contract; what is confirmed by mistake among it. Only
/// the process posts letters and asks the signing service.
pub fn alphabet() -> Vec<Command> {
    vec![
        customer(PETRA, ImportBasicCustomerData(petra())),
        customer(PETRA, ImportDigitalInvoiceData(invoices())),
        appoint(),
        appoint_later(),
        request(),
        accept(),
        reject(),
        abandon(),
        answer(Started),
        answer(SignedInternally),
        answer(SignedExternally),
        note(),
        contract(ONE, ConfirmSending),
        contract(ONE, ConfirmStart),
        contract(ONE, ConfirmInternalSignature),
        contract(ONE, ConfirmExternalSignature),
        contract(ONE, CompleteContract),
    ]
}

// The way of a contract that goes well, each from the one before.

fn with_appointment<D: Specified<Event = Event>>() -> Scenario<D> {
    Scenario::named("an appointment with Petra").given([appointed()])
}

fn with_request<D: Specified<Event = Event>>() -> Scenario<D> {
    let appointed = with_appointment().fork("special conditions are requested");
    appointed.given([requested(), mailed(Letter::Request)])
}

fn sent<D: Specified<Event = Event>>() -> Scenario<D> {
    with_request().fork("the contract is with the signing service").given([
        accepted(),
        contract(ONE, SigningRequested),
        contract(ONE, SentToSigningService),
    ])
}

fn started<D: Specified<Event = Event>>() -> Scenario<D> {
    sent().given([answered(Started), contract(ONE, SigningStarted)])
}

fn half_signed<D: Specified<Event = Event>>() -> Scenario<D> {
    started().given([answered(SignedInternally), contract(ONE, InternallySigned)])
}

fn completed<D: Specified<Event = Event>>() -> Scenario<D> {
    half_signed().fork("the contract is complete").given([
        answered(SignedExternally),
        contract(ONE, ExternallySigned),
        contract(ONE, ContractCompleted),
        mailed(Letter::Completion),
    ])
}

fn was_rejected<D: Specified<Event = Event>>() -> Scenario<D> {
    let requested = with_request().fork("the conditions are rejected");
    requested.given([rejected(), mailed(Letter::Rejection), noted()])
}

fn was_abandoned<D: Specified<Event = Event>>() -> Scenario<D> {
    with_appointment().fork("the negotiation was given up").given([abandoned()])
}

fn customers<D: Whatever>() -> Vec<Scenario<D>> {
    let known = || Scenario::named("Petra is known").given([customer(PETRA, ShopAdded(petra()))]);
    vec![
        Scenario::named("a row about a new shop adds it")
            .when(customer(PETRA, ImportBasicCustomerData(petra())))
            .then([customer(PETRA, ShopAdded(petra()))]),
        known()
            .fork("a row that says something new updates the shop")
            .when(customer(PETRA, ImportBasicCustomerData(moved())))
            .then([customer(PETRA, ShopUpdated(Change::Basic(moved())))]),
        known()
            .fork("a row that says what is known records nothing")
            .when(customer(PETRA, ImportBasicCustomerData(petra())))
            .then_nothing(),
        known()
            .fork("where the invoices go is an update of the shop")
            .when(customer(PETRA, ImportDigitalInvoiceData(invoices())))
            .then([customer(PETRA, ShopUpdated(Change::Invoice(invoices())))])
            .and_when(customer(PETRA, ImportDigitalInvoiceData(invoices())))
            .then_nothing(),
        known()
            .fork("what the sales department keeps is an update too")
            .when(customer(PETRA, ImportCustomerDeskwareData(deskware())))
            .then([customer(PETRA, ShopUpdated(Change::Deskware(deskware())))])
            .and_when(customer(PETRA, ImportCustomerDeskwareData(deskware())))
            .then_nothing(),
        Scenario::named("a shop has a name")
            .when(customer(PETRA, ImportBasicCustomerData(BasicData { name: " ".into(), ..petra() })))
            .then_rejected(refused(CustomerRejection::NameMissing)),
        known()
            .fork("invoices go to an address of e-mail")
            .when(customer(
                PETRA,
                ImportDigitalInvoiceData(InvoiceData { email: "petra".into(), ..invoices() }),
            ))
            .then_rejected(refused(CustomerRejection::NotAnAddress { email: "petra".into() })),
        Scenario::named("nothing more is taken over of a shop that nobody knows")
            .when(customer(PETRA, ImportDigitalInvoiceData(invoices())))
            .then_rejected(refused(CustomerRejection::UnknownShop)),
        Scenario::named("a rejection is noted, also of a shop that comes with the next export")
            .when(note())
            .then([noted()])
            .and_when(note())
            .then_nothing(),
    ]
}

fn negotiation<D: Whatever>() -> Vec<Scenario<D>> {
    vec![
        Scenario::named("a negotiation begins with an appointment").when(appoint()).then([appointed()]),
        with_appointment()
            .fork("special conditions are requested, and the customer service has a mail at once")
            .when(request())
            .then([requested(), mailed(Letter::Request)]),
        with_request().fork("what the supervisor accepts goes to the signing service").when(accept()).then([
            accepted(),
            contract(ONE, SigningRequested),
            contract(ONE, SentToSigningService),
        ]),
        with_request()
            .fork("what the supervisor rejects is mailed, and noted with the customer")
            .when(reject())
            .then([rejected(), mailed(Letter::Rejection), noted()]),
        with_appointment()
            .fork("an appointment can be moved to another day")
            .when(appoint_later())
            .then([contract(ONE, AppointmentMoved { on: later() })]),
        with_appointment()
            .fork("and moved once more")
            .when(appoint_later())
            .then([contract(ONE, AppointmentMoved { on: later() })])
            .and_when(appoint())
            .then([contract(ONE, AppointmentMoved { on: day() })]),
        with_appointment().fork("whoever negotiates may give it up").when(abandon()).then([abandoned()]),
        with_request()
            .fork("a letter is sent once")
            .when(contract(ONE, SendMail { letter: Letter::Request }))
            .then_nothing(),
        Scenario::open_question("May the supervisor decide before the customer service has its mail?"),
        Scenario::open_question("May special conditions be requested again after a rejection?"),
    ]
}

fn refusals<D: Whatever>() -> Vec<Scenario<D>> {
    let nothing = |name: &str| Scenario::named(name);
    vec![
        with_appointment()
            .fork("an appointment is made once")
            .when(appoint())
            .then_rejected(refused(ContractRejection::AppointmentAlreadyMade)),
        with_appointment()
            .fork("a contract is one customer's")
            .when(contract(ONE, MakeAppointment { customer: super::CustomerNumber(PETRA + 1), on: later() }))
            .then_rejected(refused(ContractRejection::AppointmentAlreadyMade)),
        with_request()
            .fork("an appointment that has led to a request is not moved any more")
            .when(appoint_later())
            .then_rejected(refused(ContractRejection::AppointmentAlreadyMade)),
        nothing("nothing is requested without an appointment")
            .when(request())
            .then_rejected(refused(ContractRejection::NoAppointment)),
        with_request()
            .fork("special conditions are requested once")
            .when(request())
            .then_rejected(refused(ContractRejection::AlreadyRequested)),
        with_appointment()
            .fork("a request that is not filled in tells what is wrong with each field")
            .when(contract(
                ONE,
                RequestSpecialConditions(SpecialConditions {
                    account_manager: String::new(),
                    sales_area: LARGEST_SALES_AREA + 1,
                    planned_sales: 0,
                }),
            ))
            .then_rejected(refused(ContractRejection::Invalid(vec![
                Problem::AccountManagerMissing,
                Problem::SalesAreaTooLarge { at_most: LARGEST_SALES_AREA },
                Problem::PlannedSalesTooLow { at_least: 10_000_000 },
            ]))),
        with_appointment()
            .fork("a larger sales area asks for more sales")
            .when(contract(
                ONE,
                RequestSpecialConditions(SpecialConditions { planned_sales: 59_999, ..conditions() }),
            ))
            .then_rejected(refused(ContractRejection::Invalid(vec![Problem::PlannedSalesTooLow {
                at_least: 60_000,
            }]))),
        with_appointment()
            .fork("nothing is decided that was not requested")
            .when(accept())
            .then_rejected(refused(ContractRejection::NothingRequested)),
        with_appointment()
            .fork("and nothing is rejected")
            .when(reject())
            .then_rejected(refused(ContractRejection::NothingRequested)),
        nothing("nothing is given up without an appointment")
            .when(abandon())
            .then_rejected(refused(ContractRejection::NoAppointment)),
        sent()
            .fork("the supervisor decides once")
            .when(reject())
            .then_rejected(refused(ContractRejection::AlreadyDecided))
            .and_when(accept())
            .then_rejected(refused(ContractRejection::AlreadyDecided)),
        with_request()
            .fork("a rejection has a reason, and somebody who answers for it")
            .when(contract(ONE, RejectConditions { supervisor: " ".into(), reason: String::new() }))
            .then_rejected(refused(ContractRejection::Invalid(vec![
                Problem::SupervisorMissing,
                Problem::ReasonMissing,
            ]))),
    ]
}

fn signing<D: Whatever>() -> Vec<Scenario<D>> {
    vec![
        sent()
            .fork("the signing service answers, and the contract hears of it")
            .when(answer(Started))
            .then([answered(Started), contract(ONE, SigningStarted)])
            .and_when(answer(Started))
            .then_nothing()
            .and_when(answer(SignedInternally))
            .then([answered(SignedInternally), contract(ONE, InternallySigned)]),
        half_signed()
            .fork("with the second signature the contract is complete, and one mail says so")
            .when(answer(SignedExternally))
            .then([
                answered(SignedExternally),
                contract(ONE, ExternallySigned),
                contract(ONE, ContractCompleted),
                mailed(Letter::Completion),
            ]),
        sent().fork("a signature tells that signing has started").when(answer(SignedExternally)).then([
            answered(SignedExternally),
            contract(ONE, SigningStarted),
            contract(ONE, ExternallySigned),
        ]),
        started()
            .fork("the customer may sign first")
            .when(answer(SignedExternally))
            .then([answered(SignedExternally), contract(ONE, ExternallySigned)])
            .and_when(answer(SignedInternally))
            .then([
                answered(SignedInternally),
                contract(ONE, InternallySigned),
                contract(ONE, ContractCompleted),
                mailed(Letter::Completion),
            ]),
        sent()
            .fork("what the signing service does not say is confirmed by hand")
            .when(contract(ONE, ConfirmStart))
            .then([contract(ONE, SigningStarted)])
            .and_when(contract(ONE, ConfirmInternalSignature))
            .then([contract(ONE, InternallySigned)])
            .and_when(contract(ONE, ConfirmExternalSignature))
            .then([
                contract(ONE, ExternallySigned),
                contract(ONE, ContractCompleted),
                mailed(Letter::Completion),
            ]),
        with_request()
            .fork("the signing service answers only what it was asked")
            .when(answer(Started))
            .then_rejected(refused(SigningRejection::NotAsked)),
        sent().fork("the signing service is asked once").when(contract(ONE, RequestSigning)).then_nothing(),
        completed()
            .fork("what is confirmed again records nothing")
            .when_all([
                contract(ONE, ConfirmSending),
                contract(ONE, ConfirmStart),
                contract(ONE, ConfirmInternalSignature),
                contract(ONE, ConfirmExternalSignature),
                contract(ONE, CompleteContract),
            ])
            .then_nothing(),
        with_request()
            .fork("nothing is sent that is not accepted")
            .when(contract(ONE, ConfirmSending))
            .then_rejected(refused(ContractRejection::NotAccepted)),
        with_request()
            .fork("nobody signs what was not sent")
            .when(contract(ONE, ConfirmStart))
            .then_rejected(refused(ContractRejection::NotSent)),
        sent()
            .fork("nobody signs before signing has started")
            .when(contract(ONE, ConfirmInternalSignature))
            .then_rejected(refused(ContractRejection::SigningNotStarted)),
        half_signed()
            .fork("no contract is completed without both signatures")
            .when(contract(ONE, CompleteContract))
            .then_rejected(refused(ContractRejection::SignatureMissing)),
        Scenario::open_question("For how long may the signing service stay silent?"),
    ]
}

fn endings<D: Whatever>() -> Vec<Scenario<D>> {
    vec![
        completed()
            .fork("a complete contract is not given up")
            .when(abandon())
            .then_rejected(refused(ContractRejection::Completed)),
        completed()
            .fork("and nothing more is decided about it")
            .when(accept())
            .then_rejected(refused(ContractRejection::Completed))
            .and_when(reject())
            .then_rejected(refused(ContractRejection::Completed))
            .and_when(request())
            .then_rejected(refused(ContractRejection::Completed)),
        was_rejected()
            .fork("a rejected contract goes no further")
            .when(accept())
            .then_rejected(refused(ContractRejection::Rejected))
            .and_when(reject())
            .then_rejected(refused(ContractRejection::Rejected))
            .and_when(abandon())
            .then_rejected(refused(ContractRejection::Rejected)),
        was_abandoned()
            .fork("a negotiation that was given up goes no further")
            .when(request())
            .then_rejected(refused(ContractRejection::Abandoned)),
        was_abandoned()
            .fork("and is neither decided nor given up again")
            .when(accept())
            .then_rejected(refused(ContractRejection::Abandoned))
            .and_when(reject())
            .then_rejected(refused(ContractRejection::Abandoned))
            .and_when(abandon())
            .then_rejected(refused(ContractRejection::Abandoned)),
        sent()
            .fork("a signing service that never answers does not hold a contract for ever")
            .when(abandon())
            .then([abandoned()])
            .and_when(answer(SignedExternally))
            .then([answered(SignedExternally)]),
    ]
}
