//! Schemas and batches that are none: each ends its stage with what is wrong, or is harmless and taken.

use super::case::Case;
use super::layout::{Column, Field, cut, field, values, writes};
use super::play;

const MISFIT: &str = "stage `hostile` failed: the plugin wrote rows that do not fit their table: ";
const NO_SCHEMA: &str = "stage `hostile` failed: the plugin started a table with a schema that lockflight does not take: ";

struct Batch {
    name: &'static str,
    schema: Vec<Field>,
    rows: u32,
    columns: Vec<Column>,
    /// What is said of it; none if it is taken.
    says: Option<String>,
}

fn rows(name: &'static str, field: Field, rows: u32, column: Column, says: &str) -> Batch {
    Batch {
        name,
        schema: vec![field],
        rows,
        columns: vec![column],
        says: Some(format!("{MISFIT}{says}")),
    }
}

fn schema(name: &'static str, schema: Vec<Field>, says: &str) -> Batch {
    Batch {
        name,
        schema,
        rows: 0,
        columns: Vec::new(),
        says: Some(format!("{NO_SCHEMA}{says}")),
    }
}

fn taken(name: &'static str, field: Field, rows: u32, column: Column) -> Batch {
    Batch {
        name,
        schema: vec![field],
        rows,
        columns: vec![column],
        says: None,
    }
}

fn nulls(bitmap: &[u8], column: Column) -> Column {
    Column {
        validity: Some(bitmap.to_vec()),
        ..column
    }
}

const NUMBER: Field = field("a", "l");
const TEXT: Field = field("a", "u");
const VECTOR: Field = Field {
    children: 1,
    ..field("a", "+w:2")
};
const NOT_NULL: Field = Field {
    nullable: false,
    ..field("a", "l")
};

fn lengths() -> Vec<Batch> {
    vec![
        rows(
            "values-short",
            NUMBER,
            3,
            values(3, &[0; 23]),
            "column \"a\": its values buffer has 23 bytes and needs 24",
        ),
        rows(
            "values-none",
            NUMBER,
            3,
            values(3, &[]),
            "column \"a\": its values buffer has 0 bytes and needs 24",
        ),
        rows(
            "bits-short",
            field("a", "b"),
            9,
            values(9, &[0]),
            "column \"a\": its values buffer has 1 bytes and needs 2",
        ),
        rows(
            "rows-of-4-billion",
            NUMBER,
            u32::MAX,
            values(u32::MAX, &[0; 8]),
            "column \"a\": its values buffer has 8 bytes and needs 34359738360",
        ),
        rows(
            "bits-of-4-billion",
            field("a", "b"),
            u32::MAX,
            values(u32::MAX, &[0; 8]),
            "column \"a\": its values buffer has 8 bytes and needs 536870912",
        ),
        rows(
            "column-shorter-than-its-batch",
            NUMBER,
            3,
            values(2, &[0; 24]),
            "column \"a\": it holds 2 values where 3 are due",
        ),
        rows(
            "column-longer-than-its-batch",
            NUMBER,
            2,
            values(3, &[0; 24]),
            "column \"a\": it holds 3 values where 2 are due",
        ),
        rows(
            "rows-without-columns",
            NUMBER,
            0,
            values(u32::MAX, &[]),
            "column \"a\": it holds 4294967295 values where 0 are due",
        ),
        taken("values-long", NUMBER, 1, values(1, &[0; 4000])),
        taken("no-rows", NUMBER, 0, values(0, &[])),
        Batch {
            columns: Vec::new(),
            ..rows(
                "no-columns",
                NUMBER,
                3,
                values(0, &[]),
                "0 columns were passed, the schema has 1",
            )
        },
        Batch {
            columns: vec![values(3, &[0; 24]), values(3, &[0; 24])],
            ..rows(
                "too-many-columns",
                NUMBER,
                3,
                values(0, &[]),
                "2 columns were passed, the schema has 1",
            )
        },
        Batch {
            schema: vec![NUMBER, field("b", "l")],
            columns: vec![values(3, &[0; 24]), values(2, &[0; 16])],
            ..rows(
                "columns-disagree",
                NUMBER,
                3,
                values(0, &[]),
                "column \"b\": it holds 2 values where 3 are due",
            )
        },
        rows(
            "offsets-unwanted",
            NUMBER,
            1,
            cut(1, &[0, 1], &[0; 8]),
            "column \"a\": its format has no offsets buffer",
        ),
    ]
}

fn texts() -> Vec<Batch> {
    vec![
        rows(
            "no-offsets",
            TEXT,
            1,
            values(1, b"x"),
            "column \"a\": its format needs offsets",
        ),
        rows(
            "offsets-short",
            TEXT,
            2,
            cut(2, &[0, 1], b"xy"),
            "column \"a\": its offsets buffer has 8 bytes and needs 12",
        ),
        rows(
            "offsets-of-4-billion",
            TEXT,
            u32::MAX,
            cut(u32::MAX, &[0], b""),
            "column \"a\": its offsets buffer has 4 bytes and needs 17179869184",
        ),
        rows(
            "offset-negative",
            TEXT,
            1,
            cut(1, &[-1, 1], b"x"),
            "column \"a\": the offsets of row 0 run from -1 to 1 in 1 bytes",
        ),
        rows(
            "offset-most-negative",
            TEXT,
            1,
            cut(1, &[i32::MIN, i32::MAX], b"x"),
            "column \"a\": the offsets of row 0 run from -2147483648 to 2147483647 in 1 bytes",
        ),
        rows(
            "offset-behind-the-end",
            TEXT,
            1,
            cut(1, &[0, 2], b"x"),
            "column \"a\": the offsets of row 0 run from 0 to 2 in 1 bytes",
        ),
        rows(
            "offsets-descend",
            TEXT,
            2,
            cut(2, &[0, 3, 1], b"xyz"),
            "column \"a\": the offsets of row 1 run from 3 to 1 in 3 bytes",
        ),
        rows(
            "text-no-utf8",
            TEXT,
            1,
            cut(1, &[0, 2], b"\xc3\x28"),
            "column \"a\": row 0 is not UTF-8",
        ),
        rows(
            "text-cut-in-a-character",
            TEXT,
            2,
            cut(2, &[0, 1, 2], "ü".as_bytes()),
            "column \"a\": row 0 is not UTF-8",
        ),
        rows(
            "text-surrogate",
            TEXT,
            1,
            cut(1, &[0, 3], b"\xed\xa0\x80"),
            "column \"a\": row 0 is not UTF-8",
        ),
        taken(
            "bytes-no-utf8",
            field("a", "z"),
            1,
            cut(1, &[0, 2], b"\xc3\x28"),
        ),
        taken(
            "text-under-a-null",
            TEXT,
            1,
            nulls(&[0], cut(1, &[0, 2], b"\xc3\x28")),
        ),
        taken(
            "offsets-from-elsewhere",
            TEXT,
            1,
            cut(1, &[2, 3], b"\xff\xffx\xff"),
        ),
    ]
}

fn null_values() -> Vec<Batch> {
    vec![
        rows(
            "null-where-none-may-be",
            NOT_NULL,
            3,
            nulls(&[0b101], values(3, &[0; 24])),
            "column \"a\": it is declared not nullable and holds a null in row 1",
        ),
        rows(
            "validity-short",
            NUMBER,
            9,
            nulls(&[0xff], values(9, &[0; 72])),
            "column \"a\": its validity buffer has 1 bytes and needs 2",
        ),
        rows(
            "validity-empty",
            NUMBER,
            1,
            nulls(&[], values(1, &[0; 8])),
            "column \"a\": its validity buffer has 0 bytes and needs 1",
        ),
        taken(
            "nulls-behind-the-end",
            NOT_NULL,
            3,
            nulls(&[0b111], values(3, &[0; 24])),
        ),
    ]
}

fn vectors() -> Vec<Batch> {
    let with = |name, length, child, says: &str| Batch {
        schema: vec![VECTOR, field("item", "g")],
        columns: vec![values(length, &[]), child],
        ..rows(name, NUMBER, 2, values(0, &[]), says)
    };
    vec![
        with(
            "vector-child-short",
            2,
            values(3, &[0; 24]),
            "column \"a\": it holds 3 values where 4 are due",
        ),
        with(
            "vector-child-long",
            2,
            values(5, &[0; 40]),
            "column \"a\": it holds 5 values where 4 are due",
        ),
        with(
            "vector-child-without-values",
            2,
            values(4, &[0; 31]),
            "column \"a\": its values buffer has 31 bytes and needs 32",
        ),
        Batch {
            columns: vec![values(2, &[])],
            ..with(
                "vector-without-child",
                2,
                values(0, &[]),
                "1 columns were passed, the schema has 2",
            )
        },
        Batch {
            columns: vec![values(2, &[1]), values(4, &[0; 32])],
            ..with(
                "vector-with-values",
                2,
                values(0, &[]),
                "column \"a\": its format has no values buffer",
            )
        },
        Batch {
            schema: vec![
                Field {
                    children: 1,
                    ..field("a", "+w:1048576")
                },
                field("item", "g"),
            ],
            rows: u32::MAX,
            columns: vec![values(u32::MAX, &[]), values(u32::MAX, &[])],
            ..with(
                "vector-of-a-million-times-4-billion",
                2,
                values(0, &[]),
                "column \"a\": 4294967295 rows of 1048576 values are too many for one batch",
            )
        },
    ]
}

fn schemas() -> Vec<Batch> {
    let of = |format| vec![field("a", format)];
    vec![
        schema(
            "schema-empty",
            Vec::new(),
            "a table needs at least one column",
        ),
        schema(
            "schema-unnamed",
            vec![field("", "l")],
            "column 1 (counted from 1) has no name",
        ),
        schema(
            "schema-twice",
            vec![NUMBER, NUMBER],
            "two columns are named \"a\"",
        ),
        schema(
            "format-empty",
            of(""),
            "column \"a\": the type \"\" is not accepted",
        ),
        schema(
            "format-unknown",
            of("Q"),
            "column \"a\": the type \"Q\" is not accepted",
        ),
        schema(
            "format-of-a-structure",
            of("+s"),
            "column \"a\": the type \"+s\" is not accepted",
        ),
        schema(
            "format-of-a-union",
            of("+ud:0,1"),
            "column \"a\": the type \"+ud:0,1\" is not accepted",
        ),
        schema(
            "format-with-escape",
            of("l\u{1b}[2J"),
            "column \"a\": the type \"l\\u{1b}[2J\" is not accepted",
        ),
        schema(
            "vector-of-nothing",
            of("+w:0"),
            "column \"a\": the type \"+w:0\" is not accepted",
        ),
        schema(
            "vector-negative",
            of("+w:-1"),
            "column \"a\": the type \"+w:-1\" is not accepted",
        ),
        schema(
            "vector-too-long",
            of("+w:99999999999999999999"),
            "column \"a\": the type \"+w:99999999999999999999\" is not accepted",
        ),
        schema(
            "zone-with-escape",
            of("tsu:\u{1b}c"),
            "column \"a\": the type \"tsu:\\u{1b}c\" is not accepted",
        ),
        schema("vector-alone", of("+w:2"), "column \"a\": "),
        schema(
            "children-of-a-number",
            vec![
                Field {
                    children: 1,
                    ..NUMBER
                },
                field("b", "l"),
            ],
            "column \"a\": ",
        ),
        schema(
            "children-of-4-billion",
            vec![Field {
                children: u32::MAX,
                ..NUMBER
            }],
            "column \"a\": ",
        ),
        schema("children-missing", vec![VECTOR], "column \"a\": "),
        schema("vector-of-texts", vec![VECTOR, TEXT], "column \"a\": "),
        schema(
            "vector-of-vectors",
            vec![VECTOR, VECTOR, field("item", "g")],
            "column \"a\": ",
        ),
        schema(
            "metadata-twice",
            vec![Field {
                metadata: &[("k", "1"), ("k", "2")],
                ..NUMBER
            }],
            "column \"a\" has the metadata key \"k\" twice",
        ),
    ]
}

fn played(batches: Vec<Batch>) {
    let cases = batches.into_iter().map(|batch| {
        let mut case = Case::new(
            batch.name,
            &writes(&batch.schema, batch.rows, &batch.columns),
        );
        // Their limit of rows is not what these are about.
        case.keys.push("limits = { rows = 1000000000000 }".into());
        match batch.says {
            Some(says) => case.says.push(says),
            None => case.exit = 0,
        }
        case
    });
    play::all(cases.collect(), play::one);
}

#[test]
fn batches_of_wrong_lengths() {
    played(lengths());
}

#[test]
fn batches_of_wrong_texts() {
    played(texts());
}

#[test]
fn batches_with_wrong_nulls_and_vectors() {
    played(null_values().into_iter().chain(vectors()).collect());
}

#[test]
fn schemas_that_are_none() {
    played(schemas());
}
