//! `lockflight plugin check`: whether a component fits its world, what it asks for, and what a start of it costs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{
    context::Context, error::CliError, limits::LimitArgs, run::cancel_on_signals, text,
};
use super::stage::{blob, built, compile, uncompiled, usage};
use crate::digest::Digest;
use crate::engine::CodeKind;
use crate::job::{ABI, JobDocument};
use crate::launcher::{LaunchError, Launcher, Reason, StageOrder, Telemetry};
use crate::plugin::fit::Difference;
use crate::plugin::inspect::{self, Inspection};
use crate::printable::line;
use crate::store::Store;
use crate::world::World;

/// How often a component is started: enough for a median.
const STARTS: usize = 5;

/// Hold a component against its world, and measure how it starts
///
/// Shows how it differs from the contract, what it imports, its size, and the median of five starts in the sealed child. Each start
/// calls it with the config {} and no inputs, which it may refuse.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin check plugins/csv\n  lockflight plugin check plugins/csv/dist/ingest.wasm --json\n\nExit codes: 0 it fits, 1 it does not, 2 wrong use, plugin or file, 3 it or the host failed, 130 cancelled."
)]
pub struct Args {
    /// The plugin's folder, which is built if it is stale, or a component
    #[arg(value_name = "DIR|FILE")]
    plugin: PathBuf,
    /// The world that a component is for [default: the one that it states or fits, else the one that it is nearest to]
    #[arg(long, value_name = "WORLD")]
    world: Option<World>,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let order = args.limits.order(CodeKind::Usual, &*context.policy()?)?;
    cancel_on_signals(&context.cancel)?;
    let scratch = tempfile::tempdir()?;
    let store = Store::open(scratch.path())?.in_use()?;
    let launcher = context.launcher(&store)?;
    let mut checked = Vec::new();
    for (world, file) in held(args, context)? {
        let differences = inspect::differences(&file, world).map_err(usage)?;
        let starts = match differences.is_empty() && world != World::Score {
            true => {
                let blob = blob(&file, &store)?;
                let name = file.display().to_string();
                compile(vec![uncompiled(blob, &name, &order)], &launcher, context);
                started(&launcher, &order, world, blob.0)
            }
            false => Ok(None),
        };
        checked.push(Checked {
            inspection: inspect::inspect(&file).map_err(usage)?,
            world,
            differences,
            starts: match starts {
                Err(error) if error.is_cancelled() => return Ok(130),
                other => other?,
            },
        });
    }
    if args.json {
        let components: Vec<_> = checked.iter().map(Checked::json).collect();
        text::say!(
            "{}",
            serde_json::to_string_pretty(&json!({ "components": components }))?
        );
    } else {
        let out = &mut io::stdout().lock();
        checked.iter().try_for_each(|one| one.print(out))?;
    }
    Ok(u8::from(
        checked.iter().any(|one| !one.differences.is_empty()),
    ))
}

/// The components, and the world that each is held against.
fn held(args: &Args, context: &Context) -> Result<Vec<(World, PathBuf)>, CliError> {
    if args.plugin.is_dir() {
        let mut components: Vec<_> = built(&args.plugin, context)?.into_iter().collect();
        if let Some(wanted) = args.world {
            components.retain(|(world, _)| *world == wanted);
        }
        if components.is_empty() {
            let plugin = args.plugin.display();
            return Err(CliError::Usage(format!(
                "{plugin} makes no component of that world; `worlds` in its plugin.toml lists them"
            )));
        }
        return Ok(components);
    }
    let file = &args.plugin;
    let inspection = inspect::inspect(file).map_err(usage)?;
    let stated = inspection.facts.map(|facts| facts.world);
    let known = args.world.or(stated).or(inspection.worlds.first().copied());
    let world = match known {
        Some(world) => world,
        None => nearest(file)?,
    };
    Ok(vec![(world, file.clone())])
}

/// The world that a component differs least from.
fn nearest(file: &Path) -> Result<World, CliError> {
    let mut least = (World::Ingest, usize::MAX);
    for world in World::ALL {
        let count = inspect::differences(file, world).map_err(usage)?.len();
        if count < least.1 {
            least = (world, count);
        }
    }
    Ok(least.0)
}

/// What starts cost.
#[derive(Debug, Serialize)]
struct Starts {
    count: usize,
    startup_seconds: f64,
    /// The guest's own.
    memory_bytes: u64,
    /// The whole child's; none if it was gone too soon to be asked.
    process_memory_bytes: Option<u64>,
}

/// Starts a component a few times: the median of each figure.
fn started(
    launcher: &Launcher,
    order: &StageOrder,
    world: World,
    component: Digest,
) -> Result<Option<Starts>, LaunchError> {
    let job = JobDocument {
        abi: ABI,
        world,
        component: Some(component),
        config: json!({}),
        inputs: [].into(),
        partition: None,
        seed: 0,
        state: None,
        time: 0,
    };
    let mut costs = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        costs.push(cost(launcher, order, &job)?);
    }
    costs.sort_by(|one, other| one.startup_seconds.total_cmp(&other.startup_seconds));
    let process = costs.iter().filter_map(|cost| cost.peak_process_memory);
    Ok(Some(Starts {
        count: STARTS,
        startup_seconds: costs[STARTS / 2].startup_seconds,
        memory_bytes: median(costs.iter().map(|cost| cost.peak_memory)).unwrap_or_default(),
        process_memory_bytes: median(process),
    }))
}

fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// A start is a start, however the plugin takes a job that it was not made for.
fn cost(
    launcher: &Launcher,
    order: &StageOrder,
    job: &JobDocument,
) -> Result<Telemetry, LaunchError> {
    match launcher.repeat(job, order, None, &|_| {}) {
        Ok(launched) => Ok(launched.telemetry),
        Err(error) => match (&*error.reason, &error.telemetry) {
            (Reason::Failure(_) | Reason::Fault(_) | Reason::Output(_), Some(cost)) => Ok(**cost),
            _ => Err(error),
        },
    }
}

/// A component that was held against a world.
struct Checked {
    inspection: Inspection,
    world: World,
    differences: Vec<Difference>,
    starts: Option<Starts>,
}

impl Checked {
    fn json(&self) -> Value {
        let differences = self.differences.iter().map(
            |difference| json!({ "kind": kind(difference).1, "message": difference.to_string() }),
        );
        json!({
            "world": self.world,
            "fits": self.differences.is_empty(),
            "differences": differences.collect::<Vec<_>>(),
            "digest": self.inspection.digest,
            "size": self.inspection.size,
            "imports": self.inspection.imports,
            "starts": self.starts,
        })
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = match &self.inspection.facts {
            Some(facts) => format!("{} {}", line(&facts.name), line(&facts.version)),
            None => "a component without static facts".to_owned(),
        };
        writeln!(out, "{name}, sha256:{}…", self.inspection.digest.short())?;
        match self.differences.len() {
            0 => writeln!(out, "fits        the world {}", self.world)?,
            count => writeln!(
                out,
                "differs     from the world {} in {count} {}",
                self.world,
                if count == 1 { "place" } else { "places" }
            )?,
        }
        for difference in &self.differences {
            let (mark, kind) = kind(difference);
            match difference {
                Difference::Type {
                    interface,
                    item,
                    plugin,
                    contract,
                } => {
                    writeln!(
                        out,
                        "  {mark} {kind:<10}  `{}` of `{}`",
                        line(item),
                        line(interface)
                    )?;
                    writeln!(out, "      the plugin    {}", line(plugin))?;
                    writeln!(out, "      the contract  {}", line(contract))?;
                }
                other => writeln!(out, "  {mark} {kind:<10}  {}", line(&other.to_string()))?,
            }
        }
        super::inspect::list(out, "imports", self.inspection.imports.iter().cloned())?;
        writeln!(out, "size        {}", text::bytes(self.inspection.size))?;
        match &self.starts {
            Some(starts) => {
                let process = starts.process_memory_bytes.map(text::bytes);
                let process = process.map(|bytes| format!(", {bytes} with its process"));
                writeln!(
                    out,
                    "start       {}, memory {}{} (median of {})",
                    text::seconds(starts.startup_seconds),
                    text::bytes(starts.memory_bytes),
                    process.unwrap_or_default(),
                    starts.count
                )
            }
            None if self.differences.is_empty() => {
                writeln!(
                    out,
                    "start       not measured: a scorer starts with a model alone"
                )
            }
            None => writeln!(
                out,
                "start       not measured: what does not fit is not started"
            ),
        }
    }
}

/// The sign and the word for a kind of difference.
fn kind(difference: &Difference) -> (char, &'static str) {
    match difference {
        Difference::NoExport(_) | Difference::NoFunction { .. } => ('-', "missing"),
        Difference::NotOffered(_) | Difference::FunctionNotOffered { .. } | Difference::Wasi(_) => {
            ('+', "extra")
        }
        Difference::Type { .. } => ('~', "other type"),
        Difference::Other(_) => ('!', "misfit"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_difference_has_a_line_of_its_own() {
        let checked = Checked {
            inspection: Inspection {
                digest: Digest::of(b""),
                size: 2048,
                worlds: vec![],
                imports: vec!["a:b/c".into()],
                exports: vec![],
                facts: None,
                producers: vec![],
            },
            world: World::Train,
            differences: vec![
                Difference::NoExport("a:b/d".into()),
                Difference::NotOffered("a:b/c".into()),
                Difference::Type {
                    interface: "a:b/e".into(),
                    item: "run".into(),
                    plugin: "func(x: u8)".into(),
                    contract: "func(x: u16)".into(),
                },
            ],
            starts: None,
        };
        let mut out = Vec::new();
        checked.print(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let wanted = "differs     from the world train in 3 places\n\
            \x20 - missing     it does not export the interface `a:b/d`\n\
            \x20 + extra       it imports `a:b/c`, which this world does not offer\n\
            \x20 ~ other type  `run` of `a:b/e`\n\
            \x20     the plugin    func(x: u8)\n\
            \x20     the contract  func(x: u16)\n\
            imports     a:b/c\nsize        2.0 KiB\n\
            start       not measured: what does not fit is not started\n";
        assert!(text.ends_with(wanted), "{text}");
    }

    #[test]
    fn a_median_is_the_middle_one() {
        assert_eq!(median([5, 1, 9].into_iter()), Some(5));
        assert_eq!(median([].into_iter()), None);
    }
}
