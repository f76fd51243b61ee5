//! The two inputs: the arms and what was observed on them.
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use lockflight_sdk::prelude::*;
use lockflight_sdk::{Input, PortKind, did_you_mean, type_name};

/// The input with the versions and their shares, in the order of deployment.
pub const ARMS: &str = "arms";
/// The input with what was observed.
pub const FIGURES: &str = "figures";

/// A figure observed on a version.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The version.
    pub version: String,
    /// What was measured.
    pub metric: String,
    /// The slice of the traffic; none for all of it.
    pub slice: Option<String>,
    /// The span of time it covers, in ns.
    pub span: u64,
    /// The value.
    pub value: f64,
    /// How many observations it rests on.
    pub count: u64,
}

/// What is wrong with an input, as far as its schema is known.
pub fn problems(input: &Input) -> Problems {
    let name = input.port.name.as_str();
    let mut problems = Problems::new();
    let columns = match name {
        ARMS => arm_columns(),
        FIGURES => figure_columns(),
        _ => {
            let problem = Problem::input(name, format!("there is no use for an input {name:?}"));
            return problem.help("the inputs are `arms` and `figures`").into();
        }
    };
    if input.port.kind != PortKind::Table {
        let message = "this is a file; the stage needs a table here";
        return Problem::input(name, message).into();
    }
    let Some(schema) = &input.port.schema else {
        return problems;
    };
    for (column, wanted) in columns {
        match schema.field_with_name(column) {
            Ok(field) if field.data_type() == *wanted => {}
            Ok(field) => {
                let (is, wanted) = (type_name(field.data_type()), type_name(wanted));
                let message = format!("column {column:?} is {is}, not {wanted}");
                problems.push(Problem::input(name, message));
            }
            Err(_) => {
                let names = schema.fields().iter().map(|field| field.name().as_str());
                let problem = Problem::input(name, format!("the table has no column {column:?}"));
                problems.push(match did_you_mean(column, names) {
                    Some(guess) => problem.help(format!("rename {guess:?}")),
                    None => problem,
                });
            }
        }
    }
    problems
}

fn arm_columns() -> &'static [(&'static str, &'static DataType)] {
    &[("version", &DataType::Utf8), ("weight", &DataType::Float64)]
}

fn figure_columns() -> &'static [(&'static str, &'static DataType)] {
    &[
        ("version", &DataType::Utf8),
        ("metric", &DataType::Utf8),
        ("slice", &DataType::Utf8),
        ("span", &DataType::UInt64),
        ("value", &DataType::Float64),
        ("count", &DataType::UInt64),
    ]
}

/// The arms, in the order of deployment.
///
/// # Errors
/// A null, a weight that is no share, a version that comes twice, or no version at all.
pub fn arms(table: &Table) -> Result<Vec<Arm>, Failure> {
    let mut arms: Vec<Arm> = Vec::new();
    for batch in table.scan() {
        let (versions, weights) = (batch.text("version")?, batch.f64("weight")?);
        for (version, weight) in versions.iter().zip(weights.iter()) {
            let row = arms.len();
            let (Some(version), Some(weight)) = (version, weight) else {
                return Err(wrong(row, "has no version or no weight"));
            };
            if !(0.0..=1.0).contains(&weight) {
                let message = format!("has the weight {weight}; it is a share, from 0 to 1");
                return Err(wrong(row, &message));
            }
            if arms.iter().any(|arm| arm.version == version) {
                return Err(wrong(row, &format!("has {version:?} for the second time")));
            }
            arms.push(Arm {
                version: version.to_owned(),
                weight,
            });
        }
    }
    if arms.is_empty() {
        return Err(Failure::data("there is no version in the input \"arms\""));
    }
    Ok(arms)
}

fn wrong(row: usize, message: &str) -> Failure {
    Failure::data(format!("row {row} of the input \"arms\" {message}"))
}

/// What was observed: figures without a value, or without an observation, are no figures.
///
/// # Errors
/// A column that is missing or has another type.
pub fn figures(table: &Table) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for batch in table.scan() {
        read_figures(&batch, &mut figures)?;
    }
    Ok(figures)
}

fn read_figures(batch: &RecordBatch, figures: &mut Vec<Figure>) -> Result<(), Failure> {
    let versions = batch.text("version")?;
    let metrics = batch.text("metric")?;
    let slices = batch.text("slice")?;
    let spans = batch.primitive::<UInt64Type>("span")?;
    let values = batch.f64("value")?;
    let counts = batch.primitive::<UInt64Type>("count")?;
    for row in 0..batch.num_rows() {
        let measured = (values.get(row), counts.get(row), spans.get(row));
        let (Some(value), Some(count), Some(span)) = measured else {
            continue;
        };
        let named = versions.is_valid(row) && metrics.is_valid(row);
        if !named || value.is_nan() || count == 0 {
            continue;
        }
        figures.push(Figure {
            version: versions.value(row).to_owned(),
            metric: metrics.value(row).to_owned(),
            slice: slices.is_valid(row).then(|| slices.value(row).to_owned()),
            span,
            value,
            count,
        });
    }
    Ok(())
}
