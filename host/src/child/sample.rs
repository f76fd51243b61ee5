//! Which rows of a table are scored when only some are wanted: evenly spread, so that a table in the order of time gives rows of all
//! of it, and the same ones every time.

/// So many of a table's rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    total: u64,
    /// None when all rows are wanted.
    wanted: Option<u64>,
}

impl Sample {
    /// Of a table with `total` rows.
    pub fn of(total: u64, wanted: Option<u64>) -> Sample {
        Sample {
            total,
            wanted: wanted.filter(|wanted| *wanted < total),
        }
    }

    /// The rows among the `rows` of the table that begin at row `from`, counted from there; none when all are wanted.
    pub fn within(self, from: u64, rows: u64) -> Option<Vec<u64>> {
        let wanted = self.wanted?;
        // The row of number n is n * total / wanted, so the first one that is not before a row is rounded up.
        let first = |row: u64| {
            let scaled = u128::from(row) * u128::from(wanted);
            scaled.div_ceil(u128::from(self.total)) as u64
        };
        let row = |number: u64| {
            let scaled = u128::from(number) * u128::from(self.total);
            (scaled / u128::from(wanted)) as u64
        };
        let numbers = first(from)..first(from + rows);
        Some(numbers.map(|number| row(number) - from).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_rows_are_all_wanted() {
        assert_eq!(Sample::of(10, Some(10)).within(0, 10), None);
        assert_eq!(Sample::of(10, None).within(0, 10), None);
        assert_eq!(
            Sample::of(10, Some(4)).within(0, 10),
            Some(vec![0, 2, 5, 7])
        );
    }

    proptest! {
        #[test]
        fn the_rows_do_not_depend_on_the_blocks(total in 1..5000_u64, wanted in 1..1500_u64, block in 1..700_u64) {
            let sample = Sample::of(total, Some(wanted));
            let Some(whole) = sample.within(0, total) else {
                return Ok(());
            };
            prop_assert_eq!(whole.len() as u64, wanted);
            let mut found = Vec::new();
            for from in (0..total).step_by(block as usize) {
                let rows = sample.within(from, block.min(total - from));
                found.extend(rows.into_iter().flatten().map(|row| row + from));
            }
            prop_assert_eq!(found, whole);
        }
    }
}
