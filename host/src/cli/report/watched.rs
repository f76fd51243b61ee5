//! What monitors saw, window by window.

use lockflight_report::data::{Monitor, Window};

use super::{
    found::{finding, verdict},
    gather::Told,
    stages::worker,
};
use crate::{
    job::{self, StageResult},
    run::RESULT,
    store::{Store, StoreError},
    world::World,
};

pub(super) fn monitors(told: &Told<'_>) -> Result<Vec<Monitor>, StoreError> {
    let monitors = told
        .stages()
        .filter(|(stage, result)| stage.world == World::Monitor && !result.windows.is_empty());
    monitors
        .map(|(stage, result)| {
            let windows = result.windows.iter().map(|shown| window(told.store, shown));
            Ok(Monitor {
                stage: stage.name.clone(),
                plugin: worker(stage),
                description: None,
                windows: windows.collect::<Result<_, StoreError>>()?,
            })
        })
        .collect()
}

fn window(store: &Store, shown: &job::Window) -> Result<Window, StoreError> {
    let result: StageResult = store.document(&shown.result, RESULT)?;
    Ok(Window {
        label: shown.label.clone(),
        rows: shown.rows,
        verdict: verdict(shown.verdict),
        findings: result.findings.iter().map(finding).collect(),
    })
}
