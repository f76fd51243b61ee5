//! `lockflight diff`: what differs between two runs, revisions, or the workspace.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    check,
    context::Context,
    error::CliError,
    revision::{self, WORKSPACE},
    selected::Selected,
    text,
};
use crate::{
    printable,
    run::{
        Change, Forecast, Selection,
        compare::{Comparison, DataDiff, DataVersion, FindingDiff, MetricDiff, Side, compare},
    },
    store::Store,
    wire::Verdict,
};

/// Show what differs between two runs, revisions of git, or the workspace: config, components and what they may do, data, metrics,
/// findings.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight diff                     the last run against what a run would find now\n  lockflight diff main workspace\n  lockflight diff 20261123-204512 latest --md\n  lockflight diff HEAD~1 HEAD --json\n\nExit codes: 0, whatever differs; with --exit-code 1 if anything does; 2 wrong use."
)]
pub struct Args {
    /// A run, a revision of git, or `workspace`
    #[arg(default_value = "latest")]
    from: String,
    /// The same
    #[arg(default_value = WORKSPACE)]
    to: String,
    /// The manifest of the workspace, or its folder [default: the nearest lockflight.toml upwards]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    selected: Selected,
    /// Exit 1 when something differs
    #[arg(long)]
    exit_code: bool,
    /// One JSON document on standard output, metrics and parameters as DVC has them
    #[arg(long, conflicts_with = "md")]
    json: bool,
    /// Tables in Markdown, as DVC has them
    #[arg(long)]
    md: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let comparison = compared(args, context)?;
    if args.json {
        text::say!("{}", serde_json::to_string_pretty(&as_json(&comparison))?);
    } else if args.md {
        text::say!("{}", markdown(&comparison).trim_end());
    } else {
        say(&comparison);
    }
    Ok(u8::from(args.exit_code && !comparison.is_empty()))
}

fn compared(args: &Args, context: &Context) -> Result<Comparison, CliError> {
    let store = match [&args.from, &args.to].contains(&&WORKSPACE.to_owned()) {
        true => {
            let manifest = context.manifest(args.manifest.as_deref())?;
            context.store_of(&manifest)?
        }
        false => context.store()?,
    };
    let from = side(&args.from, args, &store, context)?;
    let to = side(&args.to, args, &store, context)?;
    Ok(compare(&from, &to, &store))
}

fn side(word: &str, args: &Args, store: &Store, context: &Context) -> Result<Side, CliError> {
    if word == WORKSPACE {
        let manifest = context.manifest_with(args.manifest.as_deref(), &args.selected.set)?;
        let launcher = context.launcher(store)?;
        let plan = check::planned(manifest, store, context, &launcher)?;
        let forecast = Forecast::new(&plan, store, &Selection::all(&plan))?;
        return Ok(Side::of_workspace(&plan, forecast));
    }
    let named = revision::named(word, store, context)?;
    Ok(Side::of_run(store, &named.record, &named.title))
}

pub(super) fn say(comparison: &Comparison) {
    let paint = text::Paint(text::color_on_stdout());
    text::say!("{} -> {}", comparison.from, comparison.to);
    if comparison.is_empty() {
        text::say!("\nno difference");
        return;
    }
    let (following, direct): (Vec<_>, Vec<_>) =
        comparison.stages.iter().partition(|stage| stage.follows);
    for stage in direct {
        let (mark, word) = match (stage.added, stage.removed) {
            (true, _) => (paint.green("+"), " added"),
            (_, true) => (paint.red("-"), " removed"),
            _ => (paint.green("~"), ""),
        };
        text::say!("\n{mark} {}{word}", paint.bold(&stage.name));
        for change in &stage.changes {
            text::say!("    {}", printable::line(&change.to_string()));
            for capability in capabilities(change) {
                text::say!("    {}", paint.red(&printable::line(&capability)));
            }
        }
    }
    if !following.is_empty() {
        let names: Vec<_> = following.iter().map(|stage| stage.name.as_str()).collect();
        text::say!(
            "\n{} {}",
            paint.bold("and what follows from that:"),
            names.join(", ")
        );
    }
    section("Data", comparison.data.iter().map(data_cells).collect());
    let metrics = comparison.changed_metrics().map(metric_cells).collect();
    section("Metrics", metrics);
    let findings = comparison.changed_findings().map(finding_cells).collect();
    section("Findings", findings);
    for gate in &comparison.gates {
        let word = |open: Option<bool>| match open {
            Some(true) => paint.green("open"),
            Some(false) => paint.red("closed"),
            None => "none".to_owned(),
        };
        text::say!(
            "\ngate of {}: {} -> {}",
            gate.stage,
            word(gate.old),
            word(gate.new)
        );
    }
}

/// What a changed plugin may do now that it could not, and the other way round.
pub(super) fn capabilities(change: &Change) -> Vec<String> {
    let Change::Component {
        imports, no_longer, ..
    } = change
    else {
        return Vec::new();
    };
    let now = imports
        .iter()
        .map(|import| format!("it imports {import} now"));
    let before = no_longer
        .iter()
        .map(|import| format!("it no longer imports {import}"));
    now.chain(before).collect()
}

/// Rows with their columns below each other.
fn section(title: &str, rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    text::say!("\n{title}");
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<_> = cells.map(|(cell, width)| text::pad(cell, *width)).collect();
        text::say!("  {}", printable::line(line.join("  ").trim_end()));
    }
}

fn data_cells(diff: &DataDiff) -> Vec<String> {
    let rows = |version: &DataVersion| match version.rows {
        Some(rows) => text::rows(rows),
        None => text::bytes(version.bytes),
    };
    let cell = |version: &Option<DataVersion>| {
        version.as_ref().map_or("none".to_owned(), |version| {
            format!("{} {}", rows(version), version.digest.short())
        })
    };
    vec![
        diff.name.clone(),
        format!("{} -> {}", cell(&diff.old), cell(&diff.new)),
    ]
}

fn metric_cells(diff: &MetricDiff) -> Vec<String> {
    vec![
        diff.stage.clone(),
        diff.metric.clone(),
        number(diff.old),
        "->".to_owned(),
        number(diff.new),
        change(diff),
    ]
}

fn finding_cells(diff: &FindingDiff) -> Vec<String> {
    vec![
        diff.stage.clone(),
        diff.check.clone(),
        format!("{} -> {}", verdict(diff.old), verdict(diff.new)),
        diff.message.clone(),
    ]
}

fn verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Pass) => "pass",
        Some(Verdict::Warn) => "warn",
        Some(Verdict::Fail) => "fail",
        Some(Verdict::Inconclusive) => "inconclusive",
        None => "none",
    }
}

/// Six significant digits, without those that say nothing.
fn number(value: Option<f64>) -> String {
    value.map_or("none".to_owned(), lockflight_ci::number)
}

fn change(diff: &MetricDiff) -> String {
    diff.change().map(lockflight_ci::signed).unwrap_or_default()
}

fn as_json(comparison: &Comparison) -> Value {
    let mut metrics = Map::new();
    for diff in comparison.changed_metrics() {
        let mut entry = json!(diff);
        entry["diff"] = json!(diff.change().filter(|change| change.is_finite()));
        let entry = json!({ "old": entry["old"], "new": entry["new"], "diff": entry["diff"] });
        member(&mut metrics, &diff.stage).insert(diff.metric.clone(), entry);
    }
    let mut params = Map::new();
    for stage in &comparison.stages {
        for change in &stage.changes {
            if let Change::Config { key, from, to } = change {
                let entry = json!({ "old": from, "new": to });
                member(&mut params, &stage.name).insert(key.clone(), entry);
            }
        }
    }
    json!({
        "from": comparison.from,
        "to": comparison.to,
        "stages": comparison.stages,
        "params": params,
        "data": comparison.data,
        "metrics": metrics,
        "findings": comparison.changed_findings().collect::<Vec<_>>(),
        "gates": comparison.gates,
    })
}

fn member<'m>(map: &'m mut Map<String, Value>, name: &str) -> &'m mut Map<String, Value> {
    map.entry(name)
        .or_insert_with(|| Value::Object(Map::new()))
        .as_object_mut()
        .expect("only objects are put in")
}

fn markdown(comparison: &Comparison) -> String {
    let (from, to) = (escaped(&comparison.from), escaped(&comparison.to));
    let mut text = String::new();
    let mut table = |head: &[&str], rows: Vec<Vec<String>>| {
        if rows.is_empty() {
            return;
        }
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        text += &line(head.iter().map(|cell| (*cell).to_owned()).collect());
        text += &line(head.iter().map(|_| "---".to_owned()).collect());
        for row in rows {
            text += &line(row.iter().map(|cell| escaped(cell)).collect());
        }
        text.push('\n');
    };
    let mut params = Vec::new();
    let mut others = Vec::new();
    for stage in comparison.stages.iter().filter(|stage| !stage.follows) {
        if stage.added || stage.removed {
            let what = if stage.added { "added" } else { "removed" };
            others.push(vec![stage.name.clone(), what.to_owned()]);
        }
        for change in &stage.changes {
            match change {
                Change::Config { key, from, to } => {
                    let value = |value: &Option<Value>| {
                        value.as_ref().map(ToString::to_string).unwrap_or_default()
                    };
                    params.push(vec![
                        stage.name.clone(),
                        key.clone(),
                        value(from),
                        value(to),
                    ]);
                }
                other => {
                    let capabilities = capabilities(other).into_iter();
                    let texts = [other.to_string()].into_iter().chain(capabilities);
                    others.extend(texts.map(|text| vec![stage.name.clone(), text]));
                }
            }
        }
    }
    table(&["Path", "Param", &from, &to], params);
    table(&["Path", "Change"], others);
    let metric = |diff: &MetricDiff| {
        vec![
            diff.stage.clone(),
            diff.metric.clone(),
            number(diff.old),
            number(diff.new),
            change(diff),
        ]
    };
    let metrics = comparison.changed_metrics().map(metric).collect();
    table(&["Path", "Metric", &from, &to, "Change"], metrics);
    let finding = |diff: &FindingDiff| {
        vec![
            diff.stage.clone(),
            diff.check.clone(),
            verdict(diff.old).to_owned(),
            verdict(diff.new).to_owned(),
            diff.message.clone(),
        ]
    };
    let findings = comparison.changed_findings().map(finding).collect();
    table(&["Path", "Check", &from, &to, "Message"], findings);
    let data = comparison.data.iter().map(data_cells).collect();
    table(&["Data", "Versions"], data);
    match text.is_empty() {
        true => format!("no difference between {from} and {to}\n"),
        false => text,
    }
}

/// A text in a cell of a table: nothing in it is markup.
fn escaped(text: &str) -> String {
    lockflight_ci::cell(text)
}
