//! The keywords of Gherkin, in all its languages.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A keyword that begins a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepWord {
    Given,
    When,
    Then,
    /// And, But or `*`.
    And,
}

/// A keyword that a colon and a title follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TitleWord {
    Feature,
    Background,
    Rule,
    Scenario,
    Outline,
    Examples,
}

/// A keyword of either kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Step(StepWord),
    Title(TitleWord),
}

/// A language of keywords.
#[derive(Debug)]
pub(crate) struct Language {
    /// Such as `de`.
    pub(crate) code: &'static str,
    /// Such as `German`.
    pub(crate) name: &'static str,
    /// Such as `Deutsch`.
    pub(crate) native: &'static str,
    /// All keywords, longest first. A step's keyword ends with a space if one has to follow it.
    keywords: Vec<(&'static str, Word)>,
    written: Written,
}

/// The keywords for writing.
#[derive(Debug)]
struct Written {
    given: &'static str,
    when: &'static str,
    then: &'static str,
    and: &'static str,
    feature: &'static str,
    background: &'static str,
    rule: &'static str,
    scenario: &'static str,
    outline: &'static str,
    examples: &'static str,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let lines = include_str!("languages.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Language::parse).collect()
});

/// A keyword, what it is, and its language.
type KnownKeyword = (&'static str, Word, &'static Language);

/// All keywords of all languages by their first character, longest first.
static ALL_KEYWORDS: LazyLock<HashMap<char, Vec<KnownKeyword>>> = LazyLock::new(|| {
    let mut all = HashMap::<char, Vec<_>>::new();
    for language in LANGUAGES.iter() {
        for (keyword, word) in language.keywords.iter().filter(|(keyword, _)| *keyword != "* ") {
            if let Some(first) = keyword.chars().next() {
                all.entry(first).or_default().push((*keyword, *word, language));
            }
        }
    }
    all.values_mut().for_each(|keywords| keywords.sort_by_key(|(keyword, ..)| usize::MAX - keyword.len()));
    all
});

impl Language {
    /// The language of this code, in any case.
    pub(crate) fn of(code: &str) -> Option<&'static Language> {
        let same = |own: &str| {
            own.len() == code.len()
                && own
                    .bytes()
                    .zip(code.bytes())
                    .all(|(own, byte)| own.eq_ignore_ascii_case(&byte) || (own == b'-' && byte == b'_'))
        };
        LANGUAGES.iter().find(|language| same(language.code))
    }

    /// The language that people call so, in English or in the language itself.
    pub(super) fn called(name: &str) -> Option<&'static Language> {
        let name = name.to_lowercase();
        let same = |own: &str| own.to_lowercase() == name;
        LANGUAGES.iter().find(|language| same(language.name) || same(language.native))
    }

    /// The default.
    pub(crate) fn english() -> &'static Language {
        static ENGLISH: LazyLock<&'static Language> =
            LazyLock::new(|| Language::of("en").unwrap_or(&LANGUAGES[0]));
        *ENGLISH
    }

    pub(crate) fn all() -> &'static [Language] {
        &LANGUAGES
    }

    /// A line of the table.
    fn parse(line: &'static str) -> Option<Language> {
        let mut fields = line.split('|');
        let (code, name, native) = (fields.next()?, fields.next()?, fields.next()?);
        let mut next = || Some(fields.next()?.split(';').collect::<Vec<_>>());
        let (given, when, then, and, but) = (next()?, next()?, next()?, next()?, next()?);
        let (feature, background, rule) = (next()?, next()?, next()?);
        let (scenario, outline, examples) = (next()?, next()?, next()?);

        let mut keywords = vec![("* ", Word::Step(StepWord::And))];
        let mut add = |list: &[&'static str], word| keywords.extend(list.iter().map(|one| (*one, word)));
        add(&given, Word::Step(StepWord::Given));
        add(&when, Word::Step(StepWord::When));
        add(&then, Word::Step(StepWord::Then));
        add(&and, Word::Step(StepWord::And));
        add(&but, Word::Step(StepWord::And));
        add(&feature, Word::Title(TitleWord::Feature));
        add(&background, Word::Title(TitleWord::Background));
        add(&rule, Word::Title(TitleWord::Rule));
        add(&scenario, Word::Title(TitleWord::Scenario));
        add(&outline, Word::Title(TitleWord::Outline));
        add(&examples, Word::Title(TitleWord::Examples));
        keywords.sort_by_key(|(keyword, _)| usize::MAX - keyword.len());

        // A step must not be taken for one with a longer keyword: "Tha the ship sails" begins with "Tha the ".
        let step = |list: &[&'static str]| {
            let begins_another =
                |one: &str| keywords.iter().any(|(other, _)| *other != one && other.starts_with(one));
            list.iter().find(|one| !begins_another(one)).or(list.first()).copied()
        };
        // Many languages know the English word as well, and "Beispiel" is easily taken for "Beispiele".
        let title = |list: &[&'static str], english: &str| {
            let is_clear = |one: &&&str| {
                let begins_another = examples.iter().any(|other| other != *one && other.starts_with(**one));
                (code == "en") == (**one == english) && (code == "en" || !begins_another)
            };
            list.iter().find(is_clear).or(list.first()).copied()
        };
        let written = Written {
            given: step(&given)?,
            when: step(&when)?,
            then: step(&then)?,
            and: step(&and)?,
            feature: title(&feature, "Feature")?,
            background: title(&background, "Background")?,
            rule: title(&rule, "Rule")?,
            scenario: title(&scenario, "Scenario")?,
            outline: title(&outline, "Scenario Outline")?,
            examples: title(&examples, "Examples")?,
        };
        Some(Language { code, name, native, keywords, written })
    }

    /// The keyword of a step that a line begins with, and where the text after it begins. White space around the line is cut off.
    pub(super) fn step(&self, line: &str) -> Option<(StepWord, usize)> {
        self.keywords.iter().find_map(|(keyword, word)| match word {
            Word::Step(word) => after_step(line, keyword).map(|end| (*word, end)),
            Word::Title(_) => None,
        })
    }

    /// The keyword of a title that a line begins with, and where the text after its colon begins.
    pub(super) fn title(&self, line: &str) -> Option<(TitleWord, usize)> {
        self.keywords.iter().find_map(|(keyword, word)| match word {
            Word::Title(word) => after_title(line, keyword).map(|end| (*word, end)),
            Word::Step(_) => None,
        })
    }

    /// All keywords and what they are.
    pub(super) fn keywords(&self) -> impl Iterator<Item = (&'static str, Word)> + '_ {
        self.keywords.iter().copied()
    }

    /// The keyword for writing a step, with the space that has to follow it.
    pub(crate) fn step_keyword(&self, word: StepWord) -> &'static str {
        match word {
            StepWord::Given => self.written.given,
            StepWord::When => self.written.when,
            StepWord::Then => self.written.then,
            StepWord::And => self.written.and,
        }
    }

    /// The keyword for writing a title, without its colon.
    pub(crate) fn title_keyword(&self, word: TitleWord) -> &'static str {
        match word {
            TitleWord::Feature => self.written.feature,
            TitleWord::Background => self.written.background,
            TitleWord::Rule => self.written.rule,
            TitleWord::Scenario => self.written.scenario,
            TitleWord::Outline => self.written.outline,
            TitleWord::Examples => self.written.examples,
        }
    }
}

/// The longest keyword of any language that a line begins with, in each language that has it.
pub(super) fn in_any_language(line: &str) -> Vec<KnownKeyword> {
    let Some(first) = line.chars().next() else { return Vec::new() };
    let mut found: Vec<KnownKeyword> = Vec::new();
    for (keyword, word, language) in ALL_KEYWORDS.get(&first).map_or(&[][..], Vec::as_slice) {
        let longest = found.first().map_or(0, |(keyword, ..)| keyword.len());
        let fits = keyword.len() >= longest
            && match word {
                Word::Step(_) => after_step(line, keyword),
                Word::Title(_) => after_title(line, keyword),
            }
            .is_some();
        if fits {
            found.push((*keyword, *word, *language));
        }
    }
    found
}

pub(super) fn after_step(line: &str, keyword: &str) -> Option<usize> {
    let word = keyword.trim_end();
    let rest = line.strip_prefix(word)?;
    let spaces = rest.len() - rest.trim_start().len();
    let ends = word.len() == keyword.len() || rest.is_empty() || spaces > 0;
    ends.then_some(word.len() + spaces)
}

pub(super) fn after_title(line: &str, keyword: &str) -> Option<usize> {
    // French puts a space before a colon.
    let rest = line.strip_prefix(keyword)?.trim_start().strip_prefix(':')?;
    Some(line.len() - rest.trim_start().len())
}
