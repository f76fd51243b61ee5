//! Gives a new version half of the traffic, and all of it once a figure is known and fine.

use arrow_array::Array;
use arrow_array::types::UInt64Type;
use lockflight_sdk::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The figure that decides.
    metric: String,
    /// The largest value of it that is fine.
    maximum: f64,
    /// How many observations it has to rest on.
    #[serde(default = "hundred")]
    count: u64,
}

fn hundred() -> u64 {
    100
}

struct Plugin;

impl Deploy for Plugin {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        job.input("arms")?;
        job.input("figures")?;
        Ok(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Decision, Failure> {
        let Config { metric, maximum, count } = &job.config;
        let versions = versions(job)?;
        let Some((newest, others)) = versions.split_last() else {
            return Err(Failure::data("there is no version to decide on"));
        };
        let promote = Action::Promote(newest.clone());
        let Some(other) = others.last() else {
            return Ok(Decision::new(promote, format!("{newest} is the only version")));
        };
        let (value, observed) = observed(job, newest)?;
        Ok(if value > *maximum {
            let reason = format!("{metric} of {newest} is {value}, above {maximum}");
            Decision::new(Action::RollBack(newest.clone()), reason)
        } else if observed < *count {
            let half = [other, newest].map(|version| Arm { version: version.clone(), weight: 0.5 });
            let reason = format!("{metric} of {newest} rests on {observed} of {count} observations");
            Decision::new(Action::Shift(half.into()), reason)
        } else {
            Decision::new(promote, format!("{metric} of {newest} is {value}"))
        })
    }
}

/// The versions to decide on, the newest last.
fn versions(job: &Job<Config>) -> Result<Vec<String>, Failure> {
    let mut versions = Vec::new();
    for batch in job.table("arms")?.scan_columns(&["version"]) {
        versions.extend(batch.text("version")?.iter().flatten().map(str::to_owned));
    }
    Ok(versions)
}

/// The figure of a version over all of its traffic that rests on the most observations: the value, and how many.
fn observed(job: &Job<Config>, version: &str) -> Result<(f64, u64), Failure> {
    let mut most = (f64::NEG_INFINITY, 0);
    for batch in job.table("figures")?.scan() {
        let (versions, metrics) = (batch.text("version")?, batch.text("metric")?);
        let (slices, values) = (batch.text("slice")?, batch.f64("value")?);
        let counts = batch.primitive::<UInt64Type>("count")?;
        for row in 0..batch.num_rows() {
            let is_meant = versions.value(row) == version && metrics.value(row) == job.config.metric;
            if is_meant && slices.is_null(row) && counts.values[row] > most.1 {
                most = (values.values[row], counts.values[row]);
            }
        }
    }
    Ok(most)
}

lockflight_sdk::export!(Plugin: deploy);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};

    use super::*;

    fn decided(value: f64, count: u64, versions: &[&str]) -> Action {
        let text = |values: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
        let arms = [("version", text(versions.iter().copied().map(Some).collect()), true)];
        let figures = [
            ("version", text(vec![Some("2")]), true),
            ("metric", text(vec![Some("latency")]), true),
            ("slice", text(vec![None]), true),
            ("value", Arc::new(Float64Array::from(vec![value])) as ArrayRef, true),
            ("count", Arc::new(UInt64Array::from(vec![count])) as ArrayRef, true),
        ];
        let arms = RecordBatch::try_from_iter_with_nullable(arms).unwrap();
        let figures = RecordBatch::try_from_iter_with_nullable(figures).unwrap();
        let job = Job::in_memory(r#"{"metric": "latency", "maximum": 0.05}"#).unwrap();
        let job = job.with_table("arms", arms.schema(), vec![arms]);
        Plugin::run(&job.with_table("figures", figures.schema(), vec![figures])).unwrap().action
    }

    #[test]
    fn the_figure_decides() {
        assert!(matches!(decided(0.04, 100, &["1", "2"]), Action::Promote(version) if version == "2"));
        assert!(matches!(decided(0.04, 99, &["1", "2"]), Action::Shift(arms) if arms.len() == 2));
        assert!(matches!(decided(0.2, 1, &["1", "2"]), Action::RollBack(version) if version == "2"));
    }

    #[test]
    fn the_first_version_gets_everything() {
        assert!(matches!(decided(0.2, 1, &["1"]), Action::Promote(version) if version == "1"));
    }
}
