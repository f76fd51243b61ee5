//! The table document: a table's schema, partitions and blocks. Its canonical JSON is a blob, whose digest is the table's.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::block::BLOCK_ROWS;
use super::schema::TableSchema;
use crate::canonical_json;
use crate::digest::Digest;

/// The first member of the document (`kind`), by which a blob is known to be one.
pub const TABLE_KIND: &str = "lockflight.table/1";

/// A block of a table. All three members follow from the block's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockRef {
    /// The digest of the canonical rows (not of the file).
    pub digest: Digest,
    /// How many rows: 1 to 65,536.
    pub rows: u32,
    /// How many bytes the canonical buffers hold.
    pub bytes: u64,
}

/// A part of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Its name; none for the only partition of a table without partitions.
    pub name: Option<String>,
    /// How many rows.
    pub rows: u64,
    /// Its blocks, in the order of the rows.
    pub blocks: Vec<BlockRef>,
}

impl Partition {
    /// A partition of these blocks.
    pub fn new(name: Option<String>, blocks: Vec<BlockRef>) -> Partition {
        let rows = blocks.iter().map(|block| u64::from(block.rows)).sum();
        Partition { name, rows, blocks }
    }
}

/// A table: a schema and an ordered map of partitions to blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TableDoc {
    schema: TableSchema,
    partitions: Vec<Partition>,
}

/// The document as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    schema: TableSchema,
    partitions: Vec<Partition>,
}

/// Why a document is not a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocError {
    /// Another kind of document, or a newer version of this one.
    #[error("it is of the kind \"{0}\", not \"{TABLE_KIND}\"")]
    Kind(String),
    /// There is no partition.
    #[error("it has no partition")]
    NoPartition,
    /// Two partitions of one name, an empty name, or one without name beside others.
    #[error("the names of its partitions are not unique and not empty")]
    Names,
    /// The rows of a partition are not those of its blocks.
    #[error("the rows of a partition and of its blocks do not agree")]
    Rows,
    /// The bytes of all blocks are more than 64 bits can count.
    #[error("its blocks have more bytes than there can be")]
    Bytes,
}

impl TryFrom<Written> for TableDoc {
    type Error = DocError;

    fn try_from(written: Written) -> Result<TableDoc, DocError> {
        if written.kind != TABLE_KIND {
            return Err(DocError::Kind(written.kind));
        }
        TableDoc::new(written.schema, written.partitions)
    }
}

impl From<TableDoc> for Written {
    fn from(doc: TableDoc) -> Written {
        Written {
            kind: TABLE_KIND.to_owned(),
            schema: doc.schema,
            partitions: doc.partitions,
        }
    }
}

impl TableDoc {
    /// A table of these partitions: at least one; one alone may go without a name.
    pub fn new(schema: TableSchema, partitions: Vec<Partition>) -> Result<TableDoc, DocError> {
        let mut names = HashSet::new();
        for Partition { name, rows, blocks } in &partitions {
            if (name.is_none() && partitions.len() > 1)
                || name.as_deref() == Some("")
                || !names.insert(name)
            {
                return Err(DocError::Names);
            }
            let fits = blocks
                .iter()
                .all(|block| (1..=BLOCK_ROWS).contains(&(block.rows as usize)));
            if !fits
                || blocks
                    .iter()
                    .map(|block| u64::from(block.rows))
                    .sum::<u64>()
                    != *rows
            {
                return Err(DocError::Rows);
            }
        }
        let mut blocks = partitions.iter().flat_map(|partition| &partition.blocks);
        let bytes = blocks.try_fold(0_u64, |sum, block| sum.checked_add(block.bytes));
        if bytes.is_none() {
            return Err(DocError::Bytes);
        }
        match partitions.is_empty() {
            true => Err(DocError::NoPartition),
            false => Ok(TableDoc { schema, partitions }),
        }
    }

    /// The schema.
    pub fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// The partitions, in order.
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// All blocks, in the order of the rows.
    pub fn blocks(&self) -> impl Iterator<Item = &BlockRef> {
        self.partitions
            .iter()
            .flat_map(|partition| &partition.blocks)
    }

    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.partitions.iter().map(|partition| partition.rows).sum()
    }

    /// How many bytes the canonical buffers of all blocks hold.
    pub fn bytes(&self) -> u64 {
        self.blocks().map(|block| block.bytes).sum()
    }

    /// The document's canonical JSON.
    pub fn to_json(&self) -> String {
        canonical_json::to_string(self).expect("a table document holds no floats")
    }

    /// The table's digest.
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_json().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::schema;

    #[test]
    fn blocks_of_more_bytes_than_there_can_be_are_refused() {
        let block = |bytes| BlockRef {
            digest: Digest::of(b"block"),
            rows: 1,
            bytes,
        };
        let schema = schema(&[("x", "l", true)]);
        let table = |bytes: [u64; 2]| {
            let named =
                |(name, bytes): (&str, u64)| Partition::new(Some(name.into()), vec![block(bytes)]);
            let partitions = ["a", "b"].into_iter().zip(bytes).map(named);
            TableDoc::new(schema.clone(), partitions.collect())
        };
        assert_eq!(table([u64::MAX, 1]), Err(DocError::Bytes));
        let most = table([u64::MAX - 1, 1]).map(|table| table.bytes());
        assert_eq!(most, Ok(u64::MAX));
    }
}
