//! `lockflight run`: runs what is not in the store yet.

use std::path::PathBuf;

use super::{
    check,
    context::Context,
    error::CliError,
    failures,
    progress::{Lines, Silent, Spinners},
    remote, summary, text,
};
use crate::{
    launcher::Cancel,
    manifest::ByteSize,
    plan::Planned,
    record::Outcome,
    run::{Budget, Observer, Run, RunReport},
};

/// Run the pipeline: snapshot the sources, plan, run what is not in the store yet, independent stages in parallel.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight run\n  lockflight run examples/penguins --jobs 1\n  lockflight run --json > run.json\n\nExit codes: 0 done, 1 a gate closed, 2 wrong use, manifest or config, 3 a plugin or the host failed, 130 cancelled."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    /// How many stages run at a time [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Memory over the limits of all stages that run at a time, e.g. 4GiB [default: 4/5 of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: remote::Named,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let report = match run_pipeline(args, context) {
        Err(_) if context.cancel.is_cancelled() => {
            eprintln!("cancelled before anything was run");
            return Ok(Outcome::Cancelled.exit_code());
        }
        Err(error) => match &error {
            CliError::Problems(problems) if args.json => {
                text::say!("{}", check::json(problems)?);
                return Ok(error.exit_code());
            }
            _ => return Err(error),
        },
        Ok(report) => report,
    };
    if args.json {
        text::say!("{}", summary::json(&report)?);
    }
    Ok(report.record.outcome.exit_code())
}

fn run_pipeline(args: &Args, context: &Context) -> Result<RunReport, CliError> {
    let manifest = context.manifest(args.manifest.as_deref())?;
    let store = args
        .remote
        .upstream(context.store_of(&manifest)?, &manifest);
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let plan = check::planned(manifest, &store, context, &launcher)?;
    let machine = Budget::of_machine();
    let budget = Budget {
        jobs: args.jobs.map_or(machine.jobs, usize::from),
        memory: args.memory.map_or(machine.memory, ByteSize::bytes),
    };
    let observer = observer(args, context, &plan);
    let report = Run {
        plan: &plan,
        store: &store,
        launcher: &launcher,
        cancel: &context.cancel,
        budget,
        observer: &*observer,
    }
    .run()?;
    drop(observer);
    remote::warn(&store);
    failures::print(&plan, &report, &store)?;
    if !context.quiet && !args.json {
        summary::print(&plan, &report, &store)?;
    }
    Ok(report)
}

fn observer(args: &Args, context: &Context, plan: &Planned) -> Box<dyn Observer> {
    if context.quiet || args.json {
        Box::new(Silent)
    } else if Spinners::possible() {
        Box::new(Spinners::new(plan))
    } else {
        Box::new(Lines::new(plan))
    }
}

/// Ctrl-C and SIGTERM kill the children; the run is then recorded as cancelled. A second signal ends the program at once.
pub(super) fn cancel_on_signals(cancel: &Cancel) -> Result<(), CliError> {
    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        flag,
        iterator::Signals,
    };
    let again = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the first signal only sets the flag that the second one finds.
        flag::register_conditional_shutdown(signal, 130, again.clone())?;
        flag::register(signal, again.clone())?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            cancel.cancel();
        }
    });
    Ok(())
}
