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
    manifest::Nan,
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

/// Compiles the components of these stages that the cache lacks, as many at a time as there are processors. One that cannot be
/// compiled is met again, with its place in the manifest, when its stage is checked.
pub(super) fn compile(stages: &[LockedStage], launcher: &Launcher, tell: &Tell<'_>) {
    // `check` runs with fast NaNs whatever the stage's own setting is.
    let scores_canonically = stages
        .iter()
        .any(|stage| stage.code == Code::Model && stage.stage.nan == Nan::Canonical);
    let wanted: BTreeMap<(Digest, bool), (u64, String)> = stages
        .iter()
        .flat_map(|stage| {
            let plugin = stage.stage.plugin().unwrap_or_default();
            let named = move |component: &Component, nan| {
                let scores = Some(component) == stage.scorer();
                let part = if scores { " (its scorer)" } else { "" };
                let name = format!("{plugin}{part}");
                ((component.digest, nan), (component.bytes, name))
            };
            let canonical = stage.stage.nan == Nan::Canonical;
            let called = stage.component().into_iter();
            let scorer = stage.scorer().into_iter();
            called
                .flat_map(move |component| [named(component, false), named(component, canonical)])
                .chain(scorer.map(move |scorer| named(scorer, scores_canonically)))
        })
        .collect();
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    // The largest first: begun last, it would be waited for alone.
    wanted.sort_by_key(|(_, (bytes, _))| std::cmp::Reverse(*bytes));
    let queue = Mutex::new(wanted.into_iter());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(((digest, nan), (_, plugin))) = next else {
                        return;
                    };
                    if let Err(error) = compile_one(launcher, &digest, nan, &plugin, tell) {
                        tracing::debug!(plugin, %error, "not compiled");
                    }
                }
            });
        }
    });
}

fn compile_one(
    launcher: &Launcher,
    component: &Digest,
    nan_canonical: bool,
    plugin: &str,
    tell: &Tell<'_>,
) -> Result<(), LaunchError> {
    let begun = std::cell::Cell::new(None);
    let options = EngineOptions {
        nan_canonical,
        epochs: false,
    };
    launcher.compile(component, options, &|| {
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
