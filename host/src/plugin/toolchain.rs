//! Finds a Rust compiler for `wasm32-unknown-unknown` among those that are installed.
//!
//! Two ways are known: the target's compiled standard library (what `rustup target add` installs), or the library's source
//! together with a compiler that is allowed to build it (what Debian's `rustc-web` and `rust-web-src` install).
//!
//! This file uses `std` alone, since the repository's task runner includes it too and has to compile in a second.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target that Rust plugins are built for: no operating system, hence no WASI import.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Where Debian's packages put their compiler.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A way to build Rust for [`TARGET`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    version: String,
    /// Set when the compiler is another than the one cargo would take.
    rustc: Option<PathBuf>,
    std: Library,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Library {
    /// Compiled, in the compiler's sysroot.
    Compiled,
    /// As source: cargo builds it, with the linker found in these folders.
    Source { linkers: Vec<PathBuf> },
}

/// Why Rust can't be built for [`TARGET`] here.
#[derive(Debug)]
pub enum ToolchainError {
    /// `rustc` or `cargo` could not be started.
    NoRust {
        /// The program that was looked for.
        program: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// A compiler was found but said nothing sensible about itself.
    Unreadable {
        /// The compiler.
        rustc: PathBuf,
        /// What it said.
        output: String,
    },
    /// There is Rust, but neither the target's library nor its source.
    NoLibrary {
        /// What `rustc --version` says.
        version: String,
    },
}

impl fmt::Display for ToolchainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRust { program, error } => {
                write!(
                    f,
                    "could not start `{program}`: {error}; a Rust toolchain is needed to build Rust plugins. See https://rustup.rs, or on Debian and Ubuntu: apt-get install cargo"
                )
            }
            Self::Unreadable { rustc, output } => {
                write!(f, "`{}` did not say what it is: {output}", rustc.display())
            }
            Self::NoLibrary { version } => write!(
                f,
                "{version} has no standard library for {TARGET}; install it with `rustup target add {TARGET}`, \
                 or on Debian with `apt-get install rustc-web rust-web-src`"
            ),
        }
    }
}

impl Error for ToolchainError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoRust { error, .. } => Some(error),
            Self::Unreadable { .. } | Self::NoLibrary { .. } => None,
        }
    }
}

impl Toolchain {
    /// Looks for a way to build the crate in `folder` (which may choose its own toolchain, hence the argument).
    ///
    /// # Errors
    /// When there is none; the error says what to install.
    pub fn find(folder: &Path) -> Result<Self, ToolchainError> {
        let cargo = Command::new("cargo")
            .arg("--version")
            .current_dir(folder)
            .output();
        cargo.map_err(|error| ToolchainError::NoRust {
            program: "cargo",
            error,
        })?;
        let native = Compiler::ask(Path::new("rustc"), folder)?;
        if let Some(found) = native.build_with(None, &native) {
            return Ok(found);
        }
        let debian = Path::new(DEBIAN_RUSTC);
        if debian.exists() {
            let other = Compiler::ask(debian, folder)?;
            // An older compiler could not read what the newer cargo and our crates ask of it.
            if other.minor >= native.minor
                && let Some(found) = other.build_with(Some(debian.to_owned()), &native)
            {
                return Ok(found);
            }
        }
        Err(ToolchainError::NoLibrary {
            version: native.version,
        })
    }

    /// `cargo build` for the target with all that this way needs; the caller adds the crate, profile and target folder.
    pub fn cargo_build(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--target", TARGET]);
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc);
        }
        if let Library::Source { linkers } = &self.std {
            // Building the library is a nightly feature of cargo; a released compiler takes it when told so.
            cargo
                .env("RUSTC_BOOTSTRAP", "1")
                .args(["-Z", "build-std=std,panic_abort"]);
            cargo.env("PATH", path_with(linkers));
        }
        cargo
    }

    /// Compiler and way in one line, for the record of a build.
    pub fn describe(&self) -> String {
        match self.std {
            Library::Compiled => format!("{}, {TARGET}", self.version),
            Library::Source { .. } => format!("{}, {TARGET} with std from source", self.version),
        }
    }
}

/// The search path with `folders` before everything else.
fn path_with(folders: &[PathBuf]) -> OsString {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let all = folders
        .iter()
        .cloned()
        .chain(std::env::split_paths(&present));
    // Only a folder with a colon in its name can't be joined; then the linker has to be on the path already.
    std::env::join_paths(all).unwrap_or(present)
}

/// What a compiler says about itself.
struct Compiler {
    version: String,
    minor: u32,
    host: String,
    sysroot: PathBuf,
}

impl Compiler {
    fn ask(rustc: &Path, folder: &Path) -> Result<Self, ToolchainError> {
        let ask = |args: &[&str]| {
            let answer = Command::new(rustc)
                .args(args)
                .current_dir(folder)
                .output()
                .map_err(|error| ToolchainError::NoRust {
                    program: "rustc",
                    error,
                })?;
            let text = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            if answer.status.success() {
                Ok(text)
            } else {
                let output = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
                Err(ToolchainError::Unreadable {
                    rustc: rustc.to_owned(),
                    output,
                })
            }
        };
        let verbose = ask(&["-vV"])?;
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        Self::parse(&verbose, sysroot).ok_or(ToolchainError::Unreadable {
            rustc: rustc.to_owned(),
            output: verbose,
        })
    }

    /// Reads the answer to `rustc -vV`.
    fn parse(verbose: &str, sysroot: PathBuf) -> Option<Self> {
        let field = |name: &str| {
            verbose
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        Some(Self {
            version: verbose.lines().next()?.to_owned(),
            minor: field("release: ")?.split('.').nth(1)?.parse().ok()?,
            host: field("host: ")?.to_owned(),
            sysroot,
        })
    }

    /// The way that this compiler's sysroot offers, if any. `native` is the toolchain that brings the linker.
    fn build_with(&self, rustc: Option<PathBuf>, native: &Compiler) -> Option<Toolchain> {
        let rustlib = self.sysroot.join("lib/rustlib");
        let std = if has_compiled_std(&rustlib.join(TARGET).join("lib")) {
            Library::Compiled
        } else if rustlib.join("src/rust/library/std/Cargo.toml").exists() {
            let tools = native
                .sysroot
                .join("lib/rustlib")
                .join(&native.host)
                .join("bin");
            Library::Source {
                linkers: vec![tools.join("gcc-ld"), tools],
            }
        } else {
            return None;
        };
        Some(Toolchain {
            version: self.version.clone(),
            rustc,
            std,
        })
    }
}

fn has_compiled_std(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    const VERBOSE: &str = "rustc 1.96.0 (ac68faa20 2026-05-25)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\n";

    fn compiler(sysroot: &Path) -> Compiler {
        Compiler::parse(VERBOSE, sysroot.to_owned()).unwrap()
    }

    /// A folder of its own below the target folder, removed at the end.
    struct Scratch(PathBuf);
    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!(
                "lockflight-toolchain-{name}-{}",
                std::process::id()
            ));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        fn file(&self, path: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    }
    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn reads_what_a_compiler_says_about_itself() {
        let compiler = compiler(Path::new("/usr"));
        assert_eq!(
            (compiler.minor, compiler.host.as_str()),
            (96, "x86_64-unknown-linux-gnu")
        );
        assert!(Compiler::parse("rustc of unknown making", PathBuf::new()).is_none());
    }

    #[test]
    fn a_sysroot_without_the_target_or_source_offers_nothing() {
        let empty = Scratch::new("empty");
        let compiler = compiler(&empty.0);
        assert_eq!(compiler.build_with(None, &compiler), None);
    }

    #[test]
    fn a_compiled_library_is_preferred_to_source() {
        let both = Scratch::new("both");
        both.file("lib/rustlib/src/rust/library/std/Cargo.toml");
        let compiler = compiler(&both.0);
        let from_source = compiler
            .build_with(Some("/usr/bin/rustc".into()), &compiler)
            .unwrap();
        let command = from_source.cargo_build();
        assert!(
            command
                .get_args()
                .any(|arg| arg == "build-std=std,panic_abort")
        );
        let rustc = command.get_envs().find(|(key, _)| *key == "RUSTC").unwrap();
        assert_eq!(rustc.1.unwrap(), "/usr/bin/rustc");

        both.file("lib/rustlib/wasm32-unknown-unknown/lib/libstd-0123.rlib");
        let compiled = compiler.build_with(None, &compiler).unwrap();
        assert_eq!(compiled.std, Library::Compiled);
        assert!(compiled.cargo_build().get_args().all(|arg| arg != "-Z"));
    }

    #[test]
    fn the_error_says_what_to_install() {
        let error = ToolchainError::NoLibrary {
            version: "rustc 1.95.0".into(),
        }
        .to_string();
        assert!(
            error.contains("rustup target add wasm32-unknown-unknown"),
            "{error}"
        );
        assert!(
            error.contains("apt-get install rustc-web rust-web-src"),
            "{error}"
        );
    }
}
