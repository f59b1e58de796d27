//! Which file of the house imports which: read from the text of the files, re-exports followed to the file that defines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path of modules below the crate: `["store", "index", "list"]`. The crate's own file is the empty path.
pub type Module = Vec<String>;

/// A file, as far as imports are concerned.
struct File {
    path: PathBuf,
    /// Every path that its code names, as it resolves from the root of the crate.
    named: BTreeSet<Vec<String>>,
    /// What it hands on under a name of its own: `pub use list::List` and `use list::List` alike.
    handed_on: BTreeMap<String, Vec<String>>,
    /// The modules of which it hands on everything.
    globs: Vec<Vec<String>>,
    defined: BTreeSet<String>,
}

impl File {
    /// All paths that it names, and those that it hands on.
    fn paths(&self) -> impl Iterator<Item = &Vec<String>> {
        self.named.iter().chain(self.handed_on.values())
    }
}

/// The files of a crate, and who imports whom.
pub struct Imports {
    files: BTreeMap<Module, File>,
}

/// A `use`, taken apart: the path, the name under which it is known, and whether others may have it from here.
struct Use {
    path: Vec<String>,
    name: String,
    handed_on: bool,
}

impl Imports {
    /// Reads all files below a folder.
    pub fn read(root: &Path, files: &[PathBuf]) -> Imports {
        let modules: BTreeSet<Module> = files.iter().map(|file| module(root, file)).collect();
        let files = files.iter().map(|path| (module(root, path), read(root, path, &modules))).collect();
        Imports { files }
    }

    /// The file that defines what a path names, if it is one of these.
    fn home(&self, path: &[String], depth: usize) -> Option<&Module> {
        let (module, file) = (0..=path.len()).rev().find_map(|n| self.files.get_key_value(&path[..n]))?;
        let Some(name) = path.get(module.len()) else { return Some(module) };
        if depth == 0 || file.defined.contains(name) {
            return Some(module);
        }
        let rest = &path[module.len() + 1..];
        if let Some(from) = file.handed_on.get(name) {
            return self.home(&[from, rest].concat(), depth - 1);
        }
        file.globs
            .iter()
            .find_map(|glob| {
                let (_, from) = self.files.get_key_value(glob)?;
                let has_it = from.defined.contains(name) || from.handed_on.contains_key(name);
                has_it.then(|| self.home(&[glob, &path[module.len()..]].concat(), depth - 1))?
            })
            .or(Some(module))
    }

    /// Each file with the rooms that its code names or hands on, its own among them: the first part of every path that
    /// begins at the crate or leads up to it. Macros of the crate's own, `__…`, are at the root, whatever room they are written in.
    pub fn rooms(&self) -> Vec<(&Path, BTreeSet<&str>)> {
        self.files
            .values()
            .map(|file| {
                let first = file.paths().filter_map(|path| path.first()).map(String::as_str);
                (&*file.path, first.filter(|room| !room.starts_with("__")).collect())
            })
            .collect()
    }

    /// The files that a file needs. Itself is left out, and so are the files after which the folders around it are named:
    /// `fold.rs` and `fold/combinators.rs` are one thing in two files, a trait and what its methods make.
    fn needed(&self, user: &Module) -> BTreeSet<&Module> {
        let named = self.files[user].named.iter();
        named.filter_map(|path| self.home(path, 8)).filter(|home| !user.starts_with(home)).collect()
    }

    /// The groups of files that need each other, each sorted.
    pub fn circles(&self) -> Vec<Vec<PathBuf>> {
        let needs: BTreeMap<&Module, BTreeSet<&Module>> =
            self.files.keys().map(|user| (user, self.needed(user))).collect();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            needs.keys().map(|from| (*from, everything_behind(from, &needs))).collect();
        let mut circles = BTreeSet::new();
        for (file, behind) in &reached {
            let with: BTreeSet<PathBuf> = behind
                .iter()
                .filter(|other| reached[*other].contains(file))
                .map(|other| self.files[*other].path.clone())
                .collect();
            if with.len() > 1 {
                circles.insert(with);
            }
        }
        circles.into_iter().map(|circle| circle.into_iter().collect()).collect()
    }

    /// The imports within a group of files, each with the paths by which it is one.
    pub fn within(&self, group: &[PathBuf]) -> Vec<String> {
        let mut lines = Vec::new();
        for (user, file) in self.files.iter().filter(|(_, file)| group.contains(&file.path)) {
            let mut by: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
            for path in &file.named {
                if let Some(home) = self.home(path, 8)
                    && !user.starts_with(home)
                    && group.contains(&self.files[home].path)
                {
                    by.entry(&self.files[home].path).or_default().push(path.join("::"));
                }
            }
            lines.extend(by.iter().map(|(to, paths)| {
                format!("{} -> {}: {}", file.path.display(), to.display(), paths.join(", "))
            }));
        }
        lines
    }
}

fn everything_behind<'m>(
    from: &'m Module,
    needs: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
) -> BTreeSet<&'m Module> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        for next in &needs[file] {
            if found.insert(*next) {
                open.push(next);
            }
        }
    }
    found
}

fn module(root: &Path, file: &Path) -> Module {
    let below = file.strip_prefix(root).unwrap().with_extension("");
    let parts: Module = below.iter().map(|part| part.to_str().unwrap().to_string()).collect();
    if parts == ["lib"] { Module::new() } else { parts }
}

/// The code of a file: no comments, no doc tests, and nothing from its tests on.
pub fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn read(root: &Path, path: &Path, modules: &BTreeSet<Module>) -> File {
    of_code(path.strip_prefix(root).unwrap(), &module(root, path), &code(path), modules)
}

fn of_code(path: &Path, here: &Module, code: &str, modules: &BTreeSet<Module>) -> File {
    let mut file = File {
        path: path.to_path_buf(),
        named: BTreeSet::new(),
        handed_on: BTreeMap::new(),
        globs: Vec::new(),
        defined: definitions(code),
    };
    let (uses, rest) = statements(code);
    for found in &uses {
        let Some(path) = absolute(&found.path, here, modules) else { continue };
        if found.name == "*" {
            file.named.insert(path.clone());
            file.globs.push(path);
            continue;
        }
        // What is handed on is not needed here: a face needs nobody.
        if !found.handed_on {
            file.named.insert(path.clone());
        }
        file.handed_on.insert(found.name.clone(), path);
    }
    for path in paths(&rest) {
        let known_here = || {
            let from = file.handed_on.get(&path[0])?;
            Some([from, &path[1..]].concat())
        };
        if let Some(path) = absolute(&path, here, modules).or_else(known_here) {
            file.named.insert(path);
        }
    }
    file
}

/// Where a path leads that begins at the crate, at a module above, or at a module of the file's own.
fn absolute(path: &[String], here: &Module, modules: &BTreeSet<Module>) -> Option<Vec<String>> {
    let mut base = here.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (base, rest) = (Module::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let own = [here.as_slice(), &[first.to_string()]].concat();
            if !modules.contains(&own) {
                return None;
            }
        }
    }
    Some([base.as_slice(), rest].concat())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The `use` statements of a file, and its code without them.
fn statements(code: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let visibility = trimmed.find("use ").map(|at| trimmed[..at].trim()).filter(|before| {
            before.is_empty() || *before == "pub" || before.starts_with("pub(") && before.ends_with(')')
        });
        let Some(visibility) = visibility else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut statement = trimmed.to_string();
        while !statement.contains(';') {
            match lines.next() {
                Some(more) => statement.push_str(more),
                None => break,
            }
        }
        let tree =
            &statement[statement.find("use ").unwrap() + 4..statement.find(';').unwrap_or(statement.len())];
        take_apart(Vec::new(), tree, !visibility.is_empty(), &mut uses);
    }
    (uses, rest)
}

fn take_apart(before: Vec<String>, tree: &str, handed_on: bool, uses: &mut Vec<Use>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let on_the_way = tree[..open].split("::").map(str::trim).filter(|part| !part.is_empty());
        let before: Vec<String> = before.into_iter().chain(on_the_way.map(str::to_string)).collect();
        let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
        let (mut depth, mut from) = (0, 0);
        for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !inner[from..at].trim().is_empty() {
                        take_apart(before.clone(), &inner[from..at], handed_on, uses);
                    }
                    from = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, renamed) = match tree.split_once(" as ") {
        Some((path, name)) => (path, Some(name.trim().to_string())),
        None => (tree, None),
    };
    let mut path: Vec<String> =
        before.into_iter().chain(path.split("::").map(|part| part.trim().to_string())).collect();
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let Some(last) = path.last().cloned() else { return };
    if last == "*" {
        path.pop();
    }
    uses.push(Use { path, name: renamed.unwrap_or(last), handed_on });
}

/// All paths of two parts or more in code, such as `super::row::Row` and `list::List`.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let begin = rest[..at]
            .rfind(|c| !is_word(c))
            .map_or(0, |before| before + rest[before..].chars().next().map_or(1, char::len_utf8));
        let follows_macro = rest[..begin].ends_with('$') || rest[..begin].ends_with("::");
        let end = at + rest[at..].find(|c| !is_word(c) && c != ':').unwrap_or(rest.len() - at);
        if begin < at && !follows_macro {
            let parts = rest[begin..end].split("::").filter(|part| !part.is_empty());
            found.push(parts.map(|part| part.trim_end_matches(':').to_string()).collect());
        }
        rest = &rest[end.max(at + 2)..];
    }
    found
}

/// The names of what a file defines at its outermost level, and of its macros.
fn definitions(code: &str) -> BTreeSet<String> {
    let kinds =
        ["struct ", "enum ", "trait ", "fn ", "type ", "const ", "static ", "union ", "macro_rules! "];
    let mut names = BTreeSet::new();
    for line in code.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let mut words = line;
        if let Some(rest) = words.strip_prefix("pub") {
            words = match rest.strip_prefix('(') {
                Some(rest) => rest.split_once(')').map_or("", |(_, rest)| rest).trim_start(),
                None => rest.trim_start(),
            };
        }
        words = words.trim_start_matches("const fn ").trim_start_matches("async ");
        let name = kinds
            .iter()
            .find_map(|kind| words.strip_prefix(kind))
            .or_else(|| line.starts_with("pub const fn ").then(|| &line["pub const fn ".len()..]));
        if let Some(name) = name {
            names.insert(name.chars().take_while(|c| is_word(*c)).collect());
        }
    }
    names
}

#[test]
fn imports_are_found_in_every_form() {
    let modules: BTreeSet<Module> =
        ["fold", "decider", "spec", "log"].map(|room| vec![room.to_string()]).into();
    let rooms = |code| {
        let file = of_code(Path::new("log.rs"), &vec!["log".to_string()], code, &modules);
        let imports = Imports { files: [(vec!["log".to_string()], file)].into() };
        imports.rooms()[0].1.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        rooms("use crate::fold::Fold;\nuse crate::{decider::Decider, spec};"),
        ["decider", "fold", "spec"]
    );
    assert_eq!(rooms("use super::fold::Fold;\npub use super::decider;"), ["decider", "fold"]);
    assert_eq!(
        rooms("use crate::{\n    fold::{self, Fold},\n    spec as s,\n};\nlet x = s::given();"),
        ["fold", "spec"]
    );
    assert_eq!(rooms("let x = crate::fold::name(&y); $crate::sum!(); super::spec::y()"), ["fold", "spec"]);
    assert_eq!(rooms("pub use crate::__promises as promises;\nuse std::fs;"), Vec::<String>::new());
}
