//! Texts come back as they were written.

use super::*;
use crate::page::markup;
use crate::spec::text::gherkin::gherkin;
use proptest::prelude::*;

/// Texts without control characters and white space around them: any, and those made of what the formats know.
fn wild() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "\"",
            "\\",
            "*",
            "**",
            "_",
            "`",
            "```",
            "<b>",
            "<br>",
            "<!--",
            "-->",
            "[a](b)",
            "![",
            "]",
            "#",
            " #",
            "# ",
            "- ",
            "+ ",
            "1. ",
            "> ",
            "=",
            "==",
            "---",
            "~~",
            "|",
            "\\|",
            "&amp;",
            "&",
            "&#35;",
            "  ",
            " ",
            "\u{a0}",
            "\u{3000}",
            ":",
            ";",
            "(",
            ")",
            "Given ",
            "When",
            "<x>",
            "@a",
            "{#id}",
            "$x$",
            "http://a.b",
            "<http://a.b>",
            "ü",
            "漢",
            "👩‍🚀",
            "e\u{301}",
            "'",
            "...",
            "--",
            "^",
            "[^1]",
            "[ ]",
            ":smile:",
        ])
        .prop_map(str::to_string),
        any::<char>().prop_map(String::from),
        "[a-z ]{1,6}",
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| {
        let text: String = parts.concat().chars().filter(|char| !char.is_control()).collect();
        text.trim().to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_text_comes_back_from_markdown(text in wild(), language in prop::sample::select(vec!["en", "de", "fr", "ja", "em"])) {
        // Hidden characters are shown by escapes, which come back as they are shown.
        let text = markup::gherkin(&text);
        let escaped = markup::markdown(&text);
        let given = crate::spec::text::languages::Language::of(language).unwrap()
            .step_keyword(crate::spec::text::languages::StepWord::Given);
        let page = format!(
            "<!-- language: {language} -->\n\n# {escaped}\n\n## x {escaped}\n\n- **{}** {escaped}\n- {given}{escaped}\n- **{}** last\n",
            given.trim(), given.trim()
        );
        let feature = sound(&page);
        prop_assert_eq!(&feature.title.text, &text, "{}", page);
        let scenario = &feature.scenarios[0];
        let named = format!("x {text}");
        prop_assert_eq!(&scenario.name.text, named.trim_end(), "{}", page);
        prop_assert_eq!(scenario.steps.len(), 3, "{}", page);
        prop_assert_eq!(&scenario.steps[0].text.text, &text, "{}", page);
        prop_assert_eq!(&scenario.steps[1].text.text, &text, "{}", page);
    }

    #[test]
    fn a_text_comes_back_from_a_cell_of_markdown(text in wild()) {
        let text = markup::gherkin(&text).replace(';', ",");
        let page = format!("| scenario | given |\n|---|---|\n| {} | {} |\n", markup::markdown(&text), markup::markdown(&text));
        let feature = sound(&page);
        let steps = texts(&feature.scenarios[0].steps.iter().map(|step| step.text.clone()).collect::<Vec<_>>()).join("");
        prop_assert_eq!(&steps, &text, "{}", page);
        if !text.is_empty() {
            prop_assert_eq!(&feature.scenarios[0].name.text, &text, "{}", page);
        }
    }

    #[test]
    fn a_text_comes_back_from_gherkin(text in wild(), language in prop::sample::select(vec!["en", "de", "fr", "ja", "em", "sk", "tr"])) {
        let text = markup::gherkin(&text);
        let language = crate::spec::text::languages::Language::of(language).unwrap();
        let title = |word| language.title_keyword(word);
        use crate::spec::text::languages::{StepWord, TitleWord};
        let page = format!(
            "# language: {}\n{}: {text}\n  {}: {text}\n    {}{text}\n    {}{text}\n",
            language.code, title(TitleWord::Feature), title(TitleWord::Scenario),
            language.step_keyword(StepWord::Given), language.step_keyword(StepWord::And),
        );
        let (feature, faults) = gherkin(&page);
        prop_assert!(faults.is_empty(), "{faults:?}\n{page}");
        let scenario = &feature.scenarios[0];
        let found = [&feature.title, &scenario.name, &scenario.steps[0].text, &scenario.steps[1].text].map(|placed| placed.text.as_str());
        prop_assert_eq!(found, [text.as_str(); 4], "{}", page);
    }

    #[test]
    fn a_text_without_control_characters_is_written_as_it_is(text in wild()) {
        if crate::page::printable(&text) == text {
            prop_assert_eq!(markup::gherkin(&text), text);
        }
    }
}
