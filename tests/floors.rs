//! The house: a room imports only from floors below it, nothing below floor 3 does I/O, reads a clock or draws a random
//! number, and no file outgrows its room.

#[path = "floors/imports.rs"]
mod imports;

use imports::{Imports, code};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, its floor, and the rooms of its own floor that it may use.
const ROOMS: &[(&str, u8, &[&str])] = &[
    ("fold", 1, &[]),
    ("json", 1, &[]),
    ("page", 1, &[]),
    ("message", 1, &["json", "page"]),
    ("recorded", 1, &["message", "page"]),
    ("decider", 2, &[]),
    ("process", 2, &["decider"]),
    ("spec", 3, &[]),
    ("pattern", 3, &[]),
    ("clock", 3, &[]),
    ("codec", 3, &[]),
    ("store", 3, &["clock", "codec"]),
    ("timeline", 3, &["spec"]),
    ("check", 4, &[]),
    ("log", 4, &[]),
    ("runtime", 5, &[]),
    ("conformance", 5, &[]),
    ("model", 5, &[]),
    ("desk", 6, &[]),
    ("workbench", 6, &["desk"]),
];

const LONGEST: usize = 560;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The room a file belongs to: the first part of its path below `src`.
fn room(file: &Path) -> String {
    let below = file.strip_prefix(source()).unwrap();
    let first = below.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

fn floor(room: &str) -> Option<(u8, &'static [&'static str])> {
    ROOMS.iter().find(|(name, _, _)| *name == room).map(|(_, floor, beside)| (*floor, *beside))
}

fn may_use(user: &str, used: &str) -> bool {
    let (Some((floor_of_user, beside)), Some((floor_of_used, _))) = (floor(user), floor(used)) else {
        return false;
    };
    used == user || floor_of_used < floor_of_user || beside.contains(&used)
}

#[test]
fn a_room_imports_only_from_floors_below_it() {
    let mut wrong = Vec::new();
    for (file, used) in Imports::read(&source(), &files(&source())).rooms() {
        let user = room(&source().join(file));
        // The crate's front door and its program stand outside the house.
        if user == "lib" || user == "bin" {
            continue;
        }
        assert!(floor(&user).is_some(), "{} belongs to no room of the house", file.display());
        wrong.extend(
            used.iter()
                .filter(|used| !may_use(&user, used))
                .map(|used| format!("{} uses crate::{used}", file.display())),
        );
    }
    assert!(wrong.is_empty(), "a wall is broken:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_two_files_need_each_other() {
    let imports = Imports::read(&source(), &files(&source()));
    let circles: Vec<String> = imports
        .circles()
        .iter()
        .map(|circle| {
            format!("a circle of {} files:\n    {}", circle.len(), imports.within(circle).join("\n    "))
        })
        .collect();
    assert!(circles.is_empty(), "files need each other:\n  {}", circles.join("\n  "));
}

#[test]
fn the_lower_floors_are_pure() {
    let impure =
        ["std::fs", "std::io", "std::net", "std::env", "std::process", "std::time", "::now()", "rand::"];
    let mut wrong = Vec::new();
    for file in files(&source()) {
        if floor(&room(&file)).is_some_and(|(floor, _)| floor <= 2) {
            let code = code(&file);
            wrong.extend(
                impure
                    .iter()
                    .filter(|word| code.contains(**word))
                    .map(|w| format!("{}: {w}", file.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "I/O, a clock or chance below floor 3:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_file_has_outgrown_its_room() {
    for file in files(&source()) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: it has become two rooms", file.display());
    }
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let silent: Vec<_> = files(&source())
        .into_iter()
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "no `//!` line says what they are for: {silent:?}");
}

#[test]
fn no_two_public_types_share_a_name() {
    let mut found = std::collections::BTreeMap::<String, Vec<String>>::new();
    for file in files(&source()) {
        for line in code(&file).lines() {
            let kinds = ["pub struct ", "pub enum ", "pub trait ", "pub type "];
            if let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) {
                let name = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                found.entry(name).or_default().push(file.display().to_string());
            }
        }
    }
    assert!(found.len() > 200, "types are found");
    found.retain(|_, files| files.len() > 1);
    assert!(found.is_empty(), "one name, two things: {found:#?}");
}

/// Names of files that hide what is in them.
const RIDDLES: &[&str] =
    &["kept", "known", "told", "caught", "stamps", "handled", "again", "numbered", "shelves"];

#[test]
fn rooms_stand_in_files_of_their_own_name() {
    let wrong: Vec<_> = files(&source())
        .into_iter()
        .filter(|file| {
            let stem = file.file_stem().unwrap().to_str().unwrap();
            ["mod", "util", "utils", "common", "helpers", "misc"].contains(&stem) || RIDDLES.contains(&stem)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_file_that_the_architecture_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    // Folders may be packages of their own, which the packaged crate leaves out.
    let named = page.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = named
        .filter(|text| text.contains('/') && !text.ends_with('/') && !text.contains([' ', ':', '(']))
        .collect();
    let gone: Vec<_> = paths
        .iter()
        .filter(|path| {
            ["src", "tests", "docs", "examples", "apps"]
                .iter()
                .any(|folder| path.split('/').next() == Some(folder))
        })
        // The packaged crate has no applications.
        .filter(|path| !path.starts_with("apps/") || root.join("apps").exists())
        .filter(|path| !root.join(path).exists())
        .collect();
    assert!(paths.len() > 40, "the page names its files in backticks");
    assert!(gone.is_empty(), "ARCHITECTURE.md names files that are gone: {gone:?}");
}

#[test]
fn floors_decide_what_a_room_may_use() {
    assert!(!may_use("fold", "decider") && !may_use("decider", "process") && !may_use("model", "workbench"));
    assert!(may_use("process", "decider") && may_use("check", "spec") && may_use("recorded", "message"));
    assert!(!may_use("codec", "store") && may_use("store", "codec") && !may_use("store", "nowhere"));
}
