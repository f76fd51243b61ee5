//! The frame of a line chart as SVG: axes, grid and lines.

use std::fmt::Write;

use maud::{Markup, html};

use crate::text;
use crate::ticks::{Range, Tick, drawable};

/// The size of the letters at the axes.
pub const FONT: f64 = 11.0;

/// Where values go in a drawing.
pub struct Frame {
    /// The width of the whole.
    pub width: f64,
    /// The height of the whole.
    pub height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Range,
    y: Range,
}

impl Frame {
    /// A frame with room for the labels of the vertical axis, and so much at the right.
    pub fn new(
        (width, height): (f64, f64),
        x: Range,
        y: Range,
        y_ticks: &[Tick],
        at_right: f64,
    ) -> Frame {
        let widest = (y_ticks.iter().map(|(_, label)| text::ems(label))).fold(0.0, f64::max);
        Frame {
            width,
            height,
            left: (widest * FONT + 10.0).min(width / 3.0).round(),
            right: width - at_right.clamp(16.0, width / 4.0).round(),
            top: 8.0,
            bottom: height - 22.0,
            x,
            y,
        }
    }

    /// How wide the part with the lines is.
    pub fn inner_width(&self) -> f64 {
        self.right - self.left
    }

    /// Where the part with the lines begins and ends.
    pub fn sides(&self) -> (f64, f64) {
        (self.left, self.right)
    }

    /// Where a value of the horizontal axis is.
    pub fn x(&self, value: f64) -> f64 {
        self.left + self.x.share(value) * (self.right - self.left)
    }

    /// Where a value of the vertical axis is.
    pub fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.share(value) * (self.bottom - self.top)
    }

    /// Grid and labels.
    pub fn axes(&self, x_ticks: &[Tick], y_ticks: &[Tick]) -> Markup {
        html! {
            @for (value, label) in y_ticks {
                line.grid x1=(self.left) x2=(self.right) y1=(px(self.y(*value))) y2=(px(self.y(*value))) {}
                text.y x=(self.left - 6.0) y=(px(self.y(*value) + 4.0)) { (label) }
            }
            line.axis x1=(self.left) x2=(self.right) y1=(self.bottom) y2=(self.bottom) {}
            @for (value, label) in x_ticks {
                line.axis x1=(px(self.x(*value))) x2=(px(self.x(*value))) y1=(self.bottom) y2=(self.bottom + 4.0) {}
                text.x x=(px(self.x(*value))) y=(self.bottom + 17.0) { (label) }
            }
        }
    }

    /// The path of a line; it has a gap where a value cannot be drawn, and a point alone is a dot.
    pub fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        let mut run = 0;
        for (x, y) in points {
            let Some((x, y)) = drawable(x).zip(drawable(y)) else {
                end(&mut path, run);
                run = 0;
                continue;
            };
            let letter = if run == 0 { 'M' } else { 'L' };
            write!(path, "{letter}{} {}", px(self.x(x)), px(self.y(y)))
                .expect("a string takes everything");
            run += 1;
        }
        end(&mut path, run);
        path
    }
}

/// A line needs a length to be seen.
fn end(path: &mut String, run: usize) {
    if run == 1 {
        path.push_str("h.01");
    }
}

/// A place with one digit behind the point: finer is not seen.
pub fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// About so many points that look the same: of each piece of the line the least and the greatest, and the last of all.
pub fn thinned(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    if points.len() <= most {
        return points.to_vec();
    }
    let piece = points.len().div_ceil((most / 2).max(1));
    let mut kept = Vec::with_capacity(most + 2);
    for piece in points.chunks(piece) {
        let by_value = |i: &usize, j: &usize| piece[*i].1.total_cmp(&piece[*j].1);
        let least = (0..piece.len()).min_by(by_value).unwrap_or(0);
        let greatest = (0..piece.len()).max_by(by_value).unwrap_or(0);
        kept.push(piece[least.min(greatest)]);
        if least != greatest {
            kept.push(piece[least.max(greatest)]);
        }
    }
    // The last value is what a line came to.
    kept.extend(points.last().filter(|last| kept.last() != Some(last)));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let range = Range { lo: 0.0, hi: 10.0 };
        Frame::new((126.0, 130.0), range, range, &[], 0.0)
    }

    #[test]
    fn values_go_up_and_to_the_right() {
        let frame = frame();
        assert_eq!((frame.x(0.0), frame.x(10.0)), (10.0, 110.0));
        assert_eq!((frame.y(0.0), frame.y(10.0)), (108.0, 8.0));
    }

    #[test]
    fn what_cannot_be_drawn_is_a_gap() {
        let points = [(0.0, 0.0), (5.0, 5.0), (6.0, f64::NAN), (10.0, 10.0)];
        assert_eq!(frame().path(points), "M10.0 108.0L60.0 58.0M110.0 8.0h.01");
    }

    #[test]
    fn thinning_keeps_extremes() {
        let mut points: Vec<_> = (0..10_000).map(|i| (f64::from(i), 1.0)).collect();
        points[5003].1 = 9.0;
        points[7001].1 = -9.0;
        let kept = thinned(&points, 500);
        assert!(kept.len() <= 501);
        assert!(kept.contains(&(5003.0, 9.0)) && kept.contains(&(7001.0, -9.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    }
}
