//! The promises of a store are sharp: for each of them there is a fault at which it breaks.

use leftfold::conformance::Fact;
use leftfold::store::Memory;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[path = "store_faults/faulty.rs"]
mod faulty;

use faulty::{ALL, Faulty};

/// Runs what panics without a word on the terminal.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = run();
    std::panic::set_hook(hook);
    result
}

/// One test, since the hook of panics is the program's.
#[test]
fn every_promise_breaks_at_a_fault_and_every_fault_breaks_a_promise() {
    let promises: BTreeMap<_, _> =
        leftfold::__store_promises! { __store_promise_list (Faulty) }.into_iter().collect();
    let kept: Vec<String> = quietly(|| {
        // A race is not lost every time, and seldom on a busy machine.
        let breaks = |(fault, name): &&(faulty::Fault, &str)| {
            let broken =
                |_| catch_unwind(AssertUnwindSafe(|| promises[name](&|| Faulty::new(*fault)))).is_err();
            (0..50).any(broken)
        };
        ALL.iter().filter(|case| !breaks(case)).map(|(fault, name)| format!("{name}: {fault:?}")).collect()
    });
    assert!(kept.is_empty(), "promises that do not break at their fault:\n  {}", kept.join("\n  "));

    let broken: BTreeSet<&str> = ALL.iter().map(|(_, name)| *name).collect();
    let unbroken: Vec<_> = promises.keys().filter(|name| !broken.contains(*name)).collect();
    assert!(unbroken.is_empty(), "promises that no fault breaks: {unbroken:?}");

    // The store that the faults are put into keeps them all.
    for (name, promise) in leftfold::__store_promises! { __store_promise_list (Memory<Fact>) } {
        assert!(catch_unwind(|| promise(&Memory::new)).is_ok(), "{name}");
    }
}
