//! The figures of a monitor over its windows, each with its limits.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::bound::{self, Bound};
use crate::cut::{self, Limit};
use crate::data::{Finding, Verdict, Window};
use crate::plot::{FONT, Frame, px};
use crate::ticks::{Range, Tick, drawable, ticks};
use crate::{checks, marks, numbers, text};

const CHARTS: Limit = Limit {
    items: 24,
    bytes: 160_000,
};
/// The most different limits in one chart.
const MOST_LIMITS: usize = 4;
/// The longest label of a window.
const LONGEST: usize = 12;
/// From how many windows on the good ones have no mark of their own.
const CROWDED: usize = 60;
const SIZE: (f64, f64) = (360.0, 170.0);

/// A figure over all rows, in the windows that have it.
struct Figure<'a> {
    name: &'a str,
    points: Vec<(usize, f64, &'a Finding)>,
    limits: Vec<Line>,
}

/// A limit that some windows had.
struct Line {
    bound: Bound,
    /// Whether it was the bound of a failure.
    fails: bool,
}

/// A chart for each figure; those with limits first.
pub fn charts(windows: &[Window]) -> Markup {
    let mut figures = figures(windows);
    figures.sort_by_key(|figure| figure.limits.is_empty());
    let charts = cut::draw(&figures, CHARTS, |figure| chart(figure, windows));
    html! {
        @if !figures.is_empty() { div.charts { (charts.all()) } (charts.more()) }
    }
}

fn figures(windows: &[Window]) -> Vec<Figure<'_>> {
    let mut figures: Vec<Figure> = Vec::new();
    let mut place = HashMap::new();
    for (i, window) in windows.iter().enumerate() {
        let over_all = |f: &&Finding| f.subject.is_empty() && f.slice.is_none();
        for finding in window.findings.iter().filter(over_all) {
            let Some(value) = finding.value.and_then(drawable) else {
                continue;
            };
            let at = *place.entry(finding.name.as_str()).or_insert_with(|| {
                figures.push(Figure::new(&finding.name));
                figures.len() - 1
            });
            figures[at].add(i, value, finding);
        }
    }
    figures
}

impl Line {
    fn label(&self) -> String {
        format!("{} {}", self.bound.sign, numbers::number(self.bound.value))
    }
}

impl<'a> Figure<'a> {
    fn new(name: &'a str) -> Figure<'a> {
        Figure {
            name,
            points: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// Of a window with two findings of one name, the first is drawn.
    fn add(&mut self, window: usize, value: f64, finding: &'a Finding) {
        if self.points.last().is_some_and(|(last, ..)| *last == window) {
            return;
        }
        self.points.push((window, value, finding));
        let bound = finding.limit.as_deref().and_then(bound::parse);
        let Some(bound) = bound.filter(|b| drawable(b.value).is_some()) else {
            return;
        };
        let fails = finding.verdict == Verdict::Fail;
        match self.limits.iter().position(|l| l.bound == bound) {
            Some(at) => self.limits[at].fails |= fails,
            None if self.limits.len() < MOST_LIMITS => self.limits.push(Line { bound, fails }),
            None => {}
        }
    }

    fn range(&self) -> Option<Range> {
        let values = self.points.iter().map(|(_, value, _)| *value);
        let limits = self.limits.iter().map(|line| line.bound.value);
        Range::of(values.chain(limits)).map(Range::padded)
    }
}

fn chart(figure: &Figure, windows: &[Window]) -> Markup {
    html! {
        figure.plot {
            figcaption {
                (text::line(figure.name, 80))
                @if let Some((_, value, _)) = figure.points.last() { " " span.quiet { "last " (numbers::number(*value)) } }
            }
            @if let Some(range) = figure.range() { (svg(figure, windows, range)) }
        }
    }
}

fn svg(figure: &Figure, windows: &[Window], y: Range) -> Markup {
    let y_ticks = ticks(y, 4);
    let x = Range {
        lo: -0.5,
        hi: windows.len() as f64 - 0.5,
    };
    let limits = figure.limits.iter().map(|line| text::ems(&line.label()));
    let at_right = limits.fold(0.0, f64::max) * FONT + 6.0;
    let frame = Frame::new(SIZE, x, y, &y_ticks, at_right);
    let name = text::line(figure.name, 80);
    html! {
        svg.chart viewBox={ "0 0 " (frame.width) " " (frame.height) } role="img" aria-label={ (name) " by window" } {
            (frame.axes(&labels(windows, frame.inner_width()), &y_ticks))
            @for line in &figure.limits { (limit(line, &frame)) }
            path.line.s0 d=(frame.path(with_gaps(&figure.points))) {}
            @for (window, value, finding) in &figure.points {
                @if windows.len() <= CROWDED || finding.verdict != Verdict::Pass {
                    (point((frame.x(*window as f64), frame.y(*value)), &windows[*window].label, finding))
                }
            }
        }
    }
}

/// The line is broken where a window lacks the figure.
fn with_gaps(points: &[(usize, f64, &Finding)]) -> Vec<(f64, f64)> {
    let mut line = Vec::with_capacity(points.len());
    let mut next = 0;
    for (window, value, _) in points {
        if *window > next && !line.is_empty() {
            line.push((next as f64, f64::NAN));
        }
        line.push((*window as f64, *value));
        next = window + 1;
    }
    line
}

/// As many labels of windows as fit beside each other.
fn labels(windows: &[Window], width: f64) -> Vec<Tick> {
    let labels: Vec<String> = (windows.iter())
        .map(|w| text::line(&w.label, LONGEST))
        .collect();
    let widest = labels.iter().map(|l| text::ems(l)).fold(0.0, f64::max);
    let fit = (width / (widest * FONT + 8.0)).floor().max(1.0) as usize;
    let every = labels.len().div_ceil(fit).max(1);
    (labels.into_iter().enumerate().step_by(every))
        .map(|(i, label)| (i as f64, label))
        .collect()
}

fn limit(line: &Line, frame: &Frame) -> Markup {
    let (left, right) = frame.sides();
    let y = frame.y(line.bound.value);
    let class = if line.fails { "fail" } else { "warn" };
    html! {
        line class={ "limit " (class) } x1=(left) x2=(right) y1=(px(y)) y2=(px(y)) {}
        text class={ "limit " (class) } x=(right + 4.0) y=(px(y + 4.0)) {
            (line.label())
        }
    }
}

/// A mark whose shape tells the verdict as its colour does.
fn point((x, y): (f64, f64), label: &str, finding: &Finding) -> Markup {
    let mark = marks::verdict(finding.verdict);
    let at = format!("translate({} {})", px(x), px(y));
    html! {
        g class={ "point " (mark.class) } transform=(at) {
            title { (text::line(label, 60)) ": " (checks::brief(finding)) ", " (mark.word) }
            @match finding.verdict {
                Verdict::Pass => circle r="2.6" {},
                Verdict::Warn => path d="M0-5L4.6 3.5H-4.6Z" {},
                Verdict::Fail => path.cross d="M-4-4L4 4M-4 4L4-4" {},
                Verdict::Inconclusive => circle.hollow r="3.4" {},
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(value: f64, limit: &str, verdict: Verdict) -> Window {
        let finding = Finding {
            name: "r2".into(),
            subject: String::new(),
            slice: None,
            verdict,
            value: Some(value),
            limit: Some(limit.into()),
            rows: 1,
            message: String::new(),
        };
        Window {
            label: "2012-01".into(),
            rows: 1,
            verdict,
            findings: vec![finding],
        }
    }

    #[test]
    fn each_limit_is_drawn_once() {
        let windows = [
            window(0.9, ">= 0.7", Verdict::Pass),
            window(0.6, ">= 0.7", Verdict::Warn),
            window(0.4, ">= 0.5", Verdict::Fail),
            window(0.4, "< 0.1 or p > 0.01", Verdict::Fail),
        ];
        let figures = figures(&windows);
        assert_eq!(figures.len(), 1);
        let limits: Vec<_> = (figures[0].limits.iter())
            .map(|l| (l.bound.value, l.fails))
            .collect();
        assert_eq!(limits, [(0.7, false), (0.5, true)]);
    }

    #[test]
    fn a_window_without_the_figure_is_a_gap() {
        let one = window(1.0, "", Verdict::Pass);
        let finding = &one.findings[0];
        let line = with_gaps(&[(1, 1.0, finding), (2, 2.0, finding), (4, 4.0, finding)]);
        assert_eq!(line.len(), 4);
        assert!(line[2].1.is_nan());
    }

    #[test]
    fn labels_do_not_overlap() {
        let windows: Vec<Window> = (0..100).map(|_| window(1.0, "", Verdict::Pass)).collect();
        let labels = labels(&windows, 300.0);
        assert!((2..=7).contains(&labels.len()), "{}", labels.len());
    }
}
