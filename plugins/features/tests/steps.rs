//! What each step makes of a table.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Date32Array, RecordBatch, StringArray};
use lockflight_sdk::{Score, testing};
use support::*;

#[test]
fn only_columns_that_steps_read_are_taken() {
    let fitted = fit(
        r#"{"steps":[{"derive":{"hot":"temp > 1","humid":"hum > 50"}}]}"#,
        &rides(),
    );
    let schema = |schema: arrow_schema::SchemaRef| {
        let fields = schema.fields().iter();
        fields
            .map(|field| field.name().clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(schema(fitted.step.takes()), "hum temp");
    assert_eq!(schema(fitted.step.gives()), "hum temp hot humid");
    assert!(learned(&fitted).is_empty());
}

#[test]
fn a_step_sees_what_the_one_before_left() {
    let table = through(
        r#"[{"derive":{"double":"wind * 2"}},{"derive":{"four":"double * 2"}},{"drop":["wind","double"]},{"derive":{"wind":"four / 4"}}]"#,
        &rides(),
    );
    assert_eq!(names(&table), ["four", "wind"]);
    assert_eq!(shown(&table, "four")[..4], ["0", "4", "16", "36"]);
    assert_eq!(shown(&table, "wind")[..4], ["0.0", "1.0", "4.0", "9.0"]);
}

#[test]
fn what_is_missing_is_filled_and_marked() {
    let steps = r#"[
        {"impute":{"columns":["hum"],"with":"mean","indicator":true}},
        {"impute":{"columns":["temp"],"with":"median"}},
        {"impute":{"columns":["season","holiday","day"],"with":"most-frequent"}}]"#;
    let table = through(steps, &rides());
    // (0+10+30+40+50+60+80+100+110)/9; the NaN of row 9 is missing, too.
    assert_eq!(
        shown(&table, "hum")[..4],
        ["0.0", "10.0", "53.3333", "30.0"]
    );
    assert_eq!(shown(&table, "hum")[7..10], ["53.3333", "80.0", "53.3333"]);
    assert_eq!(shown(&table, "hum_missing").join(""), "001000010100");
    assert_eq!(shown(&table, "temp")[2..5], ["0.5", "1.5", "1.0"]);
    assert_eq!(shown(&table, "season")[2], "winter");
    assert_eq!(shown(&table, "holiday")[2], "false");
    assert_eq!(table.column_by_name("day").unwrap().null_count(), 0);
    for field in table.schema().fields() {
        assert!(!field.is_nullable(), "{field}");
    }
}

#[test]
fn constants_fill_columns_of_every_type() {
    let steps = r#"[
        {"impute":{"columns":["season"],"with":"constant","value":"none"}},
        {"impute":{"columns":["hum"],"with":"constant","value":-1}},
        {"impute":{"columns":["temp"],"with":"constant","value":0.5}},
        {"impute":{"columns":["holiday"],"with":"constant","value":false}},
        {"impute":{"columns":["day"],"with":"constant","value":"2011-01-01"}},
        {"impute":{"columns":["seen"],"with":"constant","value":"2011-01-01T00:00:00Z"}},
        {"impute":{"columns":["wind"],"with":"constant","value":255}}]"#;
    let table = through(steps, &rides());
    let at = |column, row: usize| shown(&table, column)[row].clone();
    assert_eq!(
        (at("season", 2), at("hum", 9), at("holiday", 7)),
        ("none".into(), "-1.0".into(), "false".into())
    );
    assert_eq!(
        (at("temp", 3), at("day", 2)),
        ("0.5".into(), "2011-01-01".into())
    );
    for (field, raw) in table
        .schema()
        .fields()
        .iter()
        .zip(["season", "hum", "temp", "wind", "holiday", "day", "seen"])
    {
        assert_eq!((field.name().as_str(), field.is_nullable()), (raw, false));
        assert_eq!(
            field.data_type(),
            rides().column_by_name(raw).unwrap().data_type()
        );
    }
}

#[test]
fn categories_become_columns_in_the_place_of_theirs() {
    let steps = r#"[{"derive":{"last":"wind"}},{"one-hot":["season","holiday","day"]}]"#;
    let table = through(steps, &rides());
    let expected = [
        "season=fall",
        "season=spring",
        "season=summer",
        "season=winter",
        "wind",
        "holiday=false",
        "holiday=true",
        "day=2011-01-26",
        "day=2011-01-27",
        "day=2011-01-28",
        "day=2011-01-29",
        "last",
    ];
    assert_eq!(names(&table), expected);
    assert_eq!(shown(&table, "season=winter").join(""), "110000001100");
    assert_eq!(shown(&table, "holiday=true").join(""), "100100100100");
}

#[test]
fn given_categories_are_known_before_fitting_and_later_steps_may_name_them() {
    let steps = r#"[
        {"one-hot":{"columns":["season"],"categories":{"season":["winter","monsoon"]}}},
        {"derive":{"cold":"`season=winter` = 1"}},
        {"ordinal":{"columns":["holiday"],"categories":{"holiday":[true]}}}]"#;
    let table = through(steps, &rides());
    assert_eq!(
        names(&table),
        ["season=winter", "season=monsoon", "holiday", "cold"]
    );
    assert_eq!(shown(&table, "season=monsoon").join(""), "000000000000");
    assert_eq!(shown(&table, "cold")[..2], ["true", "true"]);
    assert_eq!(shown(&table, "holiday")[..4], ["0", "-", "-", "0"]);
}

#[test]
fn categories_become_numbers() {
    let table = through(r#"[{"ordinal":["season","wind","seen"]}]"#, &rides());
    assert_eq!(shown(&table, "season").join(""), "33-1220-3311");
    assert_eq!(shown(&table, "wind").join(" "), "0 1 2 3 4 5 6 7 8 9 10 11");
}

#[test]
fn an_unknown_category_is_missing_or_refused() {
    let strange = table(vec![(
        "season",
        texts([Some("winter"), Some("monsoon"), None]),
    )]);
    let score = |kind: &str, unknown: &str| {
        let config =
            format!(r#"{{"steps":[{{"{kind}":{{"columns":["season"],"unknown":"{unknown}"}}}}]}}"#);
        testing::score(&fit(&config, &rides()).step, &strange)
    };
    let missing = score("ordinal", "missing").unwrap();
    assert_eq!(shown(&missing, "season"), ["3", "-", "-"]);
    let missing = score("one-hot", "missing").unwrap();
    assert_eq!(shown(&missing, "season=winter"), ["1", "0", "0"]);
    assert_eq!(shown(&missing, "season=fall"), ["0", "0", "0"]);
    for kind in ["ordinal", "one-hot"] {
        let refused = score(kind, "error").unwrap_err();
        let expected = "column \"season\": row 1 of the batch holds \"monsoon\", which is none of the categories \
                        \"fall\", \"spring\", \"summer\", \"winter\"";
        assert_eq!(refused, expected);
    }
}

#[test]
fn numbers_are_scaled() {
    let wind = |with: &str| {
        let steps = format!(r#"[{{"scale":{{"columns":["wind"],"with":"{with}"}}}}]"#);
        shown(&through(&steps, &rides()), "wind")
    };
    // The squares of 0 to 11: mean 42.1667, standard deviation 39.4099, median 30.5, quartiles 7.75 and 68.25.
    assert_eq!(wind("standard")[0], "-1.07");
    assert_eq!(wind("min-max")[10..], ["0.8264", "1.0"]);
    assert_eq!(wind("robust")[..3], ["-0.5041", "-0.4876", "-0.438"]);
    let missing = through(r#"[{"scale":["hum","temp"]}]"#, &rides());
    assert_eq!(shown(&missing, "hum")[9], "-");
    assert_eq!(shown(&missing, "temp")[3], "-");
    let constant = table(vec![("x", floats([Some(5.0); 4])), ("cnt", ints(0..4))]);
    assert_eq!(
        shown(&through(r#"[{"scale":["x"]}]"#, &constant), "x"),
        ["0.0"; 4]
    );
}

#[test]
fn numbers_are_cut_into_ranges() {
    let wind = |bin: &str| {
        let steps = format!(r#"[{{"bin":{{"columns":["wind"],{bin}}}}}]"#);
        shown(&through(&steps, &rides()), "wind").join("")
    };
    assert_eq!(wind(r#""with":"quantile","bins":4"#), "000111222333");
    assert_eq!(wind(r#""with":"width","bins":2"#), "000000001111");
    assert_eq!(wind(r#""with":"edges","edges":[1,9.5]"#), "011122222222");
    let hum = through(
        r#"[{"bin":{"columns":["hum"],"with":"edges","edges":[50]}}]"#,
        &rides(),
    );
    assert_eq!(shown(&hum, "hum").join(""), "00-0011-1-11");
    let same = table(vec![
        ("x", floats([Some(1.0), Some(1.0), Some(1.0), Some(2.0)])),
        ("cnt", ints(0..4)),
    ]);
    let cut = |with| {
        through(
            &format!(r#"[{{"bin":{{"columns":["x"],"with":"{with}","bins":4}}}}]"#),
            &same,
        )
    };
    assert_eq!(shown(&cut("quantile"), "x"), ["0", "0", "0", "1"]);
    assert_eq!(shown(&cut("width"), "x"), ["0", "0", "0", "3"]);
}

#[test]
fn what_was_learned_is_a_table() {
    let fitted = fit(
        r#"{"target":"cnt","steps":[
            {"impute":{"columns":["hum"],"with":"median"}},
            {"impute":{"columns":["holiday"],"with":"most-frequent"}},
            {"one-hot":["holiday"]},
            {"scale":{"columns":["hum"],"with":"min-max"}},
            {"bin":{"columns":["wind"],"with":"width","bins":2}}]}"#,
        &rides(),
    );
    let expected = [
        "1 impute hum median - 50.0",
        "2 impute holiday rows false 6.0",
        "3 one-hot holiday rows false 8.0",
        "3 one-hot holiday rows true 4.0",
        "4 scale hum centre - 0.0",
        "4 scale hum width - 110.0",
        "5 bin wind edge - 60.5",
    ];
    assert_eq!(learned(&fitted), expected);
}

/// 400 rows: the category decides the target but for some noise, and one category is rare.
fn categories() -> RecordBatch {
    let rows = 0..400_i64;
    let name = |row: i64| {
        if row == 7 {
            "rare"
        } else {
            ["a", "b", "c"][(row * row % 3 + row % 2) as usize % 3]
        }
    };
    let level = |row: i64| match name(row) {
        "a" => 10,
        "b" => 20,
        _ => 30,
    };
    table(vec![
        ("id", ints(rows.clone())),
        (
            "kind",
            Arc::new(StringArray::from_iter_values(rows.clone().map(name))),
        ),
        ("cnt", ints(rows.map(|row| level(row) + row % 7))),
    ])
}

fn means(
    extra: &str,
    table: &RecordBatch,
) -> lockflight_sdk::Fitted<lockflight_features::Features> {
    let config = format!(
        r#"{{"target":"cnt","steps":[{{"target-mean":{{"columns":["kind"],"key":["id"]{extra}}}}}]}}"#
    );
    fit(&config, table)
}

fn column(table: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    table
        .column_by_name(name)
        .unwrap()
        .as_primitive::<Float64Type>()
        .iter()
        .collect()
}

#[test]
fn without_folds_a_category_has_one_mean() {
    let table = categories();
    let fitted = means(r#","folds":0,"smoothing":0"#, &table);
    assert_eq!(fitted.step.takes().fields().len(), 2);
    let scored = column(&testing::score(&fitted.step, &table).unwrap(), "kind");
    let counts = table
        .column(2)
        .as_primitive::<arrow_array::types::Int64Type>();
    let kinds = table.column(1).as_string::<i32>();
    for wanted in ["a", "b", "c", "rare"] {
        let rows: Vec<_> = (0..400).filter(|row| kinds.value(*row) == wanted).collect();
        let sum: i64 = rows.iter().map(|row| counts.value(*row)).sum();
        let mean = sum as f64 / rows.len() as f64;
        assert!(
            rows.iter()
                .all(|row| (scored[*row].unwrap() - mean).abs() < 1e-12),
            "{wanted}"
        );
    }
}

#[test]
fn no_row_sees_its_own_target() {
    let table = categories();
    let before = column(
        &testing::score(&means("", &table).step, &table).unwrap(),
        "kind",
    );
    for row in [0_usize, 7, 123, 399] {
        let counts = table
            .column(2)
            .as_primitive::<arrow_array::types::Int64Type>();
        let other =
            counts.iter().enumerate().map(
                |(at, count)| {
                    if at == row { 1_000_000 } else { count.unwrap() }
                },
            );
        let changed = RecordBatch::try_new(
            table.schema(),
            vec![
                table.column(0).clone(),
                table.column(1).clone(),
                ints(other),
            ],
        );
        let changed = changed.unwrap();
        let after = column(
            &testing::score(&means("", &changed).step, &changed).unwrap(),
            "kind",
        );
        assert_eq!(before[row], after[row], "row {row}");
        assert_ne!(before, after, "others do see it");
    }
}

#[test]
fn a_category_is_known_by_the_rows_of_other_folds_and_smoothed() {
    let table = categories();
    let fitted = means(r#","folds":4,"smoothing":5,"unknown":"mean""#, &table);
    let scored = column(&testing::score(&fitted.step, &table).unwrap(), "kind");
    let kinds = table.column(1).as_string::<i32>();
    let mut of_a: Vec<_> = (0..400)
        .filter(|row| kinds.value(*row) == "a")
        .map(|row| scored[row].unwrap())
        .collect();
    of_a.sort_by(f64::total_cmp);
    of_a.dedup();
    assert_eq!(of_a.len(), 4, "one mean per fold");
    assert!(
        of_a.iter().all(|mean| (12.0..15.0).contains(mean)),
        "{of_a:?}"
    );
    // The rare one is alone: for itself it has the mean of all others, elsewhere the smoothed mean.
    let all = scored.iter().flatten().sum::<f64>() / 400.0;
    assert!((scored[7].unwrap() - all).abs() < 1.0);
    let rows = support::table(vec![
        ("id", ints(0..50)),
        ("kind", texts([Some("new"); 50])),
    ]);
    let new = column(&testing::score(&fitted.step, &rows).unwrap(), "kind");
    assert!(
        new.iter().all(|mean| (mean.unwrap() - all).abs() < 1.0),
        "{new:?} {all}"
    );
}

#[test]
fn an_unknown_category_has_the_mean_of_all_or_none_or_is_refused() {
    let table = categories();
    let rows = support::table(vec![
        ("id", ints([1, 2])),
        ("kind", texts([Some("new"), None])),
    ]);
    let score = |unknown: &str| {
        let fitted = means(&format!(r#","unknown":"{unknown}""#), &table);
        testing::score(&fitted.step, &rows)
    };
    let mean = column(&score("mean").unwrap(), "kind");
    assert!(mean[0].is_some() && mean[1].is_none());
    assert_eq!(column(&score("missing").unwrap(), "kind"), [None, None]);
    assert!(
        score("error")
            .unwrap_err()
            .contains("row 0 of the batch holds \"new\"")
    );
}

#[test]
fn targets_of_truth_values_and_text_have_means_too() {
    let table = categories();
    let flags = |yes: &str| {
        let counts = table
            .column(2)
            .as_primitive::<arrow_array::types::Int64Type>();
        let texts: StringArray = counts
            .iter()
            .map(|count| Some(if count.unwrap() > 20 { yes } else { "no" }))
            .collect();
        support::table(vec![
            ("id", table.column(0).clone()),
            ("kind", table.column(1).clone()),
            ("cnt", Arc::new(texts)),
        ])
    };
    let config = r#"{"target":"cnt","positive":"yes","steps":[{"target-mean":{"columns":["kind"],"key":["id"]}}]}"#;
    let scored = column(
        &testing::score(&fit(config, &flags("yes")).step, &table).unwrap(),
        "kind",
    );
    assert!(
        scored
            .iter()
            .flatten()
            .all(|share| (0.0..=1.0).contains(share))
    );
    assert!(scored[0] != scored[2]);
}

#[test]
fn a_day_is_a_category_and_a_key() {
    let days = Date32Array::from_iter_values((0..60).map(|row| 10_000 + row / 2));
    let kinds = (0..60).map(|row| Some(if row % 3 == 0 { "x" } else { "y" }));
    let rows = table(vec![
        ("day", Arc::new(days)),
        ("kind", texts(kinds)),
        ("cnt", ints(0..60)),
    ]);
    let scored = through(
        r#"[{"target-mean":["kind"]},{"derive":{"month":"month(day)"}}]"#,
        &rows,
    );
    assert_eq!(names(&scored), ["day", "kind", "month"]);
}
