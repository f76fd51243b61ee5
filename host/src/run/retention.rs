//! Which runs a store keeps: all of them, unless it is told to let old ones go.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::History;
use crate::{
    endpoint::Endpoints,
    store::{RefName, Store, StoreError},
};

/// The folder of pins: names that keep a run whatever its age.
const PINS: &str = "pins";
/// Names that keep the run that they mean now.
const KEEPING: [&str; 3] = ["latest", "git", PINS];

/// Which runs may go: those that are old enough and not among the newest.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retention {
    /// How many of the newest are kept; none: it does not matter.
    pub newest: Option<usize>,
    /// The age from which on a run may go; none: it does not matter.
    pub older_than: Option<SignedDuration>,
}

impl Retention {
    /// The refs of runs that go. What `latest`, a commit, a pin or an endpoint means now stays.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn let_go(&self, store: &Store, now: Timestamp) -> Result<Vec<RefName>, StoreError> {
        if self.newest.is_none() && self.older_than.is_none() {
            return Ok(Vec::new());
        }
        let mut kept = HashSet::new();
        for folder in KEEPING {
            for name in store.refs(folder)? {
                kept.extend(store.get_ref(&name)?);
            }
        }
        let endpoints = Endpoints::new(store).list()?;
        let deciding: HashSet<String> = endpoints.into_iter().map(|record| record.run).collect();
        let runs = History::new(store).list(usize::MAX)?;
        let going = runs.into_iter().enumerate().filter(|(place, run)| {
            let beyond = self.newest.is_none_or(|newest| *place >= newest);
            let old = self
                .older_than
                .is_none_or(|age| now.duration_since(run.started) > age);
            beyond && old && !kept.contains(&run.digest) && !deciding.contains(&run.id)
        });
        let names = going.filter_map(|(_, run)| format!("runs/{}", run.id).parse().ok());
        let mut there = Vec::new();
        for name in names {
            // The index may know more than there is.
            if store.ref_head(&name)?.is_some() {
                there.push(name);
            }
        }
        Ok(there)
    }
}

/// The name of a pin.
///
/// # Errors
/// When it is no part of a ref's name.
pub fn pin_name(name: &str) -> Result<RefName, crate::store::BadRefName> {
    format!("{PINS}/{name}").parse()
}
