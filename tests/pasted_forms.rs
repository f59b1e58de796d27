//! Whatever a message holds, the code that is written of it compiles and makes the same message: `tests/pasted/forms.rs` is
//! written from the messages below, and compiled here.

use leftfold::message::{Message, code};
use leftfold::recorded::StreamName;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::{NonZeroU32, Wrapping};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Amount(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Cents {
    cents: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Email {
    name: String,
    host: String,
}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Email, String> {
        let (name, host) = text.split_once('@').ok_or("no @")?;
        Ok(Email { name: name.into(), host: host.into() })
    }
}

impl From<Email> for String {
    fn from(Email { name, host }: Email) -> String {
        format!("{name}@{host}")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair<A, B> {
    one: A,
    other: B,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Round { radius: u8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "of")]
enum Adjacent {
    Round(u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "other name", rename_all = "camelCase")]
struct Renamed {
    first_name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Snake {
    PaidIn { amount_in_cents: u8 },
    Closed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Loud {
    PaidIn(u8),
    Closed,
    #[serde(rename = "Paid_Out")]
    PaidOut,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Camel {
    first_name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    more: BTreeMap<String, u8>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    r#type: u8,
}

mod in_tenths {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{} tenths", value * 10))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim_end_matches(" tenths").parse::<u32>().map(|n| n / 10).map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Measured {
    #[serde(with = "in_tenths")]
    length: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Form {
    Moment(jiff::Timestamp),
    Moments(Vec<Option<jiff::Timestamp>>),
    Texts(String, Box<str>, Arc<str>, Rc<str>, Cow<'static, str>, PathBuf),
    Quoted(String, char),
    Stream(StreamName),
    Mail(Email),
    Small(i8, i16, i32, i64, i128, isize),
    Large(u8, u16, u32, u64, u128, usize),
    Floats(f64, f32),
    NotZero(NonZeroU32, Wrapping<u8>),
    Waited(Duration),
    Amounts(Amount, Cents),
    Optional(Option<u8>, Option<Option<u8>>, Option<Option<u8>>, Option<()>),
    Tuple((u8,), (u8, String), ()),
    Arrays([u8; 3], [[u8; 2]; 1], [u8; 0]),
    Lists(Vec<u8>, VecDeque<u8>, BTreeSet<char>, Box<[u8]>, Vec<Vec<u8>>),
    Maps(BTreeMap<String, u8>, BTreeMap<(u8, u8), Vec<u8>>, leftfold::im::OrdMap<u8, u8>),
    Boxed(Box<Form>, Arc<Amount>, Box<Option<Box<u8>>>),
    Generic(Pair<u8, Pair<String, Amount>>),
    Units(Unit, std::marker::PhantomData<u8>),
    Inside(Tagged, Adjacent, Renamed, Snake, Snake),
    Letters(Loud, Loud, Loud, Camel),
    Open(Flat, Sparse, Sparse),
    Measured(Measured),
    Refused(Result<u8, String>, std::ops::Range<u8>, std::net::Ipv4Addr),
    Address {
        street: String,
        r#fn: bool,
    },
    #[serde(rename = "said otherwise")]
    Otherwise(u8),
}

fn forms() -> Vec<Form> {
    let map: BTreeMap<String, u8> = [("a \"b\"".into(), 1)].into();
    vec![
        Form::Moment(jiff::Timestamp::UNIX_EPOCH),
        Form::Moments(vec![None, Some(jiff::Timestamp::UNIX_EPOCH)]),
        Form::Texts("a".into(), "b".into(), "c".into(), "d".into(), "e".into(), "g/h".into()),
        Form::Quoted("\"'\\\n\u{202e}\0{}*/".into(), '\''),
        Form::Stream(StreamName::new("order-1").unwrap()),
        Form::Mail(Email { name: "petra".into(), host: "example.org".into() }),
        Form::Small(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN, isize::MIN),
        Form::Large(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX, usize::MAX),
        Form::Floats(0.1, -1e30),
        Form::Floats(f64::INFINITY, f32::NEG_INFINITY),
        Form::NotZero(NonZeroU32::MIN, Wrapping(3)),
        Form::Waited(Duration::from_millis(1_500)),
        Form::Amounts(Amount(3), Cents { cents: -3 }),
        Form::Optional(None, Some(None), Some(Some(1)), Some(())),
        Form::Tuple((1,), (2, "b".into()), ()),
        Form::Arrays([1, 2, 3], [[1, 2]], []),
        Form::Lists(vec![], [1].into(), ['a'].into(), [1].into(), vec![vec![], vec![1]]),
        Form::Maps(map.clone(), [((1, 2), vec![3])].into(), [(1, 2)].into_iter().collect()),
        Form::Boxed(Box::new(Form::Floats(1.0, 2.0)), Arc::new(Amount(1)), Box::new(Some(Box::new(1)))),
        Form::Generic(Pair { one: 1, other: Pair { one: "b".into(), other: Amount(2) } }),
        Form::Units(Unit, std::marker::PhantomData),
        Form::Inside(
            Tagged::Round { radius: 1 },
            Adjacent::Round(1),
            Renamed { first_name: "Petra".into() },
            Snake::PaidIn { amount_in_cents: 1 },
            Snake::Closed,
        ),
        Form::Letters(Loud::PaidIn(1), Loud::Closed, Loud::PaidOut, Camel { first_name: "Petra".into() }),
        Form::Open(
            Flat { name: "a".into(), more: map },
            Sparse { note: None, r#type: 1 },
            Sparse { note: Some("b".into()), r#type: 2 },
        ),
        Form::Measured(Measured { length: 7 }),
        Form::Refused(Err("no".into()), 1..3, [127, 0, 0, 1].into()),
        Form::Address { street: "High Street".into(), r#fn: true },
        Form::Otherwise(1),
    ]
}

#[test]
fn code_of_every_form_compiles_and_makes_the_same_message() {
    let lines: String = forms().iter().map(|form| format!("    {},\n", form.code())).collect();
    let text = format!("[\n{lines}]\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pasted/forms.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default());

    let pasted: Vec<Form> = include!("pasted/forms.rs").into();
    assert_eq!(pasted, forms());
}

#[test]
fn a_moment_is_parsed_and_a_text_is_taken_over() {
    assert_eq!(
        code(&Form::Moment(jiff::Timestamp::UNIX_EPOCH)),
        r#"Form::Moment("1970-01-01T00:00:00Z".parse().unwrap())"#
    );
    assert_eq!(code(&Pair { one: "a".to_string(), other: 1 }), r#"Pair { one: "a".into(), other: 1 }"#);
}

#[test]
fn what_is_not_a_number_is_written_by_its_name() {
    let pasted = Form::Floats(f64::NAN, f32::NAN);
    assert_eq!(code(&pasted), "Form::Floats(f64::NAN, f32::NAN)");
}

#[test]
fn what_neither_rust_nor_json_can_hold_says_so_in_a_comment() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Weight {
        kilos: f64,
    }
    let nan = || Weight { kilos: f64::NAN };
    let weight = code(&Pair { one: nan(), other: 1 });
    assert!(weight.starts_with("Pair { one: todo!() /* ") && weight.ends_with(" */, other: 1 }"), "{weight}");
    // A name from outside neither ends the comment nor opens another in it.
    #[derive(Serialize)]
    #[serde(transparent)]
    struct Weights {
        of: BTreeMap<String, Weight>,
    }
    let of = [("a */ panic!() /* b\u{202e}\u{2028}".to_string(), nan())].into();
    let named = code(&Pair { one: Weights { of }, other: 1 });
    assert_eq!((named.matches("/*").count(), named.matches("*/").count()), (1, 1), "{named}");
    assert!(named.contains(r"panic!() / * b\u{202e}\u{2028}"), "{named}");
}
