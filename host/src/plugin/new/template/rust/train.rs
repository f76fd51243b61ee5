//! Centres a column: learns its mean from the rows that have a value, and gives the column without it.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{prelude::*, state, type_name};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The column to centre.
    pub column: String,
}

/// The step: what the trainer learns and the scorer applies.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Centre {
    column: String,
    mean: f64,
}

fn number(column: &str) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(column, DataType::Float64, true)]))
}

fn centred(column: &str) -> SchemaRef {
    number(&format!("{column}_centred"))
}

impl Score for Centre {
    const VERSION: u32 = 1;
    const KIND: &'static str = "{{name}}";

    fn takes(&self) -> SchemaRef {
        number(&self.column)
    }

    fn gives(&self) -> SchemaRef {
        centred(&self.column)
    }

    fn save(&self) -> Vec<u8> {
        state::to_bytes(self)
    }

    fn load(payload: &[u8]) -> Result<Centre, String> {
        state::from_bytes(payload)
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let column = rows.column(0).as_primitive::<Float64Type>();
        Ok(vec![Arc::new(column.unary::<_, Float64Type>(|value| value - self.mean))])
    }
}

pub struct Plugin;

/// The table that shows what was learned.
fn learned() -> SchemaRef {
    let column = Field::new("column", DataType::Utf8, true);
    let mean = Field::new("mean", DataType::Float64, true);
    Arc::new(Schema::new(vec![column, mean]))
}

impl Train for Plugin {
    type Config = Config;
    type Step = Centre;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let column = &job.config.column;
        let ports = StepPorts::known(number(column), centred(column));
        let ports = ports.with(Port::table("learned", learned()));
        let Some(schema) = &job.input("table")?.port.schema else {
            return Ok(ports);
        };
        let problem = |message| Problem::config("/column", message);
        match schema.field_with_name(column).map(|field| type_name(field.data_type())) {
            Ok(is) if is == "float64" => Ok(ports),
            Ok(is) => Err(problem(format!("column {column:?} is {is}, not float64")).into()),
            Err(_) => {
                let names = schema.fields().iter().map(|field| field.name().as_str());
                let problem = problem(format!("the table has no column {column:?}"));
                Err(problem.suggest(column, names).into())
            }
        }
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Centre>, Failure> {
        let name = &job.config.column;
        let (mut count, mut sum) = (0.0, 0.0);
        for batch in job.table("table")?.scan_columns(&[name]) {
            for value in batch.f64(name)?.iter().flatten() {
                (count, sum) = (count + 1.0, sum + value);
            }
        }
        if count == 0.0 {
            return Err(Failure::data(format!("column {name:?} has no value, and so no mean")));
        }
        let mean = sum / count;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![name.as_str()])),
            Arc::new(Float64Array::from(vec![mean])),
        ];
        let mut table = TableWriter::new(learned())?;
        table.write(&RecordBatch::try_new(learned(), columns)?)?;
        let step = Centre { column: name.clone(), mean };
        Ok(Fitted::new(step).with(Output::table("learned", table)))
    }
}

#[cfg(feature = "train")]
lockflight_sdk::export!(Plugin: train);
#[cfg(feature = "score")]
lockflight_sdk::export!(Centre: score);

#[cfg(test)]
mod tests {
    use lockflight_sdk::testing;

    use super::*;

    fn table(values: &[Option<f64>]) -> RecordBatch {
        let mass: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("mass", mass, true)]).unwrap()
    }

    fn fit(values: &[Option<f64>]) -> Result<Fitted<Centre>, Failure> {
        let batch = table(values);
        let job = Job::in_memory(r#"{"column": "mass"}"#)?;
        testing::fit::<Plugin>(&job.with_table("table", batch.schema(), vec![batch]))
    }

    #[test]
    fn the_mean_is_taken_away() {
        let step = fit(&[Some(1.0), None, Some(4.0)]).unwrap().step;
        let rows = table(&[Some(1.0), None, Some(4.5)]);
        let scored = testing::score(&step, &rows).unwrap();
        let centred: Vec<_> = scored.f64("mass_centred").unwrap().iter().collect();
        assert_eq!(centred, [Some(-1.5), None, Some(2.0)]);
        testing::assert_row_wise(&step, &rows);
        testing::assert_guarded(&step);
    }

    #[test]
    fn of_no_value_there_is_no_mean() {
        assert!(matches!(fit(&[None]), Err(Failure::Data(_))));
    }
}
