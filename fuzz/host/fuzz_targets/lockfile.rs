#![no_main]
// The seeds are for the smoke test, which writes them out for cargo-fuzz too.
#![allow(dead_code)]

#[path = "../../targets/lockfile.rs"]
mod lockfile;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    lockfile::run(data);
});
