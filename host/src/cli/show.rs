//! `lockflight show`: one run in full.

use super::{
    context::Context,
    error::CliError,
    gates,
    summary::finding_line,
    text::{self, Paint},
};
use crate::{
    job::{OutputRecord, StageResult},
    printable,
    record::{RunRecord, StageRecord, Status},
    run::{History, Nondeterminism, RESULT},
    store::{Store, StoreError},
    wire::Metric,
};

/// How many metrics of a stage are listed before the rest is counted.
const LISTED_METRICS: usize = 20;

/// Show one run in full: stages, keys, digests, findings, metrics, components, commit, time, memory, and which walls stood.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight show\n  lockflight show 20261123-204512\n  lockflight show latest --json"
)]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    #[arg(default_value = "latest")]
    run: String,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let record = History::new(&store).find(&args.run)?;
    let results = record
        .stages
        .iter()
        .map(|stage| result(stage, &store))
        .collect::<Result<Vec<_>, _>>()?;
    if args.json {
        let mut document = serde_json::to_value(&record)?;
        for (index, result) in results.iter().enumerate() {
            if let Some(result) = result {
                document["stages"][index]["findings"] = serde_json::json!(result.findings);
                document["stages"][index]["metrics"] = serde_json::json!(result.metrics);
            }
        }
        text::say!("{}", serde_json::to_string_pretty(&document)?);
        return Ok(0);
    }
    let paint = Paint(text::color_on_stdout());
    head(&record, paint);
    for (stage, result) in record.stages.iter().zip(&results) {
        print_stage(stage, result.as_ref(), paint);
        if let Some(key) = &stage.key
            && let Some(seen) = Nondeterminism::of(&store, key)?
        {
            let first = seen.differences.first().map_or("", String::as_str);
            let text = format!("another result was seen: {}", printable::line(first));
            text::say!("  {}  {}", text::pad("unstable", 9), paint.red(&text));
        }
    }
    Ok(0)
}

fn result(stage: &StageRecord, store: &Store) -> Result<Option<StageResult>, StoreError> {
    let Some(digest) = &stage.result else {
        return Ok(None);
    };
    Ok(Some(store.document(digest, RESULT)?))
}

fn head(record: &RunRecord, paint: Paint) {
    text::say!("{} {}", paint.bold("run"), record.id);
    let line = |name: &str, value: String| text::say!("  {}  {value}", text::pad(name, 9));
    line("pipeline", record.pipeline.clone());
    line("outcome", record.outcome.word().replace('-', " "));
    line("started", record.started.clone());
    line("finished", record.finished.clone());
    let git = record.git.as_ref().map(|git| {
        format!(
            "{}{}",
            git.commit,
            if git.dirty {
                ", with changes beside it"
            } else {
                ""
            }
        )
    });
    line("commit", git.unwrap_or_else(|| "none".into()));
    line("manifest", record.manifest.to_string());
    let host = &record.host;
    line(
        "host",
        format!(
            "lockflight {}, {}, {}",
            host.lockflight, host.engine, host.arch
        ),
    );
    line("walls", host.walls.join(", "));
    if let Some(policy) = &record.policy {
        line("policy", format!("{}, {}", policy.path, policy.digest));
    }
    for (name, source) in &record.sources {
        line(
            "source",
            format!(
                "{name}: {}, {}, {}",
                source.file,
                text::bytes(source.bytes),
                source.digest
            ),
        );
    }
}

fn print_stage(stage: &StageRecord, result: Option<&StageResult>, paint: Paint) {
    text::say!(
        "\n{} {} · {}",
        paint.bold(stage.world.name()),
        paint.bold(&stage.name),
        status(stage)
    );
    let line = |name: &str, value: String| text::say!("  {}  {value}", text::pad(name, 9));
    let components = [("plugin", &stage.component), ("scorer", &stage.scorer)];
    for (what, component) in components {
        if let Some(component) = component {
            let plugin = stage.plugin.as_deref().unwrap_or_default();
            let named = format!("{} {}", component.name, component.version);
            line(
                what,
                format!("{plugin} ({}) {}", named.trim(), component.digest),
            );
        }
    }
    if let Some(key) = &stage.key {
        line("key", key.to_string());
    }
    for (port, input) in &stage.inputs {
        let digest = input.digest.digest();
        line("input", format!("{port} = {} {digest}", input.from));
    }
    for (name, output) in &stage.outputs {
        let size = match output {
            OutputRecord::Table { rows, bytes, .. } => {
                format!("{}, {}", text::rows(*rows), text::bytes(*bytes))
            }
            OutputRecord::Blob { bytes, .. } => text::bytes(*bytes),
        };
        line("output", format!("{name}: {size}, {}", output.digest()));
    }
    if let Some(fitted) = result.and_then(|result| result.fitted.as_ref()) {
        let size = text::bytes(fitted.bytes);
        line("state", format!("{size}, {}", fitted.state));
    }
    if let Some(model) = &stage.model {
        line(
            "model",
            format!("{model}: lockflight model show {}", stage.name),
        );
    }
    if let Some(telemetry) = &stage.telemetry {
        let compile = telemetry
            .compile_seconds
            .map(|s| format!(", compiled in {}", text::seconds(s)));
        line(
            "cost",
            format!(
                "start {}, wall {}, cpu {}, peak memory {}{}",
                text::seconds(telemetry.startup_seconds),
                text::seconds(telemetry.wall_seconds),
                text::seconds(telemetry.cpu_seconds),
                text::bytes(telemetry.peak_memory),
                compile.unwrap_or_default()
            ),
        );
    }
    line(
        "limits",
        format!(
            "wall {}, memory {}, output {}",
            stage.limits.wall, stage.limits.memory, stage.limits.output
        ),
    );
    for condition in stage.gate.iter().flat_map(|gate| &gate.conditions) {
        let state = if condition.holds { "open" } else { "closed" };
        let saw = match gates::saw(condition) {
            saw if saw.is_empty() => saw,
            saw => format!(", {saw}"),
        };
        let rule = gates::rule(condition);
        line("gate", format!("{rule}: {state}{saw}"));
    }
    if let Some(log) = &stage.log {
        line(
            "log",
            format!(
                "{} line{}: lockflight logs {} {}",
                log.lines,
                if log.lines == 1 { "" } else { "s" },
                log.run,
                stage.name
            ),
        );
    }
    if let Some(error) = &stage.error {
        line("error", printable::lines(error).into_owned());
    }
    let Some(result) = result else {
        return;
    };
    for finding in &result.findings {
        text::say!("  {}", finding_line(finding, paint));
    }
    metrics(&result.metrics);
}

fn metrics(metrics: &[Metric]) {
    for metric in metrics.iter().take(LISTED_METRICS) {
        let labels: String = metric
            .labels
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        let step = metric
            .step
            .map(|step| format!(" step {step}"))
            .unwrap_or_default();
        let metric = format!("{} = {}{step}{labels}", metric.name, metric.value);
        text::say!("  metric   {}", printable::line(&metric));
    }
    if metrics.len() > LISTED_METRICS {
        text::say!(
            "  and {} more metrics (--json has them all)",
            metrics.len() - LISTED_METRICS
        );
    }
}

fn status(stage: &StageRecord) -> &'static str {
    match stage.status {
        Status::Ran => "ran",
        Status::Cached if stage.from_remote => "cached, from the remote",
        Status::Cached => "cached",
        Status::Failed => "failed",
        Status::Blocked => "blocked",
        Status::Cancelled => "cancelled",
        Status::Skipped => "left out",
    }
}
