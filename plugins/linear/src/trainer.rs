//! The plugin of world `train`.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::prelude::*;

use crate::config::{Config, Task};
use crate::design::Design;
use crate::logistic::{self, Lost, log_loss};
use crate::plan::Plan;
use crate::ridge::{self, Line};
use crate::step::{Linear, Term, gives};
use crate::target::targets;

/// The input.
const TABLE: &str = "table";

/// The output.
const COEFFICIENTS: &str = "coefficients";

/// The trainer of [`Linear`] steps.
#[derive(Debug)]
pub struct Trainer;

impl Train for Trainer {
    type Config = Config;
    type Step = Linear;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let plan = plan(job)?;
        let ports = StepPorts {
            takes: plan.map(|plan| plan.takes),
            gives: Some(gives(&job.config.prediction)),
            outputs: Vec::new(),
        };
        Ok(ports.with(Port::table(COEFFICIENTS, coefficients_schema())))
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Linear>, Failure> {
        let config = &job.config;
        let plan = plan(job)?.ok_or_else(|| Problem::input(TABLE, "the table has no schema"))?;
        let table = job.table(TABLE)?;
        let targets = targets(&table, config, plan.task)?;
        let design = Design::measure(&table, &plan.takes, &targets, config.missing)?;
        tell_features(&design, &plan.takes);
        let line = line(&design, config, plan.task)?;
        let step = step(config, &plan, &design, &line);
        record_fit(&step, &table, &targets)?;
        let coefficients = coefficients(&step, &design, &line)?;
        Ok(Fitted::new(step).with(Output::table(COEFFICIENTS, coefficients)))
    }
}

/// What config and inputs ask for, as far as the table's schema is known.
fn plan(job: &Job<Config>) -> Result<Option<Plan>, Problems> {
    let mut problems = job.config.problems();
    let table = job.input(TABLE)?;
    for input in job.inputs() {
        let name = &input.port.name;
        if name != TABLE {
            problems.push(Problem::input(
                name,
                "linear learns from the input `table` alone",
            ));
        }
    }
    let plan = match &table.port.schema {
        Some(schema) => Plan::new(&job.config, schema).map(Some),
        None => Ok(None),
    };
    match plan {
        Ok(plan) => problems.or(plan),
        Err(more) => {
            problems.0.extend(more.0);
            Err(problems)
        }
    }
}

fn tell_features(design: &Design<'_>, takes: &Schema) {
    let names: Vec<_> = takes
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    info!("{} features: {}", names.len(), names.join(", "));
    let rows = design.targets.len() as u64;
    for (name, scale) in names.iter().zip(&design.scales) {
        if scale.deviation == 0.0 {
            warn!("column {name:?} is the same in every row, so it gets the coefficient 0");
        }
        if scale.values < rows {
            let missing = rows - scale.values;
            info!(
                "column {name:?} is null in {missing} of {rows} rows; its mean {} stands in",
                scale.mean
            );
        }
    }
}

fn line(design: &Design<'_>, config: &Config, task: Task) -> Result<Line, Failure> {
    let dependent = |column| {
        Failure::data(format!(
            "table: column {:?} is, within rounding, determined by the columns before it, so its coefficient cannot be told; \
             leave it out or set a larger `alpha`",
            design.name(column)
        ))
    };
    match task {
        Task::Regression => {
            ridge::fit(design, config.alpha).map_err(|singular| dependent(singular.0))
        }
        Task::Binary => {
            let fit = logistic::fit(design, config.alpha).map_err(|lost| match lost {
                Lost::Dependent(column) => dependent(column),
                Lost::Separated => Failure::data(
                    "table: the features tell the two classes apart without a mistake, so their coefficients have no bound; \
                     set an `alpha` above 0",
                ),
                Lost::Endless => Failure::data(
                    "table: the coefficients did not settle; set a larger `alpha`",
                ),
            })?;
            Metric::new("iterations", fit.steps as f64).record();
            Ok(fit.line)
        }
    }
}

fn step(config: &Config, plan: &Plan, design: &Design<'_>, line: &Line) -> Linear {
    let term = |scale: &crate::design::Scale| Term {
        mean: scale.mean,
        coefficient: 0.0,
    };
    let mut terms: Vec<_> = design.scales.iter().map(term).collect();
    for (feature, coefficient) in design.varying.iter().zip(&line.coefficients) {
        terms[*feature].coefficient = coefficient / design.scales[*feature].deviation;
    }
    Linear {
        task: plan.task,
        missing: config.missing,
        prediction: config.prediction.clone(),
        takes: plan.takes.clone(),
        base: line.base,
        terms,
    }
}

/// Records how well the step fits the table it was learnt from.
fn record_fit(step: &Linear, table: &Table, targets: &[f64]) -> Result<(), Failure> {
    let names: Vec<_> = step
        .takes
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let rows = targets.len() as f64;
    let mean = targets.iter().sum::<f64>() / rows;
    let (mut squares, mut spread, mut loss) = (0.0, 0.0, 0.0);
    let mut targets = targets.iter();
    for batch in table.scan_columns(&names) {
        let sums = step.sums(&batch).map_err(Failure::data)?;
        for (sum, target) in sums.into_iter().zip(&mut targets) {
            squares += (target - sum) * (target - sum);
            spread += (target - mean) * (target - mean);
            loss += log_loss(sum, *target);
        }
    }
    match step.task {
        Task::Regression => {
            Metric::new("train_r2", 1.0 - squares / spread).record();
            Metric::new("train_rmse", (squares / rows).sqrt()).record();
        }
        Task::Binary => Metric::new("train_log_loss", loss / rows).record(),
    }
    Ok(())
}

/// The columns of the output `coefficients`: one row for each feature and, first, one for the intercept.
pub fn coefficients_schema() -> SchemaRef {
    let number = |name, nullable| Field::new(name, DataType::Float64, nullable);
    Arc::new(Schema::new(vec![
        Field::new("feature", DataType::Utf8, false),
        number("coefficient", false),
        number("standardised", false),
        number("mean", true),
        number("deviation", true),
    ]))
}

fn coefficients(step: &Linear, design: &Design<'_>, line: &Line) -> Result<TableWriter, Failure> {
    let at_zero = |sum: f64, term: &Term| sum - term.mean * term.coefficient;
    let mut names = vec!["(intercept)"];
    let mut raw = vec![step.terms.iter().fold(step.base, at_zero)];
    let mut standardised = vec![line.base];
    let (mut means, mut deviations) = (vec![None], vec![None]);
    let fields = step.takes.fields().iter();
    for ((field, term), scale) in fields.zip(&step.terms).zip(&design.scales) {
        names.push(field.name());
        raw.push(term.coefficient);
        standardised.push(term.coefficient * scale.deviation);
        means.push((scale.values > 0).then_some(scale.mean));
        deviations.push((scale.values > 0).then_some(scale.deviation));
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(names)),
        Arc::new(Float64Array::from(raw)),
        Arc::new(Float64Array::from(standardised)),
        Arc::new(Float64Array::from(means)),
        Arc::new(Float64Array::from(deviations)),
    ];
    let mut table = TableWriter::new(coefficients_schema())?;
    table.write(&RecordBatch::try_new(coefficients_schema(), columns)?)?;
    Ok(table)
}
