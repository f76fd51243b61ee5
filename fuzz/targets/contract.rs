//! A contract file: any bytes are a contract or refused, with problems that lie in the file, whether the table's schema is known
//! or not; and what is taken as a contract can be held against a table.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use lockflight_contract::{Config, Contract};
use lockflight_sdk::Place;
use lockflight_sdk::prelude::*;

fn table() -> RecordBatch {
    let columns: [(&str, ArrayRef); 5] = [
        (
            "i",
            Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MIN)])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None])),
        ),
        (
            "s",
            Arc::new(StringArray::from(vec![Some("a"), Some("é"), None])),
        ),
        (
            "b",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![Some(0), Some(-1), None])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .expect("a sound table")
}

/// Whether it is a contract.
pub fn run(data: &[u8]) -> bool {
    let table = table();
    let job = || {
        Job::<Config>::in_memory("{}")
            .expect("the config is sound")
            .with_blob("contract", data)
    };
    let unknown = Contract::check(&job().with_pending(Port::open_table("table")));
    let known = Contract::check(&job().with_table("table", table.schema(), vec![table.clone()]));
    for problem in [&unknown, &known]
        .into_iter()
        .filter_map(|answer| answer.as_ref().err())
        .flat_map(|problems| &problems.0)
    {
        if let Place::File(span) = &problem.place {
            assert!(span.start <= span.end && span.end <= data.len() as u64);
        }
    }
    if known.is_ok() {
        let job = job().with_table("table", table.schema(), vec![table.clone()]);
        Contract::run(&job)
            .map(drop)
            .expect("check found no problem");
    }
    unknown.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let checks = [
        "kind='columns'\nnames=['i','f','s','b','d']\nexact=true\nordered=false",
        "kind='of-type'\ncolumn=['b']\ntype='bool'",
        "kind='row-count-between'\nmin=1\nmax=9e9\nstrict-max=true",
        "kind='not-null'\ncolumn='s'\nmostly=0.9",
        "kind='unique'\ncolumns=['i','s']\nkeep-first=true\nmostly=0.5",
        "kind='between'\ncolumn=['i','f']\nmin=-1\nmax=1.5",
        "kind='between'\ncolumn='d'\nmin=1969-12-31\nmax=2024-02-29\nstrict-max=true",
        "kind='in-set'\ncolumn='s'\nvalues=['a','b']",
        "kind='not-in-set'\ncolumn='i'\nvalues=[1,9223372036854775807]",
        "kind='match-regex'\ncolumn='s'\nregex='^[a-z]+é?$'",
        "kind='not-match-regex'\ncolumn='s'\nregex='(?i)x{2,5}'",
        "kind='lengths-between'\ncolumn='s'\nmin=1\nmax=3",
        "kind='increasing'\ncolumn=['i','f','d']\nstrict=true",
        "kind='pair-greater-than'\ncolumn='i'\nthan='f'\nor-equal=true\nseverity='warn'",
        "kind='min-between'\ncolumn='i'\nmin=0",
        "kind='mean-between'\ncolumn='f'\nmin=0\nmax=1",
        "kind='sum-between'\ncolumn='i'\nmin=-1e300",
        "kind='null-share-between'\ncolumn='s'\nmax=0.5",
        "kind='unique-value-count-between'\ncolumn='s'\nmin=1",
        "kind='proportion-of-unique-between'\ncolumn='d'\nmin=0.5",
    ];
    let example = include_bytes!("../../examples/penguins/penguins.contract.toml").to_vec();
    let all: String = checks
        .iter()
        .map(|check| format!("[[check]]\n{check}\n"))
        .collect();
    let each = checks
        .iter()
        .map(|check| format!("[[check]]\n{check}\n").into_bytes());
    each.chain([all.into_bytes(), example]).collect()
}
