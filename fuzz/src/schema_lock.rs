use crate::folder::temporary;
use leftfold::codec::Codec;
use leftfold::codec::schema::{LockStatus, SchemaLock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

#[derive(Debug, Serialize, Deserialize)]
enum Event {
    Opened { owner: String, limit: Option<u32>, tags: Vec<String> },
    Moved(u64, Kind),
    Counted(BTreeMap<String, i64>),
    Closed,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    In,
    Out { by: char, rate: f64, flags: (bool, Option<Box<Kind>>) },
}

static LOCK: LazyLock<SchemaLock<Event>> = LazyLock::new(|| SchemaLock::of(&Codec::new().expect("a codec")));

/// The text of a lock: refused with a sentence, or what it allows is written again, and then is current. A lock that the model breaks is
/// not written over.
pub fn schema_lock(bytes: &[u8]) {
    let folder = temporary();
    let file = folder.path().join("events.lock");
    fs::write(&file, bytes).expect("a file");
    match LOCK.check(&file) {
        Ok(_) => {
            LOCK.write(&file).expect("what is not broken is written");
            assert_eq!(LOCK.check(&file).expect("what was written is read"), LockStatus::Current);
            let written = fs::read(&file).expect("a file");
            LOCK.write(&file).expect("it is written again");
            assert_eq!(fs::read(&file).expect("a file"), written, "it is written the same way");
        }
        Err(refused) => {
            assert!(refused.to_string().len() > 10, "{refused}");
            let again = LOCK.write(&file).expect_err("it is refused when it is written, too");
            assert_eq!(again.to_string(), refused.to_string());
            assert_eq!(fs::read(&file).expect("a file"), bytes, "a refusal changes nothing");
        }
    }
}

/// The lock of the model itself, and one of a model before it.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let text = LOCK.text().expect("a lock");
    let before = text.replacen("\"u32\"", "\"u16\"", 1);
    vec![("current".to_string(), text.into_bytes()), ("before".to_string(), before.into_bytes())]
}
