//! `lockflight data diff`: what differs between two versions of a table, by key.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lockflight_tablediff::{Block, DiffError, Options, TableDiff, Version, diff, markdown, text};

use super::{CliError, Context, show::find, text as shown};
use crate::{
    diagnostic::did_you_mean,
    manifest::ByteSize,
    store::{Store, StoreError},
    table::{
        block_rows,
        doc::{BlockRef, TableDoc},
    },
};

/// Show what differs between two versions of a table: columns, rows added, removed and changed, and how values moved. Blocks that
/// both versions have are not read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight data diff main:clean clean --key ride_id\n  lockflight data diff 20261123-204512:clean clean --key day,hour --samples 20\n  lockflight data diff sha256:3f… sha256:a1… --json\n\nExit codes: 0, whatever differs; with --exit-code 1 if anything does; 2 wrong use."
)]
pub struct Args {
    /// STAGE or STAGE.OUTPUT of the latest run, RUN:STAGE.OUTPUT of another run or revision, or a digest
    old: String,
    /// The same
    new: String,
    /// The columns that tell rows apart; without any, rows are compared as a whole
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    key: Vec<String>,
    /// How many rows of each kind are shown
    #[arg(long, default_value_t = 5, value_name = "N")]
    samples: usize,
    /// Memory for rows; what does not fit goes through files
    #[arg(long, default_value = "256MiB", value_name = "SIZE")]
    memory: ByteSize,
    /// Exit 1 when something differs
    #[arg(long)]
    exit_code: bool,
    /// One JSON document on standard output
    #[arg(long, conflicts_with = "md")]
    json: bool,
    /// Tables in Markdown
    #[arg(long)]
    md: bool,
}

/// How wide lines are where there is no terminal.
const WIDTH_OF_FILES: usize = 120;

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let version = |name: &str| -> Result<Stored, CliError> {
        let table = find(&store, name, context)?;
        Ok(Stored::new(&store, table))
    };
    let (old, new) = (version(&args.old)?, version(&args.new)?);
    let scratch = tempfile::Builder::new()
        .prefix("diff-")
        .tempdir_in(store.path().join("tmp"))?;
    let options = Options {
        key: args.key.clone(),
        memory: usize::try_from(args.memory.bytes()).unwrap_or(usize::MAX),
        scratch: scratch.path().to_owned(),
        samples: args.samples,
    };
    let found = diff(&old, &new, &options).map_err(refused)?;
    say(&found, args)?;
    Ok(u8::from(args.exit_code && !found.is_empty()))
}

fn say(found: &TableDiff, args: &Args) -> Result<(), CliError> {
    if args.json {
        shown::say!("{}", serde_json::to_string_pretty(found)?);
        return Ok(());
    }
    let text = match args.md {
        true => markdown::render(found),
        false => text::render(
            found,
            match shown::width_of_stdout() {
                0 => WIDTH_OF_FILES,
                width => width,
            },
        ),
    };
    shown::write_out(format_args!("{text}"));
    Ok(())
}

fn refused(error: DiffError) -> CliError {
    match &error {
        DiffError::MissingKey {
            column, columns, ..
        } => {
            let help = did_you_mean(column, columns);
            let help = help.unwrap_or_else(|| format!("it has {}", columns.join(", ")));
            CliError::Usage(format!("--key: {error}; {help}"))
        }
        DiffError::KeyType { .. }
        | DiffError::RepeatedName { .. }
        | DiffError::NothingToCompare
        | DiffError::Unsupported { .. } => CliError::Usage(error.to_string()),
        _ => {
            let source = std::error::Error::source(&error);
            let why = source.map_or(String::new(), |source| format!(": {source}"));
            CliError::Failed(format!("{error}{why}"))
        }
    }
}

/// A table of the store.
struct Stored {
    store: Store,
    table: TableDoc,
    blocks: Vec<BlockRef>,
}

impl Stored {
    fn new(store: &Store, table: TableDoc) -> Stored {
        Stored {
            store: store.clone(),
            blocks: table.blocks().cloned().collect(),
            table,
        }
    }
}

impl Version for Stored {
    type Error = StoreError;

    fn schema(&self) -> SchemaRef {
        self.table.schema().arrow().clone()
    }

    fn blocks(&self) -> Vec<Block> {
        let block = |block: &BlockRef| Block {
            digest: *block.digest.as_bytes(),
            rows: u64::from(block.rows),
        };
        self.blocks.iter().map(block).collect()
    }

    fn read(&self, block: usize) -> Result<RecordBatch, StoreError> {
        block_rows(&self.store, self.table.schema(), &self.blocks[block])
    }
}
