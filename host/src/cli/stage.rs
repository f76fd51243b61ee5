//! `lockflight stage`: one stage by its key, and the processes that lockflight starts itself.

use std::{os::fd::AsFd, process::ExitCode};

use clap::Subcommand;

use super::{context::Context, error::CliError, limits::LimitArgs, run::cancel_on_signals, text};
use crate::{
    child,
    digest::Digest,
    engine::{self, CodeKind},
    job::JobDocument,
    launcher::StageOrder,
};

/// One stage by its key.
#[derive(Debug, Subcommand)]
pub enum Stage {
    /// Run the stage whose job document has this digest and publish its result
    ///
    /// Exits 0 at once if the store has the result, 75 if trying again may help.
    #[command(
        after_help = "Examples:\n  lockflight stage run sha256:3f… --memory 4GiB --store /shared/store"
    )]
    Run {
        /// The digest of a job document in the store
        key: Digest,
        #[command(flatten)]
        limits: LimitArgs,
        /// One form of NaN, for results that are equal across instruction sets
        #[arg(long)]
        nan_canonical: bool,
    },
    /// The sealed child; started by the launcher with a socket as standard input
    #[command(hide = true)]
    Exec,
    /// The compiler; a component on standard input, its code on standard output
    #[command(hide = true)]
    Compile {
        /// Bytes of memory
        #[arg(long)]
        memory: u64,
        /// The most bytes of component
        #[arg(long)]
        component_bytes: u64,
        /// The kind of code
        #[arg(long, default_value = "usual")]
        code: CodeKind,
    },
}

impl Stage {
    /// Whether this is a process that lockflight starts for itself, to be sealed.
    pub fn is_sealed(&self) -> bool {
        matches!(self, Stage::Exec | Stage::Compile { .. })
    }
}

/// The sealed child's whole life.
pub fn exec() -> ExitCode {
    let Ok(socket) = std::io::stdin().as_fd().try_clone_to_owned() else {
        return ExitCode::from(2);
    };
    match child::exec(socket) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

pub fn run(command: &Stage, context: &Context) -> Result<u8, CliError> {
    match command {
        Stage::Exec => Err(CliError::Usage(
            "`stage exec` is started by the launcher".into(),
        )),
        Stage::Compile {
            memory,
            component_bytes,
            code,
        } => compile(*memory, *component_bytes, *code),
        Stage::Run {
            key,
            limits,
            nan_canonical,
        } => {
            let code = CodeKind::of_stage(*nan_canonical);
            let policy = context.policy()?;
            launch(key, &limits.order(code, &policy)?, context)
        }
    }
}

fn compile(memory: u64, component_bytes: u64, code: CodeKind) -> Result<u8, CliError> {
    engine::compile_child(code, memory, component_bytes)
        .map_err(|e| CliError::Failed(format!("{e:#}")))?;
    Ok(0)
}

fn launch(key: &Digest, order: &StageOrder, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    if store.result(key)?.is_some() {
        return Ok(0);
    }
    let bytes = match store.has_blob(key)? {
        true => store.blob(key)?,
        false => {
            return Err(CliError::Usage(format!(
                "the store has no job document {key}; the key of a stage is in `lockflight show`"
            )));
        }
    };
    let job: JobDocument = serde_json::from_slice(&bytes)
        .map_err(|e| CliError::Usage(format!("{key} is a blob, but no job document: {e}")))?;
    let launcher = context.launcher(&store)?;
    cancel_on_signals(&context.cancel)?;
    let _lock = launcher.lock(key)?;
    if store.result(key)?.is_some() {
        return Ok(0);
    }
    let launched = launcher.run(key, &job, order, &|_| {});
    match launched {
        Ok(launched) => {
            if !context.quiet {
                text::say!("{}", serde_json::to_string_pretty(&launched.result)?);
            }
            Ok(0)
        }
        Err(error) if error.is_cancelled() => Ok(130),
        Err(error) if error.may_pass() => Err(CliError::TryAgain(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
