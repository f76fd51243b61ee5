//! Columns as they pass between host and guest: `column` of `lockflight:data/types`.

use arrow_array::{Array, RecordBatch};
use arrow_buffer::{Buffer, bit_util};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::buffers::{Buffers, take_apart};
use super::build::{ShapeError, build};
use super::format::width;
use super::schema::TableSchema;

/// The values of one schema node within a batch; mirrors `column` of `lockflight:data/types`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawColumn {
    /// How many values: the batch's rows, or rows x N for the child of a `+w:N`.
    pub length: u32,
    /// Validity bitmap, least significant bit first; none when there is no null.
    pub validity: Option<Vec<u8>>,
    /// For `u` and `z`: length + 1 little-endian 32 bit offsets into `values`.
    pub offsets: Option<Vec<u8>>,
    /// Little-endian values; a bitmap for `b`; empty for `+w:N`.
    pub values: Vec<u8>,
}

/// Rows from a guest's columns, which are not trusted: whatever they hold, the answer is rows of the schema or an error.
/// Buffers are adopted without a copy unless they are not aligned.
pub fn assemble(
    schema: &TableSchema,
    rows: u32,
    columns: Vec<RawColumn>,
) -> Result<RecordBatch, ShapeError> {
    let nodes = columns.into_iter().map(|column| Buffers {
        length: column.length as usize,
        validity: column.validity.map(Buffer::from_vec),
        offsets: column.offsets.map(Buffer::from_vec),
        values: Buffer::from_vec(column.values),
    });
    build(schema, rows as usize, nodes.collect())
}

/// `len` rows from `offset` as a guest gets them: bitmaps from bit 0, offsets from 0, no bitmap without nulls. Each buffer is
/// copied once. The rows have to be of a `TableSchema`.
///
/// # Panics
/// If the rows asked for are not in the batch.
pub fn disassemble(batch: &RecordBatch, offset: usize, len: usize) -> Vec<RawColumn> {
    let nodes = match (offset, len) {
        // A slice makes each column anew, which a few rows would notice.
        (0, all) if all == batch.num_rows() => take_apart(batch),
        _ => take_apart(&batch.slice(offset, len)),
    };
    let columns = nodes.into_iter().map(|node| RawColumn {
        length: u32::try_from(node.length).expect("a batch has at most 2^32 values a column"),
        validity: node.validity.map(bytes),
        offsets: node.offsets.map(bytes),
        values: bytes(node.values),
    });
    columns.collect()
}

/// A buffer's bytes, without a copy if they were made for this call.
fn bytes(buffer: Buffer) -> Vec<u8> {
    buffer.into_vec().unwrap_or_else(|buffer| buffer.to_vec())
}

/// How many rows from `start` fit `max_rows` and `max_bytes` of buffers: at least one, if there is one; `max_rows` 0 means any
/// number. Depends on the rows alone.
pub fn cut(batch: &RecordBatch, start: usize, max_rows: u32, max_bytes: usize) -> usize {
    let rest = batch.num_rows().saturating_sub(start);
    let most = match max_rows {
        0 => rest,
        max => rest.min(max as usize),
    };
    let columns: Vec<ArrayData> = batch.columns().iter().map(Array::to_data).collect();
    let fits = |rows: usize| {
        columns
            .iter()
            .map(|data| size(data, start, rows))
            .sum::<usize>()
            <= max_bytes
    };
    // No row has to fit: the offsets of none are bytes too.
    if most <= 1 || fits(most) {
        return most;
    }
    // Size grows with rows: the last number that fits lies in low..high.
    let (mut low, mut high) = (1, most);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The bytes that `rows` values from `start` take, a bitmap counted wherever the whole array has a null.
fn size(data: &ArrayData, start: usize, rows: usize) -> usize {
    let bitmap = if data.null_count() > 0 {
        bit_util::ceil(rows, 8)
    } else {
        0
    };
    let values = match data.data_type() {
        DataType::Boolean => bit_util::ceil(rows, 8),
        DataType::FixedSizeList(_, n) => {
            let n = *n as usize;
            size(
                &data.child_data()[0],
                data.offset() * n + start * n,
                rows * n,
            )
        }
        DataType::Utf8 | DataType::Binary => {
            let offsets = &data.buffers()[0].typed_data::<i32>()[data.offset()..];
            let bytes = match rows {
                0 => 0,
                _ => (offsets[start + rows] - offsets[start]) as usize,
            };
            4 * (rows + 1) + bytes
        }
        fixed => rows * width(fixed).unwrap_or_default(),
    };
    bitmap + values
}

#[cfg(test)]
mod tests;
