#![allow(clippy::unwrap_used)]
use std::fs;

use super::*;
use crate::{
    store::testing::store,
    table::{export::export, scan::Scan, testing::schema},
};

/// What a CSV becomes for who knows of these columns: the rows as a person would see them, or the message.
fn imported(text: &str, known: &[(&str, &str, bool)], nulls: &[&str]) -> Result<String, String> {
    let (dir, store) = store();
    let path = dir.path().join("rows.csv");
    fs::write(&path, text).unwrap();
    let nulls: Vec<String> = nulls.iter().map(|&null| null.to_owned()).collect();
    let fields = match known.is_empty() {
        true => Vec::new(),
        false => schema(known).fields().to_vec(),
    };
    let mut publication = store.begin();
    let written = import(&path, &fields, &nulls, &mut publication).map_err(|error| {
        error
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    })?;
    publication.commit().unwrap();
    let table = store.table(&written.digest).unwrap();
    let types = table.schema().fields().iter();
    let types: Vec<_> = types.map(|field| type_name(field.data_type())).collect();
    let out = dir.path().join("out.csv");
    export(&store, &table, &out).unwrap();
    Ok(format!(
        "{}\n{}",
        types.join(","),
        fs::read_to_string(out).unwrap()
    ))
}

#[test]
fn known_columns_have_their_type_and_others_are_text() {
    assert_eq!(
        imported(
            "id,x,day\n007,1,2011-10-01\n008,,\n",
            &[("x", "g", true), ("day", "tdD", true)],
            &[]
        ),
        Ok("text,float64,date\nid,x,day\n007,1.0,2011-10-01\n008,,\n".into())
    );
}

#[test]
fn what_is_null_is_said_by_the_caller_beside_the_empty_field() {
    assert_eq!(
        imported("x,y\nNA,n/a\n,1\n", &[("x", "g", true)], &["NA", "n/a"]),
        Ok("float64,text\nx,y\n,\n,1\n".into())
    );
    let error = imported("x\nNA\n", &[("x", "g", true)], &[]).unwrap_err();
    assert!(
        error.contains("FILE: row 1 has \"NA\" in the column \"x\", which is float64"),
        "{error}"
    );
}

#[test]
fn what_does_not_fit_is_refused_with_its_column() {
    let null = imported("x,y\n1,\n,2\n", &[("x", "l", false)], &[]).unwrap_err();
    assert!(null.contains("FILE") && null.contains('x'), "{null}");
    let twice = imported("x,x\n1,2\n", &[("x", "l", true)], &[]).unwrap_err();
    assert!(twice.contains("FILE") && twice.contains("\"x\""), "{twice}");
    let short = imported("x,y\n1\n", &[("x", "l", true)], &[]).unwrap_err();
    assert!(short.contains("FILE"), "{short}");
    assert!(imported("", &[("x", "l", true)], &[]).is_err());
    let ending = import(
        Path::new("rows.txt"),
        schema(&[("x", "g", true)]).fields(),
        &[],
        &mut store().1.begin(),
    );
    assert!(matches!(ending, Err(ImportError::UnknownEnding(_))));
}

#[test]
fn whole_numbers_widen_and_nothing_is_cut_off() {
    let (int8, int64) = (DataType::Int8, DataType::Int64);
    let (float32, float64) = (DataType::Float32, DataType::Float64);
    for (wanted, found, expected) in [
        (&int64, &int8, true),
        (&int8, &int64, true),
        (&float64, &int64, true),
        (&float64, &float32, true),
        (&float32, &float64, false),
        (&int64, &float64, false),
        (&float64, &DataType::Utf8, false),
    ] {
        assert_eq!(holds(wanted, found), expected, "{found} as {wanted}");
    }
    let encoded = DataType::Dictionary(Box::new(int8.clone()), Box::new(DataType::LargeUtf8));
    assert_eq!(plain(&encoded), DataType::Utf8);
    let many = Arc::new(arrow_array::Int64Array::from(vec![1, 300]));
    let rows = RecordBatch::try_from_iter([("x", many as _)]).unwrap();
    let error = widened(
        Path::new("rows.parquet"),
        &schema(&[("x", "c", true)]),
        &rows,
    );
    assert!(error.unwrap_err().to_string().contains("300"));
}

#[test]
fn columns_that_nobody_knows_are_text() {
    let found = imported("a,b\n1,x\n", &[], &[]).unwrap();
    assert!(found.starts_with("text,text\n"), "{found}");
}

#[test]
fn parquet_and_arrow_come_back_under_the_same_digest() {
    let (dir, store) = store();
    let known = schema(&[("x", "g", true), ("kind", "u", true), ("n", "l", true)]);
    let csv = dir.path().join("rows.csv");
    fs::write(&csv, "x,kind,n\n1.5,a,1\n,b,\n-0.25,,3\n").unwrap();
    let mut publication = store.begin();
    let first = import(&csv, known.fields(), &[], &mut publication).unwrap();
    publication.commit().unwrap();
    let table = store.table(&first.digest).unwrap();
    for name in ["rows.parquet", "rows.arrow"] {
        let path = dir.path().join(name);
        export(&store, &table, &path).unwrap();
        let mut publication = store.begin();
        let again = import(&path, known.fields(), &[], &mut publication).unwrap();
        assert_eq!(again, first, "{name}");
    }
    assert_eq!(Scan::new(&store, &table).count(), 1);
}
