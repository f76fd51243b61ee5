//! The stages as a graph, top to bottom.

use std::fmt::Write;

use maud::{Markup, html};

use crate::data::{Report, Stage};
use crate::layout::{Layout, Place, layout};
use crate::{Section, cut, marks, stages, text};

/// The most stages that are drawn: beyond it nobody reads a graph.
const MOST_NODES: usize = 200;
/// The most edges.
const MOST_EDGES: usize = 1000;
/// The longest name in a node.
const LONGEST: usize = 26;
/// How much the drawing may shrink before its box scrolls instead.
const SMALLEST: f64 = 0.8;

/// The graph, if there is anything to join.
pub fn section(report: &Report) -> Option<Section> {
    if report.stages.len() < 2 {
        return None;
    }
    let drawn = &report.stages[..report.stages.len().min(MOST_NODES)];
    let sizes: Vec<(f64, f64)> = drawn.iter().map(size).collect();
    let edges = edges(drawn);
    let layout = layout(&sizes, &edges[..edges.len().min(MOST_EDGES)]);
    let body = html! {
        div.scroll.graph tabindex="0" role="region" aria-label="Graph of the stages" {
            (svg(drawn, &layout))
        }
        (cut::more(report.stages.len() - drawn.len()))
        @if edges.len() > MOST_EDGES {
            p.more { "Only the first " (MOST_EDGES) " arrows are drawn." }
        }
    };
    Some(Section::new("graph", "Graph", body))
}

/// From the needed one to the one that needs it; what cannot be, such as a need of a later stage, is no edge.
fn edges(stages: &[Stage]) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (to, stage) in stages.iter().enumerate() {
        let mut needs: Vec<usize> = stage.needs.iter().copied().filter(|n| *n < to).collect();
        needs.sort_unstable();
        needs.dedup();
        edges.extend(needs.into_iter().map(|from| (from, to)));
    }
    edges
}

/// Whether a stage is a means to an end.
fn is_small(stage: &Stage) -> bool {
    stage.name.contains('.')
}

fn shown_name(stage: &Stage) -> String {
    text::line(&stage.name, LONGEST)
}

fn size(stage: &Stage) -> (f64, f64) {
    let (font, kind_font, height) = match is_small(stage) {
        true => (11.0, 9.5, 32.0),
        false => (13.5, 10.5, 42.0),
    };
    // The mark of the state stands before the name.
    let name = text::ems(&format!("✓ {}", shown_name(stage))) * font;
    let kind = text::ems(&text::line(&stage.kind, LONGEST)) * kind_font;
    ((name.max(kind) + 18.0).round(), height)
}

fn svg(stages: &[Stage], layout: &Layout) -> Markup {
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    html! {
        svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            style={ "min-width:" ((width * SMALLEST).ceil()) "px" } {
            @for (from, to, bends) in &layout.edges {
                path.edge.faint[is_small(&stages[*from]) || is_small(&stages[*to])]
                    d=(curve(&layout.places[*from], &layout.places[*to], bends)) {}
            }
            @for (i, (stage, place)) in stages.iter().zip(&layout.places).enumerate() {
                (node(i, stage, place))
            }
        }
    }
}

/// Leaves and arrives vertically and swings through the places in between, always downwards.
fn curve(from: &Place, to: &Place, bends: &[(f64, f64)]) -> String {
    let start = (from.x, from.y + from.height / 2.0);
    let end = (to.x, to.y - to.height / 2.0);
    let points: Vec<(f64, f64)> = [start]
        .into_iter()
        .chain(bends.iter().copied())
        .chain([end])
        .collect();
    let mut path = format!("M{:.0} {:.0}", start.0, start.1);
    for (i, pair) in points.windows(2).enumerate() {
        let ((x, y), (next_x, next_y)) = (pair[0], pair[1]);
        let reach = (next_y - y) * 0.42;
        let leave = x + slope(&points, i) * reach;
        let arrive = next_x - slope(&points, i + 1) * reach;
        let (above, below) = (y + reach, next_y - reach);
        write!(
            path,
            "C{leave:.0} {above:.0} {arrive:.0} {below:.0} {next_x:.0} {next_y:.0}"
        )
        .expect("a string takes everything");
    }
    path
}

/// How far a curve goes aside per step down: vertical at its ends and where it turns, else between its slopes before and behind,
/// and never so flat that it would touch the nodes beside it.
fn slope(points: &[(f64, f64)], i: usize) -> f64 {
    if i == 0 || i + 1 == points.len() {
        return 0.0;
    }
    let between = |a: (f64, f64), b: (f64, f64)| (b.0 - a.0) / (b.1 - a.1);
    let before = between(points[i - 1], points[i]);
    let behind = between(points[i], points[i + 1]);
    match before * behind > 0.0 {
        true => (2.0 * before * behind / (before + behind)).clamp(-0.6, 0.6),
        false => 0.0,
    }
}

fn node(i: usize, stage: &Stage, place: &Place) -> Markup {
    let mark = marks::status(stage.status);
    let small = is_small(stage);
    let (up, down) = if small { (1.5, 11.0) } else { (2.5, 14.0) };
    html! {
        a href={ "#" (stages::id(i)) } class={ "node " (mark.class) @if small { " small" } } {
            title { (text::line(&stage.name, 80)) " (" (text::line(&stage.kind, 40)) "): " (mark.word) }
            rect x=(format!("{:.1}", place.x - place.width / 2.0)) y=(format!("{:.1}", place.y - place.height / 2.0))
                width=(place.width) height=(place.height) rx="7" {}
            text x=(format!("{:.1}", place.x)) y=(format!("{:.1}", place.y - up)) {
                tspan.mark { (mark.sign) " " } (shown_name(stage))
            }
            text.kind x=(format!("{:.1}", place.x)) y=(format!("{:.1}", place.y + down)) {
                (text::line(&stage.kind, LONGEST))
            }
        }
    }
}
