//! Numbers in bins.
use super::Cell;

/// Bins of equal width over both ascending samples, as many as Sturges (1926) has it: ⌈log₂(n) + 1⌉ for all n values. A bin holds
/// what is at or above its lower edge and below its upper one; the last one holds the greatest value too. As numpy does it.
pub fn sturges(reference: &[f64], window: &[f64]) -> Vec<Cell> {
    let ends =
        |end: fn(&[f64]) -> Option<&f64>| [end(reference), end(window)].into_iter().flatten();
    let least = ends(<[f64]>::first).copied().fold(f64::INFINITY, f64::min);
    let greatest = ends(<[f64]>::last)
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let values = (reference.len() + window.len()) as f64;
    let bins = match least < greatest {
        true => (libm::log2(values) + 1.0).ceil(),
        false => 1.0,
    };
    // Divided first: the difference of two numbers may be too large for one.
    let width = greatest / bins - least / bins;
    let edges: Vec<f64> = (1..bins as u32)
        .map(|edge| least + f64::from(edge) * width)
        .collect();
    cells(reference, window, &edges, |value, edge| value < edge)
}

/// Ten bins by the deciles of the reference, fewer if some are the same; the first and the last are open. A bin holds its upper
/// edge: so a value that many rows have has a bin that ends with it.
pub fn deciles(reference: &[f64], window: &[f64]) -> Vec<Cell> {
    let mut edges: Vec<f64> = (1..10)
        .map(|tenths| quantile(reference, f64::from(tenths) / 10.0))
        .collect();
    edges.dedup();
    cells(reference, window, &edges, |value, edge| value <= edge)
}

/// A quantile of an ascending sample, between neighbours on a straight line (type 7 of Hyndman and Fan 1996).
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let part = place - place.floor();
    // Not lower + part·(upper - lower): the difference may be too large for a number.
    match sorted[below] == sorted[above] {
        true => sorted[below],
        false => sorted[below] * (1.0 - part) + sorted[above] * part,
    }
}

/// How many values are in each of the bins between edges.
fn cells(
    reference: &[f64],
    window: &[f64],
    edges: &[f64],
    below: impl Fn(f64, f64) -> bool,
) -> Vec<Cell> {
    let count = |sorted: &[f64]| {
        let ends = edges
            .iter()
            .map(|edge| sorted.partition_point(|value| below(*value, *edge)));
        let mut start = 0;
        let counted = ends.chain([sorted.len()]).map(move |end| {
            let count = end - start;
            start = end;
            count as u64
        });
        counted.collect::<Vec<_>>()
    };
    let both = count(reference).into_iter().zip(count(window));
    both.map(|(reference, window)| Cell { reference, window })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{golden, totals};
    use super::*;

    #[test]
    fn golden_bins() {
        let cells = sturges(&golden::reference(), &golden::window());
        assert_eq!(cells.len(), 11);
        let all = totals(&cells);
        assert_eq!((all.reference, all.window), (500, 400));
        let cells = deciles(&golden::reference(), &golden::window());
        assert!(cells.iter().all(|cell| cell.reference == 50), "{cells:?}");
    }

    #[test]
    fn equal_values_share_a_bin() {
        let cells = deciles(&[0.0; 20], &[0.0, 0.0, 1.0]);
        let counts: Vec<_> = cells.iter().map(|c| (c.reference, c.window)).collect();
        assert_eq!(counts, [(20, 2), (0, 1)]);
        assert_eq!(sturges(&[3.0; 4], &[3.0]).len(), 1);
    }

    #[test]
    fn numbers_at_the_limits_have_bins_too() {
        let cells = sturges(&[f64::MIN, 0.0], &[0.0, f64::MAX]);
        assert_eq!(totals(&cells).window, 2);
        assert!(cells.len() == 3 && cells[0].reference == 1, "{cells:?}");
        assert!(quantile(&[f64::MIN, f64::MAX], 0.5).is_finite());
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0], 0.5), 1.5);
        assert_eq!(quantile(&[7.0], 0.9), 7.0);
    }
}
