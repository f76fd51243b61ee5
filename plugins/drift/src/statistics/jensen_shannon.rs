//! The Jensen-Shannon distance.
use std::f64::consts::LN_2;

use super::{Cell, share, totals};

/// √(½ KL(R‖M) + ½ KL(W‖M)) with M = (R + W)/2 and logarithms to base 2, over the shares R of the reference and W of the window
/// (Lin 1991; Endres and Schindelin 2003): from 0 for equal shares to 1 for shares that do not overlap.
pub fn distance(cells: &[Cell]) -> f64 {
    (divergence(cells) / LN_2).clamp(0.0, 1.0).sqrt()
}

/// The divergence with natural logarithms, from 0 to ln 2.
fn divergence(cells: &[Cell]) -> f64 {
    let all = totals(cells);
    let part = |own: f64, mean: f64| match own {
        0.0 => 0.0,
        own => own * libm::log(own / mean),
    };
    let term = |cell: &Cell| {
        let reference = share(cell.reference, all.reference);
        let window = share(cell.window, all.window);
        let mean = (reference + window) / 2.0;
        (part(reference, mean) + part(window, mean)) / 2.0
    };
    cells.iter().map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::super::bins::sturges;
    use super::super::golden::{close, reference, window};
    use super::*;

    #[test]
    fn golden() {
        let cells = sturges(&reference(), &window());
        close(divergence(&cells).sqrt(), 0.263_667_466_520_637);
        close(distance(&cells), 0.316_696_902_505_888_1);
    }

    #[test]
    fn the_ends_of_the_range() {
        let cells =
            |counts: [(u64, u64); 2]| counts.map(|(reference, window)| Cell { reference, window });
        assert_eq!(distance(&cells([(5, 0), (0, 9)])), 1.0);
        assert_eq!(distance(&cells([(5, 10), (10, 20)])), 0.0);
    }
}
