//! Fails if a column has negative values. A null is no value.

use lockflight_sdk::{prelude::*, type_name};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The column to look at.
    column: String,
}

struct Plugin;

impl Validate for Plugin {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let column = &job.config.column;
        let Some(schema) = &job.input("table")?.port.schema else {
            return Ok(vec![]);
        };
        let problem = |message| Problem::config("/column", message);
        match schema.field_with_name(column).map(|field| type_name(field.data_type())) {
            Ok(is) if is == "float64" => Ok(vec![]),
            Ok(is) => Err(problem(format!("column {column:?} is {is}, not float64")).into()),
            Err(_) => {
                let names = schema.fields().iter().map(|field| field.name().as_str());
                let problem = problem(format!("the table has no column {column:?}"));
                Err(problem.suggest(column, names).into())
            }
        }
    }

    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        let name = &job.config.column;
        let mut finding = Finding::new("no-negatives", name);
        for batch in job.table("table")?.scan_columns(&[name]) {
            let column = batch.f64(name)?;
            finding.rows += column.values.len() as u64;
            finding.failed += column.iter().flatten().filter(|value| *value < 0.0).count() as u64;
        }
        Ok(Report::of([finding.fail_if_any_failed()]))
    }
}

lockflight_sdk::export!(Plugin: validate);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch};

    use super::*;

    fn failed(values: [Option<f64>; 3]) -> u64 {
        let mass: ArrayRef = Arc::new(Float64Array::from_iter(values));
        let batch = RecordBatch::try_from_iter_with_nullable([("mass", mass, true)]).unwrap();
        let job = Job::in_memory(r#"{"column": "mass"}"#).unwrap();
        let job = job.with_table("table", batch.schema(), vec![batch]);
        Plugin::run(&job).unwrap().findings[0].failed
    }

    #[test]
    fn negative_values_fail_and_nulls_do_not() {
        assert_eq!(failed([Some(1.0), None, Some(-1.0)]), 1);
        assert_eq!(failed([Some(1.0), None, Some(0.0)]), 0);
    }
}
