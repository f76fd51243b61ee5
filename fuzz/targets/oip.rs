//! Request bodies: whatever arrives is taken or refused with a sentence; what is taken is written and read again as the same rows.
use std::sync::{Arc, LazyLock};

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use lockflight_oip::{Columns, Limits, RequestError, infer, records};

const LIMITS: Limits = Limits {
    rows: 1000,
    text_bytes: 10_000,
};

static TAKES: LazyLock<Columns> = LazyLock::new(|| {
    // The item takes no nulls: in flat tensors a list of nothing but nulls is a missing one.
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    let zone = Some("+02:00".into());
    let fields = [
        ("b", DataType::Boolean),
        ("i", DataType::Int8),
        ("w", DataType::Int64),
        ("u", DataType::UInt64),
        ("f", DataType::Float32),
        ("d", DataType::Float64),
        ("t", DataType::Utf8),
        ("x", DataType::Binary),
        ("day", DataType::Date32),
        ("at", DataType::Timestamp(TimeUnit::Nanosecond, None)),
        ("s", DataType::Timestamp(TimeUnit::Second, zone)),
        ("v", DataType::FixedSizeList(item, 2)),
    ];
    let fields = fields.map(|(name, data_type)| Field::new(name, data_type, name != "i"));
    Columns::new(Arc::new(Schema::new(fields.to_vec()))).expect("all of them are known")
});

fn said(error: &RequestError) {
    assert!(!error.message().is_empty() && error.message().len() < 5000);
}

fn whole(rows: &RecordBatch) {
    for column in rows.columns() {
        let valid = column.to_data().validate_full();
        valid.expect("the column is valid");
    }
    assert!(rows.num_rows() <= LIMITS.rows);
    assert_eq!(rows.schema_ref(), TAKES.schema());
}

fn tensors(data: &[u8]) -> bool {
    let request = match infer::Request::read(data, &TAKES, &LIMITS) {
        Ok(request) => request,
        Err(error) => {
            said(&error);
            return false;
        }
    };
    whole(&request.rows);
    let all = infer::Request {
        outputs: None,
        ..request
    };
    same_tensors(&all);
    true
}

fn same_tensors(request: &infer::Request) {
    let model = infer::Model {
        name: "m",
        version: "1",
    };
    let written = infer::write(&model, request, None, &request.rows, None).expect("known types");
    let text = String::from_utf8(written).expect("JSON is text");
    let text = text.replacen("\"outputs\":", "\"inputs\":", 1);
    let again = read_again(infer::Request::read(text.as_bytes(), &TAKES, &LIMITS));
    let Some(again) = again else { return };
    assert_eq!(&again, request);
}

/// What is written may be a little longer than what was read, and then beyond the limits.
fn read_again<T>(read: Result<T, RequestError>) -> Option<T> {
    match read {
        Err(error) if error.kind() == lockflight_oip::ErrorKind::TooLarge => None,
        read => Some(read.expect("what is written is read")),
    }
}

fn rows(data: &[u8]) -> bool {
    let request = match records::Request::read(data, &TAKES, &LIMITS) {
        Ok(request) => request,
        Err(error) => {
            said(&error);
            return false;
        }
    };
    whole(&request.rows);
    assert!(!request.one || request.rows.num_rows() == 1);
    let model = records::Model {
        name: "m",
        version: "1",
        package: "p",
    };
    let all = 0..request.rows.num_rows();
    let written = records::write(&model, &request, None, &request.rows, all).expect("known types");
    let text = String::from_utf8(written).expect("JSON is text");
    let text = text.replacen("\"predictions\":", "\"rows\":", 1);
    if let Some(again) = read_again(records::Request::read(text.as_bytes(), &TAKES, &LIMITS)) {
        assert_eq!(again.rows, request.rows);
        assert_eq!(again.id, request.id);
    }
    same_tensors(&infer::Request {
        id: request.id,
        rows: request.rows,
        outputs: None,
    });
    true
}

/// Whether either form of request takes it.
pub fn run(data: &[u8]) -> bool {
    // Both, whatever the first says.
    tensors(data) | rows(data)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let row = r#"{"b": true, "i": -128, "w": -9223372036854775808, "u": 18446744073709551615, "f": 7.038531e-26, "d": -0.0, "t": "\u00e9\n", "x": "AP8=", "day": "2024-02-29", "at": "2024-02-29 13:45:00.000000001", "s": "2024-02-29T13:45:00+02:00", "v": [1, 2.5]}"#;
    let tensor = |name: &str, datatype: &str, data: &str| {
        format!(r#"{{"name":"{name}","shape":[2],"datatype":"{datatype}","data":{data}}}"#)
    };
    let inputs = [
        tensor("b", "BOOL", "[true,null]"),
        tensor("i", "INT64", "[[1],[-0]]"),
        tensor("w", "FP64", "[1.0,null]"),
        tensor("u", "UINT64", "[0,1]"),
        tensor("f", "FP32", "[0.1,1e38]"),
        tensor("d", "FP32", "[0.1,null]"),
        tensor("t", "BYTES", r#"["a",null]"#),
        tensor("x", "BYTES", r#"["Zm9v",""]"#),
        tensor("day", "BYTES", r#"["-0044-03-15","+12345-01-01"]"#),
        r#"{"data":["1970-01-01T00:00:00Z",null],"datatype":"BYTES","shape":[2,1],"name":"at","parameters":{"content_type":"datetime"}}"#.to_owned(),
        tensor("s", "BYTES", r#"[null,"0000-01-01 00:00:00"]"#),
        tensor("v", "FP32", "[[1,2],[3,4]]").replace("[2]", "[2,2]"),
    ]
    .join(",");
    [
        row.to_owned(),
        format!("[{row}, {{\"i\": 1, \"z\": {{}}}}]"),
        format!(r#"{{"id": "7", "rows": [{row}, {{"v": null, "i": 0}}], "z": [null]}}"#),
        format!(r#"{{"id":"7","inputs":[{inputs}],"outputs":[{{"name":"b"}}]}}"#),
    ]
    .map(Vec::from)
    .into()
}
