//! Cuts text into rows of fields, by the csv-core state machine.
use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::config::Config;

const BUFFER: usize = 1 << 20;
/// A longer row is taken for a quote that was never closed.
const LONGEST_ROW: usize = 64 << 20;

/// Rows of fields, all in one text.
#[derive(Debug, Default)]
pub struct Rows {
    text: Vec<u8>,
    text_len: usize,
    /// Where each field ends in the text; it starts where the one before ends.
    ends: Vec<usize>,
    ends_len: usize,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    first_field: usize,
    fields: usize,
    last_line: u64,
}

impl Rows {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many bytes the fields have together.
    pub fn bytes(&self) -> usize {
        self.text_len
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.text_len = 0;
        self.ends_len = 0;
    }

    /// How many fields a row has.
    pub fn width(&self, row: usize) -> usize {
        self.rows[row].fields
    }

    /// A field of a row.
    #[inline]
    pub fn field(&self, row: usize, column: usize) -> &[u8] {
        let field = self.rows[row].first_field + column;
        let start = if field == 0 { 0 } else { self.ends[field - 1] };
        &self.text[start..self.ends[field]]
    }

    /// The fields of a row.
    pub fn fields(&self, row: usize) -> impl Iterator<Item = &[u8]> {
        (0..self.width(row)).map(move |column| self.field(row, column))
    }

    /// The physical line on which a row starts, counted from 1.
    pub fn line(&self, row: usize) -> u64 {
        let breaks = self
            .fields(row)
            .flatten()
            .filter(|byte| **byte == b'\n')
            .count();
        self.rows[row].last_line - breaks as u64
    }

    /// Takes the last row back.
    pub fn pop(&mut self) {
        if let Some(row) = self.rows.pop() {
            self.ends_len = row.first_field;
            self.text_len = if row.first_field == 0 {
                0
            } else {
                self.ends[row.first_field - 1]
            };
        }
    }

    /// Keeps the rows for which `keep` holds. Only the list of rows is cut, not the text.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut row = 0;
        self.rows.retain(|_| {
            row += 1;
            keep(row - 1)
        });
    }
}

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
            buffer: vec![0; BUFFER],
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

    /// Appends the next row; false at the end of the text. Empty lines and comments are no rows.
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
                    rows.rows.push(Row {
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

fn grow<T: Clone + Default>(list: &mut Vec<T>) {
    list.resize((list.len() * 2).max(1024), T::default());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lines(text: &str, config: &Config) -> Vec<(u64, usize)> {
        let mut tokens = Tokens::new(text.as_bytes(), config).unwrap();
        let mut rows = Rows::default();
        while tokens.next(&mut rows).unwrap() {}
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

    #[test]
    fn popped_rows_leave_no_trace() {
        let config = Config::default();
        let mut tokens = Tokens::new(&b"a,b\nc\nd,e\n"[..], &config).unwrap();
        let mut rows = Rows::default();
        for _ in 0..2 {
            tokens.next(&mut rows).unwrap();
        }
        rows.pop();
        tokens.next(&mut rows).unwrap();
        assert_eq!(rows.fields(1).collect::<Vec<_>>(), [b"d", b"e"]);
        rows.retain(|row| row == 1);
        assert_eq!(rows.field(0, 1), b"e");
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
