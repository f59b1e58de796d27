//! Every kind of value that serde knows is kept in its tree, and unlike values have unlike trees.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::collections::{HashMap, HashSet};

type Name = &'static str;

/// A value of every kind that serde knows, which calls serde for just this kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Model {
    Bool(bool),
    Number(Number),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Model>),
    Unit,
    UnitStruct(Name),
    UnitVariant(Name, Name),
    NewtypeStruct(Name, Box<Model>),
    NewtypeVariant(Name, Name, Box<Model>),
    Seq(Vec<Model>),
    Tuple(Vec<Model>),
    TupleStruct(Name, Vec<Model>),
    TupleVariant(Name, Name, Vec<Model>),
    Map(Vec<(Model, Model)>),
    Struct(Name, Vec<(Name, Model)>),
    StructVariant(Name, Name, Vec<(Name, Model)>),
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Model::Bool(flag) => to.serialize_bool(*flag),
            Model::Number(Number::I8(number)) => to.serialize_i8(*number),
            Model::Number(Number::I16(number)) => to.serialize_i16(*number),
            Model::Number(Number::I32(number)) => to.serialize_i32(*number),
            Model::Number(Number::I64(number)) => to.serialize_i64(*number),
            Model::Number(Number::I128(number)) => to.serialize_i128(*number),
            Model::Number(Number::U8(number)) => to.serialize_u8(*number),
            Model::Number(Number::U16(number)) => to.serialize_u16(*number),
            Model::Number(Number::U32(number)) => to.serialize_u32(*number),
            Model::Number(Number::U64(number)) => to.serialize_u64(*number),
            Model::Number(Number::U128(number)) => to.serialize_u128(*number),
            Model::Number(Number::F32(number)) => to.serialize_f32(*number),
            Model::Number(Number::F64(number)) => to.serialize_f64(*number),
            Model::Char(char) => to.serialize_char(*char),
            Model::Text(text) => to.serialize_str(text),
            Model::Bytes(bytes) => to.serialize_bytes(bytes),
            Model::None => to.serialize_none(),
            Model::Some(value) => to.serialize_some(value),
            Model::Unit => to.serialize_unit(),
            Model::UnitStruct(name) => to.serialize_unit_struct(name),
            Model::UnitVariant(of, variant) => to.serialize_unit_variant(of, 0, variant),
            Model::NewtypeStruct(name, value) => to.serialize_newtype_struct(name, value),
            Model::NewtypeVariant(of, variant, value) => to.serialize_newtype_variant(of, 0, variant, value),
            Model::Seq(items) => {
                let mut list = to.serialize_seq(None)?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Model::Tuple(items) => {
                let mut tuple = to.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Model::TupleStruct(name, items) => {
                let mut tuple = to.serialize_tuple_struct(name, items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_field(item))?;
                tuple.end()
            }
            Model::TupleVariant(of, variant, items) => {
                let mut tuple = to.serialize_tuple_variant(of, 0, variant, items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_field(item))?;
                tuple.end()
            }
            Model::Map(pairs) => {
                let mut map = to.serialize_map(None)?;
                pairs.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Model::Struct(name, fields) => {
                let mut record = to.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| record.serialize_field(name, value))?;
                record.end()
            }
            Model::StructVariant(of, variant, fields) => {
                let mut record = to.serialize_struct_variant(of, 0, variant, fields.len())?;
                fields.iter().try_for_each(|(name, value)| record.serialize_field(name, value))?;
                record.end()
            }
        }
    }
}

/// Reads a value back from its tree.
#[derive(Clone, Copy)]
struct Back;

impl Reader for Back {
    type Part = Model;
    type Field = (Name, Model);
    type Error = Refused;

    fn node(self, node: Node<'_, Model, (Name, Model)>) -> Result<Model, Refused> {
        Ok(match node {
            Node::Bool(flag) => Model::Bool(flag),
            Node::Number(number) => Model::Number(number),
            Node::Char(char) => Model::Char(char),
            Node::Text(text) => Model::Text(text.to_string()),
            Node::Bytes(bytes) => Model::Bytes(bytes.to_vec()),
            Node::None => Model::None,
            Node::Unit(Of::Plain) => Model::Unit,
            Node::Unit(Of::Struct(name)) => Model::UnitStruct(name),
            Node::Unit(Of::Variant { of, variant }) => Model::UnitVariant(of, variant),
            Node::One(Of::Plain, value) => Model::Some(Box::new(value)),
            Node::One(Of::Struct(name), value) => Model::NewtypeStruct(name, Box::new(value)),
            Node::One(Of::Variant { of, variant }, value) => {
                Model::NewtypeVariant(of, variant, Box::new(value))
            }
            Node::List(items) => Model::Seq(items),
            Node::Tuple(Of::Plain, items) => Model::Tuple(items),
            Node::Tuple(Of::Struct(name), items) => Model::TupleStruct(name, items),
            Node::Tuple(Of::Variant { of, variant }, items) => Model::TupleVariant(of, variant, items),
            Node::Map(pairs) => Model::Map(pairs),
            Node::Record(Of::Variant { of, variant }, fields) => Model::StructVariant(of, variant, fields),
            Node::Record(of, fields) => Model::Struct(of.structure(), fields),
        })
    }

    fn field(self, name: Name, value: Model) -> (Name, Model) {
        (name, value)
    }
}

/// Few, so that two values are often nearly the same.
fn name() -> impl Strategy<Value = Name> {
    prop_oneof![Just("A"), Just("B"), Just("")]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-1..2i8).prop_map(Number::I8),
        (-1..2i16).prop_map(Number::I16),
        (-1..2i32).prop_map(Number::I32),
        (-1..2i64).prop_map(Number::I64),
        prop_oneof![-1..2i128, Just(i128::MIN), Just(i128::MAX)].prop_map(Number::I128),
        (0..2u8).prop_map(Number::U8),
        (0..2u16).prop_map(Number::U16),
        (0..2u32).prop_map(Number::U32),
        (0..2u64).prop_map(Number::U64),
        prop_oneof![0..2u128, Just(u128::MAX)].prop_map(Number::U128),
        prop_oneof![Just(0.0), Just(-0.0), Just(f32::NAN), Just(-f32::NAN), Just(1.0)].prop_map(Number::F32),
        prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN), Just(-f64::NAN), Just(1.0)].prop_map(Number::F64),
    ]
}

fn model() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![
        8 => number().prop_map(Model::Number),
        1 => any::<bool>().prop_map(Model::Bool),
        1 => prop::char::range('A', 'C').prop_map(Model::Char),
        1 => "[AB]{0,2}".prop_map(Model::Text),
        1 => vec(b'A'..b'C', 0..3).prop_map(Model::Bytes),
        1 => Just(Model::None),
        1 => Just(Model::Unit),
        1 => name().prop_map(Model::UnitStruct),
        1 => (name(), name()).prop_map(|(of, variant)| Model::UnitVariant(of, variant)),
    ];
    leaf.prop_recursive(4, 24, 3, |part| {
        let (one, items) = (|| part.clone().prop_map(Box::new), || vec(part.clone(), 0..3));
        let fields = || vec((name(), part.clone()), 0..3);
        prop_oneof![
            one().prop_map(Model::Some),
            (name(), one()).prop_map(|(name, value)| Model::NewtypeStruct(name, value)),
            (name(), name(), one())
                .prop_map(|(of, variant, value)| Model::NewtypeVariant(of, variant, value)),
            items().prop_map(Model::Seq),
            items().prop_map(Model::Tuple),
            (name(), items()).prop_map(|(name, items)| Model::TupleStruct(name, items)),
            (name(), name(), items())
                .prop_map(|(of, variant, items)| Model::TupleVariant(of, variant, items)),
            vec((part.clone(), part.clone()), 0..3).prop_map(Model::Map),
            (name(), fields()).prop_map(|(name, fields)| Model::Struct(name, fields)),
            (name(), name(), fields())
                .prop_map(|(of, variant, fields)| Model::StructVariant(of, variant, fields)),
        ]
    })
}

proptest! {
    #[test]
    fn every_kind_of_value_that_serde_knows_comes_back_from_its_tree(value in model()) {
        prop_assert_eq!(read(&value, Back).unwrap(), value);
    }

    #[test]
    fn unlike_values_have_unlike_hashes_and_equal_values_equal_ones(values in vec(model(), 0..64)) {
        let mut known: HashMap<u64, &Model> = HashMap::new();
        for value in &values {
            let hash = hash_of(value).unwrap();
            prop_assert_eq!(hash_of(&value.clone()), Some(hash));
            prop_assert_eq!(*known.entry(hash).or_insert(value), value);
        }
    }
}

#[test]
fn the_order_of_a_hash_map_and_of_a_hash_set_does_not_count() {
    let numbers: Vec<u8> = (0..40).collect();
    let pairs = || numbers.iter().map(|number| (*number, Some(*number))).collect::<HashMap<_, _>>();
    let set = || Box::new(numbers.iter().copied().collect::<HashSet<u8>>());
    for _ in 0..20 {
        assert_eq!(hash_of(&pairs()), hash_of(&pairs()));
        assert_eq!(hash_of(&vec![set()]), hash_of(&vec![set()]));
        assert_eq!(hash_of(&(&set(), 1)), hash_of(&(&set(), 1)));
    }
    assert_ne!(hash_of(&HashMap::from([(1, 2), (2, 1)])), hash_of(&HashMap::from([(1, 1), (2, 2)])));
    assert_ne!(hash_of(&vec![1, 2]), hash_of(&vec![2, 1]), "the order of a list counts");
}

/// Opens nothing, or opens everything and wants no field.
#[derive(Clone, Copy)]
struct Closed {
    opens: bool,
}

impl Reader for Closed {
    type Part = ();
    type Field = ();
    type Error = Refused;

    fn open(self, node: &Node<'_, (), ()>) -> Result<(), Refused> {
        if self.opens { Ok(()) } else { Err(Refused(format!("{node:?}"))) }
    }

    fn node(self, _: Node<'_, (), ()>) -> Result<(), Refused> {
        Ok(())
    }

    fn wants<T: ?Sized>(self, of: Of, field: Name) -> Result<bool, Refused> {
        Err(Refused(format!("{field} of {of:?}")))
    }

    fn field(self, _: Name, (): ()) {}
}

/// Panics if it is read.
struct Unread;

impl Serialize for Unread {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("it was read")
    }
}

#[test]
fn the_parts_of_a_node_that_is_not_opened_are_not_read() {
    #[derive(Serialize)]
    struct Held(Unread);
    #[derive(Serialize)]
    struct Pair(Unread, Unread);
    #[derive(Serialize)]
    struct Named {
        field: Unread,
    }
    fn refused(value: &impl Serialize, opens: bool) -> String {
        read(value, Closed { opens }).unwrap_err().0
    }
    assert_eq!(refused(&Some(Unread), false), "One(Plain, ())");
    assert_eq!(refused(&Held(Unread), false), r#"One(Struct("Held"), ())"#);
    assert_eq!(refused(&vec![Unread], false), "List([])");
    assert_eq!(refused(&(Unread, 1), false), "Tuple(Plain, [])");
    assert_eq!(refused(&Pair(Unread, Unread), false), r#"Tuple(Struct("Pair"), [])"#);
    assert_eq!(refused(&HashMap::from([(1, Unread)]), false), "Map([])");
    assert_eq!(refused(&Named { field: Unread }, false), r#"Record(Struct("Named"), [])"#);
    assert_eq!(refused(&Named { field: Unread }, true), r#"field of Struct("Named")"#);
}

/// A value whose Rust form serde does not show is not looked into, however deep it is.
#[test]
fn code_does_not_go_into_a_deep_value_that_it_leaves_to_json() {
    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Nest {
        End,
        More { inside: Box<Nest> },
    }
    let mut deep = (0..100_000).fold(Nest::End, |inside, _| Nest::More { inside: Box::new(inside) });
    let code = crate::message::code(&deep);
    assert!(code.starts_with("todo!() /* "), "{code}");
    // Dropped level by level.
    while let Nest::More { inside } = deep {
        deep = *inside;
    }
}
