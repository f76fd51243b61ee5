//! The chi-square test of independence of category and table.
use super::gamma;
use super::{Cell, totals};

/// The outcome of the test.
#[derive(Clone, Copy, Debug)]
pub struct ChiSquare {
    /// χ², from 0 on.
    pub statistic: f64,
    /// Categories less one.
    pub freedom: u64,
    /// Cramér's V = √(χ²/N), without Yates' correction: from 0 for equal shares to 1 for shares that do not overlap.
    pub cramers_v: f64,
    /// The p-value, from 0 to 1; none with one category, where there is nothing to test.
    pub p: Option<f64>,
}

/// χ² = Σ (o - e)²/e over the 2 × k table of counts, with e from its margins (Pearson 1900): the reference is a sample as the
/// window is, not the truth. With two categories it has Yates' correction, as in scipy. There is a value in either table.
pub fn chi_square(cells: &[Cell]) -> ChiSquare {
    let cells: Vec<Cell> = cells
        .iter()
        .copied()
        .filter(|cell| cell.reference + cell.window > 0)
        .collect();
    let freedom = cells.len() as u64 - 1;
    let plain = statistic(&cells, 0.0);
    let all = totals(&cells);
    let statistic = match freedom {
        1 => statistic(&cells, 0.5),
        _ => plain,
    };
    ChiSquare {
        statistic,
        freedom,
        cramers_v: (plain / (all.reference + all.window) as f64)
            .clamp(0.0, 1.0)
            .sqrt(),
        p: (freedom > 0)
            .then(|| gamma::upper(freedom as f64 / 2.0, statistic / 2.0).clamp(0.0, 1.0)),
    }
}

/// χ², with every difference lessened by up to `correction`.
fn statistic(cells: &[Cell], correction: f64) -> f64 {
    let all = totals(cells);
    let rows = (all.reference + all.window) as f64;
    let term = |cell: &Cell| {
        let both = (cell.reference + cell.window) as f64;
        let expected = both * all.window as f64 / rows;
        // The difference in the reference is the same with the other sign.
        let difference = (cell.window as f64 - expected).abs();
        let difference = (difference - correction).max(0.0);
        difference * difference * (1.0 / expected + 1.0 / (both - expected))
    };
    cells.iter().map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::super::golden::close;
    use super::*;

    fn of(counts: &[(u64, u64)]) -> ChiSquare {
        let cells: Vec<_> = counts
            .iter()
            .map(|(reference, window)| Cell {
                reference: *reference,
                window: *window,
            })
            .collect();
        chi_square(&cells)
    }

    #[test]
    fn golden() {
        let found = of(&[(200, 120), (150, 180), (0, 0), (150, 100)]);
        // 21.886364 and 1.76781e-05 in the table; by hand it is 6.25 + 2 + 150/11, and e^(-χ²/2) with two degrees of freedom.
        close(found.statistic, 8.25 + 150.0 / 11.0);
        assert!((found.statistic - 21.886_364).abs() < 1e-6);
        assert_eq!(found.freedom, 2);
        let p = found.p.expect("there are categories");
        close(p, libm::exp(-found.statistic / 2.0));
        assert!((p - 1.767_81e-5).abs() < 1e-10, "{p:e}");
        close(found.cramers_v, (found.statistic / 900.0).sqrt());
    }

    #[test]
    fn two_categories_have_the_correction_of_yates() {
        // (|ad - bc| - N/2)²·N over the product of the margins.
        let found = of(&[(10, 20), (20, 15)]);
        close(
            found.statistic,
            (250.0_f64 - 32.5).powi(2) * 65.0 / (30.0 * 35.0 * 30.0 * 35.0),
        );
        close(
            found.cramers_v.powi(2) * 65.0,
            250.0_f64.powi(2) * 65.0 / (30.0 * 35.0 * 30.0 * 35.0),
        );
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(of(&[(10, 20), (30, 60)]).cramers_v, 0.0);
        close(of(&[(10, 0), (0, 60)]).cramers_v, 1.0);
        let one = of(&[(10, 20)]);
        assert_eq!((one.cramers_v, one.p), (0.0, None));
    }
}
