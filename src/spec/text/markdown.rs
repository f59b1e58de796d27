//! Reads Markdown: headings are the feature, its rules and its scenarios; lists are steps; a row of a table is a scenario.
//!
//! Everything else is prose, and kept out.

mod blocks;
mod outline;
mod rows;
#[cfg(test)]
mod tests;

use self::blocks::{Block, Inline, Item, blocks};
use self::rows::{Table, rows};
use super::feature::{FeatureText, Placed, RuleText, ScenarioText, TextFault, TextPlace};
use super::languages::{Language, StepWord, Word};
use super::near::{Format, Position, near, quoted, unknown_language};
use super::places::{Copies, Faults, Places, cost};
use super::steps::{StepsOf, WrittenStep, steps};
use pulldown_cmark::HeadingLevel;

/// What an open question's heading begins with.
const OPEN_QUESTION: &str = "open question:";
/// What the heading of any scenario may begin with.
const SCENARIO: &str = "scenario:";
const OPEN_QUESTION_TAG: &str = "open-question";

/// Reads a specification in Markdown: what it holds, and all that is wrong with it.
pub(crate) fn markdown(text: &str) -> (FeatureText, Vec<TextFault>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places::of(text);
    let mut page = Page::new();
    for block in blocks(&places) {
        page.block(block);
    }
    page.finish()
}

/// A heading and what stands under it.
struct Section {
    /// How many headings it stands under: 0 for the feature, 1 for a rule or a scenario, 2 for a scenario of a rule.
    depth: usize,
    title: Placed,
    place: TextPlace,
    tags: Vec<Placed>,
    steps: Vec<WrittenStep>,
    tables: Vec<Table>,
    has_prose: bool,
    /// The first paragraph that begins as a step does, and goes on as prose.
    like_a_step: Option<TextPlace>,
    /// The columns of tables that are no scenarios.
    columns: Vec<String>,
}

impl Section {
    /// Whether it belongs to the specification, and is not only prose.
    fn specifies(&self) -> bool {
        let is_question = self.tags.iter().any(|tag| tag.text == OPEN_QUESTION_TAG);
        !self.steps.is_empty() || !self.tables.is_empty() || is_question || !self.has_prose
    }

    /// Reports a paragraph that was meant as the steps of a scenario.
    fn report_paragraph(&self, faults: &mut Faults) {
        if let Some(place) = self.like_a_step {
            faults.push(place, no_item);
        }
    }
}

struct Page {
    language: &'static Language,
    faults: Faults,
    sections: Vec<Section>,
    /// The levels of the headings that the last section stands under, its own among them.
    levels: Vec<HeadingLevel>,
    has_title: bool,
    /// Whether the block before was steps.
    after_steps: bool,
}

impl Page {
    fn new() -> Page {
        let feature = Section {
            depth: 0,
            title: Placed::empty(TextPlace::START),
            place: TextPlace::START,
            tags: Vec::new(),
            steps: Vec::new(),
            tables: Vec::new(),
            has_prose: false,
            like_a_step: None,
            columns: Vec::new(),
        };
        Page {
            language: Language::english(),
            faults: Faults::default(),
            sections: vec![feature],
            levels: Vec::new(),
            has_title: false,
            after_steps: false,
        }
    }

    fn section(&mut self) -> &mut Section {
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn block(&mut self, block: Block) {
        let after_steps = std::mem::take(&mut self.after_steps);
        match block {
            Block::Heading { level, place, text } => self.heading(level, place, text.text),
            Block::Paragraph { place, text } => self.paragraph(place, &text),
            Block::List(items) => self.list(items),
            Block::Table { header, rows } => self.table(header, rows),
            Block::Comment(comment) => self.comment(&comment),
            Block::Code(place) if after_steps => self.faults.push(place, || {
                "This text belongs to no step. To give it to the step above, indent it as far as the step's words."
                    .to_string()
            }),
            Block::Code(_) => self.section().has_prose = true,
        }
    }

    fn heading(&mut self, level: HeadingLevel, place: TextPlace, title: Placed) {
        let mut tags = Vec::new();
        let begins =
            |mark: &str| title.text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
        let after = |mark: &str| title.slice(mark.len()..title.text.len()).trimmed();
        let title = match level {
            HeadingLevel::H1 => title,
            _ if begins(OPEN_QUESTION) => {
                tags.push(Placed::new(OPEN_QUESTION_TAG, title.start()));
                after(OPEN_QUESTION)
            }
            // Before a name that begins like one of these marks.
            _ if begins(SCENARIO) => after(SCENARIO),
            _ => title,
        };
        if level == HeadingLevel::H1 {
            self.levels.clear();
            if !std::mem::replace(&mut self.has_title, true) {
                // Sections before it stay what they are.
                let feature = &mut self.sections[0];
                (feature.title, feature.place) = (title, place);
                feature.tags.extend(tags);
                if self.sections.len() > 1 {
                    self.faults.push(place, || {
                        "The heading with one # is the title of the whole file, and stands at its beginning."
                            .to_string()
                    });
                }
                return;
            }
            self.faults.push(place, || {
                "A file has one heading with one #, its title. Give this one two, or put it into a file of its own."
                    .to_string()
            });
        }
        while self.levels.last().is_some_and(|above| *above >= level) {
            self.levels.pop();
        }
        // After a second title, scenarios and rules go on as before it.
        if level != HeadingLevel::H1 {
            self.levels.push(level);
        }
        let depth = self.levels.len().max(1);
        let (steps, tables, columns, like_a_step) = (Vec::new(), Vec::new(), Vec::new(), None);
        let section =
            Section { depth, title, place, tags, steps, tables, has_prose: false, like_a_step, columns };
        self.sections.push(section);
    }

    fn paragraph(&mut self, place: TextPlace, line: &Inline) {
        let text = &line.text;
        let section = self.section();
        let is_first = section.steps.is_empty() && section.tables.is_empty() && !section.has_prose;
        if is_first && text.text.starts_with('@') {
            return self.tags(text);
        }
        section.has_prose = true;
        if line.bold > 0 && step_word(self.language, line).is_some() {
            self.faults.push(place, || {
                "This is no step of a list. A step begins with a dash and a space: - **Given** …"
                    .replace("Given", self.language.step_keyword(StepWord::Given).trim_end())
            });
        } else if !ends_a_sentence(&text.text) {
            let language = self.language;
            let starts = std::iter::once(0).chain(line.lines.iter().copied());
            let mut are_steps = starts.map(|start| language.step(&text.text[start..]).is_some());
            if are_steps.next() == Some(true) {
                // Prose that goes on may begin a line like a step; a scenario has nothing but prose if it has no list.
                match are_steps.all(|is_step| is_step) {
                    true => self.faults.push(place, no_item),
                    false => _ = self.section().like_a_step.get_or_insert(place),
                }
            }
        }
    }

    fn tags(&mut self, line: &Placed) {
        let mut parts = Vec::new();
        for word in line.text.split_whitespace() {
            // The word is a part of the text, so its distance from the beginning is its place.
            let start = word.as_ptr() as usize - line.text.as_ptr() as usize;
            parts.push(start..start + word.trim_end_matches(',').len());
        }
        for tag in line.slices(&parts) {
            match tag.text.strip_prefix('@') {
                Some(name) if !name.is_empty() => {
                    let name = tag.slice(1..tag.text.len());
                    self.section().tags.push(name);
                }
                Some(_) => self
                    .faults
                    .push(tag.start(), || "A tag needs a name after its @, such as @nightly.".to_string()),
                None => self.faults.push(tag.start(), || {
                    format!(
                        "A line of tags has nothing else in it, and {} does not begin with @.",
                        quoted(&tag.text)
                    )
                }),
            }
        }
    }

    fn comment(&mut self, comment: &Placed) {
        let Some((key, code)) = comment.text.split_once(':') else { return };
        let code = code.trim();
        if !key.trim().eq_ignore_ascii_case("language") || code.contains(char::is_whitespace) {
            return;
        }
        if self.has_title || self.sections.len() > 1 || !self.section().steps.is_empty() {
            self.faults.push(comment.start(), || {
                "The line that names the language has to be the first of the file.".to_string()
            });
            return;
        }
        match Language::of(code) {
            Some(language) => self.language = language,
            None => self.faults.push(comment.start(), || unknown_language(code)),
        }
    }

    fn list(&mut self, items: Vec<Item>) {
        let language = self.language;
        let is_step = |item: &Item| step_word(language, &item.text).is_some();
        let is_nearly = |item: &Item| {
            let position = match item.text.bold {
                0 => Position::FirstStep { in_prose: false },
                _ => Position::Step,
            };
            near(language, &item.text.text.text, position, Format::Markdown)
                .is_some_and(|near| matches!(near.word, Word::Step(_)))
        };
        if !items.iter().any(is_step) && !items.first().is_some_and(is_nearly) {
            self.section().has_prose = true;
            return;
        }
        self.after_steps = true;
        let mut is_nested = false;
        for item in items {
            if item.is_nested && !std::mem::replace(&mut is_nested, true) {
                self.faults.push(item.place, || {
                    "This step stands inside another. Write the steps one below the other, each with its dash at the same column."
                        .to_string()
                });
            }
            if let Some(place) = item.second_argument {
                self.faults.push(place, || {
                    "A step has one table or one text under it, and this is the second.".to_string()
                });
            }
            self.item(item);
        }
    }

    fn item(&mut self, item: Item) {
        let language = self.language;
        let Item { text: line, argument, last_line, .. } = item;
        let text = &line.text;
        let place = text.start();
        let found = step_word(language, &line).or_else(|| {
            let near = near(language, &text.text, Position::Step, Format::Markdown)?;
            let Word::Step(word) = near.word else { return None };
            self.faults.push(place, || near.message);
            Some((word, near.end))
        });
        let Some((word, end)) = found else {
            let word = |word| language.step_keyword(word).trim_end();
            self.faults.push(place, || {
                format!(
                    "{} is no step: a step begins with {}, {}, {} or {}.",
                    quoted(&text.text),
                    word(StepWord::Given),
                    word(StepWord::When),
                    word(StepWord::Then),
                    word(StepWord::And)
                )
            });
            return;
        };
        let text = text.slice(end..text.text.len()).trimmed();
        self.section().steps.push(WrittenStep { word, text, place, argument, last_line });
    }

    fn table(&mut self, header: Vec<Inline>, rows: Vec<(TextPlace, Vec<Inline>)>) {
        let columns: Vec<String> = header.iter().map(|cell| cell.text.text.trim().to_string()).collect();
        match Table::of(header, rows, self.language, &mut self.faults) {
            Some(table) => self.section().tables.push(table),
            None => {
                let section = self.section();
                section.has_prose = true;
                section.columns.extend(columns);
            }
        }
    }

    fn finish(mut self) -> (FeatureText, Vec<TextFault>) {
        let mut copies = Copies::new();
        let sections = outline::without(std::mem::take(&mut self.sections), self.language, &mut self.faults);
        let mut sections = sections.into_iter().peekable();
        let mut feature = FeatureText {
            language: self.language,
            title: Placed::empty(TextPlace::START),
            tags: Vec::new(),
            background: Vec::new(),
            scenarios: Vec::new(),
            rules: Vec::new(),
        };
        let (language, faults) = (self.language, &mut self.faults);
        if let Some(root) = sections.next() {
            (feature.title, feature.tags) = (root.title, root.tags);
            feature.background = steps(root.steps, StepsOf::Background, language, faults);
            feature.scenarios = rows(root.tables, &feature.tags, &mut copies, faults, language);
        }
        while let Some(section) = sections.next() {
            let mut under: Vec<Section> = Vec::new();
            while let Some(next) = sections.next_if(|next| next.depth > 1) {
                under.push(next);
            }
            under.retain(|section| {
                let specifies = section.specifies();
                if !specifies {
                    section.report_paragraph(faults);
                }
                specifies
            });
            if under.is_empty() && section.tables.is_empty() {
                if section.specifies() {
                    let found = scenario(section, &feature.tags, &mut copies, faults, language);
                    feature.scenarios.extend(found);
                } else {
                    section.report_paragraph(faults);
                }
                continue;
            }
            let inherited: Vec<Placed> = section.tags.iter().chain(&feature.tags).cloned().collect();
            let background = steps(section.steps, StepsOf::Background, language, faults);
            let mut scenarios = rows(section.tables, &inherited, &mut copies, faults, language);
            for mut section in under {
                let tables = std::mem::take(&mut section.tables);
                if tables.is_empty() {
                    if section.depth > 2 {
                        faults.push(section.place, || {
                            "This heading stands under that of a scenario. A rule has scenarios under it, and a scenario \
                             has none."
                                .to_string()
                        });
                    }
                    scenarios.extend(scenario(section, &inherited, &mut copies, faults, language));
                    continue;
                }
                faults.push(section.place, || {
                    "A table stands under the heading of a rule or of the whole file, and this heading stands under a \
                     rule."
                        .to_string()
                });
                scenarios.extend(rows(tables, &inherited, &mut copies, faults, language));
            }
            feature.rules.push(RuleText { title: section.title, tags: section.tags, background, scenarios });
        }
        (feature, self.faults.sorted())
    }
}

fn no_item() -> String {
    "A step is an item of a list: begin the line with a dash and a space, as in: - When …".to_string()
}

/// Prose ends with a mark, and a step without one.
fn ends_a_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', ':', '…', '。', '！', '？', '：'])
}

/// The scenario of a heading.
fn scenario(
    section: Section,
    inherited: &[Placed],
    copies: &mut Copies,
    faults: &mut Faults,
    language: &'static Language,
) -> Option<ScenarioText> {
    let Section { title: name, place, mut tags, steps: written, .. } = section;
    if !copies.take(|| cost(inherited), place, faults) {
        return None;
    }
    tags.extend_from_slice(inherited);
    let steps = steps(written, StepsOf::Scenario, language, faults);
    Some(ScenarioText { name, tags, steps, place, from_outline: false })
}

/// The keyword that a line begins with, bold or not, and where the text after it begins.
fn step_word(language: &'static Language, line: &Inline) -> Option<(StepWord, usize)> {
    let text = &line.text.text;
    let bold = text[..line.bold].trim();
    if !bold.is_empty()
        && let Some((word, end)) = language.step(bold)
        && end == bold.len()
    {
        return Some((word, line.bold));
    }
    language.step(text)
}
