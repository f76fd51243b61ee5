#![allow(clippy::unwrap_used)]
use arrow_array::{Int32Array, Int64Array};

use super::*;
use crate::table::testing::{leaf, schema};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn nodes_come_back_with_their_metadata_sorted() {
    let mut nodes = vec![
        leaf("id", "l", false),
        leaf("v", "+w:4", true),
        leaf("item", "g", false),
        leaf("t", "tsu:UTC", true),
    ];
    nodes[1].children = 1;
    nodes[0].metadata = pairs(&[("b", "2"), ("a", "1")]);
    let schema = TableSchema::from_nodes(nodes.clone(), pairs(&[("z", ""), ("y", "x")])).unwrap();
    nodes[0].metadata.sort();
    assert_eq!(schema.to_nodes(), nodes);
    assert_eq!(schema.metadata(), pairs(&[("y", "x"), ("z", "")]));
    let json = canonical_json(&schema);
    assert_eq!(serde_json::from_str::<TableSchema>(&json).unwrap(), schema);
    assert_eq!(TableSchema::from_arrow(schema.arrow()).unwrap(), schema);
    let reversed = TableSchema::from_nodes(nodes, pairs(&[("y", "x"), ("z", "")])).unwrap();
    assert_eq!(canonical_json(&reversed), json);
}

fn canonical_json(schema: &TableSchema) -> String {
    crate::canonical_json::to_string(schema).unwrap()
}

#[test]
fn what_is_not_accepted_is_named() {
    let with_child = |format: &str, children: &[&str]| {
        let mut nodes = vec![leaf("v", format, true)];
        nodes[0].children = children.len() as u32;
        nodes.extend(children.iter().map(|format| leaf("item", format, true)));
        nodes
    };
    let mut nested = with_child("+w:2", &["+w:2"]);
    nested[1].children = 1;
    nested.push(leaf("item", "f", true));
    let mut cut = with_child("+w:2", &["f"]);
    cut.truncate(1);
    let mut twice = vec![leaf("a", "l", true)];
    twice[0].metadata = pairs(&[("k", "1"), ("k", "2")]);
    let cases = [
        (vec![], "at least one column"),
        (
            vec![leaf("a", "l", true), leaf("", "l", true)],
            "column 2 (counted from 1) has no name",
        ),
        (
            vec![leaf("a", "l", true), leaf("a", "g", true)],
            "two columns are named \"a\"",
        ),
        (
            vec![leaf("a", "U", true)],
            "column \"a\": the type \"U\" is not accepted",
        ),
        (with_child("l", &["f"]), "only `+w:N` has children"),
        (with_child("+w:2", &[]), "exactly one child"),
        (with_child("+w:2", &["f", "f"]), "exactly one child"),
        (with_child("+w:2", &["l"]), "has to be `f` or `g`"),
        (nested, "has to be `f` or `g`"),
        (cut, "is missing"),
        (twice, "column \"a\" has the metadata key \"k\" twice"),
    ];
    for (nodes, message) in cases {
        let error = TableSchema::from_nodes(nodes, vec![])
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error} lacks {message}");
    }
    let error =
        TableSchema::from_nodes(vec![leaf("a", "l", true)], pairs(&[("k", "1"), ("k", "1")]))
            .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the table has the metadata key \"k\" twice"
    );
}

#[test]
fn rows_have_to_be_of_the_schema() {
    let schema = schema(&[("a", "l", false)]);
    let batch = |column: ArrayRef| RecordBatch::try_from_iter([("other name", column)]).unwrap();
    let renamed = schema
        .conform(&batch(Arc::new(Int64Array::from(vec![1]))))
        .unwrap();
    assert_eq!(renamed.schema(), *schema.arrow());
    let null = schema
        .conform(&batch(Arc::new(Int64Array::from(vec![Some(1), None]))))
        .unwrap_err();
    assert_eq!(
        null,
        Misfit::Null {
            column: "a".to_owned(),
            row: 1
        }
    );
    let other = schema
        .conform(&batch(Arc::new(Int32Array::from(vec![1]))))
        .unwrap_err();
    assert_eq!(
        other.to_string(),
        "column \"a\" is of type Int32, the table has Int64"
    );
}

#[test]
fn some_columns_make_a_schema() {
    let schema = schema(&[("a", "l", false), ("b", "u", true), ("c", "g", true)]);
    assert_eq!(schema.index_of("c"), Some(2));
    let names: Vec<String> = schema
        .project(&[2, 0])
        .unwrap()
        .to_nodes()
        .into_iter()
        .map(|node| node.name)
        .collect();
    assert_eq!(names, ["c", "a"]);
    assert!(
        [&[][..], &[3], &[0, 0]]
            .iter()
            .all(|places| schema.project(places).is_none())
    );
}
