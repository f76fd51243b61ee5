//! The part of a graph that is shown: what is before some nodes, what is behind them, and how far.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::graph::{Edge, Graph, Node, NodeId};

/// What is shown of a graph.
#[derive(Debug)]
pub struct View<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// What was asked for, in words.
    pub title: String,
    /// The nodes that it begins with.
    pub roots: Vec<NodeId>,
    /// Whether it goes back to what they were made from.
    pub up: bool,
    /// Whether it goes on to what was made from them.
    pub down: bool,
    /// How many edges it goes; none for all the way.
    pub depth: Option<usize>,
}

/// A direction along the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To what a node was made from.
    Up,
    /// To what was made from it.
    Down,
}

impl View<'_> {
    /// The nodes that are shown, with the roots.
    pub fn nodes(&self) -> BTreeSet<NodeId> {
        let mut shown: BTreeSet<NodeId> = self.roots.iter().copied().collect();
        for way in self.ways() {
            shown.extend(self.reached(way));
        }
        shown
    }

    /// The edges that were walked, each between two nodes that are shown.
    pub fn edges(&self) -> Vec<&Edge> {
        let mut walked = BTreeSet::new();
        for way in self.ways() {
            let reached = self.reached(way);
            let edges = self.graph.edges().iter().enumerate();
            let inside = edges
                .filter(|(_, edge)| reached.contains(&edge.from) && reached.contains(&edge.to));
            walked.extend(inside.map(|(place, _)| place));
        }
        let edges = walked.into_iter();
        edges.map(|place| &self.graph.edges()[place]).collect()
    }

    /// The directions that are shown.
    pub(super) fn ways(&self) -> impl Iterator<Item = Way> + use<> {
        let ways = [(self.up, Way::Up), (self.down, Way::Down)];
        ways.into_iter()
            .filter_map(|(wanted, way)| wanted.then_some(way))
    }

    /// The nodes next to a node in a direction, each once, with the labels of the edges.
    pub(super) fn next(&self, id: NodeId, way: Way) -> Vec<NodeId> {
        let mut next = Vec::new();
        let mut push = |other| {
            if !next.contains(&other) {
                next.push(other);
            }
        };
        match way {
            Way::Up => self.graph.edges_to(id).for_each(|edge| push(edge.from)),
            Way::Down => self.graph.edges_from(id).for_each(|edge| push(edge.to)),
        }
        next
    }

    fn reached(&self, way: Way) -> BTreeSet<NodeId> {
        let mut reached: BTreeSet<NodeId> = self.roots.iter().copied().collect();
        let mut waiting: VecDeque<(NodeId, usize)> =
            self.roots.iter().map(|root| (*root, 0)).collect();
        while let Some((id, far)) = waiting.pop_front() {
            if self.depth.is_some_and(|depth| far >= depth) {
                continue;
            }
            for next in self.next(id, way) {
                if reached.insert(next) {
                    waiting.push_back((next, far + 1));
                }
            }
        }
        reached
    }

    /// The part as JSON: `thing`, `roots`, `nodes`, `edges` and `notes`. Digests name what has content.
    pub fn to_json(&self) -> Value {
        let name = |id: &NodeId| name(self.graph.node(*id));
        let node = |id: &NodeId| {
            let node = self.graph.node(*id);
            let run = |run: &usize| self.graph.runs[*run].as_str();
            json!({
                "id": name(id),
                "kind": node.kind,
                "names": node.names,
                "digest": node.digest,
                "also": node.also,
                "about": node.about,
                "time": node.time,
                "made_in": node.made.as_ref().map(run),
                "runs": node.runs.iter().map(run).collect::<Vec<_>>(),
            })
        };
        let edge =
            |edge: &Edge| json!({"from": name(&edge.from), "to": name(&edge.to), "as": edge.label});
        json!({
            "thing": self.title,
            "roots": self.roots.iter().map(name).collect::<Vec<_>>(),
            "nodes": self.nodes().iter().map(node).collect::<Vec<_>>(),
            "edges": self.edges().into_iter().map(edge).collect::<Vec<_>>(),
            "notes": self.graph.notes,
        })
    }

    /// The nodes that are shown, numbered from 0 for pictures.
    pub(super) fn numbered(&self) -> BTreeMap<NodeId, usize> {
        self.nodes().into_iter().zip(0..).collect()
    }
}

/// The name of a node in JSON.
fn name(node: &Node) -> String {
    match (&node.digest, node.names.first()) {
        (Some(digest), _) => digest.to_string(),
        (None, name) => {
            let name = name.map_or("", String::as_str);
            format!("{}:{name}", node.kind.word())
        }
    }
}
