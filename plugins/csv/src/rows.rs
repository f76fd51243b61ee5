//! Rows of fields, cut out of a text and not yet looked at.

/// Rows of fields, all in one text.
#[derive(Debug, Default)]
pub struct Rows {
    /// As long as it ever had to be; what counts is `text_len`.
    pub(crate) text: Vec<u8>,
    pub(crate) text_len: usize,
    /// Where each field ends in the text.
    pub(crate) ends: Vec<usize>,
    pub(crate) ends_len: usize,
    pub(crate) rows: Vec<Row>,
}

/// Where a row is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Where its first field starts in the text.
    pub(crate) start: usize,
    /// How many bytes lie between its fields: the delimiter, where it is still in the text.
    pub(crate) gap: usize,
    pub(crate) first_field: usize,
    pub(crate) fields: usize,
    pub(crate) last_line: u64,
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

    /// How many bytes of text they take.
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
        let row = &self.rows[row];
        let field = row.first_field + column;
        let start = match column {
            0 => row.start,
            _ => self.ends[field - 1] + row.gap,
        };
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

    /// Whether all of the text is ASCII, so that every field is UTF-8.
    pub fn is_ascii(&self) -> bool {
        // Without an early end, so that the compiler takes many bytes at once.
        let text = self.text[..self.text_len].iter();
        text.fold(0, |all, byte| all | byte) < 0x80
    }

    /// Keeps the rows with so many fields.
    pub fn keep_width(&mut self, fields: usize) {
        self.rows.retain(|row| row.fields == fields);
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

/// Makes a list longer, at once by so much that it happens seldom.
pub(crate) fn grow<T: Clone + Default>(list: &mut Vec<T>) {
    list.resize((list.len() * 2).max(1024), T::default());
}
