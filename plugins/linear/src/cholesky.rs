//! Symmetric positive definite systems: the one piece of linear algebra that both fits need.

/// A square symmetric matrix. Of each pair of mirrored entries only the one in the lower triangle is used.
#[derive(Clone, Debug)]
pub(crate) struct Symmetric {
    size: usize,
    entries: Vec<f64>,
}

/// The matrix is not positive definite: this row is, within rounding, a combination of those before it.
#[derive(Debug, PartialEq)]
pub(crate) struct Singular(pub(crate) usize);

/// A pivot below this share of its diagonal entry is taken for rounding.
const SMALLEST_PIVOT: f64 = 1e-12;

impl Symmetric {
    pub(crate) fn zero(size: usize) -> Symmetric {
        Symmetric {
            size,
            entries: vec![0.0; size * size],
        }
    }

    /// The entry in the lower triangle: `column` is at most `row`.
    pub(crate) fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        debug_assert!(column <= row);
        &mut self.entries[row * self.size + column]
    }

    /// Adds to every entry of the diagonal from row `first` on.
    pub(crate) fn add_to_diagonal(&mut self, first: usize, value: f64) {
        for row in first..self.size {
            *self.at(row, row) += value;
        }
    }

    /// Solves `self * x = right` by Cholesky's factorisation, in place.
    ///
    /// # Errors
    /// The first row that depends on those before it.
    pub(crate) fn solve(mut self, mut right: Vec<f64>) -> Result<Vec<f64>, Singular> {
        self.factorise()?;
        let size = self.size;
        for row in 0..size {
            let above = dot(&self.entries[row * size..][..row], &right[..row]);
            right[row] = (right[row] - above) / self.entries[row * size + row];
        }
        for row in (0..size).rev() {
            right[row] /= self.entries[row * size + row];
            let value = right[row];
            for (column, right) in right[..row].iter_mut().enumerate() {
                *right -= value * self.entries[row * size + column];
            }
        }
        Ok(right)
    }

    /// Replaces the lower triangle by L with L * transpose(L) = self.
    fn factorise(&mut self) -> Result<(), Singular> {
        let size = self.size;
        for row in 0..size {
            let (done, rest) = self.entries.split_at_mut(row * size);
            let this = &mut rest[..size];
            for column in 0..row {
                let earlier = &done[column * size..][..size];
                let sum = dot(&this[..column], &earlier[..column]);
                this[column] = (this[column] - sum) / earlier[column];
            }
            let diagonal = this[row];
            let pivot = diagonal - dot(&this[..row], &this[..row]);
            if pivot.is_nan() || pivot <= diagonal * SMALLEST_PIVOT {
                return Err(Singular(row));
            }
            this[row] = pivot.sqrt();
        }
        Ok(())
    }
}

/// The sum of products, in eight sums of every eighth one, so that they can be computed side by side.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (a_whole, a_rest) = a.as_chunks::<LANES>();
    let (b_whole, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_whole.iter().zip(b_whole) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += a * b;
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn of(rows: &[&[f64]]) -> Symmetric {
        let mut matrix = Symmetric::zero(rows.len());
        for (row, entries) in rows.iter().enumerate() {
            for (column, entry) in entries.iter().enumerate() {
                *matrix.at(row, column) = *entry;
            }
        }
        matrix
    }

    #[test]
    fn a_small_system_is_solved() {
        // 4 2 | 10    x = 2
        // 2 3 |  7    y = 1
        let solved = of(&[&[4.0], &[2.0, 3.0]]).solve(vec![10.0, 7.0]).unwrap();
        assert!((solved[0] - 2.0).abs() < 1e-15 && (solved[1] - 1.0).abs() < 1e-15);
        assert!(Symmetric::zero(0).solve(vec![]).unwrap().is_empty());
    }

    #[test]
    fn the_first_dependent_row_is_named() {
        let dependent = of(&[&[1.0], &[0.0, 1.0], &[1.0, 1.0, 2.0], &[0.0; 4]]);
        assert_eq!(dependent.solve(vec![0.0; 4]), Err(Singular(2)));
        assert_eq!(of(&[&[-1.0]]).solve(vec![1.0]), Err(Singular(0)));
        assert_eq!(of(&[&[f64::NAN]]).solve(vec![1.0]), Err(Singular(0)));
    }

    proptest! {
        #[test]
        fn what_was_multiplied_is_found_again(
            (size, entries, wanted) in (1_usize..9).prop_flat_map(|size| {
                let numbers = |count| prop::collection::vec(-1.0..1.0_f64, count);
                (Just(size), numbers(size * size), numbers(size))
            })
        ) {
            // A * transpose(A) + 1 is positive definite for every A.
            let mut matrix = Symmetric::zero(size);
            for row in 0..size {
                for column in 0..=row {
                    *matrix.at(row, column) = dot(&entries[row * size..][..size], &entries[column * size..][..size]);
                }
            }
            matrix.add_to_diagonal(0, 1.0);
            let right = (0..size).map(|row| {
                (0..size).map(|column| *matrix.at(row.max(column), row.min(column)) * wanted[column]).sum()
            });
            let right = right.collect();
            for (is, wanted) in matrix.clone().solve(right).unwrap().iter().zip(&wanted) {
                prop_assert!((is - wanted).abs() < 1e-10);
            }
        }
    }
}
