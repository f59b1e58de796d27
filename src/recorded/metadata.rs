//! How metadata is written and read: one map of ids and headers, in which a header never collides with an id.

use super::{CausationId, CorrelationId, Headers, Metadata, Scalar};
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize, Deserializer};
use std::fmt;

const CORRELATION: &str = "correlation_id";
const CAUSATION: &str = "causation_id";
/// The inner map of headers that have one of these names.
const HEADERS: &str = "headers";

fn is_taken(name: &str) -> bool {
    [CORRELATION, CAUSATION, HEADERS].contains(&name)
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Metadata { correlation_id, causation_id, headers } = self;
        let apart = headers.keys().filter(|name| is_taken(name)).count();
        let ids = usize::from(correlation_id.is_some()) + usize::from(causation_id.is_some());
        let entries = ids + headers.len() - apart + usize::from(apart > 0);
        let mut map = serializer.serialize_map(Some(entries))?;
        if let Some(id) = correlation_id {
            map.serialize_entry(CORRELATION, id.as_str())?;
        }
        if let Some(id) = causation_id {
            map.serialize_entry(CAUSATION, id.as_str())?;
        }
        for (name, value) in headers.iter().filter(|(name, _)| !is_taken(name)) {
            map.serialize_entry(name, value)?;
        }
        if apart > 0 {
            map.serialize_entry(HEADERS, &Apart(headers))?;
        }
        map.end()
    }
}

/// The headers that have a name of the kit's.
struct Apart<'h>(&'h Headers);

impl Serialize for Apart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter(|(name, _)| is_taken(name)))
    }
}

/// One entry of the map: a header, or the inner map of headers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Header(Scalar),
    Headers(Headers),
    /// `null`: other programs write an absent id so.
    Absent(()),
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of ids and headers")
    }

    /// An earlier form of this map wrote headers of any name among the ids, ids first. So if a name comes twice, the first is an
    /// id and the second a header; a value that cannot be an id is a header.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut metadata = Metadata::default();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<Value>().map_err(|_| {
                let name = super::quoted(&name);
                A::Error::custom(format_args!("{name} is neither a flag, nor a number, nor a text"))
            })?;
            let header = match value {
                Value::Absent(()) if is_taken(&name) => continue,
                Value::Absent(()) => {
                    let name = super::quoted(&name);
                    return Err(A::Error::custom(format_args!("the header {name} has no value")));
                }
                Value::Headers(headers) if name == HEADERS => {
                    metadata.headers.extend(headers);
                    continue;
                }
                Value::Headers(_) => {
                    let name = super::quoted(&name);
                    return Err(A::Error::custom(format_args!("the header {name} has a map as its value")));
                }
                Value::Header(header) => header,
            };
            if let Scalar::Text(text) = &header {
                match &*name {
                    CORRELATION if metadata.correlation_id.is_none() => {
                        if let Ok(id) = CorrelationId::stored(text) {
                            metadata.correlation_id = Some(id);
                            continue;
                        }
                    }
                    CAUSATION if metadata.causation_id.is_none() => {
                        if let Ok(id) = CausationId::stored(text) {
                            metadata.causation_id = Some(id);
                            continue;
                        }
                    }
                    _ => {}
                }
            }
            if metadata.headers.contains_key(&name) {
                let name = super::quoted(&name);
                return Err(A::Error::custom(format_args!("the header {name} stands twice")));
            }
            metadata.headers.insert(name, header);
        }
        Ok(metadata)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{Envelope, EventId, Position, Recorded, StreamName, Timestamp, Version};
    use proptest::prelude::*;

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            any::<bool>().prop_map(Scalar::Flag),
            any::<i64>().prop_map(Scalar::Integer),
            any::<f64>().prop_filter_map("finite", Scalar::decimal),
            any::<String>().prop_map(Scalar::Text),
            "[a-z]{1,4}".prop_map(Scalar::Text),
        ]
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => proptest::sample::select(
                &["correlation_id", "causation_id", "headers", "position", "id", "data", "meta", "type", "at"][..]
            )
            .prop_map(String::from),
            1 => any::<String>(),
        ]
    }

    fn metadata() -> impl Strategy<Value = Metadata> {
        let id = || proptest::option::of("[a-z]{1,4}");
        (id(), id(), proptest::collection::btree_map(name(), scalar(), 0..5)).prop_map(
            |(correlation, causation, headers)| Metadata {
                correlation_id: correlation.map(|id| CorrelationId::new(id).unwrap()),
                causation_id: causation.map(|id| CausationId::new(id).unwrap()),
                headers,
            },
        )
    }

    proptest! {
        /// Headers of any name come back beside the ids, in every form in which an event is written.
        #[test]
        fn headers_and_ids_never_meet(metadata in metadata()) {
            let json = serde_json::to_string(&metadata).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Metadata>(&json).unwrap(), &metadata);
            let value = serde_json::to_value(&metadata).unwrap();
            prop_assert_eq!(&serde_json::from_value::<Metadata>(value).unwrap(), &metadata);

            let recorded = Recorded {
                envelope: Envelope {
                    position: Position::new(3),
                    stream: StreamName::new("order-1").unwrap(),
                    version: Version::new(2),
                    event_type: "Placed".into(),
                    tags: Vec::new(),
                    recorded_at: Timestamp::UNIX_EPOCH,
                    id: EventId::new("e").unwrap(),
                    metadata,
                },
                event: 7,
            };
            let json = serde_json::to_string(&recorded).unwrap();
            prop_assert_eq!(serde_json::from_str::<Recorded<i32>>(&json).unwrap(), recorded);
        }
    }

    /// An earlier form wrote headers of any name among the ids.
    #[test]
    fn what_was_written_before_is_read_as_it_was_meant() {
        let read = |json: &str| serde_json::from_str::<Metadata>(json).unwrap();
        let correlated =
            Metadata { correlation_id: Some(CorrelationId::new("c").unwrap()), ..Metadata::default() };
        assert_eq!(read(r#"{"correlation_id":"c"}"#), correlated);
        let both = |header: Scalar| {
            let headers = [("correlation_id".to_string(), header)].into();
            Metadata { headers, ..correlated.clone() }
        };
        assert_eq!(read(r#"{"correlation_id":"c","correlation_id":"d"}"#), both("d".into()));
        assert_eq!(read(r#"{"correlation_id":"c","correlation_id":5}"#), both(5.into()));
        let header = |value: Scalar| Metadata {
            headers: [("causation_id".to_string(), value)].into(),
            ..Metadata::default()
        };
        assert_eq!(read(r#"{"causation_id":5}"#), header(5.into()), "no id is a number");
        assert_eq!(read(r#"{"causation_id":""}"#), header("".into()), "no id is empty");
        let named =
            Metadata { headers: [("headers".to_string(), true.into())].into(), ..Metadata::default() };
        assert_eq!(read(r#"{"headers":true}"#), named);
        assert_eq!(read(r#"{"correlation_id":null}"#), Metadata::default());
    }

    #[test]
    fn what_is_no_header_is_refused_by_its_name() {
        let refused = |json: &str| serde_json::from_str::<Metadata>(json).unwrap_err().to_string();
        assert!(
            refused(r#"{"user":[1]}"#).starts_with(r#""user" is neither a flag, nor a number, nor a text"#)
        );
        assert!(
            refused(r#"{"user":{"name":"p"}}"#).starts_with(r#"the header "user" has a map as its value"#)
        );
        assert!(refused(r#"{"user":null}"#).starts_with(r#"the header "user" has no value"#));
        assert!(refused(r#"{"user":1,"user":2}"#).starts_with(r#"the header "user" stands twice"#));
    }
}
