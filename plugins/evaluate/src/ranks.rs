//! The area under the ROC curve, exact, for many groups of rows at once.
use std::collections::BTreeMap;

/// All rows by prediction. It takes 16 bytes a row: exactness has no shorter form.
#[derive(Debug, Default)]
pub struct Ranks {
    /// The prediction's bits, which for numbers from 0 sort as the numbers do, and the cell.
    rows: Vec<(u64, u32)>,
    cells: Vec<Cell>,
    places: BTreeMap<Vec<u32>, [u32; 2]>,
}

/// What a row is beside its prediction.
#[derive(Debug)]
struct Cell {
    groups: Vec<u32>,
    positive: bool,
}

/// A group during the walk up the ranks.
#[derive(Clone, Copy, Default)]
struct Walk {
    positives: u64,
    negatives: u64,
    /// Of the predictions that equal the present one.
    level: [u64; 2],
    /// Twice the number of pairs in which the positive row has the higher prediction; a tie counts one.
    doubled: u128,
}

impl Walk {
    /// Ends a level of equal predictions.
    fn settle(&mut self) {
        let [negatives, positives] = std::mem::take(&mut self.level);
        self.doubled += u128::from(positives) * u128::from(2 * self.negatives + negatives);
        self.positives += positives;
        self.negatives += negatives;
    }

    fn area(&self) -> Option<f64> {
        let pairs = u128::from(self.positives) * u128::from(self.negatives);
        (pairs > 0).then(|| self.doubled as f64 / (2 * pairs) as f64)
    }
}

impl Ranks {
    /// Takes a row into account that is in these groups. The prediction is a probability.
    pub fn add(&mut self, groups: &[u32], positive: bool, prediction: f64) {
        let cells = match self.places.get(groups) {
            Some(cells) => *cells,
            None => self.new_cells(groups),
        };
        // Zero has two signs, and they are equal.
        let bits = (prediction + 0.0).to_bits();
        self.rows.push((bits, cells[usize::from(positive)]));
    }

    fn new_cells(&mut self, groups: &[u32]) -> [u32; 2] {
        let cells = [false, true].map(|positive| {
            self.cells.push(Cell {
                groups: groups.to_vec(),
                positive,
            });
            (self.cells.len() - 1) as u32
        });
        self.places.insert(groups.to_vec(), cells);
        cells
    }

    /// The area of each group from 0 on; none where there is but one class.
    pub fn areas(mut self, groups: usize) -> Vec<Option<f64>> {
        self.rows.sort_unstable();
        let mut walks = vec![Walk::default(); groups];
        let mut touched = Vec::new();
        for level in self.rows.chunk_by(|one, other| one.0 == other.0) {
            for (_, cell) in level {
                let cell = &self.cells[*cell as usize];
                for group in &cell.groups {
                    let walk = &mut walks[*group as usize];
                    if walk.level == [0, 0] {
                        touched.push(*group as usize);
                    }
                    walk.level[usize::from(cell.positive)] += 1;
                }
            }
            for group in touched.drain(..) {
                walks[group].settle();
            }
        }
        walks.iter().map(Walk::area).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pair by pair, as the area is defined.
    fn by_pairs(rows: &[(bool, f64)]) -> Option<f64> {
        let of = |class: bool| {
            rows.iter()
                .filter(move |row| row.0 == class)
                .map(|row| row.1)
        };
        let pairs = of(true).count() * of(false).count();
        let won: f64 = of(true)
            .flat_map(|high| of(false).map(move |low| (high, low)))
            .map(|(high, low)| match high.partial_cmp(&low) {
                Some(std::cmp::Ordering::Greater) => 1.0,
                Some(std::cmp::Ordering::Equal) => 0.5,
                _ => 0.0,
            })
            .sum();
        (pairs > 0).then(|| won / pairs as f64)
    }

    proptest! {
        #[test]
        fn areas_are_the_share_of_pairs_in_order(
            rows in prop::collection::vec((any::<bool>(), 0_u8..8, 1_u32..4), 0..60),
        ) {
            let mut ranks = Ranks::default();
            for (positive, level, group) in &rows {
                let prediction = if *level == 0 { -0.0 } else { f64::from(*level) / 8.0 };
                ranks.add(&[0, *group], *positive, prediction);
            }
            let areas = ranks.areas(4);
            for (group, area) in areas.into_iter().enumerate() {
                let of_group: Vec<_> = rows
                    .iter()
                    .filter(|row| group == 0 || row.2 as usize == group)
                    .map(|row| (row.0, f64::from(row.1)))
                    .collect();
                match (area, by_pairs(&of_group)) {
                    (Some(area), Some(expected)) => prop_assert!((area - expected).abs() < 1e-12),
                    (area, expected) => prop_assert_eq!(area, expected),
                }
            }
        }
    }
}
