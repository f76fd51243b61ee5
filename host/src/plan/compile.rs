//! Compiling what the cache lacks, side by side and seen by the user, before the first child is started.

use std::{
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
    engine::EngineOptions,
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
struct Wanted {
    bytes: u64,
    plugin: String,
    limits: Limits,
}

/// Compiles the components of these stages that the cache lacks, as many at a time as there are processors. One that cannot be
/// compiled is met again, with its place in the manifest, when its stage is checked.
pub(super) fn compile(stages: &[LockedStage], launcher: &Launcher, tell: &Tell<'_>) {
    // `check` runs with fast NaNs whatever the stage's own setting is.
    let scores_canonically = stages
        .iter()
        .any(|stage| stage.code == Code::Model && stage.stage.nan == Nan::Canonical);
    let mut wanted: BTreeMap<(Digest, bool), Wanted> = BTreeMap::new();
    for stage in stages {
        let plugin = stage.stage.plugin().unwrap_or_default();
        let mut want = |component: &Component, nan| {
            let scores = Some(component) == stage.scorer();
            let part = if scores { " (its scorer)" } else { "" };
            let limits = stage.stage.limits;
            let wanted = wanted.entry((component.digest, nan)).or_insert(Wanted {
                bytes: component.bytes,
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
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    // The largest first: begun last, it would be waited for alone.
    wanted.sort_by_key(|(_, wanted)| std::cmp::Reverse(wanted.bytes));
    let queue = Mutex::new(wanted.into_iter());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((code, wanted)) = next else {
                        return;
                    };
                    let Wanted { plugin, limits, .. } = &wanted;
                    if let Err(error) = compile_one(launcher, code, (plugin, limits), tell) {
                        tracing::debug!(plugin = wanted.plugin, %error, "not compiled");
                    }
                }
            });
        }
    });
}

/// Compiles one component, of a plugin with this name, if the cache lacks it with NaNs of this kind.
///
/// # Errors
/// As [`Launcher::compile`].
pub fn compile_one(
    launcher: &Launcher,
    (component, nan_canonical): (Digest, bool),
    (plugin, limits): (&str, &Limits),
    tell: &Tell<'_>,
) -> Result<(), LaunchError> {
    let begun = std::cell::Cell::new(None);
    let options = EngineOptions {
        nan_canonical,
        epochs: false,
    };
    launcher.compile(&component, options, limits, &|| {
        begun.set(Some(Instant::now()));
        tell(Compiling::Begun {
            plugin: plugin.to_owned(),
        });
    })?;
    if let Some(begun) = begun.get() {
        tell(Compiling::Done {
            plugin: plugin.to_owned(),
            took: begun.elapsed(),
        });
    }
    Ok(())
}
