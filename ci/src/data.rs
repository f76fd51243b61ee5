//! What the host knows after a run, and all that the formats are made from.

/// A run, or the attempt of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The pipeline's name.
    pub pipeline: String,
    /// The run's id; empty when the run did not start.
    pub run: String,
    /// What it is compared with, e.g. `main` or a commit.
    pub base: Option<String>,
    /// Why there is nothing to compare with; only read when `base` is `None`.
    pub base_missing: Option<String>,
    /// The manifest, relative to the repository's root, with `/`: annotations point to it.
    pub manifest: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// The stages in the order they run.
    pub stages: Vec<Stage>,
    /// Every metric of this run or of the base, changed or not.
    pub metrics: Vec<MetricChange>,
    /// Every check of this run or of the base, changed or not.
    pub findings: Vec<FindingChange>,
    /// Why it did not start.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many stages ended like this.
    pub fn count(&self, status: Status) -> usize {
        self.stages
            .iter()
            .filter(|stage| stage.status == status)
            .count()
    }
}

/// How a run ended, the worst of its stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All stages have a result and all gates are open.
    Done,
    /// A gate closed.
    GateClosed,
    /// The manifest or a config is wrong.
    Misconfigured,
    /// A stage failed.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Outcome {
    /// The word for it, as a run's record has it, e.g. `gate-closed`.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::GateClosed => "gate-closed",
            Outcome::Misconfigured => "misconfigured",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// A stage of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its kind, e.g. `validate`.
    pub kind: String,
    /// The plugin's name; none for a kind that needs none.
    pub plugin: Option<String>,
    /// How it ended.
    pub status: Status,
    /// How long it ran, in seconds; none when it did not run.
    pub seconds: Option<f64>,
    /// The key its result is stored under.
    pub key: Option<String>,
    /// The line of its table in the manifest, from 1.
    pub line: Option<u32>,
    /// What its checks found.
    pub findings: Vec<Finding>,
    /// Its gate, once it was decided.
    pub gate: Option<Gate>,
    /// Why it failed, or what it was blocked by.
    pub error: Option<String>,
    /// The last lines of its log, oldest first.
    pub log: Vec<String>,
}

impl Stage {
    /// Whether its gate was decided and is closed.
    pub fn is_gate_closed(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| !gate.open)
    }
}

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It ran and has a result.
    Ran,
    /// The result was there already.
    Cached,
    /// It failed.
    Failed,
    /// A stage before it failed or closed its gate.
    Blocked,
    /// The run was cancelled before it ended.
    Cancelled,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Ran => "ran",
            Status::Cached => "cached",
            Status::Failed => "failed",
            Status::Blocked => "blocked",
            Status::Cancelled => "cancelled",
        }
    }
}

/// The decision whether stages behind this one may run.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Whether they may.
    pub open: bool,
    /// What it depended on, in the manifest's order.
    pub conditions: Vec<Condition>,
}

/// A rule of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The rule as it is written.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
    /// The values it was decided by, e.g. `rmse = 0.31`.
    pub saw: Vec<String>,
    /// Its line in the manifest, from 1.
    pub line: Option<u32>,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check's name, e.g. `not_null`.
    pub check: String,
    /// The column it is about.
    pub column: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen; may be empty.
    pub message: String,
    /// How many rows failed.
    pub failed_rows: Option<u64>,
    /// Of how many.
    pub rows: Option<u64>,
}

impl Finding {
    /// The check with its column: `not_null (sex)`; the `check` of a [`FindingChange`] is written like this.
    pub fn name(&self) -> String {
        match &self.column {
            Some(column) => format!("{} ({column})", self.check),
            None => self.check.clone(),
        }
    }

    /// How many rows failed, e.g. `2 of 344 rows`; none when it was not counted.
    pub fn failed_share(&self) -> Option<String> {
        let failed = self.failed_rows?;
        Some(match self.rows {
            Some(rows) => format!("{failed} of {rows} rows"),
            None => format!("{failed} rows"),
        })
    }
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// Worth a look.
    Warning,
    /// It failed.
    Failed,
    /// It could not be tried.
    Skipped,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
            Verdict::Skipped => "skipped",
        }
    }
}

/// A metric in the base and in this run.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricChange {
    /// The stage.
    pub stage: String,
    /// Its name with its labels as text, e.g. `rmse{split=test}`.
    pub metric: String,
    /// Its value in the base; none when it is new or there is no base.
    pub old: Option<f64>,
    /// Its value in this run; none when it is gone.
    pub new: Option<f64>,
}

impl MetricChange {
    /// Whether the two differ; two values that are not a number do not.
    pub fn is_change(&self) -> bool {
        match (self.old, self.new) {
            (Some(old), Some(new)) => old != new && !(old.is_nan() && new.is_nan()),
            (old, new) => old.is_some() != new.is_some(),
        }
    }
}

/// A check in the base and in this run.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingChange {
    /// The stage.
    pub stage: String,
    /// The check with its column, as [`Finding::name`] writes it.
    pub check: String,
    /// What came of it in the base; none when it is new or there is no base.
    pub old: Option<Verdict>,
    /// What came of it in this run; none when it is gone.
    pub new: Option<Verdict>,
}

/// Something in the manifest or a config that kept the run from starting.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong; may have several lines.
    pub message: String,
    /// The file, relative to the repository's root; the manifest when there is none.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}
