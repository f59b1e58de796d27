//! The task `diagram`: the states of a model, or the lanes of its event model.

use super::texts::Output;
use crate::model::{Model, Modelled};
use clap::{Args, ValueEnum};

#[derive(Args)]
pub(super) struct DiagramTask {
    /// What to draw
    #[arg(long, value_enum, default_value_t = DiagramKind::States)]
    kind: DiagramKind,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Drawing::Mermaid)]
    format: Drawing,
    /// Draw what is refused too, in the picture of states
    #[arg(long)]
    refusals: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum DiagramKind {
    /// Classes of states, and the steps between them
    States,
    /// The event model: commands, events, views and process managers in the order of time
    Lanes,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Drawing {
    Mermaid,
    /// For Graphviz; states alone
    Dot,
    Svg,
    /// Lanes alone
    Json,
    /// A page of text; lanes alone
    Text,
}

impl DiagramTask {
    /// What does not go together, in a sentence.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        match (self.kind, self.format) {
            (DiagramKind::Lanes, Drawing::Dot) => {
                Some("`--format dot` draws states; lanes are written as mermaid, svg, json or text")
            }
            (DiagramKind::States, Drawing::Json | Drawing::Text) => Some(
                "`--format json` and `--format text` write lanes: add `--kind lanes`; states are written as mermaid, dot or svg, and the task `machine` \
                 writes them as JSON",
            ),
            (DiagramKind::Lanes, _) if self.refusals => {
                Some("`--refusals` is for states: lanes show what is refused anyway")
            }
            _ => None,
        }
    }

    pub(super) fn run<D: Modelled>(&self, model: &Model<D>) -> Output {
        match self.kind {
            DiagramKind::Lanes => self.lanes(model),
            DiagramKind::States => self.states(model),
        }
    }

    fn lanes<D: Modelled>(&self, model: &Model<D>) -> Output {
        let lanes = model.event_model();
        if lanes.slices.is_empty() && lanes.questions.is_empty() {
            return Output::failed("nothing to draw: the model has no scenarios\n".to_string());
        }
        match self.format {
            Drawing::Mermaid => Output::fine(lanes.to_mermaid()),
            Drawing::Svg => Output::fine(lanes.to_svg()),
            Drawing::Json => match serde_json::to_string_pretty(&lanes) {
                Ok(json) => Output::fine(json + "\n"),
                Err(error) => Output::failed(format!("the lanes cannot be written: {error}\n")),
            },
            Drawing::Text | Drawing::Dot => Output::fine(lanes.to_string()),
        }
    }

    fn states<D: Modelled>(&self, model: &Model<D>) -> Output {
        let Some(graph) = model.diagram() else {
            return Output::failed("nothing to draw: the model does not say `.explored(…)`\n".to_string());
        };
        Output::fine(match self.format {
            Drawing::Dot => graph.to_dot(self.refusals),
            Drawing::Svg => graph.to_svg(self.refusals),
            Drawing::Mermaid | Drawing::Json | Drawing::Text => graph.to_mermaid(self.refusals),
        })
    }
}
