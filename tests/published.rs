//! Plugins of every published contract go on working: for each version a component per world, kept as a core module in text,
//! is built against the published text and has its place in a pipeline that the present host runs.
//!
//! `tests/published/VERSION/` holds the modules, the pipeline and its `session` (see `harness/session.rs`). It is never changed
//! once the version is published; `contract.rs` beside this test's crate holds the texts themselves to that.
#![allow(clippy::unwrap_used)]

#[path = "harness/by_hand.rs"]
mod by_hand;
#[path = "harness/contract_text.rs"]
mod contract_text;
#[allow(dead_code)]
#[path = "harness/mod.rs"]
mod harness;

use std::fs;
use std::path::PathBuf;

use harness::Sandbox;
use lockflight::world::World;

/// The plugins of a pipeline and the worlds each has a component for.
const PLUGINS: [(&str, &[World]); 6] = [
    ("ingest", &[World::Ingest]),
    ("validate", &[World::Validate]),
    ("train", &[World::Train, World::Score]),
    ("packaging", &[World::Packaging]),
    ("deploy", &[World::Deploy]),
    ("monitor", &[World::Monitor]),
];

fn versions() -> Vec<String> {
    let entries = fs::read_dir(harness::root().join("wit/published")).unwrap();
    let mut versions: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    versions.sort();
    versions
}

#[test]
fn plugins_of_every_published_contract_run() {
    let versions = versions();
    assert!(!versions.is_empty(), "nothing is published");
    for version in versions {
        let place = format!("tests/published/{version}");
        let folder = harness::root().join(&place);
        let sandbox = Sandbox::new(&folder, &place).unwrap();
        let components = Components::of(&version, folder.clone());
        for (name, worlds) in PLUGINS {
            let built: Vec<_> = worlds
                .iter()
                .map(|world| (world.name(), components.build(*world)))
                .collect();
            let built: Vec<_> = built
                .iter()
                .map(|(world, component)| (*world, component.as_slice()))
                .collect();
            by_hand::plugin(&sandbox.folder.join(name), &built);
        }
        harness::play_in(&sandbox, &folder);
    }
}

#[test]
fn a_component_for_every_world_is_kept() {
    let kept: Vec<_> = PLUGINS.iter().flat_map(|(_, worlds)| *worlds).collect();
    for world in World::ALL {
        assert!(kept.contains(&&world), "{world}");
    }
}

/// The kept modules of one version, and the published text of it.
struct Components {
    folder: PathBuf,
    contract: wit_parser::Resolve,
}

impl Components {
    fn of(version: &str, folder: PathBuf) -> Components {
        let text = contract_text::read(&harness::root().join("wit/published").join(version));
        let contract = contract_text::parsed(&text);
        Components { folder, contract }
    }

    /// The component of a world. The prelude of all stages holds imports, which a scorer has none of.
    fn build(&self, world: World) -> Vec<u8> {
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap();
        let prelude = match world {
            World::Score => String::new(),
            _ => read("prelude.wat"),
        };
        let text = format!("(module\n{prelude}{})", read(&format!("{world}.wat")));
        let module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{world}: {error}"));
        let mut worlds = self.contract.worlds.iter();
        let (id, _) = worlds
            .find(|(_, found)| found.name == world.name())
            .unwrap();
        by_hand::component(module, &self.contract, id)
    }
}
