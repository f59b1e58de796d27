//! Asking the desk.

#![allow(dead_code)]

use serde_json::Value;

pub fn ask(question: &str) -> String {
    contract_model::answer(question)
}

fn asked(question: &Value) -> Value {
    serde_json::from_str(&ask(&question.to_string())).expect("an answer is JSON")
}

/// What is in `ok`.
pub fn ok(question: &Value) -> Value {
    let mut answer = asked(question);
    assert!(answer["error"].is_null(), "{question}: {}", answer["error"]);
    answer["ok"].take()
}

/// The sentence in `error`.
pub fn error(question: &Value) -> String {
    let answer = asked(question);
    answer["error"].as_str().unwrap_or_else(|| panic!("{question}: {answer}")).to_string()
}
