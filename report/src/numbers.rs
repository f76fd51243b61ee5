//! Numbers for people: about four significant digits, thousands apart, sizes and times in fitting units.

/// A number with about four significant digits; whole numbers in full.
pub fn number(value: f64) -> String {
    if let Some(word) = special(value) {
        return word.to_owned();
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&size) {
        return scientific(value);
    }
    if size >= 1000.0 {
        return fixed(value, 0);
    }
    let before = size.log10().floor() as i32 + 1;
    trimmed(&fixed(value, (4 - before).max(0) as usize))
}

/// So many digits behind the point, thousands apart.
pub fn fixed(value: f64, decimals: usize) -> String {
    if let Some(word) = special(value) {
        return word.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    // What is rounded to zero has no sign.
    let negative = value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let sign = if negative { "-" } else { "" };
    format!("{sign}{}{rest}", apart(whole))
}

/// A whole number.
pub fn count(value: u64) -> String {
    apart(&value.to_string())
}

/// A number of something, e.g. `1 row`, `1,200 rows`.
pub fn counted(value: u64, word: &str) -> String {
    let s = if value == 1 { "" } else { "s" };
    format!("{} {word}{s}", count(value))
}

/// A size.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if value < 1024 {
        return counted(value, "byte");
    }
    let mut size = value as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{} {}", significant(size, 3), UNITS[unit])
}

/// A time.
pub fn seconds(value: f64) -> String {
    if let Some(word) = special(value) {
        return format!("{word} s");
    }
    match value {
        v if v < 0.0 => format!("-{}", seconds(-v)),
        0.0 => "0 s".to_owned(),
        v if v < 0.9995e-3 => format!("{} µs", significant(v * 1e6, 3)),
        v if v < 0.9995 => format!("{} ms", significant(v * 1e3, 3)),
        v if v < 99.95 => format!("{} s", significant(v, 3)),
        v if v < 3600.0 => parts(v, 60.0, "min", "s"),
        v if v < 360_000.0 => parts(v / 60.0, 60.0, "h", "min"),
        v => format!("{} h", number((v / 3600.0).round())),
    }
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 0.1 => "< 0.1 %".to_owned(),
        p => format!("{} %", significant(p, 3)),
    }
}

fn parts(value: f64, base: f64, large: &str, small: &str) -> String {
    let whole = value.round();
    let first = (whole / base).floor();
    format!("{first} {large} {} {small}", whole - first * base)
}

/// So many significant digits, with at most two behind the point.
fn significant(value: f64, digits: i32) -> String {
    if special(value).is_some() || value.abs() >= 1e6 {
        return number(value);
    }
    let before = value.abs().max(0.1).log10().floor() as i32 + 1;
    trimmed(&fixed(value, (digits - before).clamp(0, 2) as usize))
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", trimmed(digits)),
        None => text,
    }
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        v if v.is_nan() => Some("NaN"),
        f64::INFINITY => Some("∞"),
        f64::NEG_INFINITY => Some("-∞"),
        _ => None,
    }
}

/// Without zeros at the end of the decimals.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// Digits in groups of three.
fn apart(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (0.5, "0.5"),
            (0.123456, "0.1235"),
            (0.00123456, "0.001235"),
            (-12.3456, "-12.35"),
            (999.96, "1,000"),
            (1234.5678, "1,235"),
            (1234567.0, "1,234,567"),
            (1.23456e-7, "1.235e-7"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-∞"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn fixed_has_no_negative_zero() {
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1234.5, 1), "-1,234.5");
    }

    #[test]
    fn sizes() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (123 << 20, "123 MiB"),
            (u64::MAX, "16,384 PiB"),
        ];
        for (value, text) in cases {
            assert_eq!(bytes(value), text);
        }
    }

    #[test]
    fn times() {
        let cases = [
            (0.0, "0 s"),
            (0.0000123, "12.3 µs"),
            (0.01234, "12.3 ms"),
            (0.9996, "1 s"),
            (12.34, "12.3 s"),
            (135.2, "2 min 15 s"),
            (3725.0, "1 h 2 min"),
            (1e6, "278 h"),
            (-0.5, "-500 ms"),
            (f64::NAN, "NaN s"),
        ];
        for (value, text) in cases {
            assert_eq!(seconds(value), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent(0.05), "5 %");
        assert_eq!(percent(0.0001), "< 0.1 %");
        assert_eq!(percent(1.0), "100 %");
    }
}
