//! The statistics, one file each. All take sorted samples or counts, so none depends on the order of rows, and use the functions
//! of `libm` where the platform's own differ.
pub mod bins;
pub mod chi_square;
pub mod false_discovery;
mod gamma;
pub mod jensen_shannon;
pub mod ks;
pub mod proportions;
pub mod psi;
pub mod runs;
pub mod wasserstein;

/// How often a value or a bin of values occurs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cell {
    /// In the reference.
    pub reference: u64,
    /// In the window.
    pub window: u64,
}

/// How many values are in all cells.
pub fn totals(cells: &[Cell]) -> Cell {
    Cell {
        reference: cells.iter().map(|cell| cell.reference).sum(),
        window: cells.iter().map(|cell| cell.window).sum(),
    }
}

/// The part that `count` is of `total`; 0 of nothing.
pub fn share(count: u64, total: u64) -> f64 {
    match total {
        0 => 0.0,
        total => count as f64 / total as f64,
    }
}

#[cfg(test)]
pub mod golden {
    //! The samples of the golden vectors; the values were computed with scipy 1.17.1 and numpy.

    fn uniform(seed: u32, count: usize) -> impl Iterator<Item = f64> {
        let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        std::iter::successors(next(&seed), next)
            .map(|x| f64::from(x) / 4_294_967_296.0)
            .take(count)
    }

    /// 500 numbers from 0 to 1, sorted.
    pub fn reference() -> Vec<f64> {
        let mut sample: Vec<f64> = uniform(1, 500).collect();
        sample.sort_unstable_by(f64::total_cmp);
        sample
    }

    /// 400 numbers from 0.1 to 1.1, sorted.
    pub fn window() -> Vec<f64> {
        let mut sample: Vec<f64> = uniform(2, 400).map(|u| u + 0.1).collect();
        sample.sort_unstable_by(f64::total_cmp);
        sample
    }

    /// Equal to one part in 10⁹.
    #[track_caller]
    pub fn close(is: f64, expected: f64) {
        let error = (is / expected - 1.0).abs();
        assert!(
            error < 1e-9,
            "{is:e} is not {expected:e}: {error:e} beside it"
        );
    }
}
