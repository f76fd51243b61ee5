//! The graph: what there is (nodes, by content) and what was made from what (edges). It never has a circle.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::digest::Digest;

/// What a node is. The first two are what a blob is called until somebody knows better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bytes that a stage made.
    Blob,
    /// A file that a stage reads and that is no source.
    File,
    /// A source.
    Source,
    /// A table.
    Table,
    /// A component: the code of a plugin.
    Component,
    /// What a stage did: a key with its results.
    Result,
    /// The state that a train stage fitted.
    State,
    /// A model.
    Model,
    /// A version of a model, packed.
    Package,
    /// A window of a monitor.
    Window,
    /// What a deploy stage decided.
    Decision,
    /// An endpoint.
    Endpoint,
    /// An answer of an endpoint.
    Prediction,
}

impl Kind {
    /// What a person calls it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Blob => "blob",
            Kind::File => "file",
            Kind::Source => "source",
            Kind::Table => "table",
            Kind::Component => "component",
            Kind::Result => "result",
            Kind::State => "state",
            Kind::Model => "model",
            Kind::Package => "package",
            Kind::Window => "window",
            Kind::Decision => "decision",
            Kind::Endpoint => "endpoint",
            Kind::Prediction => "prediction",
        }
    }

    fn is_vague(self) -> bool {
        self <= Kind::File
    }
}

/// The place of a node in its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

/// Something that was made or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its content; none of endpoints and predictions, which are known by name. Of a result and a window it is the key.
    pub digest: Option<Digest>,
    /// Other digests that stand for it: the results of a key, the rows of a window.
    pub also: Vec<Digest>,
    /// What it was called, the first name first.
    pub names: Vec<String>,
    /// What else there is to say, e.g. how many rows it has.
    pub about: Vec<String>,
    /// When it was made, RFC 3339 in UTC.
    pub time: Option<String>,
    /// The run in which it was made, if that is known: a place in [`Graph::runs`].
    pub made: Option<usize>,
    /// The runs that had it, oldest first, as places in [`Graph::runs`].
    pub runs: Vec<usize>,
}

impl Node {
    fn new(kind: Kind, digest: Option<Digest>) -> Node {
        Node {
            kind,
            digest,
            also: Vec::new(),
            names: Vec::new(),
            about: Vec::new(),
            time: None,
            made: None,
            runs: Vec::new(),
        }
    }

    /// Gives it another name, unless it has it.
    pub(super) fn name(&mut self, name: &str) {
        push_new(&mut self.names, name);
    }

    /// Says something of it, unless that was said.
    pub(super) fn about(&mut self, text: &str) {
        push_new(&mut self.about, text);
    }

    /// Notes that a run had it; runs come in order.
    pub(super) fn in_run(&mut self, run: usize) {
        if self.runs.last() != Some(&run) {
            self.runs.push(run);
        }
    }
}

fn push_new(texts: &mut Vec<String>, text: &str) {
    if !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}

/// One node flowed into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// What flowed.
    pub from: NodeId,
    /// Into what.
    pub to: NodeId,
    /// As what: the name of a port or an output.
    pub label: String,
}

/// Everything that the runs of a store made and used.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// The edges that lead to a node, and those that lead on from it.
    up: Vec<Vec<usize>>,
    down: Vec<Vec<usize>>,
    by_digest: HashMap<Digest, NodeId>,
    by_name: HashMap<(Kind, String), NodeId>,
    /// The ids of the runs, oldest first.
    pub runs: Vec<String>,
    /// What was left out since it could not be read.
    pub notes: Vec<String>,
}

impl Graph {
    /// A graph without nodes, of these runs.
    pub(super) fn of_runs(runs: Vec<String>, notes: Vec<String>) -> Graph {
        Graph {
            runs,
            notes,
            ..Graph::default()
        }
    }

    /// All nodes.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len()).map(NodeId)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0]
    }

    /// All edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The edges that lead to a node.
    pub fn edges_to(&self, id: NodeId) -> impl Iterator<Item = &Edge> {
        self.up[id.0].iter().map(|edge| &self.edges[*edge])
    }

    /// The edges that lead on from a node.
    pub fn edges_from(&self, id: NodeId) -> impl Iterator<Item = &Edge> {
        self.down[id.0].iter().map(|edge| &self.edges[*edge])
    }

    /// The node of this content.
    pub fn by_digest(&self, digest: &Digest) -> Option<NodeId> {
        self.by_digest.get(digest).copied()
    }

    /// The node that is known by this name and has no content.
    pub fn by_name(&self, kind: Kind, name: &str) -> Option<NodeId> {
        self.by_name.get(&(kind, name.to_owned())).copied()
    }

    /// The node of this content, a new one if there is none; a vague kind gives way to what it turns out to be.
    pub(super) fn content(&mut self, kind: Kind, digest: Digest) -> NodeId {
        if let Some(id) = self.by_digest(&digest) {
            let node = self.node_mut(id);
            if node.kind.is_vague() && kind > node.kind {
                node.kind = kind;
            }
            return id;
        }
        let id = self.add(Node::new(kind, Some(digest)));
        self.by_digest.insert(digest, id);
        id
    }

    /// The node of this name, a new one if there is none.
    pub(super) fn named(&mut self, kind: Kind, name: &str) -> NodeId {
        if let Some(id) = self.by_name(kind, name) {
            return id;
        }
        let mut node = Node::new(kind, None);
        node.name(name);
        let id = self.add(node);
        self.by_name.insert((kind, name.to_owned()), id);
        id
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(node);
        self.up.push(Vec::new());
        self.down.push(Vec::new());
        id
    }

    /// Says that one flowed into another. False, and nothing is said, if that would close a circle: equal content is one node, so a
    /// stage that gives back what it was given would be before itself.
    pub(super) fn connect(&mut self, from: NodeId, to: NodeId, label: &str) -> bool {
        if self
            .edges_to(to)
            .any(|edge| edge.from == from && edge.label == label)
        {
            return true;
        }
        if from == to || self.is_behind(from, to) {
            return false;
        }
        let edge = self.edges.len();
        self.edges.push(Edge {
            from,
            to,
            label: label.to_owned(),
        });
        self.down[from.0].push(edge);
        self.up[to.0].push(edge);
        true
    }

    /// Whether `first` is among what `last` was made from.
    fn is_behind(&self, last: NodeId, first: NodeId) -> bool {
        if self.down[first.0].is_empty() {
            return false;
        }
        let mut seen = HashSet::from([last]);
        let mut waiting = vec![last];
        while let Some(id) = waiting.pop() {
            for edge in self.edges_to(id) {
                if edge.from == first {
                    return true;
                }
                if seen.insert(edge.from) {
                    waiting.push(edge.from);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_vague_kind_gives_way() {
        let mut graph = Graph::default();
        let blob = graph.content(Kind::Blob, Digest::of(b"x"));
        assert_eq!(graph.content(Kind::Model, Digest::of(b"x")), blob);
        graph.content(Kind::File, Digest::of(b"x"));
        assert_eq!(graph.node(blob).kind, Kind::Model);
    }

    proptest! {
        #[test]
        fn there_is_never_a_circle(edges in prop::collection::vec((0u8..12, 0u8..12), 0..60)) {
            let mut graph = Graph::default();
            for (from, to) in edges {
                let from = graph.content(Kind::Table, Digest::of(&[from]));
                let to = graph.content(Kind::Table, Digest::of(&[to]));
                let known = graph.is_behind(from, to) || from == to;
                prop_assert_eq!(graph.connect(from, to, "x"), !known);
            }
            super::super::testing::assert_sound(&graph);
        }
    }
}
