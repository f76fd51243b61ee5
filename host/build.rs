//! Writes the bindings that `plugin new` puts into the SDK for Rust. In this repository a macro makes them (`sdk/rust/src/bindings.rs`);
//! made once here, they spare the author of a plugin the parser of WIT and all that it brings, which took most of a first build.
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use wit_bindgen_core::{Files, WorldGenerator as _, wit_parser::Resolve};
use wit_bindgen_rust::{Opts, WithOption};

/// The worlds with their packages.
const WORLDS: [(&str, &str); 7] = [
    ("ingest", "lockflight:stage"),
    ("validate", "lockflight:stage"),
    ("train", "lockflight:stage"),
    ("packaging", "lockflight:stage"),
    ("deploy", "lockflight:stage"),
    ("monitor", "lockflight:stage"),
    ("score", "lockflight:model"),
];

/// The interfaces that are made once, with `ingest`. World `score` has the first alone.
const SHARED: [&str; 5] = [
    "lockflight:data/types",
    "lockflight:data/tables",
    "lockflight:data/blobs",
    "lockflight:stage/job",
    "lockflight:stage/answers",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let sources = ["wit", "sdk/rust/src/bindings.rs"].map(|path| root.join(path));
    for path in &sources {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let by_macro = fs::read_to_string(&sources[1])?;
    let made = bindings(&sources[0], &by_macro)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("bindings.rs"), made)?;
    Ok(())
}

/// What the SDK's own file says, with each `generate!` in its place replaced by what it makes.
fn bindings(wit: &Path, by_macro: &str) -> Result<String, Box<dyn Error>> {
    const MACRO: &str = "    wit_bindgen::generate!({";
    const END: &str = "    });\n";
    let mut made = String::new();
    let mut rest = by_macro;
    for (world, package) in WORLDS {
        let (before, behind) = rest.split_once(MACRO).ok_or("a world has no `generate!`")?;
        let (options, behind) = behind.split_once(END).ok_or("a `generate!` has no end")?;
        if !options.contains(&format!("world: \"{package}/{world}@0.1.0\"")) {
            return Err(format!("world {world} is not where it is expected").into());
        }
        write!(made, "{before}{}", of_world(wit, package, world)?)?;
        rest = behind;
    }
    made.push_str(rest);
    Ok(made)
}

fn of_world(wit: &Path, package: &str, world: &str) -> Result<String, Box<dyn Error>> {
    let mut resolve = Resolve::default();
    let (stage, _) = resolve.push_path(wit)?;
    let id = resolve.select_world(&[stage], Some(&format!("{package}/{world}@0.1.0")))?;
    let shared = match world {
        "ingest" => &[],
        "score" => &SHARED[..1],
        _ => &SHARED[..],
    };
    let with = shared.iter().map(|interface| {
        let path = interface.replace([':', '/'], "::");
        let path = format!("crate::bindings::ingest::{path}");
        (format!("{interface}@0.1.0"), WithOption::Path(path))
    });
    let options = Opts {
        with: with.collect(),
        generate_all: world == "ingest",
        pub_export_macro: true,
        export_macro_name: Some(format!("export_{world}_bindings")),
        default_bindings_module: Some(format!("lockflight_sdk::bindings::{world}")),
        ..Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, id, &mut files)?;
    let (_, text) = files.iter().next().ok_or("nothing was generated")?;
    Ok(String::from_utf8(text.to_vec())?)
}
