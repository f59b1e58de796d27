//! The shape of a type, found by asking `Deserialize` place by place, and by giving it values to see which it takes.

use super::probe::{End, Probe, ProbeReport, Request, Step};
use super::sample::{TEXTS, any_values, key_text, plain_values};
use super::shape::{Declared, Field, Shape};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many values of a type that checks what it reads are kept.
const KEPT: usize = 4;

/// A place whose shape was not found.
#[derive(Debug)]
pub(super) struct ShapeUnknown {
    pub(super) place: String,
    pub(super) why: String,
    /// Whether another try may succeed, once more is known about the types around it.
    later: bool,
}

/// Asks about the content of one type of event.
pub(super) struct Explorer<'e> {
    /// Reads the content from a probe, as far as it comes.
    pub(super) probe: &'e dyn Fn(Probe<'_>),
    /// Whether the whole content is read, or why not.
    pub(super) whole: &'e dyn Fn(&Value) -> Result<(), String>,
    /// Contents of events that the user has given.
    pub(super) examples: &'e [Value],
}

/// A type that contains a place, and a value of that type as soon as one is known.
struct OuterType {
    name: String,
    fields: Option<&'static [&'static str]>,
    value: Option<Value>,
}

/// A shape with a value that is taken.
type FoundShape = (Shape, Option<Value>);

impl Explorer<'_> {
    pub(super) fn shape(&self) -> Result<Shape, ShapeUnknown> {
        Ok(self.explore(&mut Vec::new(), &mut Vec::new())?.0)
    }

    fn ask(&self, steps: &[Step]) -> ProbeReport {
        let report = RefCell::new(ProbeReport::default());
        (self.probe)(Probe { steps, end: &End::Ask, report: &report });
        report.into_inner()
    }

    /// Whether a value is taken at a place, or why not.
    fn takes(&self, steps: &[Step], value: &Value) -> Result<(), String> {
        if steps.is_empty() {
            return (self.whole)(value);
        }
        let report = RefCell::new(ProbeReport::default());
        (self.probe)(Probe { steps, end: &End::Give(value.clone()), report: &report });
        report.into_inner().taken.unwrap_or_else(|| Err("it is not reached".to_string()))
    }

    fn explore(
        &self,
        steps: &mut Vec<Step>,
        around: &mut Vec<OuterType>,
    ) -> Result<FoundShape, ShapeUnknown> {
        let ProbeReport { asked, newtypes, .. } = self.ask(steps);
        let depth = around.len();
        let asked = asked.ok_or_else(|| unknown(steps, "it asks for nothing".to_string()))?;
        // Only the name of a newtype is known, and two may have the same name; but twice within itself is hardly chance.
        let again = newtypes.iter().find(|name| {
            around.iter().filter(|seen| seen.fields.is_none() && seen.name == **name).count() > 1
        });
        let id = match asked {
            Request::Struct(name, fields) | Request::Enum(name, fields) => Some((name, fields)),
            _ => None,
        };
        let inside = around.iter().find(|seen| {
            id.is_some_and(|(name, fields)| {
                seen.name == name && seen.fields.is_some_and(|seen| std::ptr::eq(seen, fields))
            }) || again.is_some_and(|name| seen.fields.is_none() && seen.name == **name)
        });
        if let Some(seen) = inside {
            return Ok((Shape::Again(seen.name.clone(), seen.value.clone()), seen.value.clone()));
        }
        around.extend(newtypes.iter().map(|name| OuterType {
            name: name.to_string(),
            fields: None,
            value: None,
        }));
        if let Some((name, fields)) = id {
            around.push(OuterType { name: name.to_string(), fields: Some(fields), value: None });
        }
        let found = self.inside(asked, steps, around);
        around.truncate(depth);
        found
    }

    fn inside(
        &self,
        asked: Request,
        steps: &mut Vec<Step>,
        around: &mut Vec<OuterType>,
    ) -> Result<FoundShape, ShapeUnknown> {
        match asked {
            Request::Plain(kind) => {
                let more = if kind == "text" { TEXTS } else { &[] };
                self.values(Shape::plain(kind), plain_values(kind), more, steps)
            }
            Request::Anything | Request::Identifier => self.values(Shape::Anything, any_values(), &[], steps),
            Request::Optional => {
                let (shape, value) = self.step(Step::Present, steps, around)?;
                self.checked(Shape::Nullable(Box::new(shape)), Some(value.unwrap_or_default()), steps)
            }
            Request::List => {
                let (item, value) = self.step(Step::Item, steps, around)?;
                self.checked(Shape::List(Box::new(item)), Some(value.into_iter().collect()), steps)
            }
            Request::Map => self.map(steps, around),
            Request::Tuple(len) => {
                let mut elements = Vec::with_capacity(len);
                let mut values = Vec::with_capacity(len);
                for _ in 0..len {
                    let (element, value) = self.step(Step::Element(values.clone()), steps, around)?;
                    elements.push(element);
                    // The next elements are asked for with this value before them.
                    let Some(value) = value else {
                        let why = "no value of it is known yet".to_string();
                        return Err(ShapeUnknown { later: true, ..unknown(steps, why) });
                    };
                    values.push(value);
                }
                self.checked(Shape::Tuple(elements), Some(Value::Array(values)), steps)
            }
            Request::Struct(_, fields) => self.fields(fields, steps, around),
            Request::Enum(_, variants) => self.variants(variants, steps, around),
        }
    }

    fn step(
        &self,
        step: Step,
        steps: &mut Vec<Step>,
        around: &mut Vec<OuterType>,
    ) -> Result<FoundShape, ShapeUnknown> {
        steps.push(step);
        let found = self.explore(steps, around);
        steps.pop();
        found
    }

    /// Which of these values are taken: all of them, some, or an example of the user's.
    fn values(
        &self,
        shape: Shape,
        values: Vec<Value>,
        more: &[&str],
        steps: &[Step],
    ) -> Result<FoundShape, ShapeUnknown> {
        let all = values.len();
        let mut why = String::new();
        let mut taken = |value: &Value| match self.takes(steps, value) {
            Ok(()) => true,
            Err(reason) => {
                why = reason;
                false
            }
        };
        let mut such_as: Vec<Value> = values.into_iter().filter(|value| taken(value)).collect();
        if such_as.len() == all {
            let first = such_as.into_iter().next();
            return Ok((shape, first));
        }
        if such_as.is_empty() {
            such_as.extend(more.iter().map(|text| json!(text)).find(|value| taken(value)));
        }
        for example in self.examples.iter().filter_map(|example| found(example, steps)) {
            if !such_as.contains(example) && taken(example) {
                such_as.insert(0, example.clone());
            }
        }
        match such_as.first().cloned() {
            Some(value) => Ok((Shape::Checked(Box::new(shape), such_as), Some(value))),
            None => Err(unknown(steps, why)),
        }
    }

    /// Checks a shape that is put together from parts: its values may be refused although the parts are taken.
    fn checked(
        &self,
        shape: Shape,
        value: Option<Value>,
        steps: &[Step],
    ) -> Result<FoundShape, ShapeUnknown> {
        let samples: Vec<Value> = shape.samples().into_iter().map(|sample| sample.value).collect();
        let refused = samples.iter().find_map(|sample| self.takes(steps, sample).err());
        let Some(why) = refused else { return Ok((shape, value)) };
        let given = self.examples.iter().filter_map(|example| found(example, steps)).cloned();
        let mut such_as: Vec<Value> = Vec::new();
        for value in given.chain(samples) {
            if such_as.len() < KEPT && !such_as.contains(&value) && self.takes(steps, &value).is_ok() {
                such_as.push(value);
            }
        }
        match such_as.first().cloned() {
            Some(value) => Ok((Shape::Checked(Box::new(shape), such_as), Some(value))),
            None => Err(unknown(steps, why)),
        }
    }

    fn map(&self, steps: &mut Vec<Step>, around: &mut Vec<OuterType>) -> Result<FoundShape, ShapeUnknown> {
        steps.push(Step::Key);
        let key = self.ask(steps).asked;
        steps.pop();
        if key == Some(Request::Identifier) {
            // A struct with `flatten` does not name its fields.
            return self.values(Shape::Anything, any_values(), &[], steps);
        }
        let (key, key_value) = self.step(Step::Key, steps, around)?;
        let Some(key_value) = key_value else {
            return Err(unknown(steps, "no key of it is known".to_string()));
        };
        let (shape, value) = self.step(Step::Under(key_value.clone()), steps, around)?;
        let entry = key_text(key_value).zip(value);
        let value = Value::Object(entry.into_iter().collect());
        self.checked(Shape::Map(Box::new(key), Box::new(shape)), Some(value), steps)
    }

    fn fields(
        &self,
        names: &'static [&'static str],
        steps: &mut Vec<Step>,
        around: &mut Vec<OuterType>,
    ) -> Result<FoundShape, ShapeUnknown> {
        let mut shapes: BTreeMap<String, (Shape, Option<Value>)> = BTreeMap::new();
        for name in names {
            let found = self.step(Step::Field(name.to_string()), steps, around)?;
            shapes.insert(name.to_string(), found);
        }
        let mut whole: Map<String, Value> =
            shapes.iter().filter_map(|(name, (_, value))| Some((name.clone(), value.clone()?))).collect();
        self.drop_aliases(&mut whole, names, steps);
        shapes.retain(|name, (_, value)| value.is_none() || whole.contains_key(name));
        let fields = shapes.into_iter().map(|(name, (shape, _))| {
            let mut without = whole.clone();
            without.remove(&name);
            let may_be_missing = self.takes(steps, &Value::Object(without)).is_ok();
            (name, Field { shape, may_be_missing })
        });
        let shape = Shape::Struct(Declared::of(fields.collect(), names));
        self.checked(shape, Some(Value::Object(whole)), steps)
    }

    /// Leaves out the fields that are aliases of others: a value cannot have both.
    fn drop_aliases(&self, whole: &mut Map<String, Value>, names: &[&str], steps: &[Step]) {
        // The name under which a duplicate field is written.
        let doubled = |object: &Map<String, Value>| {
            let why = self.takes(steps, &Value::Object(object.clone())).err()?;
            Some(why.strip_prefix("duplicate field `")?.split('`').next()?.to_string())
        };
        while let Some(written) = doubled(whole) {
            let beside = |name: &str| {
                let two =
                    [written.as_str(), name].map(|name| Some((name.to_string(), whole.get(name)?.clone())));
                name != written && doubled(&two.into_iter().flatten().collect()).is_some()
            };
            match names.iter().find(|name| whole.contains_key(**name) && beside(name)) {
                Some(alias) => whole.remove(*alias),
                None => return,
            };
        }
    }

    fn variants(
        &self,
        names: &'static [&'static str],
        steps: &mut Vec<Step>,
        around: &mut Vec<OuterType>,
    ) -> Result<FoundShape, ShapeUnknown> {
        let this = around.len().checked_sub(1);
        let mut variants = BTreeMap::new();
        let mut waiting: Vec<&str> = names.to_vec();
        let mut first = None;
        while !waiting.is_empty() {
            let mut later = Vec::new();
            let mut why = None;
            let before = waiting.len();
            for name in waiting {
                match self.step(Step::Variant(name.to_string()), steps, around) {
                    Ok((content, value)) => {
                        let is_unit = content == Shape::plain("nothing");
                        let value =
                            value.map(|value| if is_unit { json!(name) } else { json!({ name: value }) });
                        if let Some(index) = this {
                            around[index].value = around[index].value.take().or(value.clone());
                        }
                        first = first.or(value);
                        variants.insert(name.to_string(), content);
                    }
                    // A variant that holds the enum again needs a value of another one.
                    Err(error) if error.later => {
                        later.push(name);
                        why = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            match why {
                Some(why) if later.len() == before => return Err(why),
                _ => waiting = later,
            }
        }
        self.checked(Shape::Enum(Declared::of(variants, names)), first, steps)
    }
}

fn unknown(steps: &[Step], why: String) -> ShapeUnknown {
    ShapeUnknown { place: place(steps), why, later: false }
}

/// A path in words: `.lines[].article`.
fn place(steps: &[Step]) -> String {
    let word = |step: &Step| match step {
        Step::Field(name) => format!(".{name}"),
        Step::Element(before) => format!(".{}", before.len()),
        Step::Present => String::new(),
        Step::Item | Step::Under(_) => "[]".to_string(),
        Step::Key => "[key]".to_string(),
        Step::Variant(name) => format!("({name})"),
    };
    steps.iter().map(word).collect()
}

/// The value at a place of an example.
fn found<'v>(example: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(example, |value, step| match step {
        Step::Field(name) | Step::Variant(name) => value.get(name),
        Step::Element(before) => value.get(before.len()),
        Step::Present => (!value.is_null()).then_some(value),
        Step::Item => value.get(0),
        Step::Key => None,
        Step::Under(_) => value.as_object()?.values().next(),
    })
}
