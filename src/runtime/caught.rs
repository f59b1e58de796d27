//! Code of others that may panic: a panic is told as an error, and ends nothing.

use super::Cause;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs what may fail or panic. Whoever calls it trusts nothing that a panic may have left half done.
pub(super) fn caught<T>(run: impl FnOnce() -> Result<T, Cause>) -> Result<T, Cause> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(panicked(&*panic).into()))
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(|text| &**text));
    format!("it panicked: {}", text.unwrap_or("without a text"))
}
