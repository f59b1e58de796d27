//! Reads Gherkin, line by line.
//!
//! The reader is the kit's own because its faults are for people who are no programmers, and because every text has to keep its
//! place: the crate `gherkin` names wrong lines, and gives a `Rule` that follows a scenario without steps to that scenario.

mod cells;
mod doc_string;
mod outline;
mod tags;
#[cfg(test)]
mod tests;

use self::cells::cells;
use self::doc_string::{Closings, DELIMITERS};
use self::outline::{Examples, Outline, scenarios, wrong_count};
use self::tags::tags;
use super::feature::{FeatureText, Placed, RuleText, ScenarioText, StepArgument, TextFault, TextPlace};
use super::languages::{Language, StepWord, TitleWord, Word};
use super::near::{Format, Position, near, quoted, unknown_language};
use super::places::{Copies, Faults, Places, cost};
use super::steps::{StepsOf, WrittenStep, steps};
use std::ops::Range;

/// Reads a specification in Gherkin: what it holds, and all that is wrong with it.
pub(crate) fn gherkin(text: &str) -> (FeatureText, Vec<TextFault>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places::of(text);
    let mut reader = Reader::new(&places);
    let mut index = 0;
    while index < places.line_count() {
        index = reader.line(index);
    }
    reader.finish()
}

/// What the lines that are read now belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// Nothing has been read but comments and tags.
    Top,
    /// The title of a feature or rule; descriptions follow it.
    Title,
    Background,
    Scenario,
    Examples,
    /// After a fault: steps are read, and not kept.
    Nothing,
}

/// A scenario of which not all lines are read.
struct OpenScenario {
    name: Placed,
    tags: Vec<Placed>,
    place: TextPlace,
    is_outline: bool,
    examples: Vec<Examples>,
}

struct Reader<'a> {
    places: &'a Places<'a>,
    closings: Closings,
    faults: Faults,
    copies: Copies,
    feature: FeatureText,
    has_feature: bool,
    section: Section,
    /// Tags that wait for what they belong to.
    tags: Vec<Placed>,
    scenario: Option<OpenScenario>,
    /// The steps of the open scenario or background.
    steps: Vec<WrittenStep>,
    has_background: bool,
    /// Whether the line before was prose, and a row.
    in_prose: bool,
    in_table: bool,
}

impl<'a> Reader<'a> {
    fn new(places: &'a Places<'a>) -> Reader<'a> {
        let feature = FeatureText {
            language: Language::english(),
            title: Placed::empty(TextPlace::START),
            tags: Vec::new(),
            background: Vec::new(),
            scenarios: Vec::new(),
            rules: Vec::new(),
        };
        Reader {
            places,
            closings: Closings::of(places),
            faults: Faults::default(),
            copies: Copies::new(),
            feature,
            has_feature: false,
            section: Section::Top,
            tags: Vec::new(),
            scenario: None,
            steps: Vec::new(),
            has_background: false,
            in_prose: false,
            in_table: false,
        }
    }

    fn finish(mut self) -> (FeatureText, Vec<TextFault>) {
        self.close();
        self.refuse_tags("nothing follows");
        (self.feature, self.faults.sorted())
    }

    /// Reads a line, and those that belong to it; gives the next.
    fn line(&mut self, index: usize) -> usize {
        let whole = self.places.line(index);
        let text = &self.places.text[whole.clone()];
        let start = whole.start + text.len() - text.trim_start().len();
        let line = start..start + text.trim().len();
        let text = &self.places.text[line.clone()];
        let was_in_prose = std::mem::take(&mut self.in_prose);
        let was_in_table = self.in_table;
        if text.is_empty() {
            return index + 1;
        }
        if text.starts_with('#') {
            self.comment(line);
            return index + 1;
        }
        self.in_table = false;
        // Descriptions of features and rules may hold tables and lists of their own.
        let is_free = self.section == Section::Title;
        if let Some(delimiter) = DELIMITERS.iter().position(|delimiter| text.starts_with(delimiter))
            && !is_free
        {
            return self.doc_string(index, line, start - whole.start, delimiter);
        }
        if text.starts_with('|') && !is_free {
            self.in_table = was_in_table;
            self.row(index, line);
            return index + 1;
        }
        if text.starts_with('@') {
            self.tags.extend(tags(self.places, line, &mut self.faults));
            return index + 1;
        }
        let language = self.feature.language;
        if let Some((word, end)) = language.title(text) {
            self.title(word, line.start, line.start + end..line.end);
        } else if let Some((word, end)) =
            language.step(text).filter(|(word, _)| *word != StepWord::And || !is_free)
        {
            self.step(index, word, line.start, line.start + end..line.end);
        } else {
            self.other(index, line, was_in_prose, was_in_table);
        }
        index + 1
    }

    fn comment(&mut self, line: Range<usize>) {
        let text = self.places.text[line.clone()][1..].trim_start();
        let Some((key, code)) = text.split_once(':') else { return };
        if !key.trim().eq_ignore_ascii_case("language") {
            return;
        }
        let code = code.trim();
        // Such as "# Language: see the glossary".
        if code.contains(char::is_whitespace) {
            return;
        }
        let place = self.places.at(line.start);
        if self.section != Section::Top || !self.tags.is_empty() {
            self.faults.push(place, || {
                "The line that names the language has to be the first of the file.".to_string()
            });
            return;
        }
        match Language::of(code) {
            Some(language) => self.feature.language = language,
            None => self.faults.push(place, || unknown_language(code)),
        }
    }

    /// Tags before something that takes none.
    fn refuse_tags(&mut self, what: &str) {
        if let Some(tag) = self.tags.first() {
            let language = self.feature.language;
            let word = |word| language.title_keyword(word);
            self.faults.push(tag.start(), || {
                format!(
                    "Tags stand on the lines before a {}, {}, {} or {}, and here {what}.",
                    word(TitleWord::Feature),
                    word(TitleWord::Rule),
                    word(TitleWord::Scenario),
                    word(TitleWord::Examples)
                )
            });
            self.tags.clear();
        }
    }

    fn title(&mut self, word: TitleWord, start: usize, title: Range<usize>) {
        let place = self.places.at(start);
        let title = self.places.placed(title);
        if word == TitleWord::Examples {
            return self.examples(place);
        }
        self.close();
        let keyword = self.feature.language.title_keyword(word);
        match word {
            TitleWord::Feature => {
                let tags = std::mem::take(&mut self.tags);
                if std::mem::replace(&mut self.has_feature, true) {
                    self.faults.push(place, || {
                        format!("A file holds one {keyword}. Put the second into a file of its own.")
                    });
                } else if !(self.feature.background.is_empty()
                    && self.feature.scenarios.is_empty()
                    && self.feature.rules.is_empty())
                {
                    self.faults.push(place, || format!("{keyword} stands at the beginning of its file."));
                } else {
                    (self.feature.title, self.feature.tags) = (title, tags);
                }
                self.section = Section::Title;
            }
            TitleWord::Rule => {
                let tags = std::mem::take(&mut self.tags);
                let (background, scenarios) = (Vec::new(), Vec::new());
                self.feature.rules.push(RuleText { title, tags, background, scenarios });
                self.has_background = false;
                self.section = Section::Title;
            }
            TitleWord::Background => {
                self.refuse_tags(&format!("{keyword} follows"));
                let rule = self.feature.rules.last();
                let scenarios = rule.map_or(&self.feature.scenarios, |rule| &rule.scenarios);
                let is_late = !scenarios.is_empty();
                if std::mem::replace(&mut self.has_background, true) {
                    self.faults.push(place, || {
                        format!("This is the second {keyword} here. Write its steps under the first.")
                    });
                } else if is_late {
                    self.faults.push(place, || format!("{keyword} stands before the scenarios it is for."));
                }
                self.section = Section::Background;
            }
            TitleWord::Scenario | TitleWord::Outline | TitleWord::Examples => {
                let tags = std::mem::take(&mut self.tags);
                let is_outline = word == TitleWord::Outline;
                self.scenario =
                    Some(OpenScenario { name: title, tags, place, is_outline, examples: Vec::new() });
                self.section = Section::Scenario;
            }
        }
    }

    fn examples(&mut self, place: TextPlace) {
        let tags = std::mem::take(&mut self.tags);
        if let Some(scenario) = &mut self.scenario {
            scenario.examples.push(Examples { place, tags, rows: Vec::new() });
            self.section = Section::Examples;
            return;
        }
        let language = self.feature.language;
        self.faults.push(place, || {
            let (examples, outline) =
                (language.title_keyword(TitleWord::Examples), language.title_keyword(TitleWord::Outline));
            format!("{examples} belong to a {outline}, and stand under its steps. Here is none.")
        });
        self.section = Section::Nothing;
    }

    fn step(&mut self, index: usize, word: StepWord, start: usize, text: Range<usize>) {
        let place = self.places.at(start);
        let language = self.feature.language;
        self.refuse_tags("a step follows");
        match self.section {
            Section::Background | Section::Scenario => {
                let text = self.places.placed(text);
                let last_line = line_number(index);
                self.steps.push(WrittenStep { word, text, place, argument: None, last_line });
            }
            Section::Top | Section::Title => {
                self.faults.push(place, || {
                    let (scenario, background) = (
                        language.title_keyword(TitleWord::Scenario),
                        language.title_keyword(TitleWord::Background),
                    );
                    format!("This step stands in no scenario. Write \"{scenario}: …\" or \"{background}:\" above it.")
                });
                if self.section == Section::Top {
                    self.section = Section::Nothing;
                }
            }
            Section::Examples => {
                self.faults.push(place, || {
                    let examples = language.title_keyword(TitleWord::Examples);
                    format!(
                        "This step stands under {examples}. Write it above them, or begin another scenario."
                    )
                });
                self.section = Section::Nothing;
            }
            // Reported already.
            Section::Nothing => {}
        }
    }

    fn row(&mut self, index: usize, row: Range<usize>) {
        let place = self.places.at(row.start);
        self.refuse_tags("a table follows");
        let (cells, rest) = cells(self.places, row);
        let after = self.places.text[rest.clone()].trim_start();
        if !after.is_empty() {
            let place = self.places.at(rest.end - after.len());
            self.faults
                .push(place, || format!("A row ends with |, and {} follows its last one.", quoted(after)));
        }
        let was_in_table = std::mem::replace(&mut self.in_table, true);
        match (self.section, self.scenario.as_mut().and_then(|scenario| scenario.examples.last_mut())) {
            (Section::Examples, Some(examples)) => examples.rows.push((place, cells)),
            (Section::Background | Section::Scenario, _) => self.step_row(index, place, cells, was_in_table),
            (Section::Nothing, _) => {}
            _ if !was_in_table => {
                self.faults.push(place, || {
                    "A table stands under a step, or under the examples of an outline.".to_string()
                });
            }
            _ => {}
        }
    }

    fn step_row(&mut self, index: usize, place: TextPlace, cells: Vec<Placed>, was_in_table: bool) {
        let Some(step) = self.steps.last_mut() else {
            if !was_in_table {
                self.faults.push(place, || "A table stands under a step, and here is none yet.".to_string());
            }
            return;
        };
        match &mut step.argument {
            Some(StepArgument::Table(rows)) if was_in_table => {
                let expected = rows.first().map_or(cells.len(), Vec::len);
                if cells.len() != expected {
                    let found = cells.len();
                    self.faults.push(place, || wrong_count(found, expected));
                }
                rows.push(cells);
                step.last_line = line_number(index);
            }
            Some(_) if !was_in_table => {
                self.faults.push(place, || {
                    "A step has one table or one text under it, and this is the second.".to_string()
                });
            }
            Some(_) => {}
            none => {
                *none = Some(StepArgument::Table(vec![cells]));
                step.last_line = line_number(index);
            }
        }
    }

    /// Reads a text of several lines; gives the line after it.
    fn doc_string(&mut self, index: usize, line: Range<usize>, indent: usize, delimiter: usize) -> usize {
        let place = self.places.at(line.start);
        let quotes = DELIMITERS[delimiter];
        self.refuse_tags("a text follows");
        let closing = self.closings.after(index, delimiter);
        if closing.is_none() {
            self.faults.push(place, || {
                format!("This text is not closed. Write {quotes} on a line of its own after its last line.")
            });
        }
        let end = closing.unwrap_or_else(|| self.next_keyword(index + 1));
        if let Some(closing) = closing {
            let text = &self.places.text[self.places.line(closing)];
            let after = text.trim()[quotes.len()..].trim();
            if !after.is_empty() {
                let place = self
                    .places
                    .at(self.places.line(closing).end - text.len() + text.find(quotes).unwrap_or(0));
                self.faults.push(place, || {
                    format!(
                        "{quotes} ends the text, and {} follows. Inside the text, write {} for {quotes}.",
                        quoted(after),
                        quotes.chars().flat_map(|quote| ['\\', quote]).collect::<String>()
                    )
                });
            }
        }
        let is_step = matches!(self.section, Section::Background | Section::Scenario);
        let step = if is_step { self.steps.last_mut() } else { None };
        match step {
            Some(step) if step.argument.is_none() => {
                let indent_start = line.start - indent;
                let indentation = self.places.text[indent_start..line.start].chars().count();
                let lines = doc_string::lines(self.places, index + 1..end, indentation, quotes);
                step.argument = Some(StepArgument::DocString(lines));
                step.last_line = line_number(closing.unwrap_or(end.max(1) - 1));
            }
            Some(_) => self.faults.push(place, || {
                "A step has one table or one text under it, and this is the second.".to_string()
            }),
            None if self.section == Section::Nothing => {}
            None => self
                .faults
                .push(place, || format!("A text between {quotes} stands under a step, and here is none.")),
        }
        closing.map_or(end, |closing| closing + 1)
    }

    /// The next line that begins with a keyword: where to read on after a text that is not closed.
    fn next_keyword(&self, from: usize) -> usize {
        let language = self.feature.language;
        let is_keyword = |index: &usize| {
            let text = self.places.text[self.places.line(*index)].trim();
            language.title(text).is_some() || language.step(text).is_some()
        };
        (from..self.places.line_count()).find(is_keyword).unwrap_or(self.places.line_count())
    }

    /// A line that begins with no keyword: a part of a description, or a mistake.
    fn other(&mut self, index: usize, line: Range<usize>, was_in_prose: bool, was_in_table: bool) {
        let text = &self.places.text[line.clone()];
        let language = self.feature.language;
        let has_rows = || {
            let examples = self.scenario.as_ref().and_then(|scenario| scenario.examples.last());
            examples.is_some_and(|examples| !examples.rows.is_empty())
        };
        let position = match self.section {
            Section::Top => Position::Top,
            Section::Title => Position::Title,
            Section::Examples if has_rows() => Position::Step,
            Section::Examples => Position::Title,
            Section::Background | Section::Scenario if self.steps.is_empty() => {
                Position::FirstStep { in_prose: was_in_prose }
            }
            Section::Background | Section::Scenario | Section::Nothing => Position::Step,
        };
        let place = self.places.at(line.start);
        if let Some(near) = near(language, text, position, Format::Gherkin) {
            self.faults.push(place, || near.message);
            // Its first title is in another language: so is the whole file.
            if let (Some(other), Position::Top) = (near.language, position) {
                self.feature.language = other;
            }
            match near.word {
                Word::Step(word) => self.step(index, word, line.start, line.start + near.end..line.end),
                Word::Title(word) => self.title(word, line.start, line.start + near.end..line.end),
            }
            return;
        }
        self.refuse_tags("other text follows");
        let step_words = || {
            let word = |word| language.step_keyword(word).trim_end();
            format!(
                "{}, {}, {} or {}",
                word(StepWord::Given),
                word(StepWord::When),
                word(StepWord::Then),
                word(StepWord::And)
            )
        };
        match (self.section, position) {
            (Section::Top, _) => {
                let feature = language.title_keyword(TitleWord::Feature);
                self.faults.push(place, || {
                    format!("A specification begins with \"{feature}: …\". Put # before a comment.")
                });
                self.section = Section::Title;
            }
            (Section::Nothing, _) => {}
            (Section::Examples, Position::Step) => self.faults.push(place, || {
                format!("{} is no row: a row begins and ends with |.", quoted(text))
            }),
            (_, Position::Step) => self.faults.push(place, || {
                let row = if was_in_table { ", and a row with |" } else { "" };
                format!(
                    "{} is no step: a step begins with {}{row}. A description stands before the first step; a comment \
                     begins with #.",
                    quoted(text),
                    step_words()
                )
            }),
            _ => self.in_prose = true,
        }
    }

    /// Ends the scenario or background that is read.
    fn close(&mut self) {
        let written = std::mem::take(&mut self.steps);
        let language = self.feature.language;
        if self.section == Section::Background {
            let steps = steps(written, StepsOf::Background, language, &mut self.faults);
            let rule = self.feature.rules.last_mut();
            let background = rule.map_or(&mut self.feature.background, |rule| &mut rule.background);
            background.extend(steps);
            return;
        }
        let Some(scenario) = self.scenario.take() else { return };
        let steps = steps(written, StepsOf::Scenario, language, &mut self.faults);
        let OpenScenario { name, mut tags, place, is_outline, examples } = scenario;
        let inherited =
            self.feature.rules.last().map_or(&[][..], |rule| &rule.tags).iter().chain(&self.feature.tags);
        if !self.copies.take(|| cost(inherited.clone()), place, &mut self.faults) {
            return;
        }
        tags.extend(inherited.cloned());
        let made = if !examples.is_empty() {
            let outline = Outline { name, tags, steps };
            scenarios(&outline, &examples, &mut self.copies, &mut self.faults)
        } else if is_outline {
            self.faults.push(place, || {
                let (outline, examples, scenario) = (
                    language.title_keyword(TitleWord::Outline),
                    language.title_keyword(TitleWord::Examples),
                    language.title_keyword(TitleWord::Scenario),
                );
                format!(
                    "A {outline} needs \"{examples}:\" under its steps, with a table of what its placeholders stand \
                     for. Without placeholders, write \"{scenario}:\"."
                )
            });
            Vec::new()
        } else {
            vec![ScenarioText { name, tags, steps, place, from_outline: false }]
        };
        let rule = self.feature.rules.last_mut();
        rule.map_or(&mut self.feature.scenarios, |rule| &mut rule.scenarios).extend(made);
    }
}

/// The number of a line, counted from 1, of its index.
fn line_number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
