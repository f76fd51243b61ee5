//! Logistic regression with a ridge, by Newton's method, which here is iteratively reweighted least squares.
//!
//! Minimised is the log loss summed over the rows plus half of `alpha` times the squares of the coefficients; the intercept is not
//! drawn to 0.

use crate::cholesky::{Singular, Symmetric, dot};
use crate::design::{Block, Design};
use crate::ridge::Line;

/// The most Newton steps; a problem that has a minimum needs fewer than 20.
const MOST_STEPS: u64 = 100;

/// How often a step that leads uphill is halved.
const MOST_HALVINGS: u32 = 40;

/// The search ends with the step that gains less than this, as a share of the loss.
const TOLERANCE: f64 = 1e-10;

/// A log loss per row below this means that the classes are told apart perfectly.
const PERFECT: f64 = 1e-7;

/// A fitted line of log-odds.
#[derive(Debug)]
pub(crate) struct Fit {
    /// Log-odds in centred and scaled columns.
    pub(crate) line: Line,
    /// How many Newton steps it took.
    pub(crate) steps: u64,
}

/// Why there is no fit.
#[derive(Debug)]
pub(crate) enum Lost {
    /// A column is determined by those before it.
    Dependent(usize),
    /// The columns tell the classes apart perfectly, so that without `alpha` larger coefficients are always better.
    Separated,
    /// The search did not come to an end.
    Endless,
}

/// Fits targets of 0 and 1, of which there are both.
///
/// # Errors
/// Why there is no minimum, or none was found.
pub(crate) fn fit(design: &Design<'_>, alpha: f64) -> Result<Fit, Lost> {
    let rows = design.targets.len() as f64;
    let share = design.targets.iter().sum::<f64>() / rows;
    // The intercept, then the coefficients.
    let mut at = vec![0.0; design.varying.len() + 1];
    at[0] = (share / (1.0 - share)).ln();
    let mut here = Landscape::around(design, &at, alpha);
    for steps in 1..=MOST_STEPS {
        let direction = here.newton()?;
        let gain = dot(&direction, &here.gradient) / 2.0;
        if gain <= TOLERANCE * here.loss.max(f64::MIN_POSITIVE) {
            // So near, each step doubles the number of right digits: this one gives the last of them, unseen in the loss.
            let end: Vec<_> = at
                .iter()
                .zip(&direction)
                .map(|(at, step)| at - step)
                .collect();
            return Ok(Fit {
                line: Line {
                    base: end[0],
                    coefficients: end[1..].to_vec(),
                },
                steps,
            });
        }
        (at, here) = downhill(design, alpha, &at, &direction, &here).ok_or(Lost::Endless)?;
        if alpha == 0.0 && here.loss < PERFECT * rows {
            return Err(Lost::Separated);
        }
    }
    Err(Lost::Endless)
}

/// The place a step away, or the nearest on the way back where the loss is lower than here.
fn downhill(
    design: &Design<'_>,
    alpha: f64,
    at: &[f64],
    direction: &[f64],
    here: &Landscape,
) -> Option<(Vec<f64>, Landscape)> {
    let mut share = 1.0;
    for _ in 0..MOST_HALVINGS {
        let next = at.iter().zip(direction).map(|(at, step)| at - share * step);
        let next: Vec<_> = next.collect();
        let there = Landscape::around(design, &next, alpha);
        if there.loss < here.loss {
            return Some((next, there));
        }
        share /= 2.0;
    }
    None
}

/// The loss at a place, and its first and second derivatives there.
#[derive(Debug)]
struct Landscape {
    loss: f64,
    gradient: Vec<f64>,
    curvature: Symmetric,
}

impl Landscape {
    fn around(design: &Design<'_>, at: &[f64], alpha: f64) -> Landscape {
        let coefficients = &at[1..];
        let mut here = Landscape {
            loss: alpha / 2.0 * dot(coefficients, coefficients),
            gradient: vec![0.0; at.len()],
            curvature: Symmetric::zero(at.len()),
        };
        design.each_block(|block| here.add(block, at));
        for (slope, coefficient) in here.gradient[1..].iter_mut().zip(coefficients) {
            *slope += alpha * coefficient;
        }
        here.curvature.add_to_diagonal(1, alpha);
        here
    }

    fn add(&mut self, block: &Block<'_>, at: &[f64]) {
        let mut odds = vec![at[0]; block.rows()];
        for (column, coefficient) in at[1..].iter().enumerate() {
            for (odds, value) in odds.iter_mut().zip(block.column(column)) {
                *odds += coefficient * value;
            }
        }
        let mut errors = Vec::with_capacity(odds.len());
        let mut weights = Vec::with_capacity(odds.len());
        for (odds, target) in odds.iter().zip(block.targets) {
            self.loss += log_loss(*odds, *target);
            let probability = probability(*odds);
            errors.push(probability - target);
            weights.push(probability * (1.0 - probability));
        }
        self.gradient[0] += errors.iter().sum::<f64>();
        *self.curvature.at(0, 0) += weights.iter().sum::<f64>();
        for row in 1..at.len() {
            let this = block.column(row - 1);
            self.gradient[row] += dot(this, &errors);
            *self.curvature.at(row, 0) += dot(this, &weights);
            let weighted = this
                .iter()
                .zip(&weights)
                .map(|(value, weight)| value * weight);
            let weighted: Vec<_> = weighted.collect();
            for column in 1..=row {
                *self.curvature.at(row, column) += dot(&weighted, block.column(column - 1));
            }
        }
    }

    /// The step to subtract, which would lead to the minimum if the loss were a parabola.
    fn newton(&self) -> Result<Vec<f64>, Lost> {
        let step = self.curvature.clone().solve(self.gradient.clone());
        step.map_err(|Singular(row)| match row {
            // No row is undecided any more.
            0 => Lost::Separated,
            column => Lost::Dependent(column - 1),
        })
    }
}

/// The probability of log-odds.
pub(crate) fn probability(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// The log loss of log-odds, without overflow.
pub(crate) fn log_loss(odds: f64, target: f64) -> f64 {
    odds.max(0.0) - odds * target + (-odds.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_odds_stay_finite() {
        assert_eq!(
            (probability(0.0), probability(800.0), probability(-800.0)),
            (0.5, 1.0, 0.0)
        );
        assert_eq!((log_loss(800.0, 1.0), log_loss(800.0, 0.0)), (0.0, 800.0));
        assert!((log_loss(0.0, 1.0) - 2.0_f64.ln()).abs() < 1e-15);
    }
}
