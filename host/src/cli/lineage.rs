//! `lockflight lineage`: where a thing came from and what was made from it, over all runs.

use super::{context::Context, error::CliError, text};
use crate::lineage::{
    self, FindError, Finder, Records, Releases, View, dot::dot, mermaid::mermaid,
};

/// Show where a thing came from, back to sources and code, and what was made from it, over all runs
///
/// THING is a run (`latest`, an id, or the beginning or end of one), a table (STAGE.OUTPUT, STAGE, or RUN:STAGE.OUTPUT), a source or
/// its file, a plugin, a model, a package (NAME/VERSION), an endpoint, the id of a prediction, or a digest, of which the first 8
/// hex digits are enough. A name means what it does in the newest run that has it. `model:NAME`, `source:NAME` and so on say which
/// kind is meant.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lockflight lineage clean.table\n  lockflight lineage demand/2 --up\n  lockflight lineage source:rides --down --depth 3\n  lockflight lineage latest --mermaid > lineage.mmd"
)]
pub struct Args {
    /// A run, table, source, plugin, model, package, endpoint, prediction or digest
    thing: String,
    /// Only what it was made from
    #[arg(long)]
    up: bool,
    /// Only what was made from it
    #[arg(long)]
    down: bool,
    /// How many steps away [default: all the way]
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// A graph for Graphviz
    #[arg(long, conflicts_with_all = ["mermaid", "json"])]
    dot: bool,
    /// A flowchart for Mermaid
    #[arg(long, conflicts_with = "json")]
    mermaid: bool,
    /// One JSON document on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8, CliError> {
    let store = context.store()?;
    let records = Records::read(&store)?;
    let releases = Releases::read(&store)?;
    let mut graph = lineage::build(&store, &records, &releases);
    let finder = Finder {
        store: &store,
        records: &records,
        releases: &releases,
    };
    let found = lineage::find(&finder, &mut graph, &args.thing)?;
    let both = args.up == args.down;
    let view = View {
        graph: &graph,
        title: found.title,
        roots: found.roots,
        up: args.up || both,
        down: args.down || both,
        depth: args.depth,
    };
    match (args.json, args.dot, args.mermaid) {
        (true, ..) => text::say!("{}", serde_json::to_string_pretty(&view.to_json())?),
        (_, true, _) => text::write_out(format_args!("{}", dot(&view))),
        (_, _, true) => text::write_out(format_args!("{}", mermaid(&view))),
        _ => text::write_out(format_args!("{}", lineage::text::text(&view))),
    }
    Ok(0)
}

impl From<FindError> for CliError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Store(error) => error.into(),
            other => CliError::Usage(other.to_string()),
        }
    }
}
