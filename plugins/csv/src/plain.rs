//! Rows in which nothing is quoted, cut without looking at every byte: 64 bytes are compared at once, and what is left to do is
//! one step for each delimiter and line end.
use crate::config::Config;
use crate::rows::{Row, Rows};

const BLOCK: usize = 64;

/// The marks of a dialect that has rows of this kind.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    delimiter: u8,
    /// The delimiter once more where there are no quotes.
    quote: u8,
    comment: Option<u8>,
}

impl Plain {
    /// None for a dialect in which one character has two meanings.
    pub fn of(config: &Config) -> Option<Plain> {
        let delimiter = config.delimiter.0;
        let ambiguous = config.quote.0 == Some(delimiter);
        (!ambiguous).then(|| Plain {
            delimiter,
            quote: config.quote.0.unwrap_or(delimiter),
            comment: config.comment.0,
        })
    }

    /// Appends the rows at the beginning of `input`, which begins with a row, until there are `wanted`; it stops in front of a
    /// row with a quote, of a comment, and of a row that does not end in `input`. `line` is where `input` begins. Answers how
    /// many bytes were used, and the line behind them.
    pub fn cut(&self, input: &[u8], rows: &mut Rows, wanted: usize, line: u64) -> (usize, u64) {
        let Rows {
            text,
            text_len,
            ends,
            ends_len,
            rows,
        } = rows;
        let (mut start, mut line) = (0, line);
        let (mut first_field, mut next_field) = (*ends_len, *ends_len);
        let is_comment =
            |place: usize| self.comment.is_some() && input.get(place).copied() == self.comment;
        if is_comment(0) {
            return (0, line);
        }
        'blocks: for (index, block) in input.chunks(BLOCK).enumerate() {
            if ends.len() < next_field + BLOCK {
                ends.resize((2 * ends.len()).max(next_field + BLOCK), 0);
            }
            let mut marks = self.marks(block);
            while marks != 0 {
                let place = index * BLOCK + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                let byte = input[place];
                if byte == self.delimiter {
                    ends[next_field] = *text_len + place;
                    next_field += 1;
                    continue;
                }
                if byte == self.quote {
                    break 'blocks;
                }
                // An empty line is no row, and neither is what lies between the two bytes of a line end.
                if place > start {
                    ends[next_field] = *text_len + place;
                    next_field += 1;
                    rows.push(Row {
                        start: *text_len + start,
                        gap: 1,
                        first_field,
                        fields: next_field - first_field,
                        last_line: line,
                    });
                    first_field = next_field;
                }
                line += u64::from(byte == b'\n');
                start = place + 1;
                if rows.len() == wanted || is_comment(start) {
                    break 'blocks;
                }
            }
        }
        let end = *text_len + start;
        if text.len() < end {
            text.resize(end.max(2 * text.len()), 0);
        }
        text[*text_len..end].copy_from_slice(&input[..start]);
        (*text_len, *ends_len) = (end, first_field);
        (start, line)
    }

    /// A bit for each byte of up to 64 that is a delimiter, a quote or a line end.
    #[inline]
    fn marks(&self, block: &[u8]) -> u64 {
        match block.try_into() {
            Ok(block) => self.marks_of(block),
            Err(_) => {
                let mut whole = [0; BLOCK];
                whole[..block.len()].copy_from_slice(block);
                self.marks_of(&whole) & ((1 << block.len()) - 1)
            }
        }
    }

    #[inline]
    fn marks_of(&self, block: &[u8; BLOCK]) -> u64 {
        // Written so that the compiler makes vector instructions of it.
        let mut flags = [0_u8; BLOCK];
        for (flag, byte) in flags.iter_mut().zip(block) {
            let marks = (*byte == self.delimiter) | (*byte == self.quote);
            let ends = (*byte == b'\n') | (*byte == b'\r');
            *flag = u8::from(marks | ends);
        }
        let mut bits = 0;
        for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
            // Eight bytes that are 0 or 1 become eight bits: the product moves the bit of byte i to bit 56 + i.
            let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            bits |= gathered << (8 * index);
        }
        bits
    }
}
