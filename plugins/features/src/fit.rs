//! Fits the steps of a plan, one after the other, each on what the one before left.
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int32Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Failure, Metric, Table, TableWriter, progress};

use crate::change::fill::count_missing;
use crate::change::{Change, Fact};
use crate::learn::{Data, Task};
use crate::pipeline::Pipeline;
use crate::plan::{Action, Plan, Work};
use crate::validate::Place;

/// Fits a plan on a table. The taken columns are held in memory meanwhile.
///
/// # Errors
/// The data are not such that the steps can learn from them.
pub fn fit(plan: Plan, table: &Table) -> Result<(Pipeline, TableWriter), Failure> {
    let (raw, target) = read(&plan, table)?;
    let rows: usize = raw.iter().map(RecordBatch::num_rows).sum();
    if rows == 0 && plan.actions.iter().any(|action| action.learns()) {
        return Err(Failure::data(
            "the table has no rows, so there is nothing to learn from",
        ));
    }
    Metric::new("rows", rows as f64).record();
    let mut fitter = Fitter {
        columns: raw.iter().map(|batch| batch.columns().to_vec()).collect(),
        pipeline: Pipeline::new(plan.takes.clone()),
        raw,
        target,
        learned: Vec::new(),
    };
    let total = plan.actions.len() as u64;
    for (done, action) in (1..).zip(plan.actions) {
        fitter.action(action)?;
        progress(done, total);
    }
    if plan
        .gives
        .is_some_and(|gives| gives != fitter.pipeline.gives())
    {
        return Err(Failure::internal(
            "the steps give other columns than planned",
        ));
    }
    let table = fitter.table()?;
    Ok((fitter.pipeline, table))
}

/// The taken columns, in at least one batch, and the target if a step learns from it.
fn read(plan: &Plan, table: &Table) -> Result<(Vec<RecordBatch>, Vec<Option<f64>>), Failure> {
    let takes = &plan.takes;
    let wants_target = plan.actions.iter().any(Action::learns_from_target);
    let target = plan.target.as_ref().filter(|_| wants_target);
    let mut wanted: Vec<&str> = takes
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    wanted.extend(target.map(|target| target.name()));
    let mut whole: Vec<RecordBatch> = table.scan_columns(&wanted).collect();
    if whole.is_empty() {
        whole.push(RecordBatch::new_empty(
            table.scan_columns(&wanted).schema().clone(),
        ));
    }
    let values = match target {
        Some(target) if whole.iter().any(|batch| batch.num_rows() > 0) => target.read(&whole)?,
        _ => Vec::new(),
    };
    let raw = whole.into_iter().map(|batch| {
        let columns = batch.columns()[..takes.fields().len()].to_vec();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(takes.clone(), columns, &options)
    });
    Ok((raw.collect::<Result<_, _>>()?, values))
}

impl Action {
    fn learns(&self) -> bool {
        matches!(&self.work, Work::Change(task) if task.learns())
    }

    fn learns_from_target(&self) -> bool {
        matches!(&self.work, Work::Change(Task::TargetMean { .. }))
    }
}

struct Fitter {
    raw: Vec<RecordBatch>,
    target: Vec<Option<f64>>,
    /// For each batch, the columns as the steps so far left them.
    columns: Vec<Vec<ArrayRef>>,
    pipeline: Pipeline,
    learned: Vec<(Place, String, Fact)>,
}

impl Fitter {
    fn action(&mut self, action: Action) -> Result<(), Failure> {
        let Action {
            place,
            column,
            work,
        } = action;
        let fault = |message: String| {
            Failure::data(format!("{}, column {column:?}: {message}", place.shown()))
        };
        match work {
            Work::Derive(expression) => {
                let added = self.pipeline.derive(&column, expression);
                added.map_err(|misfit| fault(misfit.message))?;
            }
            Work::Change(task) => {
                let at = self.pipeline.position(&column);
                let at = at.ok_or_else(|| fault("it is not there".to_owned()))?;
                let chunks: Vec<_> = self
                    .columns
                    .iter()
                    .map(|columns| columns[at].clone())
                    .collect();
                let data = Data {
                    chunks: &chunks,
                    raw: &self.raw,
                    target: &self.target,
                };
                let learned = task.learn(data).map_err(fault)?;
                measure(&learned.change, &chunks, &place, &column);
                let facts = learned.facts.into_iter();
                self.learned
                    .extend(facts.map(|fact| (place.clone(), column.clone(), fact)));
                let changed = self.pipeline.change(&column, learned.change);
                changed.map_err(|misfit| fault(misfit.message))?;
            }
        }
        let step = self.pipeline.steps().last().expect("one was just added");
        let mut start = 0;
        for (columns, raw) in self.columns.iter_mut().zip(&self.raw) {
            step.apply(columns, raw).map_err(|message| {
                let shown = place.shown();
                let batch = format!("the batch begins with row {start} of the table");
                Failure::data(format!("{shown}, {message}; {batch}"))
            })?;
            start += raw.num_rows();
        }
        Ok(())
    }

    /// What was learned, as a table.
    fn table(&self) -> Result<TableWriter, Failure> {
        let mut writer = TableWriter::new(fitted_schema())?;
        let learned = &self.learned;
        let texts = |text: fn(&(Place, String, Fact)) -> Option<&str>| -> ArrayRef {
            Arc::new(learned.iter().map(text).collect::<StringArray>())
        };
        let steps = learned
            .iter()
            .map(|(place, ..)| i32::try_from(place.step + 1).ok());
        let values = learned.iter().map(|(.., fact)| fact.value);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(steps.collect::<Int32Array>()),
            texts(|(place, ..)| Some(place.kind)),
            texts(|(_, column, _)| Some(column)),
            texts(|(.., fact)| Some(fact.parameter)),
            texts(|(.., fact)| fact.category.as_deref()),
            Arc::new(Float64Array::from_iter_values(values)),
        ];
        writer.write(&RecordBatch::try_new(fitted_schema(), columns)?)?;
        Ok(writer)
    }
}

/// The schema of the output `fitted`.
pub fn fitted_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("step", DataType::Int32, false),
        Field::new("kind", DataType::Utf8, false),
        Field::new("column", DataType::Utf8, false),
        Field::new("parameter", DataType::Utf8, false),
        Field::new("category", DataType::Utf8, true),
        Field::new("value", DataType::Float64, false),
    ]))
}

/// Records how much there was to do, and says what is odd.
fn measure(change: &Change, chunks: &[ArrayRef], place: &Place, column: &str) {
    let (name, value) = match change {
        Change::Fill(_) => ("imputed_values", count_missing(chunks) as f64),
        Change::OneHot(one_hot) => ("categories", one_hot.categories.len() as f64),
        Change::Ordinal(ordinal) => ("categories", ordinal.categories.len() as f64),
        Change::TargetMean(means) => ("categories", means.categories.len() as f64),
        Change::Bin(bin) => ("ranges", bin.ranges() as f64),
        Change::Scale(_) | Change::Flag | Change::Drop => return,
    };
    let step = (place.step + 1).to_string();
    Metric::new(name, value)
        .label("column", column)
        .label("step", &step)
        .record();
}
