//! Ranges of values and round numbers in them.

use crate::numbers;

/// The least and the greatest value of an axis; the least is really less, and both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub lo: f64,
    /// The greatest.
    pub hi: f64,
}

/// Beyond it, differences of two values overflow.
const LARGEST: f64 = 1e300;
/// Below it, relative to the values, differences are rounding.
const FINEST: f64 = 1e-12;

/// A value that can be drawn: none if it is NaN or infinite.
pub fn drawable(value: f64) -> Option<f64> {
    value
        .is_finite()
        .then(|| value.clamp(-LARGEST, LARGEST))
        .map(|v| if v.abs() < 1.0 / LARGEST { 0.0 } else { v })
}

impl Range {
    /// The range of all values that can be drawn, none if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Range> {
        let mut values = values.into_iter().filter_map(drawable);
        let first = values.next()?;
        let (lo, hi) = values.fold((first, first), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let size = lo.abs().max(hi.abs());
        if hi - lo > size * FINEST {
            return Some(Range { lo, hi });
        }
        let around = if size > 0.0 { size * 0.5 } else { 1.0 };
        Some(Range {
            lo: lo - around,
            hi: hi + around,
        })
    }

    /// With room at both ends, so that nothing is drawn onto the frame.
    pub fn padded(self) -> Range {
        let room = (self.hi - self.lo) * 0.06;
        // Values that cannot be negative should not seem to be.
        let lo = match self.lo >= 0.0 && self.lo < room {
            true => 0.0,
            false => self.lo - room,
        };
        Range {
            lo,
            hi: self.hi + room,
        }
    }

    /// Where a value is, from 0 to 1.
    pub fn share(self, value: f64) -> f64 {
        ((value - self.lo) / (self.hi - self.lo)).clamp(0.0, 1.0)
    }
}

/// A place on an axis and what is written there.
pub type Tick = (f64, String);

/// About so many round numbers within a range.
pub fn ticks(range: Range, about: u32) -> Vec<Tick> {
    let step = step((range.hi - range.lo) / f64::from(about.max(1)));
    let first = (range.lo / step).ceil();
    // One more than fits is asked for and those outside are dropped: no rounding decides about the last one.
    (0..=2 * about.max(1) + 1)
        .map(|i| (first + f64::from(i)) * step)
        .take_while(|v| *v <= range.hi + step * 1e-9)
        .map(|v| (v, label(v, step)))
        .collect()
}

/// About so many whole numbers within a range.
pub fn whole_ticks(range: Range, about: u32) -> Vec<Tick> {
    let whole = |v: f64| (v - v.round()).abs() < 1e-9;
    let mut ticks = ticks(range, about);
    ticks.retain(|(v, _)| whole(*v));
    for (value, text) in &mut ticks {
        *text = label(value.round(), 1.0);
    }
    ticks
}

/// The least of 1, 2 and 5 times a power of ten that is not less.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let times = least / power;
    let nice = [1.0, 2.0, 5.0].into_iter().find(|n| times <= n + 1e-9);
    nice.unwrap_or(10.0) * power
}

/// As many decimals as the step has.
fn label(value: f64, step: f64) -> String {
    let decimals = (-(step * 1.000_001).log10().floor()).max(0.0);
    match decimals <= 6.0 && value.abs() < 1e7 {
        true => numbers::fixed(value, decimals as usize),
        false => numbers::number(if value.abs() < step * 0.5 { 0.0 } else { value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(lo: f64, hi: f64, about: u32) -> Vec<String> {
        let ticks = ticks(Range { lo, hi }, about);
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(0.0, 1.0, 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(37.0, 181.0, 4), ["50", "100", "150"]);
        assert_eq!(
            labels(-0.02, 0.02, 4),
            ["-0.02", "-0.01", "0.00", "0.01", "0.02"]
        );
        assert_eq!(labels(0.0, 4e9, 2), ["0", "2,000,000,000", "4,000,000,000"]);
    }

    #[test]
    fn whole_ticks_have_no_fractions() {
        let ticks = whole_ticks(Range { lo: 1.0, hi: 3.0 }, 8);
        let labels: Vec<_> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(labels, ["1", "2", "3"]);
    }

    #[test]
    fn a_range_is_never_empty() {
        assert_eq!(Range::of([]), None);
        assert_eq!(Range::of([f64::NAN, f64::INFINITY]), None);
        assert_eq!(Range::of([0.0]), Some(Range { lo: -1.0, hi: 1.0 }));
        assert_eq!(Range::of([4.0, 4.0]), Some(Range { lo: 2.0, hi: 6.0 }));
    }

    proptest! {
        #[test]
        fn ticks_lie_in_any_range(values in prop::collection::vec(any::<f64>(), 1..5)) {
            if let Some(range) = Range::of(values) {
                let range = range.padded();
                prop_assert!(range.lo < range.hi);
                prop_assert!((range.hi - range.lo).is_finite());
                let ticks = ticks(range, 5);
                prop_assert!(ticks.len() <= 12);
                for (value, _) in ticks {
                    prop_assert!((0.0..=1.0).contains(&range.share(value)));
                }
            }
        }
    }
}
