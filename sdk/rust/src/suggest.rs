//! Guesses at what a misspelt word should have been.

/// The candidate that looks most like `word`, if one is close: within a third of its letters, and never the word itself.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let bound = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_words_are_suggested() {
        let columns = ["species", "island", "sex"];
        assert_eq!(did_you_mean("specis", columns), Some("species"));
        assert_eq!(did_you_mean("Island", columns), Some("island"));
        assert_eq!(did_you_mean("sxe", columns), Some("sex"));
        assert_eq!(did_you_mean("year", columns), None);
        assert_eq!(did_you_mean("sex", columns), None);
    }
}
