//! `lockflight check`: everything that is wrong with a pipeline, before any row is read.

use std::path::PathBuf;

use super::{context::Context, error::CliError, lock, progress, text};
use crate::{
    diagnostic::{Problem, Problems},
    launcher::Launcher,
    manifest::Resolved,
    plan::{self, Hold, Lockfile, Memory, Outside, Planned, Wanted},
    policy::Policy,
    store::Store,
};

/// Find everything that is wrong with a pipeline before any row is read: manifest, graph, worlds, and each plugin's own check of its
/// config against the schemas that reach it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight check\n  lockflight check examples/penguins/lockflight.toml\n  lockflight check --json"
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let checked = check(args, context);
    if args.json {
        return match checked {
            Ok(planned) => {
                let document = serde_json::json!({ "problems": [], "open": planned.open });
                text::say!("{}", serde_json::to_string_pretty(&document)?);
                Ok(0)
            }
            Err(error) => match &error {
                CliError::Problems(problems) => {
                    text::say!("{}", json(problems)?);
                    Ok(error.exit_code())
                }
                _ => Err(error),
            },
        };
    }
    let planned = checked?;
    if !context.quiet {
        let stages = planned.stages.len();
        let s = if stages == 1 { "" } else { "s" };
        let paint = text::Paint(text::color_on_stdout());
        text::say!(
            "{} {}: {stages} stage{s}, no problems",
            paint.green("✓"),
            planned.manifest.name
        );
        for open in &planned.open {
            text::say!("  left open until the run: {open}");
        }
    }
    Ok(0)
}

fn check(args: &Args, context: &Context) -> Result<Planned, CliError> {
    let manifest = context.manifest(args.manifest.as_deref())?;
    let store = context.store_of(&manifest)?;
    let launcher = context.launcher(&store)?;
    Ok(planned(manifest, &store, context, &launcher)?)
}

/// Problems as one document.
pub(super) fn json(problems: &[Problem]) -> Result<String, CliError> {
    let document = serde_json::json!({ "problems": problems });
    Ok(serde_json::to_string_pretty(&document)?)
}

/// Locks and plans a manifest; what was learned on the way is remembered, whatever comes of it.
pub(super) fn planned(
    manifest: Resolved,
    store: &Store,
    context: &Context,
    launcher: &Launcher,
) -> Result<Planned, Problems> {
    planned_with(&Wanted::default(), manifest, store, context, launcher)
}

/// As [`planned`], but only if what is wanted holds.
pub(super) fn planned_with(
    wanted: &Wanted,
    manifest: Resolved,
    store: &Store,
    context: &Context,
    launcher: &Launcher,
) -> Result<Planned, Problems> {
    let was = Lockfile::read(&manifest.folder).map_err(|problem| *problem)?;
    let mut memory = Memory::open(&store.path());
    let taken = was.as_ref().filter(|_| !wanted.rebuilt);
    let outside = Outside {
        pins: &wanted.pins,
        lockfile: was.as_ref(),
        is_frozen: wanted.hold == Hold::All,
        policy: &Policy::load,
        cancel: &context.cancel,
        tell: &|event| {
            if !context.quiet {
                progress::fetching(&event);
            }
        },
    };
    let locked = plan::lock(manifest, store, &mut memory, taken, &outside);
    memory.save();
    let locked = locked?;
    lock::hold(wanted.hold, was.as_ref(), &locked).map_err(|problem| *problem)?;
    plan::plan(locked, store, launcher, &|event| {
        if !context.quiet {
            progress::compiling(&event);
        }
    })
}
