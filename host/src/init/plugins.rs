//! The plugins that come with lockflight: where they are, and their components.

use std::path::{Path, PathBuf};

use crate::{
    plugin::fresh::{self, Freshness},
    world::World,
};

/// Why a plugin that comes with lockflight cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PluginsError {
    /// They were not found.
    #[error(
        "the plugins that come with lockflight are not beside it; say where they are with --plugins DIR"
    )]
    NotFound,
    /// The folder has no such plugin.
    #[error("{} has no plugin `{plugin}`", folder.display())]
    Missing {
        /// The folder of plugins.
        folder: PathBuf,
        /// The plugin's name.
        plugin: &'static str,
    },
    /// It is not built.
    #[error("the plugin `{plugin}` is not built; run `lockflight plugin build {}`", folder.display())]
    NotBuilt {
        /// The plugin's folder.
        folder: PathBuf,
        /// The plugin's name.
        plugin: &'static str,
    },
}

/// A folder of plugins, each in a folder of its name or as `NAME.wasm`.
pub struct Shipped(PathBuf);

impl Shipped {
    /// The folder named, or else the first `plugins/` with the plugin `csv` beside this program or above it.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(named: Option<&Path>) -> Result<Self, PluginsError> {
        if let Some(folder) = named {
            return Ok(Shipped(folder.to_owned()));
        }
        let exe = std::env::current_exe().map_err(|_| PluginsError::NotFound)?;
        exe.ancestors()
            .skip(1)
            .map(|folder| folder.join("plugins"))
            .find(|plugins| plugins.join("csv").is_dir() || plugins.join("csv.wasm").is_file())
            .map(Shipped)
            .ok_or(PluginsError::NotFound)
    }

    /// The file of a plugin's component for a world.
    ///
    /// # Errors
    /// When it is not there or not built.
    pub fn component(&self, plugin: &'static str, world: World) -> Result<PathBuf, PluginsError> {
        let file = self.0.join(format!("{plugin}.wasm"));
        if file.is_file() {
            return Ok(file);
        }
        let folder = self.0.join(plugin);
        match fresh::fresh(&folder).map(|(_, freshness)| freshness) {
            Ok(Freshness::Fresh(mut components)) => components
                .remove(&world)
                .map(|component| component.path)
                .ok_or(PluginsError::NotBuilt { folder, plugin }),
            Ok(Freshness::Stale | Freshness::Missing) => {
                Err(PluginsError::NotBuilt { folder, plugin })
            }
            Err(_) => Err(PluginsError::Missing {
                folder: self.0.clone(),
                plugin,
            }),
        }
    }
}
