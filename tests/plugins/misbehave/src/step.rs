//! The worlds `train` and `score`: a step that adds 1 to the column `n` and asks for another column too. The deed is its state.

use std::cell::Cell;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_sdk::{Fitted, Score, StepPorts, Train, prelude::*, state};

use crate::deed::{Deed, nan_bit, trap};
use crate::{Config, Misbehave, check};

const TAKES: &[&str] = &["n", "m"];
const GIVES: &[&str] = &["answer"];
/// From which place in its batch on a row is late.
const LATE: usize = 64;
/// How many calls are many.
const MANY: u32 = 50;

/// The fitted step.
#[derive(Debug)]
pub struct Step {
    deed: Deed,
    calls: Cell<u32>,
}

fn numbers(names: &[&str]) -> SchemaRef {
    let fields = names
        .iter()
        .map(|name| Field::new(*name, DataType::Float64, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

impl Train for Misbehave {
    type Config = Config;
    type Step = Step;

    fn check(job: &Job<Config>) -> Result<StepPorts, Problems> {
        let outputs = check(job, Vec::new())?;
        Ok(StepPorts {
            outputs,
            ..StepPorts::known(numbers(TAKES), numbers(GIVES))
        })
    }

    fn fit(job: &Job<Config>) -> Result<Fitted<Step>, Failure> {
        job.config.deed.in_run(job.config.amount)?;
        job.config.deed.with_inputs(job)?;
        Ok(Fitted::new(Step::new(job.config.deed)))
    }
}

impl Step {
    fn new(deed: Deed) -> Step {
        Step {
            deed,
            calls: Cell::new(0),
        }
    }
}

impl Score for Step {
    const VERSION: u32 = 1;
    const KIND: &'static str = "misbehave";

    fn takes(&self) -> SchemaRef {
        numbers(TAKES)
    }

    fn gives(&self) -> SchemaRef {
        numbers(GIVES)
    }

    /// The deed, and as many bytes behind it that it is in the first half of the framed state.
    fn save(&self) -> Vec<u8> {
        state::to_bytes(&(self.deed, [0_u64; 32]))
    }

    fn load(payload: &[u8]) -> Result<Step, String> {
        let (deed, _): (Deed, [u64; 32]) = state::from_bytes(payload)?;
        Ok(Step::new(deed))
    }

    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
        let values = rows.column(0).as_any().downcast_ref::<Float64Array>();
        let values = values.ok_or("the column is no float64")?;
        self.calls.set(self.calls.get() + 1);
        let is_null = values.null_count() == values.len();
        match self.deed {
            Deed::TrapOnEmpty if values.is_empty() => trap(),
            Deed::TrapOnNulls if !values.is_empty() && is_null => trap(),
            Deed::TrapOnManyBatches if self.calls.get() > MANY => trap(),
            _ => {}
        }
        let more = |row: usize| match self.deed {
            Deed::Neighbour => values.value(0),
            Deed::Memory => f64::from(self.calls.get()),
            Deed::NanBits => f64::from(nan_bit()),
            Deed::CountBatches if row >= LATE => 1.0,
            _ => 0.0,
        };
        let answers = values.iter().enumerate();
        let answers = answers.map(|(row, value)| Some(value? + 1.0 + more(row)));
        Ok(vec![Arc::new(answers.collect::<Float64Array>())])
    }
}

/// What the SDK would not let through is done around it.
#[cfg(all(feature = "score", target_family = "wasm"))]
mod around {
    use std::cell::Cell;

    use lockflight_sdk::bindings::exports_of::scorer::Guest;
    use lockflight_sdk::bindings::types::{Batch, Column};
    use lockflight_sdk::export::ExportedStep;
    use lockflight_sdk::{Score, state};

    use super::Step;
    use crate::deed::Deed;

    type Inner = ExportedStep<Step>;

    /// Where in a state the deed is: behind the head of the SDK's frame.
    const DEED: usize = 8 + 4 + 1 + Step::KIND.len() + 8;

    thread_local! {
        static LOADED: Cell<Deed> = const { Cell::new(Deed::Nothing) };
    }

    struct Around;

    impl Guest for Around {
        fn load(part: Vec<u8>, rest: u64) -> Result<(), String> {
            let misread = state::frame(&Step::new(Deed::MisreadState));
            let part = match part.len() > DEED && misread.starts_with(&part) {
                true => misread,
                false => part,
            };
            if let Ok(step) = state::unframe::<Step>(&part) {
                LOADED.set(step.deed);
            }
            Inner::load(part, rest)
        }

        fn score(mut rows: Batch) -> Result<Batch, String> {
            if LOADED.get() == Deed::FillColumn && rows.columns.len() == 1 {
                rows.columns.push(Column {
                    length: rows.rows,
                    validity: None,
                    offsets: None,
                    values: vec![0; rows.rows as usize * size_of::<f64>()],
                });
            }
            let mut answer = Inner::score(rows)?;
            if LOADED.get() == Deed::AnswerMore {
                answer.rows += 1;
            }
            Ok(answer)
        }
    }

    lockflight_sdk::bindings::score::export_score_bindings!(Around with_types_in lockflight_sdk::bindings::score);
}
