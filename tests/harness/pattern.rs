//! Text that is never the same twice gets names, and expected lines may hold wildcards.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run or from machine to machine, and the name it gets.
static NAMES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let names = [
        // Only the first run after a build compiles.
        ("(?m)^(compiling|compiled) the plugin .*\n", ""),
        // The sizes of components are the compiler's business.
        (r"\([0-9.]+ [KMG]iB\)", "([SIZE])"),
        ("sha256:[0-9a-f]{64}", "[DIGEST]"),
        ("sha256:[0-9a-f]{12}…", "[DIGEST]"),
        ("[0-9]{8}-[0-9]{6}-[0-9a-f]{4}", "[RUN]"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z", "[MOMENT]"),
        (" *[0-9]+(\\.[0-9]+)? (ms|s|min)\\b", " [TIME]"),
        (
            "(blobs|blocks|results)/[0-9a-f]{2}/[0-9a-f]{62}",
            "$1/[FILE]",
        ),
    ];
    let compiled =
        names.map(|(pattern, name)| (Regex::new(pattern).expect("a valid expression"), name));
    compiled.into()
});

/// Gives names to what is never the same twice.
pub fn named(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, (pattern, name)| {
        pattern.replace_all(&text, *name).into_owned()
    })
}

/// Whether the lines are as expected: `...` stands for any number of lines, `[..]` for any part of one.
pub fn matches(expected: &[String], found: &[String]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=found.len()).any(|skip| matches(rest, &found[skip..]))
        }
        Some((first, rest)) => found
            .split_first()
            .is_some_and(|(line, others)| line_matches(first, line) && matches(rest, others)),
    }
}

fn line_matches(expected: &str, found: &str) -> bool {
    let expected = expected.trim_end();
    let Some((first, expected)) = expected.split_once("[..]") else {
        return expected == found;
    };
    let (middle, last) = expected.rsplit_once("[..]").unwrap_or(("", expected));
    let Some(mut rest) = found.strip_prefix(first) else {
        return false;
    };
    for part in middle.split("[..]") {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn wildcards() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let is = |expected: &str, found: &str| matches(&lines(expected), &lines(found));
    assert!(is("a\nb", "a\nb"));
    assert!(!is("a\nb", "a"));
    assert!(!is("a", "a\nb"));
    assert!(is("a\n...\nd", "a\nb\nc\nd") && is("...\nd", "d"));
    assert!(!is("a\n...\nd", "a\nb"));
    assert!(is("a [..] c[..]e", "a b cde") && is("[..]\nx", "\nx"));
    assert!(!is("a [..] d", "a b c") && !is("ab[..]b", "ab"));
}

#[test]
fn names() {
    let digest = format!("sha256:{}", "0a".repeat(32));
    assert_eq!(
        named(&format!("{digest} at 20261123-204512-1a2b")),
        "[DIGEST] at [RUN]"
    );
    assert_eq!(named("done in 1.25 s, 3 rows"), "done in [TIME], 3 rows");
    assert_eq!(named("     42 ms  table"), " [TIME]  table");
}
