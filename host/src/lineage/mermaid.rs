//! A view as a flowchart for Mermaid, which many Markdown viewers draw.

use std::fmt::Write as _;

use super::{graph::Kind, text::caption, view::View};
use crate::printable;

/// The view as a flowchart.
pub fn mermaid(view: &View<'_>) -> String {
    let numbers = view.numbered();
    let mut out = String::from("flowchart LR\n");
    for (id, number) in &numbers {
        let node = view.graph.node(*id);
        let lines: Vec<_> = caption(node).iter().map(|line| escape(line)).collect();
        let (begin, end) = brackets(node.kind);
        let _infallible = writeln!(out, "  n{number}{begin}\"{}\"{end}", lines.join("<br/>"));
    }
    for edge in view.edges() {
        let _infallible = writeln!(
            out,
            "  n{} -->|\"{}\"| n{}",
            numbers[&edge.from],
            escape(&edge.label),
            numbers[&edge.to]
        );
    }
    for root in &view.roots {
        let _infallible = writeln!(out, "  style n{} stroke-width:3px", numbers[root]);
    }
    out
}

fn brackets(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Result | Kind::Window | Kind::Decision => ("[", "]"),
        Kind::Component => ("[[", "]]"),
        Kind::Source | Kind::File | Kind::Table | Kind::Blob => ("[(", ")]"),
        _ => ("([", "])"),
    }
}

/// Text between quotes. Of ASCII only what means nothing to Mermaid, HTML or Markdown stays as it is; the rest becomes its codes.
fn escape(text: &str) -> String {
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || " .,:/-".contains(c);
    let mut out = String::with_capacity(text.len());
    for c in printable::line(text).chars() {
        if plain(c) {
            out.push(c);
        } else {
            let _infallible = write!(out, "#{};", u32::from(c));
        }
    }
    // A text without any letter would be no text to Mermaid.
    match out.is_empty() {
        true => " ".to_owned(),
        false => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_anything_to_mermaid() {
        assert_eq!(
            escape("a\"]<b> %%{init}%% `x` ü\n"),
            "a#34;#93;#60;b#62; #37;#37;#123;init#125;#37;#37; #96;x#96; ü#92;n"
        );
        assert_eq!(escape("raw.table"), "raw.table");
    }
}
