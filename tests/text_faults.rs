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
        cases.iter().filter(|case| case.is_question).map(|case| format!("an open question: {}\n", case.name));
    let answers = specification.answers(model.decider());
    let answers = answers.iter().map(|(place, lines)| format!("{place}: today: {}\n", lines.join("; ")));
    let asked = asked.chain(answers);
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

/// The blocks of Markdown that have a language: the language, and where the text begins and ends.
fn blocks(page: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(open) = page[at..].find("```").map(|found| at + found + 3) {
        let begin = page[open..].find('\n').map_or(page.len(), |found| open + found + 1);
        let end = page[begin..].find("```").map_or(page.len(), |found| begin + found);
        blocks.push((page[open..begin].trim(), begin..end));
        at = end + 3;
    }
    blocks
}

/// Each text of the chapter holds, or has the answer that stands below it.
#[test]
fn the_texts_of_the_chapter_are_read_and_answered_as_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-specifications.md");
    let page = fs::read_to_string(&path).unwrap();
    let (account, contract) = (account::model(), contract::model::model());
    let blocks = blocks(&page);
    let (mut answered, mut at, mut texts) = (String::new(), 0, 0);
    let is_text = |language: &str| ["gherkin", "markdown"].contains(&language);
    for (number, (language, place)) in
        blocks.iter().enumerate().filter(|(_, (language, _))| is_text(language))
    {
        let text = &page[place.clone()];
        texts += 1;
        let answer = match text.contains("Feature: account") {
            _ if *language == "markdown" => answer(&account, "account.md", text),
            true => answer(&account, "account.feature", text),
            false => answer(&contract, "contract.feature", text),
        };
        match blocks.get(number + 1).filter(|(language, _)| *language == "text") {
            Some((_, said)) => {
                answered += &page[at..said.start];
                answered += &answer;
                at = said.end;
            }
            None => assert_eq!(answer, "it is understood, and it holds\n", "{language}: {text}"),
        }
    }
    answered += &page[at..];
    assert_eq!(texts, 9);
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(&path, &answered).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == answered, "accept it with LEFTFOLD_ACCEPT=1:\n{answered}");
}
