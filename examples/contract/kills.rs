//! Programs that are killed at any moment: an import, a projection that is kept running, the process manager. Each is this
//! program again, told by its environment what to do.
//!
//! `LEFTFOLD_KILLS` says how often each is killed; without it, 100 times, and less often in a build without optimization.

use crate::data::{CUSTOMER, Data, MAIL, in_words};
use crate::export::generate::{Format, Order, write};
use crate::export::{Row, Table};
use crate::line::{self, Line};
use crate::model::contract::{ContractCommand, ContractNumber, SpecialConditions};
use crate::model::customer::{CustomerEvent, CustomerNumber};
use crate::model::outside::{Letter, MailEvent};
use crate::model::search::Search;
use crate::office::{Office, send};
use crate::ports::Mailing;
use clap::Parser;
use jiff::SignedDuration;
use jiff::civil::date;
use leftfold::keyed;
use leftfold::log::Syncing;
use leftfold::recorded::Position;
use leftfold::runtime::Folded;
use leftfold::store::{Query, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// What a process of its own is to do: its command line, a word a line.
const LINE: &str = "CONTRACT_LINE";

fn kills() -> u64 {
    let usual = if cfg!(debug_assertions) { 5 } else { 100 };
    std::env::var("LEFTFOLD_KILLS").map_or(usual, |text| text.parse().expect("LEFTFOLD_KILLS is a number"))
}

fn begin(data: &Path, words: &[&str]) -> Child {
    let line = [&["contract", "--data", data.to_str().unwrap()], words].concat().join("\n");
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::a_process_of_its_own", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(LINE, line)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "what the other processes do"]
fn a_process_of_its_own() {
    if let Ok(words) = std::env::var(LINE) {
        let well = line::run(Line::parse_from(words.split('\n')));
        std::process::exit(i32::from(!well));
    }
}

fn to_the_end(data: &Path, words: &[&str]) -> bool {
    begin(data, words).wait().unwrap().success()
}

/// Kills a process as soon as the log has grown by so many bytes, or after a while.
fn kill_when_grown(mut child: Child, log: &Path, bytes: u64) {
    let (begun, before) = (Instant::now(), size(log));
    while size(log) < before + bytes && begun.elapsed() < Duration::from_secs(3) {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        sleep(Duration::from_micros(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn size(log: &Path) -> u64 {
    let Ok(files) = fs::read_dir(log) else { return 0 };
    let segments =
        files.filter_map(Result::ok).filter(|file| file.path().extension().is_some_and(|ext| ext == "jsonl"));
    segments.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Numbers that look like chance (splitmix64).
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

fn export(folder: &Path, table: Table, customers: u32, broken: u32, seed: u64) -> PathBuf {
    let path = folder.join(format!("{}-{seed}.csv", table.name()));
    let mut file = Vec::new();
    write(Order { table, format: Format::Csv, customers, broken, seed }, &mut file).unwrap();
    fs::write(&path, file).unwrap();
    path
}

/// The customers' events, stream by stream: what an import leaves, whatever has become of it on the way.
fn told_of_customers(data: &Path) -> BTreeMap<String, Vec<CustomerEvent>> {
    let reader = Data::in_folder(data.to_path_buf()).reader().unwrap().unwrap();
    let mut told: BTreeMap<String, Vec<CustomerEvent>> = BTreeMap::new();
    for recorded in reader.category::<CustomerEvent>(CUSTOMER).unwrap().all(Query::all()).unwrap() {
        told.entry(recorded.stream.to_string()).or_default().push(recorded.event);
    }
    told
}

#[test]
fn an_import_that_is_killed_and_run_again_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        export(folder.path(), Table::Basic, 2_000, 7, 1),
        export(folder.path(), Table::Deskware, 1_000, 0, 1),
        export(folder.path(), Table::Invoice, 500, 0, 1),
    ];
    let line: Vec<&str> =
        std::iter::once("import").chain(files.iter().map(|file| file.to_str().unwrap())).collect();
    let undisturbed = folder.path().join("undisturbed");
    assert!(!to_the_end(&undisturbed, &line), "some entries fail");
    let expected = told_of_customers(&undisturbed);
    assert_eq!(expected.len(), 1_993);
    let bytes = size(&undisturbed.join("log"));

    let mut dice = Dice(7);
    let mut midway = 0;
    for round in 0..kills() {
        let data = folder.path().join(format!("round-{round}"));
        for _ in 0..=dice.up_to(2) {
            kill_when_grown(begin(&data, &line), &data.join("log"), dice.up_to(bytes));
            midway += u64::from((1..bytes).contains(&size(&data.join("log"))));
        }
        assert!(!to_the_end(&data, &line));
        assert!(told_of_customers(&data) == expected, "round {round}: it has ended in another way");
        fs::remove_dir_all(&data).unwrap();
    }
    assert!(midway > 0, "no import was killed midway");
}

#[test]
fn a_projection_that_is_killed_is_a_fold_from_scratch() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut kept_at = BTreeSet::new();
    let mut dice = Dice(3);
    for round in 0..kills() {
        let file = export(folder.path(), Table::Basic, 40 + (round as u32 % 60), 0, round);
        let office = |data: &Path| {
            Office::open(&Data::in_folder(data.to_path_buf()), Syncing::Never, SignedDuration::ZERO)
        };
        let recorder = office(&data).unwrap();
        let before = kept(&data);
        let mut child = begin(&data, &["project", "--keep-after", "2"]);
        let mut rows = crate::export::Rows::open(&file).unwrap();
        let record = |rows: &mut dyn Iterator<Item = Row>| {
            for row in rows {
                send(&recorder.customer_command_bus, row.command.unwrap()).unwrap();
                recorder.log().sync().unwrap();
            }
        };
        record(&mut rows.by_ref().take(20));
        // It runs, and keeps something, before more comes and it is killed.
        let begun = Instant::now();
        while kept(&data) == before && begun.elapsed() < Duration::from_secs(10) {
            sleep(Duration::from_micros(500));
        }
        record(&mut rows);
        sleep(Duration::from_micros(dice.up_to(10_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(recorder);

        let Some((state, position)) =
            Folded::of(Search).committed(data.join("projections"), "search").unwrap()
        else {
            continue;
        };
        kept_at.insert(position);
        assert!(state == folded(&data, position), "round {round}: what is kept at {position} is no fold");
    }
    assert!(kept_at.len() > 1, "no projection has kept anything before it was killed");
    assert!(to_the_end(&data, &["project", "--once"]));
    let (state, position) =
        Folded::of(Search).committed(data.join("projections"), "search").unwrap().unwrap();
    assert!(state == folded(&data, position));
    assert!(to_the_end(&data, &["project", "--rebuild"]));
    let (rebuilt, _) = Folded::of(Search).committed(data.join("projections"), "search").unwrap().unwrap();
    assert!(rebuilt == state);
}

/// When the projection was kept last.
fn kept(data: &Path) -> Option<SystemTime> {
    fs::metadata(data.join("projections/search.json")).ok()?.modified().ok()
}

fn folded(data: &Path, upto: Position) -> crate::model::search::Index {
    let log = in_words(Data::in_folder(data.to_path_buf()).reader().unwrap().unwrap());
    log.fold(&Search, Query::all().until(upto)).unwrap()
}

/// What is negotiated about a contract, by its number.
fn negotiated(number: u32) -> Vec<ContractCommand> {
    let conditions =
        SpecialConditions { account_manager: "Alex".into(), sales_area: 10, planned_sales: 10_000 };
    let mut commands = vec![
        ContractCommand::MakeAppointment { customer: CustomerNumber(number % 20 + 1), on: date(2026, 12, 1) },
        ContractCommand::RequestSpecialConditions(conditions),
    ];
    commands.push(match number % 3 {
        0 => ContractCommand::RejectConditions { supervisor: "Ruth".into(), reason: "too little".into() },
        _ => ContractCommand::AcceptConditions { supervisor: "Ruth".into() },
    });
    commands
}

/// The letters that are owed in the end: of contracts that end in 9, nobody hears from the signing service.
fn letters(number: u32) -> Vec<Letter> {
    match (number % 3, number % 10) {
        (0, _) => vec![Letter::Request, Letter::Rejection],
        (_, 9) => vec![Letter::Request],
        _ => vec![Letter::Request, Letter::Completion],
    }
}

#[test]
fn a_process_manager_that_is_killed_owes_what_it_owed_and_does_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let customers = export(folder.path(), Table::Basic, 20, 0, 1);
    assert!(to_the_end(&data, &["import", customers.to_str().unwrap()]));
    let in_data = Data::in_folder(data.clone());
    let mut dice = Dice(5);
    let mut contracts = 0;
    for _ in 0..kills() {
        let before = size(&data.join("log"));
        let office = Office::open(&in_data, Syncing::Always, SignedDuration::ZERO).unwrap();
        for _ in 0..3 {
            contracts += 1;
            for command in negotiated(contracts) {
                send(&office.contract_command_bus, keyed(ContractNumber(contracts), command)).unwrap();
            }
        }
        drop(office);
        // What is done for a contract takes about as much room again as what is negotiated, and twice as much.
        let grown = dice.up_to(3 * (size(&data.join("log")) - before));
        kill_when_grown(begin(&data, &["run", "--signing-delay", "0"]), &data.join("log"), grown);
        for (contract, letter) in recorded_letters(&in_data) {
            let file = data.join("outbox").join(format!("{}.eml", Mailing::id(contract, letter)));
            assert!(file.exists(), "{} is recorded as sent and was not", file.display());
        }
    }
    // Until nothing is left to do: each time, the signing service may have answered what was done the last time.
    for _ in 0..4 {
        assert!(to_the_end(&data, &["run", "--once", "--signing-delay", "0"]));
    }

    let expected: Vec<(ContractNumber, Letter)> = (1..=contracts)
        .flat_map(|number| letters(number).into_iter().map(move |letter| (ContractNumber(number), letter)))
        .collect();
    assert_eq!(recorded_letters(&in_data), expected, "every letter is recorded once");
    let mut files: Vec<String> = fs::read_dir(data.join("outbox"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".eml"))
        .collect();
    let mut ids: Vec<String> = expected
        .iter()
        .map(|(contract, letter)| format!("{}.eml", Mailing::id(*contract, *letter)))
        .collect();
    files.sort();
    ids.sort();
    assert_eq!(files, ids);

    let reader = in_data.reader().unwrap().unwrap();
    let of_type = |event_type: &str| reader.all(Query::of_types([event_type])).unwrap().len() as u32;
    let rejected = (1..=contracts).filter(|number| number % 3 == 0).count() as u32;
    let silent = (1..=contracts).filter(|number| number % 3 != 0 && number % 10 == 9).count() as u32;
    assert_eq!(of_type("RejectionNoted"), rejected);
    assert_eq!(of_type("SigningRequested"), contracts - rejected);
    assert_eq!(of_type("ContractCompleted"), contracts - rejected - silent);
}

/// In the order of the contracts and the letters.
fn recorded_letters(data: &Data) -> Vec<(ContractNumber, Letter)> {
    let reader = data.reader().unwrap().unwrap();
    let mails = reader.category::<MailEvent>(MAIL).unwrap().all(Query::all()).unwrap();
    let mut letters: Vec<_> = mails
        .into_iter()
        .map(|recorded| {
            let MailEvent::MailSent { letter } = recorded.event;
            (ContractNumber(crate::data::number(&recorded.stream).unwrap()), letter)
        })
        .collect();
    letters.sort();
    letters
}
