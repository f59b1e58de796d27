//! The same seed gives the same report, a failing walk is kept and walked again first, and nothing on disk is ever a
//! reason to panic.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Walks, walks};
use proptest::prelude::*;
use reserve::*;
use std::fs;
use std::path::PathBuf;

fn walked(seed: u64) -> Walks<Reserve> {
    walks(&Reserve::with_sign_unchecked(2))
        .alphabet(alphabet(2))
        .properties([reserve_is_kept(), never_two_late_offers()])
        .classify("opened twice", |commands, _| commands.len() > 1)
        .statistics()
        .count_states_of(14_288)
        .seed(seed)
        .run()
}

#[test]
fn the_same_seed_gives_the_same_report() {
    assert_eq!(walked(7).to_string(), walked(7).to_string());
    assert_ne!(walked(7).statistics, walked(8).statistics);
}

#[test]
fn the_same_seed_draws_the_same_from_a_strategy() {
    let walked = |seed| {
        let commands = |_: &State| prop::sample::select(all_commands(2));
        walks(&Reserve::of(2)).commands(commands).statistics().seed(seed).run()
    };
    assert_eq!(walked(3).to_string(), walked(3).to_string());
    assert_ne!(walked(3).statistics, walked(4).statistics);
}

#[test]
fn a_seed_that_nobody_chose_is_another_one_each_time() {
    let seed = || walks(&Reserve::of(1)).alphabet(alphabet(1)).walks(1).run().seed;
    assert!((0..10).any(|_| seed() != seed()));
}

fn file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("walks").join(name);
    let _ = fs::remove_file(&file);
    file
}

#[test]
fn a_walk_that_failed_is_walked_first_the_next_time() {
    let kept = file("kept.txt");
    let reserve = Reserve::with_sign_unchecked(2);
    let run = |walks_taken, seed| {
        let walking = walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept());
        walking.walks(walks_taken).seed(seed).regressions(&kept).run()
    };
    let first = run(20_000, 1);
    let finding = &first.findings[0];
    assert_eq!(first.again, 0);

    let text = fs::read_to_string(&kept).unwrap();
    let line = text.lines().last().unwrap();
    assert!(line.starts_with(&format!("walk {:#018x} # ", finding.seed.unwrap())), "{line}");
    assert!(line.contains("[Open(0), Offer { customer: 0, price: 1 }, Open(1)"), "{line}");

    let second = run(0, 2);
    assert_eq!((second.again, second.walks), (1, 1));
    assert_eq!(second.findings[0].story, finding.story);
    assert_eq!(fs::read_to_string(&kept).unwrap(), text, "it is kept once");

    fs::write(&kept, format!("{text}walk 0xZZ\nhello\n")).unwrap();
    let third = run(0, 2);
    assert_eq!(third.again, 1, "lines that mean nothing are passed over");
    let note = format!("kept walks are passed over: {}, line ", kept.display());
    let lines = text.lines().count();
    assert!(third.notes[0].starts_with(&format!("{note}{}, {}: ", lines + 1, lines + 2)), "{third}");
}

#[test]
fn a_walk_that_is_kept_after_a_line_without_an_end_takes_no_other_with_it() {
    let kept = file("cut.txt");
    fs::create_dir_all(kept.parent().unwrap()).unwrap();
    fs::write(&kept, "walk 0x00000000000000ff # kept earlier").unwrap();
    let reserve = Reserve::with_sign_unchecked(2);
    let run = |walks_taken| {
        let walking = walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept());
        walking.walks(walks_taken).seed(1).regressions(&kept).run()
    };
    let first = run(20_000);
    assert_eq!((first.again, first.findings.len()), (1, 1));
    let text = fs::read_to_string(&kept).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("walk 0x00000000000000ff # kept earlier", 2));
    let again = run(0);
    assert_eq!((again.again, again.notes.len()), (2, 0), "{again}");
}

#[test]
fn a_file_that_cannot_be_read_or_written_is_a_note() {
    let folder = file("folder.txt");
    fs::create_dir_all(&folder).unwrap();
    let found = walks(&Reserve::with_sign_unchecked(2))
        .alphabet(alphabet(2))
        .property(reserve_is_kept())
        .walks(20_000)
        .seed(1)
        .regressions(&folder)
        .run();
    assert_eq!(found.findings.len(), 1);
    assert_eq!(found.notes.len(), 2, "{found}");
    assert!(found.notes[0].starts_with("kept walks are not read: "), "{found}");
    assert!(found.notes[1].contains("is not kept: "), "{found}");
}
