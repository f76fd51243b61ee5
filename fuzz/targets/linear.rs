//! The plugin `linear`. A text that begins with `{` has a config as its first line; what is behind the line becomes a small table.
//! The config is refused with problems, or fitted, unless the data are such that it cannot. What was fitted scores each row by
//! itself, and its state is refused when it is cut off or changed. Other bytes are a state behind its frame: it is refused, or it
//! scores rows in words or values.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Schema};
use lockflight_linear::{Config, Linear, Trainer};
use lockflight_sdk::prelude::*;
use lockflight_sdk::testing;

use super::rows::{Picks, column, cut, sample, table};

const COLUMNS: [(&str, DataType); 8] = [
    ("i", DataType::Int64),
    ("f", DataType::Float64),
    ("g", DataType::Float32),
    ("u", DataType::UInt8),
    ("b", DataType::Boolean),
    ("s", DataType::Utf8),
    ("c", DataType::Boolean),
    ("y", DataType::Float64),
];

/// Whether it is a config that fits the table, or a state.
pub fn run(data: &[u8]) -> bool {
    if !data.starts_with(b"{") {
        return run_state(data);
    }
    let end = data
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(data.len());
    let (config, data) = data.split_at(end);
    match std::str::from_utf8(config) {
        Ok(config) => run_config(config, data.get(1..).unwrap_or_default()),
        Err(_) => false,
    }
}

fn run_config(config: &str, data: &[u8]) -> bool {
    let Ok(job) = Job::<Config>::in_memory(config) else {
        return false;
    };
    let mut picks = Picks::of(data);
    let train = table(&COLUMNS, &mut picks);
    let job = job.with_table("table", train.schema(), cut(&train, &mut picks));
    match testing::fit::<Trainer>(&job) {
        Err(Failure::Config(problems)) => {
            within(&problems, config);
            false
        }
        Err(Failure::Data(message)) => {
            assert!(!message.is_empty());
            true
        }
        Err(Failure::Internal(message)) => panic!("{message}"),
        Ok(fitted) => {
            testing::assert_row_wise(&fitted.step, &train);
            testing::assert_guarded(&fitted.step);
            score(&fitted.step, &mut picks);
            changed(&fitted.step, &mut picks);
            true
        }
    }
}

/// A problem of the config is at a value that is there, or at a key that is missing from one.
fn within(problems: &[Problem], config: &str) {
    assert!(!problems.is_empty());
    let json: serde_json::Value = serde_json::from_str(config).expect("it was read before");
    for problem in problems {
        if let Place::Config(pointer) = &problem.place {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(json.pointer(parent).is_some(), "{pointer} in {config}");
        }
    }
}

/// Other bytes behind a frame that holds.
fn changed(step: &Linear, picks: &mut Picks<'_>) {
    let mut payload = step.save();
    for _ in 0..8 {
        let at = usize::from(picks.byte()) % payload.len();
        payload[at] ^= picks.byte();
        run_state(&payload);
    }
}

fn run_state(payload: &[u8]) -> bool {
    let Ok(step) = Linear::load(payload) else {
        return false;
    };
    let saved = step.save();
    let again = Linear::load(&saved).expect("a state that was loaded is saved");
    assert_eq!((step.takes(), step.gives()), (again.takes(), again.gives()));
    assert_eq!(saved, again.save());
    score(&step, &mut Picks::of(payload));
    true
}

/// The answer for rows is that for each of them, or at least one of them is refused.
fn score(step: &Linear, picks: &mut Picks<'_>) {
    let fields = step.takes();
    let fields = fields
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let count = usize::from(picks.byte() % 5);
    let columns = schema
        .fields()
        .iter()
        .map(|field| column(field.data_type(), count, picks));
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    let rows = RecordBatch::try_new_with_options(schema.clone(), columns.collect(), &options);
    let rows = rows.expect("columns of these types");
    let each = (0..count).map(|row| answer(step, &rows.slice(row, 1)));
    let each: Result<Vec<_>, _> = each.collect();
    let all = answer(step, &rows);
    assert_eq!(all.is_ok(), each.is_ok(), "{all:?} {each:?}");
    let (Ok(all), Ok(each)) = (all, each) else {
        return;
    };
    for (row, alone) in each.iter().enumerate() {
        assert_eq!(all.slice(row, 1).to_data(), alone.to_data());
    }
}

/// The one column that is given.
fn answer(step: &Linear, rows: &RecordBatch) -> Result<ArrayRef, String> {
    let columns = step.score(rows)?;
    let [column] = columns.as_slice() else {
        panic!("{} columns", columns.len())
    };
    assert_eq!(column.data_type(), step.gives().field(0).data_type());
    assert_eq!((column.len(), column.null_count()), (rows.num_rows(), 0));
    Ok(column.clone())
}

pub fn seeds() -> Vec<Vec<u8>> {
    let configs = [
        r#"{"target":"y","ignore":["s"]}"#,
        r#"{"target":"y","features":["i","f"],"alpha":0}"#,
        r#"{"target":"i","features":["u","b","g"],"alpha":12.5,"missing":"error","prediction":"p"}"#,
        r#"{"target":"b","ignore":["s","c"]}"#,
        r#"{"target":"c","features":["f"],"task":"binary","alpha":0}"#,
        r#"{"target":"s","positive":"a","features":["i","u"],"alpha":1e-9}"#,
        r#"{"target":"u","features":["f","y"],"task":"regression","alpha":1e300}"#,
    ];
    let inputs = configs.iter().zip(9..);
    let inputs = inputs.map(|(config, rows)| (config, sample(rows)));
    let inputs: Vec<_> = inputs.collect();
    let states = inputs.iter().filter_map(|(config, data)| {
        let train = table(&COLUMNS, &mut Picks::of(data));
        let job = Job::<Config>::in_memory(config).expect("a sound config");
        let job = job.with_table("table", train.schema(), vec![train]);
        Trainer::fit(&job).ok().map(|fitted| fitted.step.save())
    });
    let states: Vec<_> = states.collect();
    assert!(states.len() > 3, "most of the seeds can be fitted");
    let configs = inputs.iter();
    configs
        .map(|(config, data)| [config.as_bytes(), b"\n", data].concat())
        .chain(states)
        .collect()
}
