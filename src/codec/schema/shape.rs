//! The shape of a value as it is locked: the kinds of its parts, in words that people review.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ops::Deref;

/// What may be read at one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// `bool`, `u32`, `f64`, `text`, …
    Plain(String),
    /// Any JSON.
    Anything,
    /// A value or `null`.
    Nullable(Box<Shape>),
    List(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Tuple(Vec<Shape>),
    Struct(Declared<Field>),
    /// Each variant with its content.
    Enum(Declared<Shape>),
    /// Not every value of the shape: these are taken.
    Checked(Box<Shape>, Vec<Value>),
    /// The same as around it, by the name of its type, and such as this.
    Again(String, Option<Value>),
}

/// Fields or variants by their names, which know the order in which the type declares them. It does not count when shapes are compared.
#[derive(Clone, Debug)]
pub(super) struct Declared<T> {
    by_name: BTreeMap<String, T>,
    in_order: Vec<String>,
}

impl<T> Declared<T> {
    /// Those among these names that there are, in this order.
    pub(super) fn of(by_name: BTreeMap<String, T>, names: &[&str]) -> Self {
        let names = names.iter().filter(|name| by_name.contains_key(**name));
        let in_order = names.map(ToString::to_string).collect();
        Declared { by_name, in_order }
    }

    /// All, in the order of declaration.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&str, &T)> {
        self.in_order.iter().filter_map(|name| Some((&**name, self.by_name.get(name)?)))
    }
}

impl<T> Deref for Declared<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        &self.by_name
    }
}

impl<T: PartialEq> PartialEq for Declared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.by_name == other.by_name
    }
}

/// In the order in which they come.
impl<T> FromIterator<(String, T)> for Declared<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(fields: I) -> Self {
        let mut in_order = Vec::new();
        let by_name = fields.into_iter().inspect(|(name, _)| in_order.push(name.clone())).collect();
        Declared { by_name, in_order }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) shape: Shape,
    pub(super) may_be_missing: bool,
}

/// The plain kinds that there are.
const KINDS: &[&str] = &[
    "nothing", "bool", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "f64",
    "char", "text", "bytes",
];

impl Shape {
    pub(super) fn plain(kind: &str) -> Shape {
        Shape::Plain(kind.to_string())
    }

    /// The form in the file.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Shape::Plain(kind) => json!(kind),
            Shape::Anything => json!("anything"),
            Shape::Nullable(shape) => json!({ "nullable": shape.to_json() }),
            Shape::List(item) => json!({ "list": item.to_json() }),
            Shape::Map(key, value) => json!({ "map": [key.to_json(), value.to_json()] }),
            Shape::Tuple(elements) => {
                json!({ "tuple": elements.iter().map(Shape::to_json).collect::<Vec<_>>() })
            }
            Shape::Struct(fields) => {
                let fields = fields.iter().map(|(name, field)| (name.clone(), field.to_json()));
                json!({ "struct": fields.collect::<Map<_, _>>() })
            }
            Shape::Enum(variants) => {
                let variants = variants.iter().map(|(name, content)| (name.clone(), content.to_json()));
                json!({ "enum": variants.collect::<Map<_, _>>() })
            }
            Shape::Checked(of, such_as) => json!({ "checked": of.to_json(), "such_as": such_as }),
            Shape::Again(name, None) => json!({ "again": name }),
            Shape::Again(name, Some(such_as)) => json!({ "again": name, "such_as": such_as }),
        }
    }

    /// From the file.
    pub(super) fn from_json(json: &Value) -> Result<Shape, String> {
        let unknown = || format!("no shape is written as {json}");
        if let Some(kind) = json.as_str() {
            return match kind {
                "anything" => Ok(Shape::Anything),
                kind if KINDS.contains(&kind) => Ok(Shape::plain(kind)),
                _ => Err(unknown()),
            };
        }
        let object = json.as_object().ok_or_else(unknown)?;
        let such_as = object.get("such_as");
        let of = |value: &Value| Shape::from_json(value).map(Box::new);
        for (key, value) in object {
            return Ok(match (&**key, value) {
                ("such_as", _) => continue,
                ("nullable", value) => Shape::Nullable(of(value)?),
                ("list", value) => Shape::List(of(value)?),
                ("map", Value::Array(two)) => match &two[..] {
                    [key, value] => Shape::Map(of(key)?, of(value)?),
                    _ => return Err(unknown()),
                },
                ("tuple", Value::Array(elements)) => {
                    Shape::Tuple(elements.iter().map(Shape::from_json).collect::<Result<_, _>>()?)
                }
                ("struct", Value::Object(fields)) => {
                    let read = |(name, json): (&String, &Value)| Ok((name.clone(), Field::from_json(json)?));
                    Shape::Struct(fields.iter().map(read).collect::<Result<_, String>>()?)
                }
                ("enum", Value::Object(variants)) => {
                    let read = |(name, json): (&String, &Value)| Ok((name.clone(), Shape::from_json(json)?));
                    Shape::Enum(variants.iter().map(read).collect::<Result<_, String>>()?)
                }
                ("checked", value) => {
                    Shape::Checked(of(value)?, such_as.and_then(Value::as_array).ok_or_else(unknown)?.clone())
                }
                ("again", Value::String(name)) => Shape::Again(name.clone(), such_as.cloned()),
                _ => return Err(unknown()),
            });
        }
        Err(unknown())
    }

    /// In a few words, for sentences.
    pub(super) fn words(&self) -> String {
        let names = |names: Vec<&String>| {
            names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        match self {
            Shape::Plain(kind) => kind.clone(),
            Shape::Anything => "anything".to_string(),
            Shape::Nullable(shape) => format!("{} or null", shape.words()),
            Shape::List(item) => format!("a list of {}", item.words()),
            Shape::Map(key, value) => format!("a map from {} to {}", key.words(), value.words()),
            Shape::Tuple(elements) => {
                format!("a tuple of {}", elements.iter().map(Shape::words).collect::<Vec<_>>().join(", "))
            }
            Shape::Struct(fields) => format!("a struct of {}", names(fields.keys().collect())),
            Shape::Enum(variants) => format!("one of {}", names(variants.keys().collect())),
            Shape::Checked(of, such_as) => match such_as.first() {
                Some(example) => format!("{} such as {example}", of.words()),
                None => of.words(),
            },
            Shape::Again(name, _) => format!("{name} again"),
        }
    }

    /// Whether everything of the older shape is of this one too.
    pub(super) fn covers(&self, older: &Shape) -> bool {
        match (self, older) {
            (Shape::Anything, _) => true,
            (Shape::Checked(of, such_as), Shape::Checked(older, older_such_as)) => {
                of.covers(older) && older_such_as.iter().all(|example| such_as.contains(example))
            }
            (shape, Shape::Checked(older, _)) => shape.covers(older),
            (Shape::Plain(kind), Shape::Plain(older)) => kind == older || wider(kind, older),
            (Shape::Nullable(shape), Shape::Nullable(older)) => shape.covers(older),
            (Shape::Nullable(shape), older) => shape.covers(older),
            (Shape::List(item), Shape::List(older)) => item.covers(older),
            (Shape::Map(key, value), Shape::Map(older_key, older_value)) => {
                key.covers(older_key) && value.covers(older_value)
            }
            (Shape::Tuple(elements), Shape::Tuple(older)) => {
                elements.len() == older.len()
                    && elements.iter().zip(older).all(|(one, other)| one.covers(other))
            }
            (Shape::Struct(fields), Shape::Struct(older)) => {
                let read = older
                    .iter()
                    .all(|(name, older)| fields.get(name).is_some_and(|field| field.covers(older)));
                read && fields.iter().all(|(name, field)| field.may_be_missing || older.contains_key(name))
            }
            (Shape::Enum(variants), Shape::Enum(older)) => older
                .iter()
                .all(|(name, older)| variants.get(name).is_some_and(|content| content.covers(older))),
            (Shape::Again(name, _), Shape::Again(older, _)) => name == older,
            _ => false,
        }
    }
}

/// Whether every number of the older kind is one of the other.
fn wider(kind: &str, older: &str) -> bool {
    let whole = |kind: &str| {
        let signed = kind.starts_with('i');
        let bits = kind.strip_prefix(['i', 'u'])?.parse::<u32>().ok()?;
        Some((signed, bits))
    };
    match (whole(kind), whole(older)) {
        (Some((true, bits)), Some((false, older))) => bits > older,
        (Some((signed, bits)), Some((older_signed, older))) => signed == older_signed && bits >= older,
        _ => (kind, older) == ("f64", "f32"),
    }
}

impl Field {
    pub(super) fn covers(&self, older: &Field) -> bool {
        self.shape.covers(&older.shape) && (self.may_be_missing || !older.may_be_missing)
    }

    fn to_json(&self) -> Value {
        match &self.shape {
            Shape::Nullable(shape) if self.may_be_missing => json!({ "optional": shape.to_json() }),
            shape if self.may_be_missing => json!({ "may_be_missing": shape.to_json() }),
            shape => shape.to_json(),
        }
    }

    fn from_json(json: &Value) -> Result<Field, String> {
        if let Some(shape) = json.get("optional") {
            let shape = Shape::Nullable(Box::new(Shape::from_json(shape)?));
            return Ok(Field { shape, may_be_missing: true });
        }
        match json.get("may_be_missing") {
            Some(shape) => Ok(Field { shape: Shape::from_json(shape)?, may_be_missing: true }),
            None => Ok(Field { shape: Shape::from_json(json)?, may_be_missing: false }),
        }
    }

    pub(super) fn words(&self) -> String {
        let may = if self.may_be_missing { ", may be missing" } else { "" };
        format!("{}{may}", self.shape.words())
    }
}
