//! Many tests at once.

/// The p-values after the procedure of Benjamini and Hochberg (1995), in their old order: the i-th least of m becomes the least of
/// m·p/i over it and all greater ones, at most 1. Those at or below α are drift, and in the mean at most the share α of them
/// wrongly.
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; m];
    let mut least: f64 = 1.0;
    for (rank, index) in order.into_iter().enumerate().rev() {
        least = least.min(p_values[index] * m as f64 / (rank + 1) as f64);
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_by_hand() {
        let found = adjusted(&[0.04, 0.01, 0.03, 0.9]);
        let expected = [0.04 * 4.0 / 3.0, 0.04, 0.04 * 4.0 / 3.0, 0.9];
        for (is, expected) in found.iter().zip(expected) {
            assert!((is - expected).abs() < 1e-15, "{found:?}");
        }
        assert!(adjusted(&[]).is_empty());
        assert_eq!(adjusted(&[0.2]), [0.2]);
    }
}
