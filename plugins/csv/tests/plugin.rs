//! The plugin as a stage sees it: config and file in, ports, tables and messages out.
#![allow(clippy::unwrap_used, missing_docs)]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampSecondType,
};
use lockflight_csv::{Config, Csv};
use lockflight_sdk::prelude::*;
use lockflight_sdk::{PortKind, type_name};

fn job(config: &str, file: &str) -> Job<Config> {
    Job::in_memory(config)
        .unwrap()
        .with_blob("file", file.as_bytes())
}

fn outputs(job: &Job<Config>) -> Vec<RecordBatch> {
    let outputs = Csv::run(job).unwrap();
    let batches = outputs.iter().map(|output| match &output.content {
        Content::Table(table) => match table.written() {
            [] => RecordBatch::new_empty(table.schema().clone()),
            [batch] => batch.clone(),
            more => panic!("{} batches", more.len()),
        },
        Content::Blob(_) => panic!("{} is a blob", output.name),
    });
    batches.collect()
}

fn table(config: &str, file: &str) -> RecordBatch {
    outputs(&job(config, file)).remove(0)
}

fn data_failure(config: &str, file: &str) -> String {
    match Csv::run(&job(config, file)).unwrap_err() {
        Failure::Data(message) => message,
        other => panic!("{other:?}"),
    }
}

/// Place, message and help of every problem.
fn problems(config: &str, file: &str) -> Vec<String> {
    let problems = match Job::<Config>::in_memory(config) {
        Ok(job) => Csv::check(&job.with_blob("file", file.as_bytes())).unwrap_err(),
        Err(problems) => problems,
    };
    let lines = problems.0.into_iter().map(|problem| {
        let place = match problem.place {
            Place::Config(pointer) => pointer,
            Place::Input(name) => name,
            other => format!("{other:?}"),
        };
        format!(
            "{place}: {}; {}",
            problem.message,
            problem.help.unwrap_or_default()
        )
    });
    lines.collect()
}

const PENGUINS: &str =
    "species,mass,year,seen\nAdelie,3750,2007,2007-11-11\nGentoo,NA,2008,2008-01-02\n";

#[test]
fn types_are_inferred_and_declared() {
    let config = r#"{"nulls":["NA"],"columns":{"year":"int32"}}"#;
    let ports = Csv::check(&job(config, PENGUINS)).unwrap();
    assert_eq!(ports.len(), 1);
    let schema = ports[0].schema.clone().unwrap();
    let types: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| type_name(field.data_type()))
        .collect();
    assert_eq!(types, ["text", "int64", "int32", "date"]);
    let table = table(config, PENGUINS);
    assert_eq!(table.schema(), schema);
    assert_eq!(table["species"].as_string::<i32>().value(1), "Gentoo");
    assert!(table["mass"].is_null(1));
    assert_eq!(table["mass"].as_primitive::<Int64Type>().value(0), 3750);
    assert_eq!(table["year"].as_primitive::<Int32Type>().value(1), 2008);
    assert_eq!(table["seen"].as_primitive::<Date32Type>().value(1), 13_880);
}

#[test]
fn times_have_formats_and_zones() {
    let config = r#"{"columns":{"at":{"type":"timestamp[s]","format":"%d.%m.%Y %H:%M","zone":"+01:00"},
        "day":{"type":"timestamp[s]","format":"%Y-%m-%d","zone":"UTC"}}}"#;
    let table = table(config, "at,day\n01.01.1970 01:30,1970-01-02\n");
    assert_eq!(
        table["at"].as_primitive::<TimestampSecondType>().value(0),
        1800
    );
    assert_eq!(type_name(table["at"].data_type()), "timestamp[s, +01:00]");
    assert_eq!(
        table["day"].as_primitive::<TimestampSecondType>().value(0),
        86_400
    );
}

#[test]
fn inferred_times_are_read_as_they_were_inferred() {
    let table = table(
        "{}",
        "local,zoned\n1970-01-01 00:01,1970-01-01T02:00:01+02:00\n",
    );
    assert_eq!(type_name(table["local"].data_type()), "timestamp[us]");
    assert_eq!(type_name(table["zoned"].data_type()), "timestamp[us, UTC]");
    let micros = |name: &str| {
        table[name]
            .as_primitive::<TimestampMicrosecondType>()
            .value(0)
    };
    assert_eq!((micros("local"), micros("zoned")), (60_000_000, 1_000_000));
}

#[test]
fn dialects_are_read() {
    let config = r#"{"delimiter":";","quote":"'","escape":"\\","double-quote":false,"comment":"%","trim":true,
        "decimal":",","skip-rows":1,"header":false,"names":["a","b"]}"#;
    let table = table(config, "title line\n% note\n 1,5 ;'it\\'s; fine'\n");
    assert_eq!(table["a"].as_primitive::<Float64Type>().value(0), 1.5);
    assert_eq!(table["b"].as_string::<i32>().value(0), "it's; fine");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let table = table("{}", "\u{feff}id\n1\n");
    assert_eq!(table.schema().field(0).name(), "id");
    assert!(problems("{}", "")[0].contains("no rows, not even a header"));
    assert_eq!(table.num_rows(), 1);
    let job = Job::<Config>::in_memory("{}")
        .unwrap()
        .with_blob("file", b"\xff\xfei\0d\0");
    assert!(
        Csv::check(&job).unwrap_err().0[0]
            .message
            .contains("UTF-16")
    );
}

#[test]
fn a_bad_row_fails_with_file_line_and_column() {
    let file = "id,note\n1,\"two\nlines\"\nx,y\n";
    let config = r#"{"columns":{"id":"int8"}}"#;
    assert_eq!(
        data_failure(config, file),
        "file: line 4, column \"id\": \"x\" is not int8"
    );
    let file = "id,note\r\n1,\"two\r\nlines\"\r\n2\r\n";
    assert_eq!(
        data_failure("{}", file),
        "file: line 4: the row has 1 field instead of 2"
    );
    let file = "id\n1\n300\n";
    assert!(
        data_failure(config, file).starts_with("file: line 3, column \"id\": \"300\" is not int8")
    );
    let strict = r#"{"columns":{"id":{"type":"text","nullable":false}}}"#;
    assert!(data_failure(strict, "id,b\n,1\n").contains("without nulls"));
}

#[test]
fn the_first_bad_row_is_reported_whatever_is_wrong_with_it() {
    let file = "a,b\n1,1\n2,x\n3\ny,4\n";
    let config = r#"{"columns":{"a":"int64","b":"int64"}}"#;
    assert!(data_failure(config, file).starts_with("file: line 3, column \"b\""));
}

#[test]
fn a_value_beyond_the_inferred_rows_says_so() {
    let message = data_failure(r#"{"infer-rows":1}"#, "id\n1\nx\n");
    assert!(
        message.contains("inferred from the first 1 rows"),
        "{message}"
    );
}

#[test]
fn rejects_keep_line_column_reason_and_text() {
    let config = r#"{"bad-rows":"reject","columns":{"a":"int64","b":"int64"}}"#;
    let file = "a,b\n1,1\n2,x\n3\ny,z\n5,5\n";
    let ports = Csv::check(&job(config, file)).unwrap();
    assert_eq!(ports[1].name, "rejects");
    let outputs = outputs(&job(config, file));
    assert_eq!(
        outputs[0]["a"].as_primitive::<Int64Type>().values(),
        &[1, 5]
    );
    assert_eq!(
        outputs[0]["b"].as_primitive::<Int64Type>().values(),
        &[1, 5]
    );
    let rejects = &outputs[1];
    assert_eq!(Some(rejects.schema()), ports[1].schema);
    let text = |name: &str, row| rejects[name].as_string::<i32>().value(row).to_owned();
    assert_eq!(
        rejects["line"]
            .as_primitive::<arrow_array::types::UInt64Type>()
            .values(),
        &[3, 4, 5]
    );
    assert_eq!(text("column", 0), "b");
    assert!(rejects["column"].is_null(1));
    assert_eq!(text("text", 1), "3");
    assert_eq!(
        text("reason", 2),
        "a: \"y\" is not int64; b: \"z\" is not int64"
    );
}

#[test]
fn too_many_rejects_are_a_failure() {
    let config = r#"{"bad-rows":"reject","max-rejects":1,"columns":{"a":"int64"}}"#;
    assert_eq!(outputs(&job(config, "a,b\nx,1\n2,2\n"))[1].num_rows(), 1);
    let message = data_failure(config, "a,b\nx,1\ny,2\n");
    assert!(
        message.starts_with("more than 1 rows do not fit"),
        "{message}"
    );
}

#[test]
fn problems_point_into_the_config() {
    assert_eq!(
        problems(r#"{"columns":{"specis":"text","mass":"itn64"}}"#, PENGUINS),
        ["/columns/mass: there is no type \"itn64\"; did you mean \"int64\"?; "]
    );
    assert_eq!(
        problems(r#"{"columns":{"specis":"text"}}"#, PENGUINS),
        ["/columns/specis: there is no column \"specis\"; did you mean \"species\"?"]
    );
    let both = problems(
        r#"{"columns":{"mass":{"type":"int64","format":"%d"},"year":{"type":"date","zone":"UTC"}}}"#,
        PENGUINS,
    );
    assert!(both[0].starts_with("/columns/mass/format: "), "{both:?}");
    assert!(both[1].starts_with("/columns/year/zone: "), "{both:?}");
    assert!(problems(r#"{"delimeter":";"}"#, PENGUINS)[0].contains("did you mean \"delimiter\"?"));
    assert!(problems(r#"{"delimiter":";;"}"#, PENGUINS)[0].starts_with("/delimiter: "));
    assert!(
        problems(r#"{"columns":{"year":{"typ":"date"}}}"#, PENGUINS)[0]
            .starts_with("/columns/year/typ: ")
    );
    assert!(problems(r#"{"names":["a"]}"#, PENGUINS)[0].starts_with("/names: 1 names for the 4"));
    let undeclared = problems(
        r#"{"strict-columns":true,"columns":{"year":"int32"}}"#,
        PENGUINS,
    );
    assert_eq!(undeclared.len(), 3);
}

#[test]
fn a_header_needs_distinct_names() {
    let found = problems("{}", "id,,id\n1,2,3\n");
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("file: line 1: column 2 of the header has no name"));
    assert!(found[1].starts_with("file: line 1: columns 1 and 3 are both named \"id\""));
}

#[test]
fn the_schema_of_a_file_to_come_is_known_when_it_is_declared() {
    let pending = |config| {
        let job = Job::<Config>::in_memory(config)
            .unwrap()
            .with_pending(Port::blob("file"));
        Csv::check(&job).unwrap().remove(0).schema
    };
    assert!(pending("{}").is_none());
    let schema = pending(r#"{"names":["a"],"columns":{"a":"date"}}"#).unwrap();
    assert_eq!(type_name(schema.field(0).data_type()), "date");
}

#[test]
fn one_file_is_needed() {
    let none = Job::<Config>::in_memory("{}").unwrap();
    assert!(
        Csv::check(&none).unwrap_err().0[0]
            .message
            .contains("needs a file")
    );
    assert!(none.only(PortKind::Blob).is_err());
}

#[test]
fn many_rows_come_in_whole_batches() {
    let rows = 200_000;
    let file: String = "n,t\n"
        .chars()
        .chain(
            (0..rows)
                .flat_map(|i| format!("{i},t{i}\n").into_bytes())
                .map(char::from),
        )
        .collect();
    let outputs = Csv::run(&job("{}", &file)).unwrap();
    let Content::Table(table) = &outputs[0].content else {
        panic!()
    };
    assert_eq!(table.rows(), rows);
    let mut next = 0;
    for batch in table.written() {
        for n in batch.i64("n").unwrap().iter() {
            assert_eq!(n, Some(next));
            next += 1;
        }
    }
}
