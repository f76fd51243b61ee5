//! A complete validate plugin: fails when a float64 column holds a negative value.
//!
//! In a crate of its own this file is `src/lib.rs`, with `crate-type = ["cdylib"]`.
#![allow(missing_docs)]
use lockflight_sdk::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The column to look at.
    column: String,
}

struct NoNegatives;

impl Validate for NoNegatives {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        job.input("table")?;
        Ok(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        let name = &job.config.column;
        let mut finding = Finding::new("no-negatives", name);
        for batch in job.table("table")?.scan_columns(&[name]) {
            let column = batch.f64(name)?;
            finding.rows += column.values.len() as u64;
            finding.failed += column.iter().flatten().filter(|v| *v < 0.0).count() as u64;
        }
        Ok(Report::of([finding.fail_if_any_failed()]))
    }
}

lockflight_sdk::export!(NoNegatives: validate);
fn main() {}
