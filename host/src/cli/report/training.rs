//! What trainings told on their way, and what counted for them.

use std::collections::BTreeMap;

use arrow_array::{Array, RecordBatch, cast::AsArray, types::Float64Type};
use arrow_schema::DataType;
use lockflight_report::data::Training;

use super::gather::Told;
use crate::{
    digest::Digest,
    job::{OutputRecord, StageResult},
    store::{Store, StoreError},
    table::scan::Scan,
    wire::Metric,
    world::World,
};

/// The output of a trainer with a row for each feature: a text that names it, and numbers of which the first counts.
const IMPORTANCE: &str = "importance";

pub(super) fn trainings(told: &Told<'_>) -> Result<Vec<Training>, StoreError> {
    let trained = told
        .stages()
        .filter(|(stage, _)| stage.world == World::Train);
    let mut trainings = Vec::new();
    for (stage, result) in trained {
        let importance = match result.outputs.get(IMPORTANCE) {
            Some(OutputRecord::Table { digest, .. }) => importance(told.store, digest)?,
            _ => Vec::new(),
        };
        let training = Training {
            stage: stage.name.clone(),
            series: series(result),
            figures: figures(result),
            importance,
        };
        let says = !training.series.is_empty()
            || !training.figures.is_empty()
            || !training.importance.is_empty();
        trainings.extend(says.then_some(training));
    }
    Ok(trainings)
}

fn name(metric: &Metric) -> String {
    let labels = metric.labels.iter().map(|(_, value)| value.as_str());
    let parts: Vec<&str> = std::iter::once(metric.name.as_str())
        .chain(labels)
        .collect();
    parts.join(" ")
}

fn series(result: &StageResult) -> Vec<(String, Vec<(u64, f64)>)> {
    let mut series: BTreeMap<String, Vec<(u64, f64)>> = BTreeMap::new();
    for metric in &result.metrics {
        if let Some(step) = metric.step {
            let points = series.entry(name(metric)).or_default();
            points.push((step, metric.value));
        }
    }
    series.into_iter().collect()
}

fn figures(result: &StageResult) -> Vec<(String, f64)> {
    let figures = result.metrics.iter().filter(|metric| metric.step.is_none());
    figures.map(|metric| (name(metric), metric.value)).collect()
}

fn importance(store: &Store, table: &Digest) -> Result<Vec<(String, f64)>, StoreError> {
    let table = store.table(table)?;
    let fields = table.schema().fields();
    let of = |wanted: DataType| fields.iter().position(|f| *f.data_type() == wanted);
    let (Some(names), Some(values)) = (of(DataType::Utf8), of(DataType::Float64)) else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for batch in Scan::new(store, &table) {
        rows.extend(pairs(&batch?, names, values));
    }
    rows.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    Ok(rows)
}

fn pairs(rows: &RecordBatch, names: usize, values: usize) -> Vec<(String, f64)> {
    let names = rows.column(names).as_string::<i32>();
    let values = rows.column(values).as_primitive::<Float64Type>();
    let known = (0..rows.num_rows()).filter(|row| names.is_valid(*row) && values.is_valid(*row));
    known
        .map(|row| (names.value(row).to_owned(), values.value(row)))
        .collect()
}
