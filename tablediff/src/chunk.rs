//! Encoded rows, packed.

/// What a row takes in memory besides its bytes: number and ends here, hash and place in the join, its match.
pub(crate) const OVERHEAD: usize = 24 + 16 + 16;

/// A row: equal rows have equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// Its number in its version.
    pub row: u64,
    /// The columns by which rows are joined.
    pub key: &'a [u8],
    /// The other columns.
    pub values: &'a [u8],
}

/// Some rows of one version, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    /// For each row where its key and where its values end in `bytes`.
    ends: Vec<(usize, usize)>,
    rows: Vec<u64>,
}

impl Chunk {
    /// An empty chunk with room for this much.
    pub fn with_capacity(rows: usize, bytes: usize) -> Chunk {
        Chunk {
            bytes: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(rows),
            rows: Vec::with_capacity(rows),
        }
    }

    /// Appends a row.
    pub fn push(&mut self, record: Record<'_>) {
        self.bytes.extend_from_slice(record.key);
        let key = self.bytes.len();
        self.bytes.extend_from_slice(record.values);
        self.ends.push((key, self.bytes.len()));
        self.rows.push(record.row);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row at this place.
    pub fn get(&self, index: usize) -> Record<'_> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let (key, values) = self.ends[index];
        Record {
            row: self.rows[index],
            key: &self.bytes[start..key],
            values: &self.bytes[key..values],
        }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Bytes this takes in memory during a join.
    pub fn size(&self) -> usize {
        self.bytes.len() + self.len() * OVERHEAD
    }
}

/// The place of a row in a list of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    chunk: u32,
    index: u32,
}

impl At {
    /// The row at this place.
    pub fn record(self, chunks: &[Chunk]) -> Record<'_> {
        chunks[self.chunk as usize].get(self.index as usize)
    }
}

/// The places of all rows.
pub(crate) fn places(chunks: &[Chunk]) -> impl Iterator<Item = At> {
    let index = |index: usize| u32::try_from(index).expect("a chunk has fewer than 2^32 rows");
    chunks.iter().zip(0_u32..).flat_map(move |(rows, chunk)| {
        (0..rows.len()).map(move |row| At {
            chunk,
            index: index(row),
        })
    })
}
