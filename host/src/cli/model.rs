//! `lockflight model`: the models that train stages made.

use clap::Subcommand;
use serde_json::json;

use super::{
    context::Context,
    error::CliError,
    text::{self, Paint},
};
use crate::{
    job::StageResult,
    model::{ModelDoc, ModelRecord, Models},
    record::{RunRecord, StageRecord},
    run::{History, RESULT},
    store::Store,
    table::{schema::TableSchema, show::type_name},
};

/// How many columns of a schema are listed before the rest is counted.
const LISTED_COLUMNS: usize = 40;

/// Look at models.
#[derive(Debug, Subcommand)]
pub enum Model {
    /// List the latest model of every train stage
    #[command(after_help = "Examples:\n  lockflight model list\n  lockflight model list --json")]
    List {
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show one model: its steps, the columns it takes and gives, its figures, and which run made it from what
    #[command(
        after_help = "Examples:\n  lockflight model show demand\n  lockflight model show sha256:3f…"
    )]
    Show {
        /// The name of a train stage, or a model's digest
        model: String,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &Model, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    match command {
        Model::List { json } => list(&store, *json),
        Model::Show { model, json } => show(&store, model, *json),
    }
}

fn list(store: &Store, as_json: bool) -> Result<u8, CliError> {
    let records = Models::new(store).list()?;
    if as_json {
        text::say!("{}", serde_json::to_string_pretty(&records)?);
        return Ok(0);
    }
    let names = records.iter().map(|record| record.name.chars().count());
    let width = names.max().unwrap_or(0);
    for record in &records {
        text::say!(
            "{}  sha256:{}…  {} · run {}",
            text::pad(&record.name, width),
            record.model.short(),
            record.pipeline,
            record.run
        );
    }
    Ok(0)
}

fn show(store: &Store, wanted: &str, as_json: bool) -> Result<u8, CliError> {
    let (record, doc) = Models::new(store).find(wanted)?;
    let run = History::new(store).find(&record.run)?;
    let stage = run.stage(&record.name);
    let result: Option<StageResult> = match stage.and_then(|stage| stage.result) {
        Some(digest) => Some(store.document(&digest, RESULT)?),
        None => None,
    };
    let takes = doc.takes().map_err(|e| CliError::Failed(e.to_string()))?;
    if as_json {
        let document = json!({
            "record": record, "model": doc, "takes": takes, "gives": doc.gives(),
            "stage": stage, "metrics": result.map(|result| result.metrics),
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
        return Ok(0);
    }
    let paint = Paint(text::color_on_stdout());
    head(&record, &run, paint);
    columns("takes", &takes, paint);
    columns("gives", doc.gives(), paint);
    steps(store, &doc, &run, paint)?;
    if let Some(stage) = stage {
        inputs(stage, paint);
    }
    figures(result.as_ref(), paint);
    Ok(0)
}

fn head(record: &ModelRecord, run: &RunRecord, paint: Paint) {
    text::say!("{} {}", paint.bold("model"), record.name);
    let line = |name: &str, value: &str| text::say!("  {}  {value}", text::pad(name, 9));
    line("digest", &record.model.to_string());
    line("pipeline", &record.pipeline);
    line("run", &run.id);
    if let Some(git) = &run.git {
        let beside = if git.dirty {
            ", with changes beside it"
        } else {
            ""
        };
        line("commit", &format!("{}{beside}", git.commit));
    }
}

fn columns(what: &str, schema: &TableSchema, paint: Paint) {
    let fields = schema.fields();
    text::say!("\n{}", paint.bold(what));
    let listed = &fields[..fields.len().min(LISTED_COLUMNS)];
    let names = listed.iter().map(|field| field.name().chars().count());
    let width = names.max().unwrap_or(0);
    for field in listed {
        let null = if field.is_nullable() { " or null" } else { "" };
        text::say!(
            "  {}  {}{null}",
            text::pad(field.name(), width),
            type_name(field.data_type())
        );
    }
    if fields.len() > listed.len() {
        text::say!("  and {} more", fields.len() - listed.len());
    }
}

fn steps(store: &Store, doc: &ModelDoc, run: &RunRecord, paint: Paint) -> Result<(), CliError> {
    text::say!("\n{}", paint.bold("steps"));
    for (number, step) in doc.steps.iter().enumerate() {
        let by = run.stages.iter().find_map(|stage| {
            let scorer = stage.scorer.as_ref()?;
            let fitted = store
                .document::<StageResult>(&stage.result?, RESULT)
                .ok()?
                .fitted?;
            let made = scorer.digest == step.scorer && fitted.state == step.state;
            made.then(|| format!("{}: {} {}", stage.name, scorer.name, scorer.version))
        });
        let scorer = store.blob(&step.scorer)?.len() as u64;
        let state = store.blob(&step.state)?.len() as u64;
        let title = by.unwrap_or_else(|| "a step of another run".to_owned());
        text::say!("  {} {}", number + 1, title.trim_end());
        text::say!("    scorer  {}, {}", step.scorer, text::bytes(scorer));
        text::say!("    state   {}, {}", step.state, text::bytes(state));
        let (takes, gives) = (step.takes.fields().len(), step.gives.fields().len());
        let s = if takes == 1 { "" } else { "s" };
        text::say!("    takes {takes} column{s}, gives {gives}");
    }
    Ok(())
}

fn inputs(stage: &StageRecord, paint: Paint) {
    text::say!("\n{}", paint.bold("trained on"));
    for (port, input) in &stage.inputs {
        text::say!("  {port} = {} {}", input.from, input.digest.digest());
    }
}

fn figures(result: Option<&StageResult>, paint: Paint) {
    let last = result.map(StageResult::last_metrics).unwrap_or_default();
    if last.is_empty() {
        return;
    }
    text::say!("\n{}", paint.bold("figures of the training"));
    for metric in last {
        let labels: String = metric
            .labels
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        let step = metric
            .step
            .map(|step| format!(" (step {step})"))
            .unwrap_or_default();
        let line = format!("{}{labels} = {}{step}", metric.name, metric.value);
        text::say!("  {}", crate::printable::line(&line));
    }
}
