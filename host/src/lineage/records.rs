//! The records of all runs, each read once.

use jiff::Timestamp;

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
        for name in store.refs("runs")? {
            match record(store, &name) {
                Ok(Some(run)) => records.runs.push(run),
                Ok(None) => {}
                Err(error) => records.notes.push(format!("{name} is left out: {error}")),
            }
        }
        in_order(&mut records.runs);
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

/// Sorts runs by their start. Ids say it to the second only, and several short runs begin within one.
fn in_order(runs: &mut [RunRecord]) {
    runs.sort_by_key(|run| (run.started.parse::<Timestamp>().ok(), run.id.clone()));
}

fn record(store: &Store, name: &RefName) -> Result<Option<RunRecord>, StoreError> {
    let digest: Option<Digest> = store.get_ref(name)?;
    let read = |digest| store.document(&digest, "the record of a run");
    digest.map(read).transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lineage::testing::Runs;

    #[test]
    fn runs_of_one_second_are_in_order() {
        let mut runs = Runs::new();
        runs.small("bikes", "a", 1);
        let record = Records::read(&runs.store).unwrap().runs.remove(0);
        let at = |id: &str, started: &str| RunRecord {
            id: id.into(),
            started: started.into(),
            ..record.clone()
        };
        let mut runs = [
            at("1-a", "2026-11-25T00:00:00.35Z"),
            at("1-b", "2026-11-25T00:00:00.3Z"),
            at("1-c", "2026-11-25T00:00:00Z"),
        ];
        in_order(&mut runs);
        let ids: Vec<_> = runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(ids, ["1-c", "1-b", "1-a"]);
    }
}
