//! What has to hold for any table.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
use lockflight_linear::{Config, Linear, Trainer};
use lockflight_sdk::{prelude::*, testing};
use proptest::prelude::*;

/// Columns of numbers between -1 and 1, some of them missing, and as many targets.
fn tables() -> impl Strategy<Value = (Vec<Vec<Option<f64>>>, Vec<f64>)> {
    (1_usize..5, 6_usize..1200).prop_flat_map(|(columns, rows)| {
        let value = prop_oneof![9 => (-1.0..1.0_f64).prop_map(Some), 1 => Just(None)];
        let columns = prop::collection::vec(prop::collection::vec(value, rows), columns);
        (columns, prop::collection::vec(-1.0..1.0_f64, rows))
    })
}

fn batch(columns: &[Vec<Option<f64>>], target: ArrayRef) -> RecordBatch {
    let columns = columns.iter().enumerate().map(|(index, column)| {
        let column: ArrayRef = Arc::new(Float64Array::from(column.clone()));
        (format!("x{index}"), column, true)
    });
    let columns = columns.chain([("y".to_owned(), target, true)]);
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn fit(alpha: f64, batches: &[RecordBatch]) -> Linear {
    let config = format!(r#"{{"target":"y","alpha":{alpha}}}"#);
    let job: Job<Config> = Job::in_memory(&config).unwrap();
    let job = job.with_table("table", batches[0].schema(), batches.to_vec());
    testing::fit::<Trainer>(&job).unwrap().step
}

fn predictions(step: &Linear, table: &RecordBatch) -> Vec<f64> {
    let scored = testing::score(step, table).unwrap();
    let column = scored.column(0).as_primitive::<Float64Type>();
    column.values().to_vec()
}

/// Mean of the values, and deviation over all rows.
fn scale(column: &[Option<f64>]) -> (f64, f64) {
    let values: Vec<_> = column.iter().flatten().collect();
    let mean = values.iter().copied().sum::<f64>() / values.len().max(1) as f64;
    let squares: f64 = values.iter().map(|value| (*value - mean).powi(2)).sum();
    (mean, (squares / column.len() as f64).sqrt())
}

/// The coefficient of a column of deviation 1: how the sum changes from the mean (null) to a deviation above it.
fn coefficient(step: &Linear, columns: &[Vec<Option<f64>>], index: usize, binary: bool) -> f64 {
    let (mean, deviation) = scale(&columns[index]);
    let rows =
        (0..columns.len()).map(|column| vec![None, (column == index).then_some(mean + deviation)]);
    let rows: Vec<_> = rows.collect();
    let scored = predictions(step, &batch(&rows, numbers(&[0.0, 0.0])));
    let sum = |p: f64| if binary { (p / (1.0 - p)).ln() } else { p };
    sum(scored[1]) - sum(scored[0])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// At the minimum, what the residuals still say about a column is what alpha takes: x (y - p) = alpha b.
    #[test]
    fn the_fit_is_the_minimum((columns, mut targets) in tables(), alpha in 0.01..100.0_f64, binary in any::<bool>()) {
        let target: ArrayRef = if binary {
            // Of each class one at least.
            let classes: Vec<_> = (0..targets.len()).map(|row| row == 0 || row > 1 && targets[row] > 0.3).collect();
            targets = classes.iter().map(|class| f64::from(u8::from(*class))).collect();
            Arc::new(BooleanArray::from(classes))
        } else {
            numbers(&targets)
        };
        let table = batch(&columns, target);
        let step = fit(alpha, std::slice::from_ref(&table));
        let predicted = predictions(&step, &table);
        let residuals: Vec<_> = targets.iter().zip(&predicted).map(|(y, p)| y - p).collect();
        let tolerance = 1e-4 * residuals.len() as f64;
        prop_assert!(residuals.iter().sum::<f64>().abs() < tolerance);
        for (index, column) in columns.iter().enumerate() {
            let (mean, deviation) = scale(column);
            if deviation == 0.0 {
                continue;
            }
            let left = column.iter().zip(&residuals).map(|(x, r)| x.map_or(0.0, |x| (x - mean) / deviation * r));
            let (left, taken) = (left.sum::<f64>(), alpha * coefficient(&step, &columns, index, binary));
            prop_assert!((left - taken).abs() < tolerance, "{left} {taken}");
        }
    }

    /// Neither the way a table is cut into batches nor the rows beside a row show.
    #[test]
    fn rows_are_scored_alone((columns, targets) in tables()) {
        let table = batch(&columns, numbers(&targets));
        let step = fit(1.0, std::slice::from_ref(&table));
        testing::assert_row_wise(&step, &table.slice(0, table.num_rows().min(100)));
        let cut = table.num_rows() / 3;
        let parts = [table.slice(0, cut), table.slice(cut, table.num_rows() - cut)];
        prop_assert_eq!(fit(1.0, &parts).save(), step.save());
    }
}
