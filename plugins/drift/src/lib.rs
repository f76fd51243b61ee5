//! Monitor plugin `drift`: tells whether the columns of a window are distributed as those of a reference.

mod columns;
mod config;
mod judge;
mod matching;
mod measure;
mod pair;
mod sample;
mod sentences;
mod statistics;

use lockflight_sdk::PortKind;
use lockflight_sdk::prelude::*;

pub use config::{Config, Method};

use columns::Tables;

/// The rows that are looked at.
const WINDOW: &str = "window";
/// The rows that they are compared with.
const REFERENCE: &str = "reference";

/// The plugin.
#[derive(Debug)]
pub struct Drift;

impl Monitor for Drift {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = job.config.problems();
        for name in [WINDOW, REFERENCE] {
            if let Err(problem) = job.input(name) {
                problems.push(problem);
            }
        }
        for input in job.inputs() {
            let name = input.port.name.as_str();
            if ![WINDOW, REFERENCE].contains(&name) {
                let message = format!("there is no use for an input {name:?}");
                let problem = Problem::input(name, message);
                problems.push(problem.help("the inputs are `window` and `reference`"));
            } else if input.port.kind != PortKind::Table {
                let message = "this is a file; the stage needs a table here";
                problems.push(Problem::input(name, message));
            }
        }
        let schema = |name| job.input(name).ok()?.port.schema.as_deref();
        let tables = Tables {
            window: schema(WINDOW),
            reference: schema(REFERENCE),
        };
        problems.0.extend(tables.problems(&job.config).0);
        problems.or(vec![])
    }

    fn run(job: &Job<Config>) -> Result<Observation, Failure> {
        let config = &job.config;
        config.problems().or(())?;
        let window = job.table(WINDOW)?;
        let reference = job.table(REFERENCE)?;
        let tables = Tables {
            window: Some(window.schema()),
            reference: Some(reference.schema()),
        };
        tables.problems(config).or(())?;
        tables.tell_left_out(config);
        let looked_at = columns::looked_at(config, window.schema(), reference.schema());
        let kept = matching::reference_rows(config, &window, &reference);
        let mut measured = Vec::new();
        for (done, column) in (0..).zip(&looked_at) {
            lockflight_sdk::progress(done, looked_at.len() as u64);
            measured.extend(measure::column(
                config,
                column,
                &window,
                &reference,
                kept.as_deref(),
            ));
        }
        let findings = judge::findings(config, &measured, window.rows());
        judge::record(&measured, &findings);
        Ok(Observation::of(findings))
    }
}

lockflight_sdk::export!(Drift: monitor);
