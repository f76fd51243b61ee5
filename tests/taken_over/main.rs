//! A child that was taken over completely: it has gone through the same seal as a real one, runs code of its own choice and tries
//! one thing after the other. The launcher is the real one; the child is this program again, started as the launcher starts children.
#![allow(clippy::unwrap_used)]

mod attacks;
mod child;
mod launching;
mod runner;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["stage", "exec"] => child::play(),
        _ => runner::run(&launching::tests(), &arguments),
    }
}
