//! A command with its id and metadata, as a handler takes it.

use crate::recorded::{CausationId, CommandId, CorrelationId, Metadata, Recorded, Scalar};

/// A command with an id and metadata: who gives it, and why.
///
/// A bare command converts into it: `handler.handle(Command::Open)` does. With an id, giving it again changes nothing.
///
/// ```
/// use leftfold::recorded::{CommandId, CorrelationId};
/// use leftfold::runtime::Issued;
///
/// let pay = Issued::of("pay 10")
///     .id(CommandId::new("payment-4711")?)
///     .correlation(CorrelationId::new("order-17")?)
///     .header("user", "petra");
/// # let _ = pay;
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Issued<C> {
    /// The command.
    pub command: C,
    /// The id under which giving it again changes nothing. Without one, the handler makes one.
    pub id: Option<CommandId>,
    /// Who gives it, why, and from where. The events get the headers and the correlation id. The causation id is that
    /// of the message that caused the command.
    pub metadata: Metadata,
}

impl<C> Issued<C> {
    /// This command, without an id or metadata.
    pub fn of(command: C) -> Issued<C> {
        Issued { command, id: None, metadata: Metadata::default() }
    }

    /// With this id. Giving it again changes nothing.
    #[must_use]
    pub fn id(self, id: CommandId) -> Self {
        Issued { id: Some(id), ..self }
    }

    /// As part of this conversation: its correlation id.
    #[must_use]
    pub fn correlation(mut self, id: CorrelationId) -> Self {
        self.metadata.correlation_id = Some(id);
        self
    }

    /// As caused by this message.
    #[must_use]
    pub fn causation(mut self, id: CausationId) -> Self {
        self.metadata.causation_id = Some(id);
        self
    }

    /// With this header, which its events get too.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Scalar>) -> Self {
        self.metadata.headers.insert(name.into(), value.into());
        self
    }

    /// A command from a log of commands that were recorded to be handled [later](crate::runtime::CommandRoutes::later),
    /// under the id that it was recorded with.
    pub fn recorded(recorded: &Recorded<C>) -> Issued<C>
    where
        C: Clone,
    {
        let id = Some(CommandId::known(recorded.id.text()));
        Issued { command: recorded.event.clone(), id, metadata: recorded.metadata.clone() }
    }

    /// Changes the command and keeps the rest: to unwrap an umbrella, or to add a key.
    pub fn map<D>(self, change: impl FnOnce(C) -> D) -> Issued<D> {
        Issued { command: change(self.command), id: self.id, metadata: self.metadata }
    }
}

impl<C> From<C> for Issued<C> {
    fn from(command: C) -> Self {
        Issued::of(command)
    }
}
