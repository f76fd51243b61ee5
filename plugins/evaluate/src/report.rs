//! Findings, metrics and tables of what was measured.
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::prelude::*;
use lockflight_sdk::words::{counted, shown};

use crate::BASELINE;
use crate::config::Config;
use crate::evaluation::{Evaluation, Group};
use crate::figure::{Figure, Measured};
use crate::slices;

/// The schema of the output `figures`.
pub fn figures_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("name", DataType::Utf8, false),
        Field::new("subject", DataType::Utf8, false),
        Field::new("slice", DataType::Utf8, true),
        Field::new("value", DataType::Float64, true),
        Field::new("rows", DataType::Int64, false),
    ]))
}

/// The schema of the output `calibration`.
pub fn calibration_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("lower", DataType::Float64, false),
        Field::new("upper", DataType::Float64, false),
        Field::new("rows", DataType::Int64, false),
        Field::new("mean_prediction", DataType::Float64, true),
        Field::new("mean_target", DataType::Float64, true),
    ]))
}

/// A finding for each figure of all rows, then for each of every slice.
pub fn figures(config: &Config, model: &Evaluation, baseline: Option<&Evaluation>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let all = Part {
        config,
        slice: None,
        model: &model.groups[0],
        baseline: baseline.map(|baseline| baseline.groups.first()),
    };
    all.report(&mut findings);
    for (index, (column, values)) in model.slices.iter().enumerate() {
        let of_baseline = baseline.and_then(|baseline| baseline.slices.iter().nth(index));
        for (value, group) in values {
            let part = Part {
                config,
                slice: Some(slices::label(column, value)),
                model: &model.groups[*group as usize],
                baseline: baseline.map(|baseline| {
                    let group = of_baseline.and_then(|(_, values)| values.get(value))?;
                    Some(&baseline.groups[*group as usize])
                }),
            };
            part.report(&mut findings);
        }
    }
    findings
}

/// All rows, or those of a slice.
struct Part<'a> {
    config: &'a Config,
    slice: Option<String>,
    model: &'a Group,
    /// The outer none without a baseline, the inner one when it has no such rows.
    baseline: Option<Option<&'a Group>>,
}

impl Part<'_> {
    fn report(&self, findings: &mut Vec<Finding>) {
        let figures = Figure::of(self.config.task);
        for (index, figure) in figures.iter().enumerate() {
            let what = figure.name().to_owned();
            findings.push(self.finding(
                figure.name(),
                "",
                &what,
                self.model.figures[index],
                self.model.rows,
            ));
        }
        let Some(baseline) = self.baseline else {
            return;
        };
        let none = Group {
            rows: 0,
            figures: vec![Err("the baseline has no such rows"); figures.len()],
        };
        let baseline = baseline.unwrap_or(&none);
        for (index, figure) in figures.iter().enumerate() {
            let what = format!("the baseline's {}", figure.name());
            findings.push(self.finding(
                figure.name(),
                BASELINE,
                &what,
                baseline.figures[index],
                baseline.rows,
            ));
        }
        for (index, figure) in figures.iter().enumerate() {
            let pair = (self.model.figures[index], baseline.figures[index]);
            findings.push(self.gain(*figure, pair, self.model.rows.min(baseline.rows)));
        }
    }

    /// `what` is the figure in words.
    fn finding(
        &self,
        name: &str,
        subject: &str,
        what: &str,
        value: Measured,
        rows: u64,
    ) -> Finding {
        let message = match value {
            Ok(value) => format!("{what} is {} over {}", shown(value), self.over(rows)),
            Err(why) => format!("{what} is undefined over {}: {why}", self.over(rows)),
        };
        self.judged(Finding::new(name, subject), value, rows, message)
    }

    fn gain(&self, figure: Figure, pair: (Measured, Measured), rows: u64) -> Finding {
        let name = figure.name();
        let (gain, message) = match pair {
            (Ok(value), Ok(baseline)) => {
                let gain = figure.gain(value, baseline);
                let (value, than) = (shown(value), shown(baseline));
                let how = match gain {
                    gain if gain > 0.0 => {
                        format!("{} better than the baseline's {than}", shown(gain))
                    }
                    gain if gain < 0.0 => {
                        format!("{} worse than the baseline's {than}", shown(-gain))
                    }
                    _ => "just as good as the baseline's".to_owned(),
                };
                (
                    Ok(gain),
                    format!("{name} is {value} over {}, {how}", self.over(rows)),
                )
            }
            (Err(why), _) | (_, Err(why)) => {
                let over = self.over(rows);
                (
                    Err(why),
                    format!("{name} cannot be compared with the baseline's over {over}: {why}"),
                )
            }
        };
        self.judged(
            Finding::new(format!("{name}_gain"), ""),
            gain,
            rows,
            message,
        )
    }

    fn judged(
        &self,
        mut finding: Finding,
        value: Measured,
        rows: u64,
        mut message: String,
    ) -> Finding {
        let least = self.config.min_rows;
        let few = self.slice.is_some() && rows < least;
        let verdict = match (value, &self.slice) {
            (Ok(_), _) if !few => Verdict::Pass,
            (_, Some(_)) => Verdict::Warn,
            (_, None) => Verdict::Inconclusive,
        };
        if few {
            message += &format!("; with fewer than {least} rows it says little (min-rows)");
        }
        finding.slice.clone_from(&self.slice);
        finding.value = value.ok();
        finding.rows = rows;
        finding.judged(verdict, message)
    }

    /// The rows, in words.
    fn over(&self, rows: u64) -> String {
        let rows = counted(rows, "row");
        match &self.slice {
            None => rows,
            Some(slice) => format!("{rows} with {slice}"),
        }
    }
}

/// What is to be said of rows that were left out of a table.
pub fn excluded(evaluation: &Evaluation, config: &Config, input: &str, subject: &str) -> Finding {
    let excluded = &evaluation.excluded;
    let mut finding = Finding::new("excluded_rows", subject);
    finding.rows = excluded.of;
    finding.failed = excluded.rows();
    finding.value = Some(excluded.rows() as f64);
    if excluded.rows() == 0 {
        let message = format!(
            "all of {} have a target and a prediction",
            counted(excluded.of, "row")
        );
        return finding.judged(Verdict::Pass, message);
    }
    let message = format!(
        "{} of {} are left out: {} without a finite {}, {} more without a finite {}",
        excluded.rows(),
        counted(excluded.of, "row"),
        excluded.targets,
        config.target,
        excluded.predictions,
        config.prediction,
    );
    let examples = excluded.examples.iter().copied();
    finding
        .judged(Verdict::Warn, message)
        .examples(input, examples)
}

/// Whether the baseline was given the same task: it says little about other rows.
pub fn same_rows(model: &Evaluation, baseline: &Evaluation) -> Finding {
    let (rows, of_baseline) = (model.groups[0].rows, baseline.groups[0].rows);
    let mut finding = Finding::new("baseline_rows", BASELINE);
    finding.rows = rows;
    finding.value = Some(of_baseline as f64);
    // Both sums are all but exact, so another order of the rows makes no difference.
    let near = (model.targets - baseline.targets).abs() <= 1e-9 * model.targets.abs().max(1.0);
    let (verdict, message) = match (rows == of_baseline, near) {
        (false, _) => {
            let rows = counted(rows, "row");
            (
                Verdict::Warn,
                format!("the baseline was measured on {of_baseline} rows, the model on {rows}"),
            )
        }
        (true, false) => {
            let message =
                "the baseline's targets are others than the model's: they add up to another sum";
            (Verdict::Warn, message.to_owned())
        }
        (true, true) => (
            Verdict::Pass,
            "the baseline was measured on the same targets".to_owned(),
        ),
    };
    finding.judged(verdict, message)
}

/// Records the figures of all rows.
pub fn record(findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.slice.is_none()) {
        if let Some(value) = finding.value {
            let metric = Metric::new(&finding.name, value);
            match finding.subject.as_str() {
                "" => metric.record(),
                subject => metric.label("subject", subject).record(),
            }
        }
    }
}

/// The output `figures`.
///
/// # Errors
/// None that a plugin could cause.
pub fn figures_table(findings: &[Finding]) -> Result<TableWriter, Failure> {
    let texts = |of: fn(&Finding) -> Option<&str>| -> ArrayRef {
        Arc::new(findings.iter().map(of).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        texts(|finding| Some(&finding.name)),
        texts(|finding| Some(&finding.subject)),
        texts(|finding| finding.slice.as_deref()),
        Arc::new(
            findings
                .iter()
                .map(|finding| finding.value)
                .collect::<Float64Array>(),
        ),
        Arc::new(Int64Array::from_iter_values(
            findings.iter().map(|finding| finding.rows as i64),
        )),
    ];
    written(figures_schema(), columns)
}

/// The output `calibration`.
///
/// # Errors
/// None that a plugin could cause.
pub fn calibration_table(evaluation: &Evaluation) -> Result<TableWriter, Failure> {
    let bins: Vec<_> = evaluation.bins.iter().collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Float64Array::from_iter_values(
            bins.iter().map(|(lower, ..)| *lower),
        )),
        Arc::new(Float64Array::from_iter_values(
            bins.iter().map(|(_, upper, _)| *upper),
        )),
        Arc::new(Int64Array::from_iter_values(
            bins.iter().map(|(.., bin)| bin.rows() as i64),
        )),
        Arc::new(
            bins.iter()
                .map(|(.., bin)| bin.mean_prediction())
                .collect::<Float64Array>(),
        ),
        Arc::new(
            bins.iter()
                .map(|(.., bin)| bin.mean_target())
                .collect::<Float64Array>(),
        ),
    ];
    written(calibration_schema(), columns)
}

fn written(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<TableWriter, Failure> {
    let mut table = TableWriter::new(schema.clone())?;
    table.write(&RecordBatch::try_new(schema, columns)?)?;
    Ok(table)
}
