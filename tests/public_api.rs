//! What is public, as rustdoc shows it, is what `docs/public-api.txt` says: no change of the interface goes unseen.
//!
//! It reads the pages of `cargo doc --all-features --no-deps`, and is ignored without them:
//! `cargo test --test public_api -- --ignored`. With `LEFTFOLD_ACCEPT=1` it writes the file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The blocks of a page that say what is public.
const DECLARATION: (&str, &str) = (r#"<pre class="rust item-decl">"#, "</pre>");
const HEADER: (&str, &str) = (r#" class="code-header">"#, "</h");

/// Traits that every type has, or does without, by itself, and that nobody relies on.
const UNSAID: [&str; 6] =
    ["Freeze", "RefUnwindSafe", "StructuralPartialEq", "Unpin", "UnsafeUnpin", "UnwindSafe"];

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| {
        panic!("{}: {error}; run `cargo doc --all-features --no-deps` first", folder.display())
    });
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            found.push(path);
        }
    }
}

/// A block as text on one line.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    let text = text.replace("&amp;", "&").replace("\u{a0}", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of all blocks of a kind.
fn blocks<'h>(html: &'h str, (begin, end): (&'h str, &'h str)) -> impl Iterator<Item = String> + 'h {
    html.split(begin).skip(1).filter_map(move |rest| Some(text(&rest[..rest.find(end)?])))
}

/// What one page says: the item, then its methods and the traits that it implements.
fn lines_of(html: &str) -> BTreeSet<String> {
    // Implementations for all types are no choice of the kit.
    let own = html.split(r#"id="blanket-implementations""#).next().unwrap_or(html);
    let own = own.split(r#"id="deref-methods"#).next().unwrap_or(own);
    let headers = blocks(own, HEADER).filter(|line| {
        // Methods of other crates' traits are said by the trait.
        let is_of_a_trait =
            line.starts_with("fn ") || line.starts_with("type ") || line.starts_with("const ");
        let is_heading = line.starts_with("impl") && !line.contains(" for ");
        !is_of_a_trait && !is_heading && !UNSAID.iter().any(|name| line.contains(&format!("{name} for ")))
    });
    blocks(own, DECLARATION).chain(headers).filter(|line| !line.is_empty()).collect()
}

fn public_api(doc: &Path) -> String {
    let mut found = Vec::new();
    pages(doc, &mut found);
    found.sort();
    let mut api = String::from(
        "# What is public, page by page of the documentation. `tests/public_api.rs` writes it.\n",
    );
    for page in found {
        let name = page.strip_prefix(doc).expect("a page of the folder").display().to_string();
        let html = fs::read_to_string(&page).expect("a page is text");
        let lines = lines_of(&html);
        if name.ends_with("index.html") || lines.is_empty() {
            continue;
        }
        api.push_str(&format!("\n{}\n", name.trim_end_matches(".html")));
        for line in lines {
            api.push_str(&format!("  {line}\n"));
        }
    }
    api
}

#[test]
#[ignore = "needs the pages of `cargo doc`"]
fn a_change_of_the_public_api_is_a_change_of_its_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let api = public_api(&target.join("doc/leftfold"));
    let file = root.join("docs/public-api.txt");
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(&file, &api).expect("the list is written");
    }
    let listed = fs::read_to_string(&file).unwrap_or_default();
    let (listed_lines, lines): (Vec<&str>, Vec<&str>) = (listed.lines().collect(), api.lines().collect());
    let gone: Vec<_> = listed_lines.iter().filter(|line| !lines.contains(line)).take(20).collect();
    let new: Vec<_> = lines.iter().filter(|line| !listed_lines.contains(line)).take(20).collect();
    assert!(
        listed == api,
        "the public API has changed. Gone: {gone:#?}\nNew: {new:#?}\nIf it is meant, accept it with LEFTFOLD_ACCEPT=1"
    );
}

#[test]
fn a_page_is_read_as_its_declarations() {
    let page = r##"<pre class="rust item-decl"><code>pub struct <a href="x">Lamp</a>&lt;T&gt;;</code></pre>
        <h4 class="code-header">pub fn on(&amp;self) -&gt; bool</h4><h4 class="code-header">fn fmt(&amp;self)</h4>
        <h3 class="code-header">impl Send for Lamp</h3>
        <h2 id="blanket-implementations"><h3 class="code-header">impl&lt;T&gt; Any for T</h3>"##;
    let lines: Vec<String> = lines_of(page).into_iter().collect();
    assert_eq!(lines, ["impl Send for Lamp", "pub fn on(&self) -> bool", "pub struct Lamp<T>;"]);
}
