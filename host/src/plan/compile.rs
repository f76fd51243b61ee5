//! Compiling what the cache lacks, side by side and seen by the user, before the first child is started.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Component,
    locked::{Code, LockedStage},
};
use crate::{
    digest::Digest,
    engine::CodeKind,
    launcher::{LaunchError, Launcher},
    manifest::{Limits, Nan},
};

/// What is told while components are compiled.
#[derive(Debug, Clone)]
pub enum Compiling {
    /// A plugin's component is being compiled.
    Begun {
        /// The plugin's name in the manifest.
        plugin: String,
    },
    /// It is compiled.
    Done {
        /// The plugin's name in the manifest.
        plugin: String,
        /// How long it took.
        took: Duration,
    },
}

/// Who is told.
pub type Tell<'a> = dyn Fn(Compiling) + Sync + 'a;

/// A component to compile.
#[derive(Debug)]
pub struct Uncompiled {
    /// The component, in the launcher's store.
    pub component: Digest,
    /// Its size.
    pub bytes: u64,
    /// How it is compiled.
    pub code: CodeKind,
    /// What its plugin is called, for people.
    pub plugin: String,
    /// What compiling it may take.
    pub limits: Limits,
}

/// Compiles the components of these stages that the cache lacks.
pub(super) fn compile(stages: &[LockedStage], launcher: &Launcher, tell: &Tell<'_>) {
    // `check` runs with fast NaNs whatever the stage's own setting is.
    let scores_canonically = stages
        .iter()
        .any(|stage| stage.code == Code::Model && stage.stage.nan == Nan::Canonical);
    let mut wanted: BTreeMap<(Digest, CodeKind), Uncompiled> = BTreeMap::new();
    for stage in stages {
        let plugin = stage.stage.plugin().unwrap_or_default();
        let mut want = |component: &Component, nan_canonical| {
            let scores = Some(component) == stage.scorer();
            let part = if scores { " (its scorer)" } else { "" };
            let limits = stage.stage.limits;
            let code = CodeKind::of_stage(nan_canonical);
            let wanted = wanted
                .entry((component.digest, code))
                .or_insert(Uncompiled {
                    component: component.digest,
                    bytes: component.bytes,
                    code,
                    plugin: format!("{plugin}{part}"),
                    limits,
                });
            // What one of the stages allows is done for all.
            wanted.limits = wanted.limits.raised_to(&limits);
        };
        if let Some(component) = stage.component() {
            want(component, false);
            want(component, stage.stage.nan == Nan::Canonical);
        }
        if let Some(scorer) = stage.scorer() {
            want(scorer, scores_canonically);
        }
    }
    compile_all(wanted.into_values().collect(), launcher, tell);
}

/// Compiles the components that the cache lacks, as many at a time as there are processors. One that cannot be compiled is met again,
/// with what to say of it, where it is called.
pub fn compile_all(mut wanted: Vec<Uncompiled>, launcher: &Launcher, tell: &Tell<'_>) {
    // The largest first: begun last, it would be waited for alone.
    wanted.sort_by_key(|wanted| std::cmp::Reverse(wanted.bytes));
    let queue = Mutex::new(wanted.into_iter());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(wanted) = next else {
                        return;
                    };
                    if let Err(error) = compile_one(&wanted, launcher, tell) {
                        tracing::debug!(plugin = wanted.plugin, %error, "not compiled");
                    }
                }
            });
        }
    });
}

fn compile_one(
    wanted: &Uncompiled,
    launcher: &Launcher,
    tell: &Tell<'_>,
) -> Result<(), LaunchError> {
    let begun = Cell::new(None);
    launcher.compile(&wanted.component, wanted.code, &wanted.limits, &|| {
        begun.set(Some(Instant::now()));
        tell(Compiling::Begun {
            plugin: wanted.plugin.clone(),
        });
    })?;
    if let Some(begun) = begun.get() {
        tell(Compiling::Done {
            plugin: wanted.plugin.clone(),
            took: begun.elapsed(),
        });
    }
    Ok(())
}
