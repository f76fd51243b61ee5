#![allow(clippy::unwrap_used)]
use std::io::{Read, Seek};

use arrow_array::Array;
use arrow_ipc::reader::FileReader;
use proptest::prelude::*;

use super::*;
use crate::table::testing::{any_rows, schema};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn encoded(rows: &Canonical) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(rows, &mut bytes).unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn rows_come_back_under_their_schema((schema, batch) in any_rows(100)) {
        let rows = Canonical::of(&schema, &batch).unwrap();
        let back = open(&file(&encoded(&rows)), &schema).unwrap();
        prop_assert_eq!(back.schema(), batch.schema());
        prop_assert_eq!(Canonical::of(&schema, &back).unwrap().digest(), rows.digest());
    }

    /// Every damage to the bytes is refused, or leaves rows that arrow finds valid.
    #[test]
    fn no_bytes_make_it_panic(
        (schema, batch) in any_rows(20),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encoded(&Canonical::of(&schema, &batch).unwrap());
        for (index, byte, from_end) in flips {
            // The footer stands at the end and is what is read first.
            let reach = if from_end { bytes.len().min(600) } else { bytes.len() };
            let place = bytes.len() - 1 - index.index(reach);
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((_, rows)) = read(&file(&bytes)) {
            for column in rows.columns() {
                prop_assert!(column.to_data().validate_full().is_ok());
            }
        }
    }
}

#[test]
fn a_block_is_mapped_and_aligned() {
    let schema = schema(&[("x", "g", true), ("s", "u", false)]);
    let columns = vec![
        crate::table::testing::array(schema.fields()[0].data_type(), &[1, 2, 3], None),
        crate::table::testing::array(schema.fields()[1].data_type(), &[1, 2, 3], None),
    ];
    let batch = RecordBatch::try_new(Arc::clone(schema.arrow()), columns).unwrap();
    let file = file(&encoded(&Canonical::of(&schema, &batch).unwrap()));
    let rows = open(&file, &schema).unwrap();
    let len = file.metadata().unwrap().len() as usize;
    for column in rows.columns() {
        for buffer in column.to_data().buffers() {
            assert_eq!(buffer.as_ptr().align_offset(64), 0);
            assert!(
                buffer.capacity() >= len,
                "it is a part of the mapping, not a copy"
            );
        }
    }
}

#[test]
fn other_arrow_tools_read_a_block() {
    let schema = schema(&[("x", "l", true), ("v", "+w:2", true)]);
    let seeds = [1, 2, 3, 4];
    let columns = vec![
        crate::table::testing::array(schema.fields()[0].data_type(), &seeds[..2], None),
        crate::table::testing::array(schema.fields()[1].data_type(), &seeds, None),
    ];
    let batch = RecordBatch::try_new(Arc::clone(schema.arrow()), columns).unwrap();
    let rows = Canonical::of(&schema, &batch).unwrap();
    let mut file = file(&encoded(&rows));
    file.rewind().unwrap();
    let batches: Vec<RecordBatch> = FileReader::try_new(file, None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(batches, [rows.batch()]);
}

#[test]
fn a_block_of_another_table_is_refused() {
    let (numbers, texts) = (schema(&[("x", "l", true)]), schema(&[("x", "u", true)]));
    let column = crate::table::testing::array(numbers.fields()[0].data_type(), &[1], None);
    let batch = RecordBatch::try_new(Arc::clone(numbers.arrow()), vec![column]).unwrap();
    let mut file = file(&encoded(&Canonical::of(&numbers, &batch).unwrap()));
    let error = open(&file, &texts).unwrap_err().to_string();
    assert!(
        error.contains("does not belong to the table") && error.contains("Int64"),
        "{error}"
    );
    let mut start = [0; 6];
    file.rewind().unwrap();
    file.read_exact(&mut start).unwrap();
    assert_eq!(&start, MAGIC);
}

#[test]
fn a_block_that_claims_more_rows_than_fit_is_refused() {
    let schema = schema(&[("x", "l", true)]);
    let column = crate::table::testing::array(schema.fields()[0].data_type(), &[1; 37], None);
    let batch = RecordBatch::try_new(Arc::clone(schema.arrow()), vec![column]).unwrap();
    let mut bytes = encoded(&Canonical::of(&schema, &batch).unwrap());
    // Eight bytes each come to nothing in 64 bits.
    let (rows, claimed) = (37_i64.to_le_bytes(), (1_i64 << 61).to_le_bytes());
    let mut changed = 0;
    for place in 0..bytes.len() - 8 {
        if bytes[place..place + 8] == rows {
            bytes[place..place + 8].copy_from_slice(&claimed);
            changed += 1;
        }
    }
    assert_eq!(changed, 2, "the batch and its column say how many rows");
    let error = open(&file(&bytes), &schema).unwrap_err().to_string();
    assert!(error.contains("more rows than a block"), "{error}");
}
