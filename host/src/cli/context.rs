//! Where a command works: the folder, the manifest, the store, the launcher.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{Common, error::CliError, remote};
use crate::{
    diagnostic::{self, Problem},
    engine::CodeCache,
    launcher::{Cancel, Launcher},
    manifest::{self, Override, Resolved},
    policy::Policy,
    store::Store,
};

/// The name of a store's folder.
const STORE: &str = ".lockflight";

/// Where a command works.
pub struct Context {
    /// The folder that the command works in, absolute.
    pub folder: PathBuf,
    /// The store that was named, if one was.
    store: Option<PathBuf>,
    /// Whether only results and errors are shown.
    pub quiet: bool,
    /// Ends the children of this command.
    pub cancel: Cancel,
    /// What the admin allows, once it was asked for.
    policy: OnceLock<Arc<Policy>>,
}

impl Context {
    pub(super) fn new(common: &Common) -> Result<Self, CliError> {
        let given = common
            .directory
            .clone()
            .unwrap_or_else(|| PathBuf::from("."));
        let folder = given
            .canonicalize()
            .map_err(|e| CliError::Usage(format!("-C {}: {e}", given.display())))?;
        // Everything that is shown or named afterwards is relative to where the user wants to be.
        std::env::set_current_dir(&folder)
            .map_err(|e| CliError::Usage(format!("-C {}: {e}", given.display())))?;
        Ok(Context {
            folder,
            store: common.store.clone(),
            quiet: common.quiet,
            cancel: Cancel::default(),
            policy: OnceLock::new(),
        })
    }

    /// Reads the manifest: the one that is named, or the nearest one upwards. Its warnings are shown.
    pub fn manifest(&self, named: Option<&Path>) -> Result<Resolved, CliError> {
        self.manifest_with(named, &[])
    }

    /// As [`Context::manifest`], with values set from outside.
    pub fn manifest_with(
        &self,
        named: Option<&Path>,
        overrides: &[Override],
    ) -> Result<Resolved, CliError> {
        let file = match named {
            Some(file) => file.to_path_buf(),
            None => manifest::find(&self.folder).ok_or_else(|| {
                CliError::Usage(format!(
                    "there is no {} in {} or above it; name one, or work elsewhere with -C DIR",
                    manifest::FILE_NAME,
                    self.folder.display()
                ))
            })?,
        };
        let (manifest, warnings) = manifest::load_with(&relative(&self.folder, &file), overrides)?;
        self.warn(&warnings);
        Ok(manifest)
    }

    fn warn(&self, warnings: &[Problem]) {
        if !self.quiet && !warnings.is_empty() {
            eprint!(
                "{}",
                diagnostic::render(
                    warnings,
                    super::text::color_on_stderr(),
                    super::text::width()
                )
            );
        }
    }

    /// The folder of the store for a manifest: the one that was named, or `.lockflight` beside the manifest.
    fn store_folder_of(&self, manifest: &Resolved) -> PathBuf {
        self.store
            .clone()
            .unwrap_or_else(|| manifest.folder.join(STORE))
    }

    /// Opens a manifest's store, making it if there is none, with the remote that the manifest or the environment names.
    pub fn store_of(&self, manifest: &Resolved) -> Result<Store, CliError> {
        let store = Store::open(&self.store_folder_of(manifest))?.in_use()?;
        Ok(remote::Named::default().upstream(store, manifest))
    }

    /// Opens the store that is there: the one that was named, or the nearest one upwards.
    pub fn store(&self) -> Result<Store, CliError> {
        Ok(Store::open(&self.store_folder()?)?.in_use()?)
    }

    /// Opens the store that is there, or makes one: where it was named, or else beside the manifest.
    pub fn store_or_new(&self) -> Result<Store, CliError> {
        match (&self.store, manifest::find(&self.folder)) {
            (Some(named), _) => Ok(Store::open(named)?.in_use()?),
            (None, Some(manifest)) => {
                let beside = manifest.with_file_name(STORE);
                Ok(Store::open(&beside)?.in_use()?)
            }
            (None, None) => self.store(),
        }
    }

    /// Opens the store that is there without keeping `gc` out: for `gc` itself.
    pub fn store_unused(&self) -> Result<Store, CliError> {
        Ok(Store::open(&self.store_folder()?)?)
    }

    /// The folder of the store that is there.
    pub fn store_folder(&self) -> Result<PathBuf, CliError> {
        if let Some(named) = &self.store {
            return match named.is_dir() {
                true => Ok(named.clone()),
                false => Err(CliError::Usage(format!(
                    "there is no store {}",
                    named.display()
                ))),
            };
        }
        self.folder
            .ancestors()
            .map(|folder| folder.join(STORE))
            .find(|store| store.is_dir())
            .ok_or_else(|| {
                CliError::Usage(format!(
                    "there is no store ({STORE}) in {} or above it; `lockflight run` makes one, --store DIR names one",
                    self.folder.display()
                ))
            })
    }

    /// The policy of this machine, read when it is first asked for: a wrong one stops whatever would run or send something.
    pub fn policy(&self) -> Result<Arc<Policy>, CliError> {
        if let Some(policy) = self.policy.get() {
            return Ok(Arc::clone(policy));
        }
        let policy = Arc::new(Policy::load()?);
        Ok(Arc::clone(self.policy.get_or_init(|| policy)))
    }

    /// A launcher for a store.
    pub fn launcher(&self, store: &Store) -> Result<Launcher, CliError> {
        let policy = self.policy()?;
        let exe = self_exe()?;
        let code = CodeCache::of_user(exe.clone())?;
        let cancel = self.cancel.clone();
        Ok(Launcher::new(store.clone(), code, exe, cancel, policy))
    }
}

/// This program, also after its file was replaced.
fn self_exe() -> Result<PathBuf, CliError> {
    let exe = PathBuf::from("/proc/self/exe");
    match exe.exists() {
        true => Ok(exe),
        false => Err(CliError::Failed(
            "/proc is not mounted; lockflight starts its sealed children through it".into(),
        )),
    }
}

/// A path as it is shown: relative to the working folder if it is below it.
fn relative(folder: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix(folder) {
        Ok(below) => below.to_path_buf(),
        Err(_) => path.to_path_buf(),
    }
}
