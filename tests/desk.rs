//! The desk answers every question, malformed ones included, and each example of its protocol as it stands there.

use leftfold::check::Property;
use leftfold::recorded::{StreamName, Timestamp, Version};
use leftfold::store::{Batch, EventStore, Memory};
use leftfold::{Decider, Fold, Keyed, Model, Owed, keyed, process_manager};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;
#[allow(dead_code)]
#[path = "../examples/order/model.rs"]
mod order;

/// The account beside a log with two streams.
fn with_log() -> leftfold::Desk {
    let event = |json: Value| serde_json::from_value::<account::Event>(json).unwrap();
    let store = Memory::new();
    let to = |id: u32| Batch::to(&StreamName::of("account", id).unwrap());
    store
        .append(to(17).events([
            event(json!({"AccountOpened": {"owner": "Petra"}})),
            event(json!({"Deposited": 10})),
            event(json!({"Withdrawn": 3})),
        ]))
        .unwrap();
    store.append(to(18).event(event(json!({"AccountOpened": {"owner": "Ada"}})))).unwrap();
    store
        .append(Batch::to(&StreamName::of("other", 1).unwrap()).event(event(json!("AccountClosed"))))
        .unwrap();
    account::model().desk_with_log(store)
}

fn answer(desk: &leftfold::Desk, question: &str) -> Value {
    serde_json::from_str(&desk.answer(question)).unwrap()
}

/// What is shown but not there. An object may show some of its fields; a list that ends in `…` its beginning.
fn missing(shown: &Value, there: &Value, at: &str) -> Option<String> {
    let unlike = || Some(format!("at {at}: {shown} is shown, and there is {there}"));
    match (shown, there) {
        (Value::Object(shown), Value::Object(there)) => shown.iter().find_map(|(key, value)| {
            missing(value, there.get(key).unwrap_or(&json!("(no such field)")), &format!("{at}.{key}"))
        }),
        (Value::Array(shown), Value::Array(there)) => {
            let begins = shown.last() == Some(&json!("…"));
            let shown = if begins { &shown[..shown.len() - 1] } else { &shown[..] };
            if there.len() < shown.len() || !begins && there.len() != shown.len() {
                return unlike();
            }
            shown
                .iter()
                .zip(there)
                .enumerate()
                .find_map(|(i, (one, other))| missing(one, other, &format!("{at}[{i}]")))
        }
        (shown, there) => {
            if shown == there {
                None
            } else {
                unlike()
            }
        }
    }
}

#[test]
fn the_examples_of_the_protocol_are_true() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/desk.md")).unwrap();
    let block = |text: &str, kind: &str| -> Option<(usize, String)> {
        let begin = text.find(&format!("```json {kind}\n"))? + kind.len() + 9;
        let end = begin + text[begin..].find("\n```")?;
        Some((end, text[begin..end].to_string()))
    };
    let desk = with_log();
    let (mut rest, mut examples) = (&page[..], 0);
    while let Some((end, question)) = block(rest, "question") {
        rest = &rest[end..];
        let (end, shown) = block(rest, "answer").expect("each question has an answer");
        rest = &rest[end..];
        let shown: Value = serde_json::from_str(&shown).unwrap_or_else(|why| panic!("{why} in {shown}"));
        assert_eq!(missing(&shown, &answer(&desk, &question), ""), None, "{question}");
        examples += 1;
    }
    assert!(examples >= 14, "{examples}");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Turn {
    Left,
    Right,
    Break,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Turned {
    Left,
    Right,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Stuck {
    Jammed,
}

/// A knob with five positions that panics when it is broken.
struct Knob;

impl Fold for Knob {
    type State = i8;
    type Event = Turned;
    fn initial_state(&self) -> i8 {
        0
    }
    fn evolve(&self, at: i8, event: &Turned) -> i8 {
        if *event == Turned::Left { at - 1 } else { at + 1 }
    }
}

impl Decider for Knob {
    type Command = Turn;
    type Rejection = Stuck;
    fn decide(&self, command: &Turn, at: &i8) -> Result<Vec<Turned>, Stuck> {
        match command {
            Turn::Left if *at > -2 => Ok(vec![Turned::Left]),
            Turn::Right if *at < 2 => Ok(vec![Turned::Right]),
            Turn::Break => panic!("it came off"),
            _ => Err(Stuck::Jammed),
        }
    }
}

fn knob() -> Model<Knob> {
    Model::new("<b>knob</b>", Knob)
        .alphabet(|_| [Turn::Left, Turn::Right, Turn::Break])
        .label(|at| {
            if *at == 0 {
                "middle"
            } else if *at == 2 {
                "end"
            } else {
                "aside"
            }
        })
        .properties([Property::always("it is never at the end", |at: &i8| *at < 2)])
}

#[test]
fn a_panic_of_the_model_is_an_answer() {
    let desk = knob().desk();
    let at = answer(&desk, r#"{"at": {"history": ["Left"]}}"#);
    let broken = &at["at"]["commands"][2]["outcome"]["panicked"]["message"];
    assert!(broken.as_str().unwrap().starts_with("it came off"), "{at}");
    assert_eq!(at["at"]["commands"][0]["outcome"]["accepted"]["label"], "aside");
    let asked = answer(&desk, r#"{"ask": {"command": "Break"}}"#);
    assert!(asked["ask"]["outcome"]["panicked"].is_object(), "{asked}");
    // In `evolve`, it is the whole question that cannot be answered.
    let desk = Model::new(
        "sum",
        leftfold::decider(|| 0u8, |n: &u8, _: &u8| Ok::<_, Stuck>(vec![*n]), |a, b: &u8| a + b),
    )
    .desk();
    let wrong = answer(&desk, r#"{"at": {"history": [200, 100]}}"#);
    assert!(wrong["wrong"].as_str().unwrap().starts_with("the model panicked: "), "{wrong}");
}

#[test]
fn a_shortest_story_goes_on_from_a_history() {
    let panicked = answer(&knob().desk(), r#"{"find": {"class": "end"}}"#);
    assert_eq!(panicked["find"]["verdict"], "panicked", "{panicked}");
    assert!(panicked["find"]["story"][0]["outcome"]["panicked"].is_object(), "{panicked}");
    let desk = knob().alphabet(|_| [Turn::Left, Turn::Right]).desk();
    let from_start = answer(&desk, r#"{"find": {"property": "it is never at the end"}}"#);
    assert_eq!(from_start["find"]["history"], json!(["\"Right\"", "\"Right\""]));
    let from_there = answer(&desk, r#"{"find": {"class": "end", "history": ["Right"]}}"#);
    assert_eq!(from_there["find"]["history"], json!(["\"Right\"", "\"Right\""]));
    assert_eq!(from_there["find"]["story"].as_array().unwrap().len(), 1);
}

#[test]
fn several_models_are_asked_by_name() {
    let desk = account::model().desk().and(knob().desk());
    assert_eq!(answer(&desk, r#"{"models": {}}"#), json!({"models": ["account", "<b>knob</b>"]}));
    let which = answer(&desk, r#"{"about": {}}"#);
    assert_eq!(which["wrong"], "which model is asked? `\"model\"` is one of `account`, `<b>knob</b>`");
    assert_eq!(answer(&desk, r#"{"model": "<b>knob</b>", "about": {}}"#)["about"]["name"], "<b>knob</b>");
    let none = answer(&desk, r#"{"model": "x\ny", "about": {}}"#);
    assert_eq!(none["wrong"], "there is no model `x y`; there are `account`, `<b>knob</b>`");
}

#[test]
fn parts_of_a_composed_state_have_their_names_and_are_blamed_by_their_paths() {
    let desk = order::model().desk();
    let history = json!([{"key": 1, "message": {"Order": {"OrderPlaced": {"total": 30}}}}]);
    let at = answer(&desk, &json!({"at": {"history": history}}).to_string());
    let rows = at["at"]["state"]["rows"].as_array().unwrap();
    let rows: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["key"].as_str().unwrap(), row["path"].as_str().unwrap())).collect();
    for named in [("order", "1.decider.0.0"), ("payment", "1.decider.0.1"), ("shipment", "1.decider.1")] {
        assert!(rows.contains(&named), "{rows:?}");
    }
    assert!(
        rows.contains(&("process", "1.process")) && !rows.contains(&("decider", "1.decider")),
        "{rows:?}"
    );
    let blame = json!({"blame": {"history": history, "path": "1.decider.0.0"}});
    let blame = answer(&desk, &blame.to_string());
    assert_eq!(blame["blame"]["by"]["version"], 1, "{blame}");
}

#[test]
fn every_text_is_answered_by_json() {
    let desk = account::model().desk();
    let questions = [
        "",
        "null",
        "[]",
        "{",
        "3",
        "\"about\"",
        "{\"about\": 3}",
        "{\"about\": null}",
        "{\"about\": {}, \"about\": {}}",
        "{\"at\": {\"version\": -1}}",
        "{\"at\": {\"version\": 99999999999999999999}}",
        "{\"at\": {\"history\": {}}}",
        "{\"ask\": {}}",
        "{\"ask\": {\"phrase\": \"\"}}",
        "{\"ask\": {\"phrase\": \"deposit 3\", \"command\": 3}}",
        "{\"timeline\": {\"from\": 18446744073709551615}}",
        "{\"timeline\": {\"from\": 7, \"count\": 0}}",
        "{\"blame\": {}}",
        "{\"blame\": {\"path\": \"\"}}",
        "{\"find\": {}}",
        "{\"find\": {\"class\": \"\\u0000\"}}",
        "{\"read\": {\"text\": \"\\u0000\\ud834\"}}",
        "{\"read\": {\"text\": \"Feature: x\\n  Scenario:\\n\"}}",
        "{\"scenario\": {\"phrase\": \"close account\", \"name\": \"\\n\\\"*/\"}}",
    ];
    for question in questions {
        let answer = desk.answer(question);
        let answer: Value =
            serde_json::from_str(&answer).unwrap_or_else(|why| panic!("{question}: {why}: {answer}"));
        let answer = answer.as_object().unwrap();
        assert_eq!(answer.len(), 1, "{question}");
        assert!(answer.get("wrong").is_none_or(|wrong| !wrong.as_str().unwrap().is_empty()), "{question}");
    }
    // Whatever is cut off, there is an answer.
    let whole = r#"{"ask": {"history": [{"AccountOpened": {"owner": "Petra ü"}}], "command": {"Deposit": 3}, "why": true}}"#;
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        assert!(answer(&desk, &whole[..end])["wrong"].is_string(), "{}", &whole[..end]);
    }
}

#[test]
fn a_stream_is_a_history_and_what_is_played_from_it_goes_on_where_it_was_taken() {
    let desk = with_log();
    let at = |question: Value| answer(&desk, &json!({ "at": question }).to_string());
    let whole = at(json!({"stream": "account-17"}));
    let told =
        at(json!({"history": [{"AccountOpened": {"owner": "Petra"}}, {"Deposited": 10}, {"Withdrawn": 3}]}));
    assert_eq!(whole, told);
    let timeline = json!({"timeline": {"stream": "account-17", "history": [{"Deposited": 1}], "from": 3}});
    let timeline = answer(&desk, &timeline.to_string());
    assert_eq!(timeline["timeline"]["of"], 4, "{timeline}");
    assert_eq!(timeline["timeline"]["versions"][1]["event"]["says"], "deposited 1", "{timeline}");
    let why = json!({"ask": {"stream": "account-17", "phrase": "withdraw 8"}});
    assert_eq!(answer(&desk, &why.to_string())["ask"]["why"]["decisive"], json!([1, 2, 3]));
    let blame = json!({"blame": {"stream": "account-17", "path": "owner"}});
    assert_eq!(answer(&desk, &blame.to_string())["blame"]["by"]["version"], 1);
    for (question, wrong) in [
        (json!({"stream": "account-17", "until": 4}), "stream account-17 has 3 events, and no 4"),
        (json!({"stream": "account-17", "version": 4}), "there is no version 4: the history has 3 events"),
        (json!({"until": 1}), "`until` and `key` are about the events of a `stream`: name one"),
        (json!({"stream": "no\nsuch"}), "there is no stream no such in the log"),
        (
            json!({"stream": "account-17", "until": 2, "history": ["Nothing"]}),
            "event 3 of the history is none of this model: ",
        ),
    ] {
        let answered = at(question);
        assert!(answered["wrong"].as_str().unwrap().starts_with(wrong), "{answered}");
    }
    let without = answer(&account::model().desk(), r#"{"log": {}}"#);
    assert_eq!(without["wrong"], "there is no log beside this model: `serve --log FOLDER` opens one");
}

#[test]
fn a_stream_that_was_deleted_begins_again() {
    let store = Memory::new();
    let gone = StreamName::new("knob").unwrap();
    store.append(Batch::to(&gone).events([Turned::Left, Turned::Left])).unwrap();
    store.append(Batch::to(&gone).delete()).unwrap();
    store.append(Batch::to(&gone).expecting(Version::new(3)).event(Turned::Right)).unwrap();
    let desk = knob().desk_with_log(store);
    let at = answer(&desk, r#"{"at": {"stream": "knob"}}"#);
    assert_eq!((&at["at"]["of"], &at["at"]["state"]["rows"][0]["text"]), (&json!(1), &json!("1")), "{at}");
    let listed = answer(&desk, r#"{"log": {}}"#);
    assert_eq!(
        (&listed["log"]["streams"][0]["events"], &listed["log"]["streams"][0]["deleted"]),
        (&json!(4), &json!(false))
    );
}

#[test]
fn the_histories_of_several_keys_in_one_stream_are_looked_at_one_by_one() {
    let event = |key: u8, turned| keyed(key, turned);
    let store = Memory::new();
    let doors = StreamName::new("doors").unwrap();
    let events =
        [event(1, Turned::Left), event(2, Turned::Right), event(1, Turned::Right), event(1, Turned::Left)];
    store.append(Batch::to(&doors).events(events)).unwrap();
    store.append(Batch::to(&StreamName::new("door").unwrap()).event(event(7, Turned::Left))).unwrap();
    let one = Knob.adapt(
        |command: &Turn| Some(command),
        |event: &Keyed<u8, Turned>| Some(&event.message),
        |message| keyed(0, message),
    );
    let desk = Model::new("knob", one).each_key(|event| event.key).desk_with_log(store);
    let at = |question: Value| answer(&desk, &json!({ "at": question }).to_string());
    let first = at(json!({"stream": "doors", "key": "1"}));
    assert_eq!(
        (&first["at"]["of"], &first["at"]["event"]["says"]),
        (&json!(3), &json!("1: left")),
        "{first}"
    );
    assert_eq!(at(json!({"stream": "doors", "key": "1", "until": 2}))["at"]["of"], 2);
    assert_eq!(at(json!({"stream": "door"}))["at"]["of"], 1, "one key alone needs no name");
    for (question, wrong) in [
        (json!({"stream": "doors"}), "stream doors has the histories of several keys: name one in `key`"),
        (json!({"stream": "doors", "key": "3"}), "stream doors has no event of the key 3"),
    ] {
        assert_eq!(at(question)["wrong"], wrong);
    }
    let keys = answer(&desk, r#"{"log": {"stream": "doors"}}"#);
    assert_eq!(
        keys["log"],
        json!({"keys": [{"key": "1", "events": 3}, {"key": "2", "events": 1}], "more": false})
    );
    let after = answer(&desk, r#"{"log": {"stream": "doors", "after": "1"}}"#);
    assert_eq!(after["log"]["keys"][0]["key"], "2");
    let none = answer(&with_log(), r#"{"at": {"stream": "account-17", "key": "1"}}"#);
    assert!(none["wrong"].as_str().unwrap().contains("`.each_key(…)`"), "{none}");
}

#[test]
fn what_process_managers_owe_is_in_the_answer_and_a_panic_of_one_as_well() {
    let turns = |turns: i64, event: &Turned| turns + if *event == Turned::Left { 1 } else { -1 };
    let back = process_manager(
        || 0,
        turns,
        |turns| {
            let due = Timestamp::from_second(60).unwrap();
            (0..*turns).map(|n| Owed::at(due, format!("back {n}"), Turn::Right)).collect()
        },
    );
    let oil = process_manager(
        || 0,
        turns,
        |turns| match turns {
            2 => panic!("no oil"),
            n if *n > 0 => vec![Owed::now("oil", "fetch oil".to_string())],
            _ => vec![],
        },
    );
    let of_others = process_manager(|| 0, |n: i64, _: &i64| n, |_| vec![Owed::now("x", Turn::Left)]);
    let desk =
        knob().process("back", back, []).process("oil", oil, []).process("of others", of_others, []).desk();
    assert_eq!(answer(&desk, r#"{"at": {}}"#)["at"].get("owed"), None);
    let at = answer(&desk, r#"{"at": {"history": ["Left"]}}"#);
    let owed = &at["at"]["owed"];
    assert_eq!(owed.as_array().unwrap().len(), 2, "{at}");
    assert_eq!(
        owed[0],
        json!({"by": "back", "more": 0, "items": [
            {"key": "back 0", "due": "from 1970-01-01T00:01:00Z on", "command": {"json": "\"Right\"", "says": "right", "name": "Right"}}
        ]})
    );
    assert_eq!(
        (&owed[1]["items"][0]["command"]["json"], &owed[1]["items"][0]["due"]),
        (&json!(""), &Value::Null)
    );
    let at = answer(&desk, r#"{"at": {"history": ["Left", "Left"], "version": 2}}"#);
    assert!(at["at"]["owed"][1]["panicked"].as_str().unwrap().starts_with("no oil"), "{at}");
}

#[test]
fn two_models_of_the_same_messages_are_compared_on_one_desk() {
    let to = |most: i8| {
        leftfold::decider(
            || 0i8,
            move |command: &Turn, at: &i8| match command {
                Turn::Left if *at > -2 => Ok(vec![Turned::Left]),
                Turn::Right if *at < most => Ok(vec![Turned::Right]),
                _ => Err(Stuck::Jammed),
            },
            |at, event: &Turned| if *event == Turned::Left { at - 1 } else { at + 1 },
        )
    };
    let model =
        |name: &str, most| Model::new(name, to(most)).alphabet(|_| [Turn::Left, Turn::Right]).explored(100);
    let desk = model("old", 2).desk().and(model("new", 1).desk()).and(model("as old", 2).desk());
    let desk = desk.and(account::model().desk()).and(knob().desk());
    let compare = |with: &str| answer(&desk, &json!({"model": "old", "compare": {"with": with}}).to_string());
    let found = &compare("new")["compare"];
    assert_eq!(
        (&found["same"], &found["with"], &found["more"]),
        (&json!(false), &json!("new"), &json!(0)),
        "{found}"
    );
    let difference = &found["differences"][0];
    assert_eq!(difference["command"], "Right");
    assert_eq!((&difference["here"], &difference["there"]), (&json!("Right"), &json!("refused: Jammed")));
    assert_eq!(difference["story"].as_array().unwrap().len(), 2);
    assert_eq!(difference["history"], json!(["\"Right\""]));
    assert_eq!(difference["answers"][0]["accepted"]["events"][0]["says"], "right");
    assert_eq!(difference["answers"][1]["refused"]["rejection"]["says"], "jammed");
    let same = &compare("as old")["compare"];
    assert_eq!((&same["same"], &same["differences"]), (&json!(true), &json!([])), "{same}");
    let other = compare("account");
    assert!(
        other["wrong"].as_str().unwrap().starts_with("the messages of `account` are not those of `old`"),
        "{other}"
    );
    assert!(compare("<b>knob</b>")["wrong"].as_str().unwrap().contains("is not explored"));
    assert!(compare("nobody")["wrong"].as_str().unwrap().starts_with("there is no model `nobody`"));
}

/// How long the questions take that a page asks at each move, for a long history. Prints; bars belong to nobody's clock.
#[test]
fn long_histories_are_answered_page_by_page() {
    let desk = account::model().desk();
    let mut history = vec![json!({"AccountOpened": {"owner": "Petra"}})];
    history.extend(
        (0..9_999).map(|n| if n % 2 == 0 { json!({"Deposited": 5}) } else { json!({"Withdrawn": 3}) }),
    );
    for question in [
        json!({"at": {"history": history}}),
        json!({"ask": {"history": history, "command": {"Withdraw": 3}, "why": false}}),
        json!({"timeline": {"history": history, "from": 9_901}}),
    ] {
        let (text, began) = (question.to_string(), std::time::Instant::now());
        let answered = answer(&desk, &text);
        println!("{} in {:?}", question.as_object().unwrap().keys().next().unwrap(), began.elapsed());
        assert!(answered.get("wrong").is_none(), "{answered}");
    }
    let page = answer(&desk, &json!({"timeline": {"history": history, "from": 9_990}}).to_string());
    let versions = page["timeline"]["versions"].as_array().unwrap();
    assert_eq!(
        (versions.len(), &versions[10]["version"], &page["timeline"]["of"]),
        (11, &json!(10_000), &json!(10_000))
    );
}

#[test]
fn a_question_is_an_object_and_no_list_of_its_fields() {
    let desk = account::model().desk();
    for (question, wrong) in [
        ("[]", "a question is an object, such as {\"about\": {}}"),
        (r#"{"at": [[], null, null, null, 0]}"#, "`at` is asked with an object: {\"at\": {}}"),
        (r#"{"about": 5}"#, "`about` is asked with an object: {\"about\": {}}"),
        (
            r#"{"at": {"version": -1}}"#,
            "this is no question: invalid value: integer `-1`, expected a whole number, 0 or more",
        ),
    ] {
        let answered = answer(&desk, question);
        assert!(answered["wrong"].as_str().unwrap().starts_with(wrong), "{answered}");
    }
    let none = answer(&desk, r#"{"find": {"class": "Burnt"}}"#);
    assert_eq!(
        none["find"]["says"],
        "no state that can be reached is of this class: all of them were visited"
    );
}
