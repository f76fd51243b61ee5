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
    launcher::Telemetry,
    manifest::{Limit, Limits},
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
    after_help = "Examples:\n  lockflight show\n  lockflight show 20261123-204512\n  lockflight show latest clean\n  lockflight show latest --json"
)]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    #[arg(default_value = "latest")]
    run: String,
    /// One stage alone, with all of its limits and what it used of them
    stage: Option<String>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let mut record = History::new(&store).find(&args.run)?;
    if let Some(name) = &args.stage {
        if record.stage(name).is_none() {
            let names: Vec<_> = record.stages.iter().map(|s| s.name.as_str()).collect();
            return Err(CliError::Usage(format!(
                "run {} has no stage `{name}`; it has {}",
                record.id,
                names.join(", ")
            )));
        }
        record.stages.retain(|stage| stage.name == *name);
    }
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
    if args.stage.is_none() {
        head(&record, paint);
    }
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
    if args.stage.is_some() {
        record.stages.iter().for_each(all_limits);
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
    line("walls", host.walls.to_string());
    if let Some(policy) = &record.policy {
        line("policy", format!("{}, {}", policy.path, policy.digest));
    }
    for (name, source) in &record.sources {
        line(
            "source",
            format!(
                "{name}: {}, {}, {}",
                source.place,
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
        let used = used(telemetry);
        if !used.is_empty() {
            line("used", used.join(", "));
        }
    }
    line("limits", limits(&stage.limits));
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

/// What else a stage used; records of earlier versions do not have it.
fn used(telemetry: &Telemetry) -> Vec<String> {
    let seconds = telemetry.published_seconds.map(text::seconds);
    [
        telemetry.bytes_in.map(|n| format!("{} in", text::bytes(n))),
        telemetry
            .bytes_out
            .map(|n| format!("{} out", text::bytes(n))),
        telemetry
            .peak_process_memory
            .map(|n| format!("{} in the whole process", text::bytes(n))),
        telemetry
            .crossings
            .map(|n| format!("{n} calls between plugin and host")),
        seconds.map(|seconds| format!("published after {seconds}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// All limits of a stage, and what it used where that is recorded.
fn all_limits(stage: &StageRecord) {
    text::say!("\n  {}{}used", text::pad("limit", 16), text::pad("is", 12));
    for bound in stage.limits.iter() {
        let used = stage.telemetry.and_then(|cost| used_of(bound.limit, &cost));
        let row = format!(
            "  {}{}{}",
            text::pad(bound.limit.key(), 16),
            text::pad(&bound.to_string(), 12),
            used.unwrap_or_default()
        );
        text::say!("{}", row.trim_end());
    }
}

/// What a stage used of a limit, where that is recorded.
fn used_of(limit: Limit, cost: &Telemetry) -> Option<String> {
    match limit {
        Limit::Wall => Some(text::seconds(cost.wall_seconds)),
        Limit::Cpu => Some(text::seconds(cost.cpu_seconds)),
        // 0 is that of a process that was killed before it could tell.
        Limit::Memory => (cost.peak_memory > 0).then(|| text::bytes(cost.peak_memory)),
        Limit::Output => cost.bytes_out.map(text::bytes),
        Limit::Compile => cost.compile_seconds.map(text::seconds),
        _ => None,
    }
}

/// The limits that are asked for most, and those that are not the default.
fn limits(limits: &Limits) -> String {
    const ALWAYS: [Limit; 3] = [Limit::Wall, Limit::Memory, Limit::Output];
    let always = ALWAYS.map(|limit| limits.bound(limit));
    let unusual = limits
        .unusual()
        .filter(|bound| !ALWAYS.contains(&bound.limit));
    let all = always.into_iter().chain(unusual);
    all.map(|bound| format!("{} {bound}", bound.limit.key()))
        .collect::<Vec<_>>()
        .join(", ")
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
