#![no_main]
// The seeds are for the smoke test, which writes them out for cargo-fuzz too.
#![allow(dead_code)]

#[path = "../../targets/plugin_toml.rs"]
mod plugin_toml;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    plugin_toml::run(data);
});
