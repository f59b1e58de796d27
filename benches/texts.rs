//! Specifications in texts: reading and checking 500 scenarios, no two of them alike.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use std::fmt::Write as _;
use std::hint::black_box;

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

/// Scenarios with amounts, names and ends of their own.
fn scenarios(number: u64) -> String {
    let mut text = String::from("Feature: account\n");
    for n in 1..=number {
        let _ = write!(
            text,
            "\n  Scenario: number {n}\n    Given account opened, owner \"Owner {n}\"\n    And deposited {n}\n"
        );
        let _ = match n % 3 {
            0 => writeln!(text, "    When withdraw {n}\n    Then withdrawn {n}"),
            1 => {
                let more = n + 1;
                writeln!(
                    text,
                    "    When withdraw {more}\n    Then it is refused: insufficient funds, balance {n}"
                )
            }
            _ => writeln!(text, "    When deposit {n}\n    Then deposited {n}\n    When close account"),
        };
    }
    text
}

fn texts(criterion: &mut Criterion) {
    let model = account::model();
    let text = scenarios(500);
    criterion.bench_function("500 scenarios/read", |bencher| {
        bencher.iter(|| model.specification().read("account.feature", black_box(&text)).unwrap());
    });
    criterion.bench_function("500 scenarios/read and check", |bencher| {
        bencher.iter(|| {
            let read = model.specification().read("account.feature", black_box(&text)).unwrap();
            let failing = read.cases(model.decider()).iter().filter(|case| case.run().is_err()).count();
            assert_eq!((failing, read.of_decider().len()), (0, 500));
        });
    });
    criterion.bench_function("vocabulary", |bencher| {
        bencher.iter(|| model.specification().vocabulary().unwrap());
    });
}

criterion_group!(benches, texts);
criterion_main!(benches);
