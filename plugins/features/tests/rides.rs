//! Rows of the UCI Bike Sharing dataset (H. Fanaee-T and J. Gama, 2013, CC BY 4.0) as they come: hours as "6am", weekdays and
//! weather missing in places.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use lockflight_sdk::{Score, testing};
use support::*;

const FILE: &str = include_str!("rides.csv");

fn rides() -> RecordBatch {
    let mut lines = FILE.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<Option<&str>>> = lines
        .map(|line| {
            line.split(',')
                .map(|cell| Some(cell).filter(|cell| !cell.is_empty()))
                .collect()
        })
        .collect();
    let columns = header.into_iter().enumerate().map(|(at, name)| {
        let cells = || rows.iter().map(|row| row[at]);
        let array: ArrayRef = match name {
            "dteday" => Arc::new(cells().map(|cell| cell.map(days)).collect::<Date32Array>()),
            "temp" | "atemp" | "hum" | "windspeed" => Arc::new(
                cells()
                    .map(|cell| cell.map(|cell| cell.parse().unwrap()))
                    .collect::<Float64Array>(),
            ),
            "casual" | "registered" | "cnt" => Arc::new(
                cells()
                    .map(|cell| cell.map(|cell| cell.parse().unwrap()))
                    .collect::<Int64Array>(),
            ),
            _ => Arc::new(cells().collect::<StringArray>()),
        };
        (name, array)
    });
    table(columns.collect())
}

fn days(text: &str) -> i32 {
    let date: chrono::NaiveDate = text.parse().unwrap();
    date.signed_duration_since(chrono::NaiveDate::default())
        .num_days() as i32
}

const CONFIG: &str = r#"{
    "target": "cnt",
    "steps": [
        {"derive": {"hour": "hour_of(hr)", "month": "month(dteday)", "day": "weekday(dteday)"}},
        {"derive": {"rush": "workingday = 'Yes' and hour in [7, 8, 17, 18]"}},
        {"impute": {"columns": ["weathersit"], "with": "most-frequent", "indicator": true}},
        {"one-hot": ["weathersit"]},
        {"ordinal": {"columns": ["season"], "categories": {"season": ["spring", "summer", "fall", "winter"]}}},
        {"impute": {"columns": ["weekday"], "with": "constant", "value": "none"}},
        {"target-mean": {"columns": ["weekday"], "smoothing": 10, "key": ["dteday", "hr"]}},
        {"scale": ["temp", "hum"]},
        {"drop": ["dteday", "hr", "workingday"]}
    ]
}"#;

#[test]
fn raw_rides_become_features() {
    let rides = rides();
    assert!(rides.column_by_name("weekday").unwrap().null_count() > 0);
    let fitted = fit(CONFIG, &rides);
    let takes = fitted.step.takes();
    let takes: Vec<_> = takes
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    // Neither the target nor what adds up to it, nor columns that pass by.
    assert_eq!(
        takes,
        [
            "dteday",
            "season",
            "hr",
            "weekday",
            "workingday",
            "weathersit",
            "temp",
            "hum"
        ]
    );
    let features = testing::score(&fitted.step, &rides).unwrap();
    let expected = [
        "season",
        "weekday",
        "weathersit=Clear",
        "weathersit=Heavy Rain",
        "weathersit=Light Rain",
        "weathersit=Mist",
        "temp",
        "hum",
        "day",
        "hour",
        "month",
        "rush",
        "weathersit_missing",
    ];
    assert_eq!(names(&features), expected);
    let missing = rides.column_by_name("weathersit").unwrap();
    let marked = shown(&features, "weathersit_missing");
    for (row, marked) in marked.iter().enumerate() {
        assert_eq!(marked == "1", missing.is_null(row), "row {row}");
    }
    // 2012-11-05, 6am, a working Monday; 2011-11-08, 12pm; 2012-01-21, 1am.
    let at = |column: &str, row: usize| shown(&features, column)[row].clone();
    assert_eq!(
        (at("hour", 0), at("month", 0), at("rush", 0)),
        ("6".into(), "11".into(), "false".into())
    );
    assert_eq!((at("hour", 4), at("season", 4)), ("12".into(), "3".into()));
    assert_eq!(at("rush", 3), "true");
    for name in &expected {
        assert_eq!(
            features.column_by_name(name).unwrap().null_count(),
            0,
            "{name}"
        );
    }
}

#[test]
fn the_same_table_gives_the_same_state() {
    let rides = rides();
    let (one, other) = (fit(CONFIG, &rides), fit(CONFIG, &rides));
    assert_eq!(one.step.save(), other.step.save());
    assert_eq!(learned(&one), learned(&other));
    assert!(
        learned(&one)
            .iter()
            .any(|line| line.starts_with("3 impute weathersit rows Clear"))
    );
}

#[test]
fn a_ride_without_a_target_is_scored() {
    let rides = rides();
    let fitted = fit(CONFIG, &rides);
    let columns = rides
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .enumerate();
    let kept: Vec<_> = columns
        .filter(|(_, name)| !["cnt", "casual", "registered"].contains(&name.as_str()))
        .map(|(at, _)| at)
        .collect();
    let raw = rides.project(&kept).unwrap().slice(5, 3);
    let scored = testing::score(&fitted.step, &raw).unwrap();
    assert_eq!(
        scored,
        testing::score(&fitted.step, &rides).unwrap().slice(5, 3)
    );
}
