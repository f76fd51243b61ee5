#![no_main]
// The seeds are for the smoke test, which writes them out for cargo-fuzz too.
#![allow(dead_code)]

#[path = "../../targets/answer.rs"]
mod answer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    answer::run(data);
});
