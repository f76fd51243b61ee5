//! `lockflight ci compare`: the same data as the base, so that every difference comes from code.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use super::{
    output::{Base, Output, Reporting},
    report,
};
use crate::{
    cli::{check, context::Context, diff, error::CliError, progress, revision, run},
    plan::{Snapshot, Wanted},
    run::{
        Budget, Run, Selection,
        compare::{Side, compare},
    },
};

/// Run the pipeline on the data that a base's run had, and show what differs: with the data pinned, every difference comes from code,
/// config or components. Package and deploy stages are left out: a comparison releases nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight ci compare --base origin/main\n  lockflight ci compare --base 20261123-204512 --junit compare.xml\n\nExit codes: those of run; that something differs is no error."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    /// A run or a revision of git: the run of the newest commit on the way there that has one
    #[arg(long, value_name = "REF")]
    base: String,
    #[command(flatten)]
    reporting: Reporting,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let output = Output::begin(&args.reporting);
    let begun = Instant::now();
    let manifest = context.manifest(args.manifest.as_deref())?;
    let store = context.store_of(&manifest)?;
    let base = revision::named(&args.base, &store, context)?;
    let pins: BTreeMap<String, Snapshot> = base
        .record
        .sources
        .iter()
        .map(|(name, source)| {
            let snapshot = Snapshot {
                digest: source.digest,
                bytes: source.bytes,
            };
            (name.clone(), snapshot)
        })
        .collect();
    let launcher = context.launcher(&store)?;
    run::cancel_on_signals(&context.cancel)?;
    let wanted = Wanted {
        pins,
        ..Wanted::default()
    };
    let plan = check::planned_with(&wanted, manifest, &store, context, &launcher)?;
    let run = Run {
        plan: &plan,
        store: &store,
        launcher: &launcher,
        cancel: &context.cancel,
        budget: Budget::of_machine(),
        selection: Selection::all(&plan).without_release(&plan),
        keep_going: true,
        pinned: Some(base.record.id.clone()),
        observer: &progress::Lines::new(&plan),
    };
    let done = run.run()?;
    let old = Side::of_run(&store, &base.record, &base.title);
    let new = Side::of_run(&store, &done.record, "this code, on the same data");
    let comparison = compare(&old, &new, &store);
    diff::say(&comparison);
    let report = report::of_run(
        &plan,
        &done,
        begun.elapsed().as_secs_f64(),
        &Base::default(),
        Some(&comparison),
    );
    output.finish(&report)?;
    Ok(done.record.outcome.exit_code())
}
