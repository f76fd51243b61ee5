//! Prints a page of a made-up run: `cargo run -p lockflight-report --example sample > report.html`.

use lockflight_report::data::*;

fn main() {
    print!("{}", lockflight_report::html(&report()));
}

fn report() -> Report {
    Report {
        pipeline: "bike-demand".into(),
        run: "20261125-133038-7f3a".into(),
        outcome: "done".into(),
        good: true,
        started: "2026-11-25T13:30:38.412Z".into(),
        seconds: 74.83,
        facts: pairs(&[
            ("Commit", "cee6cae1b0d94e6f8a2d3c4b5a69788796a5b4c3"),
            ("lockflight", "0.1.0"),
            ("Machine", "2 cores, 8 GiB, x86_64 Linux 6.1"),
            ("Store", "12 of 21 stages from the store"),
        ]),
        stages: stages(),
        findings: vec![contract(), quality()],
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
    let rows: [Row; 21] = [
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
            "24 figures, gate open",
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
        ("summary", "validate", "evaluate 0.1.0", None, "", &[17, 19]),
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
        memory: seconds.map(|_| (3 + i as u64 * 7 % 61) << 20),
        made: made.to_string(),
        error: error.map(Into::into),
        needs: needs.to_vec(),
    }
}

fn check(name: &str, subject: &str, verdict: Verdict, limit: &str, message: &str) -> Finding {
    Finding {
        name: name.into(),
        subject: subject.into(),
        slice: None,
        verdict,
        value: None,
        limit: (!limit.is_empty()).then(|| limit.into()),
        rows: 17_379,
        message: message.into(),
    }
}

fn contract() -> Findings {
    use Verdict::{Fail, Inconclusive, Pass, Warn};
    let mut findings = vec![
        check("rows", "", Pass, ">= 1000", "17,379 rows"),
        check(
            "range",
            "hr",
            Fail,
            "0 to 23",
            "2 rows are outside: 24 (row 11,233), 24 (row 16,002)",
        ),
        check(
            "missing",
            "weathersit",
            Warn,
            "<= 0.001",
            "31 rows have no value",
        ),
        check(
            "formula",
            "cnt",
            Pass,
            "cnt = casual + registered",
            "holds in all rows",
        ),
        check(
            "trend",
            "windspeed",
            Inconclusive,
            "",
            "fewer than two years",
        ),
    ];
    findings[0].value = Some(17_379.0);
    findings[2].value = Some(31.0 / 17_379.0);
    for column in COLUMNS {
        findings.push(check("type", column, Pass, "", "as declared"));
    }
    Findings {
        stage: "clean".into(),
        open: Some(true),
        conditions: vec![(
            "no-fail".into(),
            true,
            "the two rows that fail went into quarantine".into(),
        )],
        findings,
    }
}

fn quality() -> Findings {
    let slices = [
        (None, 743, 1.0),
        (Some("workingday = No"), 239, 0.91),
        (Some("workingday = Yes"), 504, 1.02),
        (Some("weathersit = clear"), 480, 1.01),
        (Some("weathersit = mist"), 193, 0.97),
        (Some("weathersit = rain"), 61, 0.86),
        (Some("weathersit = storm"), 9, 0.52),
    ];
    let mut findings = Vec::new();
    for (slice, rows, factor) in slices {
        for (name, value) in [
            ("rmse", 48.31 / factor),
            ("mae", 31.2 / factor),
            ("r2", 0.9127 * factor),
            ("bias", -3.417 / factor),
        ] {
            findings.push(figure(name, "", slice, value, rows));
        }
    }
    for (name, value) in [
        ("rmse", 121.9),
        ("mae", 90.44),
        ("r2", 0.4431),
        ("bias", 12.9),
    ] {
        findings.push(figure(name, "baseline", None, value, 743));
        findings.push(figure(
            &format!("{name}_gain"),
            "",
            None,
            value.abs() * 0.6,
            743,
        ));
    }
    Findings {
        stage: "quality".into(),
        open: Some(false),
        conditions: vec![
            (
                "no-fail".into(),
                true,
                "24 findings, none of them fails".into(),
            ),
            ("r2 >= 0.8".into(), true, "r2 is 0.9127".into()),
            (
                "lowest(r2, 'weathersit') >= 0.7".into(),
                false,
                "the lowest is 0.4746, of weathersit = storm".into(),
            ),
            ("rmse_gain > 0".into(), true, "rmse_gain is 73.14".into()),
        ],
        findings,
    }
}

fn figure(name: &str, subject: &str, slice: Option<&str>, value: f64, rows: u64) -> Finding {
    let few = rows < 30;
    Finding {
        name: name.into(),
        subject: subject.into(),
        slice: slice.map(Into::into),
        verdict: if few { Verdict::Warn } else { Verdict::Pass },
        value: Some(value),
        limit: None,
        rows,
        message: match few {
            true => format!("{name} is {value:.4}, over {rows} rows only"),
            false => format!("{name} is {value:.4} over {rows} rows"),
        },
    }
}

fn demand() -> Training {
    let curve = |floor: f64, speed: f64, rise: f64| {
        (1..=300_u64)
            .map(|round| {
                let x = round as f64;
                (
                    round,
                    floor + 140.0 * (-x / speed).exp() + rise * x + (x * 1.7).sin() * 0.4,
                )
            })
            .collect()
    };
    let names = [
        "hour",
        "temp",
        "workingday = Yes",
        "rush",
        "month",
        "hum",
        "atemp",
        "season = winter",
        "leisure",
        "day",
        "windspeed",
        "weathersit = rain",
        "season = fall",
        "night",
        "weathersit = mist",
        "holiday",
        "weathersit = storm",
        "season = spring",
        "weathersit was missing",
    ];
    let importance = names.iter().enumerate();
    Training {
        stage: "demand".into(),
        series: vec![
            ("rmse train".into(), curve(22.0, 40.0, 0.0)),
            ("rmse test".into(), curve(44.0, 34.0, 0.012)),
        ],
        figures: vec![
            ("trees".into(), 300.0),
            ("leaves".into(), 11_402.0),
            ("best round".into(), 181.0),
            ("learning rate".into(), 0.06),
        ],
        importance: importance
            .map(|(i, name)| (name.to_string(), 0.48 * 0.62_f64.powi(i as i32)))
            .collect(),
    }
}

fn baseline() -> Training {
    Training {
        stage: "baseline".into(),
        figures: vec![
            ("r2".into(), 0.4617),
            ("condition".into(), 1_830_442.0),
            ("ridge".into(), 1e-6),
        ],
        ..Training::default()
    }
}

const COLUMNS: [&str; 10] = [
    "season",
    "hr",
    "holiday",
    "weekday",
    "workingday",
    "weathersit",
    "temp",
    "atemp",
    "hum",
    "windspeed",
];

fn labels() -> Vec<String> {
    let month = |i: usize| format!("{}-{:02}", 2011 + (i + 10) / 12, (i + 10) % 12 + 1);
    (0..14).map(month).collect()
}

fn worst(findings: &[Finding]) -> Verdict {
    use Verdict::{Fail, Pass, Warn};
    let any = |v| findings.iter().any(|f| f.verdict == v);
    [Fail, Warn].into_iter().find(|v| any(*v)).unwrap_or(Pass)
}

fn accuracy() -> Monitor {
    let windows = labels().into_iter().enumerate().map(|(i, label)| {
        let r2 = 0.88 - 0.032 * i as f64 + 0.06 * (i as f64 * 1.3).sin();
        let (verdict, limit) = match r2 {
            r if r < 0.5 => (Verdict::Fail, ">= 0.5"),
            r if r < 0.7 => (Verdict::Warn, ">= 0.7"),
            _ => (Verdict::Pass, ">= 0.7"),
        };
        let rows = 741 - 13 * (i as u64 % 3);
        let mut findings = vec![
            figure("rmse", "", None, 48.0 + 9.0 * i as f64, rows),
            figure("mae", "", None, 31.0 + 6.5 * i as f64, rows),
            figure("r2", "", None, r2, rows),
            figure("bias", "", None, -4.0 - 7.7 * i as f64, rows),
            figure("r2", "", Some("workingday = No"), r2 - 0.1, rows / 3),
            figure("r2", "", Some("workingday = Yes"), r2 + 0.02, 2 * rows / 3),
            figure("excluded_rows", "", None, (i % 2) as f64, rows),
        ];
        findings[2].verdict = verdict;
        findings[2].limit = Some(limit.into());
        findings[2].message =
            format!("r2 is {r2:.3} over {rows} rows; 0.913 in the reference; it should be {limit}");
        Window {
            verdict: worst(&findings),
            label,
            rows,
            findings,
        }
    });
    Monitor {
        stage: "accuracy".into(),
        plugin: "performance 0.1.0".into(),
        description: Some("How well the model meets the truth in the months that follow.".into()),
        windows: windows.collect(),
    }
}

fn drift() -> Monitor {
    let windows = labels().into_iter().enumerate().map(|(i, label)| {
        let mut findings: Vec<Finding> = Vec::new();
        for (j, column) in COLUMNS.iter().enumerate() {
            let seasonal = if j >= 6 { 0.24 } else { 0.04 };
            let psi = seasonal * (1.0 + (i as f64 * 0.55 + j as f64).sin()) + 0.004;
            let verdict = if psi < 0.25 {
                Verdict::Pass
            } else {
                Verdict::Warn
            };
            let mut finding = check(
                "psi",
                column,
                verdict,
                "< 0.25",
                &format!("{column}: psi {psi:.3} over 743 rows"),
            );
            finding.value = Some(psi);
            findings.push(finding);
            let mut missing = check(
                "missing_rate",
                column,
                Verdict::Pass,
                "< 0.05 or p > 0.01",
                "as many as before",
            );
            missing.value = Some(0.0);
            if i == 3 && j == 5 {
                missing.verdict = Verdict::Inconclusive;
                missing.value = None;
                missing.message = "no rows with a value".into();
            }
            findings.push(missing);
        }
        let drifted = findings
            .iter()
            .filter(|f| f.verdict == Verdict::Warn)
            .count() as f64
            / 10.0;
        let mut share = figure("drifted_columns", "", None, drifted, 743);
        share.limit = Some("< 0.5".into());
        findings.push(share);
        Window {
            verdict: worst(&findings),
            label,
            rows: 743,
            findings,
        }
    });
    Monitor {
        stage: "drift".into(),
        plugin: "drift 0.1.0".into(),
        description: Some("Whether the hours are still like those that the model knows.".into()),
        windows: windows.collect(),
    }
}

fn digest(seed: u64) -> String {
    let part = |i: u64| {
        (seed + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(2 * i + 1)
    };
    let hex: String = (0..4).map(|i| format!("{:016x}", part(i))).collect();
    format!("sha256:{hex}")
}

fn package() -> Package {
    let column = |name: &str| {
        let kind = if ["temp", "atemp", "hum", "windspeed"].contains(&name) {
            "float64"
        } else {
            "int8"
        };
        (name.to_string(), kind.to_string(), name == "weathersit")
    };
    Package {
        name: "bike-demand/3".into(),
        digest: digest(1),
        bytes: 509_812,
        layers: vec![
            ("model.gbdt".into(), 421_888, digest(2)),
            ("features.json".into(), 3_912, digest(3)),
            ("schema.json".into(), 1_204, digest(4)),
            ("report.json".into(), 81_220, digest(5)),
            ("README.md".into(), 812, digest(6)),
        ],
        takes: COLUMNS.iter().map(|c| column(c)).collect(),
        gives: vec![("prediction".into(), "float64".into(), false)],
    }
}

fn endpoint() -> Endpoint {
    Endpoint {
        name: "bikes".into(),
        arms: vec![
            ("bike-demand/2".into(), 0.75),
            ("bike-demand/3".into(), 0.25),
        ],
        decision: "advance to 25 %".into(),
        reason: "latency_p99_seconds is 0.0042 over 1,204 requests, at most 0.05".into(),
    }
}

fn lineage() -> Vec<Lineage> {
    let table = |title: &str, rows: &[(&str, &str)], seed: u64| Lineage {
        title: title.into(),
        rows: (rows.iter().zip(seed..))
            .map(|((name, what), seed)| (name.to_string(), what.to_string(), digest(seed)))
            .collect(),
    };
    vec![
        table("Sources", &[("rides", "data/rides.csv, 1.2 MiB")], 20),
        table(
            "Code",
            &[
                ("csv 0.1.0", "plugin, wasm component"),
                ("gbdt 0.1.0", "plugin, wasm component"),
                ("features 0.1.0", "plugin, wasm component"),
            ],
            30,
        ),
        table(
            "Data",
            &[
                ("raw", "table, 17,379 rows"),
                ("clean", "table, 17,377 rows"),
                ("split.train", "table, 6,480 rows"),
                ("demand", "model"),
            ],
            40,
        ),
    ]
}
