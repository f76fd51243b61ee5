//! A sample of rows by which a scorer is tried: asked for in another order, in other cuts and once more at the end, each row has to
//! get the same answer, bit for bit.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;

/// How many rows a scorer is tried on.
const ROWS: usize = 48;
/// Where the sample is cut: a single row, a few, and the rest.
const CUTS: [usize; 2] = [1, 8];

/// Rows and a scorer's first answer to them.
pub struct Probe {
    rows: RecordBatch,
    answers: RecordBatch,
}

impl Probe {
    /// Keeps the first rows of a batch.
    pub fn new(rows: &RecordBatch, answers: &RecordBatch) -> Self {
        let count = rows.num_rows().min(ROWS);
        Probe {
            rows: rows.slice(0, count),
            answers: answers.slice(0, count),
        }
    }

    /// Asks for the sample in pieces, and from the last row to the first: the first row whose answer is another.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn cut_and_turned<E>(
        &self,
        mut ask: impl FnMut(&RecordBatch) -> Result<RecordBatch, E>,
    ) -> Result<Option<usize>, E> {
        let count = self.rows.num_rows();
        let mut from = 0;
        for to in CUTS.into_iter().chain([count]).map(|cut| cut.min(count)) {
            if to > from {
                let answers = ask(&self.rows.slice(from, to - from))?;
                let broken = (from..to).find(|&row| !self.same(row, &answers, row - from));
                if broken.is_some() {
                    return Ok(broken);
                }
                from = to;
            }
        }
        let turned: UInt32Array = (0..count as u32).rev().collect();
        let turned = take_record_batch(&self.rows, &turned).expect("the rows are there");
        let answers = ask(&turned)?;
        Ok((0..count).find(|&row| !self.same(row, &answers, count - 1 - row)))
    }

    /// Asks for the sample as it was asked for first.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn again<E>(
        &self,
        mut ask: impl FnMut(&RecordBatch) -> Result<RecordBatch, E>,
    ) -> Result<Option<usize>, E> {
        let answers = ask(&self.rows)?;
        Ok((0..self.rows.num_rows()).find(|&row| !self.same(row, &answers, row)))
    }

    /// Whether the sample got the same answers at another time.
    pub fn agrees(&self, other: &Probe) -> bool {
        (0..self.rows.num_rows()).all(|row| self.same(row, &other.answers, row))
    }

    /// Whether an answer is the one given first, NaNs and zeros by their bits.
    fn same(&self, row: usize, answers: &RecordBatch, at: usize) -> bool {
        let columns = self.answers.columns().iter().zip(answers.columns());
        columns
            .map(|(one, other)| (one.slice(row, 1), other.slice(at, 1)))
            .all(|(one, other)| one.to_data() == other.to_data())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{cell::Cell, convert::Infallible, sync::Arc};

    use arrow_array::{Array, ArrayRef, Float64Array};

    use super::*;

    fn rows(values: Vec<f64>) -> RecordBatch {
        let column: ArrayRef = Arc::new(Float64Array::from(values));
        RecordBatch::try_from_iter([("x", column)]).unwrap()
    }

    fn column(batch: &RecordBatch) -> &[f64] {
        let array = batch.column(0).as_any().downcast_ref::<Float64Array>();
        array.unwrap().values()
    }

    fn probe(count: usize) -> (Probe, RecordBatch) {
        let asked = rows((0..count).map(|i| i as f64 - 3.0).collect());
        (Probe::new(&asked, &asked), asked)
    }

    #[test]
    fn row_wise_scorers_pass() {
        for count in [1, 2, 5, 47, 48, 49, 500] {
            let (probe, _) = probe(count);
            let same = |rows: &RecordBatch| Ok::<_, Infallible>(rows.clone());
            assert_eq!(probe.cut_and_turned(same).unwrap(), None);
            assert_eq!(probe.again(same).unwrap(), None);
        }
    }

    #[test]
    fn what_looks_at_its_neighbours_is_caught() {
        let (probe, _) = probe(20);
        let mean = |asked: &RecordBatch| {
            let mean = column(asked).iter().sum::<f64>() / asked.num_rows() as f64;
            Ok::<_, Infallible>(rows(column(asked).iter().map(|x| x - mean).collect()))
        };
        assert!(probe.cut_and_turned(mean).unwrap().is_some());
        let first = |asked: &RecordBatch| {
            let first = column(asked)[0];
            Ok::<_, Infallible>(rows(
                column(asked).iter().map(|x| x + 3.0 + first).collect(),
            ))
        };
        assert!(probe.cut_and_turned(first).unwrap().is_some());
    }

    #[test]
    fn what_remembers_is_caught_and_bits_count() {
        let (probe, _) = probe(4);
        let calls = Cell::new(0.0);
        let counting = |asked: &RecordBatch| {
            calls.set(calls.get() + 1e-9);
            Ok::<_, Infallible>(rows(
                column(asked).iter().map(|x| x + calls.get()).collect(),
            ))
        };
        assert_eq!(probe.again(counting).unwrap(), Some(0));
        let zero = Probe::new(&rows(vec![0.0]), &rows(vec![0.0]));
        let negative = |_: &RecordBatch| Ok::<_, Infallible>(rows(vec![-0.0]));
        assert_eq!(zero.again(negative).unwrap(), Some(0));
    }
}
