//! What a plugin says while it works: log lines, progress, figures. Outside WebAssembly it goes to standard error.
use crate::bindings::job;
pub use crate::bindings::job::Level;

/// Writes a line to the stage's log. The macros [`info!`](crate::info) and its like are shorter.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        job::log(level, message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}

/// Says how far the stage is; `total` is 0 when it is not known.
pub fn progress(done: u64, total: u64) {
    if cfg!(target_family = "wasm") {
        job::progress(done, total);
    }
}

/// A figure that becomes part of the result.
///
/// ```
/// # use lockflight_sdk::Metric;
/// Metric::new("rows_read", 344.0).label("file", "penguins.csv").record();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a metric counts once it is recorded"]
pub struct Metric {
    name: String,
    value: f64,
    step: Option<u64>,
    labels: Vec<(String, String)>,
}

impl Metric {
    /// A figure; the unit belongs in the name, e.g. `latency_seconds`.
    pub fn new(name: impl Into<String>, value: f64) -> Metric {
        Metric {
            name: name.into(),
            value,
            step: None,
            labels: Vec::new(),
        }
    }

    /// Its place in a series, e.g. the round.
    pub fn step(mut self, step: u64) -> Metric {
        self.step = Some(step);
        self
    }

    /// Adds a label.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Metric {
        self.labels.push((key.into(), value.into()));
        self
    }

    /// Records it.
    pub fn record(self) {
        if cfg!(target_family = "wasm") {
            job::metric(&self.name, self.value, self.step, &self.labels);
        } else {
            eprintln!("{self:?}");
        }
    }
}

/// Logs a line for who debugs the plugin; arguments as for `format!`.
#[macro_export]
macro_rules! trace { ($($arg:tt)*) => { $crate::log($crate::Level::Trace, &::std::format!($($arg)*)) } }
/// Logs a line for who debugs the pipeline; arguments as for `format!`.
#[macro_export]
macro_rules! debug { ($($arg:tt)*) => { $crate::log($crate::Level::Debug, &::std::format!($($arg)*)) } }
/// Logs a line that a user wants to know; arguments as for `format!`.
#[macro_export]
macro_rules! info { ($($arg:tt)*) => { $crate::log($crate::Level::Info, &::std::format!($($arg)*)) } }
/// Logs that something is odd, though the result stands; arguments as for `format!`.
#[macro_export]
macro_rules! warn { ($($arg:tt)*) => { $crate::log($crate::Level::Warn, &::std::format!($($arg)*)) } }
/// Logs that something failed; arguments as for `format!`.
#[macro_export]
macro_rules! error { ($($arg:tt)*) => { $crate::log($crate::Level::Error, &::std::format!($($arg)*)) } }
