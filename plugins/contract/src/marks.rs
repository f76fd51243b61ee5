//! Which rows of a table failed a check: one bit per row.

/// A set of rows.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// Adds a row.
    pub fn add(&mut self, row: u64) {
        let word = (row / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }

    /// Whether the row is in the set.
    pub fn contains(&self, row: u64) -> bool {
        let word = self.words.get((row / 64) as usize);
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many rows are in the set.
    pub fn count(&self) -> u64 {
        self.words
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let words = (0_u64..).zip(&self.words).filter(|(_, word)| **word != 0);
        words.flat_map(|(index, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| index * 64 + bit)
        })
    }

    /// Adds the rows of another set.
    pub fn join(&mut self, other: &Marks) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_a_set() {
        let (mut marks, mut other) = (Marks::default(), Marks::default());
        for row in [200, 3, 64, 3] {
            marks.add(row);
        }
        assert_eq!(marks.iter().collect::<Vec<_>>(), [3, 64, 200]);
        assert_eq!(marks.count(), 3);
        other.add(1000);
        other.join(&marks);
        assert!(other.contains(64) && other.contains(1000) && !other.contains(65));
        assert!(!marks.contains(1000));
    }
}
