//! Figures over a column.
use arrow_array::Array;

use crate::check::Figure;
use crate::values::{each_float, each_int};

/// The figures of a column of numbers so far.
#[derive(Debug, Default)]
pub struct Figures {
    rows: u64,
    values: u64,
    min: Option<f64>,
    max: Option<f64>,
    /// Of whole numbers, exactly.
    whole: i128,
    /// Of floats, with what rounding lost (Neumaier's sum).
    sum: f64,
    lost: f64,
}

impl Figures {
    /// Takes the next rows into account; of columns that hold no numbers only the nulls.
    pub fn see(&mut self, column: &dyn Array) {
        self.rows += column.len() as u64;
        self.values += (column.len() - column.null_count()) as u64;
        if column.data_type().is_integer() {
            each_int(column, |_, value| {
                self.whole += value;
                self.bound(value as f64);
            });
        } else if column.data_type().is_floating() {
            each_float(column, |_, value| {
                self.add(value);
                self.bound(value);
            });
        }
    }

    fn bound(&mut self, value: f64) {
        // A NaN stays: no range holds it, so that the check fails.
        let keep = |old: Option<f64>, better: fn(f64, f64) -> bool| match old {
            Some(old) if old.is_nan() || !(value.is_nan() || better(value, old)) => Some(old),
            _ => Some(value),
        };
        self.min = keep(self.min, |a, b| a < b);
        self.max = keep(self.max, |a, b| a > b);
    }

    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    /// How many rows there were.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The figure; none without values. Figures of distinct values are not kept here.
    pub fn get(&self, figure: Figure) -> Option<f64> {
        // An infinite sum has lost nothing, and its correction is NaN.
        let floats = if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        };
        let sum = self.whole as f64 + floats;
        let any = self.values > 0;
        match figure {
            Figure::Min => self.min,
            Figure::Max => self.max,
            Figure::Sum => any.then_some(sum),
            Figure::Mean => any.then(|| sum / self.values as f64),
            Figure::NullShare => {
                (self.rows > 0).then(|| (self.rows - self.values) as f64 / self.rows as f64)
            }
            Figure::UniqueCount | Figure::UniqueShare => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::{Float64Array, Int64Array};

    use super::*;

    #[test]
    fn sums_are_exact_where_naive_ones_are_not() {
        let mut floats = Figures::default();
        floats.see(&Float64Array::from(vec![1e100, 1.0, -1e100]));
        assert_eq!(floats.get(Figure::Sum), Some(1.0));
        let mut ints = Figures::default();
        ints.see(&Int64Array::from(vec![
            Some(i64::MAX),
            Some(i64::MAX),
            None,
            Some(-i64::MAX),
        ]));
        assert_eq!(ints.get(Figure::Sum), Some(i64::MAX as f64));
        assert_eq!(ints.get(Figure::NullShare), Some(0.25));
    }

    #[test]
    fn odd_values_show() {
        let mut figures = Figures::default();
        figures.see(&Float64Array::from(vec![1.0, f64::NAN, -1.0]));
        assert!(figures.get(Figure::Min).unwrap().is_nan());
        assert!(figures.get(Figure::Mean).unwrap().is_nan());
        let mut figures = Figures::default();
        figures.see(&Float64Array::from(vec![f64::INFINITY, 1.0]));
        assert_eq!(figures.get(Figure::Sum), Some(f64::INFINITY));
        assert_eq!(Figures::default().get(Figure::Mean), None);
    }
}
