//! The plugin as a stage sees it: a window and a reference in, findings out.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray,
};
use lockflight_drift::{Config, Drift};
use lockflight_sdk::{Place, Port, prelude::*};
use proptest::prelude::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn wholes(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Numbers from 0 to 1, as in the golden vectors of the statistics.
fn uniform(seed: u32, count: usize) -> Vec<f64> {
    let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let all = std::iter::successors(next(&seed), next);
    all.map(|x| f64::from(x) / 4_294_967_296.0)
        .take(count)
        .collect()
}

/// As many of each text as the count says.
fn repeated(counts: &[(&'static str, usize)]) -> Vec<&'static str> {
    let texts = counts.iter().flat_map(|(text, count)| vec![*text; *count]);
    texts.collect()
}

fn golden_reference() -> RecordBatch {
    batch(vec![
        ("x", floats(uniform(1, 500))),
        ("c", texts(repeated(&[("a", 200), ("b", 150), ("c", 150)]))),
    ])
}

fn golden_window() -> RecordBatch {
    batch(vec![
        ("x", floats(uniform(2, 400).into_iter().map(|u| u + 0.1))),
        ("c", texts(repeated(&[("a", 120), ("b", 180), ("c", 100)]))),
    ])
}

fn job(config: &str, window: &RecordBatch, reference: &RecordBatch) -> Job<Config> {
    Job::in_memory(config)
        .unwrap()
        .with_table("window", window.schema(), vec![window.clone()])
        .with_table("reference", reference.schema(), vec![reference.clone()])
}

fn observed(config: &str, window: &RecordBatch, reference: &RecordBatch) -> Observation {
    Drift::run(&job(config, window, reference)).unwrap()
}

#[track_caller]
fn finding<'a>(observation: &'a Observation, name: &str, subject: &str) -> &'a Finding {
    let mut findings = observation.findings.iter();
    let found = findings.find(|finding| finding.name == name && finding.subject == subject);
    found.unwrap_or_else(|| panic!("no {name} of {subject:?} in {observation:#?}"))
}

#[track_caller]
fn close(is: Option<f64>, expected: f64) {
    let is = is.unwrap();
    assert!((is / expected - 1.0).abs() < 1e-9, "{is} is not {expected}");
}

/// Place, message and help of every problem.
fn problems(job: &Job<Config>) -> Vec<(String, String, String)> {
    let problems = Drift::check(job).unwrap_err().0.into_iter();
    problems
        .map(|problem| {
            let place = match problem.place {
                Place::Config(pointer) => pointer,
                Place::Input(name) => format!("input {name}"),
                other => format!("{other:?}"),
            };
            (place, problem.message, problem.help.unwrap_or_default())
        })
        .collect()
}

fn places(job: &Job<Config>) -> Vec<String> {
    problems(job).into_iter().map(|problem| problem.0).collect()
}

#[test]
fn usual_findings_are_the_golden_ones() {
    let found = observed("{}", &golden_window(), &golden_reference());
    let names: Vec<_> = found
        .findings
        .iter()
        .map(|finding| (finding.subject.as_str(), finding.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("x", "ks"),
            ("x", "psi"),
            ("x", "missing-rate"),
            ("c", "jensen-shannon"),
            ("c", "chi-square"),
            ("c", "missing-rate"),
            ("c", "unseen"),
            ("", "drifted-columns")
        ]
    );
    let ks = finding(&found, "ks", "x");
    close(ks.value, 0.152);
    assert_eq!(ks.limit.as_deref(), Some("< 0.1 or p > 0.05"));
    assert_eq!((ks.verdict, ks.rows), (Verdict::Warn, 400));
    assert_eq!(
        ks.message,
        "x drifted: the KS distance is 0.152 (p 0.00006107, adjusted 0.00006107) over 400 values of the window and 500 of the \
         reference; the median is 0.6538 in the window and 0.5435 in the reference"
    );
    let psi = finding(&found, "psi", "x");
    close(psi.value, 0.210_249_147_345_130_53);
    assert_eq!(psi.limit.as_deref(), Some("< 0.25"));
    assert_eq!(psi.verdict, Verdict::Pass);
    let chi = finding(&found, "chi-square", "c");
    close(chi.value, ((8.25 + 150.0 / 11.0) / 900.0_f64).sqrt());
    assert_eq!(chi.verdict, Verdict::Warn);
    assert_eq!(
        chi.message,
        "c drifted: Cramér's V is 0.1559 with a chi-square of 21.89 at 2 degrees of freedom (p 0.00001768, adjusted 0.00003536) \
         over 400 values of the window and 500 of the reference; most changed is \"b\", 45% of the window and 30% of the reference"
    );
    let overall = finding(&found, "drifted-columns", "");
    assert_eq!((overall.value, overall.verdict), (Some(1.0), Verdict::Fail));
    assert_eq!(overall.limit.as_deref(), Some("< 0.5"));
    assert_eq!(overall.message, "2 of 2 columns drifted: x, c");
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(found.state.is_none());
}

#[test]
fn numbers_have_further_methods() {
    let config = r#"{"columns":["x"],"methods":{"x":["jensen-shannon","wasserstein"]}}"#;
    let found = observed(config, &golden_window(), &golden_reference());
    assert_eq!(found.findings[0].name, "wasserstein");
    close(found.findings[0].value, 0.381_886_664_403_199_74);
    close(found.findings[1].value, 0.316_696_902_505_888_1);
    assert_eq!(found.findings[1].limit.as_deref(), Some("< 0.1"));
    assert_eq!(found.findings.len(), 3);
}

#[test]
fn a_difference_has_to_be_large_and_no_chance() {
    // Large, and with so few rows by chance.
    let reference = batch(vec![("x", floats(uniform(1, 40)))]);
    let window = batch(vec![(
        "x",
        floats(uniform(5, 35).into_iter().map(|u| u + 0.1)),
    )]);
    let found = observed("{}", &window, &reference);
    let ks = finding(&found, "ks", "x");
    assert!(ks.value.unwrap() >= 0.1, "{ks:?}");
    assert_eq!(ks.verdict, Verdict::Pass);
    assert!(ks.message.starts_with("x did not drift: "), "{ks:?}");
    // No chance, and small.
    let config = r#"{"max-ks":0.2}"#;
    let found = observed(config, &golden_window(), &golden_reference());
    let ks = finding(&found, "ks", "x");
    assert_eq!(ks.verdict, Verdict::Pass);
    assert_eq!(ks.limit.as_deref(), Some("< 0.2 or p > 0.05"));
}

#[test]
fn p_values_are_adjusted_for_the_number_of_columns() {
    let shifted = |shift: f64| floats(uniform(2, 300).into_iter().map(move |u| u + shift));
    let one = |shift| batch(vec![("x", shifted(shift))]);
    let alone = observed("{}", &one(0.08), &one(0.0));
    let p = finding(&alone, "ks", "x").message.clone();
    assert!(p.contains("(p 0.02"), "{p}");
    assert_eq!(finding(&alone, "ks", "x").verdict, Verdict::Warn);
    let many = |shift| {
        batch(vec![
            ("x", shifted(shift)),
            ("a", shifted(0.0)),
            ("b", shifted(0.0)),
        ])
    };
    let among = observed("{}", &many(0.08), &many(0.0));
    let ks = finding(&among, "ks", "x");
    assert_eq!(ks.verdict, Verdict::Pass, "{}", ks.message);
}

#[test]
fn missing_values_are_nulls_nan_and_infinite() {
    let with = |missing: usize| {
        let values = uniform(3, 200).into_iter().map(|u| u as f32).enumerate();
        let values = values.map(|(row, u)| match row {
            _ if row >= missing => Some(u),
            _ if row % 3 == 0 => None,
            _ if row % 3 == 1 => Some(f32::NAN),
            _ => Some(f32::INFINITY),
        });
        batch(vec![("x", Arc::new(Float32Array::from_iter(values)))])
    };
    let found = observed("{}", &with(30), &with(2));
    let missing = finding(&found, "missing-rate", "x");
    close(missing.value, 0.14);
    assert_eq!(missing.verdict, Verdict::Warn);
    assert!(
        missing.message.starts_with(
            "x drifted: 15% of 200 rows of the window have no value, 1% of 200 rows of the reference (p "
        ),
        "{}",
        missing.message
    );
    let ks = finding(&found, "ks", "x");
    assert!(
        ks.message.contains("170 values of the window and 198 of"),
        "{ks:?}"
    );
    // Nobody lacks a value: nothing to test, and no drift.
    let found = observed("{}", &with(0), &with(0));
    assert_eq!(finding(&found, "missing-rate", "x").value, Some(0.0));
}

#[test]
fn categories_that_are_new_warn() {
    let reference = batch(vec![("c", texts(repeated(&[("a", 60), ("b", 40)])))]);
    let window = batch(vec![(
        "c",
        texts(repeated(&[("a", 60), ("b", 37), ("d", 1), ("e", 2)])),
    )]);
    let found = observed("{}", &window, &reference);
    let unseen = finding(&found, "unseen", "c");
    close(unseen.value, 0.03);
    assert_eq!((unseen.verdict, unseen.failed), (Verdict::Warn, 3));
    assert_eq!(unseen.limit.as_deref(), Some("<= 0"));
    assert_eq!(
        unseen.message,
        "c drifted: 3 of 100 rows of the window have a value that is not among the 100 values of the reference; most frequent is \
         \"e\", in 2 rows"
    );
    let found = observed(r#"{"max-unseen":0.03}"#, &window, &reference);
    assert_eq!(finding(&found, "unseen", "c").verdict, Verdict::Pass);
}

#[test]
fn few_numbers_and_truth_values_are_categories() {
    let of = |share: usize| {
        let rows = 0..100;
        batch(vec![
            ("n", wholes(rows.clone().map(|row| row % 4))),
            (
                "flag",
                Arc::new(BooleanArray::from_iter(
                    rows.map(|row| Some((row as usize) < share)),
                )),
            ),
        ])
    };
    let found = observed("{}", &of(80), &of(20));
    assert_eq!(finding(&found, "chi-square", "n").value, Some(0.0));
    assert!(
        finding(&found, "chi-square", "n")
            .message
            .ends_with("; all shares are the same"),
        "{found:?}"
    );
    let flag = finding(&found, "chi-square", "flag");
    assert_eq!(flag.verdict, Verdict::Warn);
    assert!(flag.message.contains("1 degree of freedom"), "{flag:?}");
    assert!(
        flag.message
            .ends_with("\"false\", 20% of the window and 80% of the reference"),
        "{flag:?}"
    );
    let overall = finding(&found, "drifted-columns", "");
    assert_eq!((overall.value, overall.verdict), (Some(0.5), Verdict::Fail));
    let lenient = observed(r#"{"share":0.6}"#, &of(80), &of(20));
    assert_eq!(lenient.verdict, Verdict::Warn);
}

#[test]
fn whole_and_broken_numbers_can_be_compared() {
    let window = batch(vec![("x", wholes((0..60).map(|row| row % 10)))]);
    let reference = batch(vec![("x", floats((0..90).map(|row| f64::from(row % 10))))]);
    let found = observed("{}", &window, &reference);
    assert_eq!(finding(&found, "ks", "x").value, Some(0.0));
    assert_eq!(found.verdict, Verdict::Pass);
}

#[test]
fn a_reference_that_does_not_vary_has_no_distance() {
    let of = |value: f64| batch(vec![("x", floats(vec![value; 50]))]);
    let config = r#"{"methods":{"x":["wasserstein"]}}"#;
    let found = observed(config, &of(2.0), &of(1.0));
    let drifted = finding(&found, "wasserstein", "x");
    assert_eq!((drifted.value, drifted.verdict), (None, Verdict::Warn));
    assert!(drifted.message.contains("all the same"), "{drifted:?}");
    assert_eq!(observed(config, &of(0.1), &of(0.1)).verdict, Verdict::Pass);
}

#[test]
fn with_too_few_rows_nothing_is_judged() {
    let (window, reference) = (golden_window(), golden_reference());
    let found = observed("{}", &window.slice(0, 29), &reference);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    let ks = finding(&found, "ks", "x");
    assert_eq!((ks.value, ks.rows), (None, 29));
    assert_eq!(
        ks.message,
        "the window has 29 rows, fewer than the 30 of min-rows"
    );
    let overall = finding(&found, "drifted-columns", "");
    assert_eq!(overall.message, "no column could be judged");
    let found = observed("{}", &window.slice(0, 0), &reference);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    let found = observed("{}", &window, &reference.slice(0, 0));
    let message = &finding(&found, "missing-rate", "x").message;
    assert!(message.starts_with("the reference has 0 rows"), "{message}");
    let config = r#"{"min-rows":1}"#;
    let found = observed(config, &window.slice(0, 1), &reference.slice(0, 1));
    assert_ne!(
        finding(&found, "unseen", "c").verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_column_with_too_few_values_is_left_open() {
    let empty: ArrayRef = Arc::new(Float64Array::new_null(400));
    let window = batch(vec![("x", empty), ("c", golden_window().column(1).clone())]);
    let found = observed("{}", &window, &golden_reference());
    let ks = finding(&found, "ks", "x");
    assert_eq!(
        ks.message,
        "x has 0 values in the window, fewer than the 30 of min-rows"
    );
    let missing = finding(&found, "missing-rate", "x");
    assert_eq!((missing.value, missing.verdict), (Some(1.0), Verdict::Warn));
    // What could not be judged counts neither way.
    let methods = r#"{"methods":{"x":["ks"]}}"#;
    let found = observed(methods, &window, &golden_reference());
    assert_eq!(
        finding(&found, "drifted-columns", "").message,
        "1 of 1 column drifted: c; 1 more could not be judged"
    );
}

#[test]
fn rows_are_matched() {
    let rows = 0..200;
    let summer = |row: &usize| row.is_multiple_of(2);
    let season = |row: usize| if summer(&row) { "summer" } else { "winter" };
    let temperature = |row: usize| row as f64 / 20.0 + if summer(&row) { 20.0 } else { 0.0 };
    let table = |rows: Vec<usize>| {
        batch(vec![
            ("season", texts(rows.iter().map(|row| season(*row)))),
            (
                "warm",
                Arc::new(BooleanArray::from_iter(
                    rows.iter().map(|row| Some(summer(row))),
                )),
            ),
            ("temp", floats(rows.iter().map(|row| temperature(*row)))),
        ])
    };
    let reference = table(rows.clone().collect());
    let window = table(rows.filter(summer).collect());
    let found = observed(r#"{"ignore":["warm"]}"#, &window, &reference);
    assert_eq!(finding(&found, "ks", "temp").verdict, Verdict::Warn);

    let found = observed(r#"{"match":["season","warm"]}"#, &window, &reference);
    let ks = finding(&found, "ks", "temp");
    assert_eq!((ks.value, ks.verdict), (Some(0.0), Verdict::Pass));
    assert!(
        ks.message.contains("100 values of the window and 100 of"),
        "{ks:?}"
    );
    let subjects: Vec<_> = found.findings.iter().map(|f| f.subject.as_str()).collect();
    assert_eq!(subjects, ["temp", "temp", "temp", ""]);

    // Only a few of the reference's rows are of that season.
    let found = observed(
        r#"{"match":["season"],"columns":["temp"]}"#,
        &window,
        &reference.slice(0, 20),
    );
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert_eq!(
        finding(&found, "ks", "temp").message,
        "the reference has 10 rows that match the window in season, fewer than the 30 of min-rows"
    );
}

#[test]
fn what_cannot_be_compared_is_not_looked_at() {
    let dates: ArrayRef = Arc::new(Date32Array::from_iter_values(0..50));
    let mixed = |numbers: bool| match numbers {
        true => floats(uniform(1, 50)),
        false => texts(vec!["a"; 50]),
    };
    let table = |numbers| {
        batch(vec![
            ("day", dates.clone()),
            ("mixed", mixed(numbers)),
            ("x", floats(uniform(1, 50))),
            (
                if numbers { "here" } else { "there" },
                floats(uniform(1, 50)),
            ),
        ])
    };
    let found = observed("{}", &table(true), &table(false));
    assert!(
        found
            .findings
            .iter()
            .all(|f| ["x", ""].contains(&f.subject.as_str())),
        "{found:?}"
    );
    let config = r#"{"columns":["day","mixed","here","there"]}"#;
    let found = problems(&job(config, &table(true), &table(false)));
    let messages: Vec<_> = found.iter().map(|problem| problem.1.as_str()).collect();
    assert_eq!(
        messages,
        [
            "column \"day\" is date in the table `window`",
            "column \"mixed\" has numbers in the window and texts in the reference",
            "the table `reference` has no column \"here\"",
            "the table `window` has no column \"there\"",
        ]
    );
    let nothing = problems(&job(r#"{"ignore":["x"]}"#, &table(true), &table(false)));
    assert_eq!(nothing[0].1, "there is no column to compare");
}

#[test]
fn check_finds_all_that_is_wrong_at_once() {
    let config = r#"{
        "columns":["x","x","tmp","c","y"], "ignore":["c","zz"], "match":["x","q"],
        "methods":{"c":["ks"],"n":[],"a/b":["psi"],"y":["psi","psi"]},
        "alpha":0, "share":1.5, "min-rows":0, "max-psi":-1, "max-ks":1.1
    }"#;
    let table = batch(vec![
        ("x", floats([1.0])),
        ("temp", floats([1.0])),
        ("c", texts(["a"])),
        ("y", floats([1.0])),
    ]);
    let found = places(&job(config, &table, &table));
    assert_eq!(
        found,
        [
            "/alpha",
            "/share",
            "/min-rows",
            "/max-ks",
            "/max-psi",
            "/columns/0",
            "/columns/1",
            "/columns/3",
            "/methods/a~1b",
            "/methods/c",
            "/methods/n",
            "/methods/n",
            "/methods/y/1",
            "/columns/2",
            "/ignore/1",
            "/match/0",
            "/match/1",
            "/methods/a~1b",
            "/methods/c/0",
            "/methods/n",
        ]
    );
    let found = problems(&job(r#"{"columns":["tmp","season"]}"#, &table, &table));
    assert_eq!(found[0].2, "did you mean \"temp\"?");
    assert_eq!(found[1].2, "it has x, temp, c, y");
}

#[test]
fn check_holds_methods_against_types() {
    let config = r#"{"methods":{"x":["chi-square","ks"],"c":["psi","wasserstein"]}}"#;
    let found = problems(&job(config, &golden_window(), &golden_reference()));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "/methods/c/1");
    assert_eq!(
        found[0].1,
        "\"wasserstein\" compares numbers, and column \"c\" has texts"
    );
    assert!(Job::<Config>::in_memory(r#"{"methods":{"x":["kss"]}}"#).is_err());
    assert!(Job::<Config>::in_memory(r#"{"max_ks":0.1}"#).is_err());
}

#[test]
fn check_looks_at_inputs_too() {
    let without = Job::in_memory("{}").unwrap();
    assert_eq!(problems(&without).len(), 2);
    let window = golden_window();
    let more = job("{}", &window, &window).with_table("baseline", window.schema(), vec![]);
    let found = problems(&more);
    assert_eq!(found[0].0, "input baseline");
    assert_eq!(found[0].2, "the inputs are `window` and `reference`");
    let blob = Job::in_memory("{}")
        .unwrap()
        .with_blob("window", b"")
        .with_table("reference", window.schema(), vec![]);
    assert_eq!(places(&blob), ["input window"]);
    // Only one schema is known.
    let pending = |config: &str| {
        Job::in_memory(config)
            .unwrap()
            .with_pending(Port::open_table("window"))
            .with_table("reference", window.schema(), vec![window.clone()])
    };
    let fine = r#"{"columns":["x"],"ignore":["z"]}"#;
    assert!(Drift::check(&pending(fine)).unwrap().is_empty());
    assert_eq!(places(&pending(r#"{"columns":["z"]}"#)), ["/columns/0"]);
}

#[test]
fn run_does_not_rely_on_check() {
    let config = r#"{"columns":["tmp"]}"#;
    match Drift::run(&job(config, &golden_window(), &golden_reference())).unwrap_err() {
        Failure::Config(problems) => assert_eq!(problems.len(), 1),
        other => panic!("{other:?}"),
    }
}

/// Every method on numbers, truth values and texts.
const EVERYTHING: &str = r#"{"min-rows":1,"methods":{
    "x":["ks","wasserstein","psi","jensen-shannon","chi-square","missing-rate","unseen"],
    "n":["ks","wasserstein","psi","jensen-shannon","chi-square","missing-rate","unseen"],
    "flag":["psi","jensen-shannon","chi-square","missing-rate","unseen"],
    "c":["psi","jensen-shannon","chi-square","missing-rate","unseen"]}}"#;

type Row = (Option<f64>, i8, Option<bool>, Option<u8>);

fn row() -> impl Strategy<Value = Row> {
    let x = prop_oneof![
        1 => Just(None),
        1 => Just(Some(f64::NAN)),
        8 => (-1e3..1e3_f64).prop_map(Some),
        2 => prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN, f64::INFINITY, 5e-324]).prop_map(Some),
    ];
    (x, 0..8_i8, any::<Option<bool>>(), prop::option::of(0..4_u8))
}

fn table(rows: &[Row]) -> RecordBatch {
    let text = |code: Option<u8>| code.map(|code| char::from(b'a' + code).to_string());
    batch(vec![
        (
            "x",
            Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.0))),
        ),
        ("n", wholes(rows.iter().map(|row| row.1.into()))),
        (
            "flag",
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.2))),
        ),
        (
            "c",
            Arc::new(StringArray::from_iter(rows.iter().map(|row| text(row.3)))),
        ),
    ])
}

fn range(name: &str) -> (f64, f64) {
    match name {
        "wasserstein" | "psi" => (0.0, f64::INFINITY),
        _ => (0.0, 1.0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_table_does_not_drift_from_itself(rows in prop::collection::vec(row(), 1..80)) {
        let table = table(&rows);
        let found = observed(EVERYTHING, &table, &table);
        for finding in &found.findings {
            prop_assert!(
                matches!(finding.verdict, Verdict::Pass | Verdict::Inconclusive),
                "{finding:?}"
            );
            if let Some(value) = finding.value {
                prop_assert!(value.abs() < 1e-7, "{finding:?}");
            }
        }
    }

    #[test]
    fn statistics_are_in_their_ranges(
        window in prop::collection::vec(row(), 0..60),
        reference in prop::collection::vec(row(), 0..60),
    ) {
        let found = observed(EVERYTHING, &table(&window), &table(&reference));
        for finding in &found.findings {
            let (least, most) = range(&finding.name);
            if let Some(value) = finding.value {
                prop_assert!((least..=most).contains(&value), "{finding:?}");
            }
            prop_assert!(!finding.message.is_empty() && finding.limit.is_some());
        }
    }

    #[test]
    fn neither_cuts_nor_order_matter(
        window in prop::collection::vec(row(), 1..60),
        reference in prop::collection::vec(row(), 1..60),
        cut in 0..60_usize,
        matched: bool,
    ) {
        let config = match matched {
            false => EVERYTHING,
            true => r#"{"min-rows":1,"match":["flag","n"]}"#,
        };
        let whole = observed(config, &table(&window), &table(&reference));
        let mangle = |rows: &[Row]| {
            let mut rows = rows.to_vec();
            rows.reverse();
            let cut = cut.min(rows.len());
            let (left, right) = rows.split_at(cut);
            vec![table(left), table(right)]
        };
        let schema = table(&window).schema();
        let job = Job::in_memory(config)
            .unwrap()
            .with_table("window", schema.clone(), mangle(&window))
            .with_table("reference", schema, mangle(&reference));
        let cut = Drift::run(&job).unwrap();
        prop_assert_eq!(format!("{whole:?}"), format!("{cut:?}"));
    }
}
