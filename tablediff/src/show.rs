//! Words and numbers that both renderings use.

use serde_json::Value;

use crate::result::{ChangedRow, ColumnDiff, Samples, SchemaDiff, TableDiff};

/// A count with commas between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in six significant digits, those after the point without zeros at the end.
pub(crate) fn number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{number:.5e}");
    }
    let before = if size >= 1.0 {
        size.log10() as usize + 1
    } else {
        1
    };
    let text = format!("{number:.*}", 6_usize.saturating_sub(before));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A value as text with control characters escaped.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => escaped(text),
        other => escaped(&other.to_string()),
    }
}

/// A text in which nothing can move the cursor, break the line or turn the direction of writing.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if unsafe_to_print(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn unsafe_to_print(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The values of a key, with their columns' names if there are several.
pub(crate) fn key(columns: &[String], values: &[Value]) -> String {
    if let ([_], [only]) = (columns, values) {
        return value(only);
    }
    let named = columns.iter().zip(values);
    let texts = named.map(|(column, of)| format!("{}={}", escaped(column), value(of)));
    texts.collect::<Vec<_>>().join(", ")
}

/// What differs in the columns: a sign, the column and what happened to it. Names and types are escaped.
pub(crate) fn schema(schema: &SchemaDiff) -> Vec<[String; 3]> {
    let line =
        |sign: &str, name: &str, what: String| [sign.to_owned(), escaped(name), escaped(&what)];
    let added = schema
        .added
        .iter()
        .map(|column| line("+", &column.name, format!("added, {}", column.data_type)));
    let removed = schema
        .removed
        .iter()
        .map(|column| line("-", &column.name, format!("removed, {}", column.data_type)));
    let retyped = schema.retyped.iter().map(|column| {
        let note = if column.compared {
            ""
        } else {
            ", values not compared"
        };
        line(
            "~",
            &column.name,
            format!("{} -> {}{note}", column.old, column.new),
        )
    });
    let moved = schema.moved.iter().map(|column| {
        line(
            "~",
            &column.name,
            format!(
                "moved from position {} to {}",
                column.old + 1,
                column.new + 1
            ),
        )
    });
    added.chain(removed).chain(retyped).chain(moved).collect()
}

/// Counts of rows: what is counted and how many.
pub(crate) fn rows(diff: &TableDiff) -> Vec<[String; 2]> {
    let rows = &diff.rows;
    let mut lines = vec![
        ("rows, old", rows.old),
        ("rows, new", rows.new),
        ("added", rows.added),
        ("removed", rows.removed),
    ];
    if !diff.key.is_empty() {
        lines.push(("changed", rows.changed));
    }
    lines.push(("unchanged", rows.unchanged));
    for (what, keys) in [
        ("repeated keys, old", rows.duplicates_old),
        ("repeated keys, new", rows.duplicates_new),
    ] {
        if keys > 0 {
            lines.push((what, keys));
        }
    }
    let line = |(what, number): (&str, u64)| [what.to_owned(), count(number)];
    lines.into_iter().map(line).collect()
}

/// How many blocks were read, as a sentence without a full stop.
pub(crate) fn blocks(diff: &TableDiff) -> String {
    let blocks = &diff.blocks;
    format!(
        "{} old and {} new blocks, {} shared by both, {} read",
        count(blocks.old),
        count(blocks.new),
        count(blocks.shared),
        count(blocks.read),
    )
}

/// The head of [`changes`]: rows in which the column changed, those in which a null became a value and the other way round,
/// the mean in all changed rows before and after, and how far numbers moved.
pub(crate) const CHANGES: [&str; 7] = [
    "column",
    "changed",
    "to value",
    "to null",
    "mean",
    "mean diff",
    "max diff",
];

/// The columns that changed in some row, a line each.
pub(crate) fn changes(diff: &TableDiff) -> Vec<[String; 7]> {
    let changed = diff.columns.iter().filter(|column| column.changed > 0);
    changed.map(change).collect()
}

fn change(column: &ColumnDiff) -> [String; 7] {
    let mean = |mean: Option<f64>| mean.map_or_else(|| "-".to_owned(), number);
    let means = match (column.before.mean, column.after.mean) {
        (None, None) => "-".to_owned(),
        (before, after) => format!("{} -> {}", mean(before), mean(after)),
    };
    let difference = column.difference;
    [
        escaped(&column.name),
        count(column.changed),
        count(column.null_to_value),
        count(column.value_to_null),
        means,
        mean(difference.map(|difference| difference.mean)),
        mean(difference.map(|difference| difference.largest)),
    ]
}

/// The lines of a changed row: its key (empty from the second line on) and what changed.
pub(crate) fn changed_row(samples: &Samples, row: &ChangedRow) -> Vec<[String; 2]> {
    let mut label = key(&samples.columns, &row.key);
    let columns = row.columns.iter();
    columns
        .map(|cell| {
            let change = format!(
                "{}: {} -> {}",
                escaped(&cell.column),
                value(&cell.old),
                value(&cell.new)
            );
            [std::mem::take(&mut label), change]
        })
        .collect()
}

/// What the values of a key are.
pub(crate) fn key_name(samples: &Samples) -> String {
    match samples.columns.as_slice() {
        [only] => escaped(only),
        _ => "row".to_owned(),
    }
}

/// Rows of one kind that are shown: the kind, how many there are, and their lines.
pub(crate) struct Shown {
    pub title: String,
    pub lines: Vec<[String; 2]>,
}

/// Samples of all kinds that there are. The second part of a line may be empty.
pub(crate) fn samples(diff: &TableDiff) -> Vec<Shown> {
    let (samples, rows) = (&diff.samples, &diff.rows);
    let keys = &samples.columns;
    let only_key = |values: &[Value]| vec![[key(keys, values), String::new()]];
    let times = |values: &[Value], rows| vec![[key(keys, values), format!("{} rows", count(rows))]];
    let shown = [
        shown("changed rows", rows.changed, &samples.changed, |row| {
            changed_row(samples, row)
        }),
        shown("added rows", rows.added, &samples.added, |row| {
            only_key(&row.key)
        }),
        shown("removed rows", rows.removed, &samples.removed, |row| {
            only_key(&row.key)
        }),
        shown(
            "repeated keys, old",
            rows.duplicates_old,
            &samples.duplicates_old,
            |repeated| times(&repeated.key, repeated.rows),
        ),
        shown(
            "repeated keys, new",
            rows.duplicates_new,
            &samples.duplicates_new,
            |repeated| times(&repeated.key, repeated.rows),
        ),
    ];
    shown
        .into_iter()
        .filter(|shown| !shown.lines.is_empty())
        .collect()
}

fn shown<T>(kind: &str, all: u64, samples: &[T], lines: impl Fn(&T) -> Vec<[String; 2]>) -> Shown {
    let title = if (samples.len() as u64) < all {
        format!("{kind}, {} of {}", count(samples.len() as u64), count(all))
    } else {
        format!("{kind}, {}", count(all))
    };
    Shown {
        title,
        lines: samples.iter().flat_map(lines).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_numbers() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(336_776), "336,776");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(-12.345678), "-12.3457");
        assert_eq!(number(1234567.0), "1234567");
        assert_eq!(number(0.25), "0.25");
        assert_eq!(number(1e-9), "1.00000e-9");
        assert_eq!(number(100.0), "100");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(
            escaped("a\nb\u{1b}[31m\u{202e}é"),
            "a\\nb\\u{1b}[31m\\u{202e}é"
        );
    }
}
