//! Why a stage's result is another one than in an earlier run: its jobs compared, and where what flows in is another, that of the
//! stages before it, down to configs, sources and components.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    job::InputDigest,
    record::{RunRecord, StageRecord},
    run::{Change, changes_between},
    store::Store,
};

/// A change that has to do with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The stage whose job differs.
    pub stage: String,
    /// What differs in it.
    #[serde(flatten)]
    pub change: Change,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.stage, self.change)
    }
}

/// Why a stage came out otherwise in `after` than in `before`.
pub(super) fn why(store: &Store, before: &RunRecord, after: &RunRecord, stage: &str) -> Vec<Cause> {
    let mut walk = Walk {
        store,
        before,
        after,
        seen: BTreeSet::new(),
        causes: Vec::new(),
    };
    walk.stage(stage);
    walk.causes
}

struct Walk<'a> {
    store: &'a Store,
    before: &'a RunRecord,
    after: &'a RunRecord,
    seen: BTreeSet<String>,
    causes: Vec<Cause>,
}

impl Walk<'_> {
    fn stage(&mut self, name: &str) {
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        let Some(after) = self.after.stage(name) else {
            return;
        };
        let Some(before) = self.before.stage(name) else {
            return self.push(name, Change::New);
        };
        if before.key == after.key {
            return;
        }
        for change in changes_between(before, &self.before.id, after, self.store) {
            match &change {
                // What a stage made is another since its own job is, which says more.
                Change::Input { port, .. } => {
                    let stages = makers(self.after, after, port);
                    let is_told = !stages.is_empty();
                    stages.iter().for_each(|stage| self.stage(stage));
                    if !is_told {
                        self.push(name, change);
                    }
                }
                _ => self.push(name, change),
            }
        }
    }

    fn push(&mut self, stage: &str, change: Change) {
        self.causes.push(Cause {
            stage: stage.to_owned(),
            change,
        });
    }
}

/// The stages of a run that an input comes from: one, or those of a model's steps.
fn makers(run: &RunRecord, stage: &StageRecord, port: &str) -> Vec<String> {
    let Some(input) = stage.inputs.get(port) else {
        return Vec::new();
    };
    // A source may have the name of a stage.
    if run.sources.contains_key(&input.from) && !matches!(input.digest, InputDigest::Model(_)) {
        return Vec::new();
    }
    let names = input.from.split(" + ");
    let stage_of = |name: &str| name.split_once('.').map_or(name, |(s, _)| s).to_owned();
    let names = names.map(stage_of);
    names.filter(|name| run.stage(name).is_some()).collect()
}
