//! A state as named parts, each said in words: what a story shows of it, and what changed from one state to the next.

use super::tree::{Node, Of, Reader, Refused, read};
use super::value::{Saying, Value};
use super::words::{Words, spaced};
use crate::page::width;
use serde::Serialize;
use std::collections::HashMap;

/// The widest value without a name that is shown beside the one it replaces, in columns.
const MAX_BESIDE: usize = 30;

/// A part of a state: its name, which is empty if the state has no parts, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatePart {
    pub(crate) name: String,
    pub(crate) said: String,
}

impl StatePart {
    /// A state that shows no parts.
    pub(crate) fn whole(said: String) -> Vec<StatePart> {
        vec![StatePart { name: String::new(), said }]
    }

    /// The part on one line.
    pub(crate) fn line(&self) -> String {
        named(&self.name, &self.said)
    }
}

/// The parts of a state: fields by their names, instances by their keys, and states side by side by the names of their types.
/// A key within a field, or of a number or a text, has the name of its own type or none: what it leads to is no instance.
pub(crate) fn parts_of<T: Serialize>(state: &T) -> Vec<StatePart> {
    let piece = match read(state, Naming) {
        Ok(piece) => piece,
        Err(Refused(why)) => return StatePart::whole(why),
    };
    let mut parts = Vec::new();
    flatten(&piece, "", true, &mut parts);
    let mut times: HashMap<String, usize> = HashMap::new();
    for part in &mut parts {
        let before = times.entry(part.name.clone()).or_default();
        *before += 1;
        if *before > 1 {
            part.name = format!("{} ({before})", part.name);
        }
    }
    parts
}

/// The parts of a state that is composed of others, a line each: states side by side, instances by key, a decider with its process
/// manager. `None` for any other state.
pub(crate) fn composed_in_words<T: Serialize>(state: &T) -> Option<String> {
    let piece = read(state, Naming).ok().filter(Piece::is_composed)?;
    let mut parts = Vec::new();
    flatten(&piece, "", true, &mut parts);
    Some(parts.iter().map(StatePart::line).collect::<Vec<_>>().join("\n"))
}

/// What changed from one state to the next, a line for each part.
pub(crate) fn changes(before: &[StatePart], after: &[StatePart]) -> Vec<String> {
    let old: HashMap<&str, &str> = before.iter().map(|part| (&*part.name, &*part.said)).collect();
    let new: HashMap<&str, &str> = after.iter().map(|part| (&*part.name, &*part.said)).collect();
    // A part that was one value and now has parts of its own, or the other way round, is not gone.
    let beneath = |name: &str, others: &[StatePart]| others.iter().any(|other| is_around(name, &other.name));
    let gone = before
        .iter()
        .filter(|part| !new.contains_key(&*part.name) && !beneath(&part.name, after))
        .filter(|part| !after.iter().any(|other| is_around(&other.name, &part.name)))
        .map(|part| named(&part.name, "gone"));
    let changed = after.iter().filter_map(|part| match old.get(&*part.name) {
        Some(said) if *said == part.said => None,
        Some(said) if !part.name.is_empty() || width(said) + width(&part.said) <= MAX_BESIDE => {
            Some(named(&part.name, &format!("{said} → {}", part.said)))
        }
        _ => Some(part.line()),
    });
    gone.chain(changed).collect()
}

fn is_around(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(": "))
}

fn named(name: &str, said: &str) -> String {
    if name.is_empty() { said.to_string() } else { format!("{name}  {said}") }
}

/// A value with the parts it is made of; none if it is said as a whole.
struct Piece {
    /// The name of its type in words; `None` for types that are not the model's own.
    of: Option<String>,
    value: Value,
    parts: Vec<(Step, Piece)>,
}

/// How a part is found in the value around it.
enum Step {
    Field(String),
    /// The decider or the process manager of a system, or what else is in it.
    Side(String),
    /// A key, and the name of its own type.
    Key(String, Option<String>),
    /// The place in a pair of states, counted from 1.
    Place(usize),
}

/// A node in the plain words.
fn worded(node: Node<'_, Value, (String, Value)>) -> Result<Value, Refused> {
    Saying(&Words::default()).node(node)
}

/// Adds the parts of a piece. It can be instances by key if it is a state, and not a field of one.
fn flatten(piece: &Piece, path: &str, is_state: bool, parts: &mut Vec<StatePart>) {
    if piece.parts.is_empty() {
        parts.push(StatePart { name: path.to_string(), said: piece.value.said(&Words::default()) });
    }
    for (step, part) in &piece.parts {
        let of = part.of.as_deref();
        // No instance yet, and no name either.
        if matches!((step, of), (Step::Place(_), None)) && part.is_empty() {
            continue;
        }
        let name = match (step, of) {
            (Step::Field(field) | Step::Side(field), _) => field.clone(),
            (Step::Key(key, own), _) => match part.instance_of().filter(|_| is_state).or(own.as_deref()) {
                Some(of) => format!("{of} {key}"),
                None => key.clone(),
            },
            (Step::Place(_), Some(of)) => of.to_string(),
            // A pair within a pair, and instances whose type has a name.
            (Step::Place(_), None) if part.parts_have_names() => String::new(),
            (Step::Place(at), None) => format!("part {at}"),
        };
        let path = match (path, &*name) {
            (path, "") => path.to_string(),
            ("", name) => name.to_string(),
            (path, name) => format!("{path}: {name}"),
        };
        flatten(part, &path, !matches!(step, Step::Field(_)), parts);
    }
}

/// The name of a type in words, without what only says that it is a state: `OrderState` is "order". `None` for numbers, texts,
/// tuples and collections.
pub(super) fn type_in_words(mut of: &str) -> Option<String> {
    while let Some(inside) = ["&", "alloc::boxed::Box<", "alloc::sync::Arc<", "core::option::Option<"]
        .iter()
        .find_map(|around| of.strip_prefix(around))
    {
        of = inside.strip_suffix('>').unwrap_or(inside);
    }
    let path = of.split('<').next().unwrap_or(of);
    let (module, name) = path.rsplit_once("::")?;
    let foreign = ["core", "alloc", "std", "imbl", "jiff", "uuid", "smol_str"];
    if foreign.contains(&module.split("::").next().unwrap_or_default()) || path.starts_with(['(', '[']) {
        return None;
    }
    let words = spaced(name);
    Some(words.strip_suffix(" state").map_or(words.clone(), str::to_string))
}

#[derive(Clone, Copy)]
struct Naming;

impl Reader for Naming {
    type Part = Piece;
    type Field = (&'static str, Piece);
    type Error = Refused;

    fn node(self, node: Node<'_, Piece, (&'static str, Piece)>) -> Result<Piece, Refused> {
        let whole = |value: Value| Piece { of: None, value, parts: Vec::new() };
        Ok(match node {
            Node::Bool(flag) => whole(worded(Node::Bool(flag))?),
            Node::Number(number) => whole(worded(Node::Number(number))?),
            Node::Char(char) => whole(worded(Node::Char(char))?),
            Node::Text(text) => whole(worded(Node::Text(text))?),
            Node::Bytes(bytes) => whole(worded(Node::Bytes(bytes))?),
            Node::None => whole(worded(Node::None)?),
            Node::Unit(of) => whole(worded(Node::Unit(of))?),
            Node::One(Of::Plain | Of::Struct(_), content) => content,
            Node::One(of, content) => whole(worded(Node::One(of, content.value))?),
            Node::List(items) => whole(worded(Node::List(values(items)))?),
            Node::Tuple(Of::Plain, items) => {
                let value = worded(Node::Tuple(Of::Plain, items.iter().map(Piece::said).collect()))?;
                let parts = (1..).map(Step::Place).zip(items).collect();
                Piece { of: None, value, parts }
            }
            Node::Tuple(of, items) => whole(worded(Node::Tuple(of, values(items)))?),
            Node::Map(pairs) => {
                let said = pairs.iter().map(|(key, value)| (key.said(), value.said())).collect();
                let value = worded(Node::Map(said))?;
                let parts = pairs.into_iter().map(|(key, value)| (key.step(), value));
                Piece { of: None, value, parts: parts.collect() }
            }
            Node::Record(of @ Of::Variant { .. }, fields) => {
                let fields = fields.into_iter().map(|(name, part)| (name.to_string(), part.value));
                whole(worded(Node::Record(of, fields.collect()))?)
            }
            Node::Record(of, fields) => {
                let said = fields.iter().map(|(name, part)| (name.to_string(), part.said())).collect();
                let value = worded(Node::Record(of, said))?;
                let parts = fields.into_iter().map(|(name, part)| (field_of(of, name, &part), part));
                Piece { of: None, value, parts: parts.collect() }
            }
        })
    }

    fn field(self, name: &'static str, part: Piece) -> (&'static str, Piece) {
        (name, part)
    }

    fn key<T: Serialize + ?Sized>(self, key: &T) -> Result<Option<Piece>, Refused> {
        self.inside(key).map(Some)
    }

    fn inside<T: Serialize + ?Sized>(self, value: &T) -> Result<Piece, Refused> {
        Ok(Piece { of: type_in_words(std::any::type_name::<T>()), ..self.part(value)? })
    }
}

impl Piece {
    fn parts_have_names(&self) -> bool {
        self.parts.iter().any(|(step, part)| match step {
            Step::Field(_) | Step::Side(_) => false,
            Step::Key(_, own) => own.is_some() || part.instance_of().is_some(),
            Step::Place(_) => true,
        })
    }

    fn is_composed(&self) -> bool {
        self.parts.iter().any(|(step, part)| match step {
            Step::Key(..) => part.instance_of().is_some() || part.is_composed(),
            Step::Place(_) => part.of.is_some() || part.is_composed(),
            Step::Side(side) => side.is_empty() || (side == "decider" && part.is_composed()),
            Step::Field(_) => false,
        })
    }

    /// The name of its type, if it can be the state of an instance. A number or a text is an id or an amount.
    fn instance_of(&self) -> Option<&str> {
        self.of.as_deref().filter(|_| !self.is_bare())
    }

    fn is_empty(&self) -> bool {
        match &self.value {
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            _ => false,
        }
    }

    fn is_bare(&self) -> bool {
        matches!(self.value, Value::Plain(_) | Value::Text(_) | Value::Quoted(_) | Value::Flag(_))
    }

    /// The step to the value under this key. A key that is more than a number or a text says by itself what it is.
    fn step(self) -> Step {
        let own = if self.is_bare() { self.of } else { None };
        Step::Key(self.value.key(&Words::default()), own)
    }

    fn said(&self) -> Value {
        self.value.clone()
    }
}

fn values(pieces: Vec<Piece>) -> Vec<Value> {
    pieces.into_iter().map(|piece| piece.value).collect()
}

/// The step to a field. The states of deciders under a network have names of their own, so the field around them has none.
fn field_of(of: Of, name: &str, part: &Piece) -> Step {
    match (of.structure(), name) {
        ("Network" | "Joined", "decider") if part.parts_have_names() => Step::Side(String::new()),
        ("Network" | "Joined", _) => Step::Side(spaced(name)),
        _ => Step::Field(spaced(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use im::OrdMap;

    #[derive(Clone, Serialize)]
    enum OrderState {
        New,
        Placed { total: u32 },
    }

    #[derive(Clone, Serialize)]
    struct Doctor {
        slots: Vec<u8>,
        away: bool,
    }

    fn lines<T: Serialize>(state: &T) -> Vec<String> {
        parts_of(state).iter().map(StatePart::line).collect()
    }

    #[test]
    fn states_side_by_side_have_the_names_of_their_types_and_instances_their_keys() {
        let doctor = Doctor { slots: vec![1, 2], away: false };
        let state = ((OrderState::New, None::<OrderState>), OrdMap::unit(1, doctor), 7u8);
        assert_eq!(
            lines(&state),
            ["order  new", "order (2)  none", "doctor 1: slots  1 and 2", "doctor 1: away  no", "part 3  7"]
        );
        assert_eq!(lines(&OrderState::Placed { total: 3 }), ["placed (total 3)"]);
        let composed = composed_in_words(&(OrderState::New, OrdMap::unit(1, 5u8)));
        assert_eq!(composed.as_deref(), Some("order  new\npart 2: 1  5"));
        assert_eq!(composed_in_words(&Doctor { slots: vec![1], away: true }), None);
    }

    #[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
    struct ToolId(u32);

    #[derive(Clone, Serialize)]
    struct MemberId(u32);

    #[derive(Clone, Serialize)]
    struct Loan {
        to: MemberId,
    }

    #[derive(Clone, Serialize)]
    struct DeskState {
        lent: OrdMap<ToolId, MemberId>,
        loans: OrdMap<ToolId, Loan>,
        stock: OrdMap<u8, MemberId>,
    }

    #[test]
    fn a_key_is_said_under_the_name_of_its_own_type() {
        let desk = DeskState {
            lent: OrdMap::unit(ToolId(1), MemberId(7)),
            loans: OrdMap::unit(ToolId(2), Loan { to: MemberId(8) }),
            stock: OrdMap::unit(3, MemberId(9)),
        };
        assert_eq!(
            lines(&(desk.clone(), 1)),
            ["desk: lent: tool id 1  7", "desk: loans: tool id 2: to  8", "desk: stock: 3  9", "part 2  1"]
        );
        assert_eq!(lines(&desk.lent), ["tool id 1  7"]);
        assert_eq!(composed_in_words(&desk.lent), None);
        // Instances have the names of their states.
        assert_eq!(lines(&OrdMap::unit(1, None::<OrderState>)), ["order 1  none"]);
        assert_eq!(lines(&OrdMap::unit(ToolId(4), desk))[0], "desk 4: lent: tool id 1  7");
    }

    #[test]
    fn only_what_changed_is_said() {
        let first = (OrderState::New, OrdMap::<u32, Doctor>::new());
        let doctor = Doctor { slots: vec![1], away: false };
        let second = (OrderState::Placed { total: 3 }, first.1.update(1, doctor.clone()));
        let third = (second.0.clone(), first.1.update(1, Doctor { away: true, ..doctor }));
        let [first, second, third] = [first, second, third].map(|state| parts_of(&state));
        assert_eq!(
            changes(&first, &second),
            ["order  new → placed (total 3)", "doctor 1: slots  1", "doctor 1: away  no"]
        );
        assert_eq!(changes(&second, &third), ["doctor 1: away  no → yes"]);
        assert_eq!(
            changes(&third, &first),
            ["doctor 1: slots  gone", "doctor 1: away  gone", "order  placed (total 3) → new"]
        );
        assert_eq!(changes(&first, &first), [""; 0]);
    }
}
