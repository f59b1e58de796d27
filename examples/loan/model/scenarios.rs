//! What the model must do, by example.

use super::messages::{Command::*, Event::*, Rejection::*, Work::*, command_for};
use super::{Application, Command, Loan, Offer, Work};
use leftfold::check::{Law, Property, Step};
use leftfold::{Model, Scenario};

/// The application and its offers.
pub fn model() -> Model<Loan> {
    specified("loan", Loan::default())
}

/// The same model where it also judges the life of work items.
pub fn strict_model() -> Model<Loan> {
    specified("loan, strict", Loan::strict()).scenarios(life_of_work())
}

fn specified(name: &str, loan: Loan) -> Model<Loan> {
    Model::new(name, loan)
        .scenarios(application())
        .scenarios(offers())
        .scenarios(yes())
        .scenarios(no())
        .scenarios(work())
        .alphabet(steps)
        .properties([
            Property::always("an application ends in one way", |application: &Application| {
                application.end.is_none() || !application.granted.activated
            }),
            Property::always(
                "an offer is accepted only once the customer has answered",
                |application: &Application| {
                    application.offer != Some(Offer::Accepted) || application.answered
                },
            ),
            Property::always_step(
                "an application that has ended begins no new work",
                |step: &Step<'_, Loan>| {
                    step.before.end.is_none()
                        || !matches!(step.command, ScheduleWork(_))
                        || step.outcome.is_err()
                },
            ),
            Property::sometimes("a loan is paid out", |application: &Application| {
                application.granted.activated
            }),
            Property::always_possible("an application can come to an end", |application: &Application| {
                application.end.is_some() || application.granted.activated
            }),
        ])
        .laws(Law::of_functions())
        .laws([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()])
        .label(stage)
        .caused_by(|lived| command_for(lived.event))
        .explored(20_000)
}

/// How far people would say it is.
fn stage(application: &Application) -> String {
    match application.end {
        Some(end) => format!("{end:?}"),
        None if application.is_granted() => "Granted".to_string(),
        None => format!("{:?}", application.stage),
    }
}

/// Everything that can be asked for in a state, with the work that leads to a yes; nobody begins work beside other work.
fn steps(application: &Application) -> Vec<Command> {
    let mut steps = vec![
        Submit,
        PreAccept,
        Accept,
        Finalise,
        Decline,
        Cancel,
        Approve,
        Register,
        Activate,
        SelectOffer,
        CreateOffer,
        SendOffer,
        ReceiveOfferBack,
        AcceptOffer,
        CancelOffer,
        DeclineOffer,
    ];
    for work in [Work::CompleteApplication, Work::CallAfterOffers, Work::ValidateApplication] {
        steps.extend([ScheduleWork(work), CompleteWork(work)]);
        if application.going_on.is_empty() {
            steps.push(StartWork(work));
        }
    }
    steps
}

// The way of an application that goes well, each from the one before.

fn submitted() -> Scenario<Loan> {
    Scenario::named("a customer has applied").given([Submitted, PartlySubmitted])
}

fn pre_accepted() -> Scenario<Loan> {
    submitted().given([PreAccepted, WorkScheduled(CompleteApplication)])
}

fn completing() -> Scenario<Loan> {
    pre_accepted().given([WorkStarted(CompleteApplication)])
}

fn accepted() -> Scenario<Loan> {
    completing().given([Accepted])
}

fn finalised() -> Scenario<Loan> {
    accepted().given([Finalised])
}

fn created() -> Scenario<Loan> {
    finalised().given([OfferSelected, OfferCreated])
}

fn sent() -> Scenario<Loan> {
    created().given([OfferSent, WorkScheduled(CallAfterOffers), WorkCompleted(CompleteApplication)])
}

fn calling() -> Scenario<Loan> {
    sent().given([WorkStarted(CallAfterOffers)])
}

fn answered() -> Scenario<Loan> {
    calling().given([OfferSentBack, WorkScheduled(ValidateApplication), WorkCompleted(CallAfterOffers)])
}

fn assessing() -> Scenario<Loan> {
    answered().given([WorkStarted(ValidateApplication)])
}

fn approved() -> Scenario<Loan> {
    assessing().given([Approved])
}

fn declined() -> Scenario<Loan> {
    assessing().given([Declined])
}

fn cancelled() -> Scenario<Loan> {
    calling().given([Cancelled])
}

fn application() -> Vec<Scenario<Loan>> {
    vec![
        Scenario::named("an application is submitted, at first in part")
            .when(Submit)
            .then([Submitted, PartlySubmitted]),
        submitted().fork("an application is submitted once").when(Submit).then_rejected(AlreadySubmitted),
        submitted()
            .fork("what passes the first check is put on a desk, to be completed")
            .when(PreAccept)
            .then([PreAccepted, WorkScheduled(CompleteApplication)]),
        Scenario::named("nothing is checked before it is submitted")
            .when(PreAccept)
            .then_rejected(NotSubmitted),
        pre_accepted()
            .fork("the first check is passed once")
            .when(PreAccept)
            .then_rejected(AlreadyPreAccepted),
        submitted()
            .fork("nothing passes the first check while a fraud is in question")
            .given([WorkScheduled(AssessFraud), WorkStarted(AssessFraud)])
            .when(PreAccept)
            .then_rejected(FraudInQuestion),
        completing()
            .fork("somebody who completes an application can accept it")
            .when(Accept)
            .then([Accepted]),
        pre_accepted()
            .fork("nobody accepts an application that nobody is completing")
            .when(Accept)
            .then_rejected(NobodyAtWork),
        accepted().fork("an application is accepted once").when(Accept).then_rejected(AlreadyAccepted),
        submitted()
            .fork("nothing is accepted without the first check")
            .when(Accept)
            .then_rejected(NotPreAccepted),
        accepted().fork("once it is accepted, its terms are fixed").when(Finalise).then([Finalised]),
        finalised().fork("the terms are fixed once").when(Finalise).then_rejected(AlreadyFinalised),
        pre_accepted()
            .fork("nobody fixes the terms while nobody completes the application")
            .given([Accepted])
            .when(Finalise)
            .then_rejected(NobodyAtWork),
        completing()
            .fork("the terms of what is not accepted are not fixed")
            .when(Finalise)
            .then_rejected(NotAccepted),
    ]
}

fn offers() -> Vec<Scenario<Loan>> {
    let replacing = || calling().given([OfferSelected]);
    let resting = || finalised().given([WorkCompleted(CompleteApplication)]);
    vec![
        finalised()
            .fork("an offer is chosen, drawn up and sent, and the customer is to be called after it")
            .when(SelectOffer)
            .then([OfferSelected])
            .and_when(CreateOffer)
            .then([OfferCreated])
            .and_when(SendOffer)
            .then([OfferSent, WorkScheduled(CallAfterOffers)]),
        completing()
            .fork("there is no offer without acceptance")
            .when(SelectOffer)
            .then_rejected(NotAccepted),
        finalised()
            .fork("no offer is drawn up that was not chosen")
            .when(CreateOffer)
            .then_rejected(NotSelected),
        accepted()
            .fork("no offer is drawn up before the terms are fixed")
            .given([OfferSelected])
            .when(CreateOffer)
            .then_rejected(NotFinalised),
        finalised()
            .fork("no offer is sent that was not drawn up")
            .given([OfferSelected])
            .when(SendOffer)
            .then_rejected(NotCreated),
        created()
            .fork("an offer is sent before another is chosen")
            .when(SelectOffer)
            .then_rejected(OfferUnsent),
        resting()
            .fork("an offer is made by somebody at work: chosen")
            .when(SelectOffer)
            .then_rejected(NobodyAtWork),
        resting()
            .fork("an offer is made by somebody at work: drawn up")
            .given([OfferSelected])
            .when(CreateOffer)
            .then_rejected(NobodyAtWork),
        resting()
            .fork("an offer is made by somebody at work: sent")
            .given([OfferSelected, OfferCreated])
            .when(SendOffer)
            .then_rejected(NobodyAtWork),
        calling()
            .fork("the signed offer comes in while somebody calls, and is to be assessed")
            .when(ReceiveOfferBack)
            .then([OfferSentBack, WorkScheduled(ValidateApplication)]),
        sent()
            .fork("while nobody calls, no offer comes in")
            .when(ReceiveOfferBack)
            .then_rejected(NobodyAtWork),
        finalised()
            .fork("what was never sent is not sent back")
            .when(ReceiveOfferBack)
            .then_rejected(NotSent),
        answered().fork("no offer is sent back twice").when(ReceiveOfferBack).then_rejected(AlreadyAnswered),
        replacing()
            .fork("a new offer replaces one that is sent: the old one is withdrawn first")
            .when(CreateOffer)
            .then_rejected(NotSelected)
            .and_when(CancelOffer)
            .then([OfferCancelled])
            .and_when(CreateOffer)
            .then([OfferCreated]),
        replacing().fork("one new offer is chosen at a time").when(SelectOffer).then_rejected(BeingReplaced),
        replacing()
            .fork("an offer about to be replaced is not sent back any more")
            .when(ReceiveOfferBack)
            .then_rejected(BeingReplaced),
        assessing()
            .fork("after an answer it is the file that is called after")
            .given([OfferSelected, OfferCancelled, OfferCreated])
            .when(SendOffer)
            .then([OfferSent, WorkScheduled(CallAfterIncompleteFiles)]),
        finalised().fork("nothing is withdrawn that was not sent").when(CancelOffer).then_rejected(NotSent),
        cancelled()
            .fork("when the customer goes, the offer is withdrawn, once")
            .when(CancelOffer)
            .then([OfferCancelled])
            .and_when(CancelOffer)
            .then_rejected(NotSent),
    ]
}

fn yes() -> Vec<Scenario<Loan>> {
    vec![
        assessing()
            .fork("the bank says yes in four steps")
            .when_all([AcceptOffer, Approve, Register, Activate])
            .then([OfferAccepted, Approved, Registered, Activated]),
        assessing()
            .fork("the four steps of a yes come in whichever order")
            .when_all([Activate, Register, AcceptOffer, Approve])
            .then([Activated, Registered, OfferAccepted, Approved]),
        approved().fork("each step of a yes comes once").when(Approve).then_rejected(AlreadySo),
        Scenario::named("an approval before submission is refused").when(Approve).then_rejected(NotSubmitted),
        finalised()
            .fork("an approval before an offer is sent is refused")
            .when(Approve)
            .then_rejected(NotSent),
        calling().fork("an approval before an answer is refused").when(Approve).then_rejected(NotAnswered),
        answered()
            .fork("an approval while nobody assesses the answer is refused")
            .when(Approve)
            .then_rejected(NobodyAtWork),
        created()
            .fork("an offer that was never sent is not accepted")
            .when(AcceptOffer)
            .then_rejected(NotSent),
        answered()
            .fork("no offer is accepted while nobody assesses the answer")
            .when(AcceptOffer)
            .then_rejected(NobodyAtWork),
        calling()
            .fork("an offer that nobody answered is not accepted")
            .when(AcceptOffer)
            .then_rejected(NotAnswered),
        assessing()
            .fork("no offer is accepted twice")
            .given([OfferAccepted])
            .when(AcceptOffer)
            .then_rejected(OfferAlreadyAccepted),
        assessing()
            .fork("once answered, a better offer is accepted without another signature")
            .given([OfferSelected, OfferCancelled, OfferCreated, OfferSent])
            .when(AcceptOffer)
            .then([OfferAccepted]),
        approved().fork("a yes does not become a no").when(Decline).then_rejected(AlreadyGranted),
        approved().fork("after a yes the customer cannot cancel").when(Cancel).then_rejected(AlreadyGranted),
        approved()
            .fork("after a yes there is no other offer")
            .when(SelectOffer)
            .then_rejected(AlreadyGranted),
        approved()
            .fork("after a yes the offer is not withdrawn")
            .when(CancelOffer)
            .then_rejected(AlreadyGranted),
        approved()
            .fork("after a yes the offer is not turned down")
            .when(DeclineOffer)
            .then_rejected(AlreadyGranted),
        assessing()
            .fork("with its offer accepted, an application is neither declined nor cancelled")
            .given([OfferAccepted])
            .when(Decline)
            .then_rejected(OfferAlreadyAccepted)
            .and_when(Cancel)
            .then_rejected(OfferAlreadyAccepted)
            .and_when(SelectOffer)
            .then_rejected(OfferAlreadyAccepted),
        Scenario::open_question(
            "One loan in seventeen is granted on an offer that the customer has not sent back: does the answer \
             to an earlier offer bind to a later one?",
        ),
    ]
}

fn no() -> Vec<Scenario<Loan>> {
    vec![
        submitted().fork("the bank may say no at once").when(Decline).then([Declined]),
        Scenario::named("the bank says no to nobody in particular").when(Decline).then_rejected(NotSubmitted),
        declined().fork("the bank says no once").when(Decline).then_rejected(AlreadyDeclined),
        declined()
            .fork("a declined application is not approved")
            .when(Approve)
            .then_rejected(AlreadyDeclined),
        declined()
            .fork("a declined application gets no offer")
            .when(SelectOffer)
            .then_rejected(AlreadyDeclined),
        declined()
            .fork("a declined application is not cancelled as well")
            .when(Cancel)
            .then_rejected(AlreadyDeclined),
        declined()
            .fork("the offer of a declined application is turned down, not withdrawn")
            .when(CancelOffer)
            .then_rejected(AlreadyDeclined)
            .and_when(DeclineOffer)
            .then([OfferDeclined]),
        assessing()
            .fork("when an offer is turned down first, only a no can follow")
            .when(DeclineOffer)
            .then([OfferDeclined])
            .and_when(SelectOffer)
            .then_rejected(OfferAlreadyDeclined)
            .and_when(Decline)
            .then([Declined]),
        answered()
            .fork("no offer is turned down while nobody is at work")
            .when(DeclineOffer)
            .then_rejected(NobodyAtWork),
        created()
            .given([Declined])
            .fork("the offer of a declined application is not sent")
            .when(SendOffer)
            .then_rejected(AlreadyDeclined),
        declined()
            .fork("the offer of a declined application is not accepted")
            .when(AcceptOffer)
            .then_rejected(AlreadyDeclined),
        cancelled()
            .fork("the offer of a cancelled application is not sent back")
            .when(ReceiveOfferBack)
            .then_rejected(AlreadyCancelled),
        calling().fork("the customer may cancel").when(Cancel).then([Cancelled]),
        submitted()
            .fork("nobody cancels before the first check is passed")
            .when(Cancel)
            .then_rejected(NotPreAccepted),
        cancelled().fork("an application is cancelled once").when(Cancel).then_rejected(AlreadyCancelled),
        cancelled()
            .fork("a cancelled application is not declined")
            .when(Decline)
            .then_rejected(AlreadyCancelled),
        cancelled()
            .fork("the offer of a cancelled application is not turned down")
            .when(DeclineOffer)
            .then_rejected(AlreadyCancelled),
        cancelled()
            .fork("a cancelled application gets no offer")
            .when(SelectOffer)
            .then_rejected(AlreadyCancelled),
        cancelled()
            .fork("a cancelled application is not approved")
            .when(Approve)
            .then_rejected(AlreadyCancelled),
    ]
}

fn work() -> Vec<Scenario<Loan>> {
    vec![
        submitted()
            .fork("an application that cannot be judged is followed up")
            .when(ScheduleWork(FollowUpLead))
            .then([WorkScheduled(FollowUpLead)]),
        pre_accepted()
            .fork("after the first check there is no follow-up")
            .when(ScheduleWork(FollowUpLead))
            .then_rejected(AlreadyPreAccepted),
        submitted()
            .fork("only what has passed the first check is put on a desk to be completed")
            .when(ScheduleWork(CompleteApplication))
            .then_rejected(NotPreAccepted),
        finalised()
            .fork("nobody calls after an offer that is not sent")
            .when(ScheduleWork(CallAfterOffers))
            .then_rejected(NotSent),
        sent()
            .fork("nobody assesses an answer that is not there")
            .when(ScheduleWork(ValidateApplication))
            .then_rejected(NotAnswered),
        assessing()
            .fork("a contract is corrected when there is one")
            .when(ScheduleWork(ChangeContractDetails))
            .then_rejected(NotGranted),
        approved()
            .fork("after a yes the contract can be corrected")
            .when(ScheduleWork(ChangeContractDetails))
            .then([WorkScheduled(ChangeContractDetails)]),
        approved()
            .fork("no other work begins after a yes")
            .when(ScheduleWork(AssessFraud))
            .then_rejected(AlreadyGranted),
        declined()
            .fork("a declined application makes no new work")
            .when(ScheduleWork(ValidateApplication))
            .then_rejected(AlreadyDeclined),
        cancelled()
            .fork("a cancelled application makes no new work")
            .when(ScheduleWork(CallAfterOffers))
            .then_rejected(AlreadyCancelled),
        cancelled()
            .fork("work on a cancelled application is put down and not taken up again")
            .when(CompleteWork(CallAfterOffers))
            .then([WorkCompleted(CallAfterOffers)])
            .and_when(StartWork(CallAfterOffers))
            .then_rejected(AlreadyCancelled),
        submitted()
            .fork("nobody does what was not put on a desk")
            .when(StartWork(AssessFraud))
            .then_rejected(NotScheduled)
            .and_when(CompleteWork(AssessFraud))
            .then_rejected(NotScheduled),
        calling()
            .fork("work may be scheduled again while it goes on")
            .when(ScheduleWork(CallAfterOffers))
            .then([WorkScheduled(CallAfterOffers)]),
    ]
}

fn life_of_work() -> Vec<Scenario<Loan>> {
    vec![
        pre_accepted()
            .fork("work is taken up and put down, again and again")
            .when_all([StartWork(CompleteApplication), CompleteWork(CompleteApplication)])
            .then([WorkStarted(CompleteApplication), WorkCompleted(CompleteApplication)])
            .and_when(StartWork(CompleteApplication))
            .then([WorkStarted(CompleteApplication)]),
        pre_accepted()
            .fork("work is not put down before it is taken up")
            .when(CompleteWork(CompleteApplication))
            .then_rejected(NotStarted),
        completing()
            .fork("work is not taken up twice")
            .when(StartWork(CompleteApplication))
            .then_rejected(AlreadyStarted),
        completing()
            .fork("work is not taken up while other work goes on")
            .given([WorkScheduled(AssessFraud)])
            .when(StartWork(AssessFraud))
            .then_rejected(OtherWorkGoingOn),
    ]
}
