use super::*;

#[test]
fn a_request_s_faults_are_named() {
    let takes = columns([("a", DataType::Int8, true), ("b", DataType::Int8, true)]);
    let a = r#"{"name":"a","shape":[1],"datatype":"INT8","data":[1]}"#;
    let b = r#"{"name":"b","shape":[2],"datatype":"INT8","data":[1,2]}"#;
    for (inputs, said) in [
        (format!("[{a}]"), "input \"b\" is missing"),
        (
            format!("[{a},{a}]"),
            "input \"a\": there are two inputs of this name",
        ),
        (
            format!("[{a},{b}]"),
            "input \"b\": 2 rows, but input \"a\" has 1",
        ),
        (
            a.replace("\"a\"", "\"c\""),
            "\"inputs\": found an object, wants a list of tensors",
        ),
        (
            format!("[{}]", a.replace("\"a\"", "\"c\"")),
            "inputs[0]: the model has no input \"c\"; it takes \"a\", \"b\"",
        ),
        (
            "[5]".to_owned(),
            "inputs[0]: found 5, wants a tensor such as {\"name\": …, \"shape\": […], \"datatype\": …, \"data\": […]}",
        ),
    ] {
        assert_eq!(invalid(&takes, &format!("{{\"inputs\":{inputs}}}")), said);
    }
    assert_eq!(invalid(&takes, "{}"), "the request has no \"inputs\"");
    assert_eq!(
        invalid(&takes, "[]"),
        "found a list, wants an object such as {\"inputs\": […]}"
    );
    assert_eq!(
        invalid(&takes, r#"{"id":5}"#),
        "\"id\": found 5, wants a string"
    );
    let twice = r#"{"outputs":[{"name":"y"},{"name":"y"}]}"#;
    assert_eq!(
        invalid(&takes, twice),
        "\"outputs\": output \"y\" is asked for twice"
    );
}

#[test]
fn the_binary_extension_is_refused_by_name() {
    let takes = columns([("x", DataType::Int8, true)]);
    let mut body = br#"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","parameters":{"binary_data_size":1}}]}"#.to_vec();
    for tail in [&b"\x01"[..], b"\xff"] {
        body.extend_from_slice(tail);
        let error = Request::read(&body, &takes, &LIMITS).unwrap_err();
        assert_eq!(
            error.to_string(),
            "input \"x\": the binary tensor data extension is not supported: send the data as JSON (binary_data=False)"
        );
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

#[test]
fn what_is_beyond_the_limits_is_too_large() {
    for (column, tensor) in [
        (
            DataType::Int8,
            r#""shape":[6],"datatype":"INT8","data":[1,2,3,4,5,6]"#.to_owned(),
        ),
        (
            DataType::Int8,
            r#""shape":[18446744073709551615],"datatype":"INT8","data":[]"#.to_owned(),
        ),
        (
            DataType::Utf8,
            format!(
                r#""shape":[1],"datatype":"BYTES","data":["{}"]"#,
                "a".repeat(51)
            ),
        ),
    ] {
        let error = one(column, false, &tensor).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        assert!(error.to_string().starts_with("input \"x\""));
    }
}

#[test]
fn answers_are_tensors() {
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let vectors = arrow_array::FixedSizeListArray::new(
        item,
        2,
        Arc::new(Float32Array::from(vec![0.1, 2.0, 0.0, 0.0])),
        Some(vec![true, false].into()),
    );
    let cnt: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, 1e-7]));
    let scored =
        RecordBatch::try_from_iter([("cnt", cnt), ("v", Arc::new(vectors) as ArrayRef)]).unwrap();
    let takes = columns([("x", DataType::Int8, true)]);
    let body = br#"{"inputs":[{"name":"x","shape":[0],"datatype":"INT8","data":[]}]}"#;
    let mut request = Request::read(body, &takes, &LIMITS).unwrap();
    let model = Model {
        name: "rides",
        version: "3",
    };
    let text = |request: &Request, id| {
        let written = write(&model, request, id, &scored, None).unwrap();
        String::from_utf8(written).unwrap()
    };
    assert_eq!(
        text(&request, Some("given")),
        r#"{"model_name":"rides","model_version":"3","id":"given","outputs":[{"name":"cnt","shape":[2],"datatype":"FP64","data":[null,1e-7]},{"name":"v","shape":[2,2],"datatype":"FP32","data":[0.1,2.0,null,null]}]}"#
    );
    request.outputs = Some(vec!["v".to_owned(), "cnt".to_owned()]);
    request.id = Some("own".to_owned());
    request.check_outputs(scored.schema_ref()).unwrap();
    let read: Value = serde_json::from_str(&text(&request, Some("given"))).unwrap();
    assert_eq!(read["id"], json!("own"));
    assert_eq!(read["outputs"][0]["name"], json!("v"));
    request.outputs = Some(vec!["w".to_owned()]);
    assert_eq!(
        request
            .check_outputs(scored.schema_ref())
            .unwrap_err()
            .to_string(),
        "the model has no output \"w\"; it has \"cnt\", \"v\""
    );
    let bare = RecordBatch::new_empty(Arc::new(Schema::empty()));
    let parameters = json!({"package": "sha256:1"});
    let written = write(&model, &request, None, &bare, parameters.as_object()).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        r#"{"model_name":"rides","model_version":"3","id":"own","parameters":{"package":"sha256:1"},"outputs":[]}"#
    );
}
