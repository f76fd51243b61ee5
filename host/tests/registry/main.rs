//! Plugins from registries, from outside: the real program against a registry of the test's own, which serves what was published into
//! a folder, however wrongly. `cargo xtask interop` does the same with the registry that people use.
#![allow(clippy::unwrap_used)]

mod credentials;
mod fetched;
mod pipeline;
mod published;
#[path = "../../../tests/harness/shown.rs"]
mod shown;
#[path = "../../../tests/harness/web.rs"]
mod web;
