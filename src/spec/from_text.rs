//! A specification that is read from a text.

use super::answer::decider_answer;
use super::expect::same_words;
use super::failure::SourceLocation;
use super::fault::{SpecificationFault, SpecificationFaults};
use super::label::OPEN_QUESTION;
use super::part::{ScenarioCase, has_one_of};
use super::reading::{ANSWERED, Base, DeciderSentences, ReadingText, decider_scenario};
use super::scenario::{Scenario, Specified};
use super::specification::Specification;
use super::text::{
    FeatureText, Language, RuleText, ScenarioText, StepKind, StepText, TextFault, gherkin, markdown,
};
use crate::message::{Message, Words, nearest};
use std::any::Any;

impl<D> Specification<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// The specification that is written in a text, about the same decider, views and process managers.
    ///
    /// The text is Markdown if the file's name ends in `.md`, and Gherkin otherwise; the name also stands in the places of scenarios,
    /// expectations and faults. Messages are read in the [words](Self::words) of this specification, or in those of
    /// the text's [language](Self::words_in); what its scenarios say of states in words (`then_state`, `then_matches`) can be said in the
    /// text, too, as can its [sentences](Self::says).
    ///
    /// ```
    /// # use leftfold::{Decider, Fold};
    /// use leftfold::spec::Specification;
    /// # use serde::{Deserialize, Serialize};
    /// # struct Lamp;
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
    /// # impl Fold for Lamp {
    /// #     type State = bool; type Event = Event;
    /// #     fn initial_state(&self) -> bool { false }
    /// #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
    /// # }
    /// # impl Decider for Lamp {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
    /// #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
    /// #     }
    /// # }
    ///
    /// let text = "
    /// Feature: lamp
    ///   Scenario: a lamp goes on, and not twice
    ///     When switch on
    ///     Then went on
    ///     When switch on
    ///     Then it is refused: already on
    /// ";
    /// let specification = Specification::<Lamp>::new().read("lamp.feature", text)?;
    /// specification.assert(&Lamp);
    ///
    /// let wrong = text.replace("went on", "wnt on");
    /// let faults = Specification::<Lamp>::new().read("lamp.feature", &wrong).unwrap_err();
    /// assert_eq!(faults.to_string(), "\
    /// lamp.feature:5:10: nothing in the vocabulary is said like this; is this meant: `went on`?
    ///     wnt on
    ///     ^");
    /// # Ok::<(), leftfold::spec::SpecificationFaults>(())
    /// ```
    ///
    /// # Errors
    /// [`SpecificationFaults`]: everything in the text that is not understood.
    pub fn read(&self, file: &str, text: &str) -> Result<Specification<D>, SpecificationFaults> {
        let (specification, faults) = self.read_what_can_be(file, text);
        if faults.is_empty() { Ok(specification) } else { Err(SpecificationFaults { faults }) }
    }

    /// As [`read`](Self::read), with the scenarios that are understood beside the faults in the others.
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn read<D: Modelled>(model: Model<D>, text: &str) {
    /// let (specification, faults) = model.specification().read_what_can_be("account.feature", text);
    /// faults.iter().for_each(|fault| println!("{fault}\n"));
    /// println!("{} scenarios are understood", specification.cases(model.decider()).len());
    /// # }
    /// ```
    pub fn read_what_can_be(&self, file: &str, text: &str) -> (Specification<D>, Vec<SpecificationFault>) {
        let TextRead { specification, faults, .. } = self.read_text(file, text);
        (specification, faults)
    }

    /// As [`read_what_can_be`](Self::read_what_can_be), with what is known of the text itself.
    pub(crate) fn read_text(&self, file: &str, text: &str) -> TextRead<D> {
        let is_markdown = is_markdown(file);
        let (feature, faults) = if is_markdown { markdown(text) } else { gherkin(text) };
        let words = self.words_of(&feature);
        let mut reading =
            ReadingText { file: file.into(), words, shared: words.clone().into(), faults: Vec::new() };
        for TextFault { place, message } in faults {
            reading.fault_at(place, None, message);
        }
        let (mut of_decider, mut of_parts) =
            (Vec::new(), self.parts.iter().map(|_| Vec::new()).collect::<Vec<_>>());
        let in_feature = Place { feature: &feature, rule: None };
        // In Markdown, the title of a view without scenarios looks like a scenario.
        let is_empty_part = |text: &&ScenarioText| {
            text.steps.is_empty() && self.parts.iter().any(|part| is_title(part.title(), &text.name.text))
        };
        let scenarios = feature.scenarios.iter().filter(|text| !(is_markdown && is_empty_part(text)));
        of_decider.extend(scenarios.map(|text| (text, in_feature.base(true))));
        for rule in &feature.rules {
            let place = Place { feature: &feature, rule: Some(rule) };
            let is_about = |title: &str| {
                is_title(title, &rule.title.text) || is_title(words.declared(title), &rule.title.text)
            };
            match self.parts.iter().position(|part| is_about(part.title())) {
                Some(part) => {
                    of_parts[part].extend(rule.scenarios.iter().map(|text| (text, place.base(false))));
                }
                None => of_decider.extend(rule.scenarios.iter().map(|text| (text, place.base(true)))),
            }
        }
        let sentences = DeciderSentences {
            declared: self.sentences(),
            state_in_words: &|words| self.state_in_words(words),
            outcome_in_words: &|words| self.outcome_in_words(words),
        };
        let scenarios = of_decider
            .iter()
            .filter_map(|(text, base)| decider_scenario(&mut reading, text, base, &sentences));
        let scenarios = scenarios.collect();
        let view_sentences: Vec<&(dyn Any + Send + Sync)> =
            self.view_sentences.iter().map(|declared| &*declared.sentence).collect();
        let parts = self.parts.iter().zip(&of_parts);
        let parts =
            parts.map(|(part, scenarios)| part.read(&mut reading, scenarios, &view_sentences)).collect();
        for (rule, next) in feature.rules.iter().zip(feature.rules.iter().skip(1).map(Some).chain([None])) {
            self.fault_in_title(&mut reading, rule, next);
        }
        let mut faults = reading.faults;
        faults.sort_by_key(|fault| (fault.place.line, fault.column));
        // What is wrong with the text itself says more than what comes of it in a step; a step of a background is read for each
        // scenario.
        faults.dedup_by_key(|fault| (fault.place.line, fault.column));
        let mut specification = self.clone();
        (specification.scenarios, specification.parts) = (scenarios, parts);
        let all = of_decider.len() + of_parts.iter().map(Vec::len).sum::<usize>();
        let unread = all.saturating_sub(specification.labels().count());
        let all = feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
        let questions = all.filter_map(Question::of).collect();
        TextRead { specification, faults, unread, language: feature.language, questions }
    }

    /// This specification with the scenarios of another as well.
    pub(crate) fn and(mut self, other: &Specification<D>) -> Self {
        self.scenarios.extend(other.scenarios.iter().cloned());
        for (part, others) in self.parts.iter_mut().zip(&other.parts) {
            *part = part.and(&**others);
        }
        self
    }

    /// The scenarios that have one of these labels. Case does not count.
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn nightly<D: Modelled>(model: Model<D>) {
    /// model.specification().clone().only(["nightly"]).assert(model.decider());
    /// # }
    /// ```
    #[must_use]
    pub fn only<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        self.scenarios.retain(|scenario| has_one_of(scenario.labels(), &labels));
        for part in &mut self.parts {
            *part = part.only(&labels);
        }
        self
    }

    /// What the model answers today to each scenario that asks (with a `When`) and expects nothing: where the scenario begins, and the
    /// lines of the answer.
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn asked<D: Modelled>(model: Model<D>) {
    /// for (place, lines) in model.specification().answers(model.decider()) {
    ///     println!("{place}: {}", lines.join(", "));
    /// }
    /// # }
    /// ```
    pub fn answers(&self, decider: &D) -> Vec<(SourceLocation, Vec<String>)> {
        let all = self.answers_in(decider, self.in_words());
        all.into_iter().filter_map(|(place, answer)| Some((place, answer?))).collect()
    }

    /// The answer to each scenario, in the order of its [cases](Self::cases), in these words.
    pub(crate) fn answers_in(
        &self,
        decider: &D,
        words: &Words,
    ) -> Vec<(SourceLocation, Option<Vec<String>>)> {
        let own = self
            .scenarios
            .iter()
            .map(|scenario| ((&scenario.place).into(), decider_answer(scenario, decider, words)));
        own.chain(self.parts.iter().flat_map(|part| part.answers(words))).collect()
    }

    /// The titles of its views and process managers.
    pub(crate) fn titles(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.title())
    }

    /// How many scenarios expect what the model answered itself.
    pub(crate) fn unconfirmed(&self) -> usize {
        self.labels().filter(|labels| labels.iter().any(|label| label == ANSWERED)).count()
    }

    /// The labels of each scenario.
    fn labels(&self) -> impl Iterator<Item = &[String]> {
        let own = self.scenarios.iter().map(Scenario::labels);
        own.chain(self.parts.iter().flat_map(|part| part.labels()))
    }

    /// A rule that is not understood, and whose title is nearly that of a view or process manager.
    fn fault_in_title(&self, reading: &mut ReadingText<'_>, rule: &RuleText, next: Option<&RuleText>) {
        let words = reading.words;
        let titles: Vec<String> =
            self.parts.iter().map(|part| words.declared(part.title()).to_string()).collect();
        let title = &rule.title.text;
        let is_part = |part: &str| is_title(part, title) || is_title(words.declared(part), title);
        let lines = rule.title.start().line..next.map_or(u32::MAX, |next| next.title.start().line);
        if self.parts.iter().any(|part| is_part(part.title()))
            || !reading.faults.iter().any(|fault| lines.contains(&fault.place.line))
        {
            return;
        }
        if let Some(meant) = nearest(title, titles).first() {
            let why =
                format!("no view or process manager has the title `{title}`; is this meant: `{meant}`?");
            reading.fault_at(rule.title.start(), None, why);
        }
    }

    /// The words in which a text is written.
    fn words_of(&self, feature: &FeatureText) -> &Words {
        self.words_of_language(feature.language.code)
    }

    /// The words of texts in this language.
    pub(crate) fn words_of_language(&self, language: &str) -> &Words {
        self.words_in.get(language).unwrap_or(self.in_words())
    }
}

impl ScenarioCase<'_> {
    /// Whether the scenario expects what the model answered itself.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        self.labels.iter().any(|label| label == ANSWERED)
    }
}

/// What was read of a text.
pub(crate) struct TextRead<D: Specified> {
    /// The scenarios that are understood.
    pub(crate) specification: Specification<D>,
    pub(crate) faults: Vec<SpecificationFault>,
    /// How many scenarios are left out because of faults.
    pub(crate) unread: usize,
    pub(crate) language: &'static Language,
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "a command writes answers there"))]
    pub(super) questions: Vec<Question>,
}

/// A scenario whose last step asks: where its answer would be written.
#[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "a command writes answers there"))]
pub(super) struct Question {
    /// The line of the scenario.
    pub(super) line: u32,
    /// The line of its last step.
    pub(super) step: u32,
    /// The last line of that step, and of what stands under it.
    pub(super) last_line: u32,
    /// Whether it is a row of an outline or of a table.
    pub(super) is_row: bool,
    /// Whether it has the tag of an open question.
    pub(super) is_tagged: bool,
}

impl Question {
    fn of(scenario: &ScenarioText) -> Option<Question> {
        let last = scenario.steps.last().filter(|step| step.kind == StepKind::When)?;
        Some(Question {
            line: scenario.place.line,
            step: last.place.line,
            last_line: last.last_line,
            is_row: scenario.from_outline,
            is_tagged: scenario.tags.iter().any(|tag| tag.text.eq_ignore_ascii_case(OPEN_QUESTION)),
        })
    }
}

/// Whether a file of this name is read as Markdown.
pub(super) fn is_markdown(file: &str) -> bool {
    file.to_ascii_lowercase().ends_with(".md")
}

fn is_title(title: &str, rule: &str) -> bool {
    same_words(&title.to_lowercase(), &rule.to_lowercase())
}

/// Where scenarios stand in a feature.
struct Place<'t> {
    feature: &'t FeatureText,
    rule: Option<&'t RuleText>,
}

impl<'t> Place<'t> {
    /// What a scenario of this place has in front. The title of a rule is about scenarios of the decider.
    fn base(&self, of_decider: bool) -> Base<'t> {
        let own: &[StepText] = self.rule.map_or(&[], |rule| &rule.background);
        let title =
            self.rule.map(|rule| rule.title.text.clone()).filter(|title| of_decider && !title.is_empty());
        Base { steps: self.feature.background.iter().chain(own).collect(), title }
    }
}
