//! The comparison from end to end.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use crate::blocks::{self, Remaining};
use crate::collect::{Collector, names};
use crate::encode::Encoder;
use crate::error::{DiffError, Side};
use crate::plan::Plan;
use crate::result::{BlockCounts, RowCounts, TableDiff};
use crate::store::Store;
use crate::version::{Block, Options, Version};

/// What differs between two versions of a table.
///
/// Blocks with the same digest in both are not read, if both have the same columns. A key that occurs more than once among
/// the rows read is counted as a duplicate; of its rows equal ones cancel, the others are changed pairs in order of
/// appearance, and what is left is added or removed.
///
/// # Errors
///
/// If a key column is missing on a side or has two types, no column can be compared, a type has no way to be compared, a
/// block cannot be read or is not what its version says, or the scratch directory fails. Nothing is left behind in it.
pub fn diff<A: Version, B: Version>(
    old: &A,
    new: &B,
    options: &Options,
) -> Result<TableDiff, DiffError> {
    let plan = Plan::new(&old.schema(), &new.schema(), &options.key)?;
    let (old_blocks, new_blocks) = (old.blocks(), new.blocks());
    let unshared = blocks::unshared(&old_blocks, &new_blocks, plan.same);
    let encoder = Encoder::new(&plan)?;
    let reader = Reader {
        plan: &plan,
        encoder: &encoder,
    };
    let mut store = Store::new(&options.scratch, options.memory);
    reader.read(old, Side::Old, &unshared.old, &mut store)?;
    reader.read(new, Side::New, &unshared.new, &mut store)?;
    let mut collector = Collector::new(&plan, &encoder, options.samples)?;
    store.groups(|old, new| collector.take(old, new))?;
    let rows = RowCounts {
        old: rows(&old_blocks),
        new: rows(&new_blocks),
        unchanged: collector.rows.unchanged + unshared.shared_rows,
        ..collector.rows
    };
    let (columns, samples) = collector.finish()?;
    Ok(TableDiff {
        key: names(plan.key()),
        schema: plan.schema,
        rows,
        blocks: BlockCounts {
            old: old_blocks.len() as u64,
            new: new_blocks.len() as u64,
            shared: unshared.shared,
            read: (unshared.old.len() + unshared.new.len()) as u64,
        },
        columns,
        samples,
    })
}

fn rows(blocks: &[Block]) -> u64 {
    blocks.iter().map(|block| block.rows).sum()
}

/// Reads blocks into a store.
struct Reader<'a> {
    plan: &'a Plan,
    encoder: &'a Encoder,
}

impl Reader<'_> {
    fn read<V: Version>(
        &self,
        version: &V,
        side: Side,
        blocks: &[Remaining],
        store: &mut Store<'_>,
    ) -> Result<(), DiffError> {
        let schema = version.schema();
        for block in blocks {
            let batch = version
                .read(block.block)
                .map_err(|source| DiffError::Read {
                    side,
                    block: block.block,
                    source: Box::new(source),
                })?;
            check(&batch, &schema, block).map_err(|what| DiffError::Block {
                side,
                block: block.block,
                what,
            })?;
            store.push(side, self.encoder.encode(self.plan, side, &batch, block)?)?;
        }
        Ok(())
    }
}

/// Whether a block is what its version says; if not, what is wrong.
fn check(batch: &RecordBatch, schema: &Schema, block: &Remaining) -> Result<(), String> {
    if batch.num_rows() as u64 != block.rows {
        return Err(format!(
            "has {} rows instead of {}",
            batch.num_rows(),
            block.rows
        ));
    }
    let fields = batch.schema();
    let (found, expected) = (fields.fields(), schema.fields());
    if found.len() != expected.len() {
        return Err(format!(
            "has {} columns instead of {}",
            found.len(),
            expected.len()
        ));
    }
    let differs = found.iter().zip(expected).find(|(found, expected)| {
        found.name() != expected.name() || found.data_type() != expected.data_type()
    });
    match differs {
        Some((found, expected)) => Err(format!(
            "has the column \"{}\" of type {} where \"{}\" of type {} should be",
            found.name(),
            found.data_type(),
            expected.name(),
            expected.data_type(),
        )),
        None => Ok(()),
    }
}
