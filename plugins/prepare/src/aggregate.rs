//! What is computed of the rows of a group.
use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, new_null_array};
use arrow_row::{OwnedRow, RowConverter, SortField};
use arrow_schema::DataType;
use lockflight_sdk::Failure;

/// The aggregates, as they are called.
pub const NAMES: [&str; 10] = [
    "count",
    "count_distinct",
    "first",
    "last",
    "max",
    "mean",
    "median",
    "min",
    "std",
    "sum",
];

/// An aggregate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Function {
    /// Rows, or values that are not null.
    Count,
    /// Different values.
    CountDistinct,
    /// The first value that is not null.
    First,
    /// The last value that is not null.
    Last,
    /// The greatest value.
    Max,
    /// The mean.
    Mean,
    /// The value in the middle, or between the two in the middle.
    Median,
    /// The least value.
    Min,
    /// The standard deviation of a sample.
    Std,
    /// The sum.
    Sum,
}

impl Function {
    /// The aggregate of this name.
    pub fn named(name: &str) -> Option<Function> {
        Some(match name {
            "count" => Function::Count,
            "count_distinct" => Function::CountDistinct,
            "first" => Function::First,
            "last" => Function::Last,
            "max" => Function::Max,
            "mean" => Function::Mean,
            "median" => Function::Median,
            "min" => Function::Min,
            "std" => Function::Std,
            "sum" => Function::Sum,
            _ => return None,
        })
    }

    /// Starts to compute it of values of this type, which are `int64` or `float64` for a sum and `float64` for mean, median and std.
    pub fn start(self, of: &DataType) -> Result<Accumulator, Failure> {
        Ok(match self {
            Function::Count => Accumulator::Count(Vec::new()),
            Function::CountDistinct => Accumulator::Distinct {
                converter: converter(of)?,
                seen: HashSet::new(),
                counts: Vec::new(),
            },
            Function::First | Function::Last | Function::Max | Function::Min => {
                Accumulator::Choice {
                    function: self,
                    of: of.clone(),
                    converter: converter(of)?,
                    chosen: Vec::new(),
                }
            }
            Function::Mean => Accumulator::Mean(Vec::new()),
            Function::Std => Accumulator::Deviation(Vec::new()),
            Function::Median => Accumulator::Median(Vec::new()),
            Function::Sum if *of == DataType::Int64 => Accumulator::SumInt(Vec::new()),
            Function::Sum => Accumulator::SumFloat(Vec::new()),
        })
    }
}

fn converter(of: &DataType) -> Result<RowConverter, Failure> {
    Ok(RowConverter::new(vec![SortField::new(of.clone())])?)
}

/// What is known of each group so far.
#[derive(Debug)]
pub enum Accumulator {
    /// How many.
    Count(Vec<i64>),
    /// The values of each group, as bytes behind the group's number.
    Distinct {
        /// Makes the bytes.
        converter: RowConverter,
        /// Only asked whether something is in it.
        seen: HashSet<(u32, Vec<u8>)>,
        /// How many.
        counts: Vec<i64>,
    },
    /// One of the values.
    Choice {
        /// Which.
        function: Function,
        /// Of this type.
        of: DataType,
        /// Makes bytes of values and values of bytes.
        converter: RowConverter,
        /// The one.
        chosen: Vec<Option<OwnedRow>>,
    },
    /// Count and sum.
    Mean(Vec<(f64, f64)>),
    /// Count, mean, sum of squared deviations (Welford, "Note on a method for calculating corrected sums of squares and
    /// products", 1962).
    Deviation(Vec<(f64, f64, f64)>),
    /// All values.
    Median(Vec<Vec<f64>>),
    /// The sum so far. 2^64 values of 64 bits fit 128.
    SumInt(Vec<Option<i128>>),
    /// The sum so far, in the order of the rows.
    SumFloat(Vec<Option<f64>>),
}

impl Accumulator {
    /// Makes room for this many groups.
    pub fn grow(&mut self, groups: usize) {
        match self {
            Accumulator::Count(counts) | Accumulator::Distinct { counts, .. } => {
                counts.resize(groups, 0)
            }
            Accumulator::Choice { chosen, .. } => chosen.resize(groups, None),
            Accumulator::Mean(sums) => sums.resize(groups, (0.0, 0.0)),
            Accumulator::Deviation(all) => all.resize(groups, (0.0, 0.0, 0.0)),
            Accumulator::Median(values) => values.resize(groups, Vec::new()),
            Accumulator::SumInt(sums) => sums.resize(groups, None),
            Accumulator::SumFloat(sums) => sums.resize(groups, None),
        }
    }

    /// Takes one value per row; `group_of` says which group the row is of. None for `count()`, which looks at no value.
    pub fn update(&mut self, group_of: &[u32], values: Option<&ArrayRef>) -> Result<(), Failure> {
        let Some(values) = values else {
            if let Accumulator::Count(counts) = self {
                group_of
                    .iter()
                    .for_each(|group| counts[*group as usize] += 1);
            }
            return Ok(());
        };
        let present = group_of
            .iter()
            .enumerate()
            .filter(|(row, _)| values.is_valid(*row))
            .map(|(row, group)| (row, *group as usize));
        match self {
            Accumulator::Count(counts) => present.for_each(|(_, group)| counts[group] += 1),
            Accumulator::Distinct {
                converter,
                seen,
                counts,
            } => {
                let rows = converter.convert_columns(&[one_nan(values)])?;
                for (row, group) in present {
                    if seen.insert((group as u32, rows.row(row).as_ref().to_vec())) {
                        counts[group] += 1;
                    }
                }
            }
            Accumulator::Choice {
                function,
                converter,
                chosen,
                ..
            } => {
                let rows = converter.convert_columns(&[one_nan(values)])?;
                for (row, group) in present {
                    let better = match (&chosen[group], *function) {
                        (None, _) | (_, Function::Last) => true,
                        (Some(_), Function::First) => false,
                        (Some(old), Function::Max) => rows.row(row) > old.row(),
                        (Some(old), _) => rows.row(row) < old.row(),
                    };
                    if better {
                        chosen[group] = Some(rows.row(row).owned());
                    }
                }
            }
            Accumulator::Mean(sums) => {
                let values = values.as_primitive::<Float64Type>();
                for (row, group) in present {
                    sums[group].0 += 1.0;
                    sums[group].1 += values.value(row);
                }
            }
            Accumulator::Deviation(groups) => {
                let values = values.as_primitive::<Float64Type>();
                for (row, group) in present {
                    let (count, mean, squares) = &mut groups[group];
                    let value = values.value(row);
                    *count += 1.0;
                    let before = value - *mean;
                    *mean += before / *count;
                    *squares += before * (value - *mean);
                }
            }
            Accumulator::Median(all) => {
                let values = values.as_primitive::<Float64Type>();
                present.for_each(|(row, group)| all[group].push(values.value(row)));
            }
            Accumulator::SumInt(sums) => {
                let values = values.as_primitive::<Int64Type>();
                for (row, group) in present {
                    *sums[group].get_or_insert(0) += i128::from(values.value(row));
                }
            }
            Accumulator::SumFloat(sums) => {
                let values = values.as_primitive::<Float64Type>();
                for (row, group) in present {
                    *sums[group].get_or_insert(0.0) += values.value(row);
                }
            }
        }
        Ok(())
    }

    /// One value per group; null where there was none to compute it of.
    pub fn finish(self) -> Result<ArrayRef, Failure> {
        Ok(match self {
            Accumulator::Count(counts) | Accumulator::Distinct { counts, .. } => {
                Arc::new(Int64Array::from(counts))
            }
            Accumulator::Choice {
                of,
                converter,
                chosen,
                ..
            } => {
                let null = converter.convert_columns(&[new_null_array(&of, 1)])?;
                let rows = chosen.iter().map(|chosen| match chosen {
                    Some(chosen) => chosen.row(),
                    None => null.row(0),
                });
                converter.convert_rows(rows)?.remove(0)
            }
            Accumulator::Mean(sums) => {
                let mean = |(count, sum)| (count > 0.0).then(|| sum / count);
                floats(sums.into_iter().map(mean))
            }
            Accumulator::Deviation(groups) => {
                let of_sample = |(count, _, squares): (f64, f64, f64)| {
                    (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
                };
                floats(groups.into_iter().map(of_sample))
            }
            Accumulator::Median(all) => floats(all.into_iter().map(median)),
            Accumulator::SumInt(sums) => {
                // Beyond 64 bits there is no answer, as in expressions.
                let sums = sums.into_iter().map(|sum| i64::try_from(sum?).ok());
                Arc::new(sums.collect::<Int64Array>())
            }
            Accumulator::SumFloat(sums) => floats(sums.into_iter()),
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.iter().any(|value| value.is_nan()) {
        return Some(f64::NAN);
    }
    values.sort_by(f64::total_cmp);
    let above = *values.get(values.len() / 2)?;
    let below = values[(values.len() - 1) / 2];
    // Not the half of the sum, which may be too large.
    Some(if below == above {
        above
    } else {
        below / 2.0 + above / 2.0
    })
}

fn floats(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    let one = |value: f64| if value.is_nan() { f64::NAN } else { value };
    Arc::new(values.map(|value| value.map(one)).collect::<Float64Array>())
}

/// Floats with one NaN, the greatest, and one zero.
fn one_nan(values: &ArrayRef) -> ArrayRef {
    crate::keys::plain(values, values.data_type())
}
