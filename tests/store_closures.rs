//! Closures of the user (the clock, the source of ids, the codec, whoever visits) are called while the store holds no lock:
//! they may ask the store themselves, and one that panics leaves the store as it was.

use leftfold::codec::{CodecError, EventCodec, StoredEvent};
use leftfold::log::{FileLog, FileLogOptions};
use leftfold::recorded::{EventId, StreamName, Timestamp};
use leftfold::store::{AppendError, Appended, Batch, EventReader, EventStore, Memory, Query, Reading};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak, mpsc};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Said(String),
}

/// Which closure is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calls {
    Clock,
    Ids,
    Encode,
    Decode,
    Types,
    Visitor,
}

const ALL: [Calls; 6] =
    [Calls::Clock, Calls::Ids, Calls::Encode, Calls::Decode, Calls::Types, Calls::Visitor];

/// What a closure does when it is called: nothing, until something is set.
#[derive(Clone, Default)]
struct Hooks(Arc<Mutex<Option<(Calls, Hook)>>>);

type Hook = Arc<dyn Fn() + Send + Sync>;

impl Hooks {
    fn called(&self, calls: Calls) {
        let hook = self.0.lock().unwrap().clone();
        if let Some((of, hook)) = hook
            && of == calls
        {
            hook();
        }
    }

    fn set(&self, hook: Option<(Calls, Hook)>) {
        *self.0.lock().unwrap() = hook;
    }

    fn clock(&self) -> impl Fn() -> Timestamp + Send + Sync + use<> {
        let hooks = self.clone();
        move || {
            hooks.called(Calls::Clock);
            "2026-11-23T09:30:00Z".parse().unwrap()
        }
    }

    fn ids(&self) -> impl Fn() -> EventId + Send + Sync + use<> {
        let (hooks, made) = (self.clone(), AtomicU64::new(0));
        move || {
            hooks.called(Calls::Ids);
            EventId::new(format!("made-{}", made.fetch_add(1, Ordering::Relaxed))).unwrap()
        }
    }
}

struct Hooked(Hooks);

impl EventCodec<Event> for Hooked {
    fn encode(&self, event: &Event, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        self.0.called(Calls::Encode);
        let Event::Said(text) = event;
        data.extend(serde_json::to_vec(text).unwrap());
        Ok(("Said".into(), 1))
    }

    fn decode(
        &self,
        stored: StoredEvent<'_>,
        each: &mut dyn FnMut(&Arc<str>, Event),
    ) -> Result<(), CodecError> {
        self.0.called(Calls::Decode);
        each(&stored.event_type.into(), Event::Said(serde_json::from_slice(stored.data).unwrap()));
        Ok(())
    }

    fn stored_types(&self, current: &str) -> Vec<String> {
        self.0.called(Calls::Types);
        vec![current.to_string()]
    }
}

/// Both stores.
enum Store {
    Memory(Box<Memory<Event>>),
    File(FileLog<Event>, #[allow(dead_code, reason = "the folder is there as long as it is")] TempDir),
}

impl Store {
    fn both(hooks: &Hooks) -> [(&'static str, Store); 2] {
        let folder = tempfile::tempdir().unwrap();
        let options = FileLogOptions::new().clock(hooks.clock()).event_ids(hooks.ids());
        let file = options.open(folder.path(), Hooked(hooks.clone())).unwrap();
        let memory = Memory::new().clock(hooks.clock()).event_ids(hooks.ids());
        [("memory", Store::Memory(Box::new(memory))), ("file", Store::File(file, folder))]
    }

    fn append(&self, text: &str) -> Result<Appended, AppendError> {
        let batch = Batch::to(&StreamName::new("talk-1").unwrap()).event(Event::Said(text.to_string()));
        match self {
            Store::Memory(store) => store.append(batch),
            Store::File(store, _) => store.append(batch),
        }
    }

    fn texts(&self, hooks: &Hooks) -> Vec<String> {
        let mut texts = Vec::new();
        let query = Query::category("talk").unwrap().types(["Said"]).into();
        let mut each = |entry: leftfold::store::Entry<'_, Event>| {
            hooks.called(Calls::Visitor);
            if let leftfold::store::Entry::Event(_, Event::Said(text)) = entry {
                texts.push(text.clone());
            }
            ControlFlow::Continue(())
        };
        match self {
            Store::Memory(store) => EventReader::visit(&**store, &query, &mut each).unwrap(),
            Store::File(store, _) => EventReader::visit(store, &query, &mut each).unwrap(),
        };
        texts
    }

    fn everything(&self) -> usize {
        match self {
            Store::Memory(store) => store.all(Query::all()).unwrap().len(),
            Store::File(store, _) => store.all(Query::all()).unwrap().len(),
        }
    }
}

#[test]
fn a_closure_that_panics_leaves_the_store_usable_and_nothing_recorded() {
    for calls in ALL {
        let hooks = Hooks::default();
        for (name, store) in Store::both(&hooks) {
            store.append("before").unwrap();
            hooks.set(Some((calls, Arc::new(|| panic!("the closure is broken")))));
            let appended = catch_unwind(AssertUnwindSafe(|| store.append("during")));
            let read = catch_unwind(AssertUnwindSafe(|| store.texts(&hooks)));
            hooks.set(None);
            let of_file_alone = matches!(calls, Calls::Encode | Calls::Decode | Calls::Types);
            let panicked = appended.is_err() || read.is_err();
            assert!(panicked || (name == "memory" && of_file_alone), "{calls:?} of {name} is never called");
            let mut expected = vec!["before", "after"];
            if appended.is_ok() {
                expected.insert(1, "during");
            }
            store.append("after").unwrap_or_else(|error| panic!("{calls:?} of {name}: {error}"));
            assert_eq!(store.texts(&hooks), expected, "{calls:?} of {name}");
        }
    }
}

#[test]
fn a_closure_may_ask_the_store_and_append_to_it() {
    for calls in ALL {
        let hooks = Hooks::default();
        for (name, store) in Store::both(&hooks) {
            let store = Arc::new(store);
            store.append("before").unwrap();
            let (asked, inner): (Arc<OnceLock<usize>>, Weak<Store>) =
                (Arc::default(), Arc::downgrade(&store));
            let (answers, once) = (asked.clone(), AtomicU64::new(0));
            let asks = move || {
                // What it calls itself, it does not answer with the same again.
                if once.fetch_add(1, Ordering::Relaxed) == 0 {
                    let store = inner.upgrade().unwrap();
                    store.append("within").unwrap();
                    _ = answers.set(store.everything());
                }
            };
            hooks.set(Some((calls, Arc::new(asks))));
            let (done, waits) = mpsc::channel();
            let (doing, doing_hooks) = (store.clone(), hooks.clone());
            thread::spawn(move || {
                doing.append("during").unwrap();
                _ = done.send(doing.texts(&doing_hooks));
            });
            let waited = waits.recv_timeout(Duration::from_secs(20));
            assert!(waited.is_ok(), "{calls:?} of {name} waits for itself");
            hooks.set(None);
            let of_file_alone = matches!(calls, Calls::Encode | Calls::Decode | Calls::Types);
            let asked = asked.get().is_some();
            assert!(asked || (name == "memory" && of_file_alone), "{calls:?} of {name} is never called");
            let mut texts = store.texts(&hooks);
            texts.sort_unstable();
            let expected = if asked { vec!["before", "during", "within"] } else { vec!["before", "during"] };
            assert_eq!(texts, expected, "{calls:?} of {name}");
        }
    }
}
