//! Figures over numbers, the same bits however the numbers are cut into batches.

/// A sum with what rounding lost (Neumaier's).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
    count: u64,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
        self.count += 1;
    }

    /// Adds another sum.
    pub fn join(&mut self, other: &Sum) {
        let count = self.count + other.count;
        self.add(other.sum);
        self.lost += other.lost;
        self.count = count;
    }

    /// The sum; not finite when it is out of range.
    pub fn total(&self) -> f64 {
        self.sum + self.lost
    }

    /// How many numbers were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; NaN of none.
    pub fn mean(&self) -> f64 {
        self.total() / self.count as f64
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Sum {
        let mut sum = Sum::default();
        values.into_iter().for_each(|value| sum.add(value));
        sum
    }
}

/// Numbers in ascending order, none of them NaN.
#[derive(Clone, Debug)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts them.
    pub fn new(mut values: Vec<f64>) -> Sorted {
        values.sort_unstable_by(f64::total_cmp);
        Sorted(values)
    }

    /// The number below which the share `q` (0 to 1) of them lies, interpolated between the two nearest as by default in numpy
    /// and R (type 7).
    ///
    /// # Panics
    /// When there are none.
    pub fn quantile(&self, q: f64) -> f64 {
        let place = q * (self.0.len() - 1) as f64;
        let (low, high) = (
            self.0[place.floor() as usize],
            self.0[place.ceil() as usize],
        );
        // Both terms have one sign or cancel, so that two huge numbers of opposite signs do not overflow.
        let share = place - place.floor();
        if low == high {
            low
        } else {
            low * (1.0 - share) + high * share
        }
    }

    /// The smallest.
    ///
    /// # Panics
    /// When there are none.
    pub fn min(&self) -> f64 {
        self.0[0]
    }

    /// The greatest.
    ///
    /// # Panics
    /// When there are none.
    pub fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// The standard deviation over all of them (divided by their number, not by one less).
pub fn deviation(values: &[f64], mean: f64) -> f64 {
    let squares: Sum = values.iter().map(|v| (v - mean) * (v - mean)).collect();
    squares.mean().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_lose_nothing() {
        let sum: Sum = [1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!((sum.total(), sum.count()), (1.0, 3));
        let mut joined: Sum = [1e100, 1.0].into_iter().collect();
        joined.join(&[-1e100, 4.0].into_iter().collect());
        assert_eq!((joined.total(), joined.count()), (5.0, 4));
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let sorted = Sorted::new(vec![4.0, 1.0, 3.0, 2.0]);
        let quantiles = [0.0, 0.25, 0.5, 0.9, 1.0].map(|q| sorted.quantile(q));
        assert_eq!(quantiles, [1.0, 1.75, 2.5, 3.7, 4.0]);
        assert_eq!((sorted.min(), sorted.max()), (1.0, 4.0));
        assert_eq!(Sorted::new(vec![7.0]).quantile(0.3), 7.0);
    }

    #[test]
    fn deviations_divide_by_all() {
        assert_eq!(deviation(&[1.0, 3.0], 2.0), 1.0);
        assert_eq!(deviation(&[5.0], 5.0), 0.0);
    }
}
