//! What is owed, and what a search finds, by example.

use super::super::customer::CustomerNumber;
use super::super::search::{Index, Search, Wanted};
use super::*;
use leftfold::ProcessScenario;
use leftfold::spec::{Sentence, ViewScenario};

pub(super) fn obligations() -> Vec<ProcessScenario<Obligations>> {
    let mail = |letter| contract::<_, Command>(ONE, SendMail { letter });
    let step = |command| contract::<_, Command>(ONE, command);
    let accepting = || {
        ProcessScenario::named("accepted").given([
            appointed(),
            requested(),
            mailed(Letter::Request),
            accepted(),
        ])
    };
    let asked = || accepting().given([contract(ONE, SigningRequested)]);
    vec![
        ProcessScenario::named("a request is owed a mail until it is sent")
            .given([appointed()])
            .when(requested())
            .then([mail(Letter::Request)])
            .and_when(mailed(Letter::Request))
            .then_owed([]),
        ProcessScenario::named("a rejection is owed a mail and a note")
            .given([appointed(), requested(), mailed(Letter::Request)])
            .when(rejected())
            .then([mail(Letter::Rejection), note()])
            .and_when(mailed(Letter::Rejection))
            .then_owed([note()])
            .and_when(noted())
            .then_owed([]),
        ProcessScenario::named("what is accepted is to be signed")
            .given([appointed(), requested(), mailed(Letter::Request)])
            .when(accepted())
            .then([contract(ONE, RequestSigning)])
            .and_when(contract(ONE, SigningRequested))
            .then([step(ConfirmSending)]),
        asked()
            .fork("an answer is heard once the contract knows that it was sent")
            .when(answered(SignedInternally))
            .then_nothing()
            .and_when(contract(ONE, SentToSigningService))
            .then([step(ConfirmStart)])
            .and_when(contract(ONE, SigningStarted))
            .then([step(ConfirmInternalSignature)])
            .and_when(contract(ONE, InternallySigned))
            .then_nothing(),
        asked()
            .fork("with both signatures, the contract is to be completed")
            .given([
                contract(ONE, SentToSigningService),
                contract(ONE, SigningStarted),
                contract(ONE, InternallySigned),
                answered(SignedExternally),
            ])
            .when(contract(ONE, ExternallySigned))
            .then([step(CompleteContract)])
            .and_when(contract(ONE, ContractCompleted))
            .then([mail(Letter::Completion)]),
        asked()
            .fork("of a contract that was given up nothing more is to be signed")
            .given([contract(ONE, SentToSigningService), answered(Started)])
            .when(abandoned())
            .then_owed([]),
        ProcessScenario::named("the order in which it is told changes nothing")
            .given([mailed(Letter::Request), rejected(), requested()])
            .when(appointed())
            .then_owed([mail(Letter::Rejection), note()]),
        ProcessScenario::named("what is settled stays settled, also when it is told again")
            .given([appointed(), requested(), mailed(Letter::Request), rejected()])
            .given([mailed(Letter::Rejection), noted()])
            .when(rejected())
            .then_owed([]),
        ProcessScenario::named("nothing is owed for what the export says")
            .when(customer(PETRA, ShopAdded(petra())))
            .then_nothing(),
    ]
}

/// Whether exactly these customers are found by these words, with a contract in this stage.
fn found(index: &Index, words: &str, stage: Option<Stage>, customers: &[CustomerNumber]) -> bool {
    let words = words.split_whitespace().map(str::to_string).collect();
    let wanted = Wanted { words, stage, ..Wanted::default() };
    index.find(&wanted).map(|(number, _)| number).eq(customers.iter().copied())
}

pub(super) fn finds() -> Sentence<Index, (String, CustomerNumber)> {
    Sentence::new(
        "a search for \"{words}\" finds customer {customer}",
        |index, (words, customer): (String, _)| found(index, &words, None, &[customer]),
    )
}

pub(super) fn finds_nobody() -> Sentence<Index, String> {
    Sentence::new("a search for \"{words}\" finds nobody", |index, words: String| {
        found(index, &words, None, &[])
    })
}

pub(super) fn finds_in_stage() -> Sentence<Index, (Stage, CustomerNumber)> {
    Sentence::new("among {stage} contracts, customer {customer} is found", |index, (stage, customer)| {
        found(index, "", Some(stage), &[customer])
    })
}

pub(super) fn finds_nobody_in_stage() -> Sentence<Index, Stage> {
    Sentence::new("among {stage} contracts, nobody is found", |index, stage| {
        found(index, "", Some(stage), &[])
    })
}

pub(super) fn searches() -> Vec<ViewScenario<Search>> {
    let known = || ViewScenario::named("Petra is known").given([customer(PETRA, ShopAdded(petra()))]);
    let somebody_else = BasicData { name: "Karl Mode".into(), city: "Bremen".into(), ..petra() };
    vec![
        known()
            .fork("a shop is found by parts of what is known of it, in capitals or not")
            .given([
                customer(8, ShopAdded(somebody_else)),
                customer(PETRA, ShopUpdated(Change::Invoice(invoices()))),
            ])
            .then_says(&finds(), ("petra".into(), CustomerNumber(PETRA)))
            .then_says(&finds(), ("MODE brem".into(), CustomerNumber(8)))
            .then_says(&finds(), ("rechnung@".into(), CustomerNumber(PETRA)))
            .then_says(&finds_nobody(), "petra brem".into())
            .delivered_twice(),
        known()
            .fork("an update is found, and what it replaced is not")
            .given([customer(PETRA, ShopUpdated(Change::Basic(moved())))])
            .then_says(&finds(), ("zeil".into(), CustomerNumber(PETRA)))
            .then_says(&finds_nobody(), "hauptstrasse".into()),
        known()
            .fork("a shop is found by how far a contract with it has come")
            .given([appointed(), requested()])
            .then_says(&finds_in_stage(), (Stage::Requested, CustomerNumber(PETRA)))
            .then_says(&finds_nobody_in_stage(), Stage::Appointed),
        ViewScenario::named("a shop of which only a contract is known is not found")
            .given([appointed()])
            .then_says(&finds_nobody(), "".into()),
    ]
}
