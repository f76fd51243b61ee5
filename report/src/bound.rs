//! Limits that are one simple bound, such as `>= 0.5`.

/// What should hold of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// As people write it.
    pub sign: &'static str,
    /// The number.
    pub value: f64,
}

/// The longer signs come first, because they begin with the shorter ones.
const SIGNS: [(&str, &str); 6] = [
    (">=", "≥"),
    ("<=", "≤"),
    ("≥", "≥"),
    ("≤", "≤"),
    (">", ">"),
    ("<", "<"),
];

/// The bound, if the text is one and nothing else: `< 0.1 or p > 0.01` is not.
pub fn parse(text: &str) -> Option<Bound> {
    let text = text.trim();
    let (sign, number) = SIGNS
        .iter()
        .find_map(|(written, sign)| Some((*sign, text.strip_prefix(written)?)))?;
    let value: f64 = number.trim().parse().ok()?;
    value.is_finite().then_some(Bound { sign, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_bounds_are_read() {
        let of = |sign, value| Some(Bound { sign, value });
        assert_eq!(parse(">= 0.5"), of("≥", 0.5));
        assert_eq!(parse(" <0.25 "), of("<", 0.25));
        assert_eq!(parse("> -1e3"), of(">", -1000.0));
        assert_eq!(parse("≤ 60"), of("≤", 60.0));
    }

    #[test]
    fn anything_else_is_no_bound() {
        for text in [
            "",
            "0.5",
            ">",
            ">= x",
            "< 0.1 or p > 0.01",
            ">= inf",
            "< NaN",
            "1 to 24",
            "=> 3",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
