use crate::folder::temporary;
use leftfold::recorded::{EventId, StreamName, Timestamp};
use leftfold::runtime::{
    CommandHandler, Folded, Process, ProcessRunner, Projection, Runner, RunnerError, SnapshotStore, Snapshots,
};
use leftfold::store::{Batch, EventStore, Memory, NewEvent, Query};
use leftfold::{Fold, Owed, ProcessManager, decider, process_manager, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Paid { amount: u32 },
    Shipped,
}

type Counts = BTreeMap<String, (u64, Option<f64>)>;

/// Three orders: one is shipped, two are to be.
static STORE: LazyLock<Arc<Memory<Event>>> = LazyLock::new(|| {
    let store = Arc::new(Memory::new().clock(|| Timestamp::UNIX_EPOCH));
    let paid = |amount| Event::Paid { amount };
    for (number, (order, event)) in
        [(1, paid(5)), (2, paid(7)), (1, Event::Shipped), (3, paid(9)), (1, paid(1))].into_iter().enumerate()
    {
        let new = NewEvent::of(event).id(EventId::new(format!("event {}", number + 1)).expect("an id"));
        store
            .append(Batch::to(&StreamName::of("order", order).expect("a name")).record(new))
            .expect("it is recorded");
    }
    store
});

fn count(mut counts: Counts, event: &Event) -> Counts {
    let (name, amount) = match event {
        Event::Paid { amount } => ("paid", Some(f64::from(*amount))),
        Event::Shipped => ("shipped", None),
    };
    let entry = counts.entry(name.to_string()).or_default();
    *entry = (entry.0.wrapping_add(1), amount);
    counts
}

fn folded() -> Folded<impl Fold<State = Counts, Event = Event>> {
    Folded::of(view(Counts::new, count))
}

fn shipping() -> Process<impl ProcessManager<State = Option<u32>, Event = Event, Command = u32>> {
    let manager = process_manager(
        || None,
        |_, event: &Event| match event {
            Event::Paid { amount } => Some(*amount),
            Event::Shipped => None,
        },
        |owed: &Option<u32>| owed.iter().map(|amount| Owed::now(format!("ship {amount}"), *amount)).collect(),
    );
    Process::new("shipping", Query::category("order").unwrap(), manager)
        .per_identity(|envelope, _| envelope.stream.id().map(str::to_string))
        .clock(|| Timestamp::UNIX_EPOCH)
}

/// The files of a snapshot, a projection, and a process manager: opened without a panic, and built again.
///
/// The first byte chooses which of them the rest is, and whether its checksum is made to fit.
pub fn checkpoint(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let folder = temporary();
    let content = if choice & 128 == 0 { rest.to_vec() } else { with_checksum(rest) };
    match choice & 3 {
        0 => snapshot(folder.path(), &content),
        1 => projection(folder.path(), &content),
        _ => process(folder.path(), &content),
    }
}

/// The same content with a last line that holds its checksum, in place of the one that may be there.
fn with_checksum(content: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').take(2).collect();
    let mut content = lines.concat();
    let crc = crc32c::crc32c(&content);
    content.extend_from_slice(format!("{{\"crc\":\"{crc:08x}\"}}\n").as_bytes());
    content
}

fn snapshot(folder: &Path, content: &[u8]) {
    let stream = StreamName::of("order", 1).expect("a name");
    fs::write(folder.join("order-1.json"), content).expect("a file");
    let snapshots = || Snapshots::<Counts>::in_folder(folder, 1);
    let believed = snapshots().load(&stream).ok().flatten();
    let handler = || {
        let decider = decider(Counts::new, |(): &(), _: &Counts| Ok::<Vec<Event>, String>(Vec::new()), count);
        let handler = CommandHandler::in_one_stream(decider, STORE.clone(), stream.clone());
        handler.snapshots(snapshots(), 1).expect("its states come back")
    };
    let state = || handler().look(&stream, |counts, _| counts.clone()).expect("the stream is read");
    let seen = state();
    snapshots().delete(&stream).expect("it is taken away");
    let fresh = state();
    assert!(believed.is_some() || seen == fresh, "what is not believed is not used");
    assert_eq!(fresh["paid"].0, 2);
}

fn projection(folder: &Path, content: &[u8]) {
    fs::write(folder.join("counts.json"), content).expect("a file");
    let believed = folded().committed(folder, "counts").expect("it is read").is_some();
    let open = |anew: bool| {
        let projection = Projection::new("counts", Query::all(), folded());
        Runner::open(if anew { projection.from_the_start() } else { projection }, STORE.clone(), folder)
    };
    match open(false) {
        Ok(mut runner) => {
            runner.run_once().expect("it runs");
            assert!(believed || runner.model().look(is_whole), "what is not believed is folded again");
        }
        Err(refused) => of_another_log(&refused, believed),
    }
    let mut runner = open(true).expect("it is opened from the start");
    runner.run_once().expect("it runs");
    assert!(runner.model().look(is_whole), "it is built again");
}

fn is_whole(counts: &Counts) -> bool {
    *counts == Counts::from([("paid".to_string(), (4, Some(1.0))), ("shipped".to_string(), (1, None))])
}

fn of_another_log(refused: &RunnerError, believed: bool) {
    assert!(believed, "what is not believed is no reason to refuse: {refused}");
    assert!(refused.to_string().len() > 20, "{refused}");
}

fn process(folder: &Path, content: &[u8]) {
    fs::write(folder.join("shipping.json"), content).expect("a file");
    let fresh = ["ship 1", "ship 7", "ship 9"];
    let _ = shipping().committed(folder).expect("it is read");
    match ProcessRunner::open(shipping(), STORE.clone(), folder, |_| Ok(())) {
        Ok(mut runner) => {
            let _ = runner.owed();
            runner.run_once().expect("it runs");
            let _ = runner.release("1", "ship 1").expect("it is committed");
            runner.reset().expect("it is taken away");
            runner.run_once().expect("it runs");
            assert_eq!(owed(&runner.owed()), fresh, "it is built again");
        }
        Err(refused) => {
            assert!(refused.to_string().len() > 20, "{refused}");
            let anew = shipping().from_the_start();
            let mut runner =
                ProcessRunner::open(anew, STORE.clone(), folder, |_| Ok(())).expect("it is opened");
            runner.run_once().expect("it runs");
            assert_eq!(owed(&runner.owed()), fresh, "it is built again");
        }
    }
}

fn owed(standing: &[leftfold::runtime::OwedItem]) -> Vec<&str> {
    standing.iter().map(|item| &*item.key).collect()
}

/// The files as the runtime writes them.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = temporary();
    let stream = StreamName::of("order", 1).expect("a name");
    let snapshots = Snapshots::<Counts>::in_folder(folder.path(), 1);
    let (version, event) = (leftfold::recorded::Version::new(3), EventId::new("event 5").expect("an id"));
    let state = Counts::from([("paid".to_string(), (2, Some(1.0))), ("shipped".to_string(), (1, None))]);
    snapshots.save(&stream, version, &event, &state).expect("it is kept");
    let projection = Projection::new("counts", Query::all(), folded());
    Runner::open(projection, STORE.clone(), folder.path()).expect("a runner").run_once().expect("it runs");
    let refuse =
        |issued: leftfold::runtime::Issued<u32>| if issued.command == 7 { Err("no".into()) } else { Ok(()) };
    let mut runner = ProcessRunner::open(shipping(), STORE.clone(), folder.path(), refuse).expect("a runner");
    runner.run_once().expect("it runs");
    let files = [(128, "order-1"), (129, "counts"), (130, "shipping")];
    let seed = |(choice, name): (u8, &str)| {
        let content = fs::read(folder.path().join(format!("{name}.json"))).expect("a file");
        (name.to_string(), [&[choice], &*content].concat())
    };
    files.into_iter().map(seed).collect()
}
