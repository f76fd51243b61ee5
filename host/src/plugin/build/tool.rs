//! Runs the tools of other people that a build needs.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};

/// How many lines of a failed tool's output are worth showing: the last ones say why.
const SHOWN: usize = 40;

/// A tool that did not do its work.
#[derive(Debug)]
pub enum ToolError {
    /// It could not be started.
    Start {
        /// Its name.
        tool: String,
        /// What the system said.
        error: io::Error,
    },
    /// It ended with a failure.
    Failed {
        /// What was run.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it printed; empty if it printed straight to the terminal.
        output: String,
    },
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { tool, error } => write!(f, "could not start `{tool}`: {error}"),
            Self::Failed {
                command,
                status,
                output,
            } if output.is_empty() => {
                write!(f, "`{command}` failed ({status})")
            }
            Self::Failed {
                command,
                status,
                output,
            } => {
                write!(
                    f,
                    "`{command}` failed ({status}); its last lines were:\n{output}"
                )
            }
        }
    }
}

impl std::error::Error for ToolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { error, .. } => Some(error),
            Self::Failed { .. } => None,
        }
    }
}

/// Runs a command and returns its standard output. Its standard error is kept and shown when it fails.
///
/// # Errors
/// When the command can't be started or fails.
pub fn run(command: &mut Command) -> Result<Vec<u8>, ToolError> {
    finish(command, Stdio::piped())
}

/// As [`run`], but what the command prints to standard error goes to the terminal: for long builds that show their progress.
///
/// # Errors
/// When the command can't be started or fails.
pub fn run_loudly(command: &mut Command) -> Result<Vec<u8>, ToolError> {
    finish(command, Stdio::inherit())
}

fn finish(command: &mut Command, stderr: Stdio) -> Result<Vec<u8>, ToolError> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn();
    let child = child.map_err(|error| ToolError::Start {
        tool: tool.clone(),
        error,
    })?;
    let answer = child
        .wait_with_output()
        .map_err(|error| ToolError::Start { tool, error })?;
    if answer.status.success() {
        return Ok(answer.stdout);
    }
    let output = last_lines(&answer.stderr);
    Err(ToolError::Failed {
        command: line(command),
        status: answer.status.to_string(),
        output,
    })
}

/// The command as a person would type it, cut after its first words: the rest rarely helps.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .take(4)
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

fn last_lines(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_is_returned() {
        assert_eq!(run(&mut shell("echo out; echo err >&2")).unwrap(), b"out\n");
    }

    #[test]
    fn a_failure_shows_the_last_lines() {
        let error = run(&mut shell("seq 1 100 >&2; exit 3"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("exit status: 3") && error.ends_with("\n100"),
            "{error}"
        );
        assert!(
            !error.contains("\n60\n") && error.contains("\n61\n"),
            "{error}"
        );
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        let error = run(&mut Command::new("lockflight-no-such-tool"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("could not start `lockflight-no-such-tool`"),
            "{error}"
        );
    }
}
