//! What events say, held against `golden/`, and what any names make of them.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lockflight_openlineage::data::{Outcome, Run};
use lockflight_openlineage::{Limits, Outbox, Sink, events};
use proptest::prelude::*;
use serde_json::Value;
use support::{assertion, field, run};

fn lines(run: &Run) -> String {
    let lines = events(run).into_iter();
    lines.map(|event| format!("{}\n", event.line())).collect()
}

fn values(run: &Run) -> Vec<Value> {
    let events = events(run).into_iter();
    events
        .map(|event| serde_json::from_str(event.line()).unwrap())
        .collect()
}

/// With `UPDATE_GOLDEN` set, the file is written anew.
#[test]
fn a_small_run_is_as_in_the_golden_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/run.ndjson");
    let lines = lines(&run());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &lines).unwrap();
    }
    assert_eq!(lines, fs::read_to_string(&path).unwrap());
}

#[test]
fn each_run_has_a_start_and_one_end() {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in values(&run()) {
        let id = event["run"]["runId"].as_str().unwrap().to_owned();
        let kind = event["eventType"].as_str().unwrap().to_owned();
        kinds.entry(id).or_default().push(kind);
    }
    let kinds: Vec<_> = kinds.into_values().collect();
    let wanted = [
        ["START", "FAIL"],
        ["START", "COMPLETE"],
        ["START", "COMPLETE"],
        ["START", "FAIL"],
    ];
    assert_eq!(kinds, wanted);
}

#[test]
fn stages_point_to_the_pipelines_run_and_events_are_in_order_of_time() {
    let events = values(&run());
    let (first, last) = (&events[0], &events[events.len() - 1]);
    assert_eq!(first["run"]["runId"], last["run"]["runId"]);
    let stages = &events[1..events.len() - 1];
    for event in stages {
        let parent = &event["run"]["facets"]["parent"];
        assert_eq!(parent["run"]["runId"], first["run"]["runId"]);
        assert_eq!(parent["job"]["name"], first["job"]["name"]);
    }
    assert!(events.is_sorted_by_key(|event| event["eventTime"].as_str().unwrap().to_owned()));
}

#[test]
fn a_clock_set_back_ends_no_run_before_it_began() {
    let mut run = run();
    run.outcome = Outcome::Aborted;
    run.finished = "1999-01-01T00:00:00Z".parse().unwrap();
    run.stages.truncate(1);
    run.stages[0].finished = run.finished;
    let events = values(&run);
    let kinds = events
        .iter()
        .map(|event| event["eventType"].as_str().unwrap());
    assert!(kinds.eq(["START", "START", "COMPLETE", "ABORT"]));
    assert_eq!(events[0]["eventTime"], events[3]["eventTime"]);
    assert_eq!(events[3]["run"]["facets"].get("errorMessage"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any text, control characters and quotes included, comes out as it went in, one event a line.
    #[test]
    fn any_names_give_one_line_of_json_each(text in any::<String>(), rows: u64) {
        let mut run = run();
        run.namespace = text.clone();
        run.pipeline = text.clone();
        run.outcome = Outcome::Failed(text.clone());
        let stage = &mut run.stages[1];
        stage.name = text.clone();
        stage.world = text.clone();
        stage.key = text.clone();
        let input = &mut stage.inputs[0];
        input.name = text.clone();
        input.version = text.clone();
        input.rows = Some(rows);
        input.schema.push(field(&text, &text));
        input.assertions.push(assertion(&text, Some(&text), true));

        let made = events(&run);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let outbox = Outbox::new(folder.path().join("outbox"));
        let delivery = outbox.deliver(&Sink::file(&path), &made, &Limits::default());
        prop_assert_eq!(delivery.sent, made.len());

        let written = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = written.split_terminator('\n').collect();
        prop_assert!(lines.iter().copied().eq(made.iter().map(|event| event.line())));
        let last: Value = serde_json::from_str(lines[lines.len() - 1]).unwrap();
        prop_assert_eq!(&last["run"]["facets"]["errorMessage"]["message"], &text);
        let read = |line: &&str| serde_json::from_str::<Value>(line).unwrap();
        let events: Vec<_> = lines.iter().map(read).collect();
        let is_end = |event: &&Value| {
            event["run"]["runId"] == support::id(3).to_string() && event["eventType"] != "START"
        };
        let input = &events.iter().find(is_end).unwrap()["inputs"][0];
        prop_assert_eq!(&input["name"], &text);
        prop_assert_eq!(&input["inputFacets"]["inputStatistics"]["rowCount"], rows);
    }
}
