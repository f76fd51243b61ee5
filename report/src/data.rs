//! What a report shows, in words and numbers: whoever has a run puts it together, the page only draws it.

/// A run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The pipeline's name.
    pub pipeline: String,
    /// The run's id.
    pub run: String,
    /// How it ended, e.g. `done` or `gate closed`.
    pub outcome: String,
    /// Whether that is well.
    pub good: bool,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What is known of it beside, such as the commit, the version, the machine: name and value.
    pub facts: Vec<(String, String)>,
    /// The stages, each behind those that it needs.
    pub stages: Vec<Stage>,
    /// Validations and trainings with what they found, in the order of the stages.
    pub findings: Vec<Findings>,
    /// What trainings told on their way, and what counted for them.
    pub trainings: Vec<Training>,
    /// Monitors with their windows.
    pub monitors: Vec<Monitor>,
    /// Packages that were made.
    pub packages: Vec<Package>,
    /// Endpoints with the decision of this run.
    pub endpoints: Vec<Endpoint>,
    /// Where everything came from: a table for sources, one for code, one for data, each with full digests.
    pub lineage: Vec<Lineage>,
}

/// What became of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It ran.
    Ran,
    /// Its result was in the store.
    Cached,
    /// It failed.
    Failed,
    /// What it waits for failed or closed its gate.
    Blocked,
    /// The run was cancelled.
    Cancelled,
    /// The run was not to start it.
    Skipped,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Odd, but bearable.
    Warn,
    /// Not as it should be.
    Fail,
    /// Could not be judged.
    Inconclusive,
}

/// A stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name; one with a dot stands for a key of another stage, such as `through`, and is a means to an end.
    pub name: String,
    /// Its part in the lifecycle, e.g. `train`.
    pub kind: String,
    /// What does the work, e.g. `gbdt 0.1.0` or `built in`.
    pub worker: String,
    /// What became of it.
    pub status: Status,
    /// Its wall time in seconds, if it ran.
    pub seconds: Option<f64>,
    /// The most memory that its guest had, in bytes, if it ran.
    pub memory: Option<u64>,
    /// Its processor time in seconds, if it ran.
    pub cpu: Option<f64>,
    /// Bytes of data that it was handed, where that is recorded.
    pub bytes_in: Option<u64>,
    /// Bytes that it wrote, where that is recorded.
    pub bytes_out: Option<u64>,
    /// What it made, in a few words.
    pub made: String,
    /// Why it has no result.
    pub error: Option<String>,
    /// The stages that it needs, by their place in [`Report::stages`].
    pub needs: Vec<usize>,
}

/// What a stage found.
#[derive(Debug, Clone)]
pub struct Findings {
    /// The stage.
    pub stage: String,
    /// Whether its gate is open; none without a gate.
    pub open: Option<bool>,
    /// The conditions of its gate: as written, whether it holds, and what it saw in a sentence.
    pub conditions: Vec<(String, bool, String)>,
    /// All findings, in the plugin's order.
    pub findings: Vec<Finding>,
}

/// The outcome of a check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The kind of check or the name of a figure.
    pub name: String,
    /// What was checked, empty for the table as a whole.
    pub subject: String,
    /// The slice of the data, e.g. `season = winter`.
    pub slice: Option<String>,
    /// How it came out.
    pub verdict: Verdict,
    /// The measured value.
    pub value: Option<f64>,
    /// The bound.
    pub limit: Option<String>,
    /// Rows looked at.
    pub rows: u64,
    /// One sentence.
    pub message: String,
}

/// What a training told.
#[derive(Debug, Clone, Default)]
pub struct Training {
    /// The stage.
    pub stage: String,
    /// Figures by round: a name such as `rmse train`, and points of round and value.
    pub series: Vec<(String, Vec<(u64, f64)>)>,
    /// Figures without rounds.
    pub figures: Vec<(String, f64)>,
    /// What counted, most first: a feature and its share or gain.
    pub importance: Vec<(String, f64)>,
}

/// A monitor.
#[derive(Debug, Clone)]
pub struct Monitor {
    /// The stage.
    pub stage: String,
    /// Its plugin.
    pub plugin: String,
    /// One sentence of the manifest.
    pub description: Option<String>,
    /// Its windows, in the order of time.
    pub windows: Vec<Window>,
}

/// A window of a monitor.
#[derive(Debug, Clone)]
pub struct Window {
    /// Its name, e.g. `2012-03`.
    pub label: String,
    /// How many rows it has.
    pub rows: u64,
    /// What it showed.
    pub verdict: Verdict,
    /// Its findings.
    pub findings: Vec<Finding>,
}

/// A package.
#[derive(Debug, Clone)]
pub struct Package {
    /// The model and version, e.g. `demand/3`.
    pub name: String,
    /// The digest of its manifest.
    pub digest: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its layers: the file, the size in bytes, the digest.
    pub layers: Vec<(String, u64, String)>,
    /// The columns that the model takes: name, type, whether a value may be missing.
    pub takes: Vec<(String, String, bool)>,
    /// The columns that it gives.
    pub gives: Vec<(String, String, bool)>,
}

/// An endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Its versions and their shares of the traffic, from 0 to 1.
    pub arms: Vec<(String, f64)>,
    /// What was decided, e.g. `promote 1`.
    pub decision: String,
    /// Why.
    pub reason: String,
}

/// A table of digests.
#[derive(Debug, Clone)]
pub struct Lineage {
    /// What it lists, e.g. `Sources`.
    pub title: String,
    /// A name, what it is, a digest.
    pub rows: Vec<(String, String, String)>,
}
