//! Where a character of a text stands in the TOML that the text was written in.

/// The byte of `raw`, a TOML string with its quotes, at which the character with this number (from 0) of the string's value is
/// written. For a character behind the last one it is the closing quote.
pub fn place(raw: &str, character: usize) -> usize {
    let long = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    let quote = if long { 3 } else { 1 };
    let escapes = raw.starts_with('"');
    let (body, end) = (quote.min(raw.len()), raw.len().saturating_sub(quote));
    let mut rest = raw.get(body..end).unwrap_or_default();
    if long {
        // A line end right behind the opening quotes is not part of the value.
        let skipped = rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix('\n'));
        rest = skipped.unwrap_or(rest);
    }
    let mut left = character;
    loop {
        if escapes {
            rest = unfolded(rest);
        }
        if left == 0 || rest.is_empty() {
            return end - rest.len();
        }
        rest = rest.get(length(rest, escapes)..).unwrap_or_default();
        left -= 1;
    }
}

/// What comes behind a backslash at the end of a line, which takes all white space with it.
fn unfolded(rest: &str) -> &str {
    let Some(behind) = rest.strip_prefix('\\') else {
        return rest;
    };
    let next = behind.trim_start();
    let folds = behind[..behind.len() - next.len()].contains('\n');
    if folds { unfolded(next) } else { rest }
}

/// How many bytes the first character is written with.
fn length(rest: &str, escapes: bool) -> usize {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), Some(escaped)) if escapes => match escaped {
            'x' => 4,
            'u' => 6,
            'U' => 10,
            other => 1 + other.len_utf8(),
        },
        (Some(plain), _) => plain.len_utf8(),
        (None, _) => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use toml::de::DeTable;

    use super::*;

    /// What is written at each character of the value of `x = …`.
    fn written(raw: &str) -> Vec<(char, String)> {
        let source = format!("x = {raw}\n");
        let table = DeTable::parse(&source).unwrap();
        let value = table.get_ref().get("x").unwrap();
        let raw = &source[value.span()];
        let text = value.get_ref().as_str().unwrap();
        let from = |index: usize| place(raw, index);
        let chars = text.chars().enumerate();
        chars
            .map(|(index, c)| (c, raw[from(index)..from(index + 1)].to_owned()))
            .collect()
    }

    #[test]
    fn escapes_and_folded_lines_are_passed_over() {
        let of = |raw| {
            written(raw)
                .into_iter()
                .map(|(_, raw)| raw)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(r#""a\"\u00e9\\b""#),
            ["a", "\\\"", "\\u00e9", "\\\\", "b"]
        );
        assert_eq!(of(r"'a\n'"), ["a", "\\", "n"]);
        assert_eq!(of("\"\"\"\na\\\n   b\"\"\""), ["a\\\n   ", "b"]);
        assert_eq!(of("'''\na\nb'''"), ["a", "\n", "b"]);
        assert_eq!(place("\"ab\"", 9), 3);
        assert_eq!(place("\"\"", 0), 1);
    }

    proptest! {
        #[test]
        fn every_character_is_found(text in "(?s)[a-z \"'\\\\\n\té€🚲]{0,20}") {
            for (c, raw) in written(&toml::Value::String(text).to_string()) {
                prop_assert!(raw.starts_with(c) || raw.starts_with('\\'), "{c:?} is not {raw:?}");
            }
        }

        #[test]
        fn no_text_is_too_odd(raw in "(?s)[\"'\\\\xuU\na]{0,12}", index in 0_usize..20) {
            let found = place(&raw, index);
            prop_assert!(found <= raw.len() && raw.is_char_boundary(found));
        }
    }
}
