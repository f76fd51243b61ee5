//! Prints a page of a made-up run: `cargo run -p lockflight-report --example sample > report.html`.

mod found;
mod later;

use found::{baseline, contract, demand, fairness, quality};
use later::{accuracy, drift, endpoint, lineage, package};
use lockflight_report::data::*;

fn main() {
    print!("{}", lockflight_report::html(&report()));
}

fn report() -> Report {
    Report {
        pipeline: "bike-demand".into(),
        run: "20261125-133038-7f3a".into(),
        outcome: "gate closed".into(),
        good: false,
        started: "2026-11-25T13:30:38.412Z".into(),
        seconds: 74.83,
        facts: pairs(&[
            ("Commit", "cee6cae1b0d94e6f8a2d3c4b5a69788796a5b4c3"),
            ("lockflight", "0.1.0"),
            ("Machine", "2 cores, 8 GiB, x86_64 Linux 6.1"),
            ("Store", "9 of 22 stages from the store"),
        ]),
        stages: stages(),
        findings: vec![contract(), quality(), fairness()],
        trainings: vec![demand(), baseline()],
        monitors: vec![accuracy(), drift()],
        packages: vec![package()],
        endpoints: vec![endpoint()],
        lineage: lineage(),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| (a.to_string(), b.to_string());
    pairs.iter().map(owned).collect()
}

/// Name, kind, worker, seconds (none if cached), what it made, needs.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Option<f64>,
    &'static str,
    &'static [usize],
);

fn stages() -> Vec<Stage> {
    let rows: [Row; 22] = [
        (
            "rides",
            "source",
            "built in",
            None,
            "rides.csv, 1.2 MiB",
            &[],
        ),
        (
            "raw",
            "ingest",
            "csv 0.1.0",
            None,
            "17,379 rows of 15 columns",
            &[0],
        ),
        (
            "clean",
            "validate",
            "contract 0.1.0",
            None,
            "17,377 rows pass, 2 in quarantine",
            &[1],
        ),
        (
            "split",
            "ingest",
            "prepare 0.1.0",
            None,
            "train 6,480, test 743, future 10,154 rows",
            &[2],
        ),
        (
            "features",
            "train",
            "features 0.1.0",
            None,
            "24 columns of 13",
            &[3],
        ),
        (
            "baseline.through",
            "score",
            "features 0.1.0",
            None,
            "6,480 rows of 24 columns",
            &[3, 4],
        ),
        (
            "demand.through",
            "score",
            "features 0.1.0",
            Some(0.211),
            "6,480 rows of 24 columns",
            &[3, 4],
        ),
        (
            "baseline",
            "train",
            "linear 0.1.0",
            None,
            "a linear model of 22 columns",
            &[5],
        ),
        (
            "demand",
            "train",
            "gbdt 0.1.0",
            Some(41.92),
            "300 trees of depth 6, 412 KiB",
            &[6],
        ),
        (
            "holdout.features",
            "score",
            "features 0.1.0",
            Some(0.0624),
            "743 rows",
            &[3, 4],
        ),
        (
            "holdout",
            "score",
            "gbdt 0.1.0",
            Some(0.0981),
            "743 rows",
            &[8, 9],
        ),
        (
            "holdout-baseline.features",
            "score",
            "features 0.1.0",
            None,
            "743 rows",
            &[3, 4],
        ),
        (
            "holdout-baseline",
            "score",
            "linear 0.1.0",
            None,
            "743 rows",
            &[7, 11],
        ),
        (
            "quality",
            "validate",
            "evaluate 0.1.0",
            Some(0.0873),
            "36 figures, gate open",
            &[10, 12],
        ),
        (
            "release",
            "package",
            "oci-layout 0.1.0",
            Some(0.312),
            "bike-demand/3, 498 KiB",
            &[8, 4, 13],
        ),
        (
            "bikes",
            "deploy",
            "gradual 0.1.0",
            Some(0.00091),
            "25 % to 3",
            &[14],
        ),
        (
            "accuracy.reference",
            "score",
            "gbdt 0.1.0",
            Some(0.119),
            "743 rows",
            &[3, 8, 4],
        ),
        (
            "accuracy",
            "monitor",
            "performance 0.1.0",
            Some(6.21),
            "14 windows, worst: fail",
            &[15, 3, 16],
        ),
        (
            "drift",
            "monitor",
            "drift 0.1.0",
            Some(19.4),
            "14 windows, worst: warn",
            &[15, 3],
        ),
        (
            "seasonal-drift",
            "monitor",
            "drift 0.1.0",
            Some(5.13),
            "",
            &[15, 3],
        ),
        (
            "fairness",
            "validate",
            "evaluate 0.1.0",
            Some(0.0412),
            "4 figures, gate closed",
            &[10],
        ),
        (
            "summary",
            "validate",
            "evaluate 0.1.0",
            None,
            "",
            &[17, 18, 19],
        ),
    ];
    rows.iter()
        .enumerate()
        .map(|(i, row)| stage(i, row))
        .collect()
}

fn stage(i: usize, (name, kind, worker, seconds, made, needs): &Row) -> Stage {
    let (status, error) = match *name {
        "seasonal-drift" => (
            Status::Failed,
            Some(
                "the guest trapped: out of memory\n  window 2012-08, column weathersit\n  limit 256 MiB",
            ),
        ),
        "summary" => (
            Status::Blocked,
            Some("waits for seasonal-drift, which failed"),
        ),
        _ if seconds.is_some() => (Status::Ran, None),
        _ => (Status::Cached, None),
    };
    Stage {
        name: name.to_string(),
        kind: kind.to_string(),
        worker: worker.to_string(),
        status,
        seconds: *seconds,
        cpu: seconds.map(|seconds| seconds * 0.9),
        memory: seconds.map(|_| (3 + i as u64 * 7 % 61) << 20),
        bytes_in: seconds.map(|_| (i as u64 * 5 % 17) << 18),
        bytes_out: seconds.map(|_| (i as u64 * 3 % 11) << 16),
        made: made.to_string(),
        error: error.map(Into::into),
        needs: needs.to_vec(),
    }
}
