//! Compiled code: made in a child process of its own, kept in the user's cache folder, shared by all projects.
//!
//! An entry is named by the component's digest below a folder named by the engine's compatibility hash, so another version of
//! the engine or another processor never sees it. Compiled code is trusted like the host itself; therefore the folder is the user's
//! alone (0700) and one that belongs to somebody else is not used.

use std::{
    fs::{self, DirBuilder, File},
    hash::{Hash, Hasher as _},
    io::{self, Read, Write},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant, SystemTime},
};

use clap::ValueEnum as _;
use rustix::{
    fs::{FlockOperation, flock},
    process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit},
};

use super::{CodeKind, engine};
use crate::{
    digest::Digest,
    enforcement::{self, Point, stands},
    seal,
};

/// The most bytes of compiled code that are kept; the least recently used goes first.
const CACHE_BYTES: u64 = 4 << 30;

/// The most bytes of a component.
pub const MAX_COMPONENT: u64 = 256 << 20;

/// What compiling one component may cost.
#[derive(Debug, Clone, Copy)]
pub struct CompileLimits {
    /// Wall time.
    pub wall: Duration,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of component.
    pub component: u64,
}

/// Which of its limits the compiler went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompileLimit {
    /// [`CompileLimits::wall`].
    Wall,
    /// [`CompileLimits::memory`].
    Memory,
}

/// Why there is no compiled code.
#[derive(Debug, thiserror::Error)]
pub enum CodeCacheError {
    /// The cache folder cannot be used.
    #[error("the code cache {} cannot be used: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The compiler refused the component.
    #[error("the component does not compile: {0}")]
    Refused(String),
    /// The caller wanted no more.
    #[error("compiling was stopped")]
    Stopped,
    /// The compiler ran out of its limits.
    #[error("compiling took more than its limit of {}", match .0 {
        CompileLimit::Wall => "wall time",
        CompileLimit::Memory => "memory",
    })]
    Limit(CompileLimit),
}

/// Compiled code, ready to be handed to a sealed child.
#[derive(Debug)]
pub struct Compiled {
    /// The code, opened for reading.
    pub file: File,
    /// Its size in bytes.
    pub size: u64,
    /// How long compiling took, if it was not in the cache.
    pub took: Option<Duration>,
}

/// The cache folder.
#[derive(Debug, Clone)]
pub struct CodeCache {
    folder: PathBuf,
    /// The lockflight binary, started again to compile.
    exe: PathBuf,
}

impl CodeCache {
    /// The user's cache: `$XDG_CACHE_HOME/lockflight/code`, else `~/.cache/lockflight/code`.
    ///
    /// # Errors
    /// When there is no home, or the folder belongs to somebody else or cannot be made.
    pub fn of_user(exe: PathBuf) -> Result<Self, CodeCacheError> {
        let base = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .ok_or_else(|| CodeCacheError::Folder {
                path: PathBuf::from("~/.cache"),
                reason: "neither XDG_CACHE_HOME nor HOME is set".into(),
            })?;
        Self::at(base.join("lockflight").join("code"), exe)
    }

    /// A cache in this folder.
    ///
    /// # Errors
    /// When the folder belongs to somebody else or cannot be made.
    pub fn at(folder: PathBuf, exe: PathBuf) -> Result<Self, CodeCacheError> {
        private_folder(&folder)?;
        Ok(CodeCache { folder, exe })
    }

    /// The compiled code of a component, compiled now if need be. `open` gives the component's bytes; compiling ends when `stop` says so.
    ///
    /// # Errors
    /// When the component does not compile within its limits, or the folder fails.
    pub fn compiled(
        &self,
        component: &Digest,
        kind: CodeKind,
        limits: &CompileLimits,
        open: impl FnOnce() -> io::Result<File>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Compiled, CodeCacheError> {
        let folder = self.folder.join(compatibility(kind)?);
        private_folder(&folder)?;
        let path = folder.join(format!("{}.cwasm", component.hex()));
        if let Some(compiled) = open_entry(&path) {
            return Ok(compiled);
        }
        let fails = |e: io::Error| CodeCacheError::Folder {
            path: folder.clone(),
            reason: e.to_string(),
        };
        // One process compiles, others wait for it.
        let lock = File::create(folder.join(format!("{}.lock", component.hex()))).map_err(fails)?;
        flock(&lock, FlockOperation::LockExclusive).map_err(|e| fails(e.into()))?;
        if let Some(compiled) = open_entry(&path) {
            return Ok(compiled);
        }
        let start = Instant::now();
        let source = open().map_err(fails)?;
        let target = tempfile::NamedTempFile::new_in(&folder).map_err(fails)?;
        let code = target.reopen().map_err(fails)?;
        self.compile((source, code), kind, limits, stop)?;
        target.persist(&path).map_err(|e| fails(e.error))?;
        let _ = fs::remove_file(folder.join(format!("{}.lock", component.hex())));
        self.evict(&path);
        tracing::info!(component = %component.short(), took = ?start.elapsed(), "compiled");
        let mut compiled = open_entry(&path).ok_or_else(|| CodeCacheError::Folder {
            path: path.clone(),
            reason: "the compiled code vanished".into(),
        })?;
        compiled.took = Some(start.elapsed());
        Ok(compiled)
    }

    /// Compiles in a process of its own, so that a compiler that panics or swallows all memory costs one plugin.
    fn compile(
        &self,
        (from, to): (File, File),
        kind: CodeKind,
        limits: &CompileLimits,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), CodeCacheError> {
        let mut command = Command::new(&self.exe);
        command
            .args(["stage", "compile", "--memory", &limits.memory.to_string()])
            .args(["--component-bytes", &limits.component.to_string()])
            .args([
                "--code",
                kind.to_possible_value()
                    .expect("no kind is skipped")
                    .get_name(),
            ])
            .env_clear();
        enforcement::hand_on(&mut command);
        command
            .stdin(from)
            .stdout(to)
            .stderr(Stdio::piped())
            // Ctrl-C on a terminal goes to the launcher alone.
            .process_group(0);
        let mut child = command
            .spawn()
            .map_err(|e| CodeCacheError::Refused(format!("the compiler did not start: {e}")))?;
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.by_ref().take(1 << 20).read_to_string(&mut text);
            text
        });
        let status = wait(&mut child, limits.wall, stop)?;
        let text = reader.join().unwrap_or_default();
        match status.code() {
            Some(0) => Ok(()),
            Some(_) => {
                let text = text.trim();
                let text = text.strip_prefix("error: ").unwrap_or(text);
                Err(CodeCacheError::Refused(text.to_owned()))
            }
            // An allocation that the limit refuses aborts the compiler.
            None if text.contains("memory allocation") => {
                Err(CodeCacheError::Limit(CompileLimit::Memory))
            }
            None => Err(CodeCacheError::Refused(format!(
                "the compiler crashed ({status}): {}",
                text.trim()
            ))),
        }
    }

    /// Removes what was not used for longest until the cache is under its cap. Failing to is no fault of this run.
    fn evict(&self, keep: &Path) {
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for folder in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                if let Ok(meta) = entry.metadata() {
                    let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    entries.push((used, meta.len(), entry.path()));
                }
            }
        }
        let mut total: u64 = entries.iter().map(|e| e.1).sum();
        entries.sort();
        for (_, size, path) in entries {
            if total <= CACHE_BYTES {
                break;
            }
            if path != keep && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Waits for the compiler, within its time and as long as it is wanted.
fn wait(
    child: &mut Child,
    time: Duration,
    stop: &dyn Fn() -> bool,
) -> Result<ExitStatus, CodeCacheError> {
    let deadline = Instant::now() + time;
    let fault = loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if stop() => break CodeCacheError::Stopped,
            Ok(None) if Instant::now() > deadline && stands(Point::LimitCompile) => {
                break CodeCacheError::Limit(CompileLimit::Wall);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(e) => break CodeCacheError::Refused(e.to_string()),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Err(fault)
}

/// Opens an entry and marks it as used. What is a link, belongs to another user or may be written to by others is none, though it
/// lies in a private folder: it was put there by something else than this program.
fn open_entry(path: &Path) -> Option<Compiled> {
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || !is_private(&meta) && stands(Point::CacheFile) {
        return None;
    }
    let day_old = meta
        .modified()
        .ok()
        .and_then(|t| t.elapsed().ok())
        .is_some_and(|age| age > Duration::from_secs(86_400));
    if day_old {
        let _ = File::options()
            .append(true)
            .open(path)
            .and_then(|f| f.set_modified(SystemTime::now()));
    }
    Some(Compiled {
        size: meta.len(),
        file,
        took: None,
    })
}

/// The name of the engine's kind of code. Only code of the same kind is ever loaded.
fn compatibility(kind: CodeKind) -> Result<String, CodeCacheError> {
    let engine = engine(kind).map_err(|e| CodeCacheError::Refused(format!("{e:#}")))?;
    // FNV-1a: the standard library's hasher may change between releases, which would only cost a compilation.
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

/// Whether this user has it and nobody else may write to it.
fn is_private(meta: &fs::Metadata) -> bool {
    meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o022 == 0
}

/// Makes a folder that only this user can enter, or checks that it is one.
fn private_folder(path: &Path) -> Result<(), CodeCacheError> {
    let fails = |reason: String| CodeCacheError::Folder {
        path: path.to_path_buf(),
        reason,
    };
    match fs::metadata(path) {
        Ok(meta) => {
            if !is_private(&meta) && stands(Point::CacheFolder) {
                return Err(fails(
                    "it belongs to another user or others may write to it; compiled code is only loaded from a private folder".into(),
                ));
            }
            Ok(())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|e| fails(e.to_string())),
        Err(e) => Err(fails(e.to_string())),
    }
}

/// The compiling process: a component on standard input, its code on standard output.
///
/// # Errors
/// Says what is wrong with the component.
pub fn compile_child(kind: CodeKind, memory: u64, component: u64) -> wasmtime::Result<()> {
    let limit = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // Fails on no kernel that lockflight runs on.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    if stands(Point::LimitCompileMemory) {
        setrlimit(Resource::Data, limit(memory))?;
    }
    setrlimit(Resource::Core, limit(0))?;
    if stands(Point::CompilerSeal) {
        seal::seal_compiler()?;
    }
    let mut bytes = Vec::new();
    io::stdin().take(component + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > component {
        wasmtime::bail!("the component is larger than {component} bytes");
    }
    let code = engine(kind)?.precompile_component(&bytes)?;
    io::stdout().write_all(&code)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{collections::HashSet, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("code");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        let error = CodeCache::at(path, "lockflight".into()).unwrap_err();
        assert!(error.to_string().contains("private folder"), "{error}");
    }

    #[test]
    fn every_kind_of_code_has_its_place() {
        let places: HashSet<_> = CodeKind::value_variants()
            .iter()
            .map(|kind| compatibility(*kind).unwrap())
            .collect();
        assert_eq!(places.len(), CodeKind::value_variants().len());
    }
}
