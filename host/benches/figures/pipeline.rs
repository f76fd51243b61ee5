//! What a whole pipeline costs: examples/bike-demand, from raw CSV to a model that passed its gates.

use std::{
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

/// Measures it with an empty store, the first time on a machine, and with nothing to do.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let idle = place();
    run(&idle.path().join("store"), None);
    let cases: [(_, _, _, &dyn Fn() -> Duration); 3] = [
        (
            "bikes-run",
            "with an empty store and its code compiled before",
            4_000.0,
            &|| run(&place().path().join("store"), None),
        ),
        (
            "bikes-first",
            "likewise, and its ten components have to be compiled",
            20_000.0,
            &|| {
                let place = place();
                run(
                    &place.path().join("store"),
                    Some(&place.path().join("cache")),
                )
            },
        ),
        (
            "bikes-idle",
            "with nothing to do, the whole process",
            60.0,
            &|| run(&idle.path().join("store"), None),
        ),
    ];
    for (name, what, bound, time) in cases {
        let figure = Figure {
            name,
            what: format!("`lockflight run` of examples/bike-demand {what}"),
            reference: PROCESS,
            seconds: 3,
            bytes: None,
            bound: Bound::MedianMilliseconds(bound),
        };
        figures.measure(criterion, figure, process, time);
    }
}

fn place() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the store")
}

/// Runs the example; with a cache of its own, its code is compiled into that.
fn run(store: &Path, cache: Option<&Path>) -> Duration {
    let mut command = Command::new(binary());
    command
        .args(["-C", "examples/bike-demand", "run", "--store"])
        .arg(store)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(cache) = cache {
        command.env("XDG_CACHE_HOME", cache);
    }
    timed(|| {
        let status = command.status().expect("the binary starts");
        assert!(status.success(), "bike-demand does not run: {status}");
    })
}
