//! Guest service `tables`: scanning inputs block by block, writing outputs batch by batch.

use std::fs::File;

use arrow_array::RecordBatch;
use wasmtime::component::Resource;

use super::guest::{Guest, Misuse};
use crate::{
    table::{block, raw, schema::TableSchema},
    wire::{ColumnLayout, InputContent, Needed, Said, SchemaNodes},
    world::{
        interfaces::lockflight::data::{tables, types},
        score::lend,
    },
};

/// The most bytes of one batch, unless a single row has more.
const MAX_BATCH_BYTES: usize = 16 << 20;
/// The most columns of one scan, unless the table has more: a column may be wished more than once.
const MAX_COLUMNS: usize = 1024;
/// The rows of a batch when the guest leaves the choice to the host.
const DEFAULT_ROWS: u32 = 65_536;

/// A table opened by the guest.
#[derive(Debug)]
pub struct Table {
    pub(super) input: u32,
}

/// A scan under way.
#[derive(Debug)]
pub struct Batches {
    input: u32,
    /// The top-level columns to give, by their place in the table.
    columns: Vec<usize>,
    max_rows: u32,
    /// The block to ask for next.
    next_block: u32,
    blocks: u32,
    /// The block being given, projected, and the first row not yet given.
    current: Option<(RecordBatch, usize)>,
}

/// A table that the guest is writing; its rows are at the launcher.
#[derive(Debug)]
pub struct TableWriter {
    pub(crate) number: u32,
}

impl Guest {
    /// Schema and blocks of an input that is known to be a table.
    fn table_facts(&self, input: u32) -> wasmtime::Result<(&SchemaNodes, &[u64])> {
        match &self.job.inputs[input as usize].content {
            InputContent::Table {
                schema: Some(schema),
                blocks,
            } => Ok((schema, blocks)),
            _ => wasmtime::bail!("input {input} is no table"),
        }
    }

    /// The places of the wished columns among the top-level columns.
    fn project(&self, input: u32, wished: Option<Vec<String>>) -> wasmtime::Result<Vec<usize>> {
        let (schema, _) = self.table_facts(input)?;
        let names = top_level(schema);
        let Some(wished) = wished else {
            return Ok((0..names.len()).collect());
        };
        let most = MAX_COLUMNS.max(names.len());
        if wished.len() > most {
            return Err(Misuse(format!(
                "the plugin scanned {} columns at once; it may scan {most}",
                wished.len()
            ))
            .into());
        }
        wished
            .iter()
            .map(|name| {
                names.iter().position(|n| n == name).ok_or_else(|| {
                    let table = &self.job.inputs[input as usize].name;
                    Misuse(format!("the plugin scanned column {name:?}, which its input `{table}` does not have")).into()
                })
            })
            .collect()
    }

    pub(super) fn load_block(
        &mut self,
        input: u32,
        block: u32,
        columns: &[usize],
    ) -> wasmtime::Result<RecordBatch> {
        let file = File::from(self.need(Needed::Block { input, block })?);
        let (schema, _) = self.table_facts(input)?;
        let schema = TableSchema::from_nodes(schema.fields.clone(), schema.metadata.clone())?;
        Ok(block::open(&file, &schema)?.project(columns)?)
    }
}

/// The names of the columns, without their children.
fn top_level(schema: &SchemaNodes) -> Vec<&str> {
    let mut names = Vec::new();
    let mut skip = 0;
    for field in &schema.fields {
        if skip == 0 {
            names.push(field.name.as_str());
            skip = field.children;
        } else {
            skip = skip - 1 + field.children;
        }
    }
    names
}

impl tables::Host for Guest {}

impl tables::HostTable for Guest {
    fn schema(&mut self, table: Resource<Table>) -> wasmtime::Result<types::Schema> {
        let input = self.resources.get(&table)?.input;
        Ok(self.table_facts(input)?.0.clone().into())
    }

    fn rows(&mut self, table: Resource<Table>) -> wasmtime::Result<u64> {
        let input = self.resources.get(&table)?.input;
        Ok(self.table_facts(input)?.1.iter().sum())
    }

    fn scan(
        &mut self,
        table: Resource<Table>,
        columns: Option<Vec<String>>,
        max_rows: u32,
    ) -> wasmtime::Result<Resource<Batches>> {
        let input = self.resources.get(&table)?.input;
        let columns = self.project(input, columns)?;
        let blocks = self.table_facts(input)?.1.len() as u32;
        Ok(self.resources.push(Batches {
            input,
            columns,
            max_rows: if max_rows == 0 {
                DEFAULT_ROWS
            } else {
                max_rows
            },
            next_block: 0,
            blocks,
            current: None,
        })?)
    }

    fn drop(&mut self, table: Resource<Table>) -> wasmtime::Result<()> {
        self.resources.delete(table)?;
        Ok(())
    }
}

impl tables::HostBatches for Guest {
    fn next(&mut self, batches: Resource<Batches>) -> wasmtime::Result<Option<types::Batch>> {
        loop {
            let scan = self.resources.get_mut(&batches)?;
            if let Some((block, from)) = &mut scan.current {
                let rows = raw::cut(block, *from, scan.max_rows, MAX_BATCH_BYTES);
                let columns = raw::disassemble(block, *from, rows);
                *from += rows;
                if *from >= block.num_rows() {
                    scan.current = None;
                }
                return Ok(Some(types::Batch {
                    rows: rows as u32,
                    columns: lend(columns),
                }));
            }
            if scan.next_block == scan.blocks {
                return Ok(None);
            }
            let (input, block) = (scan.input, scan.next_block);
            let columns = std::mem::take(&mut scan.columns);
            let loaded = self.load_block(input, block, &columns)?;
            let scan = self.resources.get_mut(&batches)?;
            scan.columns = columns;
            scan.next_block += 1;
            if loaded.num_rows() > 0 {
                scan.current = Some((loaded, 0));
            }
        }
    }

    fn drop(&mut self, batches: Resource<Batches>) -> wasmtime::Result<()> {
        self.resources.delete(batches)?;
        Ok(())
    }
}

impl tables::HostTableWriter for Guest {
    fn new(&mut self, schema: types::Schema) -> wasmtime::Result<Resource<TableWriter>> {
        let number = self.next_writer();
        self.say(&Said::TableOpened {
            writer: number,
            schema: schema.into(),
        })?;
        Ok(self.resources.push(TableWriter { number })?)
    }

    fn write(
        &mut self,
        writer: Resource<TableWriter>,
        batch: types::Batch,
    ) -> wasmtime::Result<()> {
        let writer = self.resources.get(&writer)?.number;
        let length = |buffer: &Option<Vec<u8>>| buffer.as_ref().map(|b| b.len() as u32);
        let columns = batch
            .columns
            .iter()
            .map(|c| ColumnLayout {
                length: c.length,
                validity: length(&c.validity),
                offsets: length(&c.offsets),
                values: c.values.len() as u32,
            })
            .collect();
        let body: Vec<&[u8]> = batch
            .columns
            .iter()
            .flat_map(|c| [c.validity.as_deref(), c.offsets.as_deref(), Some(&c.values)])
            .flatten()
            .collect();
        let said = Said::TableRows {
            writer,
            rows: batch.rows,
            columns,
        };
        self.channel.send(&said, &body, None)?;
        Ok(())
    }

    fn drop(&mut self, writer: Resource<TableWriter>) -> wasmtime::Result<()> {
        let writer = self.resources.delete(writer)?.number;
        Ok(self.say(&Said::Dropped { writer })?)
    }
}
