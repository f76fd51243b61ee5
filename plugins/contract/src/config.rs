//! The stage's config.
use schemars::JsonSchema;
use serde::Deserialize;

/// What becomes of rows that fail.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Whether to write the outputs `table` (the rows that pass) and `quarantine` (those that do not).
    pub quarantine: bool,
    /// The column of `quarantine` that says why a row is in it.
    pub reason_column: String,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            quarantine: true,
            reason_column: "reason".to_owned(),
        }
    }
}
