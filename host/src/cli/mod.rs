//! The command line: one file per command.

mod check;
mod ci;
mod completion;
mod context;
mod data;
mod diff;
mod doctor;
mod endpoint;
mod error;
mod events;
mod failures;
mod figures;
mod gates;
mod gc;
mod grants;
mod init;
mod limits;
mod lineage;
mod lock;
mod logs;
mod man;
mod model;
mod monitor;
mod package;
mod plan;
mod plugin;
mod policy;
mod predict;
mod progress;
mod pull;
mod push;
mod remote;
mod report;
mod revision;
mod run;
mod runs;
mod selected;
mod serve;
mod show;
mod stage;
mod store;
mod summary;
mod text;
mod verify;
mod version;
mod windows;

use std::{path::PathBuf, process::ExitCode};

use crate::seal;
use clap::{Parser, Subcommand};

use self::context::Context;
use crate::secret::HidingWriter;

/// The MLOps lifecycle as a flight of sealed chambers.
#[derive(Debug, Parser)]
#[command(
    name = "lockflight",
    version,
    max_term_width = 100,
    after_help = "Start with `lockflight init data.csv`, or in a folder with a lockflight.toml:\n  lockflight run           run the pipeline\n  lockflight show latest   what it did\n  lockflight verify        prove that it does it again\n\nLOCKFLIGHT_LOG=debug tells more; NO_COLOR turns colours off."
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// The store [default: .lockflight beside the manifest]
    #[arg(long, value_name = "DIR", global = true)]
    store: Option<PathBuf>,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draft a manifest and a contract from data
    Init(init::Args),
    /// Find everything that is wrong with a pipeline before any row is read
    Check(check::Args),
    /// Show what a run would do, and why
    Plan(plan::Args),
    /// Show what differs between two runs, revisions or the workspace
    Diff(diff::Args),
    /// Compare with a base as CI does
    #[command(subcommand)]
    Ci(ci::Ci),
    /// Write down what the manifest's names stand for
    Lock(lock::Args),
    /// Run what is not in the store yet
    Run(run::Args),
    /// List the runs
    Runs(runs::Args),
    /// Show one run in full
    Show(show::Args),
    /// Write a run as an HTML page
    Report(report::Args),
    /// Show what a stage's plugin said
    Logs(logs::Args),
    /// Run every stage of a run again and compare every digest
    Verify(verify::Args),
    /// Look at tables and their history, and export them
    #[command(subcommand)]
    Data(data::Data),
    /// Show where a thing came from and what was made from it
    Lineage(lineage::Args),
    /// Look at models
    #[command(subcommand)]
    Model(model::Model),
    /// Apply a model to the rows of a file
    Predict(predict::Args),
    /// Look at packages and write them out for other tools
    #[command(subcommand)]
    Package(package::Package),
    /// Look at endpoints: what is served, and what was decided
    #[command(subcommand)]
    Endpoint(endpoint::Endpoint),
    /// Look at monitors, and let them look at more rows
    #[command(subcommand)]
    Monitor(monitor::Monitor),
    /// Answer requests for predictions over HTTP
    Serve(serve::Args),
    /// Send runs to a remote, with everything that is reached from them
    Push(push::Args),
    /// Bring the runs of a remote
    Pull(pull::Args),
    /// Remove from the store what no name leads to
    Gc(gc::Args),
    /// Look after the store
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Build and inspect plugins
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Look at the policy: what may run, and with how much
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Run one stage by its key, as a cluster's worker does
    #[command(subcommand)]
    Stage(stage::Stage),
    /// Show what this machine has and lacks: compilers, walls, caches
    Doctor(doctor::Args),
    /// Print the completions of a shell
    Completion(completion::Args),
    /// Write the manual pages
    Man(man::Args),
    /// Show the versions that matter
    Version(version::Args),
}

/// Parses the command line and does what it says. The exit code is 0 when done, 1 when a gate closed or a verification failed, 2 for
/// wrong use, manifest or config, 3 when a plugin or the host failed, 75 when trying again may help, 130 when cancelled.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output and is no error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if let Command::Stage(stage) = &cli.command
        && stage.is_sealed()
    {
        // SAFETY: the process has only read its arguments; it has opened nothing.
        unsafe { seal::close_inherited() };
    }
    // The sealed child has no environment, no terminal and no use for any of what follows.
    if let Command::Stage(stage::Stage::Exec) = cli.command {
        return stage::exec();
    }
    start_tracing();
    let outcome = Context::new(&cli.common).and_then(|context| match cli.command {
        Command::Init(args) => init::run(&args, &context),
        Command::Check(args) => check::run(&args, &context),
        Command::Plan(args) => plan::run(&args, &context),
        Command::Diff(args) => diff::run(&args, &context),
        Command::Ci(command) => ci::run(&command, &context),
        Command::Lock(args) => lock::run(&args, &context),
        Command::Run(args) => run::run(&args, &context),
        Command::Show(args) => show::run(&args, &context),
        Command::Report(args) => report::run(&args, &context),
        Command::Logs(args) => logs::run(&args, &context),
        Command::Verify(args) => verify::run(&args, &context),
        Command::Runs(args) => runs::run(&args, &context),
        Command::Data(command) => data::run(&command, &context),
        Command::Lineage(args) => lineage::run(&args, &context),
        Command::Model(command) => model::run(&command, &context),
        Command::Predict(args) => predict::run(&args, &context),
        Command::Package(command) => package::run(&command, &context),
        Command::Endpoint(command) => endpoint::run(&command, &context),
        Command::Monitor(command) => monitor::run(&command, &context),
        Command::Serve(args) => serve::run(&args, &context),
        Command::Push(args) => push::run(&args, &context),
        Command::Pull(args) => pull::run(&args, &context),
        Command::Gc(args) => gc::run(&args, &context),
        Command::Store(command) => store::run(&command, &context),
        Command::Plugin(command) => plugin::run(&command, &context),
        Command::Policy(command) => policy::run(&command, &context),
        Command::Stage(command) => stage::run(&command, &context),
        Command::Doctor(args) => doctor::run(&args, &context),
        Command::Completion(args) => completion::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Version(args) => version::run(&args),
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            error.print();
            ExitCode::from(error.exit_code())
        }
    }
}

/// `LOCKFLIGHT_LOG` is a level or a list such as `lockflight::store=trace,info`; nothing is shown without it.
fn start_tracing() {
    use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};
    let Ok(wished) = std::env::var("LOCKFLIGHT_LOG") else {
        return;
    };
    match wished.parse::<Targets>() {
        Ok(targets) => {
            let layer = fmt::layer()
                .with_writer(|| HidingWriter(std::io::stderr()))
                .with_ansi(text::color_on_stderr());
            tracing_subscriber::registry()
                .with(targets)
                .with(layer)
                .init();
        }
        Err(error) => eprintln!(
            "LOCKFLIGHT_LOG={wished}: {error}; levels are error, warn, info, debug and trace"
        ),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        fn visit(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    visit(sub, &path);
                } else {
                    let help = sub
                        .get_after_help()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    assert!(help.contains(&path), "`{path} --help` has no example");
                }
            }
        }
        visit(&Cli::command(), "lockflight");
    }
}
