//! Catches panics of a model, so that tools can report them with the history that led to them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs something that may panic. A panic becomes an error: its message and its line. It prints nothing, because searching and
/// shrinking panic hundreds of times.
///
/// Do not trust what `run` was changing when it panicked.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if QUIET.get() {
                let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
                PLACE.with_borrow_mut(|last| *last = place);
            } else {
                usual(panic);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(outer);
    result.map_err(|panic| {
        let message = message(panic);
        match PLACE.with_borrow_mut(Option::take) {
            Some(place) => format!("{message} ({place})"),
            None => message,
        }
    })
}

fn message(panic: Box<dyn Any + Send>) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_string()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message_and_its_place() {
        assert_eq!(caught(|| 1), Ok(1));
        let (line, message) = (line!(), caught(|| -> u8 { panic!("at {}", 3) }).unwrap_err());
        assert_eq!(message, format!("at 3 ({}:{line})", file!()));
    }
}
