use crate::disk::Disk;
use crate::folder::files;
use crate::right_checksums::{made_to_fit, marked};
use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, OpenError};
use leftfold::log::{repair_in, verify_in, would_repair_in};
use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{Batch, Entry, EventReader, EventStore, Listing, NewEvent, Query};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Which bits of the first byte are settings of the log; the lower ones are those of [`made_to_fit`].
const SMALL_SEGMENTS: u8 = 64;
const VERIFYING: u8 = 128;

/// The files of a log: opened or refused without a change; what is refused as damaged is repaired and opens; what opens is read and
/// appended to, and what was acknowledged is read again by the next who opens it.
pub fn log_folder(bytes: &[u8]) {
    let Some((bits, text)) = bytes.split_first() else { return };
    let mut files = files(text);
    made_to_fit(&mut files, *bits);
    files.remove("lock");
    let disk = Disk::holding(files.into_iter().map(|(name, bytes)| (name, Arc::new(bytes))));
    let storage = || Arc::new(disk.clone());
    let options = || {
        let options = FileLogOptions::new().clock(|| leftfold::recorded::Timestamp::UNIX_EPOCH);
        let options = if bits & SMALL_SEGMENTS == 0 { options } else { options.segment_size(700) };
        if bits & VERIFYING == 0 { options } else { options.verifying() }
    };
    let before = disk.files();
    // Beside a mark that is damaged a reader waits for the writer, and beside an open one so does `verify`: too long for a fuzzer.
    let mark = before.get("mark").map(|mark| marked(mark));
    let seen = (mark != Some(None))
        .then(|| options().open_reader_in(storage(), RawCodec).ok().and_then(|reader| entries(&reader)))
        .flatten();
    let verified = (mark.is_none_or(|mark| mark.is_some_and(|mark| mark.closed))).then(|| verify_in(&disk));
    let would_repair = would_repair_in(&disk);
    assert_eq!(before, disk.files(), "looking changes nothing");

    let opened = options().open_in(storage(), RawCodec);
    if let Some(Ok(verified)) = &verified
        && verified.is_whole()
    {
        assert!(
            opened.as_ref().is_ok_and(|log| log.recovery().torn.is_none()),
            "verified as whole, and not opened"
        );
    }
    match opened {
        Ok(log) => {
            let made = log.recovery().made && matches!(would_repair, Err(OpenError::Missing { .. }));
            assert!(
                made || matches!(would_repair, Ok(None)),
                "opens, and would be repaired: {would_repair:?}"
            );
            if let Some(mark) = mark.flatten() {
                let is_there = log.head().expect("a head").get() >= mark.acknowledged;
                assert!(is_there || log.recovery().possibly_lost.is_some(), "silent about what is missing");
            }
            if let (Some(seen), Some(read)) = (&seen, entries(&log)) {
                assert!(read.starts_with(seen), "a reader has seen what is not there");
            }
            goes_on(log, &|| options().open_in(storage(), RawCodec).expect("what was written opens"));
        }
        Err(refused @ OpenError::Corrupt { .. }) => {
            assert_eq!(before, disk.files(), "a refusal changes nothing: {refused}");
            // Opening by the index may pass over a damage, and opening with `verifying` may not.
            let would = would_repair.expect("what a damaged log would be repaired to can be said");
            let repaired = repair_in(&disk).expect("a damaged log can be repaired");
            assert_eq!(would.is_some(), repaired.is_some());
            if repaired.is_some() {
                let log = options().open_in(storage(), RawCodec).expect("what was repaired opens");
                goes_on(log, &|| options().open_in(storage(), RawCodec).expect("what was written opens"));
            }
        }
        Err(OpenError::Format { .. } | OpenError::Foreign { .. } | OpenError::Rewritten { .. }) => {
            assert_eq!(before, disk.files(), "a refusal changes nothing");
        }
        Err(error) => panic!("neither damaged, nor another's, nor of a later format: {error}"),
    }
}

fn goes_on(log: FileLog<RawEvent>, again: &dyn Fn() -> FileLog<RawEvent>) {
    let before = entries(&log);
    let _ = log.streams(&Listing::all()).expect("streams are listed").len();
    let _ = log.categories(&Listing::all()).expect("categories are listed").len();
    let id = EventId::new("the id of the fuzzer").expect("an id");
    let _ = log.position_of(&id);
    let event = RawEvent::new("Fuzzed", "[17]").expect("an event");
    let stream = StreamName::new("fuzz-1").expect("a name");
    let appended = log.append(Batch::to(&stream).record(NewEvent::of(event).id(id.clone())));
    let after = entries(&log);
    if let (Some(before), Some(after), Ok(appended)) = (&before, &after, &appended) {
        assert_eq!(after.len(), before.len() + usize::from(!appended.repeated));
        assert!(after.starts_with(before));
        if !appended.repeated {
            assert_eq!(log.position_of(&id).expect("it is looked up"), Some(appended.last));
        }
    }
    let closed = log.close();
    assert!(closed.is_ok() || appended.is_err(), "{closed:?}");
    let log = again();
    assert_eq!(entries(&log), after, "what was read is read again");
    if let Ok(appended) = appended {
        assert!(log.head().expect("a head") >= appended.last);
    }
}

/// Everything that is read, one line an entry; nothing where something is refused.
fn entries(reader: &impl EventReader<RawEvent>) -> Option<Vec<String>> {
    let mut entries = Vec::new();
    let read = reader.visit(&Query::all().into(), &mut |entry| {
        let what = match &entry {
            Entry::Event(_, event) => format!("{event:?}"),
            Entry::Deleted(_) => "deleted".to_string(),
            Entry::Described(_, headers) => format!("{headers:?}"),
        };
        entries.push(format!("{:?} {what}", entry.envelope()));
        ControlFlow::Continue(())
    });
    let described = Query::all().types(["$described"]);
    let mut positions: Vec<Position> = Vec::new();
    let _ = reader.visit(&described.into(), &mut |entry| {
        positions.push(entry.envelope().position);
        ControlFlow::Continue(())
    });
    read.ok().map(|_| entries)
}
