//! The number of the range that a number is in.
use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array};
use serde::{Deserialize, Serialize};

use super::{Fact, finite};
use crate::column::floats;
use crate::statistics::Sorted;

/// Where a range ends and the next begins, ascending. A number equal to an edge is in the range above it; the first range has no
/// lower bound and the last no upper one.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Bin(Vec<f64>);

impl Bin {
    /// Ranges with these edges between them.
    pub fn at(edges: &[f64]) -> (Bin, Vec<Fact>) {
        let facts = edges.iter().map(|edge| Fact::new("edge", *edge)).collect();
        (Bin(edges.to_vec()), facts)
    }

    /// `bins` ranges that hold as many rows each; fewer where a value is so frequent that edges coincide.
    pub fn quantile(chunks: &[ArrayRef], bins: u32) -> Result<(Bin, Vec<Fact>), String> {
        let sorted = Sorted::new(finite(chunks)?);
        let inner = (1..bins).map(|edge| sorted.quantile(f64::from(edge) / f64::from(bins)));
        let mut edges: Vec<f64> = inner.filter(|edge| *edge > sorted.min()).collect();
        edges.dedup();
        Ok(Bin::at(&edges))
    }

    /// `bins` ranges of one width between the smallest and the greatest value.
    pub fn width(chunks: &[ArrayRef], bins: u32) -> Result<(Bin, Vec<Fact>), String> {
        let sorted = Sorted::new(finite(chunks)?);
        let width = sorted.max() - sorted.min();
        if !width.is_finite() {
            return Err("the values are too large to be cut into ranges".to_owned());
        }
        let edge = |edge: u32| sorted.min() + width * (f64::from(edge) / f64::from(bins));
        let mut edges: Vec<f64> = (1..bins).map(edge).collect();
        edges.retain(|edge| *edge > sorted.min());
        edges.dedup();
        Ok(Bin::at(&edges))
    }

    /// How many ranges there are.
    pub fn ranges(&self) -> usize {
        self.0.len() + 1
    }

    /// The numbers of the ranges, from 0.
    pub fn apply(&self, column: &ArrayRef) -> ArrayRef {
        let numbers = floats(column.as_ref()).map(|value| {
            let value = value?;
            i32::try_from(self.0.partition_point(|edge| *edge <= value)).ok()
        });
        Arc::new(numbers.collect::<Int32Array>())
    }
}
