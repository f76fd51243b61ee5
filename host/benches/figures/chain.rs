//! What a stage costs beside its work: 200 trivial stages, one behind the other.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use criterion::Criterion;
use tempfile::TempDir;

use super::{
    bed::{binary, root},
    figure::{Bound, Figure, Figures, timed},
    stages::{PROCESS, process},
};

/// How many.
const STAGES: usize = 200;
/// The plugin that does next to nothing.
const PLUGIN: &str = "tests/plugins/misbehave";

/// Measures them with everything and with nothing to do.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the manifest");
    fs::write(folder.path().join("lockflight.toml"), manifest()).expect("the manifest is written");
    let idle = folder.path().join("idle");
    command("run", folder.path(), &idle);
    let cases: [(_, _, _, &dyn Fn() -> Duration); 3] = [
        (
            "chain-run",
            "run` with an empty store and their code compiled before (20 ms a stage)",
            4_000.0,
            &|| {
                let store = TempDir::new_in(folder.path()).expect("a folder for the store");
                command("run", folder.path(), store.path())
            },
        ),
        ("chain-idle", "run` with nothing to do", 150.0, &|| {
            command("run", folder.path(), &idle)
        }),
        ("chain-plan", "plan` with nothing to do", 150.0, &|| {
            command("plan", folder.path(), &idle)
        }),
    ];
    for (name, what, bound, time) in cases {
        let figure = Figure {
            name,
            what: format!(
                "a chain of {STAGES} trivial stages: `lockflight {what}, the whole process"
            ),
            reference: PROCESS,
            seconds: 3,
            bytes: None,
            bound: Bound::MedianMilliseconds(bound),
        };
        figures.measure(criterion, figure, process, time);
    }
}

fn manifest() -> String {
    let plugin = root().join(PLUGIN);
    let mut text = format!(
        "[pipeline]\nname = \"chain\"\n[plugins]\nmisbehave = {{ path = {:?} }}\n[ingest.s0]\nplugin = \"misbehave\"\n",
        plugin.display().to_string()
    );
    for stage in 1..STAGES {
        // Each with a config of its own, so that no two are one job.
        write!(
            text,
            "[ingest.s{stage}]\nplugin = \"misbehave\"\ninputs = {{ table = \"s{}\" }}\nconfig = {{ amount = {stage} }}\n",
            stage - 1
        )
        .expect("a text takes all");
    }
    text
}

fn command(command: &str, folder: &Path, store: &Path) -> Duration {
    let mut child = Command::new(binary());
    child
        .args([command, "--quiet", "--store"])
        .arg(store)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    timed(|| {
        let status = child.status().expect("the binary starts");
        assert!(status.success(), "{command} of the chain: {status}");
    })
}
