//! Expressions: what is written correctly is printed and read again; what fits a schema has an answer for every row, of the
//! promised type, and the same one row by row; faults point into the text.
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{Field, Schema};
use lockflight_expression::{Expression, Fault};

fn table() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i",
            Arc::new(Int64Array::from(vec![
                Some(i64::MIN),
                Some(-3),
                None,
                Some(i64::MAX),
            ])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![
                Some(f64::NAN),
                Some(-0.0),
                None,
                Some(1e308),
            ])),
        ),
        (
            "t",
            Arc::new(StringArray::from(vec![
                Some("6am"),
                Some("2024-02-29T01:02:03Z"),
                None,
                Some("é\u{0}"),
            ])),
        ),
        (
            "b",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                Some(false),
                None,
                Some(true),
            ])),
        ),
        (
            "d",
            Arc::new(Date32Array::from(vec![
                Some(i32::MIN),
                Some(0),
                None,
                Some(i32::MAX),
            ])),
        ),
        (
            "s",
            Arc::new(
                TimestampMillisecondArray::from(vec![
                    Some(i64::MIN),
                    Some(0),
                    None,
                    Some(i64::MAX),
                ])
                .with_timezone("+02:00"),
            ),
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays).expect("the columns of the schema")
}

fn within(fault: &Fault, source: &str) {
    let length = source.chars().count();
    assert!(
        fault.span.start <= fault.span.end && fault.span.end <= length,
        "{fault:?}"
    );
    assert!(!fault.underlined(source).is_empty());
}

/// Whether it has a value.
pub fn run(data: &[u8]) -> bool {
    let Ok(source) = std::str::from_utf8(data) else {
        return false;
    };
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(fault) => {
            within(&fault, source);
            return false;
        }
    };
    let again = Expression::parse(&expression.to_string()).expect("what is printed is read again");
    assert_eq!(again, expression);
    let table = table();
    let checked = match expression.check(table.schema_ref()) {
        Ok(checked) => checked,
        Err(fault) => {
            within(&fault, source);
            return false;
        }
    };
    let column = checked
        .evaluate(&table)
        .expect("the schema that was checked");
    column
        .to_data()
        .validate_full()
        .expect("the column is valid");
    assert_eq!(column.data_type(), &checked.data_type());
    assert_eq!(column.len(), table.num_rows());
    assert!(checked.nullable() || column.null_count() == 0);
    for row in 0..table.num_rows() {
        let alone = checked
            .evaluate(&table.slice(row, 1))
            .expect("the same schema");
        assert_eq!(alone.to_data(), column.slice(row, 1).to_data(), "row {row}");
    }
    true
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "hour_of(t) >= 18 and i is not null or not b",
        "if(b, -i + 5%, f / (i - 3)) * 1e-3",
        "i in [1, -9223372036854775808, 2.5] or t not in ['it''s', \"x\"]",
        "concat(upper(t), substring(t, 2, 3), text(s), replace(t, 'a', 'b'))",
        "mod(i, 24) + integer(round(f, 2)) - length(trim(t))",
        "least(d, date('2011-10-01')) + 7 - d",
        "s >= timestamp('2024-02-29T12:30+02:00') and date(s) != d",
        "timestamp(t, '%Y-%m-%dT%H:%M:%S%z') - s",
        "coalesce(number(t), sqrt(abs(f)), pow(f, -1), ln(f), exp(i), 0.0)",
        "weekday(s) + week(d) * day_of_year(s) - year(d) + month(s) + minute(s) + second(s) + minute_of(t)",
        "greatest(f, 1, i) <> f or is_nan(f) = (`b` == null)",
    ]
    .map(Vec::from)
    .into()
}
