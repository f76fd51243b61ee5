//! Where a CI system looks for what it is told: files that it names, and commands on standard output.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
};

use lockflight_ci::{annotations, data::Report, files, junit, open_metrics, outputs, summary};

use crate::{
    cli::{context::Context, error::CliError, revision, text},
    new_file,
    record::RunRecord,
    secret::hide,
    store::Store,
};

/// The options that say what a run tells CI.
#[derive(Debug, clap::Args)]
pub struct Reporting {
    /// Run as CI wants it: no progress bars; annotations, summary and outputs where GitHub looks for them [default: with
    /// GITHUB_ACTIONS=true]
    #[arg(long)]
    pub ci: bool,
    /// Write findings and gates as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write metrics as OpenMetrics text, for GitLab's metrics report
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

/// What a run is compared with.
#[derive(Debug, Default)]
pub struct Base {
    /// Its run, and what it is called.
    pub run: Option<(String, RunRecord)>,
    /// Why there is none although one was named.
    pub missing: Option<String>,
}

impl Base {
    /// The one that is named, or that the CI system names.
    pub fn find(named: Option<&str>, store: &Store, context: &Context) -> Base {
        let Some(named) = named.map(str::to_owned).or_else(of_environment) else {
            return Base::default();
        };
        match revision::named(&named, store, context) {
            Ok(found) => Base {
                run: Some((found.title, found.record)),
                missing: None,
            },
            Err(error) => Base {
                run: None,
                missing: Some(error.to_string()),
            },
        }
    }
}

/// The branch that a pull or merge request is to go into.
fn of_environment() -> Option<String> {
    ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|branch| !branch.is_empty())
        .map(|branch| format!("origin/{branch}"))
}

/// Tells a CI system of a run.
#[derive(Debug)]
pub struct Output {
    is_ci: bool,
    junit: Option<PathBuf>,
    metrics: Option<PathBuf>,
    /// Ends the stretch in which GitHub obeys no commands; none elsewhere.
    token: Option<String>,
}

impl Output {
    /// Begins. What plugins say from now on is no command to GitHub, whatever it looks like.
    pub fn begin(reporting: &Reporting) -> Output {
        let is_github = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
        let token = is_github.then(token);
        if let Some(token) = &token {
            text::say!("::stop-commands::{token}");
        }
        Output {
            is_ci: reporting.ci || is_github,
            junit: reporting.junit.clone(),
            metrics: reporting.metrics.clone(),
            token,
        }
    }

    /// Whether there is a CI system.
    pub fn is_ci(&self) -> bool {
        self.is_ci
    }

    /// Whether anybody wants a report.
    pub fn is_wanted(&self) -> bool {
        self.is_ci || self.junit.is_some() || self.metrics.is_some()
    }

    /// Tells of a run, and ends.
    ///
    /// # Errors
    /// When a file that was asked for cannot be written.
    pub fn finish(mut self, report: &Report) -> Result<(), CliError> {
        if self.end_stretch() {
            for annotation in annotations(report) {
                text::say!("{annotation}");
            }
        }
        if let Some(path) = &self.junit {
            write(path, &junit(report))?;
        }
        if let Some(path) = &self.metrics {
            write(path, &open_metrics(report))?;
        }
        if self.is_ci {
            appended(report);
        }
        Ok(())
    }
}

impl Output {
    /// Lets GitHub obey commands again; false where it was never kept from it.
    fn end_stretch(&mut self) -> bool {
        let token = self.token.take();
        if let Some(token) = &token {
            text::say!("::{token}::");
        }
        token.is_some()
    }
}

/// A run that ended with an error has no report, and later steps are obeyed all the same.
impl Drop for Output {
    fn drop(&mut self) {
        self.end_stretch();
    }
}

/// Appends to the files that GitHub names. They are for people and later steps: that they cannot be written is no failure of the run.
fn appended(report: &Report) {
    let file = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| !path.as_os_str().is_empty())
    };
    if let Some(path) = file("GITHUB_STEP_SUMMARY") {
        let text = summary(report, files::room(&path));
        warn(files::append_summary(&path, &hide(&text)));
    }
    if let Some(path) = file("GITHUB_OUTPUT") {
        warn(files::append_outputs(&path, &hide(&outputs(report))));
    }
}

fn warn(written: Result<(), files::FileError>) {
    if let Err(error) = written {
        eprintln!("warning: {error}");
    }
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    new_file::replace(path, hide(text).as_bytes())
        .map_err(|error| CliError::Failed(format!("{} cannot be written: {error}", path.display())))
}

/// A word that no plugin can guess: the standard library's hash seeds are random for each process.
fn token() -> String {
    let word = || RandomState::new().build_hasher().finish();
    format!("lockflight-{:016x}{:016x}", word(), word())
}
