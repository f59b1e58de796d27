//! Stores: what it costs to append, to open and to read.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

#[path = "store/file.rs"]
mod file;
mod interleaved;

use criterion::{Criterion, criterion_group};

criterion_group!(benches, file::appending);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // All of it where it is measured; otherwise a little, to see that it works.
    file::compare_all();
}
