//! What the name of a Rust type says about the form of its values.

/// A type without the boxes around it, and what makes each of them, outermost first.
pub(super) struct Wrapped {
    pub(super) of: &'static str,
    pub(super) around: Vec<&'static str>,
}

const BOXES: [(&str, &str); 3] = [
    ("alloc::boxed::Box<", "Box::new"),
    ("alloc::sync::Arc<", "std::sync::Arc::new"),
    ("alloc::rc::Rc<", "std::rc::Rc::new"),
];

impl Wrapped {
    /// `None` if serde's own type replaces a value with a form of its own.
    pub(super) fn type_of<T: ?Sized>() -> Option<Wrapped> {
        let mut of = std::any::type_name::<T>();
        let mut around = Vec::new();
        while let Some(of_reference) = of.strip_prefix('&') {
            of = of_reference.trim_start_matches("mut ");
        }
        if of.contains("__SerializeWith") || of.starts_with("serde::") || of.starts_with("serde_core::") {
            return None;
        }
        while !is_text(of) && !is_collection(of) {
            let boxed = BOXES.iter().find_map(|(begins, make)| Some((of.strip_prefix(begins)?, make)));
            let Some((inside, make)) = boxed else { break };
            of = inside.strip_suffix('>').unwrap_or(inside);
            around.push(*make);
        }
        Some(Wrapped { of, around })
    }
}

/// Whether `"…".into()` makes one.
pub(super) fn is_text(of: &str) -> bool {
    matches!(
        of,
        "str"
            | "alloc::string::String"
            | "alloc::boxed::Box<str>"
            | "alloc::sync::Arc<str>"
            | "alloc::rc::Rc<str>"
            | "alloc::borrow::Cow<str>"
            | "alloc::borrow::Cow<'_, str>"
            | "smol_str::SmolStr"
            | "std::path::PathBuf"
            | "std::ffi::os_str::OsString"
    )
}

/// Whether `"…".parse().unwrap()` makes one.
pub(super) fn is_parsed(of: &str) -> bool {
    ["jiff::", "uuid::", "core::net::"].iter().any(|of_crate| of.starts_with(of_crate))
}

/// Whether `[…].into_iter().collect()` makes one.
pub(super) fn is_collection(of: &str) -> bool {
    let standard = of.starts_with("alloc::") || of.starts_with("std::") || of.starts_with("imbl::");
    let collections = [
        "Vec",
        "VecDeque",
        "LinkedList",
        "BinaryHeap",
        "BTreeMap",
        "BTreeSet",
        "HashMap",
        "HashSet",
        "OrdMap",
        "OrdSet",
        "Vector",
        "GenericVector",
        "GenericOrdMap",
        "GenericOrdSet",
        "GenericHashMap",
        "GenericHashSet",
    ];
    standard && collections.contains(&bare(of))
        || BOXES.iter().any(|(begins, _)| {
            of.strip_prefix(begins).is_some_and(|inside| inside.starts_with('[') && !inside.contains("; "))
        })
}

pub(super) fn is_option(of: &str) -> bool {
    of.starts_with("core::option::Option<")
}

/// Whether the code around a struct or an enum calls it by this name, and can make it by the name.
pub(super) fn named(of: &str, name: &str) -> bool {
    let private = ["core::", "std::", "alloc::", "jiff::", "uuid::", "imbl::", "smol_str::"];
    bare(of) == name
        && (of.starts_with("core::result::Result<")
            || !private.iter().any(|of_crate| of.starts_with(of_crate)))
}

/// The last part of a type's path, without its parameters.
fn bare(of: &str) -> &str {
    let path = of.split('<').next().unwrap_or(of);
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether Rust allows this name for a variant. Other names come from serde's `rename`.
pub(super) fn is_variant(name: &str) -> bool {
    // Of `CLOSED`, serde's `rename_all` is the likelier author.
    let letters = || name.chars().filter(|char| char.is_alphabetic());
    let is_shouted = letters().count() > 1 && letters().all(char::is_uppercase);
    name != "Self"
        && !is_shouted
        && name.starts_with(char::is_uppercase)
        && is_identifier(name)
        && !name.contains('_')
}

/// The name of a field as Rust spells it, if Rust allows it. Other names come from serde's `rename`.
pub(super) fn spelled(name: &str) -> Option<String> {
    match name {
        "self" | "super" | "crate" | "Self" | "_" => None,
        _ if !is_identifier(name) || name.contains(char::is_uppercase) => None,
        _ if KEYWORDS.contains(&name) => Some(format!("r#{name}")),
        _ => Some(name.to_string()),
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first == '_' || first.is_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
