//! What can be told of a file of data from its beginning: the delimiter, and the words that stand for no value.

/// Data for those who have none at hand yet.
pub const EXAMPLE: &str = "\
day,station,temperature,visitors
2024-05-01,north,14.2,120
2024-05-01,south,17.9,88
2024-05-02,north,13.1,97
2024-05-02,south,18.4,
2024-05-03,north,15.0,134
2024-05-03,south,19.2,101
2024-05-04,north,16.3,188
2024-05-04,south,20.1,156
";

/// How many lines are looked at.
const LINES: usize = 1000;
/// Words that mean no value in many files; an empty field always does.
const NULLS: [&str; 7] = ["NA", "N/A", "NaN", "nan", "NULL", "null", "-"];

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What separates fields.
    pub delimiter: char,
    /// The words that stand for no value; the empty text first.
    pub nulls: Vec<&'static str>,
}

impl Dialect {
    /// Guesses from the beginning of a file: the delimiter is the one that the first line has most of.
    pub fn guess(beginning: &str) -> Self {
        let header = beginning.lines().next().unwrap_or_default();
        let count = |delimiter: char| header.matches(delimiter).count();
        let mut delimiter = ',';
        for other in [';', '\t', '|'] {
            if count(other) > count(delimiter) {
                delimiter = other;
            }
        }
        let fields = || {
            let rows = beginning.lines().skip(1).take(LINES);
            rows.flat_map(move |row| row.split(delimiter))
        };
        let found = NULLS
            .into_iter()
            .filter(|null| fields().any(|field| field == *null));
        Dialect {
            delimiter,
            nulls: std::iter::once("").chain(found).collect(),
        }
    }

    /// Whether it is what the plugin `csv` assumes by itself.
    pub fn is_plain(&self) -> bool {
        self.delimiter == ',' && self.nulls.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_guessed() {
        assert!(Dialect::guess(EXAMPLE).is_plain());
        let semicolons = Dialect::guess("a;b\n1;NA\n2;\"x,y,z\"\n");
        assert_eq!(semicolons.delimiter, ';');
        assert_eq!(semicolons.nulls, ["", "NA"]);
        assert_eq!(Dialect::guess("a\tb\n").delimiter, '\t');
        assert!(Dialect::guess("").is_plain());
    }
}
