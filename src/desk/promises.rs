//! What a model promises: a text that is held against it, and what was played as a scenario.

use super::OnDesk;
use super::at::command_of;
use super::messages;
use super::question::{AskCommand, ReadText};
use super::wrong::Wrong;
use crate::check::Story;
use crate::model::Model;
use crate::spec::Specification;
use serde::Serialize;
use serde_json::value::RawValue;

/// The answer to `scenario`: what was played, to be pasted.
#[derive(Serialize)]
pub(super) struct Written {
    rust: String,
    gherkin: String,
    markdown: String,
}

pub(super) fn scenario<D: OnDesk>(
    model: &Model<D>,
    given: Vec<D::Event>,
    asked: &AskCommand<'_>,
) -> Result<Written, Wrong> {
    let story = Story::<D> { given, commands: vec![command_of(model, asked)?] };
    let name = asked.name.as_deref().unwrap_or("as it was played");
    let document = Specification::new()
        .words(model.specification().in_words().clone())
        .scenarios([story.scenario(model.decider(), name)])
        .document(model.name());
    Ok(Written {
        rust: story.code(model.decider(), name),
        gherkin: document.to_gherkin(),
        markdown: document.to_markdown(),
    })
}

/// The answer to `read`: the report on a text alone.
#[cfg(feature = "text")]
pub(super) fn read<D: OnDesk>(model: &Model<D>, asked: &ReadText<'_>) -> Result<Box<RawValue>, Wrong> {
    let file = asked.file.as_deref().unwrap_or("text.feature");
    let text = model.check_text(file, Ok(&asked.text), &[]);
    let report = model.report_of_texts(model.vocabulary_finding().as_ref(), &[text], &[]);
    Ok(messages::json(&report))
}

#[cfg(not(feature = "text"))]
pub(super) fn read<D: OnDesk>(_: &Model<D>, asked: &ReadText<'_>) -> Result<Box<RawValue>, Wrong> {
    let _ = (&asked.text, &asked.file, messages::json(""));
    Err(Wrong("this program reads no texts: it was built without leftfold's feature `text`".to_string()))
}
