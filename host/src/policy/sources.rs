//! `[sources]`: where the data of `[source.NAME]` may come from.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use super::refusal::{Line, Refusal};
use crate::manifest::fields::{Fields, Reader};

/// Where sources may lie.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct SourcesPolicy {
    /// Absolute, or relative to the manifest's folder; none for no such list.
    folders: Option<Vec<PathBuf>>,
    #[serde(skip)]
    folders_line: Option<Line>,
}

impl SourcesPolicy {
    pub const KEYS: &[&str] = &["folders"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        _: &Spanned<DeValue<'_>>,
    ) -> SourcesPolicy {
        let there = fields.key_span("folders");
        let folders = fields.strings(reader, "folders");
        for folder in folders.iter().filter(|folder| folder.get_ref().is_empty()) {
            let problem = reader.error(folder.span(), "invalid-value", "this names no folder");
            problem.help = Some("`.` is the manifest's folder".to_owned());
        }
        SourcesPolicy {
            folders: there.is_some().then(|| {
                let folders = folders.into_iter().map(Spanned::into_inner);
                folders.map(PathBuf::from).collect()
            }),
            folders_line: there.map(|span| Line::of(&reader.text, span)),
        }
    }

    pub fn allow(&self, manifest: &Path, file: &Path) -> Result<(), Refusal> {
        let (Some(folders), Some(line)) = (&self.folders, &self.folders_line) else {
            return Ok(());
        };
        // A folder that is not there has no files.
        let mut real = folders
            .iter()
            .filter_map(|folder| manifest.join(folder).canonicalize().ok());
        match real.any(|folder| file.starts_with(folder)) {
            true => Ok(()),
            false => {
                let message = format!(
                    "the file lies in none of the folders that the policy allows for sources: {}",
                    file.display()
                );
                Err(Refusal::by(line, message))
            }
        }
    }
}

impl fmt::Display for SourcesPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(folders) = &self.folders else {
            return f.write_str("files anywhere below the manifest's folder");
        };
        let folders: Vec<_> = folders.iter().map(|f| f.display().to_string()).collect();
        match folders.is_empty() {
            true => f.write_str("no files"),
            false => write!(f, "files below {}", folders.join(", ")),
        }
    }
}
