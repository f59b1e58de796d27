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
