//! The contract app.

fn main() {}
