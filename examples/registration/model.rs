//! Users register and change their name and email address. A change of address that is refused is itself a fact.

use leftfold::im::OrdMap;
use leftfold::message::Words;
use leftfold::{Decider, Fold, Model, view};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    RegisterUser { user: u64, name: String, email: String },
    ChangeUsername { name: String },
    ChangeEmail { email: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    UserRegistered { user: u64, name: String, email: String },
    UsernameChanged { old_name: String, new_name: String },
    EmailChanged { old_email: String, new_email: String },
    EmailChangeFailed { email: String, reason: Reason },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    NotAnAddress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    AlreadyRegistered,
    NotRegistered,
    NameIsEmpty,
    NotAnAddress { email: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub email: String,
}

pub struct Registration;

impl Fold for Registration {
    type State = Option<User>;
    type Event = Event;

    fn initial_state(&self) -> Option<User> {
        None
    }

    fn evolve(&self, user: Option<User>, event: &Event) -> Option<User> {
        match (user, event) {
            (_, Event::UserRegistered { user, name, email }) => {
                Some(User { id: *user, name: name.clone(), email: email.clone() })
            }
            (Some(user), Event::UsernameChanged { new_name, .. }) => {
                Some(User { name: new_name.clone(), ..user })
            }
            (Some(user), Event::EmailChanged { new_email, .. }) => {
                Some(User { email: new_email.clone(), ..user })
            }
            (user, _) => user,
        }
    }
}

impl Decider for Registration {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, user: &Option<User>) -> Result<Vec<Event>, Rejection> {
        match (command, user) {
            (Command::RegisterUser { .. }, Some(_)) => Err(Rejection::AlreadyRegistered),
            (Command::RegisterUser { name, .. }, None) if name.is_empty() => Err(Rejection::NameIsEmpty),
            (Command::RegisterUser { email, .. }, None) if !is_address(email) => {
                Err(Rejection::NotAnAddress { email: email.clone() })
            }
            (Command::RegisterUser { user, name, email }, None) => {
                Ok(vec![Event::UserRegistered { user: *user, name: name.clone(), email: email.clone() }])
            }
            (_, None) => Err(Rejection::NotRegistered),
            (Command::ChangeUsername { name }, Some(_)) if name.is_empty() => Err(Rejection::NameIsEmpty),
            (Command::ChangeUsername { name }, Some(user)) if *name == user.name => Ok(vec![]),
            (Command::ChangeUsername { name }, Some(user)) => {
                Ok(vec![Event::UsernameChanged { old_name: user.name.clone(), new_name: name.clone() }])
            }
            (Command::ChangeEmail { email }, Some(_)) if !is_address(email) => {
                Ok(vec![Event::EmailChangeFailed { email: email.clone(), reason: Reason::NotAnAddress }])
            }
            (Command::ChangeEmail { email }, Some(user)) if *email == user.email => Ok(vec![]),
            (Command::ChangeEmail { email }, Some(user)) => {
                Ok(vec![Event::EmailChanged { old_email: user.email.clone(), new_email: email.clone() }])
            }
        }
    }

    fn is_refusal(&self, event: &Event) -> bool {
        matches!(event, Event::EmailChangeFailed { .. })
    }
}

/// Something before an `@` and a dot behind it: enough to catch what was never meant as an address.
fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

pub fn model() -> Model<Registration> {
    let failed_changes = view(OrdMap::new, |failed: OrdMap<String, u32>, event: &Event| match event {
        Event::EmailChangeFailed { email, .. } => {
            failed.alter(|times| Some(times.unwrap_or(0) + 1), email.clone())
        }
        _ => failed,
    });

    Model::new("registration", Registration)
        .sentence("the user is {name}, at {email}", |user: &Option<User>, (name, email): (String, String)| {
            user.as_ref().is_some_and(|user| user.name == name && user.email == email)
        })
        .view("failed changes of address", failed_changes, [])
        .words(
            Words::default()
                .say("UserRegistered", "{name} has registered as user {user} with {email}")
                .say("UsernameChanged", "{old_name} is called {new_name} now")
                .say("EmailChanged", "the address {old_email} has become {new_email}")
                .say("EmailChangeFailed", "the change to \"{email}\" was refused: {reason}"),
        )
        .scenarios_in("examples/registration/registration.feature")
        .alphabet(|_| commands())
        .label(|user: &Option<User>| if user.is_some() { "registered" } else { "nobody" })
        .explored(1_000)
}

/// What a user may try.
fn commands() -> Vec<Command> {
    let [name, email] = ["John Doe", "doe@fake.com"].map(str::to_string);
    let mut commands = vec![Command::RegisterUser { user: 1, name, email }];
    commands.extend(["Alex", "Alexander", ""].map(|name| Command::ChangeUsername { name: name.into() }));
    commands.extend(
        ["contact@prooph.de", "contact.prooph.de"].map(|email| Command::ChangeEmail { email: email.into() }),
    );
    commands
}
