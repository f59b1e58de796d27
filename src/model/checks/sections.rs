//! What checks have found, as sections of the report.

use super::{EXPLORATION, WALKS, finding};
use crate::check::{
    Exploration, ExplorationVerdict, LawReport, PropertyAnswer, PropertyFinding, SpaceCoverage, Walks,
};
use crate::model::report::{ReportFinding, ReportVerdict, Section, TimeTaken};
use crate::model::{Model, Modelled};
use crate::page::count as counted;

pub(super) fn of_laws<D: Modelled>(report: &LawReport<D>, model: &Model<D>) -> Section {
    let holding = report.holding.iter().map(|law| {
        let took = TimeTaken(report.time(law).as_secs_f64());
        ReportFinding { took, ..model.of_law(law, ReportVerdict::Holds) }
    });
    let mut findings: Vec<ReportFinding> = holding.collect();
    findings.extend(report.findings.iter().map(|one| {
        // The sentence begins with the name of the law.
        let laws = &model.declared.law_places;
        let of = laws.iter().filter(|(law, _)| one.failed.starts_with(law.as_str()));
        let place = of.max_by_key(|(law, _)| law.len()).map(|(_, place)| place.clone());
        ReportFinding { place, ..model.finding_of_story(one) }
    }));
    findings.extend(report.says_nothing_of().map(|why| finding(why, ReportVerdict::Fails)));
    findings.extend(report.looked_at_nothing().map(|why| finding(why, ReportVerdict::Fails)));
    Section {
        title: "laws".into(),
        summary: counted(report.walks, "random walk", "random walks"),
        findings,
        notes: report.never.clone(),
        ..Section::default()
    }
}

pub(super) fn of_walks<D: Modelled>(walks: &Walks<D>, model: &Model<D>) -> Section {
    let mut findings: Vec<ReportFinding> =
        walks.holding.iter().map(|name| model.of_property(name, ReportVerdict::Holds)).collect();
    findings.extend(walks.findings.iter().map(|one| {
        let found = model.finding_of_story(one);
        ReportFinding { place: model.of_property(&found.name, ReportVerdict::Fails).place, ..found }
    }));
    findings.extend(walks.looked_at_nothing().map(|why| finding(why, ReportVerdict::Fails)));
    let mut notes = walks.notes.clone();
    notes.extend(walks.undecided.iter().map(|name| format!("walks cannot decide: {name}")));
    for (name, seen) in &walks.sometimes {
        if *seen {
            findings.push(model.of_property(name, ReportVerdict::Holds));
        } else {
            notes.push(format!("not seen: {name}"));
        }
    }
    let [shortest, .., longest] = walks.lengths;
    Section {
        title: WALKS.into(),
        summary: format!(
            "{} of {shortest} to {longest} commands, {} accepted, {} refused",
            counted(walks.walks, "walk", "walks"),
            walks.accepted,
            walks.refused
        ),
        findings,
        notes,
        ..Section::default()
    }
}

pub(super) fn of_exploration<D: Modelled>(
    found: &Exploration<D>,
    coverage: &SpaceCoverage<D>,
    model: &Model<D>,
) -> Section {
    let finding_of_property = |one: &PropertyFinding<D>| {
        let verdict = match &one.answer {
            answer if answer.is_bad() => ReportVerdict::Fails,
            PropertyAnswer::Undecided => ReportVerdict::Open,
            _ => ReportVerdict::Holds,
        };
        let story = (verdict == ReportVerdict::Fails).then(|| match one.answer.story() {
            Some(story) => model.page_of_story(&one.property, story, &one.property),
            None => format!("{}: this never happens", one.property),
        });
        let undecided =
            if verdict == ReportVerdict::Open { " (undecided: not everything was seen)" } else { "" };
        let name = format!("{}{undecided}", one.property);
        ReportFinding { name, story, ..model.of_property(&one.property, verdict) }
    };
    let mut findings: Vec<ReportFinding> = found.findings.iter().map(finding_of_property).collect();
    if let Some(panic) = &found.panic {
        let name = format!("the model panicked: {}", panic.message);
        let story = model.page_of_story(&name, &panic.story, &name);
        findings.push(ReportFinding { story: Some(story), ..finding(&name, ReportVerdict::Fails) });
    }
    if let ExplorationVerdict::Unfit(why) = &found.verdict {
        findings.push(finding(&why.to_string(), ReportVerdict::Fails));
    } else if found.panic.is_none() {
        findings.extend(found.looked_at_nothing().map(|why| finding(why, ReportVerdict::Fails)));
    }
    let far =
        if found.is_whole() { "every state that can be reached" } else { "not all that can be reached" };
    let touched = coverage.cells.len() - coverage.untouched().count();
    let mut notes = Vec::new();
    for (what, names) in [
        ("never accepted", &coverage.never_accepted),
        ("events never seen", &coverage.events_never_seen),
        ("rejections never seen", &coverage.rejections_never_seen),
    ] {
        if !names.is_empty() {
            notes.push(format!("{what}: {}", names.join(", ")));
        }
    }
    notes.push(format!("scenarios touch {touched} of {} kinds of steps", coverage.cells.len()));
    Section {
        title: EXPLORATION.into(),
        summary: format!(
            "{}, {far}; {} accepted, {} refused",
            counted(found.states, "state", "states"),
            found.accepted,
            found.refused
        ),
        findings,
        notes,
        ..Section::default()
    }
}
