//! A program of a model, as it is called on a command line, about the lock of its behaviour; and the program `leftfold`, about two such files.
//!
//! The first program is this test itself: with a variable of the environment, it runs a model instead of the tests.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "models/accounts.rs"]
mod accounts;

use accounts::{Ruled, reversed, ruled, sheets, wider};
use leftfold::check::explore;
use leftfold::{Decider, Keyed, Model, decider, keyed};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const PROGRAM: &str = "LEFTFOLD_TEST_AS_PROGRAM";
const FILE: &str = "LEFTFOLD_TEST_FILE";

fn main() -> ExitCode {
    if let Some(model) = std::env::var_os(PROGRAM) {
        let file = PathBuf::from(std::env::var_os(FILE).unwrap());
        return match model.to_str().unwrap() {
            "as ever" => ruled(Ruled::AsEver, file).main(),
            "overdraft" => ruled(Ruled::Overdraft, file).main(),
            "panics" => ruled(Ruled::Panics, file).main(),
            "reversed" => reversed(file).main(),
            "wider" => wider(file).main(),
            "sheets" => sheets(false, file).main(),
            "counting" => sheets(true, file).explored(300).main(),
            "two" => Model::new("two", account::Account.many::<u8>()).main(),
            other => panic!("{other}"),
        };
    }
    let tests: &[(&str, fn())] = &[
        ("what_changes_is_said_before_it_is_written", what_changes_is_said_before_it_is_written),
        ("the_file_depends_on_behaviour_alone", the_file_depends_on_behaviour_alone),
        (
            "a_line_that_accepts_two_things_is_not_understood",
            a_line_that_accepts_two_things_is_not_understood,
        ),
        ("what_is_no_file_of_a_behaviour_is_left_alone", what_is_no_file_of_a_behaviour_is_left_alone),
        ("two_files_are_compared", two_files_are_compared),
        (
            "two_files_are_compared_without_the_types_of_a_model",
            two_files_are_compared_without_the_types_of_a_model,
        ),
        ("kinds_have_names_without_the_types_of_a_model", kinds_have_names_without_the_types_of_a_model),
        ("a_file_that_was_touched_is_told_from_a_cut_one", a_file_that_was_touched_is_told_from_a_cut_one),
    ];
    let arguments = Arguments::from_args();
    let trial = |(name, test): &(&'static str, fn())| {
        let test = *test;
        Trial::test(*name, move || {
            test();
            Ok::<(), Failed>(())
        })
    };
    libtest_mimic::run(&arguments, tests.iter().map(trial).collect()).exit_code()
}

fn program(model: &str, file: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env(PROGRAM, model)
        .env(FILE, file)
        .env("NO_COLOR", "1")
        .env_remove("LEFTFOLD_BEHAVIOUR")
        .args(line);
    command.current_dir(file.parent().unwrap());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn call(model: &str, file: &Path, line: &[&str]) -> (i32, String, String) {
    ended(program(model, file, line))
}

const ACCEPT: &[&str] = &["check", "--accept", "behaviour"];

fn written(model: &str, file: &Path) -> String {
    let (exit, out, _) = call(model, file, ACCEPT);
    assert_eq!(exit, 0, "{out}");
    fs::read_to_string(file).unwrap()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.behaviour.jsonl");
    (folder, file)
}

fn what_changes_is_said_before_it_is_written() {
    let (_folder, file) = folder();
    let (exit, out, _) = call("as ever", &file, ACCEPT);
    assert!(
        exit == 0
            && out.contains("is new: 12 nodes, 134 answers\n")
            && out.ends_with("is written; commit it\n")
    );
    assert_eq!(call("as ever", &file, &["check"]).0, 0);

    let before = fs::read(&file).unwrap();
    let (exit, out, _) = call("overdraft", &file, &["check"]);
    assert_eq!(exit, 1, "{out}");
    assert!(out.contains("✗ Withdraw: refused, InsufficientFunds became Withdrawn; 4 steps"), "{out}");
    assert_eq!(fs::read(&file).unwrap(), before);

    // What nobody could read is not accepted.
    if let Ok(full) = File::options().write(true).open("/dev/full") {
        let mut accepting = program("overdraft", &file, ACCEPT);
        accepting.stdout(full);
        assert_eq!(ended(accepting).0, 1);
        assert_eq!(fs::read(&file).unwrap(), before);
    }

    let (exit, out, _) = call("overdraft", &file, ACCEPT);
    let said = out.find("differs   Withdraw: refused, InsufficientFunds became Withdrawn; 4 steps");
    assert!(exit == 0 && said.is_some() && said < out.find("is written; commit it"), "{out}");
    assert_eq!(call("overdraft", &file, &["check"]).0, 0);
    assert_eq!(call("as ever", &file, &["check"]).0, 1);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no other file is left over");
}

fn the_file_depends_on_behaviour_alone() {
    let (_folder, file) = folder();
    let text = written("as ever", &file);
    for model in ["reversed", "wider", "sheets"] {
        fs::remove_file(&file).unwrap();
        assert_eq!(written(model, &file), text, "{model}");
        let (_, out, _) = call(model, &file, ACCEPT);
        assert!(out.contains("nothing has changed") && out.ends_with("stays as it is\n"), "{out}");
    }
    // Without a command line, a variable asks for it.
    fs::remove_file(&file).unwrap();
    let mut check = program("as ever", &file, &["check"]);
    check.env("LEFTFOLD_BEHAVIOUR", "write");
    let (exit, out, _) = ended(check);
    assert!(exit == 0 && out.contains("is written; commit it"), "{out}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    // A file of the same content with other ends of lines is not written again.
    fs::write(&file, text.replace('\n', "\r\n")).unwrap();
    assert!(call("as ever", &file, ACCEPT).1.ends_with("stays as it is\n"));
    // A model without an end says so, and is not the same.
    let (exit, out, _) = call("counting", &file, ACCEPT);
    assert!(exit == 0 && out.contains("not explored to the end, but to 300 states"), "{out}");
    let (exit, out, _) = call("counting", &file, &["check"]);
    assert!(exit == 0 && out.contains("? as far as both are known, it answers as "), "{out}");
}

fn a_line_that_accepts_two_things_is_not_understood() {
    let (_folder, file) = folder();
    for line in [
        &["check", "--accept", "behaviour", "--accept", "answers"][..],
        &["check", "--accept", "behaviour,answers"],
        &["check", "--accept", "behaviour", "--spec", "a.feature"],
        &["check", "--accept", "behaviour", "--watch"],
        &["compare"],
    ] {
        let (exit, _, err) = call("as ever", &file, line);
        assert!(exit == 2 && !err.is_empty() && !file.exists(), "{line:?}: {err}");
    }
    let (exit, out, _) = call("two", &file, ACCEPT);
    assert!(exit == 1 && out.contains("the model has no lock of its behaviour"), "{out}");
}

fn what_is_no_file_of_a_behaviour_is_left_alone() {
    let (folder, file) = folder();
    fs::write(&file, "what somebody wrote by hand\n").unwrap();
    let (exit, out, _) = call("as ever", &file, ACCEPT);
    assert!(exit == 1 && out.contains("is left as it is: this is not the file of a machine"), "{out}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "what somebody wrote by hand\n");

    // What was cut or changed can be written again.
    fs::remove_file(&file).unwrap();
    let text = written("as ever", &file);
    fs::write(&file, &text[..text.len() / 2]).unwrap();
    let (exit, out, _) = call("as ever", &file, ACCEPT);
    assert!(exit == 0 && out.contains("it was cut"), "{out}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    let (exit, out, _) = call("panics", &file, ACCEPT);
    assert!(exit == 1 && out.contains("is left as it is: the model panicked: six"), "{out}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    let (exit, out, _) = call("as ever", folder.path(), ACCEPT);
    assert!(exit == 1 && out.contains("is a folder, and not a file"), "{out}");
    let (exit, out, _) = {
        let mut accepting = program("as ever", &file, ACCEPT);
        accepting.env(FILE, folder.path().join("no/such/folder.jsonl"));
        ended(accepting)
    };
    assert!(exit == 1 && out.contains("cannot be written: "), "{out}");
}

fn two_files_are_compared() {
    let (folder, old) = folder();
    let new = folder.path().join("new.jsonl");
    written("as ever", &old);
    written("overdraft", &new);
    let (old_name, new_name) = (old.to_str().unwrap(), new.to_str().unwrap());
    let (exit, out, err) = call("as ever", &old, &["compare", old_name, old_name]);
    assert!(
        exit == 0 && err.is_empty() && out.ends_with("same      all that was asked is answered alike\n"),
        "{out}"
    );
    let (exit, page, _) = call("as ever", &old, &["compare", old_name, new_name]);
    assert_eq!(exit, 1);
    let kind = "differs   Withdraw: refused, InsufficientFunds became Withdrawn; 4 steps, after";
    assert!(
        page.contains(kind) && page.contains("old   refused: InsufficientFunds { balance: 0 }"),
        "{page}"
    );
    // Against the model of today.
    let (exit, out, _) = call("overdraft", &old, &["compare", old_name]);
    assert!(exit == 1 && out.contains(kind), "{out}");
    assert_eq!(call("as ever", &old, &["compare", old_name]).0, 0);

    let (exit, out, _) = call("as ever", &old, &["compare", old_name, new_name, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &json["comparison"]["differences"][0]["times"]), (1, &4.into()));
    let feature = "Feature: account\n\n  Scenario: Withdraw: refused, InsufficientFunds became Withdrawn\n    \
         Given open account, owner \"Petra\"\n    When withdraw 1\n    Then withdrawn 1\n";
    for (model, line) in [
        ("as ever", &["compare", old_name, new_name, "--format", "gherkin"][..]),
        ("overdraft", &["compare", old_name, "--format", "gherkin"]),
    ] {
        let (exit, out, _) = call(model, &old, line);
        assert_eq!((exit, &*out), (1, feature), "{model}");
    }
    let (exit, out, err) = call("as ever", &old, &["compare", old_name, "missing.jsonl"]);
    assert!(exit == 2 && out.is_empty() && err == "there is no file missing.jsonl\n", "{err}");
}

fn two_files_are_compared_without_the_types_of_a_model() {
    let (folder, old) = folder();
    let new = folder.path().join("new.jsonl");
    written("as ever", &old);
    written("overdraft", &new);
    let leftfold = |line: &[&Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leftfold"));
        command.arg("compare").args(line);
        ended(command)
    };
    assert_eq!(leftfold(&[&old, &old]).0, 0);
    let (exit, out, err) = leftfold(&[&old, &new]);
    assert_eq!((exit, &*err), (1, ""));
    // The same page as with the types.
    let (old_name, new_name) = (old.to_str().unwrap(), new.to_str().unwrap());
    assert_eq!(out, call("as ever", &old, &["compare", old_name, new_name]).1);
    let json = Path::new("--format=json");
    assert!(serde_json::from_str::<serde_json::Value>(&leftfold(&[&old, &new, json]).1).is_ok());
    let bad = folder.path().join("bad.jsonl");
    fs::write(&bad, "\u{1b}[2J").unwrap();
    let (exit, out, err) = leftfold(&[&old, &bad]);
    assert!(exit == 2 && out.is_empty() && err.contains("this is not the file of a machine"), "{err}");
    assert!(!err.contains('\u{1b}'), "{err:?}");
    assert_eq!(leftfold(&[&old]).0, 2);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ask {
    BorrowBook,
    BorrowFilm { days: u8 },
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Lending {
    Lent { fee: Fee, days: u8 },
    Noted(Fee),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Fee {
    Paid { cents: u8 },
}

fn kinds_have_names_without_the_types_of_a_model() {
    let (folder, old) = folder();
    let new = folder.path().join("new.jsonl");
    let write = |file: &Path, days: u8, cents: u8| {
        let desk = decider(
            || (),
            move |ask: &Ask, (): &()| {
                let fee = Fee::Paid { cents };
                Ok::<_, u8>(match ask {
                    Ask::BorrowBook => vec![keyed(1, Lending::Lent { fee: Fee::Paid { cents: 1 }, days })],
                    Ask::BorrowFilm { .. } => vec![keyed(1, Lending::Noted(fee))],
                })
            },
            |(), _: &Keyed<u8, Lending>| (),
        );
        let machine =
            explore(&desk, |(): &()| [Ask::BorrowBook, Ask::BorrowFilm { days: 3 }]).machine().unwrap();
        fs::write(file, machine.quotient().named("desk").to_json()).unwrap();
    };
    write(&old, 3, 1);
    write(&new, 4, 2);
    let mut command = Command::new(env!("CARGO_BIN_EXE_leftfold"));
    command.arg("compare").args([&old, &new]);
    let (exit, page, _) = ended(command);
    assert_eq!(exit, 1);
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in [
        "differs borrow-book: Lent, with another Lent.days; 1 step,",
        "differs borrow-film: Noted.Paid, with another Noted.Paid.cents; 1 step,",
    ] {
        assert!(page.contains(kind), "{page}");
    }
}

fn a_file_that_was_touched_is_told_from_a_cut_one() {
    let (folder, file) = folder();
    let text = written("as ever", &file);
    let touched = folder.path().join("touched.jsonl");
    for (text, exit, sentence) in [
        (format!("\u{feff}{}", text.replace('\n', "\r\n")), 0, ""),
        (format!("{text}\n"), 2, "was changed after it was written"),
        (text[..text.len() / 2].to_string(), 2, "it was cut"),
        (String::new(), 2, "this is not the file of a machine: its first line is empty\n"),
    ] {
        fs::write(&touched, text).unwrap();
        let names = [file.to_str().unwrap(), touched.to_str().unwrap()];
        let (found, _, err) = call("as ever", &file, &["compare", names[0], names[1]]);
        assert!(found == exit && err.contains(sentence), "{found} {err}");
    }
}
