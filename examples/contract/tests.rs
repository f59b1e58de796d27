//! The whole program, as somebody would use it.

use crate::data::{CONTRACT, CUSTOMER, Data};
use crate::line::{Line, run};
use crate::model::contract;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation, Stage};
use crate::model::customer::CustomerNumber;
use crate::model::progress::{At, Progress};
use crate::model::search::Wanted;
use crate::office::{Office, process, send};
use crate::offline;
use crate::searching::index;
use clap::{CommandFactory, Parser};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use leftfold::check::conform_log;
use leftfold::log::Syncing;
use leftfold::store::{EventReader, Listing, Query, Reading};
use leftfold::{Fold, keyed};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    /// With forty customers.
    fn stocked() -> Desk {
        let desk = Desk::new();
        let file = desk.path("shops.csv");
        assert!(desk.says(&["generate", &file, "--customers", "40"]));
        assert!(desk.says(&["import", &file]));
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_string()
    }

    /// Whether a line of the program goes well.
    fn says(&self, words: &[&str]) -> bool {
        let data = self.path("data");
        run(Line::parse_from([&["contract", "--data", &data], words].concat()))
    }

    fn data(&self) -> Data {
        Data::in_folder(PathBuf::from(self.path("data")))
    }

    fn events(&self) -> u64 {
        self.data().reader().unwrap().map_or(0, |reader| reader.head().unwrap().get())
    }

    fn stage(&self, contract: u32) -> Stage {
        self.data().contract(ContractNumber(contract)).unwrap().0.stage
    }

    fn letters(&self) -> Vec<String> {
        let outbox = Path::new(&self.path("data")).join("outbox");
        let files =
            fs::read_dir(outbox).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.collect();
        files.sort();
        files
    }

    fn request(&self, contract: u32) {
        let number = contract.to_string();
        assert!(self.says(&["negotiate", &number, "customer=7", "on=2026-12-01"]));
        let conditions = ["account_manager=Alex", "sales_area=10", "planned_sales=9000"];
        assert!(self.says(&[&["negotiate", number.as_str()], conditions.as_slice()].concat()));
    }
}

#[test]
fn the_model_holds() {
    crate::model::model().check().assert();
}

#[test]
fn a_contract_is_stuck_when_it_has_been_with_the_signing_service_for_too_long() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let told = |seconds, event| At { at: at(seconds), event: contract(17, event) };
    let standings = Progress.fold(&[
        told(10, ContractEvent::AppointmentMade { customer: CustomerNumber(7), on: date(2026, 12, 1) }),
        told(20, ContractEvent::SentToSigningService),
        told(30, ContractEvent::InternallySigned),
        told(40, ContractEvent::SigningStarted),
    ]);
    assert_eq!(standings.stuck_since(at(40)).count(), 0, "a step is a sign of life");
    assert_eq!(standings.stuck_since(at(41)).count(), 1);
    let done = Progress.evolve(standings, &told(50, ContractEvent::ContractCompleted));
    assert_eq!(done.stuck_since(at(99)).count(), 0);
    assert_eq!(done.ended.get(&Stage::Completed), Some(&1));
}

#[test]
fn the_line_is_what_clap_expects_of_one() {
    Line::command().debug_assert();
}

#[test]
fn an_export_that_is_imported_twice_records_nothing_new() {
    let desk = Desk::stocked();
    assert_eq!(desk.events(), 40);
    assert!(desk.says(&["import", &desk.path("shops.csv")]));
    assert_eq!(desk.events(), 40);
}

#[test]
fn what_fails_is_in_a_file_with_its_line_and_the_rest_is_imported() {
    let desk = Desk::new();
    let (file, unknown) = (desk.path("shops.csv"), desk.path("invoices.csv"));
    assert!(desk.says(&["generate", &file, "--customers", "40", "--broken", "3"]));
    fs::write(&unknown, "customer,email,format\n1,a@b.example,pdf\n99,a@b.example,pdf\n").unwrap();
    assert!(!desk.says(&["import", &file, &unknown, &desk.path("missing.csv")]));
    let log = fs::read_to_string(Path::new(&desk.path("data")).join("failed-entries.log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 5, "{log}");
    assert!(
        lines[3].ends_with("invoices.csv:3: there is no such shop: its basic data has to be imported first")
    );
    assert!(lines[4].contains("missing.csv: it cannot be opened"));
    let reader = desk.data().reader().unwrap().unwrap();
    assert_eq!(reader.all(Query::category(CUSTOMER).unwrap()).unwrap().len(), 37 + 1);

    // What failed the last time is none of this time's.
    assert!(desk.says(&["generate", &file, "--customers", "40"]));
    assert!(desk.says(&["import", &file]));
    assert!(!Path::new(&desk.path("data")).join("failed-entries.log").exists());
}

#[test]
fn a_search_sees_what_was_recorded_after_its_index_was_kept_and_rebuilding_changes_nothing() {
    let desk = Desk::stocked();
    let everybody = |desk: &Desk| index(&desk.data()).unwrap().find(&Wanted::default()).count();
    assert_eq!(everybody(&desk), 40, "without an index");
    assert!(desk.says(&["project", "--once"]));
    let kept = Path::new(&desk.path("data")).join("projections/search.json");
    let first = fs::read(&kept).unwrap();
    assert!(desk.says(&["generate", &desk.path("more.csv"), "--customers", "60"]));
    assert!(desk.says(&["import", &desk.path("more.csv")]));
    assert_eq!(everybody(&desk), 60);
    assert_eq!(fs::read(&kept).unwrap(), first, "a search writes nothing");

    assert!(desk.says(&["project", "--once"]));
    let second = fs::read(&kept).unwrap();
    assert_ne!(second, first);
    assert!(desk.says(&["project", "--delete"]));
    assert!(!kept.exists());
    assert!(desk.says(&["project", "--once"]));
    assert_eq!(fs::read(&kept).unwrap(), second);
    assert!(desk.says(&["project", "--rebuild"]));
    assert_eq!(fs::read(&kept).unwrap(), second);
}

#[test]
fn a_contract_goes_its_way_with_two_letters() {
    let desk = Desk::stocked();
    assert!(!desk.says(&["negotiate", "1", "customer=41", "on=2026-12-01"]), "nobody knows that customer");
    desk.request(1);
    assert!(!desk.says(&["validate", "1", "decision=reject", "supervisor=Ruth"]));
    let before = desk.events();
    assert!(desk.says(&["validate", "1", "decision=accept", "supervisor=Ruth"]));
    assert_eq!(desk.events(), before, "nothing is recorded");
    assert!(desk.says(&["negotiate", "1", "decision=accept", "supervisor=Ruth"]));
    assert_eq!(desk.stage(1), Stage::Sent);
    assert!(desk.says(&["run", "--once", "--signing-delay", "0"]));
    assert_eq!(desk.stage(1), Stage::Completed);
    assert_eq!(desk.letters(), ["contract-1-completion.eml", "contract-1-request.eml"]);
    assert!(
        desk.says(&["story", "1", "--at", "2"]) && desk.says(&["story", "1", "--at", "2026-01-01T00:00:00Z"])
    );
    assert!(!desk.says(&["story", "1", "--at", "99"]) && !desk.says(&["story", "2"]));
}

/// The command that would have caused an event. That of a moved appointment has the customer in it, whom the event does not name.
fn command_for(event: &ContractEvent) -> Option<ContractCommand> {
    Some(match event.clone() {
        ContractEvent::AppointmentMade { customer, on } => ContractCommand::MakeAppointment { customer, on },
        ContractEvent::AppointmentMoved { .. } => return None,
        ContractEvent::SpecialConditionsRequested(conditions) => {
            ContractCommand::RequestSpecialConditions(conditions)
        }
        ContractEvent::ConditionsAccepted { supervisor } => ContractCommand::AcceptConditions { supervisor },
        ContractEvent::ConditionsRejected { supervisor, reason } => {
            ContractCommand::RejectConditions { supervisor, reason }
        }
        ContractEvent::SentToSigningService => ContractCommand::ConfirmSending,
        ContractEvent::SigningStarted => ContractCommand::ConfirmStart,
        ContractEvent::InternallySigned => ContractCommand::ConfirmInternalSignature,
        ContractEvent::ExternallySigned => ContractCommand::ConfirmExternalSignature,
        ContractEvent::ContractCompleted => ContractCommand::CompleteContract,
        ContractEvent::NegotiationAbandoned { reason } => ContractCommand::AbandonNegotiation { reason },
    })
}

#[test]
fn what_the_office_has_recorded_is_what_the_model_allows() {
    let desk = Desk::stocked();
    for number in [1, 2] {
        desk.request(number);
    }
    assert!(desk.says(&["negotiate", "1", "decision=accept", "supervisor=Ruth"]));
    assert!(desk.says(&["negotiate", "2", "decision=reject", "supervisor=Ruth", "reason=too little"]));
    assert!(desk.says(&["run", "--once", "--signing-delay", "0"]));

    let reader = desk.data().reader_of_something().unwrap();
    let contracts = reader.category::<ContractEvent>(CONTRACT).unwrap();
    let found = conform_log(&Negotiation, &contracts, &Listing::all(), |lived| command_for(lived.event));
    let found = found.unwrap();
    assert!(found.holds(), "{found}");
    assert_eq!((found.histories, found.events, found.decided), (2, 11, 11));
}

#[test]
fn a_service_that_answers_twice_is_heard_once_and_one_that_is_silent_can_be_done_without() {
    let desk = Desk::stocked();
    for contract in [5, 9] {
        desk.request(contract);
        let number = contract.to_string();
        assert!(desk.says(&["negotiate", &number, "decision=accept", "supervisor=Ruth"]));
    }
    assert!(desk.says(&["run", "--once", "--signing-delay", "0"]));
    let signing = Query::category(crate::data::SIGNING).unwrap();
    let answers = desk.data().reader().unwrap().unwrap().all(signing).unwrap();
    let answers = |contract: &str| answers.iter().filter(|one| one.stream.as_str() == contract).count();
    assert_eq!((answers("signing-5"), answers("signing-9")), (1 + 3, 1 + 1));
    assert_eq!((desk.stage(5), desk.stage(9)), (Stage::Completed, Stage::Signing));
    assert!(desk.says(&["negotiate", "9", "abandon=nobody answers"]));
    assert_eq!(desk.stage(9), Stage::Abandoned);
}

/// Enough to be killed between asking and recording it.
#[test]
fn a_service_that_was_asked_before_the_log_says_so_is_heard_when_it_does() {
    let desk = Desk::stocked();
    desk.request(1);
    let office = Office::open(&desk.data(), Syncing::Always, SignedDuration::ZERO).unwrap();
    let accept = ContractCommand::AcceptConditions { supervisor: "Ruth".into() };
    send(&office.contract_command_bus, keyed(ContractNumber(1), accept)).unwrap();
    drop(office);
    let signing = desk.data().signing(SignedDuration::ZERO);
    signing.ask(ContractNumber(1), Timestamp::now()).unwrap();
    assert!(!signing.answers(Timestamp::now()).unwrap().is_empty());
    assert!(desk.says(&["run", "--once", "--signing-delay", "0"]));
    assert_eq!(desk.stage(1), Stage::Completed);
}

#[test]
fn what_was_decided_offline_is_decided_again() {
    let desk = Desk::stocked();
    desk.request(1);
    desk.request(2);
    for contract in ["1", "2"] {
        assert!(desk.says(&["offline", contract, "decision=accept", "supervisor=Ruth"]));
    }
    assert!(!desk.says(&["offline", "1", "decision=accept", "supervisor=Ruth"]), "decided on the branch");
    assert_eq!((desk.stage(1), desk.stage(2)), (Stage::Requested, Stage::Requested));
    // Meanwhile, somebody who has the log says no.
    assert!(desk.says(&["negotiate", "2", "decision=reject", "supervisor=Olga", "reason=no"]));
    let branch = offline::read(&desk.data(), ContractNumber(1)).unwrap().unwrap();
    assert!(desk.says(&["sync"]));
    assert_eq!((desk.stage(1), desk.stage(2)), (Stage::Sent, Stage::Rejected));
    let before = desk.events();
    // As if the program had ended before it took the branch away.
    let office = Office::open(&desk.data(), Syncing::Always, SignedDuration::ZERO).unwrap();
    let again = offline::bring(&office, ContractNumber(1), &branch).unwrap();
    assert!(again[0].contains("was brought to the log before"), "{again:?}");
    drop(office);
    assert_eq!(desk.events(), before, "and not twice");
    assert!(desk.says(&["sync"]));
    assert_eq!(desk.events(), before, "what was brought is not brought again");
    let branches = fs::read_dir(desk.data().branches()).unwrap().count();
    assert_eq!(branches, 0, "a branch that was brought has ended");
}

#[test]
fn what_was_decided_offline_may_be_kept_changed_or_rejected() {
    let desk = Desk::stocked();
    for contract in ["1", "2", "3"] {
        assert!(desk.says(&["offline", contract, "customer=7", "on=2026-12-03"]));
    }
    // Meanwhile, somebody has made an appointment with the same customer, and one with another.
    assert!(desk.says(&["negotiate", "2", "customer=7", "on=2026-12-01"]));
    assert!(desk.says(&["negotiate", "3", "customer=8", "on=2026-12-01"]));
    let office = Office::open(&desk.data(), Syncing::Always, SignedDuration::ZERO).unwrap();
    let became = [1, 2, 3].map(|number| {
        let number = ContractNumber(number);
        offline::bring(&office, number, &offline::read(&desk.data(), number).unwrap().unwrap()).unwrap()
    });
    assert_eq!(
        became,
        [
            [r#"kept      make appointment, customer 7, on "2026-12-03""#],
            [
                r#"changed   make appointment, customer 7, on "2026-12-03": now appointment moved, on "2026-12-03""#
            ],
            [
                r#"rejected  make appointment, customer 7, on "2026-12-03": the appointment has been made before"#
            ],
        ]
    );
}

#[test]
fn what_was_decided_offline_on_other_grounds_is_recorded_and_said() {
    let desk = Desk::stocked();
    assert!(desk.says(&["negotiate", "1", "customer=7", "on=2026-12-01"]));
    assert!(desk.says(&["offline", "1", "abandon=no interest"]));
    // Meanwhile, somebody has requested conditions: giving that up is another matter.
    assert!(desk.says(&["negotiate", "1", "account_manager=Alex", "sales_area=10", "planned_sales=9000"]));
    let branch = offline::read(&desk.data(), ContractNumber(1)).unwrap().unwrap();
    let office = Office::open(&desk.data(), Syncing::Always, SignedDuration::ZERO).unwrap();
    let became = offline::bring(&office, ContractNumber(1), &branch).unwrap();
    assert_eq!(
        became,
        ["kept on other grounds  abandon negotiation, reason \"no interest\": it was decided because of \
             appointment made, customer 7, on \"2026-12-01\", and now because of special conditions requested, \
             account manager \"Alex\", sales area 10, planned sales 9000; it is recorded, and somebody should look at it"]
    );
    assert_eq!(desk.stage(1), Stage::Abandoned);
}

#[test]
fn what_was_kept_of_another_log_is_told_and_made_anew() {
    let desk = Desk::stocked();
    desk.request(1);
    assert!(desk.says(&["project", "--once"]) && desk.says(&["run", "--once"]));
    // The log is lost, and another one is begun.
    fs::remove_dir_all(desk.data().log_folder()).unwrap();
    assert!(desk.says(&["import", &desk.path("shops.csv")]));
    assert!(!desk.says(&["project", "--once"]) && !desk.says(&["run", "--once"]));
    assert!(desk.says(&["project", "--rebuild"]) && desk.says(&["run", "--once", "--anew"]));
    assert!(desk.says(&["project", "--once"]) && desk.says(&["run", "--once"]));
}

#[test]
fn what_cannot_be_done_is_parked_with_its_cause_and_done_when_it_is_released() {
    let desk = Desk::stocked();
    // A file stands where the folder of letters belongs.
    let outbox = Path::new(&desk.path("data")).join("outbox");
    fs::write(&outbox, "in the way").unwrap();
    desk.request(1);
    let standing = || process().unwrap().committed(desk.data().projections()).unwrap();
    assert_eq!((standing().len(), standing()[0].failed, standing()[0].parked), (1, 1, false));
    let office = Office::open(&desk.data(), Syncing::Always, SignedDuration::ZERO).unwrap();
    while !standing()[0].parked {
        let again = standing()[0].again.unwrap();
        assert_eq!(office.catch_up(again, |_| ()).unwrap().len(), 1);
    }
    assert!(standing()[0].cause.as_deref().is_some_and(|cause| !cause.is_empty()));
    drop(office);

    fs::remove_file(&outbox).unwrap();
    assert!(desk.says(&["run", "--once"]) && standing()[0].parked, "it is not tried any more");
    assert!(!desk.says(&["release", "1", "mail rejection"]), "that is not parked");
    assert!(desk.says(&["release", "1", "mail request"]) && desk.says(&["run", "--once"]));
    assert_eq!(desk.letters(), ["contract-1-request.eml"]);
    assert!(standing().is_empty());
}
