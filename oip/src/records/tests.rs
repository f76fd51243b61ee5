#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, Int8Array, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::*;
use crate::fault::ErrorKind;

const LIMITS: Limits = Limits {
    rows: 3,
    text_bytes: 20,
};

fn columns(fields: Vec<Field>) -> Columns {
    Columns::new(Arc::new(Schema::new(fields))).unwrap()
}

fn rides() -> Columns {
    columns(vec![
        Field::new("hr", DataType::Int8, false),
        Field::new("temp", DataType::Float64, true),
        Field::new("day", DataType::Utf8, true),
    ])
}

fn read(body: &str) -> Request {
    Request::read(body.as_bytes(), &rides(), &LIMITS).unwrap()
}

fn invalid(takes: &Columns, body: &str) -> String {
    let error = Request::read(body.as_bytes(), takes, &LIMITS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    error.to_string()
}

#[test]
fn rows_have_three_forms() {
    let row = r#"{"day": "Mon", "hr": 6, "z": {"hr": 1}, "a": [], "z": 1, "temp": 1}"#;
    let one = read(row);
    assert!(one.one);
    assert_eq!(one.ignored, ["a", "z"]);
    let expected: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![6])),
        Arc::new(Float64Array::from(vec![1.0])),
        Arc::new(StringArray::from(vec!["Mon"])),
    ];
    assert_eq!(one.rows.columns(), expected);
    assert_eq!(one.rows.schema_ref(), rides().schema());

    let list = read(&format!("[{row}]"));
    assert_eq!((&list.rows, list.one, &list.id), (&one.rows, false, &None));

    for body in [
        format!(r#"{{"id": "7", "rows": [{row}], "b": 1}}"#),
        format!(r#"{{"rows": [{row}], "b": 1, "id": "7"}}"#),
    ] {
        let envelope = read(&body);
        assert_eq!((&envelope.rows, envelope.one), (&one.rows, false));
        assert_eq!(envelope.id.as_deref(), Some("7"));
        assert_eq!(envelope.ignored, ["a", "b", "z"]);
    }
    assert_eq!(read("[]").rows.num_rows(), 0);
}

#[test]
fn an_id_alone_is_a_column_or_ignored() {
    assert_eq!(read(r#"{"id": 5, "hr": 6}"#).ignored, ["id"]);
    let takes = columns(vec![
        Field::new("id", DataType::Int8, true),
        Field::new("rows", DataType::Int8, true),
    ]);
    let request = Request::read(br#"{"id": 5, "rows": 6}"#, &takes, &LIMITS).unwrap();
    let values: Vec<i8> = request
        .rows
        .columns()
        .iter()
        .map(|column| {
            column
                .as_primitive::<arrow_array::types::Int8Type>()
                .value(0)
        })
        .collect();
    assert_eq!(values, [5, 6]);
    assert!(request.one && request.ignored.is_empty() && request.id.is_none());
    assert_eq!(
        invalid(&takes, r#"{"id": "x"}"#),
        "\"id\": found \"x\", wants a whole number from -128 to 127"
    );
    let in_a_list = Request::read(br#"[{"id": 5}]"#, &takes, &LIMITS).unwrap();
    assert!(in_a_list.rows.column(1).is_null(0));
}

#[test]
fn faults_name_row_and_key() {
    let takes = rides();
    for (body, said) in [
        (
            r#"[{"hr": 6}, {"temp": 1}]"#,
            "rows[1], \"hr\": is missing, and the column takes no nulls",
        ),
        (
            r#"{"rows": [{"hr": 6}, {}]}"#,
            "rows[1], \"hr\": is missing, and the column takes no nulls",
        ),
        (
            r#"[{"hr": "six"}]"#,
            "rows[0], \"hr\": found \"six\", wants a whole number from -128 to 127",
        ),
        (
            r#"[{"hr": 6}, {"hr": 6, "temp": true}]"#,
            "rows[1], \"temp\": found true, wants a number",
        ),
        (
            r#"[{"hr": 6, "day": 1}]"#,
            "rows[0], \"day\": found 1, wants text",
        ),
        (
            r#"[{"hr": 6, "day": [1]}]"#,
            "rows[0], \"day\": found a list, wants text",
        ),
        (
            r#"[{"hr": 6, "hr": 6}]"#,
            "rows[0], \"hr\": the key is there twice",
        ),
        (r#"[{"hr": 1e999}]"#, "rows[0], \"hr\": number out of range"),
        (
            r#"[5]"#,
            "rows[0]: found 5, wants an object with a key per column",
        ),
        (
            r#"{"hr": null}"#,
            "\"hr\": found null, wants a whole number from -128 to 127",
        ),
        (
            r#"{"hr": 6.0}"#,
            "\"hr\": found 6.0, wants a whole number from -128 to 127",
        ),
        (r#"{"hr": 6, "hr": 7}"#, "\"hr\": the key is there twice"),
        (r#"{}"#, "\"hr\": is missing, and the column takes no nulls"),
        (r#"{"rows": 5}"#, "\"rows\": found 5, wants a list of rows"),
        (r#"{"rows": [], "rows": []}"#, "duplicate field `rows`"),
        (
            r#"{"rows": [], "id": 5}"#,
            "\"id\": found 5, wants a string",
        ),
        (
            r#"{"rows": [], "hr": 5}"#,
            "there are columns beside \"rows\"; a row's values belong into an object of the list",
        ),
        (
            r#"{"hr": 5, "rows": []}"#,
            "there are columns beside \"rows\"; a row's values belong into an object of the list",
        ),
        (
            r#"5"#,
            "found 5, wants a list of rows, {\"rows\": […]}, or one row as an object with a key per column",
        ),
    ] {
        assert_eq!(invalid(&takes, body), said, "{body}");
    }
}

#[test]
fn lists_are_values() {
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let takes = columns(vec![Field::new(
        "v",
        DataType::FixedSizeList(item, 2),
        true,
    )]);
    let body = br#"[{"v": [1, 0.1]}, {"v": null}, {"v": [null, null]}]"#;
    let request = Request::read(body, &takes, &LIMITS).unwrap();
    let column = request.rows.column(0).as_fixed_size_list();
    assert!(column.is_valid(0) && column.is_null(1) && column.is_valid(2));
    assert_eq!(column.value(2).null_count(), 2);
    for (value, said) in [
        ("1", "found 1, wants a list of 2 numbers"),
        ("1.5", "found 1.5, wants a list of 2 numbers"),
        ("[1]", "found a list of 1, wants one of 2"),
        ("[1,2,3]", "found a list of more, wants one of 2"),
        ("[1,[2]]", "found [2], wants a 32-bit floating point number"),
    ] {
        assert_eq!(
            invalid(&takes, &format!("{{\"v\":{value}}}")),
            format!("\"v\": {said}")
        );
    }
}

#[test]
fn limits_and_malformed_bodies() {
    let kind = |body: &str| {
        Request::read(body.as_bytes(), &rides(), &LIMITS)
            .unwrap_err()
            .kind()
    };
    assert_eq!(
        kind(r#"[{"hr":1},{"hr":1},{"hr":1},{"hr":1}]"#),
        ErrorKind::TooLarge
    );
    assert_eq!(
        kind(r#"[{"hr":1,"day":"0123456789"},{"hr":1,"day":"0123456789a"}]"#),
        ErrorKind::TooLarge
    );
    assert_eq!(kind(r#"[{"hr":1}"#), ErrorKind::Malformed);
    assert_eq!(kind(r#"[{"hr":NaN}]"#), ErrorKind::Malformed);
    assert_eq!(kind(r#"[{"hr":1}] x"#), ErrorKind::Malformed);
    assert_eq!(
        kind(&format!(r#"{{"hr":{}"#, "[".repeat(100_000))),
        ErrorKind::Invalid
    );
    let deep = format!(
        r#"{{"hr":1,"x":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(read(&deep).ignored, ["x"]);
}

#[test]
fn rows_of_many_requests_lie_behind_each_other() {
    let takes = rides();
    let mut gathered = Gathered::new(&takes, 2);
    let mut read = |body: &str| gathered.read(body.as_bytes(), &LIMITS);
    assert_eq!(read(r#"{"hr": 6, "day": "Mon"}"#).unwrap().rows, 0..1);
    // What is wrong is in the request's own row 1, whose text was read before.
    let refused = read(r#"[{"hr": 7, "day": "x"}, {"day": "y", "hr": "eight"}]"#);
    assert!(
        refused
            .unwrap_err()
            .message()
            .starts_with("rows[1], \"hr\": found")
    );
    let rows = r#"{"id": "9", "rows": [{"hr": 8, "z": 1}, {"hr": 9, "day": "Tue"}]}"#;
    let second = read(rows).unwrap();
    assert_eq!((second.rows, second.id.as_deref()), (1..3, Some("9")));
    assert_eq!(second.ignored, ["z"]);
    // Limits are those of each request: of text too, which is counted over all.
    let long = r#"{"hr": 1, "day": "01234567890123456789"}"#;
    assert_eq!(read(long).unwrap().rows, 3..4);
    assert_eq!(read(long).unwrap().rows, 4..5);
    assert_eq!(
        read(&long.replace("9\"", "9a\"")).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    let rows = gathered.finish();
    let hours: &Int8Array = rows.column(0).as_primitive();
    assert_eq!(hours.values(), &[6, 8, 9, 1, 1]);
    let days: Vec<_> = rows.column(2).as_string::<i32>().iter().collect();
    assert_eq!(days[..3], [Some("Mon"), None, Some("Tue")]);
}

#[test]
fn answers_are_objects_also_of_one_column() {
    let cnt: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.5), None]));
    let scored = RecordBatch::try_from_iter([("cnt", cnt)]).unwrap();
    let model = Model {
        name: "rides",
        version: "3",
        package: "sha256:1",
    };
    let mut request = read(r#"[{"hr": 6}, {"hr": 7, "x": 1}]"#);
    let written = write(&model, &request, Some("given"), &scored, 0..2).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        r#"{"model":"rides","version":"3","package":"sha256:1","id":"given","predictions":[{"cnt":1.5},{"cnt":null}],"ignored":["x"]}"#
    );
    request.ignored.clear();
    let written = write(&model, &request, None, &scored, 0..2).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        r#"{"model":"rides","version":"3","package":"sha256:1","predictions":[{"cnt":1.5},{"cnt":null}]}"#
    );
}
