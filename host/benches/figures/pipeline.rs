//! What a whole pipeline costs: examples/bike-demand and examples/flights, from raw CSV to a packaged and watched model.

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

const BIKES: &str = "examples/bike-demand";
const FLIGHTS: &str = "examples/flights";

/// Measures them with an empty store, the first time on a machine, and with nothing to do.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let idle = place();
    run(BIKES, &idle.path().join("store"), None);
    let cases: [(_, _, _, _, &dyn Fn() -> Duration); 5] = [
        (
            "bikes-run",
            BIKES,
            "with an empty store and its code compiled before",
            4_000.0,
            &|| run(BIKES, &place().path().join("store"), None),
        ),
        (
            "bikes-first",
            BIKES,
            "likewise, and its components have to be compiled",
            20_000.0,
            &|| {
                let place = place();
                run(
                    BIKES,
                    &place.path().join("store"),
                    Some(&place.path().join("cache")),
                )
            },
        ),
        (
            "bikes-idle",
            BIKES,
            "with nothing to do, the whole process",
            40.0,
            &|| run(BIKES, &idle.path().join("store"), None),
        ),
        (
            "bikes-plan",
            BIKES,
            "with nothing to do, the whole process",
            40.0,
            &|| command("plan", BIKES, &idle.path().join("store"), None),
        ),
        (
            "flights-run",
            FLIGHTS,
            "(336,776 rows) with an empty store and its code compiled before",
            5_000.0,
            &|| run(FLIGHTS, &place().path().join("store"), None),
        ),
    ];
    for (name, example, what, bound, time) in cases {
        let figure = Figure {
            name,
            what: match name {
                "bikes-plan" => format!("`lockflight plan` of {example} {what}"),
                _ => format!("`lockflight run` of {example} {what}"),
            },
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

/// Runs an example; with a cache of its own, its code is compiled into that.
fn run(example: &str, store: &Path, cache: Option<&Path>) -> Duration {
    command("run", example, store, cache)
}

fn command(name: &str, example: &str, store: &Path, cache: Option<&Path>) -> Duration {
    let mut command = Command::new(binary());
    command
        .args(["-C", example, name, "--store"])
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
        assert!(status.success(), "{example} does not run: {status}");
    })
}
