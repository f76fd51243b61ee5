//! `lockflight run`: runs what is not in the store yet.

use std::{path::PathBuf, time::Instant};

use super::{
    check,
    ci::{self, Base, Output, Reporting},
    context::Context,
    error::CliError,
    events::{self, Events},
    failures,
    lock::{self, Holding},
    progress::{Lines, Silent, Spinners},
    remote,
    selected::Selected,
    summary, text,
};
use crate::{
    launcher::{Cancel, Launcher},
    manifest::{ByteSize, Resolved},
    plan::{Hold, Planned, Wanted},
    record::Outcome,
    run::{
        Budget, Observer, Run, RunReport, Selection,
        compare::{Side, compare},
    },
    store::Store,
};

/// Run the pipeline: snapshot the sources, plan, run what is not in the store yet, independent stages in parallel.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight run\n  lockflight run examples/penguins --jobs 1\n  lockflight run -S train.demand.config.rounds=200\n  lockflight run --from demand --keep-going\n  lockflight run --locked\n  lockflight run --ci --junit report.xml --base origin/main\n  lockflight run --json > run.json\n\nExit codes: 0 done, 1 a gate closed, 2 wrong use, manifest or config, 3 a plugin or the host failed, 130 cancelled."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    holding: Holding,
    #[command(flatten)]
    reporting: Reporting,
    /// What to compare with in CI's summary: a run or a revision of git [default: the branch that a pull request is to go into]
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// Go on after a stage failed with all that does not depend on it
    #[arg(short, long)]
    keep_going: bool,
    /// How many stages run at a time [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Memory over the limits of all stages that run at a time, e.g. 4GiB [default: 4/5 of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// Write OpenLineage events to a file of NDJSON or send them to a collector's URL [default: OPENLINEAGE_URL]
    #[arg(long, value_name = "FILE|URL")]
    events: Option<String>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: remote::Named,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let output = Output::begin(&args.reporting);
    let report = match run_pipeline(args, context, &output) {
        Err(_) if context.cancel.is_cancelled() => {
            eprintln!("cancelled before anything was run");
            return Ok(Outcome::Cancelled.exit_code());
        }
        Err(error) => {
            let CliError::Problems(problems) = &error else {
                return Err(error);
            };
            if args.json {
                text::say!("{}", check::json(problems)?);
            } else {
                error.print();
            }
            output.finish(&ci::of_problems(problems))?;
            return Ok(error.exit_code());
        }
        Ok(done) => {
            if let Some(told) = &done.told {
                output.finish(told)?;
            }
            done.report
        }
    };
    if args.json {
        text::say!("{}", summary::json(&report)?);
    }
    Ok(report.record.outcome.exit_code())
}

/// A run that came to its end.
struct Done {
    report: RunReport,
    /// The same for CI, if that is asked for.
    told: Option<lockflight_ci::data::Report>,
}

fn run_pipeline(args: &Args, context: &Context, output: &Output) -> Result<Done, CliError> {
    let begun = Instant::now();
    let manifest = context.manifest_with(args.manifest.as_deref(), &args.selected.set)?;
    let store = args
        .remote
        .upstream(context.store_of(&manifest)?, &manifest);
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let base = match output.is_wanted() {
        true => Base::find(args.base.as_deref(), &store, context),
        false => Base::default(),
    };
    let plan = planned(args, manifest, &store, context, &launcher)?;
    let machine = Budget::of_machine();
    let budget = Budget {
        jobs: args.jobs.map_or(machine.jobs, usize::from),
        memory: args.memory.map_or(machine.memory, ByteSize::bytes),
    };
    let events = Events::begin(args.events.as_deref(), &plan, &store)?;
    let observer = observer(args, context, &plan, output);
    let observer = events::Clock::new(observer);
    let report = Run {
        plan: &plan,
        store: &store,
        launcher: &launcher,
        cancel: &context.cancel,
        budget,
        selection: Selection::new(&plan, &args.selected.asked())?,
        keep_going: args.keep_going,
        pinned: None,
        observer: &observer,
    }
    .run()?;
    let times = observer.stop();
    if let Some(events) = events {
        events.finish(&plan, &report, &times, &store);
    }
    remote::warn(&store);
    failures::print(&plan, &report, &store)?;
    if !context.quiet && !args.json {
        summary::print(&plan, &report, &store)?;
    }
    let comparison = base.run.as_ref().map(|(title, record)| {
        let old = Side::of_run(&store, record, title);
        let new = Side::of_run(&store, &report.record, &report.record.id);
        compare(&old, &new, &store)
    });
    let seconds = begun.elapsed().as_secs_f64();
    let told = output
        .is_wanted()
        .then(|| ci::of_run(&plan, &report, seconds, &base, comparison.as_ref()));
    Ok(Done { report, told })
}

fn planned(
    args: &Args,
    manifest: Resolved,
    store: &Store,
    context: &Context,
    launcher: &Launcher,
) -> Result<Planned, CliError> {
    let wanted = Wanted {
        hold: args.holding.hold(),
        ..Wanted::default()
    };
    let plan = check::planned_with(&wanted, manifest, store, context, launcher)?;
    // What holds for one run only is not to be locked.
    if wanted.hold == Hold::Nothing && args.selected.set.is_empty() {
        lock::update(&plan, context)?;
    }
    Ok(plan)
}

fn observer(args: &Args, context: &Context, plan: &Planned, output: &Output) -> Box<dyn Observer> {
    if context.quiet || args.json {
        Box::new(Silent)
    } else if Spinners::possible() && !output.is_ci() {
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
