//! The memory store keeps every promise of an event store.

use leftfold::store::Memory;

mod promises {
    use super::Memory;

    leftfold::store::conformance!(Memory::new);
}
