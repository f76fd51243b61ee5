//! `lockflight monitor`: what a monitor showed, and walking other rows with it: those of a file, or the log of predictions.

use std::path::PathBuf;

use clap::Subcommand;

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
    windows,
};
use crate::{
    digest::Digest,
    engine::CodeKind,
    job::{InputDigest, StageResult, Window},
    launcher::{Launcher, StageOrder},
    manifest::{Period, REFERENCE_PORT, Resolved, StageKind, Task, WINDOW_PORT, Watching},
    model::{ModelDoc, Models},
    record::{RunRecord, StageRecord},
    run::{History, InstanceError, MonitorDocument, RESULT, predict},
    serve::log::{self, COLUMNS},
    store::Store,
    table::{
        doc::TableDoc,
        import::import,
        scan::Scan,
        schema::TableSchema,
        writer::{TableWriter, WriteError},
    },
    wire::Verdict,
    world::World,
};

/// Look at monitors and let them look at more rows.
#[derive(Debug, Subcommand)]
pub enum Monitor {
    /// Show what the windows of a monitor showed in the latest run
    #[command(
        after_help = "Examples:\n  lockflight monitor show drift\n  lockflight monitor show drift --window 2012-03\n  lockflight monitor show drift --json"
    )]
    Show {
        /// The name of a monitor stage
        monitor: String,
        /// Every check of this window alone
        #[arg(long, value_name = "LABEL", conflicts_with = "json")]
        window: Option<String>,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Walk the rows of a file as if they were live, window by window
    #[command(
        after_help = "Examples:\n  lockflight monitor replay drift --input 2013.csv --time date\n  lockflight monitor replay drift --input 2013.parquet --time date --every 1w\n\nThe rows are scored first by the model that the monitor watches. The exit code is 1 when a window fails."
    )]
    Replay {
        /// The name of a monitor stage
        monitor: String,
        /// A .csv, .parquet or .arrow file
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
        /// Its column with the time of a row, a date or timestamp
        #[arg(long, value_name = "COLUMN")]
        time: String,
        /// How long a window is [default: as in the manifest]
        #[arg(long, value_name = "PERIOD")]
        every: Option<String>,
        /// A text that stands for null in a CSV; may be given more than once
        #[arg(long = "null", value_name = "TEXT")]
        nulls: Vec<String>,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Walk the log of predictions, window by window; windows that were looked at before are not looked at again
    #[command(
        after_help = "Examples:\n  lockflight monitor run drift\n  lockflight monitor run drift --every 1h\n\nThe exit code is 1 when a window fails."
    )]
    Run {
        /// The name of a monitor stage that is `on` a deploy stage
        monitor: String,
        /// How long a window is [default: as in the manifest]
        #[arg(long, value_name = "PERIOD")]
        every: Option<String>,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &Monitor, context: &Context) -> Result<u8, CliError> {
    match command {
        Monitor::Show {
            monitor,
            window,
            json,
        } => {
            let store = context.store()?;
            let run = latest(&store, monitor)?;
            let stage = stage(&run, monitor)?;
            let shown = windows_of(&store, stage)?;
            match window {
                Some(window) => one_window(&store, monitor, &shown, window),
                None => say(&store, monitor, &shown, *json),
            }
        }
        Monitor::Replay {
            monitor,
            input,
            time,
            every,
            nulls,
            json,
        } => {
            let watch = Watch::open(context, monitor, every.as_deref())?;
            let table = watch.scored(input, nulls)?;
            watch.walk(table, time, *json)
        }
        Monitor::Run {
            monitor,
            every,
            json,
        } => {
            let watch = Watch::open(context, monitor, every.as_deref())?;
            let table = watch.logged()?;
            watch.walk(table, COLUMNS[0], *json)
        }
    }
}

/// The latest run that has such a monitor.
fn latest(store: &Store, monitor: &str) -> Result<RunRecord, CliError> {
    let history = History::new(store);
    for row in history.list(SEARCHED)? {
        let run = history.find(&row.id)?;
        if stage(&run, monitor).is_ok() {
            return Ok(run);
        }
    }
    Err(CliError::Usage(format!(
        "no run has a monitor {monitor:?}; `lockflight run` makes those of [monitor.NAME]"
    )))
}

/// How many runs are looked through for a monitor.
const SEARCHED: usize = 100;

fn stage<'r>(run: &'r RunRecord, monitor: &str) -> Result<&'r StageRecord, CliError> {
    let stage = run.stage(monitor);
    stage
        .filter(|stage| stage.world == World::Monitor && stage.result.is_some())
        .ok_or_else(|| CliError::Usage(format!("run {} has no monitor {monitor:?}", run.id)))
}

fn windows_of(store: &Store, stage: &StageRecord) -> Result<Vec<Window>, CliError> {
    let result = stage.result.expect("only stages with a result are found");
    Ok(store.document::<StageResult>(&result, RESULT)?.windows)
}

/// Says what windows showed; the exit code is 1 when one of them failed.
fn say(store: &Store, monitor: &str, shown: &[Window], as_json: bool) -> Result<u8, CliError> {
    if as_json {
        let with_results = shown.iter().map(|window| {
            let result: StageResult = store.document(&window.result, RESULT)?;
            Ok(serde_json::json!({ "window": window, "result": result }))
        });
        let document = with_results.collect::<Result<Vec<_>, CliError>>()?;
        text::say!("{}", serde_json::to_string_pretty(&document)?);
    } else if shown.is_empty() {
        text::say!("{monitor} has looked at no window yet");
    } else {
        windows::say(store, monitor, shown, Paint(text::color_on_stdout()))?;
    }
    Ok(0)
}

/// Every check of one window.
fn one_window(store: &Store, monitor: &str, shown: &[Window], label: &str) -> Result<u8, CliError> {
    let Some(window) = shown.iter().find(|window| window.label == label) else {
        let known: Vec<_> = shown.iter().map(|window| window.label.as_str()).collect();
        return Err(CliError::Usage(format!(
            "{monitor} has no window {label:?}; it has {}",
            known.join(", ")
        )));
    };
    let result: StageResult = store.document(&window.result, RESULT)?;
    let paint = Paint(text::color_on_stdout());
    text::say!(
        "{} {label} of {monitor}: {} from {} to {}",
        paint.bold("window"),
        text::rows(window.rows),
        window.start,
        window.end
    );
    for finding in &result.findings {
        text::say!("  {}", super::summary::finding_line(finding, paint));
    }
    Ok(0)
}

/// A monitor of the manifest as it last ran.
struct Watch {
    store: Store,
    launcher: Launcher,
    document: MonitorDocument,
    order: StageOrder,
    every: Option<Period>,
    name: String,
    /// The name of the model that scores what is watched; none when rows are watched as they are.
    model: Option<String>,
    endpoint: Option<String>,
}

impl Watch {
    fn open(context: &Context, monitor: &str, every: Option<&str>) -> Result<Watch, CliError> {
        let manifest = context.manifest(None)?;
        let store = context.store_of(&manifest)?;
        let watched = watching(&manifest, monitor)?;
        let run = latest(&store, monitor)?;
        let stage = stage(&run, monitor)?;
        let key = stage.key.expect("a stage with a result has a key");
        let every = every
            .map(|text| text.parse::<Period>())
            .transpose()
            .map_err(|invalid| CliError::Usage(format!("--every: {}", invalid.message)))?;
        let launcher = context.launcher(&store)?;
        let limits = launcher.policy().lowered(&stage.limits);
        Ok(Watch {
            launcher,
            document: store.document(&key, "what a monitor does")?,
            store,
            order: StageOrder {
                limits,
                code: CodeKind::of_stage(stage.nan_canonical),
            },
            every,
            name: monitor.to_owned(),
            model: watched.steps.last().cloned(),
            endpoint: watched.endpoint.clone(),
        })
    }

    /// The rows of a file, behind the model that is watched.
    fn scored(&self, input: &std::path::Path, nulls: &[String]) -> Result<Digest, CliError> {
        let store = &self.store;
        let mut publication = store.begin();
        let Some(name) = &self.model else {
            let rows = import(input, &[], nulls, &mut publication)?;
            publication.commit()?;
            return Ok(rows.digest);
        };
        let (_, model) = Models::new(store).find(name)?;
        let known = self.known(&model)?;
        let rows = import(input, known.fields(), nulls, &mut publication)?;
        publication.commit()?;
        let scored = predict(
            store,
            &self.launcher,
            &model,
            rows.digest,
            &self.order,
            &|_| {},
        )?;
        Ok(scored.table)
    }

    /// The columns whose types are known: what the model takes, and what else the tables have that the monitor was given, such as
    /// labels and times.
    fn known(&self, model: &ModelDoc) -> Result<TableSchema, CliError> {
        let takes = model
            .takes()
            .map_err(|error| CliError::Usage(error.to_string()))?;
        let mut fields = takes.fields().to_vec();
        for port in [WINDOW_PORT, REFERENCE_PORT] {
            if let Some(InputDigest::Table(table)) = self.document.input(port) {
                for field in self.store.table(&table)?.schema().fields() {
                    if !fields.iter().any(|known| known.name() == field.name()) {
                        fields.push(field.clone());
                    }
                }
            }
        }
        TableSchema::from_arrow(&arrow_schema::Schema::new(fields))
            .map_err(|error| CliError::Failed(error.to_string()))
    }

    /// The log of predictions as one table: those stretches of it that have the columns of the latest.
    fn logged(&self) -> Result<Digest, CliError> {
        let Some(endpoint) = &self.endpoint else {
            return Err(CliError::Usage(format!(
                "`{}` watches no endpoint: write `on = \"…\"` with a deploy stage",
                self.name
            )));
        };
        let store = &self.store;
        let segments = log::segments(store, endpoint)?;
        let tables = segments.iter().map(|segment| store.table(&segment.table));
        let tables = tables.collect::<Result<Vec<TableDoc>, _>>()?;
        let Some(latest) = tables.last() else {
            return Err(CliError::Usage(format!(
                "`{endpoint}` has answered nothing yet: its log is empty"
            )));
        };
        let mut publication = store.begin();
        let mut writer = TableWriter::new(latest.schema().clone());
        let alike = tables
            .iter()
            .filter(|table| table.schema() == latest.schema());
        let failed = |error: WriteError| CliError::Failed(error.to_string());
        for table in alike {
            for rows in Scan::new(store, table) {
                writer.write(&rows?, &mut publication).map_err(failed)?;
            }
        }
        let written = writer.finish(&mut publication).map_err(failed)?;
        publication.commit()?;
        Ok(written.digest)
    }

    /// Walks a table and says what it showed.
    fn walk(&self, table: Digest, time: &str, as_json: bool) -> Result<u8, CliError> {
        let walk = self.document.over(table, time, self.every, self.order);
        let walked = walk
            .walk(&self.store, &self.launcher, false, &|_| {})
            .map_err(|error| match error {
                InstanceError::Launch(error) => error.into(),
                other => CliError::Failed(other.to_string()),
            })?;
        let shown = &walked.result.windows;
        say(&self.store, &self.name, shown, as_json)?;
        let failed = shown.iter().any(|window| window.verdict == Verdict::Fail);
        Ok(u8::from(failed))
    }
}

fn watching<'m>(manifest: &'m Resolved, monitor: &str) -> Result<&'m Watching, CliError> {
    let monitors = || {
        manifest
            .stages
            .iter()
            .filter(|s| s.kind == StageKind::Monitor)
    };
    match manifest.stage(monitor).map(|stage| &stage.task) {
        Some(Task::Monitor(watching)) => Ok(watching),
        _ => {
            let names: Vec<_> = monitors().map(|stage| stage.name.as_str()).collect();
            Err(CliError::Usage(format!(
                "the manifest has no monitor {monitor:?}; it has {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            )))
        }
    }
}
