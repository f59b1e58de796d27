//! Labels of scenarios, such as `nightly`: Gherkin's tags.

/// The tag of an open question.
pub(super) const OPEN_QUESTION: &str = "open-question";

/// The labels of a scenario, each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels(Vec<String>);

impl Labels {
    /// Adds a label. White space, control characters and `@` would end a tag, so they become `-`; an `@` in front is no part of the
    /// label. Answers whether it is the tag of an open question, which is no label.
    pub(super) fn add(&mut self, label: &str) -> bool {
        let apart = |char: char| char.is_whitespace() || char.is_control() || char == '@';
        let label = label.trim_start_matches(apart).trim_end().replace(apart, "-");
        let is_question = label.eq_ignore_ascii_case(OPEN_QUESTION);
        if !is_question && !label.is_empty() && !self.0.contains(&label) {
            self.0.push(label);
        }
        is_question
    }

    pub(super) fn all(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_tag() {
        let mut labels = Labels::default();
        for label in ["nightly", "@legal", " two words ", "a@b", "nightly", " ", "@", "line\nbreak"] {
            assert!(!labels.add(label));
        }
        assert_eq!(labels.all(), ["nightly", "legal", "two-words", "a-b", "line-break"]);
        assert!(labels.add("@Open-Question"));
        assert_eq!(labels.all().len(), 5);
    }
}
