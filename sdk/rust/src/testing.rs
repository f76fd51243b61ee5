//! For tests of a train plugin and its step, outside WebAssembly: fit, take the state through bytes, score, and hold the step to
//! its rules. What stands between step and host in a component stands between them here too: frame, buffers and labels.
//!
//! ```no_run
//! # use lockflight_sdk::{prelude::*, testing};
//! # fn test<Trainer: Train>(schema: arrow_schema::SchemaRef, table: arrow_array::RecordBatch) -> Result<(), Failure> {
//! let job = Job::in_memory(r#"{"target":"cnt"}"#)?.with_table("table", schema, vec![table.clone()]);
//! let fitted = testing::fit::<Trainer>(&job)?;
//! testing::assert_row_wise(&fitted.step, &table);
//! testing::assert_guarded(&fitted.step);
//! let scored = testing::score(&fitted.step, &table);
//! # Ok(())
//! # }
//! ```
use arrow_array::{Array, RecordBatch, RecordBatchOptions, make_array};
use arrow_data::transform::MutableArrayData;

use crate::adopt::adopt_batch;
use crate::lend::lend_batch;
use crate::score::{Scorer, labelled};
use crate::{Content, Output, type_name};
use crate::{Failure, Fitted, Job, PortKind, Score, StepPorts, Train, did_you_mean, state};

/// Checks and fits, and holds the step and the outputs to what `check` promised.
///
/// # Errors
/// The problems of `check` as [`Failure::Config`], or the failure of `fit`.
///
/// # Panics
/// When a promise is not kept.
pub fn fit<T: Train>(job: &Job<T::Config>) -> Result<Fitted<T::Step>, Failure> {
    let promised = T::check(job)?;
    let fitted = T::fit(job)?;
    assert_kept(&promised, &fitted);
    Ok(fitted)
}

fn assert_kept<S: Score>(promised: &StepPorts, fitted: &Fitted<S>) {
    if let Some(takes) = &promised.takes {
        assert_eq!(takes, &fitted.step.takes(), "check promised other takes");
    }
    if let Some(gives) = &promised.gives {
        assert_eq!(gives, &fitted.step.gives(), "check promised other gives");
    }
    let ports: Vec<_> = promised.outputs.iter().map(|port| &port.name).collect();
    let names: Vec<_> = fitted.outputs.iter().map(|output| &output.name).collect();
    assert_eq!(ports, names, "check promised other outputs");
    for (port, Output { name, content }) in promised.outputs.iter().zip(&fitted.outputs) {
        match (port.kind, content) {
            (PortKind::Table, Content::Table(table)) => {
                if let Some(schema) = &port.schema {
                    assert_eq!(schema, table.schema(), "check promised another {name:?}");
                }
            }
            (PortKind::Blob, Content::Blob(_)) => {}
            _ => panic!("output {name:?} is not of the kind that check promised"),
        }
    }
}

/// The step of a framed state, handed over in parts of at most `part` bytes.
///
/// # Errors
/// What is wrong with the state.
pub fn load<S: Score>(state: &[u8], part: usize) -> Result<S, String> {
    let step = scorer(state, part)?.into_step();
    Ok(step.expect("the state is whole"))
}

fn scorer<S: Score>(state: &[u8], part: usize) -> Result<Scorer<S>, String> {
    let mut scorer = Scorer::new();
    let mut rest = state;
    loop {
        let (first, others) = rest.split_at(rest.len().min(part.max(1)));
        scorer.load(first.to_vec(), others.len() as u64)?;
        rest = others;
        if rest.is_empty() {
            return Ok(scorer);
        }
    }
}

/// Scores the columns that the step takes, found by name in the table; the answer has the schema that the step gives.
///
/// # Errors
/// A column that is missing or has another type, or what the step says.
pub fn score<S: Score>(step: &S, table: &RecordBatch) -> Result<RecordBatch, String> {
    let rows = taken(step, table)?;
    labelled(&step.gives(), step.score(&rows)?, rows.num_rows())
}

/// The table's columns as the step takes them.
fn taken<S: Score>(step: &S, table: &RecordBatch) -> Result<RecordBatch, String> {
    let takes = step.takes();
    let mut columns = Vec::new();
    for field in takes.fields() {
        let name = field.name();
        let column = table.column_by_name(name).ok_or_else(|| {
            let names = table.schema_ref().fields().iter();
            let guess = did_you_mean(name, names.map(|field| field.name().as_str()));
            let hint = guess.map_or(String::new(), |guess| format!("; did you mean {guess:?}?"));
            format!("the table has no column {name:?}{hint}")
        })?;
        if column.data_type() != field.data_type() {
            let (is, wanted) = (type_name(column.data_type()), type_name(field.data_type()));
            return Err(format!("column {name:?} is {is}; the step takes {wanted}"));
        }
        columns.push(column.clone());
    }
    let options = RecordBatchOptions::new().with_row_count(Some(table.num_rows()));
    RecordBatch::try_new_with_options(takes, columns, &options).map_err(|error| error.to_string())
}

/// Holds a step to its rule that a row's answer depends on that row and the state alone: scores the table whole, in batches of 1
/// and of 7 rows, backwards, shuffled and again whole, with the step and with one loaded from its state, and compares bits.
///
/// # Panics
/// When an answer differs, or the step refuses the table or its own state.
pub fn assert_row_wise<S: Score>(step: &S, table: &RecordBatch) {
    let rows = table.num_rows();
    let inputs = taken(step, table).expect("the table has what the step takes");
    let expected = score(step, table).expect("the step scores the table");
    let state = state::frame(step);
    let scorer = scorer::<S>(&state, 1 << 16).expect("the step loads its own state");
    let loaded = scorer.loaded().expect("the state is whole");
    assert_eq!(
        state::frame(&loaded.step),
        state,
        "the state changes when it is loaded and saved"
    );
    assert_eq!(
        loaded.step.takes(),
        step.takes(),
        "takes changes with the state"
    );
    assert_eq!(
        loaded.step.gives(),
        step.gives(),
        "gives changes with the state"
    );
    let orders = [
        ("whole", (0..rows).collect::<Vec<_>>(), rows),
        ("one by one", (0..rows).collect(), 1),
        ("in batches of 7", (0..rows).collect(), 7),
        ("backwards", (0..rows).rev().collect(), rows),
        ("shuffled", shuffled(rows), 64),
        ("whole again", (0..rows).collect(), rows),
    ];
    for (how, order, size) in orders {
        for part in order.chunks(size.max(1)) {
            let batch = picked(&inputs, part);
            let batch = lend_batch(&batch, std::slice::from_ref(&(0..part.len())));
            let answer = scorer.score(batch);
            let answer = answer.unwrap_or_else(|error| panic!("scored {how}: {error}"));
            let answer = adopt_batch(expected.schema_ref(), answer);
            let answer = answer.expect("what was lent can be adopted");
            assert_same(&answer, &picked(&expected, part), how);
        }
    }
}

/// Every value bit for bit; what stands under a null does not count.
fn assert_same(answer: &RecordBatch, expected: &RecordBatch, how: &str) {
    let columns = answer.columns().iter().zip(expected.columns());
    for ((is, wanted), field) in columns.zip(expected.schema_ref().fields()) {
        let same = is.to_data() == wanted.to_data();
        assert!(same, "scored {how}, column {:?} differs", field.name());
    }
}

/// Holds a step to refusing its own state when that is cut off anywhere or a byte of it is changed (at up to 500 places of each),
/// with an error and not a panic.
///
/// # Panics
/// When a broken state is accepted.
pub fn assert_guarded<S: Score>(step: &S) {
    let whole = state::frame(step);
    let payload = step.save();
    for end in (0..whole.len()).step_by(whole.len().div_ceil(500)) {
        assert!(
            load::<S>(&whole[..end], 13).is_err(),
            "cut off at byte {end}"
        );
        let mut changed = whole.clone();
        changed[end] ^= 0x11;
        assert!(
            load::<S>(&changed, usize::MAX).is_err(),
            "byte {end} is another"
        );
    }
    // Behind the frame, too: `load` reads what it is given with care.
    for end in (0..payload.len()).step_by(payload.len().div_ceil(500).max(1)) {
        assert!(
            S::load(&payload[..end]).is_err(),
            "payload cut off at byte {end}"
        );
    }
}

/// The rows 0 to `rows` in an order that looks random and is always the same (Fisher and Yates over a linear congruence).
fn shuffled(rows: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..rows).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..rows).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (state >> 33) as usize % (last + 1));
    }
    order
}

/// These rows of a batch, in this order.
fn picked(batch: &RecordBatch, rows: &[usize]) -> RecordBatch {
    let columns = batch.columns().iter().map(|column| {
        let data = column.to_data();
        let mut picked = MutableArrayData::new(vec![&data], false, rows.len());
        for row in rows {
            let copied = picked.try_extend(0, *row, row + 1);
            copied.expect("no longer than the column it comes from");
        }
        make_array(picked.freeze())
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let picked = RecordBatch::try_new_with_options(batch.schema(), columns.collect(), &options);
    picked.expect("rows of the same columns")
}
