//! Refs: names that move. Each move is an immutable record that points at its predecessor, so a ref's history comes for nothing.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{At, StoreError};
use super::{Store, timestamp};
use crate::digest::Digest;

/// A ref's name: parts of letters, digits and `_ - . @ + =`, none starting with a dot, joined by `/`, e.g.
/// `models/churn/@champion`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName(String);

/// The text is not a ref's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{}\" is not a name: use parts of letters, digits and _ - . @ + =, joined by /, none empty or starting with a dot",
    .0.escape_debug()
)]
pub struct BadRefName(String);

impl FromStr for RefName {
    type Err = BadRefName;

    fn from_str(text: &str) -> Result<RefName, BadRefName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@+=".contains(&byte);
        let is_part = |part: &str| {
            (1..=200).contains(&part.len()) && !part.starts_with('.') && part.bytes().all(allowed)
        };
        match text.len() <= 1000 && text.split('/').all(is_part) {
            true => Ok(RefName(text.to_owned())),
            false => Err(BadRefName(text.chars().take(80).collect())),
        }
    }
}

impl RefName {
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its file.
    pub(crate) fn file(&self) -> String {
        format!("refs/{}", self.0)
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One move of a ref, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The ref's name.
    pub name: String,
    /// What it points at since.
    pub target: Digest,
    /// The record of the move before; none for the first.
    pub previous: Option<Digest>,
    /// When it was moved.
    #[serde(with = "timestamp")]
    pub at: Timestamp,
}

impl Store {
    /// Points a ref at a digest. Pointing it where it points already is no move.
    pub fn set_ref(
        &self,
        name: &RefName,
        target: &Digest,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.set_refs([(name.clone(), *target)], at)
    }

    /// Points several refs, each at its digest: as durable as one by one, and much quicker. A fault may leave some of them moved.
    pub fn set_refs(
        &self,
        targets: impl IntoIterator<Item = (RefName, Digest)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // One lock for all refs: moves are rare and short, and none may be lost from the history.
        let _lock = self.wait_for_lock("refs")?;
        let mut publication = self.begin();
        let mut pointers = Vec::new();
        for (name, target) in targets {
            let previous = self.pointer(&name.file())?;
            if let Some(record) = previous
                && self.movement(&record)?.target == target
            {
                continue;
            }
            let record = Move {
                name: name.0.clone(),
                target,
                previous,
                at,
            };
            let record = publication.document(&record)?;
            pointers.push((name.file(), self.pointer_file(&record)?));
        }
        let paths: Vec<_> = pointers
            .iter()
            .map(|(_, file)| file.to_path_buf())
            .collect();
        publication.publish(paths)?;
        self.place(pointers)
    }

    /// Removes a ref with its history; false if there is none.
    pub fn remove_ref(&self, name: &RefName) -> Result<bool, StoreError> {
        let _lock = self.wait_for_lock("refs")?;
        match self.backend.remove(&name.file()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).at("remove", self.backend.path(&name.file())),
        }
    }

    /// What a ref points at.
    pub fn get_ref(&self, name: &RefName) -> Result<Option<Digest>, StoreError> {
        match self.pointer(&name.file())? {
            Some(record) => Ok(Some(self.movement(&record)?.target)),
            None => Ok(None),
        }
    }

    /// All moves of a ref, the latest first.
    pub fn ref_history(&self, name: &RefName) -> Result<Vec<Move>, StoreError> {
        let mut moves = Vec::new();
        let mut next = self.pointer(&name.file())?;
        while let Some(record) = next {
            let movement = self.movement(&record)?;
            next = movement.previous;
            moves.push(movement);
        }
        Ok(moves)
    }

    /// The names of all refs below a folder (`runs`), sorted; of all refs for "".
    pub fn refs(&self, prefix: &str) -> Result<Vec<RefName>, StoreError> {
        let mut names = Vec::new();
        let mut folders = vec![prefix.trim_end_matches('/').to_owned()];
        while let Some(folder) = folders.pop() {
            let listed = format!("refs/{folder}");
            let entries = self.backend.list(listed.trim_end_matches('/'));
            for entry in entries.at("read", self.backend.path(&listed))? {
                let name = match folder.as_str() {
                    "" => entry.name,
                    folder => format!("{folder}/{}", entry.name),
                };
                match entry.is_folder {
                    true => folders.push(name),
                    // What has no ref's name was not put here by the store.
                    false => names.extend(name.parse::<RefName>()),
                }
            }
        }
        names.sort();
        Ok(names)
    }

    /// The record of a ref's latest move.
    pub fn ref_head(&self, name: &RefName) -> Result<Option<Digest>, StoreError> {
        self.pointer(&name.file())
    }

    /// Adds moves that were made elsewhere, the oldest first, to a ref's history, as far as they are newer than its latest one.
    /// Answers with whether it moved.
    pub fn follow_ref(&self, name: &RefName, moves: &[Move]) -> Result<bool, StoreError> {
        let _lock = self.wait_for_lock("refs")?;
        let mut previous = self.ref_head(name)?;
        let since = match &previous {
            Some(record) => Some(self.movement(record)?.at),
            None => None,
        };
        let mut publication = self.begin();
        let newer = moves
            .iter()
            .filter(|made| since.is_none_or(|since| made.at > since));
        let mut moved = false;
        for made in newer {
            previous = Some(publication.document(&Move {
                name: name.0.clone(),
                previous,
                ..made.clone()
            })?);
            moved = true;
        }
        if let Some(record) = previous.filter(|_| moved) {
            let file = self.pointer_file(&record)?;
            publication.publish([file.to_path_buf()])?;
            self.place([(name.file(), file)])?;
        }
        Ok(moved)
    }

    /// One move of a ref.
    pub fn movement(&self, record: &Digest) -> Result<Move, StoreError> {
        self.document(record, "a move of a ref")
    }
}
