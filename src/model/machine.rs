//! The machine of a model that is explored.

use super::event_model::{Fields, fields};
use super::{Model, Modelled};
use crate::check::{Covering, Machine, MachineError, MachineNode, Suite, suite};
use crate::decider::Decider;
use crate::fold::Fold;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// What the nodes of a machine are labelled with.
#[derive(Clone, Copy)]
pub(crate) enum NodeLabels {
    /// What the model calls its states.
    OfModel,
    /// The states as JSON.
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line asks for states"))]
    States,
}

/// How far the exploration of a machine goes, if it does not end before: how many states, and how long.
pub(super) type MachineBounds = (usize, Duration);

type MachineOf<D> = Machine<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;
type Built<D> = Result<MachineOf<D>, MachineError>;
type BuildOf<D> = Arc<dyn Fn(&Model<D>, NodeLabels, MachineBounds) -> Built<D> + Send + Sync>;
type SuiteOf<D> = Suite<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The exploration that a model declares, as a machine, and what can be done with it because its messages are serde's.
pub(super) struct AsMachine<D: Modelled> {
    build: BuildOf<D>,
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line asks for suites"))]
    suite: fn(&MachineOf<D>, Covering, bool) -> SuiteOf<D>,
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line asks for suites"))]
    suite_json: fn(&SuiteOf<D>) -> serde_json::Result<String>,
    pub(super) fields: fn() -> [Fields; 3],
}

impl<D: Modelled> Clone for AsMachine<D> {
    fn clone(&self) -> Self {
        AsMachine { build: self.build.clone(), ..*self }
    }
}

impl<D: Modelled> AsMachine<D>
where
    D::Command: Serialize + DeserializeOwned,
    D::Event: Serialize + DeserializeOwned,
    D::Rejection: Serialize + DeserializeOwned,
{
    pub(super) fn built_by(
        build: impl Fn(&Model<D>, NodeLabels, MachineBounds) -> Built<D> + Send + Sync + 'static,
    ) -> Self {
        AsMachine {
            build: Arc::new(build),
            suite: suite_of::<D>,
            suite_json: Suite::to_json,
            fields: fields::<D::Command, D::Event, D::Rejection>,
        }
    }
}

/// The suite of a machine by its labels.
fn suite_of<D: Modelled>(machine: &MachineOf<D>, covering: Covering, chained: bool) -> SuiteOf<D>
where
    D::Command: Serialize + DeserializeOwned,
    D::Event: Serialize + DeserializeOwned,
    D::Rejection: Serialize + DeserializeOwned,
{
    let label = |node: MachineNode| machine.label(node).unwrap_or_default().to_string();
    let setting = suite(machine, label);
    if chained { setting.chained() } else { setting }.covering(covering)
}

impl<D: Modelled> Model<D> {
    /// A model that is [explored](Self::explored), as a [`Machine`] with the model's name; `None` if it is not explored. Nodes have
    /// the [labels](Self::label) of their states.
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
    ///
    /// let lamp = Model::new("lamp", Lamp)
    ///     .alphabet(|_| [Command::SwitchOn])
    ///     .label(|on| if *on { "on" } else { "off" })
    ///     .explored(100);
    /// let machine = lamp.machine().expect("it is explored")?;
    /// let labels: Vec<_> = machine.nodes().map(|node| machine.label(node)).collect();
    /// assert_eq!(labels, [Some("off"), Some("on")]);
    /// # Ok::<(), leftfold::check::MachineError>(())
    /// ```
    ///
    /// # Errors
    /// Inside, as [`Explore::machine_with`](crate::check::Explore::machine_with).
    #[allow(clippy::type_complexity)]
    pub fn machine(&self) -> Option<Result<Machine<D::Command, D::Event, D::Rejection>, MachineError>> {
        self.labelled_machine(NodeLabels::OfModel)
    }

    /// The machine with these labels.
    pub(crate) fn labelled_machine(&self, labels: NodeLabels) -> Option<Built<D>> {
        self.bounded_machine(labels, (usize::MAX, Duration::MAX))
    }

    /// The machine of what is explored in this time, and in at most `states` states.
    pub(crate) fn machine_within(&self, states: usize, time: Duration) -> Option<Built<D>> {
        self.bounded_machine(NodeLabels::OfModel, (states, time))
    }

    fn bounded_machine(&self, labels: NodeLabels, bounds: MachineBounds) -> Option<Built<D>> {
        let machine = (self.declared.machine.as_ref()?.build)(self, labels, bounds);
        Some(machine.map(|machine| machine.named(&self.name)))
    }

    /// The suite of the machine, by the labels of the model.
    #[cfg(feature = "workbench")]
    pub(crate) fn suite(
        &self,
        covering: Covering,
        chained: bool,
    ) -> Option<Result<SuiteOf<D>, MachineError>> {
        let of = self.declared.machine.as_ref()?.suite;
        Some(self.machine()?.map(|machine| of(&machine, covering, chained)))
    }

    /// A suite of the model as a file.
    #[cfg(feature = "workbench")]
    pub(crate) fn suite_json(&self, suite: &SuiteOf<D>) -> Option<serde_json::Result<String>> {
        Some((self.declared.machine.as_ref()?.suite_json)(suite))
    }
}
