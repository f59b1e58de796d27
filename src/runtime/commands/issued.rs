//! A command with its id and metadata, as a handler takes it.

use crate::recorded::{CausationId, CommandId, CorrelationId, Metadata, Recorded, Scalar, Version};

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
    /// The version of the stream that the caller has seen. Without one, the command is decided on any version.
    pub expected: Option<Version>,
}

impl<C> Issued<C> {
    /// This command, without an id or metadata.
    pub fn of(command: C) -> Issued<C> {
        Issued { command, id: None, metadata: Metadata::default(), expected: None }
    }

    /// With this id. Giving it again changes nothing: the answer is that of the first time. The handler knows a repeat by its id
    /// alone, so another command under the same id is answered as that repeat, and not recorded.
    #[must_use]
    pub fn id(self, id: CommandId) -> Self {
        Issued { id: Some(id), ..self }
    }

    /// Only if the stream has this version: what its giver has seen. If somebody else has written since, the command is not
    /// decided, and the answer is [`HandleError::Changed`](crate::runtime::HandleError::Changed).
    ///
    /// Web handlers give [`Handled::version`](crate::runtime::Handled::version) to the browser as `ETag`, and take it back
    /// from `If-Match`. [`Version::NONE`] expects that there is no event yet.
    ///
    /// ```
    /// # use leftfold::recorded::{StreamName, Version};
    /// # use leftfold::runtime::CommandHandler;
    /// # use leftfold::store::Memory;
    /// use leftfold::runtime::{HandleError, Issued};
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Rung }
    /// # let bell = leftfold::decider(|| (), |_: &(), _: &()| Ok::<_, ()>(vec![Event::Rung]), |_, _: &Event| ());
    /// # let handler = CommandHandler::in_one_stream(bell, Memory::new(), StreamName::new("bell")?);
    /// # let command = ();
    /// let seen = handler.handle(command)?.version;
    /// handler.handle(command)?;
    /// let late = handler.handle(Issued::of(command).expecting(seen)).unwrap_err();
    /// assert!(matches!(late, HandleError::Changed { expected, version, .. } if expected.get() == 1 && version.get() == 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expecting(self, version: Version) -> Self {
        Issued { expected: Some(version), ..self }
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
        Issued { command: recorded.event.clone(), id, metadata: recorded.metadata.clone(), expected: None }
    }

    /// Changes the command and keeps the rest: to unwrap an umbrella, or to add a key.
    pub fn map<D>(self, change: impl FnOnce(C) -> D) -> Issued<D> {
        let Issued { command, id, metadata, expected } = self;
        Issued { command: change(command), id, metadata, expected }
    }
}

impl<C> From<C> for Issued<C> {
    fn from(command: C) -> Self {
        Issued::of(command)
    }
}
