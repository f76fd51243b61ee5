//! A column's values in both tables.
use std::collections::BTreeMap;

use lockflight_sdk::words::quoted;

use crate::sample::{Sample, Values};
use crate::statistics::runs::runs;
use crate::statistics::{Cell, share, totals};

/// Numbers with at most this many different values are looked at as categories.
const FEW: usize = 5;

/// A column in the reference and in the window.
#[derive(Debug)]
pub struct Pair {
    /// The values to compare with.
    pub reference: Sample,
    /// The values to compare.
    pub window: Sample,
}

/// A value that rows have in common.
#[derive(Clone, Debug)]
pub struct Category {
    /// The value, as it is shown.
    pub name: String,
    /// How often it occurs.
    pub cell: Cell,
}

impl Pair {
    /// The numbers of reference and window, if it is such a column.
    pub fn numbers(&self) -> Option<(&[f64], &[f64])> {
        match (&self.reference.values, &self.window.values) {
            (Values::Numbers(reference), Values::Numbers(window)) => Some((reference, window)),
            _ => None,
        }
    }

    /// Whether the values are categories: texts, truth values, or few different numbers.
    pub fn is_categories(&self) -> bool {
        self.numbers()
            .is_none_or(|(reference, window)| runs(reference, window).take(FEW + 1).count() <= FEW)
    }

    /// How often every value occurs, in order of the values.
    pub fn categories(&self) -> Vec<Category> {
        match (&self.reference.values, &self.window.values) {
            (Values::Categories(reference), Values::Categories(window)) => {
                let mut cells: BTreeMap<&str, Cell> = BTreeMap::new();
                for (name, count) in reference {
                    cells.entry(name).or_default().reference = *count;
                }
                for (name, count) in window {
                    cells.entry(name).or_default().window = *count;
                }
                let category = |(name, cell)| Category {
                    name: quoted(name),
                    cell,
                };
                cells.into_iter().map(category).collect()
            }
            (Values::Numbers(reference), Values::Numbers(window)) => runs(reference, window)
                .map(|run| Category {
                    name: run.value.to_string(),
                    cell: Cell {
                        reference: run.reference,
                        window: run.window,
                    },
                })
                .collect(),
            _ => unreachable!("both are of one kind"),
        }
    }
}

/// The category whose share changed most, and its shares in the reference and in the window; of several, the first.
pub fn most_changed(categories: &[Category]) -> Option<(&Category, f64, f64)> {
    let all = totals(&cells(categories));
    let mut most: Option<(&Category, f64, f64)> = None;
    for category in categories {
        let before = share(category.cell.reference, all.reference);
        let now = share(category.cell.window, all.window);
        if most.is_none_or(|(_, b, n)| (now - before).abs() > (n - b).abs()) {
            most = Some((category, before, now));
        }
    }
    most
}

/// The counts without the names.
pub fn cells(categories: &[Category]) -> Vec<Cell> {
    categories.iter().map(|category| category.cell).collect()
}
