//! Questions about one contract, and their answers, as JSON.

mod about;
mod branch;
mod question;
mod rebase;
mod speech;
mod state;
mod steps;
mod time;

use question::{Head, read};
use serde_json::{Value, json};
use speech::Speech;

/// Answers a question. The same question always has the same answer, and every text has one: `{"ok": …}` or `{"error": "…"}`.
///
/// ```
/// use contract_model::answer;
///
/// let judged = answer(r#"{"ask":"judge","history":[],"answers":{"customer":"7","on":"Monday"}}"#);
/// assert!(judged.contains("a day is written as 2026-12-31"), "{judged}");
/// assert_eq!(answer("?"), r#"{"error":"this is not a question: expected value at line 1 column 1"}"#);
/// ```
pub fn answer(question: &str) -> String {
    let answer = match answered(question) {
        Ok(answer) => json!({ "ok": answer }),
        Err(error) => json!({ "error": error }),
    };
    answer.to_string()
}

/// All that can be asked, in the order in which it is described.
const QUESTIONS: &str = "about, steps, judge, decide, branch, rebase, at, what_if, say, why";

fn answered(question: &str) -> Result<Value, String> {
    let Head { ask, language } = read(question)?;
    let speech = Speech::of(language);
    match &*ask {
        "about" => Ok(about::about(speech)),
        "steps" => Ok(steps::steps(&read(question)?, speech)),
        "judge" => Ok(steps::judge(&read(question)?, speech)),
        "decide" => Ok(branch::decide(&read(question)?, speech)),
        "branch" => branch::branch(&read(question)?, speech),
        "rebase" => rebase::rebase(&read(question)?, speech),
        "at" => time::at(&read(question)?, speech),
        "what_if" => time::what_if(&read(question)?, speech),
        "why" => Ok(time::why(&read(question)?, speech)),
        "say" => Ok(speech::say(&read(question)?, speech)),
        _ => {
            let ask: String = ask.chars().take(40).collect();
            Err(speech.either(
                || format!("nothing is known of the question {ask:?}: the questions are {QUESTIONS}"),
                || format!("die Frage {ask:?} ist unbekannt: die Fragen sind {QUESTIONS}"),
            ))
        }
    }
}
