//! `page --out FILE` of a program: one file with everything in it, or a sentence and no file.
//!
//! The program is this test itself: with a variable of the environment, it runs a model instead of the tests. What the page does in a
//! browser is tried in `tests/page`.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

use leftfold::{Model, Scenario, decider};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

const PROGRAM: &str = "LEFTFOLD_TEST_AS_PROGRAM";
const WILD: &str = "</script><!--<script>alert(1)</script>\u{2028}\\u003c";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Say {
    Say(String),
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Said {
    Said(String),
    Ended,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Refused {
    Said(String),
}

/// Says everything once; the second text ends the story in the midst of its outcome.
fn wild() -> Model<impl leftfold::desk::OnDesk<Command = Say, Event = Said, Rejection = Refused>> {
    let parrot = decider(
        Vec::new,
        |Say::Say(text): &Say, said: &Vec<String>| match said.len() {
            _ if said.contains(text) => Err(Refused::Said(text.clone())),
            1 => Ok(vec![Said::Said(text.clone()), Said::Ended]),
            _ => Ok(vec![Said::Said(text.clone())]),
        },
        |mut said: Vec<String>, event: &Said| {
            said.push(match event {
                Said::Said(text) => text.clone(),
                Said::Ended => "the end".into(),
            });
            said
        },
    );
    Model::new(WILD, parrot)
        .scenarios([Scenario::named(WILD)
            .given([Said::Said("elsewhere".into())])
            .when(Say::Say("elsewhere".into()))
            .then_rejected(Refused::Said("elsewhere".into()))])
        .alphabet(|said: &Vec<String>| {
            let goes_on = said.len() < 3;
            [Say::Say(WILD.into()), Say::Say("b".into())].into_iter().filter(move |_| goes_on)
        })
        .label(|said| format!("{} {WILD}", said.len()))
        .explored(100)
}

/// Counts, and has more states than a file holds.
fn large() -> Model<impl leftfold::desk::OnDesk> {
    let parrot = decider(
        String::new,
        |Say::Say(text): &Say, _: &String| Ok::<_, Refused>(vec![Said::Said(text.clone())]),
        |said: String, event: &Said| match event {
            Said::Said(text) => format!("{said}{text}").repeat(1 + usize::from(said.is_empty()) * 100_000),
            Said::Ended => said,
        },
    );
    Model::new("large", parrot)
        .alphabet(|_| [Say::Say("b".into())])
        .label(|said| said.len().to_string())
        .explored(300)
}

fn main() -> ExitCode {
    if let Some(model) = std::env::var_os(PROGRAM) {
        return match model.to_str().unwrap() {
            "account" => account::model().main_with_page(),
            "wild" => wild().main_with_page(),
            "large" => large().main_with_page(),
            "no page" => account::model().main(),
            other => panic!("{other}"),
        };
    }
    let tests: &[(&str, fn())] = &[
        ("the_file_of_the_account_is_small_and_needs_nothing_else", the_file_of_the_account_is_small),
        ("texts_of_a_model_stay_texts_in_the_file", texts_of_a_model_stay_texts_in_the_file),
        ("every_step_of_an_outcome_and_every_scenario_is_in_the_file", every_step_is_in_the_file),
        (
            "what_cannot_be_written_is_a_sentence_and_no_file",
            what_cannot_be_written_is_a_sentence_and_no_file,
        ),
        ("a_page_holds_the_module_that_it_is_given", a_page_holds_the_module_that_it_is_given),
        ("what_is_no_module_is_a_sentence_and_no_file", what_is_no_module_is_a_sentence_and_no_file),
        ("the_chapter_shows_the_template_as_it_is", the_chapter_shows_the_template_as_it_is),
    ];
    let trial = |(name, test): &(&'static str, fn())| {
        let test = *test;
        Trial::test(*name, move || {
            test();
            Ok::<(), Failed>(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.iter().map(trial).collect()).exit_code()
}

/// Exit code, standard output and errors of a program that writes its page.
fn written(model: &str, out: &Path) -> (i32, String, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(PROGRAM, model).env("NO_COLOR", "1").args(["page", "--out"]).arg(out).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn page_of(model: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page.html");
    fs::write(&out, "what was there").unwrap();
    let (exit, said, errors) = written(model, &out);
    assert_eq!((exit, &*errors), (0, ""), "{said}");
    assert!(said.contains("page.html in a browser ("), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    fs::read_to_string(&out).unwrap()
}

fn tables_of(page: &str) -> Value {
    let tables = page.split("id=\"tables\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(tables).unwrap()
}

fn the_file_of_the_account_is_small() {
    let page = page_of("account");
    println!("the file of the account has {} bytes", page.len());
    assert!(page.len() <= 300_000, "{}", page.len());
    assert!(
        !page.contains("fetch(") && !page.contains(" src=") && !page.contains("http://127"),
        "it asks nobody"
    );
    let [mut tables, mut again] = [tables_of(&page), tables_of(&page_of("account"))];
    for tables in [&mut tables, &mut again] {
        // The report says how long it took.
        tables.as_object_mut().unwrap().remove("check").unwrap();
    }
    assert_eq!(tables, again, "the same model gives the same file");
}

fn texts_of_a_model_stay_texts_in_the_file() {
    let page = page_of("wild");
    assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (2, 2));
    assert!(!page.contains("<!--"), "no comment begins");
    let tables = tables_of(&page);
    assert_eq!(tables["name"], WILD);
    assert_eq!(tables["about"]["scenarios"][0]["name"], WILD);
}

fn every_step_is_in_the_file() {
    let tables = tables_of(&page_of("wild"));
    let nodes = tables["nodes"].as_array().unwrap();
    let number = |kind: &str, json: &str| {
        let known = tables[kind].as_array().unwrap();
        known.iter().position(|one| one["json"] == json).unwrap_or_else(|| panic!("{json} in {known:?}"))
    };
    let step = |node: usize, event: &str| {
        let event = number("events", event);
        let steps = nodes[node]["steps"].as_array().unwrap();
        steps.iter().find(|step| step[0] == event).map(|step| step[1].as_u64().unwrap() as usize)
    };
    // Through the midst of an outcome.
    let first = step(0, r#"{"Said":"b"}"#).unwrap();
    let between = step(first, &serde_json::json!({"Said": WILD}).to_string()).unwrap();
    let end = step(between, r#""Ended""#).unwrap();
    assert_eq!(tables["labels"][nodes[end]["label"].as_u64().unwrap() as usize], format!("3 {WILD}"));
    assert!(nodes.iter().take(3).all(|node| node["edge"] == false), "{nodes:?}");
    // What only a scenario says: its history, and its command.
    let elsewhere = step(0, r#"{"Said":"elsewhere"}"#).unwrap();
    assert_eq!(nodes[elsewhere]["asked"][0][0], number("commands", r#"{"Say":"elsewhere"}"#));
    assert_eq!(nodes[elsewhere]["edge"], true, "what the alphabet does from there was not visited");
}

fn what_cannot_be_written_is_a_sentence_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("page.html");
    let (exit, said, errors) = written("large", &out);
    assert_eq!((exit, &*said), (1, ""));
    assert!(
        errors.contains("large: there is no page in a file: the model is too large for a file: "),
        "{errors}"
    );
    let (exit, said, _) = written("no page", &out);
    assert!(exit == 1 && said.contains("main_with_page"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let (exit, _, errors) = written("account", &folder.path().join("missing").join("page.html"));
    assert!(exit == 1 && errors.contains("page.html cannot be written: "), "{errors}");
}

fn page_over(module: &Path, out: &Path) -> (i32, String, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(PROGRAM, "account").args(["page", "--out"]).arg(out).arg("--wasm").arg(module);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn a_page_holds_the_module_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (module, out) = (folder.path().join("account.wasm"), folder.path().join("page.html"));
    let bytes: Vec<u8> = b"\0asm\x01\0\0\0".iter().copied().chain((0..=255).cycle().take(5_000)).collect();
    fs::write(&module, &bytes).unwrap();
    let (exit, said, errors) = page_over(&module, &out);
    assert_eq!((exit, &*errors), (0, ""), "{said}");
    assert!(said.starts_with("account: open ") && said.contains("page.html in a browser ("), "{said}");
    let page = fs::read_to_string(&out).unwrap();
    let text = page.split("id=\"module\">").nth(1).unwrap().split("</script>").next().unwrap();
    let digit = |digit: u8| match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other}"),
    };
    let packed = text.trim_end_matches('=').as_bytes().chunks(4).flat_map(|four| {
        let bits = four.iter().fold(0u32, |bits, of| bits << 6 | u32::from(digit(*of)));
        (bits << (6 * (4 - four.len()))).to_be_bytes()[1..four.len()].to_vec()
    });
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*packed.collect::<Vec<u8>>()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, bytes);
    assert!(!page.contains("id=\"tables\"") && page.contains("worker-src blob:"));
}

fn what_is_no_module_is_a_sentence_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let (module, out) = (folder.path().join("account.wasm"), folder.path().join("page.html"));
    let (exit, said, errors) = page_over(&module, &out);
    assert_eq!((exit, &*said), (1, ""));
    assert!(
        errors.starts_with("account: there is no page in a file: ")
            && errors.contains("account.wasm cannot be read: "),
        "{errors}"
    );
    fs::write(&module, "<html>").unwrap();
    let (exit, said, errors) = page_over(&module, &out);
    assert!(exit == 1 && said.is_empty() && errors.contains("is no module of WebAssembly"), "{errors}");
    assert!(!out.exists());
}

fn the_chapter_shows_the_template_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let chapter = read("docs/in-a-browser.md");
    // The packaged crate has no other package in it.
    let files = if root.join("web").exists() { &["web/Cargo.toml", "web/src/lib.rs"][..] } else { &[] };
    for file in files {
        let text = read(file);
        assert!(
            chapter.contains(&format!("\n{text}```\n")),
            "docs/in-a-browser.md does not show {file} as it is"
        );
    }
}
