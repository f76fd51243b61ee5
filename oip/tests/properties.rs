//! Whatever rows there are: written and read again they are the same, bit for bit, in both forms of request.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, Float32Array, PrimitiveArray,
    RecordBatch, StringArray,
};
use arrow_schema::{Field, Schema};
use lockflight_oip::{Columns, Limits, infer, records};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

const LIMITS: Limits = Limits {
    rows: 100,
    text_bytes: 1 << 20,
};
const WIDTH: i32 = 3;

type Column = BoxedStrategy<ArrayRef>;

fn primitive<T: ArrowPrimitiveType>(rows: usize, zone: Option<&'static str>) -> Column
where
    T::Native: Arbitrary,
{
    let values = vec(option::of(any::<T::Native>()), rows);
    let array = values.prop_map(move |values| {
        let array: PrimitiveArray<T> = values.into_iter().collect();
        let data_type = match (zone, array.data_type()) {
            (Some(zone), arrow_schema::DataType::Timestamp(unit, _)) => {
                arrow_schema::DataType::Timestamp(*unit, Some(zone.into()))
            }
            (_, plain) => plain.clone(),
        };
        Arc::new(array.with_data_type(data_type)) as ArrayRef
    });
    array.boxed()
}

fn single() -> impl Strategy<Value = f32> {
    any::<u32>()
        .prop_map(f32::from_bits)
        .prop_filter("JSON has no others", |value| value.is_finite())
}

fn double() -> impl Strategy<Value = f64> {
    any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("JSON has no others", |value| value.is_finite())
}

fn column<T: 'static + std::fmt::Debug, A: Array + From<Vec<Option<T>>> + 'static>(
    value: impl Strategy<Value = T> + 'static,
    rows: usize,
) -> Column {
    let values = vec(option::of(value), rows);
    values
        .prop_map(|values| Arc::new(A::from(values)) as ArrayRef)
        .boxed()
}

fn lists(rows: usize) -> Column {
    vec(option::of([single(), single(), single()]), rows)
        .prop_map(|lists| {
            let valid: Vec<bool> = lists.iter().map(Option::is_some).collect();
            let values = lists.into_iter().flat_map(Option::unwrap_or_default);
            let values = Float32Array::from_iter_values(values);
            let item = Arc::new(Field::new("item", values.data_type().clone(), false));
            let list = FixedSizeListArray::new(item, WIDTH, Arc::new(values), Some(valid.into()));
            Arc::new(list) as ArrayRef
        })
        .boxed()
}

fn columns(rows: usize) -> Vec<Column> {
    let binary = vec(option::of(vec(any::<u8>(), 0..9)), rows);
    let binary = binary.prop_map(|values| Arc::new(BinaryArray::from_iter(values)) as ArrayRef);
    vec![
        column::<bool, BooleanArray>(any::<bool>(), rows),
        primitive::<Int8Type>(rows, None),
        primitive::<Int16Type>(rows, None),
        primitive::<Int32Type>(rows, None),
        primitive::<Int64Type>(rows, None),
        primitive::<UInt8Type>(rows, None),
        primitive::<UInt16Type>(rows, None),
        primitive::<UInt32Type>(rows, None),
        primitive::<UInt64Type>(rows, None),
        column::<f32, PrimitiveArray<Float32Type>>(single(), rows),
        column::<f64, PrimitiveArray<Float64Type>>(double(), rows),
        column::<String, StringArray>(any::<String>(), rows),
        binary.boxed(),
        primitive::<Date32Type>(rows, None),
        primitive::<TimestampSecondType>(rows, None),
        primitive::<TimestampMillisecondType>(rows, Some("UTC")),
        primitive::<TimestampMicrosecondType>(rows, None),
        primitive::<TimestampNanosecondType>(rows, Some("Europe/Berlin")),
        lists(rows),
    ]
}

/// Columns `c0`, `c1`, …, nullable when they have a null.
fn batch() -> impl Strategy<Value = RecordBatch> {
    (0..6usize).prop_flat_map(columns).prop_map(|arrays| {
        let fields = arrays.iter().enumerate().map(|(number, array)| {
            let nullable = array.null_count() > 0;
            Field::new(format!("c{number}"), array.data_type().clone(), nullable)
        });
        let schema = Schema::new(fields.collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), arrays).unwrap()
    })
}

/// Equal also in the sign of zero.
fn same(read: &RecordBatch, rows: &RecordBatch) {
    assert_eq!(read, rows);
    for (read, array) in read.columns().iter().zip(rows.columns()) {
        read.to_data().validate_full().unwrap();
        let (Some(read), Some(array)) = (
            read.as_primitive_opt::<Float32Type>(),
            array.as_primitive_opt::<Float32Type>(),
        ) else {
            continue;
        };
        let bits = |array: &Float32Array| -> Vec<Option<u32>> {
            array.iter().map(|value| value.map(f32::to_bits)).collect()
        };
        assert_eq!(bits(read), bits(array));
    }
}

fn takes(rows: &RecordBatch) -> Columns {
    Columns::new(rows.schema()).unwrap()
}

/// The answer that would give these rows.
fn predictions(rows: &RecordBatch) -> Vec<u8> {
    let request = records::Request {
        id: None,
        rows: rows.clone(),
        ignored: Vec::new(),
        one: false,
    };
    let model = records::Model {
        name: "m",
        version: "1",
        package: "p",
    };
    records::write(&model, &request, Some("7"), rows, 0..rows.num_rows()).unwrap()
}

fn response(rows: &RecordBatch) -> Vec<u8> {
    let request = infer::Request {
        id: None,
        rows: rows.clone(),
        outputs: None,
    };
    let model = infer::Model {
        name: "m",
        version: "1",
    };
    infer::write(&model, &request, Some("7"), rows, None).unwrap()
}

fn renamed(body: Vec<u8>, from: &str, to: &str) -> String {
    let text = String::from_utf8(body).unwrap();
    text.replacen(from, to, 1)
}

/// A tensor as a client would write it, of a column of numbers or booleans.
fn tensor(name: &str, array: &ArrayRef, nested: bool) -> Option<Value> {
    fn data<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<Vec<Value>>
    where
        Value: From<Option<T::Native>>,
    {
        let array = array.as_primitive_opt::<T>()?;
        Some(array.iter().map(Value::from).collect())
    }
    let (datatype, data) = None
        .or_else(|| Some(("INT8", data::<Int8Type>(array)?)))
        .or_else(|| Some(("INT32", data::<Int32Type>(array)?)))
        .or_else(|| Some(("INT64", data::<Int64Type>(array)?)))
        .or_else(|| Some(("UINT64", data::<UInt64Type>(array)?)))
        .or_else(|| Some(("FP32", data::<Float32Type>(array)?)))
        .or_else(|| Some(("FP64", data::<Float64Type>(array)?)))?;
    Some(if nested {
        let data: Vec<Value> = data.into_iter().map(|value| json!([value])).collect();
        // The keys of the object are sorted: the data comes before what it is.
        json!({"name": name, "shape": [array.len(), 1], "datatype": datatype, "data": data})
    } else {
        json!({"name": name, "shape": [array.len()], "datatype": datatype, "data": data})
    })
}

proptest! {
    #[test]
    fn records_are_read_as_they_are_written(rows in batch()) {
        let body = renamed(predictions(&rows), "\"predictions\":", "\"rows\":");
        let read = records::Request::read(body.as_bytes(), &takes(&rows), &LIMITS).unwrap();
        same(&read.rows, &rows);
        prop_assert_eq!(read.ignored, ["model", "package", "version"]);
        prop_assert_eq!(read.id.as_deref(), Some("7"));
    }

    #[test]
    fn requests_go_together_and_those_refused_leave_nothing(rows in batch(), parts in vec((0..3usize, any::<Index>()), 0..5), half: Index) {
        let takes = takes(&rows);
        let mut gathered = records::Gathered::new(&takes, 0);
        let mut at = 0;
        for (count, cut) in parts.into_iter().chain([(usize::MAX, half)]) {
            let count = count.min(rows.num_rows() - at);
            let part = predictions(&rows.slice(at, count));
            let body = renamed(part, "\"predictions\":", "\"rows\":");
            // Cut off anywhere it is no request, but a row or a value of one may have been read.
            prop_assert!(gathered.read(&body.as_bytes()[..cut.index(body.len())], &LIMITS).is_err());
            let read = gathered.read(body.as_bytes(), &LIMITS).unwrap();
            prop_assert_eq!(read.rows, at..at + count);
            prop_assert_eq!(gathered.rows(), at + count);
            at += count;
        }
        same(&gathered.finish(), &rows);
    }

    #[test]
    fn tensors_are_read_as_they_are_written(rows in batch()) {
        let body = renamed(response(&rows), "\"outputs\":", "\"inputs\":");
        let read = infer::Request::read(body.as_bytes(), &takes(&rows), &LIMITS).unwrap();
        same(&read.rows, &rows);
        prop_assert_eq!(read.id.as_deref(), Some("7"));
    }

    #[test]
    fn a_client_s_tensors_are_read(rows in batch(), nested in any::<bool>()) {
        let (mut inputs, mut kept) = (Vec::new(), Vec::new());
        for (number, field) in rows.schema().fields().iter().enumerate() {
            if let Some(tensor) = tensor(field.name(), rows.column(number), nested) {
                inputs.insert(0, tensor);
                kept.push(number);
            }
        }
        let rows = rows.project(&kept).unwrap();
        let body = json!({"inputs": inputs}).to_string();
        let read = infer::Request::read(body.as_bytes(), &takes(&rows), &LIMITS).unwrap();
        same(&read.rows, &rows);
    }

    #[test]
    fn answers_have_the_shapes_that_they_say(rows in batch()) {
        let read: Value = serde_json::from_slice(&response(&rows)).unwrap();
        let outputs = read["outputs"].as_array().unwrap();
        prop_assert_eq!(outputs.len(), rows.num_columns());
        for output in outputs {
            let shape = output["shape"].as_array().unwrap();
            let count: u64 = shape.iter().map(|size| size.as_u64().unwrap()).product();
            prop_assert_eq!(output["data"].as_array().unwrap().len() as u64, count);
            prop_assert_eq!(shape[0].as_u64().unwrap(), rows.num_rows() as u64);
        }
        let read: Value = serde_json::from_slice(&predictions(&rows)).unwrap();
        prop_assert_eq!(read["predictions"].as_array().unwrap().len(), rows.num_rows());
    }

    #[test]
    fn no_body_ends_the_process(body in vec(any::<u8>(), 0..100), rows in batch()) {
        let takes = takes(&rows);
        prop_assert!(infer::Request::read(&body, &takes, &LIMITS).is_err());
        let _ = records::Request::read(&body, &takes, &LIMITS);
    }
}
