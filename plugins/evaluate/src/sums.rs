//! Sums that depend on nothing but the order of the rows, and lose next to nothing.

/// A sum, with what rounding lost (Neumaier).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    /// The sum.
    pub fn get(self) -> f64 {
        // An infinite sum has lost nothing, and its correction is NaN.
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

/// How far values lie from their mean, in one pass (Welford).
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    count: u64,
    mean: f64,
    squares: Sum,
    least: f64,
    greatest: f64,
}

impl Default for Spread {
    fn default() -> Spread {
        Spread {
            count: 0,
            mean: 0.0,
            squares: Sum::default(),
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }
}

impl Spread {
    /// Takes a value into account.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares.add(before * (value - self.mean));
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
    }

    /// The sum of the squared distances from the mean.
    pub fn squares(&self) -> f64 {
        self.squares.get()
    }

    /// The least and the greatest value; none without values.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.count > 0).then_some((self.least, self.greatest))
    }

    /// Whether all values are the same.
    pub fn is_constant(&self) -> bool {
        self.least == self.greatest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_lose_nothing_where_naive_ones_do() {
        let mut sum = Sum::default();
        for value in [1e100, 1.0, -1e100] {
            sum.add(value);
        }
        assert_eq!(sum.get(), 1.0);
        sum.add(f64::MAX);
        sum.add(f64::MAX);
        assert_eq!(sum.get(), f64::INFINITY);
    }

    #[test]
    fn a_spread_does_not_mind_a_large_mean() {
        let mut spread = Spread::default();
        for value in [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0] {
            spread.add(value);
        }
        assert_eq!(spread.squares(), 90.0);
        assert_eq!(spread.range(), Some((1e9 + 4.0, 1e9 + 16.0)));
        assert!(!spread.is_constant());
        let mut constant = Spread::default();
        for _ in 0..1000 {
            constant.add(0.1);
        }
        assert!(constant.is_constant() && constant.squares() == 0.0);
    }
}
