//! Where a feature's values are cut into bins.

/// The bin of rows without a value. Those with one are in the bins from 1 on.
pub const MISSING: u8 = 0;

/// The most bins a feature can have beside [`MISSING`].
pub const MOST_BINS: usize = 255;

/// The cuts of one feature: bin `k + 1` holds the values from `cuts[k - 1]` up to, but without, `cuts[k]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cuts(Vec<f64>);

impl Cuts {
    /// Cuts so that there are at most `bins` bins: one for each different value if that is enough, else bins of nearly equal
    /// numbers of rows. NaN counts as missing. `values` are sorted on the way.
    pub fn of(values: &mut Vec<f64>, bins: usize) -> Cuts {
        let bins = bins.clamp(1, MOST_BINS);
        values.retain(|value| !value.is_nan());
        for value in values.iter_mut() {
            // -0 is 0.
            *value += 0.0;
        }
        values.sort_unstable_by(f64::total_cmp);
        let distinct: Vec<(f64, usize)> = values
            .chunk_by(|a, b| a == b)
            .map(|run| (run[0], run.len()))
            .collect();
        let mut cuts = Vec::new();
        let mut rows_left = values.len();
        let mut in_bin = 0;
        for (index, pair) in distinct.windows(2).enumerate() {
            let (low, high) = (pair[0], pair[1]);
            in_bin += low.1;
            let bins_left = bins - cuts.len();
            let is_enough = distinct.len() - index <= bins_left || in_bin * bins_left >= rows_left;
            // A value that alone fills a bin gets one of its own, and does not make the one before it larger.
            let is_next_full = high.1 * bins_left >= rows_left;
            if bins_left > 1 && (is_enough || is_next_full) {
                cuts.push(between(low.0, high.0));
                rows_left -= in_bin;
                in_bin = 0;
            }
        }
        Cuts(cuts)
    }

    /// How many bins there are beside [`MISSING`].
    pub fn bins(&self) -> usize {
        self.0.len() + 1
    }

    /// The bin of a value.
    pub fn bin(&self, value: f64) -> u8 {
        if value.is_nan() {
            return MISSING;
        }
        // At most 254 cuts.
        self.0.partition_point(|cut| *cut <= value) as u8 + 1
    }

    /// The least value of a bin's, minus infinity for the first.
    ///
    /// # Panics
    /// When there is no such bin, or it is [`MISSING`].
    pub fn least(&self, bin: u8) -> f64 {
        match bin {
            1 => f64::NEG_INFINITY,
            _ => self.0[bin as usize - 2],
        }
    }
}

/// A value above `low` and at most `high`: the middle where there is one.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    if middle > low && middle <= high {
        middle
    } else {
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_get_a_bin_each() {
        let cuts = Cuts::of(&mut vec![3.0, 1.0, f64::NAN, 1.0, 2.0], 255);
        assert_eq!(cuts, Cuts(vec![1.5, 2.5]));
        let bins = [f64::NAN, -5.0, 1.0, 1.5, 2.0, 2.5, 9.0].map(|value| cuts.bin(value));
        assert_eq!(bins, [0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(
            [1, 2, 3].map(|bin| cuts.least(bin)),
            [f64::NEG_INFINITY, 1.5, 2.5]
        );
    }

    #[test]
    fn many_values_share_bins_of_equal_size() {
        let cuts = Cuts::of(&mut (0..1000).map(f64::from).collect(), 10);
        let mut rows = [0; 11];
        for value in 0..1000 {
            rows[cuts.bin(f64::from(value)) as usize] += 1;
        }
        assert_eq!(rows, [0, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
    }

    #[test]
    fn a_frequent_value_does_not_take_the_bins_of_others() {
        let mut values = vec![50.0; 900];
        values.extend((0..100).map(f64::from));
        let cuts = Cuts::of(&mut values, 12);
        assert_eq!(cuts.bins(), 12);
        assert!(cuts.bin(50.0) != cuts.bin(49.0));
        assert!(cuts.bin(50.0) != cuts.bin(51.0));
    }

    #[test]
    fn a_cut_is_above_the_lower_value_whatever_the_values() {
        let ends = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.0,
            0.0,
            1.0,
            1.0_f64.next_up(),
            f64::MAX,
            f64::INFINITY,
        ];
        for pair in ends.windows(2) {
            let cut = between(pair[0], pair[1]);
            assert!(pair[0] < cut && cut <= pair[1], "{pair:?} {cut}");
        }
        assert_eq!(Cuts::of(&mut vec![], 255).bins(), 1);
        assert_eq!(Cuts::of(&mut vec![0.0, -0.0], 255).bins(), 1);
    }
}
