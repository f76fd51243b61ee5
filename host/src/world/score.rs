//! World `score`: a step of a model, as the built-in stage `score` and serving apply it.

use arrow_array::RecordBatch;
use wasmtime::{
    AsContextMut, Store,
    component::{Component, Linker},
};

use crate::{
    table::{
        raw::{self, RawColumn},
        schema::TableSchema,
    },
    world::interfaces::lockflight::data::types,
};

mod bindings {
    #![allow(missing_docs)] // Generated from WIT, which documents every item.
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "lockflight:model/score",
        with: { "lockflight:data": crate::world::interfaces::lockflight::data },
    });
}

/// A scorer with its state loaded.
pub struct Scorer {
    instance: bindings::Score,
    gives: TableSchema,
}

/// Why a scorer gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// It refuses its state.
    #[error("the scorer refuses its state: {0}")]
    State(String),
    /// It refuses the rows.
    #[error("{0}")]
    Rows(String),
    /// It answered something that is not what it gives.
    #[error("the scorer answered what does not fit the columns it gives: {0}")]
    Answer(String),
    /// It trapped or was ended by the host.
    #[error(transparent)]
    Ended(#[from] wasmtime::Error),
}

impl Scorer {
    /// Instantiates a scorer; it still has to be given its state.
    ///
    /// # Errors
    /// When it traps, or imports something: a scorer gets nothing.
    pub fn new<T: 'static>(
        store: &mut Store<T>,
        component: &Component,
        gives: TableSchema,
    ) -> wasmtime::Result<Self> {
        let linker = Linker::new(store.engine());
        let instance = bindings::Score::instantiate(store, component, &linker)?;
        Ok(Scorer { instance, gives })
    }

    /// Hands over the next part of the state; `rest` is how many bytes are still to come.
    ///
    /// # Errors
    /// When the scorer refuses it.
    pub fn load(
        &self,
        store: impl AsContextMut<Data: 'static>,
        part: &[u8],
        rest: u64,
    ) -> Result<(), ScoreError> {
        let scorer = self.instance.lockflight_model_scorer();
        let loaded = scorer.call_load(store, part, rest)?;
        loaded.map_err(ScoreError::State)
    }

    /// Scores rows of the columns it takes, in their order; the answer is of the schema it gives, with as many rows.
    ///
    /// # Errors
    /// When the scorer refuses the rows or answers something else.
    pub fn score(
        &self,
        store: impl AsContextMut<Data: 'static>,
        rows: &RecordBatch,
    ) -> Result<RecordBatch, ScoreError> {
        let count = u32::try_from(rows.num_rows())
            .map_err(|_| ScoreError::Rows("more than 2^32 rows at once".into()))?;
        let asked = types::Batch {
            rows: count,
            columns: lend(raw::disassemble(rows, 0, rows.num_rows())),
        };
        let scorer = self.instance.lockflight_model_scorer();
        let answer = scorer
            .call_score(store, &asked)?
            .map_err(ScoreError::Rows)?;
        if answer.rows != count {
            return Err(ScoreError::Answer(format!(
                "{} rows for {count}",
                answer.rows
            )));
        }
        raw::assemble(&self.gives, count, adopt(answer.columns))
            .map_err(|error| ScoreError::Answer(error.to_string()))
    }
}

/// Columns as the contract passes them.
pub fn lend(columns: Vec<RawColumn>) -> Vec<types::Column> {
    let columns = columns.into_iter().map(|column| types::Column {
        length: column.length,
        validity: column.validity,
        offsets: column.offsets,
        values: column.values,
    });
    columns.collect()
}

fn adopt(columns: Vec<types::Column>) -> Vec<RawColumn> {
    let columns = columns.into_iter().map(|column| RawColumn {
        length: column.length,
        validity: column.validity,
        offsets: column.offsets,
        values: column.values,
    });
    columns.collect()
}
