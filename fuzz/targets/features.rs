//! The plugin `features`. A text that begins with `{` is a config: it is refused with problems that point into it, or it is fitted
//! on a small table, unless the data are such that it cannot; what was fitted scores that table. Other bytes are a state behind
//! its frame: it is refused, or it scores rows of nulls in words or values.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, new_null_array,
};
use arrow_schema::Schema;
use lockflight_features::{Config, Features, Trainer};
use lockflight_sdk::prelude::*;
use lockflight_sdk::testing;

fn table() -> RecordBatch {
    let columns: [(&str, ArrayRef); 6] = [
        (
            "i",
            Arc::new(Int64Array::from(vec![
                Some(1),
                None,
                Some(i64::MIN),
                Some(7),
            ])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![
                Some(0.5),
                Some(f64::NAN),
                None,
                Some(-1e300),
            ])),
        ),
        (
            "s",
            Arc::new(StringArray::from(vec![
                Some("6am"),
                Some("é"),
                None,
                Some("6am"),
            ])),
        ),
        (
            "b",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                None,
                Some(false),
                Some(true),
            ])),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![
                Some(0),
                Some(-1),
                None,
                Some(i32::MAX),
            ])),
        ),
        ("y", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .expect("a sound table")
}

/// Whether it is a config that fits the table, or a state.
pub fn run(data: &[u8]) -> bool {
    match std::str::from_utf8(data) {
        Ok(config) if config.starts_with('{') => run_config(config),
        _ => run_state(data),
    }
}

fn run_config(config: &str) -> bool {
    let table = table();
    let Ok(job) = Job::<Config>::in_memory(config) else {
        return false;
    };
    let job = job.with_table("table", table.schema(), vec![table.clone()]);
    match testing::fit::<Trainer>(&job) {
        Err(Failure::Config(problems)) => {
            let json: serde_json::Value = serde_json::from_str(config).expect("it was read before");
            for problem in problems {
                if let Place::Config(pointer) = &problem.place {
                    // A key that is missing has its place, too.
                    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
                    assert!(json.pointer(parent).is_some(), "{pointer} in {config}");
                }
            }
            false
        }
        Err(Failure::Data(_)) => true,
        Err(Failure::Internal(message)) => panic!("{message}"),
        Ok(fitted) => {
            testing::assert_row_wise(&fitted.step, &table);
            true
        }
    }
}

fn run_state(payload: &[u8]) -> bool {
    let Ok(step) = Features::load(payload) else {
        return false;
    };
    let again = Features::load(&step.save()).expect("a state that was loaded is saved");
    assert_eq!((step.takes(), step.gives()), (again.takes(), again.gives()));
    let fields = step.takes();
    let fields = fields
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let nulls = schema
        .fields()
        .iter()
        .map(|field| new_null_array(field.data_type(), 3));
    let options = RecordBatchOptions::new().with_row_count(Some(3));
    let rows = RecordBatch::try_new_with_options(schema.clone(), nulls.collect(), &options);
    if let Ok(columns) = step.score(&rows.expect("nulls of these types")) {
        assert_eq!(columns.len(), step.gives().fields().len());
        assert!(columns.iter().all(|column| column.len() == 3));
    }
    true
}

pub fn seeds() -> Vec<Vec<u8>> {
    let steps = [
        r#"{"derive":{"h":"hour_of(s)","m":"month(d) + i","q":"if(b, f, 0.5)"}}"#,
        r#"{"impute":{"columns":["f","i"],"with":"median","indicator":true}}"#,
        r#"{"impute":{"columns":["s","b","d"],"with":"most-frequent"}}"#,
        r#"{"impute":{"columns":["d"],"with":"constant","value":"2011-01-31"}}"#,
        r#"{"one-hot":["s","b"]}"#,
        r#"{"one-hot":{"columns":["s"],"categories":{"s":["6am","x"]},"unknown":"missing","max-categories":9}}"#,
        r#"{"ordinal":{"columns":["s","i"],"categories":{"i":[1,7]}}}"#,
        r#"{"target-mean":{"columns":["b"],"folds":0,"smoothing":0.5,"unknown":"error"}}"#,
        r#"{"target-mean":{"columns":["s"],"folds":2,"key":["f","i"]}}"#,
        r#"{"scale":{"columns":["i"],"with":"robust"}}"#,
        r#"{"bin":{"columns":["i"],"with":"width","bins":3}}"#,
        r#"{"bin":{"columns":["f"],"with":"edges","edges":[-1,0.5]}}"#,
        r#"{"derive":{"t":"i"}},{"drop":["i","t"]}"#,
    ];
    let configs = steps
        .iter()
        .map(|step| format!(r#"{{"target":"y","steps":[{step}]}}"#));
    let configs: Vec<String> = configs.collect();
    let states = configs.iter().filter_map(|config| {
        let job = Job::<Config>::in_memory(config).expect("a sound config");
        let job = job.with_table("table", table().schema(), vec![table()]);
        Trainer::fit(&job).ok().map(|fitted| fitted.step.save())
    });
    let states: Vec<_> = states.collect();
    configs
        .into_iter()
        .map(String::into_bytes)
        .chain(states)
        .collect()
}
