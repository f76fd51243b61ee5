//! Diffs as text and as Markdown.

use arrow_array::{Float64Array, Int64Array, StringArray};

use super::{Table, array, compare, table};
use crate::{TableDiff, markdown, text};

fn version(ids: Vec<i64>, names: Vec<&str>, values: Vec<Option<f64>>, extra: &str) -> Table {
    let rows = ids.len();
    table(vec![
        ("id", array(Int64Array::from(ids))),
        ("na|me", array(StringArray::from(names))),
        ("value", array(Float64Array::from(values))),
        (extra, array(Int64Array::from(vec![0; rows]))),
    ])
}

fn example() -> TableDiff {
    let old = version(
        vec![1, 2, 3],
        vec!["a", "b\n*", "c"],
        vec![Some(1.0), Some(2.0), None],
        "gone",
    );
    let new = version(
        vec![1, 2, 40],
        vec!["a", "x_y", "d"],
        vec![Some(1.0), Some(2.5), None],
        "come",
    );
    compare(&old, &new, &["id"])
}

#[test]
fn as_text() {
    let expected = "\
columns
  +  come  added, Int64
  -  gone  removed, Int64

rows
  rows, old  3
  rows, new  3
  added      1
  removed    1
  changed    1
  unchanged  1
  1 old and 1 new blocks, 0 shared by both, 2 read

changes by column
  column  changed  to value  to null  mean      mean diff  max diff
  na|me         1         0        0  -                 -         -
  value         1         0        0  2 -> 2.5        0.5       0.5

changed rows, 1
  2  na|me: b\\n* -> x_y
     value: 2.0 -> 2.5

added rows, 1
  40

removed rows, 1
  3
";
    assert_eq!(text::render(&example(), 100), expected);
}

#[test]
fn no_line_of_text_is_too_long() {
    let narrow = text::render(&example(), 30);
    assert!(narrow.lines().all(|line| line.chars().count() <= 30));
    assert!(narrow.contains('…'));
}

#[test]
fn as_markdown() {
    let expected = "\
**Columns**

| column | what |
| --- | --- |
| come | added, Int64 |
| gone | removed, Int64 |

**Rows**

| rows | count |
| --- | --- |
| rows, old | 3 |
| rows, new | 3 |
| added | 1 |
| removed | 1 |
| changed | 1 |
| unchanged | 1 |

1 old and 1 new blocks, 0 shared by both, 2 read.

**Changes by column**

| column | changed | to value | to null | mean | mean diff | max diff |
| --- | --- | --- | --- | --- | --- | --- |
| na\\|me | 1 | 0 | 0 | - | - | - |
| value | 1 | 0 | 0 | 2 -> 2.5 | 0.5 | 0.5 |

**changed rows, 1**

| id | what |
| --- | --- |
| 2 | na\\|me: b\\\\n\\* -> x\\_y |
|  | value: 2.0 -> 2.5 |

**added rows, 1**

| id |
| --- |
| 40 |

**removed rows, 1**

| id |
| --- |
| 3 |
";
    assert_eq!(markdown::render(&example()), expected);
}

#[test]
fn without_a_difference() {
    let one = || version(vec![1], vec!["a"], vec![None], "extra");
    let found = compare(&one(), &one(), &["id"]);
    assert_eq!(text::render(&found, 80), "no difference in 1 rows\n");
    assert_eq!(markdown::render(&found), "No difference in 1 rows.\n");
}

#[test]
fn as_json() {
    let json = serde_json::to_value(example()).unwrap();
    assert_eq!(json["rows"]["changed"], 1);
    assert_eq!(json["samples"]["changed"][0]["columns"][1]["new"], 2.5);
    assert_eq!(json["schema"]["added"][0]["name"], "come");
}
