//! Finding the best way to part a node.

use crate::cuts::MISSING;
use crate::objective::Sum;

/// What bounds a tree.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most splits between root and leaf.
    pub depth: usize,
    /// What a leaf's value is multiplied with.
    pub learning_rate: f64,
    /// What is added to the sum of second derivatives, against large values of small leaves.
    pub l2: f64,
    /// The least sum of second derivatives on either side of a split.
    pub min_child_weight: f64,
    /// What a split has to gain more than.
    pub min_split_gain: f64,
}

impl Limits {
    /// How much lower, doubled, the loss is for the best value of a node with these sums.
    #[inline]
    fn score(&self, sum: Sum) -> f64 {
        sum[0] * sum[0] / (sum[1] + self.l2)
    }

    /// The value of a leaf with these sums.
    pub fn value(&self, sum: Sum) -> f64 {
        let denominator = sum[1] + self.l2;
        if denominator > 0.0 {
            // Without the addition a gradient of 0 would give -0.
            0.0 - self.learning_rate * sum[0] / denominator
        } else {
            0.0
        }
    }

    /// Whether a node with these sums and so many levels below it can be parted at all.
    pub fn may_split(&self, total: Sum, levels: usize) -> bool {
        levels > 0 && total[1] > 0.0 && total[1] >= 2.0 * self.min_child_weight
    }
}

/// A way to part a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The feature that decides.
    pub feature: usize,
    /// The least bin that goes right.
    pub bin: u8,
    /// Whether rows without a value go right.
    pub missing_right: bool,
    /// The sums of the rows that go left.
    pub left: Sum,
    /// How much the sides score more than the whole.
    pub gain: f64,
}

impl Split {
    /// Where a row of this bin goes.
    #[inline]
    pub fn goes_right(&self, bin: u8) -> bool {
        (bin >= self.bin) | (self.missing_right & (bin == MISSING))
    }
}

/// Looks through the features of a node.
#[derive(Debug)]
pub struct Search<'a> {
    limits: &'a Limits,
    total: Sum,
    whole: f64,
    /// What the best split has to exceed.
    best_score: f64,
    best: Option<Split>,
}

impl<'a> Search<'a> {
    /// Begins with a node of these sums.
    pub fn new(limits: &'a Limits, total: Sum) -> Search<'a> {
        let whole = limits.score(total);
        // Where nothing can be gained, the scores of both sides add up to that of the whole but for rounding.
        let rounding = 1e-10 * whole;
        Search {
            limits,
            total,
            whole,
            best_score: whole + limits.min_split_gain.max(rounding),
            best: None,
        }
    }

    /// Tries every cut of a feature; `sums` are those of its bins, [`MISSING`] first. Of equal splits the first one stays.
    pub fn feature(&mut self, feature: usize, sums: &[Sum]) {
        let (missing, bins) = (sums[0], &sums[1..]);
        // The cut behind the last bin parts nothing.
        let bins = (2..=u8::MAX).zip(&bins[..bins.len() - 1]);
        let mut left = [0.0; 2];
        if missing[1] == 0.0 {
            for (bin, sum) in bins {
                left = plus(left, *sum);
                self.consider(feature, bin, left, None);
            }
        } else {
            // Every value against none.
            self.consider(feature, 1, missing, Some(false));
            for (bin, sum) in bins {
                left = plus(left, *sum);
                self.consider(feature, bin, plus(left, missing), Some(false));
                self.consider(feature, bin, left, Some(true));
            }
        }
    }

    /// Keeps a split that is better than those before it. Where no value is missing here, missing ones will go with the greater
    /// part.
    #[inline]
    fn consider(&mut self, feature: usize, bin: u8, left: Sum, missing_right: Option<bool>) {
        let right = [self.total[0] - left[0], self.total[1] - left[1]];
        let least = self.limits.min_child_weight.max(f64::MIN_POSITIVE);
        if left[1] < least || right[1] < least {
            return;
        }
        let score = self.limits.score(left) + self.limits.score(right);
        if score > self.best_score {
            self.best_score = score;
            self.best = Some(Split {
                feature,
                bin,
                missing_right: missing_right.unwrap_or(right[1] > left[1]),
                left,
                gain: score - self.whole,
            });
        }
    }

    /// The best split, if any gains enough.
    pub fn best(self) -> Option<Split> {
        self.best
    }
}

#[inline]
fn plus(a: Sum, b: Sum) -> Sum {
    [a[0] + b[0], a[1] + b[1]]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LIMITS: Limits = Limits {
        depth: 6,
        learning_rate: 1.0,
        l2: 0.0,
        min_child_weight: 1.0,
        min_split_gain: 0.0,
    };

    fn best(limits: &Limits, features: &[&[Sum]]) -> Option<Split> {
        let total = features[0].iter().copied().fold([0.0; 2], plus);
        let mut search = Search::new(limits, total);
        for (feature, sums) in features.iter().enumerate() {
            search.feature(feature, sums);
        }
        search.best()
    }

    #[test]
    fn the_cut_between_high_and_low_is_found() {
        let sums: [Sum; 5] = [[0.0; 2], [-2.0, 2.0], [-1.0, 1.0], [2.0, 2.0], [2.0, 2.0]];
        let split = best(&LIMITS, &[&[[0.0; 2], [1.0, 7.0]], &sums]).unwrap();
        assert_eq!(
            (split.feature, split.bin, split.missing_right),
            (1, 3, true)
        );
        // 9 / 3 + 16 / 4 - 1 / 7
        assert_eq!((split.left, split.gain), ([-3.0, 3.0], 7.0 - 1.0 / 7.0));
    }

    #[test]
    fn missing_values_go_where_they_fit() {
        let low: [Sum; 3] = [[-2.0, 2.0], [-3.0, 3.0], [4.0, 4.0]];
        let high: [Sum; 3] = [[2.0, 2.0], [-3.0, 3.0], [4.0, 4.0]];
        let alone: [Sum; 3] = [[9.0, 3.0], [-3.0, 3.0], [-3.0, 3.0]];
        let found = [low, high, alone].map(|sums| best(&LIMITS, &[&sums]).unwrap());
        assert_eq!(
            found.map(|split| (split.bin, split.missing_right)),
            [(2, false), (2, true), (1, false)]
        );
    }

    #[test]
    fn bounds_are_kept() {
        let sums: [Sum; 4] = [[0.0; 2], [-4.0, 1.0], [1.0, 3.0], [1.0, 4.0]];
        let split = |limits| best(&limits, &[&sums]).map(|split| split.bin);
        assert_eq!(split(LIMITS), Some(2));
        assert_eq!(
            split(Limits {
                min_child_weight: 2.0,
                ..LIMITS
            }),
            Some(3)
        );
        assert_eq!(
            split(Limits {
                min_child_weight: 5.0,
                ..LIMITS
            }),
            None
        );
        assert_eq!(
            split(Limits {
                min_split_gain: 20.0,
                ..LIMITS
            }),
            None
        );
        let pure: [Sum; 3] = [[0.0; 2], [0.3, 3.0], [0.1, 1.0]];
        assert_eq!(best(&LIMITS, &[&pure]), None);
        assert_eq!(LIMITS.value([2.0, 4.0]), -0.5);
        assert!(LIMITS.value([0.0, 4.0]).is_sign_positive());
    }
}
