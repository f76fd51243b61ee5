//! Ridge regression: the least squares of the residuals plus `alpha` times the squares of the coefficients, in closed form
//! (Hoerl and Kennard 1970).

use crate::cholesky::{Singular, Symmetric, dot};
use crate::design::Design;

/// A fitted line in centred and scaled columns.
#[derive(Debug)]
pub(crate) struct Line {
    /// The answer where every feature has its mean.
    pub(crate) base: f64,
    /// One for each column of the design's blocks.
    pub(crate) coefficients: Vec<f64>,
}

/// Fits. The intercept is not drawn to 0: centred columns leave it to be the mean of the targets.
///
/// # Errors
/// A column that the columns before it determine, if `alpha` is too small to tell them apart.
pub(crate) fn fit(design: &Design<'_>, alpha: f64) -> Result<Line, Singular> {
    let size = design.varying.len();
    let base = design.targets.iter().sum::<f64>() / design.targets.len() as f64;
    let mut products = Symmetric::zero(size);
    let mut right = vec![0.0; size];
    design.each_block(|block| {
        let targets: Vec<_> = block.targets.iter().map(|target| target - base).collect();
        for (row, right) in right.iter_mut().enumerate() {
            let this = block.column(row);
            *right += dot(this, &targets);
            for column in 0..=row {
                *products.at(row, column) += dot(this, block.column(column));
            }
        }
    });
    products.add_to_diagonal(0, alpha);
    let coefficients = products.solve(right)?;
    Ok(Line { base, coefficients })
}
