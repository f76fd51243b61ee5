//! The pipeline's logical time.

use super::invalid::Invalid;

/// Reads an RFC 3339 date and time with offset as ns since 1970-01-01T00:00:00Z. The years 1678 to 2261 fit.
pub(super) fn parse(written: &str) -> Result<i64, Invalid> {
    let refuse = |why: &str| {
        Invalid::new(format!("{written:?} is not a usable time: {why}")).help(hint(written))
    };
    let time: jiff::Timestamp = written
        .parse()
        .map_err(|_| refuse("a date, a time and an offset are needed (RFC 3339)"))?;
    i64::try_from(time.as_nanosecond())
        .map_err(|_| refuse("only the years 1678 to 2261 fit into 64 bits of nanoseconds"))
}

/// The nearest text that would do.
fn hint(written: &str) -> String {
    let candidates = [format!("{written}Z"), format!("{written}T00:00:00Z")];
    let better = candidates
        .iter()
        .find(|text| text.parse::<jiff::Timestamp>().is_ok());
    format!(
        "write for example {}",
        better.map_or("2024-01-31T00:00:00Z", String::as_str)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(parse("1970-01-01T01:00:00.000000001+01:00"), Ok(1));
        assert_eq!(parse("1970-01-01 00:01Z"), Ok(60_000_000_000));
        assert_eq!(
            parse("2024-05-01").unwrap_err().help.unwrap(),
            "write for example 2024-05-01T00:00:00Z"
        );
        assert_eq!(
            parse("2024-05-01T10:00:00").unwrap_err().help.unwrap(),
            "write for example 2024-05-01T10:00:00Z"
        );
        assert!(parse("soon").unwrap_err().message.contains("RFC 3339"));
        assert!(
            parse("3000-01-01T00:00:00Z")
                .unwrap_err()
                .message
                .contains("64 bits")
        );
    }
}
