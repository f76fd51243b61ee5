//! `lockflight logs`: what a stage's plugin said.

use super::{context::Context, error::CliError, text};
use crate::{
    diagnostic::did_you_mean,
    launcher::TimedLine,
    printable,
    record::{RunRecord, StageRecord, Status},
    run::History,
    wire::LogSource,
};

/// Show what a stage's plugin said: its log, what it printed, its traceback.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight logs latest clean\n  lockflight logs 20261123-204512 clean --json"
)]
pub struct Args {
    /// `latest`, a run's id, or the beginning or end of one
    run: String,
    /// The stage's name
    stage: String,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let history = History::new(&store);
    let record = history.find(&args.run)?;
    let stage = stage_of(&record, &args.stage)?;
    let Some(log) = &stage.log else {
        if !context.quiet {
            eprintln!("stage `{}` of run {} said nothing", stage.name, record.id);
        }
        return Ok(0);
    };
    if stage.status == Status::Cached && !context.quiet {
        eprintln!(
            "the result is from run {}; this is what was said there",
            log.run
        );
    }
    for line in history.log_lines(log)? {
        if args.json {
            text::say!("{}", serde_json::to_string(&line)?);
            continue;
        }
        say(&line);
    }
    Ok(0)
}

/// The stage of a run that a user means.
pub(super) fn stage_of<'r>(record: &'r RunRecord, name: &str) -> Result<&'r StageRecord, CliError> {
    record.stage(name).ok_or_else(|| {
        let names = record.stages.iter().map(|stage| stage.name.as_str());
        let help = did_you_mean(name, names.clone())
            .unwrap_or_else(|| format!("it has {}", names.collect::<Vec<_>>().join(", ")));
        CliError::Usage(format!("run {} has no stage `{name}`; {help}", record.id))
    })
}

/// A line of a log, on standard output.
pub(super) fn say(line: &TimedLine) {
    let source = match line.line.source {
        LogSource::Plugin => format!("{:?}", line.line.level).to_lowercase(),
        LogSource::Stdout => "stdout".to_owned(),
        LogSource::Stderr => "stderr".to_owned(),
        LogSource::Host => "host".to_owned(),
    };
    text::say!(
        "{:9.3} s  {source:<6}  {}",
        line.at,
        printable::lines(&line.line.message)
    );
}
