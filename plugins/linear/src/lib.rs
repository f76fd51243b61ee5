//! Plugin `linear`: ridge regression for numbers and logistic regression for two classes, trained and scored.
//!
//! Both work on columns that are centred and scaled to a deviation of 1, so that one `alpha` suits columns of any unit, and on sums
//! over the table in the order of its rows, so that equal tables give equal bits. The table is read a few times and never held in
//! memory, but for the target.

mod cholesky;
mod config;
mod design;
mod faults;
mod logistic;
mod plan;
mod ridge;
mod step;
mod target;
mod trainer;
mod values;

pub use config::{Config, Missing, Task};
pub use step::Linear;
pub use trainer::{Trainer, coefficients_schema};

#[cfg(feature = "train")]
lockflight_sdk::export!(Trainer: train);
#[cfg(feature = "score")]
lockflight_sdk::export!(Linear: score);
