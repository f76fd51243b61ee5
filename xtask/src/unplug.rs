//! `cargo xtask unplug`: takes away one check after the other and sees whether a test fails.
//!
//! The tests are built once with the feature `unplug` of the host, which reads from the environment what is unplugged. Each row of
//! the table is run as it stands, when it has to pass, and without its point, when it has to fail.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use self::table::{Row, Target, row};
use crate::host::{self, cargo};
use crate::steps::{Failure, failed, root, target};
use crate::summary::Count;

/// The points, as the host has them.
#[allow(dead_code)]
#[path = "../../host/src/enforcement/points.rs"]
mod points;

use points::Point;

/// What the host reads.
const VARIABLE: &str = "LOCKFLIGHT_UNPLUG";
/// How long tests may take that have to pass.
const PATIENCE: Duration = Duration::from_secs(300);
/// After this, a test that is waited for without its check counts as failed: what was to end something did not.
const PATIENCE_UNPLUGGED: Duration = Duration::from_secs(120);
/// The same where the table says that it is so.
const PATIENCE_HANGING: Duration = Duration::from_secs(30);
/// How many tests run at a time: each has processes of its own, and is itself run by threads.
const AT_A_TIME: usize = 2;

/// The command; `names` are the points to unplug, all if there is none.
pub fn unplug(names: &[&str]) -> Result<ExitCode, Failure> {
    let known = |name: &&&str| !Point::ALL.iter().any(|point| point.name() == **name);
    if let Some(unknown) = names.iter().find(known) {
        let all: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        return Err(format!("there is no point `{unknown}`, but {}", all.join(", ")).into());
    }
    let meant = |point: &Point| names.is_empty() || names.contains(&point.name());
    let points: Vec<_> = Point::ALL.iter().copied().filter(meant).collect();
    let outcome = build().and_then(|programs| Bench::new(programs)?.unplugged(&points));
    // Whatever came of it: the program is at the place of the one with nothing to unplug.
    host::build()?;
    let count = outcome?;
    println!("\n{count}");
    Ok(match count.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Builds the tests that the table names.
fn build() -> Result<BTreeMap<Target, PathBuf>, Failure> {
    let mut build = cargo(&["test", "--locked", "-p", "lockflight", "--features=unplug"]);
    build.args(["--no-run", "--message-format=json-render-diagnostics"]);
    for target in Target::ALL {
        build.args(target.flags());
    }
    let output = build.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(failed(&build, output.status));
    }
    let output = String::from_utf8(output.stdout)?;
    let made: Vec<PathBuf> = output.lines().filter_map(executable).collect();
    let program = |target: &Target| {
        let is_of = |path: &&PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.and_then(|name| name.rsplit_once('-'));
            name.is_some_and(|(name, _)| name == target.program())
        };
        let found = made.iter().find(is_of).cloned();
        let missing = || format!("cargo built no tests of `{}`", target.program()).into();
        found.map(|path| (*target, path)).ok_or_else(missing)
    };
    Target::ALL.iter().map(program).collect()
}

/// The program that a line of cargo's messages tells of.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, rest) = message.split_once("\"executable\":\"")?;
    let (path, _) = rest.split_once('"')?;
    Some(path.into())
}

/// Tests that run in one process: of one program, with the same points unplugged and the same case picked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Batch {
    target: Target,
    unplugged: Vec<Point>,
    case: Option<(&'static str, &'static str)>,
    tests: BTreeSet<&'static str>,
}

/// How tests came out.
enum Came {
    Passed,
    Failed {
        why: String,
    },
    /// Some of them passed: the others failed, or were not run.
    Partly {
        passed: u64,
    },
}

struct Bench {
    programs: BTreeMap<Target, PathBuf>,
    logs: PathBuf,
}

impl Bench {
    fn new(programs: BTreeMap<Target, PathBuf>) -> Result<Bench, Failure> {
        let logs = target().join("unplug");
        fs::create_dir_all(&logs)?;
        Ok(Bench { programs, logs })
    }

    /// How many points a test misses that are unplugged, and how many none does.
    fn unplugged(&self, points: &[Point]) -> Result<Count, Failure> {
        let rows: Vec<(Point, Row)> = points.iter().map(|point| (*point, row(*point))).collect();
        let (rows, skipped): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(_, row)| !row.as_root || is_root());
        for (point, _) in &skipped {
            println!("skipped {}: it is seen by root alone", point.name());
        }
        let whole = whole(&rows);
        let passing = each(&whole, |n, batch| {
            let came = self.run(batch, &format!("whole-{n}"), PATIENCE)?;
            match came {
                Came::Passed => Ok(None),
                came => Ok(Some(format!("{batch}: {came}"))),
            }
        })?;
        let broken: Vec<String> = passing.into_iter().flatten().collect();
        if !broken.is_empty() {
            let broken = broken.join("\n");
            return Err(format!("tests fail although their point stands:\n{broken}").into());
        }
        let noticed = each(&rows, |_, (point, row)| {
            let patience = match row.hangs {
                true => PATIENCE_HANGING,
                false => PATIENCE_UNPLUGGED,
            };
            let came = self.run(&row.without(*point), point.name(), patience)?;
            let name = point.name();
            let tests = row.tests.join(", ");
            match came {
                Came::Failed { why } => {
                    println!("ok {name}: {tests} fails without it: {why}");
                    Ok(true)
                }
                Came::Passed | Came::Partly { .. } => {
                    println!("NOT NOTICED {name}: {tests} passes without it");
                    Ok(false)
                }
            }
        })?;
        let passed = noticed.iter().filter(|noticed| **noticed).count() as u64;
        let failed = noticed.len() as u64 - passed;
        Ok(Count { passed, failed })
    }

    /// Runs tests to their end, or until they are waited for no longer; what they print is kept in a file.
    fn run(&self, batch: &Batch, name: &str, patience: Duration) -> Result<Came, Failure> {
        let log = self.logs.join(format!("{name}.log"));
        let out = File::create(&log)?;
        let unplugged: Vec<_> = batch.unplugged.iter().map(|point| point.name()).collect();
        let mut tests = Command::new(&self.programs[&batch.target]);
        tests
            .arg("--exact")
            .args(&batch.tests)
            .current_dir(root().join("host"))
            .env(VARIABLE, unplugged.join(","))
            .envs(batch.case)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0);
        let start = Instant::now();
        let mut child = tests.spawn()?;
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if start.elapsed() > patience => {
                    // The group is the child's own: what it has started ends with it.
                    let group = format!("-{}", child.id());
                    Command::new("kill")
                        .args(["-KILL", "--", &group])
                        .status()?;
                    child.wait()?;
                    break None;
                }
                None => thread::sleep(Duration::from_millis(10)),
            }
        };
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        Ok(came(status, &text, batch.tests.len() as u64))
    }
}

/// What came of so many tests that printed this.
fn came(status: Option<ExitStatus>, text: &str, tests: u64) -> Came {
    let Some(status) = status else {
        let why = "it does not come to its end".to_owned();
        return Came::Failed { why };
    };
    let Count { passed, failed } = Count::of_cargo(text);
    match (status.success(), passed) {
        (true, passed) if passed == tests => Came::Passed,
        (true, passed) | (false, passed @ 1..) => Came::Partly { passed },
        (false, 0) => Came::Failed {
            why: complaint(text).unwrap_or_else(|| format!("{failed} failed, {status}")),
        },
    }
}

/// The first line of what a test says that panicked.
fn complaint(text: &str) -> Option<String> {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.contains("panicked at"));
    lines.next()?;
    let first = lines.map(str::trim).find(|line| !line.is_empty())?;
    const MOST: usize = 120;
    Some(match first.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &first[..end]),
        None => first.to_owned(),
    })
}

/// The tests of all rows with their points in place, as few processes as can be.
fn whole(rows: &[(Point, Row)]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for (_, row) in rows {
        let batch = row.whole();
        let same = |other: &&mut Batch| {
            (other.target, &other.unplugged, other.case)
                == (batch.target, &batch.unplugged, batch.case)
        };
        match batches.iter_mut().find(same) {
            Some(other) => other.tests.extend(batch.tests),
            None => batches.push(batch),
        }
    }
    batches
}

impl Row {
    fn whole(&self) -> Batch {
        Batch {
            target: self.target,
            unplugged: self.beside.to_vec(),
            case: self.case,
            tests: self.tests.iter().copied().collect(),
        }
    }

    fn without(&self, point: Point) -> Batch {
        let mut batch = self.whole();
        batch.unplugged.push(point);
        batch
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tests: Vec<_> = self.tests.iter().copied().collect();
        write!(f, "{}: {}", self.target.program(), tests.join(", "))
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Came::Passed => f.write_str("passed"),
            Came::Failed { why } => f.write_str(why),
            Came::Partly { passed } => write!(f, "only {passed} passed"),
        }
    }
}

/// Does some work on each, a few at a time; the answers are in the order of what they are of.
fn each<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(usize, &T) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(n) else { break };
                    // Failures do not pass between threads, their texts do.
                    let answer = work(n, one).map_err(|error| error.to_string());
                    if let Ok(mut done) = done.lock() {
                        done.insert(n, answer);
                    }
                }
            });
        }
    });
    let done = done.into_inner().map_err(|error| error.to_string())?;
    Ok(done.into_values().collect::<Result<_, String>>()?)
}

/// Whether this is root, which has capabilities to lose. See proc_pid_status(5).
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_row_unplugs_its_own_point_last() {
        for point in Point::ALL {
            let row = row(*point);
            assert!(!row.tests.is_empty(), "{}", point.name());
            assert!(!row.beside.contains(point), "{}", point.name());
            assert_eq!(row.without(*point).unplugged.last(), Some(point));
        }
    }

    #[test]
    fn programs_are_found_in_cargos_messages() {
        let message = r#"{"reason":"compiler-artifact","executable":"/t/debug/deps/hostile-0a"}"#;
        assert_eq!(
            executable(message).unwrap(),
            PathBuf::from("/t/debug/deps/hostile-0a")
        );
        assert_eq!(executable(r#"{"executable":null}"#), None);
    }

    #[test]
    fn all_tests_of_a_row_have_to_come_out_alike() {
        let ok = Some(ExitStatus::default());
        let text = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 8 filtered out";
        assert!(matches!(came(ok, text, 1), Came::Passed));
        assert!(matches!(came(ok, text, 2), Came::Partly { passed: 1 }));
        assert!(matches!(came(None, text, 1), Came::Failed { .. }));
        let failed = Some(ExitStatus::from_raw(101 << 8));
        assert!(matches!(came(failed, text, 2), Came::Partly { passed: 1 }));
        assert!(matches!(came(failed, "", 2), Came::Failed { .. }));
    }

    #[test]
    fn the_first_complaint_is_shown() {
        let text = "x\nthread 'a' panicked at b.rs:1:2:\nexit code of\nmore\n";
        assert_eq!(complaint(text).unwrap(), "exit code of");
        assert_eq!(complaint("nothing"), None);
    }
}
