//! The canonical form of rows: what their digest is made of, whatever way they came.
//!
//! Canonical are rows whose every NaN is the one quiet NaN without sign or payload (-0.0 stays -0.0), whose bytes under nulls
//! and whose bits behind the end of bitmaps are zero (text and bytes under a null are empty, the items of a null `+w:N` are
//! valid zeros), whose offsets start at 0, and which have a bitmap only where there is a null.
//!
//! The digest is the SHA-256 of the following, numbers little-endian. Lengths stand before everything that varies, so no two
//! contents make the same bytes. Names, nullability and metadata are not in it: they belong to the table.
//!
//! ```text
//! "lockflight block 1\n"   rows: u64   nodes: u32, then per schema node in pre-order:
//!     format: u32 length and its bytes (`+w:N` too; its child follows)      values: u64 count
//!     bitmap: u8, 0 for none, or 1 and ceil(count / 8) bytes
//!     offsets: for `u` and `z` only, count + 1 times i32
//!     u64 length of the values in bytes, and those bytes
//! ```

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::buffers::{Buffers, pack_bits, take_apart};
use super::schema::{FieldNode, Misfit, TableSchema};
use crate::digest::{Digest, Hasher};

/// Rows in canonical form, under the names `0`, `1`, …: the content of a block.
#[derive(Debug, Clone)]
pub struct Canonical {
    schema: TableSchema,
    rows: usize,
    nodes: Vec<Buffers>,
}

impl Canonical {
    /// The canonical form of rows under a schema. Dictionaries are decoded; what is canonical already is not copied.
    pub fn of(schema: &TableSchema, batch: &RecordBatch) -> Result<Canonical, Misfit> {
        let batch = schema.conform(batch)?;
        let schema = schema.positional();
        let mut nodes = take_apart(&batch);
        clean(&schema, &mut nodes);
        Ok(Canonical {
            schema,
            rows: batch.num_rows(),
            nodes,
        })
    }

    /// The canonical form of rows that are clean but sliced or joined: what `Canonical::of(..).batch()` gave.
    pub(super) fn of_clean(schema: TableSchema, batch: &RecordBatch) -> Canonical {
        Canonical {
            schema,
            rows: batch.num_rows(),
            nodes: take_apart(batch),
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes the canonical buffers hold.
    pub fn bytes(&self) -> u64 {
        self.nodes.iter().map(|node| node.bytes() as u64).sum()
    }

    /// The types, under positional names.
    pub(super) fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// The digest, as described at the top of this module.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        hasher.update(b"lockflight block 1\n");
        hasher.update(&(self.rows as u64).to_le_bytes());
        hasher.update(&(self.nodes.len() as u32).to_le_bytes());
        for (field, node) in self.schema.to_nodes().iter().zip(&self.nodes) {
            frame(&mut hasher, field, node);
        }
        hasher.finish()
    }

    /// The rows as an Arrow batch, without copying.
    pub fn batch(&self) -> RecordBatch {
        let mut nodes = self.nodes.iter();
        let columns = self
            .schema
            .fields()
            .iter()
            .map(|field| column(field.data_type(), &mut nodes));
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(
            Arc::clone(self.schema.arrow()),
            columns.collect(),
            &options,
        )
        .expect("the nodes were taken from rows of this schema")
    }
}

fn frame(hasher: &mut Hasher, field: &FieldNode, node: &Buffers) {
    hasher.update(&(field.format.len() as u32).to_le_bytes());
    hasher.update(field.format.as_bytes());
    hasher.update(&(node.length as u64).to_le_bytes());
    hasher.update(&[node.validity.is_some().into()]);
    for buffer in [&node.validity, &node.offsets].into_iter().flatten() {
        hasher.update(buffer);
    }
    hasher.update(&(node.values.len() as u64).to_le_bytes());
    hasher.update(&node.values);
}

fn column<'a>(data_type: &DataType, nodes: &mut impl Iterator<Item = &'a Buffers>) -> ArrayRef {
    let node = nodes.next().expect("there is a node for each field");
    match data_type {
        DataType::FixedSizeList(item, size) => {
            let items = column(item.data_type(), nodes);
            let list = FixedSizeListArray::try_new_with_length(
                Arc::clone(item),
                *size,
                items,
                node.nulls(),
                node.length,
            );
            Arc::new(list.expect("the nodes were taken from a list of this size"))
        }
        leaf => {
            let buffers = node.offsets.iter().chain([&node.values]).cloned().collect();
            let data = ArrayData::builder(leaf.clone())
                .len(node.length)
                .buffers(buffers)
                .nulls(node.nulls());
            // SAFETY: the buffers were taken from a valid array of this type and length; cleaning keeps lengths, alignment
            // (it copies into vectors of the same type), ascending offsets and the text of every value that is not null.
            make_array(unsafe { data.build_unchecked() })
        }
    }
}

/// Cleans what `take_apart` gave: NaNs, and everything under nulls.
fn clean(schema: &TableSchema, nodes: &mut [Buffers]) {
    let mut nodes = nodes.iter_mut();
    for field in schema.fields() {
        let node = nodes.next().expect("there is a node for each field");
        let nulls = node.nulls();
        match field.data_type() {
            DataType::FixedSizeList(item, size) => {
                let items = nodes.next().expect("a list has a child");
                let masked = nulls.map(|nulls| nulls.expand(*size as usize));
                clean_items(item.data_type(), items, masked.as_ref());
            }
            leaf => clean_leaf(leaf, node, nulls.as_ref()),
        }
    }
}

/// The items of lists: zero where the list or the item is null, null only where the item is and the list is not.
fn clean_items(data_type: &DataType, items: &mut Buffers, lists: Option<&NullBuffer>) {
    let own = items.nulls();
    let either = NullBuffer::union(own.as_ref(), lists);
    clean_leaf(data_type, items, either.as_ref());
    if let (Some(own), Some(lists)) = (own, lists) {
        let valid: BooleanBuffer = own.inner() | &!lists.inner();
        let nulls = NullBuffer::new(valid);
        items.validity = (nulls.null_count() > 0).then(|| pack_bits(nulls.inner()));
    }
}

fn clean_leaf(data_type: &DataType, node: &mut Buffers, nulls: Option<&NullBuffer>) {
    match data_type {
        DataType::Boolean => {
            if let Some(nulls) = nulls {
                let bits = BooleanBuffer::new(node.values.clone(), 0, node.length);
                node.values = pack_bits(&(&bits & nulls.inner()));
            }
        }
        DataType::Utf8 | DataType::Binary => clean_text(node, nulls),
        DataType::Float32 => clean_fixed(node, nulls, |bits: u32| {
            match f32::from_bits(bits).is_nan() {
                true => 0x7fc0_0000,
                false => bits,
            }
        }),
        DataType::Float64 => clean_fixed(node, nulls, |bits: u64| {
            match f64::from_bits(bits).is_nan() {
                true => 0x7ff8_0000_0000_0000,
                false => bits,
            }
        }),
        fixed => match super::format::width(fixed) {
            Some(1) => clean_fixed(node, nulls, |value: u8| value),
            Some(2) => clean_fixed(node, nulls, |value: u16| value),
            Some(4) => clean_fixed(node, nulls, |value: u32| value),
            _ => clean_fixed(node, nulls, |value: u64| value),
        },
    }
}

/// A value of fixed width as an integer, so that NaNs keep their bits.
trait Bits: arrow_buffer::ArrowNativeType + Default + PartialEq {}
impl Bits for u8 {}
impl Bits for u16 {}
impl Bits for u32 {}
impl Bits for u64 {}

/// Values that one step of the scan looks at: as many as a word of the bitmap has bits.
const STEP: usize = 64;

/// Replaces each value by its canonical form, and each under a null by zero. Copies only if something changes.
fn clean_fixed<T: Bits>(
    node: &mut Buffers,
    nulls: Option<&NullBuffer>,
    canonical: impl Fn(T) -> T + Copy,
) {
    let values: &[T] = node.values.typed_data();
    let Some(first) = first_unclean(values, nulls, canonical) else {
        return;
    };
    let mut cleaned = values.to_vec();
    for step in (first..cleaned.len()).step_by(STEP) {
        let mask = word(nulls, step);
        for (bit, value) in cleaned[step..].iter_mut().take(STEP).enumerate() {
            *value = if mask >> bit & 1 == 1 {
                canonical(*value)
            } else {
                T::default()
            };
        }
    }
    node.values = Buffer::from_vec(cleaned);
}

/// The start of the first step that holds something not canonical.
fn first_unclean<T: Bits>(
    values: &[T],
    nulls: Option<&NullBuffer>,
    canonical: impl Fn(T) -> T,
) -> Option<usize> {
    let unclean = |(index, step): &(usize, &[T])| {
        let mask = word(nulls, index * STEP);
        if mask == u64::MAX {
            // Without a branch per value this is as fast as memory.
            return step
                .iter()
                .fold(false, |found, value| found | (canonical(*value) != *value));
        }
        step.iter()
            .enumerate()
            .any(|(bit, value)| match mask >> bit & 1 {
                1 => canonical(*value) != *value,
                _ => *value != T::default(),
            })
    };
    values
        .chunks(STEP)
        .enumerate()
        .find(unclean)
        .map(|(index, _)| index * STEP)
}

/// 64 bits of validity from `start`, a multiple of 64; ones behind the end.
fn word(nulls: Option<&NullBuffer>, start: usize) -> u64 {
    let Some(nulls) = nulls else { return u64::MAX };
    let bits = nulls.inner();
    debug_assert_eq!(bits.offset(), 0);
    let bytes = bits.values().get(start / 8..).unwrap_or_default();
    let mut word = [0xff; 8];
    let len = bytes.len().min(8);
    word[..len].copy_from_slice(&bytes[..len]);
    u64::from_le_bytes(word)
}

/// Empties text under nulls.
fn clean_text(node: &mut Buffers, nulls: Option<&NullBuffer>) {
    let (Some(nulls), Some(buffer)) = (nulls, &node.offsets) else {
        return;
    };
    let offsets: &[i32] = buffer.typed_data();
    let mut rows = offsets.windows(2).zip(nulls.iter());
    if !rows.any(|(pair, valid)| !valid && pair[0] != pair[1]) {
        return;
    }
    let mut values = Vec::with_capacity(node.values.len());
    let mut cleaned = Vec::with_capacity(offsets.len());
    cleaned.push(0_i32);
    for (pair, valid) in offsets.windows(2).zip(nulls.iter()) {
        if valid {
            values.extend_from_slice(&node.values[pair[0] as usize..pair[1] as usize]);
        }
        cleaned.push(i32::try_from(values.len()).expect("no longer than before"));
    }
    node.offsets = Some(Buffer::from_vec(cleaned));
    node.values = Buffer::from_vec(values);
}

#[cfg(test)]
mod tests;
