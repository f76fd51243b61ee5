//! Runs commands and keeps account of what each part of the work cost.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What went wrong, as text: every error of this tool ends on a person's screen.
pub type Failure = Box<dyn Error>;

/// The repository's root.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or_else(|| own.to_owned(), Path::to_owned)
}

/// Where things are kept that cost time to fetch or build: cargo's own folder for such.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A command in the repository's root.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// Runs a command; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = start(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(command, status))
    }
}

/// Runs a command and returns how it ended.
pub fn start(command: &mut Command) -> Result<ExitStatus, Failure> {
    command
        .status()
        .map_err(|error| format!("could not start `{}`: {error}", shown(command)).into())
}

/// Runs a command with its output on the screen, line by line, and returns that too.
pub fn run_and_read(command: &mut Command) -> Result<(ExitStatus, String), Failure> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start `{}`: {error}", shown(command)))?;
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((child.wait()?, text))
}

/// Whether a command can be run and succeeds; it prints nothing.
pub fn works(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The error of a command that failed.
pub fn failed(command: &Command, status: ExitStatus) -> Failure {
    format!("`{}` failed ({status})", shown(command)).into()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The parts of the work done so far, and what they cost.
#[derive(Default)]
pub struct Account {
    parts: Vec<Part>,
}

struct Part {
    title: String,
    wall: Duration,
    cpu: Duration,
}

impl Account {
    /// Does a part of the work under a title, and writes down what it cost.
    pub fn part<T>(
        &mut self,
        title: &str,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        println!("\n== {title}");
        let (wall, cpu) = (Instant::now(), cpu_of_children());
        let outcome = work();
        let cpu = cpu_of_children().saturating_sub(cpu);
        self.parts.push(Part {
            title: title.to_owned(),
            wall: wall.elapsed(),
            cpu,
        });
        outcome
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .parts
            .iter()
            .map(|part| part.title.len())
            .max()
            .unwrap_or(0);
        writeln!(f, "{:width$}  {:>8}  {:>8}", "", "user CPU", "wall")?;
        for part in &self.parts {
            writeln!(
                f,
                "{:width$}  {:>8}  {:>8}",
                part.title,
                seconds(part.cpu),
                seconds(part.wall)
            )?;
        }
        Ok(())
    }
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        long => format!("{} m {:02} s", long / 60, long % 60),
    }
}

/// The CPU time that ended children (and theirs) have spent in user mode: field 16 of /proc/self/stat, in hundredths of a
/// second (see proc_pid_stat(5)). Zero where there is no such file.
fn cpu_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Duration::from_millis(10 * children_ticks(&stat).unwrap_or(0))
}

fn children_ticks(stat: &str) -> Option<u64> {
    // The second field is the command's name in brackets, which may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(13)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_the_childrens_time() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194304 100 200 0 0 11 12 13 14 20 0 1 0 100 0 0";
        assert_eq!(children_ticks(stat), Some(13));
        assert_eq!(children_ticks(""), None);
    }

    #[test]
    fn a_part_costs_what_its_children_spend() {
        let mut account = Account::default();
        let spin = || {
            run(&mut command(
                "sh",
                &["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"],
            ))
        };
        account.part("spin", spin).unwrap();
        assert!(
            account.parts[0].cpu >= Duration::from_millis(10),
            "{account}"
        );
        assert!(
            account
                .part("fail", || run(&mut command("false", &[])))
                .is_err()
        );
        assert_eq!(
            account.parts.len(),
            2,
            "a part that failed is written down too"
        );
    }

    #[test]
    fn output_is_read_and_the_status_kept() {
        let (status, text) =
            run_and_read(&mut command("sh", &["-c", "echo one; echo two; exit 3"])).unwrap();
        assert_eq!((status.code(), text.as_str()), (Some(3), "one\ntwo\n"));
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(1250)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(605)), "10 m 05 s");
    }
}
