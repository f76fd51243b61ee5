//! Single values from their text.
use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime};

use crate::config::Decimal;

/// A whole number without its sign, and whether it is negative.
#[inline]
fn magnitude(text: &[u8]) -> Option<(bool, u64)> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if let 1..=8 = digits.len() {
        return Some((negative, short(digits)?));
    }
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_u64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = if digits.len() < 19 {
            value * 10 + u64::from(digit)
        } else {
            value.checked_mul(10)?.checked_add(u64::from(digit))?
        };
    }
    Some((negative, value))
}

/// A number of one to eight digits, all of them at once: nearly every number of a file is one, and going digit by digit costs a
/// branch for each, and one that is guessed wrong where the number ends.
#[inline]
fn short(digits: &[u8]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    let len = digits.len();
    // The digits end at the last byte of the word; what is free in front is filled with zeros.
    let word = match digits {
        digits if let Ok(eight) = digits.try_into() => u64::from_le_bytes(eight),
        [a, b, c, d, ..] => {
            // Both ends, which may overlap: the same bytes meet there.
            let low = u32::from_le_bytes([*a, *b, *c, *d]);
            let high = u32::from_le_bytes(digits[len - 4..].try_into().ok()?);
            let word = u64::from(low) | u64::from(high) << (8 * (len - 4));
            word << (64 - 8 * len) | ZEROS >> (8 * len)
        }
        _ => {
            let byte = |index: usize| u64::from(digits[index]) << (8 * index);
            let word = byte(0) | byte(len / 2) | byte(len - 1);
            word << (64 - 8 * len) | ZEROS >> (8 * len)
        }
    };
    let digits = word ^ ZEROS;
    // Adding 0x76 carries a byte above 9 into the highest bit.
    let above = digits.wrapping_add(0x7676_7676_7676_7676) | digits;
    if above & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Two neighbours become one number, then four of those: the first digit stands in the lowest byte.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    const EVERY_OTHER: u64 = 0x0000_00ff_0000_00ff;
    let even = (pairs & EVERY_OTHER).wrapping_mul(100 + (1_000_000 << 32));
    let odd = (pairs >> 16 & EVERY_OTHER).wrapping_mul(1 + (10_000 << 32));
    Some(even.wrapping_add(odd) >> 32)
}

/// A signed whole number.
#[inline]
pub fn int(text: &[u8]) -> Option<i64> {
    match magnitude(text)? {
        (false, value) => i64::try_from(value).ok(),
        (true, value) => 0_i64.checked_sub_unsigned(value),
    }
}

/// A whole number that is not negative.
#[inline]
pub fn uint(text: &[u8]) -> Option<u64> {
    match magnitude(text)? {
        (true, value) if value > 0 => None,
        (_, value) => Some(value),
    }
}

/// A float; `inf` and `nan` in any case too.
pub fn float<F: std::str::FromStr>(text: &[u8], decimal: Decimal) -> Option<F> {
    let text = std::str::from_utf8(text).ok()?;
    match decimal {
        Decimal::Point => text.parse().ok(),
        Decimal::Comma if text.contains('.') => None,
        Decimal::Comma => text.replacen(',', ".", 1).parse().ok(),
    }
}

/// `true`, `t`, `yes`, `y`, `1` and their opposites, in any case.
pub fn boolean(text: &[u8]) -> Option<bool> {
    const YES: [&[u8]; 5] = [b"true", b"t", b"yes", b"y", b"1"];
    const NO: [&[u8]; 5] = [b"false", b"f", b"no", b"n", b"0"];
    let is = |word: &&[u8]| word.eq_ignore_ascii_case(text);
    if YES.iter().any(is) {
        Some(true)
    } else if NO.iter().any(is) {
        Some(false)
    } else {
        None
    }
}

/// Days from 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    const EPOCH: i32 = 719_163;
    date.num_days_from_ce() - EPOCH
}

/// `2024-02-29`.
pub fn iso_date(text: &[u8]) -> Option<NaiveDate> {
    let &[a, b, c, d, b'-', e, f, b'-', g, h] = text else {
        return None;
    };
    let year = number(&[a, b, c, d])?;
    NaiveDate::from_ymd_opt(year as i32, number(&[e, f])?, number(&[g, h])?)
}

/// A point in time as it is written: the local time and the offset behind it, if any.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Written {
    /// The time on the wall.
    pub local: NaiveDateTime,
    /// What is written behind it.
    pub offset: Option<FixedOffset>,
}

/// `2024-02-29T12:30`, with seconds, a fraction of up to nine digits and `Z` or `+01:00` if they are there; a space for
/// the `T` will do.
pub fn iso_time(text: &[u8]) -> Option<Written> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = iso_date(date)?;
    let &[b'T' | b't' | b' ', a, b, b':', c, d, ref rest @ ..] = rest else {
        return None;
    };
    let (hour, minute) = (number(&[a, b])?, number(&[c, d])?);
    let (second, rest) = match rest {
        [b':', a, b, rest @ ..] => (number(&[*a, *b])?, rest),
        _ => (0, rest),
    };
    let (nanos, rest) = match rest {
        [b'.', rest @ ..] => fraction(rest)?,
        _ => (0, rest),
    };
    Some(Written {
        local: date.and_hms_nano_opt(hour, minute, second, nanos)?,
        offset: written_offset(rest)?,
    })
}

/// The offset that the text is, none for an empty one; the outer none for anything else.
fn written_offset(text: &[u8]) -> Option<Option<FixedOffset>> {
    match text {
        [] => Some(None),
        [b'Z' | b'z'] => Some(FixedOffset::east_opt(0)),
        [b'+' | b'-', ..] => offset(std::str::from_utf8(text).ok()?).map(Some),
        _ => None,
    }
}

/// The offset of a zone: `UTC`, `+02:00` or `+0200`.
pub fn offset(zone: &str) -> Option<FixedOffset> {
    if zone == "UTC" {
        return FixedOffset::east_opt(0);
    }
    let (a, b, c, d) = match *zone.as_bytes().get(1..)? {
        [a, b, b':', c, d] | [a, b, c, d] => (a, b, c, d),
        _ => return None,
    };
    let (hours, minutes) = (number(&[a, b])?, number(&[c, d])?);
    let seconds = (hours * 3600 + minutes * 60) as i32;
    match zone.as_bytes()[0] {
        _ if minutes > 59 => None,
        b'+' => FixedOffset::east_opt(seconds),
        b'-' => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > 9 {
        return None;
    }
    let (fraction, rest) = text.split_at(digits);
    Some((number(fraction)? * 10_u32.pow(9 - digits as u32), rest))
}

/// Up to nine digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })
}

/// A way to write dates and times, in strftime's letters.
#[derive(Clone, Debug)]
pub struct Format {
    text: String,
    items: Vec<Item<'static>>,
}

impl Format {
    /// Reads the letters.
    ///
    /// # Errors
    /// When one of them is unknown.
    pub fn new(text: &str) -> Result<Format, String> {
        let items = StrftimeItems::new(text)
            .parse_to_owned()
            .map_err(|_| format!("{text:?} is not a format of dates or times"))?;
        Ok(Format {
            text: text.to_owned(),
            items,
        })
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn parsed(&self, text: &[u8]) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        parse(
            &mut parsed,
            std::str::from_utf8(text).ok()?,
            self.items.iter(),
        )
        .ok()?;
        Some(parsed)
    }

    /// A date.
    pub fn date(&self, text: &[u8]) -> Option<NaiveDate> {
        self.parsed(text)?.to_naive_date().ok()
    }

    /// A time; midnight where the format has no time of day.
    pub fn time(&self, text: &[u8]) -> Option<Written> {
        let parsed = self.parsed(text)?;
        let local = match parsed.hour_div_12().is_none() && parsed.timestamp().is_none() {
            true => parsed.to_naive_date().ok()?.and_hms_opt(0, 0, 0)?,
            false => parsed
                .to_naive_datetime_with_offset(parsed.offset().unwrap_or(0))
                .ok()?,
        };
        let offset = parsed.offset().map(FixedOffset::east_opt);
        Some(Written {
            local,
            offset: offset.flatten(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_numbers_are_read_as_the_standard_library_does(
            text in prop::collection::vec(prop_oneof![
                20 => prop::sample::select(b"0123456789".to_vec()),
                1 => any::<u8>(),
                1 => prop::sample::select(b"/:-+ \x00\x80\xb0\xb9".to_vec()),
            ], 0..12),
        ) {
            let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
            let expected = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
            prop_assert_eq!(int(&text), expected);
            prop_assert!(int(&text).is_some() || !digits);
        }
    }

    #[test]
    fn whole_numbers_keep_to_their_range() {
        assert_eq!(int(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(int(b"9223372036854775808"), None);
        assert_eq!(uint(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(uint(b"18446744073709551616"), None);
        assert_eq!(int(b"+007"), Some(7));
        for wrong in ["", "-", "1.0", "1 ", "0x1", "--1", "1_000"] {
            assert_eq!(int(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(uint(b"-0"), Some(0));
        assert_eq!(uint(b"-1"), None);
    }

    #[test]
    fn floats_know_their_decimal_mark() {
        assert_eq!(float::<f64>(b"-1.5e3", Decimal::Point), Some(-1500.0));
        assert_eq!(float::<f64>(b"1,5", Decimal::Comma), Some(1.5));
        assert_eq!(float::<f64>(b"1.5", Decimal::Comma), None);
        assert_eq!(float::<f64>(b"1,5", Decimal::Point), None);
        assert!(float::<f64>(b"NaN", Decimal::Point).unwrap().is_nan());
    }

    #[test]
    fn times_are_read_with_all_their_parts() {
        let time = |text: &str| {
            let written = iso_time(text.as_bytes())?;
            let shift = written.offset.map_or(0, |offset| offset.local_minus_utc());
            Some(written.local.and_utc().timestamp() - i64::from(shift))
        };
        assert_eq!(time("1970-01-01T00:00"), Some(0));
        assert_eq!(time("1970-01-02 00:00:01Z"), Some(86_401));
        assert_eq!(time("1970-01-01T02:00:00.25+02:00"), Some(0));
        assert_eq!(
            iso_time(b"1970-01-01T00:00:00.25")
                .unwrap()
                .local
                .and_utc()
                .timestamp_subsec_millis(),
            250
        );
        for wrong in [
            "1970-01-01",
            "1970-13-01T00:00",
            "1970-01-01T24:00",
            "1970-01-01T00:00:00.",
            "1970-01-01T00:00 UTC",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn formats_give_dates_and_times() {
        let german = Format::new("%d.%m.%Y").unwrap();
        assert_eq!(
            german.date(b"29.02.2024"),
            NaiveDate::from_ymd_opt(2024, 2, 29)
        );
        assert_eq!(german.date(b"29.02.2023"), None);
        assert_eq!(
            german
                .time(b"01.01.1970")
                .unwrap()
                .local
                .and_utc()
                .timestamp(),
            0
        );
        let zoned = Format::new("%Y-%m-%d %H:%M:%S %z").unwrap();
        let written = zoned.time(b"1970-01-01 02:00:00 +0200").unwrap();
        assert_eq!(written.local.and_utc().timestamp(), 7200);
        assert_eq!(written.offset, FixedOffset::east_opt(7200));
        assert!(Format::new("%Q").is_err());
    }

    #[test]
    fn zones_are_utc_or_an_offset() {
        assert_eq!(offset("UTC").unwrap().local_minus_utc(), 0);
        assert_eq!(offset("-03:30").unwrap().local_minus_utc(), -12_600);
        for wrong in ["", "Europe/Paris", "+1", "02:00", "+99:00", "+01:60"] {
            assert!(offset(wrong).is_none(), "{wrong}");
        }
    }
}
