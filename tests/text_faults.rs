//! What people get wrong when they write specifications, and what they are told: all faults of a text at once, each with its line, its
//! column, its step, and a sentence. `LEFTFOLD_ACCEPT=1 cargo test --test text_faults` writes the answers.

use leftfold::{Model, Modelled};
use std::fs;
use std::path::Path;

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/contract"]
#[allow(dead_code)]
mod contract {
    pub mod model;
}

/// What is wrong with a text; if nothing is, what does not hold.
fn answer<D: Modelled>(model: &Model<D>, file: &str, text: &str) -> String {
    let specification = match model.specification().read(file, text) {
        Ok(specification) => specification,
        Err(faults) => return format!("{faults}\n"),
    };
    let cases = specification.cases(model.decider());
    let asked =
        cases.iter().filter(|case| case.is_question).map(|case| format!("{}: an open question\n", case.name));
    let failed = cases.iter().filter_map(|case| case.run().err().map(|failure| format!("{failure}\n")));
    let said: String = asked.chain(failed).collect();
    if said.is_empty() { "it is understood, and it holds\n".to_string() } else { said }
}

#[test]
fn what_people_get_wrong_is_answered_with_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/text_faults");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "feature"));
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    let (account, contract) = (account::model(), contract::model::model());
    let mut unlike = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        let answer = match file.starts_with("account") {
            true => answer(&account, file, &text),
            false => answer(&contract, file, &text),
        };
        let stored = path.with_extension("txt");
        if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
            fs::write(&stored, &answer).unwrap();
        }
        if fs::read_to_string(&stored).unwrap_or_default() != answer {
            unlike.push(answer);
        }
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}
