//! Reports of anything.

use lockflight_report::data::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => "[a-c .]{0,4}",
        1 => Just("<script>alert(1)</script>".to_owned()),
        1 => Just("\"><ScRiPt x='".to_owned()),
        1 => Just("]]>&amp;<!--".to_owned()),
        1 => "\\PC{0,3}".prop_map(|s| s.repeat(700)),
        1 => vec(any::<char>(), 0..8).prop_map(|s| s.into_iter().collect()),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64;
    let odd = [0.0, f64::MAX, f64::MIN, f64::INFINITY, f64::NAN];
    prop_oneof![2 => f64::ANY, 2 => -10.0..10.0, 1 => prop::sample::select(odd.to_vec())]
}

fn limit() -> impl Strategy<Value = String> {
    let bound = (prop::sample::select(vec![">=", "<", "> ", "<= "]), number());
    prop_oneof![1 => text(), 2 => bound.prop_map(|(sign, number)| format!("{sign}{number}"))]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    use Verdict::{Fail, Inconclusive, Pass, Warn};
    prop::sample::select(vec![Pass, Warn, Fail, Inconclusive])
}

fn status() -> impl Strategy<Value = Status> {
    use Status::{Blocked, Cached, Cancelled, Failed, Ran};
    prop::sample::select(vec![Ran, Cached, Failed, Blocked, Cancelled])
}

/// Needs may be anything, also what cannot be.
fn any_stage() -> impl Strategy<Value = Stage> {
    let words = (text(), text(), text(), text(), option::of(text()));
    let bytes = || option::of(any::<u64>());
    let seconds = (option::of(number()), option::of(number()));
    let figures = (status(), seconds, (bytes(), bytes(), bytes()));
    (words, figures, vec(0..14_usize, 0..4)).prop_map(
        |(
            (name, kind, worker, made, error),
            (status, (seconds, cpu), (memory, bytes_in, bytes_out)),
            needs,
        )| Stage {
            name,
            kind,
            worker,
            status,
            seconds,
            cpu,
            memory,
            bytes_in,
            bytes_out,
            made,
            error,
            needs,
        },
    )
}

fn finding() -> impl Strategy<Value = Finding> {
    let subject = prop_oneof![Just(String::new()), text()];
    let measured = (
        verdict(),
        option::of(number()),
        option::of(limit()),
        any::<u64>(),
    );
    (text(), subject, option::of(text()), measured, text()).prop_map(
        |(name, subject, slice, (verdict, value, limit, rows), message)| Finding {
            name,
            subject,
            slice,
            verdict,
            value,
            limit,
            rows,
            message,
        },
    )
}

fn findings() -> impl Strategy<Value = Findings> {
    let conditions = vec((text(), any::<bool>(), text()), 0..3);
    (
        text(),
        option::of(any::<bool>()),
        conditions,
        vec(finding(), 0..8),
    )
        .prop_map(|(stage, open, conditions, findings)| Findings {
            stage,
            open,
            conditions,
            findings,
        })
}

fn training() -> impl Strategy<Value = Training> {
    let named = || vec((text(), number()), 0..20);
    let series = vec((text(), vec((any::<u64>(), number()), 0..10)), 0..10);
    (text(), series, named(), named()).prop_map(|(stage, series, figures, importance)| Training {
        stage,
        series,
        figures,
        importance,
    })
}

fn monitor() -> impl Strategy<Value = Monitor> {
    let window = (text(), any::<u64>(), verdict(), vec(finding(), 0..5)).prop_map(
        |(label, rows, verdict, findings)| Window {
            label,
            rows,
            verdict,
            findings,
        },
    );
    (text(), text(), option::of(text()), vec(window, 0..5)).prop_map(
        |(stage, plugin, description, windows)| Monitor {
            stage,
            plugin,
            description,
            windows,
        },
    )
}

fn package() -> impl Strategy<Value = Package> {
    let columns = || vec((text(), text(), any::<bool>()), 0..3);
    let layers = vec((text(), any::<u64>(), text()), 0..3);
    (text(), text(), any::<u64>(), layers, columns(), columns()).prop_map(
        |(name, digest, bytes, layers, takes, gives)| Package {
            name,
            digest,
            bytes,
            layers,
            takes,
            gives,
        },
    )
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (text(), vec((text(), number()), 0..4), text(), text()).prop_map(
        |(name, arms, decision, reason)| Endpoint {
            name,
            arms,
            decision,
            reason,
        },
    )
}

fn lineage() -> impl Strategy<Value = Lineage> {
    (text(), vec((text(), text(), text()), 0..3)).prop_map(|(title, rows)| Lineage { title, rows })
}

/// A report of anything.
pub fn report() -> impl Strategy<Value = Report> {
    let head = (text(), text(), text(), any::<bool>(), text(), number());
    let facts = vec((text(), text()), 0..3);
    let work = (
        vec(any_stage(), 0..14),
        vec(findings(), 0..3),
        vec(training(), 0..2),
    );
    let after = (
        vec(monitor(), 0..2),
        vec(package(), 0..2),
        vec(endpoint(), 0..2),
        vec(lineage(), 0..2),
    );
    (head, facts, work, after).prop_map(|(head, facts, work, after)| Report {
        pipeline: head.0,
        run: head.1,
        outcome: head.2,
        good: head.3,
        started: head.4,
        seconds: head.5,
        facts,
        stages: work.0,
        findings: work.1,
        trainings: work.2,
        monitors: after.0,
        packages: after.1,
        endpoints: after.2,
        lineage: after.3,
    })
}

/// A stage without more than a name.
pub fn stage(name: &str) -> Stage {
    Stage {
        name: name.into(),
        kind: "train".into(),
        worker: String::new(),
        status: Status::Ran,
        seconds: None,
        cpu: None,
        memory: None,
        bytes_in: None,
        bytes_out: None,
        made: String::new(),
        error: None,
        needs: Vec::new(),
    }
}

fn one_finding(text: &str, i: usize) -> Finding {
    Finding {
        name: format!("{} {text}", i % 50),
        subject: if i.is_multiple_of(3) {
            String::new()
        } else {
            format!("{i} {text}")
        },
        slice: i.is_multiple_of(2).then(|| format!("{i} {text}")),
        verdict: [Verdict::Pass, Verdict::Warn, Verdict::Fail][i % 3],
        value: Some(i as f64),
        limit: Some(format!(">= {i}")),
        rows: i as u64,
        message: text.into(),
    }
}

fn one_stage(text: &str, i: usize) -> Stage {
    Stage {
        kind: text.into(),
        worker: text.into(),
        made: text.into(),
        error: Some(text.into()),
        needs: (i.saturating_sub(30)..i).collect(),
        ..stage(&format!("{i} {text}"))
    }
}

/// A report with so many of everything, of what is large itself only some, and the text everywhere.
pub fn large(text: &str, many: usize, some: usize) -> Report {
    let own = || text.to_owned();
    let findings: Vec<Finding> = (0..many).map(|i| one_finding(text, i)).collect();
    let window = |i: usize| Window {
        label: format!("{i} {text}"),
        rows: i as u64,
        verdict: Verdict::Fail,
        findings: (0..2 * some).map(|j| one_finding(text, j)).collect(),
    };
    Report {
        pipeline: own(),
        run: own(),
        outcome: own(),
        good: false,
        started: own(),
        seconds: 1.0,
        facts: vec![(own(), own()); many],
        stages: (0..many).map(|i| one_stage(text, i)).collect(),
        findings: vec![
            Findings {
                stage: own(),
                open: Some(false),
                conditions: vec![(own(), false, own()); many],
                findings,
            };
            some
        ],
        trainings: vec![
            Training {
                stage: own(),
                series: vec![(own(), (0..many as u64).map(|i| (i, i as f64)).collect()); some],
                figures: vec![(own(), 1.0); many],
                importance: vec![(own(), 1.0); many],
            };
            some
        ],
        monitors: vec![
            Monitor {
                stage: own(),
                plugin: own(),
                description: Some(own()),
                windows: (0..many).map(window).collect(),
            };
            some
        ],
        packages: vec![
            Package {
                name: own(),
                digest: own(),
                bytes: 1,
                layers: vec![(own(), 1, own()); many],
                takes: vec![(own(), own(), true); many],
                gives: vec![(own(), own(), true); many],
            };
            some
        ],
        endpoints: vec![
            Endpoint {
                name: own(),
                arms: vec![(own(), 0.01); many],
                decision: own(),
                reason: own(),
            };
            some
        ],
        lineage: vec![
            Lineage {
                title: own(),
                rows: vec![(own(), own(), own()); many]
            };
            some
        ],
    }
}
