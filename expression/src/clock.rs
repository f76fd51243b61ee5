//! Dates, times and zones: from text, to text, into parts.
use std::fmt::Write;

use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// Days from the year 1 to 1970-01-01, as chrono counts.
const EPOCH: i64 = 719_163;

/// The seconds by which a zone is ahead of UTC: `UTC`, `+02:00`. None for a zone by name, since guests carry no table of zones.
pub fn offset_seconds(zone: &str) -> Option<i32> {
    if matches!(zone, "UTC" | "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match zone.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [a, b, b':', c, d] | [a, b, c, d] => (digits(&[*a, *b])?, digits(&[*c, *d])?),
        _ => return None,
    };
    let within = hours < 24 && minutes < 60;
    within.then_some(sign * (hours * 3600 + minutes * 60))
}

fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| i32::from(digit - b'0'))?;
        Some(value * 10 + digit)
    })
}

/// The calendar's day; none for years that no calendar has.
pub fn calendar(days: i64) -> Option<NaiveDate> {
    let days = i32::try_from(days.checked_add(EPOCH)?).ok()?;
    NaiveDate::from_num_days_from_ce_opt(days)
}

/// Days from 1970-01-01.
fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH as i32
}

/// 1 for Monday to 7 for Sunday.
pub fn weekday(days: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (days.rem_euclid(7) + 3).rem_euclid(7) + 1
}

/// A way to write dates and times, in strftime's letters.
#[derive(Clone, Debug)]
pub struct Format(Vec<Item<'static>>);

impl Format {
    /// Reads the letters.
    pub fn new(text: &str) -> Option<Format> {
        StrftimeItems::new(text).parse_to_owned().ok().map(Format)
    }

    /// Whether a text of this format says by how much it is ahead of UTC.
    pub fn has_offset(&self) -> bool {
        self.0.iter().any(|item| {
            matches!(
                item,
                Item::Numeric(Numeric::Timestamp, _)
                    | Item::Fixed(
                        Fixed::TimezoneOffset
                            | Fixed::TimezoneOffsetZ
                            | Fixed::TimezoneOffsetColon
                            | Fixed::TimezoneOffsetColonZ
                            | Fixed::TimezoneOffsetDoubleColon
                            | Fixed::TimezoneOffsetTripleColon
                            | Fixed::RFC2822
                            | Fixed::RFC3339
                    )
            )
        })
    }

    fn parsed(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.0.iter()).ok()?;
        Some(parsed)
    }

    /// Days from 1970-01-01.
    pub fn date(&self, text: &str) -> Option<i32> {
        self.parsed(text)?.to_naive_date().ok().map(days)
    }

    /// Microseconds from 1970-01-01T00:00:00, in UTC if the format has an offset. A date without a time is its midnight.
    pub fn time(&self, text: &str) -> Option<i64> {
        let parsed = self.parsed(text)?;
        if self.has_offset() {
            return whole_micros(parsed.to_datetime().ok()?.naive_utc());
        }
        let date = parsed.to_naive_date().ok()?;
        let time = match parsed.to_naive_time() {
            Ok(time) => time,
            Err(_) if parsed.hour_div_12().is_none() && parsed.minute().is_none() => NaiveTime::MIN,
            // `%H` alone is a time too.
            Err(_) => {
                let hour = parsed.hour_div_12()? * 12 + parsed.hour_mod_12()?;
                parsed.minute().is_none().then_some(())?;
                NaiveTime::from_hms_opt(hour, 0, 0)?
            }
        };
        whole_micros(date.and_time(time))
    }
}

/// None if it is finer than a microsecond: nothing is rounded.
fn whole_micros(time: NaiveDateTime) -> Option<i64> {
    let whole = time
        .and_utc()
        .timestamp_subsec_nanos()
        .is_multiple_of(1_000);
    whole.then(|| time.and_utc().timestamp_micros())
}

/// `2024-02-29`, in days from 1970-01-01.
pub fn iso_date(text: &str) -> Option<i32> {
    read_date(text.trim().as_bytes()).map(days)
}

fn read_date(text: &[u8]) -> Option<NaiveDate> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text else {
        return None;
    };
    let (year, month) = (digits(&[*a, *b, *c, *d])?, digits(&[*e, *f])?);
    NaiveDate::from_ymd_opt(year, month as u32, digits(&[*g, *h])? as u32)
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Written {
    /// Microseconds from 1970-01-01T00:00:00: of UTC with an offset, else of the clock on the wall.
    pub micros: i64,
    /// Whether an offset or a `Z` was written.
    pub offset: bool,
}

/// `2024-02-29T12:30`, with seconds, a fraction of up to six digits and `Z` or `+01:00` if they are there; a space for the `T`
/// will do, and a date alone is its midnight.
pub fn iso_time(text: &str) -> Option<Written> {
    let text = text.trim().as_bytes();
    if text.len() == 10 {
        let micros = i64::from(days(read_date(text)?)) * 86_400_000_000;
        return Some(Written {
            micros,
            offset: false,
        });
    }
    let (date, rest) = text.split_at_checked(10)?;
    let [b'T' | b't' | b' ', a, b, b':', c, d, rest @ ..] = rest else {
        return None;
    };
    let (hour, minute) = (digits(&[*a, *b])?, digits(&[*c, *d])?);
    let (second, rest) = match rest {
        [b':', a, b, rest @ ..] => (digits(&[*a, *b])?, rest),
        _ => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.', rest @ ..] => fraction(rest)?,
        _ => (0, rest),
    };
    let offset = match rest {
        [] => None,
        rest => Some(offset_seconds(std::str::from_utf8(rest).ok()?)?),
    };
    let time = NaiveTime::from_hms_micro_opt(hour as u32, minute as u32, second as u32, micros)?;
    let local = read_date(date)?.and_time(time).and_utc().timestamp_micros();
    Some(Written {
        micros: local - i64::from(offset.unwrap_or(0)) * 1_000_000,
        offset: offset.is_some(),
    })
}

/// Microseconds, and what follows.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (written, rest) = text.split_at(count);
    let (micros, finer) = written.split_at(count.min(6));
    if count == 0 || finer.iter().any(|digit| *digit != b'0') {
        return None;
    }
    let value = digits(micros)? as u32;
    Some((value * 10_u32.pow(6 - micros.len() as u32), rest))
}

/// Hour and minute of a time of the day as people write it: `6am`, `12 PM`, `6:30 p.m.`, `18:05`, `18:05:30`, `7`.
pub fn time_of_day(text: &str) -> Option<(i64, i64)> {
    let text = text.trim().to_ascii_lowercase();
    let clock = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let half = text[clock.len()..].replace('.', "");
    let half = match half.as_str() {
        "" => None,
        "am" | "a" => Some(0),
        "pm" | "p" => Some(12),
        _ => return None,
    };
    let mut parts = clock.trim_end().split(':');
    let hour = part(parts.next()?, 1)?;
    let minute = parts.next().map_or(Some(0), |minute| part(minute, 2))?;
    let second = parts.next().map_or(Some(0), |second| part(second, 2))?;
    if parts.next().is_some() || minute > 59 || second > 59 {
        return None;
    }
    match half {
        None => (hour < 24).then_some((hour, minute)),
        Some(half) => (1..=12)
            .contains(&hour)
            .then_some((hour % 12 + half, minute)),
    }
}

fn part(text: &str, least: usize) -> Option<i64> {
    let fits = (least..=2).contains(&text.len());
    fits.then(|| digits(text.as_bytes()).map(i64::from))?
}

/// As [`iso_date`] reads it.
pub fn date_text(days: i32) -> Option<String> {
    calendar(i64::from(days)).map(|date| date.to_string())
}

/// As [`iso_time`] reads it: seconds always, a fraction if there is one, the offset if the column has a zone.
pub fn time_text(ticks: i64, per_second: i64, zone: Option<&str>) -> Option<String> {
    let offset = zone.map_or(Some(0), offset_seconds)?;
    let seconds = ticks
        .div_euclid(per_second)
        .checked_add(i64::from(offset))?;
    let (date, second) = (
        calendar(seconds.div_euclid(86_400))?,
        seconds.rem_euclid(86_400),
    );
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{date}T{hour:02}:{minute:02}:{second:02}");
    let fraction = ticks.rem_euclid(per_second);
    if fraction > 0 {
        let width = per_second.ilog10() as usize;
        let digits = format!("{fraction:0width$}");
        write!(text, ".{}", digits.trim_end_matches('0')).expect("a text takes all");
    }
    match zone {
        None => {}
        Some(_) if offset == 0 => text.push('Z'),
        Some(_) => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.abs() / 60;
            write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
                .expect("a text takes all");
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_as_people_write_them() {
        let cases = [
            ("6am", Some((6, 0))),
            ("12am", Some((0, 0))),
            ("12 PM", Some((12, 0))),
            ("11pm", Some((23, 0))),
            ("6:30 p.m.", Some((18, 30))),
            ("18:05", Some((18, 5))),
            ("18:05:30", Some((18, 5))),
            ("7", Some((7, 0))),
            ("24", None),
            ("13pm", None),
            ("0am", None),
            ("6:5", None),
            ("noon", None),
            ("", None),
            ("6:60", None),
            ("+6", None),
        ];
        for (text, expected) in cases {
            assert_eq!(time_of_day(text), expected, "{text}");
        }
    }

    #[test]
    fn times_come_back() {
        for text in [
            "1970-01-01T00:00:00",
            "1969-12-31T23:59:59.5",
            "2024-02-29T12:30:00.000001",
        ] {
            let written = iso_time(text).map(|written| (written.micros, written.offset));
            let (micros, offset) = written.unwrap_or_default();
            assert!(!offset);
            assert_eq!(time_text(micros, 1_000_000, None).as_deref(), Some(text));
        }
        let utc = iso_time("2024-01-01 01:30+02:00");
        assert_eq!(utc, iso_time("2023-12-31T23:30Z"));
        assert_eq!(
            utc.and_then(|utc| time_text(utc.micros, 1_000_000, Some("+02:00"))),
            Some("2024-01-01T01:30:00+02:00".to_owned())
        );
        assert_eq!(iso_time("2024-01-01T00:00:00.1234567"), None);
        assert_eq!(iso_time("2024-13-01T00:00"), None);
        assert_eq!(iso_date("2023-02-29"), None);
    }

    #[test]
    fn formats_read_dates_times_and_offsets() {
        let format = |text| Format::new(text).unwrap_or(Format(Vec::new()));
        assert_eq!(format("%d.%m.%Y").date("02.01.1970"), Some(1));
        assert_eq!(format("%d.%m.%Y").time("02.01.1970"), Some(86_400_000_000));
        assert_eq!(
            format("%Y-%m-%d %H").time("1970-01-01 01"),
            Some(3_600_000_000)
        );
        let zoned = format("%Y-%m-%d %H:%M %z");
        assert!(zoned.has_offset());
        assert_eq!(zoned.time("1970-01-01 01:00 +0100"), Some(0));
        assert!(Format::new("%Q").is_none());
        assert_eq!([-1, 0, 3, 4].map(weekday), [3, 4, 7, 1]);
    }
}
