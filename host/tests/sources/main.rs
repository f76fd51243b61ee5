//! Sources on the web, from outside: the real program against a server on this machine that answers as the test wants.
#![allow(clippy::unwrap_used)]

mod certificates;
mod fetched;
mod pipeline;
mod policy;
mod secrets;
mod servers;
#[path = "../../../tests/harness/shown.rs"]
mod shown;
#[path = "../../../tests/harness/web.rs"]
mod web;
