//! What `docs/async.md` quotes is in this package.

use std::fs;
use std::path::Path;

#[test]
fn the_chapter_quotes_the_service() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(package.join("../../docs/async.md")).unwrap();
    let mut sources = String::new();
    for file in fs::read_dir(package.join("src")).unwrap() {
        sources += &fs::read_to_string(file.unwrap().path()).unwrap();
    }
    // Quotes begin at the margin.
    let sources: String = sources.lines().map(|line| line.trim_start().to_string() + "\n").collect();
    let quotes: Vec<_> = chapter.split("```rust,ignore\n").skip(1).collect();
    assert!(quotes.len() > 2);
    for quote in quotes {
        let (quote, _) = quote.split_once("```").unwrap();
        let margin: String = quote.lines().map(|line| line.trim_start().to_string() + "\n").collect();
        assert!(sources.contains(&margin), "no file of the service has\n\n{quote}");
    }
}
