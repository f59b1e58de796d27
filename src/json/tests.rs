//! Tests of JSON that reads back as the value that was written.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tray {
    open: BTreeMap<String, Vec<Slot>>,
    note: Option<Option<u8>>,
    weight: f64,
    keyed: BTreeMap<(u8, u8), u8>,
    #[serde(skip)]
    locked: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Slot {
    Empty,
    Held { by: Option<()> },
    Pair(f32, Tagged),
    Wrapped(Tagged),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Counted { by: BTreeMap<u8, u8> },
    Named { name: String },
}

/// The error for a value that is not stored.
fn refused<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> String {
    let fault = proven(value, &mut Vec::new()).err().expect("it does not come back");
    fault.in_value(short_name::<T>())
}

#[test]
fn a_value_that_comes_back_is_written_as_plain_json() {
    let tray = Tray { weight: 0.5, note: Some(Some(3)), ..Tray::default() };
    let mut json = b"before ".to_vec();
    proven(&tray, &mut json).unwrap();
    assert_eq!(String::from_utf8(json).unwrap(), r#"before {"open":{},"note":3,"weight":0.5,"keyed":{}}"#);
}

#[test]
fn what_does_not_come_back_is_named_by_its_way() {
    let tray = Tray::default();
    assert_eq!(
        refused(&Tray { note: Some(None), ..tray.clone() }),
        "Tray.note: it holds `Some` of nothing, which reads back as `None`"
    );
    assert_eq!(
        refused(&Tray { weight: f64::INFINITY, ..tray.clone() }),
        "Tray.weight: it holds the number inf, and JSON has finite numbers only"
    );
    assert_eq!(
        refused(&Tray { keyed: [((1, 2), 3)].into(), ..tray.clone() }),
        "Tray.keyed: key must be a string"
    );
    let held =
        |slot| Tray { open: [("first drawer".into(), vec![Slot::Empty, slot])].into(), ..tray.clone() };
    assert_eq!(
        refused(&held(Slot::Held { by: Some(()) })),
        r#"Tray.open["first drawer"][1].Held.by: it holds `Some` of nothing, which reads back as `None`"#
    );
    let named = || Tagged::Named { name: "a \"b\", {c".into() };
    assert_eq!(
        refused(&held(Slot::Pair(f32::NAN, named()))),
        r#"Tray.open["first drawer"][1].Pair[0]: it holds the number NaN, and JSON has finite numbers only"#
    );
}

#[test]
fn what_is_written_and_not_read_is_named_by_its_way() {
    let counted = Tagged::Counted { by: [(1, 2)].into() };
    let tray = |slots| Tray { open: [("left".into(), slots)].into(), ..Tray::default() };
    let said = refused(&tray(vec![Slot::Empty, Slot::Wrapped(counted)]));
    assert!(
        said.starts_with("Tray.open.left[1].Wrapped.by: it would not be read back: invalid type"),
        "{said}"
    );
    let empty = Tagged::Counted { by: BTreeMap::new() };
    proven(&tray(vec![Slot::Wrapped(empty)]), &mut Vec::new()).unwrap();
}

#[test]
fn what_is_read_back_as_another_value_is_named_by_what_differs() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Size {
        Small(u8),
        Large(u64),
        Text(String),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Parcel {
        sizes: Vec<Size>,
        #[serde(with = "in_cents")]
        price: f64,
    }
    mod in_cents {
        use super::*;
        pub(super) fn serialize<S: serde::Serializer>(price: &f64, serializer: S) -> Result<S::Ok, S::Error> {
            ((price * 100.0) as i64).serialize(serializer)
        }
        pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(json: D) -> Result<f64, D::Error> {
            i64::deserialize(json).map(|cents| cents as f64)
        }
    }
    let parcel = |sizes, price| Parcel { sizes, price };
    proven(&parcel(vec![Size::Large(300), Size::Text("big".into()), Size::Small(1)], 0.0), &mut Vec::new())
        .unwrap();
    let said = refused(&parcel(vec![], 1.5));
    assert_eq!(said, "Parcel.price: it is written as 150, and read back as 15000");
    let said = refused(&parcel(vec![Size::Large(5)], 0.0));
    assert!(
        said.starts_with("Parcel: it would be read back as another value, though its JSON is the same"),
        "{said}"
    );
}

#[test]
fn a_part_that_serde_skips_is_lost_and_said_so() {
    proven(&Tray::default(), &mut Vec::new()).unwrap();
    let said = refused(&Tray { locked: true, ..Tray::default() });
    assert!(said.contains("serde passes over a part of it"), "{said}");
}

/// For any JSON, the path to a column does not panic, and leads to the fault.
#[test]
fn the_way_to_a_column_is_the_innermost_value_there() {
    let json = br#"{"a":[1,{"b c":"x\"}y"},3],"d":{}}"#;
    let at = |column| place::at_column(json, 1, column);
    assert_eq!(at(7), ".a[0]");
    assert_eq!(at(20), r#".a[1]["b c"]"#);
    assert_eq!(at(26), ".a[2]");
    assert_eq!(at(33), ".d");
    assert_eq!(at(json.len()), ".d");
    for column in 0..json.len() + 3 {
        at(column);
        place::at_column(&json[..column.min(json.len())], 1, column);
    }
}

fn tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        proptest::collection::btree_map(any::<u8>(), any::<u8>(), 0..2).prop_map(|by| Tagged::Counted { by }),
        any::<String>().prop_map(|name| Tagged::Named { name }),
    ]
}

fn tray() -> impl Strategy<Value = Tray> {
    let slot = prop_oneof![
        Just(Slot::Empty),
        any::<Option<()>>().prop_map(|by| Slot::Held { by }),
        (any::<f32>(), tagged()).prop_map(|(weight, tagged)| Slot::Pair(weight, tagged)),
        tagged().prop_map(Slot::Wrapped),
    ];
    let open = proptest::collection::btree_map(any::<String>(), proptest::collection::vec(slot, 0..3), 0..3);
    let keyed = proptest::collection::btree_map(any::<(u8, u8)>(), any::<u8>(), 0..2);
    let number = prop_oneof![9 => -1e9..1e9, 1 => any::<f64>()];
    (open, any::<Option<Option<u8>>>(), number, keyed, proptest::bool::weighted(0.1))
        .prop_map(|(open, note, weight, keyed, locked)| Tray { open, note, weight, keyed, locked })
}

proptest! {
    /// The promise itself: a value that is accepted reads back equal, and one that would not is refused.
    #[test]
    fn what_is_proven_comes_back_and_the_rest_is_refused(tray in tray()) {
        let mut json = Vec::new();
        match proven(&tray, &mut json) {
            Ok(back) => {
                prop_assert_eq!(read::<Tray>(&json).unwrap(), back.clone());
                prop_assert_eq!(back, tray);
            }
            Err(_) => {
                let plain = serde_json::to_vec(&tray).ok();
                let comes_back = plain.and_then(|json| serde_json::from_slice::<Tray>(&json).ok());
                prop_assert_ne!(comes_back, Some(tray));
            }
        }
    }

    /// Everything that decides how a value is read belongs to its shape: of two values of one shape, both come back or neither,
    /// if serde skips nothing.
    #[test]
    fn values_of_one_shape_come_back_alike(trays in proptest::collection::vec(tray(), 2..40)) {
        let shapes = Shapes::new();
        for tray in trays.into_iter().filter(|tray| !tray.locked) {
            let shape = shape_of(|shape| tray.serialize(shape)).unwrap();
            let comes_back = proven(&tray, &mut Vec::new());
            if shapes.known(shape) {
                prop_assert!(comes_back.is_ok());
            } else if comes_back.is_ok() {
                shapes.learn(shape);
                prop_assert!(shapes.known(shape));
            }
        }
    }
}

#[test]
fn what_decides_over_reading_changes_the_shape() {
    #[derive(Serialize)]
    struct Open {
        name: String,
        #[serde(flatten)]
        more: BTreeMap<String, u8>,
    }
    fn shape<T: Serialize>(value: T) -> u64 {
        shape_of(|shape| value.serialize(shape)).unwrap()
    }
    let open = |name: &str, keys: &[&str]| {
        let more = keys.iter().map(|key| (key.to_string(), 1)).collect();
        shape(Open { name: name.into(), more })
    };
    assert_eq!(open("a name", &["size"]), open("another", &["size"]));
    assert_ne!(open("a name", &["size"]), open("a name", &["name"]), "a key that meets a field");
    assert_ne!(open("a name", &[]), open("", &[]), "an empty text");
    let map = |keys: &[&str]| shape(keys.iter().map(|key| (key.to_string(), 1)).collect::<BTreeMap<_, u8>>());
    assert_eq!(map(&["some", "other"]), map(&["of", "these"]), "keys of a plain map are data");
    assert_ne!(map(&[]), map(&["one"]));
    assert_ne!(
        shape([("a", 1u8)].into_iter().collect::<BTreeMap<_, _>>()),
        shape([(1u8, 1u8)].into_iter().collect::<BTreeMap<_, _>>())
    );
    assert_eq!(shape(vec![1u32; 5]), shape(vec![1u32; 9]));
    assert_ne!(shape(vec![1u32; 1]), shape(vec![1u32; 2]));
    assert_ne!(shape(Some(Some(1u8))), shape(Some(1u8)));
    assert_ne!(shape(5u64), shape(500u64), "a small number may be read by a smaller type");
    assert_ne!(shape(u128::MAX), shape(1u128));
    assert_ne!(shape(Slot::Empty), shape(Slot::Held { by: None }));
}
