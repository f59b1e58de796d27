#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| leftfold_fuzz::case_log(bytes));
