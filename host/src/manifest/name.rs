//! How things in a manifest may be called.

use super::invalid::Invalid;

/// The longest name, in bytes.
const LONGEST: usize = 64;

/// Checks the name of a stage, source, plugin, port or output: lower-case ASCII letters and digits in words joined by single
/// `-` or `_`, starting with a letter, at most 64 long. Such a name can stand in a reference, a file name and a TOML header
/// without quotes.
pub fn check(name: &str) -> Result<(), Invalid> {
    if is_name(name) {
        return Ok(());
    }
    let refused = Invalid::new(format!("{name:?} is not a valid name"));
    Err(match mended(name) {
        Some(better) => refused.help(format!("{RULE}; {better:?} would do")),
        None => refused.help(RULE),
    })
}

/// Checks the name of a pipeline: as [`check`], but kebab-case, so without `_`.
pub fn check_pipeline(name: &str) -> Result<(), Invalid> {
    check(name)?;
    if !name.contains('_') {
        return Ok(());
    }
    let better = name.replace('_', "-");
    Err(Invalid::new(format!("{name:?} is not kebab-case")).help(format!("write {better:?}")))
}

const RULE: &str = "names are lower-case letters and digits in words joined by - or _, start with a letter and have at most 64 characters";

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    starts && name.len() <= LONGEST && name.split(['-', '_']).all(word)
}

/// The nearest valid name, if there is a plausible one.
fn mended(name: &str) -> Option<String> {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    is_name(&joined).then_some(joined)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "raw", "bill_length", "split-train", "p90", "a-b_c"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "Raw",
            "1a",
            "-a",
            "a-",
            "a--b",
            "a b",
            "a.b",
            "ä",
            "a/b",
            &"a".repeat(65),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(
            check("My Table!")
                .unwrap_err()
                .help
                .unwrap()
                .ends_with("\"my-table\" would do")
        );
        assert_eq!(check_pipeline("night-run"), Ok(()));
        assert_eq!(
            check_pipeline("night_run").unwrap_err().help.unwrap(),
            "write \"night-run\""
        );
    }
}
