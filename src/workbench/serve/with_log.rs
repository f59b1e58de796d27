//! A model served with a log beside it: `serve --log FOLDER`.

use crate::codec::Codec;
use crate::desk::{Desk, OnDesk};
use crate::log::FileLogReader;
use crate::model::Model;
use crate::page::{one_line, with_sources};
use std::error::Error;
use std::path::Path;

/// The desk of a model, with the log in this folder if there is one; or a sentence.
pub(super) fn desk_of<D: OnDesk>(model: Model<D>, log: Option<&Path>) -> Result<Desk, String> {
    let Some(folder) = log else { return Ok(model.desk()) };
    with_log(model, folder).map_err(|error| {
        format!("{}: the log cannot be opened: {}", folder.display(), one_line(&with_sources(&*error)))
    })
}

fn with_log<D: OnDesk>(model: Model<D>, folder: &Path) -> Result<Desk, Box<dyn Error + Send + Sync>> {
    match model.says_log() {
        true => {
            let reader = model.open_log(folder)?;
            Ok(model.desk_with_log(reader))
        }
        false => Ok(model.desk_with_log(FileLogReader::<D::Event>::open(folder, Codec::new()?)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::decider;
    use crate::log::FileLog;
    use crate::recorded::StreamName;
    use crate::store::{Batch, EventStore};
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Rung {
        Once(u8),
    }

    #[test]
    fn the_log_of_a_folder_is_opened_with_the_codec_of_the_models_events() {
        let folder = tempfile::tempdir().unwrap();
        let model = || {
            let ring = |command: &Rung, _: &u8| Ok::<_, Rung>(vec![command.clone()]);
            Model::new("bell", decider(|| 0u8, ring, |n, Rung::Once(more): &Rung| n + more))
        };
        assert!(
            desk_of(model(), Some(&folder.path().join("nowhere"))).unwrap_err().contains("cannot be opened")
        );
        let log = FileLog::open(folder.path(), Codec::new().unwrap()).unwrap();
        log.append(Batch::to(&StreamName::new("bell").unwrap()).event(Rung::Once(3))).unwrap();
        let answer = desk_of(model(), Some(folder.path())).unwrap().answer(r#"{"at": {"stream": "bell"}}"#);
        assert!(answer.contains(r#""old":"0","new":"3""#), "{answer}");
        let without = desk_of(model(), None).unwrap().answer(r#"{"log": {}}"#);
        assert!(without.contains("there is no log beside this model"), "{without}");
    }
}
