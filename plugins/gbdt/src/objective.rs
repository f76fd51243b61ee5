//! What is minimised: the loss, its gradients, and what a sum of leaves means.

use std::ops::Range;

use crate::exp::exp;

/// A pair of sums: of the loss's first derivative and of its second, each times the row's weight.
pub type Sum = [f64; 2];

/// First and second derivative of one row, each a multiple of a unit of its own (see [`Objective::pass`]).
pub type Gradient = [f32; 2];

/// The least probability that log loss counts with, as elsewhere.
const LEAST_PROBABILITY: f64 = 1e-15;

/// How many probabilities are multiplied before their logarithm is taken. Even 1e-15 to this power is a normal number.
const FACTORS: usize = 16;

/// How many rows are worked on at a time.
const BLOCK: usize = 64;

/// The loss.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Objective {
    /// Squared error of a number.
    Squared,
    /// Log loss of a target of 0 and 1; the sum of leaves is the log of the odds.
    Logistic,
}

/// Targets with their weights, one each a row.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Finite numbers; 0 or 1 for [`Objective::Logistic`].
    pub values: &'a [f64],
    /// Finite, none negative, not all 0; none when every row weighs 1.
    pub weights: Option<&'a [f64]>,
}

impl Target<'_> {
    /// The weight of a row.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// The sum of the weights.
    pub fn total_weight(&self) -> f64 {
        match self.weights {
            None => self.values.len() as f64,
            Some(weights) => weights.iter().sum(),
        }
    }

    /// The weighted mean.
    pub fn mean(&self) -> f64 {
        let sum: f64 = (0..self.values.len())
            .map(|row| self.values[row] * self.weight(row))
            .sum();
        sum / self.total_weight()
    }

    fn greatest_weight(&self) -> f64 {
        self.weights
            .map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max))
    }
}

impl Objective {
    /// What every sum begins with: the constant that fits best.
    pub fn base(self, target: &Target<'_>) -> f64 {
        let mean = target.mean();
        match self {
            Objective::Squared => mean,
            Objective::Logistic => libm::log(mean / (1.0 - mean)),
        }
    }

    /// What the loss is called.
    pub fn metric(self) -> &'static str {
        match self {
            Objective::Squared => "rmse",
            Objective::Logistic => "log_loss",
        }
    }

    /// Turns sums of leaves into predictions.
    pub fn predict(self, sums: &mut [f64]) {
        if self == Objective::Logistic {
            for sum in sums {
                *sum = probability(*sum);
            }
        }
    }

    /// Root mean squared error, or mean log loss.
    pub fn loss(self, target: &Target<'_>, sums: &[f64]) -> f64 {
        match self {
            Objective::Squared => squared_loss(target, sums),
            Objective::Logistic => {
                let mut loss = 0.0;
                for rows in blocks(sums.len()) {
                    let probabilities = probabilities(&sums[rows.clone()]);
                    loss += log_loss(target, &rows, &probabilities);
                }
                loss / target.total_weight()
            }
        }
    }

    /// The gradients of all rows, and the loss as [`loss`](Objective::loss) gives it.
    ///
    /// Gradients are rounded to multiples of a power of two: 24 bits of the largest. Sums of up to 2^29 of them are exact in 64
    /// bits, so no sum depends on the order of its rows, and what is left of a node's sums without one child's is the other
    /// child's to the last bit.
    pub fn pass(self, target: &Target<'_>, sums: &[f64], gradients: &mut [Gradient]) -> f64 {
        match self {
            Objective::Squared => squared_pass(target, sums, gradients),
            Objective::Logistic => logistic_pass(target, sums, gradients),
        }
    }
}

/// The probability whose log odds are `sum`.
#[inline]
fn probability(sum: f64) -> f64 {
    1.0 / (1.0 + exp(-sum))
}

fn squared_loss(target: &Target<'_>, sums: &[f64]) -> f64 {
    let mut squares = 0.0;
    for (row, sum) in sums.iter().enumerate() {
        let error = sum - target.values[row];
        squares += target.weight(row) * error * error;
    }
    (squares / target.total_weight()).sqrt()
}

fn squared_pass(target: &Target<'_>, sums: &[f64], gradients: &mut [Gradient]) -> f64 {
    let mut greatest: f64 = 0.0;
    for (sum, value) in sums.iter().zip(target.values) {
        greatest = greatest.max((sum - value).abs());
    }
    let weight = target.greatest_weight();
    let (first, second) = (Grid::of(greatest * weight), Grid::of(weight));
    let rows = gradients.iter_mut().zip(sums.iter().zip(target.values));
    for (row, (gradient, (sum, value))) in rows.enumerate() {
        let weight = target.weight(row);
        *gradient = [first.round((sum - value) * weight), second.positive(weight)];
    }
    squared_loss(target, sums)
}

fn logistic_pass(target: &Target<'_>, sums: &[f64], gradients: &mut [Gradient]) -> f64 {
    let greatest = target.greatest_weight();
    let (first, second) = (Grid::of(greatest), Grid::of(greatest));
    let mut loss = 0.0;
    for rows in blocks(sums.len()) {
        let probabilities = probabilities(&sums[rows.clone()]);
        let weights = target
            .weights
            .map_or(&[1.0; BLOCK][..], |weights| &weights[rows.clone()]);
        let gradients = gradients[rows.clone()]
            .iter_mut()
            .zip(&target.values[rows.clone()]);
        for ((gradient, value), (p, weight)) in gradients.zip(probabilities.iter().zip(weights)) {
            *gradient = [
                first.round((p - value) * weight),
                second.positive(p * (1.0 - p) * weight),
            ];
        }
        loss += log_loss(target, &rows, &probabilities);
    }
    loss / target.total_weight()
}

/// The rows in blocks, so that the compiler computes several of them at once.
fn blocks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows)
        .step_by(BLOCK)
        .map(move |start| start..rows.min(start + BLOCK))
}

/// The probabilities of a block; what is behind its rows does not matter.
#[inline]
fn probabilities(sums: &[f64]) -> [f64; BLOCK] {
    let mut probabilities = [0.5; BLOCK];
    for (into, sum) in probabilities.iter_mut().zip(sums) {
        *into = probability(*sum);
    }
    probabilities
}

/// The sum of the log losses of a block's rows, each times its weight.
fn log_loss(target: &Target<'_>, rows: &Range<usize>, probabilities: &[f64; BLOCK]) -> f64 {
    // Of what was the case.
    let mut likely = [1.0; BLOCK];
    let values = &target.values[rows.clone()];
    for (likely, (p, value)) in likely.iter_mut().zip(probabilities.iter().zip(values)) {
        let of_truth = if *value > 0.5 { *p } else { 1.0 - p };
        *likely = if of_truth < LEAST_PROBABILITY {
            LEAST_PROBABILITY
        } else {
            of_truth
        };
    }
    if let Some(weights) = target.weights {
        let rows = likely.iter().zip(&weights[rows.clone()]);
        return -rows
            .map(|(likely, weight)| weight * libm::log(*likely))
            .sum::<f64>();
    }
    // A logarithm of a product is the sum of those of its factors, and saves all but one of them.
    let mut products = [1.0; BLOCK / FACTORS];
    for likely in likely.as_chunks().0 {
        for (product, likely) in products.iter_mut().zip::<&[f64; BLOCK / FACTORS]>(likely) {
            *product *= likely;
        }
    }
    -products.into_iter().map(libm::log).sum::<f64>()
}

/// Multiples of a power of two.
#[derive(Clone, Copy, Debug)]
struct Grid {
    unit: f64,
    /// Adding and subtracting this rounds to a multiple of the unit, ties to even.
    shift: f64,
}

impl Grid {
    /// The grid whose multiples up to `greatest` fit into the 24 bits of an f32.
    fn of(greatest: f64) -> Grid {
        let exponent = (greatest.max(f64::from(f32::MIN_POSITIVE)).to_bits() >> 52) as i32 - 1022;
        let unit = power_of_two(exponent - 24);
        Grid {
            unit,
            shift: unit * 1.5 * power_of_two(52),
        }
    }

    #[inline]
    fn round(self, value: f64) -> f32 {
        ((value + self.shift) - self.shift) as f32
    }

    /// Rounds to a unit at least, so that no row vanishes; a weight of 0 stays 0.
    #[inline]
    fn positive(self, value: f64) -> f32 {
        let rounded = (value + self.shift) - self.shift;
        let kept = if rounded < self.unit {
            self.unit
        } else {
            rounded
        };
        (if value > 0.0 { kept } else { 0.0 }) as f32
    }
}

/// Two to the power of an exponent of normal numbers.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums and targets of rows that do not fill their last block.
    fn rows() -> (Vec<f64>, Vec<f64>) {
        let sums = (0..150).map(|row| f64::from(row % 37) / 4.0 - 4.0);
        let values = (0..150).map(|row| f64::from(row % 3 / 2));
        (sums.collect(), values.collect())
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn losses_are_those_of_the_formulas() {
        let (sums, values) = rows();
        let weights: Vec<f64> = (0..150).map(|row| f64::from(row % 4)).collect();
        for weights in [None, Some(&weights[..])] {
            let target = Target {
                values: &values,
                weights,
            };
            let mean = |loss: &dyn Fn(f64, f64) -> f64| {
                let rows = (0..150).map(|row| target.weight(row) * loss(sums[row], values[row]));
                rows.sum::<f64>() / target.total_weight()
            };
            let squared = mean(&|sum, value| (sum - value).powi(2)).sqrt();
            assert!(close(Objective::Squared.loss(&target, &sums), squared));
            let log = mean(&|sum, value| {
                let p = 1.0 / (1.0 + (-sum).exp());
                -(value * p.ln() + (1.0 - value) * (1.0 - p).ln())
            });
            assert!(close(Objective::Logistic.loss(&target, &sums), log));
        }
    }

    #[test]
    fn gradients_are_rounded_derivatives_and_the_pass_tells_the_loss() {
        let (sums, values) = rows();
        let weights: Vec<f64> = (0..150).map(|row| f64::from(row % 4)).collect();
        let target = Target {
            values: &values,
            weights: Some(&weights),
        };
        for objective in [Objective::Squared, Objective::Logistic] {
            let mut gradients = vec![[0.0; 2]; 150];
            let loss = objective.pass(&target, &sums, &mut gradients);
            assert_eq!(loss.to_bits(), objective.loss(&target, &sums).to_bits());
            for (row, gradient) in gradients.iter().enumerate() {
                let (first, second) = match objective {
                    Objective::Squared => (sums[row] - values[row], 1.0),
                    Objective::Logistic => {
                        let p = probability(sums[row]);
                        (p - values[row], p * (1.0 - p))
                    }
                };
                let wanted = [first * weights[row], second * weights[row]];
                for (is, wanted) in gradient.iter().zip(wanted) {
                    assert!(
                        (f64::from(*is) - wanted).abs() < 1e-5,
                        "row {row}: {is} {wanted}"
                    );
                }
                assert_eq!(gradient[1] == 0.0, weights[row] == 0.0);
            }
        }
    }
}
