//! Tables as text for people: plain characters, no colour, nothing that a terminal would obey.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::doc::TableDoc;
use super::scan::rows_at;
use crate::printable;
use crate::store::{Store, StoreError};

/// Characters of a cell before it is cut.
const MAX_CELL: usize = 40;
/// What stands for a null.
const NULL: &str = "-";

/// A table's digest, size, schema and first rows. `width` is the terminal's, in characters; 0 for no limit.
pub fn table(
    store: &Store,
    table: &TableDoc,
    head: u64,
    width: usize,
) -> Result<String, StoreError> {
    let fields = table.schema().fields();
    let mut text = format!("{}\n", table.digest());
    let _infallible = writeln!(
        text,
        "{}, {}, {}, {}\n",
        count(table.rows(), "row"),
        count(fields.len() as u64, "column"),
        count(table.blocks().count() as u64, "block"),
        size(table.bytes())
    );
    let names = fields
        .iter()
        .map(|field| printable::line(field.name()).into_owned());
    let types = fields.iter().map(|field| match field.is_nullable() {
        true => format!("{} or null", type_name(field.data_type())),
        false => type_name(field.data_type()),
    });
    let columns = [("column", names.collect()), ("type", types.collect())];
    text.push_str(&grid(
        &columns.map(|(title, cells)| Column {
            title: title.to_owned(),
            cells,
            right: false,
        }),
        0,
    ));
    let rows: Vec<u64> = (0..table.rows().min(head)).collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&batch(&rows_at(store, table, &rows)?, width));
    }
    if table.rows() > head && head > 0 {
        let _infallible = writeln!(text, "… and {} more", count(table.rows() - head, "row"));
    }
    Ok(text)
}

/// Rows as a grid with a line of titles. `width` as for `table`; columns that do not fit are named below.
pub fn batch(rows: &RecordBatch, width: usize) -> String {
    let schema = rows.schema();
    let columns = schema
        .fields()
        .iter()
        .zip(rows.columns())
        .map(|(field, column)| Column {
            title: shortened(&printable::line(field.name())),
            cells: cells(column),
            right: field.data_type().is_numeric(),
        });
    grid(&columns.collect::<Vec<_>>(), width)
}

/// What a person calls a type.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::Binary => "bytes".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            };
            let zone = zone
                .as_deref()
                .map(|zone| format!(", {zone}"))
                .unwrap_or_default();
            format!("timestamp ({unit}{zone})")
        }
        DataType::FixedSizeList(item, size) => {
            format!("vector of {size} {}", type_name(item.data_type()))
        }
        number => number.to_string().to_lowercase(),
    }
}

/// A column of a grid.
struct Column {
    title: String,
    cells: Vec<String>,
    right: bool,
}

fn grid(columns: &[Column], width: usize) -> String {
    let length = |text: &str| text.chars().count();
    let widths = columns.iter().map(|column| {
        column
            .cells
            .iter()
            .chain([&column.title])
            .map(|text| length(text))
            .max()
            .unwrap_or_default()
    });
    let widths: Vec<usize> = widths.collect();
    let ends = widths.iter().scan(0, |end, width| {
        *end += width + 2;
        Some(*end)
    });
    // At least one column, however narrow the terminal.
    let shown = ends
        .take_while(|end| width == 0 || end - 2 <= width)
        .count()
        .max(1)
        .min(columns.len());
    let lines = columns.first().map_or(0, |column| column.cells.len());
    let mut text = String::new();
    for line in 0..=lines {
        let mut row = String::new();
        for (column, width) in columns[..shown].iter().zip(&widths) {
            let cell = match line {
                0 => &column.title,
                line => &column.cells[line - 1],
            };
            let _infallible = match column.right {
                true => write!(row, "{cell:>width$}  "),
                false => write!(row, "{cell:<width$}  "),
            };
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    if shown < columns.len() {
        let hidden: Vec<&str> = columns[shown..]
            .iter()
            .map(|column| column.title.as_str())
            .collect();
        let _infallible = writeln!(text, "not shown: {}", hidden.join(", "));
    }
    text
}

/// The text of one value.
pub fn cell(column: &ArrayRef, row: usize) -> String {
    cells(&column.slice(row, 1)).concat()
}

fn cells(column: &ArrayRef) -> Vec<String> {
    let text = texts(column).unwrap_or_else(|error| vec![Some(format!("({error})")); column.len()]);
    text.into_iter()
        .map(|cell| cell.map_or(NULL.to_owned(), |cell| shortened(&printable::line(&cell))))
        .collect()
}

/// The text of each value; none for a null.
pub(super) fn texts(column: &ArrayRef) -> Result<Vec<Option<String>>, ArrowError> {
    let column = readable(column);
    let options = FormatOptions::default().with_null("null");
    let formatter = ArrayFormatter::try_new(&column, &options)?;
    let text = |row| match column.is_null(row) {
        true => Ok(None),
        false => formatter.value(row).try_to_string().map(Some),
    };
    (0..column.len()).map(text).collect()
}

/// The same column, in UTC if its time zone is a name: telling that zone's offsets takes a database that is not built in.
pub(super) fn readable(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Timestamp(unit, Some(zone)) if !zone.starts_with(['+', '-']) => {
            let data = column.to_data().into_builder();
            let data = data
                .data_type(DataType::Timestamp(*unit, Some("+00:00".into())))
                .build();
            data.map_or_else(|_| Arc::clone(column), make_array)
        }
        _ => Arc::clone(column),
    }
}

fn shortened(text: &str) -> String {
    match text.chars().count() > MAX_CELL {
        true => text.chars().take(MAX_CELL - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn count(n: u64, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

/// Bytes in the unit that suits, e.g. `20.1 KiB` (1 KiB is 1024 bytes).
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests;
