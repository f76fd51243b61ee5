//! Cuts text into rows of fields, by the csv-core state machine and by a shorter way where no field is quoted.
use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::config::Config;
use crate::plain::Plain;
use crate::rows::{Row, Rows, grow};

const BUFFER: usize = 1 << 20;
/// A longer row is taken for a quote that was never closed.
const LONGEST_ROW: usize = 64 << 20;

/// Why no further row could be cut.
#[derive(Debug)]
pub enum TokenError {
    /// The text could not be read.
    Io(io::Error),
    /// A row that starts on this line has no end within reason.
    TooLong(u64),
    /// The text is not in an encoding that can be read.
    Encoding(&'static str),
}

/// Reads rows one after the other.
pub struct Tokens<R> {
    reader: R,
    core: Reader,
    /// The shorter way, where the dialect has one.
    plain: Option<Plain>,
    /// Whether the state machine has cut a row, and with it dropped a byte order mark if there was one.
    started: bool,
    buffer: Vec<u8>,
    used: usize,
    filled: usize,
}

impl<R: Read> Tokens<R> {
    /// Starts behind the lines to skip.
    ///
    /// # Errors
    /// When the text cannot be read or is UTF-16.
    pub fn new(reader: R, config: &Config) -> Result<Tokens<R>, TokenError> {
        Tokens::with_buffer(reader, config, BUFFER)
    }

    fn with_buffer(reader: R, config: &Config, buffer: usize) -> Result<Tokens<R>, TokenError> {
        let mut builder = ReaderBuilder::new();
        builder
            .delimiter(config.delimiter.0)
            .quoting(config.quote.0.is_some())
            .quote(config.quote.0.unwrap_or(b'"'))
            .escape(config.escape.0)
            .double_quote(config.double_quote)
            .comment(config.comment.0);
        let mut tokens = Tokens {
            reader,
            core: builder.build(),
            plain: Plain::of(config),
            started: false,
            buffer: vec![0; buffer],
            used: 0,
            filled: 0,
        };
        tokens.fill()?;
        if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = tokens.buffer[..tokens.filled] {
            return Err(TokenError::Encoding("UTF-16"));
        }
        tokens.skip_lines(config.skip_rows)?;
        Ok(tokens)
    }

    /// Appends rows until there are `rows_wanted` or they take `bytes_wanted`; false at the end of the text. Empty lines and
    /// comments are no rows.
    ///
    /// # Errors
    /// When the text cannot be read or a row does not end.
    pub fn fill_up(
        &mut self,
        rows: &mut Rows,
        rows_wanted: usize,
        bytes_wanted: usize,
    ) -> Result<bool, TokenError> {
        while rows.len() < rows_wanted && rows.bytes() < bytes_wanted {
            if self.started
                && let Some(plain) = &self.plain
            {
                // Between two rows all states of the machine mean the same, so it does not mind what it has not seen.
                let rest = &self.buffer[self.used..self.filled];
                let (used, line) = plain.cut(rest, rows, rows_wanted, self.core.line());
                self.used += used;
                self.core.set_line(line);
                if rows.len() == rows_wanted {
                    break;
                }
            }
            if !self.next(rows)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Appends the next row as the state machine cuts it; false at the end of the text.
    ///
    /// # Errors
    /// When the text cannot be read or a row does not end.
    pub fn next(&mut self, rows: &mut Rows) -> Result<bool, TokenError> {
        let (text_start, first_field) = (rows.text_len, rows.ends_len);
        loop {
            if self.used == self.filled {
                self.fill()?;
            }
            let input = &self.buffer[self.used..self.filled];
            let text = &mut rows.text[rows.text_len..];
            let ends = &mut rows.ends[rows.ends_len..];
            let (result, read, written, ended) = self.core.read_record(input, text, ends);
            let last = input[..read].last().copied();
            self.used += read;
            rows.text_len += written;
            rows.ends_len += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if rows.text_len - text_start > LONGEST_ROW => {
                    let text = &rows.text[text_start..rows.text_len];
                    let breaks = text.iter().filter(|byte| **byte == b'\n').count();
                    return Err(TokenError::TooLong(self.core.line() - breaks as u64));
                }
                ReadRecordResult::OutputFull => grow(&mut rows.text),
                ReadRecordResult::OutputEndsFull => grow(&mut rows.ends),
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::Record => {
                    for end in &mut rows.ends[first_field..rows.ends_len] {
                        *end += text_start;
                    }
                    let last_line = self.core.line() - u64::from(last == Some(b'\n'));
                    self.started = true;
                    rows.rows.push(Row {
                        start: text_start,
                        gap: 0,
                        first_field,
                        fields: rows.ends_len - first_field,
                        last_line,
                    });
                    return Ok(true);
                }
            }
        }
    }

    /// Reads until the buffer is full or the text ends.
    fn fill(&mut self) -> Result<(), TokenError> {
        (self.used, self.filled) = (0, 0);
        while self.filled < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TokenError::Io(error)),
            }
        }
        Ok(())
    }

    fn skip_lines(&mut self, lines: u64) -> Result<(), TokenError> {
        let mut skipped = 0;
        while skipped < lines && self.filled > 0 {
            let rest = &self.buffer[self.used..self.filled];
            match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.used += end + 1;
                    skipped += 1;
                }
                None => self.fill()?,
            }
        }
        self.core.set_line(1 + skipped);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str, config: &Config) -> Vec<(u64, usize)> {
        let mut tokens = Tokens::new(text.as_bytes(), config).unwrap();
        let mut rows = Rows::default();
        assert!(!tokens.fill_up(&mut rows, usize::MAX, usize::MAX).unwrap());
        (0..rows.len())
            .map(|row| (rows.line(row), rows.width(row)))
            .collect()
    }

    #[test]
    fn lines_are_physical_lines() {
        let config = Config::default();
        let plain = "a,b\n1,\"x\ny\nz\"\n\n\n2,\"p\nq\"\n3";
        let expected = [(1, 2), (2, 2), (7, 2), (9, 1)];
        assert_eq!(lines(plain, &config), expected);
        assert_eq!(lines(&plain.replace('\n', "\r\n"), &config), expected);
        assert_eq!(lines(&format!("{plain}\n"), &config), expected);
    }

    #[test]
    fn comments_and_skipped_lines_count() {
        let config: Config = serde_json::from_str(r##"{"comment":"#","skip-rows":2}"##).unwrap();
        let text = "title\n\"open\n# note\na,b\n# again\n1,2\n";
        assert_eq!(lines(text, &config), [(4, 2), (6, 2)]);
        assert_eq!(lines("only", &config), []);
    }

    type Cut = Vec<(u64, Vec<Vec<u8>>)>;

    /// The rows, each with its line; with a small buffer, so that rows lie across its end.
    fn cut(text: &[u8], buffer: usize, config: &Config, wanted: usize, plain: bool) -> Cut {
        let mut tokens = Tokens::with_buffer(text, config, buffer).unwrap();
        tokens.plain = tokens.plain.filter(|_| plain);
        let mut all = Vec::new();
        loop {
            let mut rows = Rows::default();
            let more = tokens.fill_up(&mut rows, wanted, 200).unwrap();
            let fields = |row| rows.fields(row).map(<[u8]>::to_vec).collect();
            all.extend((0..rows.len()).map(|row| (rows.line(row), fields(row))));
            if !more {
                return all;
            }
        }
    }

    proptest! {
        #[test]
        fn the_shorter_way_cuts_as_the_state_machine_does(
            text in prop::collection::vec(prop::sample::select(b"aaaaaaabcd0123,,,,;;\t|\"'\\#\n\n\r\0\xc3\xa4 ".to_vec()), 0..600),
            end in prop::sample::select(vec!["", "\n", "\r\n", "\r"]),
            delimiter in prop::sample::select(vec![",", ";", "\t", "|", "a", "\"", "\0"]),
            quote in prop::sample::select(vec!["\"", "'", "", "#", ","]),
            escape in prop::sample::select(vec!["", "\\", "\"", ","]),
            comment in prop::sample::select(vec!["", "#", "a", "\"", ","]),
            double_quote in any::<bool>(),
            skip in 0_u64..3,
            buffer in 8_usize..400,
            wanted in 1_usize..40,
        ) {
            let config = serde_json::json!({
                "delimiter": delimiter, "quote": quote, "escape": escape, "comment": comment,
                "double-quote": double_quote, "skip-rows": skip,
            });
            let config: Config = serde_json::from_value(config).unwrap();
            let text = [&text, end.as_bytes()].concat();
            prop_assert_eq!(
                cut(&text, buffer, &config, wanted, true),
                cut(&text, buffer, &config, usize::MAX, false)
            );
        }

        /// Long rows and few marks: more than a block between two of them.
        #[test]
        fn blocks_without_marks_are_no_hindrance(
            widths in prop::collection::vec((0_usize..200, any::<bool>()), 0..40),
            buffer in 64_usize..1000,
        ) {
            let config = Config::default();
            let field = |(width, last): &(usize, bool)| "x".repeat(*width) + if *last { "\n" } else { "," };
            let text: String = widths.iter().map(field).collect();
            prop_assert_eq!(
                cut(text.as_bytes(), buffer, &config, 7, true),
                cut(text.as_bytes(), buffer, &config, 7, false)
            );
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_eat_the_memory() {
        let text = b"a,b\n1,\""
            .iter()
            .copied()
            .chain(std::iter::repeat_n(b'x', LONGEST_ROW * 2));
        let text: Vec<u8> = text.collect();
        let mut tokens = Tokens::new(text.as_slice(), &Config::default()).unwrap();
        let mut rows = Rows::default();
        tokens.next(&mut rows).unwrap();
        assert!(matches!(
            tokens.next(&mut rows),
            Err(TokenError::TooLong(2))
        ));
    }
}
