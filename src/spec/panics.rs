//! A panic in a model is a finding with its history, not a crash.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs something that may panic. A panic becomes its message, with the line it came from, and prints nothing: searching
/// and shrinking panic hundreds of times.
///
/// Whatever `run` was changing when it panicked is to be thrown away or read with care.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if QUIET.get() {
                let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
                PLACE.with_borrow_mut(|kept| *kept = place);
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
        let (line, told) = (line!(), caught(|| -> u8 { panic!("at {}", 3) }).unwrap_err());
        assert_eq!(told, format!("at 3 ({}:{line})", file!()));
    }
}
