//! What happened to the values of one column.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{ArrowError, DataType};

use crate::cell;
use crate::exact::ExactSum;
use crate::numbers::Numbers;
use crate::plan::Column;
use crate::result::{ColumnDiff, Difference, Summary};

/// Some values of a column, seen in the ways that counting needs.
pub(crate) struct Values {
    nulls: Option<NullBuffer>,
    numbers: Option<Numbers>,
    /// The values as bytes that compare as they do.
    encoded: Rows,
}

impl Values {
    fn is_null(&self, index: usize) -> bool {
        self.nulls
            .as_ref()
            .is_some_and(|nulls| nulls.is_null(index))
    }

    /// Whether the values at this place are the same.
    pub fn same(&self, other: &Values, index: usize) -> bool {
        self.encoded.row(index).data() == other.encoded.row(index).data()
    }
}

/// Counts for one column.
pub(crate) struct Tally {
    converter: RowConverter,
    /// Whether smallest and largest mean something.
    ordered: bool,
    changed: u64,
    null_to_value: u64,
    value_to_null: u64,
    differences: ExactSum,
    difference_rows: u64,
    largest: f64,
    pub added: Spread,
    pub removed: Spread,
    pub before: Spread,
    pub after: Spread,
}

impl Tally {
    /// For values of this type.
    pub fn new(data_type: &DataType) -> Result<Tally, ArrowError> {
        Ok(Tally {
            converter: RowConverter::new(vec![SortField::new(data_type.clone())])?,
            ordered: !data_type.is_nested(),
            changed: 0,
            null_to_value: 0,
            value_to_null: 0,
            differences: ExactSum::default(),
            difference_rows: 0,
            largest: 0.0,
            added: Spread::default(),
            removed: Spread::default(),
            before: Spread::default(),
            after: Spread::default(),
        })
    }

    /// Prepares values for counting.
    pub fn values(&self, array: &ArrayRef) -> Result<Values, ArrowError> {
        Ok(Values {
            nulls: array.logical_nulls(),
            numbers: Numbers::of(array)?,
            encoded: self
                .converter
                .convert_columns(std::slice::from_ref(array))?,
        })
    }

    /// Counts the values of rows added.
    pub fn count_added(&mut self, values: &Values) {
        self.added.count(values, self.ordered);
    }

    /// Counts the values of rows removed.
    pub fn count_removed(&mut self, values: &Values) {
        self.removed.count(values, self.ordered);
    }

    /// Counts the values of rows changed.
    pub fn count_changed(&mut self, old: &Values, new: &Values) {
        self.before.count(old, self.ordered);
        self.after.count(new, self.ordered);
        for index in 0..new.encoded.num_rows() {
            if !old.same(new, index) {
                self.count_change(old, new, index);
            }
        }
    }

    fn count_change(&mut self, old: &Values, new: &Values, index: usize) {
        self.changed += 1;
        match (old.is_null(index), new.is_null(index)) {
            (true, false) => self.null_to_value += 1,
            (false, true) => self.value_to_null += 1,
            (true, true) => {}
            (false, false) => self.count_difference(old, new, index),
        }
    }

    fn count_difference(&mut self, old: &Values, new: &Values, index: usize) {
        let (Some(was), Some(is)) = (&old.numbers, &new.numbers) else {
            return;
        };
        if was.at(index).is_finite() && is.at(index).is_finite() {
            let difference = is.minus(was, index).clamp(-f64::MAX, f64::MAX);
            self.differences.add(difference);
            self.difference_rows += 1;
            self.largest = self.largest.max(difference.abs());
        }
    }

    /// The result.
    pub fn finish(self, column: &Column, key: bool) -> Result<ColumnDiff, ArrowError> {
        let converter = &self.converter;
        Ok(ColumnDiff {
            name: column.name.clone(),
            data_type: column.data_type.to_string(),
            key,
            changed: self.changed,
            null_to_value: self.null_to_value,
            value_to_null: self.value_to_null,
            difference: (self.difference_rows > 0).then(|| Difference {
                rows: self.difference_rows,
                mean: self.differences.mean(self.difference_rows),
                largest: self.largest,
            }),
            added: self.added.finish(converter)?,
            removed: self.removed.finish(converter)?,
            before: self.before.finish(converter)?,
            after: self.after.finish(converter)?,
        })
    }
}

/// The spread of some values.
#[derive(Default)]
pub(crate) struct Spread {
    count: u64,
    nulls: u64,
    not_finite: u64,
    finite: u64,
    sum: ExactSum,
    /// Encoded.
    min: Option<Box<[u8]>>,
    /// Encoded.
    max: Option<Box<[u8]>>,
}

impl Spread {
    fn count(&mut self, values: &Values, ordered: bool) {
        let mut ends: Option<(&[u8], &[u8])> = None;
        self.count += values.encoded.num_rows() as u64;
        for index in 0..values.encoded.num_rows() {
            if values.is_null(index) {
                self.nulls += 1;
            } else if !self.count_number(values, index) && ordered {
                let value = values.encoded.row(index).data();
                ends = Some(ends.map_or((value, value), |(min, max)| {
                    (min.min(value), max.max(value))
                }));
            }
        }
        if let Some((min, max)) = ends {
            if self.min.as_deref().is_none_or(|smallest| min < smallest) {
                self.min = Some(min.into());
            }
            if self.max.as_deref().is_none_or(|largest| max > largest) {
                self.max = Some(max.into());
            }
        }
    }

    /// Counts a value that may be a number; whether it is NaN, which is neither small nor large.
    fn count_number(&mut self, values: &Values, index: usize) -> bool {
        let Some(numbers) = &values.numbers else {
            return false;
        };
        let number = numbers.at(index);
        if number.is_finite() {
            self.finite += 1;
            self.sum.add(number);
        } else {
            self.not_finite += 1;
        }
        number.is_nan()
    }

    fn finish(self, converter: &RowConverter) -> Result<Summary, ArrowError> {
        let decoded = |encoded: Option<Box<[u8]>>| match encoded {
            None => Ok(None),
            Some(bytes) => {
                let columns = converter.convert_rows([converter.parser().parse(&bytes)])?;
                cell::json(&columns[0], 0).map(Some)
            }
        };
        Ok(Summary {
            count: self.count,
            nulls: self.nulls,
            not_finite: self.not_finite,
            min: decoded(self.min)?,
            max: decoded(self.max)?,
            mean: (self.finite > 0).then(|| self.sum.mean(self.finite)),
        })
    }
}
