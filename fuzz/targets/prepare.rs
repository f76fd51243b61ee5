//! The plugin `prepare`. The first line of an input is the config, which is refused with problems that point into it, or holds; what
//! is behind the line becomes three small tables. What `check` promised is what `run` gives, however the tables are cut into
//! batches, or it refuses the data in words.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, TimeUnit};
use arrow_select::concat::concat_batches;
use lockflight_prepare::{Config, Prepare};
use lockflight_sdk::prelude::*;

use super::rows::{Picks, cut, sample, table};

/// Each join may give as many rows as the product of its inputs.
const MOST_JOINS: usize = 4;

/// The type of a column that is not compared.
fn vector() -> DataType {
    let item = Field::new("item", DataType::Float32, false);
    DataType::FixedSizeList(Arc::new(item), 2)
}

fn columns() -> Vec<(&'static str, DataType)> {
    let zoned = DataType::Timestamp(TimeUnit::Millisecond, Some("+02:00".into()));
    vec![
        ("i", DataType::Int64),
        ("f", DataType::Float64),
        ("s", DataType::Utf8),
        ("b", DataType::Boolean),
        ("d", DataType::Date32),
        ("t", zoned),
        ("u", DataType::UInt64),
        ("g", DataType::Float32),
        ("x", DataType::Binary),
        ("v", vector()),
    ]
}

/// The inputs by name: one to begin with, one with the same columns in another order, and one whose keys are of other widths.
fn inputs(data: &[u8]) -> [(&'static str, RecordBatch); 3] {
    let mut picks = Picks::of(data);
    let left = columns();
    let same: Vec<_> = left.iter().rev().cloned().collect();
    let right = [
        ("i", DataType::UInt64),
        ("f", DataType::Float32),
        ("s", DataType::Utf8),
        ("n", DataType::Int8),
        ("w", vector()),
    ];
    [
        ("left", table(&left, &mut picks)),
        ("right", table(&right, &mut picks)),
        ("same", table(&same, &mut picks)),
    ]
}

/// Whether it is a config that fits the tables.
pub fn run(data: &[u8]) -> bool {
    let end = data
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(data.len());
    let (config, data) = data.split_at(end);
    let Ok(config) = std::str::from_utf8(config) else {
        return false;
    };
    let Ok(job) = Job::<Config>::in_memory(config) else {
        return false;
    };
    let joins = job.config.steps.iter().filter(|step| step.join.is_some());
    if joins.count() > MOST_JOINS {
        return false;
    }
    let data = data.get(1..).unwrap_or_default();
    let inputs = inputs(data);
    let mut picks = Picks::of(data);
    let (mut whole, mut parts, mut unknown) = (job.clone(), job.clone(), job);
    for (name, table) in &inputs {
        whole = whole.with_table(name, table.schema(), vec![table.clone()]);
        parts = parts.with_table(name, table.schema(), cut(table, &mut picks));
        unknown = unknown.with_pending(Port::open_table(*name));
    }
    let early = Prepare::check(&unknown);
    match Prepare::check(&whole) {
        Err(problems) => {
            within(&problems, config);
            false
        }
        Ok(ports) => {
            let early = early.expect("what fits the tables fits before they are known");
            let names = |ports: &[Port]| ports.iter().map(|port| port.name.clone()).collect();
            let (early, known): (Vec<_>, Vec<_>) = (names(&early), names(&ports));
            assert_eq!(early, known);
            assert_eq!(rows(&whole, &ports), rows(&parts, &ports), "{config}");
            true
        }
    }
}

/// A problem of the config is at a value that is there, or at a key that is missing from one.
fn within(problems: &Problems, config: &str) {
    assert!(!problems.0.is_empty());
    let json: serde_json::Value = serde_json::from_str(config).expect("it was read before");
    for problem in &problems.0 {
        if let Place::Config(pointer) = &problem.place {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(json.pointer(parent).is_some(), "{pointer} in {config}");
        }
    }
}

/// What comes out, as promised; or what is wrong with the data.
fn rows(job: &Job<Config>, ports: &[Port]) -> Result<Vec<RecordBatch>, String> {
    let outputs = match Prepare::run(job) {
        Ok(outputs) => outputs,
        Err(Failure::Data(message)) => {
            assert!(!message.is_empty());
            return Err(message);
        }
        Err(other) => panic!("check found no problem, and run says {other:?}"),
    };
    assert_eq!(outputs.len(), ports.len());
    let checked = outputs.into_iter().zip(ports).map(|(output, port)| {
        assert_eq!(output.name, port.name);
        let Content::Table(table) = output.content else {
            panic!("{} is no table", output.name)
        };
        let schema = port.schema.as_ref().expect("the inputs are known");
        assert_eq!(table.schema(), schema, "check promised another schema");
        let rows = concat_batches(schema, table.written()).expect("batches of the schema");
        assert_eq!(table.rows(), rows.num_rows() as u64);
        for (column, field) in rows.columns().iter().zip(schema.fields()) {
            let data = column.to_data();
            data.validate_full().expect("rows are valid");
            assert!(field.is_nullable() || column.null_count() == 0);
        }
        rows
    });
    Ok(checked.collect())
}

pub fn seeds() -> Vec<Vec<u8>> {
    let configs = [
        r#"{"from":"left"}"#,
        r#"{"from":"left","steps":[{"select":["s","i","f"]},{"rename":{"s":"i","i":"s"}},{"drop":["f"]}]}"#,
        r#"{"from":"left","steps":[{"derive":{"h":"hour_of(s)","f":"f * 2 + i","o":"month(d)"}},{"filter":"f > 0 or b"}]}"#,
        r#"{"from":"left","steps":[{"join":"right","on":["i"],"suffix":"_r"}]}"#,
        r#"{"from":"left","steps":[{"join":"right","on":{"s":"s","g":"f"},"how":"left","suffix":"2"}]}"#,
        r#"{"from":"left","steps":[{"join":"right","on":{"u":"n"},"how":"semi"},{"join":"same","on":["x","t"],"how":"anti"}]}"#,
        r#"{"from":"right","steps":[{"sort":["-s","f","i"]},{"limit":5}]}"#,
        r#"{"from":"left","steps":[{"sort":["t","-x","b"]},{"drop":["v"]},{"deduplicate":[]}]}"#,
        r#"{"from":"left","steps":[{"deduplicate":["s","b"],"keep":"last"},{"union":["same","left"]}]}"#,
        r#"{"from":"left","steps":[{"group":["s","t"],"aggregate":{"n":"count()","k":"count_distinct(i)","m":"sum(f) / count()","w":"max(x)"}}]}"#,
        r#"{"from":"left","steps":[{"group":["b","g"],"aggregate":{"a":"mean(i)","c":"median(f)","e":"std(u)","h":"first(t)","l":"last(s)","q":"sum(b)"}}]}"#,
        r#"{"from":"same","steps":[{"aggregate":{"n":"count(i) + 1","z":"min(d)","y":"sum(u)"}}],"allow-empty":false}"#,
        r#"{"from":"left","split":[{"train":"i < 3"},{"test":"s = 'a'"},{"rest":true}]}"#,
        r#"{"from":"left","split":[{"a":"f > 1"},{"b":"d > date('1970-02-01')"}],"allow-empty":false}"#,
        r#"{"from":"left","split":{"fractions":{"train":0.7,"test":0.3}}}"#,
        r#"{"from":"left","split":{"fractions":{"a":0.5,"b":0.25,"c":0.25},"hash":["s","t","u","g","x","f","b"],"salt":"z"}}"#,
    ];
    let sizes = (0..).map(|number| 15 - number % 4);
    let seeds = configs.iter().zip(sizes);
    seeds
        .map(|(config, rows)| [config.as_bytes(), b"\n", &sample(rows)].concat())
        .chain([[configs[11].as_bytes(), b"\n\0\0\0\0\0"].concat()])
        .collect()
}
