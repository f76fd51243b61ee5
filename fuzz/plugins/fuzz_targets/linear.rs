#![no_main]
// The seeds are for the smoke test, which writes them out for cargo-fuzz too.
#![allow(dead_code)]

#[path = "../../targets/linear.rs"]
mod linear;
#[path = "../../targets/rows.rs"]
mod rows;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    linear::run(data);
});
