#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, BooleanArray, DictionaryArray, Float64Array, Int64Array, StringArray};
use arrow_schema::TimeUnit;
use arrow_select::concat::concat_batches;
use proptest::prelude::*;

use super::*;
use crate::table::testing::{any_rows, array, schema};

fn digest(schema: &TableSchema, batch: &RecordBatch) -> Digest {
    Canonical::of(schema, batch).unwrap().digest()
}

fn rows(schema: &TableSchema, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(Arc::clone(schema.arrow()), columns).unwrap()
}

/// The same rows with other bytes where bytes do not matter: under nulls, in NaNs, before and behind the rows.
fn disguised(schema: &TableSchema, batch: &RecordBatch, garbage: u64) -> RecordBatch {
    let columns = batch
        .columns()
        .iter()
        .map(|column| disguise(column, garbage))
        .collect();
    let inner = rows(schema, columns);
    let padding = schema.fields().iter().map(|field| {
        let n = if let DataType::FixedSizeList(_, size) = field.data_type() {
            *size as usize
        } else {
            1
        };
        array(field.data_type(), &vec![garbage; 3 * n], None)
    });
    let padding = rows(schema, padding.collect());
    let padded = concat_batches(schema.arrow(), [&padding, &inner, &padding]).unwrap();
    padded.slice(3, batch.num_rows())
}

fn disguise(column: &ArrayRef, garbage: u64) -> ArrayRef {
    let data = column.to_data();
    if let Some(width) = super::super::format::width(data.data_type()) {
        let mut values = data.buffers()[0].to_vec();
        for (row, value) in values.chunks_mut(width).enumerate() {
            let is_nan = match width {
                8 if *data.data_type() == DataType::Float64 => {
                    f64::from_le_bytes(value.try_into().unwrap()).is_nan()
                }
                4 if *data.data_type() == DataType::Float32 => {
                    f32::from_le_bytes(value.try_into().unwrap()).is_nan()
                }
                _ => false,
            };
            if column.is_null(row) {
                value.copy_from_slice(&garbage.to_le_bytes()[..width]);
            } else if is_nan {
                value[0] ^= garbage as u8;
                value[width - 1] ^= 0x80;
            }
        }
        let buffers = vec![Buffer::from(values.as_slice())];
        return make_array(data.into_builder().buffers(buffers).build().unwrap());
    }
    match data.data_type() {
        DataType::Utf8 => {
            let mut values = Vec::new();
            let mut offsets = vec![0_i32];
            for (row, value) in column
                .as_any()
                .downcast_ref::<StringArray>()
                .unwrap()
                .iter()
                .enumerate()
            {
                let hidden = "g".repeat((garbage as usize + row) % 5);
                values.extend_from_slice(value.unwrap_or(&hidden).as_bytes());
                offsets.push(values.len() as i32);
            }
            let buffers = vec![Buffer::from_vec(offsets), Buffer::from_vec(values)];
            make_array(data.into_builder().buffers(buffers).build().unwrap())
        }
        DataType::Boolean => {
            let values = column.as_any().downcast_ref::<BooleanArray>().unwrap();
            let bits = (0..values.len()).map(|row| {
                if values.is_null(row) {
                    garbage % 2 == 1
                } else {
                    values.value(row)
                }
            });
            Arc::new(BooleanArray::new(bits.collect(), values.nulls().cloned()))
        }
        _ => Arc::clone(column),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bytes_that_do_not_matter_do_not_matter((schema, batch) in any_rows(150), garbage in any::<u64>()) {
        let other = disguised(&schema, &batch, garbage);
        prop_assert_eq!(digest(&schema, &batch), digest(&schema, &other));
        let (a, b) = (Canonical::of(&schema, &batch).unwrap(), Canonical::of(&schema, &other).unwrap());
        prop_assert_eq!(a.bytes(), b.bytes());
        // Canonical rows are rows, are the same rows, and are their own canonical form.
        a.batch().columns().iter().for_each(|column| column.to_data().validate_full().unwrap());
        prop_assert_eq!(Canonical::of(a.schema(), &a.batch()).unwrap().digest(), a.digest());
        prop_assert_eq!(Canonical::of_clean(a.schema().clone(), &a.batch()).digest(), a.digest());
    }

    #[test]
    fn another_value_or_order_is_another_digest((schema, batch) in any_rows(40), row in any::<prop::sample::Index>()) {
        prop_assume!(batch.num_rows() > 1);
        let row = row.index(batch.num_rows() - 1);
        // Moving a row to the end changes the digest if, and only if, it changes the rows.
        let moved = concat_batches(schema.arrow(), [
            &batch.slice(0, row), &batch.slice(row + 1, batch.num_rows() - row - 1), &batch.slice(row, 1),
        ]).unwrap();
        let clean = |batch: &RecordBatch| Canonical::of(&schema, batch).unwrap().batch();
        prop_assert_eq!(clean(&batch) == clean(&moved), digest(&schema, &batch) == digest(&schema, &moved));
        prop_assert_ne!(digest(&schema, &batch), digest(&schema, &batch.slice(0, batch.num_rows() - 1)));
    }
}

#[test]
fn zero_null_nan_and_minus_zero_are_four_things() {
    let schema = schema(&[("x", "g", true)]);
    let one = |value: Option<f64>| {
        digest(
            &schema,
            &rows(&schema, vec![Arc::new(Float64Array::from(vec![value]))]),
        )
    };
    let values = [
        Some(0.0),
        Some(-0.0),
        Some(f64::NAN),
        Some(f64::INFINITY),
        None,
    ];
    for (index, a) in values.iter().enumerate() {
        for b in &values[index + 1..] {
            assert_ne!(one(*a), one(*b), "{a:?} {b:?}");
        }
    }
    assert_eq!(
        one(Some(f64::NAN)),
        one(Some(f64::from_bits(0xfff0_0000_0000_0001)))
    );
}

#[test]
fn types_count_and_names_do_not() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let under = |format: &str, name: &str, column: &ArrayRef| {
        let schema = schema(&[(name, format, false)]);
        digest(&schema, &rows(&schema, vec![Arc::clone(column)]))
    };
    let times = arrow_cast::cast(&numbers, &DataType::Timestamp(TimeUnit::Second, None)).unwrap();
    assert_ne!(under("l", "a", &numbers), under("tss:", "a", &times));
    assert_eq!(under("l", "a", &numbers), under("l", "b", &numbers));
}

#[test]
fn dictionaries_are_decoded() {
    let schema = schema(&[("species", "u", true)]);
    let words = [Some("Adelie"), None, Some("Gentoo"), Some("Adelie")];
    let plain = rows(&schema, vec![Arc::new(StringArray::from(words.to_vec()))]);
    let dictionary: DictionaryArray<Int32Type> = words.into_iter().collect();
    let coded =
        RecordBatch::try_from_iter([("species", Arc::new(dictionary) as ArrayRef)]).unwrap();
    assert_eq!(digest(&schema, &plain), digest(&schema, &coded));
    assert_eq!(TableSchema::from_arrow(&coded.schema()).unwrap(), schema);
}

#[test]
fn what_is_canonical_is_not_copied() {
    let schema = schema(&[("x", "g", false), ("s", "u", false)]);
    let words = StringArray::from(vec!["a", "b"]);
    let batch = rows(
        &schema,
        vec![
            Arc::new(Float64Array::from(vec![1.0, f64::NAN])),
            Arc::new(words),
        ],
    );
    let canonical = Canonical::of(&schema, &batch).unwrap();
    let address = |batch: &RecordBatch, column: usize, buffer: usize| {
        batch.column(column).to_data().buffers()[buffer].as_ptr()
    };
    for (column, buffer) in [(0, 0), (1, 0), (1, 1)] {
        assert_eq!(
            address(&canonical.batch(), column, buffer),
            address(&batch, column, buffer)
        );
    }
}

/// The framing is a format: this digest must never change.
#[test]
fn the_digest_of_a_known_block() {
    let schema = schema(&[
        ("id", "l", false),
        ("name", "u", true),
        ("ok", "b", true),
        ("v", "+w:2", true),
    ]);
    let vector = schema.fields()[3].data_type();
    let valid = |bits: &[bool]| Some(NullBuffer::from(bits.to_vec()));
    let batch = rows(
        &schema,
        vec![
            Arc::new(Int64Array::from(vec![1, -2, 3])),
            Arc::new(StringArray::from(vec![Some("a"), None, Some("ß")])),
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
            array(vector, &[0x3f80_0000; 6], valid(&[true, false, true])),
        ],
    );
    let canonical = Canonical::of(&schema, &batch).unwrap();
    assert_eq!(
        canonical.digest().to_string(),
        "sha256:5c8d57c5c5121c16ff9613c5efa6e4022c0aeeb3f5932f9b2e25b741c9776913"
    );
    assert_eq!(canonical.bytes(), 24 + (1 + 16 + 3) + 2 + (1 + 1 + 24));
}
