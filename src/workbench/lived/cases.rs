//! Histories from the log of another program, in XES or CSV.

use crate::check::CaseLog;
use crate::check::case_log::TimeZone;
use crate::check::conform::LivedHistory;
use crate::fold::Fold;
use crate::model::{Model, Modelled};
use clap::Args;
use std::path::Path;

/// Where a log has what, if not where the model says.
#[derive(Args, PartialEq, Default)]
#[command(next_help_heading = "Logs of other programs")]
pub(super) struct Columns {
    /// The column with the id of the case
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// The column or attribute with the name of an event
    #[arg(long, value_name = "NAME")]
    activity: Option<String>,
    /// The column or attribute with the step of the life cycle
    #[arg(long, value_name = "NAME")]
    lifecycle: Option<String>,
    /// The column or attribute with the time of an event
    #[arg(long, value_name = "NAME")]
    time: Option<String>,
    /// The zone of times without an offset: UTC, or rules as in POSIX, such as CET-1CEST,M3.5.0,M10.5.0/3
    #[arg(long, value_name = "RULES", value_parser = zone)]
    zone: Option<TimeZone>,
    /// The encoding of a file that does not name one, such as windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The rows of a case follow each other, so that a case can be passed on when the next one begins
    #[arg(long)]
    together: bool,
}

fn zone(rules: &str) -> Result<TimeZone, String> {
    match rules {
        "UTC" => Ok(TimeZone::UTC),
        rules => TimeZone::posix(rules).map_err(|error| error.to_string()),
    }
}

fn set(how: CaseLog, name: &Option<String>, set: fn(CaseLog, String) -> CaseLog) -> CaseLog {
    match name {
        Some(name) => set(how, name.clone()),
        None => how,
    }
}

impl Columns {
    /// Whether the command line says anything about a file.
    pub(super) fn are_given(&self) -> bool {
        *self != Columns::default()
    }

    fn over(&self, mut how: CaseLog) -> CaseLog {
        how = set(how, &self.case, CaseLog::case);
        how = set(how, &self.activity, CaseLog::activity);
        how = set(how, &self.lifecycle, CaseLog::lifecycle);
        how = set(how, &self.time, CaseLog::time);
        how = set(how, &self.encoding, CaseLog::encoding);
        if let Some(zone) = &self.zone {
            how = how.zone(zone.clone());
        }
        if self.together { how.cases_stand_together() } else { how }
    }

    /// Shows every case of a file to `each`, and returns how many events were passed over.
    pub(super) fn replay_cases<D: Modelled>(
        &self,
        file: &Path,
        model: &Model<D>,
        each: &mut dyn FnMut(LivedHistory<'_, <D as Fold>::Event>),
    ) -> Result<usize, String> {
        let Some((how, event)) = model.reads_cases() else {
            return Err(format!(
                "{}: the model does not say how a log of another program is read: declare it with `.case_log(how, |case, logged| …)`",
                file.display()
            ));
        };
        let mut cases = self.over(how.clone()).open(file).map_err(|error| error.to_string())?;
        let (mut events, mut times, mut passed_over) = (Vec::new(), Vec::new(), 0);
        while let Some(case) = cases.next() {
            let case = case.map_err(|error| error.to_string())?;
            events.clear();
            times.clear();
            for (index, logged) in case.events.iter().enumerate() {
                match event(&case, logged) {
                    Ok(None) => passed_over += 1,
                    Ok(Some(event)) => {
                        events.push(event);
                        times.push(logged.at);
                    }
                    Err(why) => return Err(cases.refused(&case, index, why).to_string()),
                }
            }
            each(LivedHistory { id: &case.id, events: &events, times: &times, unreadable: None });
        }
        Ok(passed_over)
    }
}
