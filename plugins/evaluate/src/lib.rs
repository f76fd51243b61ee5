//! Validate plugin `evaluate`: measures how well predictions meet their targets, for all rows and per slice, and against a
//! baseline.

mod binary;
mod bins;
pub mod columns;
pub mod config;
pub mod evaluation;
pub mod figure;
mod ranks;
mod regression;
pub mod report;
mod slices;
mod sums;

use lockflight_sdk::PortKind;
use lockflight_sdk::prelude::*;

pub use config::{Config, Task};

/// The scored table that is evaluated.
const TABLE: &str = "table";
/// The scored table that it is held against; also the subject of the baseline's figures.
const BASELINE: &str = "baseline";

/// The plugin.
#[derive(Debug)]
pub struct Evaluate;

impl Validate for Evaluate {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = job.config.problems();
        if let Err(problem) = job.input(TABLE) {
            problems.push(problem);
        }
        for input in job.inputs() {
            let name = input.port.name.as_str();
            if ![TABLE, BASELINE].contains(&name) {
                let problem =
                    Problem::input(name, format!("there is no use for an input {name:?}"));
                problems
                    .push(problem.help("the inputs are `table`, and `baseline` for comparison"));
            } else if input.port.kind != PortKind::Table {
                problems.push(Problem::input(
                    name,
                    "this is a file; the stage needs a table here",
                ));
            } else if let Some(schema) = &input.port.schema {
                let baseline = (name == BASELINE).then_some(name);
                if let Err(found) = columns::bind(&job.config, schema, baseline) {
                    problems.0.extend(found.0);
                }
            }
        }
        problems.or(vec![
            Port::table("figures", report::figures_schema()),
            Port::table("calibration", report::calibration_schema()),
        ])
    }

    fn run(job: &Job<Config>) -> Result<Report, Failure> {
        let config = &job.config;
        config.problems().or(())?;
        let model = evaluation::evaluate(&job.table(TABLE)?, config, None)?;
        let baseline = match job.input(BASELINE) {
            Ok(_) => Some(evaluation::evaluate(
                &job.table(BASELINE)?,
                config,
                Some(BASELINE),
            )?),
            Err(_) => None,
        };
        let figures = report::figures(config, &model, baseline.as_ref());
        report::record(&figures);
        let outputs = vec![
            Output::table("figures", report::figures_table(&figures)?),
            Output::table("calibration", report::calibration_table(&model)?),
        ];
        let mut findings = figures;
        findings.push(report::excluded(&model, config, TABLE, ""));
        if let Some(baseline) = &baseline {
            findings.push(report::excluded(baseline, config, BASELINE, BASELINE));
            findings.push(report::same_rows(&model, baseline));
        }
        Ok(Report { findings, outputs })
    }
}

#[cfg(feature = "validate")]
lockflight_sdk::export!(Evaluate: validate);
