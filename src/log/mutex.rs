//! Taking a lock that a panicking thread may have held.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock, also after a panic. Only a storage can panic while a lock is held, and that ends the writer: see
/// [`Writer::commit`](super::writer::Writer::commit).
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
