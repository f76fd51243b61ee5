//! How long a monitor's windows are: `every = "1mo"`. Windows follow the calendar in UTC, so where one begins depends on no run.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::{ToSpan, Unit};
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// A span of the calendar, written as `"1h"`, `"1d"`, `"2w"`, `"1mo"`, `"1y"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    count: i64,
    unit: Calendar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Calendar {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The units and how they are written.
const UNITS: [(&str, Calendar); 5] = [
    ("h", Calendar::Hour),
    ("d", Calendar::Day),
    ("w", Calendar::Week),
    ("mo", Calendar::Month),
    ("y", Calendar::Year),
];
/// The most units in a period.
const MOST: i64 = 1000;
/// A Monday: weeks, days and hours are counted from here.
const ORIGIN: Date = jiff::civil::date(1970, 1, 5);

impl Period {
    /// The first moment of the window that a moment lies in, counted from 1970-01-05 (a Monday), or from the year 0 for months and
    /// years. None for moments that no calendar has.
    pub fn start(self, at: DateTime) -> Option<DateTime> {
        let origin = ORIGIN.at(0, 0, 0, 0);
        let since = |unit| at.since((unit, origin)).ok();
        let whole = |count: i64| count.div_euclid(self.count) * self.count;
        match self.unit {
            Calendar::Hour | Calendar::Day | Calendar::Week => {
                let hours = since(Unit::Hour)?;
                // What is left of the hour rounds toward the origin: below it, one hour too few were counted.
                let counted = i64::from(hours.get_hours());
                let below = origin.checked_add(counted.hours()).ok()? > at;
                let hours = counted - i64::from(below);
                let each = match self.unit {
                    Calendar::Hour => 1,
                    Calendar::Day => 24,
                    _ => 24 * 7,
                };
                let hours = whole(hours.div_euclid(each)) * each;
                origin.checked_add(hours.hours()).ok()
            }
            Calendar::Month => {
                let months = whole(i64::from(at.year()) * 12 + i64::from(at.month()) - 1);
                let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
                let year = i16::try_from(year).ok()?;
                Some(Date::new(year, month as i8, 1).ok()?.at(0, 0, 0, 0))
            }
            Calendar::Year => {
                let year = i16::try_from(whole(i64::from(at.year()))).ok()?;
                Some(Date::new(year, 1, 1).ok()?.at(0, 0, 0, 0))
            }
        }
    }

    /// The first moment behind the window that begins there.
    pub fn end(self, start: DateTime) -> Option<DateTime> {
        let span = match self.unit {
            Calendar::Hour => self.count.hours(),
            Calendar::Day => self.count.days(),
            Calendar::Week => self.count.weeks(),
            Calendar::Month => self.count.months(),
            Calendar::Year => self.count.years(),
        };
        start.checked_add(span).ok()
    }

    /// The name of the window that begins there, e.g. `2012-03` of a month.
    pub fn label(self, start: DateTime) -> String {
        let format = match self.unit {
            Calendar::Hour => "%Y-%m-%dT%H",
            Calendar::Day | Calendar::Week => "%Y-%m-%d",
            Calendar::Month => "%Y-%m",
            Calendar::Year => "%Y",
        };
        start.strftime(format).to_string()
    }
}

impl FromStr for Period {
    type Err = Invalid;

    fn from_str(written: &str) -> Result<Period, Invalid> {
        let refuse = || {
            Invalid::new(format!("{written:?} is not a span of the calendar"))
                .help("write a number from 1 to 1000 and h, d, w, mo or y, for example \"1mo\"")
        };
        let digits = written.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = written[digits.len()..].trim();
        let count = digits.parse::<i64>().map_err(|_| refuse())?;
        let found = UNITS.iter().find(|(name, _)| *name == unit);
        match found {
            Some((_, unit)) if (1..=MOST).contains(&count) => Ok(Period { count, unit: *unit }),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = UNITS.iter().find(|(_, unit)| *unit == self.unit);
        write!(
            f,
            "{}{}",
            self.count,
            name.expect("every unit has a name").0
        )
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Period, String> {
        text.parse().map_err(|invalid: Invalid| invalid.message)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn window(period: &str, at: &str) -> (String, String, String) {
        let period: Period = period.parse().unwrap();
        let start = period.start(at.parse().unwrap()).unwrap();
        let end = period.end(start).unwrap();
        (start.to_string(), end.to_string(), period.label(start))
    }

    #[test]
    fn windows_follow_the_calendar() {
        let of = |period, at| {
            let (start, end, label) = window(period, at);
            format!("{start} {end} {label}")
        };
        assert_eq!(
            of("1mo", "2012-02-29T23:59:59.9"),
            "2012-02-01T00:00:00 2012-03-01T00:00:00 2012-02"
        );
        assert_eq!(
            of("3mo", "2012-05-01T00:00:00"),
            "2012-04-01T00:00:00 2012-07-01T00:00:00 2012-04"
        );
        assert_eq!(
            of("1w", "2026-11-25T12:00:00"),
            "2026-11-23T00:00:00 2026-11-30T00:00:00 2026-11-23"
        );
        assert_eq!(
            of("1d", "1969-12-31T23:30:00"),
            "1969-12-31T00:00:00 1970-01-01T00:00:00 1969-12-31"
        );
        assert_eq!(
            of("6h", "1969-12-31T05:30:00"),
            "1969-12-31T00:00:00 1969-12-31T06:00:00 1969-12-31T00"
        );
        assert_eq!(
            of("1y", "2011-07-01T01:00:00"),
            "2011-01-01T00:00:00 2012-01-01T00:00:00 2011"
        );
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for wrong in ["", "1", "mo", "0d", "-1d", "1m", "1001d", "1.5h", "1 month"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
        assert_eq!("12h".parse::<Period>().unwrap().to_string(), "12h");
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_its_window(seconds in -60_000_000_000_i64..60_000_000_000, count in 1..40_i64, unit in 0..5_usize) {
            let period = Period { count, unit: UNITS[unit].1 };
            let at = ORIGIN.at(3, 0, 0, 0).checked_add(seconds.seconds()).unwrap();
            let start = period.start(at).unwrap();
            prop_assert!(start <= at && at < period.end(start).unwrap());
            prop_assert_eq!(period.start(start), Some(start));
        }
    }
}
