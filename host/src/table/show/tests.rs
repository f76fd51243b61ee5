#![allow(clippy::unwrap_used)]
use arrow_array::{Float64Array, StringArray, TimestampMicrosecondArray};

use super::*;
use crate::store::testing::store;
use crate::table::testing::schema;
use crate::table::writer::TableWriter;

#[test]
fn a_table_is_shown() {
    let (_dir, store) = store();
    let schema = schema(&[
        ("species", "u", false),
        ("mass", "g", true),
        ("seen", "tsu:Europe/Berlin", false),
    ]);
    let rows = RecordBatch::try_new(
        Arc::clone(schema.arrow()),
        vec![
            Arc::new(StringArray::from(vec![
                "Adelie",
                "Gen\u{1b}[31mtoo",
                "Chinstrap",
            ])),
            Arc::new(Float64Array::from(vec![Some(3750.0), None, Some(3.5)])),
            Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2]).with_timezone("Europe/Berlin")),
        ],
    );
    let mut publication = store.begin();
    let mut writer = TableWriter::new(schema);
    writer.write(&rows.unwrap(), &mut publication).unwrap();
    let written = writer.finish(&mut publication).unwrap();
    publication.commit().unwrap();
    let doc = store.table(&written.digest).unwrap();
    let text = table(&store, &doc, 2, 0).unwrap();
    let expected = "\
3 rows, 3 columns, 1 block, 91 B

column   type
species  text
mass     float64 or null
seen     timestamp (us, Europe/Berlin)

species             mass  seen
Adelie            3750.0  1970-01-01T00:00:00Z
Gen\\u{1b}[31mtoo       -  1970-01-01T00:00:00.000001Z
… and 1 row more
";
    assert_eq!(text, format!("{}\n{expected}", written.digest));
    let narrow = table(&store, &doc, 1, 20).unwrap();
    let grid = "species    mass\nAdelie   3750.0\nnot shown: seen\n… and 2 rows more\n";
    assert!(narrow.ends_with(grid), "{narrow}");
}

#[test]
fn sizes_are_in_the_unit_that_suits() {
    let sizes = [
        0,
        1023,
        1024,
        20_583,
        1_048_524,
        1_048_525,
        5_497_558_138_880_000,
    ]
    .map(size);
    assert_eq!(
        sizes,
        [
            "0 B",
            "1023 B",
            "1.0 KiB",
            "20.1 KiB",
            "1023.9 KiB",
            "1.0 MiB",
            "5000.0 TiB"
        ]
    );
}

#[test]
fn long_cells_are_cut() {
    let rows = RecordBatch::try_from_iter([(
        "x",
        Arc::new(StringArray::from(vec!["ä".repeat(100)])) as ArrayRef,
    )]);
    assert_eq!(
        batch(&rows.unwrap(), 0),
        format!("x\n{}…\n", "ä".repeat(MAX_CELL - 1))
    );
}
