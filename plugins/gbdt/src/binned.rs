//! A table of bins, laid out for adding up.

use crate::cuts::{Cuts, MISSING};

/// How many features lie together: their bins of one row are loaded at once.
pub const GROUP: usize = 4;

/// The bins of all rows, column by column in groups of [`GROUP`] features.
#[derive(Clone, Debug)]
pub struct Binned {
    rows: usize,
    cuts: Vec<Cuts>,
    groups: Vec<Vec<[u8; GROUP]>>,
}

impl Binned {
    /// A table of so many rows, as yet without features.
    pub fn new(rows: usize) -> Binned {
        Binned {
            rows,
            cuts: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Adds the next feature: its values in the order of the rows, and how they are cut.
    ///
    /// # Panics
    /// When there is not one value for each row.
    pub fn push(&mut self, values: &[f64], cuts: Cuts) {
        assert_eq!(values.len(), self.rows, "one value a row");
        let place = self.cuts.len() % GROUP;
        if place == 0 {
            self.groups.push(vec![[MISSING; GROUP]; self.rows]);
        }
        let group = self.groups.last_mut().expect("there is one");
        for (bins, value) in group.iter_mut().zip(values) {
            bins[place] = cuts.bin(*value);
        }
        self.cuts.push(cuts);
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How the features are cut.
    pub fn cuts(&self) -> &[Cuts] {
        &self.cuts
    }

    /// The groups: for each row the bins of its features.
    pub fn groups(&self) -> &[Vec<[u8; GROUP]>] {
        &self.groups
    }

    /// The bin of a row in a feature.
    ///
    /// # Panics
    /// When there is no such row or feature.
    #[inline]
    pub fn bin(&self, row: usize, feature: usize) -> u8 {
        self.groups[feature / GROUP][row][feature % GROUP]
    }
}
