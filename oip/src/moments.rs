//! Dates and times as text: ISO 8601 as RFC 3339 narrows it, for every value that a column may hold.
//!
//! Years of four digits are written as such, others with a sign (`+12345-01-01`, `-0044-03-15`), since columns reach further
//! than four digits. The calendar is the Gregorian one throughout.

use std::io::Write;

use arrow_schema::TimeUnit;

const DAY: i64 = 86_400;
/// From the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;
const NANOS: i128 = 1_000_000_000;

/// The days since 1970 of `YYYY-MM-DD`.
pub(crate) fn days(text: &str) -> Option<i32> {
    let mut scan = Scan(text.as_bytes());
    let days = scan.date()?;
    scan.0.is_empty().then(|| i32::try_from(days).ok())?
}

/// The units since 1970 of `YYYY-MM-DDTHH:MM:SS`, where the `T` may be a space, a fraction may follow, and then `Z` or an offset
/// such as `+02:00`; without one it is UTC. None also for what is no whole number of units.
pub(crate) fn units(text: &str, unit: TimeUnit) -> Option<i64> {
    let mut scan = Scan(text.as_bytes());
    let days = scan.date()?;
    scan.one_of(b"Tt ")?;
    let seconds = scan.time()?;
    let nanos = scan.fraction()?;
    // The furthest years have more seconds than 64 bits count.
    let seconds = i128::from(days) * i128::from(DAY) + i128::from(seconds - scan.offset()?);
    if !scan.0.is_empty() {
        return None;
    }
    let nanos = seconds * NANOS + i128::from(nanos);
    let one = NANOS / i128::from(per_second(unit));
    (nanos % one == 0).then(|| i64::try_from(nanos / one).ok())?
}

/// Writes a date.
pub(crate) fn write_days(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    let written = if (0..=9999).contains(&year) {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(out, "{year:+05}-{month:02}-{day:02}")
    };
    written.expect("memory takes everything");
}

/// Writes a time, with a `Z` when it is an instant, and a fraction when it has one.
pub(crate) fn write_units(out: &mut Vec<u8>, value: i64, unit: TimeUnit, instant: bool) {
    let per_second = per_second(unit);
    let seconds = value.div_euclid(per_second);
    let fraction = value.rem_euclid(per_second);
    write_days(out, seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let mut written = write!(out, "T{hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        let digits = per_second.ilog10() as usize;
        written = written.and_then(|()| write!(out, ".{fraction:0digits$}"));
    }
    if instant {
        out.push(b'Z');
    }
    written.expect("memory takes everything");
}

/// What a time has to be, for whoever sent another.
pub(crate) fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    }
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Days since 1970. Years begin in March here: the leap day is then the last, and months before it do not shift.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        3.. => (year, month - 3),
        _ => (year - 1, month + 9),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + days_before(month) + day - 1 - EPOCH
}

/// Year, month and day of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    const CYCLE: i64 = 146_097; // Days of 400 years.
    let days = days + EPOCH;
    let (cycle, day) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    // Take the leap days out, and years are of one length. The last day of 4, of 100 and of 400 years is the leap day itself.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - days_before(month) + 1;
    let year = cycle * 400 + year;
    match month {
        ..10 => (year, month + 3, of_month),
        _ => (year + 1, month - 9, of_month),
    }
}

/// Days of a year that begins in March, before its month: five months are 153 days, again and again.
fn days_before(month: i64) -> i64 {
    (153 * month + 2) / 5
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left of a text.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0;
        for digit in number {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.0 = rest;
        Some(value)
    }

    fn digits(&self) -> usize {
        self.0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    fn year(&mut self) -> Option<i64> {
        let Some(sign) = self.one_of(b"+-") else {
            return self.number(4);
        };
        let digits = self.digits();
        // Seconds in 64 bits reach a year of twelve digits.
        let year = (4..=12).contains(&digits).then(|| self.number(digits))??;
        Some(if sign == b'-' { -year } else { year })
    }

    fn date(&mut self) -> Option<i64> {
        let year = self.year()?;
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        let day = self.number(2)?;
        let exists = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        exists.then(|| days_of(year, month, day))
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.one_of(b":")?;
        let minute = self.number(2)?;
        self.one_of(b":")?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
    }

    /// Nanoseconds.
    fn fraction(&mut self) -> Option<i64> {
        if self.one_of(b".").is_none() {
            return Some(0);
        }
        let digits = self.digits();
        let value = (1..=9).contains(&digits).then(|| self.number(digits))??;
        Some(value * 10i64.pow(9 - u32::try_from(digits).ok()?))
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hour = self.number(2)?;
        self.one_of(b":")?;
        let minute = self.number(2)?;
        (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn date(days: i64) -> String {
        let mut out = Vec::new();
        write_days(&mut out, days);
        String::from_utf8(out).unwrap()
    }

    fn time(value: i64, unit: TimeUnit) -> String {
        let mut out = Vec::new();
        write_units(&mut out, value, unit, true);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn known_dates() {
        for (text, value) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2024-02-29", 19_782),
            ("0000-03-01", -719_468),
            ("-0001-12-31", -719_529),
            ("+10000-01-01", 2_932_897),
        ] {
            assert_eq!(days(text), Some(value), "{text}");
            assert_eq!(date(value.into()), text);
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-1-1",
            "24-01-01",
            "2024-01-01T",
            "",
            "+999999999999-01-01",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_a_thousand_years_follows_the_one_before() {
        let mut before = civil(-400_000);
        for day in -399_999..400_000 {
            let (year, month, of_month) = civil(day);
            let (y, m, d) = before;
            let expected = match (m, d) {
                (12, 31) => (y + 1, 1, 1),
                _ if d == days_in(y, m) => (y, m + 1, 1),
                _ => (y, m, d + 1),
            };
            before = (year, month, of_month);
            assert_eq!(before, expected);
            assert_eq!(days_of(year, month, of_month), day);
        }
    }

    #[test]
    fn the_ends_of_columns_are_written_and_read() {
        for value in [i32::MIN, i32::MAX] {
            assert_eq!(days(&date(value.into())), Some(value));
        }
        use TimeUnit::*;
        for unit in [Second, Millisecond, Microsecond, Nanosecond] {
            for value in [i64::MIN, -1, 0, 1, i64::MAX] {
                assert_eq!(units(&time(value, unit), unit), Some(value));
            }
        }
        assert_eq!(units("+999999999999-01-01T00:00:00", Second), None);
    }

    #[test]
    fn times_as_people_write_them() {
        let noon = Some(1_709_208_000_000);
        for text in [
            "2024-02-29T12:00:00Z",
            "2024-02-29t12:00:00z",
            "2024-02-29 12:00:00",
            "2024-02-29T12:00:00.000000000",
            "2024-02-29T14:30:00+02:30",
            "2024-02-29T09:00:00-03:00",
        ] {
            assert_eq!(units(text, TimeUnit::Millisecond), noon, "{text}");
        }
        for text in [
            "2024-02-29",
            "2024-02-29T12:00",
            "2024-02-29T24:00:00",
            "2024-02-29T12:00:60Z",
            "2024-02-29T12:00:00.",
            "2024-02-29T12:00:00.0000000000",
            "2024-02-29T12:00:00+2",
            "2024-02-29T12:00:00Z ",
            "2024-02-29T12:00:00.0001",
        ] {
            assert_eq!(units(text, TimeUnit::Millisecond), None, "{text}");
        }
        assert_eq!(
            time(-1, TimeUnit::Microsecond),
            "1969-12-31T23:59:59.999999Z"
        );
    }
}
