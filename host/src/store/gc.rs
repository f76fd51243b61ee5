//! Garbage collection: what no name leads to is removed, names and results before what they lead to, so that a store is whole
//! whenever this ends.

use std::collections::{BTreeSet, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use super::check::{Amount, Found, digest_of_name};
use super::error::{At, StoreError};
use super::reach::{Local, Node, Reach};
use super::usage::LOCK;
use super::{Alone, Kind, RefName, Store};
use crate::digest::Digest;

/// Answers of checks are no run's; those younger than this are kept, since the next plan asks for them.
const ANSWER_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Refs below these are logs: what they pointed at before is as much theirs as what they point at now.
const LOGS: &str = "logs/";
/// Refs below these have histories that people read: the records stay, what they were about may go.
const CHRONICLES: [&str; 2] = ["models/", "endpoints/"];

/// What a garbage collection removed, or would remove.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct GcReport {
    /// The names that go.
    pub refs: Vec<String>,
    /// Results that no run needs.
    pub results: Amount,
    /// Blobs that nothing leads to.
    pub blobs: Amount,
    /// Blocks that no table needs.
    pub blocks: Amount,
    /// Files of processes that were killed.
    pub temporary: Amount,
    /// Locks of processes that were killed.
    pub locks: Amount,
    /// What stays of blobs and blocks.
    pub kept: Amount,
}

impl GcReport {
    /// The bytes that go.
    pub fn bytes(&self) -> u64 {
        let parts = [self.results, self.blobs, self.blocks, self.temporary];
        parts.iter().map(|part| part.bytes).sum()
    }
}

/// What goes, in the order in which it goes.
#[derive(Debug, Default)]
struct Garbage {
    pointers: Vec<String>,
    blobs: Vec<String>,
    blocks: Vec<String>,
    leftovers: Vec<String>,
}

impl Store {
    /// What `gc` would remove if these refs were gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn gc_plan(&self, letting_go: &[RefName]) -> Result<GcReport, StoreError> {
        Ok(self.garbage(letting_go)?.1)
    }

    /// Removes these refs, and everything that no other ref leads to then.
    ///
    /// # Errors
    /// When the store fails. It is whole then too; the next `gc` removes the rest.
    pub fn gc(&self, letting_go: &[RefName], _alone: &Alone) -> Result<GcReport, StoreError> {
        let (garbage, report) = self.garbage(letting_go)?;
        if !letting_go.is_empty() {
            // It would list runs that are gone, if this came to its end too early.
            self.discard_index()?;
        }
        self.remove_all(&garbage.pointers)?;
        // On the disk before anything that they lead to goes.
        self.sync_all(folders(self, &garbage.pointers))?;
        // A table's document goes before its blocks.
        self.remove_all(&garbage.blobs)?;
        self.sync_all(folders(self, &garbage.blobs))?;
        self.remove_all(&garbage.blocks)?;
        let removed: HashSet<String> = garbage.blobs.into_iter().chain(garbage.blocks).collect();
        if !removed.is_empty() {
            self.verified.forget(&*self.backend, &removed);
        }
        self.remove_all(&garbage.leftovers)?;
        if !letting_go.is_empty() {
            self.reindex()?;
        }
        Ok(report)
    }

    fn remove_all(&self, names: &[String]) -> Result<(), StoreError> {
        for name in names {
            match self.backend.remove(name) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                removed => removed.at("remove", self.backend.path(name))?,
            }
        }
        Ok(())
    }

    fn garbage(&self, letting_go: &[RefName]) -> Result<(Garbage, GcReport), StoreError> {
        let mut marked = Reach::default();
        let gone: HashSet<&RefName> = letting_go.iter().collect();
        for name in self.refs("")? {
            if !gone.contains(&name) {
                self.mark(&name, &mut marked)?;
            }
        }
        self.mark_answers(&mut marked)?;
        let kept_results: HashSet<Digest> = marked
            .nodes()
            .iter()
            .filter_map(|node| match node {
                Node::Result { key, .. } => Some(*key),
                Node::Blob(_) | Node::Block(_) => None,
            })
            .collect();
        let mut garbage = Garbage::default();
        let mut report = GcReport {
            refs: letting_go.iter().map(ToString::to_string).collect(),
            ..GcReport::default()
        };
        garbage
            .pointers
            .extend(letting_go.iter().map(RefName::file));
        for file in self.walk("results")? {
            let key = digest_of_name("results", &file.name);
            if key.is_some_and(|key| !kept_results.contains(&key)) {
                take(file, &mut report.results, &mut garbage.pointers);
            }
        }
        for kind in Kind::ALL {
            let (amount, names) = match kind {
                Kind::Blob => (&mut report.blobs, &mut garbage.blobs),
                Kind::Block => (&mut report.blocks, &mut garbage.blocks),
            };
            for file in self.walk(kind.folder())? {
                match digest_of_name(kind.folder(), &file.name) {
                    Some(digest) if !marked.has(&digest) => take(file, amount, names),
                    // What has no digest's name was not put here by the store; `store check` names it.
                    _ => count(&file, &mut report.kept),
                }
            }
        }
        for file in self.walk("tmp")? {
            take(file, &mut report.temporary, &mut garbage.leftovers);
        }
        for file in self.walk("locks")? {
            if file.name != format!("locks/{LOCK}") {
                take(file, &mut report.locks, &mut garbage.leftovers);
            }
        }
        Ok((garbage, report))
    }

    /// Keeps what a ref leads to. All its moves stay, since each names the one before.
    fn mark(&self, name: &RefName, marked: &mut Reach) -> Result<(), StoreError> {
        let text = name.as_str();
        let mut next = self.ref_head(name)?;
        let mut is_head = true;
        while let Some(record) = next {
            let movement = self.movement(&record)?;
            marked.keep(record);
            if is_head || text.starts_with(LOGS) {
                marked.follow(&mut Local(self), movement.target)?;
            } else if CHRONICLES.iter().any(|folder| text.starts_with(folder)) {
                // The record without what it is about.
                marked.keep(movement.target);
            }
            is_head = false;
            next = movement.previous;
        }
        Ok(())
    }

    /// Keeps young answers of checks: their questions, unlike jobs, are no blobs.
    fn mark_answers(&self, marked: &mut Reach) -> Result<(), StoreError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs().cast_signed());
        for Found { name, modified, .. } in self.walk("results")? {
            let Some(key) = digest_of_name("results", &name) else {
                continue;
            };
            if !marked.has(&key) && now - modified < ANSWER_SECONDS && !self.has_blob(&key)? {
                marked.follow(&mut Local(self), key)?;
            }
        }
        Ok(())
    }
}

fn folders(store: &Store, names: &[String]) -> BTreeSet<std::path::PathBuf> {
    let folders = names.iter().filter_map(|name| name.rsplit_once('/'));
    folders
        .map(|(folder, _)| store.backend.path(folder))
        .collect()
}

fn take(file: Found, amount: &mut Amount, names: &mut Vec<String>) {
    count(&file, amount);
    names.push(file.name);
}

fn count(file: &Found, amount: &mut Amount) {
    amount.files += 1;
    amount.bytes += file.len;
}

#[cfg(test)]
mod tests;
