//! What is said of a message reads back in other words as well: with texts for values, and in another language.

use leftfold::message::{self, Message, Words};
use leftfold::{Keyed, keyed, sum};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct PatientId(u32);

/// Minutes since Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Time {
    minute: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Name(String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Drug {
    Aspirin,
    SaltAndPepper,
    NoneAtAll,
    None,
    Mixed(Vec<PatientId>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Admitted { patient: PatientId, at: Time, urgent: bool, ward: Option<u8> },
    Left(PatientId),
    Moved(PatientId, Time),
    Seen { patients: Vec<PatientId>, times: Vec<Time>, last: Option<PatientId> },
    Given { drug: Drug, drugs: Vec<Drug>, by: BTreeMap<PatientId, Time> },
    Named { name: Name, names: Vec<Name>, by: BTreeMap<Name, PatientId> },
    Listed(Vec<Vec<PatientId>>),
    Flags(Vec<bool>),
    Optional(Option<PatientId>),
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Billed {
    Cancelled,
    Paid(PatientId),
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum Hospital { Patient(Keyed<PatientId, Event>), Desk(Keyed<Time, Billed>), Bill(Billed) }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn time_said(time: &Time) -> Option<String> {
    let day = DAYS.get(time.minute as usize / 1440)?;
    Some(format!("{day} {}:{:02}", time.minute % 1440 / 60, time.minute % 60))
}

fn time_read(text: &str) -> Option<Time> {
    let (day, time) = text.split_once(' ')?;
    let (hour, minute) = time.split_once(':')?;
    let day = DAYS.iter().position(|known| known.eq_ignore_ascii_case(day))?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(Time { minute: day as u32 * 1440 + hour * 60 + minute })
}

/// Words that call the patients by these names, in order, and say times by days of the week.
fn named(names: &[&str]) -> Words {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let known = names.clone();
    Words::default()
        .value(
            move |patient: &PatientId| names.get(patient.0 as usize).cloned(),
            move |text| {
                let at = known.iter().position(|name| name == text)?;
                Some(PatientId(at as u32))
            },
        )
        .value(time_said, time_read)
}

fn german(words: Words) -> Words {
    words
        .say("and", "und")
        .say("none", "nichts")
        .say("yes", "ja")
        .say("no", "nein")
        .say("no {field}", "ohne {field}")
        .say("not {field}", "nicht {field}")
}

fn comes_back<T: Message + PartialEq + Debug>(message: &T, words: &Words) -> Result<(), TestCaseError> {
    let said = message::say(message, words);
    match message::read::<T>(&said, words) {
        Ok(read) => prop_assert_eq!(&read, message, "{}", said),
        Err(fault) => prop_assert!(false, "{said}: {fault}\n{message:?}"),
    }
    Ok(())
}

#[test]
fn values_are_said_and_read_by_their_texts_everywhere() {
    let words = named(&["Ada", "Ben"]);
    let (ada, ben) = (PatientId(0), PatientId(1));
    let at = Time { minute: 9 * 60 + 15 };
    let admitted = Event::Admitted { patient: ada, at, urgent: false, ward: None };
    let seen = Event::Seen { patients: vec![ada, PatientId(7), ben], times: vec![at], last: Some(ben) };
    let by = BTreeMap::from([(ada, at)]);
    let sentences = words
        .clone()
        .say("Moved", "at {1}, {0} was moved")
        .say("Admitted", "{patient} came at {at}, {urgent}: {ward}");
    for (event, words, said) in [
        (admitted.clone(), &words, "admitted, patient Ada, at Monday 9:15, not urgent, no ward"),
        (Event::Left(ben), &words, "left Ben"),
        (Event::Left(PatientId(2)), &words, "left 2"),
        (Event::Moved(ada, at), &words, "moved Ada, Monday 9:15"),
        (seen, &words, "seen, patients Ada, 7 and Ben, times Monday 9:15, last Ben"),
        (
            Event::Given { drug: Drug::Mixed(vec![ada]), drugs: vec![Drug::NoneAtAll], by },
            &words,
            "given, drug mixed Ada, drugs none at all, by (Ada: Monday 9:15)",
        ),
        (Event::Listed(vec![vec![ada], vec![]]), &words, "listed Ada and none"),
        (Event::Optional(Some(ada)), &words, "optional Ada"),
        (Event::Moved(ada, at), &sentences, "at Monday 9:15, Ada was moved"),
        (admitted, &sentences, "Ada came at Monday 9:15, no: none"),
    ] {
        assert_eq!(message::say(&event, words), said);
        assert_eq!(message::read::<Event>(said, words), Ok(event));
    }
    for (event, said) in [
        (Hospital::Patient(keyed(ada, Event::Left(ben))), "patient Ada: left Ben"),
        (Hospital::Desk(keyed(at, Billed::Paid(ada))), "desk Monday 9:15: paid Ada"),
        (Hospital::Bill(Billed::Paid(ben)), "bill: paid Ben"),
    ] {
        assert_eq!(message::say(&event, &words), said);
        assert_eq!(message::read::<Hospital>(said, &words), Ok(event));
    }
}

#[test]
fn a_text_that_would_be_misread_is_not_used() {
    for name in [
        "Ada, Countess",
        "Ada and Ben",
        "Ada AND Ben",
        "Ada:",
        "Ada: the first",
        "\"Ada\"",
        "(Ada)",
        "none",
        "None",
        "yes",
        "no",
        "",
        " Ada",
        "Ada  B",
        "Ada\u{a0}B",
        "Ada\u{202e}",
        "A\nB",
        "5",
        "0",
        "back\\slash",
    ] {
        let words = named(&[name]);
        assert_eq!(message::say(&Event::Left(PatientId(0)), &words), "left 0", "{name:?}");
    }
    let twice = named(&["Ada", "Ada"]);
    assert_eq!(message::say(&Event::Left(PatientId(0)), &twice), "left Ada");
    assert_eq!(message::say(&Event::Left(PatientId(1)), &twice), "left 1", "the name is another patient's");
    assert_eq!(message::say(&Event::Left(PatientId(0)), &named(&["Anderson"])), "left Anderson");
    assert_eq!(message::say(&Event::Left(PatientId(0)), &named(&["nobody"])), "left nobody");
    // The words of the sentence are in the name.
    let words = named(&["Ada was moved away"]).say("Left", "{0} was moved away");
    assert_eq!(message::say(&Event::Left(PatientId(0)), &words), "(Ada was moved away) was moved away");
    let read = message::read("( Ada was  moved away ) was moved away", &words);
    assert_eq!(read, Ok(Event::Left(PatientId(0))));
    // What cannot be read in quotation marks is without them.
    let words = named(&["Ada"]).say("Left", "\"{0}\" left").say("Optional", "\"{0}\" is optional");
    assert_eq!(message::say(&Event::Left(PatientId(0)), &words), "Ada left");
    assert_eq!(message::say(&Event::Left(PatientId(5)), &words), "\"5\" left");
    assert_eq!(message::say(&Event::Optional(None), &words), "none is optional");
}

/// A text with signs that have a meaning.
fn wild() -> impl Strategy<Value = String> {
    let pieces = vec![
        "Ada",
        "Ben",
        " ",
        "and",
        " und ",
        "none",
        "nichts",
        "no",
        "ja",
        ", ",
        ": ",
        ":",
        "(",
        ")",
        "\"",
        "ward",
        "5",
        "ohne",
        " came",
        "nicht urgent",
        "Monday 9:15",
        "\\",
        "ß",
        "\u{a0}",
        "patient",
        "not",
    ];
    vec(prop::sample::select(pieces), 0..4).prop_map(|pieces| pieces.concat())
}

fn patient() -> impl Strategy<Value = PatientId> {
    (0..6_u32).prop_map(PatientId)
}

fn time() -> impl Strategy<Value = Time> {
    (0..11_000_u32).prop_map(|minute| Time { minute })
}

fn drug() -> impl Strategy<Value = Drug> {
    prop_oneof![
        Just(Drug::Aspirin),
        Just(Drug::SaltAndPepper),
        Just(Drug::NoneAtAll),
        Just(Drug::None),
        vec(patient(), 0..3).prop_map(Drug::Mixed),
    ]
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![Just(Name("Petra".into())), Just(Name("Ada".into())), wild().prop_map(Name)]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (patient(), time(), any::<bool>(), any::<Option<u8>>())
            .prop_map(|(patient, at, urgent, ward)| Event::Admitted { patient, at, urgent, ward }),
        patient().prop_map(Event::Left),
        (patient(), time()).prop_map(|(patient, at)| Event::Moved(patient, at)),
        (vec(patient(), 0..4), vec(time(), 0..3), proptest::option::of(patient()))
            .prop_map(|(patients, times, last)| Event::Seen { patients, times, last }),
        (drug(), vec(drug(), 0..3), btree_map(patient(), time(), 0..3))
            .prop_map(|(drug, drugs, by)| Event::Given { drug, drugs, by }),
        (name(), vec(name(), 0..3), btree_map(name(), patient(), 0..3))
            .prop_map(|(name, names, by)| Event::Named { name, names, by }),
        vec(vec(patient(), 0..3), 0..3).prop_map(Event::Listed),
        vec(any::<bool>(), 0..4).prop_map(Event::Flags),
        proptest::option::of(patient()).prop_map(Event::Optional),
        Just(Event::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_said_in_other_words_reads_back(event in event(), names in vec(wild(), 0..5), key in patient(), at in time()) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let nicknames = |words: Words| {
            words.value(
                |name: &Name| (name.0 == "Petra").then(|| "Ada".to_string()),
                |text| (text == "Ada").then(|| Name("Petra".into())),
            )
        };
        let sentences = |words: Words| {
            words
                .say("Admitted", "{patient} came ({at}), {urgent}; {ward}")
                .say("Left", "\"{0}\" left")
                .say("Moved", "{0} was moved at {1}")
                .say("Seen", "{patients} and {times} were seen, {last}")
                .say("Given", "{drug}: {drugs}, for {by}")
                .say("Named", "the name {name} ({by}) of {names}")
                .say("Listed", "{0} came")
                .say("Flags", "flags {0}")
        };
        let plain = named(&names);
        for words in [
            plain.clone(), nicknames(plain.clone()), german(plain.clone()), sentences(nicknames(plain.clone())),
            german(sentences(nicknames(plain))), german(Words::default()),
        ] {
            comes_back(&event, &words)?;
            comes_back(&Hospital::Patient(keyed(key, event.clone())), &words)?;
            comes_back(&Hospital::Desk(keyed(at, Billed::Cancelled)), &words)?;
            comes_back(&keyed(Name("Petra".into()), event.clone()), &words)?;
            comes_back(&keyed(Name("Ada".into()), event.clone()), &words)?;
        }
    }
}

#[test]
fn flags_and_nothing_are_said_in_another_language() {
    let words = german(named(&["Ada"]));
    let at = Time { minute: 0 };
    let admitted = Event::Admitted { patient: PatientId(0), at, urgent: false, ward: None };
    for (event, said) in [
        (admitted, "admitted, patient Ada, at Monday 0:00, nicht urgent, ohne ward"),
        (Event::Flags(vec![true, false, true]), "flags ja, nein und ja"),
        (Event::Flags(vec![]), "flags nichts"),
        (Event::Optional(None), "optional nichts"),
    ] {
        assert_eq!(message::say(&event, &words), said);
        assert_eq!(message::read::<Event>(said, &words), Ok(event));
    }
    let fault = message::read::<Event>("flags yes, nein und ja", &words).unwrap_err();
    assert_eq!(fault.to_string(), "`ja` or `nein` is expected, but there is `yes, nein und ja`");
}
