//! A view as an indented tree for a terminal.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::{
    graph::{Graph, Node, NodeId},
    view::{View, Way},
};
use crate::printable;

/// How many names of one node, and how many runs, are shown before the rest is counted.
const SHOWN: usize = 3;

/// The view as text: a tree for each direction, in which a node that stands above already is only named again.
pub fn text(view: &View<'_>) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    match view.roots.as_slice() {
        [root] => line(&full(view.graph, *root)),
        _ => line(&printable::line(&view.title)),
    }
    for way in view.ways() {
        let (title, nothing) = match way {
            Way::Up => ("made from", "nothing that the store knows"),
            Way::Down => ("went into", "nothing yet"),
        };
        line("");
        line(title);
        let tree = Tree::of(view, way);
        match tree.is_empty() {
            true => line(&format!("  {nothing}")),
            false => tree.lines().for_each(&mut line),
        }
    }
    for note in &view.graph.notes {
        line("");
        line(&format!("note: {}", printable::line(note)));
    }
    out
}

/// What a node is called in a picture, in lines.
pub(super) fn caption(node: &Node) -> Vec<String> {
    let mut lines = vec![format!("{} {}", node.kind.word(), names(node))];
    lines.extend(node.digest.map(|digest| digest.short()));
    if !node.about.is_empty() {
        lines.push(some(&node.about, ", "));
    }
    lines
}

struct Tree<'v> {
    view: &'v View<'v>,
    way: Way,
    /// Nodes whose own tree stands above.
    told: HashSet<NodeId>,
    out: String,
}

impl<'v> Tree<'v> {
    fn of(view: &'v View<'v>, way: Way) -> String {
        let mut tree = Tree {
            view,
            way,
            told: HashSet::new(),
            out: String::new(),
        };
        match view.roots.as_slice() {
            [root] => tree.below(*root, 1, 0),
            // The stages of a run, in order: what it came to stands first, or what it began with.
            roots => {
                let mut roots = roots.to_vec();
                if way == Way::Up {
                    roots.reverse();
                }
                for root in roots {
                    if !tree.told.contains(&root) {
                        tree.node(root, 1, 0);
                    }
                }
            }
        }
        tree.out
    }

    /// What is next to a node; `far` is how many edges that one is from the root.
    fn below(&mut self, id: NodeId, indent: usize, far: usize) {
        let next = self.view.next(id, self.way);
        if self.view.depth.is_some_and(|depth| far >= depth) && !next.is_empty() {
            // It may stand nearer elsewhere, and is told there.
            let pad = "  ".repeat(indent);
            let _infallible = writeln!(self.out, "{pad}… {} more", next.len());
            return;
        }
        self.told.insert(id);
        for next in next {
            self.node(next, indent, far + 1);
        }
    }

    /// A node and what is below it, unless that stands above.
    fn node(&mut self, id: NodeId, indent: usize, far: usize) {
        let graph = self.view.graph;
        let pad = "  ".repeat(indent);
        if !self.told.contains(&id) {
            let _infallible = writeln!(self.out, "{pad}{}", full(graph, id));
            return self.below(id, indent + 1, far);
        }
        let is_leaf = self.view.next(id, self.way).is_empty();
        let more = if is_leaf { "" } else { "  (above)" };
        let _infallible = writeln!(self.out, "{pad}{}{more}", brief(graph.node(id)));
    }
}

/// Kind, names and the beginning of the digest.
fn brief(node: &Node) -> String {
    let mut text = format!("{} {}", node.kind.word(), names(node));
    if let Some(digest) = &node.digest {
        let _infallible = write!(text, "  sha256:{}…", digest.short());
    }
    printable::line(&text).into_owned()
}

/// A node with all that is said of it.
fn full(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    let mut text = brief(node);
    if !node.about.is_empty() {
        let _infallible = write!(text, "  {}", some(&node.about, ", "));
    }
    if let Some(time) = &node.time {
        let _infallible = write!(text, "  {}", minute(time));
    }
    if let Some(made) = node.made {
        let _infallible = write!(text, " · run {}", graph.runs[made]);
        let others = node.runs.iter().filter(|run| **run != made).count();
        if others > 0 {
            let _infallible = write!(text, " and {others} more");
        }
    }
    printable::line(&text).into_owned()
}

fn names(node: &Node) -> String {
    match node.names.is_empty() {
        true => "without name".to_owned(),
        false => some(&node.names, ", "),
    }
}

fn some(texts: &[String], between: &str) -> String {
    let shown = texts.len().min(SHOWN);
    let mut text = texts[..shown].join(between);
    if texts.len() > shown {
        let _infallible = write!(text, " and {} more", texts.len() - shown);
    }
    text
}

/// A time to the minute: runs tell the rest.
fn minute(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => time.to_owned(),
    }
}
