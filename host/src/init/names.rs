//! Names for a manifest from names of files.

/// The most characters of a name that is made here.
const MAX: usize = 40;

/// The name in lower-case letters, digits and single dashes that is nearest to a text; `data` if nothing is left of it.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    match slug.chars().next() {
        None => "data".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("data-{slug}"),
        Some(_) => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::manifest::name;

    #[test]
    fn names_stay_readable() {
        assert_eq!(slug("bike-rental_dataset 2011"), "bike-rental-dataset-2011");
        assert_eq!(slug("2024 Sales"), "data-2024-sales");
        assert_eq!(slug("Übung"), "bung");
        assert_eq!(slug("…"), "data");
    }

    proptest! {
        #[test]
        fn every_slug_is_a_name(text in ".*") {
            let slug = slug(&text);
            prop_assert!(name::check(&slug).is_ok(), "{slug}");
            prop_assert!(name::check_pipeline(&slug).is_ok(), "{slug}");
        }
    }
}
