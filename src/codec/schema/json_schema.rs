//! A shape as JSON Schema, for programs in other languages.

use super::shape::Shape;
use super::shape_as_json::shape_of;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of the values of a type, as serde reads them; `None` if the type does not show its shape.
///
/// It says what is read, and says no more than is known: a type that checks what it reads is described by its shape, with examples; a
/// type inside itself by `true`. The [module](super) says which types do not show theirs.
///
/// ```
/// use leftfold::codec::schema::json_schema;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize)]
/// enum Event { Opened { owner: String }, Closed }
///
/// let schema: serde_json::Value = serde_json::from_str(&json_schema::<Event>().unwrap()).unwrap();
/// assert_eq!(schema["oneOf"][0], serde_json::json!({"const": "Closed"}));
/// let opened = &schema["oneOf"][1]["properties"]["Opened"];
/// assert_eq!(opened["properties"]["owner"], serde_json::json!({"type": "string"}));
/// assert_eq!(opened["required"], serde_json::json!(["owner"]));
/// ```
pub fn json_schema<T: DeserializeOwned>() -> Option<String> {
    let mut schema = schema(&shape_of::<T>()?);
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_string(), json!("https://json-schema.org/draft/2020-12/schema"));
    }
    Some(schema.to_string())
}

fn schema(shape: &Shape) -> Value {
    match shape {
        Shape::Plain(kind) => plain(kind),
        Shape::Anything => json!({}),
        Shape::Nullable(shape) => json!({ "anyOf": [{ "type": "null" }, schema(shape)] }),
        Shape::List(item) => json!({ "type": "array", "items": schema(item) }),
        Shape::Map(key, value) => match &**key {
            Shape::Plain(kind) if kind == "text" => {
                json!({ "type": "object", "additionalProperties": schema(value) })
            }
            // JSON has texts as keys alone.
            key => json!({
                "type": "object",
                "additionalProperties": schema(value),
                "$comment": format!("the text of a key is {}", key.words()),
            }),
        },
        Shape::Tuple(elements) => json!({
            "type": "array",
            "prefixItems": elements.iter().map(schema).collect::<Vec<_>>(),
            "minItems": elements.len(),
            "maxItems": elements.len(),
        }),
        Shape::Struct(fields) => {
            let required: Vec<&String> =
                fields.iter().filter(|(_, field)| !field.may_be_missing).map(|(name, _)| name).collect();
            let properties: Map<String, Value> =
                fields.iter().map(|(name, field)| (name.clone(), schema(&field.shape))).collect();
            json!({ "type": "object", "properties": properties, "required": required })
        }
        Shape::Enum(variants) => {
            json!({ "oneOf": variants.iter().map(|(name, content)| variant(name, content)).collect::<Vec<_>>() })
        }
        Shape::Checked(of, such_as) => match schema(of) {
            Value::Object(mut schema) => {
                schema.insert("examples".to_string(), json!(such_as));
                Value::Object(schema)
            }
            schema => schema,
        },
        Shape::Again(name, such_as) => json!({
            "$comment": format!("{name}, as around it"),
            "examples": such_as.iter().collect::<Vec<_>>(),
        }),
    }
}

fn variant(name: &str, content: &Shape) -> Value {
    match content {
        Shape::Plain(kind) if kind == "nothing" => json!({ "const": name }),
        content => json!({
            "type": "object",
            "properties": { name: schema(content) },
            "required": [name],
            "additionalProperties": false,
        }),
    }
}

fn plain(kind: &str) -> Value {
    let whole = |least: Value, most: Value| json!({ "type": "integer", "minimum": least, "maximum": most });
    match kind {
        "nothing" => json!({ "type": "null" }),
        "bool" => json!({ "type": "boolean" }),
        "i8" => whole(json!(i8::MIN), json!(i8::MAX)),
        "i16" => whole(json!(i16::MIN), json!(i16::MAX)),
        "i32" => whole(json!(i32::MIN), json!(i32::MAX)),
        "i64" => whole(json!(i64::MIN), json!(i64::MAX)),
        "u8" => whole(json!(0), json!(u8::MAX)),
        "u16" => whole(json!(0), json!(u16::MAX)),
        "u32" => whole(json!(0), json!(u32::MAX)),
        "u64" => whole(json!(0), json!(u64::MAX)),
        "u128" => json!({ "type": "integer", "minimum": 0 }),
        "i128" => json!({ "type": "integer" }),
        "f32" | "f64" => json!({ "type": "number" }),
        "char" => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        "bytes" => json!({ "type": "array", "items": plain("u8") }),
        _ => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        article: String,
        number: u8,
        #[serde(default)]
        note: Option<char>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Ordered { items: Vec<Item>, prices: BTreeMap<String, f64> },
        Moved(i16, bool),
        Renamed(String),
        Closed,
    }

    /// Whether a value is of a schema: the keywords that are written here, by their definition.
    fn is_of(value: &Value, schema: &Value) -> bool {
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        let length = value.as_str().map(|text| text.chars().count()).or(value.as_array().map(Vec::len));
        let of_type = match schema.get("type").and_then(Value::as_str) {
            None => true,
            Some("null") => value.is_null(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("string") => value.is_string(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            other => panic!("{other:?}"),
        };
        of_type
            && schema.get("const").is_none_or(|one| one == value)
            && number("minimum").is_none_or(|least| value.as_f64().is_none_or(|value| value >= least))
            && number("maximum").is_none_or(|most| value.as_f64().is_none_or(|value| value <= most))
            && ["minLength", "minItems"]
                .iter()
                .all(|key| number(key).is_none_or(|n| length.is_none_or(|l| l as f64 >= n)))
            && ["maxLength", "maxItems"]
                .iter()
                .all(|key| number(key).is_none_or(|n| length.is_none_or(|l| l as f64 <= n)))
            && schema
                .get("anyOf")
                .and_then(Value::as_array)
                .is_none_or(|any| any.iter().any(|one| is_of(value, one)))
            && schema
                .get("oneOf")
                .and_then(Value::as_array)
                .is_none_or(|any| any.iter().filter(|one| is_of(value, one)).count() == 1)
            && schema
                .get("items")
                .is_none_or(|item| value.as_array().is_none_or(|all| all.iter().all(|one| is_of(one, item))))
            && schema.get("prefixItems").and_then(Value::as_array).is_none_or(|items| {
                value.as_array().is_none_or(|all| all.iter().zip(items).all(|(one, item)| is_of(one, item)))
            })
            && value.as_object().is_none_or(|fields| {
                let properties = schema.get("properties").and_then(Value::as_object);
                let required = schema.get("required").and_then(Value::as_array);
                let others = schema.get("additionalProperties");
                required
                    .is_none_or(|names| names.iter().all(|name| fields.contains_key(name.as_str().unwrap())))
                    && fields.iter().all(|(name, value)| {
                        match properties.and_then(|properties| properties.get(name)) {
                            Some(schema) => is_of(value, schema),
                            None => {
                                others.is_none_or(|others| *others != json!(false) && is_of(value, others))
                            }
                        }
                    })
            })
    }

    #[test]
    fn what_is_written_is_of_the_schema_and_what_is_not_read_is_none() {
        let schema: Value = serde_json::from_str(&json_schema::<Event>().unwrap()).unwrap();
        let item = Item { article: "tea".into(), number: 255, note: Some('ü') };
        let plain = Item { note: None, ..item.clone() };
        for event in [
            Event::Ordered { items: vec![item, plain], prices: BTreeMap::from([("tea".to_string(), 2.5)]) },
            Event::Moved(-3, true),
            Event::Renamed(String::new()),
            Event::Closed,
        ] {
            let value = serde_json::to_value(&event).unwrap();
            assert!(is_of(&value, &schema), "{value}\n{schema}");
        }
        for wrong in [
            json!("Opened"),
            json!({"Renamed": 3}),
            json!({"Moved": [1]}),
            json!({"Moved": [40_000, true]}),
            json!({"Ordered": {"items": [{"article": "tea"}], "prices": {}}}),
            json!({"Ordered": {"items": [{"article": "tea", "number": 256}], "prices": {}}}),
            json!({"Ordered": {"items": [], "prices": {"tea": "2.5"}}}),
            json!({"Closed": null, "Renamed": "a"}),
        ] {
            assert!(serde_json::from_value::<Event>(wrong.clone()).is_err(), "{wrong}");
            assert!(!is_of(&wrong, &schema), "{wrong}\n{schema}");
        }
        let missing = json!({"Ordered": {"items": [{"article": "tea", "number": 1}], "prices": {}}});
        assert!(is_of(&missing, &schema) && serde_json::from_value::<Event>(missing).is_ok());
    }
}
