//! The desk in a browser: three functions on bytes, no other import or export.

#![allow(unsafe_code, reason = "a name that is exported is an unsafe attribute; there is no unsafe block")]

use std::cell::RefCell;

thread_local! {
    /// The question, and then its answer.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where a question of so many bytes is to be written.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        text.clear();
        text.resize(bytes, 0);
        text.as_mut_ptr()
    })
}

/// Answers the question, and says how long the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    TEXT.with_borrow_mut(|text| {
        *text = contract_model::answer(&String::from_utf8_lossy(text)).into_bytes();
        text.len()
    })
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer_at() -> *const u8 {
    TEXT.with_borrow(Vec::as_ptr)
}
