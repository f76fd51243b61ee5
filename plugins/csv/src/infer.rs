//! Infers the type of a column from some of its values.
use arrow_schema::{DataType, TimeUnit};

use crate::config::Decimal;
use crate::value::{float, int, iso_date, iso_time};

/// The types that a column may still have after the values seen so far.
#[derive(Clone, Copy, Debug)]
pub struct Candidates {
    seen: bool,
    boolean: bool,
    int: bool,
    float: bool,
    date: bool,
    local_time: bool,
    zoned_time: bool,
}

impl Default for Candidates {
    fn default() -> Candidates {
        Candidates {
            seen: false,
            boolean: true,
            int: true,
            float: true,
            date: true,
            local_time: true,
            zoned_time: true,
        }
    }
}

impl Candidates {
    /// Takes a value into account that is not null.
    pub fn see(&mut self, text: &[u8], decimal: Decimal) {
        self.seen = true;
        self.boolean &= text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false");
        let padded = is_padded(text);
        self.int &= !padded && int(text).is_some();
        self.float &= !padded && is_float(text, decimal);
        self.date &= iso_date(text).is_some();
        if self.local_time || self.zoned_time {
            let time = iso_time(text)
                .filter(|time| time.local.and_utc().timestamp_subsec_nanos() % 1000 == 0);
            self.local_time &= time.is_some_and(|time| time.offset.is_none());
            self.zoned_time &= time.is_some_and(|time| time.offset.is_some());
        }
    }

    /// The narrowest type that held all values; text if there were none.
    pub fn data_type(&self) -> DataType {
        if !self.seen {
            DataType::Utf8
        } else if self.boolean {
            DataType::Boolean
        } else if self.int {
            DataType::Int64
        } else if self.float {
            DataType::Float64
        } else if self.date {
            DataType::Date32
        } else if self.local_time {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        } else if self.zoned_time {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        } else {
            DataType::Utf8
        }
    }
}

/// Leading zeros make a number a name, e.g. a postal code.
fn is_padded(text: &[u8]) -> bool {
    matches!(text, [b'0', b'0'..=b'9', ..])
}

/// Words without digits are no floats here, and whole numbers too large for an int64 would lose digits as one.
fn is_float(text: &[u8], decimal: Decimal) -> bool {
    let has_digit = text.iter().any(u8::is_ascii_digit);
    let whole = text
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'));
    has_digit && (!whole || int(text).is_some()) && float::<f64>(text, decimal).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> String {
        let mut candidates = Candidates::default();
        for value in values {
            candidates.see(value.as_bytes(), Decimal::Point);
        }
        lockflight_sdk::type_name(&candidates.data_type())
    }

    #[test]
    fn the_narrowest_type_wins() {
        assert_eq!(of(&["1", "-2"]), "int64");
        assert_eq!(of(&["1", "2.5"]), "float64");
        assert_eq!(of(&["true", "False"]), "bool");
        assert_eq!(of(&["2024-02-29"]), "date");
        assert_eq!(
            of(&["2024-02-29 10:00", "2024-02-29T10:00:00.5"]),
            "timestamp[us]"
        );
        assert_eq!(of(&["2013-01-01T10:00:00Z"]), "timestamp[us, UTC]");
        assert_eq!(of(&["1", "x"]), "text");
        assert_eq!(of(&[]), "text");
    }

    #[test]
    fn what_would_lose_something_stays_text() {
        assert_eq!(of(&["00501", "10001"]), "text");
        assert_eq!(of(&["18446744073709551616"]), "text");
        assert_eq!(of(&["Nan", "Inf"]), "text");
        assert_eq!(of(&["2024-02-29T10:00:00.123456789"]), "text");
        assert_eq!(of(&["2024-02-29T10:00", "2024-02-29T10:00Z"]), "text");
        assert_eq!(of(&["0", "0.5"]), "float64");
    }
}
