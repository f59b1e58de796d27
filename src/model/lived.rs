//! Real life, as a model declares it: what would have caused an event, and how the log of another program is read.

use super::{Model, Modelled};
use crate::check::conform::{Conform, ConformanceOf, LivedEvent};
use crate::check::gaps::{GapSearch, GapsOf};
#[cfg(feature = "xes")]
use crate::check::{CaseLog, LoggedCase, LoggedEvent};
#[cfg(feature = "log")]
use crate::codec::Codec;
use crate::decider::Decider;
use crate::fold::Fold;
#[cfg(feature = "log")]
use crate::log::FileLogReader;
#[cfg(feature = "log")]
use crate::store::EventReader;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::sync::Arc;
#[cfg(feature = "log")]
use std::{
    error::Error,
    path::{Path, PathBuf},
};

type EventOf<D> = <D as Fold>::Event;
type CommandOf<D> = <D as Decider>::Command;
type CausedBy<D> = Arc<dyn Fn(&LivedEvent<'_, EventOf<D>>) -> Option<CommandOf<D>> + Send + Sync>;
/// Allows a replay the steps that a log does not show.
type AllowsHidden<D> = Arc<dyn for<'d> Fn(Conform<'d, D>) -> Conform<'d, D> + Send + Sync>;
/// Says of an event to which key it belongs.
type SaysKey<'m, E> = &'m (dyn Fn(&E) -> String + Send + Sync);
type KeyOf<D> = Arc<dyn Fn(&EventOf<D>) -> String + Send + Sync>;
#[cfg(feature = "log")]
pub(crate) type OpenedLog<E> = Box<dyn EventReader<E> + Send + Sync>;
#[cfg(feature = "log")]
type OpensLog<D> =
    Arc<dyn Fn(&Path) -> Result<OpenedLog<EventOf<D>>, Box<dyn Error + Send + Sync>> + Send + Sync>;
#[cfg(feature = "xes")]
type ReadsLogged<D> =
    Arc<dyn Fn(&LoggedCase, &LoggedEvent) -> Result<Option<EventOf<D>>, String> + Send + Sync>;

/// What a model declares about real histories.
pub(super) struct Lived<D: Modelled> {
    caused_by: Option<CausedBy<D>>,
    allows_hidden: Option<AllowsHidden<D>>,
    key_of: Option<KeyOf<D>>,
    written: Option<WrittenAsJson<D>>,
    #[cfg(feature = "log")]
    opens_log: Option<OpensLog<D>>,
    /// The folders that are replayed with every check.
    #[cfg(feature = "log")]
    pub(super) logs: Vec<PathBuf>,
    #[cfg(feature = "xes")]
    case_log: Option<(CaseLog, ReadsLogged<D>)>,
}

/// How reports are written as JSON.
#[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line writes them"))]
pub(crate) struct WrittenAsJson<D: Modelled> {
    pub(crate) conformance: fn(&ConformanceOf<D>) -> serde_json::Result<String>,
    pub(crate) gaps: fn(&GapsOf<D>) -> serde_json::Result<String>,
}

impl<D: Modelled> Copy for WrittenAsJson<D> {}

impl<D: Modelled> Clone for WrittenAsJson<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Modelled> Default for Lived<D> {
    fn default() -> Self {
        Lived {
            caused_by: None,
            allows_hidden: None,
            key_of: None,
            written: None,
            #[cfg(feature = "log")]
            opens_log: None,
            #[cfg(feature = "log")]
            logs: Vec::new(),
            #[cfg(feature = "xes")]
            case_log: None,
        }
    }
}

impl<D: Modelled> Clone for Lived<D> {
    fn clone(&self) -> Self {
        Lived {
            caused_by: self.caused_by.clone(),
            allows_hidden: self.allows_hidden.clone(),
            key_of: self.key_of.clone(),
            written: self.written,
            #[cfg(feature = "log")]
            opens_log: self.opens_log.clone(),
            #[cfg(feature = "log")]
            logs: self.logs.clone(),
            #[cfg(feature = "xes")]
            case_log: self.case_log.clone(),
        }
    }
}

impl<D: Modelled> Model<D> {
    /// Says which command would have caused an event, so that real histories can be replayed: by [`conform`](Self::conform),
    /// [`gaps`](Self::gaps), and the tasks of these names on the [command line](Self::main).
    ///
    /// `None` means that the event was caused outside of this model, so it is folded without a decision. A command that carries the
    /// time takes it from the event.
    ///
    /// The command line reads the log of a command handler in a folder: each stream is one history, and events are written as
    /// [`codec::Codec`](crate::codec::Codec) writes them. Of another log, say how it is opened with [`log`](Self::log).
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
    /// use leftfold::recorded::StreamName;
    /// use leftfold::store::{Batch, EventStore, Listing, Memory};
    ///
    /// let lamp = Model::new("lamp", Lamp).caused_by(|lived| match lived.event {
    ///     Event::WentOn => Some(Command::SwitchOn),
    /// });
    /// let store = Memory::new();
    /// store.append(Batch::to(&StreamName::of("lamp", 1)?).events([Event::WentOn, Event::WentOn]))?;
    ///
    /// let mut replay = lamp.conform();
    /// replay.log(&store, &Listing::all())?;
    /// assert_eq!(replay.finish().groups[0].reason, "AlreadyOn");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn caused_by(
        mut self,
        caused_by: impl Fn(&LivedEvent<'_, D::Event>) -> Option<D::Command> + Send + Sync + 'static,
    ) -> Self
    where
        D::Command: Serialize,
        D::Event: Serialize + DeserializeOwned + 'static,
        D::Rejection: Serialize,
    {
        self.lived.caused_by = Some(Arc::new(caused_by));
        self.lived.written = Some(WrittenAsJson {
            conformance: |report| serde_json::to_string_pretty(report),
            gaps: |gaps| serde_json::to_string_pretty(gaps),
        });
        #[cfg(feature = "log")]
        if self.lived.opens_log.is_none() {
            return self.log(|folder| Ok(FileLogReader::open(folder, Codec::new()?)?));
        }
        self
    }

    /// Allows steps that a log does not show: before an event that would be refused, at most `most` of these commands; see
    /// [`Conform::hidden`].
    #[must_use]
    pub fn hidden<I>(mut self, most: usize, commands: impl Fn(&D::State) -> I + Send + Sync + 'static) -> Self
    where
        D::State: Clone,
        I: IntoIterator<Item = D::Command>,
    {
        let commands = Arc::new(commands);
        self.lived.allows_hidden = Some(Arc::new(move |conform| {
            let commands = commands.clone();
            conform.hidden(most, move |state| commands(state))
        }));
        self
    }

    /// Replays the events of each key as a history of its own, where one stream has those of several; see [`Conform::each_key`].
    #[must_use]
    pub fn each_key<K: Display>(mut self, key: impl Fn(&D::Event) -> K + Send + Sync + 'static) -> Self {
        self.lived.key_of = Some(Arc::new(move |event| key(event).to_string()));
        self
    }

    /// Says how the command line opens the log in a folder, if not with the [`codec::Codec`](crate::codec::Codec) of the model's events: with
    /// upcasters, or with keys in the names of the streams ([`Mapped::keyed`](crate::store::Mapped::keyed)).
    ///
    /// ```
    /// # use leftfold::{Keyed, Model, Modelled};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// use leftfold::codec::Codec;
    /// use leftfold::log::FileLogReader;
    /// use leftfold::store::Mapped;
    ///
    /// fn with_log<D: Modelled<Event = Keyed<u32, Event>>>(model: Model<D>) -> Model<D> {
    ///     model.log(|folder| Ok(Mapped::keyed(FileLogReader::open(folder, Codec::<Event>::new()?)?)))
    /// }
    /// ```
    #[cfg(feature = "log")]
    #[must_use]
    pub fn log<R>(
        mut self,
        open: impl Fn(&Path) -> Result<R, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self
    where
        R: EventReader<D::Event> + Send + Sync + 'static,
    {
        self.lived.opens_log = Some(Arc::new(move |folder| Ok(Box::new(open(folder)?))));
        self
    }

    /// Says how a log of another program, in XES or CSV, is read (feature `xes`): where its columns are, and which event of the model
    /// each of its events is.
    ///
    /// `Ok(None)` passes over an event that is no matter of the model. An error is a sentence about an event that the model should
    /// know, and ends the reading.
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { Opened, Solved }
    /// use leftfold::check::CaseLog;
    ///
    /// fn with_log<D: Modelled<Event = Event>>(model: Model<D>) -> Model<D> {
    ///     model.case_log(CaseLog::new().case("Case ID").activity("Activity"), |_case, logged| {
    ///         match logged.activity.as_str() {
    ///             "Take in charge ticket" => Ok(Some(Event::Opened)),
    ///             "Closed" => Ok(Some(Event::Solved)),
    ///             "Note added" => Ok(None),
    ///             other => Err(format!("no ticket has a step {other:?}")),
    ///         }
    ///     })
    /// }
    /// ```
    #[cfg(feature = "xes")]
    #[must_use]
    pub fn case_log(
        mut self,
        how: CaseLog,
        event: impl Fn(&LoggedCase, &LoggedEvent) -> Result<Option<D::Event>, String> + Send + Sync + 'static,
    ) -> Self {
        self.lived.case_log = Some((how, Arc::new(event)));
        self
    }

    /// Says of an event to which key it belongs, where one stream has the histories of several.
    pub(crate) fn key_of(&self) -> Option<SaysKey<'_, D::Event>> {
        self.lived.key_of.as_deref()
    }

    /// A replay of real histories, as the model declares it, that has read nothing yet. Without [`caused_by`](Self::caused_by),
    /// every event is folded without a decision.
    pub fn conform(&self) -> Conform<'_, D> {
        let Lived { caused_by, allows_hidden, key_of, .. } = self.lived.clone();
        let mut conform = Conform::caused_by(&self.decider, move |lived| {
            caused_by.as_ref().and_then(|caused_by| caused_by(lived))
        });
        if let Some(allows_hidden) = allows_hidden {
            conform = allows_hidden(conform);
        }
        match key_of {
            Some(key_of) => conform.each_key(move |event| key_of(event)),
            None => conform,
        }
    }

    /// A search for the gaps between the scenarios and real histories, as the model declares it, that has read nothing yet. States
    /// are grouped by their [`label`](Self::label).
    pub fn gaps(&self) -> GapSearch<'_, D> {
        GapSearch::new(self.conform(), &self.whole_specification(), self.label_of())
    }
}

#[cfg(feature = "workbench")]
impl<D: Modelled> Model<D> {
    /// How reports are written as JSON.
    ///
    /// # Errors
    /// A sentence if the model does not say what causes its events.
    pub(crate) fn lived_as_json(&self) -> Result<WrittenAsJson<D>, &'static str> {
        self.lived.written.ok_or(NO_CAUSES)
    }

    /// How a log of another program is read, and which event of the model one of its events is.
    #[cfg(feature = "xes")]
    pub(crate) fn reads_cases(&self) -> Option<(&CaseLog, &ReadsLogged<D>)> {
        self.lived.case_log.as_ref().map(|(how, event)| (how, event))
    }
}

/// Why nothing is replayed.
#[cfg(feature = "log")]
const NO_CAUSES: &str = "the model does not say what causes its events: declare it with `.caused_by(|lived| …)`, the command for each event";

#[cfg(feature = "log")]
impl<D: Modelled> Model<D> {
    /// Whether the model says what causes its events; otherwise a sentence.
    pub(super) fn says_causes(&self) -> Result<(), &'static str> {
        self.lived.caused_by.as_ref().map(drop).ok_or(NO_CAUSES)
    }

    /// Whether the model says how its log is opened.
    #[cfg(feature = "serve")]
    pub(crate) fn says_log(&self) -> bool {
        self.lived.opens_log.is_some()
    }

    /// Opens the log of the kit in a folder.
    pub(crate) fn open_log(
        &self,
        folder: &Path,
    ) -> Result<OpenedLog<D::Event>, Box<dyn Error + Send + Sync>> {
        match &self.lived.opens_log {
            Some(open) => open(folder),
            None => {
                Err("the model does not say how its log is opened: declare it with `.log(|folder| …)`".into())
            }
        }
    }
}
