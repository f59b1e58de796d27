//! A length that stands in a file is not believed: opening a log takes no more memory than its files are large. One test,
//! since the memory is that of the whole process.
#![cfg(target_os = "linux")]

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::Disk;
use std::sync::Arc;
use texts::{Texts, options};

/// The most memory that the process has ever asked for, in bytes.
fn most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn closed(text: String) -> String {
    format!("{text},\"crc\":\"{:08x}\"}}\n", crc32c::crc32c(text.as_bytes()))
}

#[test]
fn a_length_that_is_not_true_takes_no_memory() {
    let segment = closed(
        "{\"leftfold\":\"log\",\"format\":  1,\"first\":           1,\"previous\":\"00000000\"".into(),
    );
    let crc = &segment[segment.len() - 11..segment.len() - 3];
    let empty = crc32c::crc32c(b"");
    let mut opened = 0;
    for (count, bytes) in
        [(1, 9_999_999_999u64), (9_999_999, 0), (9_999_999, 9_999_999_999), (1, 3_000_000_000)]
    {
        let header = closed(format!(
            "{{\"batch\":           1,\"count\":{count:>7},\"bytes\":{bytes:>10},\"durable\":{:>10},\"previous\":\"{crc}\",\"body\":\"{empty:08x}\"",
            segment.len()
        ));
        let mark = closed(format!(
            "{{\"mark\":999999999999,\"segment\":           1,\"offset\":9999999999,\"durable\":{:>10},\"chain\":\"00000000\",\"closed\":0,\"doubt\":0",
            segment.len()
        ));
        for mark in [None, Some(mark)] {
            let mut files =
                vec![("000000000001.jsonl".to_string(), Arc::new(format!("{segment}{header}").into_bytes()))];
            files.extend(mark.map(|mark| ("mark".to_string(), Arc::new(mark.into_bytes()))));
            let disk = Disk::holding(files);
            // What a process takes anyway is taken once.
            let before = if opened == 0 { u64::MAX / 2 } else { most() };
            let _ = options().open_reader_in::<String>(Arc::new(disk.clone()), Texts);
            let _ = texts::open(options(), &disk);
            assert!(
                most() <= before + (100 << 20),
                "{} bytes were taken for {count} lines of {bytes}",
                most() - before
            );
            opened += 1;
        }
    }
    assert_eq!(opened, 8);
}
