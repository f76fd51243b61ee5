//! Monitor plugin `performance`: measures a model on each window of labelled rows, against limits.

mod bound;
mod config;
mod judge;
mod limits;
mod measure;

use lockflight_evaluate::evaluation::{Evaluation, evaluate};
use lockflight_evaluate::{columns, report};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{Input, PortKind};

pub use config::{Config, Task};

use judge::Judge;
use limits::Limits;
use measure::{Window, excluded};

/// The scored rows that are judged.
const WINDOW: &str = "window";
/// The scored rows that they are compared with; also the subject of the reference's metrics.
const REFERENCE: &str = "reference";

/// The plugin.
#[derive(Debug)]
pub struct Performance;

impl Monitor for Performance {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let mut problems = job.config.problems();
        if let Err(problem) = job.input(WINDOW) {
            problems.push(problem);
        }
        for input in job.inputs() {
            if let Err(found) = check_input(&job.config, input) {
                problems.0.extend(found.0);
            }
        }
        problems.or(Vec::new())
    }

    fn run(job: &Job<Config>) -> Result<Observation, Failure> {
        let config = &job.config;
        config.problems().or(())?;
        let limits = Limits::of(config)?;
        let measuring = config.measuring();
        let window = match measure::measure(&job.table(WINDOW)?, &measuring)? {
            Window::Measured(window) => window,
            Window::OneClass { labels, why } => {
                let findings = measure::one_class(&measuring, &limits, labels, &why);
                return Ok(Observation::of(findings));
            }
        };
        let reference = match job.input(REFERENCE) {
            Ok(_) => {
                let table = job.table(REFERENCE)?;
                Some(evaluate(&table, &measuring, Some(REFERENCE))?)
            }
            Err(_) => None,
        };
        let of_reference = reference.as_ref().map(|reference| {
            let mut figures = report::figures(&measuring, reference, None);
            for figure in &mut figures {
                REFERENCE.clone_into(&mut figure.subject);
            }
            figures
        });
        let judge = Judge {
            limits: &limits,
            least: config.min_rows,
            labelled: window.groups[0].rows,
            reference: of_reference.as_deref(),
        };
        let figures = report::figures(&measuring, &window, None).into_iter();
        let mut findings: Vec<_> = figures.map(|figure| judge.judged(figure)).collect();
        report::record(&findings);
        report::record(of_reference.as_deref().unwrap_or_default());
        findings.extend(left_out(config, &window, reference.as_ref()));
        Ok(Observation::of(findings))
    }
}

fn check_input(config: &Config, input: &Input) -> Result<(), Problems> {
    let name = input.port.name.as_str();
    if ![WINDOW, REFERENCE].contains(&name) {
        let problem = Problem::input(name, format!("there is no use for an input {name:?}"));
        let help = "the inputs are `window`, and `reference` for comparison";
        return Err(problem.help(help).into());
    }
    if input.port.kind != PortKind::Table {
        let message = "this is a file; the stage needs a table here";
        return Err(Problem::input(name, message).into());
    }
    if let Some(schema) = &input.port.schema {
        let reference = (name == REFERENCE).then_some(name);
        columns::bind(&config.measuring(), schema, reference)?;
    }
    Ok(())
}

/// What is to be said of rows that were left out.
fn left_out(config: &Config, window: &Evaluation, reference: Option<&Evaluation>) -> Vec<Finding> {
    let measuring = config.measuring();
    let mut findings = vec![excluded(window, &measuring, WINDOW, "")];
    findings
        .extend(reference.map(|reference| excluded(reference, &measuring, REFERENCE, REFERENCE)));
    findings
}

lockflight_sdk::export!(Performance: monitor);
