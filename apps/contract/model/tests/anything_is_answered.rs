//! Whatever is asked, there is an answer, the same one each time.

mod asking;
#[allow(dead_code)]
mod wild;

use asking::ask;
use contract_model::model::contract::ContractCommand;
use serde_json::{Value, json};
use wild::{Chance, answers, command, form, happened, history};

/// Questions of every kind, about contracts that might be.
fn question(chance: &mut Chance) -> Value {
    let language = *chance.one(&["en", "de"]);
    let past = history(chance);
    let commands: Vec<ContractCommand> = (0..chance.below(4)).map(|_| command(chance)).collect();
    let version = *chance.one(&[0, 1, 2, 3, past.len() as u64, past.len() as u64 + 1, u64::MAX]);
    let mut question = match chance.below(9) {
        0 => json!({ "ask": "about" }),
        1 => json!({ "ask": "decide", "history": past, "command": command(chance) }),
        2 => json!({ "ask": "branch", "known": past, "commands": commands }),
        3 => {
            let meanwhile: Vec<ContractCommand> = (0..chance.below(4)).map(|_| command(chance)).collect();
            let now = happened(&past, &meanwhile);
            json!({ "ask": "rebase", "known": past, "commands": commands, "now": now })
        }
        4 => json!({ "ask": "at", "history": past, "version": version }),
        5 => json!({ "ask": "what_if", "history": past, "without": version }),
        6 => json!({ "ask": "what_if", "history": past, "replace": version, "with": command(chance) }),
        7 => json!({ "ask": "say", "events": past, "commands": commands }),
        _ => json!({ "ask": "why", "history": past, "command": command(chance) }),
    };
    question["language"] = language.into();
    question
}

/// The same question with something else in one place.
fn mutated(mut value: Value, chance: &mut Chance) -> Value {
    let others = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("ConfirmStart"),
        json!("{\"AppointmentMade\":"),
        json!("\"Nonsense\""),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({ "AppointmentMade": { "customer": 4_294_967_296_u64, "on": "2026-12-01" } }),
        answers(chance),
    ];
    let other = chance.one(&others).clone();
    replace(&mut value, other, chance);
    value
}

/// Puts another value into some place of this one.
fn replace(value: &mut Value, other: Value, chance: &mut Chance) {
    match value {
        Value::Array(items) if !items.is_empty() && !chance.once_in(4) => {
            let one = chance.below(items.len());
            replace(&mut items[one], other, chance);
        }
        Value::Object(fields) if !fields.is_empty() && !chance.once_in(4) => {
            let one = chance.below(fields.len());
            if let Some(field) = fields.values_mut().nth(one) {
                replace(field, other, chance);
            }
        }
        place => *place = other,
    }
}

fn answered(question: &str) {
    let answer = ask(question);
    let read: Value =
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{question}: {answer}: {error}"));
    let one_of = read.as_object().is_some_and(|fields| {
        fields.len() == 1 && (fields.contains_key("ok") || fields.get("error").is_some_and(Value::is_string))
    });
    assert!(one_of, "{question}: {answer}");
    assert_eq!(ask(question), answer, "the same question, the same answer");
}

#[test]
fn questions_of_every_kind_have_an_answer() {
    let mut chance = Chance(7);
    for _ in 0..2_000 {
        answered(&question(&mut chance).to_string());
        answered(&form(&mut chance));
    }
}

#[test]
fn what_is_broken_somewhere_has_an_answer() {
    let mut chance = Chance(8);
    for _ in 0..4_000 {
        let whole = if chance.once_in(3) {
            serde_json::from_str(&form(&mut chance)).unwrap()
        } else {
            question(&mut chance)
        };
        let mut broken = mutated(whole, &mut chance);
        while chance.once_in(2) {
            broken = mutated(broken, &mut chance);
        }
        answered(&broken.to_string());
    }
}

#[test]
fn what_is_no_json_has_an_answer() {
    let mut chance = Chance(9);
    for _ in 0..4_000 {
        let mut bytes = question(&mut chance).to_string().into_bytes();
        for _ in 0..=chance.below(4) {
            let at = chance.below(bytes.len());
            match chance.below(3) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, chance.next() as u8),
                _ => bytes[at] = *chance.one(br#"{}[]",:0e-\ tn"#),
            }
            if bytes.is_empty() {
                break;
            }
        }
        answered(&String::from_utf8_lossy(&bytes));
    }
}
