//! The plugin's fuzz target, for a moment; `fuzz/README.md` says how to go on for longer.
#![allow(missing_docs)]

#[path = "../../../fuzz/targets/rows.rs"]
mod rows;
#[path = "../../../fuzz/smoke.rs"]
mod smoke;
#[path = "../../../fuzz/targets/prepare.rs"]
mod target;

#[test]
fn smoked() {
    smoke::smoke("prepare", &target::seeds(), target::run);
}
