//! Texts of a model: writing its specification, and the answers of the model into the files that ask.

use crate::model::replace_file::{replace, write};
use crate::model::{Model, Modelled, files_in};
use crate::page::{count, one_line, printable_lines, with_sources};
use crate::spec::{Answered, SpecificationFault, Unanswered};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the program prints, and how it ends.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) errors: String,
    pub(super) exit: u8,
}

impl Output {
    pub(super) fn fine(text: String) -> Output {
        Output { text, ..Output::default() }
    }

    pub(super) fn failed(text: String) -> Output {
        Output { text, exit: 1, ..Output::default() }
    }
}

/// A form of texts.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Form {
    Markdown,
    Gherkin,
}

/// The files of these paths, relative to the current folder.
pub(super) fn files_of(paths: &[PathBuf]) -> Vec<(String, PathBuf)> {
    paths.iter().flat_map(|path| files_in(path, path)).collect()
}

/// The specification of a model: printed, or written into a folder.
pub(super) fn specification<D: Modelled>(
    model: &Model<D>,
    form: Form,
    language: Option<&str>,
    folder: Option<&Path>,
) -> Output {
    if let Err(unknown) = known_language(model, language) {
        return Output::failed(unknown);
    }
    let specification = model.whole_specification().in_language(language);
    let document = specification.document_with_keywords(model.name(), language);
    let text = match form {
        Form::Markdown => document.to_markdown(),
        Form::Gherkin => document.to_gherkin(),
    };
    let Some(folder) = folder else { return Output::fine(text) };
    let extension = match form {
        Form::Markdown => "md",
        Form::Gherkin => "feature",
    };
    let path = folder.join(format!("{}.{extension}", file_name(model.name())));
    let shown = one_line(&path.to_string_lossy());
    let unlike = specification.not_read_back(&path.to_string_lossy(), &text);
    if !unlike.is_empty() {
        let number = count(unlike.len(), "difference", "differences");
        let mut page =
            format!("{shown} is not written, because it would not read back as it is ({number}):\n");
        for difference in unlike {
            let _ = writeln!(page, "\n{}", printable_lines(&difference));
        }
        return Output::failed(page);
    }
    let written = fs::create_dir_all(folder).and_then(|()| write(&path, text.as_bytes()));
    if let Err(error) = written {
        return Output::failed(format!("{shown} cannot be written: {}\n", with_sources(&error)));
    }
    let said_in_rust = specification.said_in_rust_only();
    let mut errors = String::new();
    if !said_in_rust.is_empty() {
        errors.push_str("said in Rust only, so that these words have to stay as they are:\n");
        said_in_rust.iter().for_each(|said| {
            let _ = writeln!(errors, "  {}", one_line(said));
        });
    }
    Output { text: format!("{shown}\n"), errors, exit: 0 }
}

/// A page with everything that can be said about a model.
pub(super) fn vocabulary<D: Modelled>(model: &Model<D>, language: Option<&str>) -> Output {
    if let Err(unknown) = known_language(model, language) {
        return Output::failed(unknown);
    }
    let specification = model.whole_specification();
    let found = match language {
        Some(language) => specification.vocabulary_with(language, specification.words_of_language(language)),
        None => specification.vocabulary(),
    };
    match found {
        Ok(vocabulary) => Output::fine(format!("{}\n\n{vocabulary}", one_line(model.name()))),
        Err(error) => Output::failed(format!("{}\n", printable_lines(&error.to_string()))),
    }
}

fn known_language<D: Modelled>(model: &Model<D>, language: Option<&str>) -> Result<(), String> {
    let Some(language) = language else { return Ok(()) };
    let known: Vec<&str> = std::iter::once("en").chain(model.specification().languages()).collect();
    if known.contains(&language) {
        return Ok(());
    }
    Err(format!(
        "the model has no words for texts in the language {}: it has {}, and `words_in` adds others\n",
        one_line(language),
        known.join(", ")
    ))
}

/// The name of a model as that of a file.
fn file_name(model: &str) -> String {
    let apart = |char: char| !(char.is_alphanumeric() || "-_.".contains(char));
    let words: Vec<&str> = model.split(apart).filter(|word| !word.is_empty()).collect();
    match words.join("-").trim_start_matches('.') {
        "" => "model".to_string(),
        name => name.to_string(),
    }
}

/// Writes what the model answers today into the files that ask.
pub(super) fn accept_answers<D: Modelled>(model: &Model<D>, files: &[(String, PathBuf)]) -> Output {
    let (mut output, mut added, mut is_quiet, mut number_of_faults) = (Output::default(), 0, true, 0);
    for (name, path) in files {
        let name_of_file = one_line(name);
        match answered(model, name, path) {
            Ok(Answered { inserted, left, faults, .. }) => {
                for (line, text) in &inserted {
                    let _ = writeln!(output.text, "{name_of_file}:{line}: {}", one_line(text.trim_start()));
                }
                for Unanswered { line, scenario, why } in &left {
                    let _ = writeln!(
                        output.text,
                        "{name_of_file}:{line}: the scenario \"{}\" is left alone: {why}",
                        one_line(scenario)
                    );
                }
                for SpecificationFault { place, column, message, .. } in &faults {
                    let _ = writeln!(output.text, "{}", one_line(&format!("{place}:{column}: {message}")));
                }
                added += inserted.len();
                number_of_faults += faults.len();
                is_quiet &= inserted.is_empty() && left.is_empty() && faults.is_empty();
            }
            Err(error) => {
                is_quiet = false;
                let _ = writeln!(output.errors, "{name_of_file} is left as it is: {}", with_sources(&error));
                output.exit = 1;
            }
        }
    }
    if is_quiet {
        output.text.push_str("nothing is asked: no scenario ends with a step that asks and has no answer\n");
        return output;
    }
    output.text.push_str(&count(added, "line added", "lines added"));
    if number_of_faults > 0 {
        output.exit = 1;
        let _ = write!(output.text, ", {}", count(number_of_faults, "fault", "faults"));
    }
    output.text.push('\n');
    output
}

fn answered<D: Modelled>(model: &Model<D>, name: &str, path: &Path) -> io::Result<Answered> {
    let bytes = fs::read(path)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))?;
    let answered = model.specification().with_answers(model.decider(), name, text);
    if !answered.inserted.is_empty() {
        replace(path, &bytes, answered.text.as_bytes())?;
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_the_model_is() {
        for (model, file) in [
            ("account", "account"),
            ("two accounts", "two-accounts"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a/b: c?", "a-b-c"),
            ("..", "model"),
            ("?", "model"),
            ("Überweisung", "Überweisung"),
        ] {
            assert_eq!(file_name(model), file, "{model}");
        }
    }
}
