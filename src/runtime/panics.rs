//! Panics in code of the user become errors of that code, and end nothing else.

use super::Cause;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs code that may fail or panic. Callers trust nothing that a panic may have left half done.
///
/// The error can be printed: an error whose text panics is reported as a panic.
pub(super) fn catching_panics<T>(run: impl FnOnce() -> Result<T, Cause>) -> Result<T, Cause> {
    let run = || run().inspect_err(|cause| drop(cause.to_string()));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(panic_text(panic).into()))
}

/// Locks a mutex, also after a panic of its holder: every change under our locks is made in one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_text(panic: Box<dyn Any + Send>) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(|text| &**text));
    let text = format!("it panicked: {}", text.unwrap_or("without a text"));
    // Dropping the panic's value runs code of the user, which may panic once more.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
    text
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

    fn error_of(run: impl FnOnce() -> Result<(), Cause>) -> String {
        catching_panics(run).unwrap_err().to_string()
    }

    #[test]
    fn whatever_a_panic_carries_it_is_an_error_with_a_text() {
        assert_eq!(error_of(|| panic!("planted")), "it panicked: planted");
        assert_eq!(error_of(|| panic!("planted {}", 7)), "it panicked: planted 7");
        assert_eq!(error_of(|| panic_any(7)), "it panicked: without a text");
        assert_eq!(error_of(|| panic_any(Bomb)), "it panicked: without a text");
        assert_eq!(error_of(|| Err(Wordless.into())), "it panicked: no words");
        assert_eq!(error_of(|| Err("refused".into())), "refused");
    }
}
