//! The request bodies' fuzz target, for a moment; `fuzz/README.md` says how to go on for longer.
#![allow(missing_docs)]

#[path = "../../fuzz/smoke.rs"]
mod smoke;
#[path = "../../fuzz/targets/oip.rs"]
mod target;

#[test]
fn smoked() {
    smoke::smoke("oip", &target::seeds(), target::run);
}
