//! `lockflight plugin bench`: how fast a stage starts and works, and with how much memory, on tables of several sizes.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Serialize;
use serde_json::json;

use super::super::{
    context::Context, error::CliError, limits::LimitArgs, run::cancel_on_signals, text,
};
use super::grown::{lines, rows};
use super::run::{error_of, refused};
use super::stage::{Chosen, StageArgs, compile_called, usage};
use crate::engine::CodeKind;
use crate::job::{InputDigest, JobDocument};
use crate::launcher::{Launcher, StageOrder, Telemetry};
use crate::plugin::kit::{self, Setup};
use crate::plugin::spec::PluginSpec;
use crate::printable::line;
use crate::run::{Alone, InstanceError, alone};
use crate::store::Store;
use crate::world::World;

/// Measure how a stage starts, and its speed and memory on 10 thousand, 1 million and 10 million rows
///
/// The rows are those of the inputs, over and over. Without inputs they are those of the first case in DIR/tests/ that is to succeed, with
/// its config if none is given; without a case, of a generated table with a column of each type. Of an ingest plugin the lines of its
/// files are repeated; the first line of a .csv or .tsv, the names, stays one. Rows that do not fit a limit are reported.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin bench plugins/csv --input birds.csv\n  lockflight plugin bench plugins/linear --input birds.csv --config config.json --rows 10k,100k --json\n\nExit codes: 0 measured, 2 wrong use, plugin, file or config, 3 the plugin or the host failed, 130 cancelled."
)]
pub struct Args {
    #[command(flatten)]
    stage: StageArgs,
    /// How many rows, in ascending order
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "10k,1M,10M"
    )]
    rows: Vec<Count>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// A number of rows: `500`, `10k`, `1M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Count(u64);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Count, String> {
        let (digits, unit) = match text.strip_suffix('k') {
            Some(digits) => (digits, 1000),
            None => match text.strip_suffix('M') {
                Some(digits) => (digits, 1_000_000),
                None => (text, 1),
            },
        };
        let number = digits.parse::<u64>().ok();
        let count = number.and_then(|number| number.checked_mul(unit));
        count
            .filter(|count| *count > 0)
            .map(Count)
            .ok_or_else(|| "write a number of rows, such as 500, 10k or 1M".into())
    }
}

/// What one size came to.
#[derive(Debug, Serialize)]
struct Measured {
    rows: u64,
    #[serde(flatten)]
    came: Came,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Came {
    Fits {
        startup_seconds: f64,
        /// Without the start.
        seconds: f64,
        rows_per_second: f64,
        /// Bytes of the guest.
        peak_memory: u64,
        /// Bytes of the whole child.
        peak_process_memory: Option<u64>,
    },
    Exceeds {
        /// The limit, in words.
        exceeds: String,
    },
    NotTried {
        not_tried: &'static str,
    },
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let order = args.limits.order(CodeKind::Usual, &*context.policy()?)?;
    if !args.rows.is_sorted() {
        return Err(CliError::Usage(
            "--rows: write the numbers in ascending order".into(),
        ));
    }
    cancel_on_signals(&context.cancel)?;
    let chosen = args.stage.choose(context)?;
    let scratch = tempfile::tempdir()?;
    let store = Store::open(scratch.path())?.in_use()?;
    let (job, with) = job(&args.stage, &chosen, &store)?;
    let launcher = context.launcher(&store)?;
    compile_called(&chosen, &job, &launcher, (&order, context));
    let mut measured: Vec<Measured> = Vec::new();
    for Count(rows) in args.rows.iter().copied() {
        let fitted = measured.last();
        let came = match fitted.is_none_or(|last| matches!(last.came, Came::Fits { .. })) {
            false => Came::NotTried {
                not_tried: "fewer rows did not fit",
            },
            true => {
                if !context.quiet && !args.json {
                    eprintln!("measuring {}", text::rows(rows));
                }
                let job = grown(&args.stage, &chosen, &job, rows, &store)?;
                match came(&launcher, &order, &chosen, &job, (rows, &store)) {
                    Err(_) if context.cancel.is_cancelled() => return Ok(130),
                    other => other?,
                }
            }
        };
        measured.push(Measured { rows, came });
    }
    if args.json {
        let document = json!({
            "plugin": chosen.name(),
            "world": chosen.world,
            "digest": chosen.inspection.digest,
            "runs": measured,
        });
        text::say!("{}", serde_json::to_string_pretty(&document)?);
    } else {
        text::say!(
            "{} of {}{}",
            chosen.world,
            line(&chosen.name()),
            line(&with)
        );
        measured
            .iter()
            .for_each(|measured| text::say!("{measured}"));
    }
    Ok(0)
}

/// The job as it is told, or, where no input is given, with those of a case or generated ones; and words for where they are from.
fn job(
    stage: &StageArgs,
    chosen: &Chosen,
    store: &Store,
) -> Result<(JobDocument, String), CliError> {
    let mut job = stage.job(chosen, store)?;
    if !job.inputs.is_empty() {
        return Ok((job, String::new()));
    }
    if chosen.world == World::Ingest {
        return Err(usage(
            "what an ingest plugin reads cannot be generated: give it a file with --input, whose lines are repeated",
        ));
    }
    let case = first_case(&stage.plugin, chosen.world, store)?;
    let of_case = case.as_ref().map(|case| format!(", rows of {}", case.from));
    let setup = match case {
        Some(case) => case,
        None => kit::generated(store, chosen.world)?,
    };
    if stage.config.is_none() {
        job.config = setup.config;
    }
    job.inputs = setup.inputs;
    job.state = setup.state;
    Ok((job, of_case.unwrap_or_default()))
}

/// The case of a folder; a component alone has none.
fn first_case(plugin: &Path, world: World, store: &Store) -> Result<Option<Setup>, CliError> {
    if !plugin.is_dir() {
        return Ok(None);
    }
    let spec = PluginSpec::read(plugin).map_err(usage)?;
    let unnamed = spec.worlds.first() == Some(&world);
    Ok(kit::first_case(
        store,
        &plugin.join("tests"),
        (world, unnamed),
    )?)
}

/// The job with so many rows in each of its tables, or lines in each of an ingest plugin's files.
fn grown(
    stage: &StageArgs,
    chosen: &Chosen,
    job: &JobDocument,
    count: u64,
    store: &Store,
) -> Result<JobDocument, CliError> {
    let mut grown = job.clone();
    for (port, input) in &mut grown.inputs {
        // An arm stands in one row; what was seen of it can be in any number.
        let repeats = chosen.world != World::Deploy || port != kit::ARMS;
        if let (true, InputDigest::Table(digest)) = (repeats, input) {
            *digest = rows(store, digest, count)?;
        }
    }
    if chosen.world == World::Ingest {
        for (port, file) in stage.files(chosen.world) {
            grown
                .inputs
                .insert(port, InputDigest::Blob(lines(store, file, count)?));
        }
    }
    Ok(grown)
}

fn came(
    launcher: &Launcher,
    order: &StageOrder,
    chosen: &Chosen,
    job: &JobDocument,
    (rows, store): (u64, &Store),
) -> Result<Came, CliError> {
    match alone(store, launcher, job, order, &|_| {}) {
        Ok(Alone::Ran { launched, kept }) => {
            kept.map_err(|error| CliError::Failed(error.to_string()))?;
            Ok(fits(&launched.telemetry, rows))
        }
        Ok(Alone::Refused(problems)) => Err(refused(chosen, &problems)),
        Err(InstanceError::Launch(error)) => match error.exceeded() {
            Some(_) => Ok(Came::Exceeds {
                exceeds: error.to_string(),
            }),
            None => Err(error_of(chosen, error)),
        },
        Err(other) => Err(CliError::Failed(other.to_string())),
    }
}

fn fits(cost: &Telemetry, rows: u64) -> Came {
    let seconds = cost.wall_seconds - cost.startup_seconds;
    Came::Fits {
        startup_seconds: cost.startup_seconds,
        seconds,
        rows_per_second: rows as f64 / seconds,
        peak_memory: cost.peak_memory,
        peak_process_memory: cost.peak_process_memory,
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>16}  ", text::rows(self.rows))?;
        match &self.came {
            Came::Fits {
                startup_seconds,
                seconds,
                rows_per_second,
                peak_memory,
                ..
            } => write!(
                f,
                "start {}, work {}, {} per second, memory {}",
                text::seconds(*startup_seconds),
                text::seconds(*seconds),
                text::rows(*rows_per_second as u64),
                text::bytes(*peak_memory)
            ),
            Came::Exceeds { exceeds } => write!(f, "do not fit: {}", line(exceeds)),
            Came::NotTried { not_tried } => write!(f, "not tried: {not_tried}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short() {
        for (text, count) in [("500", 500), ("10k", 10_000), ("1M", 1_000_000)] {
            assert_eq!(text.parse(), Ok(Count(count)));
        }
        for wrong in ["", "k", "0", "1.5M", "99999999999999M", "10K"] {
            assert!(wrong.parse::<Count>().is_err(), "{wrong}");
        }
    }
}
