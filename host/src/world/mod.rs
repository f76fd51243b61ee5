//! The worlds: one per lifecycle stage and one for the model, one file each.

pub mod deploy;
pub mod ingest;
pub mod interfaces;
pub mod monitor;
pub mod packaging;
pub mod score;
mod stage;
pub mod train;
pub mod validate;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A world of the contract: what a plugin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Sources become tables.
    Ingest,
    /// A table is checked.
    Validate,
    /// A table becomes the state of a scorer.
    Train,
    /// A model becomes an artifact; the manifest says `package`.
    Packaging,
    /// Decides on traffic.
    Deploy,
    /// Watches a window of traffic.
    Monitor,
    /// A step of a model.
    Score,
}

impl World {
    /// All worlds, in the order of the lifecycle.
    pub const ALL: [Self; 7] = [
        Self::Ingest,
        Self::Validate,
        Self::Train,
        Self::Score,
        Self::Packaging,
        Self::Deploy,
        Self::Monitor,
    ];

    /// The name in the WIT.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Validate => "validate",
            Self::Train => "train",
            Self::Packaging => "packaging",
            Self::Deploy => "deploy",
            Self::Monitor => "monitor",
            Self::Score => "score",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no world's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no world \"{0}\"; the worlds are ingest, validate, train, packaging, deploy, monitor and score"
)]
pub struct UnknownWorld(
    /// The name.
    pub String,
);

impl FromStr for World {
    type Err = UnknownWorld;

    fn from_str(name: &str) -> Result<Self, UnknownWorld> {
        Self::ALL
            .into_iter()
            .find(|world| world.name() == name)
            .ok_or_else(|| UnknownWorld(name.to_owned()))
    }
}
