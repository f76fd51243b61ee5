//! What a user names when two states are compared: a run, a revision of git, or the workspace.

use super::{context::Context, error::CliError};
use crate::{
    record::{RunRecord, git_ancestry},
    run::{History, HistoryError},
    store::Store,
};

/// The word for what lies in the folder now.
pub const WORKSPACE: &str = "workspace";
/// How many commits back a run is looked for: not every commit has one.
const ANCESTRY: usize = 100;

/// A run that was named.
pub struct Named {
    /// Its record.
    pub record: RunRecord,
    /// What it is called in what is shown.
    pub title: String,
}

/// The run that a word means: `latest`, a run's id or the beginning or end of one, or a revision of git, for which it is the run of
/// the newest commit on the way there that has one.
pub fn named(word: &str, store: &Store, context: &Context) -> Result<Named, CliError> {
    let history = History::new(store);
    let unknown = match history.find(word) {
        Ok(record) => {
            return Ok(Named {
                title: word.to_owned(),
                record,
            });
        }
        Err(error @ (HistoryError::Unknown { .. } | HistoryError::Empty)) => error,
        Err(error) => return Err(error.into()),
    };
    let Some(commits) = git_ancestry(&context.folder, word, ANCESTRY) else {
        return Err(CliError::Usage(format!(
            "{unknown}, and git knows no such revision here; `lockflight runs` lists the runs"
        )));
    };
    for commit in &commits {
        if let Some(record) = history.of_commit(commit)? {
            let short: String = commit.chars().take(10).collect();
            let title = match commits.first() == Some(commit) {
                true => word.to_owned(),
                false => format!("{word} (as of {short})"),
            };
            return Ok(Named { record, title });
        }
    }
    Err(CliError::Usage(format!(
        "no run of {word} or of the {} commits before it is in this store; `lockflight pull` brings what a shared store has, and a run on a commit with nothing changed beside it makes one",
        commits.len().saturating_sub(1)
    )))
}
