//! `lockflight version`: the versions that matter.

use super::{error::CliError, text};
use crate::{engine, job::ABI, plugin::wit::contract, walls::Walls};

/// Show the versions that matter: lockflight, its ABI, the contract's packages, the engine, and the walls this kernel has.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  lockflight version\n  lockflight version --json")]
pub struct Args {
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<u8, CliError> {
    let packages = contract().packages();
    let engine = format!("wasmtime {}", engine::WASMTIME_VERSION);
    let walls = Walls::offered().names();
    if args.json {
        let document = serde_json::json!({
            "lockflight": crate::VERSION,
            "abi": ABI,
            "wit": packages,
            "engine": engine,
            "arch": std::env::consts::ARCH,
            "walls": walls,
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
        return Ok(0);
    }
    text::say!("lockflight {}", crate::VERSION);
    text::say!("  abi     {ABI}");
    text::say!("  wit     {}", packages.join(", "));
    text::say!("  engine  {engine}, {}", std::env::consts::ARCH);
    text::say!("  walls   {}", walls.join(", "));
    Ok(0)
}
