//! `lockflight plan`: what a run would do, and why.

use std::path::PathBuf;

use super::{
    check, context::Context, diff::capabilities, error::CliError, selected::Selected, text,
};
use crate::{
    printable,
    run::{Action, Change, Forecast, Selection, StageForecast},
};

/// Show which stages a run would start and why: each change named down to the config key, the source or the component.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plan\n  lockflight plan -S train.demand.config.rounds=200\n  lockflight plan --exit-code --json > plan.json\n\nExit codes with --exit-code: 0 nothing to do, 1 changes, 2 error."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    selected: Selected,
    /// Exit 1 when a run would start something or find other stages, 2 on any error
    #[arg(long)]
    exit_code: bool,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

/// The exit code for changes, and for every error, with `--exit-code`.
const CHANGES: u8 = 1;
const ERROR: u8 = 2;

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    match forecast(args, context) {
        Ok(forecast) => {
            match args.json {
                true => text::say!("{}", serde_json::to_string_pretty(&forecast)?),
                false => say(&forecast),
            }
            let changes = args.exit_code && !forecast.is_idle();
            Ok(if changes { CHANGES } else { 0 })
        }
        Err(CliError::Problems(problems)) if args.json => {
            text::say!("{}", check::json(&problems)?);
            Ok(ERROR)
        }
        Err(error) if args.exit_code => {
            error.print();
            Ok(ERROR)
        }
        Err(error) => Err(error),
    }
}

fn forecast(args: &Args, context: &Context) -> Result<Forecast, CliError> {
    let manifest = context.manifest_with(args.manifest.as_deref(), &args.selected.set)?;
    let store = context.store_of(&manifest)?;
    let launcher = context.launcher(&store)?;
    let plan = check::planned(manifest, &store, context, &launcher)?;
    let selection = Selection::new(&plan, &args.selected.asked())?;
    Ok(Forecast::new(&plan, &store, &selection)?)
}

fn say(forecast: &Forecast) {
    let paint = text::Paint(text::color_on_stdout());
    let since = forecast.since.as_ref();
    text::say!(
        "{}{}",
        forecast.pipeline,
        since.map_or_else(
            || ", which has not run yet".to_owned(),
            |run| format!(", compared with run {run}")
        )
    );
    text::say!();
    let width = |of: &dyn Fn(&StageForecast) -> usize| {
        forecast.stages.iter().map(of).max().unwrap_or_default()
    };
    let names = width(&|stage| stage.name.chars().count());
    let words = width(&|stage| action(&stage.action).chars().count());
    for stage in &forecast.stages {
        let reasons: Vec<_> = stage.changes.iter().map(ToString::to_string).collect();
        let (first, rest) = match reasons.split_first() {
            Some((first, rest)) => (first.as_str(), rest),
            None => ("", [].as_slice()),
        };
        let line = format!(
            "  {} {}  {}  {}  {}",
            mark(stage, paint),
            text::pad(&stage.name, names),
            text::pad(stage.stage, 8),
            text::pad(&action(&stage.action), words),
            printable::line(first)
        );
        text::say!("{}", line.trim_end());
        let indent = " ".repeat(2 + 2 + names + 2 + 8 + 2 + words + 2);
        for reason in rest {
            text::say!("{indent}{}", printable::line(reason));
        }
        for import in stage.changes.iter().flat_map(capabilities) {
            text::say!("{indent}{}", paint.red(&printable::line(&import)));
        }
    }
    for name in &forecast.removed {
        text::say!("  {} {}  removed", paint.red("-"), text::pad(name, names));
    }
    text::say!("\n{}", sum(forecast));
}

fn action(action: &Action) -> String {
    match action {
        Action::Cached => "cached".to_owned(),
        Action::Run => "runs".to_owned(),
        Action::MayRun => "may run".to_owned(),
        Action::Blocked { by } => format!("blocked by the gate of {by}"),
        Action::LeftOut => "left out".to_owned(),
        Action::Fails { why } => format!("fails: {}", printable::line(why)),
    }
}

fn mark(stage: &StageForecast, paint: text::Paint) -> String {
    match stage.action {
        Action::Run | Action::MayRun if stage.changes.contains(&Change::New) => paint.green("+"),
        Action::Run | Action::MayRun => paint.green("~"),
        Action::Fails { .. } => paint.red("✗"),
        Action::Cached => "=".to_owned(),
        Action::Blocked { .. } | Action::LeftOut => paint.dim("–"),
    }
}

fn sum(forecast: &Forecast) -> String {
    if forecast.is_idle() {
        return "nothing to do".to_owned();
    }
    let count = |wanted: &dyn Fn(&Action) -> bool| {
        forecast.stages.iter().filter(|s| wanted(&s.action)).count()
    };
    let counts = [
        (count(&|action| *action == Action::Run), "to run"),
        (count(&|action| *action == Action::MayRun), "that may run"),
        (count(&|action| *action == Action::Cached), "cached"),
        (
            count(&|action| matches!(action, Action::Blocked { .. })),
            "blocked",
        ),
        (
            count(&|action| matches!(action, Action::Fails { .. })),
            "that fail",
        ),
        (forecast.removed.len(), "removed"),
    ];
    let parts = counts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    parts.join(", ")
}
