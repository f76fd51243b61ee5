//! Rows by the size of their prediction.
use crate::sums::Sum;

/// Bins of equal width; a prediction at the upper end is in the last.
#[derive(Clone, Debug)]
pub struct Bins {
    low: f64,
    high: f64,
    bins: Vec<Bin>,
}

/// The rows of one bin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bin {
    rows: u64,
    predictions: Sum,
    targets: Sum,
}

impl Bin {
    /// How many rows are in it.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The mean prediction; none without rows.
    pub fn mean_prediction(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.predictions.get() / self.rows as f64)
    }

    /// The mean target, which for two classes is the share of positive rows; none without rows.
    pub fn mean_target(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.targets.get() / self.rows as f64)
    }
}

impl Bins {
    /// Empty bins between two predictions.
    pub fn new(count: usize, low: f64, high: f64) -> Bins {
        Bins {
            low,
            high,
            bins: vec![Bin::default(); count],
        }
    }

    /// Takes a row into account.
    pub fn add(&mut self, prediction: f64, target: f64) {
        let (width, last) = (self.high - self.low, self.bins.len() - 1);
        let place = (prediction - self.low) / width * self.bins.len() as f64;
        // The cast keeps to the range of usize, and makes the NaN of an empty range 0.
        let bin = &mut self.bins[(place as usize).min(last)];
        bin.rows += 1;
        bin.predictions.add(prediction);
        bin.targets.add(target);
    }

    /// The bins with their lower and upper ends.
    pub fn iter(&self) -> impl Iterator<Item = (f64, f64, &Bin)> {
        let count = self.bins.len() as f64;
        // Between the ends rather than from one of them, so that the ends are met exactly.
        let end = move |index: usize| {
            let share = index as f64 / count;
            self.low * (1.0 - share) + self.high * share
        };
        self.bins
            .iter()
            .enumerate()
            .map(move |(index, bin)| (end(index), end(index + 1), bin))
    }

    /// The distance between what was predicted and what came, added up over bins: the calibration error times the rows.
    pub fn distance(&self) -> f64 {
        let mut distance = Sum::default();
        for bin in &self.bins {
            distance.add((bin.predictions.get() - bin.targets.get()).abs());
        }
        distance.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prediction_has_a_bin() {
        let mut bins = Bins::new(4, -1.0, 1.0);
        for prediction in [-1.0, -0.6, -0.5, 0.0, 0.99, 1.0] {
            bins.add(prediction, 0.0);
        }
        let rows: Vec<_> = bins
            .iter()
            .map(|(low, high, bin)| (low, high, bin.rows()))
            .collect();
        assert_eq!(
            rows,
            [
                (-1.0, -0.5, 2),
                (-0.5, 0.0, 1),
                (0.0, 0.5, 1),
                (0.5, 1.0, 2)
            ]
        );
    }

    #[test]
    fn a_constant_prediction_is_one_bin() {
        let mut bins = Bins::new(3, 7.0, 7.0);
        bins.add(7.0, 1.0);
        let bin = bins
            .iter()
            .next()
            .map(|(low, high, bin)| (low, high, bin.rows()));
        assert_eq!(bin, Some((7.0, 7.0, 1)));
    }
}
