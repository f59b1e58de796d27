//! A model with keys goes to the log in one line, and memory and files give the same answers.

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::{StreamName, Version};
use leftfold::runtime::{CommandHandler, HandleError, Issued, Process, ProcessRunner};
use leftfold::store::{EventStore, Mapped, Memory, Query, ReadError, Reading};
use leftfold::{Decider, Fold, Keyed, Owed, ProcessManager, keyed, sum};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Deposit(u32),
    Withdraw { amount: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Deposited(u32),
    Withdrawn { amount: u32 },
    Emptied,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct TooLittle {
    balance: u32,
}

#[derive(Clone, Copy)]
struct Account;

impl Fold for Account {
    type State = u32;
    type Event = Event;

    fn initial_state(&self) -> u32 {
        0
    }

    fn evolve(&self, balance: u32, event: &Event) -> u32 {
        match event {
            Event::Deposited(amount) => balance + amount,
            Event::Withdrawn { amount } => balance - amount,
            Event::Emptied => 0,
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = TooLittle;

    fn decide(&self, command: &Command, balance: &u32) -> Result<Vec<Event>, TooLittle> {
        match command {
            Command::Deposit(amount) => Ok(vec![Event::Deposited(*amount)]),
            Command::Withdraw { amount } if amount > balance => Err(TooLittle { balance: *balance }),
            Command::Withdraw { amount } if amount == balance => {
                Ok(vec![Event::Withdrawn { amount: *amount }, Event::Emptied])
            }
            Command::Withdraw { amount } => Ok(vec![Event::Withdrawn { amount: *amount }]),
        }
    }
}

fn file_log<E>(folder: &tempfile::TempDir) -> FileLog<E>
where
    E: Serialize + serde::de::DeserializeOwned + Clone + PartialEq + Send + Sync + 'static,
{
    FileLog::open(folder.path().join("log"), Codec::new().expect("the messages have names"))
        .expect("a new log opens")
}

fn commands() -> impl Strategy<Value = Vec<Keyed<u8, Command>>> {
    let command = prop_oneof![
        (0..5u32).prop_map(Command::Deposit),
        (0..5u32).prop_map(|amount| Command::Withdraw { amount }),
    ];
    prop::collection::vec((0..3u8, command).prop_map(|(key, command)| keyed(key, command)), 0..12)
}

/// What the model itself answers.
fn lived(commands: &[Keyed<u8, Command>]) -> Vec<Result<Vec<Keyed<u8, Event>>, TooLittle>> {
    let accounts = Account.many::<u8>();
    let mut state = accounts.initial_state();
    let mut answers = Vec::new();
    for command in commands {
        let (next, answer) = accounts.handle(state, command);
        state = next;
        answers.push(answer);
    }
    answers
}

/// The answers of all keys in one stream, with the keys in the events.
fn in_one_stream(
    store: impl EventStore<Keyed<u8, Event>>,
    commands: &[Keyed<u8, Command>],
) -> Vec<Result<Vec<Keyed<u8, Event>>, TooLittle>> {
    // Nothing is remembered, so that each command reads what the log holds.
    let stream = StreamName::new("accounts").expect("a name");
    let handler = CommandHandler::in_one_stream(Account.many::<u8>(), store, stream).remember(0);
    let handle = |command: &Keyed<u8, Command>| match handler.handle(command.clone()) {
        Ok(handled) => Ok(handled.events),
        Err(HandleError::Rejected(why)) => Err(why),
        Err(other) => panic!("{other}"),
    };
    commands.iter().map(handle).collect()
}

/// The answers of a stream for each key, with the keys in the names of the streams.
fn in_streams_of_their_own(
    store: impl EventStore<Event>,
    commands: &[Keyed<u8, Command>],
) -> Vec<Result<Vec<Keyed<u8, Event>>, TooLittle>> {
    let handler = CommandHandler::keyed("account", Account, store).expect("a category").remember(0);
    let handle = |command: &Keyed<u8, Command>| match handler.handle(command.clone()) {
        Ok(handled) => Ok(handled.events.into_iter().map(|event| keyed(command.key, event)).collect()),
        Err(HandleError::Rejected(why)) => Err(why),
        Err(other) => panic!("{other}"),
    };
    let answers: Vec<Result<Vec<Keyed<u8, Event>>, TooLittle>> = commands.iter().map(handle).collect();
    // Read back with their keys, they are the history of the whole model.
    let state = Mapped::keyed(handler.store()).fold(&Account.many::<u8>(), Query::all()).expect("it is read");
    assert_eq!(state, Account.many::<u8>().fold(answers.iter().flatten().flatten()));
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_to_a_log_gives_the_answers_of_the_model(commands in commands()) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let expected = lived(&commands);
        prop_assert_eq!(&in_one_stream(Memory::new(), &commands), &expected);
        prop_assert_eq!(&in_one_stream(file_log(&one), &commands), &expected);
        prop_assert_eq!(&in_streams_of_their_own(Memory::new(), &commands), &expected);
        prop_assert_eq!(&in_streams_of_their_own(file_log(&other), &commands), &expected);
    }
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum WholeCommand { Account(Keyed<u32, Command>), Mail(Keyed<(u32, u8), MailCommand>) }
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum WholeEvent { Account(Keyed<u32, Event>), Mail(Keyed<(u32, u8), MailEvent>) }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum MailCommand {
    SendNotice,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum MailEvent {
    NoticeSent,
}

#[derive(Clone, Debug, PartialEq)]
enum WholeRejection {
    Account(TooLittle),
}

impl From<TooLittle> for WholeRejection {
    fn from(why: TooLittle) -> Self {
        WholeRejection::Account(why)
    }
}

fn whole() -> impl Decider<Command = WholeCommand, Event = WholeEvent, Rejection = WholeRejection> {
    let mail = leftfold::decider(
        || false,
        |_: &MailCommand, sent: &bool| {
            Ok::<_, WholeRejection>(if *sent { vec![] } else { vec![MailEvent::NoticeSent] })
        },
        |_, _: &MailEvent| true,
    );
    let accounts = Account.map_rejection(WholeRejection::from).many::<u32>().part_of();
    accounts.merge(mail.many::<(u32, u8)>().part_of())
}

/// A notice is owed once an account is empty.
struct Notices;

impl Fold for Notices {
    type State = im::OrdSet<u32>;
    type Event = WholeEvent;

    fn initial_state(&self) -> Self::State {
        im::OrdSet::new()
    }

    fn evolve(&self, mut owed: Self::State, event: &WholeEvent) -> Self::State {
        match event {
            WholeEvent::Account(Keyed { key, message: Event::Emptied }) => {
                owed.insert(*key);
            }
            WholeEvent::Mail(Keyed { key: (account, _), .. }) => {
                owed.remove(account);
            }
            WholeEvent::Account(_) => {}
        }
        owed
    }
}

impl ProcessManager for Notices {
    type Command = WholeCommand;

    fn pending(&self, owed: &Self::State) -> Vec<Owed<WholeCommand>> {
        let notice = |account: &u32| keyed((*account, 1), MailCommand::SendNotice).into();
        owed.iter().map(|account| Owed::now(account.to_string(), notice(account))).collect()
    }
}

#[test]
fn a_whole_model_with_keys_and_its_process_manager_run_on_one_log_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(file_log::<WholeEvent>(&folder));
    let office = StreamName::new("office").unwrap();
    let handler = Rc::new(CommandHandler::in_one_stream(whole(), log.clone(), office));
    handler.handle(WholeCommand::from(keyed(17, Command::Deposit(10)))).unwrap();
    handler.handle(WholeCommand::from(keyed(17, Command::Withdraw { amount: 10 }))).unwrap();
    let refused = handler.handle(WholeCommand::from(keyed(18, Command::Withdraw { amount: 1 }))).unwrap_err();
    assert_eq!(refused.rejection(), Some(WholeRejection::Account(TooLittle { balance: 0 })));

    let dispatch = handler.clone();
    let mut notices = ProcessRunner::open(
        Process::new("notices", Query::all(), Notices),
        log.clone(),
        folder.path().join("processes"),
        move |issued: Issued<WholeCommand>| {
            dispatch.handle(issued)?;
            Ok(())
        },
    )
    .unwrap();
    notices.run_once().unwrap();
    assert!(notices.owed().is_empty());
    let recorded: Vec<WholeEvent> =
        log.all(Query::all()).unwrap().into_iter().map(|recorded| recorded.event).collect();
    assert_eq!(
        recorded,
        [
            keyed(17, Event::Deposited(10)).into(),
            keyed(17, Event::Withdrawn { amount: 10 }).into(),
            keyed(17, Event::Emptied).into(),
            keyed((17, 1), MailEvent::NoticeSent).into(),
        ]
    );
    let line = lines_of(&folder.path().join("log"));
    assert!(line.contains(r#"{"key":17,"message":{"amount":10}}"#), "{line}");
    assert!(line.contains(r#"{"key":[17,1],"message":null}"#), "{line}");
}

fn lines_of(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let segments = files.filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    segments.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn the_key_is_in_the_name_of_the_stream() {
    let handler = CommandHandler::keyed("account", Account, Memory::new()).unwrap();
    let handled = handler.handle(keyed("550e8400-e29b-41d4", Command::Deposit(3))).unwrap();
    assert_eq!(handled.stream, StreamName::of("account", "550e8400-e29b-41d4").unwrap());
    let balance = handler.look(&handled.stream, |balance, version| (*balance, version)).unwrap();
    assert_eq!(balance, (3, Version::new(1)));
}

#[test]
fn a_stream_without_such_a_key_is_an_error_of_the_read() {
    let store = Memory::new();
    let handler = CommandHandler::keyed("account", Account, &store).unwrap();
    handler.handle(keyed("petra", Command::Deposit(3))).unwrap();
    let error = Mapped::keyed(&store).fold(&Account.many::<u32>(), Query::all()).unwrap_err();
    assert!(matches!(error, ReadError::Unmapped { .. }), "{error}");
    let why = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(
        why.as_deref(),
        Some("after the category, the name of the stream is no `u32`: invalid digit found in string")
    );
}
