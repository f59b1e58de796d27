//! How the parts of a composed state are called: states side by side by the names of their types, or of their deciders.

use super::parts::type_in_words;
use super::tree::{Node, Of, Reader, Refused, read};
use serde::Serialize;
use std::any::type_name;
use std::collections::HashMap;

/// The names of the parts of a state. Without any, a part is called by its field, its key or its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartNames {
    /// Each part of a pair of states. One without a name is a pair as well, whose parts have names.
    places: Vec<(Option<String>, PartNames)>,
    fields: Vec<(&'static str, PartNames)>,
    /// What is under each key.
    each: Option<Box<PartNames>>,
    /// Whether it is a decider with its process manager.
    is_system: bool,
}

/// A part, and what is known of the names below it.
pub(crate) struct NamedPart<'n> {
    /// How it is called; `None` if only its own parts are shown.
    pub(crate) name: Option<&'n str>,
    pub(crate) below: &'n PartNames,
}

static NO_NAMES: PartNames =
    PartNames { places: Vec::new(), fields: Vec::new(), each: None, is_system: false };

impl PartNames {
    /// The names of the parts of a state; `decider` is the Rust type of what it is a state of. O(size).
    pub(crate) fn of<T: Serialize + ?Sized>(state: &T, decider: &str) -> PartNames {
        let mut names = read(state, Naming).map(|part| part.names).unwrap_or_default();
        names.ask_deciders(decider);
        names.settle();
        names
    }

    /// The part at this place of a tuple, if it has a name of its own.
    pub(crate) fn place(&self, at: usize) -> Option<NamedPart<'_>> {
        self.places.get(at).map(|(name, below)| NamedPart { name: name.as_deref(), below })
    }

    /// The part in this field.
    pub(crate) fn field<'n>(&'n self, name: &'n str) -> NamedPart<'n> {
        let below =
            self.fields.iter().find(|(field, _)| *field == name).map_or(&NO_NAMES, |(_, names)| names);
        let is_shown = !(self.is_system && name == "decider" && !below.places.is_empty());
        NamedPart { name: is_shown.then_some(name), below }
    }

    /// The names below each key.
    pub(crate) fn each(&self) -> &PartNames {
        self.each.as_deref().unwrap_or(&NO_NAMES)
    }

    /// A path in these names; `None` if it is the path itself.
    pub(crate) fn path(&self, steps: &[String]) -> Option<String> {
        let (mut names, mut said, mut differs) = (self, Vec::new(), false);
        for step in steps {
            let place = step.parse().ok().and_then(|at| names.place(at));
            differs |= place.is_some();
            let part = match place {
                Some(part) => part,
                None if names.fields.is_empty() => NamedPart { name: Some(step), below: names.each() },
                None => names.field(step),
            };
            said.extend(part.name);
            names = part.below;
        }
        (differs && !said.is_empty()).then(|| said.join("."))
    }

    /// Gives a part whose type has no name that of its decider.
    fn ask_deciders(&mut self, decider: &str) {
        let decider = without_wrapping(decider);
        let (of, arguments) = of_kit(decider).unwrap_or_default();
        let argument = |at: usize| arguments.get(at).copied().unwrap_or_default();
        match of {
            "Merge" | "Combine" | "MergedProcess" => {
                for (at, (name, below)) in self.places.iter_mut().enumerate() {
                    below.ask_deciders(argument(at));
                    if name.is_none() && below.places.is_empty() {
                        *name = name_of_decider(argument(at));
                    }
                }
            }
            "Many" | "ProcessPerKey" => {
                if let Some(each) = &mut self.each {
                    each.ask_deciders(argument(0));
                }
            }
            "Synchronous" | "Delivery" => {
                for (field, below) in &mut self.fields {
                    below.ask_deciders(argument(usize::from(*field != "decider")));
                }
            }
            _ => {}
        }
    }

    /// Gives every part of a composed state a name of its own, if one of them has a name.
    fn settle(&mut self) {
        if self.says_names() {
            self.number(&mut 0);
            self.count(&mut HashMap::new());
        } else {
            self.places.clear();
        }
        self.settle_below();
    }

    /// Whether there is a name in it, or in the pairs that are its parts.
    fn says_names(&self) -> bool {
        self.each.is_some()
            || !self.fields.is_empty()
            || self.places.iter().any(|(name, below)| name.is_some() || below.says_names())
    }

    /// Names those that have no name by their number among all that are side by side.
    fn number(&mut self, before: &mut usize) {
        for (name, below) in &mut self.places {
            if name.is_none() && !below.places.is_empty() {
                below.number(before);
                continue;
            }
            *before += 1;
            name.get_or_insert_with(|| format!("part {before}"));
        }
    }

    fn settle_below(&mut self) {
        let inner = self.fields.iter_mut().map(|(_, names)| names).chain(self.each.as_deref_mut());
        inner.for_each(PartNames::settle);
        for (name, below) in &mut self.places {
            if name.is_some() { below.settle() } else { below.settle_below() }
        }
    }

    fn count(&mut self, times: &mut HashMap<String, usize>) {
        for (name, below) in &mut self.places {
            let Some(name) = name else {
                below.count(times);
                continue;
            };
            let before = times.entry(name.clone()).or_default();
            *before += 1;
            if *before > 1 {
                *name = format!("{name} ({before})");
            }
        }
    }
}

/// What is known of a part from its type.
#[derive(Default)]
struct Part {
    of: Option<String>,
    names: PartNames,
}

#[derive(Clone, Copy)]
struct Naming;

impl Reader for Naming {
    type Part = Part;
    type Field = (&'static str, PartNames);
    type Error = Refused;

    fn node(self, node: Node<'_, Part, (&'static str, PartNames)>) -> Result<Part, Refused> {
        let names = match node {
            Node::One(Of::Plain | Of::Struct(_), content) => return Ok(content),
            Node::Tuple(Of::Plain, parts) => {
                let places = parts.into_iter().map(|part| (part.of, part.names)).collect();
                PartNames { places, ..PartNames::default() }
            }
            Node::Map(pairs) => {
                let each = pairs.into_iter().map(|(_, part)| part.names);
                let each = each.into_iter().find(|names| *names != NO_NAMES).map(Box::new);
                PartNames { each, ..PartNames::default() }
            }
            Node::Record(of @ Of::Struct(_), mut fields) => {
                fields.retain(|(_, names)| *names != NO_NAMES);
                let is_system = matches!(of.structure(), "Network" | "Joined");
                PartNames { fields, is_system, ..PartNames::default() }
            }
            _ => PartNames::default(),
        };
        Ok(Part { of: None, names })
    }

    fn field(self, name: &'static str, part: Part) -> (&'static str, PartNames) {
        (name, part.names)
    }

    fn key<T: Serialize + ?Sized>(self, _: &T) -> Result<Option<Part>, Refused> {
        Ok(Some(Part::default()))
    }

    fn inside<T: Serialize + ?Sized>(self, value: &T) -> Result<Part, Refused> {
        let of = type_name::<T>();
        let mut part = self.part(value)?;
        if of.starts_with('[') {
            // The items of an array are many of one kind.
            part.names.places.clear();
        }
        let of = if of.starts_with("leftfold::process::") { None } else { type_in_words(of) };
        Ok(Part { of, ..part })
    }
}

/// The name of a decider in words; `None` if it is one that the kit makes of others.
fn name_of_decider(decider: &str) -> Option<String> {
    let decider = without_wrapping(decider);
    match of_kit(decider) {
        // The instances have the name of one of them.
        Some(("Synchronous" | "Delivery" | "Many" | "ProcessPerKey", arguments)) => {
            name_of_decider(arguments.first()?)
        }
        Some(_) => None,
        None if decider.contains("{{") => None,
        None => type_in_words(decider),
    }
}

/// A decider without what does not change its state.
fn without_wrapping(mut decider: &str) -> &str {
    while let Some((
        "Adapt" | "MapRejection" | "PartOf" | "AdaptedProcess" | "PartOfProcess" | "PrefixedProcess",
        of,
    )) = of_kit(decider)
        && let Some(inside) = of.first()
    {
        decider = inside;
    }
    decider
}

/// The name of a type of the kit, and its arguments.
fn of_kit(type_name: &str) -> Option<(&str, Vec<&str>)> {
    let (path, arguments) = type_name.strip_prefix("leftfold::")?.split_once('<')?;
    Some((path.rsplit("::").next()?, parts_of_list(arguments.strip_suffix('>')?)))
}

/// What stands between the commas of a list of types.
fn parts_of_list(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut begin, mut before) = (Vec::new(), 0_i32, 0, ' ');
    for (at, char) in list.char_indices() {
        match char {
            '<' | '(' | '[' => depth += 1,
            // An arrow closes nothing.
            '>' if before == '-' => {}
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(list[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
        before = char;
    }
    parts.push(list[begin..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use im::OrdMap;

    #[derive(Clone, Serialize)]
    struct OrderState {
        total: u32,
    }

    #[derive(Clone, Serialize)]
    struct Joined<S, T> {
        decider: S,
        process: T,
    }

    fn path(names: &PartNames, steps: &str) -> String {
        let steps: Vec<String> = steps.split('.').map(str::to_string).collect();
        names.path(&steps).unwrap_or_else(|| steps.join("."))
    }

    #[test]
    fn states_side_by_side_have_the_names_of_their_types_or_of_their_deciders() {
        let order = || OrderState { total: 3 };
        let state = ((order(), None::<u8>), order());
        let decider = "leftfold::decider::merge::Merge<leftfold::decider::merge::Merge<shop::Order, \
                       leftfold::decider::adapt::PartOf<shop::Payment, fn(u8) -> u8, (u8, u8), R>>, shop::Again<u8>>";
        let names = PartNames::of(&state, decider);
        assert_eq!(path(&names, "0.0"), "order");
        assert_eq!(path(&names, "0.1"), "payment");
        assert_eq!(path(&names, "1.total"), "order (2).total");
        let names = PartNames::of(&state, "shop::Closures");
        assert_eq!(path(&names, "0.1"), "part 2");
        let system = OrdMap::unit(7, Joined { decider: state, process: (0, 0) });
        let names = PartNames::of(
            &system,
            "leftfold::decider::many::Many<leftfold::process::synchronous::Synchronous<X, Y>, u8>",
        );
        assert_eq!(path(&names, "7.decider.0.0.total"), "7.order.total");
        assert_eq!(path(&names, "7.process.1"), "7.process.1");
    }

    #[test]
    fn instances_side_by_side_have_the_name_of_their_decider_whether_there_are_any_or_not() {
        let decider = "leftfold::decider::merge::Merge<leftfold::decider::merge::Merge<leftfold::decider::adapt::PartOf<\
                       leftfold::decider::many::Many<shop::Tool, shop::Id>, C, E, R>, shop::Member>, \
                       leftfold::decider::closures::FromClosures<u8>>";
        for tools in [OrdMap::new(), OrdMap::unit(1, 2)] {
            let names = PartNames::of(&((tools, 3), 4), decider);
            assert_eq!(
                [path(&names, "0.0.1"), path(&names, "0.1"), path(&names, "1")],
                ["tool.1", "member", "part 3"]
            );
        }
    }

    #[test]
    fn what_has_no_name_keeps_its_place() {
        assert_eq!(PartNames::of(&(1, 2), "shop::Order"), NO_NAMES);
        assert_eq!(PartNames::of(&(1, [OrderState { total: 1 }, OrderState { total: 2 }]), ""), NO_NAMES);
        assert_eq!(PartNames::of(&OrderState { total: 1 }, ""), NO_NAMES);
        let plain = PartNames::of(&(1, 2), "leftfold::decider::merge::Merge<shop::Order, shop::Stock>");
        assert_eq!((path(&plain, "0"), path(&plain, "1")), ("order".into(), "stock".into()));
        assert_eq!(plain.path(&[]), None);
    }
}
