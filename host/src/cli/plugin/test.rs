//! `lockflight plugin test`: the conformance kit and a plugin's own cases.

use std::path::{Path, PathBuf};
use std::time::Instant;

use lockflight_ci::{data, junit};

use super::super::{
    context::Context, error::CliError, limits::LimitArgs, run::cancel_on_signals, text,
};
use super::stage::{blob, compile, uncompiled};
use crate::engine::CodeKind;
use crate::launcher::StageOrder;
use crate::new_file;
use crate::plugin::build::Outcome as Build;
use crate::plugin::kit::{self, Ground, KitError, Outcome, Tested};
use crate::plugin::spec::PluginSpec;
use crate::printable::{line, lines};
use crate::store::Store;

/// Hold plugins against the conformance kit, and run their own cases
///
/// Builds what is stale, then runs every test in the sealed child that `run` uses, in a store of its own that is thrown away. The cases
/// are the folders DIR/tests/*/ with a config.json, or for a scorer with a table; the rules work on the first one that is to succeed. A
/// scorer is tried with the state that the trainer of the same plugin makes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight plugin test plugins/contract\n  lockflight plugin test plugins/* --junit plugins.xml\n\nExit codes: 0 all tests hold or are ignored, 1 one fails, 2 wrong use, plugin or case, 3 the host failed, 130 cancelled."
)]
pub struct Args {
    /// The plugins' folders
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where the cases are, if not in DIR/tests
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Write the tests as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let order = args.limits.order(CodeKind::Usual, &*context.policy()?)?;
    let scratch = tempfile::tempdir()?;
    let store = Store::open(scratch.path())?.in_use()?;
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let ground = Ground {
        store: &store,
        launcher: &launcher,
        order: &order,
    };
    let start = Instant::now();
    let mut plugins = Vec::new();
    for folder in &args.folders {
        let cases = args.cases.clone().unwrap_or_else(|| folder.join("tests"));
        match plugin(ground, folder, &cases, context) {
            Ok(tested) => plugins.push(tested),
            Err(Untested::Kit(KitError::Launch(error))) if error.is_cancelled() => return Ok(130),
            Err(error) => return Err(error.into()),
        }
    }
    let tests = || plugins.iter().flat_map(|plugin| &plugin.tests);
    let count = |wanted: fn(&Outcome) -> bool| tests().filter(|test| wanted(&test.outcome)).count();
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let passed = count(|outcome| matches!(outcome, Outcome::Ok));
    let ignored = count(|outcome| matches!(outcome, Outcome::Ignored(_)));
    let word = if failed == 0 { "ok" } else { "FAILED" };
    text::say!("\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored");
    if let Some(path) = &args.junit {
        let report = report(&plugins, start.elapsed().as_secs_f64(), failed > 0);
        new_file::replace(path, junit(&report).as_bytes())
            .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
    }
    Ok(u8::from(failed > 0))
}

/// A plugin with its tests.
struct Plugin {
    name: String,
    tests: Vec<Tested>,
}

/// Why a plugin could not be tested.
#[derive(Debug, thiserror::Error)]
enum Untested {
    /// It could not be read or built.
    #[error("{0}")]
    Plugin(String),
    /// The kit could not do its work.
    #[error(transparent)]
    Kit(#[from] KitError),
}

impl From<Untested> for CliError {
    fn from(error: Untested) -> CliError {
        match error {
            Untested::Kit(error) => error.into(),
            Untested::Plugin(what) => CliError::Usage(what),
        }
    }
}

impl From<KitError> for CliError {
    fn from(error: KitError) -> CliError {
        match error {
            KitError::Launch(error) => error.into(),
            KitError::Store(error) => error.into(),
            other => CliError::Usage(other.to_string()),
        }
    }
}

fn plugin(
    ground: Ground<'_>,
    folder: &Path,
    cases: &Path,
    context: &Context,
) -> Result<Plugin, Untested> {
    let wrong = |error: &dyn std::fmt::Display| Untested::Plugin(error.to_string());
    let spec = PluginSpec::read(folder).map_err(|error| wrong(&error))?;
    let built = super::make(folder, false, context.quiet).map_err(|error| wrong(&error))?;
    let (Build::UpToDate(components) | Build::Built(components)) = built;
    text::say!("\nplugin {} ({})", spec.name, folder.display());
    let mut codes = Vec::new();
    for (world, built) in &components {
        let blob = blob(&built.path, ground.store).map_err(|error| wrong(&error))?;
        for (code, kind) in [(CodeKind::Usual, ""), (kit::SECOND, ", one NaN")] {
            let name = format!("{} ({world}{kind})", spec.name);
            let order = StageOrder {
                code,
                ..*ground.order
            };
            codes.push(uncompiled(blob, &name, &order));
        }
    }
    compile(codes, ground.launcher, context);
    let mut tests = Vec::new();
    let tested = kit::Plugin {
        components: (components.into_iter())
            .map(|(world, component)| (world, component.path))
            .collect(),
        first: spec.worlds.first().copied(),
        cases,
    };
    kit::test(ground, &tested, &mut |test| {
        say_test(test);
        tests.push(test.clone());
    })?;
    Ok(Plugin {
        name: spec.name,
        tests,
    })
}

fn say_test(test: &Tested) {
    let name = line(&test.name);
    match &test.outcome {
        Outcome::Ok => text::say!("test {name} ... ok"),
        Outcome::Ignored(why) => text::say!("test {name} ... ignored: {}", line(why)),
        Outcome::Failed(why) => {
            text::say!("test {name} ... FAILED");
            let shown = lines(why);
            shown.lines().for_each(|text| text::say!("    {text}"));
        }
    }
}

/// The tests as the report that JUnit is made of: a suite for each plugin, a case for each test.
fn report(plugins: &[Plugin], seconds: f64, failed: bool) -> data::Report {
    let stages = plugins.iter().map(|plugin| {
        let findings = plugin.tests.iter().map(|test| {
            let (verdict, message) = match &test.outcome {
                Outcome::Ok => (data::Verdict::Passed, String::new()),
                Outcome::Ignored(why) => (data::Verdict::Skipped, why.clone()),
                Outcome::Failed(why) => (data::Verdict::Failed, why.clone()),
            };
            data::Finding {
                check: test.name.clone(),
                column: None,
                verdict,
                message,
                failed_rows: None,
                rows: None,
            }
        });
        data::Stage {
            name: plugin.name.clone(),
            kind: "plugin".into(),
            plugin: Some(plugin.name.clone()),
            status: data::Status::Ran,
            seconds: Some(plugin.tests.iter().map(|test| test.seconds).sum()),
            key: None,
            line: None,
            findings: findings.collect(),
            gate: None,
            error: None,
            log: Vec::new(),
        }
    });
    data::Report {
        pipeline: "plugin test".into(),
        run: String::new(),
        base: None,
        base_missing: None,
        manifest: String::new(),
        seconds,
        outcome: if failed {
            data::Outcome::Failed
        } else {
            data::Outcome::Done
        },
        stages: stages.collect(),
        metrics: Vec::new(),
        findings: Vec::new(),
        problems: Vec::new(),
    }
}
