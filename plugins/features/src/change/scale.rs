//! Shifts and stretches numbers.
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array};
use serde::{Deserialize, Serialize};

use super::{Fact, finite};
use crate::column::floats;
use crate::config::ScaleWith;
use crate::statistics::{Sorted, Sum, deviation};

/// `(x - centre) / width`
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Scale {
    /// What becomes 0.
    pub centre: f64,
    /// How far above it 1 lies; never 0.
    pub width: f64,
}

impl Scale {
    /// Learns both.
    pub fn fit(chunks: &[ArrayRef], with: ScaleWith) -> Result<(Scale, Vec<Fact>), String> {
        let values = finite(chunks)?;
        let (centre, width) = match with {
            ScaleWith::Standard => {
                let mean = values.iter().copied().collect::<Sum>().mean();
                (mean, deviation(&values, mean))
            }
            ScaleWith::MinMax => {
                let sorted = Sorted::new(values);
                (sorted.min(), sorted.max() - sorted.min())
            }
            ScaleWith::Robust => {
                let sorted = Sorted::new(values);
                let width = sorted.quantile(0.75) - sorted.quantile(0.25);
                (sorted.quantile(0.5), width)
            }
        };
        if !centre.is_finite() || !width.is_finite() {
            return Err("the values are too large to be scaled".to_owned());
        }
        // A constant column becomes 0 instead of a division by zero.
        let width = if width == 0.0 { 1.0 } else { width };
        let facts = vec![Fact::new("centre", centre), Fact::new("width", width)];
        Ok((Scale { centre, width }, facts))
    }

    /// The scaled column. What is missing stays so; an infinite value stays infinite.
    pub fn apply(&self, column: &ArrayRef) -> ArrayRef {
        let scaled = floats(column.as_ref())
            .map(|value| value.map(|value| (value - self.centre) / self.width));
        Arc::new(scaled.collect::<Float64Array>())
    }
}
