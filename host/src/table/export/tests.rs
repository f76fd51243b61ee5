#![allow(clippy::unwrap_used)]
use std::fs;

use arrow_array::{BinaryArray, BooleanArray, Int64Array, TimestampSecondArray};
use arrow_buffer::NullBuffer;
use arrow_ipc::reader::FileReader;
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::*;
use crate::store::testing::store;
use crate::table::canonical::Canonical;
use crate::table::schema::TableSchema;
use crate::table::testing::{array, schema};
use crate::table::writer::TableWriter;

fn stored(schema: &TableSchema, rows: &[RecordBatch]) -> (TempDir, Store, TableDoc) {
    let (dir, store) = store();
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema.clone());
    rows.iter()
        .for_each(|rows| writer.write(rows, &mut publication).unwrap());
    let written = writer.finish(&mut publication).unwrap();
    publication.commit().unwrap();
    let table = store.table(&written.digest).unwrap();
    (dir, store, table)
}

/// 70,000 rows of every format, so that there are two blocks.
fn every_format() -> (TableSchema, RecordBatch) {
    let formats = "b c C s S i I l L f g u z tdD tss: tsm:UTC tsu:Europe/Berlin tsn:+02:00 +w:3";
    let columns: Vec<_> = formats
        .split(' ')
        .map(|format| (format, format, true))
        .collect();
    let schema = schema(&columns);
    let arrays = schema.fields().iter().map(|field| {
        let n = if let DataType::FixedSizeList(_, size) = field.data_type() {
            *size as u64
        } else {
            1
        };
        let seeds: Vec<u64> = (0..70_000 * n).map(|row| row % 1000).collect();
        let valid: Vec<bool> = (0..70_000).map(|row| row % 5 != 0).collect();
        array(field.data_type(), &seeds, Some(NullBuffer::from(valid)))
    });
    let rows = RecordBatch::try_new(Arc::clone(schema.arrow()), arrays.collect()).unwrap();
    (schema, rows)
}

#[test]
fn parquet_and_arrow_come_back() {
    let (schema, rows) = every_format();
    let (dir, store, table) = stored(&schema, std::slice::from_ref(&rows));
    let (arrow, parquet) = (dir.path().join("t.arrow"), dir.path().join("t.PARQUET"));
    export(&store, &table, &arrow).unwrap();
    export(&store, &table, &parquet).unwrap();
    let from_arrow: Vec<_> = FileReader::try_new(File::open(arrow).unwrap(), None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(parquet).unwrap())
        .unwrap()
        .build()
        .unwrap();
    let from_parquet: Vec<_> = reader.map(Result::unwrap).collect();
    let digest = |rows: &RecordBatch| Canonical::of(&schema, rows).unwrap().digest();
    for batches in [from_arrow, from_parquet] {
        let back = concat_batches(schema.arrow(), &batches).unwrap();
        assert_eq!(
            TableSchema::from_arrow(&batches[0].schema()).unwrap(),
            schema
        );
        assert_eq!(digest(&back), digest(&rows));
    }
}

#[test]
fn csv_is_what_people_expect() {
    let schema = schema(&[
        ("id", "l", false),
        ("ok, or not", "b", true),
        ("t", "tss:Asia/Tokyo", false),
        ("z", "z", false),
        ("v", "+w:2", false),
    ]);
    let vectors = schema.fields()[4].data_type();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![1, 2])),
        Arc::new(BooleanArray::from(vec![Some(true), None])),
        Arc::new(TimestampSecondArray::from(vec![0, 86_400]).with_timezone("Asia/Tokyo")),
        Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..], b""])),
        array(
            vectors,
            &[1.5_f32, 0.5, -1.0, 2.0].map(|value| u64::from(value.to_bits())),
            None,
        ),
    ];
    let rows = RecordBatch::try_new(Arc::clone(schema.arrow()), columns).unwrap();
    let (dir, store, table) = stored(&schema, &[rows]);
    let path = dir.path().join("t.csv");
    fs::write(&path, "old").unwrap();
    export(&store, &table, &path).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "id,\"ok, or not\",t,z,v\n\
         1,true,1970-01-01T00:00:00Z,00ff,\"[null, 0.5]\"\n\
         2,,1970-01-02T00:00:00Z,,\"[-1.0, 2.0]\"\n"
    );
}

#[test]
fn a_table_without_rows_has_a_header() {
    let schema = schema(&[("a", "l", false), ("b", "u", false)]);
    let (dir, store, table) = stored(&schema, &[]);
    let path = dir.path().join("t.csv");
    export(&store, &table, &path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n");
    for ending in ["arrow", "parquet"] {
        export(&store, &table, &dir.path().join("t").with_extension(ending)).unwrap();
    }
}

#[test]
fn failures_leave_nothing_behind() {
    let schema = schema(&[("a", "l", false)]);
    let rows = RecordBatch::try_new(
        Arc::clone(schema.arrow()),
        vec![Arc::new(Int64Array::from(vec![1]))],
    )
    .unwrap();
    let (dir, store, table) = stored(&schema, &[rows]);
    let error = export(&store, &table, &dir.path().join("t.xlsx"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("ends in none of .csv, .parquet and .arrow"),
        "{error}"
    );
    assert!(matches!(
        export(&store, &table, &dir.path().join("no/t.csv")),
        Err(ExportError::Io { .. })
    ));
    fs::remove_dir_all(store.path().join("blocks")).unwrap();
    let path = dir.path().join("t.csv");
    assert!(matches!(
        export(&store, &table, &path),
        Err(ExportError::Store(StoreError::Missing { .. }))
    ));
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["store"]);
}
