//! The population stability index.
use super::{Cell, share, totals};

/// An empty bin counts as this share, since a logarithm of 0 is none. The others are left as they are.
const FLOOR: f64 = 1e-4;

/// PSI = Σ (w - r)·ln(w/r) over the shares of window and reference in each bin, no share below 1e-4: both Kullback-Leibler
/// divergences together. From 0 for equal shares on.
pub fn psi(cells: &[Cell]) -> f64 {
    let all = totals(cells);
    let term = |cell: &Cell| {
        let reference = share(cell.reference, all.reference).max(FLOOR);
        let window = share(cell.window, all.window).max(FLOOR);
        (window - reference) * libm::log(window / reference)
    };
    cells.iter().map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::super::bins::deciles;
    use super::super::golden::{close, reference, window};
    use super::*;

    #[test]
    fn golden() {
        let cells = deciles(&reference(), &window());
        close(psi(&cells), 0.210_249_147_345_130_53);
    }

    #[test]
    fn equal_shares_have_none() {
        let cells = [(10, 20), (30, 60), (0, 0)];
        let cells = cells.map(|(reference, window)| Cell { reference, window });
        assert_eq!(psi(&cells), 0.0);
    }
}
