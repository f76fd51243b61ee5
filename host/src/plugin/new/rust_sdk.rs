//! The SDK for Rust as a package of its own: what it has from this workspace is written out.

use toml_edit::{DocumentMut, Item, Table};

/// Embeds files of `sdk/rust`, which looks for the contract in `../../wit`.
macro_rules! sources {
    ($($path:literal),* $(,)?) => {
        &[$((concat!("rust/", $path), include_str!(concat!("../../../../sdk/rust/", $path)))),*]
    };
}

/// The bindings as the host's build made them of the contract.
const BINDINGS: &str = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));

/// Its source but for the bindings.
const SOURCES: &[(&str, &str)] = sources!(
    "src/adopt.rs",
    "src/answers.rs",
    "src/blob.rs",
    "src/config.rs",
    "src/deploy.rs",
    "src/export.rs",
    "src/format.rs",
    "src/job.rs",
    "src/lend.rs",
    "src/lib.rs",
    "src/monitor.rs",
    "src/package.rs",
    "src/rows.rs",
    "src/score.rs",
    "src/state.rs",
    "src/state/schema.rs",
    "src/suggest.rs",
    "src/table.rs",
    "src/tell.rs",
    "src/testing.rs",
    "src/train.rs",
    "src/type_name.rs",
    "src/widen.rs",
    "src/words.rs",
);

/// Its files by their path below `sdk/`.
pub(super) fn files() -> Vec<(&'static str, String)> {
    let manifest = manifest(
        include_str!("../../../../sdk/rust/Cargo.toml"),
        include_str!("../../../../Cargo.toml"),
    );
    let sources = SOURCES
        .iter()
        .map(|(path, text)| (*path, (*text).to_owned()));
    let made = [
        ("rust/src/bindings.rs", BINDINGS.to_owned()),
        ("rust/Cargo.toml", manifest),
    ];
    sources.chain(made).collect()
}

/// A manifest with every `workspace = true` replaced by what the workspace has, and without its lints and the macro of the bindings.
fn manifest(member: &str, workspace: &str) -> String {
    let parsed = |text: &str| {
        text.parse::<DocumentMut>()
            .expect("the manifests of this workspace are TOML")
    };
    let (mut member, workspace) = (parsed(member), parsed(workspace));
    member.remove("lints");
    for (table, from) in [("package", "package"), ("dependencies", "dependencies")] {
        let Some(table) = member.get_mut(table).and_then(Item::as_table_mut) else {
            continue;
        };
        inherit(table, &workspace["workspace"][from]);
    }
    let features = &mut member["dependencies"]["wit-bindgen"]["features"];
    if let Some(features) = features.as_array_mut() {
        features.retain(|feature| feature.as_str() != Some("macros"));
    }
    member.to_string()
}

fn inherit(table: &mut Table, workspace: &Item) {
    for (key, item) in table.iter_mut() {
        let is_inherited = item.get("workspace").and_then(Item::as_bool) == Some(true);
        if let (true, Some(value)) = (is_inherited, workspace.get(key.get())) {
            *item = value.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn nothing_is_left_to_a_workspace() {
        let files = files();
        let (_, manifest) = files
            .iter()
            .find(|(path, _)| *path == "rust/Cargo.toml")
            .unwrap();
        assert!(!manifest.contains("workspace"), "{manifest}");
        let manifest: DocumentMut = manifest.parse().unwrap();
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
        assert!(manifest["dependencies"]["serde"]["version"].is_str());
        let bindgen = &manifest["dependencies"]["wit-bindgen"];
        assert_eq!(bindgen["features"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn the_bindings_are_there_without_the_macro() {
        assert!(!BINDINGS.contains("wit_bindgen::generate!({"));
        for world in crate::world::World::ALL {
            let exports = format!("export_{world}_bindings");
            assert!(BINDINGS.contains(&exports), "{world}");
        }
    }

    /// Counts the files below a folder.
    fn count(folder: &Path) -> usize {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .map(|path| if path.is_dir() { count(&path) } else { 1 })
            .sum()
    }

    #[test]
    fn no_source_is_forgotten() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/rust/src");
        assert_eq!(SOURCES.len() + 1, count(&source));
    }
}
