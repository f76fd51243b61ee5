//! Makes components of hostile guests: the guest's text behind `prelude.wat`, with the contract's types embedded.

use std::sync::LazyLock;

use lockflight::plugin::wit::contract;
use wit_parser::{PackageId, Resolve};

use crate::by_hand;

/// The contract, WASI and the worlds of `worlds.wit`.
static WORLDS: LazyLock<(Resolve, PackageId)> = LazyLock::new(|| {
    let mut resolve = contract().resolve.clone();
    let package = resolve
        .push_source("worlds.wit", &read("worlds.wit"))
        .unwrap();
    (resolve, package)
});

static PRELUDE: LazyLock<String> = LazyLock::new(|| read("prelude.wat"));
static SCORER: LazyLock<String> = LazyLock::new(|| read("scorer.wat"));

/// The trainer before every hostile scorer.
pub static TRAINER: LazyLock<Vec<u8>> = LazyLock::new(|| component("train", &read("trainer.wat")));

fn read(file: &str) -> String {
    std::fs::read_to_string(super::folder().join(file)).unwrap()
}

/// A component of a world around a core module.
///
/// # Panics
/// When the text is no module of that world: a fault of the case.
pub fn component(world: &str, text: &str) -> Vec<u8> {
    let (resolve, package) = &*WORLDS;
    let id = resolve.select_world(&[*package], Some(world)).unwrap();
    by_hand::component(core_module(world, text), resolve, id)
}

/// The core module alone.
pub fn core_module(world: &str, text: &str) -> Vec<u8> {
    let text = module_text(world, text);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The module's text: imports first, since the text format wants it so, then the prelude, then the guest.
fn module_text(world: &str, guest: &str) -> String {
    let (mut imports, mut body) = (String::new(), String::new());
    let mut sort = |line: &str| {
        let into = if line.starts_with("(import ") {
            &mut imports
        } else {
            &mut body
        };
        into.push_str(line);
        into.push('\n');
    };
    match world {
        "score" => prelude(&SCORER, guest).lines().for_each(&mut sort),
        "greedy-score" => {}
        _ => prelude(&PRELUDE, guest).lines().for_each(&mut sort),
    }
    guest.lines().for_each(&mut sort);
    format!("(module\n{}{})\n", imports, named(world, &body))
}

/// The parts of a prelude that the guest does not replace.
fn prelude(parts: &str, guest: &str) -> String {
    parts
        .split(";; part:")
        .skip(1)
        .filter(|part| {
            let name = part.lines().next().unwrap_or_default().trim();
            name.is_empty() || !replaces(guest, name)
        })
        .flat_map(|part| part.lines().skip(1))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn replaces(guest: &str, part: &str) -> bool {
    guest.contains(&format!("(export \"{part}\")"))
        || ["func", "data", "global", "memory"]
            .iter()
            .any(|kind| guest.contains(&format!("({kind} ${part} ")))
}

/// Gives the exports `check`, `run`, `load` and `score`, and what is called after them, their long names.
fn named(world: &str, body: &str) -> String {
    let interface = match world {
        "validate" => "lockflight:stage/validator@0.1.0",
        "train" => "lockflight:stage/trainer@0.1.0",
        "score" | "greedy-score" => "lockflight:model/scorer@0.1.0",
        _ => "lockflight:stage/ingester@0.1.0",
    };
    ["check", "run", "load", "score"]
        .iter()
        .fold(body.to_owned(), |body, name| {
            body.replace(
                &format!("(export \"{name}\")"),
                &format!("(export \"{interface}#{name}\")"),
            )
            .replace(
                &format!("(export \"cabi_post_{name}\")"),
                &format!("(export \"cabi_post_{interface}#{name}\")"),
            )
        })
}
