//! The event model of a model: its scenarios as slices, with the types of the fields where they are known.

use super::{Model, Modelled};
use crate::codec::schema::fields_of;
use crate::spec::{EventModel, MessageKind};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The fields of each message of a type, by its name: their names and types.
pub(super) type Fields = BTreeMap<String, Vec<(String, String)>>;

/// The fields of commands, events and rejections.
pub(super) fn fields<C: DeserializeOwned, E: DeserializeOwned, R: DeserializeOwned>() -> [Fields; 3] {
    [fields_of::<C>(), fields_of::<E>(), fields_of::<R>()]
}

impl<D: Modelled> Model<D> {
    /// The event model that the scenarios draw: slices in the order of time, each with its command, view or process manager, its events, and
    /// moments of the scenarios as examples. A model that is [explored](Self::explored) knows the types of the fields as well.
    ///
    /// A slice is a command with the events that it leads to, a view, or a process manager with the commands that it makes owed. What is
    /// refused belongs to the slice of its command.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model, Scenario};
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
    /// let lamp = Model::new("lamp", Lamp).scenarios([
    ///     Scenario::named("a lamp goes on").when(Command::SwitchOn).then([Event::WentOn]),
    ///     Scenario::named("but not twice")
    ///         .given([Event::WentOn])
    ///         .when(Command::SwitchOn)
    ///         .then_rejected(Rejection::AlreadyOn),
    /// ]);
    /// assert_eq!(lamp.event_model().to_string(), "\
    /// lamp
    ///
    /// switch on (command)
    ///   command    switch on
    ///   events     went on
    ///   refused    already on
    ///   example    a lamp goes on
    ///   example    but not twice
    /// ");
    /// ```
    ///
    /// It takes the time to play every scenario once, and O(n³) for n slices.
    pub fn event_model(&self) -> EventModel {
        let known = self.declared.machine.as_ref().map(|machine| (machine.fields)());
        let fields = |kind: MessageKind, name: &str| {
            let of = known.as_ref().map(|[commands, events, rejections]| match kind {
                MessageKind::Command => commands,
                MessageKind::Event => events,
                MessageKind::Rejection => rejections,
            });
            of.and_then(|of| of.get(name)).cloned().unwrap_or_default()
        };
        self.whole_specification().event_model(&self.name, &self.decider, &fields)
    }
}
