//! The columns of a scored table as numbers.
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types as arrow;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use lockflight_sdk::prelude::*;
use lockflight_sdk::type_name;

use crate::config::{Config, Task};

/// How the target of a table is read.
#[derive(Clone, Debug)]
pub enum Target {
    /// Numbers to be predicted.
    Number,
    /// Two classes, as truth values.
    Flag,
    /// Two classes, as 0 and 1.
    ZeroOne,
    /// Two classes, as texts, and those that were met.
    Text(Classes),
}

/// The two texts of a target.
#[derive(Clone, Debug)]
pub struct Classes {
    positive: String,
    positive_met: bool,
    other: Option<String>,
}

/// Holds the columns that the config names against a table: all that is wrong, or how its target is read. `baseline` is the
/// name of the input if it is not the table that is evaluated, since the config is right for that one then.
pub fn bind(config: &Config, schema: &Schema, baseline: Option<&str>) -> Result<Target, Problems> {
    let mut problems = Problems::new();
    let at = |key: &str, message: String| match baseline {
        Some(input) => Problem::input(input, message),
        None => Problem::config(format!("/{key}"), message),
    };
    let mut data_type = |key: &str, name: &str| match schema.field_with_name(name) {
        Ok(field) => Some(field.data_type().clone()),
        Err(_) => {
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            let listed = format!("it has {}", names.join(", "));
            let problem = at(key, format!("the table has no column {name:?}")).help(listed);
            problems.push(problem.suggest(name, names));
            None
        }
    };
    let prediction = data_type("prediction", &config.prediction);
    let target = data_type("target", &config.target);
    let slices: Vec<_> = (0..)
        .zip(&config.slices)
        .map(|(index, name)| (index, name, data_type(&format!("slices/{index}"), name)))
        .collect();
    if let Some(data_type) = prediction.filter(|data_type| !data_type.is_numeric()) {
        let is = type_name(&data_type);
        let message = format!(
            "column {:?} is {is}; a prediction is a number",
            config.prediction
        );
        let problem = at("prediction", message);
        problems.push(match config.task {
            Task::Binary => {
                problem.help("of two classes it is the probability of the positive one")
            }
            Task::Regression => problem,
        });
    }
    for (index, name, data_type) in slices {
        if let Some(data_type) = data_type.filter(|data_type| !makes_slices(data_type)) {
            let is = type_name(&data_type);
            let message = format!(
                "column {name:?} is {is}; slices are made of texts, truth values and whole numbers"
            );
            let problem = at(&format!("slices/{index}"), message);
            problems.push(problem.help("derive a column with few values in an earlier stage"));
        }
    }
    let target = target
        .map(|data_type| target_of(config, &data_type).map_err(|(key, message)| at(key, message)));
    match target {
        Some(Ok(target)) => problems.or(target),
        Some(Err(problem)) => {
            problems.push(problem);
            Err(problems)
        }
        None => Err(problems),
    }
}

/// Whether the values of a column can be slices.
fn makes_slices(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::Boolean) || data_type.is_integer()
}

/// How a target is read, or the key that is wrong and why.
fn target_of(config: &Config, data_type: &DataType) -> Result<Target, (&'static str, String)> {
    let (name, is) = (&config.target, type_name(data_type));
    let target = match (config.task, data_type) {
        (Task::Regression, number) if number.is_numeric() => return Ok(Target::Number),
        (Task::Regression, _) => {
            let message =
                format!("column {name:?} is {is}; the target of a regression is a number");
            return Err(("target", message));
        }
        (Task::Binary, DataType::Boolean) => Target::Flag,
        (Task::Binary, number) if number.is_numeric() => Target::ZeroOne,
        (Task::Binary, DataType::Utf8) => match &config.positive {
            Some(positive) => Target::Text(Classes {
                positive: positive.clone(),
                positive_met: false,
                other: None,
            }),
            None => {
                let message = format!(
                    "column {name:?} is text: say which text is the positive class, e.g. positive = \"yes\""
                );
                return Err(("target", message));
            }
        },
        (Task::Binary, _) => {
            let message = format!(
                "column {name:?} is {is}; the target of two classes is a truth value, 0 or 1, or a text"
            );
            return Err(("target", message));
        }
    };
    if config.positive.is_some() && !matches!(target, Target::Text(_)) {
        let message = format!("column {name:?} is {is}; only of texts the positive one is named");
        return Err(("positive", message));
    }
    Ok(target)
}

impl Target {
    /// The values of a batch whose first row has the number `start`; NaN where there is none. Of two classes, 1 is positive.
    ///
    /// # Errors
    /// [`Failure::Data`] for a value that is of neither class.
    pub fn read(
        &mut self,
        name: &str,
        column: &dyn Array,
        start: u64,
    ) -> Result<Vec<f64>, Failure> {
        match self {
            Target::Number => Ok(numbers(column)),
            Target::Flag => {
                let flag =
                    |flag: Option<bool>| flag.map_or(f64::NAN, |flag| f64::from(u8::from(flag)));
                Ok(column.as_boolean().iter().map(flag).collect())
            }
            Target::ZeroOne => {
                let values = numbers(column);
                let odd = values
                    .iter()
                    .position(|value| !value.is_nan() && *value != 0.0 && *value != 1.0);
                match odd {
                    None => Ok(values),
                    Some(row) => Err(Failure::data(format!(
                        "row {} has {} in column {name:?}; a target of two classes is 0 or 1",
                        start + row as u64,
                        values[row]
                    ))),
                }
            }
            Target::Text(classes) => {
                let texts = column.as_string::<i32>().iter();
                let value = |text: Option<&str>| match text {
                    None => Ok(f64::NAN),
                    Some(text) => Ok(f64::from(u8::from(classes.meet(name, text)?))),
                };
                texts.map(value).collect()
            }
        }
    }

    /// What can be said of the classes once all rows were read.
    ///
    /// # Errors
    /// A problem of the config when a text was met, and not the one that is to be the positive class.
    pub fn finish(&self) -> Result<(), Problem> {
        match self {
            Target::Text(Classes {
                positive,
                positive_met: false,
                other: Some(other),
            }) => {
                let message =
                    format!("no row has the target {positive:?}; all of them have {other:?}");
                Err(Problem::config("/positive", message).suggest(positive, [other.as_str()]))
            }
            _ => Ok(()),
        }
    }
}

impl Classes {
    /// Whether a text is the positive class.
    fn meet(&mut self, name: &str, text: &str) -> Result<bool, Failure> {
        if text == self.positive {
            self.positive_met = true;
            return Ok(true);
        }
        match &self.other {
            None => self.other = Some(text.to_owned()),
            Some(other) if other == text => {}
            Some(other) => {
                return Err(Failure::data(format!(
                    "column {name:?} has more than two classes: {:?}, {other:?} and {text:?}",
                    self.positive
                )));
            }
        }
        Ok(false)
    }
}

/// A column of numbers as floats; NaN for a null.
///
/// # Panics
/// When it holds no numbers: [`bind`] looked at its type.
pub fn numbers(column: &dyn Array) -> Vec<f64> {
    macro_rules! of {
        ($type:ty) => {{
            let column = column.as_primitive::<$type>();
            let number = |value: Option<<$type as arrow::ArrowPrimitiveType>::Native>| {
                value.map_or(f64::NAN, |value| value as f64)
            };
            column.iter().map(number).collect()
        }};
    }
    match column.data_type() {
        DataType::Int8 => of!(arrow::Int8Type),
        DataType::Int16 => of!(arrow::Int16Type),
        DataType::Int32 => of!(arrow::Int32Type),
        DataType::Int64 => of!(arrow::Int64Type),
        DataType::UInt8 => of!(arrow::UInt8Type),
        DataType::UInt16 => of!(arrow::UInt16Type),
        DataType::UInt32 => of!(arrow::UInt32Type),
        DataType::UInt64 => of!(arrow::UInt64Type),
        DataType::Float32 => of!(arrow::Float32Type),
        DataType::Float64 => of!(arrow::Float64Type),
        other => unreachable!("{other} holds no numbers"),
    }
}

/// The column of a batch that [`bind`] found in its schema.
pub fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    let column = batch.column_by_name(name);
    column
        .expect("the columns are bound to the schema")
        .as_ref()
}

/// The first of the probabilities that is none, with its row.
pub fn no_probability(values: &[f64], rows: Range<u64>) -> Option<(u64, f64)> {
    let mut values = rows.zip(values.iter().copied());
    values.find(|(_, value)| value.is_finite() && !(0.0..=1.0).contains(value))
}
