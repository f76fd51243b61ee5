//! Ingest plugin `prepare`: set operations on tables, and splits.

mod aggregate;
mod columns;
mod config;
mod flow;
mod group;
mod join;
mod keys;
mod order;
mod plan;
mod problem;
mod split;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use lockflight_sdk::prelude::*;
use lockflight_sdk::progress;

pub use config::{Config, Fractions, How, Keep, On, Split, StepConfig};
use flow::{Flow, counted, scan};
use plan::{Plan, plan};

/// The plugin.
#[derive(Debug)]
pub struct Prepare;

impl Ingest for Prepare {
    type Config = Config;

    fn check(job: &Job<Config>) -> Result<Vec<Port>, Problems> {
        let plan = plan(job)?;
        let port = |name: String| match &plan {
            Some(plan) => Port::table(name, plan.schema.clone()),
            None => Port::open_table(name),
        };
        Ok(plan::outputs(&job.config).into_iter().map(port).collect())
    }

    fn run(job: &Job<Config>) -> Result<Vec<Output>, Failure> {
        let plan = plan(job)?.ok_or_else(|| Failure::internal("an input has no schema"))?;
        let open = |name: &str| job.table(name).map_err(Failure::from);
        let table = open(&plan.from)?;
        warn_of_unused(job, &plan);
        let mut counts = vec![Rc::new(Cell::new(0))];
        let mut rows = counted(watched(scan(&table), table.rows()), counts[0].clone());
        for (_, step) in &plan.steps {
            let count = Rc::new(Cell::new(0));
            rows = counted(step.apply(rows, &open)?, count.clone());
            counts.push(count);
        }
        let writers = written(&plan, rows, job.seed())?;
        let counts: Vec<u64> = counts.iter().map(|count| count.get()).collect();
        report(job, &plan, &counts, &writers)?;
        let outputs = writers.into_iter();
        Ok(outputs
            .map(|(name, writer)| Output::table(name, writer))
            .collect())
    }
}

/// Shows how much of the table is read.
fn watched<'a>(rows: Flow<'a>, total: u64) -> Flow<'a> {
    let mut done = 0;
    Box::new(rows.inspect(move |batch| {
        if let Ok(batch) = batch {
            done += batch.num_rows() as u64;
            progress(done, total);
        }
    }))
}

/// Gives the rows to the outputs.
fn written(plan: &Plan, rows: Flow<'_>, seed: u64) -> Result<Vec<(String, TableWriter)>, Failure> {
    let Some(split) = &plan.split else {
        let mut writer = TableWriter::new(plan.schema.clone())?;
        for batch in rows {
            writer.write(&batch?)?;
        }
        return Ok(vec![("table".to_owned(), writer)]);
    };
    let mut writers = Vec::new();
    for name in &split.names {
        writers.push((name.clone(), TableWriter::new(plan.schema.clone())?));
    }
    let (rows, count): (Flow<'_>, usize) = if split.needs_count() {
        let all = rows.collect::<Result<Vec<_>, _>>()?;
        let count = all.iter().map(|batch| batch.num_rows()).sum();
        (Box::new(all.into_iter().map(Ok)), count)
    } else {
        (rows, 0)
    };
    let mut assigner = split.start(seed, count);
    let mut left_out = 0;
    for batch in rows {
        let batch = batch?;
        left_out += batch.num_rows() as u64;
        for ((_, writer), kept) in writers.iter_mut().zip(assigner.assign(&batch)?) {
            left_out -= kept.count_set_bits() as u64;
            writer.write_kept(&batch, &kept)?;
        }
    }
    if left_out > 0 {
        warn!(
            "{left_out} rows fulfil no condition of the split and are left out; {{ rest = true }} at its end would take them"
        );
    }
    Ok(writers)
}

/// Records the figures, and says which outputs are empty, and why.
fn report(
    job: &Job<Config>,
    plan: &Plan,
    counts: &[u64],
    writers: &[(String, TableWriter)],
) -> Result<(), Failure> {
    for (position, (operation, _)) in plan.steps.iter().enumerate() {
        let (before, after) = (counts[position], counts[position + 1]);
        debug!("steps[{position}] {operation}: {before} rows became {after}");
    }
    for (name, writer) in writers {
        Metric::new("rows", writer.rows() as f64)
            .label("output", name)
            .record();
    }
    let empty: Vec<_> = writers
        .iter()
        .filter(|(_, writer)| writer.rows() == 0)
        .map(|(name, _)| name.as_str())
        .collect();
    if empty.is_empty() {
        return Ok(());
    }
    let emptied = counts
        .windows(2)
        .position(|pair| pair[0] > 0 && pair[1] == 0);
    let why = match emptied {
        Some(position) => format!(
            "of the {} rows before steps[{position}] ({}) none is left",
            counts[position],
            described(&job.config.steps[position], plan.steps[position].0),
        ),
        None if counts[0] == 0 => format!("the input {:?} has no rows", plan.from),
        None => "no row fulfils its condition of the split".to_owned(),
    };
    let message = format!("the output {} is empty: {why}", empty.join(", "));
    if !job.config.allow_empty {
        return Err(Failure::data(format!(
            "{message}; allow-empty = true would let it be"
        )));
    }
    warn!("{message}");
    Ok(())
}

/// The step as it is written, if it is short enough to be told.
fn described(step: &StepConfig, operation: &str) -> String {
    match (&step.filter, &step.join) {
        (Some(condition), _) => format!("filter = {condition:?}"),
        (_, Some(input)) => format!("join = {input:?}"),
        _ => operation.to_owned(),
    }
}

/// An input that nothing names costs a run whenever it changes.
fn warn_of_unused(job: &Job<Config>, plan: &Plan) {
    let steps = job.config.steps.iter();
    let named = steps.flat_map(|step| step.join.iter().chain(step.union.iter().flatten()));
    let used: BTreeSet<&String> = named.chain([&plan.from]).collect();
    for input in job.inputs() {
        let name = &input.port.name;
        if !used.contains(name) {
            warn!("the input {name:?} is used by no step");
        }
    }
}

lockflight_sdk::export!(Prepare: ingest);
