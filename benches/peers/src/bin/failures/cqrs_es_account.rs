//! The account with cqrs-es.

use crate::fmodel_account::{
    Command, Event, InsufficientFunds, State, decide, decide_forgetfully, decide_wrongly, evolve,
};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        format!("{self:?}").split(' ').next().unwrap_or_default().to_string()
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

macro_rules! aggregate {
    ($name:ident, $decide:path) => {
        #[derive(Default, Serialize, Deserialize)]
        pub struct $name(State);

        impl Aggregate for $name {
            const TYPE: &'static str = stringify!($name);
            type Command = Command;
            type Event = Event;
            type Error = InsufficientFunds;
            type Services = ();

            async fn handle(
                &mut self,
                command: Command,
                (): &(),
                sink: &EventSink<Self>,
            ) -> Result<(), InsufficientFunds> {
                for event in $decide(&command, &self.0)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Event) {
                self.0 = evolve(&self.0, &event);
            }
        }
    };
}

aggregate!(Account, decide);
aggregate!(WrongAccount, decide_wrongly);
aggregate!(ForgetfulAccount, decide_forgetfully);
