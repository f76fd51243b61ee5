//! The records of all runs, each read once.

use crate::{
    digest::Digest,
    record::{RunRecord, StageRecord},
    store::{RefName, Store, StoreError},
};

/// The runs of a store, oldest first.
#[derive(Debug, Default)]
pub struct Records {
    /// Their records.
    pub runs: Vec<RunRecord>,
    /// Records that could not be read, and why.
    pub notes: Vec<String>,
}

impl Records {
    /// Of a store.
    ///
    /// # Errors
    /// When the runs cannot be listed. A record that cannot be read is left out with a note.
    pub fn read(store: &Store) -> Result<Records, StoreError> {
        let mut records = Records::default();
        // Ids begin with the time, so names in order are runs in order.
        for name in store.refs("runs")? {
            match record(store, &name) {
                Ok(Some(run)) => records.runs.push(run),
                Ok(None) => {}
                Err(error) => records.notes.push(format!("{name} is left out: {error}")),
            }
        }
        Ok(records)
    }

    /// Whether the runs are of more than one pipeline, so that a stage's name alone does not say which.
    pub fn many_pipelines(&self) -> bool {
        let mut pipelines = self.runs.iter().map(|run| &run.pipeline);
        let first = pipelines.next();
        pipelines.any(|other| Some(other) != first)
    }

    /// Every stage of every run, oldest first.
    pub(super) fn stages(&self) -> impl Iterator<Item = (&RunRecord, &StageRecord)> {
        let each = |run| std::iter::repeat(run);
        self.runs
            .iter()
            .flat_map(move |run| each(run).zip(&run.stages))
    }
}

fn record(store: &Store, name: &RefName) -> Result<Option<RunRecord>, StoreError> {
    let digest: Option<Digest> = store.get_ref(name)?;
    let read = |digest| store.document(&digest, "the record of a run");
    digest.map(read).transpose()
}
