//! What became of the model: package, endpoint, monitors, and where it came from.

use lockflight_report::data::*;

use crate::found::{check, figure};

pub const COLUMNS: [&str; 10] = [
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

pub fn labels() -> Vec<String> {
    let month = |i: usize| format!("{}-{:02}", 2011 + (i + 10) / 12, (i + 10) % 12 + 1);
    (0..14).map(month).collect()
}

pub fn worst(findings: &[Finding]) -> Verdict {
    use Verdict::{Fail, Pass, Warn};
    let any = |v| findings.iter().any(|f| f.verdict == v);
    [Fail, Warn].into_iter().find(|v| any(*v)).unwrap_or(Pass)
}

pub fn accuracy() -> Monitor {
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

pub fn drift() -> Monitor {
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
            finding.rows = 743;
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

pub fn digest(seed: u64) -> String {
    let part = |i: u64| {
        (seed + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(2 * i + 1)
    };
    let hex: String = (0..4).map(|i| format!("{:016x}", part(i))).collect();
    format!("sha256:{hex}")
}

pub fn package() -> Package {
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

pub fn endpoint() -> Endpoint {
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

pub fn lineage() -> Vec<Lineage> {
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
