//! The commit that a run belongs to. Asked of `git` itself where it is at hand; without it a record has no commit.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

/// The state of the repository around a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitState {
    /// The commit, as hex.
    pub commit: String,
    /// Whether the manifest's folder, or a file that the manifest names, differs from that commit.
    pub dirty: bool,
}

/// The state of the repository that `folder` is in; `paths`, absolute, are what counts for the dirty flag beside the folder. None
/// outside of a repository, in one without a commit, and where there is no git.
pub fn git_state(folder: &Path, paths: &[PathBuf]) -> Option<GitState> {
    // Git refuses to speak of a path outside of the repository; what is there has no part in the commit.
    let status = status(folder, paths).or_else(|| status(folder, &[]))?;
    parse(&status)
}

fn status(folder: &Path, paths: &[PathBuf]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        // No lock, no refresh of the index: a run changes nothing in the repository.
        .args([
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "--branch",
            "--untracked-files=normal",
            "--",
            ".",
            // Written by runs: it follows from what is watched.
            ":(exclude)lockflight.lock",
        ])
        .args(paths)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The commits that lead to a revision, the revision itself first, along first parents; `None` if git does not know it here.
pub fn git_ancestry(folder: &Path, revision: &str, limit: usize) -> Option<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["rev-list", "--first-parent"])
        .arg(format!("--max-count={limit}"))
        .arg("--end-of-options")
        .arg(revision)
        .arg("--")
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().map(str::to_owned).collect())
}

fn parse(status: &str) -> Option<GitState> {
    let commit = status
        .lines()
        .find_map(|line| line.strip_prefix("# branch.oid "))?;
    (commit != "(initial)").then(|| GitState {
        commit: commit.to_owned(),
        dirty: status.lines().any(|line| !line.starts_with('#')),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_and_whether_anything_differs() {
        let clean = "# branch.oid 0123\n# branch.head main\n";
        let state = |commit: &str, dirty| {
            Some(GitState {
                commit: commit.into(),
                dirty,
            })
        };
        assert_eq!(parse(clean), state("0123", false));
        assert_eq!(parse(&format!("{clean}? new.csv\n")), state("0123", true));
        assert_eq!(parse("# branch.oid (initial)\n"), None);
    }
}
