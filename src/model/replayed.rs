//! Logs that are replayed whenever a model is checked.

use super::report::{ReportFinding, ReportVerdict, Section};
use super::{Model, Modelled};
use crate::page::{count, with_sources};
use crate::store::Listing;
use std::path::{Path, PathBuf};

pub(super) const TITLE: &str = "real histories";

impl<D: Modelled> Model<D> {
    /// Replays the log in this folder whenever the model is checked: a history that the model refuses fails, and what is lived and in no
    /// scenario is an open question. The model says what [causes](Self::caused_by) its events.
    ///
    /// A relative path is relative to the package whose program or test runs (`CARGO_MANIFEST_DIR`), and to the current folder outside
    /// cargo. The command line does the same once, for any log: `conform DATA` and `gaps DATA`.
    ///
    /// ```no_run
    /// # use leftfold::{Model, Modelled};
    /// # fn with_log<D: Modelled>(model: Model<D>) {
    /// model.replayed("tests/logs/accounts").check().assert();
    /// # }
    /// ```
    #[must_use]
    pub fn replayed(mut self, folder: impl Into<PathBuf>) -> Self {
        self.lived.logs.push(folder.into());
        self
    }

    /// The sections about the logs that are replayed.
    pub(super) fn replayed_sections(&self) -> Vec<Section> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        let logs = self.lived.logs.iter();
        logs.map(|folder| Section::timed(|| self.replayed_section(folder, &package.join(folder)))).collect()
    }

    fn replayed_section(&self, name: &Path, folder: &Path) -> Section {
        let mut search = self.gaps();
        let read = self.says_causes().map_err(str::to_string).and_then(|()| {
            let reader = self.open_log(folder).map_err(|error| with_sources(&*error))?;
            search.log(&*reader, &Listing::all()).map_err(|error| with_sources(&error))
        });
        let found = search.finish();
        let replayed = &found.conformance;
        let fails = |why: String| {
            vec![ReportFinding {
                story: Some(why),
                ..ReportFinding::new(name.display().to_string(), ReportVerdict::Fails)
            }]
        };
        let findings = match read {
            Err(why) => fails(why),
            Ok(()) if replayed.histories == 0 => {
                fails("there is no history in it, so nothing was replayed".to_string())
            }
            Ok(()) if !replayed.holds() => fails(replayed.to_string()),
            Ok(()) => vec![ReportFinding::new(name.display().to_string(), ReportVerdict::Holds)],
        };
        let unspecified = found.unspecified.iter().map(|kind| {
            ReportFinding::new(format!("lived, and in no scenario: {kind}"), ReportVerdict::Open)
        });
        Section {
            title: TITLE.into(),
            summary: replayed.headline(),
            findings: findings.into_iter().chain(unspecified).collect(),
            notes: match found.never_lived.len() {
                0 => Vec::new(),
                kinds => vec![format!(
                    "{} in scenarios and never lived",
                    count(kinds, "kind of step is", "kinds of steps are")
                )],
            },
            ..Section::default()
        }
    }
}
