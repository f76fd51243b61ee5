//! What a policy asks of a component, read without running any of its code: what its author says of it, and what it imports.

use std::{collections::BTreeSet, fmt};

use wasmparser::Payload;

use super::facts::{Facts, FactsError, own_sections};
use crate::{digest::Digest, printable};

/// A component as a policy sees it. The digest is what it is; name and owner are what it says of itself, and any component can say
/// anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The plugin's name in the static facts; none if it states none.
    pub name: Option<String>,
    /// The plugin's owner in the static facts; none if it states none.
    pub owner: Option<String>,
    /// The WASI packages that it imports, e.g. `wasi:cli`.
    pub wasi: BTreeSet<String>,
}

impl Claims {
    /// Reads a component. Facts that are broken state nothing.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn read(digest: Digest, component: &[u8]) -> Result<Claims, FactsError> {
        let facts = Facts::read(component).ok().flatten();
        let (name, owner) = facts
            .map(|facts| {
                (
                    Some(facts.name).filter(|name| !name.is_empty()),
                    facts.owner,
                )
            })
            .unwrap_or_default();
        Ok(Claims {
            digest,
            name,
            owner,
            wasi: wasi(component)?,
        })
    }
}

/// `csv of data-platform (sha256:3f2a91c0bb7d…)`
impl fmt::Display for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("a plugin without a name");
        f.write_str(&shown(name))?;
        if let Some(owner) = &self.owner {
            write!(f, " of {}", shown(owner))?;
        }
        write!(f, " (sha256:{}…)", self.digest.short())
    }
}

/// The most characters of a claim that are shown.
const SHOWN: usize = 60;

/// A claim for a terminal: its author may have written anything.
pub fn shown(claim: &str) -> String {
    let claim = match claim.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &claim[..end]),
        None => claim.to_owned(),
    };
    printable::line(&claim).into_owned()
}

/// The WASI packages among a component's own imports: those of what is nested in it are answered inside of it.
fn wasi(component: &[u8]) -> Result<BTreeSet<String>, FactsError> {
    let mut found = BTreeSet::new();
    own_sections(component, |payload| {
        if let Payload::ComponentImportSection(imports) = payload {
            for import in imports {
                let name = import?.name;
                let names = [Some(name.name), name.implements].into_iter().flatten();
                found.extend(names.filter_map(package).map(str::to_owned));
            }
        }
        Ok(None::<()>)
    })?;
    Ok(found)
}

/// `wasi:cli` of `wasi:cli/stdout@0.2.6`.
fn package(import: &str) -> Option<&str> {
    import
        .starts_with("wasi:")
        .then(|| import.split(['/', '@']).next().unwrap_or(import))
}
