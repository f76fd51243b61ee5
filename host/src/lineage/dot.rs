//! A view as a graph for Graphviz.

use std::fmt::Write as _;

use super::{graph::Kind, text::caption, view::View};
use crate::printable;

/// The view in the language of `dot`.
pub fn dot(view: &View<'_>) -> String {
    let numbers = view.numbered();
    let mut out =
        String::from("digraph lineage {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    for (id, number) in &numbers {
        let node = view.graph.node(*id);
        let label = caption(node).join("\n");
        let strong = if view.roots.contains(id) {
            ", penwidth=3"
        } else {
            ""
        };
        let _infallible = writeln!(
            out,
            "  n{number} [label=\"{}\", shape={}{strong}];",
            escape(&label),
            shape(node.kind)
        );
    }
    for edge in view.edges() {
        let _infallible = writeln!(
            out,
            "  n{} -> n{} [label=\"{}\"];",
            numbers[&edge.from],
            numbers[&edge.to],
            escape(&edge.label)
        );
    }
    out.push_str("}\n");
    out
}

fn shape(kind: Kind) -> &'static str {
    match kind {
        Kind::Result | Kind::Window | Kind::Decision => "box",
        Kind::Component => "component",
        Kind::Model | Kind::Package => "box3d",
        _ => "ellipse",
    }
}

/// Text between the quotes of a label: quotes end it, and a backslash begins what stands for something else.
fn escape(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable::line).collect();
    let line = |line: &str| line.replace('\\', "\\\\").replace('"', "\\\"");
    let lines: Vec<_> = lines.iter().map(|text| line(text)).collect();
    lines.join("\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_does_not_end_early() {
        assert_eq!(escape("a\"]; b\\N\nc\u{1b}"), "a\\\"]; b\\\\N\\nc\\\\u{1b}");
    }
}
