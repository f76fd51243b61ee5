#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::table::build::Problem;
use crate::table::canonical::Canonical;
use crate::table::testing::{any_rows, schema};

fn column(length: u32, values: &[u8]) -> RawColumn {
    RawColumn {
        length,
        validity: None,
        offsets: None,
        values: values.to_vec(),
    }
}

fn text(offsets: &[i32], values: &[u8], validity: Option<u8>) -> RawColumn {
    RawColumn {
        length: offsets.len() as u32 - 1,
        validity: validity.map(|byte| vec![byte]),
        offsets: Some(
            offsets
                .iter()
                .flat_map(|offset| offset.to_le_bytes())
                .collect(),
        ),
        values: values.to_vec(),
    }
}

/// The same bytes at an odd address, if the allocator gives one.
fn any_column() -> impl Strategy<Value = RawColumn> {
    let bytes = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..80),
            prop::collection::vec(0..4_u8, 0..80),
            prop::collection::vec(0..6_i32, 0..20)
                .prop_map(|offsets| offsets.into_iter().flat_map(i32::to_le_bytes).collect()),
            // Offsets that ascend, so that some tables pass.
            prop::collection::vec(0..3_i32, 0..20).prop_map(|steps| {
                let sums = steps.into_iter().scan(0, |sum, step| {
                    *sum += step;
                    Some(*sum)
                });
                sums.flat_map(i32::to_le_bytes).collect()
            }),
        ]
    };
    let length = prop_oneof![0..20_u32, Just(u32::MAX), any::<u32>()];
    (
        length,
        prop::option::of(bytes()),
        prop::option::of(bytes()),
        bytes(),
    )
        .prop_map(|(length, validity, offsets, values)| RawColumn {
            length,
            validity,
            offsets,
            values,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a guest passes, it is refused or becomes rows that arrow finds valid and that can be digested.
    #[test]
    fn no_columns_make_it_panic(
        (schema, _) in any_rows(1),
        rows in prop_oneof![0..20_u32, any::<u32>()],
        columns in prop::collection::vec(any_column(), 0..6),
        agree in any::<bool>(),
    ) {
        let nodes = schema.to_nodes();
        let columns = if agree {
            // Lengths that fit, so that the buffers are looked at.
            let columns = columns.into_iter().cycle().zip(&nodes).map(|(mut column, node)| {
                column.length = if node.name == "item" { rows.saturating_mul(3) } else { rows };
                if !matches!(node.format.as_str(), "u" | "z") { column.offsets = None; }
                if node.children > 0 { column.values = Vec::new(); }
                column
            });
            columns.collect()
        } else {
            columns
        };
        if let Ok(batch) = assemble(&schema, rows, columns) {
            prop_assert_eq!(batch.num_rows(), rows as usize);
            for column in batch.columns() {
                prop_assert!(column.to_data().validate_full().is_ok());
            }
            Canonical::of(&schema, &batch).unwrap().digest();
        }
    }

    /// Any rows, cut anywhere, pass to a guest and back.
    #[test]
    fn rows_pass_both_ways((schema, batch) in any_rows(60), from in 0..70_usize, len in 0..70_usize) {
        let from = from.min(batch.num_rows());
        let len = len.min(batch.num_rows() - from);
        let columns = disassemble(&batch, from, len);
        let back = assemble(&schema, len as u32, columns.clone()).unwrap();
        let digest = |batch: &RecordBatch| Canonical::of(&schema, batch).unwrap().digest();
        prop_assert_eq!(digest(&back), digest(&batch.slice(from, len)));
        prop_assert_eq!(disassemble(&back, 0, len), columns);
    }

    #[test]
    fn a_cut_is_the_most_that_fits((_, batch) in any_rows(60), start in 0..60_usize, max_rows in 0..70_u32, bytes in 0..3000_usize) {
        let start = start.min(batch.num_rows());
        let rest = batch.num_rows() - start;
        let rows = cut(&batch, start, max_rows, bytes);
        prop_assert!(rows <= rest && (max_rows == 0 || rows <= max_rows as usize) && (rows > 0 || rest == 0));
        let size = |rows| disassemble(&batch, start, rows).iter().map(|column| {
            let len = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
            len(&column.validity) + len(&column.offsets) + column.values.len()
        }).sum::<usize>();
        prop_assert!(rows <= 1 || size(rows) <= bytes, "{} rows of {} bytes", rows, size(rows));
        let bitmaps = batch.num_columns() * 2 * 24;
        let stopped = rows == rest || rows == max_rows as usize;
        prop_assert!(stopped || size(rows + 1) + bitmaps > bytes, "one more would have fitted");
    }
}

#[test]
fn each_flaw_is_named() {
    let refused = |format: &str, nullable: bool, columns: Vec<RawColumn>| {
        assemble(&schema(&[("x", format, nullable)]), 2, columns)
            .unwrap_err()
            .to_string()
    };
    let with_validity = |byte| RawColumn {
        validity: Some(vec![byte]),
        ..column(2, &[0; 16])
    };
    let cases = [
        (
            refused("l", true, vec![]),
            "0 columns were passed, the schema has 1",
        ),
        (
            refused("l", true, vec![column(3, &[0; 24])]),
            "column \"x\": it holds 3 values where 2 are due",
        ),
        (
            refused("l", true, vec![column(2, &[0; 15])]),
            "its values buffer has 15 bytes and needs 16",
        ),
        (
            refused("b", true, vec![column(2, &[])]),
            "its values buffer has 0 bytes and needs 1",
        ),
        (
            refused(
                "l",
                true,
                vec![RawColumn {
                    validity: Some(vec![]),
                    ..column(2, &[0; 16])
                }],
            ),
            "its validity buffer",
        ),
        (
            refused("l", false, vec![with_validity(0b01)]),
            "declared not nullable and holds a null in row 1",
        ),
        (
            refused(
                "l",
                true,
                vec![RawColumn {
                    offsets: Some(vec![]),
                    ..column(2, &[0; 16])
                }],
            ),
            "has no offsets buffer",
        ),
        (
            refused("u", true, vec![column(2, b"ab")]),
            "its format needs offsets",
        ),
        (
            refused(
                "u",
                true,
                vec![RawColumn {
                    length: 2,
                    ..text(&[0, 1], b"ab", None)
                }],
            ),
            "its offsets buffer has 8 bytes",
        ),
        (
            refused("u", true, vec![text(&[0, 2, 1], b"ab", None)]),
            "the offsets of row 1 run from 2 to 1 in 2 bytes",
        ),
        (
            refused("u", true, vec![text(&[0, 2, 3], b"ab", None)]),
            "the offsets of row 1 run from 2 to 3 in 2 bytes",
        ),
        (
            refused("u", true, vec![text(&[-1, 0, 1], b"ab", None)]),
            "the offsets of row 0 run from -1",
        ),
        (
            refused("u", true, vec![text(&[0, 1, 2], b"a\xff", None)]),
            "row 1 is not UTF-8",
        ),
        (
            refused("u", true, vec![text(&[0, 1, 2], "ß".as_bytes(), None)]),
            "row 0 is not UTF-8",
        ),
        (
            refused("+w:2", true, vec![column(2, &[1]), column(4, &[0; 16])]),
            "has no values buffer",
        ),
        (
            refused("+w:2", true, vec![column(2, &[]), column(5, &[0; 20])]),
            "it holds 5 values where 4 are due",
        ),
    ];
    for (error, message) in cases {
        assert!(error.contains(message), "{error} lacks {message}");
    }
    let many = assemble(
        &schema(&[("x", "+w:1000000", true)]),
        5000,
        vec![column(5000, &[]), column(0, &[])],
    );
    assert!(
        many.unwrap_err()
            .to_string()
            .contains("too many for one batch")
    );
}

#[test]
fn a_null_item_of_a_null_list_is_nobodys_business() {
    let mut nodes = schema(&[("v", "+w:2", true)]).to_nodes();
    nodes[1].nullable = false;
    let schema = TableSchema::from_nodes(nodes, vec![]).unwrap();
    let list = |byte| RawColumn {
        validity: Some(vec![byte]),
        ..column(2, &[])
    };
    let items = || RawColumn {
        validity: Some(vec![0b0111]),
        ..column(4, &[0; 16])
    };
    assert_eq!(
        assemble(&schema, 2, vec![list(0b01), items()])
            .unwrap()
            .num_rows(),
        2
    );
    let error = assemble(&schema, 2, vec![list(0b11), items()]).unwrap_err();
    assert_eq!(
        error,
        ShapeError::Column {
            column: "v".to_owned(),
            problem: Problem::Null { row: 1 }
        }
    );
}

#[test]
fn garbage_under_a_null_is_not_read() {
    let schema = schema(&[("x", "u", true)]);
    let batch = assemble(&schema, 2, vec![text(&[0, 2, 3], b"\xff\xfeb", Some(0b10))]).unwrap();
    let clean = assemble(&schema, 2, vec![text(&[0, 0, 1], b"b", Some(0b10))]).unwrap();
    let digest = |batch| Canonical::of(&schema, batch).unwrap().digest();
    assert_eq!(digest(&batch), digest(&clean));
}

#[test]
fn aligned_bytes_are_adopted_and_others_copied() {
    let schema = schema(&[("x", "g", false)]);
    let bytes: Vec<u8> = [1.5_f64, 2.5]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let address = bytes.as_ptr();
    let aligned = address.align_offset(8) == 0;
    let batch = assemble(&schema, 2, vec![column_of(bytes)]).unwrap();
    assert_eq!(
        batch.column(0).to_data().buffers()[0].as_ptr() == address,
        aligned
    );
    // A slice of a file that starts anywhere takes the same way.
    let shifted =
        Buffer::from_vec([vec![0_u8], disassemble(&batch, 0, 2)[0].values.clone()].concat());
    let node = Buffers {
        length: 2,
        validity: None,
        offsets: None,
        values: shifted.slice(1),
    };
    assert_eq!(build(&schema, 2, vec![node]).unwrap(), batch);
}

fn column_of(values: Vec<u8>) -> RawColumn {
    RawColumn {
        length: 2,
        validity: None,
        offsets: None,
        values,
    }
}
