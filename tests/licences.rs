//! What the kit links is as free as the kit, but for the crates that the README names.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Licences that ask for no more than a notice.
const FREE: [&str; 8] =
    ["MIT", "Apache-2.0", "BSD-3-Clause", "BSL-1.0", "Unicode-3.0", "Unlicense", "Zlib", "0BSD"];

/// Crates under another licence, which the README explains.
const EXPLAINED: [(&str, &str); 2] = [("imbl", "MPL-2.0+"), ("imbl-sized-chunks", "MPL-2.0+")];

/// Whether somebody may choose free licences alone: an expression of names, `AND`, `OR` and brackets. `/` is an old `OR`.
fn is_free(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    either(&mut rest) && rest.is_empty()
}

fn either(words: &mut &[&str]) -> bool {
    let mut free = both(words);
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        free |= both(words);
    }
    free
}

fn both(words: &mut &[&str]) -> bool {
    let mut free = one(words);
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        free &= one(words);
    }
    free
}

fn one(words: &mut &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if *first == "(" {
        let free = either(words);
        *words = words.strip_prefix(&[")"][..]).unwrap_or_default();
        return free;
    }
    if let Some(after) = words.strip_prefix(&["WITH"][..]) {
        // An exception only allows more.
        *words = after.get(1..).unwrap_or_default();
    }
    FREE.contains(first)
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    for free in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
        "MIT OR GPL-3.0 AND MIT",
    ] {
        assert!(is_free(free), "{free}");
    }
    for other in
        ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND MPL-2.0", "", "GPL-3.0 OR MPL-2.0", "MIT )"]
    {
        assert!(!is_free(other), "{other}");
    }
}

#[test]
fn what_the_kit_links_is_free_but_for_what_the_readme_explains() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let linked = linked(&metadata["resolve"]);
    assert!(linked.len() > 30, "{linked:?}");
    let mut explained = BTreeSet::new();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        if !linked.contains(package["id"].as_str().expect("an id")) {
            continue;
        }
        let (name, licence) = (package["name"].as_str().unwrap_or_default(), package["license"].as_str());
        let licence = licence.unwrap_or_else(|| panic!("{name} says no licence"));
        if EXPLAINED.contains(&(name, licence)) {
            explained.insert(name.to_string());
        } else {
            assert!(
                is_free(licence),
                "{name} is under {licence}: explain it in the README, or do without it"
            );
        }
    }
    let readme = include_str!("../README.md");
    for (name, _) in EXPLAINED {
        assert!(explained.contains(name), "{name} is explained, and not linked under that licence any more");
        assert!(readme.contains(&format!("`{name}`")), "the README does not name {name}");
    }
}

/// The packages that a program links with the kit, all features on: no tools for its tests.
fn linked(resolve: &Value) -> BTreeSet<String> {
    let nodes = resolve["nodes"].as_array().expect("a graph");
    let root = resolve["root"].as_str().expect("a root").to_string();
    let mut linked = BTreeSet::new();
    let mut waiting = vec![root.clone()];
    while let Some(id) = waiting.pop() {
        let node = nodes.iter().find(|node| node["id"].as_str() == Some(&id)).expect("a node for each id");
        for dependency in node["deps"].as_array().expect("a list of dependencies") {
            let kinds = dependency["dep_kinds"].as_array().expect("a list of kinds");
            let package = dependency["pkg"].as_str().expect("an id").to_string();
            let is_tool = kinds.iter().all(|kind| kind["kind"].as_str() == Some("dev"));
            if !is_tool && package != root && linked.insert(package.clone()) {
                waiting.push(package);
            }
        }
    }
    linked
}
