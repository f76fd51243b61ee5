//! Ranges that values are held against.
use arrow_schema::DataType;

use crate::entry::{At, Entry};
use crate::literal::{Literal, Typed};

/// The keys `min`, `max`, `strict-min` and `strict-max` of a check.
#[derive(Clone, Debug)]
pub struct Bounds {
    min: Option<At<Literal>>,
    max: Option<At<Literal>>,
    strict_min: bool,
    strict_max: bool,
    text: String,
}

impl Bounds {
    /// Reads the keys; one of `min` and `max` has to be there.
    pub fn read(entry: &mut Entry<'_>) -> Option<Bounds> {
        let (min, max) = (entry.bound("min"), entry.bound("max"));
        let (strict_min, strict_max) = (entry.flag("strict-min"), entry.flag("strict-max"));
        let low = min.as_ref().map(|at| {
            format!(
                "{} {}",
                if strict_min { ">" } else { ">=" },
                entry.source(&at.span)
            )
        });
        let high = max.as_ref().map(|at| {
            format!(
                "{} {}",
                if strict_max { "<" } else { "<=" },
                entry.source(&at.span)
            )
        });
        let text = match (low, high) {
            (None, None) => {
                entry.missing("min or max");
                return None;
            }
            (Some(one), None) | (None, Some(one)) => one,
            (Some(low), Some(high)) => format!("{low} and {high}"),
        };
        Some(Bounds {
            min,
            max,
            strict_min,
            strict_max,
            text,
        })
    }

    /// In words, e.g. `>= 30 and <= 60`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The range in the terms of a column.
    ///
    /// # Errors
    /// The bound that means nothing there.
    pub fn range(&self, data_type: &DataType) -> Result<Range, At<()>> {
        let typed = |bound: &Option<At<Literal>>| match bound {
            None => Ok(None),
            Some(at) => at.value.typed(data_type).map(Some).ok_or(At {
                value: (),
                span: at.span.clone(),
            }),
        };
        let (min, max) = (typed(&self.min)?, typed(&self.max)?);
        if data_type.is_floating() {
            let float = |bound| match bound {
                Some(Typed::Float(value)) => Some(value),
                _ => None,
            };
            return Ok(Range::Float(FloatRange {
                min: float(min).map(|value| (value, self.strict_min)),
                max: float(max).map(|value| (value, self.strict_max)),
            }));
        }
        Ok(Range::Int {
            min: min.and_then(|bound| smallest(&bound, self.strict_min)),
            max: max.and_then(|bound| greatest(&bound, self.strict_max)),
        })
    }

    /// The range for figures such as a mean, which are floats whatever the column.
    ///
    /// # Errors
    /// The bound that is no number.
    pub fn figures(&self) -> Result<FloatRange, At<()>> {
        match self.range(&DataType::Float64)? {
            Range::Float(range) => Ok(range),
            Range::Int { .. } => unreachable!("floats give a range of floats"),
        }
    }
}

/// The smallest whole number that is not below the bound.
fn smallest(bound: &Typed, strict: bool) -> Option<i128> {
    match bound {
        Typed::Int(value) => Some(value + i128::from(strict)),
        Typed::Float(value) if value.fract() == 0.0 => Some(*value as i128 + i128::from(strict)),
        Typed::Float(value) => Some(value.ceil() as i128),
        Typed::Text(_) => None,
    }
}

/// The greatest whole number that is not above the bound.
fn greatest(bound: &Typed, strict: bool) -> Option<i128> {
    match bound {
        Typed::Int(value) => Some(value - i128::from(strict)),
        Typed::Float(value) if value.fract() == 0.0 => Some(*value as i128 - i128::from(strict)),
        Typed::Float(value) => Some(value.floor() as i128),
        Typed::Text(_) => None,
    }
}

/// Which values are allowed.
#[derive(Clone, Debug)]
pub enum Range {
    /// Whole numbers, dates, times: from min to max, both included.
    Int {
        /// The smallest.
        min: Option<i128>,
        /// The greatest.
        max: Option<i128>,
    },
    /// Floats.
    Float(FloatRange),
}

/// A range of floats; each bound with whether it is excluded.
#[derive(Clone, Debug)]
pub struct FloatRange {
    min: Option<(f64, bool)>,
    max: Option<(f64, bool)>,
}

impl FloatRange {
    /// Whether the value is in the range. NaN is in none.
    pub fn contains(&self, value: f64) -> bool {
        let above = self
            .min
            .is_none_or(|(min, strict)| value > min || !strict && value == min);
        let below = self
            .max
            .is_none_or(|(max, strict)| value < max || !strict && value == max);
        above && below && !value.is_nan()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_between_whole_numbers_are_exact() {
        assert_eq!(smallest(&Typed::Float(0.5), false), Some(1));
        assert_eq!(smallest(&Typed::Float(1.0), true), Some(2));
        assert_eq!(smallest(&Typed::Float(-0.5), true), Some(0));
        assert_eq!(greatest(&Typed::Float(0.5), true), Some(0));
        assert_eq!(greatest(&Typed::Float(-0.5), false), Some(-1));
        assert_eq!(greatest(&Typed::Int(5), true), Some(4));
    }

    #[test]
    fn no_range_holds_nan() {
        let range = |min, max| FloatRange { min, max };
        assert!(!range(None, None).contains(f64::NAN));
        assert!(range(Some((1.0, false)), Some((2.0, true))).contains(1.0));
        assert!(!range(Some((1.0, true)), None).contains(1.0));
        assert!(!range(None, Some((2.0, true))).contains(2.0));
    }
}
