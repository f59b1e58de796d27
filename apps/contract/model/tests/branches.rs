//! Work without a network, the past, and another past, as a page asks for them.

mod asking;

use asking::{error, ok};
use serde_json::{Value, json};

fn made(on: &str) -> Value {
    json!({ "AppointmentMade": { "customer": 7, "on": on } })
}

fn appoint(on: &str) -> Value {
    json!({ "MakeAppointment": { "customer": 7, "on": on } })
}

fn conditions() -> Value {
    json!({ "account_manager": "Alex", "sales_area": 120, "planned_sales": 80_000 })
}

fn requested() -> Value {
    json!({ "SpecialConditionsRequested": conditions() })
}

fn accept(supervisor: &str) -> Value {
    json!({ "AcceptConditions": { "supervisor": supervisor } })
}

fn rebase(known: &Value, commands: &Value, now: &Value) -> Value {
    ok(&json!({ "ask": "rebase", "known": known, "commands": commands, "now": now }))
}

fn verdicts(answer: &Value) -> Vec<&str> {
    answer["decisions"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect()
}

#[test]
fn a_branch_decides_its_commands_one_after_another() {
    let request = json!({ "RequestSpecialConditions": conditions() });
    let answer =
        ok(&json!({ "ask": "branch", "known": [made("2026-12-01")], "commands": [request, accept("Ruth")] }));
    assert_eq!(answer["stage"], "accepted");
    assert_eq!(answer["began"], 1);
    assert_eq!(answer["history"].as_array().unwrap().len(), 3);
    assert_eq!(answer["decisions"][1]["said"], "Ruth accepts the conditions");
    assert_eq!(answer["decisions"][1]["events_said"], json!(["Ruth has accepted the conditions"]));
    let wrong =
        error(&json!({ "ask": "branch", "known": [], "commands": [appoint("2026-12-01"), accept("Ruth")] }));
    assert_eq!(
        wrong,
        "command 2 of this branch cannot follow what comes before it: Ruth accepts the conditions: no special conditions have been requested"
    );
}

#[test]
fn a_head_that_has_not_moved_keeps_everything() {
    let known = json!([made("2026-12-01"), requested()]);
    let answer = rebase(&known, &json!([accept("Ruth"), "ConfirmSending"]), &known);
    assert_eq!((verdicts(&answer), &answer["clean"]), (vec!["kept", "kept"], &json!(true)));
    assert_eq!(
        answer["events"],
        json!([{ "ConditionsAccepted": { "supervisor": "Ruth" } }, "SentToSigningService"])
    );
    assert_eq!((&answer["onto"], &answer["decisions"][0]["grounds"]), (&json!(2), &Value::Null));
}

#[test]
fn what_happened_meanwhile_keeps_changes_or_rejects_a_command() {
    let appointed = rebase(&json!([]), &json!([appoint("2026-12-03")]), &json!([made("2026-12-01")]));
    assert_eq!(verdicts(&appointed), ["changed"]);
    assert_eq!(
        appointed["decisions"][0]["before"],
        json!(["appointment made with customer 7 on 2026-12-03"])
    );
    assert_eq!(appointed["decisions"][0]["now"], json!(["appointment moved to 2026-12-03"]));

    let known = json!([made("2026-12-01"), requested()]);
    let now = json!([known[0], known[1], { "ConditionsRejected": { "supervisor": "Olga", "reason": "no" } }]);
    let rejected = rebase(&known, &json!([accept("Ruth"), "ConfirmSending"]), &now);
    assert_eq!(verdicts(&rejected), ["rejected", "rejected"]);
    assert_eq!((&rejected["clean"], &rejected["events"]), (&json!(false), &json!([])));
    assert_eq!(rejected["decisions"][0]["rejection"], "Rejected");
    let said = "the supervisor has rejected the conditions: this contract has ended";
    assert_eq!(rejected["decisions"][0]["now"], json!([said]));

    // The day was moved, which the conditions do not rest on.
    let request = json!({ "RequestSpecialConditions": conditions() });
    let moved = json!([made("2026-12-01"), { "AppointmentMoved": { "on": "2026-12-02" } }]);
    let kept = rebase(&json!([made("2026-12-01")]), &json!([request]), &moved);
    assert_eq!((verdicts(&kept), &kept["clean"]), (vec!["kept"], &json!(true)));
}

#[test]
fn the_same_events_on_other_grounds_are_asked_about() {
    let abandon = json!([{ "AbandonNegotiation": { "reason": "no interest" } }]);
    let known = json!([made("2026-12-01")]);
    let now = json!([made("2026-12-01"), requested()]);
    let answer = rebase(&known, &abandon, &now);
    assert_eq!((verdicts(&answer), &answer["clean"]), (vec!["kept-on-other-grounds"], &json!(false)));
    assert_eq!(
        answer["decisions"][0]["grounds"],
        "it rested on: appointment made with customer 7 on 2026-12-01. Now it rests on: special conditions requested: \
         120 m² of sales area, 80000 euros of planned sales, account manager Alex"
    );
    let german =
        ok(&json!({ "ask": "rebase", "language": "de", "known": known, "commands": abandon, "now": now }));
    assert_eq!(german["decisions"][0]["verdict_said"], "bleibt, aus anderem Grund");

    // What follows a command that is changed was decided on what is no more.
    let commands = json!([appoint("2026-12-03"), { "RequestSpecialConditions": conditions() }]);
    let answer = rebase(&json!([]), &commands, &json!([made("2026-12-01")]));
    assert_eq!(verdicts(&answer), ["changed", "kept-on-other-grounds"]);
    assert_eq!(
        answer["decisions"][1]["grounds"],
        "it was decided after “make an appointment with customer 7 on 2026-12-03”, which does not simply stay as it was"
    );

    let another =
        error(&json!({ "ask": "rebase", "known": known, "commands": abandon, "now": [made("2026-12-09")] }));
    assert!(another.contains("this branch began at version 1 of another contract"), "{another}");
}

#[test]
fn every_version_is_shown_with_what_it_changed() {
    let history =
        json!([made("2026-12-01"), requested(), { "ConditionsAccepted": { "supervisor": "Ruth" } }]);
    let at = |version: u64| json!({ "ask": "at", "history": history, "version": version });
    let second = ok(&at(2));
    assert_eq!(second["stage"], "requested");
    assert_eq!(
        second["changes"],
        json!([
            { "label": "stage", "before": "appointed", "after": "requested" },
            { "label": "appointment", "before": "2026-12-01", "after": null },
            { "label": "account manager", "before": null, "after": "Alex" },
            { "label": "sales area", "before": null, "after": "120 m²" },
            { "label": "planned annual sales", "before": null, "after": "80,000 euros" },
        ])
    );
    let first = ok(&at(0));
    assert_eq!((&first["event_said"], &first["changes"]), (&Value::Null, &json!([])));
    assert_eq!(error(&at(4)), "there is no version 4: this history has the versions 0 to 3");
    assert!(error(&at(u64::MAX)).contains("there is no version 18446744073709551615"));
}

#[test]
fn another_past_is_decided_again() {
    let history = json!([made("2026-12-01"), requested(), { "ConditionsAccepted": { "supervisor": "Ruth" } }, "SentToSigningService"]);
    let without = ok(&json!({ "ask": "what_if", "history": history, "without": 3 }));
    assert_eq!(verdicts(&without), ["kept", "kept", "left-out", "rejected"]);
    assert_eq!(without["stage"], "requested");
    assert_eq!(without["decisions"][3]["now"], json!(["the supervisor has not accepted the conditions"]));

    let rejecting = json!({ "RejectConditions": { "supervisor": "Olga", "reason": "no" } }).to_string();
    let replaced = ok(&json!({ "ask": "what_if", "history": history, "replace": 3, "with": rejecting }));
    assert_eq!(verdicts(&replaced), ["kept", "kept", "replaced", "rejected"]);
    assert_eq!(replaced["stage"], "rejected");

    // What could not have been asked for changes nothing but that.
    let impossible =
        ok(&json!({ "ask": "what_if", "history": history, "replace": 2, "with": accept("Ruth") }));
    assert_eq!(verdicts(&impossible), ["kept", "rejected", "rejected", "rejected"]);
    assert_eq!(impossible["stage"], "appointed");

    let nothing = error(&json!({ "ask": "what_if", "history": history, "without": 0 }));
    assert_eq!(nothing, "there is no version 0: this history has the versions 1 to 4");
    assert!(error(&json!({ "ask": "what_if", "history": [], "without": 1 })).contains("no version 1"));
    assert!(error(&json!({ "ask": "what_if", "history": history })).contains("say what is left out"));
}

#[test]
fn why_names_the_events_on_which_an_answer_rests() {
    let history = json!([made("2026-12-01"), { "AppointmentMoved": { "on": "2026-12-02" } }, requested()]);
    let answer = ok(&json!({ "ask": "why", "history": history, "command": accept("Ruth") }));
    assert_eq!(
        (&answer["versions"], &answer["answer"]),
        (&json!([3]), &json!(["Ruth has accepted the conditions"]))
    );
    let why = answer["why"].as_str().unwrap();
    assert!(why.starts_with("of 3 events, these alone give the same answer: 3 (special conditions"), "{why}");
    let nothing = ok(&json!({ "ask": "why", "language": "de", "history": [], "command": "ConfirmStart" }));
    assert_eq!(nothing["versions"], json!([]));
    assert!(nothing["why"].as_str().unwrap().starts_with("kein Ereignis spielt eine Rolle"));
}
