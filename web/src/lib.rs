//! The desk of `models` in a browser: four functions on bytes, and nothing that the page has to bring.

mod models;

use leftfold::Desk;
use std::cell::RefCell;
use std::panic;

thread_local! {
    static DESK: Desk = models::desk();
    /// The question, and then its answer; where the model broke off, what its panic says.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for a question of this many bytes, and says where it is to be written.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    TEXT.set(vec![0; bytes]);
    text_at().cast_mut()
}

/// Answers the question.
#[unsafe(no_mangle)]
pub extern "C" fn answer() {
    let question = TEXT.take();
    panic::set_hook(Box::new(|panic| TEXT.set(panic.to_string().into_bytes())));
    let answer = DESK.with(|desk| desk.answer(&String::from_utf8_lossy(&question)));
    TEXT.set(answer.into_bytes());
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn text_at() -> *const u8 {
    TEXT.with_borrow(Vec::as_ptr)
}

/// How many bytes it has.
#[unsafe(no_mangle)]
pub extern "C" fn text_bytes() -> usize {
    TEXT.with_borrow(Vec::len)
}
