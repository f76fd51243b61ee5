//! Which stages of a pipeline a run may start, and which it starts although their results are in the store.

use std::collections::BTreeSet;

use crate::{diagnostic::did_you_mean, manifest::StageKind, plan::Planned};

/// What is asked of a run, by the names of stages.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// These stages again: all that may start if the list is empty, none without one.
    pub force: Option<Vec<String>>,
    /// These stages and no others; all if empty.
    pub only: Vec<String>,
    /// These stages and those that depend on them, and no others; all if empty.
    pub from: Vec<String>,
}

/// No stage has this name.
#[derive(Debug, thiserror::Error)]
#[error("the pipeline has no stage {name:?}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct UnknownStage {
    name: String,
    help: Option<String>,
}

/// The stages that may start, and those that are to, by their index in [`Planned::stages`].
#[derive(Debug, Clone)]
pub struct Selection {
    may_start: Vec<bool>,
    again: Vec<bool>,
}

impl Selection {
    /// Every stage may start, and none has to.
    pub fn all(plan: &Planned) -> Selection {
        Selection {
            may_start: vec![true; plan.stages.len()],
            again: vec![false; plan.stages.len()],
        }
    }

    /// The same without stages that change what others are served: packages count versions, deploy stages move traffic.
    pub fn without_release(mut self, plan: &Planned) -> Selection {
        for (may_start, stage) in self.may_start.iter_mut().zip(&plan.stages) {
            let kind = stage.locked.stage.kind;
            *may_start &= !matches!(kind, StageKind::Package | StageKind::Deploy);
        }
        self
    }

    /// The stages that are meant.
    ///
    /// # Errors
    /// When a name is no stage's.
    pub fn new(plan: &Planned, asked: &Asked) -> Result<Selection, UnknownStage> {
        let only = indices(plan, &asked.only)?;
        let from = indices(plan, &asked.from)?;
        let mut selection = Selection::all(plan);
        if !(only.is_empty() && from.is_empty()) {
            for (index, may_start) in selection.may_start.iter_mut().enumerate() {
                let is_behind = || !plan.behind(index).is_disjoint(&from);
                *may_start = only.contains(&index) || from.contains(&index) || is_behind();
            }
        }
        if let Some(force) = &asked.force {
            let forced = indices(plan, force)?;
            for (index, again) in selection.again.iter_mut().enumerate() {
                *again = match forced.is_empty() {
                    true => selection.may_start[index],
                    false => forced.contains(&index),
                };
            }
        }
        Ok(selection)
    }

    /// Whether a stage may start.
    pub fn may_start(&self, stage: usize) -> bool {
        self.may_start[stage]
    }

    /// Whether a stage is to run though its result is there.
    pub fn again(&self, stage: usize) -> bool {
        self.again[stage]
    }
}

fn indices(plan: &Planned, names: &[String]) -> Result<BTreeSet<usize>, UnknownStage> {
    let stages = || plan.stages.iter().map(|stage| &stage.locked.stage.name);
    let index = |name: &String| {
        stages()
            .position(|stage| stage == name)
            .ok_or_else(|| UnknownStage {
                name: name.clone(),
                help: did_you_mean(name, stages()),
            })
    };
    names.iter().map(index).collect()
}
