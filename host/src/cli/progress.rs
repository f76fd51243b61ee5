//! What is seen of a run while it goes on: spinners on a terminal, plain lines elsewhere.

use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::text::{self, Paint};
use crate::{
    fetch::Fetching,
    launcher::Event,
    plan::{Compiling, Planned},
    printable,
    record::Status,
    run::{Observer, StageOutcome},
};

/// Says on the error stream what is compiled: it happens once per component and may take seconds.
pub fn compiling(event: &Compiling) {
    match event {
        Compiling::Begun { plugin } => eprintln!("compiling the plugin `{plugin}`, once"),
        Compiling::Done { plugin, took } => {
            eprintln!("compiled the plugin `{plugin}` in {}", text::time(*took));
        }
    }
}

/// Says on the error stream what was fetched, and what is tried again.
pub fn fetching(event: &Fetching<'_>) {
    match event {
        Fetching::Done {
            what,
            bytes,
            place,
            took,
        } => eprintln!(
            "fetched the {} `{}` in {}: {} from {place}",
            what.kind(),
            what.name(),
            text::time(*took),
            text::bytes(*bytes),
        ),
        Fetching::Again {
            what,
            error,
            number,
            of,
            wait,
        } => eprintln!(
            "{} {}: {}; trying again ({number} of {of}) after {} s",
            what.kind(),
            what.name(),
            printable::line(&error.to_string()),
            wait.as_secs(),
        ),
    }
}

/// Tells nothing.
pub struct Silent;

impl Observer for Silent {
    fn started(&self, _: usize) {}
    fn event(&self, _: usize, _: Event) {}
    fn finished(&self, _: usize, _: &StageOutcome) {}
}

/// Plain lines on the error stream, for files and CI.
pub struct Lines {
    names: Vec<String>,
}

impl Lines {
    pub fn new(plan: &Planned) -> Self {
        Lines { names: names(plan) }
    }
}

impl Observer for Lines {
    fn started(&self, stage: usize) {
        eprintln!("{}: running", self.names[stage]);
    }

    fn event(&self, stage: usize, event: Event) {
        if let Event::Compiling = event {
            eprintln!("{}: compiling its component, once", self.names[stage]);
        }
    }

    fn finished(&self, stage: usize, outcome: &StageOutcome) {
        if outcome.status == Status::Skipped {
            return;
        }
        eprintln!("{}: {}", self.names[stage], ended(outcome));
    }
}

/// A spinner for each running stage, a line for each finished one.
pub struct Spinners {
    names: Vec<String>,
    width: usize,
    bars: MultiProgress,
    running: Mutex<HashMap<usize, ProgressBar>>,
    paint: Paint,
}

impl Spinners {
    /// Whether the error stream is a terminal.
    pub fn possible() -> bool {
        std::io::stderr().is_terminal()
    }

    pub fn new(plan: &Planned) -> Self {
        let names = names(plan);
        Spinners {
            width: names
                .iter()
                .map(|name| name.chars().count())
                .max()
                .unwrap_or(0),
            names,
            bars: MultiProgress::new(),
            running: Mutex::default(),
            paint: Paint(text::color_on_stderr()),
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<usize, ProgressBar>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Spinners {
    fn started(&self, stage: usize) {
        let style = ProgressStyle::with_template("  {spinner} {prefix}  {elapsed}  {msg}")
            .expect("the template is valid")
            .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(text::pad(&self.names[stage], self.width));
        bar.enable_steady_tick(Duration::from_millis(80));
        self.running().insert(stage, bar);
    }

    fn event(&self, stage: usize, event: Event) {
        let running = self.running();
        let Some(bar) = running.get(&stage) else {
            return;
        };
        match event {
            Event::Compiling => bar.set_message("compiling its component, once"),
            Event::Started => bar.set_message(""),
            Event::Progress { done, total: 0 } => bar.set_message(text::count(done)),
            Event::Progress { done, total } => {
                bar.set_message(format!(
                    "{} %",
                    (done.min(total) as u128 * 100 / u128::from(total))
                ));
            }
            Event::Log(line) => bar.set_message(line.message.chars().take(60).collect::<String>()),
        }
    }

    fn finished(&self, stage: usize, outcome: &StageOutcome) {
        if let Some(bar) = self.running().remove(&stage) {
            bar.finish_and_clear();
        }
        let name = text::pad(&self.names[stage], self.width);
        let line = format!("  {} {name}  {}", mark(outcome, self.paint), ended(outcome));
        let _ = self.bars.println(line);
    }
}

fn names(plan: &Planned) -> Vec<String> {
    plan.stages
        .iter()
        .map(|stage| stage.locked.stage.name.clone())
        .collect()
}

/// The sign before a finished stage.
pub fn mark(outcome: &StageOutcome, paint: Paint) -> String {
    match outcome.status {
        Status::Ran | Status::Cached if outcome.lets_pass() => paint.green("✓"),
        Status::Ran | Status::Cached | Status::Failed => paint.red("✗"),
        Status::Blocked | Status::Cancelled | Status::Skipped => paint.dim("–"),
    }
}

/// How a stage ended, in a few words.
fn ended(outcome: &StageOutcome) -> String {
    let word = match outcome.status {
        Status::Ran => {
            let wall = outcome.telemetry.map_or(0.0, |t| t.seconds());
            format!("done in {}", text::seconds(wall))
        }
        Status::Cached if outcome.from_remote => "cached, from the remote".to_owned(),
        Status::Cached => "cached".to_owned(),
        Status::Failed => "failed".to_owned(),
        Status::Blocked | Status::Cancelled | Status::Skipped => outcome
            .error
            .as_ref()
            .map_or_else(String::new, |error| error.to_string()),
    };
    match &outcome.gate {
        Some(gate) if !gate.open => format!("{word}, gate closed"),
        _ => word,
    }
}
