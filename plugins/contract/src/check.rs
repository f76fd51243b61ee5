//! The checks that a contract can ask for.
use std::collections::HashSet;

use arrow_schema::DataType;
use lockflight_expression::Checked;
use regex::Regex;

use crate::range::{FloatRange, Range};

/// Every kind of check, in the order of the documentation.
pub const KINDS: [&str; 21] = [
    "columns",
    "of-type",
    "row-count-between",
    "not-null",
    "unique",
    "between",
    "in-set",
    "not-in-set",
    "match-regex",
    "not-match-regex",
    "lengths-between",
    "increasing",
    "pair-greater-than",
    "expression",
    "min-between",
    "max-between",
    "mean-between",
    "sum-between",
    "null-share-between",
    "unique-value-count-between",
    "proportion-of-unique-between",
];

/// What a failed check means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// The verdict is warn, and no row is set aside.
    Warn,
    /// The verdict is fail, and the rows that fail are set aside.
    Fail,
}

/// A check, bound to the columns of a table.
#[derive(Debug)]
pub struct Check {
    /// Its kind, one of [`KINDS`].
    pub kind: &'static str,
    /// The columns it is about; none for the table as a whole.
    pub columns: Vec<String>,
    /// What it means when it fails.
    pub severity: Severity,
    /// What it asks for.
    pub rule: Rule,
}

impl Check {
    /// What the check is about, in a sentence: its columns, the first one of a pair, or its expression.
    pub fn value(&self) -> String {
        match &self.rule {
            Rule::Rows {
                rule: RowRule::Greater { .. },
                ..
            } => self.columns[0].clone(),
            Rule::Rows {
                rule: RowRule::Holds { text, .. },
                ..
            } => text.clone(),
            _ => self.columns.join(", "),
        }
    }

    /// Why a row that fails does; none for checks that are not about rows.
    pub fn reason(&self) -> Option<String> {
        match &self.rule {
            Rule::Rows { otherwise, .. } => Some(format!("{} is {otherwise}", self.value())),
            _ => None,
        }
    }
}

/// What a check asks for.
#[derive(Debug)]
pub enum Rule {
    /// Something of the table as a whole.
    Table(TableRule),
    /// Something of every row.
    Rows {
        /// What a row has to be.
        rule: RowRule,
        /// What a row that is not is, e.g. `not >= 30`.
        otherwise: String,
        /// The share of the rows with a value that has to pass.
        mostly: f64,
    },
    /// A figure over a column.
    Figure {
        /// Which figure.
        figure: Figure,
        /// Where it has to be.
        range: FloatRange,
        /// That in words.
        text: String,
    },
}

/// What can be asked of a table as a whole.
#[derive(Debug)]
pub enum TableRule {
    /// It has these columns.
    Columns {
        /// Their names.
        names: Vec<String>,
        /// Whether there may be no others.
        exact: bool,
        /// Whether they have to come in this order.
        ordered: bool,
    },
    /// The column has this type.
    OfType(DataType),
    /// It has so many rows.
    RowCount {
        /// How many.
        range: FloatRange,
        /// That in words.
        text: String,
    },
}

/// What can be asked of a row. All but `NotNull` leave rows without a value out.
#[derive(Debug)]
pub enum RowRule {
    /// There is a value.
    NotNull,
    /// No other row has the same values in these columns.
    Unique {
        /// Whether the first of several equal rows is fine.
        keep_first: bool,
    },
    /// The value is in the range.
    Between(Range),
    /// The value is, or is not, one of these.
    In {
        /// The values.
        set: Set,
        /// Whether the value has to be none of them.
        negate: bool,
    },
    /// The text matches, or does not.
    Matches {
        /// The expression; it may match anywhere.
        regex: Regex,
        /// Whether the text must not match.
        negate: bool,
    },
    /// The text has so many characters, or the bytes are so many.
    Lengths {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
    /// The value is not below the one before.
    Increasing {
        /// Whether it must not be equal either.
        strict: bool,
    },
    /// The first column's value is greater than the second's.
    Greater {
        /// Whether equal ones will do.
        or_equal: bool,
    },
    /// A condition over the check's columns is true.
    Holds {
        /// The condition, under the schema of these columns alone.
        condition: Checked,
        /// As it is written.
        text: String,
    },
}

/// The values of a set, in the terms of a column.
#[derive(Debug)]
pub enum Set {
    /// Whole numbers, days, times, truth values.
    Int(HashSet<i128>),
    /// Floats by their bits; 0.0 stands for -0.0.
    Float(HashSet<u64>),
    /// Texts.
    Text(HashSet<String>),
}

/// A figure over a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Figure {
    /// The smallest value.
    Min,
    /// The greatest value.
    Max,
    /// The mean.
    Mean,
    /// The sum.
    Sum,
    /// The share of rows without a value.
    NullShare,
    /// How many distinct values there are.
    UniqueCount,
    /// Distinct values by values.
    UniqueShare,
}

impl Figure {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Figure::Min => "smallest value",
            Figure::Max => "greatest value",
            Figure::Mean => "mean",
            Figure::Sum => "sum",
            Figure::NullShare => "share of nulls",
            Figure::UniqueCount => "number of distinct values",
            Figure::UniqueShare => "share of distinct values",
        }
    }

    /// Whether it needs numbers.
    pub fn is_numeric(self) -> bool {
        matches!(self, Figure::Min | Figure::Max | Figure::Mean | Figure::Sum)
    }

    /// Whether it counts distinct values.
    pub fn is_distinct(self) -> bool {
        matches!(self, Figure::UniqueCount | Figure::UniqueShare)
    }
}

/// A float's bits, one for all zeros and one for all NaNs.
pub fn float_bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else if value == 0.0 {
        0
    } else {
        value.to_bits()
    }
}
