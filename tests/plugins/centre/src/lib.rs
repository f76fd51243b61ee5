//! Fits the mean of a column and takes it off: the smallest step of a model. Its config can make the scorer break each rule that a
//! scorer has to keep, so that tests see what the host makes of that.

use std::{cell::Cell, sync::Arc};

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Fitted, Score, StepPorts, Train, prelude::*, state};
use serde::{Deserialize, Serialize};

/// What to centre, and how to go wrong.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A float64 column.
    column: String,
    /// What the centred column is called.
    gives: String,
    /// How the step behaves.
    #[serde(default)]
    deed: Deed,
    /// Whether `check` keeps to itself what the step takes and gives.
    #[serde(default)]
    secret: bool,
}

/// How a step behaves.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// As it should.
    #[default]
    Right,
    /// It adds the first value of the batch.
    Neighbour,
    /// It adds how often it was called.
    Memory,
    /// It refuses its state.
    State,
    /// It refuses the rows.
    Rows,
    /// It traps.
    Trap,
    /// It gives another column than its `check` foretold.
    Promise,
    /// It does as it should until it meets certain values: see `wild`.
    Wild,
}

/// The trainer.
#[derive(Debug)]
pub struct Centre;

/// The fitted step.
#[derive(Debug, Serialize, Deserialize)]
pub struct Centred {
    column: String,
    gives: String,
    mean: f64,
    deed: Deed,
    #[serde(skip)]
    calls: Cell<u32>,
}

fn one(name: &str) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(name, DataType::Float64, true)]))
}

impl Train for Centre {
    type Config = Config;
    type Step = Centred;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let input = job.input("table")?;
        let column = &job.config.column;
        if let Some(schema) = &input.port.schema
            && schema.field_with_name(column).is_err()
        {
            let message = format!("the table has no column {column:?}");
            return Err(Problem::config("/column", message).into());
        }
        let known = |name: &str| (!job.config.secret).then(|| one(name));
        Ok(StepPorts {
            takes: known(column),
            gives: known(&job.config.gives),
            outputs: Vec::new(),
        })
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Centred>, Failure> {
        let Config { column, gives, .. } = &job.config;
        let (mut sum, mut count) = (0.0, 0);
        for batch in job.table("table")?.scan_columns(&[column]) {
            for value in batch.f64(column)?.iter().flatten() {
                sum += value;
                count += 1;
            }
        }
        if count == 0 {
            return Err(Failure::data(format!("column {column:?} has no value")));
        }
        let mean = sum / f64::from(count);
        Metric::new("mean", mean).record();
        let promised = job.config.deed != Deed::Promise;
        let step = Centred {
            column: column.clone(),
            gives: if promised {
                gives.clone()
            } else {
                "other".into()
            },
            mean,
            deed: job.config.deed,
            calls: Cell::new(0),
        };
        Ok(Fitted {
            step,
            outputs: Vec::new(),
        })
    }
}

impl Score for Centred {
    const VERSION: u32 = 1;
    const KIND: &'static str = "centre";

    fn takes(&self) -> SchemaRef {
        one(&self.column)
    }

    fn gives(&self) -> SchemaRef {
        one(&self.gives)
    }

    fn save(&self) -> Vec<u8> {
        state::to_bytes(self)
    }

    fn load(payload: &[u8]) -> Result<Self, String> {
        let step: Centred = state::from_bytes(payload)?;
        match step.deed {
            Deed::State => Err("it is not to its taste".into()),
            _ => Ok(step),
        }
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let values = rows.column(0).as_any().downcast_ref::<Float64Array>();
        let values = values.ok_or("the column is no float64")?;
        self.calls.set(self.calls.get() + 1);
        let off = match self.deed {
            Deed::Neighbour if !values.is_empty() => self.mean - values.value(0),
            Deed::Memory => self.mean - f64::from(self.calls.get()),
            Deed::Rows => return Err("row 3 has a hole".into()),
            Deed::Trap => panic!("the scorer has a fault"),
            _ => self.mean,
        };
        if self.deed == Deed::Wild
            && let Some(rows) = values.iter().flatten().find_map(wild)
        {
            return Ok(vec![Arc::new(Float64Array::from(vec![0.0; rows]))]);
        }
        let centred: Float64Array = values.iter().map(|x| x.map(|x| x - off)).collect();
        Ok(vec![Arc::new(centred)])
    }
}

/// What a value makes of a scorer that is `Wild`: how many rows it answers, if it answers at all.
fn wild(value: f64) -> Option<usize> {
    match value {
        666.0 => panic!("the scorer has a fault"),
        777.0 => loop {
            std::hint::black_box(value);
        },
        888.0 => Some(0),
        999.0 => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
            }
        }
        _ => None,
    }
}

#[cfg(feature = "train")]
lockflight_sdk::export!(Centre: train);
#[cfg(feature = "score")]
lockflight_sdk::export!(Centred: score);
