//! The form as a page uses it: on every keystroke, in two languages, back and forth between the steps.

mod asking;

use asking::{ask, error, ok};
use serde_json::{Value, json};

fn appointed() -> Value {
    json!([{ "AppointmentMade": { "customer": 7, "on": "2026-12-01" } }])
}

fn step<'s>(answer: &'s Value, name: &str) -> &'s Value {
    let steps = answer["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name}: {answer}"))
}

fn field<'s>(step: &'s Value, name: &str) -> &'s Value {
    let fields = step["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name).unwrap_or_else(|| panic!("no field {name}: {step}"))
}

fn steps(history: &Value, drafts: &Value) -> Value {
    ok(&json!({ "ask": "steps", "history": history, "drafts": drafts }))
}

fn standings(answer: &Value) -> Vec<&str> {
    answer["steps"].as_array().unwrap().iter().map(|step| step["standing"].as_str().unwrap()).collect()
}

#[test]
fn a_new_contract_has_one_open_step_and_the_others_wait() {
    let answer = steps(&json!([]), &json!([]));
    assert_eq!(standings(&answer), ["open", "waiting", "waiting", "waiting"]);
    assert_eq!(answer["stage"], "new");
    let appointment = step(&answer, "appointment");
    assert_eq!((&appointment["who"], &appointment["problems"]), (&json!("account-manager"), &json!(2)));
    assert_eq!(field(appointment, "customer")["problem"], "a whole number is missing");
    assert_eq!(field(appointment, "customer")["at_most"], u32::MAX);
    // What waits is not judged, and its fields are there.
    let decision = step(&answer, "decision");
    assert_eq!(decision["outcome"]["problem"], "the steps before it come first");
    assert_eq!(field(decision, "decision")["problem"], Value::Null);
    let of = [json!({ "value": "accept", "said": "accept" }), json!({ "value": "reject", "said": "reject" })];
    assert_eq!(field(decision, "decision")["of"], json!(of));
    assert_eq!(field(decision, "abandon")["instead"], true);
}

#[test]
fn one_goes_on_to_a_step_and_back_to_the_one_before_it() {
    let conditions =
        |area: &str| json!({ "account_manager": "Alex", "sales_area": area, "planned_sales": "80000" });
    let decision = json!({ "decision": "reject", "supervisor": "Ruth", "reason": "too much" });
    let both = steps(&appointed(), &json!([conditions("120"), decision]));
    assert_eq!(standings(&both), ["done", "open", "next"], "a rejection ends it: nothing is signed");
    assert_eq!(step(&both, "appointment")["done"], json!(["appointment made with customer 7 on 2026-12-01"]));
    assert_eq!(
        step(&both, "special-conditions")["outcome"]["events"],
        json!([
            "special conditions requested: 120 m² of sales area, 80000 euros of planned sales, account manager Alex"
        ])
    );
    assert_eq!(
        step(&both, "decision")["command"],
        json!({ "RejectConditions": { "supervisor": "Ruth", "reason": "too much" } })
    );

    // Back in the second step, the sales area grows: its sales are too low now, and the third step waits with what was drafted.
    let back = steps(&appointed(), &json!([conditions("200"), decision]));
    assert_eq!(standings(&back), ["done", "open", "waiting", "waiting"]);
    let open = step(&back, "special-conditions");
    assert_eq!((&open["problems"], &open["command"]), (&json!(1), &Value::Null));
    assert_eq!(field(open, "planned_sales")["at_least"], 100_000);
    assert_eq!(
        field(open, "planned_sales")["problem"],
        "the planned annual sales are too low: at least 100000 euros for this sales area"
    );
    assert_eq!(field(step(&back, "decision"), "reason")["answer"], "too much");

    // And forth: nothing of it was lost.
    assert_eq!(steps(&appointed(), &json!([conditions("120"), decision])), both);
    let accepted = json!({ "decision": "accept", "supervisor": "Ruth" });
    let forth = steps(&appointed(), &json!([conditions("160"), accepted]));
    assert_eq!(standings(&forth), ["done", "open", "next", "next"]);
    assert_eq!(step(&forth, "signing")["outcome"]["problem"], "this step asks for nothing but patience");
    assert_eq!(step(&forth, "signing")["who"], "signing-service");
}

#[test]
fn a_field_in_place_of_all_others_moves_the_day_or_ends_the_negotiation() {
    let moved = steps(&appointed(), &json!([{ "on": "2026-12-02" }]));
    let open = step(&moved, "special-conditions");
    assert_eq!(open["command"], json!({ "MakeAppointment": { "customer": 7, "on": "2026-12-02" } }));
    assert_eq!(standings(&moved), ["done", "open", "waiting", "waiting"], "the step is still to be done");
    let given_up = steps(&appointed(), &json!([{ "abandon": "closed" }]));
    assert_eq!(standings(&given_up), ["done", "open"]);
    let ended =
        steps(&json!([appointed()[0], { "NegotiationAbandoned": { "reason": "closed" } }]), &json!([]));
    assert_eq!(standings(&ended), ["done", "done"]);
    assert_eq!(step(&ended, "special-conditions")["done"], json!(["negotiation given up: closed"]));
    let both = steps(&appointed(), &json!([{ "on": "2026-12-02", "sales_area": "1" }]));
    assert_eq!(
        field(step(&both, "special-conditions"), "sales_area")["problem"],
        "this step has no such field"
    );
    let strange = steps(&appointed(), &json!([{ "colour": "red" }]));
    let colour = field(step(&strange, "special-conditions"), "colour");
    assert_eq!(
        (&colour["strange"], &colour["problem"]),
        (&json!(true), &json!("this step has no such field"))
    );
}

#[test]
fn every_keystroke_of_a_form_is_judged_by_decide() {
    let sales = "80000";
    let judged = (0..=sales.len()).map(|typed| {
        let answers =
            json!({ "account_manager": "Alex", "sales_area": "120", "planned_sales": &sales[..typed] });
        let answer = ok(&json!({ "ask": "judge", "history": appointed(), "answers": answers }));
        let fields = answer["fields"].as_array().unwrap().clone();
        let problem =
            fields.iter().find(|field| field["name"] == "planned_sales").unwrap()["problem"].clone();
        assert_eq!(answer["outcome"].get("events").is_some(), problem.is_null());
        assert_eq!(answer["command"].is_null(), !problem.is_null());
        problem.as_str().map(str::to_string)
    });
    let too_low =
        Some("the planned annual sales are too low: at least 60000 euros for this sales area".to_string());
    let missing = Some("a whole number is missing".to_string());
    let expected = [missing, too_low.clone(), too_low.clone(), too_low.clone(), too_low, None];
    assert_eq!(judged.collect::<Vec<_>>(), expected);
}

#[test]
fn the_same_is_said_in_german() {
    let german = |ask: &str, more: Value| {
        let mut question = json!({ "ask": ask, "language": "de" });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ok(&question)
    };
    let drafts = json!([{ "account_manager": " ", "sales_area": "20001", "planned_sales": "viel" }]);
    let answer = german("steps", json!({ "history": appointed(), "drafts": drafts }));
    let open = step(&answer, "special-conditions");
    assert_eq!(open["title"], "Sonderkonditionen");
    assert_eq!(field(open, "account_manager")["problem"], "der Kundenbetreuer fehlt");
    assert_eq!(
        field(open, "sales_area")["problem"],
        "die Verkaufsfläche ist zu groß: höchstens 20000 Quadratmeter"
    );
    assert_eq!(field(open, "planned_sales")["problem"], "\"viel\" ist keine ganze Zahl oder eine zu große");
    assert_eq!(open["outcome"]["problem"], "3 Felder fehlen oder stimmen nicht");
    // The names of the customers of the specification are not said.
    assert_eq!(
        step(&answer, "appointment")["done"],
        json!(["Termin mit Kunde 7 am 1. Dezember 2026 vereinbart"])
    );
    assert_eq!(answer["details"][1], json!({ "label": "Termin", "value": "1. Dezember 2026" }));
    let refused = german(
        "decide",
        json!({ "history": [], "command": { "AcceptConditions": { "supervisor": "Ruth" } } }),
    );
    assert_eq!(refused["said"], "es sind keine Sonderkonditionen beantragt");
    let about = german("about", json!({}));
    assert_eq!(about["stages"][1], json!({ "stage": "appointed", "said": "terminiert", "ended": false }));
}

/// Larger than any number that JavaScript keeps exactly.
#[test]
fn a_large_number_survives_a_page() {
    for sales in [(1u64 << 53) + 1, u64::MAX] {
        let draft =
            json!({ "account_manager": "Alex", "sales_area": "120", "planned_sales": sales.to_string() });
        let answer = steps(&appointed(), &json!([draft]));
        let command = step(&answer, "special-conditions")["command_json"].as_str().unwrap().to_string();
        assert!(command.contains(&sales.to_string()), "{command}");
        // The page keeps the texts, and sends them back as they are.
        let known: Vec<String> = appointed().as_array().unwrap().iter().map(Value::to_string).collect();
        let branch = ok(&json!({ "ask": "branch", "known": known, "commands": [command] }));
        let history = &branch["history_json"];
        assert!(history[1].as_str().unwrap().contains(&sales.to_string()), "{history}");
        let later = ok(&json!({ "ask": "at", "history": history, "version": 2 }));
        let digits: String =
            later["details"][3]["value"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, sales.to_string());
    }
    let too_large = steps(&appointed(), &json!([{ "planned_sales": "18446744073709551616" }]));
    let problem = &field(step(&too_large, "special-conditions"), "planned_sales")["problem"];
    assert_eq!(problem, "\"18446744073709551616\" is no whole number, or too large a one");
}

#[test]
fn the_process_has_the_ways_that_decide_allows() {
    let about = ok(&json!({ "ask": "about" }));
    let edges = about["process"]["edges"].as_array().unwrap();
    let way = |from: &str, to: &str| {
        let edge = edges.iter().find(|edge| edge["from"] == from && edge["to"] == to);
        edge.map(|edge| edge["said"].as_str().unwrap())
    };
    assert_eq!(way("new", "appointed"), Some("appointment made"));
    assert_eq!(way("requested", "rejected"), Some("conditions rejected"));
    assert_eq!(way("signing", "completed"), Some("contract completed"));
    assert_eq!(way("new", "requested"), None);
    assert_eq!(way("completed", "abandoned"), None);
    assert_eq!(edges.len(), 15, "{edges:?}");
    assert_eq!(about["model"], contract_model::FINGERPRINT);
    assert_eq!(contract_model::FINGERPRINT.len(), 16);
}

#[test]
fn what_is_no_question_has_an_answer_that_says_why() {
    let item = error(&json!({ "ask": "decide", "history": ["Nonsense"], "command": "ConfirmSending" }));
    assert!(item.contains("item 1 of the list: unknown variant `Nonsense`"), "{item}");
    let unknown = error(&json!({ "ask": "dance", "language": "de" }));
    assert!(
        unknown.starts_with("die Frage \"dance\" ist unbekannt: die Fragen sind about, steps"),
        "{unknown}"
    );
    let language = error(&json!({ "ask": "about", "language": "fr" }));
    assert!(language.contains("expected `en` or `de`"), "{language}");
    let many = error(&json!({ "ask": "say", "events": vec!["SigningStarted"; 10_001] }));
    assert!(many.contains("10001 items in a list, at most 10000 are taken"), "{many}");
    let long = json!({ "AcceptConditions": { "supervisor": "x".repeat(10_001) } });
    for command in [json!(long.to_string()), long] {
        let long = error(&json!({ "ask": "decide", "history": [], "command": command }));
        assert!(long.contains("10001 characters in a text"), "{long}");
    }
    let long = error(&json!({ "ask": "judge", "history": [], "answers": { "on": "é".repeat(10_001) } }));
    assert!(long.contains("10001 characters in a text"), "{long}");
    let drafts = vec![json!({}); 10_001];
    assert!(error(&json!({ "ask": "steps", "history": [], "drafts": drafts })).contains("at most 10000"));
    assert!(ask("").contains("this is not a question"));
    assert!(ask(&"[".repeat(100_000)).contains("this is not a question"));
}

#[test]
fn ten_thousand_events_are_answered() {
    let moved = |day: usize| json!({ "AppointmentMoved": { "on": format!("2026-12-{:02}", day % 28 + 1) } });
    let history: Vec<Value> =
        appointed().as_array().unwrap().iter().cloned().chain((1..10_000).map(moved)).collect();
    let answer = steps(&json!(history), &json!([]));
    assert_eq!(step(&answer, "appointment")["done"].as_array().unwrap().len(), 10_000);
    let why = ok(
        &json!({ "ask": "why", "history": history, "command": { "AbandonNegotiation": { "reason": "x" } } }),
    );
    assert_eq!(why["why"], "this history is too long to find out why");
}
