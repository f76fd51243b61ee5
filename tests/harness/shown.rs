//! The real program in a folder, and what it showed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a command showed.
pub struct Shown {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Shown {
    /// Ended with this code and said all of this on the error stream.
    pub fn says(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        // Long lines are broken.
        let err: Vec<_> = self
            .err
            .split(['\n', '│', ' '])
            .filter(|word| !word.is_empty())
            .collect();
        let err = err.join(" ");
        for part in parts {
            assert!(err.contains(part), "no {part:?} in {err}");
        }
    }
}

/// What came of a command.
pub fn shown(output: Output) -> Shown {
    Shown {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The program, which knows the policy `policy.toml` of its folder and nothing of this machine's.
pub fn lockflight(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockflight"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("LOCKFLIGHT_POLICY", "policy.toml")
        // Nobody listens there: a proxy of the environment has no say.
        .envs(
            [
                "http_proxy",
                "https_proxy",
                "HTTP_PROXY",
                "HTTPS_PROXY",
                "ALL_PROXY",
            ]
            .map(|name| (name, "http://127.0.0.1:9")),
        )
        .env_remove("LOCKFLIGHT_REMOTE")
        .env_remove("LOCKFLIGHT_LOG")
        .stdin(Stdio::null());
    command
}
