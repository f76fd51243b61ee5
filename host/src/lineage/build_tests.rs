#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lineage::{
    testing::{Made, Runs, assert_sound},
    view::View,
};

fn graph(runs: &Runs) -> Graph {
    let records = Records::read(&runs.store).unwrap();
    let releases = Releases::read(&runs.store).unwrap();
    build(&runs.store, &records, &releases)
}

fn named<'g>(graph: &'g Graph, kind: Kind, name: &str) -> Vec<&'g super::super::Node> {
    let nodes = graph.ids().map(|id| graph.node(id));
    nodes
        .filter(|node| node.kind == kind && node.names.iter().any(|known| known == name))
        .collect()
}

#[test]
fn equal_content_of_different_runs_is_one_node() {
    let mut runs = Runs::new();
    runs.small("bikes", "a", 1);
    runs.small("bikes", "a", 2);
    let graph = graph(&runs);
    assert_sound(&graph);
    assert_eq!(named(&graph, Kind::Source, "birds").len(), 1);
    assert_eq!(named(&graph, Kind::Table, "raw.table").len(), 1);
    assert_eq!(named(&graph, Kind::Table, "clean.table").len(), 2);
    let raw = named(&graph, Kind::Result, "raw")[0];
    assert_eq!(
        (raw.runs.as_slice(), raw.made),
        ([0, 1].as_slice(), Some(0))
    );
    assert!(graph.notes.is_empty(), "{:?}", graph.notes);
}

#[test]
fn names_have_their_pipeline_where_there_are_several() {
    let mut runs = Runs::new();
    runs.small("bikes", "a", 1);
    runs.small("cars", "b", 1);
    let graph = graph(&runs);
    assert_eq!(named(&graph, Kind::Table, "cars/raw.table").len(), 1);
    assert!(named(&graph, Kind::Table, "raw.table").is_empty());
}

#[test]
fn what_comes_back_as_it_was_given_is_said_and_no_circle() {
    let mut runs = Runs::new();
    let table = runs.table(&[("x", "g", true)]);
    let stage = |name, from, input| Made {
        name,
        world: World::Validate,
        from,
        input,
        config: json!({ "name": name }),
        output: table,
    };
    let source = InputDigest::Blob(Digest::of(b"a"));
    let stages = [
        stage("raw", "birds", source),
        stage("clean", "raw.table", InputDigest::Table(table)),
    ];
    runs.run("bikes", "a", &stages);
    let graph = graph(&runs);
    assert_sound(&graph);
    let clean = named(&graph, Kind::Result, "clean")[0];
    assert!(
        clean
            .about
            .iter()
            .any(|text| text.contains("was there before it"))
    );
}

#[test]
fn a_record_that_cannot_be_read_is_left_out_with_a_note() {
    let mut runs = Runs::new();
    let first = runs.small("bikes", "a", 1);
    runs.small("bikes", "b", 1);
    let name = format!("runs/{first}").parse().unwrap();
    let digest = runs.store.get_ref(&name).unwrap().unwrap();
    let hex = digest.hex();
    let file = format!("store/blobs/{}/{}", &hex[..2], &hex[2..]);
    std::fs::remove_file(runs.folder.path().join(file)).unwrap();
    let graph = graph(&runs);
    assert_eq!(graph.runs.len(), 1);
    assert!(graph.notes[0].contains("is left out"), "{:?}", graph.notes);
}

#[test]
fn a_view_goes_as_far_as_it_is_told() {
    let mut runs = Runs::new();
    runs.small("bikes", "a", 1);
    runs.small("bikes", "a", 2);
    let graph = graph(&runs);
    let is_raw = |id: &NodeId| graph.node(*id).names == ["raw.table"];
    let view = |up, down, depth| View {
        graph: &graph,
        title: "raw".into(),
        roots: graph.ids().filter(is_raw).collect(),
        up,
        down,
        depth,
    };
    let count = |view: View<'_>| (view.nodes().len(), view.edges().len());
    // Up: the result, its component and source. Down: two results and two tables.
    assert_eq!(count(view(true, false, None)), (4, 3));
    assert_eq!(count(view(false, true, None)), (5, 4));
    assert_eq!(count(view(true, true, Some(1))), (4, 3));
    assert_eq!(count(view(true, true, Some(0))), (1, 0));
    let lines = |view: View<'_>| -> Vec<String> {
        let text = crate::lineage::text::text(&view);
        let first = |line: &str| line.split("  sha256").next().unwrap_or(line).to_owned();
        text.lines().skip(2).map(first).collect()
    };
    assert_eq!(
        lines(view(true, false, Some(0))),
        ["made from", "  … 1 more"]
    );
    let up = [
        "made from",
        "  result raw",
        "    component do 1.0.0",
        "    source birds",
    ];
    assert_eq!(lines(view(true, false, None)), up);
    let json = view(true, true, None).to_json();
    assert_eq!(json["nodes"].as_array().unwrap().len(), 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Runs of stages that give any of a few tables, so that they often give back what they or others were given.
    #[test]
    fn graphs_are_sound(histories in prop::collection::vec(
        prop::collection::vec((0usize..4, 0usize..4, 0u8..2), 1..5), 1..5,
    )) {
        let mut runs = Runs::new();
        let tables: Vec<_> = ["a", "b", "c", "d"].map(|name| runs.table(&[(name, "g", true)])).into();
        for history in histories {
            let names = ["one", "two", "three", "four"];
            let stages: Vec<_> = history.iter().zip(names).map(|((input, output, config), name)| Made {
                name,
                world: World::Validate,
                from: "one.table",
                input: InputDigest::Table(tables[*input]),
                config: json!({ "x": config }),
                output: tables[*output],
            }).collect();
            runs.run("bikes", "a", &stages);
        }
        assert_sound(&graph(&runs));
    }
}
