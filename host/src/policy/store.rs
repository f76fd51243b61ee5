//! `[store]`: who may write to remotes.

use std::fmt;

use serde::Serialize;
use toml::{Spanned, de::DeValue};

use crate::manifest::fields::{Fields, Reader};

/// Who may push; nobody without the key.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct StorePolicy {
    writers: Vec<String>,
}

impl StorePolicy {
    pub const KEYS: &[&str] = &["writers"];

    pub fn fields(
        reader: &mut Reader,
        fields: &Fields<'_, '_>,
        _: &Spanned<DeValue<'_>>,
    ) -> StorePolicy {
        let writers = fields.strings(reader, "writers");
        StorePolicy {
            writers: writers.into_iter().map(Spanned::into_inner).collect(),
        }
    }

    pub fn names(&self, writer: &str) -> bool {
        self.writers.iter().any(|name| name == writer)
    }
}

impl fmt::Display for StorePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.writers.as_slice() {
            [] => f.write_str("nobody writes to remotes"),
            writers => write!(f, "written to by {}", writers.join(", ")),
        }
    }
}

/// Who writes: `LOCKFLIGHT_WRITER`, or else the user.
pub fn writer() -> String {
    let named = ["LOCKFLIGHT_WRITER", "USER", "LOGNAME"].into_iter();
    let mut named = named.filter_map(|name| std::env::var(name).ok());
    named
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()))
}
