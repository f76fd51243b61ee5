//! Columns that a guest passes: whatever they hold, they are valid rows of the schema or refused, and rows come back as they were.

use arrow_array::{Array, RecordBatch};
use lockflight::table::canonical::Canonical;
use lockflight::table::{FieldNode, RawColumn, TableSchema, assemble, cut, disassemble};

/// Fields, metadata, rows, and each column's length, validity, offsets and values.
type Passed = (Vec<FieldNode>, Vec<(String, String)>, u32, Vec<Column>);
type Column = (u32, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>);

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok((fields, metadata, rows, columns)) = postcard::from_bytes::<Passed>(data) else {
        return false;
    };
    let Ok(schema) = TableSchema::from_nodes(fields, metadata) else {
        return false;
    };
    let columns = columns
        .into_iter()
        .map(|(length, validity, offsets, values)| RawColumn {
            length,
            validity,
            offsets,
            values,
        });
    let rows = assemble(&schema, rows, columns.collect());
    rows.is_ok_and(|batch| {
        check(&schema, &batch);
        true
    })
}

/// What holds for all rows.
pub fn check(schema: &TableSchema, batch: &RecordBatch) {
    for column in batch.columns() {
        column.to_data().validate_full().expect("rows are valid");
    }
    let digest = Canonical::of(schema, batch)
        .expect("rows are of their schema")
        .digest();
    let rows = batch.num_rows();
    let columns = disassemble(batch, 0, rows);
    let back = assemble(schema, rows as u32, columns).expect("what is passed on is well formed");
    assert_eq!(
        Canonical::of(schema, &back)
            .expect("rows are of their schema")
            .digest(),
        digest
    );
    let count = cut(batch, rows / 2, 3, 64);
    assert!(count <= 3 && rows / 2 + count <= rows);
    disassemble(batch, rows / 2, count);
}

pub fn seeds() -> Vec<Vec<u8>> {
    samples()
        .iter()
        .map(|sample| postcard::to_stdvec(sample).expect("samples can be written"))
        .collect()
}

/// Three rows of every kind of column, the second of them null.
fn samples() -> Vec<Passed> {
    let node = |format: &str, children| FieldNode {
        name: format.into(),
        format: format.into(),
        nullable: true,
        children,
        metadata: vec![],
    };
    let texts = Some(
        [0_i32, 2, 2, 5]
            .iter()
            .flat_map(|offset| offset.to_le_bytes())
            .collect(),
    );
    let nulls = Some(vec![0b101]);
    let formats = [
        ("b", 1, None),
        ("c", 3, None),
        ("S", 6, None),
        ("f", 12, None),
        ("g", 24, None),
        ("tsu:UTC", 24, None),
        ("tdD", 12, None),
        ("u", 5, texts.clone()),
        ("z", 5, texts),
    ];
    let leaf = |(format, bytes, offsets): &(&str, usize, Option<Vec<u8>>)| {
        (
            node(format, 0),
            (3, nulls.clone(), offsets.clone(), vec![0x61; *bytes]),
        )
    };
    let mut samples: Vec<Passed> = formats
        .iter()
        .map(|format| {
            let (node, column) = leaf(format);
            (
                vec![node],
                vec![("key".into(), "value".into())],
                3,
                vec![column],
            )
        })
        .collect();
    let vector = vec![
        (3, nulls.clone(), None, vec![]),
        (6, None, None, vec![1; 24]),
    ];
    samples.push((vec![node("+w:2", 1), node("f", 0)], vec![], 3, vector));
    let (nodes, columns) = formats.iter().map(leaf).unzip();
    samples.push((nodes, vec![], 3, columns));
    samples
}

/// Rows to write.
pub fn tables() -> Vec<(TableSchema, RecordBatch)> {
    let table = |(fields, metadata, rows, columns): Passed| {
        let schema = TableSchema::from_nodes(fields, metadata).expect("samples are sound");
        let columns = columns
            .into_iter()
            .map(|(length, validity, offsets, values)| RawColumn {
                length,
                validity,
                offsets,
                values,
            });
        let batch = assemble(&schema, rows, columns.collect()).expect("samples are sound");
        (schema, batch)
    };
    samples().into_iter().map(table).collect()
}
