//! What is minimised: the loss, its gradients, and what a sum of leaves means.

use crate::exp::exp;

/// A pair of sums: of the loss's first derivative and of its second, each times the row's weight.
pub type Sum = [f64; 2];

/// First and second derivative of one row, each a multiple of a unit of its own (see [`Objective::pass`]).
pub type Gradient = [f32; 2];

/// The least probability that log loss counts with, as elsewhere.
const LEAST_PROBABILITY: f64 = 1e-15;

/// How many probabilities are multiplied before their logarithm is taken. Even 1e-15 to this power is a normal number.
const FACTORS: usize = 16;

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
                let mut loss = LogLoss::default();
                for (row, sum) in sums.iter().enumerate() {
                    loss.add(probability(*sum), target.values[row], target.weight(row));
                }
                loss.finish() / target.total_weight()
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
    /// Rows are taken in blocks, so that several exponentials are computed at once.
    const BLOCK: usize = 64;
    let greatest = target.greatest_weight();
    let (first, second) = (Grid::of(greatest), Grid::of(greatest));
    let mut loss = LogLoss::default();
    let mut block = [0.0; BLOCK];
    for start in (0..sums.len()).step_by(BLOCK) {
        let rows = start..sums.len().min(start + BLOCK);
        let block = &mut block[..rows.len()];
        for (probability_of, sum) in block.iter_mut().zip(&sums[rows.clone()]) {
            *probability_of = probability(*sum);
        }
        for (row, p) in rows.zip(block) {
            let (value, weight) = (target.values[row], target.weight(row));
            gradients[row] = [
                first.round((*p - value) * weight),
                second.positive(*p * (1.0 - *p) * weight),
            ];
            loss.add(*p, value, weight);
        }
    }
    loss.finish() / target.total_weight()
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

/// Adds up log losses, with one logarithm for many rows of weight 1.
#[derive(Debug)]
struct LogLoss {
    sum: f64,
    product: f64,
    factors: usize,
}

impl Default for LogLoss {
    fn default() -> LogLoss {
        LogLoss {
            sum: 0.0,
            product: 1.0,
            factors: 0,
        }
    }
}

impl LogLoss {
    #[inline]
    fn add(&mut self, probability: f64, value: f64, weight: f64) {
        let of_truth = if value > 0.5 {
            probability
        } else {
            1.0 - probability
        };
        let of_truth = of_truth.max(LEAST_PROBABILITY);
        if weight == 1.0 {
            self.product *= of_truth;
            self.factors += 1;
            if self.factors == FACTORS {
                self.take();
            }
        } else {
            self.sum -= weight * libm::log(of_truth);
        }
    }

    fn take(&mut self) {
        self.sum -= libm::log(self.product);
        self.product = 1.0;
        self.factors = 0;
    }

    fn finish(mut self) -> f64 {
        self.take();
        self.sum
    }
}
