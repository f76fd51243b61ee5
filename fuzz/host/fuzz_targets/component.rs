#![no_main]
// The seeds are for the smoke test, which writes them out for cargo-fuzz too.
#![allow(dead_code)]

#[path = "../../targets/component.rs"]
mod component;

libfuzzer_sys::fuzz_target!(
    init: {
        // Panics of the decoder are caught where it is called, and are no find; libFuzzer's hook would end the process before.
        let find = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let of_decoder = |at: &std::panic::Location<'_>| at.file().contains("/wit-parser-");
            if !panic.location().is_some_and(of_decoder) {
                find(panic);
            }
        }));
    },
    |data: &[u8]| {
        component::run(data);
    }
);
