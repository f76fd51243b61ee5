//! Fails a window in which too many rows have no value in a column.

use arrow_array::Array;
use lockflight_sdk::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The column to watch.
    column: String,
    /// The largest share of rows without a value that is fine.
    #[serde(default = "tenth")]
    #[schemars(range(min = 0.0, max = 1.0))]
    limit: f64,
}

fn tenth() -> f64 {
    0.1
}

struct Plugin;

impl Monitor for Plugin {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let Config { column, limit } = &job.config;
        let mut problems = Problems::new();
        if !(0.0..=1.0).contains(limit) {
            problems.push(Problem::config("/limit", "a share is from 0 to 1"));
        }
        if let Some(schema) = &job.input("window")?.port.schema
            && schema.column_with_name(column).is_none()
        {
            let names = schema.fields().iter().map(|field| field.name().as_str());
            let problem = Problem::config("/column", format!("the window has no column {column:?}"));
            problems.push(problem.suggest(column, names));
        }
        problems.or(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Observation, Failure> {
        let Config { column, limit } = &job.config;
        let mut finding = Finding::new("no-value", column);
        for batch in job.table("window")?.scan_columns(&[column]) {
            finding.failed += batch.column_named(column)?.null_count() as u64;
            finding.rows += batch.num_rows() as u64;
        }
        let share = finding.failed as f64 / finding.rows as f64;
        let verdict = match finding.rows {
            0 => Verdict::Inconclusive,
            _ if share > *limit => Verdict::Fail,
            _ => Verdict::Pass,
        };
        let message = format!("{} of {} rows have no value", finding.failed, finding.rows);
        let finding = finding.measured(share, format!("<= {limit}"));
        Ok(Observation::of([finding.judged(verdict, message)]))
    }
}

lockflight_sdk::export!(Plugin: monitor);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch};

    use super::*;

    fn verdict(values: &[Option<f64>]) -> Verdict {
        let mass: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        let batch = RecordBatch::try_from_iter_with_nullable([("mass", mass, true)]).unwrap();
        let job = Job::in_memory(r#"{"column": "mass", "limit": 0.25}"#).unwrap();
        let job = job.with_table("window", batch.schema(), vec![batch]);
        Plugin::run(&job).unwrap().verdict
    }

    #[test]
    fn a_share_above_the_limit_fails() {
        assert_eq!(verdict(&[Some(1.0), None, None, Some(2.0)]), Verdict::Fail);
        assert_eq!(verdict(&[Some(1.0), None, Some(3.0), Some(2.0)]), Verdict::Pass);
    }

    #[test]
    fn of_no_rows_nothing_is_known() {
        assert_eq!(verdict(&[]), Verdict::Inconclusive);
    }
}
