//! The kit in a browser: what needs no clock, no threads, no files and no chance works, and what needs them answers with
//! a sentence. Each export is one promise; `run.mjs` calls them. A panic ends the whole instance, which the caller sees.

use leftfold::check::{self, Property};
use leftfold::codec::Codec;
use leftfold::codec::schema::SchemaLock;
use leftfold::recorded::{Position, StreamName, Timestamp};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading};
use leftfold::{Decider, Model, Scenario, Timeline, decider, view};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Command {
    Deposit(u32),
    Withdraw(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Event {
    Deposited(u32),
    Withdrawn(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct TooLittle(u32);

fn account() -> impl Decider<Command = Command, Event = Event, Rejection = TooLittle, State = u32> + Clone {
    decider(
        || 0,
        |command: &Command, balance: &u32| match command {
            Command::Deposit(amount) => Ok(vec![Event::Deposited(*amount)]),
            Command::Withdraw(amount) if amount > balance => Err(TooLittle(*balance)),
            Command::Withdraw(amount) => Ok(vec![Event::Withdrawn(*amount)]),
        },
        |balance: u32, event: &Event| match event {
            Event::Deposited(amount) => balance.saturating_add(*amount),
            Event::Withdrawn(amount) => balance.saturating_sub(*amount),
        },
    )
}

fn alphabet(balance: &u32) -> Vec<Command> {
    if *balance < 10 { vec![Command::Deposit(3), Command::Withdraw(1)] } else { vec![Command::Withdraw(7)] }
}

/// What the last promise had to say.
static SAID: Mutex<String> = Mutex::new(String::new());

fn kept(holds: bool, said: impl ToString) -> u32 {
    if let Ok(mut text) = SAID.lock() {
        *text = said.to_string();
    }
    u32::from(holds)
}

/// Where the text of the last promise begins.
#[unsafe(no_mangle)]
pub extern "C" fn said() -> *const u8 {
    SAID.lock().map_or(std::ptr::null(), |text| text.as_ptr())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
pub extern "C" fn said_bytes() -> usize {
    SAID.lock().map_or(0, |text| text.len())
}

/// A declared model is checked: its scenarios, its laws, its exploration.
#[unsafe(no_mangle)]
pub extern "C" fn a_model_is_checked() -> u32 {
    let report = Model::new("account", account())
        .scenarios([
            Scenario::named("money can be taken out")
                .given([Event::Deposited(10)])
                .when(Command::Withdraw(4))
                .then([Event::Withdrawn(4)]),
            Scenario::named("but not more than there is")
                .when(Command::Withdraw(4))
                .then_rejected(TooLittle(0)),
        ])
        .alphabet(alphabet)
        .check();
    kept(report.holds(), report)
}

/// A scenario that does not hold fails with its page, and without a panic.
#[unsafe(no_mangle)]
pub extern "C" fn a_scenario_fails_with_its_page() -> u32 {
    let wrong = Scenario::named("free money").when(Command::Withdraw(1)).then([Event::Withdrawn(1)]);
    let report = Model::new("account", account()).scenarios([wrong]).check();
    let page = report.to_string();
    kept(!report.holds() && page.contains("the rejection  TooLittle(0)"), page)
}

/// Every state is visited; threads and a time limit that are not to be had are said.
#[unsafe(no_mangle)]
pub extern "C" fn every_state_is_visited_by_one_thread_that_says_so() -> u32 {
    let account = account();
    let explored = check::explore(&account, alphabet)
        .property(Property::always("never above 12", |balance: &u32| *balance <= 12))
        .threads(4)
        .time(Duration::from_secs(1))
        .run();
    let page = explored.to_string();
    let said = page.contains("4 threads were asked for") && page.contains("no clock");
    kept(said && explored.states == 13, page)
}

/// Random lives are lived, from a seed.
#[unsafe(no_mangle)]
pub extern "C" fn walks_are_taken() -> u32 {
    let account = account();
    let walks = check::walks(&account).alphabet(alphabet).seed(7).walks(50).run();
    kept(walks.holds(), walks)
}

/// Seeds that are kept in a file: walks say that there is no file, and what they have found is not lost.
#[unsafe(no_mangle)]
pub extern "C" fn walks_say_that_their_file_of_seeds_is_not_to_be_had() -> u32 {
    let account = account();
    let walks = check::walks(&account).alphabet(alphabet).seed(7).walks(20).regressions("seeds.txt");
    let walks = walks.property(Property::always("never above 5", |balance: &u32| *balance <= 5)).run();
    let page = walks.to_string();
    kept(!walks.holds() && page.contains("never above 5") && page.contains("seeds.txt"), page)
}

/// Without a seed, walks choose one; here it is the same each time.
#[unsafe(no_mangle)]
pub extern "C" fn walks_without_a_seed_are_taken() -> u32 {
    let account = account();
    let walks = check::walks(&account).alphabet(alphabet).walks(20).run();
    kept(walks.holds(), walks)
}

/// A store in memory appends, reads and folds, with a clock of the page's own and without one.
#[unsafe(no_mangle)]
pub extern "C" fn a_store_appends_and_is_read() -> u32 {
    let stream = StreamName::new("account-1").expect("a name");
    let noon = Timestamp::from_second(43_200).expect("a time");
    let mut at = Vec::new();
    for store in [Memory::new(), Memory::new().clock(move || noon)] {
        let batch = Batch::to(&stream).events([Event::Deposited(5), Event::Withdrawn(2)]);
        store.append(batch).expect("nothing speaks against it");
        let balance = view(
            || 0u32,
            |balance: u32, event: &Event| match event {
                Event::Deposited(amount) => balance + amount,
                Event::Withdrawn(amount) => balance - amount,
            },
        );
        assert_eq!(store.fold(&balance, &Query::all()).expect("it can be read"), 3);
        let mut followed = store.subscribe(Query::all(), Position::START);
        let read = followed.follow(Duration::from_secs(5), |entry| {
            at.push(entry.envelope().recorded_at);
            ControlFlow::Continue(())
        });
        assert_eq!(read.expect("it can be followed"), 2);
        assert_eq!(
            store.wait(Position::new(2), Duration::from_secs(5)).expect("it answers"),
            Position::new(2)
        );
    }
    kept(at == [Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH, noon, noon], format!("{at:?}"))
}

/// A timeline goes back, and says what changed.
#[unsafe(no_mangle)]
pub extern "C" fn a_timeline_goes_back() -> u32 {
    let timeline = Timeline::of(account()).extend([Event::Deposited(5), Event::Withdrawn(2)]);
    let changed = timeline.diff(1, 2).map(|diff| diff.to_string());
    kept(changed.as_deref().is_ok_and(|changed| changed.contains("5 → 3")), format!("{changed:?}"))
}

/// What names files answers with a sentence where there are none.
#[unsafe(no_mangle)]
pub extern "C" fn a_schema_lock_says_that_there_are_no_files() -> u32 {
    let outcome = Codec::<Event>::new().map(|codec| SchemaLock::of(&codec).check("events.lock.json"));
    let Ok(outcome) = outcome else { return kept(false, "no codec") };
    kept(outcome.is_err(), outcome.map_or_else(|why| why.to_string(), |standing| format!("{standing:?}")))
}

/// A specification that is text is read there, and one in a file says that there are no files.
#[unsafe(no_mangle)]
pub extern "C" fn a_specification_in_text_is_read() -> u32 {
    let text = "Feature: account\n  Scenario: not more than there is\n    Given deposited 10\n    When withdraw 20\n    \
                Then it is refused: too little 10\n";
    let model = Model::new("account", account());
    let read = match model.specification().read("account.feature", text) {
        Ok(read) => read,
        Err(faults) => return kept(false, faults),
    };
    let holds = read.cases(model.decider()).iter().all(|case| case.run().is_ok());
    let fault = model.specification().read("account.feature", &text.replace("20", "much")).unwrap_err();
    let file = model.scenarios_in("account.feature").check();
    let said = format!("{fault}\n{file}");
    let sentence =
        fault.to_string().contains("4:19: a whole number") && said.contains("a browser has no files");
    kept(holds && sentence && !file.holds(), said)
}
