//! Train plugin `gbdt`: gradient-boosted trees, for regression (squared error) and binary classification (log loss).
//!
//! The algorithm works on plain slices and knows nothing of tables: [`cuts`] and [`binned`] turn numbers into bins, [`split`]
//! and [`grow`] make one tree of sums over bins, [`boost`] makes many, [`forest`] is how they are scored. [`columns`], [`target`],
//! [`values`] and [`prepare`] read tables; [`trainer`] and [`step`] are the two components.

pub mod binned;
pub mod boost;
pub mod columns;
pub mod config;
pub mod cuts;
pub mod exp;
pub mod forest;
pub mod grow;
pub mod objective;
pub mod prepare;
pub mod sample;
pub mod split;
pub mod step;
pub mod target;
pub mod trainer;
pub mod tree;
pub mod values;

pub use config::Config;
pub use step::Step;
pub use trainer::Trainer;

#[cfg(feature = "train")]
lockflight_sdk::export!(Trainer: train);

#[cfg(feature = "score")]
lockflight_sdk::export!(Step: score);
