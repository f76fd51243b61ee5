//! `plugin.toml`: any text is a plugin or refused, and no path that it names for the component leads out of its folder.

use std::path::{Component, Path};

use lockflight::plugin::spec::{Language, PluginSpec};

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    match PluginSpec::parse(text, Path::new("plugin.toml")) {
        Ok(spec) => {
            assert!(!spec.worlds.is_empty());
            let main = match &spec.language {
                Language::Javascript { main } | Language::Typescript { main } => Some(main),
                _ => None,
            };
            for path in spec.config.iter().chain(main) {
                assert!(
                    path.components()
                        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
                );
            }
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        include_str!("../../plugins/csv/plugin.toml"),
        include_str!("../../plugins/categories-js/plugin.toml"),
        include_str!("../../plugins/outliers-py/plugin.toml"),
    ]
    .map(Vec::from)
    .into()
}
