//! What is owed, and what a search finds, by example.

use super::*;
use crate::model::search::{Index, Search, Wanted};
use leftfold::ProcessScenario;
use leftfold::spec::ViewScenario;

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

/// Who is found by these words, and with a contract in this stage.
fn found(index: &Index, words: &[&str], stage: Option<Stage>) -> Vec<u32> {
    let words = words.iter().map(ToString::to_string).collect();
    let wanted = Wanted { words, stage, ..Wanted::default() };
    index.find(&wanted).map(|(number, _)| number.0).collect()
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
            .then_state("petra is found", |index| found(index, &["petra"], None) == [PETRA])
            .then_state("all words have to occur", |index| found(index, &["MODE", "brem"], None) == [8])
            .then_state("an e-mail finds its shop", |index| found(index, &["rechnung@"], None) == [PETRA])
            .delivered_twice(),
        known()
            .fork("an update is found, and what it replaced is not")
            .given([customer(PETRA, ShopUpdated(Change::Basic(moved())))])
            .then_state("at its new address", |index| found(index, &["zeil"], None) == [PETRA])
            .then_state("and not at the old one", |index| found(index, &["hauptstrasse"], None).is_empty()),
        known()
            .fork("a shop is found by how far a contract with it has come")
            .given([appointed(), requested()])
            .then_state("as requested", |index| found(index, &[], Some(Stage::Requested)) == [PETRA])
            .then_state("and no longer as appointed", |index| {
                found(index, &[], Some(Stage::Appointed)).is_empty()
            }),
        ViewScenario::named("a shop of which only a contract is known is not found")
            .given([appointed()])
            .then_state("nobody is found", |index| found(index, &[], None).is_empty()),
    ]
}
