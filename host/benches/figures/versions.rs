//! What a new version of a table costs: how much of the flights is stored again when a hundredth of rows is appended, and how long it
//! takes to say what differs.

use std::{
    fs,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use criterion::Criterion;
use tempfile::TempDir;

use super::{
    bed::{binary, root},
    figure::{Bound, Figure, Figures, timed},
    ingest,
    stages::{PROCESS, process},
};

/// How many rows the flights of one year have; the file that the benchmarks fetch has them ten times.
const ROWS: usize = 336_776;
/// A version is the flights with a number for each; the others have a hundredth more of them, or other delays.
const MANIFEST: &str = "[pipeline]\nname = \"versions\"\n[plugins]\ncsv = { path = \"PLUGIN\" }\n[source.flights]\nfile = \"flights.csv\"\n\
[ingest.raw]\nplugin = \"csv\"\ninputs = { file = \"flights\" }\nconfig = { nulls = [\"\", \"NA\"] }\n";

/// Measures both; the amounts are lines of their own, since they do not vary.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let Some(flights) = ingest::flights() else {
        println!("append, diff: skipped, the flights are not there");
        return;
    };
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the versions");
    let folder = folder.path();
    let plugin = root().join("plugins/csv").display().to_string();
    fs::write(
        folder.join("lockflight.toml"),
        MANIFEST.replace("PLUGIN", &plugin),
    )
    .expect("the manifest is written");
    let whole = version(folder, &flights, |_, _| Some(None), 0);
    let before = blocks(folder);
    let appended = version(folder, &flights, |_, _| Some(None), ROWS / 100);
    let added = blocks(folder) - before;
    println!(
        "append: a hundredth of rows appended to the flights stores {added} bytes of blocks beside {before}: {:.1} % (bound: < 5 %)",
        100.0 * added as f64 / before as f64
    );
    // Every block has a row that differs.
    let changed = version(
        folder,
        &flights,
        |row, _| (row % 1000 != 3).then(|| (row % 50 == 7).then(|| (9, "5".to_owned()))),
        0,
    );
    for (name, what, other) in [
        ("diff-append", "a hundredth of rows appended", &appended),
        (
            "diff-changed",
            "rows changed and removed in every block",
            &changed,
        ),
    ] {
        let figure = Figure {
            name,
            what: format!(
                "`lockflight data diff` by key of two versions of the flights ({ROWS} rows), {what}; the whole process"
            ),
            reference: PROCESS,
            seconds: 4,
            bytes: None,
            bound: Bound::MedianMilliseconds(2_000.0),
        };
        figures.measure(criterion, figure, process, || diff(folder, &whole, other));
    }
    println!(
        "diff-changed: at most {} MB of memory (bound: < 300 MB)",
        most_memory(folder, &whole, &changed) / 1000
    );
}

/// Writes a version of the flights and runs it in; the digest of its table. `edit` leaves a row out, or changes one of its columns;
/// the first rows are appended once more, as many as are wanted.
fn version(
    folder: &Path,
    flights: &PathBuf,
    edit: impl Fn(usize, &str) -> Option<Option<(usize, String)>>,
    appended: usize,
) -> String {
    let lines: Vec<String> = BufReader::new(fs::File::open(flights).expect("the flights"))
        .lines()
        .take(1 + ROWS)
        .collect::<Result<_, _>>()
        .expect("the flights are text");
    let (head, lines) = lines.split_first().expect("a head");
    let mut file = BufWriter::new(fs::File::create(folder.join("flights.csv")).expect("a file"));
    writeln!(file, "id,{head}").expect("written");
    let again = lines.iter().take(appended);
    for (row, line) in lines.iter().chain(again).enumerate() {
        let Some(change) = edit(row, line) else {
            continue;
        };
        let mut cells: Vec<&str> = line.split(',').collect();
        if let Some((column, value)) = &change {
            cells[column - 1] = value;
        }
        writeln!(file, "{row},{}", cells.join(",")).expect("written");
    }
    file.flush().expect("written");
    drop(file);
    let output = lockflight(folder)
        .args(["run", "--json"])
        .output()
        .expect("the binary starts");
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a run");
    let digest = &run["stages"][0]["outputs"]["table"]["digest"];
    digest.as_str().expect("a table").to_owned()
}

fn lockflight(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The bytes of all blocks in the store.
fn blocks(folder: &Path) -> u64 {
    fn sum(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).expect("a folder");
        let size = |entry: fs::DirEntry| match entry.metadata().expect("an entry") {
            entry_type if entry_type.is_dir() => sum(&entry.path()),
            file => file.len(),
        };
        entries.map(|entry| size(entry.expect("an entry"))).sum()
    }
    sum(&folder.join(".lockflight/blocks"))
}

fn diff(folder: &Path, old: &str, new: &str) -> Duration {
    let mut command = lockflight(folder);
    command
        .args(["data", "diff", old, new, "--key", "id"])
        .stdout(Stdio::null());
    timed(|| {
        let status = command.status().expect("the binary starts");
        assert!(status.success(), "data diff: {status}");
    })
}

/// The most memory that it had, in kB, as the shell's children are accounted for.
fn most_memory(folder: &Path, old: &str, new: &str) -> u64 {
    let mut child = lockflight(folder)
        .args(["data", "diff", old, new, "--key", "id"])
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut most = 0;
    // Read while it runs: the mark is a high one, so that the last reading is near it.
    while child.try_wait().expect("a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(mark.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    most
}
