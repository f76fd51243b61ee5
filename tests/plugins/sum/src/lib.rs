//! Validate plugin `sum`: reads every value of a table of float64 columns and adds them up. With a large table it measures the
//! boundary between host and guest, with a small one what a stage costs that does next to nothing.

use lockflight_sdk::{prelude::*, progress};

/// There is nothing to set.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// The plugin.
#[derive(Debug)]
pub struct Sum;

impl Validate for Sum {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        job.input("table")?;
        Ok(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        let table = job.table("table")?;
        let mut finding = Finding::new("sum", "table");
        let mut sum = 0.0;
        // The two reports tell the host when the scan begins and ends.
        progress(0, table.rows());
        for batch in table.scan() {
            finding.rows += batch.num_rows() as u64;
            for field in batch.schema().fields() {
                sum += added(batch.f64(field.name())?.values);
            }
        }
        progress(finding.rows, table.rows());
        finding.value = Some(sum);
        Ok(Report::of([finding]))
    }
}

/// The sum, in eight lanes: an addition then need not wait for the one before.
fn added(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (steps, rest) = values.as_chunks::<8>();
    for step in steps {
        for (lane, value) in lanes.iter_mut().zip(step) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).sum()
}

lockflight_sdk::export!(Sum: validate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        let values: Vec<f64> = (1..=21).map(f64::from).collect();
        assert_eq!(added(&values), 231.0);
        assert_eq!(added(&values[..3]), 6.0);
        assert_eq!(added(&[]), 0.0);
    }
}
