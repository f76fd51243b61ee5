//! Applies the rules of rows, batch by batch.
use arrow_array::{Array, RecordBatch, cast::AsArray};
use arrow_schema::DataType;
use lockflight_expression::Checked;

use crate::check::{RowRule, Set, float_bits};
use crate::marks::Marks;
use crate::range::Range;
use crate::values::{each_bytes, each_float, each_int, each_text};

/// What a rule found so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many rows it looked at.
    pub rows: u64,
    /// Those that fail.
    pub failed: Marks,
    /// For `increasing`: the value before.
    last: Option<Number>,
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Number {
    Int(i128),
    Float(f64),
}

impl Tally {
    /// Applies a rule to the next rows; `names` and `columns` are those of the check, and `start` is the first row's number. Rules
    /// that need all rows at once (`Unique`) are none of these.
    pub fn see(&mut self, rule: &RowRule, batch: &RecordBatch, names: &[String], start: u64) {
        if let RowRule::Holds { condition, .. } = rule {
            return self.see_condition(condition, batch, start);
        }
        let columns = pick(batch, names);
        let column = columns[0];
        let rows = column.len() as u64;
        if !matches!(rule, RowRule::NotNull | RowRule::Greater { .. }) {
            self.rows += rows - column.null_count() as u64;
        }
        let failed = &mut self.failed;
        let mut fail_if = |fails: bool, row: usize| {
            if fails {
                failed.add(start + row as u64);
            }
        };
        match rule {
            RowRule::NotNull => {
                self.rows += rows;
                (0..column.len()).for_each(|row| fail_if(column.is_null(row), row));
            }
            RowRule::Between(Range::Int { min, max }) => {
                let (min, max) = (min.unwrap_or(i128::MIN), max.unwrap_or(i128::MAX));
                each_int(column, |row, value| {
                    fail_if(value < min || value > max, row)
                });
            }
            RowRule::Between(Range::Float(range)) => {
                each_float(column, |row, value| fail_if(!range.contains(value), row));
            }
            RowRule::In { set, negate } => match set {
                Set::Int(set) => {
                    each_int(column, |row, v| fail_if(set.contains(&v) == *negate, row))
                }
                Set::Float(set) => {
                    each_float(column, |row, v| {
                        fail_if(set.contains(&float_bits(v)) == *negate, row)
                    });
                }
                Set::Text(set) => {
                    each_text(column, |row, v| fail_if(set.contains(v) == *negate, row))
                }
            },
            RowRule::Matches { regex, negate } => {
                each_text(column, |row, text| {
                    fail_if(regex.is_match(text) == *negate, row)
                });
            }
            RowRule::Lengths { min, max } => {
                let fits = |len: usize| (*min..=*max).contains(&(len as u64));
                if *column.data_type() == DataType::Utf8 {
                    each_text(column, |row, text| {
                        fail_if(!fits(text.chars().count()), row)
                    });
                } else {
                    each_bytes(column, |row, bytes| fail_if(!fits(bytes.len()), row));
                }
            }
            RowRule::Increasing { strict } => {
                let last = &mut self.last;
                each_number(column, |row, value| {
                    let rises = last.is_none_or(|last| value > last || !strict && value == last);
                    fail_if(!rises, row);
                    *last = Some(value);
                });
            }
            RowRule::Greater { or_equal } => {
                let (greater, smaller) = (columns[0], columns[1]);
                let floats = greater.data_type().is_floating() || smaller.data_type().is_floating();
                let (a, b) = (numbers(greater, floats), numbers(smaller, floats));
                for (row, pair) in a.into_iter().zip(b).enumerate() {
                    if let (Some(a), Some(b)) = pair {
                        self.rows += 1;
                        fail_if(!(a > b || *or_equal && a == b), row);
                    }
                }
            }
            RowRule::Unique { .. } => unreachable!("keys are compared over the whole table"),
            RowRule::Holds { .. } => unreachable!("conditions were seen to above"),
        }
    }

    /// A row for which the condition is null is left out, as one without a value is everywhere.
    fn see_condition(&mut self, condition: &Checked, batch: &RecordBatch, start: u64) {
        let answers = condition.evaluate(batch);
        let answers = answers.expect("the condition was checked against the table's schema");
        let answers = answers.as_boolean();
        self.rows += (answers.len() - answers.null_count()) as u64;
        for (row, answer) in answers.iter().enumerate() {
            if answer == Some(false) {
                self.failed.add(start + row as u64);
            }
        }
    }
}

fn each_number(column: &dyn Array, mut take: impl FnMut(usize, Number)) {
    if column.data_type().is_floating() {
        each_float(column, |row, value| take(row, Number::Float(value)));
    } else {
        each_int(column, |row, value| take(row, Number::Int(value)));
    }
}

/// The column's values, as floats or as they are.
fn numbers(column: &dyn Array, floats: bool) -> Vec<Option<Number>> {
    let mut numbers = vec![None; column.len()];
    if floats {
        each_float(column, |row, value| {
            numbers[row] = Some(Number::Float(value))
        });
    } else {
        each_int(column, |row, value| numbers[row] = Some(Number::Int(value)));
    }
    numbers
}

/// The columns of a check within a batch.
///
/// # Panics
/// When one is not there: checks are bound to the schema before.
pub fn pick<'a>(batch: &'a RecordBatch, names: &[String]) -> Vec<&'a dyn Array> {
    let columns = names.iter().map(|name| batch.column_by_name(name));
    let columns = columns.map(|column| column.expect("the check is bound to the schema").as_ref());
    columns.collect()
}
