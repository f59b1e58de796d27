//! Outlines as Gherkin writes them, with headings and placeholders: Markdown has tables for that.

use super::super::languages::{Language, TitleWord};
use super::super::near::quoted;
use super::super::places::Faults;
use super::Section;
use super::rows::column_names;

/// The sections without outlines, each of which is one fault.
pub(super) fn without(sections: Vec<Section>, language: &Language, faults: &mut Faults) -> Vec<Section> {
    let mut kept: Vec<Section> = Vec::with_capacity(sections.len());
    let mut sections = sections.into_iter().peekable();
    while let Some(mut section) = sections.next() {
        let mut columns = std::mem::take(&mut section.columns);
        let begins = begins_with(&section, TitleWord::Outline, language);
        let examples = sections.peek().filter(|next| begins_with(next, TitleWord::Examples, language));
        columns.extend(examples.iter().flat_map(|examples| examples.columns.iter().cloned()));
        let has_placeholder = section.steps.iter().any(|step| {
            columns.iter().any(|column| !column.is_empty() && step.text.text.contains(&format!("<{column}>")))
        });
        if !begins && !has_placeholder {
            kept.push(section);
            continue;
        }
        faults.push(section.place, || {
            let [name, given, when, then] = column_names(language).map(|name| quoted(&name));
            format!(
                "An outline is written as a table in Markdown: a row for each scenario, and the columns {name}, {given}, \
                 {when} and {then}."
            )
        });
        while sections.next_if(|next| begins_with(next, TitleWord::Examples, language)).is_some() {}
    }
    kept
}

/// Whether a heading begins with this keyword, with a colon or alone.
fn begins_with(section: &Section, word: TitleWord, language: &Language) -> bool {
    let title = section.title.text.trim();
    let is_it = |found: Option<(TitleWord, usize)>| found.is_some_and(|(found, _)| found == word);
    section.depth > 0 && (is_it(language.title(title)) || is_it(language.title(&format!("{title}:"))))
}
