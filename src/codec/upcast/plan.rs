//! All upcasters of a codec, checked to lead to the present schemas.

use super::{Effect, EventSchema, UpcastEvent, Upcaster};
use crate::codec::{CodecError, InvalidCodec};
use foldhash::fast::FixedState;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// All upcasters of a codec, found to lead from every schema they read to what is written now.
pub(crate) struct UpcastPlan {
    /// By type, then by the version that is read.
    upcasters: HashMap<String, BTreeMap<u32, Upcaster>, FixedState>,
}

/// The next thing to do with a stored event.
pub(crate) enum UpcastStep<'p> {
    /// It has another name.
    Named(&'p EventSchema),
    /// It is passed over.
    Dropped,
    /// It becomes what a function makes of it.
    Apply(Apply<'p>),
}

/// A function that waits for its event.
pub(crate) struct Apply<'p>(&'p Upcaster, &'p super::Function);

impl Apply<'_> {
    /// Applies the function, and holds its results against what was declared.
    pub(crate) fn to(&self, stored: UpcastEvent) -> Result<Vec<UpcastEvent>, CodecError> {
        let Apply(Upcaster { from, yields, .. }, function) = self;
        let results = function(stored).map_err(|why| CodecError::Refused {
            event_type: from.event_type.clone(),
            schema: from.version,
            why,
        })?;
        match results.iter().find(|result| !yields.contains(&result.schema)) {
            None => Ok(results),
            Some(undeclared) => Err(CodecError::Refused {
                event_type: from.event_type.clone(),
                schema: from.version,
                why: format!(
                    "it yields {}, and declares that it yields {}",
                    undeclared.schema,
                    listed(yields)
                ),
            }),
        }
    }
}

/// The fields of a message with its key, as it is stored.
const KEY: &str = "key";
const MESSAGE: &str = "message";

impl Apply<'_> {
    /// Applies the function to the message of an event that is stored with its key; what it yields has the same key.
    pub(crate) fn to_message(&self, mut stored: UpcastEvent) -> Result<Vec<UpcastEvent>, CodecError> {
        let is_keyed = |fields: &Map<String, Value>| {
            fields.len() == 2 && fields.contains_key(KEY) && fields.contains_key(MESSAGE)
        };
        // An event of a time when the model had no keys is left to the function.
        let Value::Object(fields) = &mut stored.data else { return self.to(stored) };
        if !is_keyed(fields) {
            return self.to(stored);
        }
        let (key, message) =
            (fields.remove(KEY).unwrap_or_default(), fields.remove(MESSAGE).unwrap_or_default());
        stored.data = message;
        let mut results = self.to(stored)?;
        for result in &mut results {
            let message = std::mem::take(&mut result.data);
            result.data = serde_json::json!({ KEY: key, MESSAGE: message });
        }
        Ok(results)
    }
}

fn listed(schemas: &[EventSchema]) -> String {
    if schemas.is_empty() {
        return "nothing".to_string();
    }
    schemas.iter().map(EventSchema::to_string).collect::<Vec<_>>().join(", ")
}

impl UpcastPlan {
    /// Holds the upcasters against the types and schemas that are written now.
    pub(crate) fn new(
        current: &BTreeMap<&str, u32>,
        upcasters: Vec<Upcaster>,
    ) -> Result<UpcastPlan, InvalidCodec> {
        let mut plan = UpcastPlan { upcasters: HashMap::default() };
        for upcaster in upcasters {
            let from = upcaster.from.clone();
            if let Some(now) = current.get(&*from.event_type)
                && from.version >= *now
            {
                return Err(InvalidCodec::NotOlder { from, now: *now });
            }
            let versions = plan.upcasters.entry(from.event_type.clone()).or_default();
            if versions.insert(from.version, upcaster).is_some() {
                return Err(InvalidCodec::TwoUpcasters { from });
            }
        }
        plan.no_step_is_missing(current)?;
        plan.no_circle()?;
        Ok(plan)
    }

    fn no_step_is_missing(&self, current: &BTreeMap<&str, u32>) -> Result<(), InvalidCodec> {
        for (event_type, now) in current {
            for version in 1..*now {
                if self.step(event_type, version).is_none() {
                    let missing = EventSchema::from((*event_type, version));
                    return Err(InvalidCodec::MissingStep { missing, now: *now });
                }
            }
        }
        for upcaster in self.all() {
            for to in &upcaster.yields {
                let is_written_now = current.get(&*to.event_type) == Some(&to.version);
                if !is_written_now && self.step(&to.event_type, to.version).is_none() {
                    return Err(InvalidCodec::LeadsNowhere { from: upcaster.from.clone(), to: to.clone() });
                }
            }
        }
        Ok(())
    }

    fn no_circle(&self) -> Result<(), InvalidCodec> {
        let mut done = Vec::new();
        for upcaster in self.all() {
            self.leads_out(&upcaster.from, &mut Vec::new(), &mut done)?;
        }
        Ok(())
    }

    /// Follows every way from a schema; `way` is how it was reached, `done` what is known to lead out.
    fn leads_out(
        &self,
        schema: &EventSchema,
        way: &mut Vec<EventSchema>,
        done: &mut Vec<EventSchema>,
    ) -> Result<(), InvalidCodec> {
        if done.contains(schema) {
            return Ok(());
        }
        if let Some(begin) = way.iter().position(|seen| seen == schema) {
            let circle = way[begin..].iter().chain([schema]).cloned().collect();
            return Err(InvalidCodec::Circle { circle });
        }
        way.push(schema.clone());
        for to in self.get(&schema.event_type, schema.version).into_iter().flat_map(|u| &u.yields) {
            self.leads_out(to, way, done)?;
        }
        way.pop();
        done.push(schema.clone());
        Ok(())
    }

    /// All upcasters, by type and version.
    fn all(&self) -> Vec<&Upcaster> {
        let mut all: Vec<&Upcaster> = self.upcasters.values().flat_map(BTreeMap::values).collect();
        all.sort_by(|one, other| one.from.cmp(&other.from));
        all
    }

    /// What an upcaster of this type and version yields; nothing where there is none.
    pub(crate) fn yields(&self, event_type: &str, version: u32) -> &[EventSchema] {
        self.get(event_type, version).map_or(&[], |upcaster| &upcaster.yields)
    }

    fn get(&self, event_type: &str, version: u32) -> Option<&Upcaster> {
        self.upcasters.get(event_type)?.get(&version)
    }

    /// What to do with an event of this type and version, if there is an upcaster for it.
    pub(crate) fn step(&self, event_type: &str, version: u32) -> Option<UpcastStep<'_>> {
        let upcaster = self.get(event_type, version)?;
        Some(match &upcaster.change {
            Effect::Named(to) => UpcastStep::Named(to),
            Effect::Dropped => UpcastStep::Dropped,
            Effect::Function(function) => UpcastStep::Apply(Apply(upcaster, function)),
        })
    }

    /// The types that upcasters read, in order.
    pub(crate) fn types(&self) -> Vec<String> {
        let mut types: Vec<String> = self.upcasters.keys().cloned().collect();
        types.sort();
        types
    }

    /// The type itself, and all types whose events may become events of it, in order.
    pub(crate) fn stored_types(&self, current: &str) -> Vec<String> {
        let mut types = vec![current.to_string()];
        let all = self.all();
        let mut known = 0;
        while known < types.len() {
            known = types.len();
            for upcaster in &all {
                let becomes_one = upcaster.yields.iter().any(|to| types.contains(&to.event_type));
                if becomes_one && !types.contains(&upcaster.from.event_type) {
                    types.push(upcaster.from.event_type.clone());
                }
            }
        }
        types[1..].sort();
        types
    }
}
