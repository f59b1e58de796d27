//! Values that an old log may hold, made from a shape.

use super::shape::Shape;
use serde_json::{Map, Value, json};

/// A value, and the place at which it is not the plain one.
pub(super) struct Sample {
    pub(super) place: String,
    pub(super) value: Value,
}

/// Values of a plain kind: the plain one first, then the extremes.
pub(super) fn plain_values(kind: &str) -> Vec<Value> {
    match kind {
        "nothing" => vec![Value::Null],
        "bool" => vec![json!(true), json!(false)],
        "i8" => vec![json!(1), json!(0), json!(i8::MAX), json!(i8::MIN)],
        "i16" => vec![json!(1), json!(0), json!(i16::MAX), json!(i16::MIN)],
        "i32" => vec![json!(1), json!(0), json!(i32::MAX), json!(i32::MIN)],
        "i64" => vec![json!(1), json!(0), json!(i64::MAX), json!(i64::MIN)],
        "i128" => vec![json!(1), json!(0), json!(u64::MAX), json!(i64::MIN)],
        "u8" => vec![json!(1), json!(0), json!(u8::MAX)],
        "u16" => vec![json!(1), json!(0), json!(u16::MAX)],
        "u32" => vec![json!(1), json!(0), json!(u32::MAX)],
        // Beyond 64 bits, a value of JSON rounds.
        "u64" | "u128" => vec![json!(1), json!(0), json!(u64::MAX)],
        "f32" => vec![json!(0.5), json!(0.0), json!(f64::from(f32::MAX)), json!(f64::from(f32::MIN))],
        "f64" => vec![json!(0.5), json!(0.0), json!(f64::MAX), json!(f64::MIN)],
        "char" => vec![json!("a"), json!("ä")],
        "bytes" => vec![json!([1, 255]), json!([])],
        _ => vec![json!("text"), json!(""), json!("ä \"\\\n")],
    }
}

/// Some JSON of every kind.
pub(super) fn any_values() -> Vec<Value> {
    vec![json!("text"), json!(null), json!(true), json!(7), json!(0.5), json!([]), json!({})]
}

/// Texts of many forms, for types that check their text.
pub(super) const TEXTS: &[&str] = &[
    "2026-11-23T09:30:00Z",
    "2026-11-23T09:30:00+01:00",
    "2026-11-23T09:30:00",
    "2026-11-23 09:30:00",
    "2026-11-23T09:30:00+01:00[Europe/Zurich]",
    "2026-11-23",
    "2026-11",
    "2026",
    "09:30:00",
    "09:30",
    "PT1H",
    "P1D",
    "1h",
    "1",
    "-1",
    "0.5",
    "1.50",
    "true",
    "a",
    "A",
    "x-1",
    "text-1",
    "a:1",
    "CH",
    "CHE",
    "EUR",
    "de",
    "de-CH",
    "Europe/Zurich",
    "+01:00",
    "01934b3e-5c1a-7d2e-8f3a-123456789abc",
    "01JD0C5XQ8Z9Y7W6V5T4S3R2Q1",
    "00",
    "0x00",
    "00000000000000000000000000000000",
    "0000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "AAAA",
    "#ffffff",
    "petra@example.org",
    "https://example.org/",
    "example.org",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "10.0.0.0/8",
    "00:00:00:00:00:00",
    "1.0.0",
    "+41446681800",
    "CH9300762011623852957",
    "9783161484100",
    "47.37,8.54",
    "1 EUR",
    "EUR 1",
    "1.00 EUR",
    "EUR 1.00",
    "/a",
    "text/plain",
];

impl Shape {
    /// The plain value of this shape, if one is known.
    pub(super) fn base(&self) -> Option<Value> {
        match self {
            Shape::Plain(kind) => plain_values(kind).into_iter().next(),
            Shape::Anything => any_values().into_iter().next(),
            Shape::Nullable(shape) => Some(shape.base().unwrap_or_default()),
            Shape::List(item) => Some(Value::Array(item.base().into_iter().collect())),
            Shape::Map(key, value) => {
                let entry = key.base().and_then(key_text).zip(value.base());
                Some(Value::Object(entry.into_iter().collect()))
            }
            Shape::Tuple(elements) => {
                elements.iter().map(Shape::base).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Shape::Struct(fields) => {
                let based = |(name, field): (&String, &super::shape::Field)| match field.shape.base() {
                    Some(value) => Some(Some((name.clone(), value))),
                    None => field.may_be_missing.then_some(None),
                };
                let fields: Option<Vec<_>> = fields.iter().map(based).collect();
                Some(Value::Object(fields?.into_iter().flatten().collect()))
            }
            Shape::Enum(variants) => {
                variants.iter().find_map(|(name, content)| Some(variant(name, content, content.base()?)))
            }
            Shape::Checked(_, such_as) => such_as.first().cloned(),
            Shape::Again(_, such_as) => such_as.clone(),
        }
    }

    /// Values of this shape: the plain one, and each that differs from it at one place.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let mut samples = Vec::new();
        if let Some(value) = self.base() {
            samples.push(Sample { place: String::new(), value });
        }
        self.vary(&mut samples);
        samples
    }

    fn vary(&self, samples: &mut Vec<Sample>) {
        let mut here = |value| samples.push(Sample { place: String::new(), value });
        match self {
            Shape::Plain(kind) => plain_values(kind).into_iter().skip(1).for_each(here),
            Shape::Anything => any_values().into_iter().skip(1).for_each(here),
            Shape::Checked(_, such_as) => such_as.iter().skip(1).cloned().for_each(here),
            Shape::Again(..) => {}
            Shape::Nullable(shape) => {
                here(Value::Null);
                samples.extend(shape.samples());
            }
            Shape::List(item) => {
                here(json!([]));
                let items: Vec<Sample> = item.samples();
                samples.push(Sample {
                    place: String::new(),
                    value: items.iter().map(|sample| sample.value.clone()).collect(),
                });
                samples.extend(items.into_iter().map(|sample| sample.within("[]", |value| json!([value]))));
            }
            Shape::Map(key, value) => {
                here(json!({}));
                let base = key.base().and_then(key_text);
                if let Some(value) = value.base() {
                    samples.extend(key.samples().into_iter().filter_map(|sample| {
                        let key = key_text(sample.value)?;
                        let value = Value::Object([(key, value.clone())].into_iter().collect());
                        Some(Sample { place: "[key]".to_string(), value })
                    }));
                }
                if let Some(base) = base {
                    samples.extend(value.samples().into_iter().map(|sample| {
                        sample.within("[]", |value| {
                            Value::Object([(base.clone(), value)].into_iter().collect())
                        })
                    }));
                }
            }
            Shape::Tuple(elements) => {
                let Some(Value::Array(base)) = self.base() else { return };
                for (index, element) in elements.iter().enumerate() {
                    samples.extend(element.samples().into_iter().map(|sample| {
                        sample.within(&format!(".{index}"), |value| {
                            let mut tuple = base.clone();
                            tuple[index] = value;
                            Value::Array(tuple)
                        })
                    }));
                }
            }
            Shape::Struct(fields) => {
                let Some(Value::Object(base)) = self.base() else { return };
                let without = |missing: &dyn Fn(&str) -> bool| -> Map<String, Value> {
                    base.clone().into_iter().filter(|(name, _)| !missing(name)).collect()
                };
                here(Value::Object(without(&|name| {
                    fields.get(name).is_some_and(|field| field.may_be_missing)
                })));
                for (name, field) in fields.iter() {
                    let place = format!(".{name}");
                    if field.may_be_missing {
                        let value = Value::Object(without(&|missing| missing == name));
                        samples.push(Sample { place: place.clone(), value });
                    }
                    samples.extend(field.shape.samples().into_iter().map(|sample| {
                        sample.within(&place, |value| {
                            let mut object = base.clone();
                            object.insert(name.clone(), value);
                            Value::Object(object)
                        })
                    }));
                }
            }
            Shape::Enum(variants) => {
                for (name, content) in variants.iter() {
                    let place = format!("({name})");
                    samples.extend(
                        content
                            .samples()
                            .into_iter()
                            .map(|sample| sample.within(&place, |value| variant(name, content, value))),
                    );
                }
            }
        }
    }
}

impl Sample {
    fn within(self, place: &str, around: impl FnOnce(Value) -> Value) -> Sample {
        Sample { place: format!("{place}{}", self.place), value: around(self.value) }
    }
}

/// A variant as it is written.
fn variant(name: &str, content: &Shape, value: Value) -> Value {
    match content {
        Shape::Plain(kind) if kind == "nothing" => json!(name),
        _ => json!({ name: value }),
    }
}

/// A value as the key of an object.
pub(super) fn key_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
