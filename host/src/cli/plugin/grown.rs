//! Inputs of any size for measurements: what is there, over and over.

use std::fs;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use super::super::error::CliError;
use super::stage::usage;
use crate::digest::Digest;
use crate::store::Store;
use crate::table::writer::WriteError;
use crate::table::{Scan, TableWriter};

/// How many rows are handed on at a time, and are at least repeated as a whole.
const ROWS: usize = 65_536;
/// How many bytes of lines are handed on at a time.
const BYTES: usize = 1 << 20;

/// A table of `count` rows: those of another, over and over.
///
/// # Errors
/// When there is none, or the store fails.
pub(super) fn rows(store: &Store, table: &Digest, count: u64) -> Result<Digest, CliError> {
    let table = store.table(table)?;
    let (mut batches, mut there) = (Vec::new(), 0);
    for batch in Scan::new(store, &table) {
        let batch: RecordBatch = batch?;
        there += batch.num_rows();
        batches.push(batch);
        if there >= ROWS {
            break;
        }
    }
    if there == 0 {
        return Err(usage("a table without rows cannot be made longer"));
    }
    let batches: Vec<_> = batches
        .iter()
        .cycle()
        .take(batches.len() * ROWS.div_ceil(there))
        .collect();
    let batch = concat_batches(table.schema().arrow(), batches).map_err(failed)?;
    let mut publication = store.begin();
    let mut writer = TableWriter::new(table.schema().clone());
    let mut left = count;
    while left > 0 {
        let taken =
            usize::try_from(left).map_or(batch.num_rows(), |left| left.min(batch.num_rows()));
        writer
            .write(&batch.slice(0, taken), &mut publication)
            .map_err(unwritten)?;
        left -= taken as u64;
    }
    let written = writer.finish(&mut publication).map_err(unwritten)?;
    publication.commit()?;
    Ok(written.digest)
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Failed(error.to_string())
}

fn unwritten(error: WriteError) -> CliError {
    match error {
        WriteError::Store(error) => error.into(),
        misfit => failed(misfit),
    }
}

/// A file of `count` lines: those of another, over and over; beside them the line of names that a .csv or .tsv begins with.
///
/// # Errors
/// When the file cannot be read or has no such line, or the store fails.
pub(super) fn lines(store: &Store, file: &Path, count: u64) -> Result<Digest, CliError> {
    let text = fs::read(file)
        .map_err(|error| usage(format!("cannot read {}: {error}", file.display())))?;
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let named = file.extension().is_some_and(|ending| {
        ["csv", "tsv"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    let mut chunk = Vec::with_capacity(2 * BYTES);
    if named && !lines.is_empty() {
        end(&mut chunk, lines.remove(0));
    }
    if lines.is_empty() {
        let file = file.display();
        return Err(usage(format!("{file} has no lines that could be repeated")));
    }
    let mut publication = store.begin();
    let mut writer = publication.blob_writer()?;
    let mut repeated = lines.iter().cycle();
    for _ in 0..count {
        end(
            &mut chunk,
            repeated.next().expect("a cycle of something has no end"),
        );
        if chunk.len() >= BYTES {
            writer.append(&chunk)?;
            chunk.clear();
        }
    }
    writer.append(&chunk)?;
    let (digest, _) = writer.finish(&mut publication)?;
    publication.commit()?;
    Ok(digest)
}

/// Adds a line, with its end though it may be the last of its file.
fn end(chunk: &mut Vec<u8>, line: &[u8]) {
    chunk.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        chunk.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::plugin::kit;
    use crate::store::testing::store;
    use crate::world::World;

    use super::*;

    #[test]
    fn a_table_has_as_many_rows_as_are_asked_for() {
        let (_dir, store) = store();
        let generated = kit::generated(&store, World::Validate).unwrap();
        let table = generated.inputs["table"].digest();
        for count in [1, 7, 70_000] {
            let grown = rows(&store, table, count).unwrap();
            assert_eq!(store.table(&grown).unwrap().rows(), count);
        }
    }

    #[test]
    fn names_stand_once_before_the_lines() {
        let (dir, store) = store();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let digest = lines(&store, &path, 3)?;
            Ok::<_, CliError>(String::from_utf8(store.blob(&digest)?).unwrap())
        };
        assert_eq!(file("a.csv", "n\n1\n2").unwrap(), "n\n1\n2\n1\n");
        assert_eq!(file("a.txt", "1\n2\n").unwrap(), "1\n2\n1\n");
        assert!(file("b.csv", "n\n").is_err());
    }
}
