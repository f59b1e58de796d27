//! The shape of any type, for those who compare shapes, and for forms.

use super::shape::{Field, Shape};
use super::shape_of_type::Explorer;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The shape of the stored values of a type, as JSON; `None` if it cannot be found. Fields and variants are in the order of their names, so
/// that a type has the same shape when it is declared in another order.
pub(crate) fn shape_as_json<T: DeserializeOwned>() -> Option<String> {
    Some(shape_of::<T>()?.to_json().to_string())
}

/// The same with fields and variants in the order in which the type declares them.
pub(crate) fn shape_in_order<T: DeserializeOwned>() -> Option<String> {
    serde_json::to_string(&InOrder(&shape_of::<T>()?)).ok()
}

pub(super) fn shape_of<T: DeserializeOwned>() -> Option<Shape> {
    let explorer = Explorer {
        probe: &|probe| {
            let _ = T::deserialize(probe);
        },
        whole: &|value| T::deserialize(value).map(drop).map_err(|why| why.to_string()),
        examples: &[],
    };
    explorer.shape().ok()
}

/// A shape, or a part of one, in its form as JSON.
struct InOrder<S>(S);

impl Serialize for InOrder<&Shape> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Shape::Plain(_) | Shape::Anything | Shape::Again(..) => self.0.to_json().serialize(to),
            Shape::Nullable(shape) => to.collect_map([("nullable", InOrder(&**shape))]),
            Shape::List(item) => to.collect_map([("list", InOrder(&**item))]),
            Shape::Map(key, value) => to.collect_map([("map", [InOrder(&**key), InOrder(&**value)])]),
            Shape::Tuple(elements) => {
                to.collect_map([("tuple", elements.iter().map(InOrder).collect::<Vec<_>>())])
            }
            Shape::Struct(fields) => {
                let fields: Vec<_> = fields.in_order().map(|(name, field)| (name, InOrder(field))).collect();
                to.collect_map([("struct", InOrder(fields))])
            }
            Shape::Enum(variants) => {
                let variants: Vec<_> =
                    variants.in_order().map(|(name, shape)| (name, InOrder(shape))).collect();
                to.collect_map([("enum", InOrder(variants))])
            }
            Shape::Checked(of, such_as) => {
                let mut map = to.serialize_map(Some(2))?;
                map.serialize_entry("checked", &InOrder(&**of))?;
                map.serialize_entry("such_as", such_as)?;
                map.end()
            }
        }
    }
}

impl Serialize for InOrder<&Field> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0.shape {
            Shape::Nullable(shape) if self.0.may_be_missing => {
                to.collect_map([("optional", InOrder(&**shape))])
            }
            shape if self.0.may_be_missing => to.collect_map([("may_be_missing", InOrder(shape))]),
            shape => InOrder(shape).serialize(to),
        }
    }
}

impl<T> Serialize for InOrder<Vec<(&str, InOrder<T>)>>
where
    InOrder<T>: Serialize,
{
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, of)| (name, of)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its shape is looked at")]
    enum Command {
        Send { to: String, amount: u32, by: Option<Way>, times: BTreeMap<String, (u8, bool)> },
        Nothing,
        Again(Vec<Checked>),
    }

    #[derive(Deserialize)]
    enum Way {
        Rail,
        Air,
    }

    #[derive(Deserialize)]
    #[serde(try_from = "u8")]
    struct Checked;

    impl TryFrom<u8> for Checked {
        type Error = String;

        fn try_from(number: u8) -> Result<Checked, String> {
            if number < 100 { Ok(Checked) } else { Err("too large".into()) }
        }
    }

    #[test]
    fn the_fields_of_a_form_are_in_the_order_of_declaration_and_otherwise_as_the_lock_has_them() {
        let text = shape_in_order::<Command>().unwrap();
        assert!(
            text.starts_with(
                r#"{"enum":{"Send":{"struct":{"to":"text","amount":"u32","by":{"optional":{"enum":{"Rail":"nothing","Air":"nothing"}}},"times":"#
            ),
            "{text}"
        );
        assert!(text.find("\"Nothing\"") < text.find("\"Again\""), "{text}");
        let [ours, locked] = [text, shape_as_json::<Command>().unwrap()]
            .map(|text| serde_json::from_str::<serde_json::Value>(&text).unwrap());
        assert_eq!(ours, locked);
    }
}
