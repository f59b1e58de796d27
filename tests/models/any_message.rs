//! Messages of every shape, with texts that have everything in them that means something in a phrase.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Texts with everything in them that has a meaning in a phrase.
pub fn wild() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(r#"a, owner "x" and b"#.to_string()),
        Just("\n".to_string()),
        Just("  ".to_string()),
        Just(" none ".to_string()),
        Just("none".to_string()),
        Just(r"\u{41} \n \".to_string()),
        Just("(a: 1)".to_string()),
        Just("were taken out".to_string()),
        Just("\u{202e}\u{a0}\u{2028}\t".to_string()),
        Just("Jürgen 👩‍🚀".to_string()),
        ".{0,6}".prop_map(|text| text),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Unit;

#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Pair(pub i64, pub String);

#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Address {
    pub city: String,
    pub floor: Option<i8>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spice {
    Salt,
    SaltAndPepper,
    Pepper,
    None,
    Number(u8),
    Mixed { parts: Vec<u32>, name: String },
    Two(u8, u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Any {
    Nothing,
    Unit(Unit),
    Text(String),
    Pair(Pair),
    Nested(Address),
    Float(f64),
    Small(f32),
    Big(u128),
    Char(char),
    Limit {
        limit: Option<u32>,
        no_limit: bool,
    },
    Prefix {
        total: u32,
        total_amount: u32,
        amount: Vec<u32>,
    },
    Options {
        one: Option<Option<u32>>,
        list: Option<Vec<u32>>,
        unit: Option<()>,
        of_list: Vec<Option<Vec<u32>>>,
    },
    Lists {
        lists: Vec<Vec<u32>>,
        deep: Vec<Vec<Vec<u32>>>,
        texts: Vec<String>,
        after: bool,
    },
    Maps {
        named: BTreeMap<String, u32>,
        numbers: BTreeMap<i32, Vec<u32>>,
        pairs: BTreeMap<(i8, i8), Address>,
    },
    Spices {
        spice: Spice,
        spices: Vec<Spice>,
        stock: BTreeMap<Spice, Option<Spice>>,
        last: Option<Spice>,
    },
    Bytes(#[serde(with = "serde_bytes_like")] Vec<u8>),
    Two(String, Vec<Address>),
    Optional(Option<Address>),
    Records {
        addresses: Vec<Address>,
        units: Vec<Unit>,
        rows: Vec<Vec<Address>>,
    },
    List(Vec<Spice>),
    Map(BTreeMap<String, Vec<String>>),
    OptionalList(Option<Vec<Option<u8>>>),
    #[serde(rename = "paid in")]
    Renamed {
        #[serde(rename = "in what", alias = "currency")]
        currency: String,
    },
    Left {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        out: Option<u8>,
        #[serde(skip)]
        never: u8,
    },
}

mod serde_bytes_like {
    use serde::{Deserializer, Serializer, de::Visitor};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

pub fn address() -> impl Strategy<Value = Address> {
    (wild(), any::<Option<i8>>()).prop_map(|(city, floor)| Address { city, floor })
}

pub fn spice() -> impl Strategy<Value = Spice> {
    prop_oneof![
        Just(Spice::Salt),
        Just(Spice::SaltAndPepper),
        Just(Spice::Pepper),
        Just(Spice::None),
        any::<u8>().prop_map(Spice::Number),
        (vec(any::<u32>(), 0..3), wild()).prop_map(|(parts, name)| Spice::Mixed { parts, name }),
        any::<(u8, u8)>().prop_map(|(a, b)| Spice::Two(a, b)),
    ]
}

pub fn numbers() -> impl Strategy<Value = Vec<u32>> {
    vec(0..20_u32, 0..4)
}

pub fn anything() -> impl Strategy<Value = Any> {
    prop_oneof![
        Just(Any::Nothing),
        Just(Any::Unit(Unit)),
        wild().prop_map(Any::Text),
        (any::<i64>(), wild()).prop_map(|(a, b)| Any::Pair(Pair(a, b))),
        address().prop_map(Any::Nested),
        any::<u64>().prop_map(|bits| Any::Float(f64::from_bits(bits))),
        any::<u32>().prop_map(|bits| Any::Small(f32::from_bits(bits))),
        any::<u128>().prop_map(Any::Big),
        any::<char>().prop_map(Any::Char),
        (any::<Option<u32>>(), any::<bool>()).prop_map(|(limit, no_limit)| Any::Limit { limit, no_limit }),
        (any::<u32>(), any::<u32>(), numbers()).prop_map(|(total, total_amount, amount)| Any::Prefix {
            total,
            total_amount,
            amount
        }),
        (
            any::<Option<Option<u32>>>(),
            proptest::option::of(numbers()),
            any::<Option<()>>(),
            vec(proptest::option::of(numbers()), 0..3)
        )
            .prop_map(|(one, list, unit, of_list)| Any::Options { one, list, unit, of_list }),
        (vec(numbers(), 0..3), vec(vec(numbers(), 0..3), 0..3), vec(wild(), 0..3), any::<bool>())
            .prop_map(|(lists, deep, texts, after)| Any::Lists { lists, deep, texts, after }),
        (
            btree_map(wild(), any::<u32>(), 0..3),
            btree_map(any::<i32>(), numbers(), 0..3),
            btree_map(any::<(i8, i8)>(), address(), 0..3)
        )
            .prop_map(|(named, numbers, pairs)| Any::Maps { named, numbers, pairs }),
        (
            spice(),
            vec(spice(), 0..4),
            btree_map(spice(), proptest::option::of(spice()), 0..3),
            proptest::option::of(spice())
        )
            .prop_map(|(spice, spices, stock, last)| Any::Spices { spice, spices, stock, last }),
        vec(any::<u8>(), 0..4).prop_map(Any::Bytes),
        (wild(), vec(address(), 0..3)).prop_map(|(a, b)| Any::Two(a, b)),
        proptest::option::of(address()).prop_map(Any::Optional),
        (vec(address(), 0..3), vec(Just(Unit), 0..3), vec(vec(address(), 0..3), 0..3))
            .prop_map(|(addresses, units, rows)| Any::Records { addresses, units, rows }),
        vec(spice(), 0..4).prop_map(Any::List),
        btree_map(wild(), vec(wild(), 0..3), 0..3).prop_map(Any::Map),
        proptest::option::of(vec(any::<Option<u8>>(), 0..3)).prop_map(Any::OptionalList),
        wild().prop_map(|currency| Any::Renamed { currency }),
        any::<Option<u8>>().prop_map(|out| Any::Left { out, never: 0 }),
    ]
}
