//! Questions, as they are written.

use super::messages::EventsAsked;
use super::wrong::Wrong;
use crate::page::one_line;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A question, and the model that it is put to.
pub(super) struct Asked<'q> {
    pub(super) model: Option<String>,
    pub(super) question: Question<'q>,
}

/// Exactly one of these is asked. `serde` reads them as the fields of one object, so that events stay the text that they are.
macro_rules! questions {
    ($($name:ident $field:literal $content:ty,)+) => {
        pub(super) enum Question<'q> { $($name($content),)+ }

        const NAMES: &[&str] = &[$($field),+];

        impl Question<'_> {
            pub(super) fn name(&self) -> &'static str {
                match self { $(Question::$name(_) => $field,)+ }
            }
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(non_snake_case, reason = "a field for each question, by the name of its variant")]
        struct Written<'q> {
            model: Option<String>,
            $(#[serde(rename = $field, borrow)] $name: Option<&'q RawValue>,)+
        }

        impl<'q> Written<'q> {
            /// Each question by its name, with what it says.
            fn questions(&self) -> Vec<(&'static str, Result<Question<'q>, Wrong>)> {
                let mut questions = Vec::new();
                $(questions.extend(
                    self.$name.map(|content| ($field, object($field, content).map(Question::$name))),
                );)+
                questions
            }
        }
    };
}

questions! {
    Models "models" Nothing<'q>,
    About "about" Nothing<'q>,
    At "at" AtVersion<'q>,
    Ask "ask" AskCommand<'q>,
    Timeline "timeline" TimelinePage<'q>,
    Blame "blame" BlamePath<'q>,
    Graph "graph" Nothing<'q>,
    Lanes "lanes" Nothing<'q>,
    Find "find" FindStory<'q>,
    Check "check" Nothing<'q>,
    Read "read" ReadText<'q>,
    Scenario "scenario" AskCommand<'q>,
    Log "log" LogPage<'q>,
    Compare "compare" CompareWith<'q>,
}

impl<'q> Asked<'q> {
    pub(super) fn read(question: &'q str) -> Result<Self, Wrong> {
        if question.trim_start().starts_with('[') {
            return Err(Wrong("a question is an object, such as {\"about\": {}}".to_string()));
        }
        let written: Written<'q> = serde_json::from_str(question).map_err(|why| no_question(&why))?;
        let mut questions = written.questions();
        match (questions.pop(), questions.pop()) {
            (Some((_, question)), None) => Ok(Asked { question: question?, model: written.model }),
            (None, _) => Err(Wrong(format!("nothing is asked: a question is one of {}", NAMES.join(", ")))),
            (Some((one, _)), Some((other, _))) => {
                Err(Wrong(format!("`{other}` and `{one}` are two questions: ask one at a time")))
            }
        }
    }
}

/// What a question says: an object, and no list of its fields, whose order means nothing.
fn object<'q, T: Deserialize<'q>>(name: &str, content: &'q RawValue) -> Result<T, Wrong> {
    match content.get().starts_with('{') {
        true => serde_json::from_str(content.get()).map_err(|why| no_question(&why)),
        false => Err(Wrong(format!("`{name}` is asked with an object: {{\"{name}\": {{}}}}"))),
    }
}

fn no_question(why: &serde_json::Error) -> Wrong {
    let why = why.to_string().replace("expected usize", "expected a whole number, 0 or more");
    Wrong(format!("this is no question: {}", one_line(&why)))
}

/// A question that says nothing more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing<'q> {
    #[serde(skip)]
    _borrowed: std::marker::PhantomData<&'q ()>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AtVersion<'q> {
    #[serde(borrow, default)]
    pub(super) history: EventsAsked<'q>,
    /// A stream of the log with whose events the history begins.
    pub(super) stream: Option<String>,
    /// The key whose events they are, where a stream has those of several.
    pub(super) key: Option<String>,
    /// How many of its events; by default all.
    pub(super) until: Option<usize>,
    /// By default all events.
    pub(super) version: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskCommand<'q> {
    #[serde(borrow, default)]
    pub(super) history: EventsAsked<'q>,
    /// A stream of the log with whose events the history begins.
    pub(super) stream: Option<String>,
    /// The key whose events they are, where a stream has those of several.
    pub(super) key: Option<String>,
    /// How many of its events; by default all.
    pub(super) until: Option<usize>,
    pub(super) version: Option<usize>,
    /// As JSON; or said, in `phrase`.
    #[serde(borrow)]
    pub(super) command: Option<&'q RawValue>,
    pub(super) phrase: Option<String>,
    /// Whether the events are sought on which the answer rests. By default they are.
    pub(super) why: Option<bool>,
    /// The name of a scenario.
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimelinePage<'q> {
    #[serde(borrow, default)]
    pub(super) history: EventsAsked<'q>,
    /// A stream of the log with whose events the history begins.
    pub(super) stream: Option<String>,
    /// The key whose events they are, where a stream has those of several.
    pub(super) key: Option<String>,
    /// How many of its events; by default all.
    pub(super) until: Option<usize>,
    /// The first version; by default 0.
    #[serde(default)]
    pub(super) from: usize,
    /// How many versions, at most 100, which is the default.
    pub(super) count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlamePath<'q> {
    #[serde(borrow, default)]
    pub(super) history: EventsAsked<'q>,
    /// A stream of the log with whose events the history begins.
    pub(super) stream: Option<String>,
    /// The key whose events they are, where a stream has those of several.
    pub(super) key: Option<String>,
    /// How many of its events; by default all.
    pub(super) until: Option<usize>,
    pub(super) version: Option<usize>,
    pub(super) path: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindStory<'q> {
    /// The history at which the search begins.
    #[serde(borrow, default)]
    pub(super) history: EventsAsked<'q>,
    /// A stream of the log with whose events the history begins.
    pub(super) stream: Option<String>,
    /// The key whose events they are, where a stream has those of several.
    pub(super) key: Option<String>,
    /// How many of its events; by default all.
    pub(super) until: Option<usize>,
    /// The name of a property: a story that breaks it, or shows it.
    pub(super) property: Option<String>,
    /// Or the label of a class of states: a story that leads there.
    pub(super) class: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadText<'q> {
    pub(super) text: String,
    /// By its name the text is Markdown (`.md`) or Gherkin.
    pub(super) file: Option<String>,
    #[serde(skip)]
    _borrowed: std::marker::PhantomData<&'q ()>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogPage<'q> {
    /// How the names of the streams begin.
    #[serde(default)]
    pub(super) prefix: String,
    /// The last name of the page before.
    #[serde(default)]
    pub(super) after: String,
    /// The stream whose keys are listed; by default the streams are.
    pub(super) stream: Option<String>,
    #[serde(skip)]
    _borrowed: std::marker::PhantomData<&'q ()>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareWith<'q> {
    /// The name of the other model on the desk.
    pub(super) with: String,
    #[serde(skip)]
    _borrowed: std::marker::PhantomData<&'q ()>,
}

/// What has happened, in a question.
#[derive(Clone, Copy)]
pub(super) struct Past<'a, 'q> {
    pub(super) stream: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) until: Option<usize>,
    pub(super) history: &'a EventsAsked<'q>,
}

/// How many versions an answer to `timeline` has at most.
const MOST_VERSIONS: usize = 100;

impl TimelinePage<'_> {
    /// The last version that is wanted.
    pub(super) fn last(&self) -> usize {
        let count = self.count.unwrap_or(MOST_VERSIONS).min(MOST_VERSIONS);
        self.from.saturating_add(count).saturating_sub(1)
    }
}

macro_rules! with_past {
    ($($question:ident)+) => {
        $(impl<'q> $question<'q> {
            pub(super) fn past(&self) -> Past<'_, 'q> {
                let (stream, key) = (self.stream.as_deref(), self.key.as_deref());
                Past { stream, key, until: self.until, history: &self.history }
            }
        })+
    };
}

with_past!(AtVersion AskCommand TimelinePage BlamePath FindStory);
