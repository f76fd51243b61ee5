use super::*;

#[test]
fn tensors_become_columns_in_the_order_of_the_model() {
    let takes = columns([
        ("hr", DataType::Int8, true),
        ("temp", DataType::Float64, false),
    ]);
    let body = br#"{
        "parameters": {"x": [1]}, "id": "7", "other": {},
        "inputs": [
            {"name": "temp", "shape": [2, 1], "datatype": "FP64", "data": [[1], [2.5]], "parameters": {"content_type": "np"}},
            {"data": [null, -3], "datatype": "INT8", "shape": [2], "name": "hr"}
        ],
        "outputs": [{"name": "cnt", "parameters": {"binary_data": true}}]
    }"#;
    let request = Request::read(body, &takes, &LIMITS).unwrap();
    assert_eq!(request.id.as_deref(), Some("7"));
    assert_eq!(request.outputs, Some(vec!["cnt".to_owned()]));
    let hr: ArrayRef = Arc::new(Int8Array::from(vec![None, Some(-3)]));
    let temp: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.5]));
    assert_eq!(request.rows.columns(), [hr, temp]);
    assert_eq!(request.rows.schema_ref(), takes.schema());
}

#[test]
fn numbers_are_coerced_when_they_stay_the_same() {
    let read = |column, tensor| one(column, true, tensor);
    let ints = read(
        DataType::Int32,
        r#""shape":[3],"datatype":"INT64","data":[1,null,-0]"#,
    );
    assert_eq!(
        ints.unwrap()
            .as_primitive::<Int32Type>()
            .iter()
            .collect::<Vec<_>>(),
        [Some(1), None, Some(0)]
    );
    let ints = read(
        DataType::Int32,
        r#""shape":[2],"datatype":"FP64","data":[1.0,2]"#,
    );
    assert_eq!(ints.unwrap().as_primitive::<Int32Type>().values(), &[1, 2]);
    let wide = read(
        DataType::Float64,
        r#""shape":[1],"datatype":"FP32","data":[0.1]"#,
    );
    let wide = wide.unwrap();
    assert_eq!(
        wide.as_primitive::<Float64Type>().value(0),
        f64::from(0.1f32)
    );
    let wide = read(
        DataType::Float64,
        r#""shape":[1],"datatype":"INT64","data":[9007199254740992]"#,
    );
    assert!(wide.is_ok());
    let narrow = read(
        DataType::Float32,
        r#""shape":[1],"datatype":"FP64","data":[0.5]"#,
    );
    assert_eq!(narrow.unwrap().as_primitive::<Float32Type>().value(0), 0.5);

    assert_eq!(
        refused(
            DataType::Int8,
            r#""shape":[2],"datatype":"INT64","data":[1,300]"#
        ),
        "input \"x\", data[1]: found 300, wants a whole number from -9223372036854775808 to 9223372036854775807 that is exactly a whole number from -128 to 127"
    );
    for (column, tensor) in [
        (
            DataType::Int32,
            r#""shape":[1],"datatype":"INT8","data":[300]"#,
        ),
        (
            DataType::Int32,
            r#""shape":[1],"datatype":"INT64","data":[1.0]"#,
        ),
        (
            DataType::Int32,
            r#""shape":[1],"datatype":"FP64","data":[1.5]"#,
        ),
        (
            DataType::Int32,
            r#""shape":[1],"datatype":"FP32","data":[1e30]"#,
        ),
        (
            DataType::Float32,
            r#""shape":[1],"datatype":"FP64","data":[0.1]"#,
        ),
        (
            DataType::Float64,
            r#""shape":[1],"datatype":"INT64","data":[9007199254740993]"#,
        ),
        (
            DataType::Float64,
            r#""shape":[1],"datatype":"FP32","data":[1e39]"#,
        ),
        (
            DataType::Float64,
            r#""shape":[1],"datatype":"FP64","data":[1e999]"#,
        ),
        (
            DataType::Float64,
            r#""data":[1e999],"shape":[1],"datatype":"FP64""#,
        ),
    ] {
        let said = refused(column, tensor);
        assert!(said.starts_with("input \"x\", data[0]: "), "{said}");
    }
}

#[test]
fn a_32_bit_float_is_read_as_one() {
    // By way of 64 bits this would be the next one.
    let text = r#""shape":[1],"datatype":"FP32","data":[7.038531e-26]"#;
    let read = one(DataType::Float32, false, text).unwrap();
    assert_eq!(read.as_primitive::<Float32Type>().value(0), 7.038531e-26f32);
}

#[test]
fn lists_are_flat_or_nested() {
    for data in ["[1, 2.5, 3, 4]", "[[1, 2.5], [3, 4]]"] {
        for declared in ["FP32", "FP64"] {
            let tensor = format!(r#""shape": [2, 2], "datatype": "{declared}", "data": {data}"#);
            let read = one(list(false), false, &tensor).unwrap();
            let values = read.as_fixed_size_list().values();
            assert_eq!(
                values.as_primitive::<Float32Type>().values(),
                &[1.0, 2.5, 3.0, 4.0]
            );
        }
    }
    let missing = r#""shape":[2,2],"datatype":"FP32","data":[null,null,1,2]"#;
    let read = one(list(false), true, missing).unwrap();
    assert!(read.is_null(0) && read.is_valid(1));
    let refused = |tensor| one(list(false), true, tensor).unwrap_err().to_string();
    assert_eq!(
        refused(r#""shape":[1,2],"datatype":"FP32","data":[[1,"a"]]"#),
        "input \"x\", data[1]: found \"a\", wants a 32-bit floating point number"
    );
    for tensor in [
        r#""shape":[1,2],"datatype":"FP32","data":[1,null]"#,
        r#""shape":[1,2],"datatype":"FP32","data":[[1,2,3]]"#,
        r#""shape":[1,2],"datatype":"FP32","data":[[1]]"#,
        r#""shape":[1,2],"datatype":"FP32","data":[1,[2,3]]"#,
        r#""shape":[1,2],"datatype":"FP32","data":[[[1,2]]]"#,
        r#""shape":[2],"datatype":"FP32","data":[1,2]"#,
        r#""shape":[2,3],"datatype":"FP32","data":[1,2]"#,
        r#""shape":[9223372036854775808,2],"datatype":"FP32","data":[1,2]"#,
    ] {
        assert!(refused(tensor).starts_with("input \"x\""), "{tensor}");
    }
}

#[test]
fn texts_are_bytes() {
    let text = one(
        DataType::Utf8,
        true,
        r#""shape":[3],"datatype":"BYTES","data":["a","\u00e9\n",null]"#,
    );
    assert_eq!(
        *text.unwrap(),
        StringArray::from(vec![Some("a"), Some("é\n"), None])
    );
    let at = DataType::Timestamp(TimeUnit::Millisecond, None);
    let time = one(
        at.clone(),
        true,
        r#""shape":[1],"datatype":"BYTES","data":["1970-01-01 00:00:01.5"]"#,
    );
    assert_eq!(
        time.unwrap()
            .as_primitive::<TimestampMillisecondType>()
            .value(0),
        1500
    );
    assert_eq!(
        refused(at, r#""shape":[1],"datatype":"BYTES","data":["yesterday"]"#),
        "input \"x\", data[0]: found \"yesterday\", wants a time such as \"2024-02-29T13:45:00Z\", of whole milliseconds"
    );
    let binary = one(
        DataType::Binary,
        true,
        r#""shape":[1],"datatype":"BYTES","data":["AP8="]"#,
    );
    assert_eq!(binary.unwrap().as_binary::<i32>().value(0), [0, 255]);
}

#[test]
fn a_tensor_s_faults_are_named() {
    for (tensor, said) in [
        (
            r#""shape":[1],"datatype":"INT8","data":[1.0]"#,
            ", data[0]: found 1.0, wants a whole number from -128 to 127",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":[null]"#,
            ", data[0]: found null, wants a whole number from -128 to 127",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":[true]"#,
            ", data[0]: found true, wants a whole number from -128 to 127",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":5"#,
            ": found 5, wants the list of the tensor's elements",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":[{}]"#,
            ", data[0]: found an object, wants a whole number from -128 to 127",
        ),
        (
            r#""shape":[3],"datatype":"INT8","data":[1,2]"#,
            ": found 2 elements, the shape wants 3",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":[1,2]"#,
            ": found more than 1 elements, the shape wants 1",
        ),
        (
            r#""shape":[-1],"datatype":"INT8","data":[1]"#,
            ": found -1, wants a whole number that is not negative",
        ),
        (
            r#""shape":[1.0],"datatype":"INT8","data":[1]"#,
            ": found 1.0, wants a whole number that is not negative",
        ),
        (
            r#""shape":[],"datatype":"INT8","data":[1]"#,
            ": the shape is empty, and takes [n] at least",
        ),
        (
            r#""shape":[1,1,1],"datatype":"INT8","data":[1]"#,
            ": the shape has more than two dimensions",
        ),
        (
            r#""shape":[1,2],"datatype":"INT8","data":[1,2]"#,
            ": the shape is [1, 2], the column takes [n] or [n, 1]",
        ),
        (
            r#""shape":[1],"datatype":"BYTES","data":["1"]"#,
            ": the datatype is BYTES, the column is INT8",
        ),
        (
            r#""shape":[1],"datatype":"BOOL","data":[true]"#,
            ": the datatype is BOOL, the column is INT8",
        ),
        (
            r#""shape":[1],"datatype":"FP16","data":[1]"#,
            ": the datatype FP16 has no form in JSON; send FP32",
        ),
        (
            r#""shape":[1],"datatype":"int8","data":[1]"#,
            ": there is no datatype \"int8\"",
        ),
        (
            r#""datatype":"INT8","data":[1]"#,
            ": the tensor has no \"shape\"",
        ),
        (
            r#""shape":[1],"datatype":"INT8""#,
            ": the tensor has no \"data\"",
        ),
        (
            r#""shape":[1],"datatype":"INT8","data":[1],"data":[1]"#,
            ": duplicate field `data`",
        ),
    ] {
        assert_eq!(
            refused(DataType::Int8, tensor),
            format!("input \"x\"{said}")
        );
    }
}

#[test]
fn a_few_values_are_enough_for_int8() {
    let all = r#""shape":[2],"datatype":"INT8","data":[-128,127]"#;
    let read = one(DataType::Int8, false, all).unwrap();
    assert_eq!(read.as_primitive::<Int8Type>().values(), &[-128, 127]);
}
