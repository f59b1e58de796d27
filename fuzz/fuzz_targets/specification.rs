#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| leftfold_fuzz::specification(bytes));
