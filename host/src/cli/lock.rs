//! `lockflight lock`, and what the lock file means for other commands.

use std::path::PathBuf;

use super::{check, context::Context, error::CliError, text};
use crate::{
    diagnostic::Problem,
    plan::{Difference, Hold, LOCK_FILE_NAME, Locked, Lockfile, Planned, Wanted},
};

/// Write lockflight.lock: which component each plugin's source or tag stands for, and the digest of each source.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight lock\n  lockflight lock --check\n  lockflight lock --update"
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest lockflight.toml upwards]
    manifest: Option<PathBuf>,
    /// Take the components that the plugins' folders have now, also where the locked ones are at hand and of the same source, and
    /// what the tags of plugins in registries stand for now
    #[arg(long)]
    update: bool,
    /// Write nothing, and exit 1 when something is different
    #[arg(long)]
    check: bool,
}

/// How a run stands to the lock file.
#[derive(Debug, clap::Args)]
pub struct Holding {
    /// Run only if lockflight.lock holds for all code: plugins and contract
    #[arg(long)]
    locked: bool,
    /// Run only if lockflight.lock holds for all code and all sources
    #[arg(long)]
    frozen: bool,
}

impl Holding {
    /// The part that has to hold.
    pub fn hold(&self) -> Hold {
        match (self.frozen, self.locked) {
            (true, _) => Hold::All,
            (_, true) => Hold::Code,
            _ => Hold::Nothing,
        }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let manifest = context.manifest(args.manifest.as_deref())?;
    let folder = manifest.folder.clone();
    let store = context.store_of(&manifest)?;
    let launcher = context.launcher(&store)?;
    let wanted = Wanted {
        rebuilt: args.update,
        ..Wanted::default()
    };
    let plan = check::planned_with(&wanted, manifest, &store, context, &launcher)?;
    let was = Lockfile::read(&folder).map_err(|problem| CliError::Problems((*problem).into()))?;
    let differences = differences(was.as_ref(), &plan.lockfile);
    for difference in &differences {
        text::say!("{}", difference.text);
    }
    if args.check {
        return Ok(u8::from(was.is_none() || !differences.is_empty()));
    }
    if was.as_ref() == Some(&plan.lockfile) {
        text::say!("{LOCK_FILE_NAME} holds");
        return Ok(0);
    }
    plan.lockfile.write(&folder)?;
    text::say!("{LOCK_FILE_NAME} written");
    Ok(0)
}

fn differences(was: Option<&Lockfile>, now: &Lockfile) -> Vec<Difference> {
    was.map(|was| was.differences(now)).unwrap_or_default()
}

/// Refuses what is not as locked.
pub(super) fn hold(hold: Hold, was: Option<&Lockfile>, now: &Locked) -> Result<(), Box<Problem>> {
    if hold == Hold::Nothing {
        return Ok(());
    }
    let option = match hold {
        Hold::All => "--frozen",
        _ => "--locked",
    };
    let Some(was) = was else {
        let what = format!("{option}: there is no {LOCK_FILE_NAME} beside the manifest");
        let problem = Problem::error("lock", what);
        return Err(problem
            .help("`lockflight lock` writes it; commit it")
            .into());
    };
    // A plugin or source that is not there has a problem of its own, which says more than that its bytes differ.
    let mut found = now.lockfile.clone();
    for name in now.manifest.plugins.keys() {
        if let Some(locked) = was.code.plugins.get(name) {
            let plugins = &mut found.code.plugins;
            plugins
                .entry(name.clone())
                .or_insert_with(|| locked.clone());
        }
    }
    for name in now.manifest.sources.keys() {
        if let (None, Some(locked)) = (now.sources.get(name), was.data.get(name)) {
            found.data.insert(name.clone(), locked.clone());
        }
    }
    let counts = |difference: &Difference| difference.is_code || hold == Hold::All;
    let broken: Vec<String> = was
        .differences(&found)
        .into_iter()
        .filter(counts)
        .map(|difference| format!("\n  {}", difference.text))
        .collect();
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Problem::error(
            "lock",
            format!(
                "{option}: {LOCK_FILE_NAME} does not hold:{}",
                broken.concat()
            ),
        )
        .help("`lockflight lock` writes it anew; look at the difference and commit it")
        .into()),
    }
}

/// Brings the lock file up to date after a run was planned. A folder that cannot be written to is no reason not to run.
pub(super) fn update(plan: &Planned, context: &Context) -> Result<(), CliError> {
    let folder = &plan.manifest.folder;
    let was = Lockfile::read(folder).map_err(|problem| CliError::Problems((*problem).into()))?;
    if was.as_ref() == Some(&plan.lockfile) {
        return Ok(());
    }
    if let Err(error) = plan.lockfile.write(folder) {
        tracing::warn!(%error, "{LOCK_FILE_NAME} was not written");
        return Ok(());
    }
    let differences = differences(was.as_ref(), &plan.lockfile);
    if !context.quiet && !differences.is_empty() {
        eprintln!("{LOCK_FILE_NAME} is brought up to date:");
        for difference in differences {
            eprintln!("  {}", difference.text);
        }
    }
    Ok(())
}
