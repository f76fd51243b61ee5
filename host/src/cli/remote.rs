//! Which remote a command works with: the one that is named, or that of the environment, or that of the manifest.

use std::{path::PathBuf, sync::Arc};

use super::{context::Context, error::CliError, text};
use crate::{
    manifest::{self, Resolved},
    policy, printable,
    store::{
        Store,
        remote::{FolderRemote, Remote, RemoteError, Upstream},
    },
};

/// The option of every command that works with a remote.
#[derive(Debug, Default, clap::Args)]
pub struct Named {
    /// The folder of the remote [default: LOCKFLIGHT_REMOTE, or `[store] remote` of the manifest]
    #[arg(long, value_name = "DIR")]
    remote: Option<PathBuf>,
}

impl Named {
    /// The remote's folder. `LOCKFLIGHT_REMOTE=` says that there is none, whatever the manifest says.
    fn folder(&self, manifest: Option<&Resolved>) -> Option<PathBuf> {
        if let Some(named) = &self.remote {
            return Some(named.clone());
        }
        match std::env::var_os("LOCKFLIGHT_REMOTE") {
            Some(folder) => (!folder.is_empty()).then(|| folder.into()),
            None => manifest.and_then(|manifest| manifest.remote.clone()),
        }
    }

    /// The store, which takes from the remote what it does not have. A remote that cannot be opened is no reason not to run.
    pub fn upstream(&self, store: Store, manifest: &Resolved) -> Store {
        match self.folder(Some(manifest)) {
            Some(folder) => store.with_upstream(Upstream::new(open(&folder))),
            None => store,
        }
    }

    /// Opens the remote to send to it or bring from it.
    pub fn open(&self, context: &Context) -> Result<Arc<dyn Remote>, CliError> {
        let there = manifest::find(&context.folder).is_some();
        let known = self.folder(None);
        let folder = match known {
            Some(folder) => Some(folder),
            None if there => self.folder(Some(&context.manifest(None)?)),
            None => None,
        };
        match folder {
            Some(folder) => Ok(open(&folder)?),
            None => Err(CliError::Usage(
                "there is no remote: name its folder with --remote DIR, LOCKFLIGHT_REMOTE, or in the manifest\n\n  [store]\n  \
                 remote = \"…\""
                    .into(),
            )),
        }
    }
}

fn open(folder: &std::path::Path) -> Result<Arc<dyn Remote>, RemoteError> {
    Ok(Arc::new(FolderRemote::open(folder)?))
}

/// Refuses to write to a remote unless the policy names who writes.
pub fn may_write(remote: &dyn Remote, context: &Context) -> Result<(), CliError> {
    let policy = context.policy()?;
    Ok(policy.may_write(&policy::writer(), &remote.place())?)
}

/// Says once, after a run, what was wrong with the remote.
pub fn warn(store: &Store) {
    if let Some(trouble) = store.upstream().and_then(|upstream| upstream.trouble()) {
        eprintln!(
            "{} {}; what it would have saved was computed here",
            text::Paint(text::color_on_stderr()).bold("warning:"),
            printable::lines(&trouble)
        );
    }
}

/// How many of something.
pub fn some(count: u64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {what}{s}", text::count(count))
}
