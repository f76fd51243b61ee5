//! A column as plain buffers: what guests pass, what is hashed and what is stored, taken from Arrow arrays without copying.

use arrow_array::{Array, RecordBatch};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, bit_util};
use arrow_data::ArrayData;
use arrow_schema::DataType;

/// The values of one node of a schema.
#[derive(Debug, Clone)]
pub(super) struct Buffers {
    /// How many values.
    pub length: usize,
    /// The validity bitmap from bit 0; none means no null.
    pub validity: Option<Buffer>,
    /// `u` and `z` only: length + 1 offsets of 32 bits.
    pub offsets: Option<Buffer>,
    /// The values; empty for `+w:N`.
    pub values: Buffer,
}

impl Buffers {
    /// How many bytes the buffers hold.
    pub fn bytes(&self) -> usize {
        let len = |buffer: &Option<Buffer>| buffer.as_ref().map_or(0, Buffer::len);
        len(&self.validity) + len(&self.offsets) + self.values.len()
    }

    /// Which values are null; none if no value is.
    pub fn nulls(&self) -> Option<NullBuffer> {
        let validity = self.validity.as_ref()?;
        let nulls = NullBuffer::new(BooleanBuffer::new(validity.clone(), 0, self.length));
        (nulls.null_count() > 0).then_some(nulls)
    }
}

/// Takes rows apart into one `Buffers` per schema node, in pre-order. Nothing reaches beyond the rows: bitmaps start at bit 0
/// and end in zero bits, offsets start at 0, there is a bitmap only if there is a null.
pub(super) fn take_apart(batch: &RecordBatch) -> Vec<Buffers> {
    let mut nodes = Vec::with_capacity(batch.num_columns());
    for column in batch.columns() {
        let data = column.to_data();
        nodes.push(node(&data));
        if let DataType::FixedSizeList(_, size) = data.data_type() {
            let size = *size as usize;
            nodes.push(node(
                &data.child_data()[0].slice(data.offset() * size, data.len() * size),
            ));
        }
    }
    nodes
}

fn node(data: &ArrayData) -> Buffers {
    let (offset, length) = (data.offset(), data.len());
    let (offsets, values) = match data.data_type() {
        DataType::Boolean => (
            None,
            pack_bits(&BooleanBuffer::new(
                data.buffers()[0].clone(),
                offset,
                length,
            )),
        ),
        DataType::Utf8 | DataType::Binary => cut_text(data),
        DataType::FixedSizeList(..) => (None, Buffer::from_vec(Vec::<u8>::new())),
        fixed => {
            let width = super::format::width(fixed)
                .expect("accepted leaves are of fixed width, or treated above");
            (
                None,
                data.buffers()[0].slice_with_length(offset * width, length * width),
            )
        }
    };
    let validity = data
        .nulls()
        .filter(|nulls| nulls.null_count() > 0)
        .map(|nulls| pack_bits(nulls.inner()));
    Buffers {
        length,
        validity,
        offsets,
        values,
    }
}

/// The bits from bit 0 of a buffer that is as short as can be, with zero bits at its end.
pub(super) fn pack_bits(bits: &BooleanBuffer) -> Buffer {
    let packed = bits.inner().bit_slice(bits.offset(), bits.len());
    let packed = packed.slice_with_length(0, bit_util::ceil(bits.len(), 8));
    let tail = bits.len() % 8;
    match packed.last() {
        Some(last) if tail != 0 && last >> tail != 0 => {
            let mut copy = packed.to_vec();
            if let Some(last) = copy.last_mut() {
                *last &= (1 << tail) - 1;
            }
            Buffer::from_vec(copy)
        }
        _ => packed,
    }
}

/// The offsets, from 0, and the bytes they cut.
fn cut_text(data: &ArrayData) -> (Option<Buffer>, Buffer) {
    if data.is_empty() {
        // Arrow allows no offset at all here.
        return (
            Some(Buffer::from_vec(vec![0_i32])),
            Buffer::from_vec(Vec::<u8>::new()),
        );
    }
    let offsets = &data.buffers()[0].typed_data::<i32>()[data.offset()..][..=data.len()];
    let (first, last) = (offsets[0], offsets[data.len()]);
    let values = data.buffers()[1].slice_with_length(first as usize, (last - first) as usize);
    let rebased = if first == 0 {
        data.buffers()[0].slice_with_length(data.offset() * 4, (data.len() + 1) * 4)
    } else {
        Buffer::from_vec(
            offsets
                .iter()
                .map(|offset| offset - first)
                .collect::<Vec<i32>>(),
        )
    };
    (Some(rebased), values)
}
