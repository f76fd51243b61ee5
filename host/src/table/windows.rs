//! Cutting a table into windows of the calendar by a column with the time of each row. Rows need not be in the order of time; within
//! a window they keep the order that they have.

use std::collections::btree_map::{BTreeMap, Entry};

use arrow_array::{
    Array, RecordBatch, UInt64Array,
    cast::AsArray,
    types::{
        Date32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType,
    },
};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use arrow_select::take::take_record_batch;
use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::{
    doc::TableDoc,
    scan::Scan,
    writer::{TableWriter, WriteError, Written},
};
use crate::{
    manifest::Period,
    store::{Publication, Store, StoreError},
};

/// The most windows of one table: more are a period that was mistyped.
const MAX_WINDOWS: usize = 10_000;

/// Why a table could not be cut.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// It has no such column.
    #[error("the table has no column {0:?} with the time of a row")]
    NoColumn(String),
    /// The column is no time.
    #[error("the column {column:?} is {found}, and windows are cut by a date or a timestamp")]
    NoTime {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// It covers more time than there can be windows.
    #[error("the table has more than {MAX_WINDOWS} windows of {0}; make them longer")]
    TooMany(Period),
    /// A time that the calendar does not have.
    #[error("row {row} has a time that no calendar has")]
    OutOfCalendar {
        /// The row, from 0.
        row: u64,
    },
    /// Rows cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A window that has rows.
#[derive(Debug, Clone)]
pub struct CutWindow {
    /// Its first moment, in UTC.
    pub start: DateTime,
    /// The first moment behind it.
    pub end: DateTime,
    /// Its name, e.g. `2012-03`.
    pub label: String,
    /// Its rows, a table.
    pub rows: Written,
}

/// A table in windows.
#[derive(Debug)]
pub struct Windows {
    /// Those that have rows, in the order of time.
    pub windows: Vec<CutWindow>,
    /// Rows that have no time and are in none of them.
    pub without_time: u64,
}

/// Cuts a table; the windows are in the store once the publication is committed.
///
/// # Errors
/// When the column is no time, or there are too many windows.
pub fn cut(
    store: &Store,
    table: &TableDoc,
    time: &str,
    every: Period,
    publication: &mut Publication,
) -> Result<Windows, CutError> {
    let schema = table.schema();
    let column = schema
        .index_of(time)
        .ok_or_else(|| CutError::NoColumn(time.to_owned()))?;
    let ticks = Ticks::of(schema.fields()[column].data_type()).ok_or_else(|| CutError::NoTime {
        column: time.to_owned(),
        found: super::show::type_name(schema.fields()[column].data_type()),
    })?;
    let mut cutter = Cutter {
        ticks,
        every,
        last: None,
        writers: BTreeMap::new(),
    };
    let (mut without_time, mut before) = (0, 0);
    for rows in Scan::new(store, table) {
        let rows = rows?;
        without_time += rows.column(column).null_count() as u64;
        for (start, picked) in cutter.parts(&rows, column, before)? {
            let windows = cutter.writers.len();
            let writer = match cutter.writers.entry(start) {
                Entry::Occupied(writer) => writer.into_mut(),
                Entry::Vacant(_) if windows == MAX_WINDOWS => return Err(CutError::TooMany(every)),
                Entry::Vacant(place) => place.insert(TableWriter::new(schema.clone())),
            };
            let picked = take_record_batch(&rows, &UInt64Array::from(picked));
            writer.write(&picked.expect("rows of the batch"), publication)?;
        }
        before += rows.num_rows() as u64;
    }
    let windows = cutter.writers.into_iter().map(|(start, writer)| {
        Ok(CutWindow {
            start,
            end: every.end(start).unwrap_or(DateTime::MAX),
            label: every.label(start),
            rows: writer.finish(publication)?,
        })
    });
    Ok(Windows {
        windows: windows.collect::<Result<_, WriteError>>()?,
        without_time,
    })
}

/// Whether tables can be cut by columns of this type.
pub fn is_time(data_type: &DataType) -> bool {
    Ticks::of(data_type).is_some()
}

/// A part of a batch: the first moment of its window, and its rows.
type Part = (DateTime, Vec<u64>);

struct Cutter {
    ticks: Ticks,
    every: Period,
    /// The window of the row before, in ticks: most rows are in the same one.
    last: Option<(std::ops::Range<i64>, DateTime)>,
    writers: BTreeMap<DateTime, TableWriter>,
}

impl Cutter {
    fn parts(
        &mut self,
        rows: &RecordBatch,
        column: usize,
        before: u64,
    ) -> Result<Vec<Part>, CutError> {
        let times = self.ticks.values(rows.column(column));
        let times = times.as_primitive::<Int64Type>();
        let mut parts: BTreeMap<DateTime, Vec<u64>> = BTreeMap::new();
        for row in (0..times.len()).filter(|row| times.is_valid(*row)) {
            let start = self
                .window(times.value(row))
                .ok_or(CutError::OutOfCalendar {
                    row: before + row as u64,
                })?;
            parts.entry(start).or_default().push(row as u64);
        }
        Ok(parts.into_iter().collect())
    }

    fn window(&mut self, tick: i64) -> Option<DateTime> {
        if let Some((ticks, start)) = &self.last
            && ticks.contains(&tick)
        {
            return Some(*start);
        }
        let start = self.every.start(self.ticks.time(tick)?)?;
        let end = self.every.end(start).and_then(|end| self.ticks.tick(end));
        let ticks = self.ticks.tick(start)?..end.unwrap_or(i64::MAX);
        self.last = Some((ticks, start));
        Some(start)
    }
}

/// How a column counts time, from 1970 in UTC.
#[derive(Debug, Clone, Copy)]
enum Ticks {
    Days,
    Units(TimeUnit),
}

impl Ticks {
    fn of(data_type: &DataType) -> Option<Ticks> {
        match data_type {
            DataType::Date32 => Some(Ticks::Days),
            DataType::Timestamp(unit, _) => Some(Ticks::Units(*unit)),
            _ => None,
        }
    }

    /// The column as 64-bit integers.
    fn values(self, column: &arrow_array::ArrayRef) -> arrow_array::ArrayRef {
        use std::sync::Arc;
        match self {
            Ticks::Days => {
                let days = column.as_primitive::<Date32Type>();
                let days = days.reinterpret_cast::<arrow_array::types::Int32Type>();
                cast(&days, &DataType::Int64).expect("every int32 is an int64")
            }
            Ticks::Units(TimeUnit::Second) => Arc::new(
                column
                    .as_primitive::<TimestampSecondType>()
                    .reinterpret_cast::<Int64Type>(),
            ),
            Ticks::Units(TimeUnit::Millisecond) => Arc::new(
                column
                    .as_primitive::<TimestampMillisecondType>()
                    .reinterpret_cast::<Int64Type>(),
            ),
            Ticks::Units(TimeUnit::Microsecond) => Arc::new(
                column
                    .as_primitive::<TimestampMicrosecondType>()
                    .reinterpret_cast::<Int64Type>(),
            ),
            Ticks::Units(TimeUnit::Nanosecond) => Arc::new(
                column
                    .as_primitive::<TimestampNanosecondType>()
                    .reinterpret_cast::<Int64Type>(),
            ),
        }
    }

    fn time(self, tick: i64) -> Option<DateTime> {
        let at = match self {
            Ticks::Days => Timestamp::from_second(tick.checked_mul(86_400)?),
            Ticks::Units(TimeUnit::Second) => Timestamp::from_second(tick),
            Ticks::Units(TimeUnit::Millisecond) => Timestamp::from_millisecond(tick),
            Ticks::Units(TimeUnit::Microsecond) => Timestamp::from_microsecond(tick),
            Ticks::Units(TimeUnit::Nanosecond) => Timestamp::from_nanosecond(i128::from(tick)),
        };
        Some(Offset::UTC.to_datetime(at.ok()?))
    }

    /// The tick of a moment that begins a window; none beyond what the column can hold.
    fn tick(self, at: DateTime) -> Option<i64> {
        let at = Offset::UTC.to_timestamp(at).ok()?;
        match self {
            Ticks::Days => Some(at.as_second().div_euclid(86_400)),
            Ticks::Units(TimeUnit::Second) => Some(at.as_second()),
            Ticks::Units(TimeUnit::Millisecond) => Some(at.as_millisecond()),
            Ticks::Units(TimeUnit::Microsecond) => Some(at.as_microsecond()),
            Ticks::Units(TimeUnit::Nanosecond) => i64::try_from(at.as_nanosecond()).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Date32Array, Int64Array, TimestampMillisecondArray};
    use arrow_schema::{Field, Schema};

    use super::*;
    use crate::{store::testing::store, table::schema::TableSchema};

    fn windows(times: ArrayRef, every: &str) -> Result<(Vec<String>, u64), CutError> {
        let (_dir, store) = store();
        let schema = Schema::new(vec![
            Field::new("at", times.data_type().clone(), true),
            Field::new("n", DataType::Int64, false),
        ]);
        let schema = TableSchema::from_arrow(&schema).unwrap();
        let numbers = Int64Array::from_iter_values(0..times.len() as i64);
        let rows = RecordBatch::try_new(schema.arrow().clone(), vec![times, Arc::new(numbers)]);
        let mut publication = store.begin();
        let mut writer = TableWriter::new(schema);
        writer.write(&rows.unwrap(), &mut publication).unwrap();
        let table = writer.finish(&mut publication).unwrap();
        publication.commit().unwrap();
        let table = store.table(&table.digest).unwrap();
        let mut publication = store.begin();
        let cut = cut(
            &store,
            &table,
            "at",
            every.parse().unwrap(),
            &mut publication,
        )?;
        publication.commit().unwrap();
        let shown = cut.windows.iter().map(|window| {
            let table = store.table(&window.rows.digest).unwrap();
            let rows: Vec<i64> = Scan::new(&store, &table)
                .flat_map(|rows| {
                    rows.unwrap()["n"]
                        .as_primitive::<Int64Type>()
                        .values()
                        .to_vec()
                })
                .collect();
            format!("{} {rows:?}", window.label)
        });
        Ok((shown.collect(), cut.without_time))
    }

    #[test]
    fn rows_come_into_their_windows_in_any_order() {
        let days = Date32Array::from(vec![Some(31), Some(0), None, Some(30), Some(-1), Some(59)]);
        let (shown, without) = windows(Arc::new(days), "1mo").unwrap();
        assert_eq!(
            shown,
            [
                "1969-12 [4]",
                "1970-01 [1, 3]",
                "1970-02 [0]",
                "1970-03 [5]"
            ]
        );
        assert_eq!(without, 1);
        let hours = TimestampMillisecondArray::from(vec![3_600_000, 3_599_999, 7_200_000, 0]);
        let (shown, _) = windows(Arc::new(hours), "1h").unwrap();
        assert_eq!(
            shown,
            [
                "1970-01-01T00 [1, 3]",
                "1970-01-01T01 [0]",
                "1970-01-01T02 [2]"
            ]
        );
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        let numbers = Arc::new(Int64Array::from(vec![1]));
        assert!(matches!(
            windows(numbers, "1d"),
            Err(CutError::NoTime { .. })
        ));
        let far = TimestampMillisecondArray::from(vec![i64::MAX]);
        assert!(matches!(
            windows(Arc::new(far), "1d"),
            Err(CutError::OutOfCalendar { row: 0 })
        ));
        let years = Date32Array::from_iter_values((0..11_000).map(|day| day * 2));
        assert!(matches!(
            windows(Arc::new(years), "1d"),
            Err(CutError::TooMany(_))
        ));
    }
}
