//! The Wasserstein distance of two samples.
use super::runs::runs;

/// W₁ = ∫ |F_reference - F_window|, exact on ascending samples of at least one value each: how far the values have to be moved in
/// the mean. From 0 on, in the unit of the values.
pub fn distance(reference: &[f64], window: &[f64]) -> f64 {
    let (n, m) = (reference.len() as f64, window.len() as f64);
    let (mut i, mut j) = (0, 0);
    let (mut last, mut sum) = (0.0, 0.0);
    for run in runs(reference, window) {
        if i + j > 0 {
            sum += (i as f64 / n - j as f64 / m).abs() * (run.value - last);
        }
        i += run.reference;
        j += run.window;
        last = run.value;
    }
    sum
}

/// The distance in standard deviations of the reference, from 0 on. Of a reference that does not vary: 0 if the window is the
/// same, else infinite.
pub fn normalised(reference: &[f64], window: &[f64]) -> f64 {
    match distance(reference, window) {
        0.0 => 0.0,
        distance => distance / deviation(reference),
    }
}

/// The standard deviation of all values, √(Σ(x - mean)²/n).
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.first() == values.last() {
        // The mean of equal values may be rounded, and then each seems to be beside it.
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::golden::{close, reference, window};
    use super::*;

    #[test]
    fn golden() {
        close(distance(&reference(), &window()), 0.108_925_422_901_287_69);
        close(
            normalised(&reference(), &window()),
            0.381_886_664_403_199_74,
        );
    }

    #[test]
    fn a_reference_that_does_not_vary() {
        assert_eq!(normalised(&[0.1; 3], &[0.1; 7]), 0.0);
        assert_eq!(normalised(&[0.1; 3], &[0.2; 7]), f64::INFINITY);
    }

    #[test]
    fn a_shift_is_its_own_distance() {
        assert_eq!(distance(&[0.0, 1.0, 5.0], &[2.0, 3.0, 7.0]), 2.0);
    }
}
