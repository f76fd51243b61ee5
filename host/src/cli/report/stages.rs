//! The stages of a run and which of them needs which.

use std::collections::BTreeSet;

use lockflight_report::data::{Stage, Status};

use super::gather::Told;
use crate::{
    cli::summary::made_of,
    record::{self, StageRecord},
    world::World,
};

pub(super) fn stages(told: &Told<'_>) -> Vec<Stage> {
    let stages = told.record.stages.iter().zip(&told.results);
    stages
        .enumerate()
        .map(|(place, (stage, result))| Stage {
            name: stage.name.clone(),
            kind: match stage.world {
                World::Packaging => "package".to_owned(),
                world => world.name().to_owned(),
            },
            worker: worker(stage),
            status: match stage.status {
                record::Status::Ran => Status::Ran,
                record::Status::Cached => Status::Cached,
                record::Status::Failed => Status::Failed,
                record::Status::Blocked => Status::Blocked,
                record::Status::Cancelled => Status::Cancelled,
                record::Status::Skipped => Status::Skipped,
            },
            seconds: stage.telemetry.map(|cost| cost.seconds()),
            cpu: stage.telemetry.map(|cost| cost.cpu_seconds),
            memory: stage.telemetry.map(|cost| cost.peak_memory),
            bytes_in: stage.telemetry.and_then(|cost| cost.bytes_in),
            bytes_out: stage.telemetry.and_then(|cost| cost.bytes_out),
            made: result
                .as_ref()
                .map(|result| made_of(stage.world, result))
                .unwrap_or_default(),
            error: stage.error.clone(),
            needs: needs(told, place).into_iter().collect(),
        })
        .collect()
}

pub(super) fn worker(stage: &StageRecord) -> String {
    match (&stage.component, &stage.plugin) {
        (Some(component), _) if !component.name.is_empty() => {
            format!("{} {}", component.name, component.version)
        }
        (_, Some(plugin)) => plugin.clone(),
        (_, None) => "built in".to_owned(),
    }
}

/// The stages before one that its inputs name: `STAGE`, `STAGE.OUTPUT`, or several joined by ` + `.
fn needs(told: &Told<'_>, place: usize) -> BTreeSet<usize> {
    let before = &told.record.stages[..place];
    let names = told.record.stages[place]
        .inputs
        .values()
        .flat_map(|input| input.from.split(" + "));
    // The longest name that fits, since `demand.through.table` is of `demand.through`, and not of `demand`.
    let stage = |from: &str| {
        let fits = |name: &str| {
            from.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let stages = before.iter().enumerate();
        let fitting = stages.filter(|(_, stage)| fits(&stage.name));
        fitting
            .max_by_key(|(_, stage)| stage.name.len())
            .map(|(place, _)| place)
    };
    names.filter_map(stage).collect()
}
