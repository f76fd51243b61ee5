//! How times and sizes are written in a manifest.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::manifest::invalid::Invalid;

/// A span of time, written as `"90s"`, `"10m"`, `"1h 30m"`; whole milliseconds, at most 365 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime(Duration);

impl WallTime {
    /// One second.
    pub const SECOND: WallTime = WallTime(Duration::from_secs(1));
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

    /// A time; whole milliseconds, at most 365 days.
    pub(in crate::manifest) const fn of(time: Duration) -> WallTime {
        WallTime(time)
    }

    /// A time of so many milliseconds.
    pub const fn of_millis(millis: u64) -> WallTime {
        WallTime(Duration::from_millis(millis))
    }

    /// The time as a duration.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for WallTime {
    type Err = Invalid;

    fn from_str(written: &str) -> Result<WallTime, Invalid> {
        let example = "write for example \"90s\", \"10m\" or \"1h 30m\"";
        let refuse =
            |why: &str| Invalid::new(format!("{written:?} is not a time: {why}")).help(example);
        let parsed: jiff::SignedDuration = written
            .parse()
            .map_err(|_| refuse("a number and a unit (ms, s, m, h) are needed"))?;
        let time = Duration::try_from(parsed).map_err(|_| refuse("it is negative"))?;
        if time.subsec_nanos() % 1_000_000 != 0 {
            return Err(refuse("it is finer than a millisecond"));
        }
        if time > WallTime::LONGEST {
            return Err(refuse("it is longer than 365 days"));
        }
        Ok(WallTime(time))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = jiff::SignedDuration::try_from(self.0).expect("a year fits");
        write!(f, "{signed:#}")
    }
}

/// A number of bytes, written as `"512MiB"`, `"4GiB"`, `"100MB"` (kB, MB, GB, TB are powers of 1000, KiB to TiB of 1024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(u64);

/// Binary units first, each before the smaller one: the order in which a unit for display is looked for.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// A size of so many bytes.
    pub const fn of(bytes: u64) -> ByteSize {
        ByteSize(bytes)
    }

    /// How many bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = Invalid;

    fn from_str(written: &str) -> Result<ByteSize, Invalid> {
        let refuse = |why: &str| {
            Invalid::new(format!("{written:?} is not a size: {why}"))
                .help("write for example \"512MiB\" or \"4GiB\"")
        };
        let end = written
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(written.len());
        let (number, unit) = (&written[..end], written[end..].trim());
        if number.is_empty() || unit.starts_with(['.', ',', '_']) {
            return Err(refuse("a whole number and a unit are needed"));
        }
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .ok_or_else(|| refuse("its unit is none of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"))?;
        let number: u64 = number
            .parse()
            .map_err(|_| refuse("the number is too large"))?;
        number
            .checked_mul(*factor)
            .map(ByteSize)
            .ok_or_else(|| refuse("the number is too large"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &&(&str, u64)| self.0 >= *factor && self.0.is_multiple_of(*factor);
        let (unit, factor) = UNITS.iter().find(fits).copied().unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

macro_rules! through_text {
    ($type:ident) => {
        impl TryFrom<String> for $type {
            type Error = Invalid;

            fn try_from(written: String) -> Result<$type, Invalid> {
                written.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
    };
}

through_text!(WallTime);
through_text!(ByteSize);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times() {
        for (written, millis) in [
            ("90s", 90_000),
            ("10m", 600_000),
            ("1h 30m", 5_400_000),
            ("250ms", 250),
            ("1.5s", 1500),
        ] {
            assert_eq!(
                written.parse::<WallTime>().unwrap().duration(),
                Duration::from_millis(millis),
                "{written}"
            );
        }
        for wrong in ["", "10", "ten minutes", "-5s", "1ns", "9000h", "5 parsecs"] {
            assert!(wrong.parse::<WallTime>().is_err(), "{wrong}");
        }
        assert_eq!(WallTime::of_millis(600_000).to_string(), "10m");
    }

    #[test]
    fn sizes() {
        for (written, bytes) in [
            ("1GiB", 1 << 30),
            ("512 MiB", 512 << 20),
            ("100MB", 100_000_000),
            ("3 B", 3),
            ("2kib", 2048),
            ("0B", 0),
        ] {
            assert_eq!(
                written.parse::<ByteSize>().unwrap().bytes(),
                bytes,
                "{written}"
            );
        }
        for wrong in [
            "",
            "GiB",
            "1",
            "1.5GiB",
            "-1GiB",
            "1 XB",
            "99999999999TiB",
            "1GiB1",
        ] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
        }
        assert_eq!(ByteSize(1 << 30).to_string(), "1GiB");
        assert_eq!(ByteSize(1536 << 20).to_string(), "1536MiB");
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_read_back(bytes: u64, millis in 0u64..31_536_000_000) {
            let size = ByteSize(bytes);
            proptest::prop_assert_eq!(size.to_string().parse(), Ok(size));
            let time = WallTime(Duration::from_millis(millis));
            proptest::prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn any_text_is_read_or_refused(written: String) {
            let _ = (written.parse::<ByteSize>(), written.parse::<WallTime>());
        }
    }
}
