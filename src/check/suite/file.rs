//! The file of a suite: one JSON document, with a line for each step.

use super::{Covering, Suite, SuiteStory};
use serde::{Deserialize, Serialize, Serializer};

/// The format that is written and read.
const FORMAT: u64 = 1;

/// What is read.
#[derive(Deserialize)]
pub(super) struct SuiteFile<C, E, R> {
    leftfold: String,
    format: u64,
    model: String,
    covering: Covering,
    covered: usize,
    chained: bool,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default = "Vec::new")]
    given: Vec<E>,
    stories: Vec<SuiteStory<C, E, R>>,
}

impl<C, E, R> TryFrom<SuiteFile<C, E, R>> for Suite<C, E, R> {
    type Error = String;

    fn try_from(file: SuiteFile<C, E, R>) -> Result<Self, String> {
        let SuiteFile { leftfold, format, model, covering, covered, chained, notes, given, stories } = file;
        if leftfold != "suite" {
            return Err(format!("this is not a suite: it says that it is a {leftfold:?}"));
        }
        if format != FORMAT {
            return Err(format!(
                "the suite is written in format {format}, and this version of leftfold reads format {FORMAT}: write it again with this \
                 version, or read it with a newer one"
            ));
        }
        Ok(Suite { model, covering, covered, chained, notes, given, stories })
    }
}

/// What is written.
#[derive(Serialize)]
#[serde(bound = "C: Serialize, E: Serialize, R: Serialize")]
struct Written<'s, C, E, R> {
    leftfold: &'static str,
    format: u64,
    model: &'s str,
    covering: Covering,
    covered: usize,
    chained: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'s [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    given: &'s [E],
    stories: &'s [SuiteStory<C, E, R>],
}

impl<C, E, R> Suite<C, E, R> {
    fn written<'s>(&'s self, stories: &'s [SuiteStory<C, E, R>]) -> Written<'s, C, E, R> {
        Written {
            leftfold: "suite",
            format: FORMAT,
            model: &self.model,
            covering: self.covering,
            covered: self.covered,
            chained: self.chained,
            notes: &self.notes,
            given: &self.given,
            stories,
        }
    }

    /// The suite as a file of fixtures for programs in any language: one JSON document, with a line for each step. The same suite
    /// gives the same bytes, and `serde_json::from_str` reads it back.
    ///
    /// | key | what it holds |
    /// |---|---|
    /// | `leftfold`, `format` | `"suite"`, and the version of the format: 1 |
    /// | `model`, `covering`, `covered`, `chained`, `notes`, `given` | the fields of [`Suite`] of these names; without a content, the last two are left out |
    /// | `stories` | the stories, each with its `name` and its `steps`; each begins at the first state, after the events of `given` |
    /// | `steps` | `command`, the `outcome` (`{"events":[…]}`, or `{"rejection":…}`), and the classes of the states `before` and `after` it |
    ///
    /// An implementation passes if it gives the outcome of each step, in order. Messages have the JSON of the model.
    ///
    /// # Errors
    /// What serde says, if JSON cannot hold a message that was put into the suite by hand.
    pub fn to_json(&self) -> serde_json::Result<String>
    where
        C: Serialize,
        E: Serialize,
        R: Serialize,
    {
        let whole = serde_json::to_string(&self.written(&[]))?;
        let mut text = whole.strip_suffix("]}").unwrap_or(&whole).to_string();
        for (number, SuiteStory { name, steps }) in self.stories.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            text.push_str(&format!("{{\"name\":{},\"steps\":[", serde_json::to_string(name)?));
            for (number, step) in steps.iter().enumerate() {
                text.push_str(if number == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(step)?);
            }
            text.push_str("\n]}");
        }
        text.push_str("\n]}\n");
        Ok(text)
    }
}

impl<C: Serialize, E: Serialize, R: Serialize> Serialize for Suite<C, E, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written(&self.stories).serialize(serializer)
    }
}

/// An outcome by words that readers in any language understand.
pub(super) mod outcome {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Outcome<E, R> {
        Events(E),
        Rejection(R),
    }

    pub(in super::super) fn serialize<E: Serialize, R: Serialize, S: Serializer>(
        outcome: &Result<Vec<E>, R>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match outcome {
            Ok(events) => Outcome::Events(events),
            Err(rejection) => Outcome::Rejection(rejection),
        }
        .serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, E, R, D>(deserializer: D) -> Result<Result<Vec<E>, R>, D::Error>
    where
        E: Deserialize<'de>,
        R: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(match Outcome::deserialize(deserializer)? {
            Outcome::Events(events) => Ok(events),
            Outcome::Rejection(rejection) => Err(rejection),
        })
    }
}
