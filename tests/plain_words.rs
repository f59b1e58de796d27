//! The prose stays plain: words that have turned sentences into riddles before are counted, and their number is held low.
//! What to write instead is said in CONTRIBUTING.md. And links in documents lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

/// The words, and how many of each `src` and the documents may hold together: those that are left say what they mean.
const WORDS: &[(&str, usize)] = &[
    ("told", 7),
    ("tells of", 0),
    ("behind", 6),
    ("so many", 2),
    ("unless told otherwise", 0),
    ("whoever", 0),
    ("who wants", 0),
    ("anew", 0),
    ("has come to", 0),
    ("was come by", 0),
    ("what stands there", 0),
    ("where it stands", 0),
];

fn texts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "COMPARE.md"].iter().map(|name| root.join(name)).collect();
    let mut folders = vec![root.join("src"), root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// How often these words stand in a text, one after another, whatever is between them and however they are written. Words of
/// names count as well: `words_told` holds one.
fn count(text: &str, wanted: &str) -> usize {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let wanted: Vec<&str> = wanted.split(' ').collect();
    words.windows(wanted.len()).filter(|words| *words == wanted).count()
}

#[test]
fn riddles_are_rare() {
    let texts: Vec<(PathBuf, String)> =
        texts().into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let mut wrong = Vec::new();
    for (word, most) in WORDS {
        let mut places: Vec<(usize, String)> = texts
            .iter()
            .map(|(path, text)| (count(text, word), path.display().to_string()))
            .filter(|(count, _)| *count > 0)
            .collect();
        places.sort_by(|a, b| b.cmp(a));
        let all: usize = places.iter().map(|(count, _)| count).sum();
        if all > *most {
            let places: Vec<String> =
                places.iter().map(|(count, path)| format!("    {count} in {path}")).collect();
            wrong.push(format!("\"{word}\" {all} times, and {most} are allowed:\n{}", places.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "say it plainly:\n{}", wrong.join("\n"));
}

#[test]
fn words_are_counted_across_lines_and_in_names() {
    let text = "Told so\n//! many times: `is_told`, Untold, TOLD; so-many.";
    assert_eq!((count(text, "told"), count(text, "so many"), count(text, "told so")), (3, 2, 2));
}

/// A document without its blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The place of a heading, as forges and the site of the book have it.
fn anchor(heading: &str) -> String {
    let letters = heading.trim().to_lowercase();
    let kept = letters.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn leads_somewhere(document: &Path, link: &str) -> bool {
    let (file, place) = link.split_once('#').unwrap_or((link, ""));
    let folder = document.parent().unwrap();
    // A playable page is built from an example; what follows in its address is a story.
    if let Some(page) = file.strip_prefix("pages/") {
        let example = page.trim_end_matches(".html");
        return folder.join("../examples").join(example).join("main.rs").is_file();
    }
    let target = if file.is_empty() { document.to_path_buf() } else { folder.join(file) };
    let has_place = || {
        let text = prose(&fs::read_to_string(&target).unwrap());
        text.lines().any(|line| line.starts_with('#') && anchor(line.trim_start_matches('#')) == place)
    };
    target.exists() && (place.is_empty() || has_place())
}

#[test]
fn links_of_documents_lead_somewhere() {
    // An unpacked crate has documents that link to applications, and leaves the applications out.
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join("apps").is_dir() {
        return;
    }
    let mut dead = Vec::new();
    for document in texts().into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = prose(&fs::read_to_string(&document).unwrap());
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        let dead_here = links.filter(|link| !link.contains("://") && !leads_somewhere(&document, link));
        dead.extend(dead_here.map(|link| format!("{}: {link}", document.display())));
    }
    assert!(dead.is_empty(), "these lead nowhere:\n{}", dead.join("\n"));
}

#[test]
fn every_chapter_is_in_the_table_of_contents() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let contents = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let names = fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let missing: Vec<String> = names
        .filter(|name| {
            name.ends_with(".md") && name != "SUMMARY.md" && !contents.contains(&format!("]({name})"))
        })
        .collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md does not list {missing:?}");
}
