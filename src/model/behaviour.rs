//! The behaviour lock: a file beside the model that says what it answers, and a check that says what has changed since.

use super::checks::{BEHAVIOUR as TITLE, ProgressLine, without_alphabet};
use super::replace_file::{replace, write};
use super::report::{ReportFinding, ReportVerdict, Section};
use super::{Model, Modelled};
use crate::check::compare::{MachineOf, machine_with_model, steps_by_name};
use crate::check::explore::Explorable;
use crate::check::{ComparedAnswer, ComparedExtent, Machine, MachineFileError, ModelDifference, explore};
use crate::decider::Decider;
use crate::message::Message;
use crate::page::{count, lines, named, with_sources};
use crate::spec::SourceLocation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, io};

/// The variable that asks for the file to be written again.
const WRITE: &str = "LEFTFOLD_BEHAVIOUR";
/// The bound of states where the model is not explored for its own sake.
const MOST_STATES: usize = 100_000;
/// As many as [`explore`] tries in a state.
const MOST_COMMANDS: usize = 10_000;

/// What can be done with a lock. An object, because what its messages have to be is known only where it is declared.
pub(super) trait BehaviourLock<D: Modelled>: Send + Sync {
    fn section(&self, model: &Model<D>, longest: Duration) -> Section;

    /// The file as it is to be written, and what has changed. The error is a sentence.
    fn rewrite(&self, model: &Model<D>) -> Result<Rewrite, String>;

    /// A page about two machines, or a machine and the model of today. The error is a sentence.
    #[cfg(feature = "workbench")]
    fn compared(
        &self,
        model: &Model<D>,
        old: &Path,
        new: Option<&Path>,
        form: ComparedForm,
    ) -> Result<(String, bool), String>;
}

/// How a comparison is written.
#[cfg(feature = "workbench")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparedForm {
    Text,
    Json,
    Gherkin,
}

impl<D: Modelled> Model<D> {
    /// Locks the behaviour: the check compares what the model answers with this file, and reports what has changed since it was
    /// written, by kind, each with its shortest story.
    ///
    /// The file holds the [quotient](crate::check::Machine::quotient) of the explored [machine](crate::check::machine). It depends on behaviour alone: a state of
    /// another form or a reordered alphabet changes nothing in it. `check --accept behaviour` of [`main`](Self::main) writes it,
    /// and so does a check with `LEFTFOLD_BEHAVIOUR=write` in its environment. Commit it.
    ///
    /// Needs an [`alphabet`](Self::alphabet), and takes as many states as [`explored`](Self::explored) does; without it, 100,000.
    /// Beyond that, and where commands are new in the alphabet, the check is undecided. A relative path is relative to
    /// the package whose program or test runs (`CARGO_MANIFEST_DIR`), and to the current folder outside cargo. One file is kept: of
    /// several, the last.
    ///
    /// Time: about three explorations; where the file differs, another two.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model};
    /// # use serde::{Deserialize, Serialize};
    /// # struct Lamp;
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
    /// # impl Fold for Lamp {
    /// #     type State = bool; type Event = Event;
    /// #     fn initial_state(&self) -> bool { false }
    /// #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
    /// # }
    /// # impl Decider for Lamp {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
    /// #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
    /// #     }
    /// # }
    /// let lamp = Model::new("lamp", Lamp).alphabet(|_| [Command::SwitchOn]).behaviour("no/such.jsonl");
    /// let failure = lamp.check().failures().next().unwrap().name.clone();
    /// assert!(failure.starts_with("there is no file no/such.jsonl: write it with `check --accept behaviour`"));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn behaviour(mut self, file: impl Into<PathBuf>) -> Self
    where
        D: Decider<
                State: Explorable,
                Command: Serialize + DeserializeOwned,
                Event: Serialize + DeserializeOwned,
                Rejection: Serialize + DeserializeOwned,
            > + 'static,
    {
        if self.behaviour.is_none() {
            let check = |model: &Model<D>, longest| match &model.behaviour {
                Some(lock) => lock.section(model, longest),
                None => Section::default(),
            };
            self.declared.checks.push((TITLE, Arc::new(check)));
        }
        self.behaviour = Some(Arc::new(Lock { file: file.into(), place: Location::caller().into() }));
        self
    }

    /// The file of the behaviour as it is to be written; `None` if the model has no lock.
    #[cfg(feature = "workbench")]
    pub(crate) fn behaviour_rewrite(&self) -> Option<Result<Rewrite, String>> {
        self.behaviour.as_ref().map(|lock| lock.rewrite(self))
    }

    /// A page about two files of machines, or one and the model of today, and whether they are the same. `None` if the model has
    /// no lock.
    #[cfg(feature = "workbench")]
    pub(crate) fn compared_files(
        &self,
        old: &Path,
        new: Option<&Path>,
        form: ComparedForm,
    ) -> Option<Result<(String, bool), String>> {
        self.behaviour.as_ref().map(|lock| lock.compared(self, old, new, form))
    }
}

/// The lock of a model.
struct Lock {
    file: PathBuf,
    /// The line that declares it.
    place: SourceLocation,
}

/// A file that is about to be written.
#[derive(Debug)]
pub(crate) struct Rewrite {
    path: PathBuf,
    shown: String,
    before: Option<Vec<u8>>,
    text: String,
    /// What has changed.
    pub(crate) page: String,
}

impl Rewrite {
    /// Writes the file as a whole, or not at all. Returns a sentence, as does the error.
    pub(crate) fn write(&self) -> Result<String, String> {
        let written = match &self.before {
            Some(before) if unix_lines(before) == self.text.as_bytes() => {
                return Ok(format!("{} stays as it is", self.shown));
            }
            Some(before) => replace(&self.path, before, self.text.as_bytes()),
            None => write(&self.path, self.text.as_bytes()),
        };
        match written {
            Ok(()) => Ok(format!("{} is written; commit it", self.shown)),
            Err(error) => Err(format!("{} cannot be written: {}", self.shown, with_sources(&error))),
        }
    }
}

/// A checkout on Windows may have other ends of lines, and a file that was redirected there begins with a byte order mark.
fn unix_lines(text: &[u8]) -> Vec<u8> {
    let mut lines = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).to_vec();
    lines.retain(|byte| *byte != b'\r');
    lines
}

/// The bytes of a file, and the machine in them.
type ReadFile<C, E, R> = (Vec<u8>, Result<Machine<C, E, R>, MachineFileError>);

/// Reads the file of a machine. The error is a sentence.
fn read<C, E, R>(path: &Path, shown: &str) -> Result<ReadFile<C, E, R>, ReadFailure>
where
    C: Serialize + DeserializeOwned,
    E: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ReadFailure::Missing,
        _ if path.is_dir() => ReadFailure::Unreadable(format!("{shown} is a folder, and not a file")),
        _ => ReadFailure::Unreadable(format!("{shown} cannot be read: {}", with_sources(&error))),
    };
    let bytes = fs::read(path).map_err(failed)?;
    let text = String::from_utf8(unix_lines(&bytes))
        .map_err(|_| ReadFailure::Unreadable(format!("{shown} cannot be read: it is not UTF-8")))?;
    let machine = Machine::from_json(&text);
    Ok((bytes, machine))
}

/// Reads the file of a machine, as somebody names it. The error is a sentence.
#[cfg(feature = "workbench")]
pub(crate) fn read_machine<C, E, R>(path: &Path) -> Result<Machine<C, E, R>, String>
where
    C: Serialize + DeserializeOwned,
    E: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    let shown = named(path.to_string_lossy());
    let (_, machine) = read(path, &shown).map_err(|failure| failure.sentence(&shown, ""))?;
    machine.map_err(|error| format!("{shown}: {error}"))
}

/// Why a file was not read.
enum ReadFailure {
    Missing,
    Unreadable(String),
}

impl ReadFailure {
    fn sentence(self, shown: &str, advice: &str) -> String {
        match self {
            ReadFailure::Missing => format!("there is no file {shown}{advice}"),
            ReadFailure::Unreadable(sentence) => sentence,
        }
    }
}

fn how_to_write() -> String {
    format!("write it with `check --accept behaviour`, or with {WRITE}=write in the environment of a check")
}

/// How much a machine says.
fn extent<C, E, R>(machine: &Machine<C, E, R>) -> String {
    let answers: usize = machine.nodes().map(|node| machine.commands(node).count()).sum();
    let nodes = count(machine.nodes().len(), "node", "nodes");
    format!("{nodes}, {}", count(answers, "answer", "answers"))
}

impl Lock {
    fn path(&self) -> PathBuf {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        package.join(&self.file)
    }

    fn shown(&self) -> String {
        named(self.file.to_string_lossy().replace('\\', "/"))
    }

    fn finding(&self, name: impl Into<String>, verdict: ReportVerdict) -> ReportFinding {
        ReportFinding { place: Some(self.place.clone()), ..ReportFinding::new(name, verdict) }
    }

    fn failed(&self, why: String) -> Section {
        Section {
            title: TITLE.into(),
            summary: "not compared".into(),
            findings: vec![self.finding(why, ReportVerdict::Fails)],
            ..Section::default()
        }
    }

    /// The section after the file was written.
    fn written<D: Modelled>(&self, model: &Model<D>) -> Section
    where
        Lock: BehaviourLock<D>,
    {
        let written = self.rewrite(model).and_then(|file| Ok((file.write()?, file.page)));
        match written {
            Ok((sentence, page)) => Section {
                title: TITLE.into(),
                summary: "written".into(),
                findings: vec![self.finding(sentence, ReportVerdict::Holds)],
                notes: page.lines().map(str::to_string).collect(),
                ..Section::default()
            },
            Err(why) => self.failed(why),
        }
    }
}

fn most_states<D: Modelled>(model: &Model<D>) -> usize {
    model.declared.states.unwrap_or(MOST_STATES)
}

/// The smallest machine of a model as it is now. The error is a sentence.
fn today<D>(model: &Model<D>, longest: Duration) -> Result<MachineOf<D>, String>
where
    D: Modelled + Decider<State: Explorable, Command: Serialize, Event: Serialize, Rejection: Serialize>,
{
    let alphabet = model.declared.alphabet.clone().ok_or("the model has no alphabet")?;
    let is_endless = AtomicBool::new(false);
    let commands = |state: &D::State| {
        let commands = alphabet(state);
        if commands.len() > MOST_COMMANDS {
            is_endless.store(true, Ordering::Relaxed);
        }
        // Then there is nothing more to find out.
        if is_endless.load(Ordering::Relaxed) { Vec::new() } else { commands }
    };
    let line = ProgressLine::default();
    let setting = explore(&model.decider, commands).states(most_states(model)).time(longest);
    let found = setting.progress(|progress| line.show(progress.elapsed, progress)).machine();
    line.clear();
    if is_endless.load(Ordering::Relaxed) {
        return Err(format!(
            "the alphabet lists more than {MOST_COMMANDS} commands in one state: a file of all answers needs an alphabet that ends"
        ));
    }
    let machine = found.map_err(|error| with_sources(&error))?.quotient().named(model.name());
    if machine.nodes().all(|node| machine.commands(node).next().is_none()) && machine.is_whole() {
        return Err("no command was asked: let the alphabet list those worth trying".to_string());
    }
    Ok(machine)
}

impl<D> BehaviourLock<D> for Lock
where
    D: Modelled
        + Decider<
            State: Explorable,
            Command: Serialize + DeserializeOwned,
            Event: Serialize + DeserializeOwned,
            Rejection: Serialize + DeserializeOwned,
        >,
{
    fn section(&self, model: &Model<D>, longest: Duration) -> Section {
        if model.declared.alphabet.is_none() {
            return without_alphabet(TITLE);
        }
        if env::var_os(WRITE).is_some_and(|value| value == "write") {
            return self.written(model);
        }
        let shown = self.shown();
        let read = read(&self.path(), &shown)
            .map_err(|failure| failure.sentence(&shown, &format!(": {}", how_to_write())))
            .and_then(|(bytes, machine)| Ok((bytes, machine.map_err(|error| format!("{shown}: {error}"))?)));
        let (bytes, locked): (_, MachineOf<D>) = match read {
            Ok(read) => read,
            Err(why) => return self.failed(why),
        };
        let today = match today(model, longest) {
            Ok(today) => today,
            Err(why) => return self.failed(why),
        };
        let whole = locked.is_whole() && today.is_whole();
        let section = |summary: String, findings, notes| Section {
            title: TITLE.into(),
            summary,
            findings,
            notes,
            ..Section::default()
        };
        let as_ever = |whole| match whole {
            true => self.finding(format!("it answers as {shown} says"), ReportVerdict::Holds),
            false => self.finding(
                format!("as far as both are known, it answers as {shown} says"),
                ReportVerdict::Open,
            ),
        };
        let mut notes = bounds(&locked, &today, most_states(model));
        if unix_lines(&bytes) == today.to_json().as_bytes() {
            return section(extent(&locked), vec![as_ever(whole)], notes);
        }
        let line = ProgressLine::default();
        let found = machine_with_model(&locked, &model.decider, &today, most_states(model), |progress| {
            line.show(progress.elapsed, progress);
        });
        line.clear();
        notes.extend(asked(&found.newly_asked, &format!("asked today, and not known to {shown}")));
        notes.extend(asked(&found.no_longer_asked, &format!("known to {shown}, and not asked today")));
        match &found.comparison.extent {
            ComparedExtent::Unfit(why) => return self.failed(why.clone()),
            ComparedExtent::Bounded { why, .. } => {
                notes.push(format!("not everything was compared: {}", why.join("; ")));
            }
            ComparedExtent::Whole | ComparedExtent::Walked { .. } => (),
        }
        let kinds = &found.comparison.differences;
        if !kinds.is_empty() {
            notes.push(format!("if this is meant, accept it: {}", how_to_write()));
            let findings = kinds.iter().map(|kind| self.of_kind(model, kind)).collect();
            let summary = format!("{} from {shown}", count(kinds.len(), "difference", "differences"));
            return section(summary, findings, notes);
        }
        if locked.name() != model.name() {
            notes.push(format!("{shown} is of the model {}", named(locked.name())));
        }
        if !found.comparison.refines_as_far_as_seen() {
            return self.failed(format!("no command of {shown} could be compared"));
        }
        notes.push(format!("{shown} would be written otherwise today; {}", how_to_write()));
        section(extent(&locked), vec![as_ever(found.is_same())], notes)
    }

    fn rewrite(&self, model: &Model<D>) -> Result<Rewrite, String> {
        let (path, shown) = (self.path(), self.shown());
        let machine = today(model, Duration::MAX)?;
        if let Some(panic) = model.exploring().states(most_states(model)).run().panic {
            return Err(format!("{shown} is left as it is: the model panicked: {}", panic.message));
        }
        let text = machine.to_json();
        let (before, mut page) = match read(&path, &shown) {
            Err(ReadFailure::Missing) => (None, format!("{shown} is new: {}\n", extent(&machine))),
            Err(ReadFailure::Unreadable(why)) => return Err(why),
            // Something else may be in it, which would be lost.
            Ok((_, Err(why @ MachineFileError::NotAMachine { .. }))) => {
                return Err(format!("{shown} is left as it is: {why}. Take it away first"));
            }
            Ok((bytes, Err(why))) => (Some(bytes), format!("{shown}: {why}\n")),
            Ok((bytes, _)) if unix_lines(&bytes) == text.as_bytes() => {
                (Some(bytes), "nothing has changed\n".to_string())
            }
            Ok((bytes, Ok(locked))) => {
                let most = most_states(model);
                let found = machine_with_model(&locked, &model.decider, &machine, most, |_| ());
                (Some(bytes), found.to_string())
            }
        };
        if !machine.is_whole() {
            page += &format!("not explored to the end, but to {}\n", states(most_states(model)));
        }
        Ok(Rewrite { path, shown, before, text, page })
    }

    #[cfg(feature = "workbench")]
    fn compared(
        &self,
        model: &Model<D>,
        old: &Path,
        new: Option<&Path>,
        form: ComparedForm,
    ) -> Result<(String, bool), String> {
        use crate::check::Story;
        use crate::check::compare::machine_with_machine;
        use crate::spec::Specification;

        let old: MachineOf<D> = read_machine(old)?;
        let new: Option<MachineOf<D>> = match new {
            Some(new) => Some(read_machine(new)?),
            None => None,
        };
        let found = match &new {
            Some(new) => machine_with_machine(&old, new),
            None => machine_with_model(
                &old,
                &model.decider,
                &today(model, Duration::MAX)?,
                most_states(model),
                |_| (),
            ),
        };
        let kinds = || found.comparison.differences.iter();
        let words = model.specification.in_words();
        let text = match (form, &new) {
            (ComparedForm::Text, _) => found.to_string(),
            (ComparedForm::Json, _) => {
                let json = serde_json::to_string_pretty(&found).map_err(|error| error.to_string())?;
                json + "\n"
            }
            (ComparedForm::Gherkin, None) => {
                let scenarios = kinds().map(|kind| kind.scenario(&model.decider));
                let whole = Specification::new().words(words.clone()).scenarios(scenarios);
                whole.document(model.name()).to_gherkin()
            }
            (ComparedForm::Gherkin, Some(new)) => {
                let story = |kind: &ModelDifference<_, _, _>| Story::of(kind.commands.iter().cloned());
                let scenarios = kinds().map(|kind| story(kind).scenario(new, kind.name()));
                let whole = Specification::new().words(words.clone()).scenarios(scenarios);
                whole.document(model.name()).to_gherkin()
            }
        };
        Ok((text, found.is_same()))
    }
}

impl Lock {
    /// A kind of difference: its shortest story as it goes today, the answer before, and the scenario.
    fn of_kind<D: Modelled>(
        &self,
        model: &Model<D>,
        kind: &ModelDifference<D::Command, D::Event, D::Rejection>,
    ) -> ReportFinding {
        let words = model.specification.in_words();
        let before = match &kind.old_answer {
            ComparedAnswer::Events(events) if events.is_empty() => vec!["nothing happened".to_string()],
            ComparedAnswer::Events(events) => events.iter().map(|event| event.say(words)).collect(),
            ComparedAnswer::Rejection(rejection) => vec![format!("refused: {}", rejection.say(words))],
            ComparedAnswer::Panic(message) => vec![format!("a panic: {message}")],
        };
        let (name, times) = (kind.name(), count(kind.times, "step", "steps"));
        let shortest = if kind.proved_shortest { "" } else { ", not proved shortest" };
        let after = count(kind.commands.len(), "command", "commands");
        let story = kind.story();
        let mut page = format!("{name}\n{times}, after {after}{shortest}\n\n{}", model.in_words(&story));
        for (index, line) in before.iter().enumerate() {
            let margin = if index == 0 { "  before" } else { "" };
            // A text can always be written to.
            let _ = lines(&mut page, &format!("{margin:<10}"), 10, line);
            page.push('\n');
        }
        let story = Some(model.with_scenario(&page, &story, &name));
        ReportFinding { story, ..self.finding(format!("{name}; {times}"), ReportVerdict::Fails) }
    }
}

fn states(number: usize) -> String {
    count(number, "state", "states")
}

/// What is not known, and why.
fn bounds<C, E, R>(locked: &Machine<C, E, R>, today: &Machine<C, E, R>, most: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if !locked.is_whole() {
        notes.push("the file does not know all that can be reached: the exploration had ended before".into());
    }
    if !today.is_whole() {
        notes.push(format!(
            "not all that can be reached today was explored: it took {} at most, or the model panicked",
            states(most)
        ));
    }
    notes
}

fn asked(names: &BTreeMap<String, u64>, what: &str) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", steps_by_name(names)))
}
