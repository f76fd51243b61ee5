//! Numbers and times for people.

/// Digits of a number that are shown.
const DIGITS: i32 = 6;
/// Below this every whole number is exact in an `f64`, and shown in full.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The number with up to six significant digits; whole numbers in full.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_string();
    }
    if value.fract() == 0.0 && value.abs() < LARGEST_WHOLE {
        // The addition makes a negative zero a zero.
        return format!("{:.0}", value + 0.0);
    }
    let scientific = format!("{value:.*e}", (DIGITS - 1) as usize);
    let (mantissa, exponent) = scientific
        .split_once('e')
        .expect("`e` formats with an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a whole number");
    if (-5..DIGITS).contains(&exponent) {
        trimmed(&format!("{value:.*}", (DIGITS - 1 - exponent) as usize)).to_string()
    } else {
        format!("{}e{exponent}", trimmed(mantissa))
    }
}

/// The same with a `+` when it is above zero.
pub fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

fn trimmed(decimal: &str) -> &str {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.')
    } else {
        decimal
    }
}

/// A time in seconds as `850 ms`, `12.3 s`, `3 min 12 s` or `2 h 5 min`; `-` when it is no time.
pub(crate) fn time(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "-".to_string();
    }
    // Each unit ends where its rounding would show the next one.
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    if whole < 3600 {
        return format!("{} min {} s", whole / 60, whole % 60);
    }
    format!("{} h {} min", whole / 3600, whole % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.5, "0.5"),
            (1.0 / 3.0, "0.333333"),
            (-1234.56789, "-1234.57"),
            (1234567.0, "1234567"),
            (1234567.5, "1.23457e6"),
            (0.0000012345678, "1.23457e-6"),
            (999999.7, "1e6"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-∞"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(signed(0.25), "+0.25");
        assert_eq!(signed(-0.25), "-0.25");
        assert_eq!(signed(0.0), "0");
    }

    #[test]
    fn times() {
        for (seconds, text) in [
            (0.0123, "12 ms"),
            (0.9999, "1.0 s"),
            (12.34, "12.3 s"),
            (59.97, "1 min 0 s"),
            (3661.0, "1 h 1 min"),
            (f64::NAN, "-"),
            (-1.0, "-"),
        ] {
            assert_eq!(time(seconds), text);
        }
    }
}
