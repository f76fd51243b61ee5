//! World `score`: a fitted step of a model, and what stands between it and the host.
use std::fmt;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use crate::adopt::adopt_batch;
use crate::bindings::types;
use crate::lend::lend_batch;
use crate::{state, type_name};

/// A fitted step of a model.
///
/// What it answers for a row depends on that row and its state alone: no other row, no earlier call. The host splits and
/// permutes batches to prove it, and [`testing::assert_row_wise`](crate::testing::assert_row_wise) does so in a test.
///
/// A scorer can reach nothing: no inputs, no log, no clock. What it has to say is an error in words; a panic ends it in a trap
/// without a message.
pub trait Score: Sized + 'static {
    /// The version of the state's format. A state of another version is refused before [`load`](Score::load) sees it, so raise it
    /// with every change of what [`save`](Score::save) writes.
    const VERSION: u32;
    /// What the state is of, such as the plugin's name. A state of another kind is refused before [`load`](Score::load) sees it.
    /// At most 255 bytes.
    const KIND: &'static str = "";

    /// The columns wanted, in order. A batch to score has exactly these.
    fn takes(&self) -> SchemaRef;

    /// The columns answered, in order.
    fn gives(&self) -> SchemaRef;

    /// The state: everything that [`load`](Score::load) needs. Equal steps have to give equal bytes.
    /// [`state::to_bytes`](crate::state::to_bytes) makes them of anything that serde can write.
    fn save(&self) -> Vec<u8>;

    /// The step of a state, exactly as [`save`](Score::save) made it: what is cut off, damaged, of another version or another kind
    /// never gets here.
    ///
    /// # Errors
    /// What is wrong with the state, in words.
    fn load(payload: &[u8]) -> Result<Self, String>;

    /// The columns of [`gives`](Score::gives) for rows of [`takes`](Score::takes), one value per row.
    ///
    /// # Errors
    /// What is wrong with the rows, in words: the column, the value, what to do.
    fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String>;
}

/// A step with its schemas at hand.
pub(crate) struct Loaded<S> {
    pub(crate) step: S,
    takes: SchemaRef,
    gives: SchemaRef,
}

impl<S: Score> Loaded<S> {
    pub(crate) fn new(step: S) -> Loaded<S> {
        let (takes, gives) = (step.takes(), step.gives());
        Loaded { step, takes, gives }
    }

    /// Scores rows as the host hands them over.
    fn score(&self, rows: types::Batch) -> Result<types::Batch, String> {
        let rows = adopt_batch(&self.takes, rows)
            .map_err(|error| format!("the rows are not what the step takes: {error}"))?;
        let columns = self.step.score(&rows)?;
        let answer = labelled(&self.gives, columns, rows.num_rows())?;
        Ok(lend_batch(
            &answer,
            std::slice::from_ref(&(0..answer.num_rows())),
        ))
    }
}

/// The answer under the schema that the step promised.
pub(crate) fn labelled(
    gives: &SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, String> {
    let fault = |message: String| format!("the scorer has a fault: {message}");
    if columns.len() != gives.fields().len() {
        let wanted = gives.fields().len();
        return Err(fault(format!(
            "it answers {} columns instead of {wanted}",
            columns.len()
        )));
    }
    for (field, column) in gives.fields().iter().zip(&columns) {
        let name = field.name();
        if column.len() != rows {
            let values = column.len();
            return Err(fault(format!(
                "it answers {values} values for {rows} rows in column {name:?}"
            )));
        }
        if column.data_type() != field.data_type() {
            let (is, wanted) = (type_name(column.data_type()), type_name(field.data_type()));
            return Err(fault(format!("column {name:?} is {is}, not {wanted}")));
        }
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(fault(format!(
                "column {name:?} holds nulls but is declared without"
            )));
        }
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(gives.clone(), columns, &options)
        .map_err(|error| fault(error.to_string()))
}

/// What a component of world `score` keeps between calls: parts of a state until it is whole, then the step.
pub(crate) struct Scorer<S> {
    parts: Vec<u8>,
    /// How many bytes are to come, while a state is on its way.
    rest: Option<u64>,
    loaded: Option<Loaded<S>>,
}

impl<S: Score> Scorer<S> {
    pub(crate) fn new() -> Scorer<S> {
        Scorer {
            parts: Vec::new(),
            rest: None,
            loaded: None,
        }
    }

    /// Takes the next part of a state, of which `rest` bytes are still to come. The first part after a whole state, or after an
    /// error, begins a new one.
    pub(crate) fn load(&mut self, part: Vec<u8>, rest: u64) -> Result<(), String> {
        self.loaded = None;
        let loaded = self.gather(part, rest).and_then(|whole| {
            let step = whole.map(|bytes| state::unframe::<S>(&bytes));
            step.transpose()
        });
        if !matches!(loaded, Ok(None)) {
            self.parts = Vec::new();
            self.rest = None;
        }
        self.loaded = loaded?.map(Loaded::new);
        Ok(())
    }

    /// The whole state, once its last part is there.
    fn gather(&mut self, part: Vec<u8>, rest: u64) -> Result<Option<Vec<u8>>, String> {
        match self.rest {
            None if rest == 0 => return Ok(Some(part)),
            None => {
                // Asked for once and in full: growing by doubling would take up to three times the state's size.
                let rest = usize::try_from(rest).unwrap_or(usize::MAX);
                let whole = rest.saturating_add(part.len());
                if self.parts.try_reserve_exact(whole).is_err() {
                    return Err(format!("a state of {whole} bytes does not fit into memory"));
                }
            }
            Some(before) if before.checked_sub(part.len() as u64) != Some(rest) => {
                return Err(format!(
                    "the parts of the state do not fit together: {before} bytes were to come, then {} came and {rest} are to come",
                    part.len()
                ));
            }
            Some(_) => {}
        }
        self.parts.extend_from_slice(&part);
        self.rest = Some(rest);
        Ok((rest == 0).then(|| std::mem::take(&mut self.parts)))
    }

    pub(crate) fn score(&self, rows: types::Batch) -> Result<types::Batch, String> {
        self.loaded()?.score(rows)
    }

    pub(crate) fn loaded(&self) -> Result<&Loaded<S>, String> {
        let loaded = self.loaded.as_ref();
        loaded.ok_or_else(|| "there is no state yet: load comes before score".to_owned())
    }

    /// The step, once its state is whole.
    pub(crate) fn into_step(self) -> Option<S> {
        self.loaded.map(|loaded| loaded.step)
    }
}

impl<S> fmt::Debug for Scorer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scorer").field("rest", &self.rest).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::Int64Array;
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    /// Adds its payload's length to an int64 column.
    #[derive(Debug)]
    struct Plus(usize);

    impl Score for Plus {
        const VERSION: u32 = 1;

        fn takes(&self) -> SchemaRef {
            Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]))
        }

        fn gives(&self) -> SchemaRef {
            self.takes()
        }

        fn save(&self) -> Vec<u8> {
            vec![1; self.0]
        }

        fn load(payload: &[u8]) -> Result<Plus, String> {
            Ok(Plus(payload.len()))
        }

        fn score(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
            let values = crate::Rows::i64(rows, "n").map_err(|error| format!("{error:?}"))?;
            let sums = values.values.iter().map(|value| value + self.0 as i64);
            Ok(vec![Arc::new(Int64Array::from_iter_values(sums))])
        }
    }

    fn column(values: &[i64]) -> types::Batch {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        types::Batch {
            rows: values.len() as u32,
            columns: vec![types::Column {
                length: values.len() as u32,
                validity: None,
                offsets: None,
                values: bytes.collect(),
            }],
        }
    }

    fn answer(scorer: &Scorer<Plus>) -> Vec<u8> {
        scorer.score(column(&[5])).unwrap().columns.remove(0).values
    }

    #[test]
    fn a_state_may_be_followed_by_another() {
        let mut scorer = Scorer::<Plus>::new();
        assert!(
            scorer
                .score(column(&[5]))
                .unwrap_err()
                .contains("load comes before")
        );
        for size in [0, 3, 1000] {
            let state = state::frame(&Plus(size));
            let (first, second) = state.split_at(state.len() / 2);
            scorer.load(first.to_vec(), second.len() as u64).unwrap();
            assert!(scorer.score(column(&[5])).is_err());
            scorer.load(second.to_vec(), 0).unwrap();
            assert_eq!(answer(&scorer), (5 + size as i64).to_le_bytes());
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused_and_forgotten() {
        let mut scorer = Scorer::<Plus>::new();
        let state = state::frame(&Plus(3));
        for rest in [0, 99] {
            scorer.load(state[..9].to_vec(), 100).unwrap();
            assert!(scorer.load(state[9..].to_vec(), rest).is_err());
        }
        assert!(
            scorer
                .load(vec![0], u64::MAX)
                .unwrap_err()
                .contains("memory")
        );
        scorer.load(state, 0).unwrap();
        assert_eq!(answer(&scorer), 8_i64.to_le_bytes());
    }

    #[test]
    fn buffers_that_do_not_fit_are_an_error() {
        let mut scorer = Scorer::<Plus>::new();
        scorer.load(state::frame(&Plus(3)), 0).unwrap();
        let mut short = column(&[5]);
        short.columns[0].values.pop();
        assert!(
            scorer
                .score(short)
                .unwrap_err()
                .contains("7 bytes instead of 8")
        );
        let nothing = types::Batch {
            rows: 1,
            columns: vec![],
        };
        assert!(
            scorer
                .score(nothing)
                .unwrap_err()
                .contains("ends before column \"n\"")
        );
        let mut twice = column(&[5]);
        twice.columns.append(&mut column(&[6]).columns);
        let refused = scorer.score(twice).unwrap_err();
        assert!(refused.contains("behind the last column"), "{refused}");
    }
}
