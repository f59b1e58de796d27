//! Code of others that may panic: a panic is an error of that code, and ends nothing else.

use super::Cause;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs what may fail or panic. Callers trust nothing that a panic may have left half done.
///
/// An error whose text panics is a panic too, so that the text of what is returned can be asked for.
pub(super) fn caught<T>(run: impl FnOnce() -> Result<T, Cause>) -> Result<T, Cause> {
    let run = || run().inspect_err(|cause| drop(cause.to_string()));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(panicked(panic).into()))
}

/// What panicked while it held a lock has left a whole value: all that is changed in here is changed at once.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panicked(panic: Box<dyn Any + Send>) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(|text| &**text));
    let told = format!("it panicked: {}", text.unwrap_or("without a text"));
    // What the panic carries is code of others as well: dropping it may panic once more, and that is left alone.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;
    use std::panic::panic_any;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    #[derive(Debug)]
    struct Wordless;

    impl fmt::Display for Wordless {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words")
        }
    }

    impl std::error::Error for Wordless {}

    fn told(run: impl FnOnce() -> Result<(), Cause>) -> String {
        caught(run).unwrap_err().to_string()
    }

    #[test]
    fn whatever_a_panic_carries_it_is_an_error_with_a_text() {
        assert_eq!(told(|| panic!("planted")), "it panicked: planted");
        assert_eq!(told(|| panic!("planted {}", 7)), "it panicked: planted 7");
        assert_eq!(told(|| panic_any(7)), "it panicked: without a text");
        assert_eq!(told(|| panic_any(Bomb)), "it panicked: without a text");
        assert_eq!(told(|| Err(Wordless.into())), "it panicked: no words");
        assert_eq!(told(|| Err("refused".into())), "refused");
    }
}
