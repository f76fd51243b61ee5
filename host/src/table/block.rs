//! Blocks as files: the canonical rows as an uncompressed Arrow IPC file of one record batch, its buffers aligned to 64 bytes, so
//! that it can be mapped and read without a copy. Any Arrow tool opens one. The columns are named `0`, `1`, …; the footer's
//! metadata holds their formats.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_ipc::{MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::DataType;
use memmap2::MmapOptions;

use super::buffers::Buffers;
use super::build::{ShapeError, build};
use super::canonical::Canonical;
use super::schema::{Misfit, TableSchema};
use crate::canonical_json;

/// Rows of a block; the last one of a partition may have fewer.
pub const BLOCK_ROWS: usize = 65_536;
/// Bytes of a block, unless a single row has more.
pub const BLOCK_BYTES: u64 = 64 << 20;

const MAGIC: &[u8; 6] = b"ARROW1";
const SCHEMA_KEY: &str = "lockflight.schema";

/// Why a file is not a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The file cannot be read.
    #[error("the block cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not an Arrow file of the kind that `write` makes.
    #[error("the file is not a block: {0}")]
    NotABlock(&'static str),
    /// Its buffers are not rows of the schema that it names.
    #[error("the block's rows are not valid: {0}")]
    Shape(#[from] ShapeError),
    /// Its rows are not of the table's schema.
    #[error("the block does not belong to the table: {0}")]
    Misfit(#[from] Misfit),
}

/// Writes rows as a block.
pub fn write(rows: &Canonical, out: impl Write) -> io::Result<()> {
    let options =
        IpcWriteOptions::try_new(64, false, MetadataVersion::V5).map_err(io::Error::other)?;
    let batch = rows.batch();
    let write = || {
        let mut file = FileWriter::try_new_with_options(out, &batch.schema(), options)?;
        let schema = canonical_json::to_string(rows.schema()).expect("a schema holds no floats");
        file.write_metadata(SCHEMA_KEY, schema);
        file.write(&batch)?;
        file.finish()
    };
    write().map_err(|error| match error {
        arrow_schema::ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    })
}

/// Maps a block and gives its rows under the table's schema, without a copy. The file may hold anything: the answer is rows of
/// the schema or an error. That they are the rows of the block's digest is the store's promise, not this function's.
pub fn open(file: &File, schema: &TableSchema) -> Result<RecordBatch, BlockError> {
    let (_, batch) = read(file)?;
    Ok(schema.conform(&batch)?)
}

/// Maps a block and gives its rows under positional names.
pub(crate) fn read(file: &File) -> Result<(TableSchema, RecordBatch), BlockError> {
    // The end of a file is asked for by seeking: a sealed child may not ask for its metadata.
    let length = (&mut &*file).seek(SeekFrom::End(0))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(BlockError::NotABlock(
            "it is larger than this machine's memory",
        ));
    };
    if length < MAGIC.len() * 2 + 4 {
        return Err(BlockError::NotABlock("it is too short"));
    }
    // SAFETY: blocks are written once, made read-only and never changed in place: what would rewrite one replaces the file.
    let map = unsafe { MmapOptions::new().len(length).map(file) }?;
    let start = NonNull::new(map.as_ptr().cast_mut())
        .ok_or(BlockError::NotABlock("it is mapped nowhere"))?;
    let len = map.len();
    // SAFETY: the mapping is `len` bytes from `start` and lives as long as the buffer, which owns it.
    let bytes = unsafe { Buffer::from_custom_allocation(start, len, Arc::new(map)) };
    decode(&bytes)
}

/// The rows in the bytes of an Arrow file. Source of the layout: <https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>
fn decode(file: &Buffer) -> Result<(TableSchema, RecordBatch), BlockError> {
    let bad = BlockError::NotABlock;
    let body = file
        .strip_suffix(MAGIC)
        .filter(|_| file.starts_with(MAGIC))
        .ok_or(bad("it is no Arrow file"))?;
    let (body, footer_len) = body.split_last_chunk::<4>().ok_or(bad("it is too short"))?;
    let footer_len = usize::try_from(i32::from_le_bytes(*footer_len))
        .map_err(|_| bad("its footer has no length"))?;
    let footer = body
        .len()
        .checked_sub(footer_len)
        .and_then(|start| body.get(start..))
        .ok_or(bad("its footer is cut"))?;
    let footer = root_as_footer(footer).map_err(|_| bad("its footer is damaged"))?;
    let metadata: HashMap<_, _> = footer
        .custom_metadata()
        .iter()
        .flatten()
        .filter_map(|pair| Some((pair.key()?, pair.value()?)))
        .collect();
    let schema = metadata.get(SCHEMA_KEY).ok_or(bad("it names no schema"))?;
    let schema: TableSchema =
        serde_json::from_str(schema).map_err(|_| bad("its schema is damaged"))?;
    let mut batches = footer.recordBatches().into_iter().flatten();
    let (Some(block), None) = (batches.next(), batches.next()) else {
        return Err(bad("it does not hold exactly one batch"));
    };
    let header =
        cut(file, block.offset(), block.metaDataLength().into()).ok_or(bad("its header is cut"))?;
    let header_end = block.offset() + i64::from(block.metaDataLength());
    let body = cut(file, header_end, block.bodyLength()).ok_or(bad("its body is cut"))?;
    // The header is a marker and a length of 4 bytes each, then the message.
    let message = header
        .get(8..)
        .and_then(|bytes| root_as_message(bytes).ok());
    let batch = message
        .and_then(|message| message.header_as_record_batch())
        .ok_or(bad("its header is damaged"))?;
    if batch.compression().is_some() {
        return Err(bad("it is compressed"));
    }
    // Within this bound, no size that follows from the number of rows overflows.
    let rows = usize::try_from(batch.length())
        .ok()
        .filter(|rows| *rows <= BLOCK_ROWS)
        .ok_or(bad("it has more rows than a block"))?;
    let nodes = nodes(&schema, &batch, &body).ok_or(bad("its buffers do not lie in its body"))?;
    let rows = build(&schema, rows, nodes)?;
    Ok((schema, rows))
}

/// `len` bytes from `offset`, if there are as many.
fn cut(bytes: &Buffer, offset: i64, len: i64) -> Option<Buffer> {
    let (offset, len) = (usize::try_from(offset).ok()?, usize::try_from(len).ok()?);
    let inside = offset.checked_add(len)? <= bytes.len();
    inside.then(|| bytes.slice_with_length(offset, len))
}

/// The buffers of each node: validity, then offsets if it is text, then values unless it is a list.
fn nodes(
    schema: &TableSchema,
    batch: &arrow_ipc::RecordBatch,
    body: &Buffer,
) -> Option<Vec<Buffers>> {
    let mut lengths = batch.nodes()?.iter();
    let mut buffers = batch.buffers()?.iter();
    let mut next = || {
        let buffer = buffers.next()?;
        cut(body, buffer.offset(), buffer.length())
    };
    let mut node = |data_type: &DataType| {
        let node = lengths.next()?;
        let validity = next()?;
        let is_text = matches!(data_type, DataType::Utf8 | DataType::Binary);
        let offsets = if is_text { Some(next()?) } else { None };
        let is_list = matches!(data_type, DataType::FixedSizeList(..));
        let values = if is_list {
            Buffer::from_vec(Vec::<u8>::new())
        } else {
            next()?
        };
        Some(Buffers {
            length: usize::try_from(node.length()).ok()?,
            validity: (node.null_count() != 0).then_some(validity),
            offsets,
            values,
        })
    };
    let mut nodes = Vec::new();
    for field in schema.fields() {
        nodes.push(node(field.data_type())?);
        if let DataType::FixedSizeList(item, _) = field.data_type() {
            nodes.push(node(item.data_type())?);
        }
    }
    Some(nodes)
}

#[cfg(test)]
mod tests;
