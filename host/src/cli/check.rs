//! `lockflight check`: everything that is wrong with a pipeline, before any row is read.

use std::{path::PathBuf, sync::Arc};

use super::{context::Context, error::CliError, grants, lock, progress, text};
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
    after_help = "Examples:\n  lockflight check\n  lockflight check examples/penguins/lockflight.toml\n  lockflight check --grants\n  lockflight check --json"
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    /// Show what every stage may use, also where no policy is in force
    #[arg(long)]
    grants: bool,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let checked = check(args, context);
    if args.json {
        return match checked {
            Ok((planned, policy)) => {
                let document = serde_json::json!({
                    "problems": [],
                    "open": planned.open,
                    "policy": policy.record(),
                    "grants": grants::grants(&planned, &policy),
                });
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
    let (planned, policy) = checked?;
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
        if args.grants || policy.is_there() {
            grants::print(&grants::grants(&planned, &policy), &policy);
        }
    }
    Ok(0)
}

fn check(args: &Args, context: &Context) -> Result<(Planned, Arc<Policy>), CliError> {
    let manifest = context.manifest(args.manifest.as_deref())?;
    let store = context.store_of(&manifest)?;
    let launcher = context.launcher(&store)?;
    let planned = planned(manifest, &store, context, &launcher)?;
    Ok((planned, context.policy()?))
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
        policy: launcher.policy(),
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
