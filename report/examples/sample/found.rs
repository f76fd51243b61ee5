//! What validations and trainings found.

use lockflight_report::data::*;

use crate::later::COLUMNS;

pub fn check(name: &str, subject: &str, verdict: Verdict, limit: &str, message: &str) -> Finding {
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

pub fn contract() -> Findings {
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

pub fn quality() -> Findings {
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
        open: Some(true),
        conditions: vec![
            (
                "no-fail".into(),
                true,
                "36 findings, none of them fails".into(),
            ),
            ("r2 >= 0.8".into(), true, "r2 is 0.9127".into()),
            ("rmse_gain > 0".into(), true, "rmse_gain is 73.14".into()),
        ],
        findings,
    }
}

pub fn fairness() -> Findings {
    let by_weather = [
        ("clear", 480, 0.9218),
        ("mist", 193, 0.8853),
        ("rain", 61, 0.7849),
    ];
    let one = |(weather, rows, r2)| {
        let slice = format!("weathersit = {weather}");
        figure("r2", "", Some(&slice), r2, rows)
    };
    let closed = "the lowest is 0.7849, of weathersit = rain";
    Findings {
        stage: "fairness".into(),
        open: Some(false),
        conditions: vec![
            ("r2 >= 0.8".into(), true, "r2 is 0.9127".into()),
            (
                "lowest(r2, 'weathersit') >= 0.8".into(),
                false,
                closed.into(),
            ),
        ],
        findings: [figure("r2", "", None, 0.9127, 743)]
            .into_iter()
            .chain(by_weather.map(one))
            .collect(),
    }
}

pub fn figure(name: &str, subject: &str, slice: Option<&str>, value: f64, rows: u64) -> Finding {
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

pub fn demand() -> Training {
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

pub fn baseline() -> Training {
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
