//! `lockflight plugin run`: one stage alone on files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{
    context::Context,
    error::CliError,
    limits::LimitArgs,
    logs,
    run::cancel_on_signals,
    summary,
    text::{self, Paint},
};
use super::stage::{Chosen, StageArgs, compile_called};
use super::watch::{self, Seen};
use crate::engine::CodeKind;
use crate::job::{OutputRecord, StageResult};
use crate::launcher::{LaunchError, Launched, Reason, TimedLine};
use crate::new_file;
use crate::printable::line;
use crate::run::{Alone, InstanceError, alone};
use crate::store::Store;
use crate::table::{export, show};
use crate::wire::{Failure, Place, Problem, Verdict};

/// The result, findings and metrics among them, beside the outputs in the folder of `--out`.
const RESULT: &str = "result.json";

/// Run one stage alone on files
///
/// It is checked and run as in a pipeline, in the sealed child and under limits, in a store that is thrown away. What it says, finds,
/// measures and makes is shown.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin run plugins/csv --input birds.csv\n  lockflight plugin run plugins/contract --input birds.csv --input contract=birds.toml --out made\n  lockflight plugin run plugins/linear --world train --input birds.csv --config config.json --watch\n\nExit codes: 0 done, 1 a finding fails, 2 wrong use, plugin, file or config, 3 the plugin or the host failed, 130 cancelled."
)]
pub struct Args {
    #[command(flatten)]
    stage: StageArgs,
    /// Write the outputs into this folder: tables as .arrow, blobs as they are, findings and metrics as result.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many rows of each table are shown
    #[arg(long, value_name = "N", default_value_t = 10)]
    rows: u64,
    /// Build and run again whenever the plugin's source, an input or the config changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    cancel_on_signals(&context.cancel)?;
    if !args.watch {
        return once(args, context);
    }
    let beside = args.stage.inputs.iter().map(|input| input.file.as_path());
    let beside: Vec<_> = beside.chain(args.stage.config.as_deref()).collect();
    let look = || Seen::of(&args.stage.plugin, &beside);
    loop {
        // Before it is run, so that what changes meanwhile is not missed.
        let seen = look();
        if let Err(error) = once(args, context) {
            error.print();
        }
        if !context.cancel.is_cancelled() && !context.quiet {
            let files = seen.count();
            eprintln!("\nwatching {files} files; Ctrl-C ends it");
        }
        if !watch::changed(&seen, look, &context.cancel) {
            return Ok(130);
        }
        text::say!();
    }
}

fn once(args: &Args, context: &Context) -> Result<u8, CliError> {
    let order = args.limits.order(CodeKind::Usual, &*context.policy()?)?;
    let chosen = args.stage.choose(context)?;
    let scratch = tempfile::tempdir()?;
    let store = Store::open(scratch.path())?.in_use()?;
    let job = args.stage.job(&chosen, &store)?;
    let launcher = context.launcher(&store)?;
    compile_called(&chosen, &job, &launcher, (&order, context));
    let came = alone(&store, &launcher, &job, &order, &|_| {});
    let (launched, kept) = match came {
        Ok(Alone::Ran { launched, kept }) => (launched, kept),
        Ok(Alone::Refused(problems)) => return Err(refused(&chosen, &problems)),
        Err(InstanceError::Launch(error)) => return failed(&chosen, error),
        Err(InstanceError::Store(error)) => return Err(error.into()),
        Err(other) => return Err(CliError::Failed(other.to_string())),
    };
    said(&launched.log);
    results(&launched.result, &store, args.rows)?;
    if let Some(folder) = &args.out {
        write(&launched.result, &store, folder)?;
    }
    kept.map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(concluded(&chosen, &launched))
}

fn heading(text: &str) {
    text::say!("{}", Paint(text::color_on_stdout()).bold(text));
}

fn said(log: &[TimedLine]) {
    if !log.is_empty() {
        heading("Log");
        log.iter().for_each(logs::say);
        text::say!();
    }
}

/// What the stage found, measured and made.
fn results(result: &StageResult, store: &Store, rows: u64) -> Result<(), CliError> {
    let paint = Paint(text::color_on_stdout());
    if !result.findings.is_empty() {
        heading("Findings");
        for finding in &result.findings {
            text::say!("  {}", summary::finding_line(finding, paint));
        }
        text::say!();
    }
    let metrics = result.last_metrics();
    if !metrics.is_empty() {
        heading("Metrics");
        for metric in metrics {
            let labels = metric.labels.iter();
            let labels: String = labels
                .map(|(key, value)| format!(" {key}={value}"))
                .collect();
            let name = format!("{}{labels}", metric.name);
            text::say!("  {}  {}", line(&name), metric.value);
        }
        text::say!();
    }
    for (name, output) in &result.outputs {
        let name = line(name);
        match output {
            OutputRecord::Table { digest, .. } => {
                heading(&format!("Table {name}"));
                let table = store.table(digest)?;
                let shown = show::table(store, &table, rows, text::width_of_stdout())?;
                text::say!("{shown}");
            }
            OutputRecord::Blob { bytes, .. } => {
                text::say!("{} {name}, {}\n", paint.bold("File"), text::bytes(*bytes));
            }
        }
    }
    Ok(())
}

/// The last line; the exit code is 1 when the stage's verdict is that it fails.
fn concluded(chosen: &Chosen, launched: &Launched) -> u8 {
    let result = &launched.result;
    let fails = match &result.observation {
        Some(observation) => observation.verdict == Verdict::Fail,
        None => {
            let mut findings = result.findings.iter();
            findings.any(|finding| finding.verdict == Verdict::Fail)
        }
    };
    let paint = Paint(text::color_on_stdout());
    let word = match fails {
        true => paint.red("fails"),
        false => paint.green("done"),
    };
    let made = summary::made_of(chosen.world, result);
    let cost = &launched.telemetry;
    text::say!(
        "{word}  {} of {} · {}{} · memory {}",
        chosen.world,
        line(&chosen.name()),
        match made.is_empty() {
            true => String::new(),
            false => format!("{made} · "),
        },
        text::seconds(cost.wall_seconds),
        text::bytes(cost.peak_memory)
    );
    u8::from(fails)
}

/// The problems of a config or input, each with its place.
pub(super) fn refused(chosen: &Chosen, problems: &[Problem]) -> CliError {
    let shown = problems.iter().map(|problem| {
        let place = match &problem.place {
            Place::Stage => "the stage".to_owned(),
            Place::Config(pointer) if pointer.is_empty() => "the config".to_owned(),
            Place::Config(pointer) => format!("the config's {pointer}"),
            Place::Input(port) => format!("the input `{port}`"),
            Place::File { input, start, .. } => format!("the input `{input}` at byte {start}"),
        };
        let help = problem.help.iter();
        let help: String = help.map(|help| format!("\n      help: {help}")).collect();
        format!("\n  {place}: {}{help}", problem.message)
    });
    let shown: String = shown.collect();
    let name = chosen.name();
    CliError::Usage(format!("{name} refuses this before it runs:{shown}"))
}

/// A stage that came to no end: what it said before, then why.
fn failed(chosen: &Chosen, error: LaunchError) -> Result<u8, CliError> {
    said(&error.log);
    match error.is_cancelled() {
        true => Ok(130),
        false => Err(error_of(chosen, error)),
    }
}

/// Why a stage has no result, with where its code was.
pub(super) fn error_of(chosen: &Chosen, error: LaunchError) -> CliError {
    match &*error.reason {
        Reason::Failure(Failure::Config(problems)) => refused(chosen, problems),
        Reason::Fault(fault) => {
            let frames = fault.frames.iter();
            let frames: String = frames.map(|frame| format!("\n    at {frame}")).collect();
            CliError::Failed(format!("{error}{frames}"))
        }
        _ => error.into(),
    }
}

fn write(result: &StageResult, store: &Store, folder: &Path) -> Result<(), CliError> {
    let unwritten =
        |error: io::Error| CliError::Usage(format!("--out {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritten)?;
    for (name, output) in &result.outputs {
        match output {
            OutputRecord::Table { digest, .. } => {
                let file = folder.join(format!("{name}.arrow"));
                export::export(store, &store.table(digest)?, &file)?;
            }
            OutputRecord::Blob { digest, .. } => {
                new_file::replace(&folder.join(name), &store.blob(digest)?).map_err(unwritten)?;
            }
        }
    }
    if let Some(fitted) = &result.fitted {
        let state = store.blob(&fitted.state)?;
        new_file::replace(&folder.join("state"), &state).map_err(unwritten)?;
    }
    let document = json!({ "findings": result.findings, "metrics": result.metrics });
    let document = serde_json::to_string_pretty(&document)? + "\n";
    new_file::replace(&folder.join(RESULT), document.as_bytes()).map_err(unwritten)
}
