//! A program of a model, as it is called on a command line, about specifications that people write.
//!
//! The program is this test itself: with a variable of the environment, it runs the model instead of the tests.

use leftfold::message::Words;
use leftfold::{Model, Modelled};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

const PROGRAM: &str = "LEFTFOLD_TEST_AS_PROGRAM";

fn model() -> Model<impl Modelled> {
    account::model().words_in(
        "de",
        Words::default()
            .say("AccountOpened", "ein Konto von {owner}")
            .say("Deposited", "{0} Euro wurden eingezahlt")
            .say("Withdraw", "hebe {0} Euro ab")
            .say("Withdrawn", "{0} Euro wurden abgehoben")
            .say("today", "heute")
            .say("it is refused", "es wird abgelehnt"),
    )
}

fn main() -> ExitCode {
    if std::env::var_os(PROGRAM).is_some() {
        return model().main();
    }
    let tests: &[(&str, fn())] = &[
        ("files_are_checked_alone", files_are_checked_alone),
        ("scenarios_are_selected_by_their_tags", scenarios_are_selected_by_their_tags),
        ("faults_are_listed_by_their_scenarios", faults_are_listed_by_their_scenarios),
        ("every_format_names_file_and_line", every_format_names_file_and_line),
        ("the_specification_is_written_and_holds", the_specification_is_written_and_holds),
        ("the_vocabulary_is_printed", the_vocabulary_is_printed),
        ("answers_are_inserted_and_nothing_else_changes", answers_are_inserted_and_nothing_else_changes),
        ("what_cannot_be_answered_in_place_is_left_alone", what_cannot_be_answered_in_place_is_left_alone),
        ("a_file_is_checked_again_after_each_save", a_file_is_checked_again_after_each_save),
        ("a_file_that_goes_and_comes_is_read_again", a_file_that_goes_and_comes_is_read_again),
        ("a_folder_is_watched_for_new_files", a_folder_is_watched_for_new_files),
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

fn program(line: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(PROGRAM, "").env("NO_COLOR", "1").current_dir(folder).args(line);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn call(line: &[&str], folder: &Path) -> (i32, String, String) {
    let output = program(line, folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const TEXT: &str = "\
Feature: account
  Background:
    Given account opened, owner \"Petra\"
    And deposited 10

  Scenario: not more than there is
    When withdraw 20
    Then it is refused: insufficient funds, balance 10

  @nightly
  Scenario: what comes of five?
    When withdraw 5
";

fn files_are_checked_alone() {
    let folder = folder_with(&[("specs/a.feature", TEXT), ("specs/b.txt", "no specification")]);
    let (exit, out, err) = call(&["check", "--spec", "specs"], folder.path());
    assert_eq!((exit, &*err), (0, ""));
    assert_eq!(
        out,
        "account\n\nscenarios  1 holds, 1 open question\n  ✓ not more than there is\n  ? what comes of five?\n      today: withdrawn 5\n\n\
         texts      1 file read\n"
    );

    let wrong = TEXT.replace("balance 10", "balance 9").replace("When withdraw 5", "When wihdraw 5");
    let folder = folder_with(&[("a.feature", &wrong)]);
    let (exit, out, _) = call(&["check", "--spec", "a.feature"], folder.path());
    assert_eq!(exit, 1);
    assert!(out.contains("✗ not more than there is") && out.contains("a.feature:8\n"), "{out}");
    assert!(
        out.contains(
            "a.feature:12:10: nothing in the vocabulary is said like this; is this meant: `withdraw 5`?"
        ),
        "{out}"
    );

    let (exit, out, _) = call(&["check", "--spec", "missing.feature"], folder.path());
    assert_eq!(exit, 1);
    assert!(
        out.ends_with(
            "texts      0 files read, 1 fault\n  ✗ missing.feature\n\n\nthere is no file missing.feature\n\n\naccount: 1 check fails\n"
        ),
        "{out}"
    );
    let folder = folder_with(&[("specs/b.txt", "no specification")]);
    let (exit, out, _) = call(&["check", "--spec", "specs"], folder.path());
    assert_eq!(exit, 1);
    assert!(
        out.contains("the folder specs has no texts: none of its files ends in .feature or .md\n"),
        "{out}"
    );
}

fn scenarios_are_selected_by_their_tags() {
    let folder = folder_with(&[("a.feature", TEXT)]);
    let (exit, out, _) = call(&["check", "--spec", "a.feature", "--only", "@nightly"], folder.path());
    assert_eq!(exit, 0);
    assert!(out.contains("scenarios  1 open question") || out.contains("? what comes of five?"), "{out}");
    assert!(!out.contains("not more than there is"), "{out}");
    let (exit, out, _) = call(&["check", "--only", "weekly"], folder.path());
    assert_eq!(exit, 1);
    assert_eq!(
        out,
        "account\n\nscenarios  none\n  ✗ nothing was checked\n\n\nno scenario has the tag @weekly\n\n\naccount: 1 check fails\n"
    );
    let (exit, out, _) = call(&["check", "--spec", "a.feature", "--only", "weekly, @nightly"], folder.path());
    assert_eq!(exit, 0, "{out}");
    assert!(out.contains("? what comes of five?"), "{out}");
}

fn faults_are_listed_by_their_scenarios() {
    let text = TEXT.replace("deposited 10", "depsited 10").replace("When withdraw 20", "When wthdraw 20");
    let text = text.replace("it is refused", "it was refused");
    let folder = folder_with(&[("a.feature", &text)]);
    let (exit, out, _) = call(&["check", "--spec", "a.feature"], folder.path());
    assert_eq!(exit, 1);
    assert!(
        out.starts_with(
            "account\n\nscenarios  2 could not be read\n\n\
             texts      1 file read, 3 faults\n  ✗ a.feature\n  ✗ not more than there is (2 faults)\n\n\n\
             a.feature:4:9: "
        ),
        "{out}"
    );
}

fn every_format_names_file_and_line() {
    let wrong = TEXT.replace("balance 10", "balance 9");
    let folder = folder_with(&[("a.feature", &wrong)]);
    let printed = |format| call(&["check", "--spec", "a.feature", "--format", format], folder.path()).1;
    let json = printed("json");
    let report: leftfold::model::Report = serde_json::from_str(&json).unwrap();
    let finding = report.failures().next().unwrap();
    assert_eq!(finding.place.as_ref().unwrap().to_string(), "a.feature:8");
    let answers: Vec<_> =
        report.sections[0].findings.iter().filter_map(|finding| finding.answer.as_deref()).collect();
    assert_eq!(answers, ["today: withdrawn 5"]);
    let github = printed("github");
    assert!(github.contains("::error file=a.feature,line=8,"), "{github}");
    assert!(github.contains("::notice file=a.feature,line=11,title=account%3A what comes of five?::not decided; today: withdrawn 5\n"), "{github}");
    let junit = printed("junit");
    assert!(junit.contains("<system-out>a.feature:8</system-out>"), "{junit}");
    assert!(junit.contains("<skipped message=\"not decided; today: withdrawn 5\"/>"), "{junit}");
}

fn the_specification_is_written_and_holds() {
    let folder = folder_with(&[]);
    for (format, file) in [("gherkin", "account.feature"), ("markdown", "account.md")] {
        let (exit, out, err) = call(&["spec", "--format", format, "--out", "new/specs"], folder.path());
        assert_eq!((exit, &*err), (0, ""), "{out}");
        assert_eq!(out, format!("new/specs/{file}\n"));
        let (exit, out, _) = call(&["check", "--spec", &format!("new/specs/{file}")], folder.path());
        assert_eq!(exit, 0, "{out}");
        assert!(out.contains("✓ an overdraw is refused"), "{out}");
    }
    assert_eq!(fs::read_dir(folder.path().join("new/specs")).unwrap().count(), 2);
    // In another language, with the keywords of Gherkin's.
    for format in ["gherkin", "markdown"] {
        let line = ["spec", "--format", format, "--out", "de", "--language", "de"];
        let (exit, out, err) = call(&line, folder.path());
        assert_eq!((exit, &*err), (0, ""), "{out}");
        let (exit, page, _) = call(&["check", "--spec", out.trim_end()], folder.path());
        assert_eq!(exit, 0, "{page}");
        let text = fs::read_to_string(folder.path().join(out.trim_end())).unwrap();
        assert!(text.contains("hebe 4 Euro ab") && text.contains("4 Euro wurden abgehoben"), "{text}");
        assert!(text.contains("language: de") && text.contains("Dann"), "{text}");
    }
    let (exit, out, _) = call(&["spec", "--language", "xx"], folder.path());
    assert_eq!(exit, 1);
    assert_eq!(
        out,
        "the model has no words for texts in the language xx: it has en, de, and `words_in` adds others\n"
    );
}

fn the_vocabulary_is_printed() {
    let folder = folder_with(&[]);
    let (exit, out, _) = call(&["spec", "--vocabulary"], folder.path());
    assert_eq!(exit, 0);
    for said in [
        "  open account, owner \"…\"\n",
        "  it is refused: insufficient funds, balance 5\n",
        "  nothing happens\n",
        "The view \"turnover\"",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let (_, out, _) = call(&["spec", "--vocabulary", "--language", "de"], folder.path());
    assert!(
        out.contains("  5 Euro wurden eingezahlt\n") && out.contains("  es wird abgelehnt: not open\n"),
        "{out}"
    );
}

fn answers_are_inserted_and_nothing_else_changes() {
    let given = "    Given account opened, owner \"Petra\"\n    And deposited 10\n";
    for (file, before, answered) in [
        (
            "no end of the last line.feature",
            format!("Feature: a\n  Scenario: b\n{given}    When withdraw 5"),
            format!("Feature: a\n  Scenario: b\n{given}    When withdraw 5\n    Then today: withdrawn 5"),
        ),
        (
            "german.feature",
            "\u{feff}# language: de\r\nFunktionalität: Konto\r\n\r\n\tSzenario: fünf  \r\n\t\tAngenommen ein Konto von Petra\r\n\t\tUnd 10 Euro \
             wurden eingezahlt\r\n\t\tWenn hebe 5 Euro ab\r\n\t\tUnd hebe 50 Euro ab\r\n\r\n\t# das Ende\r\n"
                .into(),
            "\u{feff}# language: de\r\nFunktionalität: Konto\r\n\r\n\tSzenario: fünf  \r\n\t\tAngenommen ein Konto von Petra\r\n\t\tUnd 10 Euro \
             wurden eingezahlt\r\n\t\tWenn hebe 5 Euro ab\r\n\t\tUnd hebe 50 Euro ab\r\n\t\tDann heute: es wird abgelehnt: insufficient funds, balance \
             5\r\n\r\n\t# das Ende\r\n"
                .into(),
        ),
        (
            "under a step.feature",
            format!("Feature: a\n  Scenario: b\n{given}    When each of these:\n      | withdraw 5 |\n      | deposit 1  |\n\n  Scenario: c\n    When\n      \"\"\"\n      open account, owner \"A \\\"B\\\"\"\n      \"\"\"\n"),
            format!(
                "Feature: a\n  Scenario: b\n{given}    When each of these:\n      | withdraw 5 |\n      | deposit 1  |\n    Then today: withdrawn 5\n    And today: deposited 1\n\n  Scenario: c\n    When\n      \"\"\"\n      open account, owner \"A \\\"B\\\"\"\n      \"\"\"\n    Then today: account opened, owner \"A \\\"B\\\"\"\n"
            ),
        ),
        (
            "list.md",
            "# Account\n\nSome *prose*.\n\n## first\n\n- **Given** account opened, owner \"Petra\"\n- **When** deposit 3\n\nMore prose.\n\n## second\n\n1. Given account opened, owner \"*P_a\"\n2. When close account\n3. And deposit 1\n"
                .into(),
            "# Account\n\nSome *prose*.\n\n## first\n\n- **Given** account opened, owner \"Petra\"\n- **When** deposit 3\n- **Then** today: deposited 3\n\nMore prose.\n\n## second\n\n1. Given account opened, owner \"*P_a\"\n2. When close account\n3. And deposit 1\n4. Then today: it is refused: not open\n"
                .into(),
        ),
    ] {
        let folder = folder_with(&[(file, &before)]);
        let (exit, out, err) = call(&["check", "--spec", file, "--accept", "answers"], folder.path());
        assert_eq!((exit, &*err), (0, ""), "{file}: {out}");
        let found = fs::read_to_string(folder.path().join(file)).unwrap();
        assert_eq!(found, answered, "{file}: {out}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left over");
        let (exit, out, _) = call(&["check", "--spec", file], folder.path());
        assert_eq!(exit, 0, "{out}");
        assert!(!out.contains("open question") && out.contains("the model answered itself"), "{out}");
        assert!(
            out.lines().filter(|line| line.contains("✓")).all(|line| line.ends_with(" (today: not confirmed)")),
            "{out}"
        );
        // A second time, there is nothing to answer.
        let (_, out, _) = call(&["check", "--spec", file, "--accept", "answers"], folder.path());
        assert!(out.starts_with("nothing is asked"), "{out}");
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), answered);
    }
}

fn what_cannot_be_answered_in_place_is_left_alone() {
    let text = "\
Feature: a
  Scenario Outline: each
    Given account opened, owner \"Petra\"
    When deposit <n>
    Examples:
      | n |
      | 1 |
      | 2 |

  @open-question
  Scenario: nobody knows
    When deposit 1

  Scenario: a fault
    When depsit 1

  Scenario: an answer
    When deposit 1
";
    let folder = folder_with(&[("a.feature", text)]);
    let (exit, out, _) = call(&["check", "--spec", "a.feature", "--accept", "answers"], folder.path());
    assert_eq!(exit, 1, "{out}");
    let changed = format!("{text}    Then today: it is refused: not open\n");
    assert_eq!(fs::read_to_string(folder.path().join("a.feature")).unwrap(), changed);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 6, "{out}");
    assert_eq!(lines[0], "a.feature:19: Then today: it is refused: not open");
    assert!(
        lines[1]
            .starts_with("a.feature:7: the scenario \"each (n 1)\" is left alone: it is a row of a table"),
        "{out}"
    );
    assert!(lines[2].starts_with("a.feature:8: the scenario \"each (n 2)\" is left alone"), "{out}");
    assert!(
        lines[3].starts_with(
            "a.feature:11: the scenario \"nobody knows\" is left alone: it has the tag @open-question"
        ),
        "{out}"
    );
    assert!(lines[4].starts_with("a.feature:15:10: nothing in the vocabulary is said like this"), "{out}");
    assert_eq!(lines[5], "1 line added, 1 fault");
}

/// A program that watches, and the lines it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn new(line: &[&str], folder: &Path) -> Watching {
        let mut child = program(line, folder).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Watching { child, lines }
    }

    /// The lines up to the next one that ends an answer.
    fn answer(&self) -> String {
        let mut page = String::new();
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("no answer came: {page}"));
            page.push_str(&line);
            page.push('\n');
            if line.ends_with(" ms)") {
                return page;
            }
        }
    }

    /// The next answer with these words: on a slow machine, what was half written for long comes before it.
    fn answer_with(&self, words: &str) -> String {
        loop {
            let page = self.answer();
            if page.contains(words) {
                return page;
            }
        }
    }

    fn is_silent(&self) {
        assert_eq!(self.lines.recv_timeout(Duration::from_millis(400)).ok(), None);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn a_file_is_checked_again_after_each_save() {
    let folder = folder_with(&[("a.feature", TEXT)]);
    let file = folder.path().join("a.feature");
    let watching = Watching::new(&["check", "--spec", "a.feature", "--watch"], folder.path());
    let first = watching.answer();
    let first =
        first.strip_prefix("watching a.feature; Ctrl-C ends it\n\n").unwrap_or_else(|| panic!("{first}"));
    assert!(first.starts_with("account\n\nscenarios  1 holds, 1 open question\n"), "{first}");
    // Another program renames a file to this name, so that it is never half written.
    let save = |text: &str| {
        fs::write(folder.path().join("new"), text).unwrap();
        fs::rename(folder.path().join("new"), &file).unwrap();
    };
    // The same length.
    save(&TEXT.replace("balance 10", "balance 11"));
    let second = watching.answer();
    assert!(second.starts_with("\n✗ not more than there is\n\nscenario  "), "{second}");
    assert!(!second.contains("what comes of five?"), "{second}");
    assert!(
        second.contains("\nscenarios: 0 hold, 1 fails, 1 open question; texts: 1 file read ("),
        "{second}"
    );
    // A fault, and all lines further down.
    let fault = format!("# a comment\n{}", TEXT.replace("When withdraw 5", "When wihdraw 5"));
    save(&fault);
    let third = watching.answer();
    assert!(third.contains("✓ not more than there is\n"), "{third}");
    assert!(third.contains("a.feature:13:10: nothing in the vocabulary is said like this"), "{third}");
    assert!(third.contains("\ncannot be read now: what comes of five?\n"), "{third}");
    save(TEXT);
    let fourth = watching.answer();
    assert!(fourth.contains("? what comes of five?\n    today: withdrawn 5\n"), "{fourth}");
    assert!(fourth.contains("\nunderstood now: a.feature:13:10: nothing in the vocabulary"), "{fourth}");
    watching.is_silent();
}

fn a_file_that_goes_and_comes_is_read_again() {
    let folder = folder_with(&[("a.feature", TEXT)]);
    let file = folder.path().join("a.feature");
    let watching = Watching::new(&["check", "--spec", "a.feature", "--watch"], folder.path());
    watching.answer();
    // For how long it may be so is a test of `watch`, where time does not depend on the machine.
    fs::write(&file, "").unwrap();
    fs::write(&file, b"Feature: \xff").unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, TEXT.replace("balance 10", "balance 12")).unwrap();
    let page = watching.answer_with("✗ not more than there is\n\nscenario");
    assert!(page.contains("balance 12"), "{page}");
    // It stays missing.
    fs::remove_file(&file).unwrap();
    let page = watching.answer_with("there is no file a.feature");
    assert!(page.contains("\ngone: not more than there is\n"), "{page}");
    fs::write(&file, TEXT).unwrap();
    let page = watching.answer_with("✓ not more than there is\n");
    assert!(page.contains("\ncan be read now: a.feature\n"), "{page}");
}

fn a_folder_is_watched_for_new_files() {
    let folder = folder_with(&[("specs/a.feature", TEXT)]);
    let watching = Watching::new(&["check", "--spec", "specs", "--watch"], folder.path());
    watching.answer();
    let more = "# More\n\n## money goes in\n\n- Given account opened, owner \"P\"\n- When deposit 3\n- Then deposited 3\n";
    fs::write(folder.path().join("b.md"), more).unwrap();
    fs::rename(folder.path().join("b.md"), folder.path().join("specs/b.md")).unwrap();
    let page = watching.answer();
    assert!(
        page.starts_with("\n✓ money goes in\n\nscenarios: 2 hold, 1 open question; texts: 2 files read ("),
        "{page}"
    );
    fs::remove_file(folder.path().join("specs/b.md")).unwrap();
    let page = watching.answer();
    assert!(page.starts_with("\ngone: money goes in\n\nscenarios: 1 holds"), "{page}");
}
