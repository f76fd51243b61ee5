//! Guesses at what a misspelt name should have been.

/// The candidate that `name` most likely means: equal but for case, `-` and `_`, or few typing errors away.
pub fn closest(
    name: &str,
    candidates: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let wanted = plain(name);
    let distance = |candidate: &str| {
        let candidate = plain(candidate);
        let tolerated = wanted.chars().count().max(candidate.chars().count()) / 3;
        Some(strsim::osa_distance(&wanted, &candidate)).filter(|distance| *distance <= tolerated)
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.as_ref() != name)
        .filter_map(|candidate| Some((distance(candidate.as_ref())?, candidate)))
        .min_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.as_ref().cmp(b.as_ref())))
        .map(|(_, candidate)| candidate.as_ref().to_owned())
}

/// The question `did you mean "…"?` for [`Problem::maybe_help`](super::Problem::maybe_help), if a candidate is near enough.
pub fn did_you_mean(
    name: &str,
    candidates: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<String> {
    closest(name, candidates).map(|candidate| format!("did you mean {candidate:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let names = ["species", "island", "bill_length_mm", "id"];
        assert_eq!(closest("specis", names).as_deref(), Some("species"));
        assert_eq!(closest("Island", names).as_deref(), Some("island"));
        assert_eq!(
            closest("bill-length-mm", names).as_deref(),
            Some("bill_length_mm")
        );
        assert_eq!(closest("weight", names), None);
        assert_eq!(closest("i", names), None);
        assert_eq!(closest("species", names), None);
        assert_eq!(
            did_you_mean("specis", names).as_deref(),
            Some("did you mean \"species\"?")
        );
    }
}
